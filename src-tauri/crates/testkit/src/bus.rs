//! A private bus that can start nothing but what its given folders name: none
//! of the machine's own service files is in its view.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use zbus::Connection;

use crate::broker;
use crate::process::{Piped, Process};
use crate::wait::DEADLINE;

/// A running bus. Dropping it ends it.
#[derive(Debug)]
pub struct PrivateBus {
    program: Program,
    socket: PathBuf,
}

#[derive(Debug)]
enum Program {
    Daemon(Piped),
    Broker(Process),
}

impl PrivateBus {
    /// Starts a `dbus-daemon` that listens at `socket` and activates from `services`, the
    /// earlier folder first. `command` is `dbus-daemon` with its environment.
    ///
    /// # Panics
    /// If it does not come up.
    pub async fn start(mut command: Command, socket: &Path, services: &[PathBuf], log: &Path) -> Self {
        let config = socket.with_extension("conf");
        fs::write(&config, configuration(socket, services)).unwrap();
        command.arg(format!("--config-file={}", config.display())).args([
            "--nofork",
            "--nopidfile",
            "--nosyslog",
            "--print-address=1",
        ]);
        let mut process = Piped::start(command, log);
        process.line(DEADLINE).await;
        Self { program: Program::Daemon(process), socket: socket.to_path_buf() }
    }

    /// Starts a `dbus-broker` that listens at `socket` and activates nothing.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start_broker(command: Command, socket: &Path, log: &Path) -> Self {
        let broker = broker::start(command, socket, log);
        Self { program: Program::Broker(broker), socket: socket.to_path_buf() }
    }

    /// Its D-Bus address.
    #[must_use]
    pub fn address(&self) -> String {
        format!("unix:path={}", self.socket.display())
    }

    /// The path of its socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// A new connection to it.
    ///
    /// # Panics
    /// If it refuses.
    pub async fn connect(&self) -> Connection {
        connect(&self.address()).await
    }

    /// The daemon's process id.
    pub fn pid(&mut self) -> u32 {
        self.process().pid()
    }

    /// Kills the bus, as if the session had collapsed.
    pub async fn kill9(&mut self) {
        self.process().kill9(DEADLINE).await;
    }

    fn process(&mut self) -> &mut Process {
        match &mut self.program {
            Program::Daemon(daemon) => daemon.process(),
            Program::Broker(broker) => broker,
        }
    }
}

/// A new connection to the bus at `address`.
pub(crate) async fn connect(address: &str) -> Connection {
    zbus::connection::Builder::address(address)
        .unwrap()
        .build()
        .await
        .unwrap_or_else(|error| panic!("cannot connect to {address}: {error}"))
}

const LIMITS: &[(&str, u32)] = &[
    ("max_incoming_bytes", 1_000_000_000),
    ("max_outgoing_bytes", 1_000_000_000),
    ("max_message_size", 1_000_000_000),
    ("service_start_timeout", 120_000),
    ("auth_timeout", 240_000),
    ("max_completed_connections", 100_000),
    ("max_incomplete_connections", 10_000),
    ("max_connections_per_user", 100_000),
    ("max_pending_service_starts", 10_000),
    ("max_names_per_connection", 50_000),
    ("max_match_rules_per_connection", 50_000),
    ("max_replies_per_connection", 200_000),
];

fn configuration(socket: &Path, services: &[PathBuf]) -> String {
    let folders: String =
        services.iter().map(|folder| format!("<servicedir>{}</servicedir>\n", folder.display())).collect();
    let limits: String =
        LIMITS.iter().map(|(name, value)| format!("<limit name=\"{name}\">{value}</limit>\n")).collect();
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
<type>session</type>
<keep_umask/>
<listen>unix:path={}</listen>
<auth>EXTERNAL</auth>
{folders}<policy context="default">
<allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/>
<allow own="*"/>
</policy>
{limits}</busconfig>
"#,
        socket.display()
    )
}
