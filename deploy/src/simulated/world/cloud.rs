//! The simulated cloud: machines, what can be had, and how long things take.
//!
//! - A machine is had from the stock of its type, zone and kind of contract; when it is stopped, somebody else has it.
//!   So a machine that is stopped while nothing is in stock cannot be started again.
//! - A reboot in place needs no stock and keeps disk, address and place.
//! - Re-imaging keeps the machine and loses what was on its disk, its membership of a cluster too.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use lifeboat_commands::facts::{Identity, Instance, InstanceState, Offering, Stock};
use lifeboat_storage::id::{BootId, ClusterName, IdemKey, InstanceId, MachineType, NodeName, ZoneName};
use lifeboat_storage::plan::Money;

use crate::simulated::random::Dice;

/// From power on until the node's agent runs.
const BOOT_S: (u32, u32) = (40, 75);
/// From the order to reboot until the agent runs again.
const REBOOT_S: (u32, u32) = (45, 80);
/// From the order to re-image until the new system runs.
const REIMAGE_S: (u32, u32) = (900, 1_200);
/// From the order to make a machine until its system runs.
const LAUNCH_S: (u32, u32) = (45, 75);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulated) enum Power {
    Off,
    Booting { until: i64 },
    Reimaging { until: i64 },
    On,
}

/// A command on a machine, under way or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::simulated) enum Order {
    Joining { cluster: ClusterName, until: i64 },
    Succeeded,
    Failed(&'static str),
}

#[derive(Clone, Debug)]
pub(in crate::simulated) struct Machine {
    pub(in crate::simulated) id: InstanceId,
    pub(in crate::simulated) machine: MachineType,
    pub(in crate::simulated) zone: ZoneName,
    pub(in crate::simulated) spot: bool,
    pub(in crate::simulated) slots: u32,
    pub(in crate::simulated) power: Power,
    pub(in crate::simulated) identity: Identity,
    pub(in crate::simulated) boots: u32,
    /// Which node of which cluster its disk makes it.
    pub(in crate::simulated) member: Option<(ClusterName, NodeName)>,
    pub(in crate::simulated) orders: BTreeMap<IdemKey, Order>,
    /// It was made in play.
    pub(in crate::simulated) launched: bool,
    /// It was started or made through the port: its price counts as spent.
    pub(in crate::simulated) charged: bool,
    /// Keys of re-imagings already taken.
    pub(in crate::simulated) reimaged: Vec<IdemKey>,
}

impl Machine {
    pub(in crate::simulated) fn boot_id(&self) -> BootId {
        BootId::new(format!("{}-boot-{}", self.id, self.boots))
    }

    fn state(&self) -> InstanceState {
        match self.power {
            Power::Off => InstanceState::Stopped,
            Power::Booting { .. } => InstanceState::Starting,
            Power::Reimaging { .. } => InstanceState::Stopping,
            Power::On => InstanceState::Running,
        }
    }
}

/// A type in a zone, as it stands now.
#[derive(Clone, Debug)]
pub(in crate::simulated) struct Shelf {
    pub(in crate::simulated) machine: MachineType,
    pub(in crate::simulated) zone: ZoneName,
    pub(in crate::simulated) spot: bool,
    pub(in crate::simulated) slots: u32,
    /// None: as many as one likes.
    pub(in crate::simulated) left: Option<u32>,
    pub(in crate::simulated) price: Money,
    /// What changes when, in order, not yet come.
    pub(in crate::simulated) changes: Vec<(i64, Change)>,
    pub(in crate::simulated) reclaimed_once_in_s: f64,
}

#[derive(Clone, Copy, Debug)]
pub(in crate::simulated) enum Change {
    Left(u32),
    Price(u64),
}

/// What a machine did in a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::simulated) enum Came {
    Up(InstanceId),
    Joined(InstanceId, ClusterName),
    Reclaimed(InstanceId),
}

#[derive(Debug)]
pub(in crate::simulated) struct CloudWorld {
    pub(in crate::simulated) machines: BTreeMap<InstanceId, Machine>,
    pub(in crate::simulated) shelves: Vec<Shelf>,
    pub(in crate::simulated) launched: BTreeMap<IdemKey, InstanceId>,
    made: u32,
}

impl CloudWorld {
    pub(in crate::simulated) fn new(shelves: Vec<Shelf>) -> Self {
        Self { machines: BTreeMap::new(), shelves, launched: BTreeMap::new(), made: 0 }
    }

    pub(in crate::simulated) fn shelf(
        &mut self,
        machine: &MachineType,
        zone: &ZoneName,
        spot: bool,
    ) -> Option<&mut Shelf> {
        self.shelves.iter_mut().find(|one| one.machine == *machine && one.zone == *zone && one.spot == spot)
    }

    pub(in crate::simulated) fn price_of(&self, machine: &Machine) -> Option<Money> {
        let same = |one: &&Shelf| {
            one.machine == machine.machine && one.zone == machine.zone && one.spot == machine.spot
        };
        self.shelves.iter().find(same).map(|shelf| shelf.price.clone())
    }

    pub(in crate::simulated) fn offerings(&self) -> Vec<Offering> {
        let offering = |shelf: &Shelf| Offering {
            machine: shelf.machine.clone(),
            zone: shelf.zone.clone(),
            spot: shelf.spot,
            stock: if shelf.left == Some(0) { Stock::SoldOut } else { Stock::Available },
            price: Some(shelf.price.clone()),
        };
        self.shelves.iter().map(offering).collect()
    }

    pub(in crate::simulated) fn instances(&self) -> Vec<Instance> {
        let instance = |machine: &Machine| Instance {
            id: machine.id.clone(),
            machine: machine.machine.clone(),
            zone: machine.zone.clone(),
            spot: machine.spot,
            state: machine.state(),
            identity: machine.identity.clone(),
            price: self.price_of(machine),
        };
        self.machines.values().map(instance).collect()
    }

    /// Takes one from the stock; false when there is none.
    fn take(&mut self, machine: &MachineType, zone: &ZoneName, spot: bool) -> bool {
        match self.shelf(machine, zone, spot).map(|shelf| &mut shelf.left) {
            Some(Some(0)) | None => false,
            Some(Some(left)) => {
                *left -= 1;
                true
            }
            Some(None) => true,
        }
    }

    /// Switches a stopped machine on; false when its type is sold out.
    pub(in crate::simulated) fn start(&mut self, id: &InstanceId, second: i64, dice: &mut Dice) -> bool {
        let Some(machine) = self.machines.get(id).cloned() else { return false };
        if machine.power != Power::Off {
            return true;
        }
        if !self.take(&machine.machine, &machine.zone, machine.spot) {
            return false;
        }
        let until = second + dice.between(BOOT_S);
        self.set_power(id, Power::Booting { until });
        true
    }

    pub(in crate::simulated) fn set_power(&mut self, id: &InstanceId, power: Power) {
        if let Some(machine) = self.machines.get_mut(id) {
            machine.power = power;
        }
    }

    pub(in crate::simulated) fn reboot(&mut self, id: &InstanceId, second: i64, dice: &mut Dice) {
        let until = second + dice.between(REBOOT_S);
        self.set_power(id, Power::Booting { until });
    }

    /// The membership is lost at once; the machine comes back empty.
    pub(in crate::simulated) fn reimage(
        &mut self,
        id: &InstanceId,
        key: IdemKey,
        second: i64,
        dice: &mut Dice,
    ) {
        let until = second + dice.between(REIMAGE_S);
        if let Some(machine) = self.machines.get_mut(id) {
            machine.power = Power::Reimaging { until };
            machine.member = None;
            machine.reimaged.push(key);
        }
    }

    /// Makes a machine; none when its type is sold out.
    pub(in crate::simulated) fn launch(
        &mut self,
        (machine, zone, spot): (&MachineType, &ZoneName, bool),
        key: IdemKey,
        second: i64,
        dice: &mut Dice,
    ) -> Option<InstanceId> {
        if !self.take(machine, zone, spot) {
            return None;
        }
        let slots = self.shelf(machine, zone, spot).map_or(0, |shelf| shelf.slots);
        let id = self.next_id();
        let mut made = self.new_machine(id.clone(), (machine.clone(), zone.clone(), spot), slots);
        made.power = Power::Booting { until: second + dice.between(LAUNCH_S) };
        made.launched = true;
        made.charged = true;
        self.machines.insert(id.clone(), made);
        self.launched.insert(key, id.clone());
        Some(id)
    }

    /// What the next machine is called: like none that is there, for a node may be called `new-1` from the start.
    fn next_id(&mut self) -> InstanceId {
        loop {
            self.made += 1;
            let id = InstanceId::new(format!("i-new-{}", self.made));
            if !self.machines.contains_key(&id) {
                return id;
            }
        }
    }

    pub(in crate::simulated) fn new_machine(
        &self,
        id: InstanceId,
        (machine, zone, spot): (MachineType, ZoneName, bool),
        slots: u32,
    ) -> Machine {
        let number = self.machines.len();
        let part = |of: usize| u8::try_from(of).unwrap_or(u8::MAX);
        let address = Ipv4Addr::new(
            10,
            part(number / 60_000 % 240),
            part(number / 240 % 250) + 1,
            part(number % 240) + 10,
        );
        let identity = Identity {
            provider_id: Some(format!("{zone}.{id}")),
            private_ip: Some(IpAddr::V4(address)),
            serial: Some(format!("sn-{:03}-{id}", number + 10)),
        };
        let (member, orders, reimaged) = (None, BTreeMap::new(), Vec::new());
        let power = Power::Off;
        Machine {
            id,
            machine,
            zone,
            spot,
            slots,
            power,
            identity,
            boots: 1,
            member,
            orders,
            launched: false,
            charged: false,
            reimaged,
        }
    }

    /// What came about by this second.
    pub(in crate::simulated) fn tick(&mut self, second: i64, dice: &mut Dice) -> Vec<Came> {
        self.restock(second);
        let mut came = Vec::new();
        for machine in self.machines.values_mut() {
            match machine.power {
                Power::Booting { until } | Power::Reimaging { until } if until <= second => {
                    machine.power = Power::On;
                    machine.boots += 1;
                    came.push(Came::Up(machine.id.clone()));
                }
                _ => {}
            }
            came.extend(joined(machine, second));
        }
        came.extend(self.reclaim(dice));
        came
    }

    fn restock(&mut self, second: i64) {
        for shelf in &mut self.shelves {
            while shelf.changes.first().is_some_and(|(at, _)| *at <= second) {
                match shelf.changes.remove(0).1 {
                    Change::Left(left) => shelf.left = Some(left),
                    Change::Price(micros) => shelf.price.micros = micros,
                }
            }
        }
    }

    /// A spot machine may be taken back at any time; then it is gone and its type a little scarcer.
    fn reclaim(&mut self, dice: &mut Dice) -> Vec<Came> {
        let mut came = Vec::new();
        for shelf in self.shelves.iter().filter(|shelf| shelf.spot && shelf.reclaimed_once_in_s.is_finite()) {
            let of_it = |one: &&mut Machine| {
                one.spot && one.power == Power::On && one.machine == shelf.machine && one.zone == shelf.zone
            };
            for machine in self.machines.values_mut().filter(of_it) {
                if dice.once_in(shelf.reclaimed_once_in_s) {
                    machine.power = Power::Off;
                    came.push(Came::Reclaimed(machine.id.clone()));
                }
            }
        }
        came
    }
}

fn joined(machine: &mut Machine, second: i64) -> Option<Came> {
    let on = machine.power == Power::On;
    for order in machine.orders.values_mut() {
        match order {
            Order::Joining { .. } if !on => *order = Order::Failed("the machine went down meanwhile"),
            Order::Joining { cluster, until } if *until <= second => {
                let cluster = cluster.clone();
                *order = Order::Succeeded;
                return Some(Came::Joined(machine.id.clone(), cluster));
            }
            _ => {}
        }
    }
    None
}
