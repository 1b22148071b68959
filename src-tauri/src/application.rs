//! The program's one instance, as desktops call it: `org.freedesktop.Application` (desktop entry specification, "D-Bus
//! Activation"). A second start hands the first its wish and the activation token of the press, without which Wayland lets no
//! window come to the front.
//!
//! It must not know how a window is shown.

use crate::activation;
use crate::wish::Wish;
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::mpsc;
use zbus::fdo::{self, DBusProxy, RequestNameFlags, RequestNameReply};
use zbus::names::WellKnownName;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, proxy::MethodFlags};

/// The program's name on the bus, which is also what its windows and its desktop entry are called.
pub(crate) const NAME: &str = "org.tidegate.Tidegate";
const PATH: &str = "/org/tidegate/Tidegate";
const INTERFACE: &str = "org.freedesktop.Application";
/// Calls that wait until there is a window; of a flood of them nobody needs more.
const WAITING: usize = 8;
/// The longest token that is taken, in bytes.
const TOKEN: usize = 512;
/// A first instance that takes longer to answer hangs.
const PATIENCE: Duration = Duration::from_secs(5);
/// Where a launcher's platform data has the token; the first is what newer ones write.
const TOKENS: [&str; 2] = ["activation-token", "desktop-startup-id"];

/// That the window is to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// And what it is to show.
    pub(crate) wish: Wish,
    /// The token of the press that asked for it.
    pub(crate) token: Option<String>,
}

impl Call {
    /// What this start of the program asks for.
    ///
    /// # Errors
    /// What is wrong with its arguments.
    pub(crate) fn of_this_start() -> Result<Self, String> {
        Ok(Self { wish: Wish::by(std::env::args_os().skip(1))?, token: activation::of_this_start() })
    }
}

/// Which instance of the program this is.
pub(crate) enum Instance {
    /// The one that has the window.
    First(Calls),
    /// Another, whose wish the first has been given.
    Second,
}

/// What later starts, launchers and docks call for, as long as this is kept.
pub(crate) struct Calls {
    calls: mpsc::Receiver<Call>,
    _served: Connection,
}

impl Calls {
    /// The next one.
    pub(crate) async fn next(&mut self) -> Option<Call> {
        self.calls.recv().await
    }
}

struct Application {
    calls: mpsc::Sender<Call>,
}

impl Application {
    fn take(&self, wish: Wish, platform_data: &HashMap<String, OwnedValue>) {
        let call = Call { wish, token: token_in(platform_data) };
        if self.calls.try_send(call).is_err() {
            eprintln!("tidegate-app: called more often than the window can be shown");
        }
    }
}

#[zbus::interface(name = "org.freedesktop.Application")]
impl Application {
    fn activate(&self, platform_data: HashMap<String, OwnedValue>) {
        self.take(Wish::Window, &platform_data);
    }

    fn open(&self, _uris: Vec<String>, platform_data: HashMap<String, OwnedValue>) {
        self.take(Wish::Window, &platform_data);
    }

    fn activate_action(
        &self,
        name: &str,
        _parameter: Vec<OwnedValue>,
        platform_data: HashMap<String, OwnedValue>,
    ) -> fdo::Result<()> {
        let wish = Wish::named(name).ok_or_else(|| fdo::Error::InvalidArgs("there is no such action".to_owned()))?;
        self.take(wish, &platform_data);
        Ok(())
    }
}

fn token_in(platform_data: &HashMap<String, OwnedValue>) -> Option<String> {
    let token = TOKENS.iter().find_map(|key| platform_data.get(*key)?.downcast_ref::<&str>().ok());
    token.filter(|token| !token.is_empty() && token.len() <= TOKEN).map(str::to_owned)
}

/// Becomes the first instance, or gives the first one this call.
///
/// # Errors
/// Without a session bus, and where the first instance does not answer.
pub(crate) async fn become_one(call: &Call) -> zbus::Result<Instance> {
    let (sender, calls) = mpsc::channel(WAITING);
    let builder = tidegate_bus::connect(None).await?.method_timeout(PATIENCE);
    let conn = builder.serve_at(PATH, Application { calls: sender })?.build().await?;
    let name = WellKnownName::from_static_str(NAME)?;
    match DBusProxy::new(&conn).await?.request_name(name, RequestNameFlags::DoNotQueue.into()).await? {
        RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner => {
            Ok(Instance::First(Calls { calls, _served: conn }))
        }
        RequestNameReply::InQueue | RequestNameReply::Exists => {
            hand_over(&conn, call).await?;
            Ok(Instance::Second)
        }
    }
}

/// The calls of the first instance. Where the bus does not say whether there is another, the window opens all the same.
pub(crate) fn calls(became: zbus::Result<Instance>) -> Option<Calls> {
    match became {
        Ok(Instance::First(calls)) => Some(calls),
        Ok(Instance::Second) => None,
        Err(error) => {
            eprintln!("tidegate-app: whether its window is open already cannot be found out: {error}");
            None
        }
    }
}

async fn hand_over(conn: &Connection, call: &Call) -> zbus::Result<()> {
    let token = call.token.as_deref();
    let data: HashMap<&str, Value<'_>> =
        token.into_iter().flat_map(|token| TOKENS.map(|key| (key, Value::from(token)))).collect();
    let first = zbus::Proxy::new(conn, NAME, PATH, INTERFACE).await?;
    let flags = MethodFlags::NoAutoStart.into();
    match call.wish.name() {
        Some(action) => {
            let parameters: &[Value<'_>] = &[];
            first.call_with_flags::<_, _, ()>("ActivateAction", flags, &(action, parameters, data)).await?;
        }
        None => {
            first.call_with_flags::<_, _, ()>("Activate", flags, &(data,)).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(key: &str, value: Value<'_>) -> HashMap<String, OwnedValue> {
        HashMap::from([(key.to_owned(), value.try_into().unwrap())])
    }

    #[test]
    fn a_token_is_a_short_text_of_either_name() {
        assert_eq!(token_in(&data("activation-token", "a".into())).as_deref(), Some("a"));
        assert_eq!(token_in(&data("desktop-startup-id", "b_TIME1".into())).as_deref(), Some("b_TIME1"));
        let no_token = [("activation-token", Value::from(1_u32)), ("activation-token", "".into()), ("x", "c".into())];
        for (key, value) in no_token {
            assert_eq!(token_in(&data(key, value)), None);
        }
        assert_eq!(token_in(&data("activation-token", "x".repeat(513).into())), None);
    }
}
