//! What the books say in the end: all rows by the page, and what is remarked of those that are asked for. Must not know
//! what is right.

use futures_util::future::join_all;
use std::collections::HashMap;
use tidegate_contract::{Item, verb};
use tidegate_testkit::Session;
use tidegate_tests_process::{ask, words};
use zbus::Connection;

/// The longest page.
const PAGE: u32 = 500;
/// As many as the daemon answers at a time, one of each connection.
const ASKERS: usize = 8;

/// The newest row of each id, and whose each text is.
#[derive(Default)]
pub(super) struct Books {
    rows: HashMap<u32, Item>,
    ids: HashMap<String, u32>,
    /// Texts that more than one row has.
    pub(super) twice: Vec<String>,
}

impl Books {
    /// All of history, newest first.
    pub(super) async fn read(control: &Connection) -> Self {
        let (mut books, mut after) = (Self::default(), None);
        loop {
            let request = verb::Search { text: String::new(), after, limit: PAGE };
            let page = ask(control, request).await.unwrap();
            page.items.into_iter().for_each(|row| books.add(row));
            after = page.next;
            if after.is_none() {
                return books;
            }
        }
    }

    /// An edit of one that is closed is another row under its id. A summary stays where the rest of a text was dropped.
    fn add(&mut self, row: Item) {
        if self.ids.insert(row.summary.clone(), row.id).is_some() {
            self.twice.push(row.summary.clone());
        }
        self.rows.entry(row.id).or_insert(row);
    }

    pub(super) fn row(&self, id: u32) -> Option<&Item> {
        self.rows.get(&id)
    }

    pub(super) fn id_of(&self, text: &str) -> Option<u32> {
        self.ids.get(text).copied()
    }
}

/// What is remarked of each of these.
pub(super) async fn remarks_of_all(session: &Session, ids: &[u32]) -> HashMap<u32, Vec<String>> {
    let share = ids.len().div_ceil(ASKERS).max(1);
    let asked = ids.chunks(share).map(|ids| async move {
        let connection = session.connect().await;
        let mut said = Vec::new();
        for id in ids {
            said.push((*id, remarks(&connection, *id).await));
        }
        said
    });
    join_all(asked).await.into_iter().flatten().collect()
}

/// What is remarked of one.
pub(super) async fn remarks(control: &Connection, id: u32) -> Vec<String> {
    match ask(control, verb::Show { id }).await {
        Ok(detail) => detail.remarks.iter().map(words).collect(),
        Err(failure) => panic!("{id} is in the books, but the daemon said {failure:?}"),
    }
}
