//! Apps that ask for quiet: what is held meanwhile is told of when the last one is content or gone. Must not know how.

use super::{Model, Owed};
use crate::effect::{Digest, Effect, Occasion};
use crate::focus::Quiet;
use crate::time::Now;

impl Model {
    /// How many of the held ones came while apps asked for quiet, and were not told of since.
    #[must_use]
    pub fn held_in_quiet(&self) -> u32 {
        self.state.held.in_quiet
    }

    /// After whatever happened: quiet begins, goes on or is over. Who asked before a restart has to ask again.
    pub(super) fn mind_quiet(&mut self, fx: &mut Vec<Effect>) {
        if self.failure.is_some() {
            return;
        }
        let asks = self.inhibitor().map(|inhibitor| inhibitor.app.clone());
        match (&mut self.state.saved.quiet, asks) {
            (None, Some(app)) => self.quiet_begins(app),
            (Some(quiet), Some(_)) if quiet.is_over => quiet.is_over = false,
            (Some(quiet), None) if !quiet.is_over => self.quiet_is_over(),
            (None, None) | (Some(_), _) => return,
        }
        self.state.save(fx);
    }

    fn quiet_begins(&mut self, app: String) {
        self.state.saved.quiet = Some(Quiet { app, after: self.state.newest_seq(), is_over: false });
        self.state.held.in_quiet = 0;
    }

    /// In a block the gate stays closed, and what is held waits for the block's end and the check-in.
    fn quiet_is_over(&mut self) {
        if self.state.saved.block.is_some() || self.state.held.in_quiet == 0 || !self.settings.quiet.tells_the_end {
            return self.forget_quiet();
        }
        if let Some(quiet) = &mut self.state.saved.quiet {
            quiet.is_over = true;
        }
        self.session.under_way.take_if(|told| told.of == Owed::Quiet);
    }

    /// What is held was told of, or the user has opened the gate and was told then.
    pub(super) fn forget_quiet(&mut self) {
        self.state.saved.quiet = None;
        self.state.held.in_quiet = 0;
    }

    /// Nobody has to be told of a time of quiet that is over; whether there was one.
    pub(super) fn drop_told_quiet(&mut self) -> bool {
        let is_over = self.state.saved.quiet.take_if(|quiet| quiet.is_over).is_some();
        if is_over {
            self.state.held.in_quiet = 0;
        }
        is_over
    }

    /// A digest tells of all that is held.
    pub(super) fn quiet_is_told(&mut self) {
        let newest = self.state.newest_seq();
        self.state.held.in_quiet = 0;
        self.drop_told_quiet();
        if let Some(quiet) = &mut self.state.saved.quiet {
            quiet.after = newest;
        }
    }

    /// What is said of a time of quiet that is over; nothing where none is, or nothing of it is held any more.
    pub(super) fn digest_of_quiet(&self, now: Now) -> Option<Digest> {
        let quiet = self.state.saved.quiet.as_ref().filter(|quiet| quiet.is_over && self.state.held.in_quiet > 0)?;
        let occasion = Occasion::QuietIsOver { app: quiet.app.clone(), held: self.state.held.in_quiet };
        Some(Digest { occasion, ..self.digest_of(self.running_books(), 0, false, now) })
    }
}
