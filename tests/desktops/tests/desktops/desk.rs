//! A screen with a real notification daemon on it, and the gate that comes and goes. Must not know what is tested.

use std::future::Future;
use tidegate_contract::BUS_NAME;
use tidegate_testkit::{
    Client, DEADLINE, Kind, NOTIFICATIONS, Process, Renderer, RendererControl, Session, Signal, StepClock, Sway, Xvfb,
    owner, wait_no_owner, wait_owner, wait_owner_change, within,
};
use tidegate_tests_process::{MONDAY_NINE, RENDERER_NAME, program, runs, start_daemon, wait_view};
use zbus::Connection;

/// The screen that a daemon draws on; only its end matters here.
#[expect(dead_code, reason = "kept until the desk is cleared")]
enum Screen {
    X11(Box<Xvfb>),
    Wayland(Box<Sway>),
}

/// A session with a screen, a daemon and perhaps the gate.
pub(crate) struct Desk {
    /// The daemon's own controls, at the name that apps speak to: through the gate while it stands there.
    pub(crate) control: RendererControl,
    gate: Option<Process>,
    bus: Connection,
    _own: Renderer,
    _clock: StepClock,
    _screen: Screen,
    session: Session,
}

impl Desk {
    /// The daemon alone, owning the name.
    pub(crate) async fn start(kind: Kind) -> Self {
        let session = Session::start().await;
        let screen = match kind.on_wayland() {
            true => Screen::Wayland(Box::new(Sway::start(&session).await)),
            false => Screen::X11(Box::new(Xvfb::start(&session).await)),
        };
        let clock = StepClock::listen(&session, MONDAY_NINE, "Europe/Berlin");
        let own = Renderer::start(&session, kind).await;
        let control = RendererControl::new(&session, kind, NOTIFICATIONS).await;
        let bus = session.connect().await;
        Self { control, gate: None, bus, _own: own, _clock: clock, _screen: screen, session }
    }

    /// The daemon behind the gate, showing nothing.
    pub(crate) async fn behind_the_gate(kind: Kind) -> Self {
        let mut desk = Self::start(kind).await;
        desk.take_over().await;
        desk
    }

    /// Starts the gate and waits until the daemon is behind it.
    pub(crate) async fn take_over(&mut self) {
        self.take_over_so_far().await;
        self.wait_behind().await;
    }

    /// Starts the gate; returns in the moment in which the daemon has left and is not up behind it yet.
    pub(crate) async fn take_over_so_far(&mut self) {
        let before = owner(&self.bus, NOTIFICATIONS).await.unwrap();
        self.gate = Some(start_daemon(&self.session));
        wait_owner_change(&self.bus, NOTIFICATIONS, Some(before.as_str()), DEADLINE).await;
    }

    /// Kills the daemon behind the gate; returns in the moment in which it has left the bus.
    pub(crate) async fn kill_daemon(&self) {
        let before = owner(&self.bus, RENDERER_NAME).await.unwrap();
        let program = match self.control.kind() {
            Kind::Dunst => "dunst",
            Kind::Mako => "mako",
            Kind::Swaync | Kind::XfceNotifyd | Kind::NotificationDaemon => panic!("not killed here"),
        };
        let pid = self.session.processes().into_iter().find(|pid| runs(*pid, program)).unwrap();
        self.session.run("sh", ["-c", &format!("kill -9 {pid}")]).await.ok();
        wait_no_owner(&self.bus, before.as_str(), DEADLINE).await;
    }

    async fn wait_behind(&self) {
        wait_owner(&self.bus, BUS_NAME, DEADLINE).await;
        wait_view(&self.bus, "the daemon behind the gate", |view| view.renderer.up && view.gate.in_path).await;
    }

    /// Kills the gate; the daemon owns the name in the same instant, and not nobody.
    pub(crate) async fn kill9(&mut self) {
        let before = owner(&self.bus, NOTIFICATIONS).await.unwrap();
        self.gate.take().unwrap().kill9(DEADLINE).await;
        wait_no_owner(&self.bus, BUS_NAME, DEADLINE).await;
        let after = wait_owner_change(&self.bus, NOTIFICATIONS, Some(before.as_str()), DEADLINE).await;
        assert_eq!(after, owner(&self.bus, RENDERER_NAME).await);
    }

    /// `tidegate quit`: the daemon has the name again.
    pub(crate) async fn quit(&mut self) {
        let before = owner(&self.bus, NOTIFICATIONS).await.unwrap();
        self.session.run(program("tidegate"), ["quit", "--keep"]).await.ok();
        let after = wait_owner_change(&self.bus, NOTIFICATIONS, Some(before.as_str()), DEADLINE).await;
        assert_eq!(after, owner(&self.bus, RENDERER_NAME).await);
        let status = self.gate.take().unwrap().wait(DEADLINE).await;
        assert!(status.success(), "{status}");
    }

    pub(crate) async fn is_gate_in_path(&self) -> bool {
        let gate = owner(&self.bus, NOTIFICATIONS).await;
        gate.is_some() && gate != owner(&self.bus, RENDERER_NAME).await
    }

    pub(crate) async fn app(&self) -> Client {
        Client::connect(&self.session).await
    }

    /// The next signal of the name's owner, to this app alone: mako tells everybody what it does itself.
    pub(crate) async fn next_signal(&self, app: &Client) -> Signal {
        let gate = owner(&self.bus, NOTIFICATIONS).await.unwrap().to_string();
        loop {
            let heard = app.next_signal(DEADLINE).await;
            if heard.from == gate {
                assert_eq!(heard.to, Some(app.unique_name()));
                return heard.signal;
            }
        }
    }

    pub(crate) async fn showing(&self) -> usize {
        self.control.showing().await
    }

    /// Waits until more than this many popups are shown: what came in a storm may still be on its way.
    pub(crate) async fn wait_over(&self, count: usize) {
        let shown = async { while self.showing().await <= count {} };
        within(DEADLINE, "another popup", shown).await;
    }

    /// One notification of a script.
    pub(crate) async fn send(&self, summary: &str) {
        self.session.run("notify-send", ["--print-id", summary]).await.ok();
    }

    /// Scripts that send one after another, at the same time: "sent" or "failed" for each call.
    pub(crate) fn storm(&self, scripts: usize, each: usize) -> impl Future<Output = Vec<String>> + use<> {
        let line = format!("for i in $(seq {each}); do notify-send \"storm $i\" && echo sent || echo failed; done");
        let mut running: Vec<_> = (0..scripts)
            .map(|_| {
                let mut script = self.session.command("sh");
                script.args(["-c", &line]);
                self.session.spawn_piped(script)
            })
            .collect();
        async move {
            let mut sent = Vec::new();
            for script in &mut running {
                while let Some(line) = script.try_line(DEADLINE).await {
                    sent.push(line);
                }
            }
            sent
        }
    }

    /// `dunstctl` or `makoctl` as the user runs it.
    pub(crate) async fn own_tool_works(&self) {
        let ran = match self.control.kind() {
            Kind::Dunst => self.session.run("dunstctl", ["count", "displayed"]).await,
            Kind::Mako => self.session.run("makoctl", ["list"]).await,
            Kind::Swaync | Kind::XfceNotifyd | Kind::NotificationDaemon => panic!("no tool of its own"),
        };
        assert!(!ran.ok().is_empty());
    }
}
