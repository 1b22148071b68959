//! A stand-in for the machine's system bus, with a logind that sleeps and idles
//! when the test says so.

use std::collections::HashMap;

use zbus::Connection;
use zbus::zvariant::{ObjectPath, Value};

use crate::bus::PrivateBus;
use crate::process::Process;
use crate::session::Session;
use crate::wait::{DEADLINE, wait_owner};

const LOGIND: &str = "org.freedesktop.login1";
const MANAGER_PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION_PATH: &str = "/org/freedesktop/login1/session/auto";
const SESSION: &str = "org.freedesktop.login1.Session";
const MOCK: &str = "org.freedesktop.DBus.Mock";

/// A private system bus with python-dbusmock's logind. Dropping it ends both.
#[derive(Debug)]
pub struct SystemBus {
    conn: Connection,
    _logind: Process,
    bus: PrivateBus,
}

impl SystemBus {
    /// Starts it, with one active login session at the path
    /// `/org/freedesktop/login1/session/auto`. The session's programs find it
    /// as their system bus from now on.
    ///
    /// # Panics
    /// If python3-dbusmock is missing or does not start.
    pub async fn start(session: &Session) -> Self {
        let socket = session.join("system-bus");
        let log = session.join("logs/system-bus.log");
        let bus = PrivateBus::start(session.command("dbus-daemon"), &socket, &[], &log).await;
        session.export("DBUS_SYSTEM_BUS_ADDRESS", &bus.address()).await;
        let mut mock = session.command("/usr/bin/python3");
        mock.args(["-m", "dbusmock", "--system", "--template", "logind"]);
        let mut logind = session.spawn(mock);
        let conn = bus.connect().await;
        let owned = wait_owner(&conn, LOGIND, DEADLINE);
        logind.while_running("apt-get install python3-dbusmock", owned).await;
        let system = Self { conn, _logind: logind, bus };
        system.add_session().await;
        system
    }

    /// Its D-Bus address.
    #[must_use]
    pub fn address(&self) -> String {
        self.bus.address()
    }

    /// A connection to it.
    pub fn conn(&self) -> &Connection {
        &self.conn
    }

    /// Emits `PrepareForSleep`: true before the machine sleeps, false when it
    /// is awake again.
    pub async fn prepare_for_sleep(&self, start: bool) {
        let preparing = ("PreparingForSleep", start);
        self.update(MANAGER_PATH, MANAGER, preparing).await;
        let signal = (MANAGER, "PrepareForSleep", "b", vec![Value::from(start)]);
        self.mock(MANAGER_PATH, "EmitSignal", &signal).await;
    }

    /// Sets `IdleHint` of logind and of the login session, with the change
    /// announced.
    pub async fn set_idle(&self, idle: bool) {
        self.update(MANAGER_PATH, MANAGER, ("IdleHint", idle)).await;
        self.update(SESSION_PATH, SESSION, ("IdleHint", idle)).await;
    }

    /// Sets `LockedHint` of the login session, with the change announced.
    pub async fn set_locked(&self, locked: bool) {
        self.update(SESSION_PATH, SESSION, ("LockedHint", locked)).await;
    }

    async fn add_session(&self) {
        let uid = rustix::process::getuid().as_raw();
        let session = ("auto", "seat0", uid, "user", true);
        self.mock(MANAGER_PATH, "AddSession", &session).await;
        let code = format!("ret = dbus.ObjectPath({SESSION_PATH:?})");
        let method = (MANAGER, "GetSessionByPID", "u", "o", code.as_str());
        self.mock(MANAGER_PATH, "AddMethod", &method).await;
    }

    async fn update(&self, path: &str, interface: &str, (name, value): (&str, bool)) {
        let properties = HashMap::from([(name, Value::from(value))]);
        self.mock(path, "UpdateProperties", &(interface, properties)).await;
    }

    async fn mock<B>(&self, path: &str, method: &str, body: &B)
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        let path = ObjectPath::try_from(path).unwrap();
        self.conn
            .call_method(Some(LOGIND), path, Some(MOCK), method, body)
            .await
            .unwrap_or_else(|error| panic!("logind's mock, {method}: {error}"));
    }
}
