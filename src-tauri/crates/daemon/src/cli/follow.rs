//! `tidegate status --follow`: a line of JSON for how things stand, and one for each change, until nobody reads them any
//! more. Waits for signals only, and starts no daemon. Must not know what is in a view.

use super::client::{Client, away, explain, internal, not_understood};
use super::json;
use super::{Answered, Said, view, words_of};
use futures_util::StreamExt;
use serde::Serialize;
use std::io::{ErrorKind, Write};
use std::os::fd::AsFd;
use tidegate_contract::{BUS_NAME, Code, Failure, OBJECT_PATH, View};
use tidegate_platform::ready;
use tidegate_words::say;
use tokio::io::Interest;
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::message::Type;
use zbus::{MatchRule, Message, MessageStream};

/// Signals that may wait to be read.
const WAITING: usize = 64;

/// Follows until the reader is gone, which is no failure.
pub(super) async fn follow(client: &Client) -> Answered {
    let ended = tokio::select! {
        ended = tell(client) => ended,
        () = unread() => Ok(()),
    };
    ended.map(|()| Said::new(String::new()))
}

async fn tell(client: &Client) -> Result<(), Failure> {
    // Heard before the first question, so that no change falls in between.
    let mut signals = Signals::listen(client).await.map_err(|error| explain(&error))?;
    let mut lines = Lines::default();
    let mut daemon = signals.owner().await.map_err(|error| explain(&error))?;
    if !lines.state(client).await? {
        return Ok(());
    }
    loop {
        let heard = match signals.next().await? {
            News::Owner(owner) => {
                daemon = owner;
                lines.state(client).await?
            }
            News::View(message) if sender(&message) == daemon => lines.view(&viewed(&message)?)?,
            // What an earlier daemon still had to say, or nobody that counts.
            News::View(_) => true,
        };
        if !heard {
            return Ok(());
        }
    }
}

/// What is heard of the daemon.
enum News {
    /// Another connection owns the daemon's name, or none.
    Owner(Option<String>),
    /// A view has changed.
    View(Message),
}

struct Signals {
    bus: DBusProxy<'static>,
    owners: NameOwnerChangedStream,
    views: MessageStream,
}

impl Signals {
    async fn listen(client: &Client) -> zbus::Result<Self> {
        let conn = client.connection();
        let bus = DBusProxy::new(conn).await?;
        let owners = bus.receive_name_owner_changed_with_args(&[(0, BUS_NAME)]).await?;
        let rule = MatchRule::builder().msg_type(Type::Signal).sender(BUS_NAME)?.path(OBJECT_PATH)?;
        let rule = rule.interface(BUS_NAME)?.member("ViewChanged")?.build();
        let views = MessageStream::for_match_rule(rule, conn, Some(WAITING)).await?;
        Ok(Self { bus, owners, views })
    }

    async fn owner(&self) -> zbus::Result<Option<String>> {
        match self.bus.get_name_owner(BUS_NAME.try_into()?).await {
            Ok(owner) => Ok(Some(owner.to_string())),
            Err(zbus::fdo::Error::NameHasNoOwner(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn next(&mut self) -> Result<News, Failure> {
        let news = tokio::select! {
            change = self.owners.next() => match change {
                Some(change) => {
                    let change = change.args().map_err(|error| explain(&error))?;
                    Some(News::Owner(change.new_owner().as_ref().map(ToString::to_string)))
                }
                None => None,
            },
            message = self.views.next() => match message {
                Some(message) => Some(News::View(message.map_err(|error| explain(&error))?)),
                None => None,
            },
        };
        news.ok_or_else(|| away(say::cli_bus_closed()))
    }
}

/// What has been said already.
#[derive(Default)]
struct Lines {
    revision: Option<u64>,
    away: bool,
}

impl Lines {
    /// Says how things stand, or that there is no daemon, as `status --json` does. False: nobody reads it.
    async fn state(&mut self, client: &Client) -> Result<bool, Failure> {
        self.revision = None;
        match view(client).await {
            Ok(view) => self.view(&view),
            Err(failure) if failure.code == Code::Away => {
                let known = std::mem::replace(&mut self.away, true);
                if known { Ok(true) } else { write(&failure) }
            }
            Err(failure) => Err(failure),
        }
    }

    /// Says a view that is newer than the one before.
    fn view(&mut self, view: &View) -> Result<bool, Failure> {
        if self.revision.is_some_and(|known| view.revision <= known) {
            return Ok(true);
        }
        (self.revision, self.away) = (Some(view.revision), false);
        write(view)
    }
}

/// Writes a line. False: nobody reads it.
fn write(value: &impl Serialize) -> Result<bool, Failure> {
    let line = json::text(value)? + "\n";
    let mut out = std::io::stdout();
    match out.write_all(line.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(internal(say::cli_line_not_written(words_of(&error)))),
    }
}

/// Returns once the reader of a pipe has closed it, though nothing is written meanwhile.
async fn unread() {
    let out = std::io::stdout().as_fd().try_clone_to_owned();
    if let Ok(out) = out.and_then(|out| ready::watched(out, Interest::ERROR))
        && let Ok(mut closed) = out.ready(Interest::ERROR).await
    {
        closed.retain_ready();
        return;
    }
    // A file or a terminal is always read.
    std::future::pending().await
}

fn sender(message: &Message) -> Option<String> {
    message.header().sender().map(ToString::to_string)
}

fn viewed(message: &Message) -> Result<View, Failure> {
    let body = message.body();
    let no_text = |error| internal(say::cli_signal_not_understood(words_of(&error)));
    let text = body.deserialize::<&str>().map_err(no_text)?;
    serde_json::from_str(text).map_err(|error| not_understood(&error))
}
