//! The settings in force while the file changes: a mistake leaves the last good ones. Must not know how changes are heard.

use super::parse::Mistake;
use tidegate_contract::Trouble;
use tidegate_domain::Settings;
use tidegate_words::say;

/// The settings in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    settings: Settings,
    /// Whether they are what a file said; else they are the defaults, for want of a good one.
    said: bool,
}

/// What a new reading of the file changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Other settings than before.
    pub settings: Option<Settings>,
    /// What is wrong now.
    pub trouble: Option<Trouble>,
}

impl InForce {
    /// At the start: where the file is wrong, the defaults.
    #[must_use]
    pub fn first(loaded: Result<Settings, Mistake>) -> (Self, Option<Trouble>) {
        let mut in_force = Self { settings: Settings::default(), said: false };
        let trouble = in_force.take(loaded).trouble;
        (in_force, trouble)
    }

    /// What holds.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes over what the file says now, if it is good.
    pub fn take(&mut self, loaded: Result<Settings, Mistake>) -> Change {
        match loaded {
            Ok(settings) => {
                self.said = true;
                let before = std::mem::replace(&mut self.settings, settings);
                Change { settings: (before != self.settings).then(|| self.settings.clone()), trouble: None }
            }
            Err(mistake) => {
                let says = if self.said { say::trouble_settings_last_good } else { say::trouble_settings_defaults };
                Change { settings: None, trouble: Some(mistake.trouble(says)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_domain::AppRule;

    fn muting(app: &str) -> Settings {
        let mut settings = Settings::default();
        settings.apps.insert(app.to_owned(), AppRule::Mute);
        settings
    }

    fn mistake() -> Result<Settings, Mistake> {
        Err(Mistake {
            text: say::failure_said("a file, line 2: x"),
            remedy: say::failure_said("Mend it."),
            is_unreadable: false,
        })
    }

    #[test]
    fn a_mistake_leaves_what_was_good_and_goes_when_mended() {
        let (mut in_force, trouble) = InForce::first(Ok(muting("a")));
        assert_eq!((in_force.settings(), trouble), (&muting("a"), None));
        let change = in_force.take(mistake());
        assert_eq!((change.settings, in_force.settings()), (None, &muting("a")));
        assert_eq!(
            change.trouble.unwrap().text,
            say::trouble_settings_last_good(say::failure_said("a file, line 2: x"))
        );
        assert_eq!(in_force.take(Ok(muting("a"))), Change { settings: None, trouble: None });
        assert_eq!(in_force.take(Ok(muting("b"))), Change { settings: Some(muting("b")), trouble: None });
    }

    #[test]
    fn without_a_good_file_yet_the_defaults_hold() {
        let (mut in_force, trouble) = InForce::first(mistake());
        assert_eq!(in_force.settings(), &Settings::default());
        let text = say::trouble_settings_defaults(say::failure_said("a file, line 2: x"));
        assert_eq!(trouble.unwrap().text, text);
        assert_eq!(in_force.take(mistake()).trouble.unwrap().text, text);
        assert_eq!(in_force.take(Ok(muting("a"))).settings, Some(muting("a")));
    }
}
