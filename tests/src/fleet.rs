//! A player at the ports of a simulated fleet: no engine, no plans, only calls and patience.

use chrono::{NaiveTime, TimeDelta};
use lifeboat_commands::facts::{CloudFacts, Instance, Inventory, Matched, ProbeResult, Ready};
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_commands::ports::traffic::Spread;
use lifeboat_deploy::simulated::{Scenario, Simulated, Truth};
use lifeboat_storage::id::{
    CloudName, ClusterName, IdemKey, InstanceId, MachineType, NodeName, PoolName, TrafficName, ZoneName,
};
use lifeboat_storage::plan::{Evidence, JoinRole, LaunchSpec, Policy, ProbeKind, Weight};

/// Seeds that every story about the fleet is told with.
pub const SEEDS: [u64; 3] = [1, 2, 3];

/// Whoever plays.
#[derive(Debug)]
pub struct Player {
    /// What is played on.
    pub fleet: Simulated,
    cloud: CloudName,
    traffic: TrafficName,
    calls: u32,
}

impl Player {
    /// At the start of a built-in scenario.
    ///
    /// # Panics
    /// When there is no such scenario.
    #[must_use]
    pub fn of(scenario: &str, seed: u64) -> Self {
        Self::on(&Scenario::named(scenario).expect("a built-in scenario"), seed)
    }

    /// At the start of a scenario.
    ///
    /// # Panics
    /// When it has no cloud or no traffic.
    #[must_use]
    pub fn on(scene: &Scenario, seed: u64) -> Self {
        let fleet = Simulated::new(scene, seed);
        fleet.pass(scene.starts_at);
        let cloud = scene.fleet.clouds[0].clone();
        let traffic = scene.fleet.traffic[0].name.clone();
        Self { fleet, cloud, traffic, calls: 0 }
    }

    fn key(&mut self) -> IdemKey {
        self.calls += 1;
        IdemKey::new(format!("player-{}", self.calls))
    }

    /// Waits for a time of the day of play, local: `10:15`.
    ///
    /// # Panics
    /// When it is no such time.
    pub fn until(&self, clock: &str) -> &Self {
        let at = NaiveTime::parse_from_str(clock, "%H:%M").expect("a time as HH:MM");
        let zone = self.fleet.scenario().zone;
        let day = self.fleet.now().with_timezone(&zone).date_naive();
        let at = day.and_time(at).and_local_timezone(zone).earliest().expect("that time is there");
        self.fleet.pass(at.to_utc());
        self
    }

    /// Waits until play ends.
    pub fn until_the_end(&self) -> &Self {
        self.fleet.pass(self.fleet.scenario().ends_at);
        self
    }

    /// Waits.
    pub fn wait_s(&self, seconds: i64) -> &Self {
        self.fleet.pass(self.fleet.now() + TimeDelta::seconds(seconds));
        self
    }

    /// What really happened.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.fleet.truth()
    }

    /// Failed of all requests of the last minute.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.truth().failing_share()
    }

    /// Failed requests since the world began.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.truth().requests.bad
    }

    /// Whether almost nothing of a minute has failed, for so many seconds up to now.
    #[must_use]
    pub fn is_good_since_s(&self, seconds: i64) -> bool {
        let now = self.fleet.now();
        self.truth().good_since.is_some_and(|since| now - since >= TimeDelta::seconds(seconds))
    }

    /// Whether almost nothing has failed for five minutes.
    #[must_use]
    pub fn recovered(&self) -> bool {
        let now = self.fleet.now();
        self.truth().good_since.is_some_and(|since| now - since >= TimeDelta::minutes(5))
    }

    /// What the cluster looks like.
    ///
    /// # Panics
    /// When there is no such cluster.
    #[must_use]
    pub fn look(&self, cluster: &str) -> Inventory {
        match self.fleet.perform(Call::Inventory { cluster: ClusterName::new(cluster) }) {
            Answer::Inventory(Outcome::Done(inventory)) => *inventory,
            other => panic!("wanted an inventory of {cluster}, got {other:?}"),
        }
    }

    /// Nodes of a cluster that serve.
    #[must_use]
    pub fn serving(&self, cluster: &str) -> u32 {
        self.truth().serving[&ClusterName::new(cluster)]
    }

    /// What the cloud holds.
    ///
    /// # Panics
    /// When it does not tell.
    #[must_use]
    pub fn machines(&self) -> Vec<Instance> {
        match self.fleet.perform(Call::Instances { cloud: self.cloud.clone() }) {
            Answer::Instances(Outcome::Done(instances)) => instances,
            other => panic!("wanted instances, got {other:?}"),
        }
    }

    /// The machine behind a node, by its provider id or by address and serial.
    ///
    /// # Panics
    /// When that is not clear.
    #[must_use]
    pub fn machine(&self, cluster: &str, node: &str) -> InstanceId {
        let instances = self.machines().into_iter().map(|one| (one.id.clone(), one)).collect();
        let facts = CloudFacts { instances, ..CloudFacts::default() };
        let inventory = self.look(cluster);
        match facts.machine_of(&inventory.nodes[&NodeName::new(node)]) {
            Matched::One(id) => id,
            unclear => panic!("which machine is {node}? {unclear:?}"),
        }
    }

    /// Looks at one thing on a node.
    ///
    /// # Panics
    /// Never, unless the port answers with another kind.
    #[must_use]
    pub fn probe(&self, cluster: &str, node: &str, probe: ProbeKind) -> ProbeResult {
        let call = Call::Probe { cluster: ClusterName::new(cluster), node: NodeName::new(node), probe };
        match self.fleet.perform(call) {
            Answer::Probed(result) => result,
            other => panic!("wanted a probe's result, got {other:?}"),
        }
    }

    /// Whether names resolve on a node.
    #[must_use]
    pub fn resolves(&self, cluster: &str, node: &str) -> bool {
        self.probe(cluster, node, ProbeKind::NameResolution) == ProbeResult::Pass
    }

    /// Boots nodes again in place, all at once, and waits until they are Ready.
    pub fn reboot(&mut self, cluster: &str, nodes: &[&str]) {
        for node in nodes {
            let instance = self.machine(cluster, node);
            let (cloud, key) = (self.cloud.clone(), self.key());
            self.plain(Call::Reboot { cloud, instance, key });
        }
        self.wait_s(10);
        self.wait_ready(cluster, nodes);
        self.wait_s(60);
    }

    /// Waits until nodes are Ready, at most ten minutes.
    pub fn wait_ready(&self, cluster: &str, nodes: &[&str]) {
        for _ in 0..120 {
            let inventory = self.look(cluster);
            let ready = |node: &&str| {
                inventory.nodes.get(&NodeName::new(*node)).is_some_and(|node| node.ready == Ready::Yes)
            };
            if nodes.iter().all(ready) {
                return;
            }
            self.wait_s(5);
        }
    }

    /// Makes machines and joins them, cordoned; answers the nodes that came of it. Who hangs is waited for three minutes.
    pub fn launch(&mut self, cluster: &str, machine: &str, zone: &str, count: u32) -> Vec<String> {
        let spec = LaunchSpec {
            machine: MachineType::new(machine),
            zone: ZoneName::new(zone),
            spot: false,
            pool: PoolName::new("workers"),
            price: None,
        };
        let mut made = Vec::new();
        for _ in 0..count {
            let call = Call::Launch { cloud: self.cloud.clone(), spec: spec.clone(), key: self.key() };
            if let Answer::Machine(Outcome::Done(id)) = self.fleet.perform(call) {
                made.push(id);
            }
        }
        self.wait_s(80);
        self.join(cluster, &made)
    }

    /// Joins machines, cordoned; answers the nodes that came of it within three minutes.
    pub fn join(&mut self, cluster: &str, machines: &[InstanceId]) -> Vec<String> {
        let before = self.look(cluster).nodes;
        for instance in machines {
            let (cloud, key) = (self.cloud.clone(), self.key());
            let (cluster, role) = (ClusterName::new(cluster), JoinRole::Worker);
            self.plain(Call::Join { cluster, role, cloud, instance: instance.clone(), key });
        }
        self.wait_s(50);
        let now = self.look(cluster).nodes;
        now.into_keys().filter(|name| !before.contains_key(name)).map(|name| name.to_string()).collect()
    }

    /// Starts a stopped machine; true when it may be had.
    pub fn start(&mut self, instance: &str) -> bool {
        let id = InstanceId::new(instance);
        let call = Call::Start { cloud: self.cloud.clone(), ids: vec![id.clone()] };
        self.fleet.perform(call) == Answer::Each([(id, Outcome::Done(()))].into())
    }

    /// Stops machines.
    pub fn stop(&mut self, instances: &[InstanceId]) {
        let _ = self.fleet.perform(Call::Stop { cloud: self.cloud.clone(), ids: instances.to_vec() });
    }

    /// Makes the disks of machines new; answers at once.
    pub fn reimage(&mut self, instances: &[InstanceId]) {
        for instance in instances {
            let (cloud, key) = (self.cloud.clone(), self.key());
            self.plain(Call::Reimage { cloud, instance: instance.clone(), key });
        }
    }

    /// Lets pods go to nodes.
    pub fn uncordon(&self, cluster: &str, nodes: &[impl AsRef<str>]) {
        nodes.iter().for_each(|node| self.set_schedulable(cluster, node.as_ref(), true));
    }

    /// Lets no new pods go to nodes.
    pub fn cordon(&self, cluster: &str, nodes: &[&str]) {
        nodes.iter().for_each(|node| self.set_schedulable(cluster, node, false));
    }

    fn set_schedulable(&self, cluster: &str, node: &str, want: bool) {
        let (cluster, node) = (ClusterName::new(cluster), NodeName::new(node));
        let _ = self.fleet.perform(Call::SetSchedulable { cluster, node, want });
    }

    /// Drains nodes for a few minutes, as far as budgets allow.
    pub fn drain(&self, cluster: &str, nodes: &[&str]) {
        self.cordon(cluster, nodes);
        for _ in 0..12 {
            for node in nodes {
                let (cluster, node) = (ClusterName::new(cluster), NodeName::new(*node));
                let _ = self.fleet.perform(Call::Drain { cluster, node, policy: Policy::Budgets });
            }
            self.wait_s(15);
        }
    }

    /// Whether a cluster answers through the entry.
    ///
    /// # Panics
    /// When the entry does not tell.
    #[must_use]
    pub fn answers(&self, cluster: &str) -> bool {
        match self.fleet.perform(Call::Health { traffic: self.traffic.clone() }) {
            Answer::Health(Outcome::Done(health)) => health[&ClusterName::new(cluster)],
            other => panic!("wanted to hear who answers, got {other:?}"),
        }
    }

    /// How traffic is spread.
    ///
    /// # Panics
    /// When the weights cannot be read.
    #[must_use]
    pub fn weights(&self) -> Vec<Weight> {
        self.spread().weights
    }

    fn spread(&self) -> Spread {
        match self.fleet.perform(Call::ReadTraffic { traffic: self.traffic.clone() }) {
            Answer::Spread(Outcome::Done(spread)) => spread,
            other => panic!("wanted weights, got {other:?}"),
        }
    }

    /// Sends all traffic to one cluster.
    pub fn swap_to(&self, cluster: &str) {
        self.shift_to(cluster, "", 100);
    }

    /// Sends so much to one cluster and the rest to another.
    ///
    /// # Panics
    /// When the weights cannot be read.
    pub fn shift_to(&self, cluster: &str, rest: &str, percent: u8) {
        let spread = self.spread();
        let gets = |name: &str| match name {
            name if name == cluster => percent,
            name if name == rest => 100 - percent,
            _ => 0,
        };
        let weights =
            spread.weights.into_iter().map(|one| Weight { percent: gets(one.cluster.as_str()), ..one });
        let call = Call::SetTraffic {
            traffic: self.traffic.clone(),
            expected: spread.version,
            weights: weights.collect(),
        };
        let _ = self.fleet.perform(call);
    }

    /// A call that must not be refused.
    #[track_caller]
    fn plain(&self, call: Call) {
        let answer = self.fleet.perform(call);
        assert_eq!(answer, Answer::Plain(Outcome::Done(())), "{}", said(&answer));
    }
}

fn said(answer: &Answer) -> String {
    match answer {
        Answer::Plain(Outcome::Denied(Evidence(why)) | Outcome::Unknown(Evidence(why))) => why.clone(),
        other => format!("{other:?}"),
    }
}
