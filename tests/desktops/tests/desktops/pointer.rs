//! A pointer for a Wayland compositor that has none: a headless one gives its seat no device, and then no client hears of a
//! click. Speaks just enough of wlr's virtual pointer protocol. Must not know what is clicked.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use tidegate_testkit::DEADLINE;

/// The display's own id.
const DISPLAY: u32 = 1;
const REGISTRY: u32 = 2;
const MANAGER_NAME: &str = "zwlr_virtual_pointer_manager_v1";

/// The kernel's numbers of buttons, left to middle (`linux/input-event-codes.h`).
const BUTTONS: [u32; 3] = [0x110, 0x112, 0x111];
/// The headless screen's size.
const SCREEN: (u32, u32) = (1_280, 800);

/// A pointer that is plugged in as long as this lives.
pub(crate) struct Pointer {
    stream: UnixStream,
    /// The last id that was given to an object: ids must follow one another.
    last: u32,
    pointer: u32,
    /// When the last click was, in milliseconds.
    time: u32,
}

impl Pointer {
    /// Plugs it into the compositor at a socket.
    pub(crate) fn plug_in(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut plug = Self { stream, last: REGISTRY, pointer: 0, time: 0 };
        plug.send(DISPLAY, 1, &[REGISTRY]);
        let globals = plug.round_trip();
        let manager = plug.bind(globals[MANAGER_NAME], MANAGER_NAME);
        plug.pointer = plug.new_id();
        // Without a seat named: the compositor's first.
        plug.send(manager, 0, &[0, plug.pointer]);
        plug.round_trip();
        plug
    }

    fn new_id(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    /// Moves to a place, presses and lets go: 1 is left, 2 middle, 3 right. By its time it comes a second after the click
    /// before it, so that two are never a double click.
    pub(crate) fn click(&mut self, (x, y): (usize, usize), button: u8) {
        let [x, y] = [x, y].map(|side| u32::try_from(side).unwrap());
        let button = BUTTONS[usize::from(button) - 1];
        self.time += 1_000;
        self.send(self.pointer, 1, &[self.time, x, y, SCREEN.0, SCREEN.1]);
        self.send(self.pointer, 4, &[]);
        self.round_trip();
        for state in [1, 0] {
            self.send(self.pointer, 2, &[self.time, button, state]);
            self.send(self.pointer, 4, &[]);
            self.round_trip();
        }
    }

    /// A request: the object, its length and number, and its arguments.
    fn send(&mut self, object: u32, number: u32, arguments: &[u32]) {
        let length = u32::try_from(8 + 4 * arguments.len()).unwrap();
        let words = [object, length << 16 | number].into_iter().chain(arguments.iter().copied());
        self.stream.write_all(&words.flat_map(u32::to_ne_bytes).collect::<Vec<_>>()).unwrap();
    }

    /// A global becomes an object: its number, then its interface as text, its version and the new id.
    fn bind(&mut self, name: u32, interface: &str) -> u32 {
        let id = self.new_id();
        let mut text = interface.as_bytes().to_vec();
        text.push(0);
        let length = u32::try_from(text.len()).unwrap();
        text.resize(text.len().next_multiple_of(4), 0);
        let text = text.chunks_exact(4).map(|word| u32::from_ne_bytes(word.try_into().unwrap()));
        let arguments: Vec<u32> = [name, length].into_iter().chain(text).chain([1, id]).collect();
        self.send(REGISTRY, 0, &arguments);
        id
    }

    /// Waits until all that was sent is done; gives the globals that were announced meanwhile.
    fn round_trip(&mut self) -> BTreeMap<String, u32> {
        let callback = self.new_id();
        self.send(DISPLAY, 0, &[callback]);
        let mut globals = BTreeMap::new();
        loop {
            let (object, number, arguments) = self.event();
            assert!(object != DISPLAY || number != 0, "refused: {}", String::from_utf8_lossy(&arguments));
            if object == callback {
                return globals;
            }
            if object == REGISTRY && number == 0 {
                let word = |at: usize| u32::from_ne_bytes(arguments[at..at + 4].try_into().unwrap());
                let interface = &arguments[8..8 + word(4) as usize - 1];
                globals.insert(String::from_utf8(interface.to_vec()).unwrap(), word(0));
            }
        }
    }

    fn event(&mut self) -> (u32, u32, Vec<u8>) {
        let mut header = [0; 8];
        self.stream.read_exact(&mut header).unwrap();
        let word = |at: usize| u32::from_ne_bytes(header[at..at + 4].try_into().unwrap());
        let (object, rest) = (word(0), word(4));
        let mut arguments = vec![0; (rest >> 16) as usize - 8];
        self.stream.read_exact(&mut arguments).unwrap();
        (object, rest & 0xffff, arguments)
    }
}
