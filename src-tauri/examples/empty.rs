//! An empty window, for `make bench`: the least that a Tauri program with one line of text takes to be on the screen. It must
//! not know of Tidegate.

use tauri::http::Response;
use tauri::http::header::{CONTENT_TYPE, HeaderValue};
use tauri::utils::config::WebviewUrl;
use tauri::{Url, WebviewWindowBuilder};

const PAGE: &str = "<!doctype html><html lang='en'><title>Empty</title><body><p>An empty window</p></body></html>";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url: Url = "empty://localhost/".parse()?;
    tauri::Builder::default()
        .register_uri_scheme_protocol("empty", |_, _| {
            let mut page = Response::new(PAGE.as_bytes().to_vec());
            page.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            page
        })
        .setup(|app| {
            WebviewWindowBuilder::new(app, "empty", WebviewUrl::CustomProtocol(url))
                .title("Empty")
                .inner_size(1200.0, 760.0)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}
