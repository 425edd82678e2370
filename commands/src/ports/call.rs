//! Calls on ports, and their answers, as plain data.

use std::collections::BTreeMap;

use lifeboat_storage::id::{CloudName, ClusterName, IdemKey, InstanceId, NodeName, TrafficName};
use lifeboat_storage::plan::{HostCommand, JoinRole, LaunchSpec, Policy, ProbeKind, Weight};
use serde::{Deserialize, Serialize};

use super::Outcome;
use super::cloud::RunResult;
use super::orchestrator::Drained;
use super::traffic::Spread;
use crate::facts::{Instance, Inventory, Offering, ProbeResult};

/// A call on the port of that name. Reading calls come first, those with effects after. Holds no secret, so it may be
/// written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "call")]
#[expect(missing_docs, reason = "the fields are the arguments of the port's methods, by their names")]
pub enum Call {
    /// [`super::orchestrator::Orchestrator::inventory`].
    Inventory { cluster: ClusterName },
    /// [`super::orchestrator::Orchestrator::probe`].
    Probe { cluster: ClusterName, node: NodeName, probe: ProbeKind },
    /// [`super::cloud::Cloud::instances`].
    Instances { cloud: CloudName },
    /// [`super::cloud::Cloud::offerings`].
    Offerings { cloud: CloudName },
    /// [`super::cloud::Cloud::find`].
    Find { cloud: CloudName, key: IdemKey },
    /// [`super::cloud::Cloud::run_result`].
    RunResult { cloud: CloudName, key: IdemKey },
    /// [`super::traffic::Traffic::read`].
    ReadTraffic { traffic: TrafficName },
    /// [`super::traffic::Traffic::health`].
    Health { traffic: TrafficName },

    /// [`super::orchestrator::Orchestrator::set_schedulable`].
    SetSchedulable { cluster: ClusterName, node: NodeName, want: bool },
    /// [`super::orchestrator::Orchestrator::drain_once`].
    Drain { cluster: ClusterName, node: NodeName, policy: Policy },
    /// [`super::orchestrator::Orchestrator::install_canary`].
    InstallCanary { cluster: ClusterName },
    /// [`super::orchestrator::Orchestrator::forget`].
    Forget { cluster: ClusterName, node: NodeName },
    /// [`super::cloud::Cloud::start`].
    Start { cloud: CloudName, ids: Vec<InstanceId> },
    /// [`super::cloud::Cloud::stop`].
    Stop { cloud: CloudName, ids: Vec<InstanceId> },
    /// [`super::cloud::Cloud::launch`].
    Launch { cloud: CloudName, spec: LaunchSpec, key: IdemKey },
    /// [`super::cloud::Cloud::reboot`].
    Reboot { cloud: CloudName, instance: InstanceId, key: IdemKey },
    /// [`super::cloud::Cloud::reimage`].
    Reimage { cloud: CloudName, instance: InstanceId, key: IdemKey },
    /// A ticket is minted by the cluster and run on the machine, in one go.
    Join { cluster: ClusterName, role: JoinRole, cloud: CloudName, instance: InstanceId, key: IdemKey },
    /// [`super::cloud::Cloud::run`].
    Run { cloud: CloudName, instance: InstanceId, command: HostCommand, key: IdemKey },
    /// [`super::traffic::Traffic::set`].
    SetTraffic { traffic: TrafficName, expected: String, weights: Vec<Weight> },
}

impl Call {
    /// Whether it changes nothing and may be made at any time.
    #[must_use]
    pub fn reads(&self) -> bool {
        matches!(
            self,
            Self::Inventory { .. }
                | Self::Probe { .. }
                | Self::Instances { .. }
                | Self::Offerings { .. }
                | Self::Find { .. }
                | Self::RunResult { .. }
                | Self::ReadTraffic { .. }
                | Self::Health { .. }
        )
    }
}

/// What came back, by the kind of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Of `Inventory`.
    Inventory(Outcome<Box<Inventory>>),
    /// Of `Probe`.
    Probed(ProbeResult),
    /// Of `Instances`.
    Instances(Outcome<Vec<Instance>>),
    /// Of `Offerings`.
    Offerings(Outcome<Vec<Offering>>),
    /// Of `Find` and `Launch`.
    Machine(Outcome<InstanceId>),
    /// Of `RunResult`.
    Ran(Outcome<RunResult>),
    /// Of `ReadTraffic` and `SetTraffic`.
    Spread(Outcome<Spread>),
    /// Of `Health`.
    Health(Outcome<BTreeMap<ClusterName, bool>>),
    /// Of `SetSchedulable`: what it was before.
    Schedulable(Outcome<bool>),
    /// Of `Drain`.
    Drained(Outcome<Drained>),
    /// Of `Start` and `Stop`: an outcome each.
    Each(BTreeMap<InstanceId, Outcome<()>>),
    /// Of `InstallCanary`, `Forget`, `Reboot`, `Reimage`, `Join` and `Run`.
    Plain(Outcome<()>),
}
