//! The cloud's side: machines are started, stopped, made, booted again, made new, and told to join or leave.

use lifeboat_commands::facts::{Node, NodeRole, Ready};
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::cloud::RunResult;
use lifeboat_storage::id::{ClusterName, IdemKey, InstanceId, NodeName, PoolName};
use lifeboat_storage::plan::{Evidence, HostCommand, LaunchSpec};

use super::{AGAIN_MS, evidence};
use crate::simulated::world::World;
use crate::simulated::world::begin::known_identity;
use crate::simulated::world::cloud::{Order, Power};
use crate::simulated::world::cluster::{Cluster, Host, Resolver};

/// From the order to join until the node is in the cluster's books.
const JOIN_S: (u32, u32) = (15, 30);
/// From there until it is Ready.
const JOIN_READY_S: (u32, u32) = (5, 12);
/// The same where too many are on their way in at once, and how long a machine boots that is set up in such a rush.
const HANGING_JOIN_S: (u32, u32) = (900, 1_500);

fn sold_out() -> Evidence {
    evidence("OperationDenied.NoStock: the resource is out of stock in the zone; try another type or zone")
}

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
                self.judge_refused(id);
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
            self.judge_stop(id);
            if let Some((cluster, lost)) = self.power_off(id) {
                self.judge_lost(&cluster, lost, false);
            }
        }
        Outcome::Done(())
    }

    /// Answers whose node it was, and how many pods that cost that ran well.
    pub(in crate::simulated) fn power_off(&mut self, id: &InstanceId) -> Option<(ClusterName, u32)> {
        self.cloud.set_power(id, Power::Off);
        self.machine_down(id)
    }

    fn machine_down(&mut self, id: &InstanceId) -> Option<(ClusterName, u32)> {
        let (name, node) = self.cloud.machines.get(id)?.member.clone()?;
        let lost = self.clusters.get_mut(&name)?.node_down(&node, self.second);
        Some((name, lost))
    }

    pub(in crate::simulated) fn launch(&mut self, spec: &LaunchSpec, key: IdemKey) -> Outcome<InstanceId> {
        if let Some(id) = self.cloud.launched.get(&key) {
            return Outcome::Done(id.clone());
        }
        if self.cloud.shelf(&spec.machine, &spec.zone, spec.spot).is_none() {
            return Outcome::Denied(evidence("InvalidInstanceType.NotSupported"));
        }
        let kind = (&spec.machine, &spec.zone, spec.spot);
        let hangs = self.is_rush(&spec.pool);
        match self.cloud.launch(kind, key, self.second, &mut self.dice) {
            Some(id) => {
                if hangs {
                    let until = self.second + self.dice.between(HANGING_JOIN_S);
                    self.cloud.set_power(&id, Power::Booting { until });
                }
                self.truth.launches.push((self.now, id.clone()));
                Outcome::Done(id)
            }
            None => {
                self.truth.sold_out.push((self.now, format!("{} {}", spec.machine, spec.zone)));
                Outcome::NoCapacity(sold_out())
            }
        }
    }

    /// As many machines as may join the pool's cluster at once are being set up already: one more hangs.
    fn is_rush(&self, pool: &PoolName) -> bool {
        let pool = self.scene.fleet.pools.iter().find(|one| one.name == *pool);
        let cluster = pool.and_then(|pool| self.clusters.get(&pool.cluster));
        let coming = self.cloud.machines.values().filter(|machine| {
            machine.launched && machine.member.is_none() && matches!(machine.power, Power::Booting { .. })
        });
        let coming = u32::try_from(coming.count()).unwrap_or(u32::MAX);
        cluster.and_then(|cluster| cluster.file.joins_at_once).is_some_and(|most| coming >= most)
    }

    pub(in crate::simulated) fn reboot(&mut self, id: &InstanceId) -> Outcome<()> {
        match self.cloud.machines.get(id).map(|machine| (machine.power, machine.member.clone())) {
            None => Outcome::NotFound,
            Some((Power::Off, _)) => Outcome::Denied(evidence("IncorrectInstanceStatus: Stopped")),
            Some((Power::Booting { .. } | Power::Reimaging { .. }, _)) => {
                Outcome::Busy { after_ms: AGAIN_MS }
            }
            Some((Power::On, member)) => {
                self.booted_again(id, member);
                Outcome::Done(())
            }
        }
    }

    fn booted_again(&mut self, id: &InstanceId, member: Option<(ClusterName, NodeName)>) {
        let node = member.as_ref().map_or_else(|| NodeName::new(id.as_str()), |(_, node)| node.clone());
        self.truth.reboots.push((self.now, node));
        if let Some((cluster, node)) = &member {
            let (mends, needed) = (self.boot_mends(cluster, node), self.is_needed(cluster, node));
            self.judge_boot(cluster, node);
            let lost = self.machine_down(id).map_or(0, |(_, lost)| lost);
            self.judge_booted(cluster, lost, mends, needed);
        }
        self.cloud.reboot(id, self.second, &mut self.dice);
    }

    pub(in crate::simulated) fn reimage(&mut self, id: &InstanceId, key: IdemKey) -> Outcome<()> {
        let Some(machine) = self.cloud.machines.get(id) else { return Outcome::NotFound };
        if machine.reimaged.contains(&key) {
            return Outcome::Done(());
        }
        if matches!(machine.power, Power::Booting { .. } | Power::Reimaging { .. }) {
            return Outcome::Busy { after_ms: AGAIN_MS };
        }
        if let Some((cluster, lost)) = self.machine_down(id) {
            self.judge_lost(&cluster, lost, false);
        }
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
        let takes = self.dice.between(if hangs { HANGING_JOIN_S } else { JOIN_S });
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
        if let Some((cluster, lost)) = self.machine_down(id) {
            self.judge_lost(&cluster, lost, false);
        }
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
    pub(in crate::simulated) fn joined(&mut self, id: &InstanceId, cluster: &ClusterName) {
        let second = self.second;
        let ready_at = second + self.dice.between(JOIN_READY_S);
        // Told to join twice: it is in already.
        if self.cloud.machines.get(id).is_none_or(|machine| machine.member.is_some()) {
            return;
        }
        let Some(name) = self.next_name(cluster) else { return };
        let Some(machine) = self.cloud.machines.get_mut(id) else { return };
        let Some(into) = self.clusters.get_mut(cluster) else { return };
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
            unheard_since: None,
        };
        into.hosts.insert(name.clone(), host);
        into.touched_nodes.insert(name.clone());
        self.table_at_join(cluster, &name);
    }

    /// What the next node of a cluster is called: like none of any cluster.
    fn next_name(&mut self, cluster: &ClusterName) -> Option<NodeName> {
        loop {
            let name = self.clusters.get_mut(cluster)?.next_name();
            if !self.clusters.values().any(|one| one.hosts.contains_key(&name)) {
                return Some(name);
            }
        }
    }
}
