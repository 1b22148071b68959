//! The interface on a real private bus, before a real engine whose rows are in memory.

use super::interface::REQUEST_BYTES;
use super::*;
use crate::present;
use crate::present::fixtures::{app, block_view, content, quiet_view, sender};
use chrono::{DateTime, Duration, Utc};
use std::time::SystemTime;
use tidegate_contract::{
    BUS_NAME, BlockLength as Length, CheckInWhen, DoctorFinding, Reply, Request, Tidegate1Proxy, Verdict, Which,
};
use tidegate_domain::ports::{Clock, Outside};
use tidegate_domain::{
    Action, Arrival, CallId, Content, Effect, Event, MemoryStore, NoticeReply, Now, Raw, Settings,
};
use tidegate_engine::{Engine, Parts};
use tidegate_testkit::{DEADLINE, Session, next_item, within};
use tokio::sync::mpsc;

/// A daemon's inside and a client of it, on one private bus.
struct Scene {
    engine: Engine,
    control: Control,
    proxy: Tidegate1Proxy<'static>,
    quits: mpsc::UnboundedReceiver<Quit>,
    answered: mpsc::UnboundedReceiver<u32>,
    _session: Session,
}

struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Now {
        Now { utc: DateTime::<Utc>::from(SystemTime::now()), boot: Duration::hours(1) }
    }
}

/// Hears which ids the apps were given.
struct Ids(mpsc::UnboundedSender<u32>);

impl Outside for Ids {
    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Answer(_, NoticeReply::Id(id)) = effect {
                self.0.send(id.0).unwrap();
            }
        }
    }

    fn wake_at(&mut self, _: Option<DateTime<Utc>>) {}
}

impl Scene {
    async fn new() -> Self {
        let session = Session::start().await;
        let (ids, answered) = mpsc::unbounded_channel();
        let parts = Parts {
            store: Box::new(MemoryStore::new()),
            outside: Box::new(Ids(ids)),
            clock: Box::new(WallClock),
            settings: Settings::default(),
            zone: chrono_tz::Europe::Berlin,
            gate: ":1.1".into(),
        };
        let (engine, _thread) = Engine::start(parts).unwrap();
        let (quit, quits) = mpsc::unbounded_channel();
        let finding = DoctorFinding { verdict: Verdict::Good, subject: "store".into(), found: "well".into(), remedy: None };
        let outlets = Outlets {
            engine: engine.clone(),
            view: Arc::new(|model, now| present::view(model, now, 1, Some("dunst 1.9.0"), &[])),
            doctor: Arc::new(move || Box::pin(std::future::ready(vec![finding.clone()]))),
            quit,
        };
        let conn = session.connect().await;
        let control = Control::serve(&conn, outlets, quiet_view()).await.unwrap();
        conn.request_name(BUS_NAME).await.unwrap();
        let proxy = Tidegate1Proxy::new(&session.connect().await).await.unwrap();
        Self { engine, control, proxy, quits, answered, _session: session }
    }

    async fn ask(&self, request: &Request) -> Result<Reply, Failure> {
        let json = serde_json::to_string(request).unwrap();
        match within(DEADLINE, "a reply", self.proxy.request(&json)).await {
            Ok(reply) => Ok(serde_json::from_str(&reply).unwrap()),
            Err(error) => Err(failure_in(error)),
        }
    }

    async fn message(&self, request: &Request) -> String {
        match self.ask(request).await {
            Ok(Reply::Ok { message }) => message,
            other => panic!("{other:?}"),
        }
    }

    /// One arrives; its id.
    async fn notify(&mut self, content: Content) -> u32 {
        let raw = Raw { body: Arc::new([]), big_endian: false };
        let (call, app) = (CallId(1), app("Slack", "/usr/bin/slack"));
        let arrival = Arrival { call, sender: sender("Slack"), app, replaces: 0, content, raw, own: false };
        self.engine.send(Event::Arrived(Box::new(arrival)));
        within(DEADLINE, "an id", self.answered.recv()).await.unwrap()
    }

    async fn held(&self, after: Option<i64>, limit: u32) -> (Vec<u32>, Option<i64>) {
        match self.ask(&Request::Held { after, limit }).await {
            Ok(Reply::Page { page }) => (page.items.iter().map(|item| item.id).collect(), page.next),
            other => panic!("{other:?}"),
        }
    }
}

fn failure_in(error: zbus::Error) -> Failure {
    let zbus::Error::MethodError(name, Some(text), _) = error else { panic!("{error:?}") };
    assert_eq!(name.as_str(), "org.tidegate.Tidegate1.Error");
    serde_json::from_str(&text).unwrap()
}

fn start() -> Request {
    Request::Start { length: Length::Open, intention: Some(" Invoices ".into()) }
}

#[tokio::test]
async fn a_block_is_started_looked_at_and_ended() {
    let scene = Scene::new().await;
    assert_eq!(scene.message(&start()).await, "Block until you end it");
    let Ok(Reply::View { view }) = scene.ask(&Request::View).await else { panic!("no view") };
    assert_eq!(view.block.unwrap().intention.as_deref(), Some("Invoices"));
    assert_eq!(scene.message(&Request::End).await, "Block ended, nothing is held");
    let refused = scene.ask(&Request::End).await.unwrap_err();
    assert_eq!((refused.code, refused.message.as_str()), (Code::Conflict, "no block is running"));
}

#[tokio::test]
async fn what_is_held_comes_by_pages_and_each_in_full() {
    let mut scene = Scene::new().await;
    scene.message(&start()).await;
    let mut ids = Vec::new();
    for text in ["one", "two", "three"] {
        ids.push(scene.notify(content(text, "<b>body</b>")).await);
    }
    let (first, next) = scene.held(None, 2).await;
    assert_eq!(first, ids[..2]);
    assert_eq!(scene.held(next, 2).await, (ids[2..].to_vec(), None));
    let Ok(Reply::Detail { detail }) = scene.ask(&Request::Show { id: ids[1] }).await else { panic!("no detail") };
    assert_eq!((detail.item.summary.as_str(), detail.item.body.as_str()), ("two", "body"));
    let unknown = scene.ask(&Request::Show { id: 5 }).await.unwrap_err();
    assert_eq!(unknown.code, Code::NotFound);
    let Ok(Reply::Ledger { ledger }) = scene.ask(&Request::Ledger).await else { panic!("no ledger") };
    assert_eq!((ledger.came_in, ledger.held, ledger.balanced), (3, 3, true));
}

#[tokio::test]
async fn it_is_acted_on_done_undone_and_refused_with_a_code() {
    let mut scene = Scene::new().await;
    scene.message(&start()).await;
    let actions = vec![Action { key: "open".into(), label: "Open".into() }];
    let with_button = scene.notify(Content { actions, ..content("one", "") }).await;
    let plain = scene.notify(content("two", "")).await;
    let act = |id, action: &str| Request::Act { id, action: Some(action.into()) };
    assert_eq!(scene.ask(&act(with_button, "nope")).await.unwrap_err().code, Code::Invalid);
    assert_eq!(scene.message(&act(with_button, "open")).await, "Pressed: open");
    let done = Request::Done { which: Which::Ids { ids: vec![plain] } };
    assert_eq!(scene.message(&done).await, "1 done");
    assert_eq!(scene.message(&Request::Undo { id: None }).await, "1 held again");
    let release = Request::Release { which: Which::All };
    assert_eq!(scene.ask(&release).await.unwrap_err().code, Code::NoRenderer);
    let text = "x".into();
    assert_eq!(scene.ask(&Request::Reply { id: plain, text }).await.unwrap_err().code, Code::Conflict);
}

#[tokio::test]
async fn what_is_beyond_a_limit_is_invalid_and_says_the_limit() {
    let scene = Scene::new().await;
    let minutes = |minutes| Request::Start { length: Length::Minutes { minutes }, intention: None };
    let intention = |text: String| Request::Start { length: Length::Open, intention: Some(text) };
    let ids = |count| Which::Ids { ids: (1..=count).collect() };
    for (request, part) in [
        (minutes(0), "1 to 1440 minutes, not 0"),
        (minutes(1_441), "1 to 1440 minutes"),
        (intention("x".repeat(201)), "201 characters; 200 fit"),
        (intention("two\nlines".into()), "one line"),
        (intention("\u{202e}x".into()), "plain text"),
        (Request::Extend { minutes: 481 }, "1 to 480 minutes"),
        (Request::Held { after: None, limit: 0 }, "1 to 500 rows"),
        (Request::Held { after: None, limit: 501 }, "1 to 500 rows"),
        (Request::Done { which: ids(101) }, "101 ids are given; 100 fit"),
        (Request::Release { which: ids(0) }, "no id"),
        (Request::Reply { id: 1, text: "x".repeat(4_097) }, "4097 bytes; 4096 fit"),
        (Request::Reply { id: 1, text: " \n".into() }, "empty"),
    ] {
        let refused = scene.ask(&request).await.unwrap_err();
        assert!(refused.code == Code::Invalid && refused.message.contains(part), "{request:?}: {refused:?}");
    }
}

#[tokio::test]
async fn what_is_no_request_is_invalid() {
    let scene = Scene::new().await;
    let huge = format!("{{\"verb\":\"view\",\"x\":\"{}\"}}", "x".repeat(REQUEST_BYTES));
    for (text, part) in [("", "not one"), ("{\"verb\":\"sing\"}", "sing"), (huge.as_str(), "65536 fit")] {
        let refused = failure_in(scene.proxy.request(text).await.unwrap_err());
        assert!(refused.code == Code::Invalid && refused.message.contains(part), "{refused:?}");
    }
}

#[tokio::test]
async fn the_typed_verbs_do_what_they_say() {
    let scene = Scene::new().await;
    scene.proxy.start(0, "Invoices").await.unwrap();
    scene.proxy.check_in().await.unwrap();
    scene.proxy.end().await.unwrap();
    assert_eq!(failure_in(scene.proxy.end().await.unwrap_err()).code, Code::Conflict);
    assert_eq!(failure_in(scene.proxy.start(1_441, "").await.unwrap_err()).code, Code::Invalid);
    scene.proxy.toggle().await.unwrap();
    assert!(scene.engine.ask(|model, _, _| model.is_closed()).await.unwrap());
    assert_eq!(failure_in(scene.proxy.release_all().await.unwrap_err()).code, Code::NoRenderer);
    let skip = Request::CheckIn { when: CheckInWhen::Skip };
    assert!(scene.message(&skip).await.starts_with("The check-in at "));
}

#[tokio::test]
async fn who_watches_hears_of_changes_and_of_nothing_else() {
    let scene = Scene::new().await;
    let properties = zbus::fdo::PropertiesProxy::new(scene.proxy.inner().connection(), BUS_NAME, OBJECT_PATH).await.unwrap();
    let mut told = properties.receive_properties_changed().await.unwrap();
    let mut views = scene.proxy.receive_view_changed().await.unwrap();
    scene.control.publish(Arc::new(View { revision: 2, now: 5, ..quiet_view() })).await.unwrap();
    scene.control.publish(Arc::new(View { revision: 3, ..block_view() })).await.unwrap();
    let view = next_item(DEADLINE, "a view", &mut views).await;
    let view: View = serde_json::from_str(view.args().unwrap().view()).unwrap();
    assert_eq!(view, View { revision: 3, ..block_view() });
    let change = next_item(DEADLINE, "properties", &mut told).await;
    let change = change.args().unwrap();
    let names: std::collections::BTreeSet<_> = change.changed_properties().keys().copied().collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["BlockEnds", "Held", "Intention", "State"]);
    assert_eq!(u32::try_from(&change.changed_properties()["Held"]).unwrap(), 12);
    assert_eq!(properties.get(INTERFACE, "State").await.unwrap(), Value::from("closed").try_to_owned().unwrap());
    assert_eq!(properties.get(INTERFACE, "NextCheckIn").await.unwrap(), Value::from(1_795_429_800_i64).try_to_owned().unwrap());
}

#[tokio::test]
async fn quit_and_doctor_reach_the_wiring() {
    let mut scene = Scene::new().await;
    let Ok(Reply::Doctor { findings }) = scene.ask(&Request::Doctor).await else { panic!("no findings") };
    assert_eq!(findings[0].subject, "store");
    scene.message(&start()).await;
    scene.notify(content("one", "")).await;
    assert_eq!(scene.message(&Request::Quit { release: false }).await, "Tidegate ends; 1 stay held on disk");
    assert_eq!(scene.quits.recv().await, Some(Quit { release: false }));
}
