//! Plays a scenario as fast as the machine can, without a console: the same engine, second by second.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::TimeDelta;
use lifeboat_deploy::simulated::{Happened, Scenario, Simulated};
use lifeboat_storage::event::{Event, Kind, Time};
use lifeboat_storage::id::SourceName;
use lifeboat_storage::log::EventLog;
use lifeboat_storage::state::State;

use super::autopilot::{Autopilot, Due};
use super::script::{Line, Script, When};
use super::summary::{Material, Summary};
use super::{eyes, stage};
use crate::engine::Engine;
use crate::engine::effect::{Answer, Effect};
use crate::engine::input::{Appended, Input, Lines, Now, Ticket};
use crate::engine::shelf::Shelf;

/// A line of the script that was due.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    /// When, simulated.
    pub at: Time,
    /// The line.
    pub line: Line,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a line of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was typed and taken.
    Taken,
    /// It was typed and refused: a key of the catalogue.
    Refused(String),
    /// It waited for a plan that was refused, and was passed over.
    PassedOver,
}

/// A drill that plays by itself.
pub struct Headless {
    engine: Engine,
    log: Arc<dyn EventLog>,
    world: Simulated,
    pilot: Autopilot,
    scenario: Scenario,
    seed: u64,
    now: Now,
    next_ticket: u64,
    refused: Option<String>,
    /// The lines that were due so far, and what came of them.
    pub played: Vec<Played>,
}

impl Headless {
    /// Sets the stage: the world at its start, an empty record with the earlier incidents of the scenario.
    #[must_use]
    pub fn new(scenario: Scenario, seed: u64, script: Script, log: Arc<dyn EventLog>) -> Self {
        let people: Vec<String> = script.people().into_iter().map(str::to_owned).collect();
        let setup =
            stage::setup(&scenario, stage::ALONE, stage::people(people.iter().map(String::as_str), None));
        let world = Simulated::new(&scenario, seed);
        let (mut state, mut shelf) = (State::new(), Shelf::default());
        let first = stage::first_events(&scenario, stage::ALONE, seed);
        // A record that cannot be written shows at the first append of the play.
        drop(log.append(&first));
        for event in first {
            state.apply(&event);
            shelf.put(Arc::new(event));
        }
        let engine = Engine::new(setup, state, shelf, None);
        // The quiet time before the start is in the log when Lifeboat first opens it.
        let happened = world.advance(scenario.starts_at);
        let now = Now { wall: scenario.starts_at, mono_ms: 0 };
        let pilot = Autopilot::new(script);
        let mut stage = Self {
            engine,
            log,
            world,
            pilot,
            scenario,
            seed,
            now,
            next_ticket: 1,
            refused: None,
            played: Vec::new(),
        };
        stage.give(Input::Started { version: env!("CARGO_PKG_VERSION").to_owned(), torn_bytes: 0 });
        stage.tell(happened, true);
        stage
    }

    /// Plays to the end of the scenario.
    pub fn play(&mut self) {
        while self.now.wall < self.scenario.ends_at {
            self.second();
        }
        let summary = self.summary();
        let kind = Kind::DrillEnded { mitigated: summary.is_mitigated(), wrong_moves: summary.wrong_moves };
        self.give(Input::Drill(kind));
    }

    /// One second of the world, what it wrote, what Lifeboat makes of it, what the script types upon that.
    pub fn second(&mut self) {
        let to = self.now.wall + TimeDelta::seconds(1);
        let happened = self.world.advance(to);
        self.now = Now { wall: to, mono_ms: self.now.mono_ms + 1_000 };
        self.tell(happened, false);
        self.give(Input::Tick);
        self.type_what_is_due();
    }

    /// What the world wrote and what was seen of it.
    fn tell(&mut self, happened: Happened, history: bool) {
        if !happened.log.is_empty() {
            self.give(Input::Lines(Lines {
                source: SourceName::new("access.log"),
                service: self.scenario.service(),
                bytes: happened.log,
                history,
                position: None,
                behind: 0,
            }));
        }
        for (cluster, seen) in happened.seen {
            self.give(Input::Seen { cluster, seen });
        }
    }

    fn type_what_is_due(&mut self) {
        if self.pilot.is_done() {
            return;
        }
        let local = self.now.wall.with_timezone(&self.scenario.zone).naive_local();
        loop {
            let (engine, now) = (&self.engine, self.now);
            let due = self.pilot.next(local, |sight, since| eyes::sees(engine, now, sight, since));
            let (line, outcome) = match due {
                None => return,
                Some(Due::PassOver(line)) => (line, Outcome::PassedOver),
                Some(Due::Type(line)) => {
                    let outcome = self.types(&line);
                    (line, outcome)
                }
            };
            self.played.push(Played { at: self.now.wall, line, outcome });
        }
    }

    fn types(&mut self, line: &Line) -> Outcome {
        let head = self.engine.durable().applied;
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.refused = None;
        self.give(stage::typed(self.engine.durable(), ticket, line));
        let refused = self.refused.take();
        self.pilot.typed(line, head, refused.is_some());
        refused.map_or(Outcome::Taken, Outcome::Refused)
    }

    /// A person types a line now, beside the script: `/plan approve 2`.
    pub fn type_now(&mut self, person: &str, typed: &str) -> Outcome {
        let line = Line {
            number: 0,
            when: When::At(self.now.wall.with_timezone(&self.scenario.zone).time()),
            person: person.to_owned(),
            typed: typed.to_owned(),
        };
        let outcome = self.types(&line);
        self.played.push(Played { at: self.now.wall, line, outcome: outcome.clone() });
        outcome
    }

    /// Lines of the script that were never due.
    #[must_use]
    pub fn not_played(&self) -> &[Line] {
        self.pilot.waiting()
    }

    fn give(&mut self, input: Input) {
        let effects = self.engine.handle(input, self.now);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut effects: VecDeque<Effect> = effects.into();
        while let Some(effect) = effects.pop_front() {
            if let Some(input) = self.answer(effect) {
                effects.extend(self.engine.handle(input, self.now));
            }
        }
    }

    fn answer(&mut self, effect: Effect) -> Option<Input> {
        match effect {
            Effect::Append { batch, events } => Some(self.append(batch, &events)),
            Effect::Call { id, call } => {
                Some(Input::Called { id, answer: Box::new(self.world.perform(*call)) })
            }
            Effect::Reply { answer, .. } => {
                if let Answer::Refused(why) = &*answer {
                    self.refused = Some(why.key().to_owned());
                }
                None
            }
            Effect::Redact { target, by } => {
                drop(self.log.redact(target, by));
                None
            }
            Effect::Publish(_)
            | Effect::SayUnrecorded { .. }
            | Effect::Send { .. }
            | Effect::Edit { .. }
            | Effect::Checkpoint(_) => None,
        }
    }

    fn append(&self, batch: u64, events: &[Event]) -> Input {
        let outcome = match self.log.append(events) {
            Ok(receipt) => Appended::Durable { head: receipt.head.to_string(), reserve_in_use: false },
            Err(error) => Appended::Failed { why: error.to_string() },
        };
        Input::Appended { batch, outcome }
    }

    /// How it went so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&Material {
            scenario: &self.scenario,
            seed: self.seed,
            events: &self.record(),
            state: self.engine.durable(),
            world: &self.world,
        })
    }

    /// The whole record, in order.
    #[must_use]
    pub fn record(&self) -> Vec<Event> {
        stage::record(&*self.log)
    }

    /// The world that is played on.
    #[must_use]
    pub fn world(&self) -> &Simulated {
        &self.world
    }

    /// The engine, to look at.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The moment, simulated.
    #[must_use]
    pub fn now(&self) -> Now {
        self.now
    }
}
