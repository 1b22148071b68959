//! The interface on a real private bus, before a real engine whose rows are in memory.

use crate::stand::{Stand, a_view, content, words};
use std::collections::BTreeSet;
use std::sync::Arc;
use tidegate_contract::{
    BUS_NAME, BlockLength, CheckInWhen, Code, Digest, Failure, OBJECT_PATH, Outcome, Request, Tidegate1Proxy, Verb,
    View, Which, verb,
};
use tidegate_daemon::control::{Quit, TakeOverNow};
use tidegate_domain::{Action, Content, Event};
use tidegate_testkit::{DEADLINE, Session, next_item, within};
use zbus::names::InterfaceName;
use zbus::zvariant::Value;

const REQUEST_BYTES: usize = 65_536;

/// A daemon's inside and a client of it, on one private bus.
struct Scene {
    stand: Stand,
    proxy: Tidegate1Proxy<'static>,
    _session: Session,
}

impl Scene {
    async fn new() -> Self {
        let session = Session::start().await;
        let stand = Stand::on(&session.connect().await).await;
        let proxy = Tidegate1Proxy::new(&session.connect().await).await.unwrap();
        Self { stand, proxy, _session: session }
    }

    async fn ask<V: Verb>(&self, verb: V) -> Result<V::Response, Failure> {
        let response = self.request(verb.into()).await?;
        Ok(serde_json::from_str(&response).unwrap())
    }

    async fn refusal(&self, request: impl Into<Request>) -> Failure {
        self.request(request.into()).await.unwrap_err()
    }

    async fn request(&self, request: Request) -> Result<String, Failure> {
        let json = serde_json::to_string(&request).unwrap();
        within(DEADLINE, "a response", self.proxy.request(&json)).await.map_err(failure_in)
    }

    async fn message<V: Verb<Response = Outcome>>(&self, verb: V) -> String {
        words(&self.ask(verb).await.unwrap().message)
    }

    async fn held(&self, after: Option<i64>, limit: u32) -> (Vec<u32>, Option<i64>) {
        let page = self.ask(verb::Held { after, limit }).await.unwrap();
        (page.items.iter().map(|item| item.id).collect(), page.next)
    }
}

fn failure_in(error: zbus::Error) -> Failure {
    let zbus::Error::MethodError(name, Some(text), _) = error else { panic!("{error:?}") };
    assert_eq!(name.as_str(), "org.tidegate.Tidegate1.Error");
    serde_json::from_str(&text).unwrap()
}

fn start() -> verb::Start {
    verb::Start { length: BlockLength::Open, intention: Some(" Invoices ".into()) }
}

#[tokio::test]
async fn a_block_is_started_looked_at_and_ended() {
    let scene = Scene::new().await;
    assert_eq!(scene.message(start()).await, "Block until you end it");
    let view = scene.ask(verb::View).await.unwrap();
    assert_eq!(view.block.unwrap().intention.as_deref(), Some("Invoices"));
    assert_eq!(scene.message(verb::End).await, "Block ended, nothing is held");
    let refused = scene.refusal(verb::End).await;
    assert_eq!((refused.code, words(&refused.message).as_str()), (Code::Conflict, "no block is running"));
}

#[tokio::test]
async fn what_is_held_comes_by_pages_and_each_in_full() {
    let mut scene = Scene::new().await;
    scene.message(start()).await;
    let mut ids = Vec::new();
    for text in ["one", "two", "three"] {
        ids.push(scene.stand.notify(content(text, "<b>body</b>")).await);
    }
    let (first, next) = scene.held(None, 2).await;
    assert_eq!(first, ids[..2]);
    assert_eq!(scene.held(next, 2).await, (ids[2..].to_vec(), None));
    let detail = scene.ask(verb::Show { id: ids[1] }).await.unwrap();
    assert_eq!((detail.item.summary.as_str(), detail.item.body.as_str()), ("two", "body"));
    let unknown = scene.refusal(verb::Show { id: 5 }).await;
    assert_eq!(unknown.code, Code::NotFound);
    let ledger = scene.ask(verb::Ledger).await.unwrap().ledger;
    assert_eq!((ledger.came_in, ledger.held, ledger.balanced), (3, 3, true));
}

#[tokio::test]
async fn it_is_acted_on_done_undone_and_refused_with_a_code() {
    let mut scene = Scene::new().await;
    scene.message(start()).await;
    let actions = vec![Action { key: "open".into(), label: "Open".into() }];
    let with_button = scene.stand.notify(Content { actions, ..content("one", "") }).await;
    let plain = scene.stand.notify(content("two", "")).await;
    let act = |id, action: &str| verb::Act { id, action: Some(action.into()), token: None };
    assert_eq!(scene.refusal(act(with_button, "nope")).await.code, Code::Invalid);
    assert_eq!(scene.message(act(with_button, "open")).await, "Pressed: open");
    let done = verb::Done { which: Which::Ids { ids: vec![plain] } };
    assert_eq!(scene.message(done).await, "1 done");
    assert_eq!(scene.message(verb::Undo { id: None }).await, "1 held again");
    let release = verb::Release { which: Which::All };
    assert_eq!(scene.refusal(release).await.code, Code::NoRenderer);
    let text = "x".into();
    assert_eq!(scene.refusal(verb::Reply { id: plain, text }).await.code, Code::Conflict);
}

#[tokio::test]
async fn what_is_done_by_name_says_between_which_lists_nothing_else_changed() {
    let mut scene = Scene::new().await;
    scene.message(start()).await;
    let (one, two) = (scene.stand.notify(content("one", "")).await, scene.stand.notify(content("two", "")).await);
    scene.stand.notify(content("three", "")).await;
    let before = scene.ask(verb::Digest).await.unwrap();
    let by_name = verb::Done { which: Which::Ids { ids: vec![one, two] } };
    let change = scene.ask(by_name).await.unwrap().held.unwrap();
    let after = scene.ask(verb::Digest).await.unwrap();
    assert_eq!((change.before, change.after), (before.held_revision, after.held_revision));
    let seqs = |digest: &Digest| digest.apps.iter().flat_map(|app| app.conversations.concat()).collect::<Vec<_>>();
    assert_eq!((seqs(&before).len(), seqs(&after)), (3, seqs(&before)[2..].to_vec()));
    assert_eq!(scene.ask(verb::Done { which: Which::All }).await.unwrap().held, None, "a few at a time");
}

#[tokio::test]
async fn an_app_without_a_desktop_entry_is_not_opened() {
    let mut scene = Scene::new().await;
    scene.message(start()).await;
    let id = scene.stand.notify(content("one", "")).await;
    let open = |id| verb::OpenApp { id, token: None };
    assert_eq!(scene.refusal(open(5)).await.code, Code::NotFound);
    let refused = scene.refusal(open(id)).await;
    assert_eq!(refused.code, Code::NoDesktopEntry);
    assert!(words(&refused.message).starts_with("Slack cannot be opened from here"), "{refused:?}");
}

#[tokio::test]
async fn what_is_beyond_a_limit_is_invalid_and_says_the_limit() {
    let scene = Scene::new().await;
    let minutes = |minutes| Request::Start { length: BlockLength::Minutes { minutes }, intention: None };
    let intention = |text: String| Request::Start { length: BlockLength::Open, intention: Some(text) };
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
        (Request::OpenApp { id: 1, token: Some("x".repeat(513)) }, "at most 512 bytes"),
        (Request::OpenApp { id: 1, token: Some("x\0".into()) }, "no text"),
    ] {
        let refused = scene.refusal(request.clone()).await;
        assert!(refused.code == Code::Invalid && words(&refused.message).contains(part), "{request:?}: {refused:?}");
    }
}

#[tokio::test]
async fn what_is_no_request_is_invalid() {
    let scene = Scene::new().await;
    let huge = format!("{{\"verb\":\"view\",\"x\":\"{}\"}}", "x".repeat(REQUEST_BYTES));
    for (text, part) in [("", "cannot be read"), ("{\"verb\":\"sing\"}", "sing"), (huge.as_str(), "65536 fit")] {
        let refused = failure_in(scene.proxy.request(text).await.unwrap_err());
        assert!(refused.code == Code::Invalid && words(&refused.message).contains(part), "{refused:?}");
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
    assert!(scene.stand.engine.ask(|model, _| model.is_closed()).await.unwrap());
    assert_eq!(failure_in(scene.proxy.release_all().await.unwrap_err()).code, Code::NoRenderer);
    let skip = verb::CheckIn { when: CheckInWhen::Skip };
    assert!(scene.message(skip).await.starts_with("The check-in at "));
}

#[tokio::test]
async fn who_watches_hears_of_changes_and_of_nothing_else() {
    let scene = Scene::new().await;
    let interface = InterfaceName::try_from("org.tidegate.Tidegate1").unwrap();
    let properties = zbus::fdo::PropertiesProxy::new(scene.proxy.inner().connection(), BUS_NAME, OBJECT_PATH);
    let properties = properties.await.unwrap();
    let mut told = properties.receive_properties_changed().await.unwrap();
    let mut views = scene.proxy.receive_view_changed().await.unwrap();
    let quiet = a_view(|_| ());
    let held = a_view(|view| {
        (view.revision, view.held, view.next_check_in) = (3, 12, Some(1_795_429_800_000));
        view.gate.closed = true;
    });
    scene.stand.control.publish(Arc::new(quiet.clone())).await.unwrap();
    scene.stand.control.publish(Arc::new(View { revision: 2, now: 5, ..quiet })).await.unwrap();
    scene.stand.control.publish(Arc::new(held.clone())).await.unwrap();
    let view = next_item(DEADLINE, "a view", &mut views).await;
    let view: View = serde_json::from_str(view.args().unwrap().view()).unwrap();
    assert_eq!(view, held);
    let given_meanwhile = View { revision: 5, ..held };
    scene.stand.control.publish(Arc::new(given_meanwhile.clone())).await.unwrap();
    let view = next_item(DEADLINE, "the view once more, for who was given another in between", &mut views).await;
    assert_eq!(serde_json::from_str::<View>(view.args().unwrap().view()).unwrap(), given_meanwhile);
    let change = next_item(DEADLINE, "properties", &mut told).await;
    let change = change.args().unwrap();
    let names: BTreeSet<_> = change.changed_properties().keys().copied().collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["Held", "NextCheckIn", "State"]);
    let state = properties.get(interface.clone(), "State").await.unwrap();
    assert_eq!(state, Value::from("closed").try_to_owned().unwrap());
    let next = properties.get(interface, "NextCheckIn").await.unwrap();
    assert_eq!(next, Value::from(1_795_429_800_i64).try_to_owned().unwrap());
}

#[tokio::test]
async fn a_block_without_a_gate_in_the_path_says_so_and_the_take_over_is_hurried() {
    let mut scene = Scene::new().await;
    let start = verb::Start { length: BlockLength::Open, intention: None };
    assert_eq!(scene.message(start.clone()).await, "Block until you end it");
    assert_eq!(scene.message(verb::TakeOverNow).await, "Tidegate is in the path already");
    scene.stand.engine.send(Event::InPath(false));
    let said = scene.message(start).await;
    assert!(
        said.starts_with("Block until you end it, but nothing is held: ") && said.contains("It waits until"),
        "{said}"
    );
    assert!(said.contains("`tidegate take-over now`"), "{said}");
    assert!(scene.stand.hurried.try_recv().is_err(), "nobody has asked while it was needed");
    let said = scene.message(verb::TakeOverNow).await;
    assert!(said.starts_with("Tidegate takes over now"), "{said}");
    assert_eq!(scene.stand.hurried.recv().await, Some(TakeOverNow));
}

#[tokio::test]
async fn quit_and_doctor_reach_the_wiring() {
    let mut scene = Scene::new().await;
    let findings = scene.ask(verb::Doctor).await.unwrap();
    assert_eq!(words(&findings[0].subject), "daemon");
    scene.message(start()).await;
    scene.stand.notify(content("one", "")).await;
    assert_eq!(scene.message(verb::Quit { release: false }).await, "Tidegate ends; 1 stay held on disk");
    assert_eq!(scene.stand.quits.recv().await, Some(Quit { release: false }));
}
