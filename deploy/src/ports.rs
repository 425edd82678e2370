//! The ports of one world by name, and how a call, which is data, is made on them.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_commands::ports::cloud::{Cloud, HostOrder};
use lifeboat_commands::ports::orchestrator::Orchestrator;
use lifeboat_commands::ports::traffic::Traffic;
use lifeboat_commands::ports::{Outcome, Pending};
use lifeboat_storage::id::{CloudName, ClusterName, IdemKey, InstanceId, TrafficName};
use lifeboat_storage::plan::JoinRole;

/// How long a join ticket lives: long enough for a slow boot, too short to be found and used later.
const TICKET_TTL: TimeDelta = TimeDelta::minutes(10);

/// The ports of one world. A drill's world holds simulated ports only: it is built from nothing else.
#[derive(Clone, Default)]
pub struct Ports {
    /// By cluster.
    pub orchestrators: BTreeMap<ClusterName, Arc<dyn Orchestrator>>,
    /// By cloud.
    pub clouds: BTreeMap<CloudName, Arc<dyn Cloud>>,
    /// By traffic entry.
    pub traffic: BTreeMap<TrafficName, Arc<dyn Traffic>>,
    /// Answers every call itself, one at a time: a world that keeps a journal of what came to it.
    pub all: Option<Arc<dyn Fn(Call) -> Answer + Send + Sync>>,
}

impl Ports {
    /// Makes a call. A name nobody configured is [`Outcome::NotFound`].
    ///
    /// # Effects
    /// Those of the port's method; see there.
    pub async fn perform(&self, call: Call) -> Answer {
        if let Some(all) = &self.all {
            return all(call);
        }
        match call {
            Call::Inventory { cluster } => {
                let outcome = on(self.orchestrators.get(&cluster), |port| port.inventory()).await;
                Answer::Inventory(outcome.map(Box::new))
            }
            Call::Probe { cluster, node, probe } => match self.orchestrators.get(&cluster) {
                Some(port) => Answer::Probed(port.probe(node, probe).await),
                None => Answer::Probed(lifeboat_commands::facts::ProbeResult::Unknown(Default::default())),
            },
            Call::SetSchedulable { cluster, node, want } => {
                let port = self.orchestrators.get(&cluster);
                Answer::Schedulable(on(port, |port| port.set_schedulable(node, want)).await)
            }
            Call::Drain { cluster, node, policy } => {
                let port = self.orchestrators.get(&cluster);
                Answer::Drained(on(port, |port| port.drain_once(node, policy)).await)
            }
            Call::InstallCanary { cluster } => {
                Answer::Plain(on(self.orchestrators.get(&cluster), |port| port.install_canary()).await)
            }
            Call::Forget { cluster, node } => {
                Answer::Plain(on(self.orchestrators.get(&cluster), |port| port.forget(node)).await)
            }
            Call::Join { cluster, role, cloud, instance, key } => {
                Answer::Plain(self.join(&cluster, role, &cloud, instance, key).await)
            }
            Call::ReadTraffic { traffic } => {
                Answer::Spread(on(self.traffic.get(&traffic), |port| port.read()).await)
            }
            Call::Health { traffic } => {
                Answer::Health(on(self.traffic.get(&traffic), |port| port.health()).await)
            }
            Call::SetTraffic { traffic, expected, weights } => {
                Answer::Spread(on(self.traffic.get(&traffic), |port| port.set(expected, weights)).await)
            }
            of_a_cloud => self.perform_on_cloud(of_a_cloud).await,
        }
    }

    async fn perform_on_cloud(&self, call: Call) -> Answer {
        match call {
            Call::Instances { cloud } => {
                Answer::Instances(on(self.clouds.get(&cloud), |port| port.instances()).await)
            }
            Call::Offerings { cloud } => {
                Answer::Offerings(on(self.clouds.get(&cloud), |port| port.offerings()).await)
            }
            Call::Find { cloud, key } => {
                Answer::Machine(on(self.clouds.get(&cloud), |port| port.find(key)).await)
            }
            Call::Launch { cloud, spec, key } => {
                Answer::Machine(on(self.clouds.get(&cloud), |port| port.launch(spec, key)).await)
            }
            Call::RunResult { cloud, key } => {
                Answer::Ran(on(self.clouds.get(&cloud), |port| port.run_result(key)).await)
            }
            Call::Start { cloud, ids } => match self.clouds.get(&cloud) {
                Some(port) => Answer::Each(port.start(ids).await),
                None => Answer::Each(not_found(ids)),
            },
            Call::Stop { cloud, ids } => match self.clouds.get(&cloud) {
                Some(port) => Answer::Each(port.stop(ids).await),
                None => Answer::Each(not_found(ids)),
            },
            Call::Reboot { cloud, instance, key } => {
                Answer::Plain(on(self.clouds.get(&cloud), |port| port.reboot(instance, key)).await)
            }
            Call::Reimage { cloud, instance, key } => {
                Answer::Plain(on(self.clouds.get(&cloud), |port| port.reimage(instance, key)).await)
            }
            Call::Run { cloud, instance, command, key } => {
                let order = HostOrder::Plain(command);
                Answer::Plain(on(self.clouds.get(&cloud), |port| port.run(instance, order, key)).await)
            }
            _ => Answer::Plain(Outcome::NotFound),
        }
    }

    /// The ticket lives between two lines of this function and nowhere else.
    async fn join(
        &self,
        cluster: &ClusterName,
        role: JoinRole,
        cloud: &CloudName,
        instance: InstanceId,
        key: IdemKey,
    ) -> Outcome<()> {
        let minted = on(self.orchestrators.get(cluster), |port| port.mint_join(role, TICKET_TTL)).await;
        match minted {
            Outcome::Done(ticket) => {
                on(self.clouds.get(cloud), |port| port.run(instance, HostOrder::Join(ticket), key)).await
            }
            refused => refused.map(drop),
        }
    }
}

async fn on<'a, P: ?Sized, T>(
    port: Option<&'a Arc<P>>,
    call: impl FnOnce(&'a P) -> Pending<'a, Outcome<T>>,
) -> Outcome<T> {
    match port {
        Some(port) => call(port).await,
        None => Outcome::NotFound,
    }
}

fn not_found(ids: Vec<InstanceId>) -> BTreeMap<InstanceId, Outcome<()>> {
    ids.into_iter().map(|id| (id, Outcome::NotFound)).collect()
}
