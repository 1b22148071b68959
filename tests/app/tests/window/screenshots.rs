//! The README's pictures: real apps on a Monday morning, in front of a real dunst.

use crate::gallery::Exhibit;
use crate::morning::from;
use crate::portal::Scheme;
use crate::window::Window;
use std::fs;
use std::time::Duration;
use tidegate_testkit::{
    Client, DEADLINE, Kind, NOTIFICATIONS, Notification, Process, Renderer, Session, StepClock, Xvfb, wait_owner,
};
use tidegate_tests_process::{MONDAY_NINE, RENDERER_NAME, renderer_socket, start_daemon};

/// What these views consist of.
const PANELS: &str = "nav, main > header, main > .ledger, main section.card, .basin";

const SETTINGS: &str = "[apps]\n\"org.gnome.Calls\" = \"pass\"\n\"com.spotify.Client\" = \"mute\"\n";

/// A desk with everything on it. The window has a screen of its own: no popup lies over it.
struct Studio {
    clock: StepClock,
    apps: Vec<Client>,
    _daemon: Process,
    _dunst: Renderer,
    _screen: Xvfb,
    session: Session,
}

impl Studio {
    async fn open() -> Self {
        let session = Session::start().await;
        let folder = session.config_home().join("tidegate");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("settings.toml"), SETTINGS).unwrap();
        let screen = Xvfb::start(&session).await;
        let clock = StepClock::listen(&session, MONDAY_NINE, "Europe/Berlin");
        let daemon = start_daemon(&session);
        let bus = session.connect().await;
        wait_owner(&bus, NOTIFICATIONS, DEADLINE).await;
        let address = format!("unix:path={}", renderer_socket(&session).display());
        let dunst = Renderer::start_at(&session, Kind::Dunst, &address, RENDERER_NAME).await;
        Self { clock, apps: Vec::new(), _daemon: daemon, _dunst: dunst, _screen: screen, session }
    }

    /// It is that time of the morning, and twenty seconds: so that no minute ends while a picture is taken.
    async fn at(&mut self, hour: i64, minute: i64) {
        let until = MONDAY_NINE + ((hour - 9) * 60 + minute) * 60_000 + 20_000;
        let by = u64::try_from(until - self.clock.utc_ms()).unwrap();
        self.clock.advance(Duration::from_millis(by), DEADLINE).await;
    }

    /// An app sends one, and stays.
    async fn sends(&mut self, notification: &Notification) -> (u32, usize) {
        let app = Client::connect(&self.session).await;
        let id = app.notify(notification).await;
        self.apps.push(app);
        (id, self.apps.len() - 1)
    }

    async fn morning(&mut self) {
        self.at(9, 51).await;
        self.sends(&from("Spotify", "com.spotify.Client", "New releases for you", "")).await;
        self.at(9, 58).await;
        let build = |number: u32, id: u32| {
            let text = format!("Build {number} failed on main");
            let build = from("Woodpecker", "org.woodpecker-ci.Woodpecker", &text, "Step “test” ended with status 1");
            build.replaces(id).action("default", "Open").action("log", "Show log")
        };
        let (id, ci) = self.sends(&build(5809, 0)).await;
        self.at(10, 2).await;
        let standup = from("Element", "im.riot.Riot", "#standup", "Moved to 14:00 today").action("default", "Open");
        self.sends(&standup).await;
        for (minute, number) in [(5, 5810), (9, 5811), (11, 5812)] {
            self.at(10, minute).await;
            self.apps[ci].notify(&build(number, id)).await;
        }
        self.at(10, 12).await;
        self.sends(&from("Calls", "org.gnome.Calls", "Anna Becker is calling", "")).await;
        self.at(10, 15).await;
        let (typing, chat) = self.sends(&from("Signal", "org.signal.Signal", "Mira", "Are you in today?")).await;
        self.at(10, 20).await;
        let invoice =
            from("Thunderbird", "org.mozilla.Thunderbird", "Invoice 2231 is due", "From accounting@example.org");
        self.sends(&invoice.action("default", "Open")).await;
        let mail = self.apps.pop().unwrap();
        mail.leave(&self.session).await;
        self.at(10, 24).await;
        self.apps[chat].close(typing).await.unwrap();
        self.at(10, 31).await;
        self.sends(&from(
            "Nextcloud",
            "com.nextcloud.desktopclient.nextcloud",
            "12 files were updated",
            "Quarterly report",
        ))
        .await;
        self.at(10, 36).await;
        let text = "Your review is asked for on #214. Two files changed, tests are green. No hurry: any time today.";
        let review = from("GitHub", "com.github.Desktop", "Review requested: store migrations", text);
        self.sends(&review.action("view", "View pull request").action("dismiss", "Dismiss")).await;
        self.at(10, 41).await;
        let text = "Can you look at the rollout note before lunch?";
        let platform = from("Element", "im.riot.Riot", "#platform", text).action("default", "Open");
        self.sends(&platform.action("inline-reply", "Reply")).await;
        self.at(10, 42).await;
    }
}

#[tokio::test]
async fn the_pictures_of_the_readme_show_what_the_window_shows() {
    let mut studio = Studio::open().await;
    let window = Window::open(&studio.session).await;
    studio.at(9, 40).await;
    let intention = window.find("//input[@aria-label='Intention']").await;
    intention.send_keys("Draft the migration plan").await.unwrap();
    window.find("//label[contains(., 'Until 11:30')]").await.click().await.unwrap();
    window.press("Close the gate").await;
    window.sees("Gate closed").await;
    studio.morning().await;
    window.sees("held, from 5 apps").await;
    for scheme in [Scheme::Light, Scheme::Dark] {
        window.set_scheme(scheme).await;
        window.shows("now").await;
        window.find("//section[contains(., 'Let through')]").await;
        check(&studio, &window, "block", scheme).await;
        window.shows("held").await;
        window.has_rows(6).await;
        window.find("//*[@role='option'][contains(., 'Review requested')]").await.click().await.unwrap();
        window.find("//h3[contains(., 'Review requested')]").await;
        check(&studio, &window, "held", scheme).await;
    }
}

async fn check(studio: &Studio, window: &Window, view: &str, scheme: Scheme) {
    let exhibit = Exhibit::of_the_readme(view, scheme);
    window.hush().await;
    window.settle().await;
    window.compare(&studio.session, &exhibit).await;
    if scheme == Scheme::Light {
        window.each_of_these_counts(PANELS, &studio.session, &exhibit).await;
    }
}
