//! The world: everything there is, second by second. It knows nothing of plans, scripts or people.

pub(super) mod act;
mod begin;
pub(super) mod cause;
pub(super) mod cloud;
pub(super) mod cluster;
mod harm;
mod load;
mod log;
mod pods;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::Waker;

use chrono::{DateTime, Timelike};
use lifeboat_commands::ports::orchestrator::{Fact, Seen};
use lifeboat_storage::event::{Share, Time};
use lifeboat_storage::id::{ClusterName, InstanceId, NodeName};

use self::cause::Cause;
use self::cloud::{Came, CloudWorld};
use self::cluster::Cluster;
use self::load::{Second, Site, chokes};
use self::log::LogWriter;
use super::faults::Fault;
use super::random::Dice;
use super::scenario::{ElsewhereFile, Scenario};
use super::truth::{Happened, Truth};

/// Everything is told anew so often, as a watch that is re-read would, so that facts do not look old in a quiet cluster.
const TOLD_ANEW_S: i64 = 30;
/// Changes kept for those who observe; who is further behind gets a snapshot.
const KEPT_CHANGES: usize = 4_096;

/// The time of a whole second.
pub(super) fn time_of(second: i64) -> Time {
    DateTime::from_timestamp(second, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

/// Everything there is.
#[derive(Debug)]
pub(super) struct World {
    pub(super) now: Time,
    /// The last second that has been lived.
    pub(super) second: i64,
    pub(super) scene: Arc<Scenario>,
    pub(super) dice: Dice,
    pub(super) cloud: CloudWorld,
    pub(super) clusters: BTreeMap<ClusterName, Cluster>,
    pub(super) site: Site,
    pub(super) causes: Vec<Cause>,
    pub(super) faults: VecDeque<Fault>,
    pub(super) truth: Truth,
    pub(super) seen: Seenings,
    /// Chance of what is only looked at: looking changes nothing.
    looks: Dice,
    noise: Dice,
    /// Chance of what is written, so that nothing depends on whether it is.
    ink: Dice,
    writer: LogWriter,
    elsewhere: Vec<(i64, ElsewhereFile)>,
    /// Requests that came to each cluster in the last second.
    came: BTreeMap<ClusterName, f64>,
}

/// What was seen and not yet told.
#[derive(Debug, Default)]
pub(super) struct Seenings {
    /// For [`World::advance`].
    pending: Vec<(ClusterName, Seen)>,
    told_at: Option<i64>,
    /// For observers: how many changes were before those kept, and these.
    pub(super) kept: BTreeMap<ClusterName, (u64, VecDeque<Seen>)>,
    pub(super) wakers: Vec<Waker>,
}

impl World {
    /// Lives on until `to`; does nothing when that lies behind.
    pub(super) fn advance(&mut self, to: Time) -> Happened {
        let mut log = Vec::new();
        self.live(to, Some(&mut log));
        self.tell();
        Happened { log, seen: std::mem::take(&mut self.seen.pending) }
    }

    /// The same, where nobody reads the log or is told anything.
    pub(super) fn pass(&mut self, to: Time) {
        self.live(to, None);
        self.collect();
        self.seen.pending.clear();
    }

    fn live(&mut self, to: Time, mut log: Option<&mut Vec<u8>>) {
        while self.second < to.timestamp() {
            self.second += 1;
            self.now = time_of(self.second).max(self.now);
            self.tick(log.as_deref_mut());
        }
        self.now = self.now.max(to);
    }

    fn tick(&mut self, log: Option<&mut Vec<u8>>) {
        let second = self.second;
        self.others_act();
        for came in self.cloud.tick(second, &mut self.dice) {
            self.machine_came(&came);
        }
        for cluster in self.clusters.values_mut() {
            cluster.tick(second, &mut self.dice);
        }
        self.causes_go_on();
        self.requests_come(log);
        self.truth.charge(&self.cloud);
        self.collect();
        if self.seen.told_at.is_some_and(|at| second - at >= TOLD_ANEW_S) {
            self.tell_anew();
        }
    }

    fn causes_go_on(&mut self) {
        let mut causes = std::mem::take(&mut self.causes);
        let came = std::mem::take(&mut self.came);
        self.clusters.values_mut().for_each(Cluster::relieve);
        for cause in &mut causes {
            cause.tick(self, |name| came.get(name).copied().unwrap_or(0.0));
        }
        self.came = came;
        self.causes = causes;
    }

    /// What cron, an autoscaler or a colleague does at its time. Who is refused hears it; we do not.
    fn others_act(&mut self) {
        let due = self.elsewhere.iter().position(|(at, _)| *at == self.second);
        let Some((_, act)) = due.map(|index| self.elsewhere.remove(index)) else { return };
        for node in &act.start {
            let id = super::scenario::instance_of(node);
            self.cloud.start(&id, self.second, &mut self.dice);
        }
        for node in &act.stop {
            let id = super::scenario::instance_of(node);
            self.power_off(&id);
        }
        for node in &act.cordon {
            let node = NodeName::new(node);
            for cluster in self.clusters.values_mut() {
                cluster.set_schedulable(&node, false);
            }
        }
        if !act.weights.is_empty() {
            self.site.weights.clone_from(&act.weights);
            self.site.version += 1;
        }
        self.others_act();
    }

    fn machine_came(&mut self, came: &Came) {
        match came {
            Came::Up(id) => self.machine_up(id),
            Came::Joined(id, cluster) => self.joined(id, cluster),
            Came::Reclaimed(id) => {
                let member = self.cloud.machines.get(id).and_then(|machine| machine.member.clone());
                if let Some((cluster, node)) = member
                    && let Some(cluster) = self.clusters.get_mut(&cluster)
                {
                    cluster.node_down(&node, self.second);
                }
                self.truth.reclaimed.push((self.now, id.clone()));
            }
        }
    }

    fn machine_up(&mut self, id: &InstanceId) {
        let Some(machine) = self.cloud.machines.get(id) else { return };
        let boot = machine.boot_id();
        let ready_at = self.second + self.dice.between((6, 12));
        if let Some((cluster, node)) = machine.member.clone()
            && let Some(cluster) = self.clusters.get_mut(&cluster)
        {
            cluster.node_up(&node, boot, self.second, ready_at);
        }
    }

    fn requests_come(&mut self, mut log: Option<&mut Vec<u8>>) {
        let local = time_of(self.second).with_timezone(&self.scene.zone).num_seconds_from_midnight();
        let came = self.site.arrive(local, &mut self.noise);
        if log.is_some() {
            self.writer.begin(self.second);
        }
        let mut share = Share::default();
        let names: Vec<ClusterName> = self.clusters.keys().cloned().collect();
        for name in names {
            let percent = self.site.weights.get(&name).copied().unwrap_or(0);
            let part = came * f64::from(percent) / 100.0;
            self.came.insert(name.clone(), part);
            let Some(cluster) = self.clusters.get(&name) else { continue };
            let done = self.site.serve(cluster, part, &mut self.noise);
            if let Some(log) = log.as_deref_mut() {
                self.writer.write(log, cluster, &done, &mut self.ink);
            }
            share.bad += done.failed;
            share.total += done.answered + done.failed;
            self.pods_choke(&name, &done);
        }
        let serving = self.clusters.values().map(|one| (one.name().clone(), one.serving())).collect();
        self.truth.second(share, serving);
    }

    fn pods_choke(&mut self, name: &ClusterName, done: &Second) {
        if done.pushed <= 1.0 {
            return;
        }
        let Some(cluster) = self.clusters.get_mut(name) else { return };
        let ready: Vec<String> = cluster
            .units
            .values()
            .filter(|unit| unit.is_serving())
            .map(|unit| unit.pod.name.clone())
            .collect();
        let choked: Vec<String> = ready.into_iter().filter(|_| chokes(done.pushed, &mut self.dice)).collect();
        for pod in choked {
            let node = self.clusters.get_mut(name).and_then(|cluster| cluster.restart(&pod, self.second));
            if let Some(node) = node {
                self.table_at_restart(name, &node);
            }
        }
    }

    /// Turns what was touched into facts.
    pub(super) fn collect(&mut self) {
        let as_of = self.now;
        for (name, cluster) in &mut self.clusters {
            self.truth.of_use.extend(cluster.began_to_be_of_use());
            for fact in changed(cluster) {
                let seen = Seen::Changed { as_of, fact };
                let (before, kept) = self.seen.kept.entry(name.clone()).or_default();
                kept.push_back(seen.clone());
                if kept.len() > KEPT_CHANGES {
                    kept.pop_front();
                    *before += 1;
                }
                if self.seen.told_at.is_some() {
                    self.seen.pending.push((name.clone(), seen));
                }
            }
        }
        if !self.seen.wakers.is_empty() {
            self.seen.wakers.drain(..).for_each(Waker::wake);
        }
    }

    fn tell(&mut self) {
        self.collect();
        if self.seen.told_at.is_none() {
            self.tell_anew();
        }
    }

    fn tell_anew(&mut self) {
        self.seen.told_at = Some(self.second);
        for (name, cluster) in &self.clusters {
            let snapshot = Seen::Snapshot(Box::new(cluster.inventory(self.now)));
            self.seen.pending.push((name.clone(), snapshot));
        }
    }
}

fn changed(cluster: &mut Cluster) -> Vec<Fact> {
    let mut facts = Vec::new();
    for name in std::mem::take(&mut cluster.touched_nodes) {
        let host = cluster.hosts.get(&name);
        facts.push(host.map_or(Fact::NodeGone(name), |host| Fact::Node(host.node.clone())));
    }
    for name in std::mem::take(&mut cluster.touched_pods) {
        let unit = cluster.units.get(&name);
        facts.push(unit.map_or(Fact::PodGone(name), |unit| Fact::Pod(unit.pod.clone())));
    }
    facts
}
