//! The command line of a desktop entry, by its specification: there is never a file or a URL to open. Must not start
//! anything.

use super::folders::Installed;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What runs a command line in a terminal, the one that the user has chosen first.
const TERMINALS: [&[&str]; 2] = [&["xdg-terminal-exec"], &["x-terminal-emulator", "-e"]];

/// The program and its arguments.
///
/// # Errors
/// Why there are none.
pub(super) fn words(app: &Installed) -> Result<Vec<String>, String> {
    let exec = app.entry.exec.as_deref().ok_or("its desktop entry says nothing to run")?;
    let wrong = || format!("the command line in its desktop entry is not valid: {exec}");
    let mut words = Vec::new();
    for word in shlex::split(exec).ok_or_else(wrong)? {
        match (word.as_str(), &app.entry.icon) {
            ("%i", Some(icon)) => words.extend(["--icon".to_owned(), icon.clone()]),
            _ => {
                let text = expanded(&word, app).ok_or_else(wrong)?;
                // A word of field codes that stand for nothing is none.
                words.extend(Some(text).filter(|text| !text.is_empty() || word.is_empty()));
            }
        }
    }
    match words.first() {
        Some(program) if !program.is_empty() && !program.contains('=') => Ok(words),
        Some(_) | None => Err(wrong()),
    }
}

/// A word with its field codes expanded. None where one is unknown: such a line must not be run.
fn expanded(word: &str, app: &Installed) -> Option<String> {
    let mut text = String::new();
    let mut rest = word.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        match rest.next()? {
            '%' => text.push('%'),
            'c' => text.push_str(&app.entry.name),
            'k' => text.push_str(&app.file.to_string_lossy()),
            // Files and URLs, the icon within a word, and what the specification has given up.
            'f' | 'F' | 'u' | 'U' | 'i' | 'd' | 'D' | 'n' | 'N' | 'v' | 'm' => {}
            _ => return None,
        }
    }
    Some(text)
}

/// The same command line in a terminal.
///
/// # Errors
/// Where `find` finds no program that opens one.
pub(super) fn in_terminal(words: Vec<String>, find: impl Fn(&str) -> bool) -> Result<Vec<String>, String> {
    let known = TERMINALS.into_iter().find(|terminal| terminal.first().is_some_and(|program| find(program)));
    let terminal = known
        .ok_or("it runs in a terminal, and neither xdg-terminal-exec nor x-terminal-emulator is there to open one")?;
    Ok(terminal.iter().map(|word| (*word).to_owned()).chain(words).collect())
}

/// A program by its absolute path, or by its name on the path.
pub(super) fn find_program(name: &str) -> Option<PathBuf> {
    let runs =
        |path: &PathBuf| path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| Path::is_absolute(path) && runs(path));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(runs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::entry::DesktopEntry;

    fn app(exec: &str) -> Installed {
        let entry = DesktopEntry {
            name: "Chat & Co".into(),
            exec: Some(exec.into()),
            icon: Some("chat".into()),
            ..DesktopEntry::default()
        };
        Installed { id: "chat".into(), file: "/usr/share/applications/chat.desktop".into(), entry }
    }

    fn check(exec: &str, wanted: &[&str]) {
        assert_eq!(words(&app(exec)).unwrap(), wanted, "{exec}");
    }

    #[test]
    fn quotes_are_taken_off_and_words_kept_whole() {
        check("chat", &["chat"]);
        check(r#""/opt/My Chat/chat" --title "a b" "" x"#, &["/opt/My Chat/chat", "--title", "a b", "", "x"]);
        check(r#"sh -c "echo \"\$HOME\" \`x\` \\ ; \q""#, &["sh", "-c", "echo \"$HOME\" `x` \\ ; \\q"]);
        check("env A='b c' chat", &["env", "A=b c", "chat"]);
    }

    #[test]
    fn nothing_runs_through_a_shell() {
        check("chat $(reboot) ; `reboot` > x | y &", &["chat", "$(reboot)", ";", "`reboot`", ">", "x", "|", "y", "&"]);
        check("chat $HOME ~ *", &["chat", "$HOME", "~", "*"]);
    }

    #[test]
    fn field_codes_are_expanded_or_dropped() {
        check("chat %f %F %u %U %d %D %n %N %v %m", &["chat"]);
        check(
            "chat %i --name=%c %k 100%%",
            &["chat", "--icon", "chat", "--name=Chat & Co", "/usr/share/applications/chat.desktop", "100%"],
        );
        check("chat --open=%u %%U x%iy", &["chat", "--open=", "%U", "xy"]);
        let mut without_icon = app("chat %i x");
        without_icon.entry.icon = None;
        assert_eq!(words(&without_icon).unwrap(), ["chat", "x"]);
    }

    #[test]
    fn a_line_that_is_not_valid_is_not_run_and_said() {
        for exec in
            ["chat %x", "chat 50%", "chat \"open", "chat 'open", "chat \\", "A=b chat", "\"\" x", "%U", "# chat"]
        {
            let why = words(&app(exec)).unwrap_err();
            assert!(why.contains("not valid") && why.contains(exec), "{exec}: {why}");
        }
        let mut nothing = app("");
        nothing.entry.exec = None;
        assert!(words(&nothing).unwrap_err().contains("nothing to run"));
    }

    #[test]
    fn a_terminal_is_opened_by_what_there_is_or_said_to_be_missing() {
        let line = || vec!["mutt".to_owned(), "-y".to_owned()];
        let with = |there: &'static [&'static str]| in_terminal(line(), move |program| there.contains(&program));
        assert_eq!(with(&["x-terminal-emulator"]).unwrap(), ["x-terminal-emulator", "-e", "mutt", "-y"]);
        let both = with(&["x-terminal-emulator", "xdg-terminal-exec"]).unwrap();
        assert_eq!(both, ["xdg-terminal-exec", "mutt", "-y"]);
        assert!(with(&[]).unwrap_err().contains("xdg-terminal-exec"));
    }

    #[test]
    fn a_program_is_found_by_path_or_name_and_must_run() {
        assert_eq!(find_program("/bin/sh"), Some("/bin/sh".into()));
        assert!(find_program("sh").is_some_and(|path| path.is_absolute()));
        for name in ["/", "/etc/passwd", "bin/sh", "./sh", "", "no-such-program-anywhere"] {
            assert_eq!(find_program(name), None, "{name}");
        }
    }
}
