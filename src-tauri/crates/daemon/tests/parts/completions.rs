//! The completion scripts, in a real shell.

use crate::cli::{TIDEGATE, button, output, run};
use crate::stand::{Stand, content};
use tidegate_domain::Content;
use tidegate_testkit::Session;

/// What Bash offers for the last word of a command line.
const COMPLETE: &str = r#"
source /dev/stdin <<<"$("$1" completions bash)"
COMP_WORDS=($2) COMP_CWORD=$(($(wc -w <<<"$2") - 1))
[[ "$2" != *" " ]] || COMP_CWORD=$((COMP_CWORD + 1)) COMP_WORDS+=("")
COMP_WORDS[0]=$1
_tidegate_words "$1" "${COMP_WORDS[$COMP_CWORD]}" "${COMP_WORDS[$COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
"#;

async fn completed(session: &Session, line: &str) -> String {
    let ran = session.run("bash", ["-c", COMPLETE, "bash", TIDEGATE, line]).await;
    assert_eq!(ran.stderr, "", "{line}");
    ran.ok()
}

#[tokio::test]
async fn bash_completes_verbs_options_and_values() {
    let session = Session::start().await;
    for (line, expected) in [
        ("tidegate chec", "check-in"),
        ("tidegate check-in s", "skip"),
        ("tidegate status --f", "--follow"),
        ("tidegate settings uns", "unset"),
        ("tidegate completions z", "zsh"),
    ] {
        assert_eq!(completed(&session, line).await, expected, "{line}");
    }
}

#[tokio::test]
async fn ids_apps_keys_and_settings_are_completed_and_nothing_that_a_shell_would_run() {
    let session = Session::start().await;
    assert_eq!(completed(&session, "tidegate start unt").await, "until-check-in\nuntil");
    assert_eq!(completed(&session, "tidegate settings get check-ins.mo").await, "check-ins.monday");
    assert_eq!(completed(&session, "tidegate settings get safe-list.cal").await, "safe-list.calendar\\ reminders");
    let conn = session.connect().await;
    let mut stand = Stand::on(&conn).await;
    output(&session, "tidegate start open").await;
    let actions = [("app.reply", "Answer"), ("$(reboot)", "Answer")].map(|(key, label)| button(key, label)).into();
    stand.notify(Content { actions, ..content("$(reboot)", "") }).await;
    stand.notify(content("Ben", "")).await;
    assert_eq!(completed(&session, "tidegate show ").await, "bbb\nbbc");
    assert_eq!(completed(&session, "tidegate done bbb bbc").await, "bbc");
    assert_eq!(completed(&session, "tidegate act bbb ").await, "app.reply");
    assert_eq!(completed(&session, "tidegate later --app Sl").await, "Slack");
}

#[tokio::test]
async fn each_script_is_for_its_shell_and_another_shell_is_refused() {
    let session = Session::start().await;
    for (shell, sign) in [("zsh", "#compdef tidegate\n"), ("fish", "complete -c tidegate "), ("bash", "_tidegate()")] {
        let script = output(&session, &format!("tidegate completions {shell}")).await;
        assert!(script.contains(sign) && script.contains("check-in"), "{shell}: {script}");
    }
    let ran = run(&session, "tidegate completions sh").await;
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("bash, zsh, fish"), "{}", ran.stderr);
}
