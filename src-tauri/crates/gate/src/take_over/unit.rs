//! Has systemd's user manager start a unit, over the session bus. Must not know what the unit does.

use futures_util::StreamExt;
use std::time::Duration;
use zbus::zvariant::OwnedObjectPath;
use zbus::{Connection, MatchRule, Message, MessageStream};

const SYSTEMD: &str = "org.freedesktop.systemd1";
const SYSTEMD_PATH: &str = "/org/freedesktop/systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
const ALREADY_SUBSCRIBED: &str = "org.freedesktop.systemd1.AlreadySubscribed";

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
    #[error("the start took over {} s", LIMIT.as_secs())]
    Slow,
    /// The bus closed the connection.
    #[error("the session bus is gone")]
    BusGone,
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
