//! After a start: whose logs are still to be read up to where they stood then.
//!
//! Lines that were written while Lifeboat was down are of the past. Did time pass for the detectors before they are
//! read, these lines would come too late, and an outage that ended meanwhile would be over only since the start.

use std::collections::BTreeMap;

use lifeboat_storage::id::ServiceName;

use super::Engine;
use super::input::Now;

/// A reader that says nothing for so long hangs, as one does on a dead mount, and is waited for no longer; in
/// milliseconds. One that reads is heard of many times a second, however much there is to read.
const HANGS_AFTER_MS: u64 = 60_000;

/// The services whose reader has not caught up, and when it was last heard of (milliseconds of the clock that never
/// goes back); none before the first tick.
#[derive(Debug, Default)]
pub struct CatchUp(BTreeMap<ServiceName, Option<u64>>);

impl CatchUp {
    /// Every reader has caught up, or hangs.
    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// This reader handed over lines.
    pub(crate) fn heard(&mut self, service: &ServiceName, now: Now) {
        if let Some(at) = self.0.get_mut(service) {
            *at = Some(now.mono_ms);
        }
    }

    /// This reader has read what stood in its logs at the start.
    pub(crate) fn caught_up(&mut self, service: &ServiceName) {
        self.0.remove(service);
    }

    /// Time passes: readers that hang are waited for no longer.
    pub(crate) fn pass(&mut self, now: Now) {
        self.0.retain(|_, at| now.mono_ms - *at.get_or_insert(now.mono_ms) < HANGS_AFTER_MS);
    }
}

impl Engine {
    /// The engine of a shell that reads the logs of these services: until each of them has caught up, no time passes
    /// for the detectors.
    #[must_use]
    pub fn catching_up(mut self, services: impl IntoIterator<Item = ServiceName>) -> Self {
        self.watch.catch_up = CatchUp(services.into_iter().map(|service| (service, None)).collect());
        self
    }
}
