//! How a world begins: everything that is configured is there and has been for long.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::TimeDelta;
use lifeboat_commands::facts::{Node, NodeRole, PodState, Ready};
use lifeboat_storage::event::Time;
use lifeboat_storage::id::{MachineType, NodeName, ZoneName};
use lifeboat_storage::plan::Money;

use super::cause::Cause;
use super::cloud::{Change, CloudWorld, Power, Shelf};
use super::cluster::{Cluster, Host, Resolver, Role};
use super::load::Site;
use super::log::LogWriter;
use super::{Seenings, World};
use crate::simulated::random::Dice;
use crate::simulated::scenario::{
    ClusterFile, ClusterKind, NodeFile, OfferingFile, PowerFile, RoleFile, Scenario, instance_of,
};
use crate::simulated::truth::Truth;

/// Days of uptime after which an agent's table is stale.
const STALE_DAYS: u32 = 30;

impl World {
    pub(in crate::simulated) fn new(scene: Arc<Scenario>, seed: u64) -> Self {
        let begins: Time = scene.starts_at - scene.warm_up;
        let mut world = Self {
            now: begins,
            second: begins.timestamp(),
            dice: Dice::new(seed, 1),
            cloud: CloudWorld::new(scene.offerings.iter().map(|one| shelf(one, &scene)).collect()),
            clusters: BTreeMap::new(),
            site: Site::new(&scene.traffic),
            causes: scene.causes.iter().map(|cause| Cause::of(cause, &scene)).collect(),
            faults: VecDeque::new(),
            truth: Truth::new(begins, scene.currency().to_owned()),
            seen: Seenings::default(),
            looks: Dice::new(seed, 4),
            noise: Dice::new(seed, 2),
            ink: Dice::new(seed, 5),
            writer: LogWriter::new(scene.zone),
            elsewhere: scene
                .elsewhere
                .iter()
                .map(|act| (scene.on_the_day(act.at).timestamp(), act.clone()))
                .collect(),
            came: BTreeMap::new(),
            scene: Arc::clone(&scene),
        };
        for file in &scene.clusters {
            world.found(file);
        }
        world
    }

    /// Sets up a cluster that has been there for long.
    fn found(&mut self, file: &ClusterFile) {
        let service = self.scene.service();
        let mut cluster = Cluster::new(file.clone(), service);
        for node in &file.nodes {
            let host = self.install(file, node);
            cluster.hosts.insert(host.node.name.clone(), host);
        }
        let second = self.second;
        cluster.settle(second);
        self.clusters.insert(file.name.clone(), cluster);
    }

    fn install(&mut self, file: &ClusterFile, node: &NodeFile) -> Host {
        let name = NodeName::new(&node.name);
        let kind = (MachineType::new(&node.machine), ZoneName::new(&node.zone), node.spot);
        let slots = self.cloud.shelf(&kind.0, &kind.1, kind.2).map_or(0, |shelf| shelf.slots);
        let mut machine = self.cloud.new_machine(instance_of(&node.name), kind, slots);
        let on = node.power == PowerFile::On;
        machine.power = if on { Power::On } else { Power::Off };
        machine.member = Some((file.name.clone(), name.clone()));
        let days = TimeDelta::days(i64::from(node.up_days));
        let host = Host {
            node: Node {
                name,
                role: match node.role {
                    RoleFile::Worker => NodeRole::Worker,
                    RoleFile::ControlPlane => NodeRole::ControlPlane,
                },
                ready: if on { Ready::Yes } else { Ready::No },
                ready_since: self.now - if on { days } else { TimeDelta::hours(10) },
                schedulable: !node.cordoned,
                boot_id: Some(machine.boot_id()),
                identity: known_identity(file.kind, &machine.identity),
            },
            machine: machine.id.clone(),
            slots: if node.role == RoleFile::Worker { slots } else { 0 },
            up: on,
            booted_at: (self.now - days).timestamp(),
            ready_at: None,
            down_since: (!on).then(|| self.second - 36_000),
            young: false,
            resolver: Resolver {
                rotten: false,
                stale: on && node.up_days >= STALE_DAYS,
                worn: 0,
                bears: node.bears_restarts,
                exposed_s: 0,
            },
            has_image: true,
            agent_refuses: node.agent_refuses,
            unheard_since: None,
        };
        self.cloud.machines.insert(machine.id.clone(), machine);
        host
    }
}

/// What a cluster of this kind knows of its machines.
pub(super) fn known_identity(
    kind: ClusterKind,
    full: &lifeboat_commands::facts::Identity,
) -> lifeboat_commands::facts::Identity {
    match kind {
        ClusterKind::Kubernetes => lifeboat_commands::facts::Identity { serial: None, ..full.clone() },
        ClusterKind::Swarm => lifeboat_commands::facts::Identity { provider_id: None, ..full.clone() },
    }
}

impl Cluster {
    /// Pods are where they would be after a quiet night: as many as there is room for, all Ready.
    fn settle(&mut self, second: i64) {
        let nodes: Vec<NodeName> =
            self.hosts.values().filter(|host| host.up).map(|host| host.node.name.clone()).collect();
        let watched = self.canary;
        for node in nodes.into_iter().filter(|_| watched) {
            let canary = self.add_unit(Role::Canary, Some(node), second);
            let state = if self.file.no_pod_network { PodState::NotReady } else { PodState::Ready };
            self.set_pod(&canary, state, second, second);
        }
        let mut still = Dice::new(0, 3);
        for _ in 0..3 {
            self.tick(second, &mut still);
        }
        let starting = |unit: &&super::cluster::Unit| unit.pod.state == PodState::Starting;
        let up: Vec<String> =
            self.units.values().filter(starting).map(|unit| unit.pod.name.clone()).collect();
        if !self.file.no_pod_network {
            up.iter().for_each(|name| self.set_pod(name, PodState::Ready, second, i64::MAX));
        }
        self.touched_nodes.clear();
        self.touched_pods.clear();
    }
}

fn shelf(file: &OfferingFile, scene: &Scenario) -> Shelf {
    let when = |clock: &crate::simulated::scenario::ClockTime| {
        let at = scene.on_the_day(clock.0);
        at.timestamp()
    };
    let stock = file.stock.iter().map(|(at, left)| (when(at), Change::Left(*left)));
    let prices = file.prices.iter().map(|(at, price)| (when(at), Change::Price(micros(*price))));
    let mut changes: Vec<(i64, Change)> = stock.chain(prices).collect();
    changes.sort_by_key(|(at, _)| *at);
    Shelf {
        machine: MachineType::new(&file.machine),
        zone: ZoneName::new(&file.zone),
        spot: file.spot,
        slots: file.slots,
        left: file.left,
        price: Money { micros: micros(file.price), currency: scene.currency().to_owned() },
        changes,
        reclaimed_once_in_s: file.reclaimed_once_in_h.map_or(f64::INFINITY, |hours| hours * 3_600.0),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "prices are small and positive")]
fn micros(units: f64) -> u64 {
    (units.max(0.0) * 1_000_000.0).round() as u64
}
