//! What the model asks of the store for an event, and the answers. Must not know what either is for.

use crate::notice::{Interruption, LaterMark, NoticeId, RendererId, Seq};
use crate::ports::{Archive, StoreError};
use chrono::{DateTime, Duration, Utc};
use std::sync::Arc;

/// Rows that the answer to one question has at most, where it says so.
pub(crate) const PAGE: usize = 100;

/// A question about the rows, asked just before [`crate::Model::handle`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// The newest row with this id.
    Id(NoticeId),
    /// The newest rows with these ids.
    Ids(Vec<NoticeId>),
    /// These rows.
    Seqs(Vec<Seq>),
    /// The newest open row of one app with this stack tag that is held, at the renderer or on its way there.
    StackTag {
        /// The app's id.
        app: Arc<str>,
        /// The tag.
        tag: String,
    },
    /// The row whose call to the renderer has this serial.
    Sending {
        /// The connection that sent it.
        gate: Arc<str>,
        /// The serial.
        serial: u32,
    },
    /// Those that a renderer shows under these numbers; more than one under the same only in the store of an earlier version.
    ShownAs(Given),
    /// The first 100 rows whose time has run out at this instant.
    Due(DateTime<Utc>),
    /// The first 100 rows that were snoozed to this instant or an earlier one.
    Snoozed(DateTime<Utc>),
    /// The first held row in the range that is not on its way to the renderer.
    NextHeld(HeldRange),
    /// The first 100 held rows in the range.
    HeldPage(HeldRange),
    /// The first 100 held rows after this one, and not after the other, that were put off by one command.
    LaterPage {
        /// After this.
        after: Seq,
        /// Up to this.
        upto: Seq,
        /// The command's mark.
        mark: LaterMark,
    },
    /// The first 100 rows marked done together, in the same range: they share the instant at which their undo ends.
    DonePage {
        /// After this.
        after: Seq,
        /// Up to this.
        upto: Seq,
        /// When their undo ends.
        due: DateTime<Utc>,
    },
    /// All rows under way to the renderer that another connection sent.
    Unanswered {
        /// This gate's connection.
        gate: Arc<str>,
    },
    /// All rows shown by another renderer connection than this.
    ShownByOthers {
        /// The renderer's connection.
        by: Arc<str>,
    },
}

/// Numbers that one renderer gave popups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// The renderer's connection.
    pub by: Arc<str>,
    /// Its ids.
    pub ids: Vec<RendererId>,
}

/// Held rows in order of arrival: after one and not after another, of one app or of all, but not those put off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRange {
    /// After this.
    pub after: Seq,
    /// Up to this.
    pub upto: Seq,
    /// Of this app only.
    pub app: Option<Arc<str>>,
    /// Those with a mark above this one are put off.
    pub later_than: LaterMark,
}

/// The answer to a question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The rows, in order of arrival.
    pub rows: Vec<Interruption>,
    /// With [`Query::Due`] and [`Query::Snoozed`]: the first instant at which more rows run out or come back.
    pub next_due: Option<DateTime<Utc>>,
}

/// What was asked for an event, and the answers. No row is in two of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookups(pub Vec<(Query, Found)>);

impl Lookups {
    /// Asks the store.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of(store: &mut dyn Archive, queries: Vec<Query>) -> Result<Self, StoreError> {
        let answered = queries.into_iter().map(|query| Ok((store.rows(&query)?, query)));
        Ok(Self(answered.map(|answer| answer.map(|(found, query)| (query, found))).collect::<Result<_, _>>()?))
    }

    /// All rows, in the order of the questions.
    #[must_use]
    pub fn rows(self) -> Vec<Interruption> {
        self.0.into_iter().flat_map(|(_, found)| found.rows).collect()
    }

    /// Whether no question named any row.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|(_, found)| found.rows.is_empty())
    }

    /// Somebody has set the clock, and the stored instants with it.
    pub(crate) fn clock_moved(&mut self, by: Duration) {
        for (_, found) in &mut self.0 {
            found.next_due = found.next_due.map(|due| due + by);
            found.rows.iter_mut().for_each(|row| row.standing.clock_moved(by));
        }
    }
}
