//! A program written in Python, driven by JSON lines: commands in, answers and
//! events out. Knows nothing of what they mean.

use std::collections::VecDeque;
use std::fs;
use std::time::Duration;

use serde_json::Value;

use crate::process::{Piped, Process};
use crate::session::Session;
use crate::wait::DEADLINE;

const LINES: &str = include_str!("../scripts/lines.py");

/// A running script. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Script {
    child: Piped,
    events: VecDeque<Value>,
}

impl Script {
    /// Starts it and gives its first event, that it is ready. If it ends first,
    /// the panic names the `packages` it needs.
    pub(crate) async fn start(session: &Session, name: &str, source: &str, packages: &str) -> (Self, Value) {
        fs::write(session.home().join("lines.py"), LINES).unwrap();
        let file = session.home().join(name);
        fs::write(&file, source).unwrap();
        let mut command = session.command("/usr/bin/python3");
        command.arg(&file).env("PYTHONDONTWRITEBYTECODE", "1");
        let mut child = session.spawn_piped(command);
        let ready = child
            .try_line(DEADLINE)
            .await
            .unwrap_or_else(|| panic!("{name} ended\n{}\napt-get install {packages}", child.process().log()));
        let ready = serde_json::from_str(&ready).unwrap();
        (Self { child, events: VecDeque::new() }, ready)
    }

    /// Gives a command and waits for its answer; events meanwhile are kept.
    pub(crate) async fn ask(&mut self, command: &Value) -> Value {
        self.child.send(command).await;
        loop {
            let line = self.child.json(DEADLINE).await;
            if let Some(error) = line.get("error") {
                panic!("{command}: {error}");
            }
            match line.get("answer") {
                Some(answer) => return answer.clone(),
                None => self.events.push_back(line),
            }
        }
    }

    /// The next event.
    pub(crate) async fn event(&mut self, deadline: Duration) -> Value {
        match self.events.pop_front() {
            Some(event) => event,
            None => self.child.json(deadline).await,
        }
    }

    /// Whatever it says until it ends, once its input is closed.
    pub(crate) async fn finish(mut self, deadline: Duration) -> Vec<Value> {
        self.child.close_input();
        let mut events: Vec<_> = self.events.drain(..).collect();
        while let Some(line) = self.child.try_line(deadline).await {
            events.push(serde_json::from_str(&line).unwrap());
        }
        self.child.process().wait(deadline).await;
        events
    }

    pub(crate) fn process(&mut self) -> &mut Process {
        self.child.process()
    }
}

/// The id in an answer or event.
pub(crate) fn id_in(value: &Value) -> u32 {
    let id = value.as_u64().unwrap_or_else(|| panic!("no id: {value}"));
    u32::try_from(id).unwrap()
}
