//! The binary `tidegate`: parses the command line and hands over. Must not do anything else.

use clap::Parser;
use std::process::ExitCode;
use tidegate_daemon::cli::{self, Args};

fn main() -> ExitCode {
    cli::run(Args::parse())
}
