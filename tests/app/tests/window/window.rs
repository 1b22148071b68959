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
use tidegate_testkit::{DEADLINE, Process, Session, Xvfb, owner_pid, within};
use tokio::net::{TcpListener, TcpStream};
use zbus::Connection;

/// The name that the window owns while it is open.
pub(crate) const WINDOW_NAME: &str = "org.tidegate.Tidegate.SingleInstance";

const DRIVER: &str = "/usr/bin/WebKitWebDriver";

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
        let (driver, address) = start_driver(&session).await;
        let client = connect(&address).await;
        let bus = session.connect().await;
        let pid = owner_pid(&bus, WINDOW_NAME).await;
        let pid = Pid::from_raw(pid.cast_signed()).unwrap();
        let pidfd = pidfd_open(pid, PidfdFlags::empty()).unwrap();
        Self {
            client,
            bus,
            session,
            pidfd,
            _driver: driver,
            _screen: screen,
            _portal: portal,
        }
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
        let found = self
            .client
            .wait()
            .at_most(DEADLINE)
            .for_element(Locator::XPath(xpath))
            .await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{xpath}: {error}\n{}", self.text().await),
        }
    }

    /// The button whose accessible text begins with `label`.
    pub(crate) async fn button(&self, label: &str) -> Element {
        self.find(&format!(
            "//button[not(@disabled)][starts-with(normalize-space(.), '{label}')]"
        ))
        .await
    }

    /// Presses a button.
    pub(crate) async fn press(&self, label: &str) {
        self.button(label).await.click().await.unwrap();
    }

    /// Waits until the page says this.
    pub(crate) async fn sees(&self, text: &str) -> Element {
        self.find(&format!(
            "//*[text()[contains(normalize-space(.), \"{text}\")]]"
        ))
        .await
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
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// All text that can be seen.
    pub(crate) async fn text(&self) -> String {
        self.script("return document.body.innerText")
            .await
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Writes a picture to the folder that `TIDEGATE_SHOTS` names, if it does.
    pub(crate) async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("TIDEGATE_SHOTS").map(PathBuf::from) else {
            return;
        };
        let png = self.client.screenshot().await.unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }
}

/// The program as cargo has built it beside this test.
pub(crate) fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test
        .parent()
        .and_then(|deps| deps.parent())
        .unwrap()
        .join("tidegate-app");
    assert!(
        program.is_file(),
        "{} is missing: cargo build -p tidegate-app",
        program.display()
    );
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
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// The driver says nowhere that it listens: knocking is the only way to know.
async fn answers(port: u16) {
    let mut knocks = tokio::time::interval(Duration::from_millis(20));
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port))
        .await
        .is_err()
    {
        knocks.tick().await;
    }
}

async fn connect(driver: &str) -> Client {
    let options = json!({ "binary": program(), "args": [] });
    let mut wanted = Capabilities::new();
    wanted.insert("webkitgtk:browserOptions".to_owned(), options);
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(wanted);
    within(DEADLINE, "a WebDriver session", builder.connect(driver))
        .await
        .unwrap()
}
