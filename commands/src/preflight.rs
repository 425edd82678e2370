//! Can a cluster take the load now? Every answer must be yes; what is not known is no. Pure.

use std::collections::BTreeMap;

use lifeboat_storage::event::Time;
use lifeboat_storage::id::ClusterName;
use lifeboat_storage::plan::{Evidence, ProbeKind};

use crate::facts::{Facts, PodState, ProbeResult, Ready};
use crate::fleet::Fleet;
use crate::floors;

/// Probes older than this say nothing, in seconds.
const PROBE_AGE_S: i64 = 300;

/// The answers that were not yes, by their key, with what was seen. Empty: it can.
#[must_use]
pub fn check(name: &ClusterName, facts: &Facts, fleet: &Fleet, now: Time) -> BTreeMap<String, Evidence> {
    let mut red = BTreeMap::new();
    let mut no = |key: &str, seen: String| _ = red.insert(key.to_owned(), Evidence(seen));
    let Some(cluster) = fleet.cluster(name) else { return red };
    let nothing = crate::facts::Inventory::default();
    let seen = facts.clusters.get(name).unwrap_or(&nothing);
    let age = floors::age_s(facts, name, now);
    if age.is_none_or(|age| age > fleet.limits.facts_age_s) {
        no("facts", age.map_or("never seen".to_owned(), |age| format!("{age} s old")));
    }
    let ready: Vec<_> = seen.workers().filter(|node| node.ready == Ready::Yes && node.schedulable).collect();
    let serving = seen.serving(&cluster.service).len();
    let wanted = usize::try_from(cluster.wanted).unwrap_or(usize::MAX);
    if ready.len() < wanted {
        no("nodes", format!("{}/{wanted}", ready.len()));
    }
    if serving < wanted {
        no("serving", format!("{serving}/{wanted}"));
    }
    let failing = seen.pods.values().filter(|pod| matches!(pod.state, PodState::Failing { .. })).count();
    if failing > 0 {
        no("failed-starts", failing.to_string());
    }
    if seen.managers.0 * 2 <= seen.managers.1 || seen.managers.1 == 0 {
        no("managers", format!("{}/{}", seen.managers.0, seen.managers.1));
    }
    for probe in ProbeKind::ALL {
        let fails = ready.iter().filter(|node| {
            let fact = facts.probes.get(&(name.clone(), node.name.clone(), probe));
            fact.is_none_or(|fact| {
                fact.result != ProbeResult::Pass || (now - fact.as_of).num_seconds() > PROBE_AGE_S
            })
        });
        let fails = fails.count();
        if fails > 0 {
            no(probe.key(), format!("{fails}/{}", ready.len()));
        }
    }
    if let Some(traffic) = &cluster.traffic {
        let health = facts.traffic.get(traffic).and_then(|facts| facts.health.get(name)).copied();
        if health != Some(true) {
            no("answers", health.map_or("?".to_owned(), |up| up.to_string()));
        }
    }
    red
}
