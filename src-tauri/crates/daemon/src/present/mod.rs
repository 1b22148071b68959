//! What is shown, as pure functions of state: the view, items, sentences, the digest's text. Must not know where it goes
//! (bus, terminal, tray), read a clock, or change anything.

mod answer;
mod books;
mod digest;
#[cfg(test)]
pub(crate) mod fixtures;
mod item;
mod markup;
mod order;
mod path;
mod reason;
mod state;
mod view;

pub use answer::{app_name, failure, held_change, message, not_opened, nothing_is_held};
pub use books::{absence_lines, app_counts, books_line, feedback_line, ledger_view, mismatch, only_counted_line};
pub use digest::{CONVERSATIONS, DigestText, Sound, Told, digest};
pub use item::{detail, item};
pub use markup::plain_body;
pub use order::{digest_order, withdrawn};
pub use path::{
    RENDERER_FAILS, RENDERER_REPLACED, not_in_path, path_trouble, renderer_fails, renderer_replaced, waiting,
};
pub use reason::{remark, why, why_short};
pub use state::{block_end, block_that_closes, headline, headline_with_time_left, time_left, tooltip};
pub use tidegate_words::{Clock, line, mark, paragraph, reorders};
pub use view::view;

/// Characters of an app's name, a button or a reply's placeholder that are shown.
const NAME: usize = 100;
/// Characters of a summary that are shown.
const SUMMARY: usize = 500;
/// Characters of a body in a list.
const BODY: usize = 2_000;
/// Characters of a body that is shown alone.
const WHOLE_BODY: usize = 20_000;
/// Buttons that are shown.
const BUTTONS: usize = 32;
