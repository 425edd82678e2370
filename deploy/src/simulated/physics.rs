//! How the world goes on from second to second.

use chrono::TimeDelta;
use lifeboat_commands::facts::{InstanceState, PodState, Ready};
use lifeboat_commands::ports::cloud::RunResult;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::{ClusterName, InstanceId, NodeName};
use lifeboat_storage::plan::Evidence;

use super::scenario::Ailment;
use super::world::{Order, SimCluster, SimNode, SimPod, World, weights_of};

/// From "running" to a node that is Ready.
const SYSTEM_UP: TimeDelta = TimeDelta::seconds(35);
/// A boot in place, from the call to the system being up.
const REBOOT: TimeDelta = TimeDelta::seconds(75);
/// A pod that starts on a sound node serves after this.
const POD_UP: TimeDelta = TimeDelta::seconds(22);
/// A pod that leaves is gone after this.
const POD_GONE: TimeDelta = TimeDelta::seconds(8);
/// A node whose machine is off is noticed after this.
const NOTICED: TimeDelta = TimeDelta::seconds(50);
/// A disk made new, until the machine is on again.
pub(super) const REIMAGE: TimeDelta = TimeDelta::minutes(9);

impl World {
    /// One second passes; the log grows by the lines of that second.
    pub(super) fn tick(&mut self, log: &mut Vec<u8>) {
        self.now = self.second_ends();
        self.ail();
        self.machines_go_on();
        self.runs_go_on();
        let names: Vec<ClusterName> = self.cluster_names();
        for name in &names {
            if let Some(mut cluster) = self.clusters.remove(name) {
                self.cluster_goes_on(&mut cluster);
                self.clusters.insert(name.clone(), cluster);
            }
        }
        self.serve(log);
        self.count_money();
    }

    fn count_money(&mut self) {
        let paid: f64 = self
            .machines
            .values()
            .filter(|machine| machine.paid && machine.state == InstanceState::Running)
            .filter_map(|machine| self.offer(&machine.offer))
            .map(|offer| offer.price)
            .sum();
        self.truth.money += paid / 3_600.0;
    }

    fn machines_go_on(&mut self) {
        let now = self.now;
        let due = |until: Option<Time>| until.is_some_and(|until| until <= now);
        let ids: Vec<InstanceId> =
            self.machines.values().filter(|one| due(one.until)).map(|one| one.id.clone()).collect();
        for id in ids {
            let Some(machine) = self.machines.get_mut(&id) else { continue };
            machine.until = None;
            match machine.state {
                InstanceState::Starting => {
                    machine.state = InstanceState::Running;
                    machine.boots += 1;
                    self.system_up(&id, SYSTEM_UP);
                    self.new_boot(&id);
                }
                InstanceState::Stopping => machine.state = InstanceState::Stopped,
                InstanceState::Stopped | InstanceState::Running => {}
            }
        }
    }

    /// The node on a machine comes up by itself, where one is known there.
    pub(super) fn system_up(&mut self, machine: &InstanceId, after: TimeDelta) {
        let at = self.now + after;
        if let Some((cluster, node)) = self.place_of(machine)
            && let Some(node) = self.node_mut(&cluster, &node)
        {
            node.up_at = Some(at);
        }
    }

    pub(super) fn node_mut(&mut self, cluster: &ClusterName, node: &NodeName) -> Option<&mut SimNode> {
        let cluster = self.clusters.get_mut(cluster)?;
        cluster.changed = true;
        cluster.nodes.get_mut(node)
    }

    /// A machine boots again in place.
    pub(super) fn boots_again(&mut self, machine: &InstanceId) {
        self.truth.reboots.push((self.now, machine.clone()));
        self.goes_down(machine);
        self.system_up(machine, REBOOT);
        self.new_boot(machine);
    }

    /// A boot cures what the last one left behind.
    fn new_boot(&mut self, machine: &InstanceId) {
        if let Some((cluster, node)) = self.place_of(machine)
            && let Some(node) = self.node_mut(&cluster, &node)
        {
            node.boots += 1;
            node.rotten = false;
            node.overloaded_s = 0;
        }
    }

    /// What runs on a machine ends.
    pub(super) fn goes_down(&mut self, machine: &InstanceId) {
        let now = self.now;
        let Some((name, node)) = self.place_of(machine) else { return };
        let Some(cluster) = self.clusters.get_mut(&name) else { return };
        cluster.changed = true;
        let sound = cluster.nodes.get(&node).is_some_and(|node| !node.rotten);
        let mut lost = 0;
        for pod in cluster.pods.iter_mut().filter(|pod| pod.node.as_ref() == Some(&node)) {
            lost += u32::from(pod.state == PodState::Ready);
            pod.becomes(PodState::NotReady, now, None);
        }
        let left = cluster.ready_pods().count();
        if let Some(node) = cluster.nodes.get_mut(&node) {
            node.ready = Ready::No;
            node.ready_since = now;
            node.up_at = None;
        }
        let watched = self.weights.get(&name).is_some_and(|percent| *percent > 0);
        if lost > 0 && watched {
            if sound {
                self.truth.healthy_pods_lost += lost;
            }
            if left == 0 {
                self.truth.harm.insert("last-pods-lost");
            }
        }
    }

    fn runs_go_on(&mut self) {
        let now = self.now;
        let due: Vec<_> = self
            .runs
            .iter()
            .filter(|(_, run)| run.result == RunResult::Running && run.due <= now)
            .map(|(key, run)| (key.clone(), run.machine.clone(), run.order.clone()))
            .collect();
        for (key, machine, order) in due {
            let result = match order {
                Order::Join(cluster) => self.joins(&machine, &cluster),
                Order::Leave => self.leaves(&machine),
            };
            if let Some(run) = self.runs.get_mut(&key) {
                run.result = result;
            }
        }
    }

    fn joins(&mut self, machine: &InstanceId, cluster: &ClusterName) -> RunResult {
        let now = self.now;
        let blank = self.machines.get(machine).is_some_and(|one| one.blank);
        if !blank || self.place_of(machine).is_some() {
            return RunResult::Failed(Evidence("this machine is part of a cluster already".to_owned()));
        }
        let Some(known) = self.clusters.get_mut(cluster) else {
            return RunResult::Failed(Evidence("no such cluster".to_owned()));
        };
        let name = NodeName::new(machine.as_str().trim_start_matches("i-"));
        let node = SimNode {
            name: name.clone(),
            machine: Some(machine.clone()),
            role: lifeboat_commands::facts::NodeRole::Worker,
            schedulable: false,
            ready: Ready::No,
            ready_since: now,
            up_at: Some(now + TimeDelta::seconds(20)),
            boots: 1,
            rotten: known.file.joins_rotten,
            deaf: known.file.half_built,
            silent: false,
            overloaded_s: 0,
        };
        known.nodes.insert(name, node);
        known.changed = true;
        if let Some(machine) = self.machines.get_mut(machine) {
            machine.blank = false;
        }
        RunResult::Succeeded
    }

    fn leaves(&mut self, machine: &InstanceId) -> RunResult {
        self.goes_down(machine);
        if let Some((cluster, node)) = self.place_of(machine)
            && let Some(node) = self.node_mut(&cluster, &node)
        {
            node.machine = None;
            node.up_at = None;
        }
        RunResult::Succeeded
    }

    fn cluster_goes_on(&mut self, cluster: &mut SimCluster) {
        let now = self.now;
        for node in cluster.nodes.values_mut().filter(|node| node.up_at.is_some_and(|at| at <= now)) {
            node.up_at = None;
            node.ready = Ready::Yes;
            node.ready_since = now;

            cluster.changed = true;
        }
        self.pods_go_on(cluster);
        schedule(cluster, now);
        keep_wanted(cluster, now);
    }

    fn pods_go_on(&mut self, cluster: &mut SimCluster) {
        let now = self.now;
        let (half_built, names_down) = (cluster.file.half_built, cluster.names_down);
        let (registry_down, nodes) = (cluster.registry_down, &cluster.nodes);
        let mut changed = false;
        for pod in &mut cluster.pods {
            let node = pod.node.as_ref().and_then(|name| nodes.get(name));
            let node_up = node.is_some_and(|node| node.ready == Ready::Yes);
            let rotten = names_down || node.is_some_and(|node| node.rotten);
            let due = pod.due.is_some_and(|due| due <= now);
            let before = pod.state.clone();
            match (&pod.state, node_up) {
                (PodState::NotReady, true) => pod.becomes(PodState::Starting, now, Some(now + POD_UP)),
                (PodState::Starting, true) if due && half_built => {}
                (PodState::Starting, true) if due && registry_down => {
                    pod.fails(now, "image-pull", "pull image: registry answered 503");
                }
                (PodState::Starting, true) if due && rotten => {
                    pod.fails(
                        now,
                        "name-resolution",
                        "lookup db.internal: Temporary failure in name resolution",
                    );
                }
                (PodState::Starting, true) if due => pod.becomes(PodState::Ready, now, None),
                (PodState::Failing { .. }, true) if due => {
                    pod.becomes(PodState::Starting, now, Some(now + TimeDelta::seconds(6)));
                }
                (PodState::Failing { .. } | PodState::Starting, false) => {
                    pod.becomes(PodState::NotReady, now, None)
                }
                _ => {}
            }
            changed |= pod.state != before;
        }
        let before = cluster.pods.len();
        cluster.pods.retain(|pod| {
            let gone = pod.state == PodState::Leaving && pod.due.is_some_and(|due| due <= now);
            let lost = pod.state == PodState::NotReady
                && pod.since + NOTICED * 6 <= now
                && pod
                    .node
                    .as_ref()
                    .and_then(|name| nodes.get(name))
                    .is_none_or(|node| node.ready != Ready::Yes);
            !gone && !lost
        });
        cluster.changed |= changed || cluster.pods.len() != before;
    }

    fn ail(&mut self) {
        let local = self.now.with_timezone(&self.scenario.zone).time();
        for ailment in self.scenario.ailment.clone() {
            match ailment {
                Ailment::NameServerOverload { cluster, above_rps_per_node } => {
                    self.overload_names(&ClusterName::new(cluster), above_rps_per_node);
                }
                Ailment::AgentsSilent { cluster, from, until, nodes } => {
                    self.mark(&cluster, nodes, |node| node.silent = from <= local && local < until);
                }
                Ailment::NodesRot { cluster, from, nodes } if from == local => {
                    self.mark(&cluster, nodes, |node| node.rotten = true);
                }
                Ailment::RegistryDown { cluster, from, until } => {
                    if let Some(cluster) = self.clusters.get_mut(&ClusterName::new(cluster)) {
                        cluster.registry_down = from <= local && local < until;
                    }
                }
                Ailment::NoEgress { cluster } => {
                    if let Some(cluster) = self.clusters.get_mut(&ClusterName::new(cluster)) {
                        cluster.no_egress = true;
                    }
                }
                Ailment::TrafficMoved { at, weights } if at == local => {
                    self.weights = weights_of(&weights);
                    self.weights_version += 1;
                }
                Ailment::GreedyPod { cluster, from, kills_after_min } => {
                    self.eat_memory(&ClusterName::new(cluster), from, local, kills_after_min);
                }
                Ailment::NodesRot { .. } | Ailment::TrafficMoved { .. } => {}
            }
        }
    }

    /// The first so many workers, by name.
    fn mark(&mut self, cluster: &str, nodes: u32, mut how: impl FnMut(&mut SimNode)) {
        let Some(cluster) = self.clusters.get_mut(&ClusterName::new(cluster)) else { return };
        let workers = cluster.nodes.values_mut();
        let workers = workers.filter(|node| node.role == lifeboat_commands::facts::NodeRole::Worker);
        for node in workers.take(usize::try_from(nodes).unwrap_or(usize::MAX)) {
            let before = (node.silent, node.rotten);
            how(node);
            cluster.changed |= before != (node.silent, node.rotten);
        }
    }

    /// Name servers run on the workers: less to do for each brings them back.
    fn overload_names(&mut self, name: &ClusterName, above: f64) {
        let rps = self.rps_of(name);
        let Some(cluster) = self.clusters.get_mut(name) else { return };
        let ready = cluster.workers().filter(|node| node.ready == Ready::Yes && node.schedulable).count();
        #[expect(clippy::cast_precision_loss, reason = "a handful of nodes")]
        let load = rps / (ready.max(1) as f64);
        let before = cluster.names_down;
        cluster.names_down = if before { load > above * 0.8 } else { load > above };
        cluster.changed |= before != cluster.names_down;
    }

    /// The node with the first pod of the service dies every so many minutes.
    fn eat_memory(
        &mut self,
        name: &ClusterName,
        from: chrono::NaiveTime,
        local: chrono::NaiveTime,
        minutes: u32,
    ) {
        let since = (local - from).num_seconds();
        let every = i64::from(minutes.max(1)) * 60;
        if since < every || since % every != 0 {
            return;
        }
        let victim = self.clusters.get(name).and_then(|cluster| cluster.ready_pods().next()?.node.clone());
        let machine = victim.and_then(|node| self.clusters.get(name)?.nodes.get(&node)?.machine.clone());
        if let Some(machine) = machine {
            self.goes_down(&machine);
        }
    }

    /// Requests a second that go to a cluster now.
    pub(super) fn rps_of(&self, name: &ClusterName) -> f64 {
        let percent = self.weights.get(name).copied().unwrap_or(0);
        self.scenario.rps(self.now) * f64::from(percent) / 100.0
    }

    /// Pods of a cluster that has more to do than it can.
    pub(super) fn strain(&mut self, cluster: &mut SimCluster, overload: f64) {
        let now = self.now;
        let rots_after = cluster.file.rots_after_min.saturating_mul(60);
        for node in cluster.nodes.values_mut() {
            let strained = overload > 1.05 && node.ready == Ready::Yes;
            node.overloaded_s =
                if strained { node.overloaded_s + 1 } else { node.overloaded_s.saturating_sub(2) };
            let worker = node.role == lifeboat_commands::facts::NodeRole::Worker;
            if worker
                && rots_after > 0
                && node.overloaded_s > rots_after
                && !node.rotten
                && self.chance(1.0 / 240.0)
            {
                node.rotten = true;
                cluster.changed = true;
            }
        }
        if overload <= 1.1 {
            return;
        }
        // The last two are past caring: their queue refuses at once, so their liveness check still passes.
        let ready = cluster.ready_pods().count();
        if ready <= 2 {
            return;
        }
        let chance = (overload.min(3.0) - 1.0) / 1_500.0;
        let mut spare = ready - 2;
        for pod in cluster.pods.iter_mut().filter(|pod| pod.state == PodState::Ready) {
            if spare > 0 && self.chance(chance) {
                spare -= 1;
                pod.becomes(PodState::Starting, now, Some(now + POD_UP));
                cluster.changed = true;
            }
        }
    }
}

/// Pods that wait go where there is room.
fn schedule(cluster: &mut SimCluster, now: Time) {
    let pending: Vec<usize> =
        (0..cluster.pods.len()).filter(|at| cluster.pods[*at].state == PodState::Pending).collect();
    for at in pending {
        let Some(node) = roomiest(cluster) else { return };
        let pod: &mut SimPod = &mut cluster.pods[at];
        pod.node = Some(node);
        pod.becomes(PodState::Starting, now, Some(now + POD_UP));
        cluster.changed = true;
    }
}

fn roomiest(cluster: &SimCluster) -> Option<NodeName> {
    let room = usize::try_from(cluster.file.pods_per_node).unwrap_or(0);
    let on = |node: &NodeName| cluster.pods.iter().filter(|pod| pod.node.as_ref() == Some(node)).count();
    let open = cluster.workers().filter(|node| node.ready == Ready::Yes && node.schedulable && !node.silent);
    let open = open.map(|node| (on(&node.name), &node.name)).filter(|(pods, _)| *pods < room);
    open.min().map(|(_, node)| node.clone())
}

/// As many pods as are wanted, those on their way out not counted.
fn keep_wanted(cluster: &mut SimCluster, now: Time) {
    let there = cluster.pods.iter().filter(|pod| pod.state != PodState::Leaving).count();
    for _ in there..usize::try_from(cluster.file.pods).unwrap_or(0) {
        let pod = cluster.pod(None, PodState::Pending, now);
        cluster.pods.push(pod);
        cluster.changed = true;
    }
}

/// A pod is asked to leave.
pub(super) fn asked_to_leave(pod: &mut SimPod, now: Time) {
    pod.becomes(PodState::Leaving, now, Some(now + POD_GONE));
}
