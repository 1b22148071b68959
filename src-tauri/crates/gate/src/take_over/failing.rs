//! Sees that the recorded renderer is not waited for in vain. Must not know how another takes its place.

use super::{TakeOver, owner};
use crate::behind::Behind;
use std::time::Duration;
use tokio::sync::watch;

/// A renderer that was started has this long to be there.
const START_LIMIT: Duration = Duration::from_secs(10);
/// One that was there for so long has started well.
const STAYS: Duration = Duration::from_secs(30);

/// What there is to know of the recorded renderer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RendererNews {
    /// It was started in vain.
    Fails {
        /// Its program.
        program: String,
        /// What became of it.
        why: String,
    },
    /// A renderer is there again, and stays.
    Well,
}

/// Hears of renderers that fail. Each failure is told once, until one has stayed.
#[derive(Debug)]
pub struct Failing {
    take_over: TakeOver,
    behind: watch::Receiver<Behind>,
    is_told: bool,
}

impl Failing {
    pub(super) fn new(take_over: TakeOver, behind: watch::Receiver<Behind>) -> Self {
        Self { take_over, behind, is_told: false }
    }

    /// The next news. Nothing is lost if this is dropped before.
    pub async fn next(&mut self) -> RendererNews {
        loop {
            if self.is_told {
                self.stays().await;
                self.is_told = false;
                return RendererNews::Well;
            }
            let why = self.fails().await;
            // Without a record nothing was started: whoever comes is welcome.
            if let Some(recorded) = self.take_over.recorded().await {
                self.is_told = true;
                return RendererNews::Fails { program: owner::program(&recorded.record), why };
            }
            self.wait_for(|behind| behind.is_up).await;
        }
    }

    async fn fails(&mut self) -> String {
        loop {
            self.wait_for(|behind| !behind.is_up).await;
            let decided = self.wait_for(|behind| behind.is_up || behind.failing.is_some());
            match tokio::time::timeout(START_LIMIT, decided).await {
                Ok(Behind { failing: Some(why), .. }) => return why,
                Ok(Behind { failing: None, .. }) => {}
                Err(_) => return format!("it did not answer for notifications within {} s", START_LIMIT.as_secs()),
            }
        }
    }

    async fn stays(&mut self) {
        loop {
            self.wait_for(|behind| behind.is_up).await;
            if tokio::time::timeout(STAYS, self.wait_for(|behind| !behind.is_up)).await.is_err() {
                return;
            }
        }
    }

    /// Once there is no gate any more, nothing comes.
    async fn wait_for(&mut self, wanted: impl FnMut(&Behind) -> bool) -> Behind {
        match self.behind.wait_for(wanted).await {
            Ok(behind) => behind.clone(),
            Err(_) => std::future::pending().await,
        }
    }
}
