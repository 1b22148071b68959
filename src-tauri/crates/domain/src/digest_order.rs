//! What is held, put together by app and conversation while the rows come by in the order of an index, and by app what was
//! taken back. Must not know what the rows say.

use crate::conversation::conversation;
use crate::notice::{Interruption, LaterMark, Seq};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All that is held, the apps in the order of their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldByConversation {
    /// What is there to be dealt with.
    pub here: Vec<HeldApp>,
    /// What is put off to the next check-in.
    pub later: Vec<HeldApp>,
}

impl HeldByConversation {
    /// The conversations with the most rows, at most so many: the last row of each, and how many there are. Among those with
    /// as many, the one whose last row is the newest comes first.
    #[must_use]
    pub fn largest(&self, most: usize) -> Vec<(Seq, u32)> {
        let conversations = self.here.iter().flat_map(|app| &app.conversations);
        let count = |rows: &Vec<Seq>| u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let mut all: Vec<_> = conversations.filter_map(|rows| Some((*rows.last()?, count(rows)))).collect();
        all.sort_unstable_by_key(|(last, count)| (std::cmp::Reverse(*count), std::cmp::Reverse(*last)));
        all.truncate(most);
        all
    }
}

/// What is held of one app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldApp {
    /// The app's id.
    pub app: Arc<str>,
    /// Its held rows, none of them empty: the conversations where their first row came in, the rows in order of arrival.
    pub conversations: Vec<Vec<Seq>>,
}

/// One held row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldLine {
    /// The row's key.
    pub seq: Seq,
    /// With which command it was put off.
    pub put_off: Option<LaterMark>,
    /// The same for rows of one app that belong to one conversation; none where that is not known: nothing of a text that
    /// is kept in memory only may be on disk. Such a row stands for itself.
    pub conversation: Option<i64>,
}

impl HeldLine {
    /// Of a row whose text is at hand.
    #[must_use]
    pub fn of(row: &Interruption) -> Self {
        Self {
            seq: row.seq,
            put_off: row.deferred().map(|deferral| deferral.mark),
            conversation: Some(conversation(&row.content.summary)),
        }
    }
}

/// Puts rows together that come app by app, each app's in order of arrival.
#[derive(Debug)]
pub struct Grouping {
    later_than: LaterMark,
    here: Apps,
    later: Apps,
}

impl Grouping {
    /// With nothing in it. Marks above `later_than` put a row off.
    #[must_use]
    pub fn new(later_than: LaterMark) -> Self {
        Self { later_than, here: Apps::default(), later: Apps::default() }
    }

    /// Adds the next row.
    pub fn add(&mut self, app: &str, line: HeldLine) {
        let is_put_off = line.put_off.is_some_and(|mark| mark > self.later_than);
        let apps = if is_put_off { &mut self.later } else { &mut self.here };
        apps.add(app, line);
    }

    /// All rows that were added.
    #[must_use]
    pub fn finish(self) -> HeldByConversation {
        HeldByConversation { here: self.here.apps, later: self.later.apps }
    }
}

#[derive(Debug, Default)]
struct Apps {
    apps: Vec<HeldApp>,
    /// Where the conversations of the last app are.
    places: BTreeMap<i64, usize>,
}

impl Apps {
    fn add(&mut self, app: &str, line: HeldLine) {
        if self.apps.last().is_none_or(|last| *last.app != *app) {
            self.apps.push(HeldApp { app: app.into(), conversations: Vec::new() });
            self.places.clear();
        }
        let Some(HeldApp { conversations, .. }) = self.apps.last_mut() else { return };
        let new = conversations.len();
        let place = line.conversation.map_or(new, |conversation| *self.places.entry(conversation).or_insert(new));
        match conversations.get_mut(place) {
            Some(seqs) => seqs.push(line.seq),
            None => conversations.push(vec![line.seq]),
        }
    }
}

/// What one app took back while it was held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawnApp {
    /// The app's id.
    pub app: Arc<str>,
    /// Its name, as it last gave it.
    pub name: Arc<str>,
    /// How many.
    pub count: u32,
    /// The newest rows, as far as there is room, in order of arrival.
    pub seqs: Vec<Seq>,
}

/// Puts rows together that come newest first.
#[derive(Debug)]
pub struct WithdrawnApps {
    room: u32,
    apps: BTreeMap<Arc<str>, WithdrawnApp>,
}

impl WithdrawnApps {
    /// With nothing in it, and room for so many rows.
    #[must_use]
    pub fn new(room: u32) -> Self {
        Self { room, apps: BTreeMap::new() }
    }

    /// Adds the next row; where it is its app's first, `name` finds what the app calls itself.
    ///
    /// # Errors
    /// When the name cannot be found.
    pub fn add<E>(&mut self, seq: Seq, app: &str, name: impl FnOnce() -> Result<Arc<str>, E>) -> Result<(), E> {
        if !self.apps.contains_key(app) {
            let new = WithdrawnApp { app: app.into(), name: name()?, count: 0, seqs: Vec::new() };
            self.apps.insert(new.app.clone(), new);
        }
        let Some(app) = self.apps.get_mut(app) else { return Ok(()) };
        app.count = app.count.saturating_add(1);
        if self.room > 0 {
            self.room -= 1;
            app.seqs.push(seq);
        }
        Ok(())
    }

    /// The apps with the most first.
    #[must_use]
    pub fn finish(self) -> Vec<WithdrawnApp> {
        let mut apps: Vec<_> = self.apps.into_values().collect();
        apps.iter_mut().for_each(|app| app.seqs.sort_unstable());
        apps.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        apps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(lines: &[(&str, i64, u64, Option<i64>)]) -> HeldByConversation {
        let mut grouping = Grouping::new(LaterMark(1));
        for &(app, seq, mark, conversation) in lines {
            let put_off = (mark > 0).then_some(LaterMark(mark));
            grouping.add(app, HeldLine { seq: Seq(seq), put_off, conversation });
        }
        grouping.finish()
    }

    #[test]
    fn what_was_taken_back_is_counted_by_app_and_the_newest_are_named() {
        let mut apps = WithdrawnApps::new(3);
        for (seq, app) in [(9, "chat"), (7, "mail"), (6, "chat"), (4, "chat"), (2, "ci")] {
            let name = || if seq == 9 { Ok("Chat 2".into()) } else { Ok::<_, ()>(app.into()) };
            apps.add(Seq(seq), app, name).unwrap();
        }
        let found: Vec<_> = apps.finish().into_iter().map(|app| (app.name, app.count, app.seqs)).collect();
        let seqs = |seqs: &[i64]| seqs.iter().copied().map(Seq).collect::<Vec<_>>();
        let want = [("Chat 2", 3, seqs(&[6, 9])), ("ci", 1, seqs(&[])), ("mail", 1, seqs(&[7]))];
        assert_eq!(found, want.map(|(name, count, seqs)| (Arc::from(name), count, seqs)));
    }

    fn of(app: &str, conversations: &[&[i64]]) -> HeldApp {
        let conversations = conversations.iter().map(|seqs| seqs.iter().copied().map(Seq).collect()).collect();
        HeldApp { app: app.into(), conversations }
    }

    #[test]
    fn rows_of_one_app_and_conversation_are_together() {
        let found = grouped(&[("a", 1, 0, Some(7)), ("a", 3, 0, Some(8)), ("a", 4, 0, Some(7)), ("b", 2, 0, Some(7))]);
        assert_eq!(found.here, [of("a", &[&[1, 4], &[3]]), of("b", &[&[2]])]);
        assert_eq!(found.later, []);
    }

    #[test]
    fn what_is_put_off_since_the_last_check_in_is_apart() {
        let found = grouped(&[("a", 1, 2, Some(7)), ("a", 2, 0, Some(7)), ("a", 3, 1, Some(7)), ("b", 4, 3, Some(7))]);
        assert_eq!(found.here, [of("a", &[&[2, 3]])]);
        assert_eq!(found.later, [of("a", &[&[1]]), of("b", &[&[4]])]);
    }

    #[test]
    fn rows_whose_conversation_is_unknown_stand_alone() {
        let found = grouped(&[("a", 1, 0, None), ("a", 2, 0, Some(1)), ("a", 3, 0, None), ("a", 4, 0, Some(1))]);
        assert_eq!(found.here, [of("a", &[&[1], &[2, 4], &[3]])]);
    }
}
