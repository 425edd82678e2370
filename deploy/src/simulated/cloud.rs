//! The cloud's port of a simulated world.

use std::collections::BTreeMap;
use std::future::ready;

use chrono::TimeDelta;
use lifeboat_commands::facts::{Instance, InstanceState, Offering, Stock};
use lifeboat_commands::ports::cloud::{Cloud, HostOrder, RunResult};
use lifeboat_commands::ports::{Outcome, Pending};
use lifeboat_storage::id::{IdemKey, InstanceId, MachineType, ZoneName};
use lifeboat_storage::plan::{Evidence, HostCommand, LaunchSpec};

use super::physics::REIMAGE;
use super::world::{Machine, Order, Run, World};

/// A command on a machine takes this long.
const COMMAND: TimeDelta = TimeDelta::seconds(25);
/// A machine is off after this.
const STOP: TimeDelta = TimeDelta::seconds(20);

/// The simulated cloud.
#[derive(Clone)]
pub struct Simulated {
    world: super::Simulated,
}

impl Simulated {
    pub(super) fn new(world: super::Simulated) -> Self {
        Self { world }
    }

    fn act<T: Send + 'static>(&self, how: impl FnOnce(&mut World) -> Outcome<T>) -> Pending<'_, Outcome<T>> {
        let outcome = self.world.lock().faulty(how);
        Box::pin(ready(outcome))
    }

    fn each(
        &self,
        ids: Vec<InstanceId>,
        how: impl Fn(&mut World, &InstanceId) -> Outcome<()>,
    ) -> Pending<'_, BTreeMap<InstanceId, Outcome<()>>> {
        let mut world = self.world.lock();
        let outcomes = ids.into_iter().map(|id| {
            let outcome = world.faulty(|world| how(world, &id));
            (id, outcome)
        });
        let outcomes = outcomes.collect();
        Box::pin(ready(outcomes))
    }
}

impl Cloud for Simulated {
    fn offerings(&self) -> Pending<'_, Outcome<Vec<Offering>>> {
        let world = self.world.lock();
        let offering = |offer: &super::scenario::OfferingFile| Offering {
            machine: MachineType::new(offer.machine.as_str()),
            zone: ZoneName::new(offer.zone.as_str()),
            spot: offer.spot,
            stock: match world.stock.get(&super::world::key_of(offer)) {
                Some(0) => Stock::SoldOut,
                Some(_) => Stock::Available,
                None => Stock::Unknown,
            },
            price: Some(world.money(offer.price)),
        };
        let all = world.scenario.offering.iter().map(offering).collect();
        Box::pin(ready(Outcome::Done(all)))
    }

    fn instances(&self) -> Pending<'_, Outcome<Vec<Instance>>> {
        let world = self.world.lock();
        let all = world.machines.values().map(|machine| world.instance(machine)).collect();
        Box::pin(ready(Outcome::Done(all)))
    }

    fn start(&self, ids: Vec<InstanceId>) -> Pending<'_, BTreeMap<InstanceId, Outcome<()>>> {
        self.each(ids, |world, id| world.start(id))
    }

    fn stop(&self, ids: Vec<InstanceId>) -> Pending<'_, BTreeMap<InstanceId, Outcome<()>>> {
        self.each(ids, |world, id| world.stop(id))
    }

    fn launch(&self, spec: LaunchSpec, key: IdemKey) -> Pending<'_, Outcome<InstanceId>> {
        self.act(|world| world.launch(&spec, &key))
    }

    fn find(&self, key: IdemKey) -> Pending<'_, Outcome<InstanceId>> {
        let found = self.world.lock().launched.get(&key).cloned();
        Box::pin(ready(found.map_or(Outcome::NotFound, Outcome::Done)))
    }

    fn reboot(&self, id: InstanceId, _key: IdemKey) -> Pending<'_, Outcome<()>> {
        self.act(|world| match world.machines.get(&id) {
            None => Outcome::NotFound,
            Some(machine) if machine.state == InstanceState::Running => {
                world.boots_again(&id);
                Outcome::Done(())
            }
            Some(_) => Outcome::Denied(Evidence("IncorrectInstanceStatus".to_owned())),
        })
    }

    fn reimage(&self, id: InstanceId, key: IdemKey) -> Pending<'_, Outcome<()>> {
        self.act(|world| {
            if !world.machines.contains_key(&id) {
                return Outcome::NotFound;
            }
            if world.done_keys.insert(key) {
                world.reimage(&id);
            }
            Outcome::Done(())
        })
    }

    fn run(&self, id: InstanceId, order: HostOrder, key: IdemKey) -> Pending<'_, Outcome<()>> {
        self.act(|world| world.run(&id, &order, key))
    }

    fn run_result(&self, key: IdemKey) -> Pending<'_, Outcome<RunResult>> {
        let result = self.world.lock().runs.get(&key).map(|run| run.result.clone());
        Box::pin(ready(result.map_or(Outcome::NotFound, Outcome::Done)))
    }
}

impl World {
    /// A stopped machine takes from the stock of its type again: when that is gone, it cannot be had back.
    fn start(&mut self, id: &InstanceId) -> Outcome<()> {
        let Some(machine) = self.machines.get(id) else { return Outcome::NotFound };
        match machine.state {
            InstanceState::Running | InstanceState::Starting => Outcome::Done(()),
            InstanceState::Stopping => Outcome::Busy { after_ms: 5_000 },
            InstanceState::Stopped => {
                let offer = machine.offer.clone();
                if !self.take(&offer) {
                    return sold_out();
                }
                let boot = self.boot_time(&offer);
                if let Some(machine) = self.machines.get_mut(id) {
                    machine.state = InstanceState::Starting;
                    machine.until = Some(self.now + boot);
                    machine.paid = true;
                }
                Outcome::Done(())
            }
        }
    }

    fn stop(&mut self, id: &InstanceId) -> Outcome<()> {
        let now = self.now;
        let Some(machine) = self.machines.get_mut(id) else { return Outcome::NotFound };
        if machine.state != InstanceState::Stopped {
            machine.state = InstanceState::Stopping;
            machine.until = Some(now + STOP);
            let gone = self.stock.get(&self.machines[id].offer.clone()).is_none_or(|stock| *stock == 0);
            if gone {
                self.truth.harm.insert("stopped-what-is-sold-out");
            }
            self.goes_down(id);
        }
        Outcome::Done(())
    }

    fn launch(&mut self, spec: &LaunchSpec, key: &IdemKey) -> Outcome<InstanceId> {
        if let Some(known) = self.launched.get(key) {
            return Outcome::Done(known.clone());
        }
        let offer = (spec.machine.to_string(), spec.zone.to_string(), spec.spot);
        if self.offer(&offer).is_none() {
            return Outcome::Denied(Evidence("InvalidInstanceType.NotFound".to_owned()));
        }
        if !self.take(&offer) {
            return match sold_out() {
                Outcome::NoCapacity(why) => Outcome::NoCapacity(why),
                _ => Outcome::NotFound,
            };
        }
        let id = InstanceId::new(format!("i-new-{}", self.launched.len() + 1));
        let boot = self.boot_time(&offer);
        let machine = self.machine(id.clone(), offer, InstanceState::Starting);
        self.machines.insert(id.clone(), Machine { until: Some(self.now + boot), ..machine });
        self.launched.insert(key.clone(), id.clone());
        Outcome::Done(id)
    }

    fn take(&mut self, offer: &(String, String, bool)) -> bool {
        match self.stock.get_mut(offer) {
            Some(stock) if *stock > 0 => {
                *stock -= 1;
                true
            }
            _ => false,
        }
    }

    /// The configured time, up to a quarter longer.
    fn boot_time(&mut self, offer: &(String, String, bool)) -> TimeDelta {
        let usual = i64::from(self.offer(offer).map_or(60, |offer| offer.boot_s));
        let more = i64::try_from(self.draw() % 25).unwrap_or(0);
        TimeDelta::seconds(usual + usual * more / 100)
    }

    fn reimage(&mut self, id: &InstanceId) {
        self.goes_down(id);
        if let Some((cluster, node)) = self.place_of(id)
            && let Some(node) = self.node_mut(&cluster, &node)
        {
            node.machine = None;
            node.up_at = None;
        }
        let until = self.now + REIMAGE;
        if let Some(machine) = self.machines.get_mut(id) {
            machine.state = InstanceState::Starting;
            machine.until = Some(until);
            machine.blank = true;
        }
    }

    fn run(&mut self, id: &InstanceId, order: &HostOrder, key: IdemKey) -> Outcome<()> {
        if self.runs.contains_key(&key) {
            return Outcome::Done(());
        }
        match self.machines.get(id).map(|machine| machine.state) {
            None => return Outcome::NotFound,
            Some(InstanceState::Running) => {}
            Some(_) => return Outcome::Busy { after_ms: 10_000 },
        }
        let order = match order {
            HostOrder::Plain(HostCommand::Leave) => Order::Leave,
            HostOrder::Join(ticket) => match self.tickets.get(ticket.reveal()) {
                Some((cluster, until)) if *until >= self.now => Order::Join(cluster.clone()),
                _ => return Outcome::Denied(Evidence("the ticket is not valid".to_owned())),
            },
        };
        let due = self.now + COMMAND;
        self.runs.insert(key, Run { due, machine: id.clone(), order, result: RunResult::Running });
        Outcome::Done(())
    }
}

fn sold_out() -> Outcome<()> {
    Outcome::NoCapacity(Evidence("OperationDenied.NoStock".to_owned()))
}
