//! What the renderer is asked besides showing things: what it can, what it is, and whether it answers at all. Must not know
//! what waits for it.

use super::RendererFacts;
use crate::names::{NOTIFICATIONS, NOTIFICATIONS_PATH};
use std::collections::BTreeMap;
use zbus::Message;

/// A question of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    Capabilities,
    Information,
    /// Whether it answers at all.
    Answers,
}

impl Question {
    fn method(self) -> &'static str {
        match self {
            Self::Capabilities => "GetCapabilities",
            Self::Information | Self::Answers => "GetServerInformation",
        }
    }
}

/// Those that are not answered, by their serials.
#[derive(Default)]
pub(super) struct Questions(BTreeMap<u32, Question>);

impl Questions {
    /// The call to send.
    pub(super) fn ask(&mut self, unique: &str, question: Question) -> zbus::Result<Message> {
        let message = Message::method_call(NOTIFICATIONS_PATH, question.method())?
            .destination(unique.to_owned())?
            .interface(NOTIFICATIONS)?
            .build(&())?;
        self.0.insert(message.primary_header().serial_num().get(), question);
        Ok(message)
    }

    /// What had been asked with this serial.
    pub(super) fn answered(&mut self, serial: u32) -> Option<Question> {
        self.0.remove(&serial)
    }
}

impl RendererFacts {
    /// Takes in what it says of itself. What is no answer leaves them as they are.
    pub(super) fn learn(&mut self, question: Question, answer: &Message) {
        let body = answer.body();
        match question {
            Question::Capabilities => {
                if let Ok(capabilities) = body.deserialize() {
                    self.capabilities = capabilities;
                }
            }
            Question::Information => {
                if let Ok((name, _, version, _)) = body.deserialize::<(String, String, String, String)>() {
                    (self.name, self.version) = (name, version);
                }
            }
            Question::Answers => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer<B: serde::Serialize + zbus::zvariant::DynamicType>(asked: &Message, body: &B) -> Message {
        Message::method_return(&asked.header()).unwrap().build(body).unwrap()
    }

    #[test]
    fn each_question_is_answered_once_by_its_own_serial() {
        let mut questions = Questions::default();
        let asked = [Question::Capabilities, Question::Information, Question::Answers].map(|question| {
            let message = questions.ask(":1.9", question).unwrap();
            assert_eq!(message.header().destination().map(ToString::to_string), Some(":1.9".into()));
            (message.primary_header().serial_num().get(), question)
        });
        for (serial, question) in asked.into_iter().rev() {
            assert_eq!(questions.answered(serial), Some(question));
            assert_eq!(questions.answered(serial), None);
        }
    }

    #[test]
    fn an_answer_becomes_what_is_known_of_it_and_an_error_or_nonsense_changes_nothing() {
        let mut facts = RendererFacts { name: "mako".into(), ..RendererFacts::default() };
        let asked = Questions::default().ask(":1.9", Question::Capabilities).unwrap();
        facts.learn(Question::Capabilities, &answer(&asked, &vec!["body", "actions"]));
        assert!(facts.has("actions") && !facts.has("sound"));
        let known = facts.clone();
        let error = Message::error(&asked.header(), "org.example.Error.No").unwrap().build(&"no").unwrap();
        facts.learn(Question::Capabilities, &error);
        facts.learn(Question::Information, &error);
        facts.learn(Question::Information, &answer(&asked, &("only", "three", "words")));
        facts.learn(Question::Answers, &answer(&asked, &("dunst", "knopwob", "1.12", "1.2")));
        assert_eq!(facts, known);
        facts.learn(Question::Information, &answer(&asked, &("dunst", "knopwob", "1.12", "1.2")));
        assert_eq!((&*facts.name, &*facts.version), ("dunst", "1.12"));
    }
}
