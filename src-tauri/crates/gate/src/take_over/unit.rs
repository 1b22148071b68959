//! Asks systemd's user manager over the session bus: which unit a process is and what it asks for, to start one, to stop one,
//! to read their files. Must not know what the unit does.

use crate::names::PROPERTIES;
use futures_util::StreamExt;
use std::time::Duration;
use zbus::zvariant::OwnedObjectPath;
use zbus::{Connection, MatchRule, Message, MessageStream};

const SYSTEMD: &str = "org.freedesktop.systemd1";
const SYSTEMD_PATH: &str = "/org/freedesktop/systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
const ALREADY_SUBSCRIBED: &str = "org.freedesktop.systemd1.AlreadySubscribed";

const SERVICE: &str = "org.freedesktop.systemd1.Service";

/// A job that is not done by then has failed.
const LIMIT: Duration = Duration::from_secs(10);

/// Why a unit was not started.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnitError {
    /// There is no manager on the bus, or it refused.
    #[error("{method}: {source}")]
    Manager {
        /// What was asked.
        method: &'static str,
        /// What it said.
        source: zbus::Error,
    },
    /// The job ended otherwise than done.
    #[error("the start ended as \"{0}\"")]
    Job(String),
    /// It did not end.
    #[error("it took over {} s", LIMIT.as_secs())]
    Slow,
    /// The bus closed the connection.
    #[error("the session bus is gone")]
    BusGone,
}

/// Whether systemd runs this process as our unit.
pub(super) fn runs_us() -> bool {
    let cgroup = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    cgroup.lines().any(|line| line.ends_with("/tidegate.service"))
}

/// The user unit whose main process this is. What a bus starts may lie in the bus's own unit, and what a terminal starts in
/// the terminal's: to stop that would end more than the process.
pub(super) async fn of_main_process(conn: &Connection, pid: u32) -> Option<String> {
    let cgroup = std::fs::read_to_string(super::proc_folder(pid).join("cgroup")).unwrap_or_default();
    let unit = user_service(&cgroup)?;
    let main = tokio::time::timeout(LIMIT, main_pid(conn, &unit)).await;
    match main.unwrap_or(Err(UnitError::Slow)) {
        Ok(main) => (main == pid).then_some(unit),
        Err(error) => {
            tracing::debug!(%error, unit, "systemd does not say whose unit this is");
            None
        }
    }
}

/// The last part of a cgroup below `user@UID.service`, if it is a service and not a bus's.
fn user_service(cgroup: &str) -> Option<String> {
    let path = cgroup.lines().find_map(|line| line.strip_prefix("0::"))?;
    let (_, below) = path.split_once("/user@")?;
    let unit = below.rsplit('/').next()?;
    (below.contains('/') && unit.ends_with(".service") && !unit.starts_with("dbus")).then(|| unit.to_owned())
}

async fn main_pid(conn: &Connection, unit: &str) -> Result<u32, UnitError> {
    let found = ask(conn, "GetUnit", &unit).await?;
    let fail = |source| UnitError::Manager { method: "MainPID", source };
    let body = found.body();
    let path: OwnedObjectPath = body.deserialize().map_err(fail)?;
    let asked = conn.call_method(Some(SYSTEMD), &path, Some(PROPERTIES), "Get", &(SERVICE, "MainPID")).await;
    let answer = asked.map_err(fail)?;
    let body = answer.body();
    let value: zbus::zvariant::Value<'_> = body.deserialize().map_err(fail)?;
    value.downcast_ref::<u32>().map_err(|error| fail(error.into()))
}

/// The bus name that a unit asks for; nothing if it has none, or there is no such unit or no manager.
pub(super) async fn bus_name(conn: &Connection, unit: &str) -> Option<String> {
    let asked = async {
        let found = ask(conn, "LoadUnit", &unit).await.ok()?;
        let path: OwnedObjectPath = found.body().deserialize().ok()?;
        let get = conn.call_method(Some(SYSTEMD), &path, Some(PROPERTIES), "Get", &(SERVICE, "BusName"));
        let answer = get.await.ok()?;
        let body = answer.body();
        body.deserialize::<zbus::zvariant::Value<'_>>().ok()?.downcast::<String>().ok()
    };
    tokio::time::timeout(LIMIT, asked).await.ok().flatten()
}

/// Has all units' files read again.
pub(super) async fn reload(conn: &Connection) -> Result<(), UnitError> {
    let asked = ask(conn, "Reload", &());
    tokio::time::timeout(LIMIT, asked).await.unwrap_or(Err(UnitError::Slow)).map(|_| ())
}

/// Has a unit stopped. That its process is gone, the bus will tell.
pub(super) async fn stop(conn: &Connection, unit: &str) -> Result<(), UnitError> {
    let arguments = (unit, "replace");
    let asked = ask(conn, "StopUnit", &arguments);
    tokio::time::timeout(LIMIT, asked).await.unwrap_or(Err(UnitError::Slow)).map(|_| ())
}

/// Starts a unit and returns when its job is done: when it says that it is ready, if its `Type=` is notify.
pub(super) async fn start(conn: &Connection, unit: &str) -> Result<(), UnitError> {
    // The manager tells nobody of its jobs unless somebody asked it to.
    match ask(conn, "Subscribe", &()).await {
        Ok(_) => {}
        Err(UnitError::Manager { source: zbus::Error::MethodError(name, ..), .. }) if name == ALREADY_SUBSCRIBED => {}
        Err(error) => return Err(error),
    }
    let done = tokio::time::timeout(LIMIT, run_job(conn, unit)).await.unwrap_or(Err(UnitError::Slow));
    if let Err(error) = ask(conn, "Unsubscribe", &()).await {
        tracing::debug!(%error, "systemd goes on telling of its jobs");
    }
    done
}

async fn run_job(conn: &Connection, unit: &str) -> Result<(), UnitError> {
    let mut ends = job_ends(conn, unit).await.map_err(|source| UnitError::Manager { method: "JobRemoved", source })?;
    let method = "StartUnit";
    let started = ask(conn, method, &(unit, "replace")).await?;
    let job: OwnedObjectPath = started.body().deserialize().map_err(|source| UnitError::Manager { method, source })?;
    while let Some(Ok(end)) = ends.next().await {
        let body = end.body();
        match body.deserialize::<(u32, OwnedObjectPath, &str, &str)>() {
            Ok((_, ended, _, "done")) if ended == job => return Ok(()),
            Ok((_, ended, _, result)) if ended == job => return Err(UnitError::Job(result.to_owned())),
            Ok(_) | Err(_) => {}
        }
    }
    Err(UnitError::BusGone)
}

/// The ends of this unit's jobs from now on.
async fn job_ends(conn: &Connection, unit: &str) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .sender(SYSTEMD)?
        .path(SYSTEMD_PATH)?
        .interface(MANAGER)?
        .member("JobRemoved")?
        .arg(2, unit)?
        .build();
    MessageStream::for_match_rule(rule, conn, Some(16)).await
}

async fn ask<B>(conn: &Connection, method: &'static str, body: &B) -> Result<Message, UnitError>
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
{
    let asked = conn.call_method(Some(SYSTEMD), SYSTEMD_PATH, Some(MANAGER), method, body).await;
    asked.map_err(|source| UnitError::Manager { method, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cgroup: &str, want: Option<&str>) {
        let manager = "0::/user.slice/user-1000.slice/user@1000.service";
        assert_eq!(user_service(&format!("{manager}{cgroup}\n")).as_deref(), want, "{cgroup}");
    }

    #[test]
    fn only_a_service_of_the_users_is_a_daemons_unit_and_never_the_buss() {
        check("/session.slice/dunst.service", Some("dunst.service"));
        check("/session.slice/dbus.service", None);
        check("/session.slice/dbus-broker.service", None);
        check("/session.slice/dbus-:1.2-org.freedesktop.Notifications@0.service", None);
        check("/app.slice/app-gnome-kitty-4711.scope", None);
        check("", None);
        assert_eq!(user_service("0::/user.slice/user-1000.slice/session-2.scope\n"), None);
    }
}
