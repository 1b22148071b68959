//! When all is still: what senders were told, what is in the books and what renderers were given to show must agree.
//! Must not know what was killed when.

use super::books::{Books, remarks, remarks_of_all};
use super::journal::Shown;
use super::storm::{Answer, Diary, Storm, Told};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tidegate_contract::{Item, ItemState};
use tidegate_testkit::{Process, Session, Signal, StepClock};
use tidegate_tests_process::view;
use zbus::Connection;

const MAY_HAVE: &str = "may have been shown";
const RESTARTED: &str = "the notification daemon restarted";

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

/// Of the sender's own that were let through at once: its round, and how it was shown.
type InTurn<'a> = (u64, &'a Shown);

/// What is counted for the report.
#[derive(Default)]
struct Figures {
    states: BTreeMap<String, u32>,
    /// Held as ones that may have been shown.
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
        let books = Books::read(&self.control).await;
        let held = self.remarks_of_held(&lives, &books).await;
        let (mut faults, mut figures) = (Vec::new(), Figures::default());
        for (id, life) in &lives {
            let Some(row) = books.row(*id) else {
                faults.push(format!("lost: {id}, {life:?}"));
                continue;
            };
            let remarks = held.get(id).map(Vec::as_slice).unwrap_or_default();
            figures.count(row, remarks, &shown);
            faults.extend(self.fault(row, remarks, life, &shown));
        }
        faults.extend(books.twice.iter().map(|text| format!("twice in the books: {text:?}")));
        faults.extend(self.doubled(&shown, &books, &mut figures).await);
        faults.extend(self.out_of_order(&all, &passed(&lives, &books)).await);
        faults.extend(self.unshown_in_gap(&shown));
        faults.extend(self.told_twice().await);
        self.report(&lives, &figures);
        let ledger = view(&self.control).await.ledger;
        assert!(ledger.balanced, "{ledger:?}");
        assert!(figures.remarked == 0 || !self.only_gates, "{} marked where only gates died", figures.remarked);
        self.assert_record_whole();
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults[..faults.len().min(20)].join("\n"));
    }

    /// Whoever is not held needs no remark to be where it is.
    async fn remarks_of_held(&self, lives: &BTreeMap<u32, Life>, books: &Books) -> HashMap<u32, Vec<String>> {
        let is_held = |id: &u32| books.row(*id).is_some_and(|row| row.state == ItemState::Held);
        let held: Vec<u32> = lives.keys().copied().filter(is_held).collect();
        remarks_of_all(&self.session, &held).await
    }

    fn report(&self, lives: &BTreeMap<u32, Life>, figures: &Figures) {
        let count = |wanted| self.told().filter(|told| told.answer == wanted).count();
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
        for told in self.told() {
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

    fn fault(&self, row: &Item, remarks: &[String], life: &Life, shown: &ByText<'_>) -> Option<String> {
        let (id, text) = (row.id, &row.summary);
        let known = life.texts.contains(text) || row.text_dropped;
        let was_shown = shown.contains_key(text.as_str());
        let taken_back = self.diaries.iter().any(|diary| diary.closes.contains(&id));
        let right = match row.state {
            ItemState::Held => known && (!was_shown || !remarks.is_empty()),
            ItemState::Passed | ItemState::Released => known && (was_shown || taken_back),
            ItemState::Withdrawn => taken_back,
            ItemState::Done => self.asked_done.contains(&id),
            ItemState::Muted | ItemState::Expired => false,
        };
        (!right).then(|| format!("wrong: {id} {life:?} shown: {was_shown}, {row:?}, {remarks:?}"))
    }

    /// Texts that made two popups, but for those of a row that says why.
    async fn doubled(&self, shown: &ByText<'_>, books: &Books, figures: &mut Figures) -> Vec<String> {
        let told: HashMap<&str, &Told> = self.told().map(|told| (told.text.as_str(), told)).collect();
        let mut faults = Vec::new();
        for (text, calls) in shown {
            let by: Vec<&str> = calls.iter().filter(|call| call.is_fresh()).map(|call| call.by.as_str()).collect();
            let Some(told) = told.get(text).filter(|_| by.len() > 1) else { continue };
            let row = id_of(told, books).and_then(|id| books.row(id));
            let remarks = match row {
                Some(row) => remarks(&self.control, row.id).await,
                None => Vec::new(),
            };
            if row.is_some_and(|row| may_be_shown_again(row, &remarks, &by)) {
                figures.shown_again += 1;
                figures.without_a_word += u32::from(!says(&remarks, MAY_HAVE) && !says(&remarks, RESTARTED));
            } else {
                faults.push(format!("doubled: {told:?} was shown as {calls:?}: {row:?}, {remarks:?}"));
            }
        }
        faults
    }

    /// What was let through at once, a sender's own is shown in the order in which it was sent, but for what the books
    /// have a remark about. `passed` has their ids.
    async fn out_of_order(&self, all: &[Shown], passed: &HashMap<&str, u32>) -> Vec<String> {
        let (mut faults, mut senders) = (Vec::new(), HashMap::<u64, Vec<InTurn<'_>>>::new());
        for one in all.iter().filter(|one| one.is_fresh() && one.is_of_the_gate()) {
            let Some((id, (sender, round))) = passed.get(one.text()).zip(sender_and_round(one.text())) else {
                continue;
            };
            let earlier = senders.entry(sender).or_default();
            let is_late = |(before, _): &mut InTurn<'_>| *before > round;
            if earlier.last_mut().is_some_and(is_late) && !remarks(&self.control, *id).await.is_empty() {
                continue;
            }
            while let Some((_, other)) = earlier.pop_if(is_late) {
                if remarks(&self.control, passed[other.text()]).await.is_empty() {
                    faults.push(format!("out of order: {one:?} after {other:?}"));
                }
            }
            earlier.push((round, one));
        }
        faults
    }

    fn told(&self) -> impl Iterator<Item = &Told> {
        self.diaries.iter().flat_map(|diary| &diary.told)
    }

    /// What the renderer acknowledged itself, it has shown.
    fn unshown_in_gap(&self, shown: &ByText<'_>) -> Vec<String> {
        let unshown =
            self.told().filter(|told| told.answer == Answer::Renderer && !shown.contains_key(told.text.as_str()));
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
    fn count(&mut self, row: &Item, remarks: &[String], shown: &ByText<'_>) {
        *self.states.entry(format!("{:?}", row.state)).or_default() += 1;
        self.remarked += u32::from(says(remarks, MAY_HAVE));
        self.remarked_shown += u32::from(says(remarks, MAY_HAVE) && shown.contains_key(row.summary.as_str()));
        self.dropped += u32::from(row.text_dropped);
    }
}

fn by_text(all: &[Shown]) -> ByText<'_> {
    let mut shown = ByText::new();
    for one in all {
        shown.entry(one.text()).or_default().push(one);
    }
    shown
}

/// Those that were let through at once, by their text.
fn passed<'a>(lives: &BTreeMap<u32, Life>, books: &'a Books) -> HashMap<&'a str, u32> {
    let rows = lives.keys().filter_map(|id| books.row(*id)).filter(|row| row.state == ItemState::Passed);
    rows.map(|row| (row.summary.as_str(), row.id)).collect()
}

/// The row that has this text, or had it before an edit.
fn id_of(told: &Told, books: &Books) -> Option<u32> {
    match told.answer {
        Answer::Gate(id) => Some(id),
        Answer::Renderer | Answer::None if told.replaces != 0 => Some(told.replaces),
        Answer::Renderer | Answer::None => books.id_of(&told.text),
    }
}

/// Once nobody knows whether it was shown, the user may have it shown; and once a renderer has died with it, by another.
/// A release that succeeded takes the doubt out of the books again.
fn may_be_shown_again(row: &Item, remarks: &[String], by: &[&str]) -> bool {
    let by_another = by.iter().collect::<BTreeSet<_>>().len() == by.len();
    by_another && (says(remarks, MAY_HAVE) || says(remarks, RESTARTED) || row.state == ItemState::Released)
}

fn says(remarks: &[String], beginning: &str) -> bool {
    remarks.iter().any(|remark| remark.starts_with(beginning))
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
