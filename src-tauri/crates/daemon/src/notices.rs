//! Tidegate's own notices, sent as any app sends them, through the gate that lets its own pass. Presses come back through
//! the gate. Must not decide when there is one.

use crate::present::DigestText;
use std::collections::HashMap;
use tidegate_domain::NoticeId;
use tidegate_gate::{NOTIFICATIONS, NOTIFICATIONS_PATH};
use zbus::zvariant::Value;

/// What names the app: its desktop entry and its icon.
const APP_ID: &str = "org.tidegate.Tidegate";
/// Keys and labels.
const ACTIONS: [&str; 6] = ["default", "Review", "review", "Review", "release-all", "Release all"];
/// `urgency`: normal.
const NORMAL: u8 = 1;
/// `expire_timeout`: never.
const NEVER: i32 = 0;

/// Shows the digest on the session bus of the environment, in place of an earlier one if that is still open; gives its id.
/// It stays until it is acted on. The gate knows it by its connection, which is made after its own.
///
/// # Errors
/// When no notification server answers.
pub async fn show_digest(text: &DigestText, earlier: Option<NoticeId>) -> zbus::Result<u32> {
    let conn = tidegate_bus::session().await?;
    let hints = HashMap::from([("desktop-entry", Value::from(APP_ID)), ("urgency", Value::from(NORMAL))]);
    let replaces = earlier.map_or(0, |earlier| earlier.0);
    let notice = ("Tidegate", replaces, APP_ID, &*text.summary, &*text.body, &ACTIONS[..], hints, NEVER);
    let answer =
        conn.call_method(Some(NOTIFICATIONS), NOTIFICATIONS_PATH, Some(NOTIFICATIONS), "Notify", &notice).await?;
    answer.body().deserialize()
}
