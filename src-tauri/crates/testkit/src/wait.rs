//! Waiting for something to happen, each time with a deadline and never by
//! sleeping and looking again. Knows the bus, and nothing of notifications.

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::{BusName, OwnedUniqueName};

/// How long a test waits for what should take milliseconds: long enough for a
/// loaded machine, short enough to see a hang.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// The result of `future`.
///
/// # Panics
/// If it takes longer than `deadline`, naming `what` was awaited.
pub async fn within<F: Future>(deadline: Duration, what: &str, future: F) -> F::Output {
    match tokio::time::timeout(deadline, future).await {
        Ok(output) => output,
        Err(_) => panic!("{what}: nothing after {deadline:?}"),
    }
}

/// The next item of `stream`.
///
/// # Panics
/// At the deadline, or if the stream ends.
pub async fn next_item<S>(deadline: Duration, what: &str, stream: &mut S) -> S::Item
where
    S: Stream + Unpin,
{
    match within(deadline, what, stream.next()).await {
        Some(item) => item,
        None => panic!("{what}: the stream ended first"),
    }
}

/// The first item of `stream` for which `wanted` holds; earlier ones are dropped.
///
/// # Panics
/// At the deadline, or if the stream ends.
pub async fn until<S>(
    deadline: Duration,
    what: &str,
    stream: &mut S,
    mut wanted: impl FnMut(&S::Item) -> bool,
) -> S::Item
where
    S: Stream + Unpin,
{
    within(deadline, what, async {
        loop {
            match stream.next().await {
                Some(item) if wanted(&item) => break item,
                Some(_) => {}
                None => panic!("{what}: the stream ended first"),
            }
        }
    })
    .await
}

/// Who owns `name` at this moment.
pub async fn owner(conn: &Connection, name: &str) -> Option<OwnedUniqueName> {
    current_owner(&bus(conn).await, name).await
}

/// Waits until `name` has an owner, and gives it.
///
/// # Panics
/// At the deadline.
pub async fn wait_owner(conn: &Connection, name: &str, deadline: Duration) -> OwnedUniqueName {
    owner_when(conn, name, deadline, "no owner", |owner| owner.is_some()).await.unwrap()
}

/// Waits until nobody owns `name`.
///
/// # Panics
/// At the deadline.
pub async fn wait_no_owner(conn: &Connection, name: &str, deadline: Duration) {
    owner_when(conn, name, deadline, "still owned", |owner| owner.is_none()).await;
}

/// Waits until the owner of `name` is another than `before` (a unique name, or
/// nobody), and gives it.
///
/// # Panics
/// At the deadline.
pub async fn wait_owner_change(
    conn: &Connection,
    name: &str,
    before: Option<&str>,
    deadline: Duration,
) -> Option<OwnedUniqueName> {
    owner_when(conn, name, deadline, "same owner", |owner| owner.map(|owner| owner.as_str()) != before).await
}

/// The process that owns `name`, which may be a unique name too.
///
/// # Panics
/// If nobody owns it.
pub async fn owner_pid(conn: &Connection, name: &str) -> u32 {
    let name = BusName::try_from(name).unwrap();
    bus(conn).await.get_connection_unix_process_id(name).await.unwrap()
}

async fn owner_when(
    conn: &Connection,
    name: &str,
    deadline: Duration,
    otherwise: &str,
    wanted: impl Fn(Option<&OwnedUniqueName>) -> bool,
) -> Option<OwnedUniqueName> {
    let what = format!("{name}: {otherwise}");
    within(deadline, &what, async {
        let bus = bus(conn).await;
        let mut changes = bus.receive_name_owner_changed_with_args(&[(0, name)]).await.unwrap();
        let mut now = current_owner(&bus, name).await;
        while !wanted(now.as_ref()) {
            changes.next().await.expect("the bus went away");
            now = current_owner(&bus, name).await;
        }
        now
    })
    .await
}

async fn current_owner(bus: &DBusProxy<'_>, name: &str) -> Option<OwnedUniqueName> {
    bus.get_name_owner(BusName::try_from(name).unwrap()).await.ok()
}

async fn bus(conn: &Connection) -> DBusProxy<'static> {
    DBusProxy::new(conn).await.unwrap()
}
