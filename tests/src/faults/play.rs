//! The loop: one happening after the other, by the clock of the story. Nothing waits, nothing is random but the seed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use chrono::TimeDelta;
use lifeboat::engine::effect::{Answer, Effect};
use lifeboat::engine::input::{Appended, CallId, Delivered, Input, Lines, Now, Ticket, Typed};
use lifeboat::engine::shelf::Shelf;
use lifeboat::engine::watch::Checkpoint;
use lifeboat::engine::{Engine, Setup};
use lifeboat_commands::facts::Inventory;
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer as CallAnswer, Call};
use lifeboat_commands::ports::orchestrator::Seen;
use lifeboat_deploy::simulated::{Scenario, Simulated};
use lifeboat_storage::event::{Event, Origin, Time};
use lifeboat_storage::id::{ChannelName, ClusterName, IdemKey, NodeName, Seq, SourceName, TrafficName};
use lifeboat_storage::plan::Weight;
use lifeboat_storage::plan::run::Standing;
use lifeboat_storage::state::State;

use super::chat::{Arrived, Chat};
use super::disk::Disk;
use super::judge::{Judge, LOOK_MS, Wish};
use super::mutant::Mutant;
use super::network::{self, Back};
use super::stage;
use super::story::{self, Act, STORY_MS, Story};
use crate::traffic::seeded::Seeded;

/// How long it may take at the end until nothing is left to do.
const CALM_MS: u64 = 120 * 60_000;
/// How often people look at what stands there.
const PEOPLE_MS: u64 = 5_000;
/// Lines of what happened that are kept for a failure.
const TOLD: usize = 400;

/// How a story went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// What is wrong; empty when nothing is.
    pub complaints: Vec<String>,
    /// What happened last, a line each.
    pub told: Vec<String>,
    /// Hash of the newest record: the same story has the same.
    pub head: String,
    /// How much of what there is to see was seen.
    pub seen: Tally,
}

/// How often things happened, so that a test can say that they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Starts of Lifeboat.
    pub starts: u32,
    /// Starts that cut an unfinished flush.
    pub torn: u32,
    /// Events recorded.
    pub events: u32,
    /// Appends that failed.
    pub failed_appends: u32,
    /// Plans that ended proven.
    pub proven: u32,
    /// Plans in all.
    pub plans: u32,
    /// Pauses.
    pub paused: u32,
    /// Nodes booted.
    pub boots: u32,
    /// Messages that arrived.
    pub messages: u32,
    /// Commands refused.
    pub refused: u32,
    /// Milliseconds of the story.
    pub length_ms: u64,
}

enum Happening {
    Tick,
    World,
    People,
    Look,
    Act(Act),
    DiskFree,
    TroubleOver,
    Start,
    Flush,
    Receipt(u64, Appended),
    Seen(ClusterName, Seen),
    Arrives { id: CallId, call: Box<Call>, wish: Option<Wish>, back: Vec<u64>, life: u32 },
    Answer(CallId, CallAnswer),
    Message { queued: Seq, channel: ChannelName, marked: bool, life: u32 },
    Delivered(Seq, Delivered),
}

/// One story while it is played.
pub struct Play {
    story: Story,
    mutant: Option<Mutant>,
    dice: Seeded,
    scenario: Scenario,
    setup: Setup,
    fleet: Simulated,
    disk: Disk,
    chat: Chat,
    judge: Judge,
    engine: Option<Engine>,
    /// What belongs to a process dies with it.
    life: u32,
    now_ms: u64,
    started_ms: u64,
    /// By how much the wall clock is wrong.
    wrong: TimeDelta,
    trouble: f64,
    calm: bool,
    queue: BTreeMap<(u64, u64), (Option<u32>, Happening)>,
    next: u64,
    writing: VecDeque<(u64, Vec<Event>)>,
    flushing: bool,
    /// Receipts come in the order of their appends.
    receipts_until: u64,
    kill_in_flush: bool,
    kill_after: Option<u32>,
    log: Vec<u8>,
    read: usize,
    checkpoint: Option<(Checkpoint, usize)>,
    asked: BTreeMap<Ticket, String>,
    next_ticket: u64,
    last_reboot: Option<Call>,
    first_seen: BTreeMap<ClusterName, Inventory>,
    told: VecDeque<String>,
    seen: Tally,
    head: String,
}

/// Plays a seed to its end, with a Lifeboat that is broken so where one is given.
#[must_use]
pub fn play(seed: u64, mutant: Option<Mutant>) -> Ending {
    let mut play = Play::new(seed, mutant);
    play.whole();
    play.ending()
}

impl Play {
    fn new(seed: u64, mutant: Option<Mutant>) -> Self {
        let story = Story::of(seed);
        let scenario = stage::scenario(seed);
        let mut setup = stage::setup(&scenario);
        if mutant == Some(Mutant::LetsAnybodyApprove) {
            let all = setup.people.0[0].permissions.clone();
            setup.people.0.iter_mut().for_each(|person| person.permissions.clone_from(&all));
        }
        let fleet = Simulated::new(&scenario, seed);
        let trouble = story.trouble;
        let mut play = Self {
            story,
            mutant,
            dice: Seeded::new(seed, 31),
            fleet,
            disk: Disk::default(),
            chat: Chat::default(),
            judge: Judge::new(stage::people()),
            engine: None,
            life: 0,
            now_ms: 0,
            started_ms: 0,
            wrong: TimeDelta::zero(),
            trouble,
            calm: false,
            queue: BTreeMap::new(),
            next: 0,
            writing: VecDeque::new(),
            flushing: false,
            receipts_until: 0,
            kill_in_flush: false,
            kill_after: None,
            log: Vec::new(),
            read: 0,
            checkpoint: None,
            asked: BTreeMap::new(),
            next_ticket: 1,
            last_reboot: None,
            first_seen: BTreeMap::new(),
            told: VecDeque::new(),
            seen: Tally::default(),
            head: String::new(),
            setup,
            scenario,
        };
        play.log = play.fleet.advance(play.scenario.starts_at).log;
        for (at, act) in play.story.acts.clone() {
            play.at(at, None, Happening::Act(act));
        }
        for first in [Happening::Start, Happening::Tick, Happening::World, Happening::People, Happening::Look]
        {
            play.after(0, first);
        }
        play
    }

    fn whole(&mut self) {
        while let Some(((at, _), (life, happening))) = self.queue.pop_first() {
            if !self.judge.complaints.is_empty() || at > STORY_MS + CALM_MS {
                break;
            }
            self.now_ms = at;
            if at >= STORY_MS && !self.calm {
                self.calm_down();
            }
            if life.is_none_or(|life| life == self.life && self.engine.is_some()) {
                self.happens(happening);
            }
            if self.calm && self.is_at_rest() {
                break;
            }
        }
        if self.judge.complaints.is_empty() {
            self.judge_the_end();
        }
    }

    /// Everything works from now on, and nobody does anything more.
    fn calm_down(&mut self) {
        self.tell("everything works from now on".to_owned());
        self.calm = true;
        self.trouble = 0.0;
        self.kill_in_flush = false;
        self.kill_after = None;
        self.chat.down_until = 0;
        self.disk.fill(None);
        self.disk.fail(0, 0);
    }

    fn is_at_rest(&self) -> bool {
        let Some(engine) = &self.engine else { return false };
        let state = engine.durable();
        let busy = |standing| matches!(standing, Standing::Running | Standing::Proposed);
        engine.degraded().is_none()
            && self.writing.is_empty()
            && state.applied == self.judge.state.applied
            && self.asked.is_empty()
            && state.outbox.waiting.is_empty()
            && self.now_ms > STORY_MS + 120_000
            && !state.plans.values().any(|run| busy(run.standing))
    }

    fn at(&mut self, at: u64, life: Option<u32>, happening: Happening) {
        self.next += 1;
        self.queue.insert((at, self.next), (life, happening));
    }

    /// Happens whatever becomes of Lifeboat.
    fn after(&mut self, ms: u64, happening: Happening) {
        self.at(self.now_ms + ms, None, happening);
    }

    /// Happens to this process only.
    fn comes(&mut self, ms: u64, happening: Happening) {
        self.at(self.now_ms + ms, Some(self.life), happening);
    }

    fn tell(&mut self, what: String) {
        let at = self.scenario.starts_at + ms(self.now_ms);
        self.told
            .push_back(format!("{} {what}", at.with_timezone(&self.scenario.zone).format("%H:%M:%S%.3f")));
        if self.told.len() > TOLD {
            self.told.pop_front();
        }
    }

    fn now(&self) -> Now {
        let wall = self.scenario.starts_at + ms(self.now_ms) + self.wrong;
        Now { wall, mono_ms: self.now_ms - self.started_ms }
    }

    fn happens(&mut self, happening: Happening) {
        match happening {
            Happening::Tick => {
                self.give(Input::Tick);
                self.after(self.story.tick_ms, Happening::Tick);
            }
            Happening::World => self.world(),
            Happening::People => self.people(),
            Happening::Look => self.look(),
            Happening::Act(act) => self.act(act),
            Happening::DiskFree => {
                self.tell("the disk has room again".to_owned());
                self.disk.fill(None);
            }
            Happening::TroubleOver => self.trouble = if self.calm { 0.0 } else { self.story.trouble },
            Happening::Start => self.start(),
            Happening::Flush => self.flush(),
            Happening::Receipt(batch, outcome) => self.give(Input::Appended { batch, outcome }),
            Happening::Seen(cluster, seen) => self.give(Input::Seen { cluster, seen }),
            Happening::Arrives { id, call, wish, back, life } => self.arrives(id, &call, wish, &back, life),
            Happening::Answer(id, answer) => self.give(Input::Called { id, answer: Box::new(answer) }),
            Happening::Message { queued, channel, marked, life } => {
                self.message(queued, &channel, marked, life);
            }
            Happening::Delivered(queued, outcome) => self.give(Input::Delivered { queued, outcome }),
        }
    }

    fn give(&mut self, input: Input) {
        let now = self.now();
        let Some(engine) = &mut self.engine else { return };
        for effect in engine.handle(input, now) {
            if let Some(left) = &mut self.kill_after {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    self.kill_after = None;
                    self.tell(format!("killed before {}", name_of(&effect)));
                    return self.kill();
                }
            }
            self.carry_out(effect);
            if self.engine.is_none() {
                return;
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Append { batch, events } => self.append(batch, events),
            Effect::Redact { target, by } => self.disk.redact(target, by),
            Effect::Publish(events) => self.judge.shown(&events),
            Effect::Reply { ticket, answer } => self.reply(ticket, &answer),
            Effect::SayUnrecorded(finding) => self.tell(format!("said unrecorded: {:?}", finding.kind)),
            Effect::Send { queued, channel, maybe_repeated, .. } => {
                self.judge.sent(queued);
                let marked = maybe_repeated && self.mutant != Some(Mutant::HidesRepeats);
                let ms = 1 + self.dice.below(50);
                self.after(ms, Happening::Message { queued, channel, marked, life: self.life });
            }
            // No chat that edits is configured here.
            Effect::Edit { .. } => {}
            Effect::Call { id, call } => self.call(id, call),
            Effect::Checkpoint(checkpoint) => self.checkpoint = Some((*checkpoint, self.read)),
        }
    }
}

/// Lifeboat's own life, and its disk.
impl Play {
    fn start(&mut self) {
        if self.engine.is_some() {
            return;
        }
        let found = match self.disk.open() {
            Ok(found) => found,
            Err(why) => {
                self.tell(format!("the log does not open: {why}"));
                if self.calm || why.contains("damaged") {
                    self.judge.complain(format!("the log does not open: {why}"));
                }
                return self.after(5_000, Happening::Start);
            }
        };
        self.judge.restarted(&found.events);
        let (mut state, mut shelf) = (State::new(), Shelf::default());
        for event in found.events {
            state.apply(&event);
            shelf.put(Arc::new(event));
        }
        self.life += 1;
        self.started_ms = self.now_ms;
        self.seen.starts += 1;
        self.seen.torn += u32::from(found.torn_bytes > 0);
        self.tell(format!("Lifeboat starts at event {}", state.applied));
        let (checkpoint, read) = self.checkpoint.clone().map_or((None, 0), |(kept, read)| (Some(kept), read));
        self.read = read;
        self.engine = Some(Engine::new(self.setup.clone(), state, shelf, checkpoint).after(found.head));
        self.give(Input::Started { version: "test".to_owned(), torn_bytes: found.torn_bytes });
        self.snapshots();
        self.reboot_again();
    }

    fn kill(&mut self) {
        self.engine = None;
        self.writing.clear();
        self.flushing = false;
        self.asked.clear();
        match self.mutant {
            Some(Mutant::LosesAcknowledgedRecords) => self.disk.forget_last(3),
            _ => self.disk.stop(&mut self.dice),
        }
        let away = match self.dice.below(4) {
            0 => 100,
            1 | 2 => 1_000 + self.dice.below(20_000),
            _ => 60_000 + self.dice.below(900_000),
        };
        self.after(away, Happening::Start);
    }

    fn append(&mut self, batch: u64, events: Vec<Event>) {
        if self.mutant == Some(Mutant::ShowsBeforeTheDisk) {
            let events: Vec<Arc<Event>> = events.iter().cloned().map(Arc::new).collect();
            self.judge.shown(&events);
        }
        if self.mutant == Some(Mutant::ActsBeforeTheDisk) {
            let outcome = Appended::Durable { head: "0".repeat(64), reserve_in_use: false };
            self.comes(0, Happening::Receipt(batch, outcome));
        }
        self.writing.push_back((batch, events));
        if !std::mem::replace(&mut self.flushing, true) {
            // Disks are quick, and now and then they are not.
            let ms = if self.dice.chance(0.01) { self.dice.below(8_000) } else { 1 + self.dice.below(30) };
            self.comes(ms, Happening::Flush);
        }
    }

    /// As the writing thread: what waits is one group.
    fn flush(&mut self) {
        self.flushing = false;
        let group: Vec<(u64, Vec<Event>)> = self.writing.drain(..).collect();
        let events: Vec<Event> = group.iter().flat_map(|(_, events)| events.iter().cloned()).collect();
        if std::mem::take(&mut self.kill_in_flush) {
            self.tell(format!("killed while {} events are flushed", events.len()));
            self.disk.stop_within(&events, &mut self.dice);
            return self.kill();
        }
        let outcome = self.disk.append(&events);
        match &outcome {
            Appended::Durable { .. } => {
                self.record(&events);
                self.judge.appended(&events);
            }
            Appended::Failed { why } => {
                self.seen.failed_appends += 1;
                self.tell(format!("an append fails: {why}"));
            }
        }
        self.receipts_until = self.receipts_until.max(self.now_ms + self.dice.below(4));
        for (batch, _) in group {
            let lost = self.mutant == Some(Mutant::LosesReceipts) && self.dice.chance(0.03);
            if !lost && self.mutant != Some(Mutant::ActsBeforeTheDisk) {
                let receipt = Happening::Receipt(batch, outcome.clone());
                self.at(self.receipts_until, Some(self.life), receipt);
            }
        }
    }

    fn record(&mut self, events: &[Event]) {
        self.seen.events += u32::try_from(events.len()).unwrap_or(0);
        for event in events {
            let who = event.actor.person.as_ref().map(|name| format!(" by {name}")).unwrap_or_default();
            let mut kind = format!("{:?}", event.kind);
            if kind.len() > 300 {
                kind.truncate(kind.floor_char_boundary(300));
            }
            self.tell(format!("[{}]{who} {kind}", event.seq));
        }
    }

    fn reply(&mut self, ticket: Ticket, answer: &Answer) {
        let Some(line) = self.asked.remove(&ticket) else {
            return self.judge.complain(format!("{ticket:?} is answered twice, or was never asked"));
        };
        match answer {
            Answer::Done(events) => self.judge.answered(events),
            Answer::Refused(why) => {
                self.seen.refused += 1;
                self.tell(format!("refused: {line}: {}", why.key()));
            }
            Answer::NotRecorded { .. } => self.tell(format!("not recorded: {line}")),
            Answer::Show(_) | Answer::DrillBegan { .. } | Answer::DrillFailed { .. } => {}
        }
    }
}

/// The world, the network and the people.
impl Play {
    fn world(&mut self) {
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

    fn world_time(&self) -> Time {
        self.scenario.starts_at + ms(self.now_ms)
    }

    /// A stream begins with everything.
    fn snapshots(&mut self) {
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

    fn inventory(&self, cluster: &ClusterName) -> Option<Inventory> {
        match self.fleet.perform(Call::Inventory { cluster: cluster.clone() }) {
            CallAnswer::Inventory(Outcome::Done(all)) => Some(*all),
            _ => None,
        }
    }

    /// Adapters stamp what they read by the clock of the machine Lifeboat runs on.
    fn stamped(&mut self, cluster: &ClusterName, seen: Seen) -> Seen {
        match seen {
            Seen::Snapshot(all) => Seen::Snapshot(Box::new(self.as_seen(cluster, *all))),
            Seen::Changed { as_of, fact } => Seen::Changed { as_of: as_of + self.wrong, fact },
            blind => blind,
        }
    }

    fn as_seen(&mut self, cluster: &ClusterName, mut all: Inventory) -> Inventory {
        let as_of = all.as_of.map(|at| at + self.wrong);
        if self.mutant == Some(Mutant::SeesOldFactsAsNew) {
            let first = self.first_seen.entry(cluster.clone()).or_insert_with(|| all.clone());
            all.pods.clone_from(&first.pods);
        }
        Inventory { as_of, ..all }
    }

    fn look(&mut self) {
        for cluster in self.setup.fleet.clusters.clone() {
            if let Some(all) = self.inventory(&cluster.name) {
                self.judge.look(&cluster.name, all.serving(&cluster.service));
            }
        }
        self.after(LOOK_MS, Happening::Look);
    }

    fn people(&mut self) {
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

    fn types(&mut self, person: &str, line: &str) {
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

    fn act(&mut self, act: Act) {
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

    fn colleague(&mut self, node: &str, take_pods: bool) {
        let (cluster, node) = (ClusterName::new("main"), NodeName::new(node));
        let call = Call::SetSchedulable { cluster, node: node.clone(), want: take_pods };
        if let CallAnswer::Schedulable(Outcome::Done(before)) = self.fleet.perform(call)
            && before != take_pods
        {
            self.judge.colleague(&node, !take_pods);
        }
    }

    fn colleague_moves(&mut self, percent: u8) {
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

    fn call(&mut self, id: CallId, call: Box<Call>) {
        let mut wish = None;
        if !call.reads() {
            let degraded = self.engine.as_ref().is_some_and(|engine| engine.degraded().is_some());
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
    fn left_out(&self, call: &Call) -> Option<CallAnswer> {
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

    fn reboot_again(&mut self) {
        if self.mutant != Some(Mutant::RebootsAgainAfterAStart) {
            return;
        }
        if let Some(Call::Reboot { cloud, instance, .. }) = self.last_reboot.clone() {
            let again = Call::Reboot { cloud, instance, key: IdemKey::new("again") };
            self.carry_out(Effect::Call { id: CallId(u64::MAX), call: Box::new(again) });
        }
    }

    /// A call comes to its port.
    fn arrives(&mut self, id: CallId, call: &Call, wish: Option<Wish>, back: &[u64], life: u32) {
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
    fn done_so_far(&self) -> u32 {
        let truth = self.fleet.truth();
        let all = truth.reboots.len() + truth.launches.len() + truth.reimages.len() + truth.shifts.len();
        u32::try_from(all).unwrap_or(u32::MAX)
    }

    fn message(&mut self, queued: Seq, channel: &ChannelName, marked: bool, life: u32) {
        let message = Arrived { queued, marked };
        let (ms, heard) = self.chat.take(self.now_ms, channel, message, self.trouble, &mut self.dice);
        self.at(self.now_ms + ms, Some(life), Happening::Delivered(queued, heard));
    }
}

/// The end.
impl Play {
    fn judge_the_end(&mut self) {
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
    fn cordoned(&self) -> BTreeSet<NodeName> {
        let clusters = self.setup.fleet.clusters.iter();
        let all = clusters.filter_map(|cluster| self.inventory(&cluster.name));
        let nodes = all.flat_map(|all| all.workers().cloned().collect::<Vec<_>>());
        nodes.filter(|node| !node.schedulable).map(|node| node.name).collect()
    }

    fn ending(mut self) -> Ending {
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

fn ms(ms: u64) -> TimeDelta {
    TimeDelta::milliseconds(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// Nothing was done at the port.
fn is_refused(answer: &CallAnswer) -> bool {
    match answer {
        CallAnswer::Plain(outcome) => !matches!(outcome, Outcome::Done(())),
        CallAnswer::Schedulable(outcome) => !matches!(outcome, Outcome::Done(_)),
        CallAnswer::Machine(outcome) => !matches!(outcome, Outcome::Done(_)),
        CallAnswer::Spread(outcome) => !matches!(outcome, Outcome::Done(_)),
        CallAnswer::Each(each) => !each.values().any(|outcome| matches!(outcome, Outcome::Done(()))),
        _ => false,
    }
}

fn name_of(effect: &Effect) -> &'static str {
    match effect {
        Effect::Append { .. } => "an append",
        Effect::Redact { .. } => "a redaction",
        Effect::Publish(_) => "something is shown",
        Effect::Reply { .. } => "an answer",
        Effect::SayUnrecorded(_) => "something is said unrecorded",
        Effect::Send { .. } => "a message is sent",
        Effect::Edit { .. } => "a card is edited",
        Effect::Call { .. } => "a call",
        Effect::Checkpoint(_) => "a checkpoint",
    }
}
