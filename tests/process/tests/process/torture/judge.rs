//! When all is still: what senders were told, what is in the books and what renderers were given to show must agree.
//! Must not know what was killed when.

use super::journal::Shown;
use super::storm::{Answer, Diary, Storm, WORD};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tidegate_contract::{Detail, Item, ItemState, Reply, Request};
use tidegate_testkit::{DEADLINE, Process, Session, Signal, StepClock, within};
use tidegate_tests_process::{ask, view};
use zbus::Connection;

const MAY_HAVE: &str = "may have been shown";
const RESTARTED: &str = "the notification daemon restarted";
/// The longest page.
const PAGE: u32 = 500;

/// What there is in the end.
pub(super) struct Aftermath {
    pub(super) control: Connection,
    pub(super) storm: Arc<Storm>,
    pub(super) diaries: Vec<Diary>,
    pub(super) asked_done: BTreeSet<u32>,
    /// Neither the relay nor the renderer was killed: nothing is in doubt.
    pub(super) only_gates: bool,
    /// Kept until the books are read.
    pub(super) _gate: (Process, StepClock),
    pub(super) session: Session,
}

/// One notification of a sender, as it was told: the last text that was acknowledged, and later ones that may have
/// arrived.
#[derive(Debug, Default)]
struct Life {
    texts: Vec<String>,
}

/// By text, all the times that it was shown.
type ByText<'a> = HashMap<&'a str, Vec<&'a Shown>>;

/// What is counted for the report.
#[derive(Default)]
struct Figures {
    states: BTreeMap<String, u32>,
    remarked: u32,
    /// Of those, how many were.
    remarked_shown: u32,
    dropped: u32,
    /// Shown twice: one renderer died with it, and it was held again, or nobody could know and it says so.
    shown_again: u32,
    /// Of those, where the books do not say so any more.
    without_a_word: u32,
}

impl Aftermath {
    pub(super) async fn judge(self) {
        let lives = self.lives();
        let all = self.storm.journal.shown();
        let shown = by_text(&all);
        let (mut faults, mut figures, mut passed) = (Vec::new(), Figures::default(), BTreeSet::new());
        for (id, life) in &lives {
            let Some(detail) = self.found(*id).await else {
                faults.push(format!("lost: {id}, {life:?}"));
                continue;
            };
            figures.count(&detail, &shown);
            faults.extend(self.fault(&detail, life, &shown));
            if detail.item.state == ItemState::Passed && detail.remarks.is_empty() {
                passed.insert(detail.item.summary);
            }
        }
        let books = self.books().await;
        faults.extend(twice_in_books(&books));
        faults.extend(self.doubled(&shown, &books, &mut figures).await);
        faults.extend(out_of_order(&all, &passed));
        faults.extend(self.unshown_in_gap(&shown));
        faults.extend(self.told_twice().await);
        self.report(&lives, &figures);
        let ledger = view(&self.control).await.ledger;
        assert!(ledger.balanced, "{ledger:?}");
        assert!(figures.remarked == 0 || !self.only_gates, "{} marked where only gates died", figures.remarked);
        self.assert_record_whole();
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults[..faults.len().min(20)].join("\n"));
    }

    fn report(&self, lives: &BTreeMap<u32, Life>, figures: &Figures) {
        let told = || self.diaries.iter().flat_map(|diary| &diary.told);
        let count = |wanted| told().filter(|told| told.answer == wanted).count();
        let longest = Duration::from_micros(self.storm.longest_us.load(Ordering::Relaxed));
        let Figures { states, remarked, remarked_shown, dropped, shown_again, without_a_word } = figures;
        println!("torture: {} calls; acknowledged by the gate {}", *self.storm.calls.borrow(), lives.len());
        println!("torture: where those are: {states:?}; texts dropped {dropped}");
        println!("torture: answered by the renderer {}", count(Answer::Renderer));
        println!("torture: in flight when the owner of the name was killed {}", count(Answer::None));
        println!(
            "torture: renderers {}; marked \"{MAY_HAVE}\" {remarked}, and were {remarked_shown}",
            self.storm.journal.renderers()
        );
        println!(
            "torture: shown again, since a renderer had died with it, {shown_again}, {without_a_word} without a remark"
        );
        println!("torture: longest wait {longest:?}; over 1 s: {}", self.storm.stuck.load(Ordering::Relaxed));
    }

    /// By id, what the gate told; every id for one notification only.
    fn lives(&self) -> BTreeMap<u32, Life> {
        let mut lives = BTreeMap::<u32, Life>::new();
        for told in self.diaries.iter().flat_map(|diary| &diary.told) {
            match (told.answer, told.replaces) {
                (Answer::Gate(id), 0) => {
                    let life = Life { texts: vec![told.text.clone()] };
                    assert!(lives.insert(id, life).is_none(), "{id} was given out twice");
                }
                (Answer::Gate(id), replaced) => {
                    assert_eq!(id, replaced, "an edit keeps its id");
                    lives.get_mut(&id).unwrap().texts = vec![told.text.clone()];
                }
                (Answer::None, replaced) if replaced != 0 => {
                    lives.get_mut(&replaced).unwrap().texts.push(told.text.clone());
                }
                (Answer::None | Answer::Renderer, _) => {}
            }
        }
        lives
    }

    async fn found(&self, id: u32) -> Option<Detail> {
        match ask(&self.control, Request::Show { id }).await {
            Ok(Reply::Detail { detail }) => Some(*detail),
            _ => None,
        }
    }

    /// All of the storm that is in the books, found by its word.
    async fn books(&self) -> Vec<Item> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let page = within(DEADLINE, "the index of all words", self.page(after)).await;
            rows.extend(page.0);
            after = page.1;
            if after.is_none() {
                return rows;
            }
        }
    }

    /// A page, once the words of all rows have been read; where the next one begins.
    async fn page(&self, after: Option<i64>) -> (Vec<Item>, Option<i64>) {
        loop {
            let request = Request::Search { text: WORD.to_owned(), after, limit: PAGE };
            match ask(&self.control, request).await {
                Ok(Reply::Page { page }) if !page.index_is_behind => return (page.items, page.next),
                Ok(_) => tokio::task::yield_now().await,
                Err(failure) => panic!("{failure:?}"),
            }
        }
    }

    fn fault(&self, detail: &Detail, life: &Life, shown: &ByText<'_>) -> Option<String> {
        let (id, text) = (detail.item.id, &detail.item.summary);
        let known = life.texts.contains(text) || detail.item.text_dropped;
        let was_shown = shown.contains_key(text.as_str());
        let explained = !detail.remarks.is_empty();
        let taken_back = self.diaries.iter().any(|diary| diary.closes.contains(&id));
        let right = match detail.item.state {
            ItemState::Held => known && (!was_shown || explained),
            ItemState::Passed | ItemState::Released => known && (was_shown || taken_back),
            ItemState::Withdrawn => taken_back,
            ItemState::Done => self.asked_done.contains(&id),
            ItemState::Muted | ItemState::Expired => false,
        };
        (!right).then(|| format!("wrong: {id} {life:?} shown: {was_shown}, {detail:?}"))
    }

    /// Texts that made two popups, but for those of a row that says why.
    async fn doubled(&self, shown: &ByText<'_>, books: &[Item], figures: &mut Figures) -> Vec<String> {
        let mut faults = Vec::new();
        for (text, calls) in shown {
            let by: Vec<&str> = calls.iter().filter(|call| call.is_fresh()).map(|call| call.by.as_str()).collect();
            if by.len() < 2 || !self.is_of_the_storm(text) {
                continue;
            }
            let row = match self.id_of(text, books) {
                Some(id) => self.found(id).await,
                None => None,
            };
            if row.as_ref().is_some_and(|row| may_be_shown_again(row, &by)) {
                figures.shown_again += 1;
                let says_why = row.is_some_and(|row| says(&row, MAY_HAVE) || says(&row, RESTARTED));
                figures.without_a_word += u32::from(!says_why);
            } else {
                faults.push(format!("doubled: {text:?} was shown by {by:?}: {row:?}"));
            }
        }
        faults
    }

    fn is_of_the_storm(&self, text: &str) -> bool {
        self.diaries.iter().flat_map(|diary| &diary.told).any(|told| told.text == text)
    }

    /// The row that has this text, or had it before an edit.
    fn id_of(&self, text: &str, books: &[Item]) -> Option<u32> {
        let told = self.diaries.iter().flat_map(|diary| &diary.told).find(|told| told.text == text)?;
        match told.answer {
            Answer::Gate(id) => Some(id),
            Answer::Renderer | Answer::None if told.replaces != 0 => Some(told.replaces),
            Answer::Renderer | Answer::None => books.iter().find(|row| row.summary == text).map(|row| row.id),
        }
    }

    /// What the renderer acknowledged itself, it has shown.
    fn unshown_in_gap(&self, shown: &ByText<'_>) -> Vec<String> {
        let told = self.diaries.iter().flat_map(|diary| &diary.told);
        let unshown = told.filter(|told| told.answer == Answer::Renderer && !shown.contains_key(told.text.as_str()));
        unshown.map(|told| format!("lost in the gap: {:?}", told.text)).collect()
    }

    /// Ids of which the gate said more than once that they are closed.
    async fn told_twice(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for diary in &self.diaries {
            let mut closed = BTreeSet::new();
            for heard in diary.client.signals_so_far().await {
                let Signal::Closed(id, _) = heard.signal else { continue };
                let by_gate = !self.storm.journal.is_a_renderer(&heard.from);
                if by_gate && !closed.insert(id) && !was_edited(diary, id) {
                    faults.push(format!("closed twice: {id}"));
                }
            }
        }
        faults
    }

    /// The record of how the renderer is started names it, with all that it was started with.
    fn assert_record_whole(&self) {
        let file = self.session.state_home().join("tidegate/renderer.json");
        let record: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let argv: Vec<&str> = record["argv"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        assert!(argv.len() == 2 && argv[0].ends_with(super::RENDERER), "{argv:?}");
        assert_eq!(argv[1], self.storm.journal.file.display().to_string());
        assert!(!record["env"].as_array().unwrap().is_empty() && record["cwd"].is_string(), "{record}");
    }
}

impl Figures {
    fn count(&mut self, detail: &Detail, shown: &ByText<'_>) {
        *self.states.entry(format!("{:?}", detail.item.state)).or_default() += 1;
        self.remarked += u32::from(says(detail, MAY_HAVE));
        let was_shown = shown.contains_key(detail.item.summary.as_str());
        self.remarked_shown += u32::from(says(detail, MAY_HAVE) && was_shown);
        self.dropped += u32::from(detail.item.text_dropped);
    }
}

fn by_text(all: &[Shown]) -> ByText<'_> {
    let mut shown = ByText::new();
    for one in all {
        shown.entry(one.call.summary.as_str()).or_default().push(one);
    }
    shown
}

/// Once nobody knows whether it was shown, the user may have it shown; and once a renderer has died with it, by another.
/// A release that succeeded takes the doubt out of the books again.
fn may_be_shown_again(row: &Detail, by: &[&str]) -> bool {
    let by_another = by.iter().collect::<BTreeSet<_>>().len() == by.len();
    by_another && (says(row, MAY_HAVE) || says(row, RESTARTED) || row.item.state == ItemState::Released)
}

fn says(row: &Detail, beginning: &str) -> bool {
    row.remarks.iter().any(|remark| remark.starts_with(beginning))
}

/// No text is sent twice, so none has two rows.
fn twice_in_books(books: &[Item]) -> Vec<String> {
    let mut seen = HashMap::new();
    let again = books.iter().filter(|row| !row.text_dropped && seen.insert(&row.summary, row.id).is_some());
    again.map(|row| format!("twice in the books: {:?}", row.summary)).collect()
}

/// What was let through at once, a sender's own is shown in the order in which it was sent.
fn out_of_order(all: &[Shown], passed: &BTreeSet<String>) -> Vec<String> {
    let (mut faults, mut last) = (Vec::new(), HashMap::<u64, (u64, &Shown)>::new());
    let fresh = all.iter().filter(|one| one.is_fresh() && one.is_of_the_gate() && passed.contains(&one.call.summary));
    for one in fresh {
        let Some((sender, round)) = sender_and_round(&one.call.summary) else { continue };
        if let Some((before, other)) = last.insert(sender, (round, one))
            && before > round
        {
            faults.push(format!("out of order: {one:?} after {other:?}"));
        }
    }
    faults
}

/// Of `plain 3.14`: 3 and 14. None of an edit, which may have to wait for the one before.
fn sender_and_round(text: &str) -> Option<(u64, u64)> {
    let (sender, round) = text.split_once(' ')?.1.split_once('.')?;
    Some((sender.parse().ok()?, round.parse().ok()?))
}

/// An edit of one that is closed already is a new one under its id.
fn was_edited(diary: &Diary, id: u32) -> bool {
    diary.told.iter().any(|told| told.replaces == id)
}
