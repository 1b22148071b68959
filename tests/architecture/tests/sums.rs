//! The last line of `make test` is what people and machines believe: scripts/sum-tests
//! counts right, also where a runner dies.

use std::io::Write;
use std::process::{Command, Stdio};

use tidegate_tests_architecture::{Result, root};

const FINE: &str = "
   Compiling something v0.1.0
     Running unittests src/lib.rs (target/debug/deps/something-1)

running 3 tests
test a ... ok
test b ... ignored
test c ... ok

test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

   Doc-tests something

running 1 test
test src/lib.rs - (line 1) ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s


running 2 tests

test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s
";

const FAILED: &str = "
     Running tests/one.rs (target/debug/deps/one-1)
a line that talks about it: test result: ok. 7 passed; 7 failed; 7 ignored; 0 measured
test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
error: test failed, to rerun pass `-p one --test one`
     Running tests/two.rs (target/debug/deps/two-1)
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

const DIED: &str = "
     Running tests/one.rs (target/debug/deps/one-1)
test a ... error: test failed (signal: 11, SIGSEGV: invalid memory reference)
     Running tests/two.rs (target/debug/deps/two-1)
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
     Running tests/three.rs (target/debug/deps/three-1)
";

const WINDOW: &str = r#"{
  "numTotalTests": 8, "numPassedTests": 4, "numFailedTests": 1, "numPendingTests": 2, "numTodoTests": 1,
  "testResults": [
    {"status": "passed", "assertionResults": [{}]},
    {"status": "failed", "assertionResults": [{}]},
    {"status": "failed", "assertionResults": []}
  ]
}"#;

#[test]
fn cargo_s_results_are_summed() -> Result<()> {
    check("cargo", FINE, "5 0 1")
}

#[test]
fn cargo_s_failures_are_summed() -> Result<()> {
    check("cargo", FAILED, "5 2 0")
}

#[test]
fn a_test_program_that_died_is_a_failure() -> Result<()> {
    check("cargo", DIED, "1 2 0")
}

#[test]
fn nothing_at_all_is_nothing() -> Result<()> {
    check("cargo", "", "0 0 0")
}

#[test]
fn a_window_test_file_that_does_not_load_is_a_failure() -> Result<()> {
    check("vitest", WINDOW, "4 2 3")
}

fn check(runner: &str, report: &str, expected: &str) -> Result<()> {
    let mut count = Command::new(root().join("scripts/sum-tests"))
        .args([runner, "/dev/stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = count.stdin.take().ok_or("no pipe")?;
    input.write_all(report.as_bytes())?;
    drop(input);
    let output = count.wait_with_output()?;
    let printed = String::from_utf8(output.stdout)?;
    assert!(output.status.success(), "{runner} failed on:\n{report}");
    assert_eq!(printed.trim(), expected, "{runner} counted wrong in:\n{report}");
    Ok(())
}
