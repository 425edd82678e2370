//! What users felt, as far as requests were counted. "Not known" is an answer.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use serde::Serialize;

use crate::event::{Event, Kind, Milestone, Share, Time};
use crate::incident::Incident;
use crate::metrics::Span;

use super::breaks::{Break, Course};
use super::chart::{Step, Traffic, sum};

/// Seconds without any request that still belong to one full stop.
const BRIDGED_S: i64 = 60;

/// A stop shorter than this, in seconds, or with fewer failures, is no full stop.
const SHORTEST_STOP_S: i64 = 10;
const FEWEST_FAILURES: u64 = 5;

/// What users felt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Impact {
    /// When it began, where known.
    pub from: Option<Time>,
    /// When users no longer suffered: as people said, or when failures ended where that is earlier or nobody said
    /// so; absent while it lasts.
    pub to: Option<Time>,
    /// When nothing failed in between, where it failed more than once; what follows does not count these times.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<Break>,
    /// Failed requests of all in that time; of the steps in which it begins and ends, all that failed, and of those
    /// that succeeded as many as the even pace of the step makes.
    pub failed: Option<Share>,
    /// Where that number comes from.
    pub counted: Counted,
    /// How much of that time nothing was counted, in seconds; pauses of a minute between requests are none.
    pub uncounted_s: u64,
    /// The worst minute.
    pub worst: Option<Worst>,
    /// The longest time in which every request failed.
    pub full_stop: FullStop,
    /// How many users; requests do not tell.
    pub users: Option<u64>,
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

/// The worst minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Worst {
    /// The clock minute around which it was, where requests were counted.
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

impl Impact {
    /// Whether requests were counted all the time and none of them failed: users did not suffer.
    #[must_use]
    pub fn none_failed(&self) -> bool {
        self.uncounted_s == 0 && self.failed.is_some_and(|failed| failed.bad == 0 && failed.total > 0)
    }

    /// The times in which users suffered, in order: one, unless it failed more than once.
    #[must_use]
    pub fn stretches(&self) -> Vec<Span> {
        let starts = [self.from].into_iter().chain(self.breaks.iter().map(|one| Some(one.to)));
        let ends = self.breaks.iter().map(|one| Some(one.from)).chain([self.to]);
        starts.zip(ends).map(|(from, to)| Span { from, to }).collect()
    }

    /// How long users suffered, all stretches together, where both ends are known.
    #[must_use]
    pub fn lasted(&self) -> Option<TimeDelta> {
        self.stretches().into_iter().map(Span::length).sum()
    }
}

pub(super) fn of(incident: &Incident, record: &[Event], traffic: &Traffic) -> Impact {
    let from = [Milestone::Started, Milestone::Detected, Milestone::Declared].map(|m| incident.at(m));
    let from = suffering(record).or_else(|| from.into_iter().flatten().next());
    let said = incident.at(Milestone::Mitigated).or(incident.at(Milestone::Resolved));
    let course = Course::of(record);
    let over = course.recovered().filter(|over| from.is_none_or(|from| from <= *over));
    // Who says that it is over may be early or late: what was counted tells when it was.
    let to = over.or(said);
    let end = to.or_else(|| record.iter().map(|event| event.occurred_at).max());
    let apart = |one: &&Break| {
        from.is_some_and(|from| from < one.from)
            && Some(one.to) < end
            && traffic.tells_apart(one.from, one.to)
    };
    let breaks: Vec<Break> = course.breaks().iter().filter(apart).copied().collect();
    let bare = Impact {
        from,
        to,
        breaks,
        failed: None,
        counted: Counted::Nothing,
        uncounted_s: 0,
        worst: None,
        full_stop: FullStop::NotKnown,
        users: None,
    };
    let stretches: Vec<Stretch> =
        bare.stretches().into_iter().filter_map(|span| Stretch::of(span, end, traffic)).collect();
    let steps: Vec<Step> = stretches.iter().flat_map(|one| one.steps.iter().copied()).collect();
    let exact = exact(record, traffic).filter(|_| course.is_over_of_one());
    let (failed, counted) = failed(&steps, exact, record);
    Impact {
        failed,
        counted,
        // Nothing counted at all is told by the count itself.
        uncounted_s: if steps.is_empty() { 0 } else { stretches.iter().map(uncounted).sum() },
        worst: worst(&steps, worst_told(record, traffic), failed, &course),
        full_stop: whole_stop(&stretches, failed).unwrap_or_else(|| full_stop(&stretches)),
        ..bare
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
}

/// The first failed request, where the incident began with what users did not feel yet: capacity that was late, pods
/// that did not start.
fn suffering(record: &[Event]) -> Option<Time> {
    let alerts = || {
        record.iter().filter_map(|event| match event.kind.lasting() {
            Kind::AlertRaised { what, evidence, .. } => {
                Some((what.is_of_requests(), evidence.since.unwrap_or(event.occurred_at)))
            }
            _ => None,
        })
    };
    let (felt, _) = alerts().next()?;
    alerts().filter(|(of_requests, _)| !felt && *of_requests).map(|(_, since)| since).min()
}

/// The steps at the edges hold requests from before and after; who counted the same failures request by request knows
/// better how many there were in all.
fn failed(steps: &[Step], exact: Option<Share>, record: &[Event]) -> (Option<Share>, Counted) {
    if !steps.is_empty() {
        let all = steps.iter().fold(Share::default(), |all, step| sum(all, step.share));
        let exact = exact.filter(|exact| exact.bad == all.bad && exact.total < all.total);
        return (Some(exact.unwrap_or(all)), Counted::Steps);
    }
    let told = record.iter().filter_map(|event| match event.kind.lasting() {
        Kind::AlertRecovered { whole, .. } if whole.total > 0 => Some(*whole),
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
fn worst(steps: &[Step], told: Option<Share>, whole: Option<Share>, course: &Course<'_>) -> Option<Worst> {
    let minute =
        worst_minute(steps).filter(|minute| whole.is_none_or(|whole| whole.ratio() <= minute.share.ratio()));
    let counted = minute.map(|minute| minute.share).filter(|_| told.is_none() || !course.is_over_of_one());
    let known = [whole, counted, told].into_iter().flatten();
    let share = known.max_by(|a, b| a.ratio().total_cmp(&b.ratio()))?;
    Some(Worst { at: minute.and_then(|minute| minute.at), share })
}

/// Minutes with few requests count only where all minutes are such.
fn worst_minute(steps: &[Step]) -> Option<Worst> {
    let mut minutes: BTreeMap<i64, Share> = BTreeMap::new();
    for step in steps {
        let minute = minutes.entry(step.at.div_euclid(60)).or_default();
        *minute = sum(*minute, step.share);
    }
    let busy = minutes.values().any(|minute| minute.total >= FEWEST_FAILURES);
    let counted = minutes.into_iter().filter(|(_, share)| !busy || share.total >= FEWEST_FAILURES);
    let (minute, share) = counted.max_by(|(_, a), (_, b)| a.ratio().total_cmp(&b.ratio()))?;
    Some(Worst { at: minute.checked_mul(60).and_then(|s| DateTime::from_timestamp(s, 0)), share })
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
