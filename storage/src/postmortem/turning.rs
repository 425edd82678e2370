//! Turning points: the few moments after which things went another way. Chosen by rule, never by taste.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::Serialize;

use crate::event::{Event, Kind, Milestone, Role, Severity, Share, Status, Time};
use crate::id::{Correlation, IncidentId, PersonName, PlanId, Seq};

use super::Reached;
use super::chart::{Chart, Traffic};

/// Letters A to J.
pub const MOST: usize = 10;

/// A moment after which things went another way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TurningPoint {
    /// A for the first.
    pub letter: char,
    /// When.
    pub at: Time,
    /// The event that tells it.
    pub seq: Seq,
    /// What it was.
    pub turn: Turn,
    /// Failed requests of all at that moment, where counted.
    pub share: Option<Share>,
}

/// What turned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "turn")]
pub enum Turn {
    /// A milestone was reached.
    Reached {
        /// Which.
        milestone: Milestone,
    },
    /// The severity went up or down.
    Severity {
        /// Before.
        from: Severity,
        /// After.
        to: Severity,
    },
    /// The failure got worse.
    Grew {
        /// To what.
        share: Share,
    },
    /// The failure ended by the counts.
    Recovered,
    /// It failed again.
    Returned {
        /// How often.
        times: u32,
    },
    /// Another alert of the same fate.
    Joined,
    /// What the facts point at was found.
    Diagnosed,
    /// A plan was approved.
    PlanApproved {
        /// Which.
        plan: PlanId,
    },
    /// A plan came to its end.
    PlanEnded {
        /// Which.
        plan: PlanId,
        /// Its effect was proven.
        proven: bool,
    },
    /// A cluster was frozen.
    Froze,
    /// It was reopened.
    WentBack {
        /// To which status.
        to: Status,
    },
    /// It was called off, or merged.
    Cancelled,
    /// It went on in another incident.
    Merged {
        /// In which.
        into: IncidentId,
    },
    /// Somebody took a role.
    Took {
        /// Which.
        role: Role,
        /// Who.
        person: PersonName,
    },
}

/// The most telling moments in order of time, each event at most once.
pub(super) fn points(
    record: &[Event],
    milestones: &[Reached],
    traffic: &Traffic,
    chart: Option<&Chart>,
) -> Vec<TurningPoint> {
    let mut found: BTreeMap<Seq, (u8, Turn, &Event)> = BTreeMap::new();
    let returned: Vec<&Correlation> =
        record.iter().filter(|event| returns(event)).filter_map(|event| event.correlation.as_ref()).collect();
    for event in record {
        let turn = reached(event, milestones).or_else(|| turn(event));
        if let Some(turn) = turn.filter(|turn| !doubled(turn, event, milestones, &returned)) {
            found.insert(event.seq, (rank(&turn), turn, event));
        }
    }
    let mut chosen: Vec<(u8, Turn, &Event)> = found.into_values().collect();
    chosen.sort_by_key(|(rank, _, event)| (*rank, event.occurred_at, event.seq));
    leave_most(&mut chosen);
    chosen.sort_by_key(|(_, _, event)| (event.occurred_at, event.seq));
    let known = |at| chart.and_then(|chart| chart.share_at(at)).or_else(|| traffic.share_at(at));
    let share = |turn: &Turn, at| {
        let told = settled(turn, at, chart).and_then(known).into_iter().chain(known(at));
        told.max_by(|a, b| a.ratio().total_cmp(&b.ratio()))
    };
    let lettered = ('A'..).zip(chosen).map(|(letter, (_, turn, event))| TurningPoint {
        letter,
        at: event.occurred_at,
        seq: event.seq,
        share: share(&turn, event.occurred_at),
        turn,
    });
    lettered.collect()
}

/// The most telling. Of those that are equally telling and do not all fit, the first and the last are left: an
/// outage that came back late is not left out for those before.
fn leave_most(sorted: &mut Vec<(u8, Turn, &Event)>) {
    let Some(&(last, ..)) = sorted.get(MOST) else { return };
    let equal = sorted.partition_point(|(rank, ..)| *rank < last);
    sorted.truncate(sorted.partition_point(|(rank, ..)| *rank <= last));
    let firsts = equal + (MOST - equal).div_ceil(2);
    let too_many = sorted.len() - MOST;
    sorted.drain(firsts..firsts + too_many);
}

fn returns(event: &Event) -> bool {
    matches!(event.kind.lasting(), Kind::AlertReturned { .. })
}

/// Where it starts late in a step, most of that step was good: the next one may tell better what failed then.
fn settled(turn: &Turn, at: Time, chart: Option<&Chart>) -> Option<Time> {
    let starts = matches!(turn, Turn::Reached { milestone: Milestone::Started });
    let half = TimeDelta::seconds(i64::from(chart.filter(|_| starts)?.step_s) / 2);
    at.checked_add_signed(half)
}

fn reached(event: &Event, milestones: &[Reached]) -> Option<Turn> {
    let mut set = milestones.iter().filter(|reached| reached.by == event.seq);
    set.next().map(|reached| Turn::Reached { milestone: reached.milestone })
}

fn turn(event: &Event) -> Option<Turn> {
    match event.kind.lasting() {
        Kind::SeverityChanged { from, to } => Some(Turn::Severity { from: *from, to: *to }),
        Kind::AlertGrew { evidence, moved: false, .. } => Some(Turn::Grew { share: evidence.now }),
        Kind::AlertRecovered { .. } => Some(Turn::Recovered),
        Kind::AlertReturned { times, .. } => Some(Turn::Returned { times: *times }),
        Kind::AlertJoined { .. } => Some(Turn::Joined),
        Kind::StatusChanged { to: Status::Cancelled, .. } => Some(Turn::Cancelled),
        Kind::StatusChanged { from, to, .. } if to < from => Some(Turn::WentBack { to: *to }),
        Kind::Merged { into } => Some(Turn::Merged { into: *into }),
        Kind::Diagnosed { share, .. } if share.bad > 0 => Some(Turn::Diagnosed),
        Kind::PlanApproved { plan, .. } => Some(Turn::PlanApproved { plan: *plan }),
        Kind::PlanEnded { plan, proven, .. } => Some(Turn::PlanEnded { plan: *plan, proven: *proven }),
        Kind::ClusterFrozen { .. } => Some(Turn::Froze),
        Kind::RoleTaken { role, person } if *role != Role::Scribe => {
            Some(Turn::Took { role: *role, person: person.clone() })
        }
        _ => None,
    }
}

/// Lifeboat declares in the second in which it detects, and goes back to work with what returned: one moment, not two.
fn doubled(turn: &Turn, event: &Event, milestones: &[Reached], returned: &[&Correlation]) -> bool {
    match turn {
        Turn::WentBack { .. } => event.correlation.as_ref().is_some_and(|own| returned.contains(&own)),
        Turn::Reached { milestone: Milestone::Declared } => {
            let detected = milestones.iter().find(|reached| reached.milestone == Milestone::Detected);
            detected.is_some_and(|reached| (event.occurred_at - reached.at).num_seconds().abs() <= 5)
        }
        _ => false,
    }
}

/// The lower, the more telling.
fn rank(turn: &Turn) -> u8 {
    match turn {
        Turn::Reached { milestone: Milestone::Started | Milestone::Mitigated | Milestone::Resolved } => 0,
        Turn::Reached { milestone: Milestone::Detected | Milestone::Acknowledged } => 1,
        Turn::Merged { .. } | Turn::Cancelled => 1,
        Turn::Reached { milestone: Milestone::Identified } => 2,
        Turn::WentBack { .. } | Turn::Returned { .. } => 2,
        Turn::PlanEnded { .. } => 3,
        Turn::Severity { from, to } if to < from => 3,
        Turn::Grew { .. } => 4,
        Turn::Recovered | Turn::PlanApproved { .. } | Turn::Froze => 5,
        Turn::Diagnosed => 6,
        Turn::Took { role: Role::Commander, .. } => 6,
        Turn::Joined => 7,
        Turn::Severity { .. } => 8,
        Turn::Took { .. } => 9,
        Turn::Reached { milestone: Milestone::Declared | Milestone::Closed } => 10,
    }
}
