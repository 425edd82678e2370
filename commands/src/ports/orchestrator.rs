//! What runs pods on nodes: Kubernetes, Docker Swarm, the simulated one.

use chrono::TimeDelta;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::NodeName;
use lifeboat_storage::plan::{JoinRole, Policy, ProbeKind};

use super::{Outcome, Pending};
use crate::facts::{Inventory, Node, Pod, ProbeResult};

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A node is there, or is otherwise than before.
    Node(Node),
    /// A node is gone.
    NodeGone(NodeName),
    /// A pod is there, or is otherwise than before.
    Pod(Pod),
    /// A pod is gone.
    PodGone(String),
}

/// What is seen of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Everything, as of [`Inventory::as_of`]. Comes first, and again after each [`Seen::Blind`].
    Snapshot(Box<Inventory>),
    /// One change after the snapshot.
    Changed {
        /// When it was seen.
        as_of: Time,
        /// What.
        fact: Fact,
    },
    /// Nothing can be seen; the facts grow old.
    Blind {
        /// Since when.
        since: Time,
        /// Why: untrusted, cut, without secrets.
        why: String,
    },
}

/// A stream of what is seen.
pub trait Observation: Send {
    /// The next thing seen; none when the port is gone for good. Safe to drop and ask again.
    fn next(&mut self) -> Pending<'_, Option<Seen>>;
}

/// How far a drain went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Ordinary pods still on the node.
    pub left: u32,
    /// Pods that may not leave now, and the budget that holds them: untrusted names.
    pub blocked_by: Vec<String>,
    /// No ordinary pod is left.
    pub done: bool,
}

/// Lets one machine join one cluster, for a short time. In memory only: it can be neither printed nor stored.
pub struct JoinTicket {
    secret: String,
}

impl JoinTicket {
    /// Wraps what the cluster gave.
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self { secret }
    }

    /// For the adapter that hands it to the machine, and nobody else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.secret
    }
}

/// What runs pods on nodes.
pub trait Orchestrator: Send + Sync {
    /// A stream of what is seen, beginning with a snapshot.
    fn observe(&self) -> Box<dyn Observation>;

    /// Everything, read now.
    fn inventory(&self) -> Pending<'_, Outcome<Inventory>>;

    /// Looks at one thing on one node. Changes nothing.
    fn probe(&self, node: NodeName, probe: ProbeKind) -> Pending<'_, ProbeResult>;

    /// Lets new pods go to a node, or not; tells what it was before.
    ///
    /// # Effects
    /// Cordon or uncordon; pods that run stay. Safe to repeat; a repeat tells what the first left.
    fn set_schedulable(&self, node: NodeName, want: bool) -> Pending<'_, Outcome<bool>>;

    /// Asks every ordinary pod that may leave to leave, once, and tells what is left. Level-triggered: call again
    /// until `done`.
    ///
    /// # Effects
    /// Pods are evicted as far as disruption budgets allow. Safe to repeat, also after a crash.
    fn drain_once(&self, node: NodeName, policy: Policy) -> Pending<'_, Outcome<Drained>>;

    /// Puts the canary there by which name resolution is seen on every node.
    ///
    /// # Effects
    /// One small pod a worker, of our own. Level-triggered and safe to repeat: what is there already stays.
    fn install_canary(&self) -> Pending<'_, Outcome<()>>;

    /// Makes a ticket with which one machine may join.
    ///
    /// # Effects
    /// A secret lives in the cluster until `ttl` is over.
    fn mint_join(&self, role: JoinRole, ttl: TimeDelta) -> Pending<'_, Outcome<JoinTicket>>;

    /// Takes a node that is gone out of the cluster's books.
    ///
    /// # Effects
    /// The node is no longer listed. Refused (`Busy`) while ordinary pods run there. Safe to repeat: `NotFound` is done.
    fn forget(&self, node: NodeName) -> Pending<'_, Outcome<()>>;
}
