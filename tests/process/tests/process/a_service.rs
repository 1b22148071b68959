//! The service (checks 1 to 8): who it is, what it can, how it owns the name, whose calls it passes on.

use crate::bus_tap::BusTap;
use quick_xml::events::{BytesStart, Event};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::time::Duration;
use tidegate_contract::verb;
use tidegate_testkit::{
    Client, DEADLINE, Kind, Monitor, NOTIFICATIONS, NOTIFICATIONS_PATH, Notification, RecordingRenderer, Renderer,
    Session, Signal, Xvfb, next_item, owner, wait_no_owner, wait_owner, within,
};
use tidegate_tests_process::{RENDERER_NAME, Stand, renderer_socket, start_daemon};
use zbus::fdo::{DBusProxy, RequestNameFlags, RequestNameReply};
use zbus::message::Type;
use zbus::names::WellKnownName;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, MatchRule, Message, MessageStream};

const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const INVALID_ARGS: &str = "org.freedesktop.DBus.Error.InvalidArgs";
const UNKNOWN_METHOD: &str = "org.freedesktop.DBus.Error.UnknownMethod";
/// `RequestName` flags (D-Bus specification).
const ALLOW_REPLACEMENT: u32 = 1;
const REPLACE_EXISTING: u32 = 2;
const DO_NOT_QUEUE: u32 = 4;

/// Calls any method at our name.
async fn call<B>(conn: &Connection, path: &str, interface: &str, method: &str, body: &B) -> zbus::Result<Message>
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
{
    let call = conn.call_method(Some(NOTIFICATIONS), path, Some(interface), method, body);
    within(DEADLINE, method, call).await
}

/// The signature of the answer to a call of the service.
async fn answered<B>(app: &Client, method: &str, body: &B) -> String
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
{
    let reply = app.call(method, body).await.unwrap_or_else(|error| panic!("{method}: {error}"));
    reply.body().signature().to_string_no_parens()
}

#[track_caller]
fn error_name<T: std::fmt::Debug>(result: zbus::Result<T>) -> String {
    match result {
        Err(zbus::Error::MethodError(name, ..)) => name.to_string(),
        other => panic!("no error reply: {other:?}"),
    }
}

/// The members of one interface in introspection: kind and name, types going in, types coming out.
fn members(xml: &str, interface: &str) -> BTreeMap<String, (String, String)> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut inside, mut member) = (false, String::new());
    let mut found: BTreeMap<String, (String, String)> = BTreeMap::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                "interface" => inside = attribute(&tag, "name").as_deref() == Some(interface),
                "arg" if inside => {
                    let types = found.get_mut(&member).unwrap();
                    let goes_in = attribute(&tag, "direction").is_some_and(|direction| direction == "in");
                    let types = if goes_in { &mut types.0 } else { &mut types.1 };
                    types.push_str(&attribute(&tag, "type").unwrap());
                }
                kind if inside => {
                    member = format!("{} {}", kind, attribute(&tag, "name").unwrap());
                    found.insert(member.clone(), (String::new(), attribute(&tag, "type").unwrap_or_default()));
                }
                _ => {}
            },
            Event::Eof => return found,
            _ => {}
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).unwrap()?;
    Some(attribute.value.into_owned())
}

#[tokio::test]
async fn check_01_introspection_lists_every_method_signal_and_property() {
    let stand = Stand::start().await;
    let reply =
        call(&stand.control, NOTIFICATIONS_PATH, "org.freedesktop.DBus.Introspectable", "Introspect", &()).await;
    let wanted = [
        ("method Notify", "susssasa{sv}i", "u"),
        ("method CloseNotification", "u", ""),
        ("method GetCapabilities", "", "as"),
        ("method GetServerInformation", "", "ssss"),
        ("method Inhibit", "ssa{sv}", "u"),
        ("method UnInhibit", "u", ""),
        ("signal NotificationClosed", "", "uu"),
        ("signal ActionInvoked", "", "us"),
        ("signal ActivationToken", "", "us"),
        ("signal NotificationReplied", "", "us"),
        ("property Inhibited", "", "b"),
    ];
    let wanted = wanted.map(|(member, types_in, out)| (member.to_owned(), (types_in.to_owned(), out.to_owned())));
    assert_eq!(members(reply.unwrap().body().deserialize().unwrap(), NOTIFICATIONS), BTreeMap::from(wanted));
}

#[tokio::test]
async fn check_01_every_method_answers_with_its_types() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    let no_hints = BTreeMap::<&str, Value<'_>>::new();
    let notify = ("app", 0_u32, "", "summary", "", Vec::<&str>::new(), &no_hints, -1);
    assert_eq!(answered(&app, "Notify", &notify).await, "u");
    assert_eq!(answered(&app, "CloseNotification", &1_u32).await, "");
    assert_eq!(answered(&app, "GetCapabilities", &()).await, "as");
    assert_eq!(answered(&app, "GetServerInformation", &()).await, "ssss");
    assert_eq!(answered(&app, "Inhibit", &("org.example.App", "a call", &no_hints)).await, "u");
    assert_eq!(answered(&app, "UnInhibit", &1_u32).await, "");
    let inhibited = call(app.conn(), NOTIFICATIONS_PATH, PROPERTIES, "Get", &(NOTIFICATIONS, "Inhibited")).await;
    let inhibited: OwnedValue = inhibited.unwrap().body().deserialize().unwrap();
    assert_eq!(*inhibited, Value::Bool(false));
}

#[tokio::test]
async fn check_01_the_interface_need_not_be_named() {
    let stand = Stand::start().await;
    let no_hints = BTreeMap::<&str, Value<'_>>::new();
    assert_eq!(answered_unnamed(&stand, "GetCapabilities", &()).await, "as");
    assert_eq!(answered_unnamed(&stand, "CloseNotification", &1_u32).await, "");
    assert_eq!(answered_unnamed(&stand, "Inhibit", &("org.example.App", "a call", no_hints)).await, "u");
    assert_eq!(answered_unnamed(&stand, "UnInhibit", &1_u32).await, "");
}

async fn answered_unnamed<B>(stand: &Stand, method: &str, body: &B) -> String
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
{
    let no_interface: Option<&str> = None;
    let call = stand.control.call_method(Some(NOTIFICATIONS), NOTIFICATIONS_PATH, no_interface, method, body);
    let reply = within(DEADLINE, method, call).await.unwrap_or_else(|error| panic!("{method}: {error}"));
    reply.body().signature().to_string_no_parens()
}

#[tokio::test]
async fn check_01_every_signal_has_its_types() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    let mut raw = MessageStream::from(app.conn());
    app.notify(&Notification::new("one").action("a", "A")).await;
    let shown = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    let (id, token, key) = (shown.id(), "token".to_owned(), "a".to_owned());
    for signal in [Signal::Token(id, token), Signal::Action(id, key), Signal::Closed(id, 2)] {
        stand.renderer.emit_to_caller(&shown, &signal).await;
    }
    stand.hold().await;
    let replied = app.notify(&Notification::new("two").action("inline-reply", "Reply")).await;
    stand.must(verb::Reply { id: replied, text: "yes".into() }).await;
    let mut types = BTreeSet::new();
    while types.len() < 4 {
        let message = next_item(DEADLINE, "signals of all kinds", &mut raw).await.unwrap();
        let header = message.header();
        if header.message_type() == Type::Signal && header.interface().is_some_and(|it| *it == NOTIFICATIONS) {
            assert_eq!(header.path().unwrap().as_str(), NOTIFICATIONS_PATH);
            types.insert(format!("{} {}", header.member().unwrap(), header.signature().to_string_no_parens()));
        }
    }
    let wanted = ["ActionInvoked us", "ActivationToken us", "NotificationClosed uu", "NotificationReplied us"];
    assert_eq!(types, BTreeSet::from(wanted.map(str::to_owned)));
}

#[tokio::test]
async fn check_02_server_information_names_us_and_spec_version_1_2() {
    let stand = Stand::start().await;
    let (name, vendor, version, spec) = stand.app().await.server_information().await;
    assert_eq!((name.as_str(), vendor.as_str(), spec.as_str()), ("Tidegate", "Tidegate", "1.2"));
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn check_03_capabilities_never_change_while_the_process_lives() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    let before = app.capabilities().await;
    stand.replace_renderer(&["body", "actions", "body-markup", "sound", "action-icons"]).await;
    stand.heed_renderer().await;
    assert_eq!(app.capabilities().await, before, "another renderer");
    stand.hold().await;
    assert_eq!(app.capabilities().await, before, "a block");
    stand.kill9().await;
    stand.start_again().await;
    let after: BTreeSet<_> = app.capabilities().await.into_iter().collect();
    let gained: Vec<_> = after.iter().filter(|capability| !before.contains(capability)).collect();
    assert_eq!(gained, ["action-icons", "sound"], "a new process may know more");
}

#[tokio::test]
async fn check_04_capabilities_hold_what_browsers_and_telegram_look_for() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    check_capabilities(&app.capabilities().await);
    stand.replace_renderer(&[]).await;
    stand.heed_renderer().await;
    stand.kill9().await;
    stand.start_again().await;
    check_capabilities(&app.capabilities().await);
}

#[track_caller]
fn check_capabilities(capabilities: &[String]) {
    let has = |capability: &str| capabilities.iter().any(|known| known == capability);
    for wanted in ["body", "actions", "body-markup", "persistence", "icon-static", "inline-reply", "inhibitions"] {
        assert!(has(wanted), "no {wanted} in {capabilities:?}");
    }
    assert!(!has("icon-multi"), "icon-multi beside icon-static");
    let once: BTreeSet<_> = capabilities.iter().collect();
    assert_eq!(once.len(), capabilities.len(), "one twice in {capabilities:?}");
}

/// The `Inhibited` property and its changes, as an app sees them.
struct Inhibited {
    conn: Connection,
    changes: MessageStream,
}

impl Inhibited {
    async fn watch(stand: &Stand) -> Self {
        let conn = stand.session.connect().await;
        let rule = format!("type='signal',interface='{PROPERTIES}',path='{NOTIFICATIONS_PATH}',arg0='{NOTIFICATIONS}'");
        let rule = MatchRule::try_from(rule.as_str()).unwrap();
        let changes = MessageStream::for_match_rule(rule, &conn, None).await.unwrap();
        Self { conn, changes }
    }

    async fn get(&self) -> bool {
        let reply = call(&self.conn, NOTIFICATIONS_PATH, PROPERTIES, "Get", &(NOTIFICATIONS, "Inhibited")).await;
        let value: OwnedValue = reply.unwrap().body().deserialize().unwrap();
        let reply = call(&self.conn, NOTIFICATIONS_PATH, PROPERTIES, "GetAll", &NOTIFICATIONS).await;
        let all: BTreeMap<String, OwnedValue> = reply.unwrap().body().deserialize().unwrap();
        assert_eq!(all, BTreeMap::from([("Inhibited".to_owned(), value.try_clone().unwrap())]));
        bool::try_from(value).unwrap()
    }

    /// The next change, which the property must agree with.
    async fn changed(&mut self, stand: &Stand) -> bool {
        let message = next_item(DEADLINE, "PropertiesChanged", &mut self.changes).await.unwrap();
        assert_eq!(message.header().sender().unwrap().as_str(), stand.gate().await);
        let body = message.body();
        let (_, changed, invalidated): (&str, BTreeMap<&str, OwnedValue>, Vec<&str>) = body.deserialize().unwrap();
        assert_eq!((changed.len(), invalidated.len()), (1, 0));
        let inhibited = bool::try_from(changed["Inhibited"].try_clone().unwrap()).unwrap();
        assert_eq!(self.get().await, inhibited);
        inhibited
    }
}

#[tokio::test]
async fn check_05_inhibited_is_true_while_holding_and_tells_its_changes() {
    let mut stand = Stand::start().await;
    let mut inhibited = Inhibited::watch(&stand).await;
    assert!(!inhibited.get().await);
    stand.start_block(50).await;
    assert!(inhibited.changed(&stand).await);
    stand.start_block(25).await;
    stand.end_block().await;
    assert!(!inhibited.changed(&stand).await, "told once, though the block was set anew");
    stand.start_block(25).await;
    assert!(inhibited.changed(&stand).await);
    stand.advance(Duration::from_secs(25 * 60)).await;
    assert!(!inhibited.changed(&stand).await);
}

#[tokio::test]
async fn check_05_inhibited_is_true_after_a_restart_within_a_block() {
    let mut stand = Stand::holding().await;
    stand.kill9().await;
    stand.start_again().await;
    let mut inhibited = Inhibited::watch(&stand).await;
    assert!(inhibited.get().await);
    stand.end_block().await;
    assert!(!inhibited.changed(&stand).await);
}

async fn inhibit(app: &Client) -> u32 {
    let no_hints = BTreeMap::<&str, Value<'_>>::new();
    app.call("Inhibit", &("org.example.Call", "a call", no_hints)).await.unwrap().body().deserialize().unwrap()
}

#[tokio::test]
async fn check_05_an_apps_inhibition_holds_until_it_is_taken_back() {
    let stand = Stand::start().await;
    let (mut inhibited, app) = (Inhibited::watch(&stand).await, stand.app().await);
    let cookie = inhibit(&app).await;
    assert!(inhibited.changed(&stand).await);
    app.notify(&Notification::new("held")).await;
    assert_eq!(stand.held().await.len(), 1);
    let stranger = stand.app().await;
    stranger.call("UnInhibit", &cookie).await.unwrap();
    assert!(inhibited.get().await, "only who asked may take it back");
    app.call("UnInhibit", &cookie).await.unwrap();
    assert!(!inhibited.changed(&stand).await);
}

#[tokio::test]
async fn check_05_an_inhibition_goes_when_its_owner_leaves_the_bus() {
    let stand = Stand::start().await;
    let mut inhibited = Inhibited::watch(&stand).await;
    let (one, other) = (stand.app().await, stand.app().await);
    assert_ne!(inhibit(&one).await, inhibit(&other).await);
    assert!(inhibited.changed(&stand).await);
    let left = one.unique_name();
    one.leave(&stand.session).await;
    stand.heed_departure_of(&[left]).await;
    assert!(inhibited.get().await, "the other one still asks for quiet");
    other.leave(&stand.session).await;
    assert!(!inhibited.changed(&stand).await);
}

#[tokio::test]
async fn what_was_held_while_apps_asked_for_quiet_is_told_of_when_they_are_gone_or_the_daemon_was_killed() {
    let mut stand = Stand::start().await;
    let (call, app) = (stand.app().await, stand.app().await);
    inhibit(&call).await;
    app.notify(&Notification::new("one").app_name("Chat")).await;
    call.leave(&stand.session).await;
    let told = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    assert_eq!(told.summary(), "1 held while org.example.Call asked for quiet");
    assert!(told.fields().body.ends_with(" 1"), "{}", told.fields().body);
    assert_eq!(told.fields().actions, ["default", "Review", "review", "Review"]);
    stand.heed_renderer().await;
    let call = stand.app().await;
    inhibit(&call).await;
    app.notify(&Notification::new("two").app_name("Chat")).await;
    stand.kill9().await;
    stand.start_again().await;
    let [_, told] = stand.renderer.wait_notified(2, DEADLINE).await.try_into().unwrap();
    assert_eq!(told.summary(), "2 held, 1 of them while org.example.Call asked for quiet");
    assert_eq!(stand.held().await.len(), 2);
}

/// The flags of every request for the name that a connection has made so far.
async fn name_requests(monitor: &mut Monitor, session: &Session, by: &str) -> Vec<u32> {
    let seen = monitor.so_far(&session.address(), DEADLINE).await;
    let requests = seen.iter().filter_map(|message| {
        let header = message.header();
        let wanted = header.sender().is_some_and(|sender| *sender == by)
            && header.member().is_some_and(|member| *member == "RequestName");
        let (name, flags): (String, u32) = wanted.then(|| message.body().deserialize().unwrap())?;
        (name == NOTIFICATIONS).then_some(flags)
    });
    requests.collect()
}

async fn watch_calls(session: &Session) -> Monitor {
    Monitor::start(&session.address(), &["type='method_call'"]).await
}

#[tokio::test]
async fn check_06_a_free_name_is_asked_for_without_queueing_and_a_relayed_daemon_is_replaced() {
    let session = Session::start().await;
    let mut monitor = watch_calls(&session).await;
    let mut stand = Stand::start_in(session).await;
    let gate = stand.gate().await;
    assert_eq!(name_requests(&mut monitor, &stand.session, &gate).await, [DO_NOT_QUEUE]);
    stand.kill9().await;
    stand.start_again().await;
    let gate = stand.gate().await;
    let flags = name_requests(&mut monitor, &stand.session, &gate).await;
    assert!(matches!(flags.as_slice(), [REPLACE_EXISTING]), "{flags:?}");
}

#[tokio::test]
async fn check_06_a_running_daemon_is_queued_behind_and_its_name_never_free() {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    let _dunst = Renderer::start(&session, Kind::Dunst).await;
    let mut monitor = watch_calls(&session).await;
    let conn = session.connect().await;
    let mut owners = DBusProxy::new(&conn).await.unwrap().receive_name_owner_changed().await.unwrap();
    let _daemon = start_daemon(&session);
    let changed = loop {
        let change = next_item(DEADLINE, "the gate to own the name", &mut owners).await;
        let change = change.args().unwrap();
        if change.name == NOTIFICATIONS {
            break change.new_owner().as_ref().map(ToString::to_string);
        }
    };
    let gate = changed.expect("for a moment nobody owned the name");
    assert_eq!(name_requests(&mut monitor, &session, &gate).await, [0]);
    wait_owner(&conn, RENDERER_NAME, DEADLINE).await;
    assert_eq!(owner(&conn, NOTIFICATIONS).await.unwrap().as_str(), gate);
}

#[tokio::test]
async fn check_06_nobody_can_take_the_name_from_us() {
    let session = Session::start().await;
    let mut monitor = watch_calls(&session).await;
    let stand = Stand::start_in(session).await;
    let gate = stand.gate().await;
    let name = WellKnownName::try_from(NOTIFICATIONS).unwrap();
    let rival = DBusProxy::new(&stand.session.connect().await).await.unwrap().to_owned();
    let grab = RequestNameFlags::ReplaceExisting | RequestNameFlags::DoNotQueue;
    assert_eq!(rival.request_name(name.as_ref(), grab).await.unwrap(), RequestNameReply::Exists);
    let wait = RequestNameFlags::ReplaceExisting | RequestNameFlags::AllowReplacement;
    assert_eq!(rival.request_name(name.as_ref(), wait).await.unwrap(), RequestNameReply::InQueue);
    assert_eq!(stand.gate().await, gate);
    let flags = name_requests(&mut monitor, &stand.session, &gate).await;
    assert!(!flags.is_empty() && flags.iter().all(|flags| flags & ALLOW_REPLACEMENT == 0), "{flags:?}");
    assert!(stand.view().await.gate.in_path);
}

#[tokio::test]
async fn check_06_once_the_name_is_lost_nothing_is_forwarded_and_the_user_is_told() {
    let session = Session::start().await;
    let tap = BusTap::listen(&session);
    let stand = Stand::start_by(session, |session| {
        let bus = session.get("DBUS_SESSION_BUS_ADDRESS").unwrap();
        session.set("DBUS_SESSION_BUS_ADDRESS", tap.address());
        let daemon = start_daemon(session);
        session.set("DBUS_SESSION_BUS_ADDRESS", bus);
        daemon
    })
    .await;
    let gate = stand.gate().await;
    let app = Client::connect_to(&stand.session.address(), &gate).await;
    app.notify(&Notification::new("while it is ours")).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    tap.say("NameLost", &gate);
    let view = stand.wait_view("the loss of the name", |view| !view.gate.in_path).await;
    assert_eq!(view.troubles[0].code, "name-lost");
    let id = app.notify(&Notification::new("when it is lost")).await;
    let held = stand.wait_view("what came to us all the same", |view| view.held == 1).await;
    assert!(held.ledger.balanced);
    assert_eq!(stand.held().await[0].id, id);
    stand.heed_renderer().await;
    assert_eq!(stand.renderer.notified().len(), 1);
    tap.say("NameAcquired", &gate);
    let view = stand.wait_view("the name again", |view| view.gate.in_path).await;
    assert_eq!(view.troubles, []);
    app.notify(&Notification::new("ours again")).await;
    assert_eq!(stand.renderer.wait_notified(2, DEADLINE).await[1].summary(), "ours again");
}

#[tokio::test]
async fn check_07_a_wrong_signature_gets_invalid_args() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    assert_eq!(error_name(app.call("Notify", &"one").await), INVALID_ARGS);
    assert_eq!(error_name(app.call("Notify", &()).await), INVALID_ARGS);
    let no_timeout = ("app", 0_u32, "", "summary", "", Vec::<&str>::new(), BTreeMap::<&str, Value<'_>>::new());
    assert_eq!(error_name(app.call("Notify", &no_timeout).await), INVALID_ARGS);
    assert_eq!(error_name(app.call("CloseNotification", &1_i32).await), INVALID_ARGS);
    assert_eq!(error_name(app.call("CloseNotification", &()).await), INVALID_ARGS);
    assert_eq!(error_name(app.call("Inhibit", &("app", "reason")).await), INVALID_ARGS);
    assert_eq!(error_name(app.call("UnInhibit", &"1").await), INVALID_ARGS);
    assert_eq!(error_name(app.call("GetCapabilities", &1_u32).await), INVALID_ARGS);
    assert_eq!(error_name(app.call("GetServerInformation", &"x").await), INVALID_ARGS);
    let get = call(app.conn(), NOTIFICATIONS_PATH, PROPERTIES, "Get", &(NOTIFICATIONS, 1_u32)).await;
    assert_eq!(error_name(get), INVALID_ARGS);
    app.notify(&Notification::new("the right one")).await;
    assert_eq!(stand.renderer.wait_notified(1, DEADLINE).await.len(), 1);
}

#[tokio::test]
async fn check_07_an_unknown_method_gets_unknown_method() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    assert_eq!(error_name(app.call("Snooze", &1_u32).await), UNKNOWN_METHOD);
    let elsewhere = call(app.conn(), "/org/example", "org.example.Thing", "Do", &()).await;
    assert_eq!(error_name(elsewhere), UNKNOWN_METHOD);
}

#[tokio::test]
async fn check_08_calls_on_foreign_interfaces_reach_the_renderer_and_its_answer_comes_back() {
    let stand = Stand::start().await;
    let reply = |call: &Message| {
        let asked: (String, u32) = call.body().deserialize().unwrap();
        Message::method_return(&call.header()).unwrap().build(&(asked.1, vec![asked.0])).unwrap()
    };
    stand.renderer.answer_with("ListNotifications", reply);
    let conn = &stand.control;
    let (dunst, mako) = ("org.dunstproject.cmd0", "fr.emersion.Mako");
    let first = call(conn, "/fr/emersion/Mako", mako, "ListNotifications", &("one", 1_u32));
    let second = call(conn, NOTIFICATIONS_PATH, dunst, "ListNotifications", &("two", 2_u32));
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert_eq!(first.body().deserialize::<(u32, Vec<String>)>().unwrap(), (1, vec!["one".to_owned()]));
    assert_eq!(second.body().deserialize::<(u32, Vec<String>)>().unwrap(), (2, vec!["two".to_owned()]));
    let calls = stand.renderer.wait_others(2, DEADLINE).await;
    let place = |call: &Message| {
        let header = call.header();
        (header.path().unwrap().to_string(), header.interface().unwrap().to_string())
    };
    assert_eq!(place(&calls[0]), ("/fr/emersion/Mako".to_owned(), mako.to_owned()));
    assert_eq!(place(&calls[1]), (NOTIFICATIONS_PATH.to_owned(), dunst.to_owned()));
}

#[tokio::test]
async fn check_08_each_caller_gets_its_own_answer() {
    let stand = Stand::start().await;
    stand.renderer.answer_with("Echo", |call| {
        let asked: u32 = call.body().deserialize().unwrap();
        Message::method_return(&call.header()).unwrap().build(&asked).unwrap()
    });
    let (one, other) = (stand.session.connect().await, stand.session.connect().await);
    let echo = async |conn: &Connection, number: u32| -> u32 {
        let reply = call(conn, "/", "org.example.Echo", "Echo", &number).await;
        reply.unwrap().body().deserialize().unwrap()
    };
    assert_eq!(tokio::join!(echo(&one, 1), echo(&other, 2), echo(&one, 3)), (1, 2, 3));
}

#[tokio::test]
async fn check_08_the_renderers_errors_and_properties_come_through() {
    let stand = Stand::start().await;
    let conn = &stand.control;
    stand.renderer.answer_with("Pause", |call| {
        Message::error(&call.header(), "org.example.Error.Busy").unwrap().build(&"not now").unwrap()
    });
    let refused = call(conn, "/", "org.example.Tool", "Pause", &()).await;
    let Err(zbus::Error::MethodError(name, text, _)) = refused else { panic!("{refused:?}") };
    assert_eq!((name.as_str(), text.as_deref()), ("org.example.Error.Busy", Some("not now")));
    stand
        .renderer
        .answer_with("Get", |call| Message::method_return(&call.header()).unwrap().build(&Value::from(7_u32)).unwrap());
    let asked = ("org.dunstproject.cmd0", "displayedLength");
    let reply = call(conn, NOTIFICATIONS_PATH, PROPERTIES, "Get", &asked).await.unwrap();
    assert_eq!(*reply.body().deserialize::<OwnedValue>().unwrap(), Value::from(7_u32));
    let ours = call(conn, NOTIFICATIONS_PATH, PROPERTIES, "Get", &(NOTIFICATIONS, "Inhibited")).await.unwrap();
    assert_eq!(*ours.body().deserialize::<OwnedValue>().unwrap(), Value::Bool(false), "ours is not the renderer's");
    let asked = stand.renderer.wait_others(2, DEADLINE).await;
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn check_08_a_call_that_wants_no_answer_gets_none() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    let quiet = Message::method_call("/", "Redraw").unwrap().destination(NOTIFICATIONS).unwrap();
    let quiet = quiet.interface("org.example.Tool").unwrap();
    let quiet = quiet.with_flags(zbus::message::Flags::NoReplyExpected).unwrap().build(&()).unwrap();
    let mut answers = MessageStream::from(app.conn());
    let serial = app.send_message(&quiet).await;
    stand.renderer.wait_others(1, DEADLINE).await;
    stand.heed_renderer().await;
    app.server_information().await;
    loop {
        let message = next_item(DEADLINE, "the answer to the later call", &mut answers).await.unwrap();
        match message.header().reply_serial() {
            Some(answered) if answered == serial => panic!("it was answered: {message:?}"),
            Some(_) => break,
            None => {}
        }
    }
}

/// Two calls to the renderer's own interfaces and a question to us; returns once the gate has answered the latter, so the
/// others have come to it before.
async fn ask_the_renderer_too_early(app: &Client) -> [NonZeroU32; 2] {
    let echo = |number: u32| {
        let echo = Message::method_call("/", "Echo").unwrap().destination(NOTIFICATIONS).unwrap();
        echo.interface("org.example.Echo").unwrap().build(&number).unwrap()
    };
    let asked = [app.send_message(&echo(1)).await, app.send_message(&echo(2)).await];
    app.server_information().await;
    asked
}

/// The renderer has got both, in order, and each answer came back to its call.
async fn assert_answered(renderer: &RecordingRenderer, app: &Client, asked: [NonZeroU32; 2]) {
    let calls = renderer.wait_others(2, DEADLINE).await;
    let numbers: Vec<u32> = calls.iter().map(|call| call.body().deserialize().unwrap()).collect();
    assert_eq!(numbers, [1, 2]);
    for (number, serial) in (1_u32..).zip(asked) {
        let answer = app.reply(serial, DEADLINE).await.unwrap();
        assert_eq!(answer.body().deserialize::<u32>().unwrap(), number);
    }
}

fn echoes(renderer: &RecordingRenderer) {
    renderer.answer_with("Echo", |call| {
        let asked: u32 = call.body().deserialize().unwrap();
        Message::method_return(&call.header()).unwrap().build(&asked).unwrap()
    });
}

#[tokio::test]
async fn check_08_calls_that_come_before_the_renderer_is_up_wait_for_it() {
    let session = Session::start().await;
    let control = session.connect().await;
    let _daemon = start_daemon(&session);
    wait_owner(&control, NOTIFICATIONS, DEADLINE).await;
    let app = Client::connect(&session).await;
    let asked = ask_the_renderer_too_early(&app).await;
    let behind = session.connect_at(&format!("unix:path={}", renderer_socket(&session).display())).await;
    let renderer = RecordingRenderer::serve(&behind);
    echoes(&renderer);
    behind.request_name_with_flags(NOTIFICATIONS, RequestNameFlags::DoNotQueue.into()).await.unwrap();
    assert_answered(&renderer, &app, asked).await;
}

#[tokio::test]
async fn check_08_calls_that_come_while_the_renderer_starts_again_wait_for_it() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    let earlier = stand.renderer.conn().unique_name().unwrap().to_string();
    stand.renderer.conn().clone().close().await.unwrap();
    wait_no_owner(&stand.control, &earlier, DEADLINE).await;
    // The relay may or may not have told of it by now.
    let asked = ask_the_renderer_too_early(&app).await;
    let behind = stand.session.connect_at(&format!("unix:path={}", renderer_socket(&stand.session).display())).await;
    let renderer = RecordingRenderer::serve(&behind);
    echoes(&renderer);
    behind.request_name_with_flags(NOTIFICATIONS, RequestNameFlags::DoNotQueue.into()).await.unwrap();
    assert_answered(&renderer, &app, asked).await;
}

#[tokio::test]
async fn check_08_a_call_is_refused_when_no_renderer_comes() {
    let session = Session::start().await;
    let control = session.connect().await;
    let _daemon = start_daemon(&session);
    wait_owner(&control, NOTIFICATIONS, DEADLINE).await;
    let refused = call(&control, "/fr/emersion/Mako", "fr.emersion.Mako", "ListNotifications", &()).await;
    let Err(zbus::Error::MethodError(name, text, _)) = refused else { panic!("{refused:?}") };
    assert_eq!((name.as_str(), text.as_deref()), (UNKNOWN_METHOD, Some("the notification daemon is not running")));
}

#[tokio::test]
async fn what_comes_through_an_open_gate_is_shown_and_what_comes_in_a_block_is_held() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    app.notify(&Notification::new("through the open gate")).await;
    let shown = stand.renderer.wait_notified(1, DEADLINE).await;
    assert_eq!(shown[0].summary(), "through the open gate");
    stand.start_block(50).await;
    let id = app.notify(&Notification::new("kept for the check-in")).await;
    let held = stand.held().await;
    assert_eq!((held.len(), held[0].id, held[0].summary.as_str()), (1, id, "kept for the check-in"));
    stand.advance(Duration::from_secs(3_600)).await;
    assert!(!stand.view().await.gate.closed);
    assert_eq!(stand.renderer.notified().len(), 1);
}
