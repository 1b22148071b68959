//! The thread that reads beside the engine's: it is given a question with the model as it was then, and so keeps nobody
//! waiting who writes. Must not know what is asked.

use crate::{Input, Question, Read};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;
use tidegate_domain::ports::Reader;
use tidegate_domain::{Model, Now};

/// Without a question for this long, what is only kept for the next is let go of.
const QUIET: Duration = Duration::from_secs(5);

/// Added to the "nice" value.
const BEHIND_WRITERS: i32 = 10;

/// The thread that reads.
pub(crate) struct Beside {
    questions: mpsc::Sender<Asked>,
    thread: JoinHandle<()>,
}

/// A question, and what it is about.
pub(crate) struct Asked {
    pub(crate) read: Read,
    pub(crate) model: Box<Model>,
    pub(crate) now: Now,
}

/// Starts the thread; it ends when nobody can ask any more. What the reader cannot answer goes back to the engine.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start(mut reader: Box<dyn Reader>, engine: mpsc::Sender<Input>) -> std::io::Result<Beside> {
    let (questions_in, questions) = mpsc::channel();
    let thread = std::thread::Builder::new().name("reader".into()).spawn(move || {
        step_back();
        while let Ok(asked) = questions.recv() {
            answer(asked, reader.as_mut(), &engine);
            while let Ok(asked) = questions.recv_timeout(QUIET) {
                answer(asked, reader.as_mut(), &engine);
            }
            reader.rest();
        }
    })?;
    Ok(Beside { questions: questions_in, thread })
}

impl Beside {
    /// Hands a question over; it comes back where the thread is gone.
    pub(crate) fn ask(&self, asked: Asked) -> Result<(), Asked> {
        self.questions.send(asked).map_err(|mpsc::SendError(asked)| asked)
    }

    /// Ends the thread once it has answered what it was asked.
    pub(crate) fn end(self) {
        drop(self.questions);
        if self.thread.join().is_err() {
            tracing::error!("the reader's thread had died");
        }
    }
}

/// Where there are fewer processors than work, whoever notifies goes first: a list may come a little later. On Linux a
/// "nice" value is a thread's (nice(2), "C library/kernel differences").
fn step_back() {
    if let Err(error) = rustix::process::nice(BEHIND_WRITERS) {
        tracing::debug!(%error, "the thread that reads has the same priority as the one that answers apps");
    }
}

fn answer(Asked { read, model, now }: Asked, reader: &mut dyn Reader, engine: &mpsc::Sender<Input>) {
    if reader.is_current() {
        (read.question)(&model, reader, now);
    } else if engine.send(Input::Question(Question::Rows(Read { here: true, ..read }))).is_err() {
        tracing::debug!("the engine stopped before a question was answered");
    }
}
