//! The completion scripts, in a real shell.

use crate::cli::{TIDEGATE, output, run};
use tidegate_testkit::Session;

/// What Bash offers for the last word of a command line.
const COMPLETE: &str = r#"
source /dev/stdin <<<"$("$1" completions bash)"
COMP_WORDS=($2) COMP_CWORD=$(($(wc -w <<<"$2") - 1))
_tidegate tidegate "${COMP_WORDS[$COMP_CWORD]}" "${COMP_WORDS[$COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
"#;

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
        let ran = session.run("bash", ["-c", COMPLETE, "bash", TIDEGATE, line]).await;
        assert_eq!((ran.code, ran.stdout.trim()), (0, expected), "{line}: {}", ran.stderr);
    }
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
