//! Whatever is written, rolled back, tidied and reopened, the store agrees with a list that is searched from end to end; and
//! so does the store in memory, until it is reopened, but for the texts that they let go of.

use crate::history::{past_block, past_period, stored};
use crate::naive::Naive;
use crate::rows::{Home, app, at, closed, content, held, range, raw, sender};
use chrono::Duration;
use proptest::prelude::*;
use tidegate_domain::ports::{Archive, Journal};
use tidegate_domain::{
    Absence, App, CheckInBy, Content, Deferral, Delivery, EndedBy, FIRST_ID, Found, Given, Held, HeldRange,
    Interruption, LaterMark, MemoryStore, NoticeId, Origin, Outcome, Period, Query, Remark, RendererId, Saved, Sender,
    Seq, Standing, State, Then, Why, Write,
};

/// Bytes of messages that are kept: those of a few rows.
const MOST_BYTES: usize = 50;

const STATES: [State; 7] =
    [State::Held, State::Passed, State::Withdrawn, State::Muted, State::Expired, State::Released, State::Done];

const ENDS: [EndedBy; 5] = [EndedBy::Itself, EndedBy::Hand, EndedBy::Toggle, EndedBy::Break, EndedBy::Unknown];

const REASONS: [CheckInBy; 5] =
    [CheckInBy::Plan, CheckInBy::BlockEnd, CheckInBy::Pause, CheckInBy::Wait, CheckInBy::Hand];

/// What varies between rows, as small numbers, so that they meet often.
#[derive(Debug, Clone)]
struct Shape {
    id: u32,
    state: usize,
    app: u8,
    sender: u32,
    delivery: u8,
    number: u32,
    tag: Option<u8>,
    due: Option<i64>,
    transient: bool,
    feedback: bool,
    own: bool,
    closed: bool,
    text: u8,
}

#[derive(Debug, Clone)]
enum Step {
    Insert(Shape, bool),
    Revise(prop::sample::Index, Shape),
    Update(prop::sample::Index, Shape),
    DropOldestText(u8),
    ShiftDue(i64),
    NextPeriod(u8),
    BlockEnded(i64, u8),
    LeftOut(i64, i64),
    Absent(i64),
    Commit { durable: bool },
    RollBack,
    Reopen,
    Reload,
    Tidy,
}

fn shape() -> impl Strategy<Value = Shape> {
    let place = (0..6_u32, prop_oneof![3 => Just(0_usize), 2 => 0..STATES.len()], 0..3_u8, 0..3_u32, 0..5_u8, 0..3_u32);
    let claims =
        (proptest::option::of(0..2_u8), proptest::option::of(0..8_i64), any::<bool>(), prop::bool::weighted(0.1));
    let rest = (prop::bool::weighted(0.1), prop::bool::weighted(0.3), any::<u8>());
    (place, claims, rest).prop_map(
        |((id, state, app, sender, delivery, number), (tag, due, transient, feedback), rest)| {
            let (own, closed, text) = rest;
            Shape { id, state, app, sender, delivery, number, tag, due, transient, feedback, own, closed, text }
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (shape(), any::<bool>()).prop_map(|(shape, with_raw)| Step::Insert(shape, with_raw)),
        5 => (any::<prop::sample::Index>(), shape()).prop_map(|(row, shape)| Step::Revise(row, shape)),
        8 => (any::<prop::sample::Index>(), shape()).prop_map(|(row, shape)| Step::Update(row, shape)),
        2 => (0..2_u8).prop_map(Step::DropOldestText),
        1 => (-3..3_i64).prop_map(Step::ShiftDue),
        1 => (0..5_u8).prop_map(Step::NextPeriod),
        1 => (0..4_i64, 0..5_u8).prop_map(|(began, by)| Step::BlockEnded(began, by)),
        1 => (0..4_i64, 0..9_i64).prop_map(|(began, millis)| Step::LeftOut(began, millis)),
        1 => (0..9_i64).prop_map(Step::Absent),
        6 => any::<bool>().prop_map(|durable| Step::Commit { durable }),
        2 => Just(Step::RollBack),
        1 => Just(Step::Reopen),
        1 => Just(Step::Reload),
        1 => Just(Step::Tidy),
    ]
}

/// A row as the domain would write it: held ones are open and not settled.
fn row(seq: i64, period: u64, came_in: u64, shape: &Shape) -> Interruption {
    let state = STATES[shape.state];
    let own = shape.own && state != State::Held;
    let is_noted = shape.app == 2 && state != State::Passed && !own;
    let origin = match (own, is_noted) {
        (true, _) => Origin::OurOwn,
        (false, true) => Origin::Note,
        (false, false) => Origin::App,
    };
    let row = Interruption {
        standing: standing(shape, state, period),
        why: if is_noted { Why::Noted } else { Why::Block },
        id: NoticeId(if shape.id < 4 { FIRST_ID + shape.id } else { u32::MAX - shape.id }),
        period: came_in,
        sender: if is_noted { Sender::nobody() } else { sender(shape.sender) },
        app: match shape.app {
            _ if is_noted => App::noted_by_hand(),
            0 => app("chat"),
            _ => app("mail"),
        },
        content: Content { transient: shape.transient && !is_noted, ..words(shape, state) },
        delivery: delivery(shape),
        origin,
        ..held(seq)
    };
    if shape.closed && state != State::Held { closed(row) } else { row }
}

fn standing(shape: &Shape, state: State, period: u64) -> Standing {
    let due = shape.due.map(at);
    let deferred = (shape.number > 0)
        .then(|| Deferral { mark: LaterMark(shape.number.into()), until: due.filter(|_| shape.number > 1) });
    match state {
        State::Held => Standing::Held(Held { expires: due, deferred }),
        State::Done => Standing::Settled { outcome: Outcome::Done { undo_until: due }, period },
        State::Passed | State::Withdrawn | State::Muted | State::Expired | State::Released => {
            Standing::of(state, period)
        }
    }
}

fn words(shape: &Shape, state: State) -> Content {
    Content {
        feedback: shape.feedback && state != State::Held,
        stack_tag: shape.tag.map(|tag| format!("tag {tag}")),
        inline_reply: shape.text.is_multiple_of(2).then(|| "Answer".to_owned()),
        remarks: shape.text.is_multiple_of(3).then_some(Remark::ImageInvalid).into_iter().collect(),
        ..content(&format!("text {}", shape.text))
    }
}

fn delivery(shape: &Shape) -> Delivery {
    let peer = format!(":1.{}", shape.delivery).into();
    match shape.delivery {
        0 => Delivery::None,
        1 | 2 => Delivery::Sending { gate: peer, serial: shape.number, then: Then::Close, late: shape.number % 2 == 1 },
        _ => Delivery::Shown { by: peer, id: RendererId(shape.number) },
    }
}

/// Both stores, and the transaction that is open on them.
struct Pair {
    home: Home,
    naive: Naive,
    memory: Option<MemoryStore>,
    committed: Naive,
    open: bool,
    last_seq: i64,
    period: u64,
    /// Nothing was written since the words of all rows were looked at.
    all_is_tidied: bool,
}

impl Pair {
    fn new() -> Self {
        let home = Home::with_limit(MOST_BYTES as u64);
        Self {
            home,
            naive: Naive::new(MOST_BYTES),
            memory: Some(MemoryStore::new()),
            committed: Naive::new(MOST_BYTES),
            open: false,
            last_seq: 0,
            period: 1,
            all_is_tidied: false,
        }
    }

    fn take(mut self, step: Step) -> Self {
        match step {
            Step::Insert(shape, with_raw) => {
                self.last_seq += 1;
                let row = Box::new(row(self.last_seq, self.period, self.period, &shape));
                self.write(&Write::Insert { row, raw: with_raw.then(|| raw(&[shape.text; 9])) });
            }
            Step::Revise(which, shape) => self.change(&which, &shape, |row, shape| Write::Revise {
                row,
                raw: raw(&[shape.text; 7]),
                at: at(i64::from(shape.text)),
            }),
            Step::Update(which, shape) => self.update(&which, &shape),
            Step::DropOldestText(0) => self.write(&Write::DropOldestText { app: "chat".into() }),
            Step::DropOldestText(_) => self.write(&Write::DropOldestText { app: "mail".into() }),
            Step::ShiftDue(by) => self.write(&Write::ShiftDue(Duration::milliseconds(by))),
            Step::NextPeriod(by) => self.next_period(by),
            Step::BlockEnded(began, by) => {
                self.write(&Write::BlockEnded(Box::new(past_block(began, ENDS[usize::from(by)]))));
            }
            Step::LeftOut(began, millis) => {
                self.write(&Write::LeftOut { of_block: at(began), length: Duration::milliseconds(millis) });
            }
            Step::Absent(since) => self.write(&Write::Absent(Absence { since: at(since), until: at(since * 2) })),
            Step::Commit { durable } => self.commit(durable),
            Step::RollBack => self.roll_back(),
            Step::Reopen => return self.reopen(),
            Step::Reload => self.reload(),
            Step::Tidy => self.tidy(),
        }
        self
    }

    fn write(&mut self, write: &Write) {
        self.all_is_tidied = false;
        if !self.open {
            self.begin(false);
        }
        self.each(|store| store.apply(write).unwrap());
        self.naive.apply(write);
    }

    fn next_period(&mut self, by: u8) {
        let past = past_period(self.period, REASONS[usize::from(by)]);
        self.period += 1;
        self.write(&Write::PeriodEnded(Box::new(past)));
        self.write(&Write::Save(Box::new(saved(self.period))));
    }

    fn change(
        &mut self,
        which: &prop::sample::Index,
        shape: &Shape,
        write: impl Fn(Box<Interruption>, &Shape) -> Write,
    ) {
        let rows = self.naive.all();
        if rows.is_empty() {
            return;
        }
        let before = which.get(&rows);
        let changed = row(before.seq.0, self.period, before.period, shape);
        self.write(&write(Box::new(changed), shape));
    }

    /// Only an edit changes whose it is and whether it counts.
    fn update(&mut self, which: &prop::sample::Index, shape: &Shape) {
        let rows = self.naive.all();
        if rows.is_empty() {
            return;
        }
        let before = which.get(&rows);
        let mut changed = row(before.seq.0, self.period, before.period, shape);
        (changed.app, changed.why, changed.origin) = (before.app.clone(), before.why.clone(), before.origin);
        changed.sender = before.sender.clone();
        changed.content.feedback = before.content.feedback;
        changed.content.transient &= !before.is_noted();
        if changed.is_held() && !changed.is_counted() {
            return;
        }
        self.write(&Write::Update(Box::new(changed)));
    }

    fn commit(&mut self, durable: bool) {
        if self.open {
            self.each(|store| store.commit().unwrap());
        }
        self.committed = self.naive.clone();
        self.begin(durable);
    }

    fn begin(&mut self, durable: bool) {
        self.each(|store| store.begin(durable).unwrap());
        self.open = true;
    }

    /// Does it to the store and to that in memory.
    fn each(&mut self, mut deed: impl FnMut(&mut dyn Journal)) {
        deed(&mut self.home.store);
        self.memory.iter_mut().for_each(|memory| deed(memory));
    }

    fn roll_back(&mut self) {
        self.all_is_tidied = false;
        self.each(|store| store.roll_back());
        self.naive = self.committed.clone();
        self.open = false;
        let rows = self.naive.all();
        self.last_seq = rows.last().map_or(0, |row| row.seq.0);
        self.period = self.naive.loaded().saved.map_or(1, |saved| saved.period.number);
    }

    fn reload(&mut self) {
        self.roll_back();
        assert_eq!(self.home.store.load().unwrap(), self.naive.loaded());
    }

    fn reopen(mut self) -> Self {
        self.roll_back();
        self.naive.restart();
        self.memory = None;
        self.committed = self.naive.clone();
        let mut home = self.home.reopen();
        assert_eq!(home.store.load().unwrap(), self.naive.loaded());
        Self { home, ..self }
    }

    fn tidy(&mut self) {
        while self.home.store.tidy().unwrap() {}
        if !self.open {
            self.all_is_tidied = true;
            self.naive.tidy();
            self.committed = self.naive.clone();
        }
    }

    fn check_memory(&mut self) {
        let Some(memory) = &mut self.memory else { return };
        assert_eq!(memory.history(), self.naive.history());
        for need in needs() {
            let (rows, expected) = (memory.rows(&need).unwrap(), self.naive.rows(&need));
            assert_eq!(rows.next_due, expected.next_due, "{need:?}");
            let bare = |found: Found| found.rows.into_iter().map(bare).collect::<Vec<_>>();
            assert_eq!(bare(rows), bare(expected), "{need:?}");
        }
        let held = |rows: Vec<Interruption>| rows.into_iter().map(bare).collect::<Vec<_>>();
        assert_eq!(held(memory.held(Seq(1), 500).unwrap()), held(self.naive.held(Seq(1), 500)));
    }

    fn check(&mut self) {
        self.check_memory();
        assert_eq!(stored(&self.home.path()), *self.committed.history());
        for need in needs() {
            assert_eq!(self.home.store.rows(&need).unwrap(), self.naive.rows(&need), "{need:?}");
        }
        for seq in (1..=self.last_seq).map(Seq) {
            assert_eq!(self.home.store.raw(seq).unwrap(), self.naive.raw(seq), "{seq:?}");
        }
        for id in ids() {
            assert_eq!(self.home.store.detail(id).unwrap(), self.naive.detail(id), "{id:?}");
        }
        assert_eq!(self.home.store.held(Seq(1), 500).unwrap(), self.naive.held(Seq(1), 500));
        for mark in [0, 1, 3].map(LaterMark) {
            let held = self.home.store.held_by_conversation(mark).unwrap();
            assert_eq!(held, self.naive.held_by_conversation(mark), "{mark:?}");
        }
        if self.all_is_tidied {
            for word in ["number", "text", "1", "chat", "mail", "noth", "9"] {
                let (words, before) = ([word.to_owned()], Seq(i64::MAX));
                let found = self.home.store.search(&words, before, 500).unwrap();
                assert_eq!(found, self.naive.search(word), "search for {word}");
            }
        }
    }
}

/// A row without its texts: which of them are kept is another matter.
fn bare(row: Interruption) -> Interruption {
    let words = Content { summary: String::new(), body: String::new(), actions: Vec::new(), ..row.content };
    Interruption { content: Content { inline_reply: None, remarks: Vec::new(), ..words }, ..row }
}

fn saved(period: u64) -> Saved {
    let number = u32::try_from(period).unwrap();
    Saved {
        reserved_ids: FIRST_ID + number,
        period: Period { number: period, since: at(0), carried: number },
        later_than: LaterMark(period % 3),
        handed_over_upto: Seq(3 * i64::from(number)),
        ..crate::rows::saved(period, 0)
    }
}

fn ids() -> impl Iterator<Item = NoticeId> {
    (0..4).map(|id| NoticeId(FIRST_ID + id)).chain((4..6).map(|id| NoticeId(u32::MAX - id)))
}

fn needs() -> Vec<Query> {
    let mut needs = vec![
        Query::Ids(ids().collect()),
        Query::Seqs((0..60).map(Seq).collect()),
        Query::NextHeld(range(2, i64::MAX)),
        Query::HeldPage(range(0, i64::MAX)),
        Query::HeldPage(range(3, 9)),
        Query::HeldPage(HeldRange { later_than: LaterMark(1), ..range(0, i64::MAX) }),
        Query::HeldPage(HeldRange { app: Some("chat".into()), ..range(0, i64::MAX) }),
        Query::NextHeld(HeldRange { app: Some("mail".into()), later_than: LaterMark(2), ..range(1, i64::MAX) }),
        Query::LaterPage { after: Seq(0), upto: Seq(i64::MAX), mark: LaterMark(1) },
        Query::Due(at(-1_000)),
        Query::Due(at(4)),
        Query::Due(at(1_000)),
        Query::Snoozed(at(4)),
        Query::Snoozed(at(1_000)),
    ];
    needs.extend(ids().map(Query::Id));
    needs.extend((0..8).map(|due| Query::DonePage { after: Seq(1), upto: Seq(i64::MAX), due: at(due) }));
    for (app, tag) in [("chat", 0), ("chat", 1), ("mail", 0), ("mail", 1)] {
        needs.push(Query::StackTag { app: app.into(), tag: format!("tag {tag}") });
    }
    for peer in (1..5).map(|peer| std::sync::Arc::<str>::from(format!(":1.{peer}"))) {
        let given = |ids: &[u32]| Given { by: peer.clone(), ids: ids.iter().copied().map(RendererId).collect() };
        needs.push(Query::Unanswered { gate: peer.clone() });
        needs.push(Query::ShownByOthers { by: peer.clone() });
        needs.push(Query::ShownAs(given(&[0, 2])));
        needs.extend((0..3).map(|serial| Query::Sending { gate: peer.clone(), serial }));
        needs.extend((0..3).map(|id| Query::ShownAs(given(&[id]))));
    }
    needs
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_store_agrees_with_a_list(steps in proptest::collection::vec(step(), 1..60)) {
        let mut pair = Pair::new();
        for step in steps {
            pair = pair.take(step);
            pair.check();
        }
        pair.reopen().check();
    }
}
