//! What was counted of one service while users suffered.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use serde::Serialize;

use crate::event::{Event, Kind, Share, Time};
use crate::id::{AlertKey, ServiceName};
use crate::incident::Alert;
use crate::metrics::Span;

use super::breaks::Course;
use super::chart::{self, Step, Traffic, sum};

/// Seconds without any request that still belong to one full stop.
const BRIDGED_S: i64 = 60;

/// A stop shorter than this, in seconds, or with fewer failures, is no full stop.
const SHORTEST_STOP_S: i64 = 10;
const FEWEST_FAILURES: u64 = 5;

/// What was counted of one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Felt {
    /// Which; none where no event names one.
    pub service: Option<ServiceName>,
    /// Failed requests of all while users suffered; of the steps in which that begins and ends, all that failed, unless it
    /// failed on beyond, and of the rest as many as the even pace of the step makes.
    pub failed: Option<Share>,
    /// Where that number comes from.
    pub counted: Counted,
    /// How much of that time nothing was counted, in seconds; pauses of a minute between requests are none.
    pub uncounted_s: u64,
    /// The worst minute.
    pub worst: Option<Worst>,
    /// The longest time in which every request failed.
    pub full_stop: FullStop,
}

/// Where the number of failed requests comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Summed from the counted steps.
    Steps,
    /// As the alerts told when they recovered.
    Alerts,
    /// Nothing was counted.
    Nothing,
}

/// The worst whole minute; of what failed for less, all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Worst {
    /// When it began, where requests were counted and this share is that minute's.
    pub at: Option<Time>,
    /// What failed in it.
    pub share: Share,
}

/// The longest time in which every request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum FullStop {
    /// Nothing was counted.
    NotKnown,
    /// Some request succeeded all the time.
    Never,
    /// No request succeeded from the first to the last moment.
    Lasted {
        /// Start of the first failed step.
        from: Time,
        /// End of the last failed step.
        to: Time,
        /// Requests that failed in it.
        failed: u64,
    },
}

impl Felt {
    /// In these times, the last of which ends then where it has no end of its own.
    pub(super) fn of(
        traffic: &Traffic,
        record: &[Event],
        alerts: &BTreeMap<AlertKey, Alert>,
        (spans, end): (&[Span], Option<Time>),
    ) -> Self {
        let stretches: Vec<Stretch> =
            spans.iter().filter_map(|span| Stretch::of(*span, end, traffic)).collect();
        let steps: Vec<Step> = stretches.iter().flat_map(|one| one.steps.iter().copied()).collect();
        let course = Course::of(record.iter().filter(|event| tells_of(event, traffic)), alerts);
        let exact = exact(record, traffic).filter(|_| course.is_over_of_one());
        let (failed, counted) = failed(&steps, exact, record, traffic);
        Self {
            service: traffic.service().cloned(),
            failed,
            counted,
            // Nothing counted at all is told by the count itself.
            uncounted_s: if steps.is_empty() { 0 } else { stretches.iter().map(uncounted).sum() },
            worst: worst(&stretches, worst_told(record, traffic), failed, &course),
            full_stop: whole_stop(&stretches, failed).unwrap_or_else(|| full_stop(&stretches)),
        }
    }

    /// Whether requests were counted all the time and none of them failed.
    #[must_use]
    pub fn none_failed(&self) -> bool {
        self.uncounted_s == 0 && self.failed.is_some_and(|failed| failed.bad == 0 && failed.total > 0)
    }

    /// How many requests failed, as far as known.
    #[must_use]
    pub fn bad(&self) -> u64 {
        self.failed.map_or(0, |failed| failed.bad)
    }
}

/// Whether an event tells of an alert on requests of the service.
pub(super) fn tells_of(event: &Event, traffic: &Traffic) -> bool {
    match event.kind.lasting() {
        Kind::AlertRaised { alert, .. }
        | Kind::AlertGrew { alert, .. }
        | Kind::AlertJoined { alert }
        | Kind::AlertReturned { alert, .. }
        | Kind::AlertRecovered { alert, .. } => traffic.is_of(alert),
        _ => false,
    }
}

/// A time in which users suffered, with what was counted in it.
struct Stretch {
    from: Time,
    to: Time,
    steps: Vec<Step>,
}

impl Stretch {
    fn of(span: Span, end: Option<Time>, traffic: &Traffic) -> Option<Self> {
        let (from, to) = span.from.zip(span.to.or(end))?;
        Some(Self { from, to, steps: traffic.between(from, to).collect() })
    }

    /// Its whole minutes: the first and the last, then those of the clock.
    fn minutes(&self) -> Vec<(i64, Share)> {
        let (from, last) = (self.from.timestamp(), self.to.timestamp().saturating_sub(60));
        let edges = [from, last];
        let clock: BTreeSet<i64> = self.steps.iter().flat_map(clock_minutes).collect();
        let starts = edges.into_iter().chain(clock).filter(|start| (from..=last).contains(start));
        starts.map(|start| (start, chart::minute(&self.steps, start))).collect()
    }

    fn whole(&self) -> (i64, Share) {
        (self.from.timestamp(), self.steps.iter().fold(Share::default(), |all, step| sum(all, step.share)))
    }
}

/// The clock minutes in which a step begins and ends.
fn clock_minutes(step: &Step) -> [i64; 2] {
    [step.at, step.end().saturating_sub(1)].map(|at| at.div_euclid(60).saturating_mul(60))
}

/// The steps at the edges hold requests from before and after; who counted the same failures request by request knows
/// better how many there were in all. Where nothing failed in one of them, the service was well for a part of the time in
/// which another one suffered, and its requests of that part count too.
fn failed(
    steps: &[Step],
    exact: Option<Share>,
    record: &[Event],
    traffic: &Traffic,
) -> (Option<Share>, Counted) {
    if !steps.is_empty() {
        let all = steps.iter().fold(Share::default(), |all, step| sum(all, step.share));
        let throughout = [steps.first(), steps.last()].into_iter().flatten().all(|step| step.share.bad > 0);
        let exact = exact.filter(|exact| throughout && exact.bad == all.bad && exact.total < all.total);
        return (Some(exact.unwrap_or(all)), Counted::Steps);
    }
    let told = record.iter().filter_map(|event| match event.kind.lasting() {
        Kind::AlertRecovered { alert, whole, .. } if whole.total > 0 && traffic.is_of(alert) => Some(*whole),
        _ => None,
    });
    let all = told.reduce(sum);
    (all, if all.is_some() { Counted::Alerts } else { Counted::Nothing })
}

/// What the last recovery of an alert on requests of the service told, from its first failed request to its last.
fn exact(record: &[Event], traffic: &Traffic) -> Option<Share> {
    record.iter().rev().find_map(|event| match event.kind.lasting() {
        Kind::AlertRecovered { alert, whole, .. } if traffic.is_of(alert) => Some(*whole),
        _ => None,
    })
}

fn uncounted(stretch: &Stretch) -> u64 {
    let (mut known, end) = (stretch.from.timestamp(), stretch.to.timestamp());
    let mut missing = 0_i64;
    for (start, stop) in stretch.steps.iter().map(|step| (step.at, step.end())).chain([(end, end)]) {
        let gap = start.min(end).saturating_sub(known);
        missing = missing.saturating_add(if gap > BRIDGED_S { gap } else { 0 });
        known = known.max(stop);
    }
    u64::try_from(missing).unwrap_or(0)
}

/// Where one alert saw all of the failure, the share that it told: whoever reads both finds one number. Else the worst
/// of what the clock minutes and the alerts show. Never below the whole: where it failed for less than a minute, the
/// minute of an alert holds good requests too.
fn worst(
    stretches: &[Stretch],
    told: Option<Share>,
    whole: Option<Share>,
    course: &Course<'_>,
) -> Option<Worst> {
    let minute = worst_minute(stretches)
        .filter(|minute| whole.is_none_or(|whole| whole.ratio() <= minute.share.ratio()));
    let counted = minute.map(|minute| minute.share).filter(|_| told.is_none() || !course.is_over_of_one());
    let known = [whole, counted, told].into_iter().flatten();
    let share = known.max_by(|a, b| a.ratio().total_cmp(&b.ratio()))?;
    Some(Worst {
        at: minute.filter(|minute| is_that(minute.share, share)).and_then(|minute| minute.at),
        share,
    })
}

/// Whether a share that an alert told is that of a counted minute: as many failed in it. The alert may know better how
/// many succeeded, where the minute is one in which it began or ended.
fn is_that(minute: Share, told: Share) -> bool {
    minute.bad == told.bad && (minute.ratio() - told.ratio()).abs() < 0.05
}

/// Minutes with few requests count only where all minutes are such, and what is shorter only where nothing failed for a
/// whole minute.
fn worst_minute(stretches: &[Stretch]) -> Option<Worst> {
    let whole = stretches.iter().flat_map(Stretch::minutes).collect::<Vec<_>>();
    let minutes = if whole.is_empty() { stretches.iter().map(Stretch::whole).collect() } else { whole };
    let minutes = || minutes.iter().filter(|(_, share)| share.total > 0);
    let busy = minutes().any(|(_, share)| share.total >= FEWEST_FAILURES);
    let counted = minutes().filter(|(_, share)| !busy || share.total >= FEWEST_FAILURES);
    let (from, share) = counted.max_by(|(_, a), (_, b)| a.ratio().total_cmp(&b.ratio()))?;
    Some(Worst { at: DateTime::from_timestamp(*from, 0), share: *share })
}

/// The worst minute that an alert of the service told.
fn worst_told(record: &[Event], traffic: &Traffic) -> Option<Share> {
    let peaks = record.iter().filter_map(|event| match event.kind.lasting() {
        Kind::AlertRecovered { alert, peak, .. } if peak.total > 0 && traffic.is_of(alert) => Some(*peak),
        _ => None,
    });
    peaks.max_by(|a, b| a.ratio().total_cmp(&b.ratio()))
}

struct Run {
    from: i64,
    to: i64,
    failed: u64,
}

/// Every request of a single stretch failed.
fn whole_stop(stretches: &[Stretch], failed: Option<Share>) -> Option<FullStop> {
    let ([one], Some(share)) = (stretches, failed) else { return None };
    let long = (one.to - one.from).num_seconds() >= SHORTEST_STOP_S && share.bad >= FEWEST_FAILURES;
    let stopped = long && share.bad == share.total && !one.steps.is_empty();
    stopped.then_some(FullStop::Lasted { from: one.from, to: one.to, failed: share.bad })
}

fn full_stop(stretches: &[Stretch]) -> FullStop {
    if stretches.iter().all(|stretch| stretch.steps.is_empty()) {
        return FullStop::NotKnown;
    }
    let long = |run: &Run| run.to - run.from >= SHORTEST_STOP_S && run.failed >= FEWEST_FAILURES;
    let runs = stretches.iter().flat_map(|stretch| runs(&stretch.steps));
    let longest = runs.filter(long).max_by_key(|run| run.to - run.from);
    let moment = |s: i64| DateTime::from_timestamp(s, 0);
    match longest.and_then(|run| Some((moment(run.from)?, moment(run.to)?, run.failed))) {
        Some((from, to, failed)) => FullStop::Lasted { from, to, failed },
        None => FullStop::Never,
    }
}

fn runs(steps: &[Step]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut going = false;
    for step in steps {
        let stopped = step.share.bad >= step.share.total;
        match runs.last_mut() {
            Some(run) if stopped && going && step.at.saturating_sub(run.to) <= BRIDGED_S => {
                run.to = step.end();
                run.failed = run.failed.saturating_add(step.share.bad);
            }
            _ if stopped => runs.push(Run { from: step.at, to: step.end(), failed: step.share.bad }),
            _ => {}
        }
        going = stopped;
    }
    runs
}
