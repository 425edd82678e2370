//! The traffic port of a simulated world.

use std::collections::BTreeMap;
use std::future::ready;

use lifeboat_commands::ports::traffic::{Spread, Traffic};
use lifeboat_commands::ports::{Outcome, Pending};
use lifeboat_storage::id::ClusterName;
use lifeboat_storage::plan::{Evidence, Weight};

use super::world::World;

/// The simulated balancer.
#[derive(Clone)]
pub struct Simulated {
    world: super::Simulated,
}

impl Simulated {
    pub(super) fn new(world: super::Simulated) -> Self {
        Self { world }
    }
}

impl Traffic for Simulated {
    fn read(&self) -> Pending<'_, Outcome<Spread>> {
        let spread = self.world.lock().spread();
        Box::pin(ready(Outcome::Done(spread)))
    }

    fn set(&self, expected: String, weights: Vec<Weight>) -> Pending<'_, Outcome<Spread>> {
        let outcome = self.world.lock().faulty(|world| world.set_weights(&expected, &weights));
        Box::pin(ready(outcome))
    }

    fn health(&self) -> Pending<'_, Outcome<BTreeMap<ClusterName, bool>>> {
        let world = self.world.lock();
        let answers = |name: &ClusterName| {
            let cluster = world.clusters.get(name);
            cluster.is_some_and(|one| !one.no_egress && one.ready_pods().next().is_some())
        };
        let health = world.weights.keys().map(|name| (name.clone(), answers(name))).collect();
        Box::pin(ready(Outcome::Done(health)))
    }
}

impl World {
    fn spread(&self) -> Spread {
        let weight =
            |(cluster, percent): (&ClusterName, &u8)| Weight { cluster: cluster.clone(), percent: *percent };
        Spread {
            version: self.weights_version.to_string(),
            weights: self.weights.iter().map(weight).collect(),
        }
    }

    fn set_weights(&mut self, expected: &str, weights: &[Weight]) -> Outcome<Spread> {
        if expected != self.weights_version.to_string() {
            return Outcome::Busy { after_ms: 1_000 };
        }
        let known = weights.iter().all(|weight| self.weights.contains_key(&weight.cluster));
        let sum: u32 = weights.iter().map(|weight| u32::from(weight.percent)).sum();
        if !known || sum != 100 {
            return Outcome::Denied(Evidence(
                "weights must name known clusters and add up to 100".to_owned(),
            ));
        }
        let everything_at_once = weights.iter().map(|weight| (weight.cluster.clone(), weight.percent));
        self.weights.values_mut().for_each(|percent| *percent = 0);
        self.weights.extend(everything_at_once);
        self.weights_version += 1;
        Outcome::Done(self.spread())
    }
}
