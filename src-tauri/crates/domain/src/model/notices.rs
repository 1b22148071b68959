//! Our own notices: which is owed, what it says, and when it is known to be in the store like any other. Must not know how
//! one is shown.

use super::{HandedOver, Model};
use crate::effect::{Digest, Effect, Occasion, UiEffect};
use crate::time::Now;
use std::collections::BTreeSet;

/// Apps that the digest names.
const DIGEST_APPS: usize = 5;

/// What a notice of ours is still to tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owed {
    /// What a check-in hands over.
    CheckIn,
    /// What was held while apps asked for quiet.
    Quiet,
    /// That a block or a break is over.
    End,
    /// That the user was away.
    Away,
    /// That what was snoozed is back.
    Snooze,
}

/// A notice of ours that was asked for and has not come back through the gate yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnderWay {
    /// For this.
    pub(super) of: Owed,
    /// It says that a block or a break is over, too.
    pub(super) the_end: bool,
    /// It asks of the time away, too.
    pub(super) the_time_away: bool,
}

impl Model {
    /// Its notice comes back through the gate; until then a crash may have taken it. After a restart, once there is somebody
    /// to show it.
    pub(super) fn show_owed_digest(&mut self, now: Now, fx: &mut Vec<Effect>) {
        let can_be_shown = self.session.in_path && self.session.renderer.is_some() && self.failure.is_none();
        let Some(owed) = self.owed().filter(|_| can_be_shown && self.session.under_way.is_none()) else { return };
        match self.owed_digest(owed, now) {
            Some(digest) => {
                self.told_withdrawals(fx);
                self.tells_of_snoozes(owed);
                self.show(owed, digest, fx);
            }
            None => self.digest_is_settled(fx),
        }
    }

    pub(super) fn show(&mut self, of: Owed, digest: Digest, fx: &mut Vec<Effect>) {
        self.session.under_way =
            Some(UnderWay { of, the_end: digest.another.is_some(), the_time_away: digest.away.is_some() });
        fx.push(Effect::Ui(UiEffect::ShowDigest(Box::new(digest))));
    }

    /// One after the other: that of a check-in first. Where an app asks for quiet, the end of a block is told after it.
    fn owed(&self) -> Option<Owed> {
        let check_in = self.state.saved.owes_digest.then_some(Owed::CheckIn);
        let quiet = self.state.saved.quiet.as_ref().filter(|quiet| quiet.is_over).map(|_| Owed::Quiet);
        let end = self.state.saved.ended.as_ref().filter(|ended| !ended.is_told).map(|_| Owed::End);
        let away = self.owes_time_away().then_some(Owed::Away);
        let later = end.or(away).filter(|_| self.inhibitor().is_none());
        let snooze = (!self.state.saved.back.is_empty() && !self.is_closed()).then_some(Owed::Snooze);
        check_in.or(quiet).or(later).or(snooze)
    }

    /// Nothing where nothing is left to tell of.
    fn owed_digest(&self, owed: Owed, now: Now) -> Option<Digest> {
        match owed {
            Owed::CheckIn => {
                let is_wanted = self.state.ledger.held > 0 || self.owes_withdrawals();
                let books = self.state.saved.handed_over.clone().filter(|_| is_wanted)?;
                Some(self.digest_of(books, 0, false, now))
            }
            Owed::Quiet => self.digest_of_quiet(now),
            Owed::End => self.digest_of_the_end(now),
            Owed::Away => Some(self.digest_of_time_away(now)),
            Owed::Snooze => Some(self.digest_of_snoozes(now)),
        }
    }

    /// It is in the store like any other, or nobody wants it any more. If another is owed, that is shown next; but each
    /// offers what the end of a block does, so that this needs no second one.
    pub(super) fn digest_is_settled(&mut self, fx: &mut Vec<Effect>) {
        let shown = self.session.under_way.take();
        self.session.told_last = shown.map(|shown| shown.of);
        let says_the_end = shown.is_some_and(|shown| shown.the_end) && self.end_is_told();
        let asks_of_away = shown.is_some_and(|shown| shown.the_time_away) && self.time_away_is_told();
        let was_owed = match shown.map(|shown| shown.of).or_else(|| self.owed()) {
            Some(Owed::CheckIn) => std::mem::take(&mut self.state.saved.owes_digest),
            Some(Owed::Quiet) => self.drop_told_quiet(),
            Some(Owed::Snooze) => !std::mem::take(&mut self.state.saved.back).is_empty(),
            Some(Owed::End | Owed::Away) | None => false,
        };
        if says_the_end || asks_of_away || was_owed {
            self.state.save(fx);
        }
    }

    /// The books of the period that runs, for a notice that ends none.
    pub(super) fn running_books(&self) -> HandedOver {
        let (ledger, since) = self.ledger();
        HandedOver { ledger, since, absences: Vec::new() }
    }

    /// Who interrupted is counted anew, whatever the books say of the time before.
    pub(super) fn digest_of(&self, books: HandedOver, released: u32, user_is_idle: bool, now: Now) -> Digest {
        let gone: BTreeSet<_> = self.apps_to_release().map(|(app, _)| app).collect();
        let here = self.state.held.apps().filter(|(app, ..)| !gone.contains(app));
        let mut apps: Vec<_> = here.map(|(_, name, count)| (name.clone(), count)).collect();
        let app_count = u32::try_from(apps.len()).unwrap_or(u32::MAX);
        apps.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        apps.truncate(DIGEST_APPS);
        let held = self.state.ledger.held.saturating_sub(released);
        let (withdrawn, withdrawn_since) = self.withdrawn();
        let HandedOver { ledger, since, absences } = books;
        let occasion = Occasion::CheckIn;
        let another = self.state.saved.ended.as_ref().map(|_| self.usual_length(now));
        let away = self.time_away();
        let sounds = self.settings.blocks.sounds;
        Digest {
            occasion,
            held,
            apps,
            app_count,
            released,
            withdrawn,
            withdrawn_since,
            ledger,
            since,
            absences,
            user_is_idle,
            another,
            away,
            sounds,
        }
    }
}
