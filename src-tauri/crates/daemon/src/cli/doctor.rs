//! `tidegate doctor`: who stands where on this desktop, and one real notification sent along the path as any app would
//! send it, held, pressed, and heard of again. Runs in the client's process, so that the probe is nobody's own notice. Must
//! not change anything but what it cleans up.

use super::client::Client;
use super::id::Id;
use crate::present::line;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::time::Duration;
use tidegate_contract::{BUS_NAME, Code, Detail, DoctorFinding, Failure, ItemState, Reply, Request, Verdict, View};
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::zvariant::Value;
use zbus::{Connection, MessageStream, connection};

const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";
/// How long the press may take to come back.
const PATIENCE: Duration = Duration::from_secs(5);
/// The probe's button.
const KEY: &str = "tidegate-probe";
/// Troubles of the view that the findings tell in other words.
const TOLD_ELSEWHERE: [&str; 2] = ["name-lost", "no-renderer"];

/// The one finding where there is no bus.
pub(super) fn no_bus(failure: &Failure) -> DoctorFinding {
    let remedy = "run this inside your desktop session, where DBUS_SESSION_BUS_ADDRESS names the bus";
    finding(Verdict::Bad, "session bus", failure.message.clone(), Some(remedy))
}

/// Everything, worst first.
pub(super) async fn examine(client: &Client) -> Vec<DoctorFinding> {
    let daemon = owner(client.connection(), BUS_NAME).await;
    let server = owner(client.connection(), NOTIFICATIONS).await;
    let view = view(client).await;
    let mut findings = vec![daemon_finding(daemon.as_ref(), &view), owner_finding(daemon.as_ref(), server.as_ref())];
    if let Ok(view) = &view {
        findings.push(renderer_finding(view));
        findings.extend(troubles(view));
        findings.extend(own_findings(client).await);
        if is_same(daemon.as_ref(), server.as_ref()) {
            findings.push(probe(client, view).await);
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
    findings
}

/// A program on the bus.
struct Owner {
    pid: u32,
    program: String,
}

async fn owner(conn: &Connection, name: &str) -> Option<Owner> {
    let bus = DBusProxy::new(conn).await.ok()?;
    let pid = bus.get_connection_unix_process_id(BusName::try_from(name).ok()?).await.ok()?;
    let program = std::fs::read_link(format!("/proc/{pid}/exe"));
    let program = program.map_or("a program that cannot be read".to_owned(), |path| path.display().to_string());
    Some(Owner { pid, program: line(&program, 200) })
}

fn is_same(a: Option<&Owner>, b: Option<&Owner>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a.pid == b.pid)
}

async fn view(client: &Client) -> Result<View, Failure> {
    match client.ask(&Request::View).await? {
        Reply::View { view } => Ok(*view),
        _ => Err(Failure { code: Code::Internal, message: "the daemon answered with something else".to_owned() }),
    }
}

fn daemon_finding(daemon: Option<&Owner>, view: &Result<View, Failure>) -> DoctorFinding {
    match (daemon, view) {
        (Some(daemon), Ok(_)) => {
            finding(Verdict::Good, "daemon", format!("runs, pid {}, {}", daemon.pid, daemon.program), None)
        }
        (_, Err(failure)) => finding(Verdict::Bad, "daemon", failure.message.clone(), None),
        (None, Ok(_)) => finding(Verdict::Note, "daemon", "ended while it was examined".to_owned(), None),
    }
}

fn owner_finding(daemon: Option<&Owner>, server: Option<&Owner>) -> DoctorFinding {
    let subject = format!("owner of {NOTIFICATIONS}");
    match server {
        None => {
            let remedy = "start the daemon, or the desktop's own notification daemon";
            finding(Verdict::Bad, &subject, "nobody: apps that notify fail or wait".to_owned(), Some(remedy))
        }
        Some(server) if is_same(daemon, Some(server)) => {
            finding(Verdict::Good, &subject, "Tidegate: every notification passes the gate".to_owned(), None)
        }
        Some(server) => {
            let found = format!("{}, pid {}: notifications do not pass the gate", server.program, server.pid);
            let remedy = "`tidegate daemon --replace-now` takes over from it at once";
            finding(Verdict::Bad, &subject, found, Some(remedy))
        }
    }
}

fn renderer_finding(view: &View) -> DoctorFinding {
    let name = view.renderer.name.as_deref().map_or("one that does not say its name".to_owned(), |name| line(name, 100));
    if view.renderer.up {
        finding(Verdict::Good, "renderer", format!("{name}, behind the gate"), None)
    } else {
        let remedy = "start the desktop's own notification daemon, such as dunst or mako";
        finding(Verdict::Bad, "renderer", "none can be reached: what passes is shown nowhere".to_owned(), Some(remedy))
    }
}

fn troubles(view: &View) -> impl Iterator<Item = DoctorFinding> + '_ {
    let others = view.troubles.iter().filter(|trouble| !TOLD_ELSEWHERE.contains(&trouble.code.as_str()));
    others.map(|trouble| finding(Verdict::Bad, &trouble.code, trouble.text.clone(), Some(&trouble.remedy)))
}

/// What the daemon says about itself.
async fn own_findings(client: &Client) -> Vec<DoctorFinding> {
    match client.ask(&Request::Doctor).await {
        Ok(Reply::Doctor { findings }) => findings,
        Ok(_) => Vec::new(),
        Err(failure) => vec![finding(Verdict::Bad, "daemon's own examination", failure.message, None)],
    }
}

async fn probe(client: &Client, view: &View) -> DoctorFinding {
    let outcome = async {
        let app = App::connect().await?;
        let id = app.notify().await?;
        let verdict = follow(client, view, &app, id).await;
        app.close(id).await?;
        verdict
    };
    outcome.await.unwrap_or_else(|problem: String| finding(Verdict::Bad, "probe", problem, None))
}

/// What becomes of the probe.
async fn follow(client: &Client, view: &View, app: &App, id: u32) -> Result<DoctorFinding, String> {
    let detail = match client.ask(&Request::Show { id }).await {
        Ok(Reply::Detail { detail }) => detail,
        Ok(_) => return Err("the daemon answered with something else".to_owned()),
        Err(failure) => return Err(format!("sent as {}, but the daemon does not know it: {}", Id(id), failure.message)),
    };
    if detail.item.state != ItemState::Held {
        return Ok(not_held(view, &detail));
    }
    let press = Request::Act { id, action: Some(KEY.to_owned()) };
    client.ask(&press).await.map_err(|failure| format!("held, but its button cannot be pressed: {}", failure.message))?;
    app.hear_press(id).await?;
    let found = "a notification was sent, held, its button pressed, and its sender heard of it";
    Ok(finding(Verdict::Good, "probe", found.to_owned(), None))
}

fn not_held(view: &View, detail: &Detail) -> DoctorFinding {
    if view.gate.closed {
        let found = format!("the gate is closed, but a notification was not held: {}", line(&detail.why, 300));
        return finding(Verdict::Bad, "probe", found, None);
    }
    let found = "a notification was sent and passed, for the gate is open".to_owned();
    finding(Verdict::Good, "probe", found, Some("`tidegate start` and ask again, to see one held"))
}

/// An app as any other: a connection of its own, and no word that it is a test but a hint.
struct App {
    conn: Connection,
    messages: tokio::sync::Mutex<MessageStream>,
}

impl App {
    async fn connect() -> Result<Self, String> {
        let connecting = async { connection::Builder::session()?.build().await };
        let conn = connecting.await.map_err(|error| format!("a second connection to the bus failed: {error}"))?;
        let messages = tokio::sync::Mutex::new(MessageStream::from(&conn));
        Ok(Self { conn, messages })
    }

    async fn notify(&self) -> Result<u32, String> {
        let hints: HashMap<&str, Value<'_>> = HashMap::from([
            ("urgency", Value::from(0_u8)),
            ("suppress-sound", Value::from(true)),
            ("x-tidegate-probe", Value::from(true)),
        ]);
        let (summary, body) = ("A probe", "Sent by `tidegate doctor`, and taken back in a moment.");
        let arguments = ("Tidegate doctor", 0_u32, "", summary, body, [KEY, "Press"], hints, 5_000_i32);
        let sent = self.call("Notify", &arguments).await?;
        sent.body().deserialize().map_err(|error| format!("Notify was answered without an id: {error}"))
    }

    async fn close(&self, id: u32) -> Result<(), String> {
        self.call("CloseNotification", &(id,)).await.map(drop)
    }

    async fn call<B>(&self, method: &str, arguments: &B) -> Result<zbus::Message, String>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        let call = self.conn.call_method(Some(NOTIFICATIONS), NOTIFICATIONS_PATH, Some(NOTIFICATIONS), method, arguments);
        match tokio::time::timeout(PATIENCE, call).await {
            Ok(reply) => reply.map_err(|error| format!("{method} failed: {}", line(&error.to_string(), 200))),
            Err(_) => Err(format!("{method} was not answered for {} s", PATIENCE.as_secs())),
        }
    }

    async fn hear_press(&self, id: u32) -> Result<(), String> {
        let hearing = async {
            while let Some(message) = self.messages.lock().await.next().await {
                if message.is_ok_and(|message| is_press(&message, id)) {
                    return Ok(());
                }
            }
            Err("the bus closed the connection".to_owned())
        };
        let late = || format!("held, and its button pressed, but its sender did not hear of it for {} s", PATIENCE.as_secs());
        tokio::time::timeout(PATIENCE, hearing).await.map_err(|_| late())?
    }
}

fn is_press(message: &zbus::Message, id: u32) -> bool {
    let header = message.header();
    let is_action = header.member().is_some_and(|member| member.as_str() == "ActionInvoked");
    let body = message.body();
    is_action && body.deserialize::<(u32, &str)>().is_ok_and(|(pressed, key)| pressed == id && key == KEY)
}

fn finding(verdict: Verdict, subject: &str, found: String, remedy: Option<&str>) -> DoctorFinding {
    DoctorFinding { verdict, subject: subject.to_owned(), found, remedy: remedy.map(str::to_owned) }
}
