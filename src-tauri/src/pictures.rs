//! The scheme `picture:`, by which the page shows what the daemon finds for a row or an app, and nothing else.
//!
//! It must not know where a picture comes from, and never reads a file.

use crate::rpc::Daemon;
use std::borrow::Cow;
use tauri::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use tauri::http::{Request, Response, StatusCode, Uri};
use tauri::{Manager, Runtime, UriSchemeContext, UriSchemeResponder};
use tidegate_contract::{PICTURE_SIZES, Picture};

/// The scheme's name.
pub(crate) const SCHEME: &str = "picture";
/// The longest path that is read, in bytes: an app's id has at most 128, and each may be written as three.
const LONGEST_PATH: usize = 512;

/// What a URL asks for: `picture://localhost/row/SEQ?size=PIXELS` or `picture://localhost/app/ID?size=PIXELS`.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    kind: &'static str,
    key: String,
    size: u32,
}

/// Answers the page, once the daemon has.
pub(crate) fn answer<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let Some(wanted) = wanted(request.uri()) else {
        responder.respond(without_picture(StatusCode::BAD_REQUEST));
        return;
    };
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        let picture = app.state::<Daemon>().picture(wanted.kind, &wanted.key, wanted.size).await;
        responder.respond(response(wanted.kind, picture));
    });
}

fn wanted(url: &Uri) -> Option<Wanted> {
    if url.scheme_str() != Some(SCHEME) || url.authority()? != "localhost" || url.path().len() > LONGEST_PATH {
        return None;
    }
    let size = number(url.query()?.strip_prefix("size=")?)?;
    let (kind, key) = url.path().strip_prefix('/')?.split_once('/')?;
    let (kind, key) = match kind {
        "row" => ("row", number::<i64>(key)?.to_string()),
        "app" => ("app", decoded(key).filter(|id| !id.is_empty())?),
        _ => return None,
    };
    PICTURE_SIZES.contains(&size).then_some(Wanted { kind, key, size })
}

/// Digits and nothing else: not even a sign.
fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Percent-decoded (RFC 3986, section 2.1); one part of a path, and text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
                let (high, low) = (digit()?, digit()?);
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            b'/' => return None,
            plain => bytes.push(plain),
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control))
}

fn response(kind: &str, picture: Picture) -> Response<Cow<'static, [u8]>> {
    let Some(media_type) = picture.media_type() else { return without_picture(StatusCode::NOT_FOUND) };
    let mut response = Response::new(Cow::Owned(picture.0));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(lasts(kind)));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// An edit may bring a row another image; an app's icon changes when it is updated.
fn lasts(kind: &str) -> &'static str {
    if kind == "row" { "max-age=30" } else { "max-age=600" }
}

fn without_picture(status: StatusCode) -> Response<Cow<'static, [u8]>> {
    let mut response = Response::new(Cow::Borrowed(&[][..]));
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: Option<(&'static str, &str, u32)>) {
        let expected = expected.map(|(kind, key, size)| Wanted { kind, key: key.to_owned(), size });
        assert_eq!(url.parse().ok().and_then(|url: Uri| wanted(&url)), expected, "{url}");
    }

    #[test]
    fn rows_and_apps_are_asked_for_and_nothing_else() {
        check("picture://localhost/row/12?size=64", Some(("row", "12", 64)));
        check("picture://localhost/app/org.telegram.desktop?size=16", Some(("app", "org.telegram.desktop", 16)));
        check("picture://localhost/app/Caf%C3%A9%20%2F..?size=512", Some(("app", "Café /..", 512)));
        let long = format!("picture://localhost/app/{}?size=64", "x".repeat(LONGEST_PATH));
        for url in [
            "picture://localhost/row/12",
            "picture://localhost/row/12?size=15",
            "picture://localhost/row/12?size=513",
            "picture://localhost/row/12?size=+64",
            "picture://localhost/row/12?size=64&more=1",
            "picture://localhost/row/-1?size=64",
            "picture://localhost/row/12/3?size=64",
            "picture://localhost/row/99999999999999999999?size=64",
            "picture://localhost/row/?size=64",
            "picture://localhost/app/?size=64",
            "picture://localhost/app/a/b?size=64",
            "picture://localhost/app/%zz?size=64",
            "picture://localhost/app/%0?size=64",
            "picture://localhost/app/%ff?size=64",
            "picture://localhost/app/a%00b?size=64",
            "picture://localhost/file/etc?size=64",
            "picture://elsewhere/row/12?size=64",
            "picture://localhost:80/row/12?size=64",
            "http://localhost/row/12?size=64",
            long.as_str(),
        ] {
            check(url, None);
        }
    }

    #[test]
    fn the_answer_says_what_it_is_and_how_long_it_lasts() {
        let png = response("row", Picture(b"\x89PNG\r\n\x1a\n".to_vec()));
        assert_eq!(
            (png.status(), &png.headers()[CONTENT_TYPE]),
            (StatusCode::OK, &HeaderValue::from_static("image/png"))
        );
        assert_eq!(png.headers()[CACHE_CONTROL], "max-age=30");
        let svg = response("app", Picture(b"<svg/>".to_vec()));
        assert_eq!(
            (&svg.headers()[CONTENT_TYPE], &svg.headers()[CACHE_CONTROL]),
            (&HeaderValue::from_static("image/svg+xml"), &HeaderValue::from_static("max-age=600"))
        );
        for other in [&b""[..], b"<html><script>alert(1)</script></html>"] {
            let none = response("row", Picture(other.to_vec()));
            assert_eq!((none.status(), none.body().len()), (StatusCode::NOT_FOUND, 0));
        }
    }
}
