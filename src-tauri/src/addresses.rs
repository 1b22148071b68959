//! Opens an address in what the desktop has for it: a browser, or a program for mail. With the token of the press, so that
//! it may come to the front.
//!
//! The page is not believed: what it asks for is judged here again. No shell, no file and no network of ours has a part in
//! it. It must not know where an address stood.
// `tauri::command` writes such a `let` of its own.
#![allow(clippy::let_underscore_must_use)]

use crate::windows::report;
use gtk::gdk::Display;
use gtk::gio::AppInfo;
use gtk::gio::prelude::AppInfoExt;
use tauri::{AppHandle, Url};
use tidegate_contract::{Code, Failure, Message};
use tidegate_words::say;
use tokio::sync::oneshot;

/// The longest address that is opened, in bytes.
const LONGEST: usize = 8_192;

/// Opens this address.
///
/// # Errors
/// That it is none that is opened from here, or why nothing opened it.
#[tauri::command]
pub(crate) async fn open_address(app: AppHandle, address: String) -> Result<(), Failure> {
    let url = judge(&address).map_err(|why| failure(Code::Invalid, why))?;
    let (answer, opened) = oneshot::channel();
    // GTK belongs to the thread that draws. Whether anybody still waits there for the answer does not matter to it.
    report("open an address", app.run_on_main_thread(move || drop(answer.send(open(&url)))));
    opened.await.unwrap_or_else(|_| Err(failure(Code::NotStarted, say::host_closing())))
}

/// The address as it is given to a program: of the web, or a mail's recipient and nothing that would be written for them.
fn judge(address: &str) -> Result<Url, Message> {
    if address.len() > LONGEST {
        return Err(say::host_address_too_long());
    }
    if address.contains(char::is_control) {
        return Err(say::host_address_unseen());
    }
    let url = Url::parse(address).map_err(|_| say::host_no_address())?;
    let is_opened = match url.scheme() {
        "http" | "https" => url.has_host(),
        // Programs for mail take these for the beginning of more than a recipient.
        "mailto" => url.query().is_none() && url.path().contains('@') && !url.path().contains(['&', '%']),
        _ => false,
    };
    if is_opened { Ok(url) } else { Err(say::host_address_not_opened()) }
}

/// GTK's main thread only.
fn open(url: &Url) -> Result<(), Failure> {
    let scheme = url.scheme();
    let program = AppInfo::default_for_uri_scheme(scheme)
        .ok_or_else(|| failure(Code::NotInstalled, say::host_no_program(scheme)))?;
    let context = Display::default().and_then(|display| display.app_launch_context());
    program.launch_uris(&[url.as_str()], context.as_ref()).map_err(|error| {
        failure(Code::NotStarted, say::host_program_not_started(program.display_name(), error.message()))
    })
}

fn failure(code: Code, message: Message) -> Failure {
    Failure { code, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_web_and_of_mail_are_opened_as_they_are_looked_up() {
        let cases = [
            ("https://example.org/a?b=1#c", "https://example.org/a?b=1#c"),
            ("HTTP://Example.org", "http://example.org/"),
            ("https://аpple.example/ü \"$(x)`'", "https://xn--pple-43d.example/%C3%BC%20%22$(x)%60'"),
            ("mailto:maya@example.org", "mailto:maya@example.org"),
        ];
        for (address, opened) in cases {
            assert_eq!(judge(address).map(String::from), Ok(opened.to_owned()), "{address}");
        }
    }

    #[test]
    fn no_other_address_is_opened() {
        let long = format!("https://example.org/{}", "a".repeat(100_000));
        let refused = [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,x",
            "smb://example.org/share",
            "tauri://localhost/",
            "--help",
            "/etc/passwd",
            "",
            "https://",
            "https://example.org/\u{0}",
            "https://example.org/\nfile:///etc/passwd",
            "java\tscript:alert(1)",
            "mailto:",
            "mailto:maya@example.org?attach=/etc/passwd",
            "mailto:maya@example.org&attach=/etc/passwd",
            "mailto:maya@example.org%26attach=/etc/passwd",
            &long,
        ];
        for address in refused {
            assert!(judge(address).is_err(), "{address}");
        }
    }
}
