//! Idleness as real desktops tell it: an X server, a Wayland compositor, and Mutter's monitor on the bus; and what those
//! may say that are not well. Nobody here waits for as long as the product does: how long is an argument.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use futures_util::FutureExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tidegate_platform::idle::{Desktop, IdleError, IdleSource, IdleWatch};
use tidegate_testkit::{DEADLINE, IdleMonitor, Session, Sway, Xvfb, owner, wait_no_owner, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(86_400);

fn bus(session: &Session) -> Desktop {
    Desktop { bus: Some(session.address()), ..Desktop::default() }
}

fn x11(session: &Session, server: &Xvfb) -> Desktop {
    Desktop { x11: Some(server.display().to_owned()), ..bus(session) }
}

async fn watch(desktop: &Desktop, after: Duration) -> IdleWatch {
    within(DEADLINE, "a watch", desktop.watch_idleness(after)).await.unwrap()
}

async fn idle(watch: &mut IdleWatch) -> Result<(), IdleError> {
    within(DEADLINE, "idleness", watch.idle()).await
}

#[tokio::test]
async fn without_a_desktop_nobody_tells() {
    let session = Session::start().await;
    let refused = bus(&session).watch_idleness(SHORT).await.err();
    assert!(matches!(refused, Some(IdleError::NoDesktop)), "{refused:?}");
}

#[tokio::test]
async fn an_x_server_tells_and_one_that_nobody_has_touched_for_long_tells_at_once() {
    let session = Session::start().await;
    let server = Xvfb::start(&session).await;
    let desktop = x11(&session, &server);
    let mut first = watch(&desktop, SHORT).await;
    assert_eq!(first.source(), IdleSource::X11);
    idle(&mut first).await.unwrap();
    let told = watch(&desktop, SHORT).await.idle().now_or_never();
    assert!(matches!(told, Some(Ok(()))), "it was idle already: {told:?}");
    assert!(watch(&desktop, LONG).await.idle().now_or_never().is_none(), "not for as long as that");
}

#[tokio::test]
async fn a_touch_begins_the_time_of_an_x_server_anew() {
    let session = Session::start().await;
    let server = Xvfb::start(&session).await;
    let desktop = x11(&session, &server);
    idle(&mut watch(&desktop, SHORT).await).await.unwrap();
    let mut place = 0;
    // A loaded machine may be slower than the time that is watched for; then it is touched again.
    let touched = async {
        loop {
            place += 10;
            session.run("xdotool", ["mousemove", &place.to_string(), "100"]).await.ok();
            let mut watch = watch(&desktop, SHORT).await;
            if watch.idle().now_or_never().is_none() {
                return watch;
            }
        }
    };
    let mut watch = within(DEADLINE, "a touch to count", touched).await;
    idle(&mut watch).await.unwrap();
}

#[tokio::test]
async fn an_x_server_tells_of_the_touch_that_ends_the_idleness() {
    let session = Session::start().await;
    let server = Xvfb::start(&session).await;
    let mut watch = watch(&x11(&session, &server), SHORT).await;
    idle(&mut watch).await.unwrap();
    let mut touched = Box::pin(watch.touched());
    assert!((&mut touched).now_or_never().is_none(), "nobody has touched anything");
    let mut place = 0;
    // The first may come before the watch for it: then the next one counts.
    let touches = async {
        loop {
            place += 10;
            session.run("xdotool", ["mousemove", &place.to_string(), "100"]).await.ok();
        }
    };
    let told = async {
        tokio::select! {
            told = touched => told,
            () = touches => unreachable!(),
        }
    };
    within(DEADLINE, "the touch", told).await.unwrap();
}

#[tokio::test]
async fn mutter_is_asked_for_the_next_touch() {
    let session = Session::start().await;
    let monitor = IdleMonitor::start(&session).await;
    let mut watch = watch(&bus(&session), SHORT).await;
    let asked = monitor.wait_asked(Some(SHORT), 1, DEADLINE).await;
    monitor.fire(&asked).await;
    idle(&mut watch).await.unwrap();
    let touched = async {
        let again = monitor.wait_asked(None, 1, DEADLINE).await;
        assert_eq!(again.by, asked.by);
        // Of the watch before it nothing is believed.
        monitor.fire(&asked).await;
        monitor.fire(&again).await;
    };
    let (told, ()) = within(DEADLINE, "the touch", async { tokio::join!(watch.touched(), touched) }).await;
    told.unwrap();
    monitor.stop().await;
}

#[tokio::test]
async fn an_x_server_that_ends_is_an_error() {
    let session = Session::start().await;
    let server = Xvfb::start(&session).await;
    let mut watch = watch(&x11(&session, &server), LONG).await;
    drop(server);
    let gone = idle(&mut watch).await;
    assert!(matches!(gone, Err(IdleError::Gone(_) | IdleError::Unreachable(..))), "{gone:?}");
}

#[tokio::test]
async fn a_wayland_compositor_tells() {
    let session = Session::start().await;
    let sway = Sway::start(&session).await;
    let desktop = Desktop { wayland: Some(sway.socket().to_owned()), x11: Some(":77".into()), ..bus(&session) };
    let (mut long, mut short) = (watch(&desktop, LONG).await, watch(&desktop, SHORT).await);
    assert_eq!(short.source(), IdleSource::Wayland);
    let first = async {
        tokio::select! {
            told = long.idle() => panic!("after a day: {told:?}"),
            told = short.idle() => told,
        }
    };
    within(DEADLINE, "idleness", first).await.unwrap();
    assert!(matches!(short.idle().now_or_never(), Some(Ok(()))), "it stays told");
    drop(sway);
    let gone = idle(&mut long).await;
    assert!(matches!(gone, Err(IdleError::Gone(_) | IdleError::Unreachable(..))), "{gone:?}");
}

#[tokio::test]
async fn mutter_is_asked_before_any_display_and_a_watch_leaves_nothing_on_the_bus() {
    let session = Session::start().await;
    let monitor = IdleMonitor::start(&session).await;
    let desktop = Desktop { wayland: Some("/nowhere".into()), x11: Some(":77".into()), ..bus(&session) };
    let mut watch = watch(&desktop, SHORT).await;
    assert_eq!(watch.source(), IdleSource::Mutter);
    let asked = monitor.wait_asked(Some(SHORT), 1, DEADLINE).await;
    monitor.fire(&tidegate_testkit::Asked { id: asked.id + 1, ..asked.clone() }).await;
    monitor.fire(&asked).await;
    idle(&mut watch).await.unwrap();
    let control = session.connect().await;
    assert!(owner(&control, &asked.by).await.is_some());
    drop(watch);
    wait_no_owner(&control, &asked.by, DEADLINE).await;
}

#[tokio::test]
async fn another_watch_and_another_sender_are_not_believed() {
    let session = Session::start().await;
    let monitor = IdleMonitor::start(&session).await;
    let mut watch = watch(&bus(&session), SHORT).await;
    let asked = monitor.wait_asked(Some(SHORT), 1, DEADLINE).await;
    let stranger = session.connect().await;
    let (path, name) = ("/org/gnome/Mutter/IdleMonitor/Core", "org.gnome.Mutter.IdleMonitor");
    stranger.emit_signal(Some(asked.by.as_str()), path, name, "WatchFired", &asked.id).await.unwrap();
    monitor.fire(&tidegate_testkit::Asked { id: asked.id + 1, ..asked.clone() }).await;
    // Both came before this, and only this ends the wait.
    monitor.stop().await;
    let gone = idle(&mut watch).await;
    assert!(matches!(gone, Err(IdleError::Gone(IdleSource::Mutter))), "{gone:?}");
}

/// A compositor or server that says what the test says, whatever it is asked; then it listens until its client leaves.
fn says(session: &Session, words: Vec<u8>) -> PathBuf {
    let path = session.join("says");
    std::fs::remove_file(&path).ok();
    let listener = UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        client.write_all(&words).await.ok();
        listen_to_the_end(&mut client).await;
    });
    path
}

async fn listen_to_the_end(client: &mut UnixStream) -> Vec<u8> {
    let mut heard = Vec::new();
    client.read_to_end(&mut heard).await.ok();
    heard
}

/// A Wayland event.
fn event(object: u32, opcode: u32, arguments: &[u8]) -> Vec<u8> {
    let length = u32::try_from(8 + arguments.len()).unwrap();
    [&object.to_ne_bytes()[..], &(length << 16 | opcode).to_ne_bytes(), arguments].concat()
}

/// That the registry has a global.
fn global(name: u32, interface: &str) -> Vec<u8> {
    let length = u32::try_from(interface.len() + 1).unwrap();
    let mut arguments = [&name.to_ne_bytes()[..], &length.to_ne_bytes(), interface.as_bytes(), &[0]].concat();
    arguments.resize(arguments.len().next_multiple_of(4), 0);
    arguments.extend(1_u32.to_ne_bytes());
    event(2, 0, &arguments)
}

/// That all which was asked before is done.
fn done(callback: u32) -> Vec<u8> {
    event(callback, 0, &0_u32.to_ne_bytes())
}

async fn refused_by(socket: &Path, session: &Session) -> IdleError {
    let desktop = Desktop { wayland: Some(socket.to_owned()), ..bus(session) };
    within(DEADLINE, "a refusal", desktop.watch_idleness(SHORT)).await.err().expect("an error")
}

#[tokio::test]
async fn a_compositor_with_the_newer_protocol_tells_by_it() {
    let session = Session::start().await;
    let globals = [global(1, "wl_seat"), global(7, "org_kde_kwin_idle"), global(9, "ext_idle_notifier_v1"), done(3)];
    let path = session.join("compositor");
    let listener = UnixListener::bind(&path).unwrap();
    let compositor = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        client
            .write_all(&[&globals.concat()[..], &done(7), &event(6, 0, &[]), &event(6, 1, &[])].concat())
            .await
            .unwrap();
        listen_to_the_end(&mut client).await
    });
    let mut watch = watch(&Desktop { wayland: Some(path), ..bus(&session) }, SHORT).await;
    idle(&mut watch).await.unwrap();
    within(DEADLINE, "the touch", watch.touched()).await.unwrap();
    let heard = within(DEADLINE, "the end", compositor).await.unwrap();
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<u8>>();
    let bind = words(&[2, 48 << 16, 9, 21]);
    assert!(heard.windows(bind.len()).any(|part| part == bind), "it binds the newer one: {heard:?}");
    let asks = words(&[5, 20 << 16 | 1, 6, 300, 4, 1, 12 << 16, 7]);
    assert!(heard.ends_with(&asks), "get_idle_notification(new id, timeout, seat), then sync: {heard:?}");
}

#[tokio::test]
async fn a_compositor_without_a_seat_or_a_notifier_does_not_tell() {
    let session = Session::start().await;
    for globals in [vec![global(1, "wl_seat")], vec![global(9, "ext_idle_notifier_v1")], vec![]] {
        let socket = says(&session, [globals.concat(), done(3)].concat());
        let refused = refused_by(&socket, &session).await;
        assert!(matches!(refused, IdleError::NotTold(IdleSource::Wayland)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_compositor_that_is_not_well_is_an_error_and_nothing_else() {
    let session = Session::start().await;
    let mut error = [1_u32, 0, 9].map(u32::to_ne_bytes).concat();
    error.extend(b"bad\nway\0");
    let endless = global(5, "wl_output").repeat(5_000);
    let lies = [event(2, 0, &[1; 4]), event(2, 0, &[255; 12]), event(2, 0, &[0; 8])];
    let short = [[0; 8].to_vec(), [2_u32, 0xffff_0000].map(u32::to_ne_bytes).concat()];
    for words in [endless].into_iter().chain(lies).chain(short) {
        let refused = refused_by(&says(&session, words), &session).await;
        assert!(matches!(refused, IdleError::Malformed(IdleSource::Wayland)), "{refused:?}");
    }
    let refused = refused_by(&says(&session, event(1, 0, &error)), &session).await;
    assert!(matches!(&refused, IdleError::Refused(_, words) if words == "badway"), "{refused:?}");
    let gone = refused_by(Path::new("/nowhere"), &session).await;
    assert!(matches!(gone, IdleError::Unreachable(IdleSource::Wayland, _)), "{gone:?}");
}

/// An X server of our own, found by its number.
struct FakeServer(PathBuf);

impl FakeServer {
    /// It says these words to its one client, whatever it is asked.
    fn says(words: Vec<u8>) -> (Self, Desktop) {
        std::fs::create_dir_all("/tmp/.X11-unix").unwrap();
        let (listener, number) = (20_000_u16..30_000)
            .find_map(|number| Some((UnixListener::bind(format!("/tmp/.X11-unix/X{number}")).ok()?, number)))
            .expect("a free number");
        tokio::spawn(async move {
            let (mut client, _) = listener.accept().await.unwrap();
            client.write_all(&words).await.ok();
            client.shutdown().await.ok();
            listen_to_the_end(&mut client).await;
        });
        let server = Self(PathBuf::from(format!("/tmp/.X11-unix/X{number}")));
        (server, Desktop { x11: Some(format!(":{number}")), ..Desktop::default() })
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

fn setup() -> Vec<u8> {
    let head = [1_u8, 0, 11, 0, 0, 0, 8, 0];
    [&head[..], &[0; 32]].concat()
}

/// A reply, in the machine's byte order: one byte, more words than a reply has anyway, and 24 bytes.
fn reply(detail: u8, more: u32, rest: &[u8]) -> Vec<u8> {
    let mut reply = [&[1, detail, 1, 0][..], &more.to_ne_bytes(), rest].concat();
    reply.resize(reply.len().max(32), 0);
    reply
}

async fn refused_by_server(words: Vec<u8>, session: &Session) -> IdleError {
    let (_server, desktop) = FakeServer::says(words);
    let desktop = Desktop { bus: Some(session.address()), ..desktop };
    within(DEADLINE, "a refusal", desktop.watch_idleness(SHORT)).await.err().expect("an error")
}

#[tokio::test]
async fn an_x_server_that_is_not_well_is_an_error_and_nothing_else() {
    let session = Session::start().await;
    let with_sync = [setup(), reply(0, 0, &[1, 130, 83, 134]), reply(3, 0, &[1])].concat();
    let malformed = [
        vec![1, 0, 11, 0, 0, 0, 0, 0],
        [setup(), reply(0, 0x4000_0000, &[])].concat(),
        [&with_sync[..], &reply(0, 0, &u32::MAX.to_ne_bytes())].concat(),
        [&with_sync[..], &reply(0, 1, &[&[9, 0, 0, 0][..], &[0; 24]].concat())].concat(),
    ];
    for words in malformed {
        let refused = refused_by_server(words, &session).await;
        assert!(matches!(refused, IdleError::Malformed(IdleSource::X11)), "{refused:?}");
    }
    for words in [vec![], setup(), with_sync.clone()] {
        let gone = refused_by_server(words, &session).await;
        assert!(matches!(gone, IdleError::Gone(IdleSource::X11)), "{gone:?}");
    }
    let without_sync = [setup(), reply(0, 0, &[0; 4])].concat();
    let without_counter = [with_sync.clone(), reply(0, 0, &[0; 4])].concat();
    for words in [without_sync, without_counter] {
        let refused = refused_by_server(words, &session).await;
        assert!(matches!(refused, IdleError::NotTold(IdleSource::X11)), "{refused:?}");
    }
    let no_entry = [&[0, 8, 11, 0, 0, 0, 2, 0][..], b"no\nentry"].concat();
    let error = [setup(), [0_u8, 5].into_iter().chain([0; 30]).collect()].concat();
    for words in [no_entry, error] {
        let refused = refused_by_server(words, &session).await;
        assert!(matches!(refused, IdleError::Refused(IdleSource::X11, _)), "{refused:?}");
    }
}
