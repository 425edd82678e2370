//! What to type upon a sign: the best line first, and never first one that does harm.

use std::collections::BTreeSet;

use lifeboat_storage::id::{MachineType, NodeName, ZoneName};
use lifeboat_storage::plan::ProbeKind;

use super::Verdict;
use super::place::{Place, Sign};
use crate::facts::{
    CloudFacts, Instance, InstanceState, Loss, Matched, Offering, Pod, PodState, ProbeResult, Stock, workload,
};
use crate::fleet::{Cluster, Pool, PoolRung};
use crate::planner::target;

impl Place<'_> {
    pub(super) fn actions(&self, sign: &Sign) -> Vec<String> {
        let lines = match sign.verdict {
            Verdict::NodePath => self.boots(sign),
            Verdict::NameServers => vec![self.swap().or_else(|| Some(self.freeze(sign)))],
            Verdict::Registry => vec![Some(self.freeze(sign)), self.swap()],
            Verdict::Agents if self.is_dead(&sign.nodes) => self.boots(sign),
            Verdict::Agents => vec![Some(self.freeze(sign))],
            Verdict::TooFew => vec![self.more(), self.swap()],
            Verdict::NeverJoin => {
                vec![self.start().or_else(|| self.swap()).or_else(|| Some(self.freeze(sign)))]
            }
            Verdict::Egress => vec![self.swap().or_else(|| Some("/cluster check".to_owned()))],
            Verdict::Entry => vec![self.swap()],
            Verdict::Cordoned => vec![Some(format!("/node uncordon {}", self.listed(&sign.nodes)))],
            Verdict::Wanderer => vec![self.another_kind(), self.refill(sign), self.contain(sign)],
            Verdict::Application => Vec::new(),
        };
        lines.into_iter().flatten().collect()
    }

    /// One first, one that does not serve if there is any; then what fails as well.
    fn boots(&self, sign: &Sign) -> Vec<Option<String>> {
        let serving = self.cluster().map(|one| self.seen.serving(&one.service)).unwrap_or_default();
        let idle = sign.nodes.iter().find(|node| !serving.contains(*node));
        let canary = idle.or(sign.nodes.first());
        let canary = canary.map(|node| format!("/node reboot target:{node} mode:canary"));
        let rest = (sign.nodes.len() > 1).then(|| "/node reboot target:failing mode:rolling".to_owned());
        vec![canary, rest]
    }

    /// Nobody hears of these nodes, and asked directly their agents do not answer either.
    fn is_dead(&self, nodes: &BTreeSet<NodeName>) -> bool {
        nodes.iter().all(|node| {
            let key = (self.name.clone(), node.clone(), ProbeKind::Agent);
            let fact = self.facts.probes.get(&key);
            fact.is_some_and(|fact| matches!(fact.result, ProbeResult::Fail(_)))
        })
    }

    fn freeze(&self, sign: &Sign) -> String {
        format!("/cluster freeze cluster:{} reason:{}", self.name, sign.verdict.key())
    }

    fn swap(&self) -> Option<String> {
        let own = self.cluster()?;
        let others =
            self.fleet.clusters.iter().filter(|one| one.name != own.name && one.service == own.service);
        let sound = others.filter(|one| self.is_sound(one)).max_by_key(|one| one.wanted)?;
        Some(format!("/cluster swap to:{}", sound.name))
    }

    /// It serves with all it should have, nothing fails there, and it answers through the entry.
    fn is_sound(&self, other: &Cluster) -> bool {
        let Some(seen) = self.facts.clusters.get(&other.name) else { return false };
        let entry = other.traffic.as_ref().and_then(|name| self.facts.traffic.get(name));
        let answers = entry.and_then(|entry| entry.health.get(&other.name)) == Some(&true);
        let serving = seen.serving(&other.service).len();
        let failing = seen.pods.values().any(|pod| matches!(pod.state, PodState::Failing { .. }));
        let mut probes =
            self.facts.probes.iter().filter(|((cluster, ..), _)| *cluster == other.name).peekable();
        let looked_at = probes.peek().is_some();
        let passes = probes.all(|(_, fact)| fact.result == ProbeResult::Pass);
        let enough = super::place::count(serving) >= other.wanted.max(1);
        answers && enough && !failing && looked_at && passes
    }

    fn missing(&self) -> u32 {
        self.cluster().map_or(0, |cluster| cluster.wanted.saturating_sub(self.up()))
    }

    fn pools(&self) -> impl Iterator<Item = &Pool> {
        self.fleet.pools.iter().filter(|pool| pool.cluster == *self.name)
    }

    fn cloud(&self) -> Option<&CloudFacts> {
        self.facts.clouds.get(&self.cluster()?.cloud)
    }

    /// The cloud says that it has no more of them.
    fn is_sold_out(&self, (machine, zone, spot): (&MachineType, &ZoneName, bool)) -> bool {
        let offers = self.cloud().map_or(&[][..], |cloud| cloud.offerings.as_slice());
        let same = |offer: &&Offering| offer.machine == *machine && offer.zone == *zone && offer.spot == spot;
        offers.iter().find(same).is_some_and(|offer| offer.stock == Stock::SoldOut)
    }

    /// Machines that were nodes before and are off come first: they are known to work.
    fn start(&self) -> Option<String> {
        let cloud = self.cloud()?;
        let can_be_had = |one: &&Instance| {
            one.state == InstanceState::Stopped && !self.is_sold_out((&one.machine, &one.zone, one.spot))
        };
        let off = |pool: &Pool| {
            let members = pool.members.iter().filter_map(|id| cloud.instances.get(id));
            super::place::count(members.filter(can_be_had).count())
        };
        let pool = self.pools().max_by_key(|pool| off(pool)).filter(|pool| off(pool) > 0)?;
        Some(format!("/node add count:{} pool:{}", off(pool).min(self.missing()), pool.name))
    }

    /// What is known to work, else what may be had.
    pub(super) fn more(&self) -> Option<String> {
        self.start().or_else(|| self.launch())
    }

    /// A pool that has a rung which is not known to be sold out.
    fn launch(&self) -> Option<String> {
        let can_be_had = |rung: &PoolRung| !self.is_sold_out((&rung.machine, &rung.zone, rung.spot));
        let pool = self.pools().find(|pool| pool.ladder.iter().any(can_be_had))?;
        Some(format!("/node add count:{} pool:{}", self.missing(), pool.name))
    }

    /// One node of a kind that was not among those that fell: it may bear what they did not.
    fn another_kind(&self) -> Option<String> {
        let cloud = self.cloud()?;
        let kinds: BTreeSet<&MachineType> = self
            .seen
            .workers()
            .filter_map(|node| match cloud.machine_of(node) {
                Matched::One(id) => cloud.instances.get(&id).map(|one| &one.machine),
                Matched::Unclear(_) => None,
            })
            .collect();
        let other = |rung: &PoolRung| {
            !kinds.contains(&rung.machine) && !self.is_sold_out((&rung.machine, &rung.zone, rung.spot))
        };
        let pool = self.pools().find(|pool| pool.ladder.first().is_some_and(other))?;
        (!kinds.is_empty()).then(|| format!("/node add count:1 pool:{}", pool.name))
    }

    /// Opens nodes that it ate and that came back closed, empty and sound, so that pods find room there. As it may take
    /// the one that is opened, there must be another.
    fn refill(&self, sign: &Sign) -> Option<String> {
        let service = &self.cluster()?.service;
        let serving = self.seen.serving(service);
        let came_back = self.seen.workers().filter(|node| sign.nodes.contains(&node.name));
        let empty: BTreeSet<NodeName> = came_back
            .filter(|node| !node.schedulable && !serving.contains(&node.name))
            .filter(|node| !target::is_failing(self.facts, self.name, node))
            .map(|node| node.name.clone())
            .collect();
        let wanted = !self.seen.wants_no_more(service) && empty.len() >= 2;
        wanted.then(|| format!("/node uncordon {}", self.listed(&empty)))
    }

    /// Closes every node to it but the one it sits on, or will sit on; those too that are down and will come back. Where
    /// no such node would stay open, or no other carries the service, nothing is closed: pods need a place to go to.
    fn contain(&self, sign: &Sign) -> Option<String> {
        let of_it =
            |pod: &&Pod| pod.service.is_none() && sign.workload.as_deref() == Some(workload(&pod.name));
        let sits_on = self.seen.pods.values().filter(of_it).find_map(|pod| pod.node.clone());
        let fell = |loss: &&Loss| loss.cluster == *self.name && sign.nodes.contains(&loss.node);
        let lost_last = self.facts.memory.losses.iter().rev().find(fell);
        let left_open = sits_on.or_else(|| lost_last.map(|loss| loss.node.clone()))?;
        let open: BTreeSet<&NodeName> =
            self.seen.workers().filter(|node| node.schedulable).map(|node| &node.name).collect();
        let service = &self.cluster()?.service;
        let elsewhere = |pod: &Pod| {
            let node = pod.node.as_ref().filter(|node| **node != left_open && self.is_up(node));
            node.is_some() && pod.service.as_ref() == Some(service)
        };
        let spared = open.contains(&left_open) && self.seen.pods.values().any(elsewhere);
        let others: BTreeSet<NodeName> =
            open.into_iter().filter(|node| **node != left_open).cloned().collect();
        (spared && !others.is_empty()).then(|| format!("/node cordon {}", self.listed(&others)))
    }

    fn listed(&self, nodes: &BTreeSet<NodeName>) -> String {
        let address = |node: &NodeName| target::address(self.fleet, self.facts, self.name, node);
        nodes.iter().map(address).collect::<Vec<_>>().join(",")
    }
}
