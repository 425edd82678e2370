//! The port traits, answered at once by the world.

mod cloud;
mod observation;
mod orchestrator;
mod traffic;

use std::sync::Arc;

use lifeboat_commands::ports::Outcome;
use lifeboat_storage::plan::Evidence;

use super::Simulated;
use super::faults::Fault;
use super::world::World;
use crate::ports::Ports;

pub(super) fn of(fleet: &Simulated) -> Ports {
    let configured = fleet.fleet();
    let orchestrator = |name: &lifeboat_storage::id::ClusterName| -> Arc<dyn lifeboat_commands::ports::orchestrator::Orchestrator> {
        Arc::new(orchestrator::SimulatedCluster { fleet: fleet.clone(), cluster: name.clone() })
    };
    let clusters = configured.clusters.iter();
    let orchestrators = clusters.map(|one| (one.name.clone(), orchestrator(&one.name))).collect();
    let mut ports = Ports { orchestrators, ..Ports::default() };
    for cloud in configured.clouds {
        ports.clouds.insert(cloud, Arc::new(cloud::SimulatedCloud { fleet: fleet.clone() }));
    }
    for entry in configured.traffic {
        ports.traffic.insert(entry.name, Arc::new(traffic::SimulatedTraffic { fleet: fleet.clone() }));
    }
    ports
}

impl Simulated {
    /// Makes a call that changes something, with the next fault there is.
    fn act<T>(&self, mut effect: impl FnMut(&mut World) -> Outcome<T>) -> Outcome<T> {
        let mut world = self.world();
        let lost = || Outcome::Unknown(Evidence("timed out after 10 s".to_owned()));
        let outcome = match world.faults.pop_front().unwrap_or(Fault::Nothing) {
            Fault::Nothing => effect(&mut world),
            Fault::LostAnswer => {
                effect(&mut world);
                lost()
            }
            Fault::LostCall => lost(),
            Fault::Throttled => Outcome::Throttled { after_ms: 2_000 },
            Fault::Busy => Outcome::Busy { after_ms: 3_000 },
            Fault::Duplicated => {
                effect(&mut world);
                effect(&mut world)
            }
        };
        world.collect();
        outcome
    }
}
