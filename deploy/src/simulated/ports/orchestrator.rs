//! A simulated cluster as an orchestrator.

use chrono::TimeDelta;
use lifeboat_commands::facts::{Inventory, ProbeResult};
use lifeboat_commands::ports::orchestrator::{Drained, JoinTicket, Observation, Orchestrator};
use lifeboat_commands::ports::{Outcome, Pending};
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::plan::{JoinRole, Policy, ProbeKind};

use super::observation::Watching;
use crate::simulated::Simulated;

pub(super) struct SimulatedCluster {
    pub(super) fleet: Simulated,
    pub(super) cluster: ClusterName,
}

impl Orchestrator for SimulatedCluster {
    fn observe(&self) -> Box<dyn Observation> {
        Box::new(Watching::new(self.fleet.clone(), self.cluster.clone()))
    }

    fn inventory(&self) -> Pending<'_, Outcome<Inventory>> {
        Box::pin(async {
            let world = self.fleet.world();
            let cluster = world.clusters.get(&self.cluster);
            cluster.map_or(Outcome::NotFound, |cluster| Outcome::Done(cluster.inventory(world.now)))
        })
    }

    fn probe(&self, node: NodeName, probe: ProbeKind) -> Pending<'_, ProbeResult> {
        Box::pin(async move { self.fleet.world().probe(&self.cluster, &node, probe) })
    }

    fn set_schedulable(&self, node: NodeName, want: bool) -> Pending<'_, Outcome<bool>> {
        Box::pin(async move { self.fleet.act(|world| world.set_schedulable(&self.cluster, &node, want)) })
    }

    fn drain_once(&self, node: NodeName, policy: Policy) -> Pending<'_, Outcome<Drained>> {
        Box::pin(async move {
            let Policy::Budgets = policy;
            self.fleet.act(|world| world.drain_once(&self.cluster, &node))
        })
    }

    fn install_canary(&self) -> Pending<'_, Outcome<()>> {
        Box::pin(async move { self.fleet.act(|world| world.install_canary(&self.cluster)) })
    }

    fn mint_join(&self, role: JoinRole, ttl: TimeDelta) -> Pending<'_, Outcome<JoinTicket>> {
        Box::pin(async move {
            let JoinRole::Worker = role;
            self.fleet.act(|world| world.mint(&self.cluster, ttl.num_seconds())).map(JoinTicket::new)
        })
    }

    fn forget(&self, node: NodeName) -> Pending<'_, Outcome<()>> {
        Box::pin(async move { self.fleet.act(|world| world.forget(&self.cluster, &node)) })
    }
}
