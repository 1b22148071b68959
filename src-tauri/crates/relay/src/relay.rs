//! The relay's one loop: waits for its sockets and its renderer, and moves what can be moved.
//!
//! One thread, one owner of all state. Without traffic it sleeps without an end; the only timeouts are the renderer's
//! next start, and a new try where the system had no descriptor left.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::address::{BusAddress, taken_for_one_path};
use crate::answers::{Answers, LinkId, push_bounded};
use crate::control::{Control, PeerId};
use crate::error::Error;
use crate::link::{Ended, Link};
use crate::manager::environment;
use crate::one_path;
use crate::place::{Lock, Place};
use crate::protocol::{Answer, LiveRenderer, RendererRecord, STRAYS_KEPT, ToGate, ToRelay, VERSION};
use crate::renderer::{Down, Renderer};
use crate::say;
use crate::shift::Seen;
use crate::socket::own_peer;
use crate::whose::{is_renderers, runs_ours, same_program};
use crate::wire::is_unique_name;

/// Connections of the renderer at a time: a daemon has one or two.
const MAX_LINKS: usize = 64;
/// Connections of programs that the renderer started: each app that was opened from a notification has a few.
const MAX_STRANGERS: usize = 256;

/// How long new connections wait when there is no descriptor for them, if nothing else moves.
const RETRY: Duration = Duration::from_secs(1);

/// Everything that the relay holds.
#[derive(Debug)]
pub struct Relay {
    _lock: Lock,
    bus: BusAddress,
    renderers: UnixListener,
    gates: UnixListener,
    /// The system had no descriptor left for a new connection: the next wait leaves those out, and is a short one.
    exhausted: bool,
    links: Vec<(LinkId, Link)>,
    /// It was said that there are too many; not again until one has ended.
    said_full: bool,
    next_link: LinkId,
    control: Control,
    /// The unique name of the gate, as the links know it.
    gate: Option<Arc<str>>,
    renderer: Renderer,
    live: Option<Live>,
    bus_id: Option<String>,
    answers: Answers,
    strays: VecDeque<ToGate>,
    gate_left: Option<Instant>,
}

/// The renderer that owns the shifted name.
#[derive(Debug)]
struct Live {
    link: LinkId,
    renderer: LiveRenderer,
}

#[derive(Debug, Clone, Copy)]
enum Source {
    Renderers,
    Gates,
    Process,
    Peer(PeerId),
    Link(LinkId),
}

impl Relay {
    /// Takes the lock and listens. `launcher` is this program, through which the renderer is started.
    ///
    /// # Errors
    /// When another relay runs, or the folder, a socket or the bus cannot be used.
    pub fn open(place: &Place, launcher: PathBuf) -> Result<Self, Error> {
        let lock = place.lock()?;
        let socket = place.renderer_socket();
        let bus = BusAddress::of_session(&place.runtime_folder).without(&socket, &place.runtime_folder);
        bus.connect()?;
        let renderers = lock.listen(&socket)?;
        let bus_address = bus.behind(&socket);
        make_one_path(&bus_address, &socket);
        Ok(Self {
            renderers,
            gates: lock.listen(&place.control_socket())?,
            _lock: lock,
            bus,
            exhausted: false,
            links: Vec::new(),
            said_full: false,
            next_link: 0,
            control: Control::default(),
            gate: None,
            renderer: Renderer::new(launcher, bus_address.into()),
            live: None,
            bus_id: None,
            answers: Answers::default(),
            strays: VecDeque::new(),
            gate_left: None,
        })
    }

    /// Starts this renderer unless one runs, and keeps it running.
    pub fn supervise(&mut self, record: RendererRecord) {
        let down = self.renderer.supervise(record, self.live.is_some(), Instant::now());
        self.renderer_down(down);
    }

    /// Runs until the session bus is gone.
    ///
    /// # Errors
    /// [`Error::BusGone`], or a system that cannot even wait.
    pub fn run(&mut self) -> Result<(), Error> {
        loop {
            let ready = self.wait()?;
            self.exhausted = false;
            for source in ready {
                self.serve(source)?;
            }
            self.start_if_due();
            let left = self.control.sweep();
            self.tell_links();
            if left {
                say("the gate left");
                self.gate_left = Some(Instant::now());
                self.check_session()?;
            }
        }
    }

    /// The sources that have something to do.
    fn wait(&self) -> Result<Vec<Source>, Error> {
        let (sources, mut polled): (Vec<Source>, Vec<PollFd<'_>>) = self
            .interest()
            .filter(|(_, _, flags)| !flags.is_empty())
            .map(|(source, fd, flags)| (source, PollFd::from_borrowed_fd(fd, flags)))
            .unzip();
        match poll(&mut polled, self.timeout().as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => {
                return Err(Error::System { doing: "wait for events", source: error.into() });
            }
        }
        let ready = sources.into_iter().zip(&polled).filter(|(_, polled)| !polled.revents().is_empty());
        Ok(ready.map(|(source, _)| source).collect())
    }

    fn interest(&self) -> impl Iterator<Item = (Source, BorrowedFd<'_>, PollFlags)> {
        let listening = if self.exhausted { PollFlags::empty() } else { PollFlags::IN };
        let listeners =
            [(Source::Renderers, self.renderers.as_fd(), listening), (Source::Gates, self.gates.as_fd(), listening)];
        let process = self.renderer.pidfd().map(|fd| (Source::Process, fd, PollFlags::IN));
        let peers = self.control.interest().map(|(id, fd, flags)| (Source::Peer(id), fd, flags));
        let links =
            self.links.iter().flat_map(|(id, link)| link.interest().map(|(fd, flags)| (Source::Link(*id), fd, flags)));
        // A gate that left is noticed before the signals that it misses, and a renderer's last words before its end.
        listeners.into_iter().chain(peers).chain(links).chain(process)
    }

    fn timeout(&self) -> Option<Timespec> {
        let due = self.renderer.due().map(|due| due.saturating_duration_since(Instant::now()));
        let retry = self.exhausted.then_some(RETRY);
        Timespec::try_from([due, retry].into_iter().flatten().min()?).ok()
    }

    fn start_if_due(&mut self) {
        let now = Instant::now();
        if self.renderer.is_due_after_failure(now) {
            match environment(&self.bus) {
                Ok(environment) => self.renderer.move_to(&environment),
                Err(error) => say(&format!("the manager does not say where the session is: {error}")),
            }
        }
        let down = self.renderer.start_if_due(now);
        self.renderer_down(down);
    }

    fn serve(&mut self, source: Source) -> Result<(), Error> {
        match source {
            Source::Renderers => self.accept_renderer(),
            Source::Gates => self.accept_gate(),
            Source::Process => return self.reap(),
            Source::Peer(id) => self.serve_peer(id),
            Source::Link(id) => return self.serve_link(id),
        }
        Ok(())
    }

    fn accept_renderer(&mut self) {
        let Some((daemon, pid)) = accept(&self.renderers, &mut self.exhausted) else {
            return;
        };
        let renderers = self.is_renderers(pid);
        if self.is_full(renderers) {
            return;
        }
        match self.bus.connect() {
            Ok(bus) => {
                let link = if renderers { Link::new } else { Link::of_a_stranger };
                let mut link = link(daemon, bus, pid);
                link.set_gate(self.gate.clone());
                self.links.push((self.next_link, link));
                self.next_link += 1;
            }
            Err(error) => say(&error.to_string()),
        }
    }

    fn is_renderers(&mut self, pid: u32) -> bool {
        let live = self.live.as_ref().map(|live| live.renderer.pid);
        let links = &self.links;
        let connected = |pid| links.iter().any(|(_, link)| link.is_renderers() && link.pid == pid);
        !runs_ours(pid) && is_renderers(pid, self.renderer.started(connected), live, same_program)
    }

    /// Whether no more connections of this kind are taken. Those of strangers are counted apart, or a renderer could be
    /// kept out by what it has started.
    fn is_full(&mut self, renderers: bool) -> bool {
        let open = self.links.iter().filter(|(_, link)| link.is_renderers() == renderers).count();
        let full = open >= if renderers { MAX_LINKS } else { MAX_STRANGERS };
        if full && !self.said_full {
            say(&format!("refused a connection: {open} are open"));
        }
        self.said_full |= full;
        full
    }

    fn accept_gate(&mut self) {
        if let Some((gate, _)) = accept(&self.gates, &mut self.exhausted) {
            self.control.add(gate);
        }
    }

    fn serve_link(&mut self, id: LinkId) -> Result<(), Error> {
        let Some(at) = self.links.iter().position(|(link, _)| *link == id) else {
            return Ok(());
        };
        let Some((_, link)) = self.links.get_mut(at) else {
            return Ok(());
        };
        let (mut seen, pid) = (Vec::new(), link.pid);
        let ended = link.pump(&mut seen);
        for seen in seen {
            self.note(id, pid, seen);
        }
        match ended {
            None => Ok(()),
            Some(ended) => self.end_link(at, id, ended),
        }
    }

    fn end_link(&mut self, at: usize, id: LinkId, ended: Ended) -> Result<(), Error> {
        drop(self.links.swap_remove(at));
        self.said_full = false;
        let lost = self.answers.link_ended(id);
        self.tell_of(lost);
        if let Ended::Broken(violation) = ended {
            say(&format!("closed a connection: {violation}"));
        }
        self.renderer_left(id, "left the bus");
        if ended == Ended::ByBus {
            self.check_session()?;
        }
        Ok(())
    }

    fn note(&mut self, link: LinkId, pid: u32, seen: Seen) {
        match seen {
            Seen::Acquired(unique) => self.renderer_up(link, LiveRenderer { pid, unique }),
            Seen::Lost => self.renderer_left(link, "gave up its name"),
            Seen::Bus(id) => self.on_bus(id),
            Seen::Asked(call) => self.answers.asked(link, call),
            Seen::Answered(answer) => {
                let answer = self.answers.answered(link, answer);
                self.tell_of(answer);
            }
            Seen::Signal { destination, signal } if self.is_live(link) => {
                self.stray(ToGate::StraySignal { destination, signal });
            }
            Seen::Signal { .. } => {}
        }
    }

    /// Another bus gives the same unique names to others: nothing that was noted of the old one holds.
    fn on_bus(&mut self, id: String) {
        if self.bus_id.as_ref().is_some_and(|known| *known != id) {
            self.answers = Answers::default();
            self.strays.clear();
        }
        self.bus_id = Some(id);
    }

    /// A gate hears the answers to its own calls.
    fn tell_of(&mut self, answers: impl IntoIterator<Item = Answer>) {
        for answer in answers {
            if self.control.gate() != Some(&answer.call.caller) {
                self.control.tell_gate(&ToGate::Answered(answer));
            }
        }
    }

    fn is_live(&self, link: LinkId) -> bool {
        self.live.as_ref().is_some_and(|live| live.link == link)
    }

    /// Signals to everybody reach a gate on its own connection, and so do those to itself. While there is no gate the
    /// renderer owns the name: an application has heard what was meant for it, and only what an earlier gate missed is
    /// kept.
    fn stray(&mut self, signal: ToGate) {
        let ToGate::StraySignal { destination, .. } = &signal else {
            return;
        };
        match self.control.gate() {
            None if destination.as_deref().is_none_or(|unique| self.answers.is_gate(unique)) => {
                push_bounded(&mut self.strays, signal, STRAYS_KEPT);
            }
            None => {}
            Some(gate) if destination.as_deref().is_some_and(|unique| unique != gate) => {
                self.control.tell_gate(&signal);
            }
            Some(_) => {}
        }
    }

    fn renderer_up(&mut self, link: LinkId, renderer: LiveRenderer) {
        say(&format!("the renderer is up, process {}", renderer.pid));
        self.renderer.came(renderer.pid);
        self.control.tell_gate(&ToGate::RendererUp(renderer.clone()));
        self.live = Some(Live { link, renderer });
    }

    fn renderer_left(&mut self, link: LinkId, why: &str) {
        if !self.is_live(link) {
            return;
        }
        self.live = None;
        self.renderer.stranger_left(Instant::now());
        self.control.tell_gate(&ToGate::RendererDown { why: why.to_owned(), retry_in_ms: None });
    }

    fn reap(&mut self) -> Result<(), Error> {
        let live = self.live.as_ref().map(|live| live.renderer.pid);
        let down = self.renderer.reap(|pid| live.is_some_and(|live| live != pid), Instant::now());
        if down.is_some() {
            self.check_session()?;
        }
        self.renderer_down(down);
        Ok(())
    }

    fn renderer_down(&mut self, down: Option<Down>) {
        let Some(Down { pid, why, retry_in }) = down else {
            return;
        };
        self.live.take_if(|live| Some(live.renderer.pid) == pid);
        say(&format!("the renderer {why}; starting it again in {} ms", retry_in.as_millis()));
        let retry_in_ms = u64::try_from(retry_in.as_millis()).ok();
        self.control.tell_gate(&ToGate::RendererDown { why, retry_in_ms });
    }

    fn serve_peer(&mut self, id: PeerId) {
        self.heed_peer(id);
        self.tell_links();
    }

    /// A signal for everybody is for the gate alone while one is there.
    fn tell_links(&mut self) {
        if self.gate.as_deref() == self.control.gate() {
            return;
        }
        self.gate = self.control.gate().map(Arc::from);
        for (_, link) in &mut self.links {
            link.set_gate(self.gate.clone());
        }
    }

    fn heed_peer(&mut self, id: PeerId) {
        for message in self.control.read(id) {
            match message {
                ToRelay::Hello { version, .. } if version != VERSION => {
                    self.control.refuse(id, &format!("this relay speaks version {VERSION}"));
                    return;
                }
                ToRelay::Hello { gate, .. } if !is_unique_name(&gate) => {
                    self.control.refuse(id, "the gate's name is not that of a connection");
                    return;
                }
                ToRelay::Hello { gate, called_before, .. } => self.welcome(id, gate, called_before),
                ToRelay::Supervise { record } if record.argv.is_empty() => {
                    self.control.refuse(id, "the record names no program");
                    return;
                }
                ToRelay::Supervise { record } if record.is_ours() => {
                    self.control.refuse(id, "the record names Tidegate itself, which is no renderer");
                    return;
                }
                ToRelay::Supervise { record } => self.supervise(record),
            }
        }
    }

    fn welcome(&mut self, id: PeerId, gate: String, called_before: bool) {
        self.answers.add_gate(&gate, called_before);
        self.control.make_gate(id, gate);
        self.control.tell_gate(&ToGate::Welcome {
            version: VERSION,
            renderer: self.live.as_ref().map(|live| live.renderer.clone()),
            answered: self.answers.all(),
            waiting: self.answers.waiting(),
            watched: self.answers.watched(),
            away_ms: self.gate_left.take().and_then(|left| u64::try_from(left.elapsed().as_millis()).ok()),
        });
        for stray in std::mem::take(&mut self.strays) {
            self.control.tell_gate(&stray);
        }
    }

    /// Without a session bus there is no session, and nothing to wait for.
    fn check_session(&self) -> Result<(), Error> {
        self.bus.connect().map(drop).map_err(|_| Error::BusGone)
    }
}

/// Without it only those renderers cannot be served whose library knows no address lists.
fn make_one_path(bus_address: &str, socket: &Path) {
    let path = taken_for_one_path(bus_address);
    let made = one_path::clean(socket).and_then(|()| path.map_or(Ok(()), |path| one_path::make(&path, socket)));
    if let Err(error) = made {
        say(&format!("renderers that know no address lists will not find their bus: {error}"));
    }
}

/// Accepts one connection of our own user. Out of descriptors: says so, or the loop would spin.
fn accept(listener: &UnixListener, exhausted: &mut bool) -> Option<(UnixStream, u32)> {
    match listener.accept() {
        Ok((stream, _)) => own_peer(&stream).map(|pid| (stream, pid)),
        Err(error) => {
            let passing = [io::ErrorKind::WouldBlock, io::ErrorKind::Interrupted, io::ErrorKind::ConnectionAborted];
            *exhausted = !passing.contains(&error.kind());
            None
        }
    }
}
