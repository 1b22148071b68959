//! The checks of standing in the path, each by its number, on the real daemon; and what surrounds them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod a_service;
mod b_notify;
mod bus_tap;
mod e_content;
mod f_release;
mod h_abuse;
mod torture;
mod trouble;
