//! Rows to store, and a store in a folder of its own. Must not assert anything.

use chrono::{DateTime, Duration, Utc};
use std::path::PathBuf;
use tempfile::TempDir;
use tidegate_domain::ports::{Archive, Journal};
use tidegate_domain::{
    Action, App, ClosedReason, Closing, Content, Deferral, Delivery, FIRST_ID, Held, HeldRange, Interruption,
    LaterMark, NoticeId, Origin, Outcome, Period, Proof, Query, Raw, Remark, RendererId, Return, Saved, Sender, Seq,
    Standing, State, Then, Timeout, Urgency, Why, Write,
};
use tidegate_store::{Limit, SqliteStore};

/// A store and the folder that goes with it.
pub(crate) struct Home {
    pub(crate) store: SqliteStore,
    /// How many bytes of messages it keeps.
    pub(crate) limit: Limit,
    folder: TempDir,
}

impl Home {
    /// A new store, loaded.
    pub(crate) fn new() -> Self {
        Self::with_limit(u64::MAX)
    }

    /// One that keeps no more bytes of messages than that.
    pub(crate) fn with_limit(bytes: u64) -> Self {
        Self::open(tempfile::tempdir().unwrap(), Limit::new(bytes))
    }

    fn open(folder: TempDir, limit: Limit) -> Self {
        let mut store = SqliteStore::new(database(&folder)).with_limit(limit.clone());
        store.load().unwrap();
        Self { store, limit, folder }
    }

    pub(crate) fn path(&self) -> PathBuf {
        database(&self.folder)
    }

    /// The daemon ends and starts anew.
    pub(crate) fn reopen(self) -> Self {
        let Self { store, limit, folder } = self;
        drop(store);
        Self::open(folder, limit)
    }

    /// One transaction.
    pub(crate) fn write(&mut self, writes: impl IntoIterator<Item = Write>) {
        write(&mut self.store, writes);
    }

    pub(crate) fn rows(&mut self, need: Query) -> Vec<Interruption> {
        self.store.rows(&need).unwrap().rows
    }

    /// The keys of the rows of a need.
    pub(crate) fn seqs(&mut self, need: Query) -> Vec<i64> {
        self.rows(need).iter().map(|row| row.seq.0).collect()
    }

    pub(crate) fn row(&mut self, seq: i64) -> Interruption {
        self.rows(Query::Seqs(vec![Seq(seq)])).remove(0)
    }
}

fn database(folder: &TempDir) -> PathBuf {
    folder.path().join("tidegate/tidegate.db")
}

pub(crate) fn write(store: &mut SqliteStore, writes: impl IntoIterator<Item = Write>) {
    store.begin(true).unwrap();
    for write in writes {
        store.apply(&write).unwrap();
    }
    store.commit().unwrap();
}

pub(crate) fn at(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
}

pub(crate) fn sender(number: u32) -> Sender {
    Sender {
        bus: "0123456789abcdef".into(),
        name: format!(":1.{number}").into(),
        pid: 1_000 + number,
        started: u64::MAX - u64::from(number),
    }
}

pub(crate) fn app(name: &str) -> App {
    App {
        id: name.into(),
        name: name.to_uppercase().into(),
        proof: Proof::Executable,
        desktop_entry: None,
        executable: Some("/usr/bin/x".into()),
    }
}

pub(crate) fn content(summary: &str) -> Content {
    Content {
        summary: summary.into(),
        body: format!("body of {summary}"),
        actions: vec![Action { key: "default".into(), label: "Open".into() }],
        ..Content::default()
    }
}

/// A held row of the app "chat".
pub(crate) fn held(seq: i64) -> Interruption {
    Interruption {
        seq: Seq(seq),
        id: NoticeId(FIRST_ID + u32::try_from(seq).unwrap()),
        arrived: at(seq),
        period: 1,
        sender: sender(1),
        gate: ":1.7".into(),
        app: app("chat"),
        content: content(&format!("number {seq}")),
        standing: Standing::held(),
        why: Why::Block,
        delivery: Delivery::None,
        closed: None,
        revisions: 0,
        acted: None,
        came_back: None,
        origin: Origin::App,
    }
}

/// A row that left *held*, or never was, in the first period.
pub(crate) fn settled(seq: i64, state: State) -> Interruption {
    settled_in(1, state, held(seq))
}

/// The same row, which left *held*, or never was, in a period.
pub(crate) fn settled_in(period: u64, state: State, row: Interruption) -> Interruption {
    Interruption { standing: Standing::of(state, period), ..row }
}

/// A held or done row whose time runs out then.
pub(crate) fn due(row: Interruption, millis: i64) -> Interruption {
    due_at(row, at(millis))
}

pub(crate) fn due_at(row: Interruption, at: DateTime<Utc>) -> Interruption {
    let standing = match row.standing {
        Standing::Held(held) => Standing::Held(Held { expires: Some(at), ..held }),
        Standing::Settled { period, .. } => {
            Standing::Settled { outcome: Outcome::Done { undo_until: Some(at) }, period }
        }
    };
    Interruption { standing, ..row }
}

fn deferred(row: Interruption, mark: u64, until: Option<i64>) -> Interruption {
    let deferred = Some(Deferral { mark: LaterMark(mark), until: until.map(at) });
    Interruption { standing: Standing::Held(Held { expires: row.due(), deferred }), ..row }
}

pub(crate) fn shown(seq: i64, by: &str, id: u32) -> Interruption {
    Interruption { delivery: Delivery::Shown { by: by.into(), id: RendererId(id) }, ..settled(seq, State::Released) }
}

pub(crate) fn sending(seq: i64, gate: &str, serial: u32) -> Interruption {
    Interruption {
        delivery: Delivery::Sending { gate: gate.into(), serial, then: Then::Nothing, late: false },
        ..held(seq)
    }
}

pub(crate) fn closed(row: Interruption) -> Interruption {
    Interruption { closed: Some(Closing { reason: ClosedReason::Dismissed, at: at(9_000) }), ..row }
}

/// A held row with every field that can be set.
pub(crate) fn full(seq: i64) -> Interruption {
    let content = Content {
        summary: "Ünïcode \u{1f30a} \0 nul".into(),
        body: "<b>b</b> & 'quotes' \"double\"".into(),
        actions: vec![
            Action { key: "app.open::\"r\\".into(), label: "Öffnen".into() },
            Action { key: "0".into(), label: String::new() },
        ],
        urgency: Urgency::Critical,
        timeout: Timeout::After(Duration::milliseconds(1_234)),
        transient: false,
        resident: true,
        feedback: false,
        stack_tag: Some("volume".into()),
        category: Some("im.received".into()),
        inline_reply: Some("Answer…".into()),
        remarks: vec![
            Remark::ImageTooLarge(u64::MAX),
            Remark::ImageInvalid,
            Remark::BodyTooLong(70_000),
            Remark::RendererRefused("no \"room\"".into()),
            Remark::MayHaveBeenShown,
            Remark::RendererRestarted,
        ],
    };
    Interruption {
        period: u64::MAX,
        why: Why::Inhibited("Zoom".into()),
        came_back: Some(Return::RendererGone),
        acted: Some(at(50_000)),
        revisions: 3,
        delivery: Delivery::Sending { gate: ":1.9".into(), serial: u32::MAX, then: Then::Resend, late: true },
        app: App { desktop_entry: Some("org.x.desktop".into()), proof: Proof::Flatpak, ..app("org.x") },
        content,
        ..deferred(due(held(seq), 60_000), u64::MAX, Some(70_000))
    }
}

/// A held range over all apps.
pub(crate) fn range(after: i64, upto: i64) -> HeldRange {
    HeldRange { after: Seq(after), upto: Seq(upto), app: None, later_than: LaterMark(0) }
}

/// A held row that the command with this mark put off.
pub(crate) fn put_off(seq: i64, mark: u64) -> Interruption {
    deferred(held(seq), mark, None)
}

/// The same, to come back at this instant.
pub(crate) fn snoozed(seq: i64, until: i64) -> Interruption {
    deferred(held(seq), 1, Some(until))
}

/// One that was noted by hand and is held.
pub(crate) fn noted(seq: i64) -> Interruption {
    let content = Content { summary: format!("note {seq}"), ..Content::default() };
    let (app, sender, origin) = (App::noted_by_hand(), Sender::nobody(), Origin::Note);
    Interruption { app, sender, origin, why: Why::Noted, content, ..held(seq) }
}

pub(crate) fn raw(bytes: &[u8]) -> Raw {
    Raw { body: bytes.into(), big_endian: bytes.first().is_some_and(|byte| byte % 2 == 1) }
}

pub(crate) fn insert(row: Interruption) -> Write {
    let bytes = row.seq.0.to_le_bytes();
    Write::Insert { row: Box::new(row), raw: Some(raw(&bytes)) }
}

pub(crate) fn update(row: Interruption) -> Write {
    Write::Update(Box::new(row))
}

pub(crate) fn revise(row: Interruption, bytes: &[u8], millis: i64) -> Write {
    Write::Revise { row: Box::new(row), raw: raw(bytes), at: at(millis) }
}

pub(crate) fn saved(period: u64, carried: u32) -> Saved {
    Saved {
        reserved_ids: FIRST_ID + 4_096,
        period: Period { number: period, since: at(0), carried },
        ..Saved::new(at(0))
    }
}

pub(crate) fn save(saved: Saved) -> Write {
    Write::Save(Box::new(saved))
}
