//! Where systemd runs the session, an app belongs into a unit of its own: in the gate's unit it would be counted, limited
//! and, when memory runs out, killed together with the gate. Must not start anything.

use zbus::proxy::{self, CacheProperties, MethodFlags};
use zbus::zvariant::{OwnedObjectPath, Value};
use zbus::{Connection, Proxy};

const SYSTEMD: &str = "org.freedesktop.systemd1";
const PATH: &str = "/org/freedesktop/systemd1";
const INTERFACE: &str = "org.freedesktop.systemd1.Manager";

/// Moves a process into a scope that is named after its app.
pub(super) async fn give(bus: &Connection, app: &str, process: u32) -> zbus::Result<()> {
    let builder = proxy::Builder::new(bus).destination(SYSTEMD)?.path(PATH)?.interface(INTERFACE)?;
    let systemd: Proxy<'_> = builder.cache_properties(CacheProperties::No).build().await?;
    let properties = vec![
        ("PIDs", Value::from(vec![process])),
        ("Slice", Value::from("app.slice")),
        ("CollectMode", Value::from("inactive-or-failed")),
    ];
    let further_units: Vec<(&str, Vec<(&str, Value<'_>)>)> = Vec::new();
    let arguments = (name(app, process), "fail", properties, further_units);
    // A session without systemd has nobody by that name, and starts nobody for it.
    let answer = systemd.call_with_flags("StartTransientUnit", MethodFlags::NoAutoStart.into(), &arguments).await;
    answer.map(|_job: Option<OwnedObjectPath>| ())
}

/// `app-LAUNCHER-ID-NUMBER.scope` (systemd's desktop environments document), by which the gate knows its app again.
fn name(app: &str, process: u32) -> String {
    format!("app-tidegate-{}-{process}.scope", escaped(app))
}

/// As in a unit's name: what has a meaning there is written by its number.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut name, byte| {
        let leading = name.is_empty();
        match byte {
            b'.' if leading => name.push_str("\\x2e"),
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'_' | b':' => name.push(char::from(byte)),
            _ => name.push_str(&format!("\\x{byte:02x}")),
        }
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_named_after_its_app() {
        for (app, wanted) in [
            ("org.example.Chat", "app-tidegate-org.example.Chat-7.scope"),
            ("firefox-esr", "app-tidegate-firefox\\x2desr-7.scope"),
            ("a b@\u{e9}", "app-tidegate-a\\x20b\\x40\\xc3\\xa9-7.scope"),
            (".x", "app-tidegate-\\x2ex-7.scope"),
        ] {
            assert_eq!(name(app, 7), wanted);
        }
    }
}
