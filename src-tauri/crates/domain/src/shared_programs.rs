//! Programs that many apps send with: their own name says nothing. Must not know processes.

use std::sync::OnceLock;

const LIST: &str = include_str!("../data/shared-programs.txt");

/// Whether a program with this file name sends what scripts tell it to, so that its name says nothing of who sends.
#[must_use]
pub fn sends_for_others(program: &str) -> bool {
    static KNOWN: OnceLock<Vec<String>> = OnceLock::new();
    let program = plain_program_name(program);
    KNOWN.get_or_init(|| parse(LIST)).iter().any(|known| names(known, &program))
}

/// A program's name as desktop entries have it: small, and without what packagers wrap it in.
#[must_use]
pub fn plain_program_name(program: &str) -> String {
    let name = program.trim_start_matches('.').to_lowercase();
    let name = name.strip_suffix("-wrapped").unwrap_or(&name);
    let name = name.strip_suffix("-bin").or_else(|| name.strip_suffix(".bin")).unwrap_or(name);
    name.to_owned()
}

fn parse(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).map(str::to_lowercase).collect()
}

/// `*` in the list stands for anything.
fn names(known: &str, program: &str) -> bool {
    match known.split_once('*') {
        Some((before, after)) => {
            program.strip_prefix(before).is_some_and(|rest| rest.len() >= after.len() && rest.ends_with(after))
        }
        None => program.strip_prefix(known).is_some_and(is_version),
    }
}

/// What may follow a name: nothing, or the numbers of a version.
fn is_version(rest: &str) -> bool {
    rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_49_who_sends_for_others_is_known_by_its_program() {
        for program in [
            "notify-send",
            "dunstify",
            "gdbus",
            "busctl",
            "dbus-send",
            "qdbus",
            "qdbus6",
            "qdbus-qt5",
            "kdialog",
            "zenity",
            "yad",
            "xdg-desktop-portal",
            "xdg-desktop-portal-gtk",
            "xdg-desktop-portal-hyprland",
            "xdg-dbus-proxy",
            "systemd-run",
            "flatpak-spawn",
            "sudo",
            "ld-linux-x86-64.so.2",
            "bash",
            "busybox",
            "python3",
            "python3.11",
            ".python3.12-wrapped",
            "pypy3",
            "perl5.36.0",
            "ruby3.1",
            "node",
            "node-18",
            "gjs-console",
            "lua5.4",
            "php8.2",
            "tclsh8.6",
            "guile-3.0",
            "java",
            "mono-sgen",
            "electron22",
            "Rscript",
            "mawk",
            "original-awk",
        ] {
            assert!(sends_for_others(program), "{program}");
        }
    }

    #[test]
    fn check_49_an_app_is_not_taken_for_an_interpreter() {
        for program in [
            "firefox",
            "chromium",
            "slack",
            "javelin",
            "shotwell",
            "nodeapp",
            "pythonista",
            "sh-notes",
            "gsd-power",
            "xfce4-power-manager",
            "kdeconnectd",
            "batsignal",
            "evolution",
            "emacs",
            "",
        ] {
            assert!(!sends_for_others(program), "{program}");
        }
    }

    #[test]
    fn the_list_has_each_name_once() {
        let mut list = parse(LIST);
        let all = list.len();
        list.sort();
        list.dedup();
        assert!(list.len() == all && all > 100, "{all} names, {} of them different", list.len());
    }
}
