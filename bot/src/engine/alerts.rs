//! From findings to alerts and incidents.
//!
//! *Same fate*: an alert of the same service joins the incident of that service that is open or whose alerts
//! recovered less than 30 minutes ago. One of another service joins an open incident in which an alert of the same
//! kind still fires and the failed requests of both went to one upstream, as those of twenty virtual hosts in front of
//! a dead one do. One in common is enough: an alert names only the upstreams of its first handful of failures, and
//! which of several dead ones these are is chance. A cluster carries one service, so alerts of one cluster meet by
//! that service. Anything else is a new incident.

use chrono::TimeDelta;
use lifeboat_commands::verb::{Change, open};
use lifeboat_storage::event::{
    Actor, AlertEvidence, AlertKind, Kind, Milestone, Origin, Severity, Status, Time,
};
use lifeboat_storage::id::{AlertKey, IncidentId, ServiceName};
use lifeboat_storage::incident::{Alert, Incident};

use super::Engine;
use super::effect::Effect;
use super::input::Now;
use super::measure;
use super::record::Decided;
use crate::detect::{Finding, Found};

/// How long after recovery the same failure still belongs to the same incident.
const SAME_FATE: TimeDelta = TimeDelta::minutes(30);

/// What an alert of this finding is about: `bad_gateway/blog-web`; with the probe's name where there are several.
#[must_use]
pub fn key_of(finding: &Finding) -> AlertKey {
    let key = format!("{}/{}", finding.kind.key(), finding.service);
    AlertKey::new(match &finding.source {
        Some(source) => format!("{key}@{source}"),
        None => key,
    })
}

/// What an unrecorded finding would have been as an event; recovery can wait for the record.
#[must_use]
pub fn raised(finding: &Finding) -> Option<Kind> {
    let (severity, evidence) = match &finding.what {
        Found::Opened { severity, evidence }
        | Found::Grew { severity, evidence }
        | Found::Returned { severity, evidence, .. } => (*severity, evidence.clone()),
        Found::Moved { .. } | Found::Recovered { .. } => return None,
    };
    Some(Kind::AlertRaised {
        alert: key_of(finding),
        what: finding.kind,
        service: finding.service.clone(),
        severity,
        evidence,
    })
}

/// What is new about a failure.
struct News<'a> {
    key: AlertKey,
    what: AlertKind,
    service: &'a ServiceName,
    severity: Severity,
    evidence: &'a AlertEvidence,
    at: Time,
}

impl Engine {
    /// Decides what a finding means, and records it.
    pub(crate) fn finding(&mut self, finding: Finding, now: Now, out: &mut Vec<Effect>) {
        if self.record.degraded.is_some() {
            self.say_unrecorded(finding, now, out);
            return;
        }
        let changes = self.changes_of(&finding, now.wall);
        let origin = if finding.kind == AlertKind::ProbeDown { Origin::Probe } else { Origin::Detector };
        let grown = changes.iter().find_map(measure::grown);
        let decided = Decided { changes, finding: Some(finding), ..Decided::default() };
        self.commit(decided, &Actor::lifeboat(origin), now, out);
        if let Some(incident) = grown {
            self.measure_newcomers(incident, now, out);
        }
    }

    fn changes_of(&self, finding: &Finding, now: Time) -> Vec<Change> {
        let key = key_of(finding);
        let known = self.state.alerts.get(&key);
        let at = Time::from_timestamp_millis(finding.at).unwrap_or(now);
        let news = |severity, evidence| News {
            key: key.clone(),
            what: finding.kind,
            service: &finding.service,
            severity,
            evidence,
            at,
        };
        match (&finding.what, known) {
            (Found::Opened { severity, evidence }, known) if known.is_none_or(|alert| !alert.firing) => {
                self.raised(&news(*severity, evidence), now)
            }
            (Found::Returned { severity, evidence, .. }, Some(alert))
                if !alert.firing || self.is_counted_afresh(alert, now) =>
            {
                self.returned(&news(*severity, evidence), alert, now)
            }
            (Found::Returned { severity, evidence, .. }, None) => {
                self.raised(&news(*severity, evidence), now)
            }
            (Found::Grew { severity, evidence }, Some(alert)) if alert.firing => {
                self.grew(&news(*severity, evidence), alert, now)
            }
            (Found::Moved { evidence }, Some(alert)) if alert.firing => {
                vec![self.moved(&news(alert.severity, evidence), alert)]
            }
            (Found::Recovered { .. }, Some(alert)) if alert.firing => {
                self.recovered(&finding.what, alert, at, now)
            }
            _ => Vec::new(),
        }
    }

    pub(crate) fn is_muted(&self, key: &AlertKey, now: Time) -> bool {
        let until = self.state.alerts.get(key).and_then(|alert| alert.silenced_until);
        until.is_some_and(|until| until > now)
    }

    fn raised(&self, news: &News<'_>, now: Time) -> Vec<Change> {
        let raised = |incident| Change {
            incident,
            occurred_at: news.at,
            kind: Kind::AlertRaised {
                alert: news.key.clone(),
                what: news.what,
                service: news.service.clone(),
                severity: news.severity,
                evidence: news.evidence.clone(),
            },
            supersedes: None,
        };
        if self.is_muted(&news.key, now) {
            return vec![raised(None)];
        }
        if let Some(incident) = self.same_fate(news, now) {
            return self.join(incident, news, raised(Some(incident.id)), now);
        }
        if news.severity > self.setup.open_at {
            return vec![raised(None)];
        }
        self.open(news, (news.evidence.since.unwrap_or(news.at), news.at), now, raised)
    }

    fn join(&self, incident: &Incident, news: &News<'_>, told: Change, now: Time) -> Vec<Change> {
        let mut changes = vec![told];
        if !incident.alerts.contains(&news.key) {
            changes.push(Change::of(incident.id, now, Kind::AlertJoined { alert: news.key.clone() }));
        }
        changes.extend(self.back_to_work(incident, now));
        changes.extend(worse(incident, news.severity, now));
        changes
    }

    /// With the alert that was raised, or grew: it had `started` and was `detected` then.
    fn open(
        &self,
        news: &News<'_>,
        (started, detected): (Time, Time),
        now: Time,
        told: impl Fn(Option<IncidentId>) -> Change,
    ) -> Vec<Change> {
        let id = self.state.next_incident();
        let from = open::FromAlert {
            alert: &news.key,
            service: news.service,
            severity: news.severity,
            started_at: started,
            detected_at: detected,
        };
        let mut changes = open::by_rule(id, &from, now);
        changes.push(told(Some(id)));
        changes
    }

    /// The incident a failure belongs to: one of its service before one it shares an upstream with.
    fn same_fate(&self, news: &News<'_>, now: Time) -> Option<&Incident> {
        let warm = || self.state.incidents.values().rev().filter(|incident| self.is_warm(incident, now));
        let own = warm().find(|incident| incident.service.as_ref() == Some(news.service));
        own.or_else(|| warm().find(|incident| self.fails_with(incident, news)))
    }

    /// An alert of this open incident still fires that is of the same service, or of the same kind and upstream.
    fn fails_with(&self, incident: &Incident, news: &News<'_>) -> bool {
        let upstreams = news.evidence.names_of_upstreams();
        let together = |alert: &Alert| {
            let shared = alert.what == news.what && !alert.upstreams.is_disjoint(&upstreams);
            alert.firing && alert.incident == Some(incident.id) && (alert.service == *news.service || shared)
        };
        let mut alerts = incident.alerts.iter().filter_map(|key| self.state.alerts.get(key));
        incident.is_open() && alerts.any(together)
    }

    /// Being worked on, or recovered less than half an hour ago; closed so recently, where an alert of it fires on.
    /// A cancelled one never was.
    fn is_warm(&self, incident: &Incident, now: Time) -> bool {
        match incident.status {
            Status::Cancelled => return false,
            Status::Investigating | Status::Identified => return true,
            Status::Mitigated | Status::Resolved | Status::Closed => {}
        }
        let alerts = incident.alerts.iter().filter_map(|key| self.state.alerts.get(key));
        let of_this = alerts.filter(|alert| alert.incident == Some(incident.id));
        let recovered: Vec<Option<Time>> = of_this.map(|alert| alert.recovery_seen_at).collect();
        let fires = recovered.iter().any(Option::is_none);
        let closed = incident.at(Milestone::Closed).filter(|_| fires);
        let newest = recovered.into_iter().flatten().max().max(closed);
        match (incident.is_open(), fires, newest) {
            (open, _, None) => open,
            (true, true, _) => true,
            (_, _, Some(at)) => now - at < SAME_FATE,
        }
    }

    fn back_to_work(&self, incident: &Incident, now: Time) -> Option<Change> {
        let ended = matches!(incident.status, Status::Mitigated | Status::Resolved | Status::Closed);
        let head = self.record.head.clone();
        let from = incident.status;
        let kind = Kind::StatusChanged { from, to: Status::Investigating, head, reason: String::new() };
        ended.then(|| Change::of(incident.id, now, kind))
    }

    fn grew(&self, news: &News<'_>, alert: &Alert, now: Time) -> Vec<Change> {
        let grew = |incident| Change {
            incident,
            occurred_at: news.at,
            kind: Kind::AlertGrew {
                alert: news.key.clone(),
                severity: news.severity,
                evidence: news.evidence.clone(),
                moved: false,
            },
            supersedes: None,
        };
        let incident = alert.incident.and_then(|id| self.live(id));
        match incident {
            Some(incident) => {
                let mut changes = vec![grew(Some(incident.id))];
                changes
                    .extend(worse(incident, news.severity, now).filter(|_| news.severity < alert.severity));
                changes
            }
            None if alert.incident.is_none() && !self.is_muted(&news.key, now) => {
                match self.same_fate(news, now) {
                    Some(incident) => self.join(incident, news, grew(Some(incident.id)), now),
                    // Whoever reads #alerts knew when it was raised, whenever it grew.
                    None if news.severity <= self.setup.open_at => {
                        self.open(news, (alert.since, alert.raised_at), now, grew)
                    }
                    None => vec![grew(None)],
                }
            }
            None => vec![grew(None)],
        }
    }

    /// No worse, and nobody is woken: what is told of where it fails is no longer so.
    fn moved(&self, news: &News<'_>, alert: &Alert) -> Change {
        let (severity, evidence) = (news.severity, news.evidence.clone());
        Change {
            incident: alert.incident.and_then(|id| self.live(id)).map(|incident| incident.id),
            occurred_at: news.at,
            kind: Kind::AlertGrew { alert: news.key.clone(), severity, evidence, moved: true },
            supersedes: None,
        }
    }

    /// Only what had recovered comes back and counts; the rest fails on, whatever a person said.
    fn returned(&self, news: &News<'_>, alert: &Alert, now: Time) -> Vec<Change> {
        let incident = alert.incident.and_then(|id| self.live_or_warm(id, now));
        let Some(incident) = incident else { return self.raised(news, now) };
        let kind = Kind::AlertReturned {
            alert: news.key.clone(),
            severity: news.severity,
            evidence: news.evidence.clone(),
            times: alert.returned + u32::from(!alert.firing),
            still: alert.firing,
        };
        let mut changes = vec![Change::of(incident.id, news.at, kind)];
        changes.extend(self.back_to_work(incident, now));
        changes.extend(worse(incident, news.severity, now));
        changes
    }

    fn recovered(&self, found: &Found, alert: &Alert, at: Time, now: Time) -> Vec<Change> {
        let Found::Recovered { good_since, now: share, peak, whole } = found else { return Vec::new() };
        let good_since = Time::from_timestamp_millis(*good_since).unwrap_or(at);
        let kind = Kind::AlertRecovered {
            alert: alert.key.clone(),
            good_since,
            now: *share,
            peak: *peak,
            whole: *whole,
        };
        // Also of an incident that has ended meanwhile: its card tells the whole outage.
        let incident = alert.incident.and_then(|id| self.follow(id));
        let recovered = Change { incident: incident.map(|i| i.id), occurred_at: at, kind, supersedes: None };
        let mut changes = vec![recovered];
        changes.extend(incident.and_then(|incident| self.propose(incident, alert, good_since, now)));
        changes
    }

    /// Recovery is proposed once all alerts of an incident that users still suffer from are quiet.
    fn propose(&self, incident: &Incident, alert: &Alert, good_since: Time, now: Time) -> Option<Change> {
        if !matches!(incident.status, Status::Investigating | Status::Identified) {
            return None;
        }
        let others = incident.alerts.iter().filter(|key| **key != alert.key);
        let others: Vec<&Alert> = others.filter_map(|key| self.state.alerts.get(key)).collect();
        if others.iter().any(|other| other.firing) {
            return None;
        }
        let last = others.iter().filter_map(|other| other.recovered_at).max();
        let good_since = last.map_or(good_since, |last| last.max(good_since));
        Some(Change::of(incident.id, now, Kind::RecoveryProposed { good_since }))
    }

    /// Where the alerts that a person brought into an incident, by a merge or as it was declared, are over too, its
    /// recovery is proposed, from the last of all on. One that a person had called back to work is not.
    pub(crate) fn propose_joined(&self, changes: &[Change], now: Time) -> Option<Change> {
        let joined: Vec<(&AlertKey, IncidentId)> = changes.iter().filter_map(joining).collect();
        let (_, into) = joined.first()?;
        let into = self.state.incidents.get(into)?;
        let from = changes.iter().find_map(|change| match change.kind {
            Kind::MergedFrom { from } => self.state.incidents.get(&from),
            _ => None,
        });
        let burns = matches!(into.status, Status::Investigating | Status::Identified);
        let called_over = from
            .is_none_or(|from| from.recovery_proposed.is_some() || from.at(Milestone::Mitigated).is_some());
        let brought_all = into.alerts.iter().all(|key| joined.iter().any(|(one, _)| *one == key));
        if !burns || !called_over || !(brought_all || into.recovery_proposed.is_some()) {
            return None;
        }
        let alerts: Vec<&Alert> = into.alerts.iter().filter_map(|key| self.state.alerts.get(key)).collect();
        let good_since = alerts.iter().filter_map(|alert| alert.recovered_at).max()?;
        let later = into.recovery_proposed.is_none_or(|proposed| proposed < good_since);
        let over = alerts.iter().all(|alert| !alert.firing);
        (over && later).then(|| Change::of(into.id, now, Kind::RecoveryProposed { good_since }))
    }

    /// The open incident an alert went on in, through merges.
    fn live(&self, id: IncidentId) -> Option<&Incident> {
        let incident = self.follow(id)?;
        incident.is_open().then_some(incident)
    }

    fn live_or_warm(&self, id: IncidentId, now: Time) -> Option<&Incident> {
        let incident = self.follow(id)?;
        (incident.is_open() || self.is_warm(incident, now)).then_some(incident)
    }

    pub(crate) fn follow(&self, id: IncidentId) -> Option<&Incident> {
        let mut incident = self.state.incidents.get(&id)?;
        for _ in 0..self.state.incidents.len() {
            let Some(into) = incident.merged_into else { break };
            incident = self.state.incidents.get(&into)?;
        }
        Some(incident)
    }
}

/// The alert that this change brings into an incident.
fn joining(change: &Change) -> Option<(&AlertKey, IncidentId)> {
    match &change.kind {
        Kind::AlertJoined { alert } => Some(alert).zip(change.incident),
        _ => None,
    }
}

/// An incident gets worse by itself, never better.
fn worse(incident: &Incident, severity: Severity, now: Time) -> Option<Change> {
    let kind = Kind::SeverityChanged { from: incident.severity, to: severity };
    (severity < incident.severity).then(|| Change::of(incident.id, now, kind))
}

#[cfg(test)]
mod tests;
