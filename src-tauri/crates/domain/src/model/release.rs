//! Releases: what waits is given to the renderer one by one, and never more at once than fits a screen. Must not know how
//! the renderer is reached.

use super::commands::{CommandOutcome, Named};
use super::undo::ReleaseId;
use super::{Deed, Model, UndoStep};
use crate::command::{Answer, Refusal, Target};
use crate::effect::Effect;
use crate::notice::{App, Delivery, Interruption, NoticeId, Seq};
use crate::policy::HandOver;
use crate::query::{HeldRange, PAGE, Query};
use crate::time::Now;
use chrono::{DateTime, Duration, Utc};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// Open popups at once: notification-daemon and MATE refuse the 21st.
const POPUPS: u32 = 15;
/// Picked ones that wait to be released.
const PICKED: usize = 1_000;

/// At most four a second go to the renderer.
fn release_pause() -> Duration {
    Duration::milliseconds(250)
}

/// What waits to be given to the renderer: some picked ones, and ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ReleaseQueue {
    pub(super) picked: BTreeSet<Seq>,
    /// The first one is worked on.
    ranges: VecDeque<Waiting>,
    /// The newest release in a range.
    newest: ReleaseId,
    /// The call under way.
    serial: Option<u32>,
    /// Not before this.
    pub(super) not_before: Option<DateTime<Utc>>,
    /// The first of a release may sound.
    sounded: bool,
}

/// All of a range that one release has not handed over yet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Waiting {
    release: ReleaseId,
    range: HeldRange,
    count: u32,
    /// Those in the range that stay: they were put off when it was asked for and are here again, or were taken back by
    /// themselves.
    left_out: BTreeSet<Seq>,
}

impl ReleaseQueue {
    fn is_empty(&self) -> bool {
        self.picked.is_empty() && self.ranges.is_empty()
    }

    /// How many wait.
    fn count(&self) -> u32 {
        let ranged = |seq: &Seq| self.ranges.iter().any(|waiting| waiting.range.app.is_none() && waiting.spans(*seq));
        let picked = self.picked.iter().filter(|seq| !ranged(seq)).count();
        let picked = u32::try_from(picked).unwrap_or(u32::MAX);
        self.ranges.iter().fold(picked, |sum, waiting| sum.saturating_add(waiting.count))
    }

    /// Those of one app, or all, wait no more.
    pub(super) fn drop_ranges_of(&mut self, app: Option<&Arc<str>>) {
        self.ranges.retain(|waiting| app.is_some() && waiting.range.app.as_ref() != app);
    }

    /// Nothing waits any more.
    pub(super) fn clear(&mut self) {
        self.picked.clear();
        self.ranges.clear();
    }

    /// What this release has not handed over stays held: how many.
    pub(super) fn stop(&mut self, release: ReleaseId) -> u32 {
        let stopped =
            self.ranges.iter().filter(|waiting| waiting.release == release).map(|waiting| waiting.count).sum();
        self.ranges.retain(|waiting| waiting.release != release);
        stopped
    }

    /// One is not there to be released any more.
    pub(super) fn lost(&mut self, row: &Interruption) {
        for waiting in self.ranges.iter_mut().filter(|waiting| waiting.is_about(row)) {
            waiting.count = waiting.count.saturating_sub(1);
        }
    }

    /// One that is here again stays, whatever waits to be released.
    pub(super) fn leave_out(&mut self, row: &Interruption) {
        for waiting in self.ranges.iter_mut().filter(|waiting| waiting.spans(row.seq)) {
            waiting.left_out.insert(row.seq);
        }
    }

    /// The same; whether one of them was about it as it is.
    pub(super) fn let_stay(&mut self, row: &Interruption) -> bool {
        let waits = self.ranges.iter().any(|waiting| waiting.is_about(row));
        if waits {
            self.picked.remove(&row.seq);
            self.lost(row);
        }
        self.leave_out(row);
        waits
    }

    /// One is there to be released again.
    pub(super) fn regained(&mut self, row: &Interruption) {
        for waiting in self.ranges.iter_mut().filter(|waiting| waiting.is_about(row)) {
            waiting.count = waiting.count.saturating_add(1);
        }
    }
}

impl Waiting {
    fn spans(&self, seq: Seq) -> bool {
        self.range.after < seq && seq <= self.range.upto && !self.left_out.contains(&seq)
    }

    fn is_about(&self, row: &Interruption) -> bool {
        let is_of_app = self.range.app.as_ref().is_none_or(|app| *app == row.app.id);
        let is_put_off = row.is_deferred_after(self.range.later_than);
        self.spans(row.seq) && is_of_app && !is_put_off && may_be_released(row)
    }
}

fn may_be_released(row: &Interruption) -> bool {
    row.is_held() && row.delivery == Delivery::None && !row.is_noted()
}

impl Model {
    pub(super) fn release(&mut self, target: Target, rows: Vec<Interruption>) -> CommandOutcome {
        let app = match target {
            Target::Ids(ids) => return self.release_ids(&ids, rows),
            Target::App(app) => Some(app),
            Target::All => None,
        };
        let count = self.count_to_release(app.as_ref(), &rows);
        self.release_range(app, count, rows.last())?;
        Ok(Answer::Releasing { count, left_out: Vec::new() })
    }

    /// The digest's button: `digest` is its own row, and stands for all that it hands over.
    pub(super) fn release_from_digest(&mut self, digest: &Interruption) -> Result<(), Refusal> {
        let count = self.count_at_most(None);
        self.release_range(None, count, Some(digest))
    }

    /// As many as the first page has, if there is no second; else at most so many.
    fn count_to_release(&self, app: Option<&Arc<str>>, page: &[Interruption]) -> u32 {
        let here = page.iter().filter(|row| may_be_released(row)).count();
        let here = u32::try_from(here).unwrap_or(u32::MAX);
        if page.len() < PAGE { here } else { self.count_at_most(app).max(here) }
    }

    fn count_at_most(&self, app: Option<&Arc<str>>) -> u32 {
        let of = |app: &str| self.state.held.count_of(app);
        match app {
            Some(app) => of(app),
            None => self
                .state
                .ledger
                .held
                .saturating_sub(self.state.held.later)
                .saturating_sub(of(&App::noted_by_hand().id)),
        }
    }

    /// `named` is the row that the release is called by.
    fn release_range(
        &mut self,
        app: Option<Arc<str>>,
        count: u32,
        named: Option<&Interruption>,
    ) -> Result<(), Refusal> {
        self.begin_release()?;
        self.state.release.drop_ranges_of(app.as_ref());
        let release = self.wait_for_release(app, count);
        let step = named.and_then(|row| UndoStep::of(Deed::Released, std::slice::from_ref(row)));
        self.remember(step.map(|step| step.not_begun().of_release(release, count)));
        Ok(())
    }

    fn begin_release(&mut self) -> Result<(), Refusal> {
        if self.session.renderer.is_none() {
            return Err(Refusal::NoRenderer);
        }
        if self.is_renderer_silent() {
            return Err(Refusal::RendererSilent);
        }
        self.state.release.sounded &= !self.state.release.is_empty();
        Ok(())
    }

    fn wait_for_release(&mut self, app: Option<Arc<str>>, count: u32) -> ReleaseId {
        let release = ReleaseId(self.state.release.newest.0.saturating_add(1));
        self.state.release.newest = release;
        let range = self.here(app);
        self.state.release.ranges.push_back(Waiting { release, range, count, left_out: BTreeSet::new() });
        release
    }

    fn release_ids(&mut self, ids: &[NoticeId], rows: Vec<Interruption>) -> CommandOutcome {
        self.begin_release()?;
        let Named { held: rows, left_out } = Named::to_release(ids, rows)?;
        if let Some(noted) = rows.iter().find(|row| row.is_noted()) {
            return Err(Refusal::Noted(noted.id));
        }
        self.remember(UndoStep::of(Deed::Released, &rows));
        let room = PICKED.saturating_sub(self.state.release.picked.len());
        let count = u32::try_from(rows.len().min(room)).unwrap_or(u32::MAX);
        self.state.release.picked.extend(rows.iter().map(|row| row.seq).take(room));
        Ok(Answer::Releasing { count, left_out })
    }

    /// Releases the apps whose user wants that at a check-in; how many are held of them. Without a renderer they stay in
    /// the digest.
    pub(super) fn release_by_wish(&mut self) -> u32 {
        let apps: Vec<_> = self.apps_to_release().map(|(app, count)| (app.clone(), count)).collect();
        if apps.is_empty() || self.begin_release().is_err() {
            return 0;
        }
        let mut sum: u32 = 0;
        for (app, count) in apps {
            self.wait_for_release(Some(app), count);
            sum = sum.saturating_add(count);
        }
        sum
    }

    /// The apps whose user wants them released at a check-in, and how many are held of each.
    pub(super) fn apps_to_release(&self) -> impl Iterator<Item = (&Arc<str>, u32)> {
        let may = self.session.renderer.is_some();
        let wanted = move |app: &str| may && self.settings.hand_over_of(app) != HandOver::Digest;
        self.state.held.apps().filter(move |(app, ..)| wanted(app)).map(|(app, _, count)| (app, count))
    }

    /// How many wait to be given to the renderer.
    #[must_use]
    pub fn to_be_released(&self) -> u32 {
        self.state.release.count()
    }

    /// Whether a release goes on: not when it is over, and not while the screen is full.
    #[must_use]
    pub fn is_releasing(&self) -> bool {
        self.state.release.serial.is_some() || (!self.state.release.is_empty() && self.state.popups < POPUPS)
    }

    /// When the next one may go to the renderer.
    pub(super) fn next_release(&self, now: Now) -> Option<DateTime<Utc>> {
        let may = !self.state.release.is_empty() && self.state.release.serial.is_none() && self.state.popups < POPUPS;
        let may = may && self.session.renderer.is_some() && self.failure.is_none();
        may.then(|| self.state.release.not_before.unwrap_or(now.utc).max(now.utc))
    }

    /// Which one is next.
    pub(super) fn release_query(&self, now: Now) -> Option<Query> {
        if self.next_release(now) != Some(now.utc) {
            return None;
        }
        let release = &self.state.release;
        match (release.picked.first(), release.ranges.front()) {
            (Some(seq), None) => Some(Query::Seqs(vec![*seq])),
            (Some(seq), Some(waiting)) if *seq <= waiting.range.after => Some(Query::Seqs(vec![*seq])),
            (_, Some(waiting)) => Some(Query::NextHeld(waiting.range.clone())),
            (None, None) => None,
        }
    }

    /// Gives the next one to the renderer: `rows` has it, as the question was.
    pub(super) fn release_next(&mut self, query: &Query, rows: Vec<Interruption>, fx: &mut Vec<Effect>) {
        let row = rows.into_iter().next();
        let is_its_turn = self.pass_release_cursor(query, row.as_ref());
        let Some(mut row) = row.filter(|row| is_its_turn && may_be_released(row)) else {
            return;
        };
        let quiet = self.is_released_quietly(&row);
        let forward = self.forward(&mut row, None, 0, quiet);
        if let Delivery::Sending { serial, .. } = row.delivery {
            self.state.release.serial = Some(serial);
        }
        fx.extend([Self::update(&row), forward]);
    }

    /// The renderer has answered the call with this serial.
    pub(super) fn release_was_answered(&mut self, serial: u32, now: Now) {
        if self.state.release.serial == Some(serial) {
            self.state.release.serial = None;
            self.state.release.not_before = Some(now.utc + release_pause());
        }
    }

    /// The first of a release may sound, but not that of an app whose user wants silence.
    fn is_released_quietly(&mut self, row: &Interruption) -> bool {
        let is_silent = self.settings.hand_over_of(&row.app.id) == HandOver::Silent;
        is_silent || std::mem::replace(&mut self.state.release.sounded, true)
    }

    /// Whether it is to be released.
    fn pass_release_cursor(&mut self, query: &Query, found: Option<&Interruption>) -> bool {
        match (query, found) {
            (Query::NextHeld(_), Some(row)) => return self.pass_in_range(row),
            (Query::Seqs(seqs), _) => self.state.release.picked.retain(|seq| !seqs.contains(seq)),
            _ => drop(self.state.release.ranges.pop_front()),
        }
        true
    }

    fn pass_in_range(&mut self, row: &Interruption) -> bool {
        let Some(mut waiting) = self.state.release.ranges.pop_front() else { return false };
        let is_picked = self.state.release.picked.remove(&row.seq);
        let is_of_release = !waiting.left_out.contains(&row.seq);
        if is_of_release && may_be_released(row) {
            self.state.undo.add_released(waiting.release, row, waiting.count);
            waiting.count = waiting.count.saturating_sub(1);
        }
        waiting.range.after = row.seq;
        if row.seq < waiting.range.upto {
            self.state.release.ranges.push_front(waiting);
        }
        is_picked || is_of_release
    }
}
