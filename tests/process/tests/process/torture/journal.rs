//! What all renderers of a session were given to show, in order, each in its own words. Must not know the gate.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Mutex;
use tidegate_testkit::{Written, WrittenCall};

/// The gate gives its calls serials of its own, far from those that libraries count.
const GATES_FIRST_SERIAL: u32 = 1 << 31;

/// The file, and who is known to be a renderer or not: a bus gives no unique name out twice.
pub(super) struct Journal {
    pub(super) file: PathBuf,
    known: Mutex<HashMap<String, bool>>,
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
        *known.entry(name.to_owned()).or_insert_with(|| self.lines().iter().any(|line| line.by == name))
    }

    /// How many renderers there were.
    pub(super) fn renderers(&self) -> usize {
        self.lines().iter().filter(|line| line.call.is_none()).count()
    }

    pub(super) fn shown(&self) -> Vec<Shown> {
        let shown = |line: Written| Some(Shown { by: line.by, call: line.call? });
        self.lines().into_iter().filter_map(shown).collect()
    }

    fn lines(&self) -> Vec<Written> {
        let text = std::fs::read_to_string(&self.file).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Shown {
    /// It opened a popup, in place of none.
    pub(super) fn is_fresh(&self) -> bool {
        self.call.replaces_id == 0
    }

    pub(super) fn is_of_the_gate(&self) -> bool {
        self.call.serial >= GATES_FIRST_SERIAL
    }
}
