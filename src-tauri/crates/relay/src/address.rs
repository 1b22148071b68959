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
    entries: Vec<Entry>,
}

/// One address of the list; without a place, one of a transport that is none of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    text: String,
    place: Option<Place>,
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

    /// Reads a list separated by semicolons; transports other than Unix sockets are not connected to.
    #[must_use]
    pub fn parse(list: &str, runtime_folder: &Path) -> Self {
        let texts = list.split(';').filter(|text| !text.trim().is_empty());
        let entries = texts.map(|text| Entry { text: text.to_owned(), place: place(text, runtime_folder) });
        Self { text: list.to_owned(), entries: entries.collect() }
    }

    /// Leaves out our own socket: a relay started by its own renderer would otherwise call itself for ever. Where
    /// somebody took the whole list of [`Self::behind`] for one path, what follows our socket in it is read as a list.
    #[must_use]
    pub fn without(self, socket: &Path, runtime_folder: &Path) -> Self {
        let Self { text, entries } = self;
        let entries = entries.into_iter().flat_map(|entry| match &entry.place {
            Some(Place::Path(path)) => match after_socket(path, socket) {
                Some(rest) => Self::parse(&rest, runtime_folder).without(socket, runtime_folder).entries,
                None if same_file(path, socket) => Vec::new(),
                None => vec![entry],
            },
            Some(Place::Abstract(_)) | None => vec![entry],
        });
        Self { entries: entries.collect(), text }
    }

    /// The list that a renderer is given: our socket, then the bus itself, for what the renderer starts may outlive us.
    #[must_use]
    pub fn behind(&self, socket: &Path) -> String {
        let bus = self.entries.iter().map(|entry| entry.text.as_str());
        std::iter::once(unix_address(socket).as_str()).chain(bus).collect::<Vec<_>>().join(";")
    }

    /// Connects to the first that answers.
    ///
    /// # Errors
    /// [`Error::Bus`] with the last reason.
    pub fn connect(&self) -> Result<UnixStream, Error> {
        let mut last = io::Error::new(io::ErrorKind::InvalidInput, "no usable Unix socket in the address");
        for place in self.entries.iter().filter_map(|entry| entry.place.as_ref()) {
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

/// Whether both paths lead to one file, by whatever links.
fn same_file(path: &Path, socket: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    path == socket || real(path).is_some_and(|path| Some(path) == real(socket))
}

/// What follows our socket and a semicolon in a path.
fn after_socket(path: &Path, socket: &Path) -> Option<String> {
    let rest = path.as_os_str().as_bytes().strip_prefix(socket.as_os_str().as_bytes())?;
    String::from_utf8(rest.strip_prefix(b";")?.to_vec()).ok()
}

/// The path that a client takes from an address that it does not know to be a list: all that follows the first `path=`
/// up to a comma.
#[must_use]
pub fn taken_for_one_path(list: &str) -> Option<PathBuf> {
    let value = list.strip_prefix("unix:path=")?.split(',').next()?;
    Some(OsString::from_vec(unescape(value)?).into())
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

    const RUNTIME: &str = "/run/user/7";

    fn parse(list: &str) -> BusAddress {
        BusAddress::parse(list, Path::new(RUNTIME))
    }

    fn places_of(address: BusAddress) -> Vec<Place> {
        address.entries.into_iter().filter_map(|entry| entry.place).collect()
    }

    fn places(list: &str) -> Vec<Place> {
        places_of(parse(list))
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
        let address = parse("unix:path=/ours").without(Path::new("/ours"), Path::new(RUNTIME));
        assert!(matches!(address.connect(), Err(Error::Bus { .. })));
    }

    #[test]
    fn the_bus_is_found_in_what_a_renderer_was_given_however_it_was_read() {
        let (ours, runtime) = (Path::new("/r/t/renderer.sock"), Path::new(RUNTIME));
        let bus = "unix:path=/r/bus,guid=12;unix:abstract=/tmp/x;tcp:host=y";
        let list = parse(bus).behind(ours);
        assert_eq!(list, format!("unix:path=/r/t/renderer.sock;{bus}"));
        let found = parse(&list).without(ours, runtime);
        assert_eq!(places_of(found.clone()), [Place::Path("/r/bus".into()), Place::Abstract(b"/tmp/x".to_vec())]);
        assert_eq!(found.behind(ours), list, "one relay started by another's renderer");
        let one_path = taken_for_one_path(&list).unwrap();
        assert_eq!(one_path, Path::new("/r/t/renderer.sock;unix:path=/r/bus"));
        let once_more = parse(&unix_address(&one_path)).without(ours, runtime);
        assert_eq!(places_of(once_more), [Place::Path("/r/bus".into())]);
    }

    #[test]
    fn the_own_socket_is_known_by_another_path_too() {
        let folder = tempfile::tempdir().unwrap();
        let (ours, link) = (folder.path().join("s"), folder.path().join("l"));
        let _listener = std::os::unix::net::UnixListener::bind(&ours).unwrap();
        std::os::unix::fs::symlink(&ours, &link).unwrap();
        let address = parse(&unix_address(&link)).without(&ours, folder.path());
        assert_eq!(places_of(address), []);
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
