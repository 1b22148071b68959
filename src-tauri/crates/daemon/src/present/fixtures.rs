//! A model in memory for tests: fed with real events, its rows kept in a plain list. Test code only.

use chrono::{DateTime, Duration, Utc};
use std::sync::Arc;
use tidegate_contract::{
    BlockLength, BlockView, ClosedBecause, DeepWorkView, EndsWhen, GateView, LedgerView, Message, RendererView, View,
};
use tidegate_domain::{
    App, Arrival, CallId, Command, Content, Effect, Event, Found, Interruption, Loaded, Lookups, Model, Now, Proof,
    Raw, Sender, Settings, Write, Zone,
};
use tidegate_words::{Catalogue, Clock};

/// The zone that the tests' times are in.
pub(crate) fn berlin() -> Zone {
    tidegate_platform::zone::named("Europe/Berlin").unwrap()
}

/// What a message says in English on the world's clock.
pub(crate) fn words(message: &Message) -> String {
    let clock = Clock { zone: berlin(), now: World::new().now.utc.timestamp_millis() };
    Catalogue::new(&clock).format(message)
}

pub(crate) struct World {
    pub(crate) model: Model,
    pub(crate) rows: Vec<Interruption>,
    pub(crate) now: Now,
}

impl World {
    /// Monday, 23 November 2026, 9:58 in Berlin; the gate stands in the path, a renderer runs.
    pub(crate) fn new() -> Self {
        let utc: DateTime<Utc> = "2026-11-23T08:58:00Z".parse().unwrap();
        let now = Now { utc, boot: Duration::hours(1) };
        let model = Model::restore(Loaded::default(), Settings::default(), berlin(), ":1.1".into(), now);
        let mut world = Self { model, rows: Vec::new(), now };
        world.send(Event::InPath(true));
        world.send(Event::RendererUp(":1.2".into()));
        world
    }

    pub(crate) fn send(&mut self, event: Event) {
        self.send_with(event, Vec::new());
    }

    pub(crate) fn send_with(&mut self, event: Event, rows: Vec<Interruption>) {
        let answer = |query| (query, Found { rows: rows.clone(), next_due: None });
        let lookups = Lookups(self.model.queries(&event, self.now).into_iter().map(answer).collect());
        let effects = self.model.handle(event, lookups, self.now);
        for effect in effects {
            if let Effect::Store(write) = effect {
                self.write(write);
            }
        }
    }

    fn write(&mut self, write: Write) {
        match write {
            Write::Insert { row, .. } => self.rows.push(*row),
            Write::Update(row) | Write::Revise { row, .. } => {
                self.rows.retain(|known| known.seq != row.seq);
                self.rows.push(*row);
            }
            Write::DropOldestText { .. }
            | Write::ShiftDue(_)
            | Write::Save(_)
            | Write::BlockEnded(_)
            | Write::LeftOut { .. }
            | Write::PeriodEnded(_)
            | Write::Absent(_) => {}
        }
    }

    pub(crate) fn command(&mut self, command: Command, rows: Vec<Interruption>) {
        self.send_with(Event::Command { request: None, command }, rows);
    }

    /// One arrives; the row that it became.
    pub(crate) fn notify(&mut self, app: App, content: Content) -> Interruption {
        let raw = Raw { body: Arc::new([]), big_endian: false };
        let arrival = Arrival {
            call: CallId(1),
            sender: sender(&app.name),
            app,
            replaces: 0,
            content,
            raw,
            whole: None,
            own: false,
        };
        self.send(Event::Arrived(Box::new(arrival)));
        self.rows.last().unwrap().clone()
    }
}

pub(crate) fn app(name: &str, executable: &str) -> App {
    App {
        id: name.to_lowercase().into(),
        name: name.into(),
        proof: Proof::Executable,
        desktop_entry: Some(format!("{}.desktop-id", name.to_lowercase()).into()),
        executable: Some(executable.into()),
    }
}

pub(crate) fn sender(app: &str) -> Sender {
    Sender { bus: "b".into(), name: format!(":1.{}", app.len() + 10).into(), pid: 7, started: 7 }
}

pub(crate) fn content(summary: &str, body: &str) -> Content {
    Content { summary: summary.into(), body: body.into(), ..Content::default() }
}

/// Monday, 23 November 2026, 9:58 in Berlin; the gate open, nothing held.
pub(crate) fn quiet_view() -> View {
    View {
        revision: 1,
        now: 1_795_424_280_000,
        zone: "Europe/Berlin".into(),
        gate: GateView { closed: false, because: None, in_path: true },
        block: None,
        next_check_in: Some(1_795_429_800_000),
        check_ins_today: vec![1_795_429_800_000, 1_795_438_800_000, 1_795_447_800_000],
        blocks_today: Vec::new(),
        on_break: None,
        ended: None,
        time_away: None,
        usual_length: BlockLength::Minutes { minutes: 50 },
        intentions: Vec::new(),
        deep_work: DeepWorkView::default(),
        checking_in: false,
        worked_off: false,
        handed_over: None,
        where_were_you: None,
        later: 0,
        to_be_released: 0,
        withdrawn: 0,
        noted: Vec::new(),
        ready: false,
        held: 0,
        held_apps: 0,
        held_revision: 0,
        period: 1,
        ledger: LedgerView { balanced: true, ..LedgerView::default() },
        let_through: Vec::new(),
        undoable: None,
        renderer: RendererView { name: Some("dunst 1.9.0".into()), up: true },
        troubles: Vec::new(),
    }
}

/// The same, in a block until 10:48, 12 held from 4 apps.
pub(crate) fn block_view() -> View {
    let now = quiet_view().now;
    View {
        gate: GateView { closed: true, because: Some(ClosedBecause::Block), in_path: true },
        block: Some(BlockView {
            intention: Some("Invoices for October".into()),
            started: now,
            ends: EndsWhen::At { at: now + 50 * 60_000 },
            left_out: 0,
        }),
        held: 12,
        held_apps: 4,
        ..quiet_view()
    }
}
