//! What can happen in one step of a random run, and how such runs are made. Must not know what the gate does with it.

use proptest::prelude::*;

/// One step. Numbers are taken modulo what there is, so that every script means something.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    /// A connection of an app sends one.
    Notify {
        by: Conn,
        kind: Kind,
        replaces: Which,
    },
    /// It sends so many at once.
    Storm {
        by: Conn,
        count: u8,
    },
    /// It closes one.
    Close {
        by: Conn,
        id: Which,
    },
    Inhibit(Conn),
    UnInhibit(Conn, u8),
    Leave(Conn),
    /// A person asks for something.
    Ask(Ask),
    /// The renderer works through so many calls; it refuses the first.
    RendererWorks {
        calls: u8,
        refuses: bool,
    },
    /// So many of its messages reach the gate.
    Deliver(u8),
    /// Somebody touches a popup.
    Touch {
        popup: u8,
        how: Touch,
    },
    RendererDies,
    RendererStarts,
    /// It has not answered for so long that the gate gives up waiting.
    RendererIsSilent,
    /// What waits to be handled is handled, in one transaction.
    Flush,
    /// Time passes, and the gate is woken whenever it wants.
    Wait(Span),
    /// The machine sleeps.
    Suspend(Span),
    /// Somebody sets the clock.
    SetClock {
        forward: bool,
        by: Span,
    },
    Zone(u8),
    Settings(u8),
    Wake,
    /// The user has touched nothing for a while.
    Idle,
    /// The user has touched nothing for so long, and does again.
    Back(Span),
    /// The next transaction is lost with the process, or its first effects are all that happens.
    Crash {
        after: Option<u8>,
    },
    /// The gate starts again; a relay knows what became of its calls.
    Restart {
        relay: bool,
    },
    /// The gate gets into the path, or out of it.
    Path(bool),
    DiskFails,
    DiskIsWell,
}

/// App and connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Conn(pub u8, pub u8);

/// What sort of notification.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Plain,
    Buttons,
    Resident,
    Reply,
    Feedback,
    Tagged(u8),
    /// For so many seconds.
    Transient(u8),
    TransientForEver,
    /// For so many seconds, but not transient.
    Lasting(u8),
}

/// Which id an app or a person names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    None,
    /// One that was given out, counted from the newest.
    Told(u8),
    /// One as renderers give them.
    Small(u8),
    /// One that will be given out soon, or was by an earlier gate.
    Ahead(u8),
    Highest,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Ask {
    Start(u16),
    StartUntilCheckIn,
    StartOpen,
    StartUsual,
    Break(u32),
    SawEnd,
    CountTimeAway(bool),
    Extend(u32),
    End,
    Toggle,
    CheckInNow,
    CheckInInWindow,
    Skip,
    Act(u8),
    Reply(u8),
    Done(u8),
    DoneTwo(u8, u8),
    DoneApp(u8),
    DoneAll,
    Later(u8),
    LaterApp(u8),
    LaterAll,
    /// For so many minutes.
    Snooze(u8, u32),
    /// Until an hour of the day.
    SnoozeUntil(u8, u32),
    Undo(u8),
    UndoNewest,
    Release(u8),
    ReleaseTwo(u8, u8),
    ReleaseApp(u8),
    ReleaseAll,
    Note,
    CloseCheckIn,
    SawWithdrawn,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Touch {
    Click,
    Button,
    Reply,
    Dismiss,
    /// Its time is over.
    Expire,
    /// Said three times, as swaync does.
    DismissThrice,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Span {
    Millis(u16),
    Seconds(u8),
    Minutes(u8),
    Hours(u8),
}

pub(crate) fn script() -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(op(), 1..120)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        20 => (conn(), kind(), which()).prop_map(|(by, kind, replaces)| Op::Notify { by, kind, replaces }),
        1 => (conn(), storm()).prop_map(|(by, count)| Op::Storm { by, count }),
        5 => (conn(), which()).prop_map(|(by, id)| Op::Close { by, id }),
        2 => conn().prop_map(Op::Inhibit),
        1 => (conn(), 0..4_u8).prop_map(|(by, cookie)| Op::UnInhibit(by, cookie)),
        2 => conn().prop_map(Op::Leave),
        22 => ask().prop_map(Op::Ask),
        10 => (1..6_u8, prop::bool::weighted(0.15))
            .prop_map(|(calls, refuses)| Op::RendererWorks { calls, refuses }),
        10 => (1..6_u8).prop_map(Op::Deliver),
        6 => (any::<u8>(), touch()).prop_map(|(popup, how)| Op::Touch { popup, how }),
        1 => Just(Op::RendererDies),
        2 => Just(Op::RendererStarts),
        2 => Just(Op::RendererIsSilent),
        14 => Just(Op::Flush),
        12 => span().prop_map(Op::Wait),
        2 => span().prop_map(Op::Suspend),
        2 => (any::<bool>(), span()).prop_map(|(forward, by)| Op::SetClock { forward, by }),
        1 => (0..6_u8).prop_map(Op::Zone),
        2 => (0..5_u8).prop_map(Op::Settings),
        2 => Just(Op::Wake),
        2 => Just(Op::Idle),
        2 => span().prop_map(Op::Back),
        2 => prop::option::of(0..4_u8).prop_map(|after| Op::Crash { after }),
        4 => any::<bool>().prop_map(|relay| Op::Restart { relay }),
        2 => any::<bool>().prop_map(Op::Path),
        1 => Just(Op::DiskFails),
        2 => Just(Op::DiskIsWell),
    ]
}

/// Rarely more than one page of rows.
fn storm() -> impl Strategy<Value = u8> {
    prop_oneof![9 => 5..20_u8, 1 => 100..120_u8]
}

fn conn() -> impl Strategy<Value = Conn> {
    (0..5_u8, 0..2_u8).prop_map(|(app, connection)| Conn(app, connection))
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        6 => Just(Kind::Plain),
        3 => Just(Kind::Buttons),
        1 => Just(Kind::Resident),
        1 => Just(Kind::Reply),
        2 => Just(Kind::Feedback),
        2 => (0..2_u8).prop_map(Kind::Tagged),
        2 => (0..20_u8).prop_map(Kind::Transient),
        1 => Just(Kind::TransientForEver),
        2 => (0..20_u8).prop_map(Kind::Lasting),
    ]
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![
        12 => Just(Which::None),
        8 => (0..8_u8).prop_map(Which::Told),
        1 => (1..6_u8).prop_map(Which::Small),
        1 => (0..6_u8).prop_map(Which::Ahead),
        1 => Just(Which::Highest),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        4 => (1..200_u16).prop_map(Ask::Start),
        2 => Just(Ask::StartUntilCheckIn),
        2 => Just(Ask::StartOpen),
        1 => (1..90_u32).prop_map(Ask::Extend),
        1 => Just(Ask::Extend(u32::MAX)),
        2 => Just(Ask::End),
        1 => Just(Ask::StartUsual),
        1 => Just(Ask::Toggle),
        1 => (1..30_u32).prop_map(Ask::Break),
        1 => Just(Ask::SawEnd),
        1 => any::<bool>().prop_map(Ask::CountTimeAway),
        2 => Just(Ask::CheckInNow),
        1 => Just(Ask::CheckInInWindow),
        1 => Just(Ask::Skip),
        2 => (0..8_u8).prop_map(Ask::Act),
        1 => (0..8_u8).prop_map(Ask::Reply),
        3 => (0..8_u8).prop_map(Ask::Done),
        1 => (0..8_u8, 0..8_u8).prop_map(|(one, other)| Ask::DoneTwo(one, other)),
        1 => (0..5_u8).prop_map(Ask::DoneApp),
        1 => Just(Ask::DoneAll),
        3 => (0..8_u8).prop_map(Ask::Later),
        1 => (0..5_u8).prop_map(Ask::LaterApp),
        1 => Just(Ask::LaterAll),
        3 => (0..8_u8, 1..90_u32).prop_map(|(nth, minutes)| Ask::Snooze(nth, minutes)),
        1 => (0..8_u8, 0..24_u32).prop_map(|(nth, hour)| Ask::SnoozeUntil(nth, hour)),
        3 => (0..8_u8).prop_map(Ask::Undo),
        2 => Just(Ask::UndoNewest),
        4 => (0..8_u8).prop_map(Ask::Release),
        1 => (0..8_u8, 0..8_u8).prop_map(|(one, other)| Ask::ReleaseTwo(one, other)),
        1 => (0..5_u8).prop_map(Ask::ReleaseApp),
        3 => Just(Ask::ReleaseAll),
        3 => Just(Ask::Note),
        1 => Just(Ask::CloseCheckIn),
        1 => Just(Ask::SawWithdrawn),
    ]
}

fn touch() -> impl Strategy<Value = Touch> {
    prop_oneof![
        2 => Just(Touch::Click),
        2 => Just(Touch::Button),
        1 => Just(Touch::Reply),
        3 => Just(Touch::Dismiss),
        1 => Just(Touch::Expire),
        1 => Just(Touch::DismissThrice),
    ]
}

fn span() -> impl Strategy<Value = Span> {
    prop_oneof![
        3 => (1..1_000_u16).prop_map(Span::Millis),
        5 => (1..60_u8).prop_map(Span::Seconds),
        3 => (1..60_u8).prop_map(Span::Minutes),
        2 => (1..30_u8).prop_map(Span::Hours),
    ]
}
