//! Random runs of a whole desktop, with crashes, failing disks, dying renderers and clocks that jump, against a simple
//! model of what each sender was told and what a person saw. `PROPTEST_CASES` asks for more than 256 of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed run should stop where it failed")]

mod desk;
#[path = "../common/engine.rs"]
mod engine;
mod oracle;
mod regressions;
mod script;
mod world;
#[path = "../common/zones.rs"]
mod zones;

use proptest::prelude::*;
use world::World;

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, max_shrink_iters: 50_000, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_is_lost_nothing_is_doubled_and_the_books_balance(start in 0..4_u8, script in script::script()) {
        World::new(start).run(&script);
    }
}
