//! The end: what is still so, and what the judge says of it.

use super::*;

impl Play {
    pub(super) fn judge_the_end(&mut self) {
        if !self.is_at_rest() {
            self.judge.complain("it does not come to rest");
        }
        for line in self.asked.values().cloned().collect::<Vec<_>>() {
            self.judge.complain(format!("{line} was never answered"));
        }
        let cordoned = self.cordoned();
        self.judge.at_the_end(&self.chat, &cordoned);
        if let Err(damage) = self.disk.verify() {
            self.judge.complain(format!("the chain is broken: {damage}"));
        }
        let durable = self.engine.as_ref().map(|engine| engine.durable().clone());
        if durable.is_some_and(|durable| durable != self.judge.state) {
            self.judge.complain("the engine's state is not what its record adds up to");
        }
        match self.disk.open() {
            Ok(found) => {
                self.head = found.head;
                self.judge.restarted(&found.events);
            }
            Err(why) => self.judge.complain(format!("the log does not open at the end: {why}")),
        }
    }

    /// Workers that are up and take no pods.
    pub(super) fn cordoned(&self) -> BTreeSet<NodeName> {
        let clusters = self.setup.fleet.clusters.iter();
        let all = clusters.filter_map(|cluster| self.inventory(&cluster.name));
        let nodes = all.flat_map(|all| all.workers().cloned().collect::<Vec<_>>());
        nodes.filter(|node| !node.schedulable).map(|node| node.name).collect()
    }

    pub(super) fn ending(mut self) -> Ending {
        let state = &self.judge.state;
        let count = |standing| state.plans.values().filter(|run| run.standing == standing).count();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let paused = |event: &&Event| matches!(event.kind, lifeboat_storage::event::Kind::PlanPaused { .. });
        self.seen.plans = number(state.plans.len());
        self.seen.proven = number(count(Standing::Proven));
        self.seen.paused = number(self.judge.acknowledged.iter().filter(paused).count());
        self.seen.boots = number(self.fleet.truth().reboots.len());
        self.seen.messages = number(self.chat.arrived.values().map(Vec::len).sum());
        self.seen.length_ms = self.now_ms;
        Ending { complaints: self.judge.complaints, told: self.told.into(), head: self.head, seen: self.seen }
    }
}
