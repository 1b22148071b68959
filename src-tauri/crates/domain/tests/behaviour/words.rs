//! What the gate does, in the words of the scripts. Must not know what was expected.

use chrono::{DateTime, Utc};
use tidegate_domain::{
    Absence, Answer, BlockLength, ClosedReason, Digest, Effect, Ended, FIRST_ID, Forward, GateEffect, Interruption,
    Ledger, NoticeId, NoticeReply, Occasion, PastBlock, PastPeriod, Refusal, Signal, State, Stretch, UiEffect, Write,
    Zone,
};

/// What left the gate, in order; `None` for what only the store sees.
pub(crate) fn effect(effect: &Effect, zone: &Zone) -> Option<String> {
    Some(match effect {
        Effect::Store(Write::DropOldestText { app }) => format!("drops the oldest text of {app}"),
        Effect::Store(_) | Effect::Gate(GateEffect::FindSenders(_)) => return None,
        Effect::Gate(GateEffect::Answer(_, reply)) => notice_reply(reply),
        Effect::Gate(GateEffect::Emit { to, signal }) => format!("{} hears {}", to.name, heard(signal)),
        Effect::Gate(GateEffect::EmitToAll(signal)) => format!("all hear {}", heard(signal)),
        Effect::Gate(GateEffect::PassOn { to, signal }) => format!("{to} hears {}", heard(signal)),
        Effect::Gate(GateEffect::Forward(forward)) => forwarded(forward),
        Effect::Gate(GateEffect::CloseAtRenderer(id)) => format!("closes r{id}"),
        Effect::Client(_, Ok(answer)) => answered(answer, zone),
        Effect::Client(_, Err(refusal)) => format!("no: {}", refused(refusal, zone)),
        Effect::Gate(GateEffect::Inhibited(true)) => "quiet".into(),
        Effect::Gate(GateEffect::Inhibited(false)) => "not quiet".into(),
        Effect::Ui(UiEffect::ShowDigest(shown)) => digest(shown, zone),
        Effect::Ui(UiEffect::OpenWindow { .. }) => "opens the window".into(),
    })
}

/// `#1` is the first id that the gate gives out.
pub(crate) fn id(id: NoticeId) -> String {
    match id.0.checked_sub(FIRST_ID) {
        Some(nth) => format!("#{}", nth + 1),
        None => format!("id {}", id.0),
    }
}

/// The time of day, with the weekday.
pub(crate) fn time(at: DateTime<Utc>, zone: &Zone) -> String {
    let at = zone.local(at).naive_local();
    let text = at.to_string();
    let (_, time) = text.split_once(' ').unwrap_or_default();
    let time = time.strip_suffix(":00").unwrap_or(time);
    format!("{} {time}", at.format_weekday())
}

trait Weekday {
    fn format_weekday(&self) -> String;
}

impl Weekday for chrono::NaiveDateTime {
    fn format_weekday(&self) -> String {
        chrono::Datelike::weekday(self).to_string()
    }
}

fn notice_reply(reply: &NoticeReply) -> String {
    match reply {
        NoticeReply::Id(told) => id(*told),
        NoticeReply::Cookie(cookie) => format!("cookie {cookie}"),
        NoticeReply::Empty => "ok".into(),
        NoticeReply::InvalidArgs(_) => "refused".into(),
        NoticeReply::LimitsExceeded(_) => "too many".into(),
    }
}

fn heard(signal: &Signal) -> String {
    match signal {
        Signal::Closed(of, reason) => format!("{} closed: {}", id(*of), closed(*reason)),
        Signal::Action { id: of, key, token: None } => format!("{} pressed: {key}", id(*of)),
        Signal::Action { id: of, key, token: Some(token) } => format!("{} pressed: {key} with {token}", id(*of)),
        Signal::Replied(of, text) => format!("{} replied: {text}", id(*of)),
    }
}

fn closed(reason: ClosedReason) -> &'static str {
    match reason {
        ClosedReason::Expired => "expired",
        ClosedReason::Dismissed => "dismissed",
        ClosedReason::ByCall => "by call",
        ClosedReason::Undefined => "undefined",
    }
}

fn forwarded(forward: &Forward) -> String {
    let place = if forward.replaces == 0 { String::new() } else { format!(" in place of r{}", forward.replaces) };
    let quiet = if forward.quiet { ", silently" } else { "" };
    format!("shows '{}'{place}{quiet}", forward.row.content.summary)
}

/// `2 done, but no interruption has the id bbz`
fn answered(answer: &Answer, zone: &Zone) -> String {
    let left_out = answer.left_out().iter().map(|refusal| format!(", but {}", refused(refusal, zone)));
    format!("{}{}", was_done(answer, zone), left_out.collect::<String>())
}

fn was_done(answer: &Answer, zone: &Zone) -> String {
    match answer {
        Answer::Started { ends: None } => "started".into(),
        Answer::Started { ends: Some(ends) } => format!("started until {}", time(*ends, zone)),
        Answer::Ended { held } => format!("ended with {held} held"),
        Answer::OnBreak { ends, held } => format!("on a break until {} with {held} held", time(*ends, zone)),
        Answer::Opened { held } => format!("opened with {held} held"),
        Answer::Extended { ends } => format!("extended until {}", time(*ends, zone)),
        Answer::CheckedIn { held, withdrawn: 0 } => format!("checked in with {held} held"),
        Answer::CheckedIn { held, withdrawn } => format!("checked in with {held} held, {withdrawn} withdrawn"),
        Answer::Skipped { skipped, next } => {
            let next = next.map_or("none".into(), |next| time(next, zone));
            format!("skipped {}, next {next}", time(*skipped, zone))
        }
        Answer::OnAgain { check_in } => format!("{} is on again", time(*check_in, zone)),
        Answer::Acted { key, .. } => format!("acted: {key}"),
        Answer::Replied { .. } => "replied".into(),
        Answer::Done { count, .. } => format!("{count} done"),
        Answer::Undone { count, out: 0 } => format!("{count} undone"),
        Answer::Undone { count, out } => format!("{count} undone, {out} out"),
        Answer::Releasing { count, .. } => format!("releasing {count}"),
        Answer::PutOff { count, until: Some(at), .. } => format!("{count} later, {}", time(*at, zone)),
        Answer::PutOff { count, until: None, .. } => format!("{count} later"),
        Answer::Snoozed { count, until, .. } => format!("{count} snoozed, {}", time(*until, zone)),
        Answer::Noted { id: noted } => format!("noted {}", id(*noted)),
        Answer::Remembered => "remembered".into(),
        Answer::TimeAway { length, counts } => {
            format!("{} min away {}", length.num_minutes(), if *counts { "count" } else { "left out" })
        }
        Answer::Seen => "seen".into(),
        Answer::CheckInClosed { where_were_you } => {
            format!("closed; was at {}", where_were_you.as_deref().unwrap_or("nothing"))
        }
    }
}

fn refused(refusal: &Refusal, zone: &Zone) -> String {
    match refusal {
        Refusal::NoBlock => "no block is running".into(),
        Refusal::OnBreak(ends) => format!("no block is running: a break lasts until {}", time(*ends, zone)),
        Refusal::NoCheckInLeft => "no check-in is left today".into(),
        Refusal::TimeIsPast(time) => format!("{} is past today", time.format("%-H:%M")),
        Refusal::NoTimeAway => "there is no time away to count or to leave out".into(),
        Refusal::NoLength => "this block has no set length to extend".into(),
        Refusal::TooLong { .. } => "a block ends at most 24 hours from now".into(),
        Refusal::NotFound(id) => format!("no interruption has the id {id}"),
        Refusal::NotHeld { id, state } => format!("{id} is not held: it is {}", state_word(*state)),
        Refusal::Closed(id) => format!("{id} is closed: its app does not listen any more"),
        Refusal::WentOn(id) => format!("{id} has nobody to hear it: its script went on when its own time-out ended"),
        Refusal::NoSuchAction { id, key } => format!("{id} has no action \"{key}\""),
        Refusal::Noted(id) => format!("{id} was noted by hand: it has nothing to press, answer or release"),
        Refusal::NeedsText(id) => format!("{id} is answered with a text"),
        Refusal::NoReply(id) => format!("{id} offers no inline reply"),
        Refusal::AppGone { app, .. } => format!("{app} is not running any more; open it instead"),
        Refusal::MayHaveForgotten(id) => format!("its app may have forgotten {id} since the gate restarted"),
        Refusal::BeingReleased(id) => format!("{id} is being released"),
        Refusal::TooLateToUndo(id) => format!("{id} cannot be undone any more"),
        Refusal::NothingToUndo => "there is nothing to undo".into(),
        Refusal::NoRenderer => "no notification daemon is reachable to show it".into(),
        Refusal::RendererSilent => "the notification daemon does not answer".into(),
        Refusal::NoCheckIn => "no check-in is set".into(),
        Refusal::TooManySkipped => {
            "the next 100 check-ins are skipped already; stop skipping or change the times in the settings".into()
        }
        Refusal::Busy => "earlier commands on many are still being carried out; try again in a moment".into(),
        Refusal::StoreFailed => "the store cannot be written, so nothing was changed".into(),
    }
}

fn digest(digest: &Digest, zone: &Zone) -> String {
    let apps: Vec<_> = digest.apps.iter().map(|(app, count)| format!("{count} {app}")).collect();
    let more = digest.app_count as usize - apps.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more apps") };
    if let Occasion::QuietIsOver { app, held } = &digest.occasion {
        let apps = apps.join(" ");
        return format!("{held} of {} held while {app} asked for quiet: {apps}{more}{}", digest.held, away(digest));
    }
    if let Occasion::SnoozeIsOver(back) = &digest.occasion {
        return format!("{} of {} held is back{}", back.len(), digest.held, another(digest));
    }
    if let Occasion::IsOver(over) = &digest.occasion {
        let held =
            if digest.held == 0 { String::new() } else { format!("; {} held: {}{more}", digest.held, apps.join(" ")) };
        return format!("tells: {}{held}{}{}", ended(over), another(digest), away(digest));
    }
    if let Occasion::WasAway { intention } = &digest.occasion {
        let of = intention.as_deref().map(|of| format!(" in '{of}'")).unwrap_or_default();
        return format!("asks{of}{}", away(digest));
    }
    let since = time(digest.since, zone);
    let pause = if digest.user_is_idle { " in a pause" } else { "" };
    let released = if digest.released == 0 { String::new() } else { format!(", {} released", digest.released) };
    let withdrawn = if digest.withdrawn == 0 { String::new() } else { format!(", {} withdrawn", digest.withdrawn) };
    let absences: String = digest.absences.iter().map(|away| format!("; away {}", absence(away, zone))).collect();
    format!(
        "digest{pause} since {since}: {}{more}{released}{withdrawn}; {}{absences}{}{}",
        apps.join(" "),
        ledger(&digest.ledger),
        another(digest),
        away(digest)
    )
}

/// `; away 23 min?`
fn away(digest: &Digest) -> String {
    digest.away.map(|away| format!("; away {} min?", away.num_minutes())).unwrap_or_default()
}

fn another(digest: &Digest) -> String {
    match digest.another {
        None => String::new(),
        Some(BlockLength::Minutes(minutes)) => format!("; another {minutes}?"),
        Some(BlockLength::UntilCheckIn) => "; another until the check-in?".into(),
        Some(BlockLength::Open | BlockLength::Usual | BlockLength::UntilTime(_)) => "; another?".into(),
    }
}

/// `50 min of 'write' are over`
pub(crate) fn ended(ended: &Ended) -> String {
    let what = match ended.what {
        Stretch::Block => "",
        Stretch::Break => " break",
    };
    let of = ended.intention.as_deref().map(|of| format!(" of '{of}'")).unwrap_or_default();
    format!("{} min{what}{of} are over", ended.length().num_minutes())
}

/// `'write' Mon 09:00 to Mon 09:20 of Mon 09:50 by Hand, 5 min left out`
pub(crate) fn past_block(block: &PastBlock, zone: &Zone) -> String {
    let of = block.intention.as_deref().map(|of| format!("'{of}' ")).unwrap_or_default();
    let planned = block.planned.map(|at| format!(" of {}", time(at, zone))).unwrap_or_default();
    let left_out = match block.left_out.num_minutes() {
        0 => String::new(),
        minutes => format!(", {minutes} min left out"),
    };
    let (started, ended) = (time(block.started, zone), time(block.ended, zone));
    format!("{of}{started} to {ended}{planned} by {:?}{left_out}", block.ended_by)
}

/// `1 from Mon 09:00 to Mon 11:30 by Plan: 0 + 1 = 1 held`
pub(crate) fn past_period(period: &PastPeriod, zone: &Zone) -> String {
    let PastPeriod { number, since, until, ledger: books, ended_by } = period;
    format!("{number} from {} to {} by {ended_by:?}: {}", time(*since, zone), time(*until, zone), ledger(books))
}

/// `Mon 09:00 to Mon 09:10`
pub(crate) fn absence(away: &Absence, zone: &Zone) -> String {
    format!("{} to {}", time(away.since, zone), time(away.until, zone))
}

/// `0 + 3 = 2 held + 1 withdrawn`
pub(crate) fn ledger(ledger: &Ledger) -> String {
    let parts = [
        (ledger.held, "held"),
        (ledger.passed, "passed"),
        (ledger.withdrawn, "withdrawn"),
        (ledger.muted, "muted"),
        (ledger.expired, "expired"),
        (ledger.released, "released"),
        (ledger.done, "done"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}"));
    let sum = parts.collect::<Vec<_>>().join(" + ");
    let sum = if sum.is_empty() { "0" } else { &sum };
    let feedback = if ledger.feedback == 0 { String::new() } else { format!(", {} feedback", ledger.feedback) };
    let counted = ledger.only_counted;
    let counted = if counted == 0 { String::new() } else { format!(", {counted} only counted") };
    format!("{} + {} = {sum}{feedback}{counted}", ledger.carried, ledger.came_in)
}

fn state_word(state: State) -> &'static str {
    match state {
        State::Held => "held",
        State::Passed => "passed",
        State::Withdrawn => "withdrawn",
        State::Muted => "muted",
        State::Expired => "expired",
        State::Released => "released",
        State::Done => "done",
    }
}

/// `#1 held 'lunch?' edited 1x`
pub(crate) fn row(row: &Interruption) -> String {
    let state = state_word(row.state());
    let edits = if row.revisions == 0 { String::new() } else { format!(" edited {}x", row.revisions) };
    let remarks: String = row.content.remarks.iter().map(|remark| format!(" ({remark:?})")).collect();
    format!("{} {state} '{}'{edits}{remarks}", id(row.id), row.content.summary)
}

/// `#1 Refused`: why one is held that came back
pub(crate) fn came_back(row: &Interruption) -> Option<String> {
    let because = row.came_back.filter(|_| row.is_held())?;
    Some(format!("{} {because:?}", id(row.id)))
}
