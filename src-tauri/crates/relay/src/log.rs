//! What the relay says, line by line, to whoever reads its standard error.
//!
//! The relay has one thread, and the user's notifications wait for it: a reader that does not read (a full pipe, a
//! stopped terminal, a journal that hangs) costs the line and never the time. Never the text of a notification.

use std::io::stderr;
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{SendFlags, send};

/// What a pipe that has room takes at once (PIPE_BUF), so that a line is written whole or not at all.
const LONGEST: usize = 4096;

/// One line for the journal or the terminal. A log that cannot be written is no reason to end.
pub fn say(line: &str) {
    say_to(stderr(), line);
}

fn say_to(log: impl AsFd, line: &str) {
    let mut text = format!("tidegate-relay: {line}");
    text.truncate(text.floor_char_boundary(LONGEST - 1));
    text.push('\n');
    match send(&log, text.as_bytes(), SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
        Err(Errno::NOTSOCK) if has_room(&log) => {
            rustix::io::write(log, text.as_bytes()).ok();
        }
        Ok(_) | Err(_) => {}
    }
}

fn has_room(log: impl AsFd) -> bool {
    let mut polled = [PollFd::new(&log, PollFlags::OUT)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut polled, Some(&at_once)).is_ok_and(|_| polled.iter().all(|log| log.revents().contains(PollFlags::OUT)))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, Write, pipe};
    use std::os::unix::net::UnixStream;

    use super::*;

    const MANY: usize = 1000;

    /// Says far more than anybody takes who does not read.
    fn fill(log: impl AsFd) {
        (0..MANY).for_each(|_| say_to(&log, &"x".repeat(1000)));
    }

    #[test]
    fn a_pipe_that_nobody_reads_costs_the_line() {
        let (mut reader, writer) = pipe().unwrap();
        fill(&writer);
        say_to(&writer, "lost");
        drop(writer);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert!(text.lines().count() < MANY && !text.contains("lost"));
        assert!(text.lines().all(|line| line.len() == 1016), "whole lines only");
    }

    #[test]
    fn a_socket_that_nobody_reads_costs_the_line() {
        let (near, far) = UnixStream::pair().unwrap();
        fill(&near);
        say_to(&near, "lost");
        drop(near);
        let mut text = String::new();
        (&far).read_to_string(&mut text).unwrap();
        assert!(text.starts_with("tidegate-relay: xxx") && !text.contains("lost"));
    }

    #[test]
    fn a_line_is_written_and_a_long_one_cut() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"before\n").unwrap();
        say_to(&file, "short");
        say_to(&file, &"ü".repeat(LONGEST));
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        let [before, short, long] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
        assert_eq!((before, short), ("before", "tidegate-relay: short"));
        assert!(long.ends_with('ü') && long.len() < LONGEST && long.len() + 3 > LONGEST, "{}", long.len());
    }

    #[test]
    fn a_reader_that_left_is_no_harm() {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        say_to(&writer, "x");
    }
}
