//! What the gate and the relay say to each other: one JSON object a line, both ways, on the relay's control socket.
//!
//! This one file is compiled into both programs, so it knows serde, serde_json and std and nothing of either.
//! It must not know sockets, D-Bus messages or running processes.
//!
//! The order of a conversation: the gate says [`ToRelay::Hello`] before it forwards anything to the renderer; the
//! relay answers [`ToGate::Welcome`], then every [`ToGate::StraySignal`] that waited. From then on either side
//! speaks when it has something to say. Whoever cannot read the other closes the connection; nothing else stops.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The version of this conversation. A relay outlives upgrades of the gate, so the two may differ: what is added later may
/// be left out by an older side and is read over by it, and so leaves the version as it is.
pub const VERSION: u32 = 1;
/// The longest line either side accepts, in bytes, its newline included. A recorded environment is the largest part.
pub const MAX_LINE: usize = 1 << 20;
/// The folder of both sockets, below `$XDG_RUNTIME_DIR`; mode 0700.
pub const RUNTIME_FOLDER: &str = "tidegate";
/// The control socket's name in [`RUNTIME_FOLDER`].
pub const CONTROL_SOCKET: &str = "relay.sock";
/// The socket that the renderer takes for its session bus, in [`RUNTIME_FOLDER`].
pub const RENDERER_SOCKET: &str = "renderer.sock";
/// Where the gate keeps the [`RendererRecord`], below `$XDG_STATE_HOME`; mode 0600.
pub const RECORD_FILE: &str = "tidegate/renderer.json";
/// The bus name under which a renderer behind the relay is reached.
pub const RENDERER_NAME: &str = "org.tidegate.RealNotification";
/// In the flags of a D-Bus message's header: a signal of the renderer's that the relay addressed to the gate, and that the
/// renderer had sent to everybody. (NO_AUTO_START, which says nothing of a signal.)
pub const FOR_EVERYBODY: u8 = 2;
/// How many answered Notify calls a [`ToGate::Welcome`] tells of, at most.
pub const ANSWERED_KEPT: usize = 256;
/// How many stray signals wait for a gate, at most; the oldest go first.
pub const STRAYS_KEPT: usize = 256;

/// What the gate says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToRelay {
    /// "I am the gate now." A second gate replaces the first.
    Hello {
        /// The gate's [`VERSION`].
        version: u32,
        /// The unique name of the connection that calls the renderer's Notify.
        gate: String,
        /// Whether it may have called before it spoke to this relay: then the relay has not seen all of its calls.
        #[serde(default)]
        called_before: bool,
    },
    /// Start this renderer unless one runs already; keep it running from now on. Allowed without a Hello.
    Supervise {
        /// How to start it.
        record: RendererRecord,
    },
}

/// What the relay says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToGate {
    /// The answer to a Hello.
    Welcome {
        /// The relay's [`VERSION`].
        version: u32,
        /// The renderer that owns [`RENDERER_NAME`] now.
        renderer: Option<LiveRenderer>,
        /// What became of the last Notify calls of this and earlier gates, oldest first.
        answered: Vec<Answer>,
        /// Calls of earlier gates that the renderer has but did not answer yet. Each is answered by a
        /// [`ToGate::Answered`].
        waiting: Vec<Call>,
        /// The last gates all of whose calls this relay has seen: one of theirs that is in neither list was never sent.
        /// Of the calls of others nothing more is known: they may have been seen by an earlier relay.
        #[serde(default)]
        watched: Vec<String>,
        /// How long ago the gate before this one left; nothing if there was none, or it is still here.
        #[serde(default)]
        away_ms: Option<u64>,
    },
    /// What became of a call of an earlier gate. (This gate hears its own answers from the bus.)
    Answered(Answer),
    /// A renderer owns [`RENDERER_NAME`].
    RendererUp(LiveRenderer),
    /// The renderer is gone. Said again when the reason or the time of the next start becomes known.
    RendererDown {
        /// Why, for people.
        why: String,
        /// When it is started again, in milliseconds from now; nothing if that is not decided or nobody does.
        retry_in_ms: Option<u64>,
    },
    /// A signal of the renderer that the gate's own connection does not hear.
    StraySignal {
        /// The unique name that it was meant for; nothing: everybody.
        destination: Option<String>,
        /// What it said.
        signal: RendererSignal,
    },
    /// The last line was not understood; the relay closes the connection.
    Refused {
        /// The relay's [`VERSION`].
        version: u32,
        /// Why, for people.
        why: String,
    },
}

/// A renderer that owns [`RENDERER_NAME`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveRenderer {
    /// Its process. (The bus itself names the relay's, which made the connection.)
    pub pid: u32,
    /// Its unique name on the session bus.
    pub unique: String,
}

/// One Notify call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The unique name of the connection that called.
    pub caller: String,
    /// The serial of its call.
    pub serial: u32,
}

/// What became of one Notify call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Which.
    pub call: Call,
    /// What the renderer said first.
    pub outcome: Outcome,
}

/// A renderer's answer to Notify.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Shown, under the renderer's own id.
    Shown(u32),
    /// Refused, with a D-Bus error name. `org.freedesktop.DBus.Error.NoReply`: the renderer ended without an answer,
    /// and whatever it showed ended with it.
    Error(String),
}

/// A signal of `org.freedesktop.Notifications`; ids are the renderer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RendererSignal {
    /// NotificationClosed.
    Closed {
        /// Which.
        id: u32,
        /// 1 expired, 2 dismissed, 3 closed by a call, 4 undefined.
        reason: u32,
    },
    /// ActionInvoked.
    ActionInvoked {
        /// Which.
        id: u32,
        /// The action's key, unchanged.
        key: String,
    },
    /// ActivationToken.
    ActivationToken {
        /// Which.
        id: u32,
        /// The token, unchanged.
        token: String,
    },
    /// NotificationReplied.
    Replied {
        /// Which.
        id: u32,
        /// What the user wrote.
        text: String,
    },
}

impl RendererSignal {
    /// What it is about.
    #[must_use]
    pub fn id(&self) -> u32 {
        match self {
            Self::Closed { id, .. }
            | Self::ActionInvoked { id, .. }
            | Self::ActivationToken { id, .. }
            | Self::Replied { id, .. } => *id,
        }
    }
}

/// How the desktop's own notification daemon was running, so that it can be started in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RendererRecord {
    /// The command line; never empty.
    pub argv: Vec<OsText>,
    /// The whole environment.
    pub env: Vec<(OsText, OsText)>,
    /// The working directory.
    pub cwd: OsText,
    /// The systemd unit that ran it, if one did.
    pub unit: Option<String>,
}

/// Variables that say where the screen is; without one, a process is outside of any login.
const SCREENS: [&str; 2] = ["DISPLAY", "WAYLAND_DISPLAY"];
/// Variables that are others at each login.
const OF_A_LOGIN: [&str; 10] = [
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_SESSION_ID",
    "XDG_SESSION_TYPE",
    "XDG_CURRENT_DESKTOP",
    "SWAYSOCK",
    "I3SOCK",
    "NIRI_SOCKET",
    "HYPRLAND_INSTANCE_SIGNATURE",
];

/// The files of the programs that are ours and stay.
const OUR_PROGRAMS: [&str; 2] = ["tidegate", "tidegate-relay"];
/// First arguments that no other program has: of a relay in the background, and of one that becomes the renderer.
const OUR_FLAGS: [&str; 2] = ["--report-ready", "--exec-renderer"];

impl RendererRecord {
    /// Whether it would start one of our own programs, whatever that is called in it: that is never the desktop's daemon,
    /// and one that is started behind itself shows nothing. Looks at the files that the record names, and may wait for
    /// their file system.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        let Some(program) = self.argv.first().map(|program| Path::new(&program.0)) else {
            return false;
        };
        let flag = self.argv.get(1).is_some_and(|first| OUR_FLAGS.iter().any(|flag| first.0 == *flag));
        flag || is_named_as_ours(program)
            || is_link_of_a_process(program)
            || self.file(program).is_some_and(|file| is_named_as_ours(&file) || is_this_program(&file))
    }

    /// The file that would be run, behind all links.
    fn file(&self, program: &Path) -> Option<PathBuf> {
        if program.components().count() > 1 {
            return Path::new(&self.cwd.0).join(program).canonicalize().ok();
        }
        let (_, path) = self.env.iter().find(|(name, _)| name.0 == *"PATH")?;
        let files = std::env::split_paths(path).map(|folder| folder.join(program));
        files.filter_map(|file| file.canonicalize().ok()).find(|file| file.is_file())
    }

    /// A record of an earlier login as it holds in this one. `own` is this process's environment: if it knows a screen, what
    /// belongs to a login is taken from it; a supervisor may have started this process without.
    #[must_use]
    pub fn in_this_login(mut self, own: impl Fn(&str) -> Option<OsString>) -> Self {
        if SCREENS.iter().any(|name| own(name).is_some()) {
            self.env.retain(|(name, _)| OF_A_LOGIN.iter().all(|of| name.0 != *of));
            self.env.extend(OF_A_LOGIN.iter().filter_map(|name| Some(((*name).into(), own(name)?.into()))));
        }
        self
    }
}

/// Whether this is the file of one of our programs.
#[must_use]
pub fn is_named_as_ours(program: &Path) -> bool {
    program.file_name().is_some_and(|name| OUR_PROGRAMS.iter().any(|ours| name == *ours))
}

/// Such as `/proc/self/exe`: a program that is started anew by itself, as ours are, is whoever starts it.
fn is_link_of_a_process(program: &Path) -> bool {
    program.starts_with("/proc") && program.file_name().is_some_and(|name| name == "exe")
}

fn is_this_program(file: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino())).ok();
    identity(file).is_some_and(|file| Some(file) == identity(Path::new("/proc/self/exe")))
}

/// A string of the operating system: JSON text where it is UTF-8, else an array of bytes, so that nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "OsTextWire", into = "OsTextWire")]
pub struct OsText(pub OsString);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum OsTextWire {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<OsTextWire> for OsText {
    fn from(wire: OsTextWire) -> Self {
        match wire {
            OsTextWire::Text(text) => Self(text.into()),
            OsTextWire::Bytes(bytes) => Self(OsString::from_vec(bytes)),
        }
    }
}

impl From<OsText> for OsTextWire {
    fn from(text: OsText) -> Self {
        match text.0.into_string() {
            Ok(text) => Self::Text(text),
            Err(raw) => Self::Bytes(raw.as_bytes().to_vec()),
        }
    }
}

impl<T: Into<OsString>> From<T> for OsText {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl AsRef<OsStr> for OsText {
    fn as_ref(&self) -> &OsStr {
        &self.0
    }
}

/// Why a line could not be written or read.
#[derive(Debug)]
pub enum LineError {
    /// It is longer than [`MAX_LINE`].
    TooLong,
    /// It is not JSON, or not of the expected form.
    Form(serde_json::Error),
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "a line of the relay protocol exceeds {MAX_LINE} bytes"),
            // serde_json's own text can quote the line, which may hold what a user wrote.
            Self::Form(source) => write!(f, "a line of the relay protocol is malformed at column {}", source.column()),
        }
    }
}

impl std::error::Error for LineError {}

/// One message as a line, newline included.
///
/// # Errors
/// [`LineError::TooLong`] if the other side would refuse it.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, LineError> {
    let mut line = serde_json::to_vec(message).map_err(LineError::Form)?;
    line.push(b'\n');
    if line.len() > MAX_LINE { Err(LineError::TooLong) } else { Ok(line) }
}

/// The message of one line, with or without its newline.
///
/// # Errors
/// Both of [`LineError`].
pub fn decode<T: DeserializeOwned>(line: &[u8]) -> Result<T, LineError> {
    if line.len() > MAX_LINE {
        return Err(LineError::TooLong);
    }
    serde_json::from_slice(line).map_err(LineError::Form)
}

/// Bytes on their way to becoming lines. Holds at most [`MAX_LINE`] bytes of an unfinished one.
#[derive(Debug, Default)]
pub struct LineBuffer {
    bytes: Vec<u8>,
}

impl LineBuffer {
    /// Adds what was read and hands out every line that it completes, decoded.
    ///
    /// # Errors
    /// The first line that is too long or malformed; the buffer is of no use afterwards.
    pub fn push<T: DeserializeOwned>(&mut self, read: &[u8]) -> Result<Vec<T>, LineError> {
        let mut messages = Vec::new();
        for part in read.split_inclusive(|byte| *byte == b'\n') {
            if self.bytes.len().saturating_add(part.len()) > MAX_LINE {
                return Err(LineError::TooLong);
            }
            self.bytes.extend_from_slice(part);
            if part.ends_with(b"\n") {
                messages.push(decode(&std::mem::take(&mut self.bytes))?);
            }
        }
        Ok(messages)
    }
}
