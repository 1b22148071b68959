//! The picture beside an interruption or an app: what its sender gave along, else the icon of the app that is installed.
//!
//! Looking for one reads disks and unpacks what strangers sent, so none of it happens on the thread that answers apps: a few
//! threads that end do it, and a stranger's file is drawn in a process of its own. Must not know the bus or the window.

mod apart;
mod draw;
mod shrink;

pub use apart::draws;

use shrink::Shrinking;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tidegate_contract::{PICTURE_SIZES, Picture};
use tidegate_domain::ports::{Archive, StoreError};
use tidegate_domain::{App, Interruption, NoticeId, Query, Raw, Seq};
use tidegate_engine::{Engine, Reading, Stopped};
use tidegate_gate::pictures::{Pixels, Source, sources};
use tidegate_platform::apps::Apps;
use tidegate_platform::icons::{IconPlaces, Icons};
use tidegate_platform::regular_file;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Pictures that are looked for at a time.
const AT_A_TIME: usize = 2;
/// Requests that may wait for their turn: more than fit in any window.
const MAY_WAIT: usize = 256;
/// The largest file of an installed icon, in bytes: it is handed on as it is.
const LARGEST_ICON: u64 = 1 << 20;
/// Enough for what reads names and averages rows.
const STACK: usize = 512 << 10;

/// How long looking for one may take, its turn included.
const PATIENCE: Duration = Duration::from_secs(15);

/// The right to look for a picture.
type Turn = Arc<OwnedSemaphorePermit>;

/// Whose picture is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A row's.
    Row(Seq),
    /// That of the app with this id.
    App(String),
}

/// A picture that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    subject: Subject,
    size: u32,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NotLooked {
    /// Nothing that can be asked for; what to ask.
    #[error("{0}")]
    Invalid(String),
    /// Too many are waiting.
    #[error("{MAY_WAIT} pictures are being looked for already; ask again when one is there")]
    TooMany,
    /// A disk does not answer.
    #[error("the picture was not found in time")]
    Late,
    /// The rows cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine has ended.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The system has no thread for it.
    #[error("look for a picture: {0}")]
    System(#[from] std::io::Error),
}

impl Wanted {
    /// From a call's arguments.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(kind: &str, key: &str, size: u32) -> Result<Self, NotLooked> {
        let subject = match kind {
            "row" => key.parse().ok().map(|seq| Subject::Row(Seq(seq))),
            "app" => Some(Subject::App(key.to_owned())),
            _ => None,
        };
        let what = "a picture is asked for by \"row\" and a cursor, or by \"app\" and an id";
        let subject = subject.ok_or_else(|| NotLooked::Invalid(what.to_owned()))?;
        if !PICTURE_SIZES.contains(&size) {
            let (least, most) = (PICTURE_SIZES.start(), PICTURE_SIZES.end());
            return Err(NotLooked::Invalid(format!("a picture has {least} to {most} pixels, not {size}")));
        }
        Ok(Self { subject, size })
    }
}

/// Where pictures lie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PicturePlaces {
    /// Copies of files that notifications name.
    pub copies: PathBuf,
    /// Icons.
    pub icons: IconPlaces,
}

/// Finds pictures. Cheap to clone.
#[derive(Clone)]
pub struct Pictures {
    engine: Engine,
    looking: Arc<Looking>,
    turns: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// What the threads share.
struct Looking {
    apps: Apps,
    copies: PathBuf,
    icons: Icons,
}

/// What a row has to do with pictures.
struct Row {
    id: NoticeId,
    app: App,
    raw: Option<Raw>,
}

/// What looking came to.
enum Found {
    /// A picture; an empty one where there is none.
    Picture(Picture),
    /// A file that its sender named, and where to look if that is no picture.
    Strange(PathBuf, usize),
}

impl Pictures {
    /// Of this engine's rows and these apps.
    #[must_use]
    pub fn new(engine: Engine, apps: Apps, places: PicturePlaces) -> Self {
        let looking = Looking { apps, copies: places.copies, icons: Icons::new(places.icons) };
        Self {
            engine,
            looking: Arc::new(looking),
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
            waiting: Arc::new(Semaphore::new(MAY_WAIT)),
        }
    }

    /// The picture; an empty one where there is none.
    ///
    /// # Errors
    /// When it could not even be looked for.
    pub async fn find(&self, wanted: Wanted) -> Result<Picture, NotLooked> {
        let _place = self.waiting.try_acquire().map_err(|_| NotLooked::TooMany)?;
        tokio::time::timeout(PATIENCE, self.find_in_turn(wanted)).await.map_err(|_| NotLooked::Late)?
    }

    async fn find_in_turn(&self, wanted: Wanted) -> Result<Picture, NotLooked> {
        let turn = Arc::new(self.turns.clone().acquire_owned().await.map_err(|_| Stopped)?);
        match wanted.subject {
            Subject::App(id) => self.of_app(id, wanted.size, &turn).await,
            Subject::Row(seq) => match self.row(seq).await? {
                Some(row) => self.of_row(row, wanted.size, &turn).await,
                None => Ok(Picture::default()),
            },
        }
    }

    async fn row(&self, seq: Seq) -> Result<Option<Row>, NotLooked> {
        Ok(self.engine.read(Reading::Rows, move |_, archive, _| row(archive, seq)).await??)
    }

    async fn of_app(&self, id: String, size: u32, turn: &Turn) -> Result<Picture, NotLooked> {
        let looking = self.looking.clone();
        aside(turn, move || looking.app_icon(&[&id], size)).await
    }

    /// A stranger's file that turns out to be no picture makes the search go on behind it.
    async fn of_row(&self, row: Row, size: u32, turn: &Turn) -> Result<Picture, NotLooked> {
        let row = Arc::new(row);
        let mut from = 0;
        loop {
            let (looking, row) = (self.looking.clone(), row.clone());
            match aside(turn, move || looking.of_row(&row, from, size)).await? {
                Found::Picture(picture) => return Ok(picture),
                Found::Strange(file, next) => {
                    match apart::drawn(&file, size).await {
                        Ok(drawn) => return Ok(Picture(drawn)),
                        Err(error) => tracing::debug!(%error, "a file that a notification names is not shown"),
                    }
                    from = next;
                }
            }
        }
    }
}

fn row(archive: &mut dyn Archive, seq: Seq) -> Result<Option<Row>, StoreError> {
    let rows = archive.rows(&Query::Seqs(vec![seq]))?.rows;
    let Some(Interruption { id, app, .. }) = rows.into_iter().find(|row| !row.is_own()) else { return Ok(None) };
    Ok(Some(Row { id, app, raw: archive.raw(seq)? }))
}

/// On a thread that ends, and keeps the turn until it does: a disk that does not answer keeps no more than that.
async fn aside<T: Send + 'static>(turn: &Turn, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotLooked> {
    let (done, wait) = tokio::sync::oneshot::channel();
    let turn = turn.clone();
    std::thread::Builder::new().name("picture".into()).stack_size(STACK).spawn(move || {
        let _turn = turn;
        if done.send(work()).is_err() {
            tracing::debug!("who asked for a picture left");
        }
    })?;
    Ok(wait.await.map_err(|_| Stopped)?)
}

impl Looking {
    /// From the notification's own places, the first `from` left out, to its app's icon.
    fn of_row(&self, row: &Row, from: usize, size: u32) -> Found {
        let places = row.raw.as_ref().map(|raw| sources(raw, row.id, &self.copies)).unwrap_or_default();
        for (at, place) in places.into_iter().enumerate().skip(from) {
            let picture = match place {
                Source::Pixels(pixels) => small(&pixels, size),
                Source::Icon(name) => self.icon(name, size),
                Source::File(path) if path.starts_with(&self.copies) && !is_there(&path) => None,
                // Not looked at here: its file system may hang, and with it this process.
                Source::File(path) => return Found::Strange(path, at + 1),
            };
            if let Some(picture) = picture {
                return Found::Picture(picture);
            }
        }
        let entry = row.app.desktop_entry.as_deref().unwrap_or_default();
        Found::Picture(self.app_icon(&[entry, &row.app.id], size))
    }

    /// The icon of the first of these apps that is installed and has one.
    fn app_icon(&self, ids: &[&str], size: u32) -> Picture {
        let icons = ids.iter().filter_map(|id| self.apps.icon(id));
        icons.filter_map(|named| self.installed_icon(&named, size)).next().unwrap_or_default()
    }

    /// What a desktop entry names: a file, or an icon.
    fn installed_icon(&self, named: &str, size: u32) -> Option<Picture> {
        if Path::new(named).is_absolute() { as_it_is(Path::new(named)) } else { self.icon(named, size) }
    }

    fn icon(&self, name: &str, size: u32) -> Option<Picture> {
        as_it_is(&self.icons.find(name, size)?)
    }
}

/// A copy that had to make room is empty.
fn is_there(copy: &Path) -> bool {
    copy.metadata().is_ok_and(|facts| facts.len() > 0)
}

/// An installed file, if it is of a kind that is shown.
fn as_it_is(path: &Path) -> Option<Picture> {
    let picture = Picture(regular_file::read(path, LARGEST_ICON).ok()?);
    picture.media_type().is_some().then_some(picture)
}

fn small(pixels: &Pixels<'_>, size: u32) -> Option<Picture> {
    let mut shrinking = Shrinking::new(pixels.size(), size as usize)?;
    pixels.rows().for_each(|row| shrinking.add(row));
    draw::png_of(&shrinking.end()).ok().map(Picture)
}
