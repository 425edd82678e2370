//! A simulated fleet behind the real ports, on a simulated clock: seeded, deterministic, without tokio.
//!
//! | module | holds |
//! | --- | --- |
//! | [`scenario`] | what is there at the start and what goes wrong by itself, from a TOML file |
//! | [`world`] | machines, nodes, pods: what is |
//! | [`physics`] | how it goes on from second to second |
//! | [`traffic`] | requests, capacity, and the nginx log they leave |
//! | [`orchestrator`], [`cloud`], [`balancer`] | the ports |
//!
//! Causes evolve by rules, and only port calls change them: the world knows nothing of scripts or of Lifeboat.
//! Time moves in whole seconds, so it does not matter in how many pieces [`Simulated::advance`] is called.
//!
//! # The rules that make an outage
//! - A pod serves so many requests a second; what a cluster gets beyond that fails with 502 once its queue is full.
//! - Pods that are overloaded fail their liveness check now and then and start again.
//! - A node whose pods were overloaded for minutes on end loses its name resolution (its connection table is full)
//!   and keeps that fault until it boots again; so does, from its first boot on, a machine launched from an old image.
//! - On such a node running pods go on, but a pod that starts there fails, again and again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lifeboat_commands::fleet::Fleet;
use lifeboat_commands::ports::orchestrator::Seen;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::ClusterName;

use crate::ports::Ports;

pub mod balancer;
pub mod cloud;
pub mod orchestrator;
mod physics;
pub mod scenario;
mod traffic;
mod world;

pub use scenario::{Hint, NotAScenario, Scenario};
use world::World;
pub use world::{Fault, Truth};

/// What happened while time passed.
#[derive(Clone, Debug, Default)]
pub struct Happened {
    /// Lines of nginx's combined format with the upstream behind, in order of time.
    pub log: Vec<u8>,
    /// What was seen of clusters that changed: a snapshot each.
    pub seen: Vec<(ClusterName, Seen)>,
}

/// A handle on one simulated world; clones share it.
#[derive(Clone)]
pub struct Simulated(Arc<Mutex<World>>);

impl Simulated {
    /// The world of a scenario at its start.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64) -> Self {
        Self(Arc::new(Mutex::new(World::new(scenario, seed))))
    }

    /// Its ports; all calls on them are answered at once.
    #[must_use]
    pub fn ports(&self) -> Ports {
        let (clusters, clouds, entries) = {
            let world = self.lock();
            (world.cluster_names(), world.cloud_names(), world.entry_names())
        };
        let mut ports = Ports::default();
        for name in clusters {
            let port = orchestrator::Simulated::new(self.clone(), name.clone());
            ports.orchestrators.insert(name, Arc::new(port));
        }
        for name in clouds {
            ports.clouds.insert(name, Arc::new(cloud::Simulated::new(self.clone())));
        }
        for name in entries {
            ports.traffic.insert(name, Arc::new(balancer::Simulated::new(self.clone())));
        }
        ports
    }

    /// What is configured of it.
    #[must_use]
    pub fn fleet(&self) -> Fleet {
        self.lock().fleet.clone()
    }

    /// The simulated time.
    #[must_use]
    pub fn now(&self) -> Time {
        self.lock().now
    }

    /// Lets time pass up to `to`, second by second.
    pub fn advance(&self, to: Time) -> Happened {
        let mut happened = Happened::default();
        let mut world = self.lock();
        while world.second_ends() <= to {
            world.tick(&mut happened.log);
        }
        happened.seen = world.changed_since_seen();
        happened
    }

    /// What only the world knows.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.lock().truth.clone()
    }

    /// The next calls with effects go wrong like this, one each.
    pub fn plan_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().faults.extend(faults);
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
