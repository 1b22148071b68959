//! The desktop's own notification daemon, and the relay that listens to it: answers late, refuses, dies, comes back under
//! a new name, and is touched by a person. Must not know the model.

use crate::script::Touch;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use tidegate_domain::{Audience, CallOutcome, ClosedReason, Event, Forward, KnownCalls, Remark, RendererId, SentCall};

/// A call to the renderer that it has not worked on yet.
enum Call {
    Notify { from: Arc<str>, forward: Box<Forward> },
    Close { id: u32 },
}

/// One on screen.
struct Popup {
    /// The connection that it was sent by: signals go there.
    owner: Arc<str>,
    text: String,
    keys: Vec<String>,
    resident: bool,
}

/// What is on its way from the renderer to a connection; to everybody if that has no name.
pub(crate) struct Message {
    pub(crate) to: Arc<str>,
    pub(crate) event: Event,
}

#[derive(Default)]
pub(crate) struct Desk {
    name: Option<Arc<str>>,
    instances: u32,
    last_id: u32,
    calls: VecDeque<Call>,
    popups: BTreeMap<u32, Popup>,
    /// What each id of this renderer last stood for.
    texts: BTreeMap<u32, String>,
    messages: VecDeque<Message>,
    /// What the relay saw of this renderer.
    answered: Vec<SentCall>,
    /// Every text that a person saw appear, and in which life of the renderer last.
    appeared: BTreeMap<String, u32>,
    /// Texts that may appear once more.
    excused: BTreeSet<String>,
    /// Texts of calls that the gate gave up waiting for, and had no doubt about before.
    given_up: BTreeSet<String>,
}

impl Desk {
    pub(crate) fn name(&self) -> Option<Arc<str>> {
        self.name.clone()
    }

    pub(crate) fn has_appeared(&self, text: &str) -> bool {
        self.appeared.contains_key(text)
    }

    /// Whether an answer to this call can still come.
    pub(crate) fn owes_answer(&self, gate: &Arc<str>, serial: u32) -> bool {
        let called = self
            .calls
            .iter()
            .any(|call| matches!(call, Call::Notify { from, forward } if from == gate && forward.serial == serial));
        let answered = |message: &Message| {
            message.to == *gate && matches!(message.event, Event::Sent { serial: other, .. } if other == serial)
        };
        called || self.messages.iter().any(answered)
    }

    pub(crate) fn starts(&mut self) {
        if self.name.is_some() {
            return;
        }
        self.instances += 1;
        let name: Arc<str> = format!(":r.{}", self.instances).into();
        self.name = Some(name.clone());
        self.last_id = 0;
        self.tell_all(Event::RendererUp(name));
    }

    /// The bus answers what it left unanswered, and then says that it left.
    pub(crate) fn dies(&mut self) {
        if self.name.take().is_none() {
            return;
        }
        self.popups.clear();
        self.texts.clear();
        self.answered.clear();
        for call in std::mem::take(&mut self.calls) {
            if let Call::Notify { from, forward } = call {
                let outcome = CallOutcome::Refused("the renderer left".into());
                self.answer(&from, forward.serial, outcome);
            }
        }
        self.tell_all(Event::RendererDown);
    }

    pub(crate) fn notify(&mut self, from: &Arc<str>, forward: Box<Forward>) {
        if self.name.is_some() {
            self.calls.push_back(Call::Notify { from: from.clone(), forward });
        } else {
            let outcome = CallOutcome::Refused("there is no renderer".into());
            self.answer(from, forward.serial, outcome);
        }
    }

    /// An app without a gate before it: its id.
    pub(crate) fn notify_directly(&mut self, owner: &Arc<str>) -> Option<u32> {
        self.name.as_ref()?;
        self.last_id += 1;
        let text = format!("direct {}.{}", self.instances, self.last_id);
        let popup = Popup { owner: owner.clone(), text, keys: vec!["default".into()], resident: false };
        self.popups.insert(self.last_id, popup);
        Some(self.last_id)
    }

    pub(crate) fn close(&mut self, id: u32) {
        if self.name.is_some() {
            self.calls.push_back(Call::Close { id });
        }
    }

    pub(crate) fn work(&mut self, calls: u8, refuses: bool) {
        for nth in 0..calls {
            match self.calls.pop_front() {
                Some(Call::Notify { from, forward }) if refuses && nth == 0 => self.refuse(&from, &forward),
                Some(Call::Notify { from, forward }) => self.show(&from, &forward),
                Some(Call::Close { id }) => self.take_down(id),
                None => return,
            }
        }
    }

    pub(crate) fn work_all(&mut self) {
        while !self.calls.is_empty() {
            self.work(u8::MAX, false);
        }
    }

    /// The gate waits no more for the call that it made, and makes none of the others.
    pub(crate) fn is_silent(&mut self, gate: &Arc<str>) {
        let (mut others, mut is_oldest) = (Vec::new(), true);
        self.calls.retain(|call| match call {
            Call::Notify { from, forward } if from == gate => {
                let stays = std::mem::take(&mut is_oldest);
                others.push((forward.serial, stays));
                let content = &forward.row.content;
                let is_first = stays && !content.remarks.contains(&Remark::MayHaveBeenShown);
                self.given_up.extend(is_first.then(|| content.summary.clone()));
                stays
            }
            Call::Notify { .. } | Call::Close { .. } => true,
        });
        for (serial, is_made) in others {
            let refused = CallOutcome::Refused("it does not answer".into());
            let outcome = if is_made { CallOutcome::Silent } else { refused };
            self.messages.push_back(Message { to: gate.clone(), event: Event::Sent { serial, outcome } });
        }
    }

    /// Nobody knows any more that it was made.
    pub(crate) fn forget_silence(&mut self) {
        self.given_up.clear();
    }

    fn refuse(&mut self, from: &Arc<str>, forward: &Forward) {
        self.excused.insert(forward.row.content.summary.clone());
        let outcome = CallOutcome::Refused("too many notifications".into());
        self.answer(from, forward.serial, outcome);
    }

    fn show(&mut self, from: &Arc<str>, forward: &Forward) {
        let in_place = self.popups.contains_key(&forward.replaces);
        let id = if in_place { forward.replaces } else { self.free_id() };
        self.last_id = self.last_id.max(id);
        let content = &forward.row.content;
        let popup = Popup {
            owner: from.clone(),
            text: content.summary.clone(),
            keys: content.actions.iter().map(|action| action.key.clone()).collect(),
            resident: content.resident,
        };
        self.texts.insert(id, popup.text.clone());
        let before = self.popups.insert(id, popup);
        if before.is_none_or(|before| before.text != content.summary) {
            self.appears(&content.summary, &content.remarks);
        }
        self.answer(from, forward.serial, CallOutcome::Shown(RendererId(id)));
    }

    /// Every third renderer gives the numbers out again that are free.
    fn free_id(&self) -> u32 {
        let first = if self.instances.is_multiple_of(3) { 1 } else { self.last_id + 1 };
        (first..).find(|id| !self.popups.contains_key(id)).unwrap_or(0)
    }

    /// A person must not see one appear twice, unless something happened to the first.
    fn appears(&mut self, text: &str, remarks: &[Remark]) {
        let before = self.appeared.insert(text.to_owned(), self.instances);
        let may_have_been = remarks.contains(&Remark::MayHaveBeenShown) && !self.given_up.contains(text);
        let excused = self.excused.remove(text) || may_have_been;
        assert!(excused || before != Some(self.instances), "\"{text}\" appeared twice");
    }

    /// The gate closes one itself: only an undo brings it back, and then it may appear again.
    fn take_down(&mut self, id: u32) {
        self.excused.extend(self.texts.remove(&id));
        self.goes(id, ClosedReason::ByCall);
    }

    pub(crate) fn touch(&mut self, nth: u8, how: Touch) {
        let nth = usize::from(nth) % self.popups.len().max(1);
        let Some(id) = self.popups.keys().nth(nth).copied() else { return };
        match how {
            Touch::Click => self.press(id, Some("default")),
            Touch::Button => self.press(id, None),
            Touch::Reply => self.reply(id),
            Touch::Dismiss => self.goes(id, ClosedReason::Dismissed),
            Touch::Expire => self.goes(id, ClosedReason::Expired),
            Touch::DismissThrice => {
                let Some(owner) = self.popups.get(&id).map(|popup| popup.owner.clone()) else { return };
                self.goes(id, ClosedReason::Dismissed);
                self.says_closed(owner.clone(), id, ClosedReason::Dismissed);
                self.says_closed(owner, id, ClosedReason::Undefined);
            }
        }
    }

    /// A person dismisses everything.
    pub(crate) fn clear(&mut self) {
        for id in self.popups.keys().copied().collect::<Vec<_>>() {
            self.goes(id, ClosedReason::Dismissed);
        }
    }

    /// Presses what has this key; without one, the last button.
    fn press(&mut self, id: u32, key: Option<&str>) {
        let Some(popup) = self.popups.get(&id) else { return };
        let (to, stays) = (popup.owner.clone(), popup.resident);
        let found = popup.keys.iter().rfind(|known| key.is_none_or(|key| *known == key));
        if let Some(key) = found.cloned() {
            let (by, (to, audience)) = (self.own_name(), self.audience(to));
            let event = Event::RendererAction { by, id: RendererId(id), key, token: None, to: audience };
            self.messages.push_back(Message { to, event });
        }
        if !stays {
            self.goes(id, ClosedReason::Dismissed);
        }
    }

    fn reply(&mut self, id: u32) {
        let Some(to) = self.popups.get(&id).map(|popup| popup.owner.clone()) else { return };
        let (by, text, (to, audience)) = (self.own_name(), "yes".to_owned(), self.audience(to));
        let event = Event::RendererReplied { by, id: RendererId(id), text, to: audience };
        self.messages.push_back(Message { to, event });
        self.goes(id, ClosedReason::Dismissed);
    }

    fn goes(&mut self, id: u32, reason: ClosedReason) {
        if let Some(popup) = self.popups.remove(&id) {
            self.says_closed(popup.owner, id, reason);
        }
    }

    fn says_closed(&mut self, to: Arc<str>, id: u32, reason: ClosedReason) {
        let (by, (to, audience)) = (self.own_name(), self.audience(to));
        let event = Event::RendererClosed { by, id: RendererId(id), reason, to: audience };
        self.messages.push_back(Message { to, event });
    }

    fn answer(&mut self, to: &Arc<str>, serial: u32, outcome: CallOutcome) {
        if self.name.is_some() {
            self.answered.push(SentCall { gate: to.clone(), serial, outcome: outcome.clone() });
        }
        let event = Event::Sent { serial, outcome };
        self.messages.push_back(Message { to: to.clone(), event });
    }

    fn tell_all(&mut self, event: Event) {
        self.messages.push_back(Message { to: "".into(), event });
    }

    /// Every second renderer tells everybody what it has to say to one connection.
    fn audience(&self, owner: Arc<str>) -> (Arc<str>, Audience) {
        if self.instances.is_multiple_of(2) { ("".into(), Audience::Everybody) } else { (owner, Audience::Gate) }
    }

    fn own_name(&self) -> Arc<str> {
        self.name.clone().unwrap_or_else(|| "".into())
    }

    pub(crate) fn has_messages(&self) -> bool {
        !self.messages.is_empty()
    }

    pub(crate) fn next_message(&mut self) -> Option<Message> {
        self.messages.pop_front()
    }

    /// The gate died: what was on its way to it is lost.
    pub(crate) fn forget_messages(&mut self) {
        self.messages.clear();
    }

    /// What the relay says of the calls that it saw; it has watched these gates.
    pub(crate) fn relay(&self, watched: Vec<Arc<str>>) -> KnownCalls {
        let waiting = self.calls.iter().filter_map(|call| match call {
            Call::Notify { from, forward } => {
                Some(SentCall { gate: from.clone(), serial: forward.serial, outcome: CallOutcome::Waiting })
            }
            Call::Close { .. } => None,
        });
        KnownCalls { calls: self.answered.iter().cloned().chain(waiting).collect(), watched }
    }
}

/// The same as the relay hands it to a gate that the renderer did not address.
pub(crate) fn handed_on(event: Event, addressee: Arc<str>) -> Option<Event> {
    let to = Audience::Other(addressee.clone());
    match event {
        Event::RendererClosed { by, id, reason, .. } => Some(Event::RendererClosed { by, id, reason, to }),
        Event::RendererAction { by, id, key, token, .. } => Some(Event::RendererAction { by, id, key, token, to }),
        Event::RendererReplied { by, id, text, .. } => Some(Event::RendererReplied { by, id, text, to }),
        Event::Sent { serial, outcome } => Some(Event::SentByEarlier(SentCall { gate: addressee, serial, outcome })),
        Event::Arrived(_)
        | Event::CloseRequested { .. }
        | Event::Inhibit { .. }
        | Event::UnInhibit { .. }
        | Event::SenderPresent(_)
        | Event::SenderLeft(_)
        | Event::RendererUp(_)
        | Event::RendererDown
        | Event::SentByEarlier(_)
        | Event::Recover(_)
        | Event::Command { .. }
        | Event::Wake
        | Event::UserIdle
        | Event::UserBack(_)
        | Event::ZoneChanged(_)
        | Event::SettingsChanged(_)
        | Event::InPath(_)
        | Event::AwayFor(_) => None,
    }
}
