//! Reading beside the engine, over a real database: who reads long keeps no event waiting.

use crate::stand::{Ears, WallClock, content};
use std::sync::mpsc as blocking;
use std::time::Duration;
use tidegate_domain::{App, Arrival, BlockLength, CallId, Command, Event, Proof, Raw, Sender, Seq, Settings, Zone};
use tidegate_engine::{Engine, Parts, Reading};
use tidegate_store::SqliteStore;
use tokio::sync::mpsc;

const DEADLINE: Duration = Duration::from_secs(30);

struct World {
    engine: Engine,
    answered: mpsc::UnboundedReceiver<u32>,
    folder: tempfile::TempDir,
}

impl World {
    async fn in_a_block() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::new(folder.path().join("tidegate.db"));
        let (outside, _changed, answered) = Ears::new();
        let parts = Parts {
            reader: Some(Box::new(store.reader())),
            store: Box::new(store),
            outside: Box::new(outside),
            clock: Box::new(WallClock),
            settings: Settings::default(),
            zone: Zone::utc(),
            gate: ":1.1".into(),
        };
        let (engine, _thread) = Engine::start(parts).unwrap();
        engine.send(Event::InPath(true));
        engine.command(Command::Start { length: BlockLength::Open, intention: None }).await.unwrap();
        Self { engine, answered, folder }
    }

    /// One arrives and is answered.
    async fn notify(&mut self, summary: &str) {
        let sender = Sender { bus: "bus".into(), name: ":1.9".into(), pid: 9, started: 9 };
        let app =
            App { id: "chat".into(), name: "Chat".into(), proof: Proof::Unit, desktop_entry: None, executable: None };
        let raw = Raw { body: vec![0].into(), big_endian: false };
        let (call, content) = (CallId(1), content(summary, ""));
        let arrival = Arrival { call, sender, app, replaces: 0, content, raw, whole: None, own: false };
        self.engine.send(Event::Arrived(Box::new(arrival)));
        tokio::time::timeout(DEADLINE, self.answered.recv()).await.unwrap().unwrap();
    }

    async fn held(&self) -> usize {
        self.engine.read(Reading::Rows, |_, archive, _| archive.held(Seq(0), 100).unwrap().len()).await.unwrap()
    }
}

#[tokio::test]
async fn who_reads_stands_behind_who_answers_apps() {
    let world = World::in_a_block().await;
    let niceness = || rustix::process::getpriority_process(None).unwrap();
    let writes = world.engine.ask(move |_, _| niceness()).await.unwrap();
    let reads = world.engine.read(Reading::Rows, move |_, _, _| niceness()).await.unwrap();
    assert_eq!(reads, (writes + 10).min(19));
}

#[tokio::test]
async fn who_reads_long_keeps_no_event_and_no_question_about_the_model_waiting() {
    let mut world = World::in_a_block().await;
    world.notify("before").await;
    let ((begun, begins), (go_on, ends)) = (blocking::channel(), blocking::channel::<()>());
    let engine = world.engine.clone();
    let long = tokio::spawn(async move {
        let question = move |_: &_, archive: &mut dyn tidegate_domain::ports::Archive, _| {
            begun.send(()).unwrap();
            ends.recv().unwrap();
            archive.held(Seq(0), 100).unwrap().len()
        };
        engine.read(Reading::Rows, question).await
    });
    tokio::task::spawn_blocking(move || begins.recv_timeout(DEADLINE).unwrap()).await.unwrap();
    world.notify("meanwhile").await;
    assert_eq!(world.engine.ask(|model, _| model.held().0).await, Ok(2));
    go_on.send(()).unwrap();
    assert_eq!(long.await.unwrap(), Ok(2), "it may know of what came later");
    assert_eq!(world.held().await, 2);
}

#[tokio::test]
async fn a_file_that_was_deleted_is_read_by_who_has_it_open() {
    let mut world = World::in_a_block().await;
    world.notify("kept").await;
    assert_eq!(world.held().await, 1);
    std::fs::remove_file(world.folder.path().join("tidegate.db")).unwrap();
    assert_eq!(world.held().await, 1);
    world.notify("passes, and has it written again").await;
    world.notify("kept as well").await;
    assert_eq!(world.held().await, 2);
}
