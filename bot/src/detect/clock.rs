//! The time of a log, made to run forward.
//!
//! A line up to `LATE_MS` older than the newest is late. An older one is held for odd until a second line
//! agrees with it: then the log's clock was set back, and from there on its times are shifted. A line that is
//! newer is taken at its word: silence and a clock set forward look the same.

use serde::{Deserialize, Serialize};

use crate::source::request::Millis;

const LATE_MS: Millis = 30_000;

/// A clock that never goes back, told by log lines and, between them, by the time that passes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct EventClock {
    /// The newest time, running forward.
    now: Millis,
    /// What is added to a log's time.
    shift: Millis,
    /// `now` when the last line came, and when it came by the outer clock.
    last: Option<(Millis, Millis)>,
    /// A time long ago, told by one line so far.
    odd: Option<Millis>,
}

impl EventClock {
    /// The newest time, running forward.
    pub(super) fn now(&self) -> Millis {
        self.now
    }

    /// A time of this clock as the log would tell it.
    pub(super) fn as_logged(&self, time: Millis) -> Millis {
        time - self.shift
    }

    /// Takes the time of a line; yields it in this clock's time.
    #[inline]
    pub(super) fn hear(&mut self, logged: Millis, arrived: Millis) -> Millis {
        let time = logged.saturating_add(self.shift);
        if self.last.is_some() && time >= self.now - LATE_MS {
            self.odd = None;
            self.now = self.now.max(time);
            self.last = Some((self.now, arrived));
            return time;
        }
        self.hear_odd(logged, arrived)
    }

    #[cold]
    fn hear_odd(&mut self, logged: Millis, arrived: Millis) -> Millis {
        if self.last.is_none() {
            self.now = logged;
        } else if self.odd.is_some_and(|odd| logged.saturating_sub(odd).saturating_abs() <= LATE_MS) {
            self.shift = self.now.saturating_sub(logged);
            self.odd = None;
        } else {
            self.odd = Some(logged);
        }
        self.last = Some((self.now, arrived));
        self.now
    }

    /// Time passes without lines.
    pub(super) fn pass(&mut self, outer: Millis) {
        if let Some((then, heard)) = self.last {
            self.now = self.now.max(then.saturating_add(outer.saturating_sub(heard)));
        }
    }

    /// How long ago the last line came by the outer clock, in milliseconds.
    pub(super) fn silence(&self, outer: Millis) -> Millis {
        self.last.map_or(0, |(_, heard)| outer.saturating_sub(heard))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(lines: &[Millis]) -> Vec<Millis> {
        let mut clock = EventClock::default();
        lines.iter().map(|at| clock.hear(*at, 0)).collect()
    }

    #[test]
    fn late_lines_keep_their_time_and_the_clock_its_own() {
        assert_eq!(heard(&[100_000, 99_000, 101_000, 71_000]), [100_000, 99_000, 101_000, 71_000]);
    }

    #[test]
    fn a_clock_set_back_is_followed_from_the_second_line_on() {
        let hour = 3_600_000;
        assert_eq!(
            heard(&[2 * hour, hour, hour + 5, hour + 1005]),
            [2 * hour, 2 * hour, 2 * hour, 2 * hour + 1000]
        );
    }

    #[test]
    fn one_line_with_an_old_time_changes_nothing() {
        assert_eq!(heard(&[500_000, 3, 501_000, 4, 502_000]), [500_000, 500_000, 501_000, 501_000, 502_000]);
    }

    #[test]
    fn a_line_from_the_far_future_is_forgotten_once_the_log_goes_on_without_it() {
        let mut clock = EventClock::default();
        for at in [1000, 9_000_000_000, 2000, 3000, 4000] {
            clock.hear(at, at);
        }
        assert_eq!(clock.as_logged(clock.now()), 4000);
    }

    #[test]
    fn time_passes_by_the_difference_of_the_outer_clock() {
        let mut clock = EventClock::default();
        clock.pass(77);
        assert_eq!(clock.now(), 0);
        clock.hear(1000, 50_000);
        clock.pass(52_000);
        clock.pass(51_000);
        assert_eq!((clock.now(), clock.silence(52_000)), (3000, 2000));
    }

    #[test]
    fn times_at_the_ends_of_the_range_do_not_overflow() {
        let end = super::super::LATEST_MS;
        heard(&[0, end, 0, 0, end, 0, end, end, 0, 0]);
    }
}
