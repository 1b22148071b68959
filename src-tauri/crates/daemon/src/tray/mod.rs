//! The tray: shows the newest view as a StatusNotifierItem and turns clicks into commands. It lives in a task of its own:
//! a panel that hangs, restarts or is not there holds up nothing but this. Must not decide anything.

mod icon;
mod menu;

use crate::control::Quit;
use crate::window;
use futures_util::StreamExt;
use ksni::menu::StandardItem;
use ksni::{Handle, MenuItem, OfflineReason, ToolTip, TrayMethods};
use menu::{Entry, Press, Shown};
use std::sync::Arc;
use tidegate_contract::View;
use tidegate_domain::{Command, Zone};
use tidegate_engine::Engine;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Duration;
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::names::BusName;

/// The name that panels own.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";
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
async fn show(views: &mut Views, presses: &mpsc::UnboundedSender<Press>) {
    // Watched before it is looked at, and before an item is registered, so that none is missed in between.
    while let Some(mut panel) = Panel::watch().await {
        let Some(shown) = next_shown(views, None).await else { return };
        let lost = Arc::new(Notify::new());
        let item = Item { shown: shown.clone(), named: icon::theme_has_them(), presses: presses.clone(), lost };
        match panel.register(item).await {
            Some((handle, lost)) => follow(views, shown, &handle, &lost).await,
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
    bus: DBusProxy<'static>,
    changes: NameOwnerChangedStream,
}

impl Panel {
    async fn watch() -> Option<Self> {
        let watching = async {
            let bus = DBusProxy::new(&tidegate_bus::session().await?).await?;
            let changes = bus.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
            zbus::Result::Ok(Self { bus, changes })
        };
        let watched = watching.await;
        watched.inspect_err(|error| tracing::warn!(%error, "no panel can be looked for: there is no tray icon")).ok()
    }

    async fn is_there(&self) -> bool {
        let Ok(name) = BusName::try_from(WATCHER) else { return false };
        self.bus.name_has_owner(name).await.unwrap_or(false)
    }

    async fn changes_hands(&mut self) {
        self.changes.next().await;
    }

    /// Registers an item, where there is a panel that takes it.
    async fn register(&self, item: Item) -> Option<(Handle<Item>, Arc<Notify>)> {
        if !self.is_there().await {
            return None;
        }
        let lost = item.lost.clone();
        match tokio::time::timeout(PATIENCE, item.assume_sni_available(true).spawn()).await {
            Ok(Ok(handle)) => Some((handle, lost)),
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

/// Shows what changes until the panel is lost. One that hangs makes this wait, and then the newest view is shown.
async fn follow(views: &mut Views, mut last: Shown, handle: &Handle<Item>, lost: &Notify) {
    loop {
        let shown = tokio::select! {
            shown = next_shown(views, Some(&last)) => shown,
            () = lost.notified() => return,
        };
        let Some(shown) = shown else { return };
        last = shown.clone();
        if handle.update(|item| item.shown = shown).await.is_none() {
            return;
        }
    }
}

/// Carries out what was pressed.
async fn obey(mut pressed: mpsc::UnboundedReceiver<Press>, engine: Engine, quit: mpsc::UnboundedSender<Quit>) {
    while let Some(press) = pressed.recv().await {
        match press {
            Press::Open => window::open_or_log(None),
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

/// The item as the panel sees it.
struct Item {
    shown: Shown,
    /// The icon theme has our pictures.
    named: bool,
    presses: mpsc::UnboundedSender<Press>,
    /// Told when the panel has left.
    lost: Arc<Notify>,
}

impl Item {
    fn press(&self, press: Press) {
        if self.presses.send(press).is_err() {
            tracing::debug!("the tray was pressed while the daemon was ending");
        }
    }
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "org.tidegate.Tidegate".to_owned()
    }

    fn title(&self) -> String {
        format!("Tidegate: {}", self.shown.tooltip)
    }

    fn icon_name(&self) -> String {
        if self.named { self.shown.picture.name().to_owned() } else { String::new() }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.shown.picture.pixmaps()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip { title: self.shown.tooltip.clone(), ..ToolTip::default() }
    }

    fn activate(&mut self, _: i32, _: i32) {
        self.press(Press::Command(Command::Toggle));
    }

    fn secondary_activate(&mut self, _: i32, _: i32) {
        self.press(Press::Open);
    }

    /// Ends the item: the next panel gets a new one.
    fn watcher_offline(&self, _: OfflineReason) -> bool {
        self.lost.notify_one();
        false
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.shown.menu.iter().map(menu_item).collect()
    }
}

fn menu_item(entry: &Entry) -> MenuItem<Item> {
    match entry {
        Entry::Line => MenuItem::Separator,
        Entry::Says(text) => StandardItem { label: literal(text), enabled: false, ..StandardItem::default() }.into(),
        Entry::Does(label, press) => {
            let press = press.clone();
            let activate = Box::new(move |item: &mut Item| item.press(press.clone()));
            StandardItem { label: literal(label), activate, ..StandardItem::default() }.into()
        }
    }
}

/// A label in which no underscore names an access key (com.canonical.dbusmenu, "label").
fn literal(label: &str) -> String {
    label.replace('_', "__")
}
