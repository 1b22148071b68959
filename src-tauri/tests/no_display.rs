//! The window's program where there is no screen: one line, and a status that a script can tell from others.
#![allow(clippy::unwrap_used)]

use std::process::Command;

#[track_caller]
fn check(displays: &[(&str, &str)], said: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate-app"));
    let ran = command.env_clear().envs(displays.iter().copied()).output().unwrap();
    let errors = String::from_utf8(ran.stderr).unwrap();
    assert_eq!((ran.status.code(), errors.lines().count()), (Some(3), 1), "{errors}");
    assert!(errors.starts_with("tidegate-app: no display can be reached") && errors.contains(said), "{errors}");
}

#[test]
fn without_a_display_one_line_says_so() {
    check(&[], "WAYLAND_DISPLAY is not set, DISPLAY is not set");
    check(&[("DISPLAY", ":4242")], "DISPLAY is \":4242\"");
    check(&[("WAYLAND_DISPLAY", "/nonexistent/wayland-0")], "/nonexistent/wayland-0");
}
