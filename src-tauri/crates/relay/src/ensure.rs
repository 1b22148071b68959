//! What runs when the gate cannot start: makes sure that somebody shows notifications.

use std::env;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::address::BusAddress;
use crate::driver::Driver;
use crate::error::Error;
use crate::place::{Place, read_record, record_path};
use crate::protocol::{RendererRecord, ToRelay, encode};
use crate::shift::REAL_NAME;

/// How long a running relay may take to accept the record.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is left to do.
#[derive(Debug)]
pub enum Verdict {
    /// Somebody shows notifications.
    Owned,
    /// Nobody does; this is the renderer.
    Missing(Box<RendererRecord>),
}

/// Looks at the session: does anybody own the name that applications call, and if not, what should?
///
/// # Errors
/// [`Error::Bus`]; [`Error::Record`].
pub fn look(place: &Place) -> Result<Verdict, Error> {
    let bus = BusAddress::of_session(&place.runtime_folder).without(&place.renderer_socket(), &place.runtime_folder);
    let stream = bus.connect()?;
    let owned = Driver::connect(stream).and_then(|mut driver| driver.name_has_owner(REAL_NAME));
    match owned.map_err(|source| bus.failed(source))? {
        true => Ok(Verdict::Owned),
        false => Ok(Verdict::Missing(Box::new(read_record(&record_path())?.in_this_login(|name| env::var_os(name))))),
    }
}

/// Hands the record to the relay that runs already: it may have been started anew and know of no renderer.
///
/// # Errors
/// [`Error::File`] when it does not take it.
pub fn hand_over(record: RendererRecord, control_socket: &Path) -> Result<(), Error> {
    deliver(record, control_socket).map_err(Error::file("hand the renderer to the relay at", control_socket))
}

fn deliver(record: RendererRecord, control_socket: &Path) -> io::Result<()> {
    let line = encode(&ToRelay::Supervise { record }).map_err(io::Error::other)?;
    let mut stream = UnixStream::connect(control_socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&line)?;
    stream.shutdown(Shutdown::Write)?;
    // The relay closes its end once it has read ours; it says something only if it refuses.
    let mut refusal = Vec::new();
    stream.take(1024).read_to_end(&mut refusal)?;
    if refusal.is_empty() { Ok(()) } else { Err(io::Error::other("it refused")) }
}
