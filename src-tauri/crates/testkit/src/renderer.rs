//! The desktop's own notification daemons, real ones, with their own controls.

mod control;
mod kind;
mod tally;

pub use control::RendererControl;
pub use kind::Kind;

use crate::NOTIFICATIONS;
use crate::process::Process;
use crate::session::Session;
use crate::wait::{DEADLINE, wait_owner};

/// A running notification daemon. Dropping it ends it.
#[derive(Debug)]
pub struct Renderer {
    control: RendererControl,
    process: Process,
}

impl Renderer {
    /// Starts one on the session's bus and waits until it owns
    /// `org.freedesktop.Notifications`. Its display must be there.
    ///
    /// # Panics
    /// If it is missing, or does not own the name at [`DEADLINE`].
    pub async fn start(session: &Session, kind: Kind) -> Self {
        Self::start_at(session, kind, &session.address(), NOTIFICATIONS).await
    }

    /// Starts one that knows the session bus by `address`, such as the relay's
    /// socket, and waits until `name` has an owner on the real bus.
    ///
    /// # Panics
    /// If it is missing, or nobody owns the name at [`DEADLINE`].
    pub async fn start_at(session: &Session, kind: Kind, address: &str, name: &str) -> Self {
        let control = RendererControl::new(session, kind, name).await;
        let mut command = kind.command(session).await;
        command.env("DBUS_SESSION_BUS_ADDRESS", address);
        let mut process = session.spawn(command);
        let owned = wait_owner(control.conn(), name, DEADLINE);
        process.while_running("it must own its name", owned).await;
        Self { control, process }
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

impl std::ops::Deref for Renderer {
    type Target = RendererControl;

    fn deref(&self) -> &RendererControl {
        &self.control
    }
}
