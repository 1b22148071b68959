//! What benchmarks make of what they measured. Must not know what that was.

use serde_json::Value;

/// To three places.
#[must_use]
pub fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// The value that a share of the values, which are sorted, does not reach; NaN if there are none.
#[must_use]
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len() as f64 * share) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// The middle value, rounded.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    round(percentile(&values, 0.5))
}

/// One figure over another; NaN, which JSON has as null, without both.
#[must_use]
pub fn ratio(of: &Value, to: &Value) -> f64 {
    round(of.as_f64().unwrap_or(f64::NAN) / to.as_f64().unwrap_or(f64::NAN))
}

/// The number after a label in one of the kernel's texts, such as `/proc/PID/status`.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn number_after(text: &str, label: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(label)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// The memory that is a process's share, in KiB.
///
/// # Panics
/// If it has ended.
#[must_use]
pub fn pss(pid: u32) -> u64 {
    number_after(&std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap(), "Pss:")
}

/// Which measurements a command line names; all, if it names none.
#[must_use]
pub fn chosen<'a>(all: &[&'a str], words: &[String]) -> Vec<&'a str> {
    let named: Vec<_> = all.iter().copied().filter(|name| words.iter().any(|word| word == name)).collect();
    if named.is_empty() { all.to_vec() } else { named }
}

/// Prints what was measured, and writes it to the file after `--json` if there is one.
///
/// # Panics
/// If the file cannot be written.
pub fn tell(all: &Value, words: &[String]) {
    for (name, value) in all.as_object().unwrap() {
        println!("{name}\n{}", serde_json::to_string_pretty(value).unwrap());
    }
    if let Some(at) = words.iter().position(|word| word == "--json") {
        std::fs::write(&words[at + 1], serde_json::to_vec_pretty(all).unwrap()).unwrap();
    }
}
