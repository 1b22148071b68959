//! `tidegate quit`: has the daemon end, and returns once it has, so that another may start. Must not know what is held.

use super::client::{Client, explain, internal};
use futures_util::StreamExt;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::os::fd::OwnedFd;
use std::time::Duration;
use tidegate_contract::{BUS_NAME, Failure, Outcome, verb};
use tidegate_platform::ready;
use tidegate_words::say;
use tokio::io::Interest;
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::names::UniqueName;

/// How long an end may take: what is released first has half a minute to get to the screen.
const LIMIT: Duration = Duration::from_secs(LIMIT_SECONDS as u64);
const LIMIT_SECONDS: u32 = 60;

/// Asks, and waits for the end; what the daemon says.
///
/// # Errors
/// What the daemon refuses, why it cannot be asked, or that it goes on.
pub(super) async fn quit(client: &Client, release: bool) -> Result<Outcome, Failure> {
    // Heard before the daemon is asked, so that no end is missed.
    let running = Running::find(client).await.map_err(|error| explain(&error))?;
    let outcome = client.ask(verb::Quit { release }).await?;
    let Some(running) = running else { return Ok(outcome) };
    let process = running.process;
    match tokio::time::timeout(LIMIT, running.end()).await {
        Ok(()) => Ok(outcome),
        Err(_) => Err(goes_on(process)),
    }
}

fn goes_on(process: u32) -> Failure {
    internal(say::cli_goes_on(LIMIT_SECONDS, process.to_string()))
}

/// A daemon that runs.
struct Running {
    name: UniqueName<'static>,
    process: u32,
    /// None where the system cannot watch the process: then its name must do.
    handle: Option<OwnedFd>,
    owners: NameOwnerChangedStream,
}

impl Running {
    async fn find(client: &Client) -> zbus::Result<Option<Self>> {
        let bus = DBusProxy::new(client.connection()).await?;
        let owners = bus.receive_name_owner_changed_with_args(&[(0, BUS_NAME)]).await?;
        let name = match bus.get_name_owner(BUS_NAME.try_into()?).await {
            Ok(name) => name.into_inner(),
            Err(zbus::fdo::Error::NameHasNoOwner(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let process = bus.get_connection_unix_process_id(name.clone().into()).await?;
        Ok(Some(Self { name, process, handle: handle(process), owners }))
    }

    /// Returns once its name is free and its process has ended.
    async fn end(mut self) {
        while let Some(change) = self.owners.next().await {
            let is_its_end = change.args().is_ok_and(|change| change.old_owner().as_ref() == Some(&self.name));
            if is_its_end {
                break;
            }
        }
        let watched = self.handle.and_then(|handle| ready::watched(handle, Interest::READABLE).ok());
        if let Some(watched) = watched
            && let Ok(mut ended) = watched.readable().await
        {
            ended.retain_ready();
        }
    }
}

fn handle(process: u32) -> Option<OwnedFd> {
    let pid = Pid::from_raw(i32::try_from(process).ok()?)?;
    pidfd_open(pid, PidfdFlags::empty()).ok()
}
