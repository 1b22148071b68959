//! Asks the daemon over the session bus: one connection, one call. Whatever goes wrong becomes one clear line. Must not
//! know what is asked.

use super::visible::line;
use super::{failure, words_of};
use crate::doctor::no_session_bus;
use std::path::PathBuf;
use std::time::Duration;
use tidegate_bus::shell::{self, Surroundings};
use tidegate_contract::{BUS_NAME, Code, Failure, Message, OBJECT_PATH, Request, Verb, verb};
use tidegate_words::say;
use zbus::fdo::DBusProxy;
use zbus::proxy::{CacheProperties, MethodFlags};
use zbus::{Connection, Proxy, proxy};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(PATIENCE_SECONDS as u64);
const PATIENCE_SECONDS: u32 = 20;
/// The interface's name.
const INTERFACE: &str = "org.tidegate.Tidegate1";
/// How a failure travels.
const ERROR: &str = "org.tidegate.Tidegate1.Error";
/// Where the unit lies that is installed beside this program, seen from the folder of programs.
const UNITS: [&str; 2] = ["../share/systemd/user/tidegate.service", "../lib/systemd/user/tidegate.service"];

/// Whether D-Bus may start a daemon that does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// It may.
    Start,
    /// Only one that runs is asked.
    LeaveAsleep,
}

/// A way to the daemon.
pub(super) struct Client {
    proxy: Proxy<'static>,
    wake: Wake,
}

impl Client {
    /// Connects to the session bus.
    ///
    /// # Errors
    /// [`Code::Away`], naming the bus.
    pub(super) async fn connect(wake: Wake) -> Result<Self, Failure> {
        match tokio::time::timeout(PATIENCE, tidegate_bus::session()).await {
            Ok(Ok(conn)) => Self::on(&conn, wake).await,
            Ok(Err(error)) => Err(away(no_session_bus(say::failure_said(words_of(&error))))),
            Err(_) => Err(away(no_session_bus(say::cli_bus_silent()))),
        }
    }

    async fn on(conn: &Connection, wake: Wake) -> Result<Self, Failure> {
        let proxy: zbus::Result<Proxy<'static>> = async {
            let builder = proxy::Builder::new(conn).destination(BUS_NAME)?.path(OBJECT_PATH)?.interface(INTERFACE)?;
            builder.cache_properties(CacheProperties::No).build().await
        }
        .await;
        proxy.map(|proxy| Self { proxy, wake }).map_err(|error| explain(&error))
    }

    /// The connection.
    pub(super) fn connection(&self) -> &Connection {
        self.proxy.connection()
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// What the daemon refuses, or why it cannot be asked.
    pub(super) async fn ask<V: Verb>(&self, verb: V) -> Result<V::Response, Failure> {
        let request: Request = verb.into();
        let not_written = |error| internal(say::cli_request_not_written(words_of(&error)));
        let json = serde_json::to_string(&request).map_err(not_written)?;
        let call = self.call(&json);
        let answer = match tokio::time::timeout(PATIENCE, call).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(self.unless_unsupported(explain(&error)).await),
            Err(_) => return Err(away(say::cli_silent(PATIENCE_SECONDS))),
        };
        serde_json::from_str(&answer).map_err(|error| not_understood(&error))
    }

    /// Where the daemon does not start, the desktop itself may be the reason: the daemon then leaves everything as it is.
    async fn unless_unsupported(&self, failure: Failure) -> Failure {
        if failure.code != Code::Away || self.wake == Wake::LeaveAsleep {
            return failure;
        }
        match shell::in_charge(self.connection(), &Surroundings::of_environment()).await {
            Ok(Some(shell)) => Failure { code: Code::Unsupported, message: say::failure_said(shell.to_string()) },
            Ok(None) | Err(_) => failure,
        }
    }

    /// Whether there is a daemon.
    async fn is_answered(&self) -> bool {
        let Ok(name) = BUS_NAME.try_into() else { return false };
        match DBusProxy::new(self.connection()).await {
            Ok(bus) => bus.name_has_owner(name).await.unwrap_or(false),
            Err(_) => false,
        }
    }

    async fn call(&self, json: &str) -> zbus::Result<String> {
        match self.wake {
            Wake::Start => self.proxy.call("Request", &json).await,
            Wake::LeaveAsleep => {
                let flags = MethodFlags::NoAutoStart.into();
                let answer = self.proxy.call_with_flags("Request", flags, &json).await?;
                answer.ok_or_else(|| zbus::Error::Failure("no answer".to_owned()))
            }
        }
    }
}

/// Has a daemon that runs read the settings file. Without one there is nobody to tell.
///
/// # Errors
/// Why a daemon that runs has not taken over what the file says.
pub(super) async fn have_settings_read() -> Result<(), Failure> {
    let Ok(client) = Client::connect(Wake::LeaveAsleep).await else { return Ok(()) };
    if !client.is_answered().await {
        return Ok(());
    }
    client.ask(verb::ReadSettings).await.map(drop)
}

/// The settings file that a daemon which runs reads; none where none runs.
///
/// # Errors
/// Why a daemon that runs does not say.
pub(super) async fn settings_file() -> Result<Option<PathBuf>, Failure> {
    let Ok(client) = Client::connect(Wake::LeaveAsleep).await else { return Ok(None) };
    if !client.is_answered().await {
        return Ok(None);
    }
    Ok(Some(client.ask(verb::Settings).await?.file.into()))
}

/// What an error on the bus means to a person.
pub(super) fn explain(error: &zbus::Error) -> Failure {
    let zbus::Error::MethodError(name, text, _) = error else {
        let lost = matches!(error, zbus::Error::InputOutput(_));
        return if lost { away(say::cli_bus_closed()) } else { internal(say::cli_call_failed(words_of(error))) };
    };
    let text = text.as_deref().unwrap_or_default();
    match name.as_str() {
        ERROR => serde_json::from_str(text).unwrap_or_else(|error| not_understood(&error)),
        "org.freedesktop.DBus.Error.ServiceUnknown" | "org.freedesktop.DBus.Error.NameHasNoOwner" => {
            away(say::cli_not_running(start_it()))
        }
        "org.freedesktop.DBus.Error.NoReply" => away(say::cli_ended_meanwhile()),
        name if name.starts_with("org.freedesktop.DBus.Error.Spawn.") || name.ends_with(".TimedOut") => {
            away(say::cli_not_to_be_started(words_of(&text), start_it()))
        }
        name => internal(say::cli_error_answered(line(name, 200), words_of(&text))),
    }
}

/// What starts it here: this program as it was called, and its unit only where that is installed.
fn start_it() -> Message {
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.parent().unwrap_or(&own);
    let unit = UNITS.iter().any(|unit| folder.join(unit).is_file());
    let called = std::env::args().next().unwrap_or_else(|| "tidegate".to_owned());
    let start_it = if unit { say::cli_start_it_by_unit } else { say::cli_start_it };
    start_it(line(&called, 200))
}

pub(super) fn not_understood(error: &serde_json::Error) -> Failure {
    internal(say::cli_not_understood(words_of(error)))
}

pub(super) fn away(message: Message) -> Failure {
    failure(Code::Away, message)
}

pub(super) fn internal(message: Message) -> Failure {
    failure(Code::Internal, message)
}
