//! The clock of a drill: simulated time that runs so many times as fast as the real one.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use chrono::TimeDelta;
use lifeboat_storage::event::Time;

use crate::clock::Clock;
use crate::engine::input::Now;

/// Simulated time. Never goes back; its speed may change at any moment.
#[derive(Debug)]
pub struct DrillClock {
    start: Time,
    anchor: Mutex<Anchor>,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    simulated: Time,
    real: Instant,
    speed: u32,
}

impl DrillClock {
    /// Begins at `from`, in a world that began at `start`.
    #[must_use]
    pub fn new(start: Time, from: Time, speed: u32) -> Self {
        Self { start, anchor: Mutex::new(Anchor { simulated: from, real: Instant::now(), speed }) }
    }

    /// Runs so many times as fast from now on.
    pub fn set_speed(&self, speed: u32) {
        let mut anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        *anchor = Anchor { simulated: anchor.now(), real: Instant::now(), speed };
    }

    /// Time stands still from now on.
    pub fn stop(&self) {
        self.set_speed(0);
    }

    /// The simulated time.
    #[must_use]
    pub fn time(&self) -> Time {
        self.anchor.lock().unwrap_or_else(PoisonError::into_inner).now()
    }
}

impl Anchor {
    fn now(&self) -> Time {
        let real_ms = i64::try_from(self.real.elapsed().as_millis()).unwrap_or(i64::MAX / 4_000);
        self.simulated + TimeDelta::milliseconds(real_ms.saturating_mul(i64::from(self.speed)))
    }
}

impl Clock for DrillClock {
    fn now(&self) -> Now {
        let wall = self.time();
        let mono_ms = u64::try_from((wall - self.start).num_milliseconds()).unwrap_or(0);
        Now { wall, mono_ms }
    }

    fn speed(&self) -> u32 {
        self.anchor.lock().unwrap_or_else(PoisonError::into_inner).speed
    }
}
