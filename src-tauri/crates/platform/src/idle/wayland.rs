//! Idleness from a Wayland compositor: `ext_idle_notifier_v1`, or `org_kde_kwin_idle` of those that came before it.
//!
//! So little of the protocol is needed that it is spoken here: a library would weigh more in the resident daemon than
//! the daemon may. The time counts from the beginning of the watch; while an app keeps the screen on, such as a video
//! player, a compositor does not call it idle. The first seat is watched.

use super::{IdleError, IdleSource, Wire, plain};
use std::path::Path;
use std::time::Duration;

/// Longer messages no compositor sends.
const LONGEST: usize = 4096;
/// More events than this no compositor sends before it answers.
const MOST_EVENTS: usize = 4096;

/// Our objects.
const DISPLAY: u32 = 1;
const REGISTRY: u32 = 2;
const GLOBALS_SYNC: u32 = 3;
const SEAT: u32 = 4;
const NOTIFIER: u32 = 5;
const NOTIFICATION: u32 = 6;
const WATCH_SYNC: u32 = 7;

/// Requests, by object.
const DISPLAY_SYNC: u16 = 0;
const DISPLAY_GET_REGISTRY: u16 = 1;
const REGISTRY_BIND: u16 = 0;
const KDE_GET_IDLE_TIMEOUT: u16 = 0;
const EXT_GET_IDLE_NOTIFICATION: u16 = 1;

/// Events, by object.
const DISPLAY_ERROR: (u32, u16) = (DISPLAY, 0);
const REGISTRY_GLOBAL: (u32, u16) = (REGISTRY, 0);
const NOTIFICATION_IDLED: (u32, u16) = (NOTIFICATION, 0);
const NOTIFICATION_RESUMED: (u32, u16) = (NOTIFICATION, 1);

const MALFORMED: IdleError = IdleError::Malformed(IdleSource::Wayland);

/// The watch lasts as long as its connection.
pub(super) struct Watch {
    wire: Wire,
    is_idle: bool,
}

pub(super) async fn watch(socket: &Path, after: Duration) -> Result<Watch, IdleError> {
    let mut watch = Watch { wire: Wire::connect(IdleSource::Wayland, socket).await?, is_idle: false };
    watch.request(DISPLAY, DISPLAY_GET_REGISTRY, &Arguments::new().word(REGISTRY)).await?;
    let globals = watch.globals().await?;
    let (Some(seat), Some(notifier)) = (globals.seat, globals.notifier()) else {
        return Err(IdleError::NotTold(IdleSource::Wayland));
    };
    watch.bind(seat, "wl_seat", SEAT).await?;
    let after = u32::try_from(after.as_millis()).unwrap_or(u32::MAX);
    match notifier {
        Notifier::Ext(name) => {
            watch.bind(name, EXT, NOTIFIER).await?;
            let arguments = Arguments::new().word(NOTIFICATION).word(after).word(SEAT);
            watch.request(NOTIFIER, EXT_GET_IDLE_NOTIFICATION, &arguments).await?;
        }
        Notifier::Kde(name) => {
            watch.bind(name, KDE, NOTIFIER).await?;
            let arguments = Arguments::new().word(NOTIFICATION).word(SEAT).word(after);
            watch.request(NOTIFIER, KDE_GET_IDLE_TIMEOUT, &arguments).await?;
        }
    }
    watch.sync(WATCH_SYNC, |_| Ok(())).await?;
    Ok(watch)
}

const EXT: &str = "ext_idle_notifier_v1";
const KDE: &str = "org_kde_kwin_idle";

/// What the compositor offers, by the number that it has there.
#[derive(Default)]
struct Globals {
    seat: Option<u32>,
    ext: Option<u32>,
    kde: Option<u32>,
}

enum Notifier {
    Ext(u32),
    Kde(u32),
}

impl Globals {
    fn notifier(&self) -> Option<Notifier> {
        self.ext.map(Notifier::Ext).or(self.kde.map(Notifier::Kde))
    }

    fn note(&mut self, event: &Event) -> Option<()> {
        let name = event.word(0)?;
        let place = match event.string(4)? {
            b"wl_seat" => &mut self.seat,
            interface if interface == EXT.as_bytes() => &mut self.ext,
            interface if interface == KDE.as_bytes() => &mut self.kde,
            _ => return Some(()),
        };
        place.get_or_insert(name);
        Some(())
    }
}

impl Watch {
    pub(super) async fn idle(&mut self) -> Result<(), IdleError> {
        while !self.is_idle {
            self.event().await?;
        }
        Ok(())
    }

    pub(super) async fn touched(mut self) -> Result<(), IdleError> {
        while self.is_idle {
            self.event().await?;
        }
        Ok(())
    }

    async fn globals(&mut self) -> Result<Globals, IdleError> {
        let mut globals = Globals::default();
        self.sync(GLOBALS_SYNC, |event| match event.what {
            REGISTRY_GLOBAL => globals.note(event).ok_or(MALFORMED),
            _ => Ok(()),
        })
        .await?;
        Ok(globals)
    }

    /// Until the compositor has dealt with all that was requested.
    async fn sync(
        &mut self,
        callback: u32,
        mut hear: impl FnMut(&Event) -> Result<(), IdleError>,
    ) -> Result<(), IdleError> {
        self.request(DISPLAY, DISPLAY_SYNC, &Arguments::new().word(callback)).await?;
        for _ in 0..MOST_EVENTS {
            let event = self.event().await?;
            if event.what == (callback, 0) {
                return Ok(());
            }
            hear(&event)?;
        }
        Err(MALFORMED)
    }

    async fn bind(&mut self, name: u32, interface: &str, id: u32) -> Result<(), IdleError> {
        let arguments = Arguments::new().word(name).string(interface).word(1).word(id);
        self.request(REGISTRY, REGISTRY_BIND, &arguments).await
    }

    /// A message: the object, its length and opcode, and the arguments; all in words of the machine's byte order.
    async fn request(&mut self, object: u32, opcode: u16, arguments: &Arguments) -> Result<(), IdleError> {
        let length = u32::try_from(8 + arguments.0.len()).map_err(|_| MALFORMED)?;
        let mut message = Vec::with_capacity(8 + arguments.0.len());
        message.extend(object.to_ne_bytes());
        message.extend((length << 16 | u32::from(opcode)).to_ne_bytes());
        message.extend(&arguments.0);
        self.wire.send(&message).await
    }

    async fn event(&mut self) -> Result<Event, IdleError> {
        let header = self.wire.peek(8).await?;
        let (object, rest) = (word(header, 0).ok_or(MALFORMED)?, word(header, 4).ok_or(MALFORMED)?);
        let (length, opcode) = (usize::try_from(rest >> 16).unwrap_or(0), (rest & 0xffff) as u16);
        if !(8..=LONGEST).contains(&length) {
            return Err(MALFORMED);
        }
        let arguments = self.wire.take(length).await?.split_off(8);
        let event = Event { what: (object, opcode), arguments };
        match event.what {
            DISPLAY_ERROR => Err(IdleError::Refused(IdleSource::Wayland, event.error())),
            NOTIFICATION_IDLED => {
                self.is_idle = true;
                Ok(event)
            }
            NOTIFICATION_RESUMED => {
                self.is_idle = false;
                Ok(event)
            }
            _ => Ok(event),
        }
    }
}

struct Arguments(Vec<u8>);

impl Arguments {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn word(mut self, word: u32) -> Self {
        self.0.extend(word.to_ne_bytes());
        self
    }

    /// Its length with the NUL, itself, and zeros up to a whole word.
    fn string(self, text: &str) -> Self {
        let length = text.len() + 1;
        let mut this = self.word(u32::try_from(length).unwrap_or(0));
        this.0.extend(text.as_bytes());
        this.0.resize(this.0.len() + 1 + (4 - length % 4) % 4, 0);
        this
    }
}

struct Event {
    /// The object and the event's opcode.
    what: (u32, u16),
    arguments: Vec<u8>,
}

impl Event {
    fn word(&self, at: usize) -> Option<u32> {
        word(&self.arguments, at)
    }

    fn string(&self, at: usize) -> Option<&[u8]> {
        let length = usize::try_from(self.word(at)?).ok()?;
        self.arguments.get(at + 4..)?.get(..length.checked_sub(1)?)
    }

    /// An error names an object and a code before its words.
    fn error(&self) -> String {
        plain(&String::from_utf8_lossy(self.string(8).unwrap_or_default()))
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(arguments: Arguments) -> Event {
        Event { what: REGISTRY_GLOBAL, arguments: arguments.0 }
    }

    fn global(name: u32, interface: &str) -> Event {
        event(Arguments::new().word(name).string(interface).word(1))
    }

    #[test]
    fn a_text_takes_whole_words_with_its_zero() {
        for (text, bytes) in [("", 4), ("abc", 4), ("abcd", 8), ("wl_seat", 8), (EXT, 24)] {
            let arguments = Arguments::new().string(text);
            assert_eq!(arguments.0.len(), 4 + bytes, "{text}");
            assert_eq!(event(arguments).string(0), Some(text.as_bytes()));
        }
    }

    #[test]
    fn a_text_that_reaches_beyond_its_event_is_none() {
        let whole = Arguments::new().string("wl_seat").0;
        for length in 0..whole.len() - 1 {
            assert_eq!(event(Arguments(whole[..length].to_vec())).string(0), None, "{length} bytes");
        }
        assert_eq!(event(Arguments::new().word(u32::MAX).word(0)).string(0), None);
        assert_eq!(event(Arguments::new().word(0)).string(0), None, "not even its zero");
        assert_eq!((event(Arguments::new()).word(0), event(Arguments::new().word(7)).word(usize::MAX)), (None, None));
    }

    #[test]
    fn the_first_seat_is_watched_and_the_newer_protocol_spoken() {
        let mut globals = Globals::default();
        let offers = [(1, "wl_output"), (2, KDE), (3, "wl_seat"), (4, EXT), (5, "wl_seat"), (6, EXT)];
        for (name, interface) in offers {
            globals.note(&global(name, interface)).unwrap();
        }
        assert_eq!(globals.seat, Some(3));
        assert!(matches!(globals.notifier(), Some(Notifier::Ext(4))));
        globals.ext = None;
        assert!(matches!(globals.notifier(), Some(Notifier::Kde(2))));
        globals.kde = None;
        assert!(globals.notifier().is_none());
    }

    #[test]
    fn an_offer_that_is_cut_off_is_not_understood() {
        assert!(Globals::default().note(&event(Arguments::new().word(1))).is_none());
        assert!(Globals::default().note(&event(Arguments::new())).is_none());
    }

    #[test]
    fn an_error_is_said_in_plain_words_also_without_any() {
        let error = |arguments| event(arguments).error();
        assert_eq!(error(Arguments::new().word(6).word(2).string("no\x1b[31m seat\n")), "no[31m seat");
        assert_eq!(error(Arguments::new().word(6).word(2).string(&"x".repeat(900))).len(), 200);
        assert_eq!(error(Arguments::new().word(6)), "");
    }
}
