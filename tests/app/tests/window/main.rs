//! The real `tidegate-app` in a private session, driven as a person would: by its buttons, its keys and its text.
//!
//! Behind it stands a daemon of the tests' own that serves `org.tidegate.Tidegate1`, so that every request of the
//! window can be seen and every answer chosen. `TIDEGATE_SHOTS` names a folder for pictures of each view.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod away;
mod daemon;
mod flows;
mod hostile;
mod looks;
mod portal;
mod sample;
mod trap;
mod window;
