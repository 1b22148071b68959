//! Writes the fixture of the current schema: a small database with a bit of everything, as a clean quit leaves it. Made
//! once per released schema, then committed and never written again:
//! `cargo run -p tidegate-store --example fixture -- tests/fixtures/store-v3.db`.

use chrono::{DateTime, Duration, Utc};
use std::error::Error;
use std::path::PathBuf;
use tidegate_domain::ports::Journal;
use tidegate_domain::{
    Absence, Action, App, Block, BlockEnd, BlockLength, CheckInBy, ClosedReason, Closing, Content, Deferral, Delivery,
    EndedBy, Exceptions, FIRST_ID, HandedOver, Held, Interruption, LaterMark, Ledger, NoticeId, OnDay, Origin, Outcome,
    PastBlock, PastPeriod, Period, Proof, Raw, Remark, RendererId, Return, Saved, Sender, Seq, Standing, State, Then,
    TimeAway, Timeout, Urgency, Why, Write,
};
use tidegate_store::{SCHEMA_VERSION, SqliteStore};

fn main() -> Result<(), Box<dyn Error>> {
    let target = PathBuf::from(std::env::args_os().nth(1).ok_or("name the file to write")?);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tidegate.db");
    let mut store = SqliteStore::new(path.clone());
    store.load()?;
    store.begin(true)?;
    for write in writes() {
        store.apply(&write)?;
    }
    store.commit()?;
    drop(store);
    std::fs::copy(path, &target)?;
    println!("schema {SCHEMA_VERSION}: {}", target.display());
    Ok(())
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::seconds(1_795_000_000 + seconds)
}

fn on_day(minutes: i64) -> OnDay {
    OnDay { day: at(-3_600).date_naive(), length: Duration::minutes(minutes) }
}

fn writes() -> Vec<Write> {
    let states = [State::Passed, State::Withdrawn, State::Muted, State::Expired, State::Released, State::Done];
    let mut writes = vec![
        save(),
        insert(rich(1)),
        insert(row(2, State::Held)),
        insert(transient(3)),
        insert(under_way(4)),
        insert(on_screen(5)),
    ];
    writes.extend(states.into_iter().zip(6..).map(|(state, seq)| insert(row(seq, state))));
    let edited = Interruption { revisions: 1, content: content("the text after the edit"), ..row(2, State::Held) };
    let raw = Raw { body: b"edited".as_slice().into(), big_endian: true };
    writes.extend([
        insert(came_back(14)),
        insert(put_off(12)),
        insert(snoozed(15)),
        Write::Insert { row: Box::new(noted(13)), raw: None },
    ]);
    writes.extend(history());
    writes.push(Write::Revise { row: Box::new(edited), raw, at: at(60) });
    writes
}

fn insert(row: Interruption) -> Write {
    let raw = Raw { body: b"the message as it came".as_slice().into(), big_endian: false };
    Write::Insert { row: Box::new(row), raw: Some(raw) }
}

fn content(summary: &str) -> Content {
    Content { summary: summary.to_owned(), body: "<b>Hello</b> & good-bye".to_owned(), ..Content::default() }
}

fn row(seq: u32, state: State) -> Interruption {
    let closed = matches!(state, State::Withdrawn | State::Muted | State::Expired);
    Interruption {
        seq: Seq(i64::from(seq)),
        id: NoticeId(FIRST_ID + seq),
        arrived: at(i64::from(seq)),
        period: 3,
        sender: Sender { bus: "5ca1ab1e".into(), name: ":1.57".into(), pid: 4_321, started: 987_654 },
        gate: ":1.12".into(),
        app: App {
            id: "org.example.Chat".into(),
            name: "Chat".into(),
            proof: Proof::Unit,
            desktop_entry: Some("org.example.Chat".into()),
            executable: Some("/usr/bin/chat".into()),
        },
        content: content("a message"),
        standing: standing(state),
        why: if state == State::Held { Why::Block } else { Why::SafeList("power".to_owned()) },
        delivery: Delivery::None,
        closed: closed.then(|| Closing { reason: ClosedReason::ByCall, at: at(90) }),
        revisions: 0,
        acted: None,
        came_back: None,
        origin: Origin::App,
    }
}

/// One with everything that a content can have.
fn rich(seq: u32) -> Interruption {
    let content = Content {
        actions: vec![Action { key: "default".to_owned(), label: "Open".to_owned() }],
        urgency: Urgency::Critical,
        timeout: Timeout::After(Duration::seconds(5)),
        resident: true,
        stack_tag: Some("volume".to_owned()),
        category: Some("im.received".to_owned()),
        inline_reply: Some("Answer".to_owned()),
        remarks: vec![
            Remark::ImageTooLarge(70_000_000),
            Remark::ImageInvalid,
            Remark::BodyTooLong(100_000),
            Remark::RendererRefused("no room".to_owned()),
            Remark::MayHaveBeenShown,
            Remark::RendererRestarted,
        ],
        ..content("a rich one")
    };
    let why = Why::Inhibited("Call".to_owned());
    Interruption { content, why, acted: Some(at(30)), ..row(seq, State::Held) }
}

fn transient(seq: u32) -> Interruption {
    let content = Content { transient: true, timeout: Timeout::Never, ..content("never on disk") };
    Interruption { content, ..row(seq, State::Held) }
}

fn under_way(seq: u32) -> Interruption {
    let delivery = Delivery::Sending { gate: ":1.12".into(), serial: 1 << 31, then: Then::Resend, late: false };
    Interruption { delivery, ..row(seq, State::Held) }
}

fn on_screen(seq: u32) -> Interruption {
    let delivery = Delivery::Shown { by: ":1.9".into(), id: RendererId(6) };
    Interruption { delivery, ..row(seq, State::Released) }
}

/// Held again, after its popup was lost.
fn came_back(seq: u32) -> Interruption {
    Interruption { came_back: Some(Return::RendererGone), ..row(seq, State::Held) }
}

fn standing(state: State) -> Standing {
    if state == State::Done {
        return Standing::Settled { outcome: Outcome::Done { undo_until: Some(at(120)) }, period: 3 };
    }
    Standing::of(state, 3)
}

fn deferred(seq: u32, until: Option<DateTime<Utc>>) -> Interruption {
    let deferred = Some(Deferral { mark: LaterMark(2), until });
    Interruption { standing: Standing::Held(Held { expires: None, deferred }), ..row(seq, State::Held) }
}

fn put_off(seq: u32) -> Interruption {
    deferred(seq, None)
}

fn snoozed(seq: u32) -> Interruption {
    deferred(seq, Some(at(1_200)))
}

fn noted(seq: u32) -> Interruption {
    let content = Content { summary: "Ben came by".to_owned(), ..Content::default() };
    let (app, sender, origin) = (App::noted_by_hand(), Sender::nobody(), Origin::Note);
    Interruption { app, sender, origin, content, why: Why::Noted, ..row(seq, State::Held) }
}

fn handed_over() -> HandedOver {
    let ledger = Ledger { came_in: 4, held: 3, passed: 1, ..Ledger::default() };
    HandedOver { ledger, since: at(-7_200), absences: vec![Absence { since: at(-70), until: at(-69) }] }
}

fn past_block() -> PastBlock {
    let (intention, left_out) = (Some("mail".to_owned()), Duration::minutes(5));
    let (started, planned) = (at(-7_200), Some(at(-1_800)));
    PastBlock { intention, started, ended: at(-3_600), planned, left_out, ended_by: EndedBy::Hand }
}

/// What is over, as the saved state has it too.
fn history() -> [Write; 5] {
    let absence = |since| Write::Absent(Absence { since: at(since), until: at(since + 1) });
    let HandedOver { ledger, since, .. } = handed_over();
    let period = PastPeriod { number: 2, since, until: at(0), ledger, ended_by: CheckInBy::BlockEnd };
    let before = PastBlock { left_out: Duration::zero(), ..past_block() };
    let left_out = Write::LeftOut { of_block: before.started, length: past_block().left_out };
    let (ended, period) = (Write::BlockEnded(Box::new(before)), Write::PeriodEnded(Box::new(period)));
    [ended, absence(-70), period, absence(-60), left_out]
}

fn save() -> Write {
    Write::Save(Box::new(Saved {
        reserved_ids: FIRST_ID + 4_096,
        block: Some(Block {
            intention: Some("the quarterly report".to_owned()),
            started: at(0),
            end: BlockEnd::CheckIn(at(3_600)),
            left_out: vec![on_day(3)],
        }),
        period: Period { number: 3, since: at(0), carried: 0 },
        last_check_in: at(-3_600),
        exceptions: Exceptions { skipped: [at(7_200).naive_utc()].into(), skipped_until: None },
        ready_since: None,
        absences: vec![Absence { since: at(-60), until: at(-59) }],
        past_blocks: [past_block()].into(),
        on_break: None,
        ended: None,
        away: Some(TimeAway { of_block: at(0), days: vec![on_day(12)], is_told: true }),
        last_length: Some(BlockLength::UntilCheckIn),
        intentions: ["the quarterly report".to_owned(), "mail".to_owned()].into(),
        deep_work: [on_day(60)].into(),
        checking_in: true,
        handed_over: Some(handed_over()),
        handed_over_upto: Seq(5),
        where_were_you: Some("page 3".to_owned()),
        later_mark: LaterMark(2),
        later_than: LaterMark(1),
        back: [Seq(7)].into(),
        ..Saved::new(at(0))
    }))
}
