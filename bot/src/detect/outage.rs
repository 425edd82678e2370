//! An open alert of one status: how bad it has become, and whether it is over.

use lifeboat_storage::event::{Severity, Share};
use serde::{Deserialize, Serialize};

use super::ladder::Mark;
use super::limits::Limits;
use super::recovery::{Proof, Recovery};
use super::severity::{severity, severity_so_far};
use crate::source::request::Millis;

/// Growth is looked for in spans of 10 s, 1 min, 10 min and 1 h.
const SPANS_MS: [Millis; 4] = [10_000, 60_000, 600_000, 3_600_000];
/// A span says something with so many failures.
const ENOUGH_BAD: u64 = 20;
/// A minute can be the worst with so many requests.
const ENOUGH_IN_MINUTE: u64 = 10;

/// An open alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Outage {
    start: Mark,
    bad: u64,
    /// Lines of the service up to the last failed one.
    lines: u64,
    severity: Severity,
    spans: [Mark; 4],
    minute: Mark,
    /// It was open when that minute began; one it began in is no whole one.
    #[serde(default)]
    minute_is_whole: bool,
    peak: Share,
    recovery: Recovery,
    /// What came before it, and before the first of those it returned from; none in what an older Lifeboat wrote.
    #[serde(default)]
    before: Option<Before>,
}

/// How much failed before an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Before {
    pub(super) share: Share,
    /// Over so many seconds.
    pub(super) span_s: u32,
}

/// A span in which it grew.
pub(super) struct GrowthSpan {
    pub(super) start: Mark,
    pub(super) share: Share,
}

impl Outage {
    /// Opens at this line; `now` counts it and the run that `start`s it.
    pub(super) fn open(start: Mark, now: Share, here: Mark, base: f64, limits: &Limits) -> Self {
        let lines = here.lines + 1;
        let start = Mark { bad: 0, ..start };
        let fits =
            |long: Millis| if here.at - start.at < long { start } else { Mark { bad: now.bad - 1, ..here } };
        let mut outage = Self {
            start,
            bad: now.bad,
            lines,
            severity: severity(now, here.at - start.at, limits),
            spans: SPANS_MS.map(fits),
            minute: fits(60_000),
            minute_is_whole: false,
            peak: Share::default(),
            recovery: Recovery::new(lines, here.at),
            before: None,
        };
        outage.recovery.tell_apart(base, now);
        outage
    }

    /// The same, with what came before it.
    pub(super) fn after(self, before: Before) -> Self {
        Self { before: Some(before), ..self }
    }

    pub(super) fn before(&self) -> Option<Before> {
        self.before
    }

    pub(super) fn severity(&self) -> Severity {
        self.severity
    }

    pub(super) fn start(&self) -> Mark {
        self.start
    }

    /// Failed and all lines from the start to the last failed one.
    fn whole(&self) -> Share {
        Share { bad: self.bad, total: self.lines - self.start.lines }
    }

    /// The same, up to where it was well again.
    pub(super) fn whole_until_well(&self, limits: &Limits) -> Share {
        let (bad, lines) = self.recovery.cut(self.bad, self.lines, limits);
        Share { bad, total: lines - self.start.lines }
    }

    /// Failed lines from the start on.
    pub(super) fn bad_so_far(&self) -> u64 {
        self.bad
    }

    /// Failed and all lines from this one to the last failed one.
    pub(super) fn since(&self, start: Mark) -> Share {
        Share { bad: self.bad - start.bad, total: self.lines - start.lines }
    }

    /// The worst whole minute with at least ten requests; the whole outage where there is none.
    pub(super) fn peak(&self) -> Share {
        if self.peak.total == 0 { self.whole() } else { self.peak }
    }

    /// The worst minute, the running one among them if the log ends in it.
    pub(super) fn peak_so_far(&self) -> Share {
        let lines = self.lines.max(self.minute.lines);
        let running = Share { bad: self.bad - self.minute.bad, total: lines - self.minute.lines };
        if self.is_worst(running) { running } else { self.peak() }
    }

    /// Takes a failed line; yields a severity when it is worse than any told before.
    pub(super) fn bad(&mut self, here: Mark, limits: &Limits) -> Option<(Severity, GrowthSpan)> {
        let here = Mark { bad: self.bad, ..here };
        self.bad += 1;
        self.lines = here.lines + 1;
        self.recovery.bad(self.lines, here.at);
        let mut worst = None;
        for (start, long) in self.spans.iter_mut().zip(SPANS_MS) {
            let mut judge = |start: Mark, share: Share, severity: fn(Share, Millis, &Limits) -> Severity| {
                let now = severity(share, here.at - start.at, limits);
                if share.bad >= ENOUGH_BAD && now < self.severity {
                    self.severity = now;
                    worst = Some((now, GrowthSpan { start, share }));
                }
            };
            if here.at - start.at >= long {
                let full = Share { bad: here.bad - start.bad, total: here.lines - start.lines };
                judge(*start, full, severity);
                *start = here;
            }
            let so_far = Share { bad: self.bad - start.bad, total: self.lines - start.lines };
            judge(*start, so_far, severity_so_far);
        }
        worst
    }

    /// It was told anew at this line, so bad: growth is looked for from here.
    pub(super) fn told_anew(&mut self, severity: Severity, here: Mark) {
        self.severity = severity;
        self.spans = [Mark { bad: self.bad - 1, ..here }; 4];
    }

    /// A second is over; yields the proof of recovery, if that is one.
    pub(super) fn close_second(
        &mut self,
        closed: Millis,
        lines: u64,
        now: Millis,
        base: impl Fn() -> f64,
        limits: &Limits,
    ) -> Option<Proof> {
        if now.div_euclid(60_000) != self.minute.at.div_euclid(60_000) {
            self.close_minute(lines, now);
            self.recovery.tell_apart(base(), self.whole());
        }
        self.recovery.close_second(closed, lines, now, limits)
    }

    fn close_minute(&mut self, lines: u64, now: Millis) {
        let share = Share { bad: self.bad - self.minute.bad, total: lines - self.minute.lines };
        if self.is_worst(share) {
            self.peak = share;
        }
        self.minute = Mark { at: now, logged: now, lines, bad: self.bad };
        self.minute_is_whole = true;
    }

    fn is_worst(&self, minute: Share) -> bool {
        self.minute_is_whole && minute.total >= ENOUGH_IN_MINUTE && minute.ratio() > self.peak.ratio()
    }
}
