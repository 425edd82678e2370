//! The world, the network and the people.

use super::*;

impl Play {
    pub(super) fn world(&mut self) {
        let happened = self.fleet.advance(self.world_time());
        self.log.extend(happened.log);
        if self.engine.is_some() {
            if self.read < self.log.len() {
                let bytes = self.log[self.read..].to_vec();
                self.read = self.log.len();
                self.give(Input::Lines(Lines {
                    source: SourceName::new("access.log"),
                    service: self.scenario.service(),
                    bytes,
                    history: false,
                    position: None,
                    behind: 0,
                }));
            }
            if self.story.streams {
                for (cluster, seen) in happened.seen {
                    let seen = self.stamped(&cluster, seen);
                    self.comes(20, Happening::Seen(cluster, seen));
                }
            }
        }
        self.after(1_000, Happening::World);
    }

    pub(super) fn world_time(&self) -> Time {
        self.scenario.starts_at + ms(self.now_ms)
    }

    /// A stream begins with everything.
    pub(super) fn snapshots(&mut self) {
        if !self.story.streams {
            return;
        }
        for cluster in self.setup.fleet.clusters.clone() {
            if let Some(all) = self.inventory(&cluster.name) {
                let seen = self.stamped(&cluster.name, Seen::Snapshot(Box::new(all)));
                self.comes(50, Happening::Seen(cluster.name, seen));
            }
        }
    }

    pub(super) fn inventory(&self, cluster: &ClusterName) -> Option<Inventory> {
        match self.fleet.perform(Call::Inventory { cluster: cluster.clone() }) {
            CallAnswer::Inventory(Outcome::Done(all)) => Some(*all),
            _ => None,
        }
    }

    /// Adapters stamp what they read by the clock of the machine Lifeboat runs on.
    pub(super) fn stamped(&mut self, cluster: &ClusterName, seen: Seen) -> Seen {
        match seen {
            Seen::Snapshot(all) => Seen::Snapshot(Box::new(self.as_seen(cluster, *all))),
            Seen::Changed { as_of, fact } => Seen::Changed { as_of: as_of + self.wrong, fact },
            blind => blind,
        }
    }

    pub(super) fn as_seen(&mut self, cluster: &ClusterName, mut all: Inventory) -> Inventory {
        let as_of = all.as_of.map(|at| at + self.wrong);
        if self.mutant == Some(Mutant::SeesOldFactsAsNew) {
            let first = self.first_seen.entry(cluster.clone()).or_insert_with(|| all.clone());
            all.pods.clone_from(&first.pods);
        }
        Inventory { as_of, ..all }
    }

    pub(super) fn look(&mut self) {
        for (cluster, looked) in self.looked() {
            self.judge.look(&cluster, looked);
        }
        self.after(LOOK_MS, Happening::Look);
    }

    /// What really serves in each cluster, and what could.
    fn looked(&self) -> Vec<(ClusterName, Looked)> {
        let clusters = self.setup.fleet.clusters.iter();
        let looked = clusters.filter_map(|cluster| {
            let seen = self.inventory(&cluster.name)?;
            let could = |node: &&Node| node.ready == Ready::Yes && node.schedulable;
            let spare = if seen.wants_no_more(&cluster.service) {
                seen.nodes.values().filter(could).map(|node| node.name.clone()).collect()
            } else {
                BTreeSet::new()
            };
            Some((cluster.name.clone(), Looked { serving: seen.serving(&cluster.service), spare }))
        });
        looked.collect()
    }

    pub(super) fn people(&mut self) {
        if self.calm {
            return;
        }
        let lines = match &self.engine {
            Some(engine) => story::reacts(engine.durable(), &mut self.dice),
            None => Vec::new(),
        };
        for (person, line) in lines {
            self.types(person, &line);
        }
        self.after(PEOPLE_MS, Happening::People);
    }

    pub(super) fn types(&mut self, person: &str, line: &str) {
        if self.engine.is_none() {
            return;
        }
        self.tell(format!("{person}: {line}"));
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.asked.insert(ticket, line.to_owned());
        let known = self.setup.people.named(person).map(|person| person.name.clone());
        let speaker = lifeboat::desk::speaker(known, person, Origin::Console);
        self.give(Input::Command(Typed { ticket, line: line.to_owned(), channel: None, speaker }));
    }

    pub(super) fn act(&mut self, act: Act) {
        if self.calm {
            return;
        }
        if !matches!(act, Act::Type(..)) {
            self.tell(format!("{act:?}"));
        }
        match act {
            Act::Type(person, line) => self.types(person, &line),
            Act::Kill if self.engine.is_some() => self.kill(),
            Act::Kill => {}
            Act::KillInFlush => self.kill_in_flush = true,
            Act::KillBetween(effects) => self.kill_after = Some(effects),
            Act::SetClock(seconds) => self.wrong += TimeDelta::seconds(seconds),
            Act::FillDisk(room, for_ms) => {
                self.disk.fill(Some(room));
                self.after(for_ms, Happening::DiskFree);
            }
            Act::FailDisk(flushes, writes) => self.disk.fail(flushes, writes),
            Act::ChatDown(for_ms) => self.chat.down_until = self.now_ms + for_ms,
            Act::Trouble(for_ms, permille) => {
                self.trouble = f64::from(permille) / 1_000.0;
                self.after(for_ms, Happening::TroubleOver);
            }
            Act::Colleague(node, take_pods) => self.colleague(node, take_pods),
            Act::ColleagueMoves(percent) => self.colleague_moves(percent),
        }
    }

    pub(super) fn colleague(&mut self, node: &str, take_pods: bool) {
        let (cluster, node) = (ClusterName::new("main"), NodeName::new(node));
        let call = Call::SetSchedulable { cluster, node: node.clone(), want: take_pods };
        if let CallAnswer::Schedulable(Outcome::Done(before)) = self.fleet.perform(call)
            && before != take_pods
        {
            self.judge.colleague(&node, !take_pods);
        }
    }

    pub(super) fn colleague_moves(&mut self, percent: u8) {
        let traffic = TrafficName::new("www");
        let CallAnswer::Spread(Outcome::Done(now)) =
            self.fleet.perform(Call::ReadTraffic { traffic: traffic.clone() })
        else {
            return;
        };
        let weight = |name: &str, percent| Weight { cluster: ClusterName::new(name), percent };
        let weights = vec![weight("main", percent), weight("standby", 100 - percent)];
        let _ = self.fleet.perform(Call::SetTraffic { traffic, expected: now.version, weights });
    }

    pub(super) fn call(&mut self, id: CallId, call: Box<Call>) {
        let mut wish = None;
        if !call.reads() {
            let degraded = self.engine.as_ref().is_some_and(|engine| engine.degraded().is_some());
            for (cluster, looked) in self.looked() {
                self.judge.look_closer(&cluster, looked);
            }
            wish = self.judge.leaves(&call, degraded);
            self.tell(format!("{id:?} {call:?}"));
            if matches!(*call, Call::Reboot { .. }) {
                self.last_reboot = Some((*call).clone());
            }
        }
        if let Some(answer) = self.left_out(&call) {
            return self.comes(50, Happening::Answer(id, answer));
        }
        let trip = network::trip(&call, self.trouble, &mut self.dice);
        if !call.reads() && self.trouble > 0.0 {
            self.tell(format!("{id:?} goes there in {:?} ms, back: {:?}", trip.there, trip.back));
        }
        let mut back = match trip.back {
            Back::Answer(delays) => delays,
            Back::Instead(ms, answer) => {
                self.comes(ms, Happening::Answer(id, answer));
                Vec::new()
            }
            Back::Silence => Vec::new(),
        };
        for there in trip.there {
            // Only the first coming is answered.
            let back = std::mem::take(&mut back);
            let (call, life) = (call.clone(), self.life);
            self.after(there, Happening::Arrives { id, call, wish, back, life });
        }
    }

    /// What a broken Lifeboat takes for done.
    pub(super) fn left_out(&self, call: &Call) -> Option<CallAnswer> {
        match (self.mutant, call) {
            (Some(Mutant::ForgetsToUncordon), Call::SetSchedulable { want: true, .. }) => {
                Some(CallAnswer::Schedulable(Outcome::Done(false)))
            }
            (Some(Mutant::SaysDoneWhatWasNotDone), Call::Reboot { .. }) => {
                Some(CallAnswer::Plain(Outcome::Done(())))
            }
            _ => None,
        }
    }

    pub(super) fn reboot_again(&mut self) {
        if self.mutant != Some(Mutant::RebootsAgainAfterAStart) {
            return;
        }
        if let Some(Call::Reboot { cloud, instance, .. }) = self.last_reboot.clone() {
            let again = Call::Reboot { cloud, instance, key: IdemKey::new("again") };
            self.carry_out(Effect::Call { id: CallId(u64::MAX), call: Box::new(again) });
        }
    }

    /// A call comes to its port.
    pub(super) fn arrives(&mut self, id: CallId, call: &Call, wish: Option<Wish>, back: &[u64], life: u32) {
        let before = wish.map_or(0, |_| self.done_so_far());
        let answer = self.fleet.perform(call.clone());
        if let Some(wish) = wish {
            let times = self.done_so_far() - before;
            self.judge.came(wish, call, is_refused(&answer), times);
        }
        let answer = match (call, answer) {
            (Call::Inventory { cluster }, CallAnswer::Inventory(Outcome::Done(all))) => {
                CallAnswer::Inventory(Outcome::Done(Box::new(self.as_seen(cluster, *all))))
            }
            (_, answer) => answer,
        };
        // The process that asked hears it, and no other.
        for ms in back {
            self.at(self.now_ms + ms, Some(life), Happening::Answer(id, answer.clone()));
        }
    }

    /// Boots, machines made, disks emptied and traffic moved since the world began.
    pub(super) fn done_so_far(&self) -> u32 {
        let truth = self.fleet.truth();
        let all = truth.reboots.len() + truth.launches.len() + truth.reimages.len() + truth.shifts.len();
        u32::try_from(all).unwrap_or(u32::MAX)
    }

    pub(super) fn message(&mut self, queued: Seq, channel: &ChannelName, marked: bool, life: u32) {
        let message = Arrived { queued, marked };
        let (ms, heard) = self.chat.take(self.now_ms, channel, message, self.trouble, &mut self.dice);
        self.at(self.now_ms + ms, Some(life), Happening::Delivered(queued, heard));
    }
}
