//! The way to the daemon and back: one command carries a request there, one event brings each new view.
//!
//! It must not know what a request does or how a view is shown; it only turns what goes wrong on the bus into a
//! [`Failure`] that the page can show.
// `tauri::command` writes such a `let` of its own.
#![allow(clippy::let_underscore_must_use)]

use crate::activation;
use crate::windows::MAIN;
use futures_util::StreamExt;
use std::io::ErrorKind;
use std::time::Duration;
use tauri::ipc::Response;
use tauri::{AppHandle, Emitter, Manager, State};
use tidegate_bus::shell::{self, Surroundings};
use tidegate_contract::{Code, Failure, Message, Picture, Request, Tidegate1Proxy, Verb, View, verb};
use tidegate_words::{say, timeless};
use tokio::sync::OnceCell;
use zbus::names::UniqueName;
use zbus::proxy::{CacheProperties, MethodFlags};

/// The event that carries a [`View`], or null when the daemon has left the bus.
const VIEW: &str = "view";
/// The D-Bus error whose text is a [`Failure`] as JSON.
const FAILURE: &str = "org.tidegate.Tidegate1.Error";
/// What the bus says of a name that nobody owns and that it was not to start.
const NOBODY_THERE: [&str; 2] =
    ["org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"];
/// How long the daemon may take, being started included. A hung one is said to be so.
const PATIENCE: Duration = Duration::from_secs(PATIENCE_SECONDS as u64);
const PATIENCE_SECONDS: u32 = 20;

/// The daemon as the window reaches it: connected when first needed.
#[derive(Default)]
pub(crate) struct Daemon(OnceCell<Tidegate1Proxy<'static>>);

impl Daemon {
    async fn proxy(&self) -> zbus::Result<&Tidegate1Proxy<'static>> {
        self.0.get_or_try_init(connect).await
    }

    async fn ask<V: Verb>(&self, verb: V, wake: Wake) -> Result<V::Response, Failure> {
        let response = self.carry(&verb.into(), wake).await?;
        serde_json::from_str(&response).map_err(|error| unreadable(&error))
    }

    /// Gives the response as JSON.
    async fn carry(&self, request: &Request, wake: Wake) -> Result<String, Failure> {
        let request = serde_json::to_string(request).map_err(|error| unreadable(&error))?;
        let daemon = self.proxy().await.map_err(no_bus)?;
        match wake {
            Wake::Start => start_and_ask(daemon, &request).await,
            Wake::LeaveAsleep => ask_one_that_runs(daemon, &request).await,
        }
    }
}

impl Daemon {
    /// A picture; an empty one where there is none, or no daemon.
    pub(crate) async fn picture(&self, kind: &str, key: &str, size: u32) -> Picture {
        let asked = async { self.proxy().await?.picture(kind, key, size).await };
        asked.await.unwrap_or_else(|error| {
            eprintln!("tidegate-app: no picture for {kind} {key:?}: {error}");
            Picture::default()
        })
    }
}

/// Whether the bus may start a daemon that does not run.
#[derive(Clone, Copy)]
enum Wake {
    Start,
    LeaveAsleep,
}

impl Wake {
    /// The page asks for the view when it opens and when the user wants the daemon started. All else is about a daemon
    /// that was there: one that was told to quit must not be brought back by a list that is fetched anew.
    fn by(request: &Request) -> Self {
        if matches!(request, Request::View) { Self::Start } else { Self::LeaveAsleep }
    }
}

/// Where the daemon does not start, the desktop itself may be the reason: the daemon then leaves everything as it is.
async fn start_and_ask(daemon: &Tidegate1Proxy<'static>, request: &str) -> Result<String, Failure> {
    let error = match daemon.request(request).await {
        Ok(reply) => return Ok(reply),
        Err(error) => failure(error),
    };
    if error.code != Code::Away {
        return Err(error);
    }
    match shell::in_charge(daemon.inner().connection(), &Surroundings::of_environment()).await {
        Ok(Some(shell)) => Err(Failure { code: Code::Unsupported, message: say::host_unsupported(shell.to_string()) }),
        Ok(None) | Err(_) => Err(error),
    }
}

async fn ask_one_that_runs(daemon: &Tidegate1Proxy<'static>, request: &str) -> Result<String, Failure> {
    let asked = daemon.inner().call_with_flags("Request", MethodFlags::NoAutoStart.into(), &request).await;
    match asked {
        Ok(reply) => reply.ok_or_else(|| away(say::host_no_answer())),
        Err(zbus::Error::MethodError(name, ..)) if NOBODY_THERE.contains(&name.as_str()) => {
            Err(away(say::host_not_running()))
        }
        Err(error) => Err(failure(error)),
    }
}

async fn connect() -> zbus::Result<Tidegate1Proxy<'static>> {
    let bus = tidegate_bus::connect(None).await?.method_timeout(PATIENCE).build().await?;
    Tidegate1Proxy::builder(&bus).cache_properties(CacheProperties::No).build().await
}

/// Carries a request to the daemon, and its response to the page; one for the view has the bus start it if it can.
///
/// # Errors
/// The daemon's own failure, or [`Code::Away`] when there is no daemon to answer.
#[tauri::command]
pub(crate) async fn rpc(app: AppHandle, daemon: State<'_, Daemon>, mut request: Request) -> Result<Response, Failure> {
    activation::accompany(&app, &mut request).await;
    let response = daemon.carry(&request, Wake::by(&request)).await?;
    request.complete(&response).map(Response::new).map_err(|error| unreadable(&error))
}

/// Pushes each new view to the window, and null whenever the daemon leaves the bus.
pub(crate) async fn push_views(app: AppHandle) {
    let daemon = app.state::<Daemon>();
    let pushed = match daemon.proxy().await {
        Ok(proxy) => follow(&app, &daemon, proxy).await,
        Err(error) => Err(error),
    };
    if let Err(error) = pushed {
        eprintln!("tidegate-app: cannot follow the daemon's view: {error}");
        push(&app, None);
    }
}

async fn follow(app: &AppHandle, daemon: &Daemon, proxy: &Tidegate1Proxy<'static>) -> zbus::Result<()> {
    let mut views = proxy.receive_view_changed().await?;
    let mut owners = proxy.inner().receive_owner_changed().await?;
    loop {
        tokio::select! {
            Some(owner) = owners.next() => push_for_owner(app, daemon, owner).await,
            Some(signal) = views.next() => push_text(app, signal.args()?.view()),
            else => return Ok(()),
        }
    }
}

async fn push_for_owner(app: &AppHandle, daemon: &Daemon, owner: Option<UniqueName<'static>>) {
    if owner.is_none() {
        push(app, None);
        return;
    }
    match daemon.ask(verb::View, Wake::LeaveAsleep).await {
        Ok(view) => push(app, Some(&view)),
        Err(failure) => eprintln!("tidegate-app: no view from the daemon: {}", timeless(&failure.message)),
    }
}

fn push_text(app: &AppHandle, text: &str) {
    match serde_json::from_str::<View>(text) {
        Ok(view) => push(app, Some(&view)),
        Err(error) => eprintln!("tidegate-app: unreadable view from the daemon: {error}"),
    }
}

fn push(app: &AppHandle, view: Option<&View>) {
    if let Err(error) = app.emit_to(MAIN, VIEW, view) {
        eprintln!("tidegate-app: cannot push a view to the window: {error}");
    }
}

/// What an error on the bus means to a person. Only the daemon's own errors are anything but "away".
fn failure(error: zbus::Error) -> Failure {
    if let zbus::Error::MethodError(name, text, _) = &error {
        return refused(name, text.as_deref().unwrap_or_default());
    }
    if matches!(&error, zbus::Error::InputOutput(source) if source.kind() == ErrorKind::TimedOut) {
        return away(say::host_no_answer_in_time(PATIENCE_SECONDS));
    }
    away(say::failure_said(error.to_string()))
}

fn refused(name: &str, text: &str) -> Failure {
    if name == FAILURE {
        return serde_json::from_str(text).unwrap_or_else(|error| unreadable(&error));
    }
    away(because(name).unwrap_or_else(|| say::failure_said(format!("{name}: {text}"))))
}

/// The bus's own reasons.
fn because(error: &str) -> Option<Message> {
    match error {
        "org.freedesktop.DBus.Error.ServiceUnknown" => Some(say::host_not_startable()),
        "org.freedesktop.DBus.Error.NoReply" => Some(say::host_ended()),
        "org.freedesktop.DBus.Error.TimedOut" | "org.freedesktop.DBus.Error.Spawn.ServiceNotFound" => {
            Some(say::host_not_started_in_time())
        }
        name if name.starts_with("org.freedesktop.DBus.Error.Spawn.") => Some(say::host_not_started()),
        _ => None,
    }
}

fn no_bus(error: zbus::Error) -> Failure {
    away(say::host_no_bus(error.to_string()))
}

fn away(message: Message) -> Failure {
    Failure { code: Code::Away, message }
}

fn unreadable(error: &serde_json::Error) -> Failure {
    Failure { code: Code::Internal, message: say::host_misunderstood(error.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_daemons_own_failure_is_passed_on_and_the_buss_means_away() {
        let cases = [
            (FAILURE, r#"{"code":"conflict","message":{"id":"failure-no-block"}}"#, Code::Conflict, "failure-no-block"),
            (FAILURE, "not JSON", Code::Internal, "host-misunderstood"),
            ("org.freedesktop.DBus.Error.ServiceUnknown", "x", Code::Away, "host-not-startable"),
            ("org.freedesktop.DBus.Error.Spawn.ChildExited", "x", Code::Away, "host-not-started"),
            ("org.freedesktop.DBus.Error.AccessDenied", "because", Code::Away, "AccessDenied: because"),
        ];
        for (name, text, code, said) in cases {
            let failure = refused(name, text);
            assert_eq!(failure.code, code, "{name}");
            assert!(format!("{:?}", failure.message).contains(said), "{name}: {:?}", failure.message);
        }
    }
}
