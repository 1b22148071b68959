//! Plays a script: each line is something that happens, and after a bar what must come of it. The engine is played too.
//! Must not know how the model decides.

use crate::engine::{Settled, decide, pass, present};
use crate::words;
use crate::zones::zone;
use chrono::{DateTime, Duration, NaiveDateTime, NaiveTime, Utc, Weekday};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use tidegate_domain::ports::{Archive, Journal};
use tidegate_domain::{
    Action, App, AppRule, Arrival, Audience, BlockLength, CallId, CallOutcome, CheckIns, ClosedReason, Command,
    Content, Effect, Event, FIRST_ID, GateEffect, HandOver, HandedOver, KnownCalls, MemoryStore, Model, NoticeId, Now,
    Proof, Raw, RendererId, RequestId, Sender, SentCall, Settings, Settling, SnoozeEnd, StandIn, Target, Timeout,
    Urgency, Zone,
};

/// Wake-ups at one instant, at most.
const WAKES_AT_ONCE: usize = 100;

/// Plays a script that begins on Monday, 23 November 2026, at 09:00 in Berlin, unless its first line says otherwise.
pub(crate) fn check(script: &str) {
    let mut lines = script.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    let begin = lines.next_if(|line| line.starts_with("begin"));
    let mut play = Play::new(begin.unwrap_or("begin 2026-11-23 09:00 Europe/Berlin"));
    let mut played = String::new();
    let mut same = true;
    for line in lines {
        let (action, expected) =
            line.split_once('|').map_or((line, None), |(action, rest)| (action.trim(), Some(rest)));
        let outcome = play.line(action);
        let is = outcome.join("; ");
        match expected.map(str::trim) {
            Some(expected) if expected != is => {
                same = false;
                played += &format!("  {action} | {is}\n    not: {expected}\n");
            }
            Some(_) | None => played += &format!("  {action} | {is}\n"),
        }
    }
    assert!(same, "played:\n{played}");
}

/// More rows than any play has.
const ROOM: usize = 1_000;
/// Few at a time, so that the way back is a long one.
const PORTION: usize = 2;

struct Play {
    model: Model,
    store: MemoryStore,
    disk_is_well: bool,
    fallback: StandIn,
    /// Rows that it takes.
    room: usize,
    /// The way back, while it lasts.
    settling: Option<Settling>,
    settings: Settings,
    zone: Zone,
    now: Now,
    gate: Arc<str>,
    gates: u32,
    renderers: u32,
    popups: u32,
    calls: u64,
    /// Calls that the renderer has not answered.
    sent: VecDeque<(Arc<str>, u32)>,
    /// What the renderer answered, as a relay remembers it.
    answered: Vec<SentCall>,
    senders: BTreeMap<String, Sender>,
    /// The held ones' revision when somebody last looked.
    listed: u64,
}

impl Play {
    fn new(begin: &str) -> Self {
        let words: Vec<_> = begin.split_whitespace().collect();
        let zone = zone(words[3]);
        let local = NaiveDateTime::parse_from_str(&words[1..3].join(" "), "%Y-%m-%d %H:%M").unwrap();
        let now = Now { utc: zone.instant(local), boot: Duration::hours(1) };
        let mut store = MemoryStore::new();
        let settings = Settings::default();
        let model = Model::restore(store.load().unwrap(), settings.clone(), zone.clone(), ":gate.1".into(), now);
        let mut play = Self {
            model,
            store,
            disk_is_well: true,
            fallback: StandIn::new(NoticeId(FIRST_ID)),
            room: ROOM,
            settling: None,
            settings,
            zone,
            now,
            gate: ":gate.1".into(),
            gates: 1,
            renderers: 0,
            popups: 0,
            calls: 0,
            sent: VecDeque::new(),
            answered: Vec::new(),
            senders: BTreeMap::new(),
            listed: 0,
        };
        play.happens(Event::InPath(true));
        play.renderer_comes();
        play
    }

    /// One event in one transaction; what leaves, in words.
    fn happens(&mut self, event: Event) -> Vec<String> {
        if self.model.has_store_trouble() {
            return self.passes(event);
        }
        let before = self.model.snapshot();
        self.store.begin(true).unwrap();
        let steps = decide(&mut self.model, &mut self.store, vec![event.clone()], self.now);
        if !self.disk_is_well {
            self.store.roll_back();
            self.model.store_failed(before, "disk full".into());
            self.fallback = self.model.stand_in().with_room(self.room);
            return self.passes(event);
        }
        self.store.commit().unwrap();
        assert!(self.model.ledger().0.balances(), "{:?}", self.model.ledger());
        self.lets_out(steps.into_iter().flat_map(|step| step.effects).collect())
    }

    /// The store has failed: the same over rows in memory.
    fn passes(&mut self, event: Event) -> Vec<String> {
        let steps = pass(&mut self.model, &mut self.fallback, event, self.now);
        self.lets_out(steps.into_iter().flat_map(|step| step.effects).collect())
    }

    fn mends(&mut self) -> Vec<String> {
        self.disk_is_well = true;
        let mut said = self.settles();
        while self.model.has_store_trouble() {
            said.extend(self.settles());
        }
        said
    }

    /// One step of the way back, or the attempt at one.
    fn settles(&mut self) -> Vec<String> {
        let Some(mut settling) = self.settling.take().or_else(|| self.begins_to_settle()) else { return Vec::new() };
        let portion = settling.portion(&self.model, &mut self.fallback, PORTION);
        self.store.begin(true).unwrap();
        let mut step = settling.step(portion, &mut self.store, self.now).unwrap();
        if !self.disk_is_well {
            self.store.roll_back();
            return Vec::new();
        }
        self.store.commit().unwrap();
        let heard = std::mem::take(&mut step.heard);
        self.model.settled(step, &mut self.fallback);
        if self.model.is_settled(&self.fallback) {
            self.model = settling.finish(&self.model);
        } else {
            self.settling = Some(settling);
        }
        self.lets_out(Settled::of(heard).all_effects())
    }

    fn begins_to_settle(&mut self) -> Option<Settling> {
        if !self.disk_is_well {
            return None;
        }
        let live: BTreeSet<_> = self.senders.values().cloned().collect();
        let loaded = self.store.load().unwrap();
        for sender in present(&loaded.senders, &live) {
            self.passes(sender);
        }
        Some(Settling::new(&self.model, loaded, self.now))
    }

    fn lets_out(&mut self, effects: Vec<Effect>) -> Vec<String> {
        for effect in &effects {
            if let Effect::Gate(GateEffect::Forward(forward)) = effect {
                self.sent.push_back((self.gate.clone(), forward.serial));
            }
        }
        effects.iter().filter_map(|effect| words::effect(effect, &self.zone)).collect()
    }

    fn line(&mut self, line: &str) -> Vec<String> {
        let words = split(line);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["renderer", rest @ ..] => self.renderer(rest),
            ["ledger"] => vec![words::ledger(&self.model.ledger().0)],
            ["rows"] => self.store.rows_in_order().iter().map(words::row).collect(),
            ["doubtful"] => self.doubtful(),
            ["came-back?"] => self.store.rows_in_order().iter().filter_map(words::came_back).collect(),
            ["plan"] => vec![self.plan()],
            ["in", "the", "path"] => self.happens(Event::InPath(true)),
            ["out", "of", "the", "path"] => self.happens(Event::InPath(false)),
            ["away", "before", "this", "start", span] => self.happens(Event::AwayFor(length(span))),
            ["absences"] => self.model.absences().iter().map(|away| words::absence(away, &self.zone)).collect(),
            ["list"] => self.list(),
            ["room", "for", rows] => {
                self.room = rows.parse().unwrap();
                Vec::new()
            }
            ["disk", "fails"] => {
                self.disk_is_well = false;
                Vec::new()
            }
            ["disk", "is-well"] => self.mends(),
            ["disk", "is-back"] => {
                self.disk_is_well = true;
                Vec::new()
            }
            ["step"] => self.settles(),
            ["restart", how] => self.restart(how),
            ["rule", app, rule] => self.rule(app, rule),
            ["hand-over", app, way] => self.hand_over(app, way),
            ["waiting?"] => vec![self.model.to_be_released().to_string()],
            ["undoable?"] => self.undoable(),
            ["later?"] => vec![self.model.later().to_string()],
            ["noted?"] => self.model.noted().map(|noted| noted.text.to_string()).collect(),
            ["check-in?"] => self.check_in(),
            ["handed-over?"] => self.handed_over(),
            ["withdrawn?"] => self.withdrawn(),
            ["sees", "withdrawn"] => self.sees_withdrawn(),
            ["blocks?"] => self.blocks(),
            ["history", "of", "blocks"] => self.past_blocks(),
            ["history", "of", "periods"] => self.past_periods(),
            ["history", "of", "absences"] => self.past_absences(),
            ["over?"] => self.model.ended().map(words::ended).into_iter().collect(),
            ["away?"] => self.model.time_away().map(|away| format!("{} min", away.num_minutes())).into_iter().collect(),
            ["deep-work?"] => self.deep_work(),
            ["intentions?"] => self.model.intentions().to_vec(),
            ["usual-length", length] => self.set_usual_length(length),
            ["ends-untold"] => self.leave_ends_untold(),
            ["check-ins", times @ ..] => self.check_ins(times),
            ["zone", zone] => self.set_zone(zone),
            ["at", time] => self.wait_until(time),
            ["wait", span] => self.wait(length(span)),
            ["back", "after", span] => self.happens(Event::UserBack(length(span))),
            ["away-time", minutes] => self.set_away_time(minutes),
            ["quiet-holds", word] => self.set_quiet_holds(word == &"yes"),
            ["quiet-untold"] => self.leave_quiet_untold(),
            ["idle"] => self.happens(Event::UserIdle),
            ["lapse", span] => {
                self.goes_by(length(span));
                Vec::new()
            }
            ["suspend", span] => self.suspend(length(span)),
            ["clock", span] => self.set_clock(span),
            ["clock", span, "unnoticed"] => self.turn_clock(span),
            [app, rest @ ..] if app.ends_with(':') => self.notify(app.trim_end_matches(':'), rest),
            [app, "closes", id] => self.close(app, id),
            [app, "leaves"] => self.leave(app),
            [app, "asks-for-quiet"] => self.inhibit(app),
            [app, "takes-back", cookie] => self.uninhibit(app, cookie),
            command => self.command(command),
        }
    }
}

/// Apps. `mail.2` is another connection of the app `mail`.
impl Play {
    fn sender(&mut self, name: &str) -> Sender {
        let new = || Sender { bus: "bus".into(), name: name.into(), pid: 1, started: 1 };
        self.senders.entry(name.to_owned()).or_insert_with(new).clone()
    }

    fn call(&mut self) -> CallId {
        self.calls += 1;
        CallId(self.calls)
    }

    fn notify(&mut self, name: &str, words: &[&str]) -> Vec<String> {
        let (content, replaces) = content(words);
        let raw = Raw { body: content.summary.as_bytes().into(), big_endian: false };
        let (call, sender) = (self.call(), self.sender(name));
        let own = name == "tidegate";
        let arrival = Arrival { call, sender, app: app(name), replaces, content, raw, whole: None, own };
        self.happens(Event::Arrived(Box::new(arrival)))
    }

    fn close(&mut self, name: &str, id: &str) -> Vec<String> {
        let (call, sender) = (self.call(), self.sender(name));
        self.happens(Event::CloseRequested { call, sender, app: Some(app(name).into()), id: number(id) })
    }

    fn leave(&mut self, name: &str) -> Vec<String> {
        self.senders.remove(name);
        self.happens(Event::SenderLeft(name.into()))
    }

    fn inhibit(&mut self, name: &str) -> Vec<String> {
        let (call, sender) = (self.call(), self.sender(name));
        self.happens(Event::Inhibit { call, sender, app: name.to_owned() })
    }

    fn uninhibit(&mut self, name: &str, cookie: &str) -> Vec<String> {
        let (call, sender) = (self.call(), self.sender(name));
        self.happens(Event::UnInhibit { call, sender, cookie: cookie.parse().unwrap() })
    }
}

/// A person.
impl Play {
    fn command(&mut self, words: &[&str]) -> Vec<String> {
        let request = Some(RequestId(self.call().0));
        self.happens(Event::Command { request, command: command(words) })
    }

    fn rule(&mut self, app: &str, rule: &str) -> Vec<String> {
        let rule = match rule {
            "hold" => AppRule::Hold,
            "pass" => AppRule::Pass,
            "pass-trusted" => AppRule::PassTrusted,
            "mute" => AppRule::Mute,
            other => panic!("no such rule: {other}"),
        };
        self.settings.apps.insert(app.to_owned(), rule);
        self.happens(Event::SettingsChanged(Box::new(self.settings.clone())))
    }

    fn hand_over(&mut self, app: &str, way: &str) -> Vec<String> {
        let way = match way {
            "digest" => HandOver::Digest,
            "re-deliver" => HandOver::ReDeliver,
            "silent" => HandOver::Silent,
            other => panic!("no such way: {other}"),
        };
        self.settings.hand_over.insert(app.to_owned(), way);
        self.happens(Event::SettingsChanged(Box::new(self.settings.clone())))
    }

    fn undoable(&self) -> Vec<String> {
        let step = self.model.undoable(self.now);
        step.map(|step| format!("{:?} '{}', {}", step.deed, step.summary, step.count())).into_iter().collect()
    }

    fn check_in(&self) -> Vec<String> {
        let open = if self.model.is_checking_in() { "open" } else { "closed" };
        vec![format!("{open}, at {}", self.model.where_were_you().unwrap_or("nothing"))]
    }

    fn handed_over(&self) -> Vec<String> {
        let books = self.model.handed_over();
        let said =
            |it: &HandedOver| format!("since {}: {}", words::time(it.since, &self.zone), words::ledger(&it.ledger));
        books.map(said).into_iter().collect()
    }

    /// What is listed, as the window shows it.
    fn withdrawn(&mut self) -> Vec<String> {
        let (count, since) = self.model.withdrawn();
        let apps = self.store.withdrawn(since, 10).unwrap();
        assert_eq!(apps.iter().map(|app| app.count).sum::<u32>(), count, "what is listed, and its rows");
        apps.iter().map(|app| format!("{} {}", app.count, app.name)).collect()
    }

    fn sees_withdrawn(&mut self) -> Vec<String> {
        let upto = self.model.withdrawn_upto();
        self.happens(Event::Command { request: None, command: Command::SawWithdrawn(upto) })
    }

    fn blocks(&self) -> Vec<String> {
        let time = |at| words::time(at, &self.zone);
        let blocks = self.model.blocks_today(self.now);
        blocks.map(|it| format!("{} to {}", time(it.started), time(it.ended))).collect()
    }

    fn past_blocks(&self) -> Vec<String> {
        self.store.history().blocks.iter().map(|block| words::past_block(block, &self.zone)).collect()
    }

    fn past_periods(&self) -> Vec<String> {
        self.store.history().periods.iter().map(|period| words::past_period(period, &self.zone)).collect()
    }

    fn past_absences(&self) -> Vec<String> {
        self.store.history().absences.iter().map(|away| words::absence(away, &self.zone)).collect()
    }

    fn deep_work(&self) -> Vec<String> {
        let (today, week) = self.model.deep_work(self.now);
        vec![format!("{} min today, {} this week", today.num_minutes(), week.num_minutes())]
    }

    fn set_usual_length(&mut self, word: &str) -> Vec<String> {
        self.settings.blocks.length = match word {
            "last" => None,
            "until-check-in" => Some(BlockLength::UntilCheckIn),
            minutes => Some(BlockLength::Minutes(minutes.parse().unwrap())),
        };
        self.happens(Event::SettingsChanged(Box::new(self.settings.clone())))
    }

    fn leave_ends_untold(&mut self) -> Vec<String> {
        self.settings.blocks.tells_the_end = false;
        self.happens(Event::SettingsChanged(Box::new(self.settings.clone())))
    }

    fn set_away_time(&mut self, minutes: &str) -> Vec<String> {
        self.settings.blocks.away_minutes = minutes.parse().ok();
        self.happens(Event::SettingsChanged(Box::new(self.settings.clone())))
    }

    fn set_quiet_holds(&mut self, holds: bool) -> Vec<String> {
        self.settings.quiet.holds = holds;
        self.happens(Event::SettingsChanged(Box::new(self.settings.clone())))
    }

    fn leave_quiet_untold(&mut self) -> Vec<String> {
        self.settings.quiet.tells_the_end = false;
        self.happens(Event::SettingsChanged(Box::new(self.settings.clone())))
    }

    /// The same on all seven days.
    fn check_ins(&mut self, times: &[&str]) -> Vec<String> {
        let times: Vec<_> = times.iter().map(|time| (*time).to_owned()).collect();
        let mut plan = CheckIns::none();
        let days = std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ())).take(7);
        days.for_each(|day| plan.set_day(day, &times).unwrap());
        self.settings.check_ins = plan;
        self.happens(Event::SettingsChanged(Box::new(self.settings.clone())))
    }

    /// Those whose apps may have forgotten them.
    fn doubtful(&self) -> Vec<String> {
        let rows = self.store.rows_in_order();
        rows.iter().filter(|row| self.model.may_have_forgotten(row)).map(words::row).collect()
    }

    /// Whether who has fetched the list has to fetch it anew.
    fn list(&mut self) -> Vec<String> {
        let revision = self.model.held_revision();
        let word = if std::mem::replace(&mut self.listed, revision) == revision { "same" } else { "another" };
        vec![word.into()]
    }

    fn plan(&self) -> String {
        let time = |at: Option<DateTime<Utc>>| at.map_or("never".into(), |at| words::time(at, &self.zone));
        let gate = match self.model.block() {
            Some(block) if self.model.is_closed() => format!("block until {}", time(block.ends_at())),
            Some(_) | None if self.model.is_closed() => "quiet".into(),
            Some(_) | None => "open".into(),
        };
        let ready = if self.model.is_ready() { ", ready" } else { "" };
        let pause = if self.model.wanted_of_user().idleness { " for a pause" } else { "" };
        let releasing = if self.model.is_releasing() { ", releasing" } else { "" };
        format!("{gate}{ready}{pause}{releasing}, check-in {}", time(self.model.next_check_in(self.now)))
    }
}

/// Time.
impl Play {
    fn wait(&mut self, by: Duration) -> Vec<String> {
        let until = self.now.boot + by;
        let mut said = Vec::new();
        let mut at_once = 0;
        while let Some(wakeup) = self.model.next_wakeup(self.now) {
            let wait = (wakeup - self.now.utc).max(Duration::zero());
            if self.now.boot + wait > until {
                break;
            }
            at_once = if wait.is_zero() { at_once + 1 } else { 0 };
            assert!(at_once < WAKES_AT_ONCE, "it never comes to rest");
            self.goes_by(wait);
            said.extend(self.happens(Event::Wake));
        }
        self.goes_by(until - self.now.boot);
        said
    }

    fn goes_by(&mut self, by: Duration) {
        self.now.utc += by;
        self.now.boot += by;
    }

    fn wait_until(&mut self, time: &str) -> Vec<String> {
        let time = NaiveTime::parse_from_str(time, "%H:%M").unwrap();
        let today = self.zone.local(self.now.utc).date_naive();
        let at = self.zone.instant(today.and_time(time));
        assert!(at >= self.now.utc, "{time} is past");
        self.wait(at - self.now.utc)
    }

    fn suspend(&mut self, by: Duration) -> Vec<String> {
        self.goes_by(by);
        let mut said = self.happens(Event::Wake);
        said.extend(self.wait(Duration::zero()));
        said
    }

    fn set_clock(&mut self, span: &str) -> Vec<String> {
        let mut said = self.turn_clock(span);
        said.extend(self.happens(Event::Wake));
        said.extend(self.wait(Duration::zero()));
        said
    }

    /// Nobody tells the gate: it sees it with whatever comes next.
    fn turn_clock(&mut self, span: &str) -> Vec<String> {
        let (sign, span) = span.split_at(1);
        let by = length(span);
        self.now.utc += if sign == "-" { -by } else { by };
        Vec::new()
    }

    fn set_zone(&mut self, name: &str) -> Vec<String> {
        self.zone = zone(name);
        self.happens(Event::ZoneChanged(self.zone.clone()))
    }

    /// The process ended without a word, and another one starts; `how` is "alone", "relay", or "relay-since-N" for a relay
    /// that was not there before the Nth gate.
    fn restart(&mut self, how: &str) -> Vec<String> {
        self.gates += 1;
        self.gate = format!(":gate.{}", self.gates).into();
        let loaded = self.store.load().unwrap();
        let live = |sender: &Sender| self.senders.values().any(|live| live == sender);
        let present: Vec<_> = loaded.senders.iter().filter(|sender| live(sender)).cloned().collect();
        self.model = Model::restore(loaded, self.settings.clone(), self.zone.clone(), self.gate.clone(), self.now);
        self.fallback = StandIn::new(NoticeId(FIRST_ID));
        for sender in present {
            self.happens(Event::SenderPresent(sender));
        }
        // What is due is due at once, before anybody has been heard.
        let mut said = self.wait(Duration::zero());
        said.extend(self.happens(Event::InPath(true)));
        said.extend(self.happens(Event::RendererUp(self.renderer_name())));
        let known = match how {
            "alone" => KnownCalls::default(),
            "relay" => self.known_since(1),
            _ => self.known_since(how.strip_prefix("relay-since-").unwrap().parse().unwrap()),
        };
        said.extend(self.happens(Event::Recover(known)));
        said
    }

    /// What a relay knows that was started with this gate.
    fn known_since(&self, first: u32) -> KnownCalls {
        let watched: Vec<Arc<str>> = (first..=self.gates).map(|gate| format!(":gate.{gate}").into()).collect();
        let waiting = self.sent.iter().map(|(gate, serial)| {
            let outcome = CallOutcome::Waiting;
            SentCall { gate: gate.clone(), serial: *serial, outcome }
        });
        let mut calls: Vec<SentCall> = self.answered.iter().cloned().chain(waiting).collect();
        calls.retain(|call| watched.contains(&call.gate));
        KnownCalls { calls, watched }
    }
}

/// The renderer.
impl Play {
    fn renderer_name(&self) -> Arc<str> {
        format!(":renderer.{}", self.renderers).into()
    }

    fn renderer_comes(&mut self) -> Vec<String> {
        self.renderers += 1;
        self.popups = 0;
        self.answered.clear();
        self.happens(Event::RendererUp(self.renderer_name()))
    }

    fn renderer(&mut self, words: &[&str]) -> Vec<String> {
        match words {
            ["shows"] => self.renderer_shows(),
            ["shows", "unheard"] => {
                self.popups += 1;
                self.answers(CallOutcome::Shown(RendererId(self.popups)), false)
            }
            ["shows-as", id, "unheard"] => self.answers(CallOutcome::Shown(renderer_id(id)), false),
            ["shows-as", id] => self.answers(CallOutcome::Shown(renderer_id(id)), true),
            ["is", "silent"] => self.renderer_is_silent(),
            ["refuses"] => self.answers(CallOutcome::Refused("full".into()), true),
            ["never", "saw", "it"] => {
                self.sent.pop_front();
                Vec::new()
            }
            ["comes"] => self.renderer_comes(),
            ["leaves"] => self.happens(Event::RendererDown),
            ["closes", id, reason, rest @ ..] => {
                let reason = ["expired", "dismissed", "by-call", "undefined"].iter().position(|word| word == reason);
                let reason = ClosedReason::from_code(u32::try_from(reason.unwrap()).unwrap() + 1);
                let (by, id, to) = (self.renderer_name(), renderer_id(id), audience(rest));
                self.happens(Event::RendererClosed { by, id, reason, to })
            }
            ["presses", id, key, rest @ ..] => {
                let (by, id, to) = (self.renderer_name(), renderer_id(id), audience(rest));
                let token = Some("token".to_owned());
                self.happens(Event::RendererAction { by, id, key: (*key).to_owned(), token, to })
            }
            ["replies", id, text, rest @ ..] => {
                let (by, id, to) = (self.renderer_name(), renderer_id(id), audience(rest));
                self.happens(Event::RendererReplied { by, id, text: (*text).to_owned(), to })
            }
            other => panic!("the renderer cannot {other:?}"),
        }
    }

    /// A call that names a popup keeps its id.
    fn renderer_shows(&mut self) -> Vec<String> {
        self.popups += 1;
        self.answers(CallOutcome::Shown(RendererId(self.popups)), true)
    }

    /// The oldest call has waited for too long, and is under way all the same.
    fn renderer_is_silent(&mut self) -> Vec<String> {
        let (_, serial) = self.sent.front().expect("a call to the renderer");
        self.happens(Event::Sent { serial: *serial, outcome: CallOutcome::Silent })
    }

    /// The answer to the oldest call, which the gate hears of, or only the relay.
    fn answers(&mut self, outcome: CallOutcome, heard: bool) -> Vec<String> {
        let (gate, serial) = self.sent.pop_front().expect("a call to the renderer");
        let call = SentCall { gate: gate.clone(), serial, outcome: outcome.clone() };
        self.answered.push(call.clone());
        match heard {
            true if gate == self.gate => self.happens(Event::Sent { serial, outcome }),
            true => self.happens(Event::SentByEarlier(call)),
            false => Vec::new(),
        }
    }
}

fn command(words: &[&str]) -> Command {
    let ids = |ids: &[&str]| match ids {
        ["all"] => Target::All,
        ["of", app] => Target::App((*app).into()),
        ids => Target::Ids(ids.iter().map(|id| NoticeId(number(id))).collect()),
    };
    let start = |length, intention: &[&str]| Command::Start {
        length,
        intention: intention.first().map(|text| (*text).to_owned()),
    };
    match words {
        ["start", "until-check-in", rest @ ..] => start(BlockLength::UntilCheckIn, rest),
        ["start", "until", time, rest @ ..] => start(BlockLength::UntilTime(time.parse().unwrap()), rest),
        ["start", "open", rest @ ..] => start(BlockLength::Open, rest),
        ["start", "usual", rest @ ..] => start(BlockLength::Usual, rest),
        ["start", minutes, rest @ ..] => start(BlockLength::Minutes(minutes.parse().unwrap()), rest),
        ["extend", minutes] => Command::Extend { minutes: minutes.parse().unwrap() },
        ["end"] => Command::End,
        ["toggle"] => Command::Toggle,
        ["break", minutes] => Command::Break { minutes: minutes.parse().unwrap() },
        ["saw-end"] => Command::SawEnd,
        ["count", "away"] => Command::CountTimeAway(true),
        ["leave", "away", "out"] => Command::CountTimeAway(false),
        ["check-in"] => Command::CheckInNow,
        ["check-in", "in", "the", "window"] => Command::CheckInInWindow,
        ["skip"] => Command::SkipCheckIn,
        ["act", id] => Command::Act { id: NoticeId(number(id)), key: None, token: None },
        ["act", id, key] => Command::Act { id: NoticeId(number(id)), key: Some((*key).to_owned()), token: None },
        ["reply", id, text] => Command::Reply { id: NoticeId(number(id)), text: (*text).to_owned() },
        ["undo"] => Command::Undo(None),
        ["undo", id] => Command::Undo(Some(NoticeId(number(id)))),
        ["done", rest @ ..] => Command::Done(ids(rest)),
        ["release", rest @ ..] => Command::Release(ids(rest)),
        ["later", rest @ ..] => Command::Later(ids(rest)),
        ["snooze", ids @ .., "until", time] => Command::Snooze {
            ids: ids.iter().map(|id| NoticeId(number(id))).collect(),
            until: SnoozeEnd::Time(time.parse().unwrap()),
        },
        ["snooze", ids @ .., minutes] => Command::Snooze {
            ids: ids.iter().map(|id| NoticeId(number(id))).collect(),
            until: SnoozeEnd::Minutes(minutes.parse().unwrap()),
        },
        ["note", text] => Command::Note((*text).to_owned()),
        ["where", place] => Command::WhereWereYou(Some((*place).to_owned())),
        ["where"] => Command::WhereWereYou(None),
        ["close-check-in"] => Command::CloseCheckIn,
        other => panic!("nobody can ask for {other:?}"),
    }
}

/// The text and what follows it: what the notification claims, and the id that it replaces.
fn content(words: &[&str]) -> (Content, u32) {
    let mut content = Content { summary: words[0].to_owned(), ..Content::default() };
    let mut replaces = 0;
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        match *word {
            "for" => replaces = number(rest.next().unwrap()),
            "lasting" => content.timeout = Timeout::After(length(rest.next().unwrap())),
            "tagged" => content.stack_tag = rest.next().map(|tag| (*tag).to_owned()),
            "button" => {
                let key = (*rest.next().unwrap()).to_owned();
                content.actions.push(Action { label: key.clone(), key });
            }
            "transient" => content.transient = true,
            "staying" => content.timeout = Timeout::Never,
            "feedback" => content.feedback = true,
            "resident" => content.resident = true,
            "critical" => content.urgency = Urgency::Critical,
            "reply" => content.inline_reply = Some("Reply".into()),
            other => panic!("a notification cannot be {other}"),
        }
    }
    (content, replaces)
}

/// Apps whose programs the distribution installs; `power` is on the safe list, `fake` only says so, and anybody may have put
/// the program of `home` where it is. `claim-chat` says that it is `chat`.
fn app(name: &str) -> App {
    let id = name.split('.').next().unwrap_or(name);
    let (id, claims) = id.strip_prefix("claim-").map_or((id, false), |id| (id, true));
    let proof = match id {
        _ if claims => Proof::DesktopEntry,
        "fake" => Proof::Name,
        "home" => Proof::Executable,
        _ => Proof::Unit,
    };
    let program = if id == "power" { "gsd-power" } else { id };
    App {
        id: id.into(),
        name: id.into(),
        proof,
        desktop_entry: Some(format!("org.{id}").into()),
        executable: (proof == Proof::Unit).then(|| format!("/usr/libexec/{program}").into()),
    }
}

fn audience(words: &[&str]) -> Audience {
    match words {
        [] => Audience::Gate,
        ["to-all"] => Audience::Everybody,
        ["for", other] => Audience::Other((*other).into()),
        other => panic!("nobody is {other:?}"),
    }
}

/// `#1` is the first id that the gate gives out; anything else is the number itself.
fn number(word: &str) -> u32 {
    match word.strip_prefix('#') {
        Some(nth) => FIRST_ID + nth.parse::<u32>().unwrap() - 1,
        None => word.parse().unwrap(),
    }
}

fn renderer_id(word: &str) -> RendererId {
    RendererId(word.trim_start_matches('r').parse().unwrap())
}

/// `90m`, `30s`, `250ms`
fn length(word: &str) -> Duration {
    let (count, unit) = word.split_at(word.find(|letter: char| !letter.is_ascii_digit()).unwrap());
    let count: i64 = count.parse().unwrap();
    match unit {
        "ms" => Duration::milliseconds(count),
        "s" => Duration::seconds(count),
        "m" => Duration::minutes(count),
        "h" => Duration::hours(count),
        "d" => Duration::days(count),
        other => panic!("no unit of time: {other}"),
    }
}

/// Words; what stands between single quotes is one.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (nth, part) in line.split('\'').enumerate() {
        if nth % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
