//! The test: a cumulative sum of log likelihood ratios for each watched share.
//!
//! Every failed line adds `ln(p1/p0)`, every other takes `ln((1-p0)/(1-p1))`, never below zero; `p0` is the base
//! line, `p1` the share looked for. The sum needs no window: it holds as many lines as speak for a failure.
//! Sums are integers (millionths of a nat), so that a state written down and read again goes on exactly.

use serde::{Deserialize, Serialize};

use super::evidence::{Failure, Gathered};
use super::limits::Limits;
use crate::source::request::Millis;

/// Evidence in millionths of a nat.
pub(super) type MicroNats = i64;

#[expect(clippy::cast_possible_truncation, reason = "limits keep it far below 2^53")]
pub(super) fn micro(nats: f64) -> MicroNats {
    (nats * 1e6).round() as MicroNats
}

/// What a line says for one hypothesis against another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Weights {
    /// Added by a failed line.
    pub(super) bad: MicroNats,
    /// Taken by any other line.
    pub(super) good: MicroNats,
}

impl Weights {
    /// For a failing share of `high` against one of `low`.
    pub(super) fn new(low: f64, high: f64) -> Self {
        Self { bad: micro((high / low).ln()), good: micro(((1.0 - low) / (1.0 - high)).ln()) }
    }

    /// What so many good lines take.
    pub(super) fn of_good(self, lines: u64) -> MicroNats {
        self.good.saturating_mul(i64::try_from(lines).unwrap_or(i64::MAX))
    }
}

/// Where a run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// By the log's own clock.
    pub(super) logged: Millis,
    /// By the clock that runs forward.
    pub(super) at: Millis,
    /// Lines of the service before it.
    pub(super) lines: u64,
    /// Failed lines of the run before it.
    pub(super) bad: u64,
}

/// The sum for one watched share, and the run of lines it stands on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Rung {
    pub(super) weights: Weights,
    pub(super) sum: MicroNats,
    /// The same without the lines of the one suspected client.
    pub(super) others: MicroNats,
    /// Failed lines of the run.
    pub(super) bad: u64,
    pub(super) start: Mark,
    /// A later failed line of a long run, to be its start one day.
    later: Option<Mark>,
    /// What the failed lines of the run have in common, those since the start shown.
    #[serde(default, skip_serializing_if = "Gathered::is_empty")]
    pub(super) gathered: Gathered,
    /// The same since `later`.
    #[serde(default, skip_serializing_if = "Gathered::is_empty")]
    gathered_later: Gathered,
}

impl Rung {
    /// Takes the good lines since the last failed one; true when the run had ended and a new one begins.
    pub(super) fn sink(&mut self, good: u64, here: Mark) -> bool {
        let loss = self.weights.of_good(good);
        self.sum = self.sum.saturating_sub(loss).max(0);
        self.others = self.others.saturating_sub(loss).max(0);
        let fresh = self.sum == 0;
        if fresh {
            (self.bad, self.start, self.later) = (0, here, None);
            self.forget_names();
        }
        fresh
    }

    /// Takes a failed line. Sums end at twice what opens an alert, so that they can come down again.
    pub(super) fn rise(&mut self, suspected: bool, here: Mark, limits: &Limits) {
        let top = 2 * micro(limits.evidence);
        self.sum = (self.sum + self.weights.bad).min(top);
        if !suspected {
            self.others = (self.others + self.weights.bad).min(top);
        }
        self.move_start(Mark { bad: self.bad, ..here }, limits);
        self.bad += 1;
    }

    /// Keeps the start of the run within one long window.
    fn move_start(&mut self, here: Mark, limits: &Limits) {
        let window = Millis::from(limits.long_window_s) * 1000;
        if here.at - self.start.at > window {
            let within = self.later.take().filter(|mark| here.at - mark.at <= window);
            self.start = within.unwrap_or(here);
            let gathered = std::mem::take(&mut self.gathered_later);
            self.gathered = if within.is_some() { gathered } else { Gathered::default() };
        } else if self.later.is_none() && here.at - self.start.at > window / 2 {
            self.later = Some(here);
        }
    }

    /// Takes the names of a failed line, after the line itself.
    pub(super) fn gather(&mut self, failure: &Failure<'_>) {
        self.gathered.take(failure);
        if self.later.is_some() {
            self.gathered_later.take(failure);
        }
    }

    fn forget_names(&mut self) {
        if !self.gathered.is_empty() {
            (self.gathered, self.gathered_later) = Default::default();
        }
    }

    /// Failed lines since the start shown.
    pub(super) fn bad_shown(&self) -> u64 {
        self.bad - self.start.bad
    }
}

/// One rung for each watched share, least first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Ladder {
    pub(super) rungs: [Rung; 3],
}

impl Ladder {
    /// Looks for the watched shares over this base line, each at least four times the base line.
    pub(super) fn look_over(&mut self, base: f64, limits: &Limits) {
        for (rung, share) in self.rungs.iter_mut().zip(limits.watched_shares) {
            rung.weights = Weights::new(base, share.max(4.0 * base).min(0.9));
        }
    }

    /// The highest sum.
    pub(super) fn most(&self) -> MicroNats {
        self.rungs.iter().map(|rung| rung.sum).max().unwrap_or(0)
    }

    /// Takes the names of a failed line into every run.
    pub(super) fn gather(&mut self, failure: &Failure<'_>) {
        self.rungs.iter_mut().for_each(|rung| rung.gather(failure));
    }

    /// Forgets what the runs have in common.
    pub(super) fn forget_names(&mut self) {
        self.rungs.iter_mut().for_each(Rung::forget_names);
    }

    /// Forgets all runs.
    pub(super) fn clear(&mut self) {
        for rung in &mut self.rungs {
            *rung = Rung { weights: rung.weights, ..Rung::default() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::request::Request;

    fn rung(base: f64, share: f64) -> Rung {
        Rung { weights: Weights::new(base, share), ..Rung::default() }
    }

    fn at(hour: i64) -> Mark {
        Mark { logged: hour * 3_600_000, at: hour * 3_600_000, ..Mark::default() }
    }

    #[test]
    fn five_failures_of_ten_lines_are_enough_over_a_clean_base_line_and_four_are_not() {
        let limits = Limits::default();
        let mut rung = rung(0.001, 0.5);
        let mut sums = Vec::new();
        for _ in 0..5 {
            rung.sink(1, at(0));
            rung.rise(false, at(0), &limits);
            sums.push(rung.sum >= micro(limits.evidence));
        }
        assert_eq!(sums, [false, false, false, false, true]);
    }

    #[test]
    fn without_history_half_of_few_lines_failing_is_enough_and_of_many_takes_a_little_longer() {
        let limits = Limits::default();
        for (lines, expected) in [(0, 5), (300, 6), (3_000, 7), (100_000, 8)] {
            let mut rung = rung(limits.base_assumed, 0.5);
            let needed = (1..).find(|_| {
                rung.sink(1, at(0));
                rung.rise(false, at(0), &limits);
                rung.sum >= micro(limits.needed(lines))
            });
            assert_eq!(needed, Some(expected), "{lines} lines before");
        }
    }

    #[test]
    fn enough_good_lines_end_a_run() {
        let mut rung = rung(0.01, 0.1);
        rung.rise(false, at(1), &Limits::default());
        assert!(!rung.sink(20, at(2)));
        assert!(rung.sink(10, at(3)));
        assert_eq!((rung.bad, rung.start), (0, at(3)));
    }

    #[test]
    fn the_start_of_a_run_is_never_more_than_one_long_window_back() {
        let limits = Limits::default();
        let mut rung = rung(0.01, 0.5);
        rung.sink(0, at(0));
        for hour in 0..100 {
            rung.rise(false, at(hour), &limits);
            let back = hour - rung.start.logged / 3_600_000;
            assert!(back <= 12, "hour {hour}: {back}");
            assert!(hour < 12 || back >= 5, "hour {hour}: {back}");
            assert_eq!(i64::try_from(rung.bad_shown()).unwrap(), back + 1);
        }
    }

    #[test]
    fn the_names_of_a_run_are_those_of_its_failures_since_the_start_shown() {
        let limits = Limits::default();
        for hours_between in [1, 13] {
            let mut rung = rung(0.01, 0.5);
            rung.sink(0, at(0));
            for hour in (0..100).step_by(hours_between) {
                rung.rise(false, at(hour), &limits);
                rung.gather(&Failure::of(&Request::default()));
                assert_eq!(rung.gathered.lines(), rung.bad_shown(), "hour {hour}, one in {hours_between} h");
            }
            assert!(rung.sink(1_000, at(101)));
            assert!(rung.gathered.is_empty());
        }
    }
}
