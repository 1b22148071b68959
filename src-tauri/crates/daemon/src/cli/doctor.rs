//! `tidegate doctor`: what the daemon finds out about itself, and one real notification sent along the path as any app
//! would send it, held, pressed, and heard of again. The probe runs in the client's process, so that it is not one of
//! Tidegate's own notices. Must not leave anything behind.

use super::client::Client;
use super::id::Id;
use super::visible::line;
use crate::doctor::{NOTIFICATIONS, connect, examine_without, finding};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::time::Duration;
use tidegate_contract::{Detail, DoctorFinding, Failure, ItemState, Verdict, View, verb};
use zbus::zvariant::Value;
use zbus::{Connection, MessageStream};

const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";
/// How long the press may take to come back.
const PATIENCE: Duration = Duration::from_secs(5);
/// The probe's button.
const KEY: &str = "tidegate-probe";

/// The one finding where there is no bus.
pub(super) fn no_bus(failure: &Failure) -> DoctorFinding {
    let remedy = "run this inside your desktop session, where DBUS_SESSION_BUS_ADDRESS names the bus";
    finding(Verdict::Bad, "session bus", failure.message.clone(), Some(remedy))
}

/// Everything, worst first.
pub(super) async fn examine(client: &Client) -> Vec<DoctorFinding> {
    let mut findings = match both(client).await {
        Ok((view, mut findings)) => {
            if view.gate.in_path {
                findings.push(probe(client, &view).await);
            }
            findings
        }
        Err(failure) => examine_without(client.connection(), &failure).await,
    };
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
    findings
}

/// The view, and what the daemon finds out about itself.
async fn both(client: &Client) -> Result<(View, Vec<DoctorFinding>), Failure> {
    Ok((client.ask(verb::View).await?, client.ask(verb::Doctor).await?))
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
    let detail = match client.ask(verb::Show { id }).await {
        Ok(detail) => detail,
        Err(failure) => {
            return Err(format!("sent as {}, but the daemon does not know it: {}", Id(id), failure.message));
        }
    };
    if detail.item.state != ItemState::Held {
        return Ok(not_held(view, &detail));
    }
    let press = verb::Act { id, action: Some(KEY.to_owned()), token: None };
    client
        .ask(press)
        .await
        .map_err(|failure| format!("held, but its button cannot be pressed: {}", failure.message))?;
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
        let conn = connect().await.map_err(|error| format!("a second connection to the bus failed: {error}"))?;
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
        let actions: &[&str] = &[KEY, "Press"];
        let arguments = ("Tidegate doctor", 0_u32, "", summary, body, actions, hints, 5_000_i32);
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
        let call =
            self.conn.call_method(Some(NOTIFICATIONS), NOTIFICATIONS_PATH, Some(NOTIFICATIONS), method, arguments);
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
        let late =
            || format!("held, and its button pressed, but its sender did not hear of it for {} s", PATIENCE.as_secs());
        tokio::time::timeout(PATIENCE, hearing).await.map_err(|_| late())?
    }
}

fn is_press(message: &zbus::Message, id: u32) -> bool {
    let header = message.header();
    let is_action = header.member().is_some_and(|member| member.as_str() == "ActionInvoked");
    let body = message.body();
    is_action && body.deserialize::<(u32, &str)>().is_ok_and(|(pressed, key)| pressed == id && key == KEY)
}
