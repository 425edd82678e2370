//! What is seen of a simulated cluster, as a stream.

use std::future::poll_fn;
use std::task::Poll;

use lifeboat_commands::ports::Pending;
use lifeboat_commands::ports::orchestrator::{Observation, Seen};
use lifeboat_storage::id::ClusterName;

use crate::simulated::Simulated;

/// Begins with a snapshot; then each change; a snapshot again when it fell too far behind.
pub(super) struct Watching {
    fleet: Simulated,
    cluster: ClusterName,
    /// Changes it has told, or none before the first snapshot.
    told: Option<u64>,
}

impl Watching {
    pub(super) fn new(fleet: Simulated, cluster: ClusterName) -> Self {
        Self { fleet, cluster, told: None }
    }

    fn poll(&mut self, waker: &std::task::Waker) -> Poll<Option<Seen>> {
        let mut world = self.fleet.world();
        let Some(cluster) = world.clusters.get(&self.cluster) else { return Poll::Ready(None) };
        let (before, kept) = match world.seen.kept.get(&self.cluster) {
            Some((before, kept)) => (*before, kept.len() as u64),
            None => (0, 0),
        };
        let Some(told) = self.told.filter(|told| *told >= before) else {
            self.told = Some(before + kept);
            return Poll::Ready(Some(Seen::Snapshot(Box::new(cluster.inventory(world.now)))));
        };
        let next = usize::try_from(told - before).ok();
        let change = next.and_then(|next| world.seen.kept.get(&self.cluster)?.1.get(next).cloned());
        match change {
            Some(change) => {
                self.told = Some(told + 1);
                Poll::Ready(Some(change))
            }
            None => {
                world.seen.wakers.push(waker.clone());
                Poll::Pending
            }
        }
    }
}

impl Observation for Watching {
    fn next(&mut self) -> Pending<'_, Option<Seen>> {
        Box::pin(poll_fn(|context| self.poll(context.waker())))
    }
}
