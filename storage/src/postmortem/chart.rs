//! Error share over time, put together from [`Kind::TrafficMeasured`] events. Gaps are gaps.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta};
use serde::Serialize;

use crate::event::{Event, Kind, Milestone, Share, Time};
use crate::id::{AlertKey, ServiceName};
use crate::incident::Incident;

/// More points than this tell a reader nothing on a page.
const MOST_POINTS: i64 = 240;

/// Lengths a point may have, in seconds.
const STEPS: [u32; 15] = [1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/// A step with more than one such part of the share of the one beside it fails like that.
const LIKE: f64 = 4.0;

/// Error share of one service in equal steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chart {
    /// Which service.
    pub service: ServiceName,
    /// Start of the first step.
    pub from: Time,
    /// End of the last step.
    pub to: Time,
    /// Length of a step, in seconds.
    pub step_s: u32,
    /// Failed and all requests, a step each; none where nothing is known.
    pub points: Vec<Option<Share>>,
    /// The share before the failure, as the first alert knew it.
    pub usual: Option<Share>,
}

impl Chart {
    /// The share of the step a moment falls into.
    #[must_use]
    pub fn share_at(&self, at: Time) -> Option<Share> {
        let place = (at.timestamp() - self.from.timestamp()).div_euclid(i64::from(self.step_s));
        self.points.get(usize::try_from(place).ok()?).copied().flatten()
    }

    /// The worst step, with its place.
    #[must_use]
    pub fn worst(&self) -> Option<(usize, Share)> {
        let known = self.points.iter().enumerate().filter_map(|(place, share)| Some((place, (*share)?)));
        known.max_by(|(_, a), (_, b)| a.ratio().total_cmp(&b.ratio()))
    }
}

/// Failed and all requests of a service that these events of an incident counted, from a moment on and up to another one if
/// there is one: of the steps in which those lie all that failed, unless it failed on beyond, and of the rest as many as the
/// even pace of the step makes.
#[must_use]
pub fn counted_between(
    service: &ServiceName,
    incident: &Incident,
    events: &[&Event],
    (from, to): (Time, Option<Time>),
) -> Share {
    let traffic = Traffic::of(service.clone(), incident, events);
    let steps = traffic.between(from, to.unwrap_or(Time::MAX_UTC));
    steps.fold(Share::default(), |all, step| sum(all, step.share))
}

/// One counted step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Start, in seconds since 1970.
    pub(super) at: i64,
    /// Length, in seconds.
    pub(super) length: i64,
    /// Failed and all requests; never 0 of 0.
    pub(super) share: Share,
}

impl Step {
    pub(super) fn end(&self) -> i64 {
        self.at.saturating_add(self.length)
    }

    /// The part of it from `from` to `to`. Of its requests as many as its even pace makes; so of its failures too, where
    /// it failed on beyond that end. Else all its failures lie in that part: requests that succeeded are taken off alone.
    fn within(&self, (from, to): (i64, i64), beyond: Beyond) -> Self {
        let (at, end) = (self.at.max(from), self.end().min(to));
        let length = end.saturating_sub(at).max(1);
        let first = if beyond.before { at } else { self.at };
        let last = if beyond.after { end } else { self.end() };
        let total = self.part(self.share.total, length, i64::unsigned_abs(self.length).saturating_sub(1));
        let bad =
            self.part(self.share.bad, last.saturating_sub(first).max(1), self.length.unsigned_abs() / 2);
        Self { at, length, share: Share { bad, total: total.max(bad) } }
    }

    /// What its even pace makes in so many seconds; rounded up from `up` of its length.
    fn part(&self, whole: u64, seconds: i64, up: u64) -> u64 {
        let part = (u128::from(whole) * u128::from(seconds.unsigned_abs())).saturating_add(up.into())
            / u128::from(self.length.unsigned_abs()).max(1);
        u64::try_from(part).unwrap_or(whole).min(whole)
    }

    /// Whether it fails like the other one, not only a little as all the time.
    fn fails_like(&self, other: &Self) -> bool {
        self.share.bad > 0 && self.share.ratio() * LIKE >= other.share.ratio()
    }
}

/// Whether it failed on before and after a part of a step.
#[derive(Clone, Copy, Debug)]
struct Beyond {
    before: bool,
    after: bool,
}

/// The requests of the minute that begins then, of these steps in order: of those at its edges, as many as their even
/// pace makes.
pub(super) fn minute(steps: &[Step], from: i64) -> Share {
    let to = from.saturating_add(60);
    let first = steps.partition_point(|step| step.end() <= from);
    let inside = steps[first..].iter().take_while(|step| step.at < to);
    let parts = inside.map(|step| step.within((from, to), Beyond { before: true, after: true }).share);
    parts.fold(Share::default(), sum)
}

/// All counted steps of a service of an incident, in order; where two tell the same step, the newer event counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Traffic {
    service: Option<ServiceName>,
    steps: BTreeMap<i64, Step>,
    usual: Option<Share>,
}

impl Traffic {
    /// Of the incident's own service, and of each other one that it is about. `events` in order of their numbers.
    pub(super) fn of_all(incident: &Incident, events: &[&Event]) -> (Self, Vec<Self>) {
        let mut others = services(incident, events);
        let Some(own) = service(incident, events).or_else(|| others.first().cloned()) else {
            return (Self::default(), Vec::new());
        };
        others.remove(&own);
        let traffic = |service| Self::of(service, incident, events);
        (traffic(own), others.into_iter().map(traffic).collect())
    }

    fn of(service: ServiceName, incident: &Incident, events: &[&Event]) -> Self {
        let mut steps = BTreeMap::new();
        for event in events.iter().filter(|event| event.world == incident.world) {
            if let Kind::TrafficMeasured { service: of, from, step_s, counts } = event.kind.lasting()
                && *of == service
                && *step_s > 0
            {
                let counted = counted(*from, *step_s, counts);
                steps.extend(counted.map(|step| (step.at, until_told(step, event.occurred_at))));
            }
        }
        let usual = events.iter().find_map(|event| before(event, incident, &service));
        Self { service: Some(service), steps, usual }
    }

    /// The service; none where no event names one.
    pub(super) fn service(&self) -> Option<&ServiceName> {
        self.service.as_ref()
    }

    /// Whether an alert counts failed requests of the service; of any, where none is known.
    pub(super) fn is_of(&self, alert: &AlertKey) -> bool {
        alert.is_of_requests()
            && self.service.as_ref().is_none_or(|own| of_alert(alert) == Some(own.as_str()))
    }

    /// The first and the last step end where the span does.
    pub(super) fn between(&self, from: Time, to: Time) -> impl Iterator<Item = Step> {
        let from = from.timestamp();
        let to = to.timestamp().max(from.saturating_add(1));
        let inside = self.steps.values().filter(move |step| step.end() > from && step.at < to);
        inside.map(move |step| step.within((from, to), self.beyond(step)))
    }

    /// Whether it failed on in the steps beside it.
    fn beyond(&self, step: &Step) -> Beyond {
        let before = self.steps.range(..step.at).next_back().map(|(_, other)| other);
        let after = self.steps.range(step.at.saturating_add(1)..).next().map(|(_, other)| other);
        let before = before.filter(|other| other.end() == step.at);
        let after = after.filter(|other| other.at == step.end());
        let fails_on = |other: Option<&Step>| other.is_some_and(|other| other.fails_like(step));
        Beyond { before: fails_on(before), after: fails_on(after) }
    }

    /// Whether no counted step reaches from before the one moment to after the other.
    pub(super) fn tells_apart(&self, from: Time, to: Time) -> bool {
        let (from, to) = (from.timestamp(), to.timestamp());
        let before = self.steps.range(..=from).next_back();
        from < to && before.is_none_or(|(_, step)| step.end() <= to)
    }

    /// The share of the step a moment falls into.
    pub(super) fn share_at(&self, at: Time) -> Option<Share> {
        let (_, step) = self.steps.range(..=at.timestamp()).next_back()?;
        (step.end() > at.timestamp()).then_some(step.share)
    }

    /// The chart of a span, a little wider where more is known.
    pub(super) fn chart(&self, span: Option<(Time, Time)>) -> Option<Chart> {
        let (from, to) = self.widened(span?)?;
        let finest = self.steps.range(from..to).map(|(_, step)| step.length).max().unwrap_or(1);
        let step = step_for(finest, to.saturating_sub(from));
        let first = from.div_euclid(step).checked_mul(step)?;
        let count = (to.checked_sub(first)?.checked_add(step - 1)?) / step;
        let mut points = vec![None; usize::try_from(count.clamp(1, MOST_POINTS + 2)).ok()?];
        let end = first.checked_add(step.checked_mul(i64::try_from(points.len()).ok()?)?)?;
        for counted in self.steps.range(first..end).map(|(_, counted)| counted) {
            if let Some(point) = points.get_mut(usize::try_from((counted.at - first) / step).ok()?) {
                *point = Some(sum(point.unwrap_or_default(), counted.share));
            }
        }
        points.iter().any(Option::is_some).then_some(())?;
        Some(Chart {
            service: self.service.clone()?,
            from: DateTime::from_timestamp(first, 0)?,
            to: DateTime::from_timestamp(end, 0)?,
            step_s: u32::try_from(step).ok()?,
            points,
            usual: self.usual,
        })
    }

    /// Some quiet before and after, as far as it was measured.
    fn widened(&self, (from, to): (Time, Time)) -> Option<(i64, i64)> {
        let (start, end) = (from.timestamp(), to.timestamp().max(from.timestamp()));
        let margin = (end.saturating_sub(start) / 6).clamp(300, 3600);
        let (first, last) = (self.steps.values().next()?.at, self.steps.values().next_back()?.end());
        let from = start.min(first.max(start.saturating_sub(margin)));
        let to = end.max(last.min(end.saturating_add(margin)));
        Some((from, to.max(from.saturating_add(1))))
    }
}

/// The span in which the failure lived, as far as the record tells.
pub(super) fn span(incident: &Incident, record: &[Event]) -> Option<(Time, Time)> {
    let first = record.first()?.occurred_at;
    let start = incident.at(Milestone::Started).or(incident.at(Milestone::Detected)).unwrap_or(first);
    let last =
        record.iter().filter(|event| !is_paper(event.kind.lasting())).map(|event| event.occurred_at).max();
    let last = last.unwrap_or(first).max(start);
    let Some(over) = incident.at(Milestone::Mitigated).or(incident.at(Milestone::Resolved)) else {
        return Some((start, last));
    };
    let over = over.max(start);
    let lasted = (over - start) + TimeDelta::minutes(30);
    let after = over.checked_add_signed(lasted).unwrap_or(over);
    let resolved = incident.at(Milestone::Resolved).unwrap_or(over);
    Some((start, over.max(resolved.min(after))))
}

/// Written after the fact.
fn is_paper(kind: &Kind) -> bool {
    let after = matches!(
        kind,
        Kind::PostmortemExported { .. }
            | Kind::MessageSaid { .. }
            | Kind::TaskAdded { .. }
            | Kind::TaskDone { .. }
            | Kind::Redacted { .. }
    );
    after || kind.is_delivery()
}

/// The configured service, or that of its first alert, or the first one measured.
fn service(incident: &Incident, events: &[&Event]) -> Option<ServiceName> {
    let own = || events.iter().filter(|event| event.incident == Some(incident.id));
    let alerted = || {
        own().find_map(|event| match event.kind.lasting() {
            Kind::AlertRaised { service, .. } => Some(service.clone()),
            _ => None,
        })
    };
    let measured = || {
        own().find_map(|event| match event.kind.lasting() {
            Kind::TrafficMeasured { service, .. } => Some(service.clone()),
            _ => None,
        })
    };
    incident.service.clone().or_else(alerted).or_else(measured)
}

/// Those whose requests were measured in the incident, or failed by one of its alerts.
fn services(incident: &Incident, events: &[&Event]) -> BTreeSet<ServiceName> {
    let own = events.iter().filter(|event| event.incident == Some(incident.id));
    let named = own.filter_map(|event| match event.kind.lasting() {
        Kind::TrafficMeasured { service, .. } => Some(service.clone()),
        Kind::AlertRaised { alert, .. } | Kind::AlertGrew { alert, .. } | Kind::AlertJoined { alert }
            if alert.is_of_requests() =>
        {
            of_alert(alert).map(ServiceName::new)
        }
        _ => None,
    });
    named.collect()
}

/// The service of an alert on requests: a key ends with it, `bad_gateway/blog-web`.
fn of_alert(alert: &AlertKey) -> Option<&str> {
    alert.as_str().split_once('/').map(|(_, service)| service)
}

fn counted(from: Time, step_s: u32, counts: &[Share]) -> impl Iterator<Item = Step> {
    let length = i64::from(step_s);
    counts.iter().zip(0_i64..).filter(|(share, _)| share.total > 0).filter_map(move |(share, place)| {
        let at = from.timestamp().checked_add(length.checked_mul(place)?)?;
        Some(Step { at, length, share: *share })
    })
}

/// A step that was still running when it was told was counted up to then.
fn until_told(step: Step, told: Time) -> Step {
    let told = told.timestamp();
    let length = if (step.at + 1..step.end()).contains(&told) { told - step.at } else { step.length };
    Step { length, ..step }
}

fn before(event: &Event, incident: &Incident, service: &ServiceName) -> Option<Share> {
    let Kind::AlertRaised { service: of, evidence, .. } = event.kind.lasting() else { return None };
    let told = event.incident == Some(incident.id) && of == service && evidence.before.total > 0;
    told.then_some(evidence.before)
}

/// The finest step that is not finer than what was counted and keeps the points few.
fn step_for(finest: i64, span: i64) -> i64 {
    let fits = |step: &i64| *step >= finest && span / step <= MOST_POINTS;
    let longest = i64::from(STEPS[STEPS.len() - 1]);
    let coarse = || finest.max(longest).max(span / MOST_POINTS + 1);
    STEPS.iter().map(|step| i64::from(*step)).find(fits).unwrap_or_else(coarse)
}

pub(super) fn sum(a: Share, b: Share) -> Share {
    Share { bad: a.bad.saturating_add(b.bad), total: a.total.saturating_add(b.total) }
}
