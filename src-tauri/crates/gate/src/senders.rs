//! Who is on the other end: one entry per connection that ever called, with what the bus and the kernel say of it.
//! What a connection sends waits here until that is known, so that its order is kept. Must not know what is sent.

use crate::identity::Process;
use std::collections::BTreeMap;
use std::sync::Arc;
use tidegate_domain::Sender;

/// A connection's entry. `J` is what it sent meanwhile.
enum Entry<J> {
    /// The bus was asked; the serial of the question.
    Asked(Vec<J>),
    Known(Arc<Known>),
}

/// A sender and its process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) sender: Sender,
    pub(crate) process: Process,
}

/// All of them, by unique name.
pub(crate) struct Senders<J> {
    entries: BTreeMap<Arc<str>, Entry<J>>,
    questions: BTreeMap<u32, Arc<str>>,
}

/// What to do with a job.
pub(crate) enum Admitted<J> {
    /// Do it now.
    Now(Arc<Known>, J),
    /// It waits; the bus is to be asked about this name.
    Ask(Arc<str>),
    /// It waits for an answer that is under way.
    Waits,
}

impl<J> Default for Senders<J> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), questions: BTreeMap::new() }
    }
}

impl<J> Senders<J> {
    pub(crate) fn admit(&mut self, name: &str, job: J) -> Admitted<J> {
        match self.entries.get_mut(name) {
            Some(Entry::Known(known)) => Admitted::Now(known.clone(), job),
            Some(Entry::Asked(waiting)) => {
                waiting.push(job);
                Admitted::Waits
            }
            None => {
                let name: Arc<str> = name.into();
                self.entries.insert(name.clone(), Entry::Asked(vec![job]));
                Admitted::Ask(name)
            }
        }
    }

    /// A sender from before a restart: asked about without a job. False when it is known or asked already.
    pub(crate) fn ask_again(&mut self, name: &Arc<str>) -> bool {
        let new = !self.entries.contains_key(name);
        if new {
            self.entries.insert(name.clone(), Entry::Asked(Vec::new()));
        }
        new
    }

    pub(crate) fn asked(&mut self, serial: u32, name: Arc<str>) {
        self.questions.insert(serial, name);
    }

    /// Whose credentials the answer with this serial tells.
    pub(crate) fn answered(&mut self, serial: u32) -> Option<Arc<str>> {
        self.questions.remove(&serial)
    }

    /// Who it is; gives what waited, in order.
    pub(crate) fn know(&mut self, known: Known) -> (Arc<Known>, Vec<J>) {
        let name = known.sender.name.clone();
        let known = Arc::new(known);
        match self.entries.insert(name, Entry::Known(known.clone())) {
            Some(Entry::Asked(waiting)) => (known, waiting),
            Some(Entry::Known(_)) | None => (known, Vec::new()),
        }
    }

    /// It has left the bus. What it sent before its credentials came is still done.
    pub(crate) fn left(&mut self, name: &str) -> bool {
        match self.entries.get(name) {
            Some(Entry::Known(_)) => self.entries.remove(name).is_some(),
            Some(Entry::Asked(_)) | None => false,
        }
    }

    /// One whose credentials could not be had is not kept.
    pub(crate) fn forget(&mut self, name: &str) {
        self.entries.remove(name);
    }

    /// Whether the bus was asked who this is and has not answered yet.
    pub(crate) fn is_being_asked(&self, name: &str) -> bool {
        matches!(self.entries.get(name), Some(Entry::Asked(_)))
    }

    /// Whether it is still the same: bus, name, process and its start all agree.
    pub(crate) fn is_same(&self, sender: &Sender) -> bool {
        matches!(self.entries.get(&sender.name), Some(Entry::Known(known)) if known.sender == *sender)
    }
}
