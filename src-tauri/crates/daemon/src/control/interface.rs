//! The interface's methods and properties as D-Bus sees them. Must not do more than hand on.

use super::admission::Admission;
use super::requests::Requests;
use super::shown::Shown;
use super::{invalid, lock};
use crate::pictures::NotLooked;
use std::sync::{Arc, Mutex};
use tidegate_contract::{Failure, Picture, Request, View};
use tidegate_domain::{BlockLength, Command, Target};
use tidegate_words::{line, say};
use zbus::message::Header;
use zbus::object_server::SignalEmitter;

/// The longest request that is read, in bytes.
const REQUEST_BYTES: u32 = 64 * 1024;

pub(super) struct Tidegate1 {
    admission: Admission,
    requests: Requests,
    last: Arc<Mutex<Arc<View>>>,
}

/// How a failure travels: `org.tidegate.Tidegate1.Error`, its text the failure as JSON.
#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.tidegate.Tidegate1")]
enum Refused {
    #[zbus(error)]
    ZBus(zbus::Error),
    Error(String),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Error(serde_json::to_string(&failure).unwrap_or(failure.message.id))
    }
}

impl Tidegate1 {
    pub(super) fn new(requests: Requests, last: Arc<Mutex<Arc<View>>>) -> Self {
        Self { admission: Admission::default(), requests, last }
    }

    fn shown(&self) -> Shown {
        Shown::of(&lock(&self.last))
    }

    async fn command(&self, header: &Header<'_>, command: Command) -> Result<(), Refused> {
        let answer = self.admission.admit(sender(header), || self.requests.carry_out(command)).await;
        Ok(answer.map(drop)?)
    }

    async fn ask(&self, request: &str) -> Result<String, Failure> {
        if request.len() > REQUEST_BYTES as usize {
            let length = i64::try_from(request.len()).unwrap_or(i64::MAX);
            return Err(invalid(say::failure_request_too_long(length, REQUEST_BYTES)));
        }
        let request: Request = serde_json::from_str(request)
            .map_err(|error| invalid(say::failure_unreadable_request(line(&error.to_string(), 300))))?;
        self.requests.answer(request).await
    }
}

#[zbus::interface(name = "org.tidegate.Tidegate1")]
impl Tidegate1 {
    /// A request as JSON; answers with the response as JSON.
    async fn request(&self, request: &str, #[zbus(header)] header: Header<'_>) -> Result<String, Refused> {
        Ok(self.admission.admit(sender(&header), || self.ask(request)).await?)
    }

    /// Starts a block of so many minutes (0: open-ended) with an intention (empty for none).
    async fn start(&self, minutes: u32, intention: &str, #[zbus(header)] header: Header<'_>) -> Result<(), Refused> {
        let length = if minutes == 0 { BlockLength::Open } else { BlockLength::Minutes(minutes) };
        let intention = (!intention.is_empty()).then(|| intention.to_owned());
        self.command(&header, Command::Start { length, intention }).await
    }

    /// Ends the block.
    async fn end(&self, #[zbus(header)] header: Header<'_>) -> Result<(), Refused> {
        self.command(&header, Command::End).await
    }

    /// Hands over what is held.
    async fn check_in(&self, #[zbus(header)] header: Header<'_>) -> Result<(), Refused> {
        self.command(&header, Command::CheckInNow).await
    }

    /// Ends the block, or starts one of the usual length.
    async fn toggle(&self, #[zbus(header)] header: Header<'_>) -> Result<(), Refused> {
        self.command(&header, Command::Toggle).await
    }

    /// Gives all that is held to the renderer.
    async fn release_all(&self, #[zbus(header)] header: Header<'_>) -> Result<(), Refused> {
        self.command(&header, Command::Release(Target::All)).await
    }

    /// The picture of a row (by its cursor) or of an app (by its id) as the bytes of a PNG or SVG file; empty where there
    /// is none.
    async fn picture(&self, kind: &str, key: &str, size: u32) -> zbus::fdo::Result<Picture> {
        self.requests.picture(kind, key, size).await.map_err(|why| not_looked(&why))
    }

    /// The new view as JSON, at most four times a second.
    #[zbus(signal)]
    pub(super) async fn view_changed(emitter: &SignalEmitter<'_>, view: &str) -> zbus::Result<()>;

    /// "open", "closed", or "away" when the gate does not stand in the path.
    #[zbus(property)]
    fn state(&self) -> String {
        self.shown().state.to_owned()
    }

    /// How many are held.
    #[zbus(property)]
    fn held(&self) -> u32 {
        self.shown().held
    }

    /// When the block ends, in seconds since the epoch; 0 without an end.
    #[zbus(property)]
    fn block_ends(&self) -> i64 {
        self.shown().block_ends
    }

    /// The next check-in, in seconds since the epoch; 0 when none is set.
    #[zbus(property)]
    fn next_check_in(&self) -> i64 {
        self.shown().next_check_in
    }

    /// What the block is for.
    #[zbus(property)]
    fn intention(&self) -> String {
        self.shown().intention
    }
}

/// Who asks; one that the bus does not name stands in one line with its like.
fn sender<'a>(header: &'a Header<'_>) -> &'a str {
    header.sender().map_or("", |sender| sender.as_str())
}

fn not_looked(why: &NotLooked) -> zbus::fdo::Error {
    match why {
        NotLooked::Invalid(_) => zbus::fdo::Error::InvalidArgs(why.to_string()),
        NotLooked::TooMany => zbus::fdo::Error::LimitsExceeded(why.to_string()),
        NotLooked::Late | NotLooked::Store(_) | NotLooked::Stopped(_) | NotLooked::System(_) => {
            zbus::fdo::Error::Failed(why.to_string())
        }
    }
}
