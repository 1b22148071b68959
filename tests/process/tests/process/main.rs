//! The checks of standing in the path, each by its number, on the real daemon; and what surrounds them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::wildcard_enum_match_arm)]

mod a_service;
mod away;
mod b_notify;
mod bare_line;
mod blocks;
mod broker;
mod bus_tap;
mod c_closing;
mod check_in;
mod command_line;
mod d_actions;
mod d_opening;
mod day;
mod e_content;
mod f_release;
mod full_disk;
mod g_sender;
mod h_abuse;
mod hostile;
mod idleness;
mod inhibiting;
mod installing;
mod look_alike;
mod pictures;
mod sandbox;
mod settings;
mod snoozing;
mod systemd;
mod take_over;
mod torture;
mod trouble;
