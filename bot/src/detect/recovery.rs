//! The way back: enough good lines, for long enough.
//!
//! The same test as for opening, the other way round: a good line speaks for health, a failed one for the
//! outage. `docs/detectors.md` gives the shares and why.

use lifeboat_storage::event::Share;
use serde::{Deserialize, Serialize};

use super::ladder::{MicroNats, Weights, micro};
use super::limits::Limits;
use crate::source::request::Millis;

/// The run of good lines of an open alert.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Recovery {
    weights: Weights,
    sum: MicroNats,
    /// Lines of the service taken so far.
    taken: u64,
    run: Option<Run>,
    /// The second of the newest failed line.
    bad_at: Millis,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    since: Millis,
    lines: u64,
    bad: u64,
}

/// A run of good lines that proves recovery.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Proof {
    pub(super) since: Millis,
    pub(super) now: Share,
}

impl Recovery {
    /// Begins at this line of the service, which failed.
    pub(super) fn new(lines: u64, at: Millis) -> Self {
        Self { taken: lines, bad_at: at, ..Self::default() }
    }

    /// Sets what is told apart: the base line from a third of the share that failed.
    pub(super) fn tell_apart(&mut self, base: f64, failed: Share) {
        let good = (2.0 * base).clamp(0.01, 0.05);
        let still_bad = (failed.ratio() / 3.0).clamp(2.0 * good, 0.2);
        self.weights = Weights::new(good, still_bad);
    }

    /// Takes a failed line, the last of so many.
    pub(super) fn bad(&mut self, lines: u64, at: Millis) {
        self.take_good(lines - 1, at);
        self.taken = lines;
        self.bad_at = at;
        self.sum -= self.weights.bad;
        match &mut self.run {
            Some(run) if self.sum > 0 => run.bad += 1,
            _ => (self.sum, self.run) = (0, None),
        }
    }

    /// Takes the good lines up to this number, the last of them in the second of `at`.
    fn take_good(&mut self, lines: u64, at: Millis) {
        let good = lines.saturating_sub(self.taken);
        if good == 0 {
            return;
        }
        // Sums that grow without end would hide the next failure.
        let top = 3 * micro(Limits::default().recovery_evidence);
        self.sum = self.sum.saturating_add(self.weights.of_good(good)).min(top);
        let second = |ms: Millis| ms.div_euclid(1000) * 1000;
        if self.run.is_none() {
            let shared = second(at) == second(self.bad_at);
            let since = second(at) + if shared { 1000 } else { 0 };
            self.run = Some(Run { since, lines: self.taken, bad: 0 });
        }
        self.taken = lines;
    }

    /// The second of `closed` is over: so many lines in all, and it is `now`.
    pub(super) fn close_second(
        &mut self,
        closed: Millis,
        lines: u64,
        now: Millis,
        limits: &Limits,
    ) -> Option<Proof> {
        self.take_good(lines, closed);
        let run = self.proven(limits)?;
        let long_enough = now - run.since >= Millis::from(limits.recovery_s) * 1000;
        let now = Share { bad: run.bad, total: lines - run.lines };
        long_enough.then_some(Proof { since: run.since, now })
    }

    fn proven(&self, limits: &Limits) -> Option<&Run> {
        self.run.as_ref().filter(|_| self.sum >= micro(limits.recovery_evidence))
    }

    /// Without what came after the last failed line before a run that proves it well: everyday failures there are no part
    /// of the outage, and neither are the good lines between them.
    pub(super) fn cut(&self, bad: u64, lines: u64, limits: &Limits) -> (u64, u64) {
        self.proven(limits).map_or((bad, lines), |run| (bad - run.bad, run.lines))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line a step; yields the second at which recovery is proven, and since when.
    #[track_caller]
    fn check(
        name: &str,
        step_s: i64,
        failed: Share,
        lines: impl Fn(i64) -> bool,
        expected: Option<(i64, i64)>,
    ) {
        let limits = Limits::default();
        let mut recovery = Recovery::new(1, 0);
        recovery.tell_apart(0.001, failed);
        let proven = (1..20_000).find_map(|i| {
            let (at, count) = (i * step_s * 1000, i as u64 + 1);
            let proof = recovery.close_second(at - step_s * 1000, count - 1, at, &limits);
            if lines(i) {
                recovery.bad(count, at);
            }
            proof.map(|proof| (at / 1000, proof.since / 1000))
        });
        assert_eq!(proven, expected, "{name}");
    }

    const TOTAL: Share = Share { bad: 10, total: 10 };

    #[test]
    fn recovery_takes_five_minutes_and_enough_good_lines() {
        check("one line a second", 1, TOTAL, |_| false, Some((301, 1)));
        check("one line a minute: 33 lines", 60, TOTAL, |_| false, Some((34 * 60, 60)));
        check("still failing", 1, TOTAL, |_| true, None);
        check("every second line fails", 1, TOTAL, |i| i % 2 == 0, None);
        check("one line in ten fails", 1, TOTAL, |i| i % 10 == 0, None);
        check("a failure after four minutes begins anew", 10, TOTAL, |i| i == 10, Some((440, 110)));
        check("one failure among many good lines is no news", 1, TOTAL, |i| i == 200, Some((301, 1)));
        let small = Share { bad: 30, total: 1000 };
        check("a small share needs more lines", 1, small, |_| false, Some((691, 1)));
    }
}
