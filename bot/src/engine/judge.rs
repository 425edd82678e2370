//! What the facts mean for people: schedules that will be late, pods that fail to start, and the diagnosis of an incident.

use std::collections::BTreeMap;

use lifeboat_commands::capacity::{self, Judged};
use lifeboat_commands::diagnose::{self, Diagnosis, Verdict};
use lifeboat_commands::facts::{Inventory, PodState};
use lifeboat_commands::verb::{self, Change};
use lifeboat_storage::event::{Actor, AlertEvidence, AlertKind, Kind, Origin, Severity, Share};
use lifeboat_storage::id::{ClusterName, IncidentId, ScheduleName, ServiceName};
use lifeboat_storage::plan::run::{Run, Standing};

use super::Engine;
use super::effect::Effect;
use super::input::Now;
use super::record::Decided;
use crate::detect::{Finding, Found, mask};

/// How often the facts are judged, in milliseconds.
const EVERY_MS: u64 = 5_000;
/// So many pods of a service failing to start are an alert.
const FAILING_PODS: u64 = 2;
/// None failing for so long is recovered, in milliseconds.
const GOOD_MS: u64 = 120_000;
/// A signature must stand for so long before it is told, in milliseconds.
const STANDS_MS: u64 = 20_000;

/// What was judged before.
#[derive(Debug, Default)]
pub struct Judging {
    last_ms: Option<u64>,
    schedules: BTreeMap<ScheduleName, Judged>,
    /// Since when no pod of a service fails to start.
    good_since: BTreeMap<ServiceName, u64>,
    /// A signature that was seen, and since when.
    signatures: BTreeMap<IncidentId, (String, u64)>,
}

impl Engine {
    pub(crate) fn judge_fleet(&mut self, now: Now, out: &mut Vec<Effect>) {
        let due = self.judging.last_ms.is_none_or(|last| now.mono_ms >= last + EVERY_MS);
        if !due || self.setup.fleet.clusters.is_empty() || self.record.degraded.is_some() {
            return;
        }
        self.judging.last_ms = Some(now.mono_ms);
        self.start_schedules(now, out);
        self.judge_schedules(now, out);
        self.judge_starts(now, out);
        self.judge_incidents(now, out);
    }

    /// The one thing Lifeboat does to machines by itself: what a schedule of its own is configured for.
    fn start_schedules(&mut self, now: Now, out: &mut Vec<Effect>) {
        for schedule in self.setup.fleet.schedules.clone() {
            let (facts, fleet) = (&self.fleet.facts, &self.setup.fleet);
            let zone = self.setup.zone;
            let Some(due) = capacity::due(&schedule, facts, fleet, &self.state, now.wall, zone) else {
                continue;
            };
            let planned = self.own_scene(now, |scene| verb::fleet::by_schedule(scene, &schedule, due));
            if let Ok(changes) = planned {
                let decided = Decided { changes, ..Decided::default() };
                self.commit(decided, &Actor::lifeboat(Origin::Lifeboat), now, out);
            }
        }
    }

    fn judge_schedules(&mut self, now: Now, out: &mut Vec<Effect>) {
        for schedule in self.setup.fleet.schedules.clone() {
            let (facts, fleet) = (&self.fleet.facts, &self.setup.fleet);
            let Some(judged) =
                capacity::judge(&schedule, facts, fleet, &self.state, now.wall, self.setup.zone)
            else {
                continue;
            };
            let before = self.judging.schedules.insert(schedule.name.clone(), judged.clone());
            let told =
                before.is_some_and(|before| before == judged) || self.was_told(&schedule.name, &judged);
            if told {
                continue;
            }
            self.note(judged.recorded(&schedule), Actor::lifeboat(Origin::Lifeboat), now, out);
            let Some(service) = self.service_of(&schedule.pool) else { continue };
            self.capacity_alert(&service, &judged, now, out);
        }
    }

    /// The record says the same already: a restart is no news.
    fn was_told(&self, schedule: &ScheduleName, judged: &Judged) -> bool {
        let event = self.state.capacity.get(schedule).and_then(|seq| self.on_shelf(*seq));
        event.is_some_and(|event| match &event.kind {
            Kind::CapacityJudged { ready, ready_by, .. } => {
                *ready == judged.ready && *ready_by == judged.ready_by
            }
            _ => false,
        })
    }

    fn service_of(&self, pool: &lifeboat_storage::id::PoolName) -> Option<ServiceName> {
        let pool = self.setup.fleet.pool(pool)?;
        Some(self.setup.fleet.cluster(&pool.cluster)?.service.clone())
    }

    fn capacity_alert(&mut self, service: &ServiceName, judged: &Judged, now: Now, out: &mut Vec<Effect>) {
        let share = Share { bad: u64::from(judged.wanted - judged.ready), total: u64::from(judged.wanted) };
        let what = if judged.is_short() {
            let evidence = AlertEvidence { now: share, since: Some(judged.run), ..AlertEvidence::default() };
            Found::Opened { severity: Severity::Sev2, evidence }
        } else {
            let good_since = now.wall.timestamp_millis();
            Found::Recovered { good_since, now: share, peak: share, whole: share }
        };
        self.found(service, AlertKind::CapacityShort, what, now, out);
    }

    fn found(
        &mut self,
        service: &ServiceName,
        kind: AlertKind,
        what: Found,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        let at = now.wall.timestamp_millis();
        self.finding(Finding { service: service.clone(), source: None, kind, at, what }, now, out);
    }

    /// Clusters that carry traffic, with their service.
    fn watched(&self) -> Vec<(ClusterName, ServiceName)> {
        let carries = |cluster: &&lifeboat_commands::fleet::Cluster| {
            let facts = cluster.traffic.as_ref().and_then(|name| self.fleet.facts.traffic.get(name));
            let weight =
                facts.and_then(|facts| facts.weights.iter().find(|weight| weight.cluster == cluster.name));
            cluster.traffic.is_none() || weight.is_some_and(|weight| weight.percent > 0)
        };
        let clusters = self.setup.fleet.clusters.iter().filter(carries);
        clusters.map(|cluster| (cluster.name.clone(), cluster.service.clone())).collect()
    }

    fn judge_starts(&mut self, now: Now, out: &mut Vec<Effect>) {
        for (cluster, service) in self.watched() {
            let Some(seen) = self.fleet.facts.clusters.get(&cluster) else { continue };
            let (share, samples) = failing(seen, &service);
            let key = format!("{}/{service}", AlertKind::FailedStart.key());
            let firing = self
                .state
                .alerts
                .get(&lifeboat_storage::id::AlertKey::new(key))
                .is_some_and(|one| one.firing);
            if share.bad >= FAILING_PODS {
                self.judging.good_since.remove(&service);
                if !firing {
                    let evidence = AlertEvidence { now: share, samples, ..AlertEvidence::default() };
                    let what = Found::Opened { severity: Severity::Sev2, evidence };
                    self.found(&service, AlertKind::FailedStart, what, now, out);
                }
            } else if firing && share.bad == 0 {
                let since = *self.judging.good_since.entry(service.clone()).or_insert(now.mono_ms);
                if now.mono_ms - since >= GOOD_MS {
                    let good =
                        now.wall - chrono::TimeDelta::milliseconds(i64::try_from(GOOD_MS).unwrap_or(0));
                    let good_since = good.timestamp_millis();
                    let what = Found::Recovered { good_since, now: share, peak: share, whole: share };
                    self.found(&service, AlertKind::FailedStart, what, now, out);
                }
            }
        }
    }

    /// What the facts say of each open incident; told once when it changes.
    fn judge_incidents(&mut self, now: Now, out: &mut Vec<Effect>) {
        let open: Vec<(IncidentId, ServiceName)> =
            self.state.open_incidents().filter_map(|one| Some((one.id, one.service.clone()?))).collect();
        let watched = self.watched();
        for (id, service) in open {
            let Some((cluster, _)) = watched.iter().find(|(_, of)| *of == service) else { continue };
            let found = diagnose::diagnose(cluster, &self.fleet.facts, &self.setup.fleet);
            let (Some(signature), Some(kind)) = (found.signature(), found.recorded(cluster)) else {
                self.judging.signatures.remove(&id);
                continue;
            };
            if self.is_told(id, &signature) || self.is_made_by_a_plan(cluster, &found) {
                self.judging.signatures.remove(&id);
                continue;
            }
            let seen = self.judging.signatures.entry(id).or_insert_with(|| (signature.clone(), now.mono_ms));
            if seen.0 != signature {
                *seen = (signature, now.mono_ms);
            } else if now.mono_ms - seen.1 >= STANDS_MS {
                let changes = vec![Change::of(id, now.wall, kind)];
                let decided = Decided { changes, ..Decided::default() };
                self.commit(decided, &Actor::lifeboat(Origin::Lifeboat), now, out);
            }
        }
    }

    /// Nodes that a plan at work takes away for a while are not too few for good.
    fn is_made_by_a_plan(&self, cluster: &ClusterName, found: &Diagnosis) -> bool {
        let at_work = |run: &Run| run.standing == Standing::Running && run.is_about(cluster);
        found.verdict == Some(Verdict::TooFew) && self.state.plans.values().any(at_work)
    }

    /// What fails is told when it changes; how far it reaches, which comes and goes, once each.
    fn is_told(&self, incident: IncidentId, signature: &str) -> bool {
        let what = |signature: &str| signature.split('/').next().map(str::to_owned);
        self.state.incidents.get(&incident).is_some_and(|incident| {
            let same = incident.signature.as_deref().and_then(what) == what(signature);
            same && incident.signatures.contains(signature)
        })
    }
}

/// Pods of a service that fail to start, of all; what three of them said.
fn failing(seen: &Inventory, service: &ServiceName) -> (Share, Vec<String>) {
    let mut share = Share::default();
    let mut samples = Vec::new();
    for pod in seen.pods.values().filter(|pod| pod.service.as_ref() == Some(service)) {
        share.total += 1;
        if let PodState::Failing { reason, evidence, .. } = &pod.state {
            share.bad += 1;
            if samples.len() < 3 {
                let said = mask::line(evidence.0.as_bytes());
                samples.push(format!("{}: {reason}: {said}", pod.name));
            }
        }
    }
    (share, samples)
}

#[cfg(test)]
mod tests {
    use lifeboat_commands::facts::{Pod, PodClass};
    use lifeboat_storage::event::Time;
    use lifeboat_storage::plan::Evidence;

    use super::*;

    #[test]
    fn what_a_pod_said_last_is_masked_before_it_is_kept() {
        let service = ServiceName::new("blog");
        let said = "cannot log in as blog: DB_PASSWORD=hunter2 to db@10.0.0.7, eyJhbGciOiJIUzI1NiJ9.e30.c2ln";
        let state = PodState::Failing {
            reason: "CrashLoopBackOff".to_owned(),
            restarts: 3,
            signature: "config".to_owned(),
            evidence: Evidence(said.to_owned()),
        };
        let name = "blog-1".to_owned();
        let (class, node, since) = (PodClass::Ordinary, None, Time::UNIX_EPOCH);
        let pod = Pod { name: name.clone(), service: Some(service.clone()), node, class, state, since };
        let seen = Inventory { pods: [(name, pod)].into(), ..Inventory::default() };
        let (share, samples) = failing(&seen, &service);
        assert_eq!((share.bad, share.total, samples.len()), (1, 1, 1));
        assert!(samples[0].starts_with("blog-1: CrashLoopBackOff: cannot log in as blog: "), "{samples:?}");
        let secret = ["hunter2", "10.0.0.7", "eyJ"].into_iter().find(|secret| samples[0].contains(secret));
        assert_eq!(secret, None, "{samples:?}");
    }
}
