//! Tidegate's own notices, sent as any app sends them, through the gate that lets its own pass. Presses come back through
//! the gate. Must not decide when there is one.

use crate::present::DigestText;
use notify_rust::{Hint, Notification, Timeout, Urgency};

/// What names the app: its desktop entry and its icon.
const APP_ID: &str = "org.tidegate.Tidegate";

/// Shows notices on the session bus of the environment, each kind in place of its predecessor.
#[derive(Debug, Default)]
pub struct Notices {
    digest: Option<u32>,
}

impl Notices {
    /// Shows the digest, and gives its id. It stays until it is acted on.
    ///
    /// # Errors
    /// When no notification server answers.
    pub async fn show_digest(&mut self, text: &DigestText) -> Result<u32, notify_rust::error::Error> {
        let mut notice = Notification::new();
        notice
            .appname("Tidegate")
            .icon(APP_ID)
            .summary(&text.summary)
            .body(&text.body)
            .hint(Hint::DesktopEntry(APP_ID.to_owned()))
            .urgency(Urgency::Normal)
            .timeout(Timeout::Never)
            .action("default", "Review")
            .action("review", "Review")
            .action("release-all", "Release all");
        if let Some(earlier) = self.digest {
            notice.id(earlier);
        }
        let shown = notice.show_async().await?.id();
        self.digest = Some(shown);
        Ok(shown)
    }
}
