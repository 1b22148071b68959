//! Prepares the shell's build: its commands are declared here, so that the capability can name them.

use tauri_build::{AppManifest, Attributes};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=../ui/dist");
    if !std::path::Path::new("../ui/dist/index.html").is_file() {
        return Err("ui/dist is missing: run `npm ci && npm run build` in ui/ first".into());
    }
    let manifest = AppManifest::new().commands(&["rpc", "open_address", "close_window", "zoom"]);
    tauri_build::try_build(Attributes::new().app_manifest(manifest))?;
    Ok(())
}
