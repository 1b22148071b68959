//! The binary `tidegate`: parses the command line and hands over. Must not do anything else.

use clap::Parser;
use std::process::ExitCode;
use tidegate_contract::{Code, Failure};
use tidegate_daemon::cli::{self, Args, Verb};
use tidegate_daemon::daemon::{self, BusLost, NoSession, Options, RunsAlready, Unsupported};
use tidegate_daemon::{logging, pictures};
use tidegate_platform::process_limits;

fn main() -> ExitCode {
    process_limits::set();
    let arguments = std::env::args_os;
    let apart = pictures::draws(arguments()).or_else(|| tidegate_gate::copies(arguments()));
    let apart = apart.or_else(|| tidegate_gate::reads_record(arguments()));
    if let Some(done) = apart.or_else(|| cli::completes(arguments())) {
        return done;
    }
    match Args::try_parse() {
        Ok(Args { verb: Verb::Daemon(options), .. }) => serve(Options { replace_now: options.replace_now }),
        Ok(Args { verb: Verb::Ask(ask), style }) => cli::run(ask, style),
        Ok(Args { verb: Verb::Here(here), style }) => cli::run_here(here, style),
        Err(wrong) if wrong.use_stderr() => cli::misused(&wrong, arguments()),
        Err(help) => help.exit(),
    }
}

fn serve(options: Options) -> ExitCode {
    let log = logging::start();
    let ended = daemon::run(options);
    log.finish();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::fail(&Failure { code: code(&error), message: tidegate_words::say::failure_said(message(&error)) })
        }
    }
}

fn code(error: &anyhow::Error) -> Code {
    if error.is::<RunsAlready>() {
        Code::Conflict
    } else if error.is::<Unsupported>() {
        Code::Unsupported
    } else if error.is::<NoSession>() || error.is::<BusLost>() || error.chain().any(|cause| cause.is::<zbus::Error>()) {
        Code::Away
    } else {
        Code::Internal
    }
}

/// What went wrong and why, without what a source says once more.
fn message(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        said if said.contains(&cause) => said.to_owned(),
        said => format!("{said}: {cause}"),
    })
}
