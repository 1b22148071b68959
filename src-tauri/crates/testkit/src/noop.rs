//! The cheapest notification server that zbus allows: it reads no argument and
//! keeps nothing. The floor under a benchmark.

use futures_util::StreamExt;
use zbus::message::Type;
use zbus::{Connection, Message, MessageStream};

use crate::NOTIFICATIONS;

/// Owns the notification name on `conn` and answers each call with the next
/// number, until the connection closes.
///
/// # Panics
/// If the name is taken.
pub async fn serve_nothing(conn: &Connection) {
    let mut messages = MessageStream::from(conn);
    conn.request_name(NOTIFICATIONS).await.unwrap();
    let mut last_id = 0_u32;
    while let Some(Ok(call)) = messages.next().await {
        if call.message_type() != Type::MethodCall {
            continue;
        }
        last_id = last_id.wrapping_add(1);
        let reply = Message::method_return(&call.header()).and_then(|reply| reply.build(&last_id));
        if conn.send(&reply.unwrap()).await.is_err() {
            return;
        }
    }
}
