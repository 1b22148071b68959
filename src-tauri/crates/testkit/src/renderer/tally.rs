//! Which notifications a daemon has open, counted from what passes on the bus:
//! for daemons that cannot be asked.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use zbus::Message;
use zbus::message::Type;

use crate::NOTIFICATIONS;
use crate::client::{Signal, heard};
use crate::monitor::Monitor;
use crate::wait::within;

/// A server's unique name and one of its ids.
pub(super) type Open = (String, u32);

/// A running count. Dropping it stops it.
#[derive(Debug)]
pub(super) struct Tally {
    open: watch::Receiver<BTreeSet<Open>>,
    task: JoinHandle<()>,
}

impl Tally {
    /// Counts on the bus at `address`, from now on.
    pub(super) async fn start(address: &str) -> Self {
        let mut monitor = Monitor::start(address, &[]).await;
        let (changed, open) = watch::channel(BTreeSet::new());
        let task = tokio::spawn(async move {
            let mut calls = HashMap::new();
            while let Some(message) = monitor.try_next().await {
                changed.send_modify(|open| take(&message, &mut calls, open));
            }
        });
        Self { open, task }
    }

    /// The ids that `server` has open.
    pub(super) fn open_at(&self, server: &str) -> Vec<u32> {
        open_at(&self.open.borrow(), server)
    }

    /// Waits until `server` has `count` open.
    pub(super) async fn wait(&self, server: &str, count: usize, deadline: Duration) {
        let what = format!("{count} open at {server}");
        let mut open = self.open.clone();
        let enough = open.wait_for(|open| open_at(open, server).len() == count);
        drop(within(deadline, &what, enough).await.unwrap());
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn open_at(open: &BTreeSet<Open>, server: &str) -> Vec<u32> {
    open.iter().filter(|(owner, _)| owner == server).map(|(_, id)| *id).collect()
}

/// Who called, with which serial: calls of `Notify` that wait for their id.
type Calls = HashMap<(String, u32), ()>;

fn take(message: &Message, calls: &mut Calls, open: &mut BTreeSet<Open>) {
    let header = message.header();
    let Some(from) = header.sender().map(ToString::to_string) else { return };
    match message.message_type() {
        Type::MethodCall if is_notify(message) => {
            calls.insert((from, header.primary().serial_num().get()), ());
        }
        Type::MethodReturn => {
            let caller = header.destination().map(ToString::to_string);
            let call = caller.zip(header.reply_serial().map(std::num::NonZeroU32::get));
            if call.is_some_and(|call| calls.remove(&call).is_some()) {
                open.extend(message.body().deserialize().ok().map(|id| (from, id)));
            }
        }
        Type::Signal => {
            if let Some(Signal::Closed(id, _)) = heard(message).map(|heard| heard.signal) {
                open.remove(&(from, id));
            }
        }
        Type::MethodCall | Type::Error => {}
    }
}

fn is_notify(message: &Message) -> bool {
    let header = message.header();
    header.member().is_some_and(|member| *member == "Notify")
        && header.interface().is_some_and(|interface| *interface == NOTIFICATIONS)
}
