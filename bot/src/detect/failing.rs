//! One status of one service (502, 500, 503 or 504): does it fail more than every day?

use lifeboat_storage::event::{AlertEvidence, Counted, Share};
use serde::{Deserialize, Serialize};

use super::base::BaseLine;
use super::chart::Ring;
use super::clients::{Majority, Suspect, Vote};
use super::evidence::{Failure, Gathered};
use super::ladder::{Ladder, Mark, Rung, micro};
use super::limits::Limits;
use super::moved::Lately;
use super::outage::{Before, Outage};
use super::severity::severity;
use super::usual::Sample;
use super::{Found, time};
use crate::source::request::{Millis, Request};

/// A failed line.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) request: &'a Request<'a>,
    /// Print of its client.
    pub(super) client: u64,
    /// Its place; `lines` counts those before it.
    pub(super) here: Mark,
}

/// What is known of the whole service.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) limits: &'a Limits,
    pub(super) majority: &'a Majority,
    /// Good requests of late.
    pub(super) usual: &'a Sample,
    pub(super) minutes: &'a Ring,
    /// Lines of the running second that failed in no way.
    pub(super) good_now: u64,
    /// When the first line of the service came.
    pub(super) first: Millis,
}

/// The detector of one status of one service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Failing {
    base: BaseLine,
    ladder: Ladder,
    suspect: Suspect,
    /// Lines of the service up to the last failed one.
    lines: u64,
    fold: Fold,
    /// Of the open alert; the runs that may open one gather for themselves.
    gathered: Gathered,
    /// Of the open alert, what failed in its newest half minute.
    #[serde(default)]
    lately: Lately,
    open: Option<Outage>,
    ended: Option<Ended>,
    /// Until when history was plainly an outage.
    #[serde(default)]
    failed_before: Option<Millis>,
    /// An alert is open, and whether it would open now is counted from a moment on.
    #[serde(default)]
    afresh: bool,
}

/// Failed lines not yet in the base line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Fold {
    bad: u64,
    suspect: Suspect,
    suspected: u64,
}

/// The last failure that recovered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Ended {
    at: Millis,
    times: u32,
    /// What came before it; none in what an older Lifeboat wrote.
    #[serde(default)]
    before: Option<Before>,
}

impl Failing {
    /// Of a service never seen before.
    pub(super) fn new(limits: &Limits) -> Self {
        let mut new = Self::default();
        new.ladder.look_over(new.base.share(limits), limits);
        new
    }

    /// Takes a failed line of history: base line only.
    pub(super) fn learn(&mut self, seen: &Seen<'_>) {
        self.lines = seen.here.lines + 1;
        self.fold.count(seen.client);
    }

    /// Takes a failed line and judges it.
    pub(super) fn judge(&mut self, seen: &Seen<'_>, around: &Around<'_>) -> Option<Found> {
        if self.open.is_some() {
            return self.go_on(seen, around);
        }
        self.fold.count(seen.client);
        self.climb(seen, around.limits);
        let rung = self.enough(seen, around)?;
        Some(self.open(rung, seen, around))
    }

    /// A failed line of an open alert: it fails again after a person's word, or it grows.
    fn go_on(&mut self, seen: &Seen<'_>, around: &Around<'_>) -> Option<Found> {
        let before = self.open.as_ref()?.bad_so_far();
        let grown = self.open.as_mut()?.bad(seen.here, around.limits);
        let failure = Failure::of(seen.request);
        self.gathered.take(&failure);
        let moved = self.lately.take(&failure, Mark { bad: before, ..seen.here });
        if self.afresh {
            self.climb(seen, around.limits);
            if let Some(rung) = self.enough(seen, around) {
                return self.fail_again(rung, seen, around);
            }
        }
        let since = self.open.as_ref()?.start();
        if let Some((severity, span)) = grown {
            let evidence = self.evidence(seen, around, (since, span.start), span.share);
            return Some(Found::Grew { severity, evidence });
        }
        let (start, gathered) = moved?;
        self.gathered = gathered;
        let now = self.open.as_ref()?.since(start);
        Some(Found::Moved { evidence: self.evidence(seen, around, (since, start), now) })
    }

    /// Failures are counted from here on, with so many lines before, as if nothing were open.
    pub(super) fn count_afresh(&mut self, lines: u64) {
        if self.open.is_some() {
            self.afresh = true;
            self.lines = lines;
            self.ladder.clear();
            self.suspect = Suspect::default();
        }
    }

    /// The run that is evidence enough to open an alert, of the highest watched share.
    fn enough(&self, seen: &Seen<'_>, around: &Around<'_>) -> Option<Rung> {
        let limit = micro(around.limits.needed(seen.here.lines));
        let over = |rung: &&Rung| {
            rung.sum >= limit && (rung.others >= limit || !self.is_one_client(rung, seen, around))
        };
        self.ladder.rungs.iter().rev().find(over).cloned()
    }

    fn fail_again(&mut self, rung: Rung, seen: &Seen<'_>, around: &Around<'_>) -> Option<Found> {
        let now = run(&rung, seen);
        self.take_names(rung.gathered);
        let severity = severity(now, seen.here.at - rung.start.at, around.limits);
        let evidence = self.evidence(seen, around, (rung.start, rung.start), now);
        self.open.as_mut()?.told_anew(severity, seen.here);
        self.afresh = false;
        let ended = self.ended.get_or_insert(Ended { at: seen.here.at, times: 0, before: None });
        ended.times += 1;
        Some(Found::Returned { severity, evidence, times: ended.times })
    }

    fn climb(&mut self, seen: &Seen<'_>, limits: &Limits) {
        let good = seen.here.lines - self.lines;
        self.lines = seen.here.lines + 1;
        let [least, ..] = &mut self.ladder.rungs;
        if least.sink(good, seen.here) {
            self.suspect = Suspect::default();
        }
        for rung in &mut self.ladder.rungs[1..] {
            rung.sink(good, seen.here);
        }
        let vote = self.suspect.vote(seen.client);
        for rung in &mut self.ladder.rungs {
            if vote == Vote::Becomes {
                rung.others = rung.sum;
            }
            rung.rise(vote != Vote::IsNot, seen.here, limits);
        }
        // One failure alone is no run to be shown; most are followed by none.
        if self.ladder.most() >= micro(limits.evidence) / 3 {
            self.ladder.gather(&Failure::of(seen.request));
        }
    }

    /// Does one client do the failing, while others' requests succeed? A run of twenty lines without the
    /// success of another says that the others are gone.
    fn is_one_client(&self, rung: &Rung, seen: &Seen<'_>, around: &Around<'_>) -> bool {
        let lines = seen.here.lines + 1 - rung.start.lines;
        let good = lines - rung.bad_shown();
        let others = good >= 3 || lines < 20;
        others && others_succeed(seen.here.at, around) && !around.majority.is(self.suspect.client)
    }

    fn open(&mut self, rung: Rung, seen: &Seen<'_>, around: &Around<'_>) -> Found {
        let (limits, start, now) = (around.limits, rung.start, run(&rung, seen));
        let within = Millis::from(limits.returned_within_s) * 1000;
        let returned = self.ended.as_ref().is_some_and(|ended| seen.here.at - ended.at < within);
        let outage = Outage::open(start, now, seen.here, self.base.share(limits), limits)
            .after(self.before(start, returned, around));
        let severity = outage.severity();
        self.open = Some(outage);
        self.take_names(rung.gathered);
        let evidence = self.evidence(seen, around, (start, start), now);
        match self.ended.take().filter(|_| returned) {
            Some(Ended { at, times, before }) => {
                let times = times + 1;
                self.ended = Some(Ended { at, times, before });
                Found::Returned { severity, evidence, times }
            }
            None => Found::Opened { severity, evidence },
        }
    }

    /// The alert that opens shows what the run that opened it gathered, and goes on with that.
    fn take_names(&mut self, gathered: Gathered) {
        self.lately = Lately::told(&gathered);
        self.gathered = gathered;
        self.ladder.forget_names();
    }

    /// What came before a failure that began here: nothing of an outage that ended shortly before, and where that
    /// returned, what came before it.
    fn before(&self, start: Mark, returned: bool, around: &Around<'_>) -> Before {
        let first = self.ended.as_ref().filter(|_| returned).and_then(|ended| ended.before);
        let ended_at =
            self.ended.as_ref().map(|ended| ended.at).max(self.failed_before).unwrap_or(around.first);
        first.filter(|before| before.share.total > 0).unwrap_or_else(|| around.before(start, ended_at))
    }

    /// `since` is where the failure began, `start` where the share of `now` did.
    fn evidence(
        &self,
        seen: &Seen<'_>,
        around: &Around<'_>,
        (since, start): (Mark, Mark),
        now: Share,
    ) -> AlertEvidence {
        let before = self.open.as_ref().and_then(Outage::before);
        let before = before.unwrap_or_else(|| around.before(since, around.first));
        let (paths, clients) = (self.gathered.paths(), self.gathered.clients());
        AlertEvidence {
            since: time(since.logged),
            now,
            window_s: seconds(seen.here.at - start.at).max(1),
            before: before.share,
            before_s: before.span_s,
            gathered: Some(self.gathered.lines()),
            upstreams: self.gathered.upstreams(),
            usual: Some(around.usual.beside(&paths, &clients)),
            paths,
            clients,
            samples: self.gathered.samples(seen.request),
            probe: None,
        }
    }

    /// A second is over; yields the recovery it proves. `shift` turns a time into that of the log.
    pub(super) fn close_second(
        &mut self,
        closed: Millis,
        lines: u64,
        now: Millis,
        limits: &Limits,
        as_logged: impl Fn(Millis) -> Millis,
    ) -> Option<Found> {
        let open = self.open.as_mut()?;
        let base = || self.base.share(limits);
        let proof = open.close_second(closed, lines, now, base, limits)?;
        let (peak, whole, before) = (open.peak(), open.whole_until_well(limits), open.before());
        self.end(now, lines, before);
        Some(Found::Recovered { good_since: as_logged(proof.since), now: proof.now, peak, whole })
    }

    fn end(&mut self, now: Millis, lines: u64, before: Option<Before>) {
        let times = self.ended.take().map_or(0, |ended| ended.times);
        self.ended = Some(Ended { at: now, times, before });
        self.open = None;
        self.afresh = false;
        self.lines = lines;
        self.ladder.clear();
        (self.suspect, self.gathered, self.lately, self.fold) = Default::default();
    }

    /// Adds so many lines to the base line, unless something may be wrong.
    pub(super) fn fold(&mut self, lines: u64, seconds: u64, majority: &Majority, limits: &Limits) {
        let fold = std::mem::take(&mut self.fold);
        let calm = self.open.is_none() && self.ladder.most() < micro(limits.evidence) / 2;
        if calm {
            self.base.learn(fold.usual(majority), lines, seconds);
            self.ladder.look_over(self.base.share(limits), limits);
        }
    }

    /// Adds history to the base line, unless it is plainly an outage.
    pub(super) fn fold_history(
        &mut self,
        lines: u64,
        (from, now): (Millis, Millis),
        majority: &Majority,
        limits: &Limits,
    ) {
        let fold = std::mem::take(&mut self.fold);
        let bad = fold.usual(majority);
        if bad < 5 || bad * 10 < lines {
            self.base.learn(bad, lines, u64::from(seconds(now - from)));
            self.ladder.look_over(self.base.share(limits), limits);
        } else {
            self.failed_before = Some(now);
        }
    }

    /// Whole, worst minute and upstreams of what is open.
    pub(super) fn so_far(&self, limits: &Limits) -> Option<(Share, Share, Vec<Counted>)> {
        let open = self.open.as_ref()?;
        Some((open.whole_until_well(limits), open.peak_so_far(), self.gathered.upstreams()))
    }

    /// Lines the base line rests on.
    pub(super) fn base_lines(&self) -> u64 {
        self.base.lines()
    }
}

impl Around<'_> {
    /// What came in the hour before this moment, nothing of it before `from`.
    fn before(&self, here: Mark, from: Millis) -> Before {
        let span_ms = (here.at - from.max(self.first)).clamp(0, 3_600_000);
        let share = self.minutes.sum((here.at - span_ms).div_euclid(1000), here.at.div_euclid(1000));
        Before { share, span_s: seconds(span_ms) }
    }
}

impl Fold {
    fn count(&mut self, client: u64) {
        self.bad += 1;
        match self.suspect.vote(client) {
            Vote::Becomes => self.suspected = 1,
            Vote::Is => self.suspected += 1,
            Vote::IsNot => {}
        }
    }

    /// Failed lines without those of one client that makes most of them, unless it makes most of the traffic.
    fn usual(&self, majority: &Majority) -> u64 {
        let one = self.suspected >= 3 && self.suspected * 2 > self.bad && !majority.is(self.suspect.client);
        if one { self.bad - self.suspected } else { self.bad }
    }
}

/// Failed and all lines of a run that ends with this one.
fn run(rung: &Rung, seen: &Seen<'_>) -> Share {
    Share { bad: rung.bad_shown(), total: seen.here.lines + 1 - rung.start.lines }
}

/// Have at least three requests succeeded in the last ten minutes?
fn others_succeed(at: Millis, around: &Around<'_>) -> bool {
    let second = at.div_euclid(1000);
    let recent = around.minutes.sum(second - 600, second + 60);
    recent.total - recent.bad + around.good_now >= 3
}

/// Milliseconds as whole seconds.
pub(super) fn seconds(ms: Millis) -> u32 {
    u32::try_from(ms / 1000).unwrap_or(0)
}
