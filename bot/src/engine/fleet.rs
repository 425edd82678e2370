//! What is seen of clusters, clouds and traffic: facts in memory with their age, calls on their way.

use std::collections::BTreeMap;

use lifeboat_commands::facts::Facts;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_commands::ports::orchestrator::{Fact, Seen};
use lifeboat_storage::event::Share;
use lifeboat_storage::id::{ClusterName, ServiceName};

use super::Engine;
use super::effect::Effect;
use super::input::{CallId, Now};

/// What is seen, and what was asked.
#[derive(Debug, Default)]
pub struct Watched {
    /// The newest facts.
    pub(crate) facts: Facts,
    /// Calls on their way.
    pub(crate) calls: BTreeMap<CallId, Call>,
}

impl Engine {
    /// The newest facts of the fleet.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.fleet.facts
    }

    /// Failed of all requests of a service, as last counted by what fires.
    pub(crate) fn recent_share(&self, service: &ServiceName) -> Option<Share> {
        let firing = self.state.alerts.values().filter(|alert| alert.firing && alert.service == *service);
        firing
            .filter(|alert| alert.what.is_of_requests())
            .map(|alert| alert.now)
            .max_by_key(|share| share.bad)
    }

    pub(crate) fn seen(&mut self, cluster: &ClusterName, seen: Seen, _now: Now, _out: &mut Vec<Effect>) {
        let inventory = self.fleet.facts.clusters.entry(cluster.clone()).or_default();
        match seen {
            Seen::Snapshot(all) => *inventory = *all,
            Seen::Changed { as_of, fact } => {
                inventory.as_of = Some(as_of);
                match fact {
                    Fact::Node(node) => _ = inventory.nodes.insert(node.name.clone(), node),
                    Fact::NodeGone(name) => _ = inventory.nodes.remove(&name),
                    Fact::Pod(pod) => _ = inventory.pods.insert(pod.name.clone(), pod),
                    Fact::PodGone(name) => _ = inventory.pods.remove(&name),
                }
            }
            Seen::Blind { .. } => {}
        }
    }

    pub(crate) fn called(&mut self, id: CallId, _answer: Answer, _now: Now, _out: &mut Vec<Effect>) {
        self.fleet.calls.remove(&id);
    }
}
