//! The settings' part of the requests: all of them, a change of one, and who they are about. Must not know the file's form.

use super::{Answered, Requests, invalid, json, said, stopped};
use crate::present;
use chrono::{DateTime, Days, Utc};
use std::collections::BTreeSet;
use tidegate_contract::{AppView, AppsView, Code, Failure, SettingsView, Trouble, verb};
use tidegate_domain::Settings;
use tidegate_domain::ports::Senders;
use tidegate_engine::{Reading, Stopped};
use tidegate_settings::{self as settings, NotChanged, NotSet};
use tidegate_words::say;

/// For how many days senders are counted, and over how many of the newest rows: a moment's work.
const DAYS: Days = Days::new(30);
const ROWS: u32 = 5_000;
/// Apps that are named for what they sent, and those that only the settings know.
const SENDERS: u32 = 200;
const KNOWN: usize = 100;
/// The longest key and value, in bytes.
const KEY: u16 = 256;
const VALUE: u16 = 4_096;

impl Requests {
    pub(super) async fn settings(&self) -> Answered {
        json::<verb::Settings>(&self.in_force().await?)
    }

    async fn in_force(&self) -> Result<SettingsView, Failure> {
        let door = &self.outlets.settings;
        let in_force = self.ask(|model, _| model.settings().clone()).await?;
        let mistake = door.mistake().await.map(|mistake| Trouble {
            code: "settings".to_owned(),
            text: mistake.text,
            remedy: mistake.remedy,
        });
        Ok(SettingsView {
            file: door.file().display().to_string(),
            mistake,
            groups: settings::groups(),
            settings: settings::shown(&in_force),
            data: door.data().await,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    pub(super) async fn set(&self, key: String, value: Option<String>) -> Answered {
        if key.len() > KEY.into() || value.as_ref().is_some_and(|value| value.len() > VALUE.into()) {
            return Err(invalid(say::failure_setting_too_long(KEY, VALUE)));
        }
        self.outlets.settings.set(key, value).await.map_err(not_changed)?;
        json::<verb::Set>(&self.in_force().await?)
    }

    pub(super) async fn apps(&self) -> Answered {
        self.answer_from::<verb::Apps>(Reading::Rows, |model, archive, now| {
            let since = now.utc.checked_sub_days(DAYS).unwrap_or(now.utc);
            let senders = archive.senders(since, ROWS, SENDERS)?;
            Ok(apps(senders, model.settings(), now.utc))
        })
        .await
    }

    /// What the file says is in force once the engine answers: it takes the change before the question.
    pub(super) async fn read_settings(&self) -> Answered {
        let read = self.outlets.settings.read_now().await;
        if let Some(trouble) = read.map_err(|_| stopped(Stopped))? {
            let message = say::failure_settings(trouble.text, trouble.remedy);
            return Err(Failure { code: Code::Invalid, message });
        }
        self.ask(|_, _| ()).await?;
        said::<verb::ReadSettings>(say::answer_settings_read())
    }
}

fn not_changed(error: NotChanged) -> Failure {
    match error {
        NotChanged::NotSet(error) => not_set(&error),
        NotChanged::Wrong(trouble) => {
            Failure { code: Code::Conflict, message: say::failure_settings(trouble.text, trouble.remedy) }
        }
        NotChanged::NotRead(_) => stopped(Stopped),
        NotChanged::Late(file) => {
            let file = present::line(&file.display().to_string(), 300);
            Failure { code: Code::Store, message: say::setting_late(file) }
        }
    }
}

fn not_set(error: &NotSet) -> Failure {
    let code = match error {
        NotSet::Key(_) | NotSet::Value(_) => Code::Invalid,
        NotSet::File(mistake) if mistake.is_unreadable => Code::Store,
        NotSet::File(_) => Code::Conflict,
        NotSet::Disk { .. } => Code::Store,
    };
    Failure { code, message: error.message() }
}

/// Those that sent something, and then those that only the settings know.
fn apps(senders: Senders, settings: &Settings, now: DateTime<Utc>) -> AppsView {
    let sent: BTreeSet<_> = senders.apps.iter().map(|sent| sent.app.to_string()).collect();
    let named: BTreeSet<_> = settings.apps.keys().chain(settings.hand_over.keys()).cloned().collect();
    let known = named.difference(&sent).take(KNOWN).map(|id| app(id, id, (0, 0), settings));
    let apps = senders.apps.iter().map(|sent| app(&sent.app, &sent.name, (sent.came_in, sent.acted), settings));
    AppsView {
        since: senders.first.unwrap_or(now).timestamp_millis(),
        rules: settings::rules(),
        ways: settings::ways(),
        apps: apps.chain(known).collect(),
    }
}

fn app(id: &str, name: &str, (came_in, acted): (u32, u32), settings: &Settings) -> AppView {
    let value =
        |section: &str| settings::row(settings, &format!("{section}.{id}")).map(|row| row.value).unwrap_or_default();
    AppView {
        app_id: id.to_owned(),
        app: present::app_name(name),
        came_in,
        acted,
        rule: value("apps"),
        hand_over: value("hand-over"),
    }
}
