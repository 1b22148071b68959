//! The window under a WebDriver: started in a session of its own, and ended by its process id.

use crate::daemon::Daemon;
use crate::portal::{Portal, Scheme};
use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use tidegate_contract::{BUS_NAME, Request};
use tidegate_testkit::{DEADLINE, Monitor, Process, Session, Xvfb, owner, owner_pid, within};
use tokio::net::{TcpListener, TcpStream};
use zbus::{Connection, Message};

/// The name that the window owns while it is open.
pub(crate) const WINDOW_NAME: &str = "org.tidegate.Tidegate.SingleInstance";

const DRIVER: &str = "WebKitWebDriver";

/// The window, open on a screen of its own.
pub(crate) struct Window {
    pub(crate) client: Client,
    pub(crate) bus: Connection,
    pub(crate) session: Session,
    pidfd: OwnedFd,
    _driver: Process,
    _screen: Xvfb,
    _portal: Portal,
}

impl Drop for Window {
    /// The driver does not end what it has started.
    fn drop(&mut self) {
        pidfd_send_signal(&self.pidfd, Signal::KILL).ok();
    }
}

impl Window {
    /// Opens it in a new session in which `daemon` runs, if there is one.
    pub(crate) async fn open(daemon: Option<&Daemon>, scheme: Scheme) -> Self {
        let session = Session::start().await;
        if let Some(daemon) = daemon {
            daemon.run(&session).await;
        }
        Self::open_in(session, scheme).await
    }

    /// Opens it in this session.
    pub(crate) async fn open_in(session: Session, scheme: Scheme) -> Self {
        let screen = Xvfb::start(&session).await;
        let portal = Portal::start(&session, scheme).await;
        session.set("TAURI_WEBVIEW_AUTOMATION", "true");
        let bus = session.connect().await;
        let requests = format!("type='method_call',interface='{BUS_NAME}',member='Request'");
        let mut requests = Monitor::start(&session.address(), &[&requests]).await;
        let daemon = owner(&bus, BUS_NAME).await.is_some();
        let (driver, address) = start_driver(&session).await;
        let client = connect(&address).await;
        // A command that meets a page still being loaded is lost, and never answered.
        requests.until(DEADLINE, "the page's first request", |call| from_the_page(call, daemon)).await;
        let pid = owner_pid(&bus, WINDOW_NAME).await;
        let pid = Pid::from_raw(pid.cast_signed()).unwrap();
        let pidfd = pidfd_open(pid, PidfdFlags::empty()).unwrap();
        Self { client, bus, session, pidfd, _driver: driver, _screen: screen, _portal: portal }
    }

    /// A second start of the program, in the same session.
    pub(crate) fn second_start(&self) -> Command {
        self.session.command(program())
    }

    /// The desktop's setting for light or dark changes.
    pub(crate) async fn set_scheme(&self, scheme: Scheme) {
        self._portal.set(scheme).await;
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

    /// Presses a key anywhere on the page.
    pub(crate) async fn key(&self, key: &str) {
        self.find("//body").await.send_keys(key).await.unwrap();
    }

    /// What a script gives.
    pub(crate) async fn script(&self, script: &str) -> Value {
        within(DEADLINE, script, self.client.execute(script, Vec::new())).await.unwrap()
    }

    /// All text that can be seen.
    pub(crate) async fn text(&self) -> String {
        self.script("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Writes a picture of the window to the folder that `TIDEGATE_SHOTS` names, if it does. From the screen: the
    /// driver's own pictures never come with this renderer.
    pub(crate) async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("TIDEGATE_SHOTS").map(PathBuf::from) else { return };
        std::fs::create_dir_all(&folder).unwrap();
        let drawn = self.client.execute_async(DRAWN, Vec::new());
        within(DEADLINE, "the next frame", drawn).await.unwrap();
        let mut import = self.session.command("import");
        import.args(["-window", "Tidegate"]).arg(folder.join(format!("{name}.png")));
        self.session.run_command(import).await.ok();
    }
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
        Ok(Request::Held { .. }) => true,
        Ok(_) => !daemon,
        Err(_) => false,
    }
}

/// The program as cargo has built it beside this test.
pub(crate) fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().and_then(|deps| deps.parent()).unwrap().join("tidegate-app");
    assert!(program.is_file(), "{} is missing: cargo build -p tidegate-app", program.display());
    program
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
    let options = json!({ "binary": program(), "args": [] });
    let mut wanted = Capabilities::new();
    wanted.insert("webkitgtk:browserOptions".to_owned(), options);
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(wanted);
    within(DEADLINE, "a WebDriver session", builder.connect(driver)).await.unwrap()
}
