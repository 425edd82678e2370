//! Somebody who reads a simulated fleet as the engine does, and remembers: facts, without an engine.

use chrono::TimeDelta;
use lifeboat_commands::diagnose::{self, Diagnosis};
use lifeboat_commands::facts::{Facts, Ready};
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_storage::id::ClusterName;
use lifeboat_storage::plan::ProbeKind;

use crate::fleet::Player;

/// One look so often, as the engine does while an incident is open.
const EVERY_S: i64 = 15;

/// Whoever watches.
#[derive(Debug, Default)]
pub struct Watcher {
    /// What was seen, newest of each.
    pub facts: Facts,
}

impl Watcher {
    /// Looks at everything once.
    ///
    /// # Panics
    /// Never, unless a port answers with another kind.
    pub fn look(&mut self, player: &Player) {
        let (fleet, now) = (player.fleet.fleet(), player.fleet.now());
        let inventories = fleet.clusters.iter().map(|one| Call::Inventory { cluster: one.name.clone() });
        let clouds = fleet.clouds.iter().flat_map(|cloud| {
            [Call::Instances { cloud: cloud.clone() }, Call::Offerings { cloud: cloud.clone() }]
        });
        let entries = fleet.traffic.iter().flat_map(|one| {
            [Call::ReadTraffic { traffic: one.name.clone() }, Call::Health { traffic: one.name.clone() }]
        });
        for call in inventories.chain(clouds).chain(entries).collect::<Vec<_>>() {
            let answer = player.fleet.perform(call.clone());
            match (call, answer) {
                (Call::Inventory { cluster }, Answer::Inventory(Outcome::Done(all))) => {
                    self.facts.saw_cluster(cluster, *all);
                }
                (Call::Instances { cloud }, Answer::Instances(Outcome::Done(all))) => {
                    self.facts.saw_machines(cloud, all, now);
                }
                (Call::Offerings { cloud }, Answer::Offerings(Outcome::Done(all))) => {
                    self.facts.clouds.entry(cloud).or_default().offerings = all;
                }
                (Call::ReadTraffic { traffic }, Answer::Spread(Outcome::Done(spread))) => {
                    self.facts.traffic.entry(traffic).or_default().weights = spread.weights;
                }
                (Call::Health { traffic }, Answer::Health(Outcome::Done(health))) => {
                    self.facts.traffic.entry(traffic).or_default().health = health;
                }
                (call, other) => panic!("{call:?} was answered by {other:?}"),
            }
        }
        self.probe_all(player);
    }

    fn probe_all(&mut self, player: &Player) {
        let clusters = self.facts.clusters.clone();
        let down = |cluster: &ClusterName, node: &lifeboat_storage::id::NodeName| {
            clusters[cluster].nodes.get(node).is_none_or(|node| node.ready == Ready::No)
        };
        self.facts.probes.retain(|(cluster, node, _), _| !down(cluster, node));
        for (cluster, seen) in &clusters {
            for node in seen.workers().filter(|node| node.ready != Ready::No) {
                for probe in ProbeKind::ALL {
                    let result = player.probe(cluster.as_str(), node.name.as_str(), probe);
                    let key = (cluster.clone(), node.name.clone(), probe);
                    self.facts.probed(key, result, player.fleet.now());
                }
            }
        }
    }

    /// Watches until a moment, and tells what it made of each look at a cluster.
    pub fn watch(&mut self, player: &Player, cluster: &str, minutes: i64) -> Vec<Diagnosis> {
        let until = player.fleet.now() + TimeDelta::minutes(minutes);
        let mut all = Vec::new();
        while player.fleet.now() < until {
            player.wait_s(EVERY_S);
            self.look(player);
            all.push(self.diagnosis(player, cluster));
        }
        all
    }

    /// What the facts say of a cluster now.
    #[must_use]
    pub fn diagnosis(&self, player: &Player, cluster: &str) -> Diagnosis {
        diagnose::diagnose(&ClusterName::new(cluster), &self.facts, &player.fleet.fleet())
    }
}
