//! What systemd's user manager gives to what it starts: the environment of the session as it is now, which may be another
//! than that in which the renderer was found running. Must not know what it is used for.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use crate::address::BusAddress;
use crate::driver::Driver;
use crate::wire::Target;

/// The manager's object on the session bus.
const MANAGER: Target<'static> = Target {
    destination: "org.freedesktop.systemd1",
    path: "/org/freedesktop/systemd1",
    interface: "org.freedesktop.systemd1.Manager",
};
/// The relay has others to serve meanwhile.
const PATIENCE: Duration = Duration::from_millis(500);

/// The manager's variables, each as name and value.
///
/// # Errors
/// When there is no bus, no manager on it, or it does not answer.
pub fn environment(bus: &BusAddress) -> io::Result<Vec<(OsString, OsString)>> {
    let stream = bus.connect().map_err(io::Error::other)?;
    let texts = Driver::connect_within(stream, PATIENCE)?.texts(MANAGER, "Environment")?;
    Ok(texts.into_iter().filter_map(variable).collect())
}

fn variable(text: Vec<u8>) -> Option<(OsString, OsString)> {
    let at = text.iter().position(|byte| *byte == b'=')?;
    let (name, value) = text.split_at(at);
    Some((OsString::from_vec(name.to_vec()), OsString::from_vec(value.get(1..)?.to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_has_a_name_and_all_behind_the_first_sign_is_its_value() {
        let pair = |name: &str, value: &str| Some((name.into(), value.into()));
        assert_eq!(variable(b"DISPLAY=:7".to_vec()), pair("DISPLAY", ":7"));
        assert_eq!(variable(b"A=b=c".to_vec()), pair("A", "b=c"));
        assert_eq!(variable(b"A=".to_vec()), pair("A", ""));
        assert_eq!(variable(b"A".to_vec()), None);
    }
}
