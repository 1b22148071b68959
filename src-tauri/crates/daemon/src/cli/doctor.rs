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
use tidegate_contract::{Detail, DoctorFinding, Failure, ItemState, Message, Verdict, View, verb};
use tidegate_words::say;
use zbus::zvariant::Value;
use zbus::{Connection, MessageStream};

const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";
/// How long the press may take to come back.
const PATIENCE: Duration = Duration::from_secs(PATIENCE_SECONDS as u64);
const PATIENCE_SECONDS: u32 = 5;
/// The probe's button.
const KEY: &str = "tidegate-probe";

/// The one finding where there is no bus.
pub(super) fn no_bus(failure: Failure) -> DoctorFinding {
    let remedy = Some(say::doctor_no_bus_remedy());
    finding(Verdict::Bad, say::doctor_on_bus(), failure.message, remedy)
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
        Err(failure) => examine_without(client.connection(), failure).await,
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
    outcome.await.unwrap_or_else(|problem| probed(Verdict::Bad, problem, None))
}

fn probed(verdict: Verdict, found: Message, remedy: Option<Message>) -> DoctorFinding {
    finding(verdict, say::doctor_on_probe(), found, remedy)
}

/// What becomes of the probe.
async fn follow(client: &Client, view: &View, app: &App, id: u32) -> Result<DoctorFinding, Message> {
    let detail = client.ask(verb::Show { id }).await;
    let detail = detail.map_err(|failure| say::doctor_probe_unknown(Id(id).to_string(), failure.message))?;
    if detail.item.state != ItemState::Held {
        return Ok(not_held(view, detail));
    }
    let press = verb::Act { id, action: Some(KEY.to_owned()), token: None };
    client.ask(press).await.map_err(|failure| say::doctor_probe_not_pressed(failure.message))?;
    app.hear_press(id).await?;
    Ok(probed(Verdict::Good, say::doctor_probe(), None))
}

fn not_held(view: &View, detail: Detail) -> DoctorFinding {
    match detail.why.into_iter().next() {
        Some(reason) if view.gate.closed => probed(Verdict::Bad, say::doctor_probe_not_held(reason), None),
        _ => probed(Verdict::Good, say::doctor_probe_passed(), Some(say::doctor_probe_passed_remedy())),
    }
}

/// An app as any other: a connection of its own, and no word that it is a test but a hint.
struct App {
    conn: Connection,
    messages: tokio::sync::Mutex<MessageStream>,
}

impl App {
    async fn connect() -> Result<Self, Message> {
        let conn = connect().await.map_err(|error| say::doctor_probe_no_connection(words_of(&error)))?;
        let messages = tokio::sync::Mutex::new(MessageStream::from(&conn));
        Ok(Self { conn, messages })
    }

    async fn notify(&self) -> Result<u32, Message> {
        let hints: HashMap<&str, Value<'_>> = HashMap::from([
            ("urgency", Value::from(0_u8)),
            ("suppress-sound", Value::from(true)),
            ("x-tidegate-probe", Value::from(true)),
        ]);
        let (summary, body) = ("A probe", "Sent by `tidegate doctor`, and taken back in a moment.");
        let actions: &[&str] = &[KEY, "Press"];
        let arguments = ("Tidegate doctor", 0_u32, "", summary, body, actions, hints, 5_000_i32);
        let sent = self.call("Notify", &arguments).await?;
        sent.body().deserialize().map_err(|error| say::doctor_probe_no_id(words_of(&error)))
    }

    async fn close(&self, id: u32) -> Result<(), Message> {
        self.call("CloseNotification", &(id,)).await.map(drop)
    }

    async fn call<B>(&self, method: &str, arguments: &B) -> Result<zbus::Message, Message>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        let call =
            self.conn.call_method(Some(NOTIFICATIONS), NOTIFICATIONS_PATH, Some(NOTIFICATIONS), method, arguments);
        match tokio::time::timeout(PATIENCE, call).await {
            Ok(reply) => reply.map_err(|error| say::doctor_probe_failed(method, words_of(&error))),
            Err(_) => Err(say::doctor_probe_silent(method, PATIENCE_SECONDS)),
        }
    }

    async fn hear_press(&self, id: u32) -> Result<(), Message> {
        let hearing = async {
            while let Some(message) = self.messages.lock().await.next().await {
                if message.is_ok_and(|message| is_press(&message, id)) {
                    return Ok(());
                }
            }
            Err(say::doctor_probe_cut_off())
        };
        let heard = tokio::time::timeout(PATIENCE, hearing).await;
        heard.map_err(|_| say::doctor_probe_not_heard(PATIENCE_SECONDS))?
    }
}

fn words_of(error: &zbus::Error) -> String {
    line(&error.to_string(), 200)
}

fn is_press(message: &zbus::Message, id: u32) -> bool {
    let header = message.header();
    let is_action = header.member().is_some_and(|member| member.as_str() == "ActionInvoked");
    let body = message.body();
    is_action && body.deserialize::<(u32, &str)>().is_ok_and(|(pressed, key)| pressed == id && key == KEY)
}
