//! An ordinary morning's worth of interruptions, from real apps: one of each kind that the window treats differently.
//! Must not know the window.

use tidegate_testkit::{Client, DEADLINE, Notification, NotifySend, Signal};
use tidegate_tests_process::Stand;

/// A notification of an app that says which one it is.
pub(crate) fn from(app: &str, id: &str, summary: &str, body: &str) -> Notification {
    Notification::new(summary).body(body).app_name(app).hint("desktop-entry", id.to_owned())
}

/// The next signal that an app hears which is no activation token: that one comes first with each press.
pub(crate) async fn next_answer(stand: &Stand, app: &Client) -> Signal {
    loop {
        let signal = stand.next_signal(app).await;
        if !matches!(signal, Signal::Token(..)) {
            return signal;
        }
    }
}

/// What is held, oldest first, and the apps that wait for an answer.
pub(crate) struct Morning {
    /// Edited three times; a default action and a button.
    pub(crate) build: u32,
    /// Answered inline; a default action.
    pub(crate) standup: u32,
    /// Its app has quit; a default action.
    pub(crate) invoice: u32,
    /// From a script that waits; two buttons.
    pub(crate) review: u32,
    pub(crate) ci: Client,
    pub(crate) chat: Client,
    pub(crate) script: NotifySend,
}

impl Morning {
    /// Sends it through a closed gate.
    pub(crate) async fn comes(stand: &Stand) -> Self {
        let (ci, chat, mail) = (stand.app().await, stand.app().await, stand.app().await);
        let build = Self::build(&ci).await;
        let standup = from("Element", "im.riot.Riot", "#standup", "Moved to 14:00 today").action("default", "Open");
        let standup = standup.action("inline-reply", "Reply");
        let standup = standup.hint("x-kde-reply-placeholder-text", "Reply to #standup");
        let standup = chat.notify(&standup).await;
        let invoice = from("Thunderbird", "org.mozilla.Thunderbird", "Invoice 2231 is due", "Please find it attached.");
        let invoice = mail.notify(&invoice.action("default", "Open")).await;
        let left = mail.unique_name();
        mail.leave(&stand.session).await;
        stand.heed_departure_of(&[left]).await;
        let mut script = NotifySend::start(
            &stand.session,
            [
                "--app-name=GitHub",
                "--hint=string:desktop-entry:com.github.Desktop",
                "--action=view=View pull request",
                "--action=later=Remind me tomorrow",
                "--print-id",
                "--wait",
                "Review requested: store migrations",
                "Two files changed, tests are green.",
            ],
        );
        let review = script.id(DEADLINE).await;
        Self { build, standup, invoice, review, ci, chat, script }
    }

    async fn build(ci: &Client) -> u32 {
        let build = |number: u32, id: u32| {
            let text = format!("Build {number} failed on main");
            let build = from("Woodpecker", "org.woodpecker-ci.Woodpecker", &text, "Step “test” ended with 1.");
            build.replaces(id).action("default", "Open").action("app.log::r", "Show log")
        };
        let mut id = 0;
        for number in 5809..=5812 {
            id = ci.notify(&build(number, id)).await;
        }
        id
    }
}
