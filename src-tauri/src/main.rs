//! The window's process: put together here, and ended when its window closes.
//!
//! It is a client of the daemon like any other. It must not know how anything is held, stored or decided.

mod activation;
mod addresses;
mod appearance;
mod application;
mod frame;
mod pictures;
mod rpc;
mod windows;
mod wish;

use application::{Call, Calls, Instance};
use std::process::ExitCode;

/// As `tidegate` has them: a command line that is not understood, and no desktop session here.
const USAGE: u8 = 2;
const NO_SESSION: u8 = 3;
const FAILURE: u8 = 1;

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err((status, why)) => {
            eprintln!("tidegate-app: {why}");
            ExitCode::from(status)
        }
    }
}

/// With another instance there is nothing to be done but what it was given.
fn start() -> Result<(), (u8, String)> {
    let call = Call::of_this_start().map_err(|why| (USAGE, why))?;
    windows::prefer_shared_memory();
    let became = tauri::async_runtime::block_on(application::become_one(&call));
    if matches!(became, Ok(Instance::Second)) {
        return Ok(());
    }
    windows::find_display().map_err(|why| (NO_SESSION, why))?;
    run(call.wish, application::calls(became)).map_err(|error| (FAILURE, format!("cannot open the window: {error}")))
}

fn run(wish: wish::Wish, calls: Option<Calls>) -> tauri::Result<()> {
    let scheme = appearance::Asked::now();
    tauri::Builder::default()
        .manage(rpc::Daemon::default())
        .register_asynchronous_uri_scheme_protocol(pictures::SCHEME, pictures::answer)
        .invoke_handler(tauri::generate_handler![rpc::rpc, addresses::open_address, frame::close_window, frame::zoom])
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
