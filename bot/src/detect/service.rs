//! All detectors of one service, and the counters they share.

use lifeboat_storage::event::AlertKind;
use lifeboat_storage::id::ServiceName;
use serde::{Deserialize, Serialize};

use super::absent::{Absent, Silence};
use super::chart::Ring;
use super::clients::{Majority, print_of};
use super::clock::EventClock;
use super::failing::{Around, Failing, Seen};
use super::ladder::Mark;
use super::limits::Limits;
use super::usual::Sample;
use super::{Chart, Finding, Found, LATEST_MS, Open, Steps};
use crate::source::request::{Millis, Request};

/// The statuses judged, in the order they are kept.
const KINDS: [AlertKind; 4] =
    [AlertKind::BadGateway, AlertKind::ServerError, AlertKind::Unavailable, AlertKind::GatewayTimeout];

fn kind_of(status: u16) -> Option<usize> {
    match status {
        502 => Some(0),
        500 => Some(1),
        503 => Some(2),
        504 => Some(3),
        _ => None,
    }
}

/// A base line on fewer lines than this is added to every 10 seconds, else every minute.
const YOUNG_LINES: u64 = 3000;

/// One service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Service {
    pub(super) name: ServiceName,
    clock: EventClock,
    /// The running second, in milliseconds, by the clock that runs forward.
    second: Millis,
    /// Lines of the running second, all and 5xx.
    total: u32,
    bad: u32,
    /// Lines ever.
    lines: u64,
    first: Millis,
    majority: Majority,
    /// Empty in what an older Lifeboat wrote.
    #[serde(default)]
    usual: Sample,
    tens: Ring,
    minutes: Ring,
    kinds: [Failing; 4],
    folded_at: Millis,
    folded_lines: u64,
    /// Some of the lines since then were learned from.
    #[serde(default)]
    learned: bool,
    absent: Absent,
}

/// Is a line judged, or only learned from?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Judge,
    Learn,
}

impl Service {
    pub(super) fn new(name: ServiceName, limits: &Limits) -> Self {
        Self {
            name,
            clock: EventClock::default(),
            second: 0,
            total: 0,
            bad: 0,
            lines: 0,
            first: 0,
            majority: Majority::default(),
            usual: Sample::default(),
            tens: Ring::new(10, 720),
            minutes: Ring::new(60, 1440),
            kinds: std::array::from_fn(|_| Failing::new(limits)),
            folded_at: 0,
            folded_lines: 0,
            learned: false,
            absent: Absent::default(),
        }
    }

    /// Takes one line.
    #[inline]
    pub(super) fn take(
        &mut self,
        request: &Request<'_>,
        arrived: Millis,
        mode: Mode,
        limits: &Limits,
        out: &mut Vec<Finding>,
    ) {
        let logged = request.at.unwrap_or(arrived).clamp(0, LATEST_MS);
        let (before, silent_ms) = (self.clock.now(), self.clock.silence(arrived));
        let at = self.clock.hear(logged, arrived);
        if self.clock.now() - self.second >= 1000 {
            self.move_on(before, silent_ms, mode, limits, out);
        }
        let bad = request.status >= 500;
        if at < self.second {
            self.count_late(at, bad);
        } else {
            if self.total == 0 && !bad {
                self.usual.take(request, self.second);
            }
            self.total += 1;
            self.bad += u32::from(bad);
        }
        let client = print_of(request.client);
        self.majority.count(client);
        if bad && let Some(kind) = kind_of(request.status) {
            self.judge(
                kind,
                request,
                client,
                Mark { logged, at: at.max(self.second), lines: self.lines, bad: 0 },
                mode,
                limits,
                out,
            );
        }
        self.lines += 1;
    }

    #[cold]
    fn count_late(&mut self, at: Millis, bad: bool) {
        self.tens.add(at.div_euclid(1000), u32::from(bad), 1);
        self.minutes.add(at.div_euclid(1000), u32::from(bad), 1);
    }

    #[expect(clippy::too_many_arguments, reason = "one line, taken apart once")]
    fn judge(
        &mut self,
        kind: usize,
        request: &Request<'_>,
        client: u64,
        here: Mark,
        mode: Mode,
        limits: &Limits,
        out: &mut Vec<Finding>,
    ) {
        let seen = Seen { request, client, here };
        if mode == Mode::Learn {
            return self.kinds[kind].learn(&seen);
        }
        let around = Around {
            limits,
            majority: &self.majority,
            usual: &self.usual,
            minutes: &self.minutes,
            good_now: u64::from(self.total - self.bad),
            first: self.first,
        };
        if let Some(what) = self.kinds[kind].judge(&seen, &around) {
            out.push(Finding {
                service: self.name.clone(),
                source: None,
                kind: KINDS[kind],
                at: here.logged,
                what,
            });
        }
    }

    /// The clock has left the running second. `before` is where it stood.
    fn move_on(
        &mut self,
        before: Millis,
        silent_ms: Millis,
        mode: Mode,
        limits: &Limits,
        out: &mut Vec<Finding>,
    ) {
        let now = self.clock.now();
        self.learned |= mode == Mode::Learn;
        if self.lines == 0 {
            let second = now.div_euclid(1000) * 1000;
            (self.second, self.first, self.folded_at) = (second, now, now);
            return;
        }
        self.close_second(now, mode, limits, out);
        if mode == Mode::Judge && now - before >= 60_000 {
            self.judge_silence(Silence { from: before, until: now, outer_ms: silent_ms }, limits, out);
        }
        self.second = now.div_euclid(1000) * 1000;
    }

    fn close_second(&mut self, now: Millis, mode: Mode, limits: &Limits, out: &mut Vec<Finding>) {
        let closed = self.second.div_euclid(1000);
        let (total, bad) = (std::mem::take(&mut self.total), std::mem::take(&mut self.bad));
        if total > 0 {
            self.tens.add(closed, bad, total);
            self.minutes.add(closed, bad, total);
            let clock = &self.clock;
            let back = self.absent.lines(self.second, total, limits, |at| clock.as_logged(at));
            self.tell(AlertKind::Absent, now, back, out);
        }
        for (index, kind) in KINDS.into_iter().enumerate() {
            let clock = &self.clock;
            let as_logged = |at| clock.as_logged(at);
            let found = self.kinds[index].close_second(self.second, self.lines, now, limits, as_logged);
            self.tell(kind, now, found, out);
        }
        self.fold(now, mode, limits);
    }

    fn tell(&self, kind: AlertKind, now: Millis, found: Option<Found>, out: &mut Vec<Finding>) {
        if let Some(what) = found {
            out.push(Finding {
                service: self.name.clone(),
                source: None,
                kind,
                at: self.clock.as_logged(now),
                what,
            });
        }
    }

    fn judge_silence(&mut self, silence: Silence, limits: &Limits, out: &mut Vec<Finding>) {
        let clock = &self.clock;
        if let Some((at, what)) = self.absent.silent(silence, &self.minutes, limits, |at| clock.as_logged(at))
        {
            out.push(Finding { service: self.name.clone(), source: None, kind: AlertKind::Absent, at, what });
        }
    }

    fn fold(&mut self, now: Millis, mode: Mode, limits: &Limits) {
        let passed = now - self.folded_at;
        let young = self.kinds.iter().any(|kind| kind.base_lines() < YOUNG_LINES);
        if passed < if young { 10_000 } else { 60_000 } {
            return;
        }
        let mode = if std::mem::take(&mut self.learned) { Mode::Learn } else { mode };
        let (lines, seconds) = (self.lines - self.folded_lines, u64::try_from(passed / 1000).unwrap_or(0));
        for kind in &mut self.kinds {
            match mode {
                Mode::Judge => kind.fold(lines, seconds, &self.majority, limits),
                Mode::Learn => kind.fold_history(lines, (self.folded_at, now), &self.majority, limits),
            }
        }
        (self.folded_at, self.folded_lines) = (now, self.lines);
    }

    /// Failures of an open alert are counted from here on as if it were not open.
    pub(super) fn count_afresh(&mut self, kind: AlertKind) {
        if let Some(index) = KINDS.iter().position(|known| *known == kind) {
            self.kinds[index].count_afresh(self.lines);
        }
    }

    /// Time passes without lines.
    pub(super) fn pass(&mut self, outer: Millis, limits: &Limits, out: &mut Vec<Finding>) {
        if self.lines == 0 {
            return;
        }
        let last = self.second;
        let silent_ms = self.clock.silence(outer);
        self.clock.pass(outer);
        let now = self.clock.now();
        if now - self.second >= 1000 {
            self.close_second(now, Mode::Judge, limits, out);
            self.second = now.div_euclid(1000) * 1000;
        }
        if silent_ms >= 60_000 {
            let from = last.min(now - silent_ms);
            self.judge_silence(Silence { from, until: now, outer_ms: silent_ms }, limits, out);
        }
    }

    /// The input ends: what its last second proves is told.
    pub(super) fn finish(&mut self, limits: &Limits, out: &mut Vec<Finding>) {
        if self.lines > 0 {
            self.close_second(self.clock.now(), Mode::Judge, limits, out);
        }
    }

    pub(super) fn open(&self, limits: &Limits) -> impl Iterator<Item = Open> {
        KINDS.into_iter().zip(&self.kinds).filter_map(move |(kind, failing)| {
            let (whole, peak, upstreams) = failing.so_far(limits)?;
            Some(Open { service: self.name.clone(), kind, whole, peak, upstreams })
        })
    }

    pub(super) fn chart(&self) -> Chart {
        let steps = |ring: &Ring, step_s| {
            let mut ring = ring.clone();
            if self.total > 0 {
                ring.add(self.second.div_euclid(1000), self.bad, self.total);
            }
            let (from, counts) = ring.steps();
            Steps { from: self.clock.as_logged(from * 1000), step_s, counts }
        };
        Chart { tens: steps(&self.tens, 10), minutes: steps(&self.minutes, 60) }
    }
}
