//! What gives machines.

use std::collections::BTreeMap;

use lifeboat_storage::id::{IdemKey, InstanceId};
use lifeboat_storage::plan::{Evidence, HostCommand, LaunchSpec};

use super::orchestrator::JoinTicket;
use super::{Outcome, Pending};
use crate::facts::{Instance, Offering};

/// A command for a machine, with the secret it needs.
pub enum HostOrder {
    /// Without a secret.
    Plain(HostCommand),
    /// Join a cluster, cordoned.
    Join(JoinTicket),
}

/// How a command on a machine ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunResult {
    /// Still at it.
    Running,
    /// Done.
    Succeeded,
    /// It failed; the end of what it printed, without secrets.
    Failed(Evidence),
}

/// What gives machines.
pub trait Cloud: Send + Sync {
    /// Types that can be had, with stock and price where the cloud says so.
    fn offerings(&self) -> Pending<'_, Outcome<Vec<Offering>>>;

    /// All machines of this account and region.
    fn instances(&self) -> Pending<'_, Outcome<Vec<Instance>>>;

    /// Starts stopped machines; an outcome for each.
    ///
    /// # Effects
    /// Money runs from then on. Safe to repeat: one that runs is `Done`.
    fn start(&self, ids: Vec<InstanceId>) -> Pending<'_, BTreeMap<InstanceId, Outcome<()>>>;

    /// Stops machines and keeps them; an outcome for each.
    ///
    /// # Effects
    /// What runs there ends. Safe to repeat. A spot machine may not be had again afterwards.
    fn stop(&self, ids: Vec<InstanceId>) -> Pending<'_, BTreeMap<InstanceId, Outcome<()>>>;

    /// Makes a machine.
    ///
    /// # Effects
    /// Money runs. Safe to repeat with the same key: the first machine is the answer.
    fn launch(&self, spec: LaunchSpec, key: IdemKey) -> Pending<'_, Outcome<InstanceId>>;

    /// What an earlier [`Cloud::launch`] with this key made. `NotFound`: nothing, for sure.
    fn find(&self, key: IdemKey) -> Pending<'_, Outcome<InstanceId>>;

    /// Boots a machine again in place: it keeps its disk, its address and its place in the cloud.
    ///
    /// # Effects
    /// What runs there ends; it comes back by itself. **Not** safe to repeat: look at the boot id first.
    fn reboot(&self, id: InstanceId, key: IdemKey) -> Pending<'_, Outcome<()>>;

    /// Makes a machine's disk new.
    ///
    /// # Effects
    /// Everything on it is lost. Safe to repeat with the same key.
    fn reimage(&self, id: InstanceId, key: IdemKey) -> Pending<'_, Outcome<()>>;

    /// Runs a command on a machine; ask [`Cloud::run_result`] how it ended.
    ///
    /// # Effects
    /// Those of the command. Safe to repeat with the same key.
    fn run(&self, id: InstanceId, order: HostOrder, key: IdemKey) -> Pending<'_, Outcome<()>>;

    /// How a command ended.
    fn run_result(&self, key: IdemKey) -> Pending<'_, Outcome<RunResult>>;
}
