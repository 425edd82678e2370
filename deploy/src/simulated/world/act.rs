//! What calls on the ports do to the world. Each works at once and is lived out by later seconds.

use lifeboat_commands::facts::{Node, NodeRole, PodState, ProbeResult, Ready};
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::cloud::RunResult;
use lifeboat_commands::ports::orchestrator::Drained;
use lifeboat_commands::ports::traffic::Spread;
use lifeboat_storage::id::{ClusterName, IdemKey, InstanceId, NodeName};
use lifeboat_storage::plan::{Evidence, HostCommand, LaunchSpec, ProbeKind, Weight};

use super::World;
use super::begin::known_identity;
use super::cloud::{Order, Power};
use super::cluster::{Cluster, Host, Resolver, Role};
use super::load;
use super::pods::LEAVING_S;

/// From the order to join until the node is in the cluster's books.
const JOIN_S: (u32, u32) = (15, 30);
/// From there until it is Ready.
const JOIN_READY_S: (u32, u32) = (5, 12);
/// Asked again too early.
const AGAIN_MS: u64 = 5_000;

fn evidence(text: impl Into<String>) -> Evidence {
    Evidence(text.into())
}

fn sold_out() -> Evidence {
    evidence("OperationDenied.NoStock: the resource is out of stock in the zone; try another type or zone")
}

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

/// The cluster's side.
impl World {
    pub(in crate::simulated) fn drain_once(
        &mut self,
        cluster: &ClusterName,
        node: &NodeName,
    ) -> Outcome<Drained> {
        let second = self.second;
        let Some(cluster) = self.clusters.get_mut(cluster) else { return Outcome::NotFound };
        if !cluster.hosts.contains_key(node) {
            return Outcome::NotFound;
        }
        let mut drained = Drained::default();
        for pod in cluster.on(node) {
            let unit = &cluster.units[&pod];
            if unit.role == Role::Canary {
                continue;
            }
            drained.left += 1;
            let serving = unit.is_serving();
            if unit.pod.state == PodState::Leaving {
                continue;
            }
            if serving && cluster.serving_pods() <= cluster.file.keep_ready {
                drained.blocked_by.push(format!("{pod} (budget {})", cluster.service));
                continue;
            }
            cluster.evict(&pod, second);
            self.truth.evicted += 1;
        }
        drained.done = drained.left == 0;
        Outcome::Done(drained)
    }

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
            (ProbeKind::NameResolution, None) => {
                let resolves = cluster.resolves(node, &mut self.dice);
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
        let machine = host_machine(cluster, node);
        cluster.hosts.remove(node);
        cluster.touched_nodes.insert(node.clone());
        let member = machine.and_then(|id| self.cloud.machines.get_mut(&id)).map(|one| &mut one.member);
        if let Some(member) = member
            && member.as_ref().is_some_and(|(_, name)| name == node)
        {
            *member = None;
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

/// The cloud's side.
impl World {
    pub(in crate::simulated) fn start(&mut self, id: &InstanceId) -> Outcome<()> {
        match self.cloud.machines.get(id).map(|machine| machine.power) {
            None => Outcome::NotFound,
            Some(Power::Reimaging { .. }) => Outcome::Busy { after_ms: AGAIN_MS },
            Some(Power::On | Power::Booting { .. }) => Outcome::Done(()),
            Some(Power::Off) if self.cloud.start(id, self.second, &mut self.dice) => {
                if let Some(machine) = self.cloud.machines.get_mut(id) {
                    machine.charged = true;
                }
                Outcome::Done(())
            }
            Some(Power::Off) => {
                self.truth.sold_out.push((self.now, id.to_string()));
                Outcome::NoCapacity(sold_out())
            }
        }
    }

    pub(in crate::simulated) fn stop(&mut self, id: &InstanceId) -> Outcome<()> {
        if !self.cloud.machines.contains_key(id) {
            return Outcome::NotFound;
        }
        if self.cloud.machines[id].power != Power::Off {
            self.truth.stops.push((self.now, id.clone()));
            self.truth.healthy_pods_lost += self.power_off(id);
        }
        Outcome::Done(())
    }

    /// Answers how many Ready pods that cost.
    pub(in crate::simulated) fn power_off(&mut self, id: &InstanceId) -> u32 {
        self.cloud.set_power(id, Power::Off);
        self.machine_down(id)
    }

    fn machine_down(&mut self, id: &InstanceId) -> u32 {
        let member = self.cloud.machines.get(id).and_then(|machine| machine.member.clone());
        let Some((cluster, node)) = member else { return 0 };
        self.clusters.get_mut(&cluster).map_or(0, |cluster| cluster.node_down(&node, self.second))
    }

    pub(in crate::simulated) fn launch(&mut self, spec: &LaunchSpec, key: IdemKey) -> Outcome<InstanceId> {
        if let Some(id) = self.cloud.launched.get(&key) {
            return Outcome::Done(id.clone());
        }
        if self.cloud.shelf(&spec.machine, &spec.zone, spec.spot).is_none() {
            return Outcome::Denied(evidence("InvalidInstanceType.NotSupported"));
        }
        let kind = (&spec.machine, &spec.zone, spec.spot);
        match self.cloud.launch(kind, key, self.second, &mut self.dice) {
            Some(id) => {
                self.truth.launches.push((self.now, id.clone()));
                Outcome::Done(id)
            }
            None => {
                self.truth.sold_out.push((self.now, format!("{} {}", spec.machine, spec.zone)));
                Outcome::NoCapacity(sold_out())
            }
        }
    }

    pub(in crate::simulated) fn reboot(&mut self, id: &InstanceId) -> Outcome<()> {
        match self.cloud.machines.get(id).map(|machine| (machine.power, machine.member.clone())) {
            None => Outcome::NotFound,
            Some((Power::Off, _)) => Outcome::Denied(evidence("IncorrectInstanceStatus: Stopped")),
            Some((Power::Booting { .. } | Power::Reimaging { .. }, _)) => {
                Outcome::Busy { after_ms: AGAIN_MS }
            }
            Some((Power::On, member)) => {
                let node = member.map_or_else(|| NodeName::new(id.as_str()), |(_, node)| node);
                self.truth.reboots.push((self.now, node));
                self.truth.healthy_pods_lost += self.machine_down(id);
                self.cloud.reboot(id, self.second, &mut self.dice);
                Outcome::Done(())
            }
        }
    }

    pub(in crate::simulated) fn reimage(&mut self, id: &InstanceId, key: IdemKey) -> Outcome<()> {
        let Some(machine) = self.cloud.machines.get(id) else { return Outcome::NotFound };
        if machine.reimaged.contains(&key) {
            return Outcome::Done(());
        }
        if matches!(machine.power, Power::Booting { .. } | Power::Reimaging { .. }) {
            return Outcome::Busy { after_ms: AGAIN_MS };
        }
        self.truth.healthy_pods_lost += self.machine_down(id);
        self.truth.reimages.push((self.now, id.clone()));
        self.cloud.reimage(id, key, self.second, &mut self.dice);
        Outcome::Done(())
    }

    /// `join` is the ticket's secret, or none for [`HostCommand::Leave`].
    pub(in crate::simulated) fn run(
        &mut self,
        id: &InstanceId,
        what: Result<String, HostCommand>,
        key: IdemKey,
    ) -> Outcome<()> {
        let Some(machine) = self.cloud.machines.get(id) else { return Outcome::NotFound };
        if machine.orders.contains_key(&key) {
            return Outcome::Done(());
        }
        match machine.power {
            Power::Off => return Outcome::Denied(evidence("IncorrectInstanceStatus: Stopped")),
            Power::Booting { .. } | Power::Reimaging { .. } => return Outcome::Busy { after_ms: AGAIN_MS },
            Power::On => {}
        }
        let order = match what {
            Ok(secret) => self.join_order(id, &secret),
            Err(HostCommand::Leave) => self.leave_order(id),
        };
        if let Some(machine) = self.cloud.machines.get_mut(id) {
            machine.orders.insert(key, order);
        }
        Outcome::Done(())
    }

    fn join_order(&mut self, id: &InstanceId, secret: &str) -> Order {
        let second = self.second;
        let valid = |cluster: &&Cluster| {
            cluster.tickets.iter().any(|(known, until)| known == secret && *until >= second)
        };
        let Some(cluster) = self.clusters.values().find(valid) else {
            return Order::Failed("the join ticket is not valid (any more)");
        };
        let machine = &self.cloud.machines[id];
        match &machine.member {
            Some((member, _)) if member == cluster.name() => return Order::Succeeded,
            Some(_) => return Order::Failed("the machine is a node of another cluster"),
            None => {}
        }
        let name = cluster.name().clone();
        if cluster.launches_broken && machine.launched {
            return Order::Joining { cluster: name, until: i64::MAX };
        }
        let hangs = cluster.file.joins_at_once.is_some_and(|most| self.joining(&name, second) >= most);
        let takes = if hangs { self.dice.between((900, 1_500)) } else { self.dice.between(JOIN_S) };
        Order::Joining { cluster: name, until: second + takes }
    }

    fn joining(&self, cluster: &ClusterName, second: i64) -> u32 {
        let orders = self.cloud.machines.values().flat_map(|machine| machine.orders.values());
        let on_the_way = orders.filter(|order| {
            matches!(order, Order::Joining { cluster: to, until } if to == cluster && *until > second)
        });
        u32::try_from(on_the_way.count()).unwrap_or(u32::MAX)
    }

    fn leave_order(&mut self, id: &InstanceId) -> Order {
        let lost = self.machine_down(id);
        self.truth.healthy_pods_lost += lost;
        if let Some(machine) = self.cloud.machines.get_mut(id) {
            machine.member = None;
        }
        Order::Succeeded
    }

    pub(in crate::simulated) fn run_result(&self, key: &IdemKey) -> Outcome<RunResult> {
        let order = self.cloud.machines.values().find_map(|machine| machine.orders.get(key));
        match order {
            None => Outcome::NotFound,
            Some(Order::Joining { .. }) => Outcome::Done(RunResult::Running),
            Some(Order::Succeeded) => Outcome::Done(RunResult::Succeeded),
            Some(Order::Failed(why)) => Outcome::Done(RunResult::Failed(evidence(*why))),
        }
    }

    /// The machine is in the cluster's books now, cordoned, Ready in a moment.
    pub(super) fn joined(&mut self, id: &InstanceId, cluster: &ClusterName) {
        let second = self.second;
        let ready_at = second + self.dice.between(JOIN_READY_S);
        let Some(machine) = self.cloud.machines.get_mut(id) else { return };
        let Some(into) = self.clusters.get_mut(cluster) else { return };
        let name = into.next_name();
        machine.member = Some((cluster.clone(), name.clone()));
        let node = Node {
            name: name.clone(),
            role: NodeRole::Worker,
            ready: Ready::No,
            ready_since: self.now,
            schedulable: false,
            boot_id: Some(machine.boot_id()),
            identity: known_identity(into.file.kind, &machine.identity),
        };
        let host = Host {
            node,
            machine: id.clone(),
            slots: machine.slots,
            up: true,
            booted_at: second,
            ready_at: Some(ready_at),
            down_since: None,
            young: true,
            resolver: Resolver { rotten: false, stale: false, worn: 0, bears: 0, exposed_s: 0 },
            has_image: false,
            agent_refuses: false,
            unheard: false,
        };
        into.hosts.insert(name.clone(), host);
        into.touched_nodes.insert(name.clone());
        self.table_at_join(cluster, &name);
    }
}

/// The traffic's side.
impl World {
    pub(in crate::simulated) fn spread(&self) -> Spread {
        let weight =
            |(cluster, percent): (&ClusterName, &u8)| Weight { cluster: cluster.clone(), percent: *percent };
        Spread { version: self.site.version_text(), weights: self.site.weights.iter().map(weight).collect() }
    }

    pub(in crate::simulated) fn set_traffic(
        &mut self,
        expected: &str,
        weights: &[Weight],
    ) -> Outcome<Spread> {
        if self.site.version_text() != expected {
            return Outcome::Busy { after_ms: AGAIN_MS };
        }
        let sum: u32 = weights.iter().map(|weight| u32::from(weight.percent)).sum();
        let known = weights.iter().all(|weight| self.clusters.contains_key(&weight.cluster));
        if sum != 100 || !known {
            return Outcome::Denied(evidence(format!("weights add up to {sum}")));
        }
        self.site.weights = weights.iter().map(|one| (one.cluster.clone(), one.percent)).collect();
        self.site.version += 1;
        self.truth.shifts.push((self.now, weights.to_vec()));
        Outcome::Done(self.spread())
    }

    /// One request to each cluster through the entry: answered or not.
    pub(in crate::simulated) fn answers(&self, cluster: &Cluster) -> bool {
        load::capacity(cluster) > 0.0
    }
}

fn host_machine(cluster: &Cluster, node: &NodeName) -> Option<InstanceId> {
    cluster.hosts.get(node).map(|host| host.machine.clone())
}

fn passes(ok: bool, else_said: &str) -> ProbeResult {
    if ok { ProbeResult::Pass } else { ProbeResult::Fail(evidence(else_said)) }
}
