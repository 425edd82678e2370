//! So many in so long.

use std::collections::VecDeque;
use std::time::Duration;

/// Moments of the last while.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pace(VecDeque<Duration>);

impl Pace {
    /// Takes a place, or tells how long until there is one.
    pub(crate) fn take(&mut self, now: Duration, most: usize, window: Duration) -> Result<(), Duration> {
        if self.count(now, window) >= most {
            return Err(self.0.front().map_or(window, |first| *first + window - now));
        }
        self.0.push_back(now);
        Ok(())
    }

    /// Notes one down without asking.
    pub(crate) fn note(&mut self, now: Duration) {
        self.0.push_back(now);
    }

    /// How many came in the window that ends now.
    pub(crate) fn count(&mut self, now: Duration, window: Duration) -> usize {
        while self.0.front().is_some_and(|first| *first + window <= now) {
            self.0.pop_front();
        }
        self.0.len()
    }
}
