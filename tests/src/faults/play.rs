//! The loop: one happening after the other, by the clock of the story. Nothing waits, nothing is random but the seed.

mod end;
mod life;
mod surroundings;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use chrono::TimeDelta;
use lifeboat::engine::effect::{Answer, Effect};
use lifeboat::engine::input::{Appended, CallId, Delivered, Input, Lines, Now, Ticket, Typed};
use lifeboat::engine::shelf::Shelf;
use lifeboat::engine::watch::Checkpoint;
use lifeboat::engine::{Engine, Setup};
use lifeboat_commands::facts::{Inventory, Node, Ready};
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
use super::judge::{Judge, LOOK_MS, Looked, Wish};
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
            let all = setup.people.all[0].permissions.clone();
            setup.people.all.iter_mut().for_each(|person| person.permissions.clone_from(&all));
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
            Effect::SayUnrecorded { finding, .. } => {
                self.tell(format!("said unrecorded: {:?}", finding.kind))
            }
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
        Effect::SayUnrecorded { .. } => "something is said unrecorded",
        Effect::Send { .. } => "a message is sent",
        Effect::Edit { .. } => "a card is edited",
        Effect::Call { .. } => "a call",
        Effect::Checkpoint(_) => "a checkpoint",
    }
}
