//! The clusters' side: cordon, drain, forget, join tickets, probes.

use lifeboat_commands::facts::{PodState, ProbeResult};
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::orchestrator::Drained;
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::plan::ProbeKind;

use super::{AGAIN_MS, evidence};
use crate::simulated::world::World;
use crate::simulated::world::cluster::{Cluster, Role};
use crate::simulated::world::pods::LEAVING_S;

impl Cluster {
    /// Tells what it was before; none when there is no such node.
    pub(in crate::simulated) fn set_schedulable(&mut self, node: &NodeName, want: bool) -> Option<bool> {
        let host = self.hosts.get_mut(node)?;
        let before = std::mem::replace(&mut host.node.schedulable, want);
        if before != want {
            self.touched_nodes.insert(node.clone());
        }
        Some(before)
    }

    fn evict(&mut self, pod: &str, second: i64) {
        self.set_pod(pod, PodState::Leaving, second, second + LEAVING_S);
    }
}

impl World {
    pub(in crate::simulated) fn set_schedulable(
        &mut self,
        cluster: &ClusterName,
        node: &NodeName,
        want: bool,
    ) -> Outcome<bool> {
        let passed = self.entry_passes(cluster);
        let into = self.clusters.get_mut(cluster);
        let Some(before) = into.and_then(|cluster| cluster.set_schedulable(node, want)) else {
            return Outcome::NotFound;
        };
        self.judge_closing(cluster, passed);
        Outcome::Done(before)
    }

    pub(in crate::simulated) fn drain_once(
        &mut self,
        name: &ClusterName,
        node: &NodeName,
    ) -> Outcome<Drained> {
        let second = self.second;
        let Some(cluster) = self.clusters.get_mut(name) else { return Outcome::NotFound };
        if !cluster.hosts.contains_key(node) {
            return Outcome::NotFound;
        }
        let (mut drained, mut unheard) = (Drained::default(), 0);
        for pod in cluster.on(node) {
            let unit = &cluster.units[&pod];
            if unit.role == Role::Canary {
                continue;
            }
            drained.left += 1;
            if unit.pod.state == PodState::Leaving {
                continue;
            }
            if unit.is_serving() && cluster.serving_pods() <= cluster.file.keep_ready {
                drained.blocked_by.push(format!("{pod} (budget {})", cluster.service));
                continue;
            }
            unheard += u32::from(unit.is_unheard());
            cluster.evict(&pod, second);
            self.truth.evicted += 1;
        }
        self.judge_lost(name, unheard, false);
        drained.done = drained.left == 0;
        Outcome::Done(drained)
    }

    /// Looks, and changes nothing: not even chance goes another way for it.
    pub(in crate::simulated) fn probe(
        &mut self,
        cluster: &ClusterName,
        node: &NodeName,
        probe: ProbeKind,
    ) -> ProbeResult {
        let Some(cluster) = self.clusters.get(cluster) else {
            return ProbeResult::Unknown(evidence("no cluster"));
        };
        let Some(host) = cluster.hosts.get(node) else {
            return ProbeResult::Unknown(evidence("no such node"));
        };
        let port = match (host.up, host.agent_refuses || host.ready_at.is_some()) {
            (false, _) => Some("connect to port 10250: no route to host"),
            (true, true) => Some("connect to port 10250: connection refused"),
            (true, false) => None,
        };
        match (probe, port) {
            (ProbeKind::Agent, Some(why)) => ProbeResult::Fail(evidence(why)),
            (ProbeKind::Agent, None) => ProbeResult::Pass,
            (_, Some(_)) => ProbeResult::Unknown(evidence("the node's agent does not answer")),
            (_, None) if cluster.file.no_pod_network => {
                ProbeResult::Unknown(evidence("the probe's pod gets no network"))
            }
            (ProbeKind::NameResolution, None) if !cluster.canary => {
                ProbeResult::Unknown(evidence("no canary"))
            }
            (ProbeKind::NameResolution, None) => {
                let resolves = cluster.resolves(node, &mut self.looks);
                passes(resolves, "lookup kubernetes.default on 10.96.0.10:53: i/o timeout")
            }
            (ProbeKind::Egress, None) => {
                passes(cluster.egress_fails == 0.0, "connect to the payment gateway: timed out")
            }
            (ProbeKind::ImagePull, None) => {
                passes(!cluster.registry_down, "registry.example/blog/web: 503 Service Unavailable")
            }
        }
    }

    /// Canaries on every node that is up, and from now on on every one that comes up.
    pub(in crate::simulated) fn install_canary(&mut self, cluster: &ClusterName) -> Outcome<()> {
        let second = self.second;
        let Some(cluster) = self.clusters.get_mut(cluster) else { return Outcome::NotFound };
        cluster.canary = true;
        let up: Vec<NodeName> =
            cluster.hosts.values().filter(|host| host.up).map(|host| host.node.name.clone()).collect();
        up.into_iter().for_each(|node| cluster.put_canary(node, second));
        Outcome::Done(())
    }

    pub(in crate::simulated) fn forget(&mut self, cluster: &ClusterName, node: &NodeName) -> Outcome<()> {
        let Some(cluster) = self.clusters.get_mut(cluster) else { return Outcome::NotFound };
        let Some(host) = cluster.hosts.get(node) else { return Outcome::NotFound };
        let ordinary = cluster.on(node).into_iter().filter(|pod| cluster.units[pod].role != Role::Canary);
        if host.up && ordinary.count() > 0 {
            return Outcome::Busy { after_ms: AGAIN_MS };
        }
        for pod in cluster.on(node) {
            cluster.remove_pod(&pod);
        }
        let machine = cluster.hosts.remove(node).map(|host| host.machine);
        cluster.touched_nodes.insert(node.clone());
        let here = (cluster.name().clone(), node.clone());
        if let Some(machine) = machine.and_then(|id| self.cloud.machines.get_mut(&id))
            && machine.member.as_ref() == Some(&here)
        {
            machine.member = None;
        }
        Outcome::Done(())
    }

    pub(in crate::simulated) fn mint(&mut self, cluster: &ClusterName, ttl_s: i64) -> Outcome<String> {
        let until = self.second + ttl_s;
        let drawn = self.dice.next();
        let Some(cluster) = self.clusters.get_mut(cluster) else { return Outcome::NotFound };
        let secret = format!("{}.{drawn:016x}", cluster.name());
        cluster.tickets.push((secret.clone(), until));
        Outcome::Done(secret)
    }
}

fn passes(ok: bool, else_said: &str) -> ProbeResult {
    if ok { ProbeResult::Pass } else { ProbeResult::Fail(evidence(else_said)) }
}
