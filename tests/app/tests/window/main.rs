//! The real `tidegate-app` in a private session, driven as a person would: by its buttons, its keys and its text.
//!
//! Behind it stand the real daemon and relay; the apps are real senders, and what the window is told to do is looked for
//! where it must arrive. Every state is compared with its committed pictures, see `gallery.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::wildcard_enum_match_arm)]

mod activation;
mod addresses;
mod away;
mod check_in;
mod day;
mod flows;
mod gallery;
mod hostile;
mod large_text;
mod layouts;
mod likeness;
mod listening;
mod live;
mod looks;
mod morning;
mod opener;
mod opening;
mod pictures;
mod portal;
mod screen;
mod screenshots;
mod settings;
mod trap;
mod trouble;
mod window;
