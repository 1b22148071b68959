//! Sizes in words. Must not know of what.

use crate::catalogue::plain;
use crate::say;
use tidegate_contract::Message;

/// "812 bytes", "1.5 KiB", "60 MiB".
pub(crate) fn bytes(size: u64) -> String {
    const STEP: u64 = 1024;
    let (unit, says): (_, fn(String) -> Message) = match size {
        ..STEP => return plain(&say::size_bytes(i64::try_from(size).unwrap_or_default())),
        STEP..0x10_0000 => (STEP, say::size_kib),
        0x10_0000..0x4000_0000 => (STEP * STEP, say::size_mib),
        _ => (STEP * STEP * STEP, say::size_gib),
    };
    let tenths = u128::from(size) * 10 / u128::from(unit);
    let whole = tenths % 10 == 0 || tenths >= 100;
    let count = if whole { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) };
    plain(&says(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (size, words) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (60 << 20, "60 MiB"),
            ((10 << 20) + (1 << 19), "10 MiB"),
            (u64::MAX, "17179869183 GiB"),
        ] {
            assert_eq!(bytes(size), words);
        }
    }
}
