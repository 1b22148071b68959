//! The window's process: put together here, and ended when its window closes.
//!
//! It is a client of the daemon like any other. It must not know how anything is held, stored or decided.

mod activation;
mod appearance;
mod pictures;
mod rpc;
mod windows;

use std::process::ExitCode;

/// As `tidegate` has it: there is no desktop session here.
const NO_SESSION: u8 = 3;

fn main() -> ExitCode {
    windows::prefer_shared_memory();
    if let Err(why) = windows::find_display() {
        eprintln!("tidegate-app: {why}");
        return ExitCode::from(NO_SESSION);
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tidegate-app: cannot open the window: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> tauri::Result<()> {
    let scheme = appearance::Asked::now();
    tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _, _| windows::show(app)))
        .manage(rpc::Daemon::default())
        .register_asynchronous_uri_scheme_protocol(pictures::SCHEME, pictures::answer)
        .invoke_handler(tauri::generate_handler![rpc::rpc])
        .setup(move |app| {
            scheme.take();
            windows::open(app.handle())?;
            tauri::async_runtime::spawn(rpc::push_views(app.handle().clone()));
            tauri::async_runtime::spawn(appearance::follow(app.handle().clone()));
            Ok(())
        })
        .run(tauri::generate_context!())
}
