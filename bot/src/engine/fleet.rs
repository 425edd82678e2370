//! What is seen of clusters, clouds and traffic: facts in memory with their age, and the reading that keeps them fresh.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use lifeboat_commands::facts::{Facts, Ready};
use lifeboat_commands::fleet::Fleet;
use lifeboat_commands::floors;
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_commands::ports::orchestrator::Seen;
use lifeboat_deploy::execute::Memory;
use lifeboat_storage::event::{Actor, Kind, Origin, Share, Time};
use lifeboat_storage::id::{ClusterName, PlanId, ServiceName};
use lifeboat_storage::plan::{Evidence, ProbeKind};

use super::Engine;
use super::effect::Effect;
use super::input::{CallId, Now};

/// Calls that may be on their way together: a large fleet's probes wait for the next round.
const IN_FLIGHT: usize = 256;
/// A call without an answer for so long is given up, in milliseconds.
const ANSWER_MS: u64 = 20_000;
/// How many half minutes back a share is counted.
const RECENT_STEPS: usize = 3;
/// The wall clock was set when it moves by so much more or less than the other clock, in milliseconds.
const CLOCK_SET_MS: i64 = 2_000;

/// What is asked again and again, each with its own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Round {
    Inventories,
    Instances,
    Offerings,
    Traffic,
    Probes,
}

/// A call on its way, and for which plan. What it tells is as old as the question.
#[derive(Debug)]
pub(crate) struct Asked {
    call: Call,
    pub(crate) plan: Option<PlanId>,
    at: Now,
}

/// What is seen, and what was asked.
#[derive(Debug, Default)]
pub struct Watched {
    /// The newest facts.
    pub(crate) facts: Facts,
    /// Calls on their way.
    pub(crate) calls: BTreeMap<CallId, Asked>,
    /// What this process remembers of running plans.
    pub(crate) memories: BTreeMap<PlanId, Memory>,
    /// When each round was last asked.
    asked: BTreeMap<Round, u64>,
    next_call: u64,
    /// The time of the last input.
    last: Option<Now>,
}

impl Engine {
    /// What is configured of the fleet, and the newest facts of it.
    #[must_use]
    pub fn sight(&self) -> (&Fleet, &Facts) {
        (&self.setup.fleet, &self.fleet.facts)
    }

    /// The newest facts of the fleet.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.fleet.facts
    }

    /// Failed (5xx) of all requests of a service in the last half minute; none before there are any.
    #[must_use]
    pub fn recent_share(&self, service: &ServiceName) -> Option<Share> {
        let chart = self.watch.watch().shares(service.as_str())?;
        let counts = &chart.tens.counts;
        let newest = &counts[counts.len().saturating_sub(RECENT_STEPS)..];
        let sum = newest.iter().fold(Share::default(), |sum, step| Share {
            bad: sum.bad.saturating_add(step.bad),
            total: sum.total.saturating_add(step.total),
        });
        (sum.total > 0).then_some(sum)
    }

    pub(crate) fn seen(&mut self, cluster: &ClusterName, seen: Seen, now: Now, out: &mut Vec<Effect>) {
        match seen {
            Seen::Snapshot(all) => {
                self.fleet.facts.saw_cluster(cluster.clone(), *all);
                self.fleet_seen(cluster.as_str(), now, out);
            }
            Seen::Changed { as_of, fact } => self.fleet.facts.saw_change(cluster, as_of, fact),
            Seen::Blind { why, .. } => self.fleet_blind(cluster.as_str(), why, now, out),
        }
    }

    /// When the wall clock was set, what is remembered by it moves along: nothing gets older or younger by that.
    pub(crate) fn notice_clock(&mut self, now: Now) {
        let Some(last) = self.fleet.last.replace(now) else { return };
        let passed = i64::try_from(now.mono_ms.saturating_sub(last.mono_ms)).unwrap_or(i64::MAX);
        let by = (now.wall - last.wall) - TimeDelta::milliseconds(passed);
        if by.num_milliseconds().abs() >= CLOCK_SET_MS {
            self.fleet.facts.shift(by);
            self.fleet.memories.values_mut().for_each(|memory| memory.shift(by));
            self.fleet.calls.values_mut().for_each(|asked| asked.at.wall += by);
        }
    }

    fn fleet_blind(&mut self, what: &str, why: String, now: Now, out: &mut Vec<Effect>) {
        if !self.state.fleet_blind.contains_key(what) {
            let kind = Kind::FleetBlind { what: what.to_owned(), why };
            self.note(kind, Actor::lifeboat(Origin::Lifeboat), now, out);
        }
    }

    fn fleet_seen(&mut self, what: &str, now: Now, out: &mut Vec<Effect>) {
        if self.state.fleet_blind.contains_key(what) {
            let kind = Kind::FleetSeen { what: what.to_owned() };
            self.note(kind, Actor::lifeboat(Origin::Lifeboat), now, out);
        }
    }

    /// Makes a call; its answer comes back as an input.
    pub(crate) fn call(&mut self, call: Call, plan: Option<PlanId>, now: Now, out: &mut Vec<Effect>) {
        self.fleet.next_call += 1;
        let id = CallId(self.fleet.next_call);
        self.fleet.calls.insert(id, Asked { call: call.clone(), plan, at: now });
        out.push(Effect::Call { id, call: Box::new(call) });
    }

    /// An answer; one that comes twice, or too late, changes nothing.
    pub(crate) fn called(&mut self, id: CallId, answer: Answer, now: Now, out: &mut Vec<Effect>) {
        let Some(asked) = self.fleet.calls.remove(&id) else { return };
        match asked.plan {
            Some(plan) => self.answered(plan, &answer, now, out),
            None => self.learned(asked.call, answer, asked.at.wall, now, out),
        }
    }

    /// Calls that were never answered are given up: what they were for is looked at.
    fn give_up(&mut self, now: Now, out: &mut Vec<Effect>) {
        let late = |asked: &Asked| now.mono_ms.saturating_sub(asked.at.mono_ms) > ANSWER_MS;
        let lost: Vec<CallId> =
            self.fleet.calls.iter().filter(|(_, asked)| late(asked)).map(|(id, _)| *id).collect();
        for id in lost {
            let why = Evidence(format!("timed out after {} s", ANSWER_MS / 1_000));
            self.called(id, Answer::Plain(Outcome::Unknown(why)), now, out);
        }
    }

    /// What was read, as of `asked`. What overtook an older answer stays.
    fn learned(&mut self, call: Call, answer: Answer, asked: Time, now: Now, out: &mut Vec<Effect>) {
        match (call, answer) {
            (Call::Inventory { cluster }, Answer::Inventory(Outcome::Done(all))) => {
                self.fleet.facts.saw_cluster(cluster.clone(), *all);
                self.fleet_seen(cluster.as_str(), now, out);
            }
            (
                Call::Inventory { cluster },
                Answer::Inventory(Outcome::Denied(why) | Outcome::Unknown(why))
                | Answer::Plain(Outcome::Unknown(why)),
            ) => {
                // One lost answer is no blindness: what is seen is still fresh.
                let age = floors::age_s(&self.fleet.facts, &cluster, now.wall);
                if age.is_none_or(|age| age > self.setup.fleet.limits.facts_age_s) {
                    self.fleet_blind(cluster.as_str(), why.0, now, out);
                }
            }
            (call, answer) => learn(&mut self.fleet.facts, call, answer, asked),
        }
    }

    /// Reads what is due: often while somebody works on it, seldom in quiet times.
    pub(crate) fn read_fleet(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.setup.fleet.clusters.is_empty() {
            return;
        }
        self.give_up(now, out);
        let works = self.state.plans.values().any(|run| run.is_open());
        let awake = works || self.state.open_incidents().next().is_some();
        if self.is_due(Round::Inventories, if works { 3_000 } else { 15_000 }, now) {
            let clusters: Vec<_> = self.setup.fleet.clusters.iter().map(|one| one.name.clone()).collect();
            for cluster in clusters {
                self.read(Call::Inventory { cluster }, now, out);
            }
        }
        if self.is_due(Round::Instances, if works { 5_000 } else { 15_000 }, now) {
            for cloud in self.setup.fleet.clouds.clone() {
                self.read(Call::Instances { cloud }, now, out);
            }
        }
        if self.is_due(Round::Offerings, 30_000, now) {
            for cloud in self.setup.fleet.clouds.clone() {
                self.read(Call::Offerings { cloud }, now, out);
            }
        }
        if self.is_due(Round::Traffic, if works { 3_000 } else { 15_000 }, now) {
            let entries: Vec<_> = self.setup.fleet.traffic.iter().map(|one| one.name.clone()).collect();
            for traffic in entries {
                self.read(Call::ReadTraffic { traffic: traffic.clone() }, now, out);
                self.read(Call::Health { traffic }, now, out);
            }
        }
        if self.is_due(Round::Probes, if awake { 15_000 } else { 60_000 }, now) {
            self.probe_all(now, out);
        }
    }

    fn is_due(&mut self, round: Round, every_ms: u64, now: Now) -> bool {
        let last = self.fleet.asked.get(&round);
        let due = last.is_none_or(|last| now.mono_ms >= last + every_ms);
        if due {
            self.fleet.asked.insert(round, now.mono_ms);
        }
        due
    }

    fn read(&mut self, call: Call, now: Now, out: &mut Vec<Effect>) {
        if self.fleet.calls.len() < IN_FLIGHT {
            self.call(call, None, now, out);
        }
    }

    /// Every probe on every worker that is up; results of nodes that are gone or down are forgotten.
    fn probe_all(&mut self, now: Now, out: &mut Vec<Effect>) {
        let facts = &mut self.fleet.facts;
        let clusters = &facts.clusters;
        let is_up = |cluster: &ClusterName, node: &lifeboat_storage::id::NodeName| {
            let node = clusters.get(cluster).and_then(|seen| seen.nodes.get(node));
            node.is_some_and(|node| node.ready != Ready::No)
        };
        facts.probes.retain(|(cluster, node, _), _| is_up(cluster, node));
        let mut calls = Vec::new();
        for (cluster, seen) in clusters {
            for node in seen.workers().filter(|node| node.ready != Ready::No) {
                calls.extend(ProbeKind::ALL.map(|probe| Call::Probe {
                    cluster: cluster.clone(),
                    node: node.name.clone(),
                    probe,
                }));
            }
        }
        for call in calls {
            self.read(call, now, out);
        }
    }
}

/// Takes in what was read of clouds, traffic and probes, unless something newer is known.
fn learn(facts: &mut Facts, call: Call, answer: Answer, as_of: Time) {
    let is_news = |known: Option<Time>| known.is_none_or(|known| known <= as_of);
    match (call, answer) {
        (Call::Instances { cloud }, Answer::Instances(Outcome::Done(instances))) => {
            facts.saw_machines(cloud, instances, as_of);
        }
        (Call::Offerings { cloud }, Answer::Offerings(Outcome::Done(offerings))) => {
            let cloud = facts.clouds.entry(cloud).or_default();
            if is_news(cloud.offerings_as_of) {
                cloud.offerings = offerings;
                cloud.offerings_as_of = Some(as_of);
            }
        }
        (Call::ReadTraffic { traffic }, Answer::Spread(Outcome::Done(spread))) => {
            let traffic = facts.traffic.entry(traffic).or_default();
            if is_news(traffic.as_of) {
                traffic.weights = spread.weights;
                traffic.version = spread.version;
                traffic.as_of = Some(as_of);
            }
        }
        (Call::Health { traffic }, Answer::Health(Outcome::Done(health))) => {
            facts.traffic.entry(traffic).or_default().health = health;
        }
        (Call::Probe { cluster, node, probe }, Answer::Probed(result)) => {
            facts.probed((cluster, node, probe), result, as_of);
        }
        _ => {}
    }
}
