//! The program `tidegate-relay`: its command line and exit status. What it does is in the library.

use std::env::{self, ArgsOs};
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use tidegate_relay::ensure::{self, Verdict};
use tidegate_relay::error::Error;
use tidegate_relay::place::Place;
use tidegate_relay::relay::Relay;
use tidegate_relay::{detach, itself, renderer, say};

/// This very program, also after it was replaced on disk.
const SELF: &str = "/proc/self/exe";

const HELP: &str = "\
tidegate-relay: keeps the desktop's own notification daemon behind Tidegate's gate

usage: tidegate-relay [OPTION]

Without an option it runs in the foreground until the session ends. The gate starts it, or systemd does;
you should not need to.

  --daemonize        run in the background; returns when ready
  --ensure-renderer  if nothing shows notifications, start the recorded daemon and stay; else do nothing
  --help             this text
  --version          the version

It listens in $XDG_RUNTIME_DIR/tidegate and reads $XDG_STATE_HOME/tidegate/renderer.json.
SIGTERM ends it and the daemon that it started.

exit status: 0 all is well; 1 something failed, or the session bus is gone; 2 wrong usage; 3 no daemon was recorded;
4 another relay runs already
";

fn main() -> ExitCode {
    let mut arguments = env::args_os();
    arguments.next();
    let outcome = run(arguments.next(), arguments);
    ExitCode::from(outcome.unwrap_or_else(|error| {
        say(&error.to_string());
        error.exit_code()
    }))
}

fn run(option: Option<OsString>, mut rest: ArgsOs) -> Result<u8, Error> {
    let option = option.map(|option| option.to_string_lossy().into_owned());
    if option.as_deref() == Some(renderer::EXEC_FLAG) {
        return Ok(renderer::exec(rest));
    }
    itself::prepare();
    if let Some(surplus) = rest.next() {
        return Err(Error::Usage(format!("unexpected argument {}", surplus.to_string_lossy())));
    }
    match option.as_deref() {
        None => relay(),
        Some("--daemonize") => detach::daemonize(Path::new(SELF)),
        Some("--ensure-renderer") => ensure_renderer(),
        Some("--help") => Ok(print(HELP)),
        Some("--version") => Ok(print(concat!("tidegate-relay ", env!("CARGO_PKG_VERSION"), "\n"))),
        Some(detach::DETACHED_FLAG) => detach::start_detached(Path::new(SELF)),
        Some(detach::REPORTING_FLAG) => reporting_relay(),
        Some(other) => Err(Error::Usage(format!("unknown option {other}"))),
    }
}

fn print(text: &str) -> u8 {
    use std::io::Write as _;
    std::io::stdout().write_all(text.as_bytes()).map_or(1, |()| 0)
}

fn relay() -> Result<u8, Error> {
    let mut relay = open()?;
    detach::tell_systemd();
    relay.run().map(|()| 0)
}

fn reporting_relay() -> Result<u8, Error> {
    match open() {
        Ok(mut relay) => {
            detach::report(Ok(()));
            relay.run().map(|()| 0)
        }
        Err(error) => {
            say(&error.to_string());
            let code = error.exit_code();
            detach::report(Err(code));
            Ok(code)
        }
    }
}

fn open() -> Result<Relay, Error> {
    Relay::open(&Place::of_session()?, SELF.into())
}

fn ensure_renderer() -> Result<u8, Error> {
    let place = Place::of_session()?;
    let Verdict::Missing(record) = ensure::look(&place)? else {
        return Ok(0);
    };
    match Relay::open(&place, SELF.into()) {
        Ok(mut relay) => {
            relay.supervise(*record);
            detach::tell_systemd();
            relay.run().map(|()| 0)
        }
        Err(Error::AlreadyRunning { .. }) => ensure::hand_over(*record, &place.control_socket()).map(|()| 0),
        Err(error) => Err(error),
    }
}
