//! A service with a solid, steady rate falls silent.
//!
//! Conservative: for an hour every minute had at least 30 requests and no less than a third of the hour's
//! mean, and the last five minutes no less than half of it. Such a service is not silent for two minutes by
//! chance; a daily wave on its way down, a burst or a quiet service never qualify. Silence must be seen on
//! both clocks: a log's clock set forward is none. The end of the input says nothing.

use lifeboat_storage::event::{AlertEvidence, Severity, Share};
use serde::{Deserialize, Serialize};

use super::chart::Ring;
use super::failing::seconds;
use super::limits::Limits;
use super::{Found, time};
use crate::source::request::Millis;

/// It is back after so many minutes with requests in each.
const BACK_MINUTES: u32 = 5;

/// The detector of silence of one service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Absent {
    /// Minute since 1970 of the newest line.
    minute: i64,
    /// Lines of that minute.
    count: u32,
    /// Whole minutes before it with enough requests, without a break.
    steady: u32,
    open: Option<Missing>,
    ended_at: Option<Millis>,
    times: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Missing {
    /// Requests of the hour before.
    before: Share,
    /// First second of the minutes with requests, and how many there are.
    back: Option<(Millis, u32)>,
    /// Requests since then.
    lines: u64,
}

/// A stretch without lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Silence {
    /// The last line, by the clock that runs forward.
    pub(super) from: Millis,
    /// Until now, by that clock.
    pub(super) until: Millis,
    /// How long it was by the outer clock.
    pub(super) outer_ms: Millis,
}

impl Absent {
    /// Some lines came in this second; yields a recovery.
    pub(super) fn lines(
        &mut self,
        second_ms: Millis,
        lines: u32,
        limits: &Limits,
        as_logged: impl Fn(Millis) -> Millis,
    ) -> Option<Found> {
        let minute = second_ms.div_euclid(60_000);
        if minute != self.minute {
            let whole = minute == self.minute + 1;
            let enough = whole && self.count >= limits.absent_steady_per_minute;
            self.steady = if enough { self.steady.saturating_add(1) } else { 0 };
            (self.minute, self.count) = (minute, 0);
            self.count_back(second_ms, whole);
        }
        self.count = self.count.saturating_add(lines);
        let missing = self.open.as_mut()?;
        missing.lines += u64::from(lines);
        let (since, minutes) = missing.back?;
        if minutes < BACK_MINUTES || second_ms - since < Millis::from(limits.recovery_s) * 1000 {
            return None;
        }
        let now = Share { bad: 0, total: missing.lines };
        (self.open, self.ended_at) = (None, Some(second_ms));
        let none = Share::default();
        Some(Found::Recovered { good_since: as_logged(since), now, peak: none, whole: none })
    }

    fn count_back(&mut self, second_ms: Millis, next: bool) {
        let Some(missing) = &mut self.open else { return };
        missing.back = match missing.back {
            Some((since, minutes)) if next => Some((since, minutes + 1)),
            _ => {
                missing.lines = 0;
                Some((second_ms, 0))
            }
        };
    }

    /// Judges a stretch without lines.
    pub(super) fn silent(
        &mut self,
        silence: Silence,
        minutes: &Ring,
        limits: &Limits,
        as_logged: impl Fn(Millis) -> Millis,
    ) -> Option<(Millis, Found)> {
        let after = Millis::from(limits.absent_after_s.max(60)) * 1000;
        let long = (silence.until - silence.from).min(silence.outer_ms) >= after;
        if !long || self.open.is_some() || !self.was_steady(silence.from, minutes, limits) {
            return None;
        }
        let at = as_logged(silence.from + after);
        let before = last_minutes(minutes, silence.from, 60);
        let evidence = AlertEvidence {
            since: time(as_logged(silence.from)),
            window_s: seconds(after),
            before: Share { bad: before.bad, total: before.total },
            before_s: 3600,
            ..AlertEvidence::default()
        };
        self.steady = 0;
        self.open = Some(Missing { before, back: None, lines: 0 });
        let again =
            self.ended_at.is_some_and(|ended| at - ended < Millis::from(limits.returned_within_s) * 1000);
        self.times = if again { self.times + 1 } else { 0 };
        let severity = Severity::Sev2;
        let found = if again {
            Found::Returned { severity, evidence, times: self.times }
        } else {
            Found::Opened { severity, evidence }
        };
        Some((at, found))
    }

    fn was_steady(&self, last: Millis, minutes: &Ring, limits: &Limits) -> bool {
        let wanted = limits.absent_steady_minutes.max(5);
        if self.steady < wanted {
            return false;
        }
        let wanted = i64::from(wanted.min(1380));
        let mean = last_minutes(minutes, last, wanted).total / u64::try_from(wanted).unwrap_or(1);
        let each = |back: i64| last_minutes(minutes, last - back * 60_000, 1).total;
        let near = last_minutes(minutes, last, 5).total;
        near * 2 >= mean * 5 && (0..wanted).all(|back| each(back) * 3 >= mean)
    }
}

/// Requests of so many whole minutes before the one of `last`.
fn last_minutes(minutes: &Ring, last: Millis, count: i64) -> Share {
    let end = last.div_euclid(60_000) * 60;
    minutes.sum(end - count * 60, end)
}
