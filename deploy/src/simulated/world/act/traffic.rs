//! The traffic's side: how requests are spread, and whether a cluster answers.

use std::collections::BTreeMap;

use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::traffic::Spread;
use lifeboat_storage::id::ClusterName;
use lifeboat_storage::plan::Weight;

use super::{AGAIN_MS, evidence};
use crate::simulated::world::World;
use crate::simulated::world::cluster::Cluster;
use crate::simulated::world::load;

impl World {
    pub(in crate::simulated) fn spread(&self) -> Spread {
        let weight =
            |(cluster, percent): (&ClusterName, &u8)| Weight { cluster: cluster.clone(), percent: *percent };
        Spread { version: self.site.version_text(), weights: self.site.weights.iter().map(weight).collect() }
    }

    pub(in crate::simulated) fn set_traffic(
        &mut self,
        expected: &str,
        weights: &[Weight],
    ) -> Outcome<Spread> {
        if self.site.version_text() != expected {
            return Outcome::Busy { after_ms: AGAIN_MS };
        }
        let wanted: BTreeMap<ClusterName, u8> =
            weights.iter().map(|one| (one.cluster.clone(), one.percent)).collect();
        let sum: u32 = wanted.values().map(|percent| u32::from(*percent)).sum();
        let known = wanted.keys().all(|cluster| self.clusters.contains_key(cluster));
        if sum != 100 || !known || wanted.len() != weights.len() {
            return Outcome::Denied(evidence(format!("weights add up to {sum}")));
        }
        let (before, answered) = (self.site.weights.clone(), self.answered());
        self.site.weights = wanted;
        self.site.version += 1;
        self.truth.shifts.push((self.now, weights.to_vec()));
        self.judge_shift(&before, answered);
        Outcome::Done(self.spread())
    }

    /// A request to a cluster through the entry: is it likely to be answered? Lost in a jam, it is not.
    pub(in crate::simulated) fn answers(&self, cluster: &Cluster) -> bool {
        let came = self.came.get(cluster.name()).copied().unwrap_or(0.0);
        load::capacity(cluster) > 0.0 && load::entry(cluster) * 2.0 >= came
    }
}
