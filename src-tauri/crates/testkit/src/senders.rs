//! Apps that send notifications through the libraries that real apps use.

mod gnotification;
mod libnotify;
mod notify_send;
mod qt_tray;

pub use gnotification::GNotificationSender;
pub use libnotify::LibnotifySender;
pub use notify_send::NotifySend;
pub use qt_tray::{QtTray, TrayEvent};
