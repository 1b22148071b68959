//! What the desktop and the system under it offer: clocks and the zone, sleep and idleness, installed apps and icons, what
//! the system may do with this process. Must not know notifications, or what anybody does with the answers.

pub mod apps;
pub mod clock;
mod icon_theme;
pub mod icons;
pub mod idle;
pub mod process_limits;
pub mod ready;
pub mod regular_file;
pub mod sleep;
pub mod zone;
