//! The texts of transient interruptions, which never reach the disk while they are held. They follow the transaction that
//! brought them: what is rolled back is as it was. Must not know a database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tidegate_domain::{Action, Content, Raw};

/// How many are kept; more is a flood, and the oldest go.
const MOST: usize = 512;
/// How many bytes are kept.
const MOST_BYTES: usize = 16 << 20;

/// What one says, and how it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    summary: String,
    body: String,
    actions: Vec<Action>,
    inline_reply: Option<String>,
    pub(crate) raw: Option<Raw>,
}

impl Text {
    pub(crate) fn new(content: &Content, raw: Option<&Raw>) -> Self {
        Self {
            summary: content.summary.clone(),
            body: content.body.clone(),
            actions: content.actions.clone(),
            inline_reply: content.inline_reply.clone(),
            raw: raw.cloned(),
        }
    }

    /// Puts the text into a row that was read without it.
    pub(crate) fn fill(&self, content: &mut Content) {
        content.summary.clone_from(&self.summary);
        content.body.clone_from(&self.body);
        content.actions.clone_from(&self.actions);
        content.inline_reply.clone_from(&self.inline_reply);
    }

    fn bytes(&self) -> usize {
        let actions: usize = self.actions.iter().map(|action| action.key.len() + action.label.len()).sum();
        let reply = self.inline_reply.as_ref().map_or(0, String::len);
        let raw = self.raw.as_ref().map_or(0, |raw| raw.body.len());
        self.summary.len() + self.body.len() + actions + reply + raw
    }
}

/// The texts, for the journal, and for whoever reads beside it and knows only of what is committed.
#[derive(Debug, Clone, Default)]
pub(crate) struct SharedTexts {
    texts: Arc<Mutex<Texts>>,
    only_committed: bool,
}

impl SharedTexts {
    /// The same for whoever reads beside the journal.
    pub(crate) fn committed(&self) -> Self {
        Self { texts: self.texts.clone(), only_committed: true }
    }

    /// The journal's alone, for as long as one change takes.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Texts> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, seq: i64) -> Option<Text> {
        let texts = self.lock();
        if self.only_committed { texts.committed(seq).cloned() } else { texts.get(seq).cloned() }
    }
}

/// The texts by row, bounded, with what the open transaction changed.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    texts: BTreeMap<i64, Text>,
    bytes: usize,
    /// What was there before each change of the open transaction.
    before: Vec<(i64, Option<Text>)>,
}

impl Texts {
    pub(crate) fn get(&self, seq: i64) -> Option<&Text> {
        self.texts.get(&seq)
    }

    /// As it was before the open transaction.
    fn committed(&self, seq: i64) -> Option<&Text> {
        match self.before.iter().find(|(changed, _)| *changed == seq) {
            Some((_, before)) => before.as_ref(),
            None => self.get(seq),
        }
    }

    pub(crate) fn insert(&mut self, seq: i64, text: Text) {
        let before = self.put(seq, Some(text));
        self.before.push((seq, before));
    }

    /// Whether there was one.
    pub(crate) fn remove(&mut self, seq: i64) -> bool {
        let Some(before) = self.put(seq, None) else { return false };
        self.before.push((seq, Some(before)));
        true
    }

    /// Removes the oldest if there are too many.
    pub(crate) fn remove_surplus(&mut self) -> Option<i64> {
        if self.texts.len() <= MOST && self.bytes <= MOST_BYTES {
            return None;
        }
        let oldest = *self.texts.keys().next()?;
        self.remove(oldest).then_some(oldest)
    }

    pub(crate) fn commit(&mut self) {
        self.before.clear();
    }

    pub(crate) fn roll_back(&mut self) {
        while let Some((seq, before)) = self.before.pop() {
            drop(self.put(seq, before));
        }
    }

    /// Forgets the texts of all other rows.
    pub(crate) fn keep_only(&mut self, seqs: &BTreeSet<i64>) {
        self.texts.retain(|seq, _| seqs.contains(seq));
        self.bytes = self.texts.values().map(Text::bytes).sum();
    }

    fn put(&mut self, seq: i64, text: Option<Text>) -> Option<Text> {
        let coming = text.as_ref().map_or(0, Text::bytes);
        let before = match text {
            Some(text) => self.texts.insert(seq, text),
            None => self.texts.remove(&seq),
        };
        let going = before.as_ref().map_or(0, Text::bytes);
        self.bytes = self.bytes.saturating_add(coming).saturating_sub(going);
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(summary: &str, raw: usize) -> Text {
        let content = Content { summary: summary.into(), ..Content::default() };
        Text::new(&content, Some(&Raw { body: vec![0; raw].into(), big_endian: false }))
    }

    #[test]
    fn what_is_rolled_back_is_as_it_was() {
        let mut texts = Texts::default();
        texts.insert(1, text("one", 10));
        texts.insert(2, text("two", 10));
        texts.commit();
        texts.insert(1, text("one, edited", 500));
        assert!(texts.remove(2));
        texts.insert(2, text("two again", 1));
        texts.insert(3, text("three", 1));
        texts.roll_back();
        assert_eq!(texts.get(1), Some(&text("one", 10)));
        assert_eq!(texts.get(2), Some(&text("two", 10)));
        assert_eq!(texts.get(3), None);
        assert_eq!(texts.bytes, 26);
    }

    #[test]
    fn too_many_bytes_cost_the_oldest_their_text_until_the_rest_fits() {
        let mut texts = Texts::default();
        for seq in 1..=5 {
            texts.insert(seq, text("x", 6 << 20));
        }
        let gone: Vec<_> = std::iter::from_fn(|| texts.remove_surplus()).collect();
        assert_eq!(gone, vec![1, 2, 3]);
    }

    #[test]
    fn too_many_rows_cost_the_oldest_its_text() {
        let mut texts = Texts::default();
        for seq in 1..=513 {
            texts.insert(seq, text("x", 1));
        }
        assert_eq!(texts.remove_surplus(), Some(1));
        assert_eq!(texts.remove_surplus(), None);
    }

    #[test]
    fn one_that_is_too_large_by_itself_goes_too() {
        let mut texts = Texts::default();
        texts.insert(1, text("x", MOST_BYTES + 1));
        assert_eq!(texts.remove_surplus(), Some(1));
        assert_eq!((texts.remove_surplus(), texts.bytes), (None, 0));
    }
}
