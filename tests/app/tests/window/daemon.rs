//! A daemon of the tests' own at `org.tidegate.Tidegate1`: it keeps a list, does what it is asked in the plainest way,
//! and tells the test of every request.

use crate::sample::{detail, now};
use std::sync::{Arc, Mutex};
use tidegate_contract::{
    BUS_NAME, BlockLength, BlockView, ClosedBecause, Code, EndsWhen, Failure, GateView, Item, LedgerView, OBJECT_PATH,
    Page, RendererView, Reply, Request, Undoable, View, Which,
};
use tidegate_testkit::{DEADLINE, Session, within};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zbus::object_server::SignalEmitter;
use zbus::{Connection, DBusError};

const MINUTE: i64 = 60_000;

/// The daemon. It runs in a session from [`Daemon::run`] to [`Daemon::quit`].
pub(crate) struct Daemon {
    books: Arc<Mutex<Books>>,
    tell: UnboundedSender<Request>,
    told: tokio::sync::Mutex<UnboundedReceiver<Request>>,
    bus: tokio::sync::Mutex<Option<Connection>>,
}

impl Daemon {
    /// One that holds these, its gate open.
    pub(crate) fn holding(items: Vec<Item>) -> Self {
        let (tell, told) = unbounded_channel();
        let books = Arc::new(Mutex::new(Books { items, ..Books::default() }));
        Self { books, tell, told: tokio::sync::Mutex::new(told), bus: tokio::sync::Mutex::new(None) }
    }

    /// Owns the daemon's name in this session.
    pub(crate) async fn run(&self, session: &Session) {
        let bus = session.connect().await;
        let served = Served { books: Arc::clone(&self.books), tell: self.tell.clone() };
        bus.object_server().at(OBJECT_PATH, served).await.unwrap();
        bus.request_name(BUS_NAME).await.unwrap();
        *self.bus.lock().await = Some(bus);
    }

    /// Leaves the bus; its next life counts revisions anew.
    pub(crate) async fn quit(&self) {
        let bus = self.bus.lock().await.take().unwrap();
        bus.release_name(BUS_NAME).await.unwrap();
        self.books.lock().unwrap().revision = 0;
    }

    /// Changes what it knows, and sends the new view.
    pub(crate) async fn change(&self, change: impl FnOnce(&mut Books)) {
        let view = {
            let mut books = self.books.lock().unwrap();
            change(&mut books);
            books.next_view()
        };
        let bus = self.bus.lock().await;
        let emitter = SignalEmitter::new(bus.as_ref().unwrap(), OBJECT_PATH).unwrap();
        Served::view_changed(&emitter, &view).await.unwrap();
    }

    /// The next request that asks for something to be done; those that only look are passed over.
    pub(crate) async fn asked(&self) -> Request {
        let mut told = self.told.lock().await;
        within(DEADLINE, "a request from the window", async {
            loop {
                let request = told.recv().await.unwrap();
                if !only_looks(&request) {
                    break request;
                }
            }
        })
        .await
    }
}

/// What the daemon knows.
#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) items: Vec<Item>,
    pub(crate) block: Option<BlockView>,
    pub(crate) troubles: Vec<tidegate_contract::Trouble>,
    pub(crate) let_through: Vec<tidegate_contract::LetThrough>,
    /// The next request that does something fails so.
    pub(crate) fails: Option<Failure>,
    pub(crate) ready: bool,
    /// Some of what came in is nowhere to be found.
    pub(crate) lost: u32,
    gone: Vec<Item>,
    done: u32,
    revision: u64,
}

impl Books {
    fn next_view(&mut self) -> String {
        self.revision += 1;
        serde_json::to_string(&self.view()).unwrap()
    }

    fn view(&self) -> View {
        let closed = self.block.is_some();
        let check_in = next_quarter();
        View {
            revision: self.revision,
            now: now(),
            zone: "Europe/Berlin".into(),
            gate: GateView { closed, because: closed.then_some(ClosedBecause::Block), in_path: true },
            block: self.block.clone(),
            next_check_in: Some(check_in),
            check_ins_today: vec![check_in],
            ready: self.ready,
            held: self.held(),
            held_apps: self.held(),
            ledger: self.ledger(),
            let_through: self.let_through.clone(),
            undoable: self.gone.last().map(|item| Undoable {
                id: item.id,
                label: format!("done: {}", item.summary),
                until: None,
            }),
            renderer: RendererView { name: Some("dunst 1.9.0".into()), up: true },
            troubles: self.troubles.clone(),
        }
    }

    fn held(&self) -> u32 {
        u32::try_from(self.items.len()).unwrap()
    }

    fn ledger(&self) -> LedgerView {
        let came_in = self.held() + self.done + self.lost;
        let (held, done, balanced) = (self.held(), self.done, self.lost == 0);
        LedgerView { since: now() - 90 * MINUTE, came_in, held, done, balanced, ..LedgerView::default() }
    }

    fn carry_out(&mut self, request: Request) -> Result<Reply, Failure> {
        match request {
            Request::View => {
                return Ok(Reply::View { view: Box::new(self.view()) });
            }
            Request::Held { after, limit } => {
                return Ok(Reply::Page { page: self.page(after, limit) });
            }
            Request::Show { id } => return self.show(id),
            _ if self.fails.is_some() => return Err(self.fails.take().unwrap()),
            Request::Start { length, intention } => self.block = Some(block(length, intention)),
            Request::End => self.block = None,
            Request::Done { which } => self.take(&which),
            Request::Undo { .. } => self.give_back(),
            Request::Extend { .. }
            | Request::CheckIn { .. }
            | Request::Act { .. }
            | Request::OpenApp { .. }
            | Request::Reply { .. }
            | Request::Release { .. }
            | Request::Ledger
            | Request::Doctor
            | Request::Quit { .. } => {}
        }
        Ok(Reply::Ok { message: String::new() })
    }

    fn page(&self, after: Option<i64>, limit: u32) -> Page {
        let mut rest = self.items.iter().filter(|item| after.is_none_or(|after| item.seq > after)).cloned();
        let items: Vec<Item> = rest.by_ref().take(limit as usize).collect();
        let next = rest.next().and(items.last()).map(|item| item.seq);
        Page { items, next }
    }

    fn show(&self, id: u32) -> Result<Reply, Failure> {
        let found = self.items.iter().find(|item| item.id == id).cloned();
        let missing = || Failure { code: Code::NotFound, message: format!("nothing held has the id {id}") };
        found.ok_or_else(missing).map(|item| Reply::Detail { detail: Box::new(detail(item)) })
    }

    fn take(&mut self, which: &Which) {
        let taken = |item: &Item| match which {
            Which::All => true,
            Which::Ids { ids } => ids.contains(&item.id),
        };
        let (gone, items) = std::mem::take(&mut self.items).into_iter().partition(taken);
        (self.gone, self.items) = (gone, items);
        self.done += u32::try_from(self.gone.len()).unwrap();
    }

    fn give_back(&mut self) {
        self.done -= u32::try_from(self.gone.len()).unwrap();
        self.items.append(&mut self.gone);
        self.items.sort_by_key(|item| item.seq);
    }
}

fn only_looks(request: &Request) -> bool {
    matches!(request, Request::View | Request::Held { .. } | Request::Show { .. })
}

fn block(length: BlockLength, intention: Option<String>) -> BlockView {
    let started = now();
    let ends = match length {
        BlockLength::Minutes { minutes } => EndsWhen::At { at: started + i64::from(minutes) * MINUTE },
        BlockLength::UntilCheckIn => EndsWhen::CheckIn { at: next_quarter() },
        BlockLength::Open => EndsWhen::Open,
    };
    BlockView { intention, started, ends }
}

/// A check-in that is ahead at any time of day.
fn next_quarter() -> i64 {
    const QUARTER: i64 = 15 * MINUTE;
    (now() / QUARTER + 2) * QUARTER
}

/// The failure as it goes over the bus.
#[derive(Debug, DBusError)]
#[zbus(prefix = "org.tidegate.Tidegate1")]
enum Refused {
    #[zbus(error)]
    ZBus(zbus::Error),
    Error(String),
}

struct Served {
    books: Arc<Mutex<Books>>,
    tell: UnboundedSender<Request>,
}

#[zbus::interface(name = "org.tidegate.Tidegate1")]
impl Served {
    async fn request(
        &self,
        request: &str,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> Result<String, Refused> {
        let request: Request = serde_json::from_str(request).unwrap();
        let looks = only_looks(&request);
        let (answer, view) = {
            let mut books = self.books.lock().unwrap();
            let answer = books.carry_out(request.clone());
            (answer, (!looks).then(|| books.next_view()))
        };
        if let Some(view) = view {
            Self::view_changed(&emitter, &view).await?;
        }
        self.tell.send(request).unwrap();
        answer
            .map(|reply| serde_json::to_string(&reply).unwrap())
            .map_err(|failure| Refused::Error(serde_json::to_string(&failure).unwrap()))
    }

    #[zbus(signal)]
    async fn view_changed(emitter: &SignalEmitter<'_>, view: &str) -> zbus::Result<()>;
}
