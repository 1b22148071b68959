//! The parts of the binary `tidegate`: what it shows, how it is asked, and the commands that ask it.

pub mod cli;
pub mod coalesce;
pub mod control;
pub mod present;
