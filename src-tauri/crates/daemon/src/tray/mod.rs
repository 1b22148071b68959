//! The tray: shows the newest view as a StatusNotifierItem and turns clicks into commands. It lives in a task of its own:
//! a panel that hangs, restarts or is not there holds up nothing but this. Must not decide anything.

mod dbusmenu;
mod icon;
mod item;
mod menu;
mod state;

use crate::control::Quit;
use crate::window;
use futures_util::StreamExt;
use item::{Item, WATCHER};
use menu::{Press, Shown};
use state::Pressed;
use std::sync::Arc;
use tidegate_contract::View;
use tidegate_domain::Zone;
use tidegate_engine::Engine;
use tokio::sync::{mpsc, watch};
use tokio::time::Duration;
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::names::BusName;

/// How long a panel may take to hear of a new item.
const PATIENCE: Duration = Duration::from_secs(10);

/// The newest view, and the zone that its times are told in.
type Views = watch::Receiver<Option<(Arc<View>, Zone)>>;

/// Shows every view until there are no more. A press becomes a command, the window, or a [`Quit`].
pub async fn run(mut views: Views, engine: Engine, quit: mpsc::UnboundedSender<Quit>) {
    let (presses, pressed) = mpsc::unbounded_channel();
    let ended = no_more(views.clone());
    tokio::select! {
        () = show(&mut views, &presses) => {}
        () = obey(pressed, engine, quit) => {}
        () = ended => {}
    }
}

/// Shows an item in every panel that comes. Ends only where none can be looked for.
async fn show(views: &mut Views, presses: &mpsc::UnboundedSender<Pressed>) {
    // Watched before it is looked at, and before an item is registered, so that none is missed in between.
    while let Some(mut panel) = Panel::watch().await {
        let Some(shown) = next_shown(views, None).await else { return };
        match panel.register(shown.clone(), presses.clone()).await {
            Some(item) => {
                follow(views, shown, &item, &mut panel).await;
                item.leave().await;
            }
            None => panel.changes_hands().await,
        }
    }
}

/// The next view that shows something else than the last; none when there are no more.
async fn next_shown(views: &mut Views, last: Option<&Shown>) -> Option<Shown> {
    loop {
        let newest = views.borrow_and_update().as_ref().map(|(view, zone)| Shown::of(view, zone));
        if let Some(shown) = newest.filter(|shown| Some(shown) != last) {
            return Some(shown);
        }
        views.changed().await.ok()?;
    }
}

/// Whose panel it is, and that it will be another's.
struct Panel {
    owner: Option<String>,
    changes: NameOwnerChangedStream,
}

impl Panel {
    async fn watch() -> Option<Self> {
        let watching = async {
            let bus = DBusProxy::new(&tidegate_bus::session().await?).await?;
            let changes = bus.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
            let owner = bus.get_name_owner(BusName::try_from(WATCHER)?).await.ok();
            zbus::Result::Ok(Self { owner: owner.map(|owner| owner.to_string()), changes })
        };
        let watched = watching.await;
        watched.inspect_err(|error| tracing::warn!(%error, "no panel can be looked for: there is no tray icon")).ok()
    }

    /// That it became this one's may be told only now.
    async fn changes_hands(&mut self) {
        while let Some(change) = self.changes.next().await {
            let is_the_same =
                change.args().is_ok_and(|it| it.new_owner.as_ref().map(|it| it.as_str()) == self.owner.as_deref());
            if !is_the_same {
                return;
            }
        }
    }

    /// Registers an item, where there is a panel that takes it.
    async fn register(&self, shown: Shown, presses: mpsc::UnboundedSender<Pressed>) -> Option<Item> {
        self.owner.as_ref()?;
        match tokio::time::timeout(PATIENCE, Item::register(shown, presses)).await {
            Ok(Ok(item)) => Some(item),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the panel refused the tray icon");
                None
            }
            Err(_) => {
                tracing::warn!("the panel does not answer; there is no tray icon until another does");
                None
            }
        }
    }
}

/// Until there are no more views.
async fn no_more(mut views: Views) {
    while views.changed().await.is_ok() {}
}

/// Shows what changes until the panel is lost, or another's: the next gets a new item.
async fn follow(views: &mut Views, mut last: Shown, item: &Item, panel: &mut Panel) {
    loop {
        let shown = tokio::select! {
            shown = next_shown(views, Some(&last)) => shown,
            () = panel.changes_hands() => return,
        };
        let Some(shown) = shown else { return };
        last = shown.clone();
        if let Err(error) = item.show(shown).await {
            tracing::debug!(%error, "a change could not be told to the panel");
            return;
        }
    }
}

/// Carries out what was pressed.
async fn obey(mut pressed: mpsc::UnboundedReceiver<Pressed>, engine: Engine, quit: mpsc::UnboundedSender<Quit>) {
    while let Some(Pressed { press, token }) = pressed.recv().await {
        match press {
            Press::Open(view) => window::open_or_log(view, token.as_deref()),
            Press::Quit => {
                if quit.send(Quit { release: false }).is_err() {
                    tracing::debug!("quit was pressed while the daemon was ending");
                }
            }
            Press::Command(command) => {
                if let Err(refusal) = engine.command(command).await {
                    tracing::info!(%refusal, "a press in the tray was refused");
                }
            }
        }
    }
}
