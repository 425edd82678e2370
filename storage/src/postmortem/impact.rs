//! What users felt, as far as requests were counted. "Not known" is an answer.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde::Serialize;

use crate::event::{Event, Kind, Milestone, Share, Time};
use crate::id::AlertKey;
use crate::incident::Incident;

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
    /// Its start, where known.
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
}

pub(super) fn of(incident: &Incident, record: &[Event], traffic: &Traffic) -> Impact {
    let from = [Milestone::Started, Milestone::Detected, Milestone::Declared].map(|m| incident.at(m));
    let from = suffering(record).or_else(|| from.into_iter().flatten().next());
    let said = incident.at(Milestone::Mitigated).or(incident.at(Milestone::Resolved));
    let to =
        said.into_iter().chain(recovered(record).filter(|over| from.is_none_or(|from| from <= *over))).min();
    let end = to.or_else(|| record.iter().map(|event| event.occurred_at).max());
    let steps: Vec<Step> = match (from, end) {
        (Some(from), Some(end)) => traffic.between(from, end).collect(),
        _ => Vec::new(),
    };
    let (failed, counted) = failed(&steps, record);
    Impact {
        from,
        to,
        failed,
        counted,
        uncounted_s: from.zip(end).map_or(0, |(from, end)| uncounted(&steps, from, end)),
        worst: worst(&steps).or_else(|| worst_told(record)),
        full_stop: full_stop(&steps),
        users: None,
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

/// Since when no request fails any more, where every alert of requests has recovered.
pub(super) fn recovered(record: &[Event]) -> Option<Time> {
    let mut ends: BTreeMap<&AlertKey, Option<Time>> = BTreeMap::new();
    for event in record {
        match event.kind.lasting() {
            Kind::AlertRaised { alert, what, .. } if what.is_of_requests() => {
                ends.insert(alert, None);
            }
            // It came with another incident that was merged into this one.
            Kind::AlertJoined { alert } if alert.is_of_requests() => {
                ends.entry(alert).or_insert(None);
            }
            Kind::AlertReturned { alert, .. } => {
                ends.entry(alert).and_modify(|end| *end = None);
            }
            Kind::AlertRecovered { alert, good_since, .. } => {
                ends.entry(alert).and_modify(|end| *end = Some(*good_since));
            }
            _ => {}
        }
    }
    ends.into_values().collect::<Option<Vec<Time>>>()?.into_iter().max()
}

fn failed(steps: &[Step], record: &[Event]) -> (Option<Share>, Counted) {
    if !steps.is_empty() {
        let all = steps.iter().fold(Share::default(), |all, step| sum(all, step.share));
        return (Some(all), Counted::Steps);
    }
    let mut told: BTreeMap<&AlertKey, Share> = BTreeMap::new();
    for event in record {
        if let Kind::AlertRecovered { alert, whole, .. } = event.kind.lasting() {
            told.insert(alert, *whole);
        }
    }
    let all = told.into_values().filter(|whole| whole.total > 0).reduce(sum);
    (all, if all.is_some() { Counted::Alerts } else { Counted::Nothing })
}

/// Nothing counted at all is told by the count itself.
fn uncounted(steps: &[Step], from: Time, end: Time) -> u64 {
    if steps.is_empty() {
        return 0;
    }
    let (mut known, end) = (from.timestamp(), end.timestamp());
    let mut missing = 0_i64;
    for (start, stop) in steps.iter().map(|step| (step.at, step.end())).chain([(end, end)]) {
        let gap = start.min(end).saturating_sub(known);
        missing = missing.saturating_add(if gap > BRIDGED_S { gap } else { 0 });
        known = known.max(stop);
    }
    u64::try_from(missing).unwrap_or(0)
}

/// Minutes with few requests count only where all minutes are such.
fn worst(steps: &[Step]) -> Option<Worst> {
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

fn worst_told(record: &[Event]) -> Option<Worst> {
    let peaks = record.iter().filter_map(|event| match event.kind.lasting() {
        Kind::AlertRecovered { peak, .. } if peak.total > 0 => Some(*peak),
        _ => None,
    });
    peaks.max_by(|a, b| a.ratio().total_cmp(&b.ratio())).map(|share| Worst { at: None, share })
}

struct Run {
    from: i64,
    to: i64,
    failed: u64,
}

fn full_stop(steps: &[Step]) -> FullStop {
    if steps.is_empty() {
        return FullStop::NotKnown;
    }
    let long = |run: &Run| run.to - run.from >= SHORTEST_STOP_S && run.failed >= FEWEST_FAILURES;
    let longest = runs(steps).into_iter().filter(long).max_by_key(|run| run.to - run.from);
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
