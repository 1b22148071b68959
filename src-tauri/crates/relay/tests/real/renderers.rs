//! Real daemons behind the relay: who owns which name, what works, and what a gate that comes and goes is told.

use std::path::Path;

use rustix::process::Signal as Kill;
use tidegate_relay::protocol::{Answer, Call, Outcome, RENDERER_NAME, RendererSignal, ToGate};
use tidegate_testkit::{
    Client, DEADLINE, Heard, Kind, NOTIFICATIONS, Notification, Process, RendererControl, Session, Signal, Sway, Xvfb,
    owner, wait_owner, wait_owner_change,
};
use zbus::Connection;
use zbus::fdo::{DBusProxy, RequestNameFlags};
use zbus::names::WellKnownName;

use crate::rig::{Control, Watched, program, record_of, start};

/// A session with the display that a daemon needs, the relay, and a gate that owns the name.
struct Desk {
    kind: Kind,
    gate: Connection,
    witness: Connection,
    _relay: Process,
    _display: Display,
    session: Session,
}

#[expect(clippy::large_enum_variant, reason = "one per test")]
enum Display {
    X11(#[expect(dead_code, reason = "ends with its guard")] Xvfb),
    Wayland(#[expect(dead_code, reason = "ends with its guard")] Sway),
}

impl Desk {
    async fn new(kind: Kind) -> Self {
        let session = Session::start().await;
        let _display = if kind.on_wayland() {
            Display::Wayland(Sway::start(&session).await)
        } else {
            Display::X11(Xvfb::start(&session).await)
        };
        let _relay = start(&session).await;
        let gate = gate(&session, RequestNameFlags::DoNotQueue).await;
        let witness = session.connect().await;
        Self { kind, gate, witness, _relay, _display, session }
    }

    async fn control(&self) -> Control {
        Control::hello(&self.session, &unique(&self.gate)).await.0
    }

    async fn app(&self) -> Client {
        Client::connect(&self.session).await
    }

    /// Whoever calls the renderer as the gate does.
    async fn forwarder(&self) -> Client {
        Client::connect_to(&self.session.address(), RENDERER_NAME).await
    }

    async fn owner(&self, name: &str) -> Option<String> {
        owner(&self.witness, name).await.map(|owner| owner.to_string())
    }

    async fn queue(&self) -> Vec<String> {
        let bus = DBusProxy::new(&self.witness).await.unwrap();
        let name = WellKnownName::try_from(NOTIFICATIONS).unwrap();
        bus.list_queued_owners(name).await.unwrap().iter().map(ToString::to_string).collect()
    }

    /// The daemon's own control tool, which knows only names that applications know.
    async fn control_tool(&self) -> Option<String> {
        let (program, argument) = match self.kind {
            Kind::Dunst => ("dunstctl", "is-paused"),
            Kind::Mako => ("makoctl", "mode"),
            Kind::Swaync => ("swaync-client", "--get-dnd"),
            Kind::XfceNotifyd | Kind::NotificationDaemon => return None,
        };
        Some(self.session.run(program, [argument]).await.ok())
    }
}

async fn gate(session: &Session, flags: RequestNameFlags) -> Connection {
    let gate = session.connect().await;
    gate.request_name_with_flags(NOTIFICATIONS, flags.into()).await.unwrap();
    gate
}

fn unique(conn: &Connection) -> String {
    conn.unique_name().unwrap().to_string()
}

async fn the_daemon_lives_behind_the_gate(kind: Kind) {
    let desk = Desk::new(kind).await;
    let mut control = desk.control().await;
    control.supervise(record_of(&desk.session, kind).await).await;
    let renderer = control.up().await;
    let argv = kind.argv(&desk.session).await;
    assert_eq!(program(renderer.pid), Path::new(&argv[0]).canonicalize().unwrap());
    assert_eq!(desk.owner(RENDERER_NAME).await.as_ref(), Some(&renderer.unique));
    assert_eq!(desk.owner(NOTIFICATIONS).await, Some(unique(&desk.gate)));

    let screen = RendererControl::new(&desk.session, kind, RENDERER_NAME).await;

    // The gate dies: the daemon owns the name, answers, and its own tool works.
    let before = unique(&desk.gate);
    desk.gate.clone().close().await.unwrap();
    let now = wait_owner_change(&desk.witness, NOTIFICATIONS, Some(&before), DEADLINE).await;
    assert_eq!(now.unwrap().as_str(), renderer.unique);
    assert_ne!(desk.app().await.notify(&Notification::new("while the gate is away")).await, 0);
    screen.wait_showing(1, DEADLINE).await;
    let quiet = if kind == Kind::Mako { "default" } else { "false" };
    assert!(desk.control_tool().await.is_none_or(|said| said == quiet));

    // The gate takes it back; the daemon stays, queued.
    let back = gate(&desk.session, RequestNameFlags::ReplaceExisting).await;
    assert_eq!(desk.queue().await, [unique(&back), renderer.unique.clone()]);
    assert_eq!(desk.owner(RENDERER_NAME).await, Some(renderer.unique));
    assert_eq!(screen.showing().await, 1, "what it showed stays on the screen");
}

#[tokio::test]
async fn dunst_lives_behind_the_gate() {
    the_daemon_lives_behind_the_gate(Kind::Dunst).await;
}

#[tokio::test]
async fn mako_lives_behind_the_gate() {
    the_daemon_lives_behind_the_gate(Kind::Mako).await;
}

#[tokio::test]
async fn swaync_lives_behind_the_gate() {
    the_daemon_lives_behind_the_gate(Kind::Swaync).await;
}

#[tokio::test]
async fn xfce4_notifyd_lives_behind_the_gate() {
    the_daemon_lives_behind_the_gate(Kind::XfceNotifyd).await;
}

#[tokio::test]
async fn notification_daemon_lives_behind_the_gate() {
    the_daemon_lives_behind_the_gate(Kind::NotificationDaemon).await;
}

async fn a_killed_daemon_is_started_again(kind: Kind) {
    let desk = Desk::new(kind).await;
    let mut control = desk.control().await;
    control.supervise(record_of(&desk.session, kind).await).await;
    let first = control.up().await;
    Watched::new(first.pid).signal(Kill::KILL);
    let (why, wait) = control.down().await;
    assert_eq!((why.as_str(), wait), ("ended by signal 9", 100));
    let second = control.up().await;
    assert_ne!((first.pid, &first.unique), (second.pid, &second.unique));
    assert_eq!(desk.owner(RENDERER_NAME).await, Some(second.unique.clone()));
    assert_eq!(desk.queue().await, [unique(&desk.gate), second.unique]);
    assert_ne!(desk.forwarder().await.notify(&Notification::new("hello again")).await, 0);
}

#[tokio::test]
async fn a_killed_dunst_is_started_again() {
    a_killed_daemon_is_started_again(Kind::Dunst).await;
}

#[tokio::test]
async fn a_killed_mako_is_started_again() {
    a_killed_daemon_is_started_again(Kind::Mako).await;
}

/// A gate that was killed learns what became of its calls, and what it did not hear.
async fn a_new_gate_learns_what_happened(kind: Kind) {
    let desk = Desk::new(kind).await;
    let forwarder = desk.forwarder().await;
    let old = forwarder.unique_name();
    let (mut control, welcome) = Control::hello(&desk.session, &old).await;
    assert_eq!(welcome.renderer, None);
    control.supervise(record_of(&desk.session, kind).await).await;
    let renderer = control.up().await;

    let mut expected = Vec::new();
    for summary in ["one", "two"] {
        let serial = forwarder.send(&Notification::new(summary)).await;
        let id = forwarder.reply(serial, DEADLINE).await.unwrap().body().deserialize().unwrap();
        let call = Call { caller: old.clone(), serial: serial.get() };
        expected.push(Answer { call, outcome: Outcome::Shown(id) });
    }
    let ids: Vec<u32> = expected.iter().map(|answer| id_of(&answer.outcome)).collect();
    control.leave().await;
    drop(forwarder);

    // No gate is connected while the user dismisses both.
    let screen = RendererControl::new(&desk.session, kind, RENDERER_NAME).await;
    screen.close_all().await;
    screen.wait_showing(0, DEADLINE).await;

    let (mut control, welcome) = Control::hello(&desk.session, &unique(&desk.gate)).await;
    assert_eq!((welcome.renderer, welcome.answered), (Some(renderer), expected));
    let mut closed = Vec::new();
    while closed.len() < 2 {
        match control.next().await.unwrap() {
            ToGate::StraySignal { destination, signal: RendererSignal::Closed { id, reason: 2 } } => {
                // dunst speaks to the caller alone, mako to everybody.
                assert_eq!(destination, (kind == Kind::Dunst).then(|| old.clone()));
                closed.push(id);
            }
            other @ (ToGate::Welcome { .. }
            | ToGate::Answered(_)
            | ToGate::RendererUp(_)
            | ToGate::RendererDown { .. }
            | ToGate::StraySignal { .. }
            | ToGate::Refused { .. }) => panic!("{other:?}"),
        }
    }
    closed.sort_unstable();
    assert_eq!(closed, ids);
}

fn id_of(outcome: &Outcome) -> u32 {
    match outcome {
        Outcome::Shown(id) => *id,
        Outcome::Error(name) => panic!("{name}"),
    }
}

#[tokio::test]
async fn a_new_gate_learns_what_happened_at_dunst() {
    a_new_gate_learns_what_happened(Kind::Dunst).await;
}

#[tokio::test]
async fn a_new_gate_learns_what_happened_at_mako() {
    a_new_gate_learns_what_happened(Kind::Mako).await;
}

/// What mako and swaync tell everybody, by ids of their own, no app may take for its own.
async fn what_the_daemon_tells_everybody_reaches_the_gate_alone(kind: Kind) {
    let desk = Desk::new(kind).await;
    let (gate, app) = (desk.forwarder().await, desk.forwarder().await);
    let mut control = Control::hello(&desk.session, &gate.unique_name()).await.0;
    control.supervise(record_of(&desk.session, kind).await).await;
    let renderer = control.up().await;
    let id = gate.notify(&Notification::new("x")).await;
    let screen = RendererControl::new(&desk.session, kind, RENDERER_NAME).await;
    screen.wait_showing(1, DEADLINE).await;
    screen.close_all().await;
    let heard = gate.next_signal(DEADLINE).await;
    let (from, to) = (renderer.unique.clone(), Some(gate.unique_name()));
    assert_eq!(heard, Heard { from, to, signal: Signal::Closed(id, 2) });
    assert_eq!(app.signals_so_far().await, []);
}

#[tokio::test]
async fn what_mako_tells_everybody_reaches_the_gate_alone() {
    what_the_daemon_tells_everybody_reaches_the_gate_alone(Kind::Mako).await;
}

#[tokio::test]
async fn what_swaync_tells_everybody_reaches_the_gate_alone() {
    what_the_daemon_tells_everybody_reaches_the_gate_alone(Kind::Swaync).await;
}

/// An app that mako served while no gate was there hears of its own popup from the gate, and nobody else does.
#[tokio::test]
async fn what_mako_showed_without_a_gate_is_the_apps_after_the_gate_came() {
    let desk = Desk::new(Kind::Mako).await;
    let mut control = desk.control().await;
    control.supervise(record_of(&desk.session, Kind::Mako).await).await;
    control.up().await;
    control.leave().await;
    let (app, other) = (desk.forwarder().await, desk.forwarder().await);
    let id = app.notify(&Notification::new("without a gate")).await;
    let mut control = desk.control().await;
    RendererControl::new(&desk.session, Kind::Mako, RENDERER_NAME).await.close_all().await;
    let destination = Some(app.unique_name());
    let signal = RendererSignal::Closed { id, reason: 2 };
    assert_eq!(control.next().await, Some(ToGate::StraySignal { destination, signal }));
    assert_eq!(app.next_signal(DEADLINE).await.signal, Signal::Closed(id, 2));
    assert_eq!(other.signals_so_far().await, []);
}

#[tokio::test]
async fn the_renderer_stays_when_the_gate_leaves_the_relay() {
    let desk = Desk::new(Kind::Dunst).await;
    let mut control = desk.control().await;
    control.supervise(record_of(&desk.session, Kind::Dunst).await).await;
    let renderer = control.up().await;
    for _ in 0..3 {
        control.leave().await;
        let (again, welcome) = Control::hello(&desk.session, &unique(&desk.gate)).await;
        control = again;
        assert_eq!(welcome.renderer.as_ref(), Some(&renderer));
    }
    // Asking again for what runs changes nothing.
    control.supervise(record_of(&desk.session, Kind::Dunst).await).await;
    let (_, welcome) = Control::hello(&desk.session, ":9.9").await;
    assert_eq!(welcome.renderer, Some(renderer));
}

#[tokio::test]
async fn a_daemon_without_a_gate_owns_the_name_that_applications_call() {
    let desk = Desk::new(Kind::Dunst).await;
    desk.gate.release_name(NOTIFICATIONS).await.unwrap();
    let mut control = desk.control().await;
    control.supervise(record_of(&desk.session, Kind::Dunst).await).await;
    let renderer = control.up().await;
    assert_eq!(wait_owner(&desk.witness, NOTIFICATIONS, DEADLINE).await.as_str(), renderer.unique);
    assert_ne!(desk.app().await.notify(&Notification::new("no gate")).await, 0);
}
