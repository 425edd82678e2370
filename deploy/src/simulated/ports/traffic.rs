//! The simulated traffic entry.

use std::collections::BTreeMap;

use lifeboat_commands::ports::traffic::{Spread, Traffic};
use lifeboat_commands::ports::{Outcome, Pending};
use lifeboat_storage::id::ClusterName;
use lifeboat_storage::plan::Weight;

use crate::simulated::Simulated;

pub(super) struct SimulatedTraffic {
    pub(super) fleet: Simulated,
}

impl Traffic for SimulatedTraffic {
    fn read(&self) -> Pending<'_, Outcome<Spread>> {
        Box::pin(async { Outcome::Done(self.fleet.world().spread()) })
    }

    fn set(&self, expected: String, weights: Vec<Weight>) -> Pending<'_, Outcome<Spread>> {
        Box::pin(async move { self.fleet.act(|world| world.set_traffic(&expected, &weights)) })
    }

    fn health(&self) -> Pending<'_, Outcome<BTreeMap<ClusterName, bool>>> {
        Box::pin(async {
            let world = self.fleet.world();
            let clusters = world.clusters.values();
            Outcome::Done(clusters.map(|one| (one.name().clone(), world.answers(one))).collect())
        })
    }
}
