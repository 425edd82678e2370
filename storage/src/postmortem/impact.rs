//! What users felt, as far as requests were counted. "Not known" is an answer.

use std::cmp::Reverse;

use chrono::TimeDelta;
use serde::Serialize;

use crate::event::{Event, Kind, Milestone, Share, Time};
use crate::id::{AlertKey, ServiceName};
use crate::incident::Incident;
use crate::metrics::Span;
use crate::state::State;

use super::breaks::{Break, Course};
use super::chart::Traffic;
use super::felt::{self, Counted, Felt, FullStop, Worst};

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
    /// The incident's own service; none where no event names one.
    pub service: Option<ServiceName>,
    /// Failed requests of all in that time, as in [`Felt`]; this and the next four are of its own service alone.
    pub failed: Option<Share>,
    /// Where that number comes from.
    pub counted: Counted,
    /// How much of that time nothing was counted, in seconds.
    pub uncounted_s: u64,
    /// The worst minute.
    pub worst: Option<Worst>,
    /// The longest time in which every request failed.
    pub full_stop: FullStop,
    /// Other services of which requests failed, or were said to fail, in that same time: most failures first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Felt>,
    /// How many users; requests do not tell.
    pub users: Option<u64>,
}

impl Impact {
    /// Whether requests were counted all the time and none of them failed: users did not suffer.
    #[must_use]
    pub fn none_failed(&self) -> bool {
        self.each().iter().all(Felt::none_failed)
    }

    /// What was counted of each service, its own first.
    #[must_use]
    pub fn each(&self) -> Vec<Felt> {
        let own = Felt {
            service: self.service.clone(),
            failed: self.failed,
            counted: self.counted,
            uncounted_s: self.uncounted_s,
            worst: self.worst,
            full_stop: self.full_stop,
        };
        [own].into_iter().chain(self.others.iter().cloned()).collect()
    }

    /// Other services of which requests failed, most failures first.
    pub fn failing_others(&self) -> impl Iterator<Item = &Felt> {
        self.others.iter().filter(|other| other.bad() > 0)
    }

    /// The times in which users suffered, in order: one, unless it failed more than once.
    #[must_use]
    pub fn stretches(&self) -> Vec<Span> {
        stretches(self.from, &self.breaks, self.to)
    }

    /// How long users suffered, all stretches together, where both ends are known.
    #[must_use]
    pub fn lasted(&self) -> Option<TimeDelta> {
        self.stretches().into_iter().map(Span::length).sum()
    }
}

pub(super) fn of(
    incident: &Incident,
    record: &[Event],
    state: &State,
    (own, others): (&Traffic, &[Traffic]),
) -> Impact {
    let from = began(incident, record);
    let said = incident.at(Milestone::Mitigated).or(incident.at(Milestone::Resolved));
    let course = Course::of(record, &state.alerts);
    let over = course.recovered().filter(|over| from.is_none_or(|from| from <= *over));
    // Who says that it is over may be early or late: what was counted tells when it was.
    let to = over.or(said);
    let end = to.or_else(|| record.iter().map(|event| event.occurred_at).max());
    let apart = |one: &&Break| {
        let mut counted = [own].into_iter().chain(others);
        from.is_some_and(|from| from < one.from)
            && Some(one.to) < end
            && counted.all(|traffic| traffic.tells_apart(one.from, one.to))
    };
    let breaks: Vec<Break> = course.breaks().iter().filter(apart).copied().collect();
    let spans = stretches(from, &breaks, to);
    let count = |traffic| Felt::of(traffic, record, &state.alerts, (&spans, end));
    let alerted = |traffic: &Traffic| record.iter().any(|event| felt::tells_of(event, traffic));
    let mut others: Vec<Felt> = others
        .iter()
        .map(|traffic| (count(traffic), alerted(traffic)))
        .filter(|(felt, alerted)| *alerted || felt.bad() > 0)
        .map(|(felt, _)| felt)
        .collect();
    others.sort_by_key(|felt| Reverse(felt.bad()));
    let Felt { service, failed, counted, uncounted_s, worst, full_stop } = count(own);
    Impact { from, to, breaks, service, failed, counted, uncounted_s, worst, full_stop, others, users: None }
}

/// When users began to suffer: as the incident started, unless it began with what they did not feel yet (capacity that
/// was late, pods that did not start); or earlier, where an alert that joined failed before.
fn began(incident: &Incident, record: &[Event]) -> Option<Time> {
    let known = [Milestone::Started, Milestone::Detected, Milestone::Declared].map(|m| incident.at(m));
    let started = known.into_iter().flatten().next();
    let mut told = record.iter().filter_map(failing_since);
    let Some((first, of_requests, _)) = told.next() else { return started };
    // Of the first one people know better, where they corrected when it started.
    let joined = told.filter(|(alert, of_requests, _)| *of_requests && *alert != first);
    let joined = joined.map(|(.., since)| since).min();
    if of_requests { started.into_iter().chain(joined).min() } else { joined.or(started) }
}

/// An alert that fails, whether by requests, and since when.
fn failing_since(event: &Event) -> Option<(&AlertKey, bool, Time)> {
    let (alert, of_requests, evidence) = match event.kind.lasting() {
        Kind::AlertRaised { alert, what, evidence, .. } => (alert, what.is_of_requests(), evidence),
        Kind::AlertGrew { alert, evidence, .. } => (alert, alert.is_of_requests(), evidence),
        _ => return None,
    };
    Some((alert, of_requests, evidence.since.unwrap_or(event.occurred_at)))
}

/// From the first moment to the last, without the breaks.
fn stretches(from: Option<Time>, breaks: &[Break], to: Option<Time>) -> Vec<Span> {
    let starts = [from].into_iter().chain(breaks.iter().map(|one| Some(one.to)));
    let ends = breaks.iter().map(|one| Some(one.from)).chain([to]);
    starts.zip(ends).map(|(from, to)| Span { from, to }).collect()
}
