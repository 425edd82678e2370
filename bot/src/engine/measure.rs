//! Chart data of open incidents: requests in equal steps, recorded so that the postmortem can draw them.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use lifeboat_commands::verb::Change;
use lifeboat_storage::event::{Actor, Kind, Milestone, Origin, Share, Status, Time};
use lifeboat_storage::id::{IncidentId, ServiceName};
use lifeboat_storage::incident::Incident;

use super::Engine;
use super::effect::Effect;
use super::input::Now;
use super::record::Decided;
use crate::detect::Steps;

/// How much is recorded at once while an incident is open, in seconds.
const SPAN_S: i64 = 30;
/// Length of a step, in seconds.
const STEP_S: i64 = 10;
/// How far back the chart of a new incident reaches, in seconds.
const BEFORE_S: i64 = 30 * 60;
/// How far back what was counted is known in such steps, in seconds.
const KNOWN_S: i64 = 2 * 60 * 60;

/// Up to when each open incident's chart is recorded (seconds since the epoch).
#[derive(Debug, Default)]
pub struct Measure {
    recorded_to: BTreeMap<IncidentId, i64>,
    /// Nothing is recorded before: after a start, what was written meanwhile is read first.
    not_before: i64,
}

impl Engine {
    /// When an incident opens, the half hour before it is recorded. Where its log is not read to the end yet, that ends
    /// with what is read, and the rest follows.
    pub(crate) fn measure_before(
        &mut self,
        incident: IncidentId,
        service: &ServiceName,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        let to = now.wall.timestamp().div_euclid(STEP_S) * STEP_S;
        let to =
            if self.watch.is_level() { to } else { self.counted_to(service).map_or(to, |at| at.min(to)) };
        let from = to - BEFORE_S;
        self.measure.recorded_to.insert(incident, to);
        self.record_traffic(incident, service, (from, to), now, out);
    }

    /// The start of the newest step that is counted.
    fn counted_to(&self, service: &ServiceName) -> Option<i64> {
        let tens = self.watch.watch().shares(service.as_str())?.tens;
        let before = i64::try_from(tens.counts.len()).ok()? - 1;
        Some((tens.from.div_euclid(1_000) + before * STEP_S).div_euclid(STEP_S) * STEP_S)
    }

    /// Twice a minute for each open incident with a service, while everything is read: what is told late would be left
    /// out for good.
    pub(crate) fn measure_open_incidents(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.record.degraded.is_some() || !self.watch.is_level() {
            return;
        }
        let to = (now.wall.timestamp() - 2).div_euclid(STEP_S) * STEP_S;
        let open = self.state.open_incidents().filter(|incident| is_measured(incident, now.wall));
        let due: Vec<(IncidentId, ServiceName)> =
            open.filter_map(|incident| Some((incident.id, incident.service.clone()?))).collect();
        self.measure.recorded_to.retain(|id, _| due.iter().any(|(open, _)| open == id));
        for (incident, service) in due {
            let from = *self.measure.recorded_to.entry(incident).or_insert_with(|| {
                self.measure.not_before = to + SPAN_S;
                self.record.durable.incidents.get(&incident).map_or(to, |known| measured_to(known, to))
            });
            if to - from >= SPAN_S && to >= self.measure.not_before {
                self.measure.recorded_to.insert(incident, to);
                self.record_traffic(incident, &service, (from, to), now, out);
            }
        }
    }

    /// What could not be recorded is told again as soon as it can be: each chart goes on where its record ends.
    pub(crate) fn measure_again(&mut self) {
        for (id, to) in &mut self.measure.recorded_to {
            let known = self.record.durable.incidents.get(id);
            *to = known.map_or(*to, |known| measured_to(known, *to).min(*to));
        }
    }

    /// Before an incident is closed, cancelled or merged into another, what was counted since the last time is
    /// recorded, the running step among it: of a short incident it is all there is. Should the incident be opened
    /// again, that step is told once more when it is whole, and the newer word counts.
    pub(crate) fn measure_to_the_end(&mut self, changes: &[Change], now: Now, out: &mut Vec<Effect>) {
        if self.record.degraded.is_some() {
            return;
        }
        let to = (now.wall.timestamp().div_euclid(STEP_S) + 1) * STEP_S;
        for id in changes.iter().filter_map(ended) {
            let from = self.measure.recorded_to.get(&id).copied();
            let service = self.state.incidents.get(&id).and_then(|incident| incident.service.clone());
            if let (Some(from), Some(service)) = (from, service) {
                self.record_traffic(id, &service, (from, to), now, out);
            }
        }
    }

    /// What was counted since the last time.
    fn record_traffic(
        &mut self,
        incident: IncidentId,
        service: &ServiceName,
        (from, to): (i64, i64),
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        let Some(chart) = self.watch.watch().shares(service.as_str()) else { return };
        let counts = between(&chart.tens, from, to);
        let first = counts.iter().position(|share| share.total > 0);
        let (Some(first), Some(at)) = (first, Time::from_timestamp(from, 0)) else { return };
        let skipped = TimeDelta::seconds(STEP_S * i64::try_from(first).unwrap_or(0));
        let counts: Vec<Share> = counts[first..].to_vec();
        let kind = Kind::TrafficMeasured { service: service.clone(), from: at + skipped, step_s: 10, counts };
        let change = Change::of(incident, now.wall, kind);
        let decided = Decided { changes: vec![change], ..Decided::default() };
        self.commit(decided, &Actor::lifeboat(Origin::Detector), now, out);
    }
}

/// The incident that this change ends.
fn ended(change: &Change) -> Option<IncidentId> {
    let ends = matches!(change.kind, Kind::StatusChanged { to: Status::Closed | Status::Cancelled, .. });
    change.incident.filter(|_| ends)
}

/// While it burns, and for half an hour after it was mitigated; nobody reads the chart of the weeks after.
fn is_measured(incident: &Incident, now: Time) -> bool {
    let mitigated = incident.at(Milestone::Mitigated).or(incident.at(Milestone::Resolved));
    mitigated.is_none_or(|at| now - at < TimeDelta::seconds(BEFORE_S))
}

/// The steps of ten seconds from `from` to before `to`; 0 of 0 where nothing is known.
fn between(steps: &Steps, from: i64, to: i64) -> Vec<Share> {
    let first = steps.from.div_euclid(1_000);
    let share = |at: i64| {
        let place = usize::try_from((at - first).div_euclid(STEP_S)).ok();
        place.and_then(|place| steps.counts.get(place)).copied().unwrap_or_default()
    };
    (from..to).step_by(10).map(share).collect()
}

/// After a restart, or an append that failed, the chart goes on where its record ended, as far back as it is known; one
/// of which nothing is recorded begins a quarter of an hour back.
fn measured_to(incident: &Incident, to: i64) -> i64 {
    let ended = incident.measured_to.map_or(to - 900, |at| at.timestamp());
    ended.max(to - KNOWN_S).div_euclid(STEP_S) * STEP_S
}
