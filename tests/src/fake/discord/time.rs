//! The double's own time: the machine's, and as far ahead of it as a test says.

use std::time::{Duration, Instant};

use chrono::{SecondsFormat, TimeDelta};
use lifeboat_storage::event::Time;

/// Tells the time since the double began, which is also what everything in it is dated by.
#[derive(Debug)]
pub(crate) struct Timekeeper {
    began: Instant,
    wall: Time,
    ahead: Duration,
}

impl Timekeeper {
    pub(crate) fn starting_at(wall: Time) -> Self {
        Self { began: Instant::now(), wall, ahead: Duration::ZERO }
    }

    /// Since the double began.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed() + self.ahead
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.ahead += by;
    }

    /// The date of a moment.
    pub(crate) fn wall(&self, at: Duration) -> Time {
        self.wall + TimeDelta::from_std(at).unwrap_or_default()
    }

    /// A moment as Discord writes it.
    pub(crate) fn written(&self, at: Duration) -> String {
        self.wall(at).to_rfc3339_opts(SecondsFormat::Micros, false)
    }
}
