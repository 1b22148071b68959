//! The lines between gate and relay: what they look like, what they refuse, and that nothing is lost on the way.
#![allow(clippy::unwrap_used)]

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use tidegate_relay::protocol::{
    LineBuffer, LineError, MAX_LINE, OsText, RendererRecord, ToGate, ToRelay, VERSION, decode, encode,
};

fn hello(gate: &str) -> ToRelay {
    ToRelay::Hello { version: VERSION, gate: gate.into(), called_before: false }
}

#[test]
fn a_line_is_what_other_versions_rely_on() {
    let line = b"{\"hello\":{\"version\":1,\"gate\":\":1.7\",\"called_before\":false}}\n";
    assert_eq!(encode(&hello(":1.7")).unwrap(), line);
    assert_eq!(decode::<ToRelay>(line).unwrap(), hello(":1.7"));
    let earlier = b"{\"hello\":{\"version\":1,\"gate\":\":1.7\"}}";
    assert_eq!(decode::<ToRelay>(earlier).unwrap(), hello(":1.7"));
    let later = b"{\"hello\":{\"version\":1,\"gate\":\":1.7\",\"new\":[1]}}";
    assert_eq!(decode::<ToRelay>(later).unwrap(), hello(":1.7"));
}

#[test]
fn a_relay_that_does_not_say_whom_it_watched_has_watched_nobody() {
    let earlier = b"{\"welcome\":{\"version\":1,\"renderer\":null,\"answered\":[],\"waiting\":[]}}";
    let welcome = ToGate::Welcome {
        version: 1,
        renderer: None,
        answered: vec![],
        waiting: vec![],
        watched: vec![],
        away_ms: None,
    };
    assert_eq!(decode::<ToGate>(earlier).unwrap(), welcome);
}

#[test]
fn a_record_keeps_what_is_not_text() {
    let odd = OsString::from_vec(vec![b'a', 0xff, b'/']);
    let record = RendererRecord {
        argv: vec!["dunst".into(), odd.clone().into()],
        env: vec![("A".into(), "ä\n\"".into()), (OsText(odd.clone()), "".into())],
        cwd: odd.into(),
        unit: Some("dunst.service".into()),
    };
    let line = encode(&record).unwrap();
    assert_eq!(decode::<RendererRecord>(&line).unwrap(), record);
    let text = String::from_utf8(line).unwrap();
    assert!(text.starts_with("{\"argv\":[\"dunst\",[97,255,47]]"), "{text}");
}

#[test]
fn a_record_of_an_earlier_login_is_brought_to_the_screen_of_this_one() {
    let env = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let earlier = [("LANG", "de"), ("DISPLAY", ":0"), ("XAUTHORITY", "/tmp/old"), ("SWAYSOCK", "/run/old")];
    let record = RendererRecord { argv: vec!["dunst".into()], env: env(&earlier), cwd: "/".into(), unit: None };
    let own = |name: &str| match name {
        "DISPLAY" => Some(":1".into()),
        "XAUTHORITY" => Some("/tmp/new".into()),
        "LANG" => Some("C".into()),
        _ => None,
    };
    let expected: Vec<(OsText, OsText)> = env(&[("LANG", "de"), ("DISPLAY", ":1"), ("XAUTHORITY", "/tmp/new")]);
    assert_eq!(record.clone().in_this_login(own).env, expected);
    let bare = |name: &str| (name == "XDG_SESSION_ID").then(|| "c2".into());
    assert_eq!(record.clone().in_this_login(bare), record, "without a screen of its own it knows no better");
}

fn started_by(argv: &[&str], env: &[(&str, &str)]) -> RendererRecord {
    let argv = argv.iter().map(OsText::from).collect();
    let env = env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    RendererRecord { argv, env, cwd: "/".into(), unit: None }
}

#[test]
fn our_own_programs_are_known_by_what_they_are() {
    for argv in [
        &["tidegate", "daemon"][..],
        &["/usr/bin/tidegate-relay"],
        &["/proc/self/exe", "--report-ready"],
        &["/proc/self/exe", "--detached"],
        &["/proc/4711/exe"],
        &["dunst", "--report-ready"],
        &["renamed", "--exec-renderer", "7", "33", "dunst"],
        &["/proc/self/root/proc/self/exe"],
    ] {
        assert!(started_by(argv, &[]).is_ours(), "{argv:?}");
    }
    for argv in [&["dunst"][..], &["/usr/bin/mako", "--config", "tidegate"], &["/bin/sh", "-c", "tidegate"], &[]] {
        assert!(!started_by(argv, &[("PATH", "/usr/bin:/bin")]).is_ours(), "{argv:?}");
    }
}

#[test]
fn our_own_programs_are_known_behind_links_and_by_other_names() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("tidegate-relay"), "").unwrap();
    std::fs::write(at("mako"), "").unwrap();
    std::os::unix::fs::symlink("tidegate-relay", at("dunst")).unwrap();
    std::os::unix::fs::symlink("/proc/self/exe", at("swaync")).unwrap();
    let path = [("PATH", folder.path().to_str().unwrap())];
    for name in ["dunst", "swaync"] {
        assert!(started_by(&[name], &path).is_ours(), "{name} on the path");
        assert!(started_by(&[at(name).to_str().unwrap()], &[]).is_ours(), "{name} by its path");
    }
    let mut below = started_by(&["./dunst"], &[]);
    below.cwd = folder.path().into();
    assert!(below.is_ours());
    assert!(!started_by(&["mako"], &path).is_ours());
}

#[test]
fn lines_may_come_in_any_pieces() {
    let all: Vec<u8> = [":1.1", ":1.2", ":1.3"].iter().flat_map(|gate| encode(&hello(gate)).unwrap()).collect();
    for size in 1..=all.len() {
        let mut buffer = LineBuffer::default();
        let read: Vec<ToRelay> = all.chunks(size).flat_map(|piece| buffer.push(piece).unwrap()).collect();
        assert_eq!(read, [hello(":1.1"), hello(":1.2"), hello(":1.3")]);
    }
}

#[test]
fn a_line_has_an_end() {
    let mut buffer = LineBuffer::default();
    let mut pieces = (0..).map(|_| buffer.push::<ToRelay>(&[b' '; 60_000]));
    let error = pieces.by_ref().take(MAX_LINE / 60_000 + 1).find_map(Result::err);
    assert!(matches!(error, Some(LineError::TooLong)));
    let long = ToGate::Refused { version: VERSION, why: "x".repeat(MAX_LINE) };
    assert!(matches!(encode(&long), Err(LineError::TooLong)));
    assert!(matches!(decode::<ToGate>(&vec![b' '; MAX_LINE + 1]), Err(LineError::TooLong)));
}

#[test]
fn an_error_does_not_repeat_what_the_line_said() {
    let line = b"{\"hello\":{\"version\":\"my secret\"}}";
    let error = decode::<ToRelay>(line).unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}
