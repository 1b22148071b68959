//! What the digest notification says. Must not know how it is shown.

use super::NAME;
use super::books::{absence_lines, books_line, ledger_view, mismatch, only_counted_line};
use tidegate_contract::Message;
use tidegate_domain::conversation_name;
use tidegate_domain::{BlockLength, Digest, Ended, Occasion, Stretch, WithdrawnApp};
use tidegate_words::{Catalogue, Clock, line, say};

/// Conversations that are named, and how much of a name.
pub const CONVERSATIONS: usize = 3;
const CONVERSATION_NAME: usize = 48;
/// Apps that are named for what they took back.
const WITHDRAWN_APPS: usize = 3;

/// A notification's texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestText {
    /// Plain text.
    pub summary: String,
    /// Markup: everything of it that is not ours is escaped.
    pub body: String,
    /// Whether there is anything to be reviewed.
    pub reviews: bool,
    /// Whether there is anything to be released.
    pub releases: bool,
    /// What begins a block, where one is offered: "Another 50".
    pub another: Option<String>,
    /// Whether it asks if the time away counts.
    pub asks_of_away: bool,
    /// How loud it may be.
    pub sound: Sound,
}

/// How loud a notice of ours is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// As the renderer does.
    AsUsual,
    /// With the desktop's sound for something that is complete.
    Complete,
    /// With none.
    Silent,
    /// With none, and of low urgency.
    Low,
}

/// What a digest tells besides its counts.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The summary of the newest of each of the largest conversations, or of what is told of alone, and how many it has.
    pub conversations: Vec<(String, u32)>,
    /// Who took something back.
    pub withdrawn: Vec<WithdrawnApp>,
}

/// The digest's texts.
#[must_use]
pub fn digest(digest: &Digest, told: &Told, clock: &Clock) -> DigestText {
    let telling = Telling { digest, told, words: &Catalogue::new(clock) };
    match &digest.occasion {
        Occasion::CheckIn => telling.check_in(),
        Occasion::QuietIsOver { app, held } => telling.quiet_is_over(app, *held),
        Occasion::IsOver(over) => telling.is_over(over),
        Occasion::WasAway { intention } => telling.was_away(intention.as_deref()),
        Occasion::SnoozeIsOver(back) => telling.snooze_is_over(u32::try_from(back.len()).unwrap_or(u32::MAX)),
    }
}

/// What is to be told, and in whose words.
struct Telling<'a> {
    digest: &'a Digest,
    told: &'a Told,
    words: &'a Catalogue<'a>,
}

impl Telling<'_> {
    /// Who interrupted, by conversation and by app, who took that back, and the books since the last one.
    fn check_in(&self) -> DigestText {
        let digest = self.digest;
        let summary = match (digest.held, digest.withdrawn) {
            (0, 0) => say::notice_check_in_nothing(),
            (0, withdrawn) => say::notice_check_in_withdrawn(withdrawn),
            (held, _) => say::notice_check_in(held, digest.app_count),
        };
        let books = ledger_view(&digest.ledger, digest.since, &digest.absences);
        let since = say::notice_since(books.since, books_line(&books, self.words));
        let released = (digest.released > 0).then(|| say::notice_released(digest.released));
        let who = [self.conversations(digest.held), self.apps(), self.withdrawn(), released];
        let books_say = [Some(since), only_counted_line(&books), mismatch(&books)];
        let lines = who.into_iter().chain(books_say).flatten().chain(absence_lines(&books)).chain(self.away());
        self.with_buttons(&summary, lines, digest.held > 0)
    }

    /// "12 held while Impress asked for quiet", and from whom. No books: no period ends.
    fn quiet_is_over(&self, app: &str, held: u32) -> DigestText {
        let app = line(app, NAME);
        let summary = match self.digest.held {
            all if all > held => say::notice_quiet_is_over_of_all(all, held, app),
            _ => say::notice_quiet_is_over(held, app),
        };
        let lines = [self.conversations(self.digest.held), self.apps(), self.withdrawn(), self.away()];
        self.with_buttons(&summary, lines.into_iter().flatten(), false)
    }

    /// "50 min of Draft the plan", how much is held and from whom. No books: no period ends.
    fn is_over(&self, over: &Ended) -> DigestText {
        let length = over.length().num_milliseconds();
        let summary = match (over.what, over.intention.as_deref().map(|intention| line(intention, NAME))) {
            (Stretch::Block, Some(intention)) => say::notice_block_is_over(length, intention),
            (Stretch::Block, None) => say::notice_block_is_over_unnamed(length),
            (Stretch::Break, Some(intention)) => say::notice_break_is_over(intention),
            (Stretch::Break, None) => say::notice_break_is_over_unnamed(),
        };
        let lines = [Some(self.held()), self.withdrawn(), self.away()];
        let text = self.with_buttons(&summary, lines.into_iter().flatten(), false);
        match over.what {
            // It is shown anew, with a question.
            Stretch::Block if over.is_told => DigestText { sound: Sound::Silent, ..text },
            Stretch::Block => text,
            Stretch::Break => {
                DigestText { another: Some(self.words.format(&say::notice_back_to_work())), sound: Sound::Low, ..text }
            }
        }
    }

    /// "You were away 23 min: count it?", and in which block. No books: no period ends.
    fn was_away(&self, intention: Option<&str>) -> DigestText {
        let counts = match intention {
            Some(intention) => say::notice_counts_until_left_out_of(line(intention, NAME)),
            None => say::notice_counts_until_left_out(),
        };
        let length = self.digest.away.unwrap_or_default().num_milliseconds();
        let text = self.with_buttons(&say::notice_away(length), [counts], false);
        DigestText { reviews: false, sound: Sound::Low, ..text }
    }

    /// "2 snoozed are back", and which.
    fn snooze_is_over(&self, back: u32) -> DigestText {
        let summary = match self.digest.held {
            held if held > back => say::notice_snooze_is_over_of_all(back, held),
            _ => say::notice_snooze_is_over(back),
        };
        self.with_buttons(&summary, self.conversations(back).into_iter().chain(self.away()), false)
    }

    /// "#platform 5, Maya 2, Invoice 2231 and 4 more": people, rooms and subjects, as apps put them into the summary.
    fn conversations(&self, count: u32) -> Option<Message> {
        let name = |(summary, count): &(String, u32)| {
            let name = line(conversation_name(summary), CONVERSATION_NAME);
            if *count > 1 { format!("{name} {count}") } else { name }
        };
        let named: Vec<_> = self.told.conversations.iter().filter(|(summary, _)| !summary.trim().is_empty()).collect();
        let rest = named.iter().fold(count, |rest, (_, count)| rest.saturating_sub(*count));
        let names = named.iter().map(|conversation| name(conversation)).collect::<Vec<_>>().join(", ");
        (!names.is_empty()).then(|| say::notice_conversations(names, rest))
    }

    /// "Slack 5, Mail 3 and 2 other apps".
    fn apps(&self) -> Option<Message> {
        let named = self.digest.apps.iter().map(|(app, count)| format!("{} {count}", line(app, NAME)));
        let named: Vec<_> = named.collect();
        let others = self.digest.app_count.saturating_sub(u32::try_from(named.len()).unwrap_or(u32::MAX));
        (!named.is_empty()).then(|| say::notice_apps(named.join(", "), others))
    }

    fn held(&self) -> Message {
        let who = || self.conversations(self.digest.held).or_else(|| self.apps());
        match self.digest.held {
            0 => say::notice_nothing_held(),
            held => who().map_or_else(|| say::state_held(held), |who| say::notice_held(held, who)),
        }
    }

    /// "2 withdrawn by Slack, 1 by Mail and 3 by others".
    fn withdrawn(&self) -> Option<Message> {
        let named = &self.told.withdrawn[..self.told.withdrawn.len().min(WITHDRAWN_APPS)];
        let by = named.iter().enumerate().map(|(place, app)| {
            let says = if place == 0 { say::notice_withdrawn_by } else { say::notice_by };
            self.words.format(&says(app.count, line(&app.name, NAME)))
        });
        let by = by.collect::<Vec<_>>().join(", ");
        match named.iter().fold(self.digest.withdrawn, |rest, app| rest.saturating_sub(app.count)) {
            _ if self.digest.withdrawn == 0 => None,
            others if named.is_empty() => Some(say::notice_withdrawn(others)),
            others => Some(say::notice_withdrawn_by_others(by, others)),
        }
    }

    fn away(&self) -> Option<Message> {
        self.digest.away.map(|away| say::notice_away(away.num_milliseconds()))
    }

    /// A block's end offers the next one, whatever says it.
    fn with_buttons(&self, summary: &Message, lines: impl IntoIterator<Item = Message>, releases: bool) -> DigestText {
        let sound = match self.digest.another {
            _ if !self.digest.sounds => Sound::Silent,
            Some(_) => Sound::Complete,
            None => Sound::AsUsual,
        };
        let lines: Vec<_> = lines.into_iter().map(|line| self.words.format(&line)).collect();
        DigestText {
            summary: self.words.format(summary),
            body: escape(&lines.join("\n")),
            reviews: true,
            releases,
            another: self.digest.another.map(|length| self.words.format(&another(length))),
            asks_of_away: self.digest.away.is_some(),
            sound,
        }
    }
}

fn another(length: BlockLength) -> Message {
    match length {
        BlockLength::Minutes(minutes) => say::notice_another_minutes(minutes),
        BlockLength::UntilCheckIn => say::notice_another_until_check_in(),
        BlockLength::Open | BlockLength::Usual | BlockLength::UntilTime(_) => say::notice_another(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::berlin;
    use chrono::{DateTime, TimeZone, Utc};
    use tidegate_domain::Ledger;

    fn told(held: u32, apps: &[(&str, u32)], app_count: u32, withdrawn: &[(&str, u32)]) -> (String, String) {
        let text = told_at(Occasion::CheckIn, held, apps, app_count, withdrawn);
        assert_eq!(text.releases, held > 0);
        (text.summary, text.body)
    }

    fn told_at(
        occasion: Occasion,
        held: u32,
        apps: &[(&str, u32)],
        app_count: u32,
        withdrawn: &[(&str, u32)],
    ) -> DigestText {
        let since = Utc.with_ymd_and_hms(2026, 11, 23, 8, 0, 0).unwrap();
        let taken_back = withdrawn.iter().map(|(_, count)| count).sum();
        let ledger = Ledger { came_in: held + taken_back, held, withdrawn: taken_back, ..Ledger::default() };
        let apps = apps.iter().map(|(app, count)| ((*app).into(), *count)).collect();
        let clock = Clock { zone: berlin(), now: since.timestamp_millis() };
        let digest = Digest { held, apps, app_count, withdrawn: taken_back, ..plain(occasion, ledger, since) };
        let named = |(app, count): &(&str, u32)| WithdrawnApp {
            app: (*app).into(),
            name: (*app).into(),
            count: *count,
            seqs: Vec::new(),
        };
        let told = Told { withdrawn: withdrawn.iter().map(named).collect(), ..Told::default() };
        super::digest(&digest, &told, &clock)
    }

    #[test]
    fn after_a_time_of_quiet_it_says_who_asked_and_offers_a_review_alone() {
        let quiet = |held| Occasion::QuietIsOver { app: "Impress <b>\u{1b}".into(), held };
        let text = told_at(quiet(12), 12, &[("Slack", 9), ("A & B", 3)], 2, &[]);
        let (summary, body) = ("12 held while Impress <b>‹U+001B› asked for quiet", "Slack 9, A &amp; B 3");
        assert_eq!((text.summary.as_str(), text.body.as_str(), text.releases), (summary, body, false));
        let text = told_at(quiet(5), 12, &[("Slack", 12)], 1, &[("Chat", 1)]);
        assert_eq!(text.summary, "12 held, 5 of them while Impress <b>‹U+001B› asked for quiet");
        assert_eq!(text.body, "Slack 12\n1 withdrawn by Chat");
    }

    #[test]
    fn what_is_back_from_a_snooze_is_named_and_the_rest_is_counted() {
        let since = DateTime::<Utc>::UNIX_EPOCH;
        let text = |back: &[i64], held, names: &[&str]| {
            let occasion = Occasion::SnoozeIsOver(back.iter().copied().map(tidegate_domain::Seq).collect());
            let digest = Digest { held, ..plain(occasion, Ledger::default(), since) };
            let conversations = names.iter().map(|name| ((*name).to_owned(), 1)).collect();
            let told = Told { conversations, ..Told::default() };
            let text = super::digest(&digest, &told, &Clock { zone: berlin(), now: 0 });
            (text.summary, text.body)
        };
        let said = |summary: &str, body: &str| (summary.to_owned(), body.to_owned());
        assert_eq!(text(&[1], 1, &["Maya <b>"]), said("1 snoozed is back", "Maya &lt;b&gt;"));
        let four = text(&[1, 2, 3, 4], 9, &["Maya", "Ben", "Ada"]);
        assert_eq!(four, said("4 snoozed are back, 9 held in all", "Maya, Ben, Ada and 1 more"));
        assert_eq!(text(&[1], 1, &[""]).1, "");
    }

    fn over(what: Stretch, intention: Option<&str>) -> Occasion {
        let started = Utc.with_ymd_and_hms(2026, 11, 23, 8, 0, 0).unwrap();
        let ended = started + chrono::Duration::minutes(50);
        Occasion::IsOver(Ended {
            what,
            intention: intention.map(Into::into),
            started,
            ended,
            left_out: chrono::Duration::minutes(0),
            is_told: false,
        })
    }

    #[test]
    fn the_end_of_a_block_says_what_it_was_for_and_who_waits() {
        let text = told_at(over(Stretch::Block, Some("Draft <b>\u{1b}")), 8, &[("Slack", 5), ("A & B", 3)], 2, &[]);
        let (summary, body) = ("50 min of Draft <b>‹U+001B›", "8 held: Slack 5, A &amp; B 3");
        assert_eq!((text.summary.as_str(), text.body.as_str(), text.releases), (summary, body, false));
        let text = told_at(over(Stretch::Block, None), 0, &[], 0, &[("Chat", 1)]);
        assert_eq!(
            (text.summary.as_str(), text.body.as_str()),
            ("50 min of deep work", "Nothing is held\n1 withdrawn by Chat")
        );
    }

    #[test]
    fn it_leads_with_people_and_conversations() {
        let digest = |occasion| Digest { held: 9, ..plain(occasion, Ledger::default(), DateTime::UNIX_EPOCH) };
        let conversations = [("#platform (12)", 5), ("Maya & <b>\u{1b}", 1), (" ", 1), ("Team(a)", 1)];
        let conversations = conversations.map(|(summary, count)| (summary.to_owned(), count)).into();
        let told = Told { conversations, ..Told::default() };
        let clock = Clock { zone: berlin(), now: 0 };
        let first = |occasion| super::digest(&digest(occasion), &told, &clock).body.lines().next().unwrap().to_owned();
        let who = "#platform 5, Maya &amp; &lt;b&gt;‹U+001B›, Team(a) and 2 more";
        assert_eq!(first(Occasion::CheckIn), who);
        assert_eq!(first(over(Stretch::Block, None)), format!("9 held: {who}"));
    }

    #[test]
    fn the_end_of_a_break_asks_and_makes_no_sound() {
        let text = told_at(over(Stretch::Break, Some("Draft")), 0, &[], 0, &[]);
        assert_eq!(
            (text.summary.as_str(), text.another.as_deref(), text.sound),
            ("Back to Draft?", Some("Back to work"), Sound::Low)
        );
        assert_eq!(told_at(over(Stretch::Break, None), 0, &[], 0, &[]).summary, "The break is over");
    }

    #[test]
    fn a_blocks_end_offers_another_of_the_usual_length_and_sounds_unless_nobody_wants_that() {
        let with = |another, sounds| {
            let books = Ledger::default();
            let since = DateTime::<Utc>::UNIX_EPOCH;
            let digest = Digest { another, sounds, ..plain(Occasion::CheckIn, books, since) };
            let text = super::digest(&digest, &Told::default(), &Clock { zone: berlin(), now: 0 });
            (text.another.unwrap_or_default(), text.sound)
        };
        assert_eq!(with(Some(BlockLength::Minutes(25)), true), ("Another 25".to_owned(), Sound::Complete));
        assert_eq!(with(Some(BlockLength::UntilCheckIn), true).0, "Another, until the check-in");
        assert_eq!(with(Some(BlockLength::Open), false), ("Another".to_owned(), Sound::Silent));
        assert_eq!(with(None, true), (String::new(), Sound::AsUsual));
    }

    #[test]
    fn who_was_away_is_asked_alone_or_beside_what_else_is_told() {
        let told = |occasion| {
            let away = Some(chrono::Duration::minutes(23));
            let digest = Digest { away, ..plain(occasion, Ledger::default(), DateTime::UNIX_EPOCH) };
            super::digest(&digest, &Told::default(), &Clock { zone: berlin(), now: 0 })
        };
        let alone = told(Occasion::WasAway { intention: Some("Draft <b>".into()) });
        let (summary, body) =
            ("You were away 23 min: count it?", "In Draft &lt;b&gt;. It counts until you leave it out.");
        assert_eq!((alone.summary.as_str(), alone.body.as_str(), alone.sound), (summary, body, Sound::Low));
        assert!(alone.asks_of_away && !alone.reviews && alone.another.is_none());
        assert_eq!(told(Occasion::WasAway { intention: None }).body, "It counts until you leave it out.");
        let beside = told(over(Stretch::Block, None));
        assert_eq!(beside.body, "Nothing is held\nYou were away 23 min: count it?");
        assert!(beside.asks_of_away && beside.reviews);
        let Occasion::IsOver(ended) = over(Stretch::Block, None) else { panic!("an end") };
        let again = told(Occasion::IsOver(Ended { is_told: true, ..ended }));
        assert_eq!((beside.sound, again.sound), (Sound::AsUsual, Sound::Silent));
        assert!(told(Occasion::CheckIn).body.ends_with("\nYou were away 23 min: count it?"));
    }

    #[test]
    fn what_is_left_out_of_a_block_is_no_part_of_its_length() {
        let Occasion::IsOver(ended) = over(Stretch::Block, None) else { panic!("an end") };
        let ended = Ended { left_out: chrono::Duration::minutes(23), ..ended };
        assert_eq!(told_at(Occasion::IsOver(ended), 0, &[], 0, &[]).summary, "27 min of deep work");
    }

    fn plain(occasion: Occasion, ledger: Ledger, since: DateTime<Utc>) -> Digest {
        Digest {
            occasion,
            held: 0,
            apps: Vec::new(),
            app_count: 0,
            released: 0,
            withdrawn: 0,
            withdrawn_since: 1,
            ledger,
            since,
            absences: Vec::new(),
            user_is_idle: false,
            another: None,
            away: None,
            sounds: true,
        }
    }

    fn check(held: u32, apps: &[(&str, u32)], app_count: u32, summary: &str, body: &str) {
        assert_eq!(told(held, apps, app_count, &[]), (summary.to_owned(), body.to_owned()));
    }

    #[test]
    fn what_was_taken_back_is_told_of_with_who_did() {
        let line = |withdrawn: &[(&str, u32)]| {
            let (_, body) = told(1, &[("Mail", 1)], 1, withdrawn);
            body.lines().nth(1).unwrap().to_owned()
        };
        assert_eq!(line(&[("Slack & <i>", 2)]), "2 withdrawn by Slack &amp; &lt;i&gt;");
        assert_eq!(line(&[("Slack", 2), ("Mail", 1)]), "2 withdrawn by Slack, 1 by Mail");
        let many = [("a", 9), ("b", 4), ("c", 3), ("d", 2), ("e", 1)];
        assert_eq!(line(&many), "9 withdrawn by a, 4 by b, 3 by c and 3 by others");
        let (summary, body) = told(0, &[], 0, &[("Chat", 1)]);
        assert_eq!(summary, "Check-in: 1 withdrawn");
        assert_eq!(body, "1 withdrawn by Chat\nSince 9:00: 1 came in = 0 here + 1 withdrawn");
    }

    #[test]
    fn it_names_the_loudest_apps_and_the_books() {
        check(
            12,
            &[("Slack", 5), ("Mail & <b>Co</b>", 3)],
            4,
            "Check-in: 12 held from 4 apps",
            "Slack 5, Mail &amp; &lt;b&gt;Co&lt;/b&gt; 3 and 2 other apps\nSince 9:00: 12 came in = 12 here",
        );
        check(1, &[("Mail", 1)], 1, "Check-in: 1 held from 1 app", "Mail 1\nSince 9:00: 1 came in = 1 here");
        check(0, &[], 0, "Check-in: nothing is held", "Since 9:00: 0 came in = 0 here");
    }
}
