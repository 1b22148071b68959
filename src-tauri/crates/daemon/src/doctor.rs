//! What can be found out about the path of notifications by looking: who owns the name, what stands behind the gate, what
//! is wrong. Used by the daemon about itself, and by the CLI where there is no daemon. Must not change anything.

use crate::daemon::Places;
use crate::present::{NO_RENDERER, line};
use std::time::Duration;
use tidegate_bus::shell::{self, Surroundings};
use tidegate_contract::{BUS_NAME, DoctorFinding, Failure, Verdict, View};
use tidegate_domain::IDLE_TIME;
use tidegate_gate::shell_in_charge;
use tidegate_platform::idle::Desktop;
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

/// The name that notification servers own.
pub(crate) const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
/// Troubles of the view that findings tell in other words.
const TOLD_ELSEWHERE: [&str; 2] = ["name-lost", "no-renderer"];
/// What there is to see where the desktop is not supported.
const SHOW_IT_ALL_THE_SAME: &str = "`make demo` in Tidegate's folder shows what it does, in a session of its own";
/// A desktop that is asked for idleness and takes longer does not answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The daemon about itself.
pub async fn examine(view: &View) -> Vec<DoctorFinding> {
    let mut findings = match connect().await {
        Ok(conn) => vec![daemon_finding(std::process::id()), owner_finding(&conn, Some(std::process::id())).await],
        Err(error) => vec![finding(Verdict::Bad, "session bus", line(&error.to_string(), 300), None)],
    };
    findings.push(renderer_finding(view));
    findings.push(idleness_finding(&Desktop::from_environment()).await);
    findings.extend(troubles(view));
    findings
}

/// What can be said where no daemon answers: why, and who owns the name instead.
pub async fn examine_without(conn: &Connection, failure: &Failure) -> Vec<DoctorFinding> {
    let daemon = finding(Verdict::Bad, "daemon", failure.message.clone(), None);
    let around = Surroundings::of_environment();
    let shell = match Places::find() {
        Ok(places) => shell_in_charge(conn, &around, &places.state).await,
        Err(_) => shell::in_charge(conn, &around).await,
    };
    if let Ok(Some(shell)) = shell {
        return vec![daemon, finding(Verdict::Bad, "desktop", format!("{shell}."), Some(SHOW_IT_ALL_THE_SAME))];
    }
    let pid = owner(conn, BUS_NAME).await.map(|owner| owner.pid);
    vec![daemon, owner_finding(conn, pid).await]
}

/// One finding.
#[must_use]
pub fn finding(verdict: Verdict, subject: &str, found: String, remedy: Option<&str>) -> DoctorFinding {
    DoctorFinding { verdict, subject: subject.to_owned(), found, remedy: remedy.map(str::to_owned) }
}

/// A new connection to the session bus.
pub(crate) async fn connect() -> zbus::Result<Connection> {
    tidegate_bus::session().await
}

/// Why there is no session bus: where it was looked for, and what to do.
pub(crate) fn no_session_bus(why: &str) -> String {
    let place = std::env::var("DBUS_SESSION_BUS_ADDRESS").unwrap_or_else(|_| "its usual place".to_owned());
    format!("no session bus at {}: {why}; run this inside your desktop session", line(&place, 200))
}

struct Owner {
    pid: u32,
    program: String,
}

async fn owner(conn: &Connection, name: &'static str) -> Option<Owner> {
    let bus = DBusProxy::new(conn).await.ok()?;
    let pid = bus.get_connection_unix_process_id(BusName::try_from(name).ok()?).await.ok()?;
    Some(Owner { pid, program: program(pid) })
}

fn program(pid: u32) -> String {
    let path = std::fs::read_link(format!("/proc/{pid}/exe"));
    path.map_or("a program that cannot be read".to_owned(), |path| line(&path.display().to_string(), 200))
}

fn daemon_finding(pid: u32) -> DoctorFinding {
    let found = format!("version {}, pid {pid}, {}", env!("CARGO_PKG_VERSION"), program(pid));
    finding(Verdict::Good, "daemon", found, None)
}

async fn owner_finding(conn: &Connection, daemon: Option<u32>) -> DoctorFinding {
    let subject = format!("owner of {NOTIFICATIONS}");
    match owner(conn, NOTIFICATIONS).await {
        None => {
            let remedy = "start Tidegate, or the desktop's own notification daemon";
            finding(Verdict::Bad, &subject, "nobody: apps that notify fail or wait".to_owned(), Some(remedy))
        }
        Some(owner) if Some(owner.pid) == daemon => {
            finding(Verdict::Good, &subject, "Tidegate: every notification passes the gate".to_owned(), None)
        }
        Some(owner) => {
            let found = format!("{}, pid {}: notifications do not pass the gate", owner.program, owner.pid);
            let remedy = match daemon {
                Some(_) => "`tidegate take-over now` takes over from it at once, and what it shows is lost",
                None => "start Tidegate; `tidegate daemon --replace-now` takes over from it at once",
            };
            finding(Verdict::Bad, &subject, found, Some(remedy))
        }
    }
}

fn renderer_finding(view: &View) -> DoctorFinding {
    let name =
        view.renderer.name.as_deref().map_or("one that does not say its name".to_owned(), |name| line(name, 100));
    if view.renderer.up {
        finding(Verdict::Good, "renderer", format!("{name}, behind the gate"), None)
    } else if !view.gate.in_path {
        let found = "none is behind the gate, which is not in the path: what comes is shown as without Tidegate";
        finding(Verdict::Note, "renderer", found.to_owned(), None)
    } else {
        let found = "none can be reached: what passes is shown nowhere".to_owned();
        finding(Verdict::Bad, "renderer", found, Some(NO_RENDERER))
    }
}

/// A watch as for a check-in is begun, and ended at once.
async fn idleness_finding(desktop: &Desktop) -> DoctorFinding {
    let seconds = IDLE_TIME.as_secs();
    let why_not = match tokio::time::timeout(PATIENCE, desktop.watch_idleness(IDLE_TIME)).await {
        Ok(Ok(watch)) => {
            let found = format!("{} tells when nothing was touched for {seconds} s", watch.source());
            return finding(Verdict::Good, "idleness", found, None);
        }
        Ok(Err(error)) => line(&error.to_string(), 200),
        Err(_) => "the desktop does not answer".to_owned(),
    };
    let found =
        format!("cannot be seen: {why_not}; a check-in inside a block comes at the block's end or after 15 minutes");
    finding(Verdict::Note, "idleness", found, None)
}

fn troubles(view: &View) -> impl Iterator<Item = DoctorFinding> + '_ {
    let others = view.troubles.iter().filter(|trouble| !TOLD_ELSEWHERE.contains(&trouble.code.as_str()));
    others.map(|trouble| finding(Verdict::Bad, &trouble.code, trouble.text.clone(), Some(&trouble.remedy)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::quiet_view;
    use tidegate_contract::{RendererView, Trouble};
    use tidegate_testkit::{Session, Xvfb};

    #[tokio::test]
    async fn who_owns_the_name_is_named() {
        let session = Session::start().await;
        let conn = session.connect().await;
        let nobody = owner_finding(&conn, Some(1)).await;
        assert!(nobody.verdict == Verdict::Bad && nobody.found.starts_with("nobody"), "{nobody:?}");
        conn.request_name(NOTIFICATIONS).await.unwrap();
        let us = owner_finding(&conn, Some(std::process::id())).await;
        assert_eq!(us.verdict, Verdict::Good);
        let other = owner_finding(&conn, None).await;
        let pid = format!(", pid {}", std::process::id());
        assert!(other.verdict == Verdict::Bad && other.found.contains(&pid), "{other:?}");
        assert!(other.remedy.is_some_and(|remedy| remedy.starts_with("start Tidegate")), "there is nothing to quit");
        let beside = owner_finding(&conn, Some(1)).await;
        assert!(beside.remedy.is_some_and(|remedy| remedy.starts_with("`tidegate take-over now`")));
    }

    #[tokio::test]
    async fn who_tells_of_idleness_is_named_and_so_is_that_nobody_does() {
        let session = Session::start().await;
        let mut desktop = Desktop { bus: Some(session.address()), ..Desktop::default() };
        let nobody = idleness_finding(&desktop).await;
        assert!(nobody.verdict == Verdict::Note && nobody.found.starts_with("cannot be seen: neither"), "{nobody:?}");
        let server = Xvfb::start(&session).await;
        desktop.x11 = Some(server.display().to_owned());
        let server = idleness_finding(&desktop).await;
        assert_eq!(
            (server.verdict, &*server.found),
            (Verdict::Good, "the X server tells when nothing was touched for 45 s")
        );
    }

    #[test]
    fn the_views_troubles_are_told_once() {
        let trouble = |code: &str| Trouble { code: code.into(), text: "x".into(), remedy: "y".into() };
        let down = RendererView { name: None, up: false };
        let view = View { troubles: vec![trouble("no-renderer"), trouble("store")], renderer: down, ..quiet_view() };
        let told: Vec<_> = troubles(&view).map(|finding| finding.subject).collect();
        assert_eq!(told, ["store"]);
        assert_eq!(renderer_finding(&view).verdict, Verdict::Bad);
        assert_eq!(renderer_finding(&quiet_view()).found, "dunst 1.9.0, behind the gate");
    }
}
