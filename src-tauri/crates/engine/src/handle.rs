//! The engine's outer face: start it, send events, ask questions, give commands. Must not look into the model itself.

use crate::reading::{self, Asked, Beside};
use crate::turn::{Desk, Loop};
use crate::{Input, Parts, Question, Read, Reading, Slot};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use tidegate_domain::ports::{Archive, Journal};
use tidegate_domain::{Answer, Command, Event, Model, Now, Refusal, RequestId, StoreTrouble};
use tokio::sync::oneshot;

/// The engine has ended; nothing more is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the engine has stopped")]
pub struct Stopped;

/// A handle to the engine. Cheap to clone; never blocks.
#[derive(Clone)]
pub struct Engine {
    inputs: mpsc::Sender<Input>,
    waiting: Waiting,
    slot: Slot,
    shared: Arc<Shared>,
}

/// What a second engine thread needs besides the state.
pub(crate) struct Shared {
    pub(crate) receiver: crate::Inputs,
    pub(crate) sender: mpsc::Sender<Input>,
    next_request: AtomicU64,
    /// Where questions about rows go, if somebody reads beside the engine.
    reader: Mutex<Option<Beside>>,
}

impl Shared {
    /// Has rows read: beside this thread, or by it where nobody else can.
    pub(crate) fn read(&self, read: Read, model: &Model, store: &mut dyn Journal, now: Now) {
        if read.of == Reading::Words {
            store.read_ahead();
        }
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(reader) = reader.as_ref().filter(|_| !read.here) else { return (read.question)(model, store, now) };
        if let Err(Asked { read, .. }) = reader.ask(Asked { read, model: Box::new(model.clone()), now }) {
            (read.question)(model, store, now);
        }
    }

    /// Nobody reads beside the engine any more: a database that is closed last by who writes it is whole without its log.
    pub(crate) fn end_reading(&self) {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner).take();
        reader.into_iter().for_each(Beside::end);
    }
}

/// Clients that wait for the answer to a command.
#[derive(Clone, Default)]
pub(crate) struct Waiting(Arc<Mutex<BTreeMap<RequestId, Client>>>);

/// One of them.
type Client = oneshot::Sender<Result<Answer, Refusal>>;

impl Waiting {
    pub(crate) fn answer(&self, request: RequestId, outcome: Result<Answer, Refusal>) {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&request);
        if let Some(client) = waiting
            && client.send(outcome).is_err()
        {
            tracing::debug!("a client left before its answer");
        }
    }

    /// Nobody will answer any more.
    pub(crate) fn give_up(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn enter(&self, request: RequestId) -> oneshot::Receiver<Result<Answer, Refusal>> {
        let (answer, wait) = oneshot::channel();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(request, answer);
        wait
    }
}

impl Engine {
    /// Loads the store and starts the engine's thread. A store that cannot be loaded is no reason not to start: the gate
    /// then passes everything through and says so.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(mut parts: Parts) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (sender, receiver) = mpsc::channel();
        let receiver = Arc::new(Mutex::new(Some(receiver)));
        let reader = parts.reader.take().map(|reader| reading::start(reader, sender.clone())).transpose()?;
        let (reader, next_request) = (Mutex::new(reader), AtomicU64::new(1));
        let shared = Arc::new(Shared { receiver, sender: sender.clone(), next_request, reader });
        let engine = Self { inputs: sender, waiting: Waiting::default(), slot: Slot::default(), shared };
        let (slot, waiting, shared) = (engine.slot.clone(), engine.waiting.clone(), engine.shared.clone());
        let thread = std::thread::Builder::new().name("engine".into()).spawn(move || {
            let (desk, store) = Desk::open(parts, waiting);
            Loop::new(desk, store, slot, shared).run();
        })?;
        Ok((engine, thread))
    }

    /// An event for the model, in the order sent.
    pub fn send(&self, event: Event) {
        if self.inputs.send(Input::Event(event)).is_err() {
            // A command that was on its way must not wait for ever.
            self.waiting.give_up();
        }
    }

    /// Asks the model, on the engine's own thread, between transactions: for what takes no time.
    ///
    /// # Errors
    /// When the engine has stopped.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Model, Now) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (answer, wait) = oneshot::channel();
        let boxed = Box::new(move |model: &Model, now| tell(answer, question(model, now)));
        self.question(Question::Model(boxed), wait).await
    }

    /// Asks about the rows too, beside the engine's thread: everything that was sent before it is committed by then, and
    /// perhaps some of what came later.
    ///
    /// # Errors
    /// When the engine has stopped.
    pub async fn read<T: Send + 'static>(
        &self,
        of: Reading,
        question: impl FnOnce(&Model, &mut dyn Archive, Now) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (answer, wait) = oneshot::channel();
        let question = Box::new(move |model: &Model, archive: &mut dyn Archive, now| {
            tell(answer, question(model, archive, now));
        });
        self.question(Question::Rows(Read { of, question, here: false }), wait).await
    }

    async fn question<T>(&self, question: Question, answer: oneshot::Receiver<T>) -> Result<T, Stopped> {
        self.inputs.send(Input::Question(question)).map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }

    /// A person's command; the answer comes when it is committed.
    ///
    /// # Errors
    /// The model's refusal; [`Refusal::StoreFailed`] when the engine has stopped.
    pub async fn command(&self, command: Command) -> Result<Answer, Refusal> {
        let request = RequestId(self.shared.next_request.fetch_add(1, Ordering::Relaxed));
        let wait = self.waiting.enter(request);
        self.send(Event::Command { request: Some(request), command });
        wait.await.unwrap_or(Err(Refusal::StoreFailed))
    }

    /// Ends the engine once everything sent so far is committed.
    pub fn stop(&self) {
        if self.inputs.send(Input::Stop).is_err() {
            tracing::debug!("the engine had stopped already");
        }
    }

    /// A reply has been waited for too long: if a commit hangs, its events go on without the store. Called by whoever
    /// knows how long a caller has waited; does nothing when no commit is under way.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn give_up_commit(&self, trouble: StoreTrouble) -> std::io::Result<bool> {
        let Some(in_flight) = self.slot.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Ok(false);
        };
        let (slot, shared) = (self.slot.clone(), self.shared.clone());
        std::thread::Builder::new().name("engine".into()).spawn(move || {
            Loop::after_given_up(*in_flight, trouble, slot, shared).run();
        })?;
        Ok(true)
    }
}

fn tell<T>(asker: oneshot::Sender<T>, answer: T) {
    if asker.send(answer).is_err() {
        tracing::debug!("a question's asker left");
    }
}
