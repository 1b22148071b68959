//! A real panel on a screen of its own, looked at by pictures of the screen and clicked with the pointer. Must not know what
//! stands in its tray.

use crate::pointer::Pointer;
use std::fs::{self, File};
use std::io::BufReader;
use std::ops::Range;
use std::path::Path;
use tidegate_testkit::{DEADLINE, Process, Session, Sway, Xvfb, wait_owner, within};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
/// How far down the panel reaches, in pixels.
const HEIGHT: usize = 34;
/// Where its one icon is drawn: what else the panel draws late, such as its border, lies outside.
const TRAY: (Range<usize>, Range<usize>) = (0..60, 2..30);
/// Where a menu is drawn.
const MENU: (Range<usize>, Range<usize>) = (0..200, HEIGHT..HEIGHT + 100);
/// Where a panel with one icon has nothing but its own colour.
const EMPTY: (usize, usize) = (700, 12);

/// Which panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// xfce4-panel, on X11.
    Xfce,
    /// waybar, on sway.
    Waybar,
}

/// A button of the pointer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Button {
    Left = 1,
    Middle = 2,
    Right = 3,
}

enum Screen {
    X11(Box<Xvfb>),
    Wayland(Box<Sway>, Pointer),
}

/// A panel at the top of a screen, as wide as that, with a tray and nothing else.
pub(crate) struct Panel {
    empty: Picture,
    screen: Screen,
    _process: Process,
}

impl Panel {
    /// Starts screen and panel, and waits until the panel is drawn and takes icons.
    pub(crate) async fn start(session: &Session, kind: Kind) -> Self {
        let screen = match kind {
            Kind::Xfce => Screen::X11(Box::new(Xvfb::start(session).await)),
            Kind::Waybar => {
                let sway = Box::new(Sway::start(session).await);
                let pointer = Pointer::plug_in(sway.socket());
                Screen::Wayland(sway, pointer)
            }
        };
        let background = screen.picture(session).await.pixel(EMPTY);
        let _process = match kind {
            Kind::Xfce => start_xfce(session).await,
            Kind::Waybar => start_waybar(session),
        };
        wait_owner(&session.connect().await, WATCHER, DEADLINE).await;
        // It is drawn in pieces: one that is not there yet would later be taken for an icon.
        let is_drawn =
            |picture: &Picture| Picture::within(TRAY).chain([EMPTY]).all(|at| picture.pixel(at) != background);
        let empty = screen.until(session, "the panel", is_drawn).await;
        Self { empty, screen, _process }
    }

    /// The middle of what has come into the panel, once something has.
    pub(crate) async fn wait_icon(&self, session: &Session) -> (usize, usize) {
        let comes = |picture: &Picture| picture.changed_since(&self.empty, TRAY).is_some();
        let picture = self.screen.until(session, "an icon in the panel", comes).await;
        picture.changed_since(&self.empty, TRAY).unwrap()
    }

    /// Clicks the icon where it is now.
    pub(crate) async fn click_icon(&mut self, session: &Session, button: Button) {
        let at = self.wait_icon(session).await;
        let number = button as u8;
        match &mut self.screen {
            Screen::X11(_) => {
                let [x, y, number] = [at.0, at.1, number.into()].map(|number| number.to_string());
                session.run("xdotool", ["mousemove", &x, &y, "click", &number]).await.ok();
            }
            Screen::Wayland(_, pointer) => pointer.click(at, number),
        }
    }

    /// Waits until something is drawn below the panel, such as a menu. X11 only: there nothing else is on the screen.
    pub(crate) async fn wait_menu(&self, session: &Session) {
        let opens = |picture: &Picture| picture.changed_since(&self.empty, MENU).is_some();
        self.screen.until(session, "a menu below the panel", opens).await;
    }

    /// Presses keys, one after another. X11 only.
    pub(crate) async fn keys(&self, session: &Session, keys: &[&str]) {
        session.run("xdotool", ["key"].iter().chain(keys)).await.ok();
    }
}

impl Screen {
    async fn picture(&self, session: &Session) -> Picture {
        let file = session.join("screen.png");
        match self {
            Self::X11(screen) => screen.shot(session, &file).await,
            Self::Wayland(screen, _) => screen.shot(session, &file).await,
        }
        Picture::read(&file)
    }

    /// Looks until a picture is as wanted: neither screen says when it has changed.
    async fn until(&self, session: &Session, what: &str, wanted: impl Fn(&Picture) -> bool) -> Picture {
        let look = async {
            loop {
                let picture = self.picture(session).await;
                if wanted(&picture) {
                    return picture;
                }
            }
        };
        within(DEADLINE, what, look).await
    }
}

/// What is on the screen: red, green and blue of each pixel.
#[derive(PartialEq, Eq)]
struct Picture {
    width: usize,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    fn read(file: &Path) -> Self {
        let mut decoder = png::Decoder::new(BufReader::new(File::open(file).unwrap()));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        let colour = |pixel: &[u8]| match pixel {
            [grey] | [grey, _] => [*grey; 3],
            [red, green, blue, ..] => [*red, *green, *blue],
            [] => [0; 3],
        };
        let pixels = bytes.chunks_exact(info.color_type.samples()).map(colour).collect();
        Self { width: info.width as usize, pixels }
    }

    fn pixel(&self, (x, y): (usize, usize)) -> [u8; 3] {
        self.pixels[y * self.width + x]
    }

    /// The places within some columns and rows.
    fn within((columns, rows): (Range<usize>, Range<usize>)) -> impl Iterator<Item = (usize, usize)> {
        rows.flat_map(move |y| columns.clone().map(move |x| (x, y)))
    }

    /// The middle of what differs within some columns and rows.
    fn changed_since(&self, before: &Self, area: (Range<usize>, Range<usize>)) -> Option<(usize, usize)> {
        let changed: Vec<_> = Self::within(area).filter(|place| self.pixel(*place) != before.pixel(*place)).collect();
        let middle = |side: fn(&(usize, usize)) -> usize| {
            let sides = changed.iter().map(side);
            Some((sides.clone().min()? + sides.max()?) / 2)
        };
        Some((middle(|place| place.0)?, middle(|place| place.1)?))
    }
}

async fn start_xfce(session: &Session) -> Process {
    session.add_service(Path::new("/usr/share/dbus-1/services/org.xfce.Xfconf.service")).await;
    let folder = session.config_home().join("xfce4/xfconf/xfce-perchannel-xml");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("xfce4-panel.xml"), XFCE).unwrap();
    let mut panel = session.command("xfce4-panel");
    panel.arg("--disable-wm-check");
    session.spawn(panel)
}

fn start_waybar(session: &Session) -> Process {
    let (config, style) = (session.config_home().join("waybar.json"), session.config_home().join("waybar.css"));
    fs::write(&config, WAYBAR).unwrap();
    fs::write(&style, "* { background: #eeeeee; border: none; }").unwrap();
    let mut panel = session.command("waybar");
    panel.arg("--config").arg(config).arg("--style").arg(style);
    session.spawn(panel)
}

const XFCE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="length" type="uint" value="100"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
"#;

const WAYBAR: &str =
    r#"{ "layer": "top", "position": "top", "height": 32, "modules-left": ["tray"], "tray": { "icon-size": 22 } }"#;
