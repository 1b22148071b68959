//! The window's process: put together here, and ended when its window closes.
//!
//! It is a client of the daemon like any other. It must not know how anything is held, stored or decided.

mod activation;
mod appearance;
mod application;
mod pictures;
mod rpc;
mod windows;
mod wish;

use application::{Call, Calls, Instance};
use std::process::ExitCode;
use wish::Wish;

/// As `tidegate` has it: a command line that is not understood.
const USAGE: u8 = 2;
/// As `tidegate` has it: there is no desktop session here.
const NO_SESSION: u8 = 3;

fn main() -> ExitCode {
    let call = match Wish::by(std::env::args_os().skip(1)) {
        Ok(wish) => Call { wish, token: activation::of_this_start() },
        Err(why) => {
            eprintln!("tidegate-app: {why}");
            return ExitCode::from(USAGE);
        }
    };
    windows::prefer_shared_memory();
    windows::be_called(application::NAME);
    let calls = match tauri::async_runtime::block_on(application::become_one(&call)) {
        Ok(Instance::First(calls)) => Some(calls),
        Ok(Instance::Second) => return ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tidegate-app: whether its window is open already cannot be found out: {error}");
            None
        }
    };
    if let Err(why) = windows::find_display() {
        eprintln!("tidegate-app: {why}");
        return ExitCode::from(NO_SESSION);
    }
    match run(call.wish, calls) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tidegate-app: cannot open the window: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(wish: Wish, calls: Option<Calls>) -> tauri::Result<()> {
    let scheme = appearance::Asked::now();
    tauri::Builder::default()
        .manage(rpc::Daemon::default())
        .register_asynchronous_uri_scheme_protocol(pictures::SCHEME, pictures::answer)
        .invoke_handler(tauri::generate_handler![rpc::rpc])
        .setup(move |app| {
            scheme.take();
            windows::open(app.handle(), wish)?;
            tauri::async_runtime::spawn(windows::come_when_called(app.handle().clone(), calls));
            tauri::async_runtime::spawn(rpc::push_views(app.handle().clone()));
            tauri::async_runtime::spawn(appearance::follow(app.handle().clone()));
            Ok(())
        })
        .run(tauri::generate_context!())
}
