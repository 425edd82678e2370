//! The orchestrator's port of a simulated cluster.

use std::future::{pending, ready};

use chrono::TimeDelta;
use lifeboat_commands::facts::{Inventory, PodState, ProbeResult, Ready};
use lifeboat_commands::ports::orchestrator::{Drained, JoinTicket, Observation, Orchestrator, Seen};
use lifeboat_commands::ports::{Outcome, Pending};
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::plan::{Evidence, JoinRole, Policy, ProbeKind};

use super::physics::asked_to_leave;
use super::world::{Fault, SimCluster, SimNode, World};

/// A simulated cluster.
#[derive(Clone)]
pub struct Simulated {
    world: super::Simulated,
    cluster: ClusterName,
}

impl Simulated {
    pub(super) fn new(world: super::Simulated, cluster: ClusterName) -> Self {
        Self { world, cluster }
    }

    /// A call with an effect, and the fault that was planned for it.
    fn act<T>(&self, how: impl FnOnce(&mut World, &ClusterName) -> Outcome<T>) -> Pending<'_, Outcome<T>>
    where
        T: Send + 'static,
    {
        let mut world = self.world.lock();
        let outcome = world.faulty(|world| how(world, &self.cluster));
        Box::pin(ready(outcome))
    }
}

struct First(Option<Seen>);

impl Observation for First {
    fn next(&mut self) -> Pending<'_, Option<Seen>> {
        match self.0.take() {
            Some(seen) => Box::pin(ready(Some(seen))),
            // Changes come with `advance`; whoever moves the clock hands them on.
            None => Box::pin(pending()),
        }
    }
}

impl Orchestrator for Simulated {
    fn observe(&self) -> Box<dyn Observation> {
        let world = self.world.lock();
        let inventory = world.clusters.get(&self.cluster).map(|cluster| world.inventory(cluster));
        Box::new(First(inventory.map(|inventory| Seen::Snapshot(Box::new(inventory)))))
    }

    fn inventory(&self) -> Pending<'_, Outcome<Inventory>> {
        let world = self.world.lock();
        let inventory = world.clusters.get(&self.cluster).map(|cluster| world.inventory(cluster));
        Box::pin(ready(inventory.map_or(Outcome::NotFound, Outcome::Done)))
    }

    fn probe(&self, node: NodeName, probe: ProbeKind) -> Pending<'_, ProbeResult> {
        let world = self.world.lock();
        let cluster = world.clusters.get(&self.cluster);
        let seen = cluster.and_then(|cluster| Some(probed(cluster, cluster.nodes.get(&node)?, probe)));
        Box::pin(ready(seen.unwrap_or_else(|| ProbeResult::Unknown(Evidence("no such node".to_owned())))))
    }

    fn set_schedulable(&self, node: NodeName, want: bool) -> Pending<'_, Outcome<bool>> {
        self.act(|world, cluster| match world.node_mut(cluster, &node) {
            Some(node) => Outcome::Done(std::mem::replace(&mut node.schedulable, want)),
            None => Outcome::NotFound,
        })
    }

    fn drain_once(&self, node: NodeName, _policy: Policy) -> Pending<'_, Outcome<Drained>> {
        self.act(|world, cluster| {
            let now = world.now;
            let Some(cluster) = world.clusters.get_mut(cluster) else { return Outcome::NotFound };
            if !cluster.nodes.contains_key(&node) {
                return Outcome::NotFound;
            }
            Outcome::Done(drain(cluster, &node, now))
        })
    }

    fn mint_join(&self, _role: JoinRole, ttl: TimeDelta) -> Pending<'_, Outcome<JoinTicket>> {
        let mut world = self.world.lock();
        let secret = format!("{:016x}", world.draw());
        let until = world.now + ttl;
        world.tickets.insert(secret.clone(), (self.cluster.clone(), until));
        Box::pin(ready(Outcome::Done(JoinTicket::new(secret))))
    }

    fn forget(&self, node: NodeName) -> Pending<'_, Outcome<()>> {
        self.act(|world, cluster| {
            let Some(cluster) = world.clusters.get_mut(cluster) else { return Outcome::NotFound };
            match cluster.nodes.get(&node) {
                None => Outcome::NotFound,
                Some(known) if known.ready == Ready::Yes => Outcome::Busy { after_ms: 5_000 },
                Some(_) => {
                    cluster.nodes.remove(&node);
                    cluster.pods.retain(|pod| pod.node.as_ref() != Some(&node));
                    cluster.changed = true;
                    Outcome::Done(())
                }
            }
        })
    }
}

/// Pods that may leave are asked to; a disruption budget keeps half of what is wanted serving.
fn drain(cluster: &mut SimCluster, node: &NodeName, now: lifeboat_storage::event::Time) -> Drained {
    let wanted = usize::try_from(cluster.file.pods).unwrap_or(0);
    let ready = cluster.ready_pods().count();
    let mut spare = ready.saturating_sub(wanted / 2);
    let mut blocked_by = Vec::new();
    let mut left = 0;
    for pod in cluster.pods.iter_mut().filter(|pod| pod.node.as_ref() == Some(node)) {
        left += 1;
        match pod.state {
            PodState::Ready if spare == 0 => blocked_by.push(pod.name.clone()),
            PodState::Ready => {
                spare -= 1;
                asked_to_leave(pod, now);
            }
            PodState::Leaving => {}
            // What does not serve may go at once.
            _ => asked_to_leave(pod, now),
        }
    }
    cluster.changed = true;
    blocked_by.truncate(3);
    Drained { left, blocked_by, done: left == 0 }
}

fn probed(cluster: &SimCluster, node: &SimNode, probe: ProbeKind) -> ProbeResult {
    let fail = |said: &str| ProbeResult::Fail(Evidence(said.to_owned()));
    if node.silent {
        return ProbeResult::Unknown(Evidence("the node is not heard of".to_owned()));
    }
    if node.ready != Ready::Yes {
        return fail("no route to host");
    }
    match probe {
        ProbeKind::Agent if node.deaf => fail("dial tcp :10250: connect: connection refused"),
        _ if node.deaf => ProbeResult::Unknown(Evidence("no pod runs there".to_owned())),
        ProbeKind::NameResolution if node.rotten || cluster.names_down => {
            fail("lookup db.internal: Temporary failure in name resolution")
        }
        ProbeKind::ImagePull if cluster.registry_down => fail("registry answered 503"),
        ProbeKind::Egress if cluster.no_egress => fail("connect db.internal:5432: timed out"),
        _ => ProbeResult::Pass,
    }
}

impl World {
    /// Makes a call with the next planned fault.
    pub(super) fn faulty<T>(&mut self, how: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let lost = || Outcome::Unknown(Evidence("no answer in time".to_owned()));
        match self.faults.pop_front() {
            Some(Fault::LostCall) => lost(),
            Some(Fault::LostAnswer) => {
                how(self);
                lost()
            }
            Some(Fault::Throttled) => Outcome::Throttled { after_ms: 2_000 },
            Some(Fault::Busy) => Outcome::Busy { after_ms: 2_000 },
            Some(Fault::None) | None => how(self),
        }
    }
}
