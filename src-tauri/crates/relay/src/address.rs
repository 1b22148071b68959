//! D-Bus server addresses: where the session bus is, and how our own socket is written as one.
//!
//! Only Unix sockets. It must not know what is said over them. Source: the D-Bus Specification, "Server Addresses".

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A list of addresses, tried in order.
#[derive(Debug, Clone)]
pub struct BusAddress {
    text: String,
    places: Vec<Place>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Path(PathBuf),
    Abstract(Vec<u8>),
}

impl BusAddress {
    /// The session bus of the environment: `DBUS_SESSION_BUS_ADDRESS`, else the `bus` socket in the runtime folder.
    #[must_use]
    pub fn of_session(runtime_folder: &Path) -> Self {
        let given = env::var_os("DBUS_SESSION_BUS_ADDRESS").filter(|address| !address.is_empty());
        let address = given.unwrap_or_else(|| unix_address(&runtime_folder.join("bus")).into());
        Self::parse(&address.to_string_lossy(), runtime_folder)
    }

    /// Reads a list separated by semicolons; transports other than Unix sockets are left out.
    #[must_use]
    pub fn parse(list: &str, runtime_folder: &Path) -> Self {
        let places = list.split(';').filter_map(|entry| place(entry, runtime_folder)).collect();
        Self { text: list.to_owned(), places }
    }

    /// Leaves out our own socket: a relay started by its own renderer would otherwise call itself for ever.
    #[must_use]
    pub fn without(mut self, socket: &Path) -> Self {
        self.places.retain(|place| *place != Place::Path(socket.to_owned()));
        self
    }

    /// Connects to the first that answers.
    ///
    /// # Errors
    /// [`Error::Bus`] with the last reason.
    pub fn connect(&self) -> Result<UnixStream, Error> {
        let mut last = io::Error::new(io::ErrorKind::InvalidInput, "no usable Unix socket in the address");
        for place in &self.places {
            match place.connect() {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(self.failed(last))
    }

    /// An error of this bus.
    #[must_use]
    pub fn failed(&self, source: io::Error) -> Error {
        Error::Bus { address: self.text.clone(), source }
    }
}

impl Place {
    fn connect(&self) -> io::Result<UnixStream> {
        match self {
            Self::Path(path) => UnixStream::connect(path),
            Self::Abstract(name) => UnixStream::connect_addr(&SocketAddr::from_abstract_name(name)?),
        }
    }
}

fn place(entry: &str, runtime_folder: &Path) -> Option<Place> {
    let options = entry.trim().strip_prefix("unix:")?;
    options.split(',').filter_map(|option| option.split_once('=')).find_map(|(key, value)| match key {
        "path" => Some(Place::Path(OsString::from_vec(unescape(value)?).into())),
        "abstract" => Some(Place::Abstract(unescape(value)?)),
        "runtime" if value == "yes" => Some(Place::Path(runtime_folder.join("bus"))),
        _ => None,
    })
}

fn unescape(value: &str) -> Option<Vec<u8>> {
    let mut bytes = value.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        plain.push(if byte == b'%' { hex(bytes.next()?)? * 16 + hex(bytes.next()?)? } else { byte });
    }
    Some(plain)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// A socket's path as an address.
#[must_use]
pub fn unix_address(path: &Path) -> String {
    let mut address = String::from("unix:path=");
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-_/.\\*".contains(byte) {
            address.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            write!(address, "%{byte:02x}").ok();
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(list: &str) -> Vec<Place> {
        BusAddress::parse(list, Path::new("/run/user/7")).places
    }

    #[test]
    fn lists_paths_abstract_names_and_the_runtime_folder() {
        let list = "tcp:host=x;unix:path=/a%20b,guid=12;unix:guid=9,abstract=/tmp/x;unix:runtime=yes";
        let expected =
            [Place::Path("/a b".into()), Place::Abstract(b"/tmp/x".to_vec()), Place::Path("/run/user/7/bus".into())];
        assert_eq!(places(list), expected);
    }

    #[test]
    fn nonsense_is_no_place() {
        for list in ["", ";;", "unix:", "unix:path", "unix:path=%2", "unix:path=%zz", "autolaunch:"] {
            assert_eq!(places(list), [], "{list}");
        }
    }

    #[test]
    fn an_address_of_ours_reads_back() {
        let path = Path::new("/run/user folder/ü,;=%/s.sock");
        assert_eq!(places(&unix_address(path)), [Place::Path(path.into())]);
    }

    #[test]
    fn the_own_socket_is_never_the_bus() {
        let address = BusAddress::parse("unix:path=/ours", Path::new("/r")).without(Path::new("/ours"));
        assert!(matches!(address.connect(), Err(Error::Bus { .. })));
    }

    #[test]
    fn the_first_that_answers_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let list = format!("unix:path=/nowhere;{}", unix_address(&path));
        assert!(BusAddress::parse(&list, folder.path()).connect().is_ok());
    }
}
