//! What all renderers of a session were given to show, in order, each in its own words. Must not know the gate.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Mutex;
use tidegate_testkit::{Written, WrittenCall};

/// The gate gives its calls serials of its own, far from those that libraries count.
const GATES_FIRST_SERIAL: u32 = 1 << 31;

/// The file, and who is known to be a renderer or not.
pub(super) struct Journal {
    pub(super) file: PathBuf,
    known: Mutex<Known>,
}

/// What was read so far. A bus gives no unique name out twice.
#[derive(Default)]
struct Known {
    names: HashMap<String, bool>,
    /// Bytes: senders would wait for who reads a long journal from its beginning.
    upto: u64,
}

/// One text as it was shown.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) by: String,
    pub(super) call: WrittenCall,
}

impl Journal {
    pub(super) fn at(file: PathBuf) -> Self {
        Self { file, known: Mutex::default() }
    }

    /// A renderer has written its first line before it can answer anything.
    pub(super) fn is_a_renderer(&self, name: &str) -> bool {
        let mut known = self.known.lock().unwrap();
        if !known.names.contains_key(name) {
            let (lines, upto) = self.lines(known.upto);
            known.upto = upto;
            known.names.extend(lines.into_iter().map(|line| (line.by, true)));
        }
        *known.names.entry(name.to_owned()).or_insert(false)
    }

    /// How many renderers there were.
    pub(super) fn renderers(&self) -> usize {
        self.lines(0).0.iter().filter(|line| line.call.is_none()).count()
    }

    pub(super) fn shown(&self) -> Vec<Shown> {
        let shown = |line: Written| Some(Shown { by: line.by, call: line.call? });
        self.lines(0).0.into_iter().filter_map(shown).collect()
    }

    /// The whole lines from there on, and where they end.
    fn lines(&self, from: u64) -> (Vec<Written>, u64) {
        let (mut file, mut text) = (File::open(&self.file).unwrap(), Vec::new());
        file.seek(SeekFrom::Start(from)).unwrap();
        file.read_to_end(&mut text).unwrap();
        text.truncate(text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1));
        let lines = text.split_inclusive(|byte| *byte == b'\n').map(|line| serde_json::from_slice(line).unwrap());
        (lines.collect(), from + u64::try_from(text.len()).unwrap())
    }
}

impl Shown {
    /// It opened a popup, in place of none.
    pub(super) fn is_fresh(&self) -> bool {
        self.call.replaces_id == 0
    }

    pub(super) fn text(&self) -> &str {
        &self.call.summary
    }

    pub(super) fn is_of_the_gate(&self) -> bool {
        self.call.serial >= GATES_FIRST_SERIAL
    }
}
