//! A simulated fleet behind the ports: a world on a simulated clock, seeded and deterministic.
//!
//! ```text
//! Scenario (TOML) ──▶ World ── advance(to) ──▶ Happened { log, seen }   the log a real source reads, the facts
//!                       ▲  └── truth() ──▶ Truth                        what the score needs; Lifeboat never sees it
//! Ports ── calls ───────┘
//! ```
//!
//! | module | holds |
//! | --- | --- |
//! | [`Scenario`] | what there is and what breaks when; the built-in ones are in `simulated/scenarios/` |
//! | `world` | machines, clusters, traffic, second by second |
//! | `world/cause` | what is wrong and how it goes on, each with its rule explained |
//! | `ports` | the port traits, answered at once |
//! | [`Fault`] | faults of the ports themselves, for simulated accidents |
//!
//! The world knows nothing of plans, scripts or people: only port calls and the clock change its course.

mod faults;
mod ports;
mod random;
mod scenario;
mod truth;
mod world;

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use lifeboat_commands::fleet::Fleet;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_storage::event::Time;
use lifeboat_storage::id::InstanceId;

pub use faults::Fault;
pub use scenario::{Earlier, Hint, Scenario, ScenarioError, Text};
pub use truth::{Happened, Harm, Truth};

use crate::ports::Ports;
use world::World;

/// A handle on a simulated fleet; clones are the same fleet.
#[derive(Clone, Debug)]
pub struct Simulated(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    scene: Arc<Scenario>,
    world: Mutex<World>,
}

impl Simulated {
    /// A fleet as the scenario sets it up, before its warm-up: the first [`Simulated::advance`] to
    /// [`Scenario::starts_at`] brings the quiet log that lies before the start.
    #[must_use]
    pub fn new(scene: &Scenario, seed: u64) -> Self {
        let scene = Arc::new(scene.clone());
        let world = Mutex::new(World::new(Arc::clone(&scene), seed));
        Self(Arc::new(Shared { scene, world }))
    }

    /// The ports of this fleet, and of nothing else. Their futures are ready at once.
    #[must_use]
    pub fn ports(&self) -> Ports {
        ports::of(self)
    }

    /// Makes a call on the ports, for those who have no executor of futures.
    ///
    /// # Effects
    /// Those of the port's method, in this world.
    ///
    /// # Panics
    /// Never: each port call of a simulated fleet is ready at once.
    #[must_use]
    pub fn perform(&self, call: Call) -> Answer {
        let ports = self.ports();
        let mut pending = pin!(ports.perform(call));
        match pending.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => unreachable!("simulated ports answer at once"),
        }
    }

    /// The configuration that goes with it.
    #[must_use]
    pub fn fleet(&self) -> Fleet {
        self.0.scene.fleet.clone()
    }

    /// The scenario it was set up from.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.0.scene
    }

    /// What time it is there.
    #[must_use]
    pub fn now(&self) -> Time {
        self.world().now
    }

    /// Lives on until `to`. A time that lies behind changes nothing.
    pub fn advance(&self, to: Time) -> Happened {
        self.world().advance(to)
    }

    /// Lives on until `to` like [`Simulated::advance`], and writes no log: for those who only look on.
    /// The world is the same afterwards.
    pub fn pass(&self, to: Time) {
        self.world().pass(to);
    }

    /// What really happened so far.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.world().truth.clone()
    }

    /// What goes wrong with the next calls that change something, in order, after what was queued before.
    pub fn faults(&self, next: impl IntoIterator<Item = Fault>) {
        self.world().faults.extend(next);
    }

    /// Two machines get each other's private address, as after a mix-up of leases. What clusters wrote down before
    /// stays as it was.
    pub fn swap_addresses(&self, one: &InstanceId, other: &InstanceId) {
        let machines = &mut self.world().cloud.machines;
        let address = |id: &InstanceId| machines.get(id).and_then(|machine| machine.identity.private_ip);
        let (first, second) = (address(one), address(other));
        for (id, address) in [(one, second), (other, first)] {
            if let Some(machine) = machines.get_mut(id) {
                machine.identity.private_ip = address;
            }
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
