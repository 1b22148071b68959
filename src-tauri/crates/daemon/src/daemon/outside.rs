//! Sorts effects: the gate's go to the gate, the daemon's own to the daemon. Must not perform any.

use crate::heap;
use chrono::{DateTime, Utc};
use tidegate_domain::ports::{Outside, WantedOfUser};
use tidegate_domain::{Digest, Effect};
use tokio::sync::{mpsc, watch};

/// What the daemon does itself.
#[derive(Debug)]
pub(super) enum OwnEffect {
    /// Show the digest.
    Digest(Box<Digest>),
    /// Open the window.
    OpenWindow {
        /// `ActivationToken` of the press that asked for it.
        token: Option<String>,
    },
}

/// The engine's outside.
pub(super) struct Switchboard {
    effects: mpsc::UnboundedSender<Vec<Effect>>,
    own: mpsc::UnboundedSender<OwnEffect>,
    changed: watch::Sender<u64>,
    wake: watch::Sender<Option<DateTime<Utc>>>,
    user: watch::Sender<WantedOfUser>,
}

/// Where what it sorts comes out.
pub(super) struct Ends {
    pub(super) effects: mpsc::UnboundedReceiver<Vec<Effect>>,
    pub(super) own: mpsc::UnboundedReceiver<OwnEffect>,
    pub(super) changed: watch::Receiver<u64>,
    /// Tells of a change that no effect is for.
    pub(super) change: watch::Sender<u64>,
    pub(super) wake: watch::Receiver<Option<DateTime<Utc>>>,
    /// What of the user is to be watched.
    pub(super) user: watch::Receiver<WantedOfUser>,
}

impl Switchboard {
    pub(super) fn new() -> (Self, Ends) {
        let (effects, effects_out) = mpsc::unbounded_channel();
        let (own, own_out) = mpsc::unbounded_channel();
        let (changed, changed_out) = watch::channel(0);
        let (wake, wake_out) = watch::channel(None);
        let (user, user_out) = watch::channel(WantedOfUser::default());
        let ends = Ends {
            effects: effects_out,
            own: own_out,
            changed: changed_out,
            change: changed.clone(),
            wake: wake_out,
            user: user_out,
        };
        (Self { effects, own, changed, wake, user }, ends)
    }
}

impl Outside for Switchboard {
    #[expect(clippy::wildcard_enum_match_arm, reason = "every effect that is not the daemon's own is the gate's")]
    fn perform(&mut self, effects: Vec<Effect>) {
        let mut for_gate = Vec::with_capacity(effects.len());
        for effect in effects {
            let sent = match effect {
                Effect::ShowDigest(digest) => self.own.send(OwnEffect::Digest(digest)).is_ok(),
                Effect::OpenWindow { token } => self.own.send(OwnEffect::OpenWindow { token }).is_ok(),
                effect => {
                    for_gate.push(effect);
                    true
                }
            };
            if !sent {
                tracing::debug!("an effect came after the daemon had ended");
            }
        }
        if !for_gate.is_empty() && self.effects.send(for_gate).is_err() {
            tracing::debug!("effects came after the gate had ended");
        }
        self.changed.send_modify(|revision| *revision += 1);
    }

    fn wake_at(&mut self, at: Option<DateTime<Utc>>) {
        self.wake.send_replace(at);
    }

    fn watch_user(&mut self, wanted: WantedOfUser) {
        self.user.send_replace(wanted);
    }

    fn rest(&mut self) {
        heap::give_back();
    }
}
