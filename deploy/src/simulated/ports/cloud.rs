//! The simulated cloud.

use std::collections::BTreeMap;

use lifeboat_commands::facts::{Instance, Offering};
use lifeboat_commands::ports::cloud::{Cloud, HostOrder, RunResult};
use lifeboat_commands::ports::{Outcome, Pending};
use lifeboat_storage::id::{IdemKey, InstanceId};
use lifeboat_storage::plan::LaunchSpec;

use crate::simulated::Simulated;
use crate::simulated::world::World;

pub(super) struct SimulatedCloud {
    pub(super) fleet: Simulated,
}

impl SimulatedCloud {
    fn each(
        &self,
        ids: Vec<InstanceId>,
        effect: impl Fn(&mut World, &InstanceId) -> Outcome<()>,
    ) -> BTreeMap<InstanceId, Outcome<()>> {
        let one = |id: InstanceId| {
            let outcome = self.fleet.act(|world| effect(world, &id));
            (id, outcome)
        };
        ids.into_iter().map(one).collect()
    }
}

impl Cloud for SimulatedCloud {
    fn offerings(&self) -> Pending<'_, Outcome<Vec<Offering>>> {
        Box::pin(async { Outcome::Done(self.fleet.world().cloud.offerings()) })
    }

    fn instances(&self) -> Pending<'_, Outcome<Vec<Instance>>> {
        Box::pin(async { Outcome::Done(self.fleet.world().cloud.instances()) })
    }

    fn start(&self, ids: Vec<InstanceId>) -> Pending<'_, BTreeMap<InstanceId, Outcome<()>>> {
        Box::pin(async move { self.each(ids, World::start) })
    }

    fn stop(&self, ids: Vec<InstanceId>) -> Pending<'_, BTreeMap<InstanceId, Outcome<()>>> {
        Box::pin(async move { self.each(ids, World::stop) })
    }

    fn launch(&self, spec: LaunchSpec, key: IdemKey) -> Pending<'_, Outcome<InstanceId>> {
        Box::pin(async move { self.fleet.act(|world| world.launch(&spec, key.clone())) })
    }

    fn find(&self, key: IdemKey) -> Pending<'_, Outcome<InstanceId>> {
        Box::pin(async move {
            let world = self.fleet.world();
            world.cloud.launched.get(&key).cloned().map_or(Outcome::NotFound, Outcome::Done)
        })
    }

    fn reboot(&self, id: InstanceId, _key: IdemKey) -> Pending<'_, Outcome<()>> {
        Box::pin(async move { self.fleet.act(|world| world.reboot(&id)) })
    }

    fn reimage(&self, id: InstanceId, key: IdemKey) -> Pending<'_, Outcome<()>> {
        Box::pin(async move { self.fleet.act(|world| world.reimage(&id, key.clone())) })
    }

    fn run(&self, id: InstanceId, order: HostOrder, key: IdemKey) -> Pending<'_, Outcome<()>> {
        Box::pin(async move {
            let what = match order {
                HostOrder::Plain(command) => Err(command),
                HostOrder::Join(ticket) => Ok(ticket.reveal().to_owned()),
            };
            self.fleet.act(|world| world.run(&id, what.clone(), key.clone()))
        })
    }

    fn run_result(&self, key: IdemKey) -> Pending<'_, Outcome<RunResult>> {
        Box::pin(async move { self.fleet.world().run_result(&key) })
    }
}
