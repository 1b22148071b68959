//! Hands effects on: the gate's to the gate, what the user sees to the daemon. Must not perform any.

use crate::heap;
use chrono::{DateTime, Utc};
use tidegate_domain::ports::{Outside, WantedOfUser};
use tidegate_domain::{GateEffect, UiEffect};
use tokio::sync::{mpsc, watch};

/// The engine's outside.
pub(super) struct Switchboard {
    effects: mpsc::UnboundedSender<Vec<GateEffect>>,
    ui: mpsc::UnboundedSender<UiEffect>,
    changed: watch::Sender<u64>,
    wake: watch::Sender<Option<DateTime<Utc>>>,
    user: watch::Sender<WantedOfUser>,
}

/// Where what it sorts comes out.
pub(super) struct Ends {
    pub(super) effects: mpsc::UnboundedReceiver<Vec<GateEffect>>,
    pub(super) ui: mpsc::UnboundedReceiver<UiEffect>,
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
        let (ui, ui_out) = mpsc::unbounded_channel();
        let (changed, changed_out) = watch::channel(0);
        let (wake, wake_out) = watch::channel(None);
        let (user, user_out) = watch::channel(WantedOfUser::default());
        let ends = Ends {
            effects: effects_out,
            ui: ui_out,
            changed: changed_out,
            change: changed.clone(),
            wake: wake_out,
            user: user_out,
        };
        (Self { effects, ui, changed, wake, user }, ends)
    }
}

impl Outside for Switchboard {
    fn perform(&mut self, gate: Vec<GateEffect>, ui: Vec<UiEffect>) {
        if !gate.is_empty() && self.effects.send(gate).is_err() {
            tracing::debug!("effects came after the gate had ended");
        }
        for effect in ui {
            if self.ui.send(effect).is_err() {
                tracing::debug!("an effect came after the daemon had ended");
            }
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
