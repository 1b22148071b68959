//! Where the session bus is: a list of addresses, of which the first that answers is it (D-Bus specification, "Server
//! Addresses"). Must not connect.

use std::path::Path;
use zbus::Address;

/// The end of the path of the socket that renderers take for their bus. A program that was started by one has it first in
/// its list; ours go past it, for it may end before the session does.
const RENDERERS_SOCKET: &str = "tidegate/renderer.sock";

/// The addresses of a list in the order in which they are to be tried.
///
/// # Errors
/// When none of them is understood.
pub(crate) fn addresses(list: &str) -> zbus::Result<Vec<Address>> {
    let (relayed, direct): (Vec<&str>, Vec<&str>) =
        list.split(';').filter(|one| !one.is_empty()).partition(|one| is_renderers(one));
    let mut unreadable = None;
    let mut found = Vec::new();
    for one in direct.into_iter().chain(relayed) {
        match one.parse() {
            Ok(address) => found.push(address),
            Err(error) => unreadable = Some(error),
        }
    }
    match unreadable {
        Some(error) if found.is_empty() => Err(error),
        Some(_) | None => Ok(found),
    }
}

/// The list that the environment names, or the address that systemd gives every user's bus.
pub(crate) fn of_session() -> String {
    match std::env::var("DBUS_SESSION_BUS_ADDRESS") {
        Ok(list) if !list.is_empty() => list,
        Ok(_) | Err(_) => {
            let folder = std::env::var("XDG_RUNTIME_DIR").unwrap_or_else(|_| "/run".to_owned());
            format!("unix:path={}", Path::new(&folder).join("bus").display())
        }
    }
}

fn is_renderers(address: &str) -> bool {
    let path = address.strip_prefix("unix:path=").and_then(|rest| rest.split(',').next());
    path.is_some_and(|path| path.ends_with(RENDERERS_SOCKET))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(list: &str, want: &[&str]) {
        let found: Vec<_> = addresses(list).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(found, want, "{list}");
    }

    #[test]
    fn all_of_a_list_are_tried_and_the_renderers_socket_last() {
        check("unix:path=/run/user/7/bus", &["unix:path=/run/user/7/bus"]);
        check("unix:path=/a;;unix:abstract=b", &["unix:path=/a", "unix:abstract=b"]);
        check(
            "unix:path=/r/tidegate/renderer.sock;unix:path=/r/bus",
            &["unix:path=/r/bus", "unix:path=/r/tidegate/renderer.sock"],
        );
        check("unix:path=/r/tidegate/renderer.sock", &["unix:path=/r/tidegate/renderer.sock"]);
        check("nonsense;unix:path=/a", &["unix:path=/a"]);
    }

    #[test]
    fn a_list_without_an_address_is_refused() {
        assert!(addresses("nonsense").is_err());
        assert!(addresses("").unwrap().is_empty());
    }
}
