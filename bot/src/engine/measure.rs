//! Chart data of open incidents: requests of each of their services in equal steps, recorded so that the postmortem
//! can tell and draw them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use lifeboat_commands::verb::Change;
use lifeboat_storage::event::{Actor, Kind, Milestone, Origin, Share, Status, Time};
use lifeboat_storage::id::{IncidentId, ServiceName};
use lifeboat_storage::incident::{Alert, Incident};
use lifeboat_storage::state::State;

use super::Engine;
use super::effect::Effect;
use super::input::Now;
use super::record::Decided;
use crate::detect::Steps;

/// How much is recorded at once while an incident is open, in seconds.
const SPAN_S: i64 = 30;
/// Length of a step, in seconds.
const STEP_S: i64 = 10;
/// How long before its failure the chart of a service begins, in seconds.
const BEFORE_S: i64 = 30 * 60;
/// How far back what was counted is known in such steps, in seconds.
const KNOWN_S: i64 = 2 * 60 * 60;

/// Up to when the chart of each service of each open incident is recorded (seconds since the epoch).
#[derive(Debug, Default)]
pub struct Measure {
    recorded_to: BTreeMap<(IncidentId, ServiceName), i64>,
    /// Nothing is recorded before: after a start, what was written meanwhile is read first.
    not_before: i64,
}

/// The steps of a service from the one moment to before the other (seconds since the epoch).
struct Span {
    service: ServiceName,
    from: i64,
    to: i64,
}

impl Engine {
    /// When services come into an incident, as it opens or as an alert joins it, the half hour before they failed is
    /// recorded. Where their logs are not read to the end yet, that ends with what is read, and the rest follows.
    pub(crate) fn measure_newcomers(&mut self, incident: IncidentId, now: Now, out: &mut Vec<Effect>) {
        let Some(known) = self.state.incidents.get(&incident) else { return };
        let mut spans = Vec::new();
        for service in services_of(&self.state, known) {
            let place = (incident, service.clone());
            if !self.measure.recorded_to.contains_key(&place) && !known.measured_to.contains_key(&service) {
                let to = self.counted_to(&service, now);
                let from = recorded_to(&self.state, incident, &service, to);
                self.measure.recorded_to.insert(place, to);
                spans.push(Span { service, from, to });
            }
        }
        self.record_traffic(incident, &spans, now, out);
    }

    /// The start of the running step; while not everything is read, of the newest that is counted.
    fn counted_to(&self, service: &ServiceName, now: Now) -> i64 {
        let to = now.wall.timestamp().div_euclid(STEP_S) * STEP_S;
        let newest = || {
            let tens = self.watch.watch().shares(service.as_str())?.tens;
            let before = i64::try_from(tens.counts.len()).ok()? - 1;
            Some((tens.from.div_euclid(1_000) + before * STEP_S).div_euclid(STEP_S) * STEP_S)
        };
        if self.watch.is_level() { to } else { newest().map_or(to, |at| at.min(to)) }
    }

    /// Twice a minute for each service of each open incident, while everything is read: what is told late would be left
    /// out for good.
    pub(crate) fn measure_open_incidents(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.record.degraded.is_some() || !self.watch.is_level() {
            return;
        }
        let to = (now.wall.timestamp() - 2).div_euclid(STEP_S) * STEP_S;
        let open = self.state.open_incidents().filter(|incident| is_measured(incident, now.wall));
        let due: BTreeMap<IncidentId, BTreeSet<ServiceName>> =
            open.map(|incident| (incident.id, services_of(&self.state, incident))).collect();
        self.measure
            .recorded_to
            .retain(|(id, service), _| due.get(id).is_some_and(|of| of.contains(service)));
        for (incident, services) in due {
            let mut spans = Vec::new();
            for service in services {
                let place = (incident, service.clone());
                let recorded = self.measure.recorded_to.entry(place).or_insert_with(|| {
                    self.measure.not_before = to + SPAN_S;
                    recorded_to(&self.state, incident, &service, to)
                });
                if to - *recorded >= SPAN_S && to >= self.measure.not_before {
                    let from = std::mem::replace(recorded, to);
                    spans.push(Span { service, from, to });
                }
            }
            self.record_traffic(incident, &spans, now, out);
        }
    }

    /// What could not be recorded is told again as soon as it can be: each chart goes on where its record ends.
    pub(crate) fn measure_again(&mut self) {
        for ((id, service), to) in &mut self.measure.recorded_to {
            *to = recorded_to(&self.state, *id, service, *to).min(*to);
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
            let known = self.measure.recorded_to.iter().filter(|((of, _), _)| *of == id);
            let spans: Vec<Span> = known
                .map(|((_, service), from)| Span { service: service.clone(), from: *from, to })
                .collect();
            self.record_traffic(id, &spans, now, out);
        }
    }

    /// What was counted in these spans, all services in one append.
    fn record_traffic(&mut self, incident: IncidentId, spans: &[Span], now: Now, out: &mut Vec<Effect>) {
        let counted = spans.iter().filter_map(|span| self.counted(span));
        let changes = counted.map(|kind| Change::of(incident, now.wall, kind)).collect();
        let decided = Decided { changes, ..Decided::default() };
        self.commit(decided, &Actor::lifeboat(Origin::Detector), now, out);
    }

    /// From the first request of a span on.
    fn counted(&self, Span { service, from, to }: &Span) -> Option<Kind> {
        let chart = self.watch.watch().shares(service.as_str())?;
        let counts = between(&chart.tens, *from, *to);
        let first = counts.iter().position(|share| share.total > 0)?;
        let skipped = TimeDelta::seconds(STEP_S * i64::try_from(first).unwrap_or(0));
        let from = Time::from_timestamp(*from, 0)? + skipped;
        let counts = counts[first..].to_vec();
        Some(Kind::TrafficMeasured { service: service.clone(), from, step_s: 10, counts })
    }
}

/// The incident that this change ends.
fn ended(change: &Change) -> Option<IncidentId> {
    let ends = matches!(change.kind, Kind::StatusChanged { to: Status::Closed | Status::Cancelled, .. });
    change.incident.filter(|_| ends)
}

/// The incident into which this change may bring a service.
pub(crate) fn grown(change: &Change) -> Option<IncidentId> {
    let brings = matches!(change.kind, Kind::IncidentDeclared { .. } | Kind::AlertJoined { .. });
    change.incident.filter(|_| brings)
}

/// Its own service, and those of its alerts.
fn services_of(state: &State, incident: &Incident) -> BTreeSet<ServiceName> {
    let own = incident.service.iter().cloned();
    own.chain(alerts_of(state, incident).map(|alert| alert.service.clone())).collect()
}

fn alerts_of<'a>(state: &'a State, incident: &'a Incident) -> impl Iterator<Item = &'a Alert> {
    incident.alerts.iter().filter_map(|key| state.alerts.get(key))
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

/// From when the chart of a service goes on in an incident: where its record ended, as far back as it is known. Of a
/// service that came into it since, half an hour before it failed; a merge may bring one that failed long ago.
fn recorded_to(state: &State, incident: IncidentId, service: &ServiceName, to: i64) -> i64 {
    let Some(incident) = state.incidents.get(&incident) else { return to };
    let from = match incident.measured_to.get(service) {
        Some(ended) => ended.timestamp(),
        None => {
            let alerts = alerts_of(state, incident).filter(|alert| alert.service == *service);
            let since = alerts.map(|alert| alert.since.timestamp()).min();
            since.map_or(to, |since| since.min(to)) - BEFORE_S
        }
    };
    from.max(to - KNOWN_S).div_euclid(STEP_S) * STEP_S
}
