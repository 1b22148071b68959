//! The simple model beside the real one: what each sender was told, and what must therefore hold after every step.
//! Must not know how the real one decides.

use crate::engine::Step;
use chrono::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tidegate_domain::{
    Answer, Audience, CallId, ClosedReason, Command, Effect, Event, GateEffect, HandOver, History, Interruption,
    Loaded, Model, NoticeId, NoticeReply, Now, Occasion, Proof, RequestId, Saved, Sender, Seq, Settings, Signal,
    SnoozeEnd, State, Stretch, Target, Timeout, UiEffect, Why, Write,
};

/// A call that waits for its answer.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) sender: Sender,
    /// `None`: it is no `Notify`.
    pub(crate) notify: Option<Notify>,
}

#[derive(Debug, Clone)]
pub(crate) struct Notify {
    pub(crate) app: String,
    pub(crate) text: String,
    pub(crate) replaces: u32,
    pub(crate) tagged: bool,
    pub(crate) own: bool,
    /// Nothing but the notification says whose it is.
    pub(crate) claimed: bool,
}

impl Notify {
    /// What a close says of its sender: nothing but its app.
    fn closing(app: &str) -> Self {
        let (app, text) = (app.to_owned(), String::new());
        Self { app, text, replaces: 0, tagged: false, own: false, claimed: false }
    }
}

/// What the sender of an id knows.
#[derive(Debug, Clone)]
struct Told {
    sender: Sender,
    notify: Notify,
    open: bool,
    close_asked: bool,
    heard_of_press: bool,
    release_asked: bool,
    /// Its script went on: it is closed, and still held.
    is_held_on: bool,
    done_since: Option<Duration>,
}

#[derive(Default)]
pub(crate) struct Oracle {
    calls: BTreeMap<CallId, Asked>,
    /// Who is on the bus, as far as the gate was told.
    live: BTreeMap<Arc<str>, Sender>,
    requests: BTreeSet<RequestId>,
    told: BTreeMap<u32, Told>,
    /// What was in memory alone and had to give way there: the store may have an earlier word of it.
    gave_way: BTreeMap<u32, Told>,
    /// Every `Notify` that was answered with an id and is not forgotten: one row or one revision each.
    answered: u64,
    last_new: u32,
    /// What was noted by hand.
    notes: BTreeSet<NoticeId>,
    /// Apps whose user wants them released at a check-in.
    by_wish: BTreeSet<String>,
    /// What was taken back before anybody could read it, and the user has not seen that: by its number, and whether a digest
    /// has told of it.
    withdrawn: BTreeMap<u64, bool>,
    /// How many were ever taken back while they were held.
    withdrawn_count: u64,
    /// What was held because an app asked for quiet, and nobody was told of since.
    in_quiet: BTreeSet<Seq>,
    /// When those that were snoozed last come back at the latest, by the clock that nobody sets.
    snoozed: BTreeMap<Seq, Duration>,
    /// What came back from that by itself, and nobody was told of since.
    back: BTreeSet<Seq>,
    /// A notice of ours was asked for, and has not come.
    waits_for_notice: bool,
    /// A check-in's digest was asked for, and its notice has not come.
    waits_for_digest: bool,
    /// The last period that was seen to begin.
    period: u64,
    /// When a person last asked for something.
    asked_at: Duration,
    inhibited: bool,
}

impl Oracle {
    pub(crate) fn asks(&mut self, call: CallId, asked: Asked) {
        self.calls.insert(call, asked);
    }

    pub(crate) fn requests(&mut self, request: RequestId) {
        self.requests.insert(request);
    }

    /// A new gate, or the state of another one: what it says of itself it says anew.
    pub(crate) fn hears_inhibited(&mut self, inhibited: bool) {
        self.inhibited = inhibited;
    }

    /// What the gate goes by from now on.
    pub(crate) fn goes_by(&mut self, settings: &Settings) {
        let wished = settings.hand_over.iter().filter(|(_, way)| **way != HandOver::Digest);
        self.by_wish = wished.map(|(app, _)| app.clone()).collect();
    }

    /// The process died: what waited for an answer gets none.
    pub(crate) fn gate_died(&mut self) {
        self.calls.clear();
        self.requests.clear();
        self.live.clear();
        self.waits_for_digest = false;
        self.waits_for_notice = false;
        self.inhibited = false;
    }

    /// The clock was set and no gate saw it: how long something was done, nobody knows any more.
    pub(crate) fn loses_time(&mut self) {
        for told in self.told.values_mut() {
            told.done_since = told.done_since.and(Some(Duration::zero()));
        }
        self.snoozed.clear();
    }

    /// Rows that were in memory only are gone, with the process or for want of room.
    pub(crate) fn forgets(&mut self, rows: &[Interruption]) {
        if rows.is_empty() {
            return;
        }
        for row in rows {
            self.gave_way.extend(self.told.remove_entry(&row.id.0));
            self.answered -= 1 + u64::from(row.revisions);
        }
        self.last_new = 0;
    }

    /// What one transaction brought, in order. All of it is committed; not all of it may have left.
    pub(crate) fn sees(&mut self, steps: &[Step], now: Now) {
        for step in steps {
            if let Event::SettingsChanged(settings) = &step.event {
                self.goes_by(settings);
            }
            self.must_be_heard(step);
            self.is_withdrawn(step, now);
            self.is_quiet(step);
            self.is_snoozed(step, now);
            one_press_is_heard_once(step);
            for effect in &step.effects {
                self.sees_one(step, effect, now);
            }
            self.comes_and_goes(&step.event);
            idleness_only_hands_over(step);
            self.digest_pressed(step);
        }
    }

    fn comes_and_goes(&mut self, event: &Event) {
        if let Event::SenderLeft(name) = event {
            self.live.remove(name);
        }
        let arrived = if let Event::Arrived(arrival) = event { Some(&arrival.sender) } else { None };
        let said =
            if let Event::Inhibit { sender, .. } | Event::SenderPresent(sender) = event { Some(sender) } else { None };
        if let Some(sender) = arrived.or(said) {
            self.live.insert(sender.name.clone(), sender.clone());
        }
    }

    fn sees_one(&mut self, step: &Step, effect: &Effect, now: Now) {
        match effect {
            Effect::Gate(GateEffect::Answer(call, reply)) => self.answer(step, *call, reply),
            Effect::Gate(GateEffect::Emit { to, signal }) => self.emit(step, to, signal, now),
            Effect::Gate(GateEffect::EmitToAll(signal)) => self.emit_to_all(step, signal),
            Effect::Gate(GateEffect::Forward(forward)) => self.forward(step, &forward.row, forward.replaces),
            Effect::Client(request, outcome) => {
                assert!(self.requests.remove(request), "answered twice: {request:?}");
                self.respond(step, outcome.as_ref().ok());
            }
            Effect::Gate(GateEffect::Inhibited(inhibited)) => {
                assert_ne!(self.inhibited, *inhibited, "said twice: inhibited {inhibited}");
                self.inhibited = *inhibited;
            }
            Effect::Store(Write::Update(row)) => self.notes_done(step, row, now),
            Effect::Store(Write::Save(saved)) => self.hands_over(step, saved.period.number),
            Effect::Store(_)
            | Effect::Gate(GateEffect::PassOn { .. })
            | Effect::Gate(GateEffect::CloseAtRenderer(_))
            | Effect::Gate(GateEffect::FindSenders(_))
            | Effect::Ui(UiEffect::ShowDigest(_))
            | Effect::Ui(UiEffect::OpenWindow { .. }) => {}
        }
    }

    /// What comes while an app asks for quiet, and what tells of it. Who opens or closes the gate by hand is told then.
    fn is_quiet(&mut self, step: &Step) {
        for effect in &step.effects {
            if let Effect::Store(Write::Insert { row, .. } | Write::Update(row)) = effect {
                let comes = matches!(
                    (row.state(), &row.why, effect),
                    (State::Held, Why::Inhibited(_), Effect::Store(Write::Insert { .. }))
                );
                if comes && !step.in_trouble {
                    self.in_quiet.insert(row.seq);
                } else if !row.is_held() {
                    self.in_quiet.remove(&row.seq);
                }
            }
            if let Effect::Ui(UiEffect::ShowDigest(digest)) = effect {
                match &digest.occasion {
                    Occasion::CheckIn => self.waits_for_digest = true,
                    Occasion::SnoozeIsOver(_) => {}
                    Occasion::IsOver(ended) => assert!(!ended.is_told || digest.away.is_some(), "{digest:?}"),
                    Occasion::WasAway { .. } => assert!(digest.away.is_some_and(|away| away >= AWAY), "{digest:?}"),
                    Occasion::QuietIsOver { held, .. } => {
                        assert!(*held > 0 && *held <= digest.held, "{digest:?}");
                        self.in_quiet.clear();
                    }
                }
            }
        }
        self.waits_for_digest &= !matches!(&step.event, Event::Arrived(arrival) if arrival.own);
        let by_hand = matches!(
            &step.event,
            Event::Command { command: Command::Start { .. } | Command::Toggle | Command::CloseCheckIn, .. }
        );
        if by_hand {
            self.in_quiet.clear();
        }
    }

    /// One that is snoozed comes back by itself no sooner than it was to, and then any notice of ours tells of it.
    fn is_snoozed(&mut self, step: &Step, now: Now) {
        for effect in &step.effects {
            if let Effect::Store(Write::Update(row)) = effect {
                self.snoozes(step, row, now);
            }
            if let Effect::Ui(UiEffect::ShowDigest(digest)) = effect {
                if let Occasion::SnoozeIsOver(back) = &digest.occasion {
                    assert!(!back.is_empty() && back.len() <= digest.held as usize, "{digest:?}");
                }
                self.back.clear();
                self.waits_for_notice = true;
            }
        }
        self.waits_for_notice &= !matches!(&step.event, Event::Arrived(arrival) if arrival.own);
    }

    fn snoozes(&mut self, step: &Step, row: &Interruption, now: Now) {
        let was_put_off = step.rows.iter().any(|before| before.seq == row.seq && before.deferred().is_some());
        let deferred = row.deferred();
        match (&step.event, deferred, deferred.and_then(|deferral| deferral.until)) {
            (Event::Command { command: Command::Snooze { until, .. }, .. }, Some(_), Some(instant)) => {
                let length = match until {
                    SnoozeEnd::Minutes(minutes) => Duration::minutes((*minutes).into()),
                    SnoozeEnd::Time(_) => instant - now.utc,
                };
                self.snoozed.insert(row.seq, now.boot + length);
                self.back.remove(&row.seq);
            }
            (Event::Wake, None, _) if was_put_off && row.is_held() => {
                let end = self.snoozed.remove(&row.seq);
                assert!(end.is_none_or(|end| now.boot + slack() >= end), "{} came back too soon", row.id.0);
                self.back.extend((end.is_some() && !row.is_going()).then_some(row.seq));
            }
            _ => {
                self.snoozed.remove(&row.seq);
                self.back.remove(&row.seq);
            }
        }
    }

    /// Held before, taken back after. What the user does with the digest, the list or the check-in says what they have seen.
    fn is_withdrawn(&mut self, step: &Step, now: Now) {
        for effect in &step.effects {
            let Effect::Store(Write::Update(row)) = effect else { continue };
            let was_held = step.rows.iter().any(|before| before.seq == row.seq && before.is_held());
            if was_held && row.state() == State::Withdrawn {
                self.withdrawn_count += 1;
                let is_soon = now.utc - row.arrived <= Duration::seconds(15);
                self.withdrawn.extend(is_soon.then_some((self.withdrawn_count, false)));
            }
        }
        if step.in_trouble {
            return;
        }
        if let Event::Command { command: Command::SawWithdrawn(upto), .. } = &step.event {
            self.withdrawn.retain(|nth, _| nth > upto);
        }
        let by_own = step.rows.last().is_some_and(|row| row.is_own());
        let sees_digest = matches!(
            &step.event,
            Event::RendererAction { .. } | Event::RendererClosed { reason: ClosedReason::Dismissed, .. }
        );
        let closes = matches!(&step.event, Event::Command { command: Command::CloseCheckIn, .. });
        if closes || (sees_digest && by_own) {
            self.withdrawn.retain(|_, told| !*told);
        }
    }

    /// Many are marked done a page at a time, but all of them since it was asked for.
    fn notes_done(&mut self, step: &Step, row: &Interruption, now: Now) {
        if matches!(step.event, Event::Command { .. }) {
            self.asked_at = now.boot;
        }
        if row.is_noted() && !row.is_open() {
            self.notes.remove(&row.id);
        }
        if let Some(told) = self.told.get_mut(&row.id.0).filter(|_| row.is_open()) {
            let done = (row.state() == State::Done).then_some(self.asked_at);
            told.done_since = done.map(|asked_at| told.done_since.unwrap_or(asked_at));
        }
    }

    /// A check-in releases what its user wants released.
    fn hands_over(&mut self, step: &Step, period: u64) {
        if period > self.period {
            self.period = period;
            let in_window = matches!(&step.event, Event::Command { command: Command::CheckInInWindow, .. });
            let tells =
                in_window || step.effects.iter().any(|effect| matches!(effect, Effect::Ui(UiEffect::ShowDigest(_))));
            assert!(tells || self.withdrawn.is_empty(), "nobody was told of {:?}", self.withdrawn);
            self.withdrawn.values_mut().for_each(|told| *told = true);
            self.in_quiet.clear();
            self.back.clear();
            self.snoozed.clear();
            for told in self.told.values_mut().filter(|told| self.by_wish.contains(&told.notify.app)) {
                told.release_asked = true;
            }
        }
    }

    fn answer(&mut self, step: &Step, call: CallId, reply: &NoticeReply) {
        let asked = self.calls.remove(&call).unwrap_or_else(|| panic!("answered twice: {call:?}"));
        match (asked.notify, reply) {
            (Some(notify), NoticeReply::Id(id)) => {
                if step.in_trouble {
                    self.notes.remove(id);
                } else {
                    self.must_be_right(&asked.sender, &notify, *id);
                }
                self.told_id(asked.sender, notify, *id, step.in_trouble);
            }
            (Some(_), NoticeReply::LimitsExceeded(_)) | (None, _) => {}
            (Some(_), other) => panic!("Notify was answered with {other:?}"),
        }
    }

    fn told_id(&mut self, sender: Sender, notify: Notify, id: NoticeId, in_trouble: bool) {
        assert_ne!(id.0, 0);
        self.answered += 1;
        // An app may have guessed the id that is next: it is given it as anybody would be. One that is behind is an earlier
        // one, of which a crash took what was said last.
        let is_guessed = !in_trouble && id.0 > self.last_new && !self.told.contains_key(&id.0);
        let is_new = id.0 != notify.replaces || is_guessed;
        if is_new && !self.is_by_tag(&notify, id) {
            assert!(id.0 > self.last_new, "ids must rise: {} after {}", id.0, self.last_new);
            assert!(!self.is_open(id), "an open id was given out again: {}", id.0);
        }
        if is_new && !self.is_open(id) {
            self.last_new = self.last_new.max(id.0);
        }
        // What a tag takes over, and what a script left held, goes on though its sender was told that it is closed.
        let by_tag = self.is_by_tag(&notify, id);
        let before = self.told.get(&id.0).filter(|before| before.open || before.is_held_on || by_tag);
        let earlier = self.gave_way.remove(&id.0);
        let release_asked = before.or(earlier.as_ref()).is_some_and(|before| before.release_asked);
        let told = Told {
            sender,
            notify,
            open: true,
            close_asked: false,
            heard_of_press: false,
            release_asked,
            is_held_on: false,
            done_since: None,
        };
        self.told.insert(id.0, told);
    }

    /// Nobody takes an id from another app, from a connection that is still there, or from a note; whose it is keeps it.
    fn must_be_right(&self, sender: &Sender, notify: &Notify, id: NoticeId) {
        assert!(!self.notes.contains(&id), "{} replaced the note {}", notify.app, id.0);
        let named = if notify.replaces == 0 || self.is_by_tag(notify, id) { id.0 } else { notify.replaces };
        let before = self.told.get(&named).filter(|before| before.open || notify.replaces != 0);
        let by_tag = self.is_by_tag(notify, id);
        let may_touch = before.map(|before| self.may_touch(sender, notify, before, by_tag));
        if named == id.0 {
            assert_ne!(may_touch, Some(false), "{} replaced another's {named}", notify.app);
        } else {
            assert_ne!(may_touch, Some(true), "{} got {} for its own {named}", notify.app, id.0);
        }
    }

    /// Whether it took over what had the same tag, or what the app had called by the same id that no gate gave out.
    fn is_by_tag(&self, notify: &Notify, id: NoticeId) -> bool {
        let Some(before) = self.told.get(&id.0).filter(|_| id.0 != notify.replaces) else { return false };
        notify.tagged || (notify.replaces != 0 && before.notify.replaces == notify.replaces)
    }

    fn may_touch(&self, sender: &Sender, by: &Notify, before: &Told, by_tag: bool) -> bool {
        if by.own || before.notify.own {
            return by.own == before.notify.own;
        }
        let is_live = self.live.get(&before.sender.name) == Some(&before.sender);
        before.sender == *sender || (before.notify.app == by.app && (!is_live || (by_tag && !by.claimed)))
    }

    fn is_open(&self, id: NoticeId) -> bool {
        self.told.get(&id.0).is_some_and(|told| told.open)
    }

    fn emit(&mut self, step: &Step, to: &Sender, signal: &Signal, now: Now) {
        let id = match signal {
            Signal::Closed(id, _) | Signal::Action { id, .. } | Signal::Replied(id, _) => *id,
        };
        assert!(!to.name.is_empty(), "a signal about a note: {signal:?}");
        let Some(told) = self.told.get_mut(&id.0) else { return };
        assert!(told.open, "a signal after Closed: {signal:?}");
        assert_eq!(told.sender, *to, "a signal to somebody else");
        if let Signal::Closed(_, reason) = signal {
            told.open = false;
            told.is_held_on = goes_on_held(step, id);
            let allowed = may_close(step, id, *reason, told, now);
            assert!(allowed, "{} closed with {reason:?} at {:?}", id.0, step.event);
        } else {
            told.heard_of_press = true;
        }
    }

    /// Only what the renderer told everybody, and only where no sender is left to hear it.
    fn emit_to_all(&mut self, step: &Step, signal: &Signal) {
        let (Event::RendererClosed { to, .. } | Event::RendererAction { to, .. } | Event::RendererReplied { to, .. }) =
            &step.event
        else {
            panic!("told everybody of {:?}", step.event)
        };
        assert_eq!(*to, Audience::Everybody);
        let id = match signal {
            Signal::Closed(id, _) | Signal::Action { id, .. } | Signal::Replied(id, _) => *id,
        };
        let Some(told) = self.told.get_mut(&id.0) else { return };
        let is_live = self.live.get(&told.sender.name) == Some(&told.sender);
        assert!(told.open, "a signal after Closed: {signal:?}");
        assert!(!is_live, "what is for {} was told everybody", told.sender.name);
        told.open &= !matches!(signal, Signal::Closed(..));
    }

    /// Nothing held reaches the screen unless a person asked for it, and nothing closed does.
    fn forward(&self, step: &Step, row: &Interruption, replaces: u32) {
        assert!(row.is_open() || may_run_out(row), "a closed one was shown: {}", row.id.0);
        assert!(!row.is_noted(), "a note was shown: {}", row.id.0);
        let Some(told) = self.told.get(&row.id.0) else { return };
        assert_eq!(row.content.summary, told.notify.text, "an old text was shown");
        if row.is_held() {
            assert!(told.release_asked, "{} was shown though held", row.id.0);
        }
        let arrives = matches!(step.event, Event::Arrived(_));
        if arrives && step.gate_was_closed && replaces == 0 {
            assert_ne!(row.why, Why::GateOpen, "{} passed a closed gate", row.id.0);
        }
    }

    fn respond(&mut self, step: &Step, answer: Option<&Answer>) {
        if let (Event::Command { command: Command::Release(target), .. }, Some(_)) = (&step.event, answer) {
            self.releases(target);
        }
        if let Some(Answer::Noted { id }) = answer {
            assert!(id.0 > self.last_new && !self.is_open(*id), "a note took an id that is known: {}", id.0);
            self.answered += 1;
            self.last_new = id.0;
            self.notes.insert(*id);
            self.told.remove(&id.0);
        }
    }

    fn releases(&mut self, target: &Target) {
        for (id, told) in self.told.iter_mut().chain(&mut self.gave_way) {
            let named = match target {
                Target::All => true,
                Target::App(app) => told.notify.app == **app,
                Target::Ids(ids) => ids.contains(&NoticeId(*id)),
            };
            told.release_asked |= named;
        }
    }

    /// A press on the digest asks for everything.
    fn digest_pressed(&mut self, step: &Step) {
        if matches!(&step.event, Event::RendererAction { key, .. } if key == "release-all") {
            self.releases(&Target::All);
        }
    }

    /// A close by somebody who may must be heard of; by anybody else it is nothing.
    fn must_be_heard(&mut self, step: &Step) {
        let Event::CloseRequested { sender, app: Some(app), id, .. } = &step.event else { return };
        let by = Notify::closing(&app.id);
        let Some(told) = self.told.get(id).filter(|told| !step.in_trouble && told.open) else { return };
        if self.may_touch(sender, &by, told, false) {
            self.told.entry(*id).and_modify(|told| told.close_asked = true);
        } else {
            let touches = |effect: &Effect| {
                matches!(effect, Effect::Gate(GateEffect::Emit { .. }) | Effect::Store(Write::Update(_)))
            };
            assert!(!step.effects.iter().any(touches), "{} closed another's {id}: {:?}", app.id, step.effects);
        }
    }

    /// What must hold whenever nothing is under way and the store is well.
    pub(crate) fn check(&self, model: &Model, loaded: &Loaded, rows: &[Interruption], now: Now) {
        assert!(self.calls.is_empty(), "unanswered: {:?}", self.calls);
        assert!(self.requests.is_empty(), "unanswered: {:?}", self.requests);
        assert_eq!(self.inhibited, model.is_closed(), "Inhibited is not told");
        assert_eq!(model.ledger().0, loaded.ledger, "the books and the rows");
        assert!(model.ledger().0.balances(), "{:?}", model.ledger().0);
        let held: u32 = loaded.held_by_app.iter().map(|(_, _, count)| count).sum();
        let apps = u32::try_from(loaded.held_by_app.len()).unwrap();
        assert_eq!(model.held(), (held, apps), "held by app");
        assert_eq!(model.popups(), loaded.popups, "popups");
        assert_eq!(model.later(), loaded.later, "put off");
        assert_eq!(model.held_in_quiet(), loaded.held_in_quiet, "held in quiet");
        assert_eq!(model.noted().cloned().collect::<Vec<_>>(), loaded.noted, "noted by hand");
        let due = rows.iter().filter(|row| !row.is_going()).filter_map(|row| row.due()).min();
        let wakeup = model.next_wakeup(now);
        assert!(due.is_none_or(|due| wakeup.is_some_and(|at| at <= due)), "asleep when one runs out");
        let is_overdue = |row: &&Interruption| {
            let end = self.snoozed.get(&row.seq).filter(|_| model.is_put_off(row));
            end.is_some_and(|end| *end + slack() < now.boot)
        };
        let overdue = rows.iter().find(is_overdue);
        assert!(
            overdue.is_none() || wakeup.is_some_and(|at| at <= now.utc),
            "asleep when this comes back: {overdue:?}"
        );
        self.check_rows(rows);
        self.check_withdrawn(model, rows);
        let may_be_told = !model.is_closed() && model.in_path() && model.renderer_is_up() && !self.waits_for_digest;
        // What the way back from a failed store took away, a crash may have kept from being seen here.
        let is_held = |seq: &&Seq| rows.iter().any(|row| row.seq == **seq && row.is_held());
        let untold: Vec<_> = self.in_quiet.iter().filter(is_held).collect();
        assert!(!may_be_told || untold.is_empty(), "nobody was told of {untold:?}");
        let back: Vec<_> = self.back.iter().filter(is_held).collect();
        assert!(!may_be_told || self.waits_for_notice || back.is_empty(), "nobody was told that {back:?} is back");
    }

    /// What is over is there once, in its order, and the state knows the last of it.
    pub(crate) fn check_history(&self, history: &History, saved: &Saved) {
        let History { blocks, periods, absences } = history;
        let mut all = blocks.iter();
        let is_history = saved.past_blocks.iter().all(|past| all.any(|block| block == past));
        assert!(is_history, "{blocks:?}, and the day has {:?}", saved.past_blocks);
        assert_eq!(blocks.last(), saved.past_blocks.last(), "the last block");
        assert!(absences.ends_with(&saved.absences), "{absences:?}, and the period has {:?}", saved.absences);
        let numbers: Vec<_> = periods.iter().map(|period| period.number).chain([saved.period.number]).collect();
        assert_eq!(numbers, (1..=saved.period.number).collect::<Vec<_>>());
        for (period, next) in periods.iter().zip(periods.iter().skip(1)) {
            assert!(period.ledger.balances(), "{period:?}");
            assert!(period.until == next.since && period.ledger.held <= next.ledger.carried, "{period:?}, {next:?}");
        }
        assert!(periods.last().is_none_or(|period| period.until == saved.period.since), "{periods:?}");
        let ended = saved.ended.as_ref().filter(|ended| ended.what == Stretch::Block);
        let left_out = ended.and(blocks.last()).map(|block| block.left_out);
        assert_eq!(left_out, ended.map(|ended| ended.left_out), "what was left out of the last block");
    }

    /// Each has a number, and the list has all that are of its periods.
    fn check_withdrawn(&self, model: &Model, rows: &[Interruption]) {
        let (listed, since) = model.withdrawn();
        let withdrawn = || rows.iter().filter(|row| row.state() == State::Withdrawn && row.is_counted());
        assert_eq!(model.withdrawn_upto(), withdrawn().count() as u64, "how many were ever taken back");
        let of_these = withdrawn().filter(|row| row.settled() >= Some(since)).count();
        assert_eq!(listed as usize, of_these, "the list of what was taken back");
    }

    fn check_rows(&self, rows: &[Interruption]) {
        let stored: u64 = rows.iter().map(|row| 1 + u64::from(row.revisions)).sum();
        assert_eq!(stored, self.answered, "rows and revisions, and what was answered");
        let mut open = BTreeSet::new();
        let mut newest = BTreeMap::new();
        for row in rows {
            assert_eq!(row.is_held(), row.settled().is_none(), "{}: settled", row.id.0);
            assert!(!row.is_held() || row.is_open() || may_run_out(row), "{} is held and closed", row.id.0);
            assert!(!row.is_open() || open.insert(row.id), "{} is open twice", row.id.0);
            newest.insert(row.id.0, row);
        }
        for (id, told) in &self.told {
            let row = newest.get(id).unwrap_or_else(|| panic!("{id} is lost"));
            assert_eq!(row.content.summary, told.notify.text, "{id} says something else");
            assert!(told.notify.own || told.open == row.is_open(), "{id}: its sender knows otherwise");
        }
        for id in &self.notes {
            let row = newest.get(&id.0).unwrap_or_else(|| panic!("the note {} is lost", id.0));
            let is_kept = row.is_noted() && matches!(row.state(), State::Held | State::Done);
            assert!(is_kept, "the note {} was touched by an app: {row:?}", id.0);
        }
    }

    /// When everything was handed over: what was let through or released was seen, and who took something back knows.
    pub(crate) fn check_end(&self, rows: &[Interruption], seen: impl Fn(&str) -> bool) {
        for row in rows {
            assert_ne!(row.state(), State::Held, "{} can never be handed over", row.id.0);
            let told = self.told.get(&row.id.0);
            let text = &row.content.summary;
            let by_call = row.closed.is_some_and(|closing| closing.reason == ClosedReason::ByCall);
            let taken_back = by_call || told.is_none_or(|told| told.notify.text != *text);
            let shown = matches!(row.state(), State::Passed | State::Released);
            if shown && row.is_counted() && !taken_back {
                assert!(seen(text), "{} was never seen: {row:?}", row.id.0);
            }
        }
        for (id, told) in &self.told {
            assert!(told.notify.own || !told.close_asked || !told.open, "{id}: its sender never heard Closed");
        }
    }
}

/// What small changes of the clock, which nobody takes for one that was set, add up to.
fn slack() -> Duration {
    Duration::seconds(30)
}

fn may_close(step: &Step, id: NoticeId, reason: ClosedReason, told: &Told, now: Now) -> bool {
    if let Event::RendererClosed { reason: said, .. } = &step.event {
        return *said == reason;
    }
    let before = step.rows.iter().find(|row| row.id == id);
    let was = |state| before.is_some_and(|row| row.state() == state);
    match reason {
        ClosedReason::Expired => was(State::Held) && before.is_some_and(may_run_out),
        ClosedReason::ByCall => matches!(step.event, Event::CloseRequested { .. }),
        ClosedReason::Dismissed => {
            let muted = matches!(step.event, Event::Arrived(_)) && !told.notify.own;
            let since = told.done_since.unwrap_or(now.boot);
            let undone_no_more = was(State::Done) && now.boot - since >= Duration::seconds(27);
            let pressed = matches!(step.event, Event::Command { .. }) && told.heard_of_press;
            muted || undone_no_more || pressed
        }
        ClosedReason::Undefined => is_taken_over_by_tag(step, told) || is_number_given_again(&step.event),
    }
}

/// A person pressed once, or nobody did.
fn one_press_is_heard_once(step: &Step) {
    let is_press = |effect: &&Effect| {
        if let Effect::Gate(GateEffect::Emit { signal, .. })
        | Effect::Gate(GateEffect::EmitToAll(signal))
        | Effect::Gate(GateEffect::PassOn { signal, .. }) = effect
        {
            !matches!(signal, Signal::Closed(..))
        } else {
            false
        }
    };
    let presses = matches!(
        &step.event,
        Event::RendererAction { .. }
            | Event::RendererReplied { .. }
            | Event::Command { command: Command::Act { .. } | Command::Reply { .. }, .. }
    );
    let heard = step.effects.iter().filter(is_press).count();
    assert!(heard <= usize::from(presses), "{heard} presses of {:?}", step.event);
}

/// Another connection of the same app has sent the next one with the tag.
fn is_taken_over_by_tag(step: &Step, told: &Told) -> bool {
    let Event::Arrived(arrival) = &step.event else { return false };
    let by_tag = arrival.content.stack_tag.is_some() && told.notify.tagged;
    let by_name = arrival.replaces != 0 && told.notify.replaces == arrival.replaces;
    (by_tag || by_name) && arrival.sender != told.sender && *arrival.app.id == *told.notify.app
}

/// Its time ran out while it was held, and it was no transient one.
fn goes_on_held(step: &Step, id: NoticeId) -> bool {
    let is_transient = step.rows.iter().any(|row| row.id == id && row.content.transient);
    matches!(step.event, Event::Wake) && !is_transient
}

/// It is transient, or a script has set it a time: nothing else that is held is ever closed for time.
fn may_run_out(row: &Interruption) -> bool {
    let by_script = row.app.proof == Proof::Name && matches!(row.content.timeout, Timeout::After(_));
    row.content.transient || by_script
}

/// Nobody is asked of less, by the settings.
const AWAY: Duration = Duration::minutes(10);

/// The renderer has given the popup's number to another.
fn is_number_given_again(event: &Event) -> bool {
    matches!(event, Event::Sent { .. } | Event::SentByEarlier(_) | Event::Recover(_))
}

/// That the user is idle is no reason to touch a notification.
fn idleness_only_hands_over(step: &Step) {
    let hands_over = |effect: &Effect| {
        matches!(
            effect,
            Effect::Ui(UiEffect::ShowDigest(_))
                | Effect::Store(Write::Save(_) | Write::ShiftDue(_) | Write::PeriodEnded(_))
        )
    };
    assert!(!matches!(step.event, Event::UserIdle) || step.effects.iter().all(hands_over), "{:?}", step.effects);
}
