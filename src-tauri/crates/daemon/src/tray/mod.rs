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
use menu::{Press, Shown, minute_lasts};
use state::Pressed;
use std::sync::Arc;
use tidegate_contract::{Millis, View};
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

/// What the wall clock says.
type TellTime<'a> = &'a dyn Fn() -> Millis;

/// Shows every view until there are no more. A press becomes a command, the window, or a [`Quit`].
pub async fn run(mut views: Views, now: impl Fn() -> Millis, engine: Engine, quit: mpsc::UnboundedSender<Quit>) {
    let (presses, pressed) = mpsc::unbounded_channel();
    let ended = no_more(views.clone());
    tokio::select! {
        () = show(&mut views, &now, &presses) => {}
        () = obey(pressed, engine, quit) => {}
        () = ended => {}
    }
}

/// Shows an item in every panel that comes. Ends only where none can be looked for.
async fn show(views: &mut Views, now: TellTime<'_>, presses: &mpsc::UnboundedSender<Pressed>) {
    // Watched before it is looked at, and before an item is registered, so that none is missed in between.
    while let Some(mut panel) = Panel::watch().await {
        let Some(shown) = next_shown(views, now, None).await else { return };
        match panel.register(shown.clone(), presses.clone()).await {
            Some(item) => {
                follow(views, now, shown, &item, &mut panel).await;
                item.leave().await;
            }
            None => panel.changes_hands().await,
        }
    }
}

/// The next that is something else than the last, of another view or another minute; none when there are no more.
async fn next_shown(views: &mut Views, now: TellTime<'_>, last: Option<&Shown>) -> Option<Shown> {
    loop {
        let (newest, time) = (views.borrow_and_update().clone(), now());
        let shown = newest.as_ref().map(|(view, zone)| Shown::of(view, zone, time));
        if let Some(shown) = shown.filter(|shown| Some(shown) != last) {
            return Some(shown);
        }
        let lasts = newest.and_then(|(view, _)| minute_lasts(&view, time));
        tokio::select! {
            changed = views.changed() => changed.ok()?,
            () = pass(lasts) => {}
        }
    }
}

/// So many milliseconds, or for ever.
async fn pass(milliseconds: Option<u64>) {
    match milliseconds {
        Some(milliseconds) => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
        None => std::future::pending().await,
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
async fn follow(views: &mut Views, now: TellTime<'_>, mut last: Shown, item: &Item, panel: &mut Panel) {
    loop {
        let shown = tokio::select! {
            shown = next_shown(views, now, Some(&last)) => shown,
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
                    tracing::info!(?refusal, "a press in the tray was refused");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::{berlin, block_view, quiet_view};
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn a_block_is_told_anew_each_minute_and_without_one_nobody_is_woken() {
        let (sender, mut views) = watch::channel(Some((Arc::new(block_view()), berlin())));
        let began = Instant::now();
        let now = || block_view().now + Millis::try_from(began.elapsed().as_millis()).unwrap();
        let first = next_shown(&mut views, &now, None).await.unwrap();
        assert!(first.title.contains("(50 min left)"), "{first:?}");
        let second = next_shown(&mut views, &now, Some(&first)).await.unwrap();
        assert!(second.title.contains("(49 min left)"), "{second:?}");
        assert_eq!(began.elapsed().as_secs(), 60);
        sender.send_replace(Some((Arc::new(quiet_view()), berlin())));
        let open = next_shown(&mut views, &now, Some(&second)).await.unwrap();
        let next = tokio::time::timeout(Duration::from_secs(86_400), next_shown(&mut views, &now, Some(&open)));
        next.await.unwrap_err();
    }
}
