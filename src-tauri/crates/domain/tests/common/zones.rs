//! Zones for tests, read where this system keeps them. Must not know what is tested.

use tidegate_domain::Zone;

/// A zone by its IANA name.
#[expect(clippy::disallowed_methods, reason = "a test reads zones where they are kept")]
pub(crate) fn zone(name: &str) -> Zone {
    let file = std::fs::read(format!("/usr/share/zoneinfo/{name}")).unwrap();
    Zone::from_file(Some(name), &file).unwrap()
}
