//! What a person may type next in an incident, the best first: only lines that would not be refused now. Pure.
//!
//! A suggestion is a line, never an act: what changes machines only becomes a plan that somebody must approve.

mod open_plan;
mod why;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use chrono_tz::Tz;
use lifeboat_storage::event::{Milestone, Share, Status, Time};
use lifeboat_storage::id::{ClusterName, NodeName, PlanId, ServiceName};
use lifeboat_storage::incident::Incident;
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::plan::{ProbeKind, Verb};
use lifeboat_storage::state::State;

use crate::capacity;
use crate::diagnose::next::Ground;
use crate::diagnose::{self, Diagnosis, Verdict};
use crate::facts::{Facts, Inventory, ProbeResult, Ready};
use crate::fleet::{Cluster, Fleet};
use crate::parse;
use crate::people::People;
use crate::planner::target;
use crate::refusal::Refusal;
use crate::verb::{self, Scene};

pub use why::Why;

/// From this share of failed requests on, nodes of which none fails may be too few.
const OVERLOADED: f64 = 0.05;
/// What is wrong, and what a plan did to the errors, shows within so long.
const TAKES_EFFECT: TimeDelta = TimeDelta::minutes(5);
/// So many lines at most.
const MOST: usize = 3;

/// What is looked at.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// What all events add up to.
    pub state: &'a State,
    /// What is configured.
    pub fleet: &'a Fleet,
    /// What is seen.
    pub facts: &'a Facts,
    /// Now.
    pub now: Time,
    /// In which zone schedules are kept.
    pub zone: Tz,
}

/// A line, and why it is suggested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// `/node reboot target:worker-3 mode:canary`.
    pub line: String,
    /// Why.
    pub why: Why,
}

/// What may be typed next in an incident.
#[must_use]
pub fn next(sight: &Sight<'_>, incident: &Incident) -> Vec<Suggestion> {
    let course = of_course(sight.state, incident);
    let cluster = of_incident(sight, incident).filter(|_| incident.is_open());
    let mut found = match cluster {
        // What the incident left behind is put right before it is resolved.
        Some(cluster) if incident.status >= Status::Mitigated => {
            left_behind(sight, cluster).into_iter().chain(course).collect()
        }
        Some(cluster) => course.into_iter().chain(on_cluster(sight, incident, cluster)).collect(),
        None => course,
    };
    found.retain(|one| is_possible(sight, &one.line));
    let mut seen = BTreeSet::new();
    found.retain(|one| seen.insert(one.line.clone()));
    found.truncate(MOST);
    found
}

/// The open plan of a cluster; until the one that holds the lock ends, no other can begin.
fn open_run<'a>(sight: &Sight<'a>, cluster: &Cluster) -> Option<&'a Run> {
    let open = sight.state.plans.values().filter(|run| run.is_open() && run.is_about(&cluster.name));
    open.max_by_key(|run| run.holds_lock())
}

/// What the cluster asks for while users suffer.
fn on_cluster(sight: &Sight<'_>, incident: &Incident, cluster: &Cluster) -> Vec<Suggestion> {
    let Some(run) = open_run(sight, cluster) else { return on_fleet(sight, incident, cluster) };
    let vain = open_plan::in_vain(sight, cluster, run);
    vain.into_iter().chain(open_plan::standing_still(sight, run)).collect()
}

/// What still holds the cluster once users no longer suffer: a plan that is paused.
fn left_behind(sight: &Sight<'_>, cluster: &Cluster) -> Vec<Suggestion> {
    open_run(sight, cluster).map(|run| open_plan::standing_still(sight, run)).unwrap_or_default()
}

fn line(line: String, why: Why) -> Suggestion {
    Suggestion { line, why }
}

/// What the incident itself asks for.
fn of_course(state: &State, incident: &Incident) -> Vec<Suggestion> {
    let id = incident.id;
    match incident.status {
        Status::Closed | Status::Cancelled => Vec::new(),
        Status::Resolved => vec![line(format!("/incident postmortem {id}"), Why::Resolved)],
        // Users still suffer, whatever was said.
        Status::Mitigated if requests_fail(state, incident) => Vec::new(),
        Status::Mitigated => vec![line(format!("/incident resolve {id}"), Why::Mitigated)],
        _ if incident.recovery_proposed.is_some() => {
            vec![line(format!("/incident mitigate {id}"), Why::Over)]
        }
        _ if incident.at(Milestone::Acknowledged).is_none() => {
            vec![line(format!("/incident ack {id}"), Why::NobodyHasIt)]
        }
        _ => Vec::new(),
    }
}

/// Whether an alert of the incident that counts failed requests fires.
#[must_use]
pub fn requests_fail(state: &State, incident: &Incident) -> bool {
    let mut alerts = incident.alerts.iter().filter_map(|key| state.alerts.get(key));
    alerts.any(|alert| alert.firing && alert.what.is_of_requests())
}

/// The cluster an incident is about: that of its service which carries most of the traffic.
#[must_use]
pub fn of_incident<'a>(sight: &Sight<'a>, incident: &Incident) -> Option<&'a Cluster> {
    let service = incident.service.as_ref()?;
    let percent = |cluster: &Cluster| {
        let entry = cluster.traffic.as_ref().and_then(|name| sight.facts.traffic.get(name));
        let weight = entry.and_then(|entry| entry.weights.iter().find(|one| one.cluster == cluster.name));
        weight.map_or(0, |weight| weight.percent)
    };
    let of_service = sight.fleet.clusters.iter().filter(|cluster| cluster.service == *service);
    of_service.rev().max_by_key(|cluster| percent(cluster))
}

/// What the facts ask for.
fn on_fleet(sight: &Sight<'_>, incident: &Incident, cluster: &Cluster) -> Vec<Suggestion> {
    let Some(seen) = sight.facts.clusters.get(&cluster.name) else { return Vec::new() };
    let found = diagnose::diagnose(&cluster.name, sight.facts, sight.fleet);
    let mut lines = sound(sight, cluster, seen);
    let (facts, fleet, state, now) = (sight.facts, sight.fleet, sight.state, sight.now);
    let ground = Ground { cluster: &cluster.name, facts, fleet, state, now };
    let boots = match found.verdict {
        Some(Verdict::NodePath) => reboot(&ground, incident, seen, &found),
        _ => Vec::new(),
    };
    let may_boot = boots.iter().any(|one| is_possible(sight, &one.line));
    lines.extend(boots);
    if let Some(verdict) = found.verdict.filter(|verdict| *verdict != Verdict::TooFew && !may_boot) {
        let next = diagnose::next::lines(&found, &ground);
        let pointed = next.into_iter().map(|next| pointed(next, verdict));
        // Nobody opens a node to what eats it while users are well.
        lines.extend(pointed.filter(|one| one.why != Why::Refill || incident.recovery_proposed.is_none()));
    }
    lines.extend(missing(sight, cluster, seen, found.verdict));
    if found.verdict.is_none() {
        lines.extend(beyond(sight, incident, cluster, seen));
    }
    lines.extend(standby(sight, cluster, found.verdict));
    if found.verdict.is_some() {
        lines.push(line(format!("/cluster diagnose cluster:{}", cluster.name), Why::Look));
    }
    let judged = sight.fleet.schedules.iter().any(|schedule| {
        capacity::judge(schedule, sight.facts, sight.fleet, sight.state, sight.now, sight.zone)
            .is_some_and(|judged| judged.is_short())
    });
    if judged {
        lines.push(line("/capacity show".to_owned(), Why::Stock));
    }
    lines
}

/// What a diagnosis points at. A node that is opened under a wandering workload goes against the verdict's own words.
fn pointed(next: String, verdict: Verdict) -> Suggestion {
    let opens = verdict == Verdict::Wanderer && next.starts_with("/node uncordon");
    line(next, if opens { Why::Refill } else { Why::Points(verdict) })
}

/// Nodes that are Ready, pass every probe, and are still kept from pods by a plan of ours that is over; not those that
/// a person cordoned on purpose.
fn sound(sight: &Sight<'_>, cluster: &Cluster, seen: &Inventory) -> Vec<Suggestion> {
    let on_purpose = |run: &Run| matches!(run.plan.verb, Verb::NodeCordon | Verb::NodeDrain);
    let ours = |name: &NodeName| {
        let here = |run: &&Run| run.is_about(&cluster.name) && run.cordoned.contains(name);
        let mut holds = sight.state.plans.values().filter(here).peekable();
        holds.peek().is_some() && !holds.any(on_purpose)
    };
    let passes = |name: &NodeName| {
        ProbeKind::ALL.iter().all(|probe| {
            let fact = sight.facts.probes.get(&(cluster.name.clone(), name.clone(), *probe));
            fact.is_some_and(|fact| fact.result == ProbeResult::Pass)
        })
    };
    let held = seen.workers().filter(|node| node.ready == Ready::Yes && !node.schedulable);
    let names: Vec<String> = held
        .filter(|node| ours(&node.name) && passes(&node.name))
        .map(|node| target::address(sight.fleet, sight.facts, &cluster.name, &node.name))
        .collect();
    let nodes = u32::try_from(names.len()).unwrap_or(u32::MAX);
    let found =
        (nodes > 0).then(|| line(format!("/node uncordon target:{}", names.join(",")), Why::Sound { nodes }));
    found.into_iter().collect()
}

/// A boot mends the nodes: one first, and when that was shown, the others. What failed twice is left out.
fn reboot(ground: &Ground<'_>, incident: &Incident, seen: &Inventory, found: &Diagnosis) -> Vec<Suggestion> {
    let hopeful = diagnose::next::hopeful(found, ground);
    let nodes = u32::try_from(hopeful.len()).unwrap_or(u32::MAX);
    let serving = incident.service.as_ref().map(|service| seen.serving(service)).unwrap_or_default();
    let idle = hopeful.iter().find(|node| !serving.contains(**node));
    let Some(first) = idle.or_else(|| hopeful.first()) else { return Vec::new() };
    let Some(cured) = cured(ground.state, incident) else {
        let why = alike(ground.state, incident).next();
        let why = why.map_or(Why::Canary, |earlier| Why::CanaryHelped { earlier: earlier.id });
        let node = diagnose::next::address(first, ground);
        return vec![line(format!("/node reboot target:{node} mode:canary"), why)];
    };
    let target = diagnose::next::together(&hopeful, ground);
    let rolling = format!("/node reboot target:{target} mode:rolling");
    let emergency = format!("/node reboot target:{target} mode:emergency");
    vec![line(emergency, Why::Together { nodes }), line(rolling, Why::Rest { cured, nodes })]
}

/// The newest plan of this incident by which a boot was proven.
fn cured(state: &State, incident: &Incident) -> Option<PlanId> {
    let boots = |run: &&Run| {
        run.incident == Some(incident.id)
            && run.standing == Standing::Proven
            && matches!(run.plan.verb, Verb::NodeReboot { .. })
    };
    state.plans.values().rev().find(boots).map(|run| run.id)
}

/// Earlier incidents of the same failure, wherever it reached, the newest first.
pub fn alike<'a>(state: &'a State, incident: &'a Incident) -> impl Iterator<Item = &'a Incident> {
    let kind = |signature: &'a String| signature.split('/').next();
    let what = incident.signature.as_ref().and_then(kind);
    let same = move |other: &&Incident| {
        let of = |signature: &String| signature.split('/').next() == what;
        what.is_some()
            && other.id < incident.id
            && other.merged_into.is_none()
            && other.signatures.iter().any(of)
    };
    state.incidents.values().rev().filter(same)
}

/// Nodes to be had, where fewer are up than wanted and nothing says that new ones would be lost.
fn missing(
    sight: &Sight<'_>,
    cluster: &Cluster,
    seen: &Inventory,
    verdict: Option<Verdict>,
) -> Option<Suggestion> {
    if !matches!(verdict, None | Some(Verdict::NodePath | Verdict::TooFew)) {
        return None;
    }
    let up = seen.workers().filter(|node| node.ready == Ready::Yes).count();
    let nodes = cluster.wanted.saturating_sub(u32::try_from(up).unwrap_or(u32::MAX));
    let more = diagnose::more_nodes(&cluster.name, sight.facts, sight.fleet).filter(|_| nodes > 0)?;
    Some(line(more, Why::Missing { nodes }))
}

/// Every wanted node serves, nothing is wrong with any, and users still get errors: the load may be too much for them.
fn beyond(sight: &Sight<'_>, incident: &Incident, cluster: &Cluster, seen: &Inventory) -> Option<Suggestion> {
    // What is wrong may take a while to show.
    incident.at(Milestone::Declared).filter(|at| sight.now - *at >= TAKES_EFFECT)?;
    let share = firing_share(sight.state, &cluster.service)?;
    let serving = u32::try_from(seen.serving(&cluster.service).len()).unwrap_or(u32::MAX);
    let pool = sight.fleet.pools.iter().find(|pool| pool.cluster == cluster.name)?;
    let changed = |run: &Run| {
        run.is_about(&cluster.name) && run.ended_at.is_some_and(|at| sight.now - at < TAKES_EFFECT)
    };
    let changed_lately = sight.state.plans.values().any(changed);
    let clear = serving >= cluster.wanted && share.ratio() >= OVERLOADED && !changed_lately;
    let line = |nodes| line(format!("/node add count:{nodes} pool:{}", pool.name), Why::Beyond);
    clear.then(|| line(if share.ratio() > 2.0 * OVERLOADED { 2 } else { 1 }))
}

/// A standby that can take the load now.
fn standby(sight: &Sight<'_>, cluster: &Cluster, verdict: Option<Verdict>) -> Option<Suggestion> {
    // What travels with the work, or is no fault of the cluster, follows to the other one.
    verdict.filter(|verdict| {
        !matches!(verdict, Verdict::Wanderer | Verdict::Cordoned | Verdict::NeverJoin | Verdict::Agents)
    })?;
    let others = sight.fleet.clusters.iter().filter(|other| {
        other.name != cluster.name && other.service == cluster.service && other.traffic == cluster.traffic
    });
    let green = |other: &&Cluster| {
        crate::preflight::check(&other.name, sight.facts, sight.fleet, sight.now).is_empty()
    };
    let other = others.filter(|other| other.traffic.is_some()).find(green)?;
    let why = Why::StandbyGreen { cluster: other.name.clone() };
    let frozen = |name: &ClusterName| sight.state.frozen.contains_key(name);
    let closed = [&cluster.name, &other.name].into_iter().find(|name| frozen(name));
    Some(match closed {
        Some(closed) => line(format!("/cluster unfreeze cluster:{closed}"), why),
        None => line(format!("/cluster swap to:{}", other.name), why),
    })
}

/// Whether it would be done, or become a plan, if somebody who may typed it now.
fn is_possible(sight: &Sight<'_>, line: &str) -> bool {
    // A line that ends in a blank is to be completed by a person.
    if line.ends_with(' ') {
        return true;
    }
    let people = People::default();
    let share = |service: &ServiceName| firing_share(sight.state, service);
    let scene = Scene {
        state: sight.state,
        people: &people,
        who: None,
        channel: None,
        now: sight.now,
        head: None,
        fleet: sight.fleet,
        facts: sight.facts,
        share: &share,
        zone: sight.zone,
        hints: None,
        drill: false,
        scenarios: &[],
        event: &|_| None,
    };
    let parsed = parse::parse(line, sight.now, sight.zone);
    // Nobody is asked for here: that somebody has to be is no obstacle.
    let may_be = |parsed: parse::Parsed| {
        matches!(verb::decide(&scene, &parsed.command), Ok(_) | Err(Refusal::NotSignedIn))
    };
    parsed.is_ok_and(may_be)
}

/// Failed of all requests, as the worst alert that fires has them.
#[must_use]
pub fn firing_share(state: &State, service: &ServiceName) -> Option<Share> {
    let firing = state
        .alerts
        .values()
        .filter(|alert| alert.firing && alert.service == *service && alert.what.is_of_requests());
    firing.map(|alert| alert.now).max_by(|one, other| one.ratio().total_cmp(&other.ratio()))
}

#[cfg(test)]
mod tests;
