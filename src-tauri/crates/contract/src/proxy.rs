//! The client side of `org.tidegate.Tidegate1`. Used by the CLI's scripts and the window; the daemon serves the same shape.

/// The daemon's control interface. Typed verbs are for scripts; [`Tidegate1Proxy::request`] is for our own clients.
#[zbus::proxy(
    interface = "org.tidegate.Tidegate1",
    default_service = "org.tidegate.Tidegate1",
    default_path = "/org/tidegate/Tidegate1",
    gen_blocking = false
)]
pub trait Tidegate1 {
    /// A [`crate::Request`] as JSON; answers the response of its [`crate::Verb`] as JSON. A [`crate::Failure`] comes as the D-Bus error
    /// `org.tidegate.Tidegate1.Error` with the failure's JSON as its text.
    fn request(&self, request: &str) -> zbus::Result<String>;
    /// Start a block of `minutes` (0: open-ended) with an intention ("" for none).
    fn start(&self, minutes: u32, intention: &str) -> zbus::Result<()>;
    /// End the block.
    fn end(&self) -> zbus::Result<()>;
    /// Hand over what is held.
    fn check_in(&self) -> zbus::Result<()>;
    /// Close an open gate until the next check-in, or for 50 minutes where none is left today; or end the block.
    fn toggle(&self) -> zbus::Result<()>;
    /// Release every held one.
    fn release_all(&self) -> zbus::Result<()>;
    /// The picture beside a row (`kind` "row", `key` its cursor in decimal) or beside an app (`kind` "app", `key` its
    /// id), at most `size` pixels (16 to 512) wide and high; an SVG has no size. Empty where there is none. Does not
    /// start a daemon.
    #[zbus(no_autostart)]
    fn picture(&self, kind: &str, key: &str, size: u32) -> zbus::Result<crate::Picture>;
    /// A new [`crate::View`] as JSON, at most four times a second.
    #[zbus(signal)]
    fn view_changed(&self, view: &str) -> zbus::Result<()>;
    /// "open" or "closed", or "away" when the gate does not stand in the path.
    #[zbus(property)]
    fn state(&self) -> zbus::Result<String>;
    /// How many are held.
    #[zbus(property)]
    fn held(&self) -> zbus::Result<u32>;
    /// When the block ends, seconds since the epoch; 0 without an end.
    #[zbus(property)]
    fn block_ends(&self) -> zbus::Result<i64>;
    /// The next check-in, seconds since the epoch; 0 when none is set.
    #[zbus(property)]
    fn next_check_in(&self) -> zbus::Result<i64>;
    /// What the block is for.
    #[zbus(property)]
    fn intention(&self) -> zbus::Result<String>;
}
