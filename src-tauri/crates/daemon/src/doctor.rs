//! What can be found out about the path of notifications by looking: who owns the name, what stands behind the gate, what
//! is wrong. Used by the daemon about itself, and by the CLI where there is no daemon. Must not change anything.

use crate::daemon::Places;
use crate::present::line;
use std::time::Duration;
use tidegate_bus::shell::{self, Surroundings};
use tidegate_contract::{BUS_NAME, DoctorFinding, Failure, Message, Verdict, View};
use tidegate_domain::IDLE_TIME;
use tidegate_gate::shell_in_charge;
use tidegate_platform::idle::Desktop;
use tidegate_words::say;
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

/// The name that notification servers own.
pub(crate) const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
/// Troubles of the view that findings tell in other words.
const TOLD_ELSEWHERE: [&str; 2] = ["name-lost", "no-renderer"];
/// A desktop that is asked for idleness and takes longer does not answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The daemon about itself.
pub async fn examine(view: &View) -> Vec<DoctorFinding> {
    let mut findings = match connect().await {
        Ok(conn) => vec![daemon_finding(std::process::id()), owner_finding(&conn, Some(std::process::id())).await],
        Err(error) => {
            let said = say::failure_said(line(&error.to_string(), 300));
            vec![finding(Verdict::Bad, say::doctor_on_bus(), said, None)]
        }
    };
    findings.push(renderer_finding(view));
    findings.push(idleness_finding(&Desktop::from_environment()).await);
    findings.extend(troubles(view));
    findings
}

/// What can be said where no daemon answers: why, and who owns the name instead.
pub async fn examine_without(conn: &Connection, failure: Failure) -> Vec<DoctorFinding> {
    let daemon = finding(Verdict::Bad, say::doctor_on_daemon(), failure.message, None);
    let around = Surroundings::of_environment();
    let shell = match Places::find() {
        Ok(places) => shell_in_charge(conn, &around, &places.state).await,
        Err(_) => shell::in_charge(conn, &around).await,
    };
    if let Ok(Some(shell)) = shell {
        let remedy = Some(say::doctor_desktop_remedy());
        let found = say::doctor_desktop(format!("{shell}."));
        return vec![daemon, finding(Verdict::Bad, say::doctor_on_desktop(), found, remedy)];
    }
    let pid = owner(conn, BUS_NAME).await.map(|owner| owner.pid);
    vec![daemon, owner_finding(conn, pid).await]
}

/// One finding.
#[must_use]
pub fn finding(verdict: Verdict, subject: Message, found: Message, remedy: Option<Message>) -> DoctorFinding {
    DoctorFinding { verdict, subject, found, remedy }
}

/// A new connection to the session bus.
pub(crate) async fn connect() -> zbus::Result<Connection> {
    tidegate_bus::session().await
}

/// Why there is no session bus: where it was looked for, and what to do.
pub(crate) fn no_session_bus(why: Message) -> Message {
    match std::env::var("DBUS_SESSION_BUS_ADDRESS") {
        Ok(address) => say::failure_no_session_bus(line(&address, 200), why),
        Err(_) => say::failure_no_session_bus_in_its_place(why),
    }
}

struct Owner {
    pid: u32,
    program: Option<String>,
}

async fn owner(conn: &Connection, name: &'static str) -> Option<Owner> {
    let bus = DBusProxy::new(conn).await.ok()?;
    let pid = bus.get_connection_unix_process_id(BusName::try_from(name).ok()?).await.ok()?;
    Some(Owner { pid, program: program(pid) })
}

/// None where that cannot be read.
fn program(pid: u32) -> Option<String> {
    let path = std::fs::read_link(format!("/proc/{pid}/exe"));
    path.ok().map(|path| line(&path.display().to_string(), 200))
}

fn daemon_finding(pid: u32) -> DoctorFinding {
    let found = say::doctor_daemon(env!("CARGO_PKG_VERSION"), pid.to_string(), program(pid).unwrap_or_default());
    finding(Verdict::Good, say::doctor_on_daemon(), found, None)
}

async fn owner_finding(conn: &Connection, daemon: Option<u32>) -> DoctorFinding {
    let (verdict, found, remedy) = match owner(conn, NOTIFICATIONS).await {
        None => (Verdict::Bad, say::doctor_owner_nobody(), Some(say::doctor_owner_nobody_remedy())),
        Some(owner) if Some(owner.pid) == daemon => (Verdict::Good, say::doctor_owner_gate(), None),
        Some(owner) => {
            let remedy = match daemon {
                Some(_) => say::doctor_owner_other_remedy_take_over(),
                None => say::doctor_owner_other_remedy(),
            };
            let pid = owner.pid.to_string();
            let found = match owner.program {
                Some(program) => say::doctor_owner_other(program, pid),
                None => say::doctor_owner_unread(pid),
            };
            (Verdict::Bad, found, Some(remedy))
        }
    };
    finding(verdict, say::doctor_on_owner(NOTIFICATIONS), found, remedy)
}

fn renderer_finding(view: &View) -> DoctorFinding {
    let (verdict, found, remedy) = match view.renderer.name.as_deref() {
        Some(name) if view.renderer.up => (Verdict::Good, say::doctor_renderer(line(name, 100)), None),
        None if view.renderer.up => (Verdict::Good, say::doctor_renderer_nameless(), None),
        _ if !view.gate.in_path => (Verdict::Note, say::doctor_renderer_out_of_path(), None),
        _ => (Verdict::Bad, say::doctor_renderer_none(), Some(say::trouble_start_one())),
    };
    finding(verdict, say::doctor_on_renderer(), found, remedy)
}

/// A watch as for a check-in is begun, and ended at once.
async fn idleness_finding(desktop: &Desktop) -> DoctorFinding {
    let seconds = i64::try_from(IDLE_TIME.as_secs()).unwrap_or_default();
    let (verdict, found) = match tokio::time::timeout(PATIENCE, desktop.watch_idleness(IDLE_TIME)).await {
        Ok(Ok(watch)) => (Verdict::Good, say::doctor_idleness(watch.source().to_string(), seconds)),
        Ok(Err(error)) => (Verdict::Note, say::doctor_idleness_unseen(line(&error.to_string(), 200))),
        Err(_) => (Verdict::Note, say::doctor_idleness_silent()),
    };
    finding(verdict, say::doctor_on_idleness(), found, None)
}

fn troubles(view: &View) -> impl Iterator<Item = DoctorFinding> + '_ {
    let others = view.troubles.iter().filter(|trouble| !TOLD_ELSEWHERE.contains(&trouble.code.as_str()));
    others.map(|trouble| {
        let subject = say::doctor_on_trouble(trouble.code.as_str());
        finding(Verdict::Bad, subject, trouble.text.clone(), Some(trouble.remedy.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::quiet_view;
    use tidegate_contract::{Argument, RendererView, Trouble};
    use tidegate_testkit::{Session, Xvfb};

    #[tokio::test]
    async fn who_owns_the_name_is_named() {
        let session = Session::start().await;
        let conn = session.connect().await;
        let nobody = owner_finding(&conn, Some(1)).await;
        assert_eq!((nobody.verdict, nobody.found), (Verdict::Bad, say::doctor_owner_nobody()));
        conn.request_name(NOTIFICATIONS).await.unwrap();
        let us = owner_finding(&conn, Some(std::process::id())).await;
        assert_eq!(us.verdict, Verdict::Good);
        let other = owner_finding(&conn, None).await;
        let pid = Argument::Text(std::process::id().to_string());
        assert_eq!((other.verdict, other.found.args.get("process")), (Verdict::Bad, Some(&pid)));
        assert_eq!(other.remedy, Some(say::doctor_owner_other_remedy()), "there is nothing to quit");
        let beside = owner_finding(&conn, Some(1)).await;
        assert_eq!(beside.remedy, Some(say::doctor_owner_other_remedy_take_over()));
    }

    #[tokio::test]
    async fn who_tells_of_idleness_is_named_and_so_is_that_nobody_does() {
        let session = Session::start().await;
        let mut desktop = Desktop { bus: Some(session.address()), ..Desktop::default() };
        let nobody = idleness_finding(&desktop).await;
        let Some(Argument::Text(why)) = nobody.found.args.get("why") else { panic!("{nobody:?}") };
        assert!(nobody.verdict == Verdict::Note && why.starts_with("neither"), "{nobody:?}");
        let server = Xvfb::start(&session).await;
        desktop.x11 = Some(server.display().to_owned());
        let server = idleness_finding(&desktop).await;
        assert_eq!((server.verdict, server.found), (Verdict::Good, say::doctor_idleness("the X server", 45)));
    }

    #[test]
    fn the_views_troubles_are_told_once() {
        let trouble =
            |code: &str| Trouble { code: code.into(), text: say::failure_said("x"), remedy: say::failure_said("y") };
        let down = RendererView { name: None, up: false };
        let view = View { troubles: vec![trouble("no-renderer"), trouble("store")], renderer: down, ..quiet_view() };
        let told: Vec<_> = troubles(&view).map(|finding| finding.subject).collect();
        assert_eq!(told, [say::doctor_on_trouble("store")]);
        assert_eq!(renderer_finding(&view).verdict, Verdict::Bad);
        assert_eq!(renderer_finding(&quiet_view()).found, say::doctor_renderer("dunst 1.9.0"));
    }
}
