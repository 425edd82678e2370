//! The only place that reads a clock.

use std::time::Instant;

use chrono::Utc;
use lifeboat_storage::event::Time;

use crate::engine::input::Now;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Both clocks, now.
    fn now(&self) -> Now;

    /// How many times as fast as real it runs.
    fn speed(&self) -> u32 {
        1
    }
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    began: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { began: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let mono_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { wall: wall(), mono_ms }
    }
}

/// The wall clock, where no process-wide clock is at hand (command line, exports).
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is to ask")]
pub fn wall() -> Time {
    Utc::now()
}
