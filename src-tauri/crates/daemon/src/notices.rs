//! Tidegate's own notices, sent as any app sends them, through the gate that lets its own pass. Presses come back through
//! the gate. Must not decide when there is one.

use crate::present::{Clock, DigestText, Sound};
use notify_rust::{Hint, Notification, Timeout, Urgency};
use tidegate_domain::{BREAK_MINUTES, NoticeId};
use tidegate_words::{Catalogue, say};

/// What names the app: its desktop entry and its icon.
const APP_ID: &str = "org.tidegate.Tidegate";
/// The sound naming specification's name for it; the desktop's sound theme has the sound.
const COMPLETE: &str = "complete";

/// Shows the digest on the session bus of the environment, in place of an earlier one if that is still open; gives its id.
/// It stays until it is acted on.
///
/// # Errors
/// When no notification server answers.
pub async fn show_digest(
    text: &DigestText,
    earlier: Option<NoticeId>,
    clock: &Clock,
) -> Result<u32, notify_rust::error::Error> {
    Ok(notice(text, earlier, &Catalogue::new(clock)).show_async().await?.id())
}

fn notice(text: &DigestText, earlier: Option<NoticeId>, words: &Catalogue<'_>) -> Notification {
    let mut notice = Notification::new();
    notice
        .appname("Tidegate")
        .icon(APP_ID)
        .summary(&text.summary)
        .body(&text.body)
        .hint(Hint::DesktopEntry(APP_ID.to_owned()))
        .urgency(if text.sound == Sound::Low { Urgency::Low } else { Urgency::Normal })
        .timeout(Timeout::Never);
    if text.reviews {
        let review = words.format(&say::notice_review());
        notice.action("default", &review).action("review", &review);
    }
    if text.releases {
        notice.action("release-all", &words.format(&say::notice_release_all()));
    }
    if let Some(another) = &text.another {
        let pause = words.format(&say::notice_break(BREAK_MINUTES));
        notice.action("another", another).action("break", &pause);
    }
    if text.asks_of_away {
        // Beside other buttons only the one that changes anything.
        if !text.reviews {
            notice.action("count", &words.format(&say::notice_count_it()));
        }
        notice.action("leave-out", &words.format(&say::notice_leave_it_out()));
    }
    match text.sound {
        Sound::AsUsual => {}
        Sound::Complete => drop(notice.hint(Hint::SoundName(COMPLETE.to_owned()))),
        Sound::Silent | Sound::Low => drop(notice.hint(Hint::SuppressSound(true))),
    }
    if let Some(earlier) = earlier {
        notice.id(earlier.0);
    }
    notice
}
