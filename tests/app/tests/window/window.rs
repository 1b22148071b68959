//! The window under a WebDriver, on a screen of its own, ended by its process id. Must not know what is behind it.

use crate::portal::{Portal, Scheme};
use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;
use tidegate_contract::{BUS_NAME, Request};
use tidegate_testkit::{DEADLINE, Monitor, Process, Session, Xvfb, owner, owner_pid, within};
use tidegate_tests_process::program;
use tokio::net::{TcpListener, TcpStream};
use zbus::{Connection, Message};

/// The name that the window owns while it is open.
pub(crate) const WINDOW_NAME: &str = "org.tidegate.Tidegate";

const DRIVER: &str = "WebKitWebDriver";

/// The window, open on a screen of its own.
pub(crate) struct Window {
    pub(crate) client: Client,
    pub(crate) bus: Connection,
    portal: Portal,
    pidfd: OwnedFd,
    _driver: Process,
    _screen: Xvfb,
}

impl Drop for Window {
    /// The driver does not end what it has started.
    fn drop(&mut self) {
        pidfd_send_signal(&self.pidfd, Signal::KILL).ok();
    }
}

impl Window {
    /// Opens it in this session, on a desktop that prefers light.
    pub(crate) async fn open(session: &Session) -> Self {
        let screen = Xvfb::start(session).await;
        let portal = Portal::start(session, Scheme::Light).await;
        session.set("TAURI_WEBVIEW_AUTOMATION", "true");
        let bus = session.connect().await;
        let requests = format!("type='method_call',interface='{BUS_NAME}',member='Request'");
        let mut requests = Monitor::start(&session.address(), &[&requests]).await;
        let daemon = owner(&bus, BUS_NAME).await.is_some();
        let (driver, address) = start_driver(session).await;
        let client = connect(&address).await;
        // A command that meets a page still being loaded is lost, and never answered.
        requests.until(DEADLINE, "the page's first request", |call| from_the_page(call, daemon)).await;
        let pid = owner_pid(&bus, WINDOW_NAME).await;
        let pid = Pid::from_raw(pid.cast_signed()).unwrap();
        let pidfd = pidfd_open(pid, PidfdFlags::empty()).unwrap();
        Self { client, bus, portal, pidfd, _driver: driver, _screen: screen }
    }

    /// The desktop's setting for light or dark changes, and the page follows.
    pub(crate) async fn set_scheme(&self, scheme: Scheme) {
        self.portal.set(scheme).await;
        let dark = scheme == Scheme::Dark;
        let script = format!("return matchMedia('(prefers-color-scheme: dark)').matches === {dark}");
        self.until("the desktop's scheme", &script).await;
    }

    /// The element that an XPath finds, once it is there.
    pub(crate) async fn find(&self, xpath: &str) -> Element {
        let wait = self.client.wait().at_most(DEADLINE);
        match within(2 * DEADLINE, xpath, wait.for_element(Locator::XPath(xpath))).await {
            Ok(element) => element,
            Err(error) => panic!("{xpath}: {error}\n{}", self.text().await),
        }
    }

    /// The button on the page that says this; the key beside it does not count.
    pub(crate) async fn button(&self, label: &str) -> Element {
        let says = format!("normalize-space(.)='{label}' or normalize-space(.)=concat('{label} ', .//kbd)");
        self.find(&format!("//button[not(@disabled)][not(ancestor::dialog)][{says}]")).await
    }

    /// Presses a button.
    pub(crate) async fn press(&self, label: &str) {
        self.button(label).await.click().await.unwrap();
    }

    /// Waits until the page says this.
    pub(crate) async fn sees(&self, text: &str) -> Element {
        self.find(&format!("//*[text()[contains(normalize-space(.), \"{text}\")]]")).await
    }

    /// Waits until a script gives true.
    pub(crate) async fn until(&self, what: &str, script: &str) {
        let check = async {
            while self.script(script).await != json!(true) {
                tokio::task::yield_now().await;
            }
        };
        within(DEADLINE, what, check).await;
    }

    /// Waits until the list has so many rows.
    pub(crate) async fn has_rows(&self, count: usize) {
        let script = format!("return document.querySelectorAll('[role=option]').length === {count}");
        self.until(&format!("{count} rows"), &script).await;
    }

    /// Goes to a view by its address, and waits until it stands: a click before could meet what is still moving.
    pub(crate) async fn shows(&self, view: &str) {
        self.script(&format!("location.hash = '{view}'")).await;
        self.until("the view", stands(view)).await;
    }

    /// Presses a key anywhere on the page.
    pub(crate) async fn key(&self, key: &str) {
        self.find("//body").await.send_keys(key).await.unwrap();
    }

    /// Presses keys wherever the focus is.
    pub(crate) async fn types(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Waits until the focus is on what this condition on `element` means.
    pub(crate) async fn has_focus(&self, condition: &str) {
        let script = format!("const element = document.activeElement; return !!element && ({condition})");
        self.until(condition, &script).await;
    }

    /// What a script gives.
    pub(crate) async fn script(&self, script: &str) -> Value {
        within(DEADLINE, script, self.client.execute(script, Vec::new())).await.unwrap()
    }

    /// All text that can be seen.
    pub(crate) async fn text(&self) -> String {
        self.script("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until nothing moves, with the pointer where it is on nothing.
    pub(crate) async fn settle(&self) {
        // By a step: the driver does not know that a click has moved it, and would not move it to where it was.
        let to = |x, y| PointerAction::MoveTo { duration: None, x, y };
        let pointer = MouseActions::new("pointer".to_owned()).then(to(1.0, 1.0)).then(to(0.0, 0.0));
        within(DEADLINE, "the pointer", self.client.perform_actions(pointer)).await.unwrap();
        self.until("nothing moves", "return document.getAnimations().length === 0").await;
    }

    /// What was said for a moment is not seen from now on: it would go at any time.
    pub(crate) async fn hush(&self) {
        self.script("for (const said of document.querySelectorAll('.said')) said.style.display = 'none'").await;
    }

    /// What is said from now on stays: the page starts no timer of more than three seconds.
    pub(crate) async fn keep_what_is_said(&self) {
        let script = "
            const start = window.setTimeout.bind(window);
            window.setTimeout = (then, after, ...rest) => after > 3000 ? 0 : start(then, after, ...rest)";
        self.script(script).await;
    }

    /// The display's own number for it: its name changes with the time that is left of a block.
    async fn number(&self, session: &Session) -> String {
        let found = session.run("xdotool", ["search", "--onlyvisible", "--name", "(^| )Tidegate$"]).await;
        found.ok().trim().to_owned()
    }

    /// Writes a picture of the window, without its frame. From the screen: the driver's own pictures never come with this
    /// renderer.
    pub(crate) async fn shot(&self, session: &Session, file: &Path, colours: Colours) {
        let drawn = self.client.execute_async(DRAWN, Vec::new());
        within(DEADLINE, "the next frame", drawn).await.unwrap();
        let mut import = session.command("import");
        // Without dates, so that the same picture is the same file.
        import.args(["-window", &self.number(session).await, "-strip"]);
        let format = match colours {
            Colours::All => "PNG24",
            Colours::Few => {
                import.args(["+dither", "-colors", "128"]);
                "PNG8"
            }
        };
        import.arg(format!("{format}:{}", file.display()));
        session.run_command(import).await.ok();
    }
}

/// True once a view stands, with its list and its chosen one where there are any.
fn stands(view: &str) -> &'static str {
    match view {
        "held" => {
            "
            const empty = !!document.querySelector('.empty');
            return empty || (!!document.querySelector('[aria-selected=true]') && !!document.querySelector('.why'))"
        }
        "settings" => "return !!document.querySelector('.settings [role=slider]')",
        _ => "return !!document.querySelector('#composer, #block')",
    }
}

/// How many colours a picture keeps.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Colours {
    All,
    /// A third of the size; the grounds and the ink on them stay what they are.
    Few,
}

/// Answers once what has changed is on the screen.
const DRAWN: &str = "
    const done = arguments[arguments.length - 1];
    requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";

/// Whether the page itself asked for this. The shell asks a running daemon for the view, as the page does; only the
/// page asks for the list, once it has the view.
fn from_the_page(call: &Message, daemon: bool) -> bool {
    let request = call.body().deserialize::<String>().unwrap_or_default();
    match serde_json::from_str(&request) {
        Ok(Request::Digest) => true,
        Ok(_) => !daemon,
        Err(_) => false,
    }
}

async fn start_driver(session: &Session) -> (Process, String) {
    let port = free_port().await;
    let mut driver = session.command(DRIVER);
    driver.args(["--host=127.0.0.1", &format!("--port={port}")]);
    let driver = session.spawn(driver);
    within(DEADLINE, "the WebDriver's port", answers(port)).await;
    (driver, format!("http://127.0.0.1:{port}"))
}

async fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap().port()
}

/// The driver says nowhere that it listens: knocking is the only way to know.
async fn answers(port: u16) {
    let mut knocks = tokio::time::interval(Duration::from_millis(20));
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
        knocks.tick().await;
    }
}

async fn connect(driver: &str) -> Client {
    let options = json!({ "binary": program("tidegate-app"), "args": [] });
    let mut wanted = Capabilities::new();
    wanted.insert("webkitgtk:browserOptions".to_owned(), options);
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(wanted);
    within(DEADLINE, "a WebDriver session", builder.connect(driver)).await.unwrap()
}
