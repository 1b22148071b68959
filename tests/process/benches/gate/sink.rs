//! A notification server that only answers, in a process of its own: reads what is there, writes a number for each call, and
//! keeps nothing. Whatever stands before what others send while it owns the name stands there because of the bus. Must not
//! know who calls, or why.

use crate::line::{CALL, FIXED, Line, RETURN, length, number};
use std::io::{Read, Write};
use std::path::Path;
use tidegate_testkit::{DEADLINE, NOTIFICATIONS, Process, Session, wait_owner};

/// The argument after which the socket of the bus stands.
pub(crate) const ARGUMENT: &str = "--only-answer";
/// The codes of the header fields that matter.
const REPLY_SERIAL: u8 = 5;
const DESTINATION: u8 = 6;
const SENDER: u8 = 7;
const SIGNATURE: u8 = 8;

/// Starts one: this very program.
pub(crate) async fn start(session: &Session) -> Process {
    let mut command = session.command(std::env::current_exe().unwrap());
    command.arg(ARGUMENT).arg(session.bus().socket());
    let process = session.spawn(command);
    wait_owner(&session.connect().await, NOTIFICATIONS, DEADLINE).await;
    process
}

/// Is one until the bus ends.
pub(crate) fn only_answer(bus: &Path) {
    let mut line = Line::connect(bus);
    line.ask_bus("RequestName", &(NOTIFICATIONS, 4_u32));
    let (mut socket, mut read) = line.into_parts();
    socket.set_read_timeout(None).unwrap();
    let (mut space, mut answers, mut id) = (vec![0; 64 << 10], Vec::new(), 0_u32);
    loop {
        match socket.read(&mut space) {
            Ok(more) if more > 0 => read.extend_from_slice(&space[..more]),
            _ => return,
        }
        let mut rest = &read[..];
        while let Some((message, after)) = length(rest).and_then(|length| rest.split_at_checked(length)) {
            if message[1] == CALL {
                id += 1;
                answer(message, id, &mut answers);
            }
            rest = after;
        }
        let used = read.len() - rest.len();
        read.drain(..used);
        socket.write_all(&std::mem::take(&mut answers)).unwrap();
    }
}

fn answer(call: &[u8], id: u32, out: &mut Vec<u8>) {
    let caller = sender(call);
    let padded = (caller.len() + 1).next_multiple_of(8) - caller.len();
    // A field begins at a multiple of eight; four bytes before its text say what it is, and four how long it is.
    let fields = 8 + 8 + caller.len() + padded + 7;
    out.extend([b'l', RETURN, 1, 1, 4, 0, 0, 0]);
    out.extend(id.to_le_bytes());
    out.extend((fields as u32).to_le_bytes());
    out.extend([REPLY_SERIAL, 1, b'u', 0]);
    out.extend(&call[8..12]);
    out.extend([DESTINATION, 1, b's', 0]);
    out.extend((caller.len() as u32).to_le_bytes());
    out.extend(caller);
    out.resize(out.len() + padded, 0);
    out.extend([SIGNATURE, 1, b'g', 0, 1, b'u', 0, 0]);
    out.extend(id.to_le_bytes());
}

/// The unique name that the bus has put into the header.
fn sender(call: &[u8]) -> &[u8] {
    let mut at = FIXED;
    loop {
        let (code, kind, value) = (call[at], call[at + 2], at + 4);
        let (start, end) = match kind {
            b'g' => (value + 1, value + 2 + usize::from(call[value])),
            b's' | b'o' => (value + 4, value + 5 + number(call, value) as usize),
            _ => (value, value + 4),
        };
        if code == SENDER {
            return &call[start..end - 1];
        }
        at = end.next_multiple_of(8);
    }
}
