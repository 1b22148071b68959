//! The parts of the binary `tidegate`: what it shows, how it is asked, and the commands that ask it.

pub mod cli;
pub mod coalesce;
pub mod control;
pub mod daemon;
pub mod doctor;
pub mod heap;
pub mod logging;
pub mod notices;
pub mod pictures;
pub mod present;
pub mod tray;
pub mod window;
