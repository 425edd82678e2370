//! One synchronous state machine decides everything: [`Engine::handle`] takes an input and the time, and
//! returns effects. No tokio, no clock, no input or output; the same inputs give the same events byte for byte.
//!
//! | module | decides |
//! | --- | --- |
//! | [`input`], [`effect`] | what goes in and what comes out |
//! | [`record`] | numbering, what is durable, what to do when recording fails |
//! | [`watch`] | lines and probes to findings |
//! | [`catch_up`] | after a start: whose logs are still to be read |
//! | [`alerts`] | findings to alerts and incidents: same fate, growth, recovery |
//! | [`again`] | alerts that fire although a person said that it is over |
//! | [`people`] | commands and chat |
//! | [`fleet`] | what is seen of clusters, clouds and traffic |
//! | [`judge`] | what the facts mean: schedules, failed starts, diagnosis |
//! | [`plans`] | plans that run: recording, then calling |
//! | [`measure`] | chart data of open incidents |
//! | [`delivery`] | the outbox: order, back-off, parking |
//! | [`cards`] | cards that stand in a chat outside: when they are edited |
//! | [`reach`] | whether a chat outside is reached, and what is said when it is not |
//!
//! What is decided is applied to `state` at once; what others see follows `durable`, which moves only when the
//! log has said that the events are on disk. When recording fails, `state` falls back to `durable`.

pub mod again;
pub mod alerts;
pub mod cards;
pub mod catch_up;
pub mod delivery;
pub mod effect;
pub mod fleet;
pub mod input;
pub mod judge;
pub mod measure;
pub mod people;
pub mod plans;
pub mod reach;
pub mod record;
pub mod shelf;
pub mod watch;

use chrono_tz::Tz;
use lifeboat_commands::fleet::Fleet;
use lifeboat_commands::people::People;
use lifeboat_storage::event::{Actor, Kind, Origin, Severity};
use lifeboat_storage::id::{ServiceName, SourceName, World};
use lifeboat_storage::state::State;

use crate::detect::Limits;
use crate::source::access_log::LogFormat;
use cards::Rhythm;
use effect::Effect;
use input::{Input, Now};

/// A watched service, as configured.
#[derive(Clone, Debug)]
pub struct ServiceSetup {
    /// Its name; lines that name no virtual host belong to it.
    pub name: ServiceName,
    /// Fixed format of its logs, or recognised from the first lines of each.
    pub format: Option<LogFormat>,
}

/// A probe, as configured.
#[derive(Clone, Debug)]
pub struct ProbeSetup {
    /// Its name.
    pub name: SourceName,
    /// The service it looks at.
    pub service: ServiceName,
}

/// What the engine needs to know from the configuration.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Real or a drill.
    pub world: World,
    /// Who is who.
    pub people: People,
    /// In which zone people type times.
    pub zone: Tz,
    /// An alert at least this bad opens an incident.
    pub open_at: Severity,
    /// The detectors' limits.
    pub limits: Limits,
    /// Services with access logs.
    pub services: Vec<ServiceSetup>,
    /// Probes.
    pub probes: Vec<ProbeSetup>,
    /// A webhook is configured.
    pub webhook: bool,
    /// Discord is configured.
    pub discord: bool,
    /// How often what stands there is edited.
    pub rhythm: Rhythm,
    /// Clusters, pools, clouds, traffic and schedules; empty where Lifeboat only watches.
    pub fleet: Fleet,
    /// Keys of the drill's hints, in order; none outside a drill.
    pub hints: Option<Vec<String>>,
    /// Scenarios that `/drill start` can play.
    pub scenarios: Vec<String>,
}

/// The state machine.
pub struct Engine {
    pub(crate) setup: Setup,
    pub(crate) state: State,
    pub(crate) record: record::Record,
    pub(crate) watch: watch::Watching,
    pub(crate) again: again::Again,
    pub(crate) measure: measure::Measure,
    pub(crate) delivery: delivery::Delivery,
    pub(crate) cards: cards::Cards,
    pub(crate) reach: reach::Reach,
    pub(crate) fleet: fleet::Watched,
    pub(crate) judging: judge::Judging,
}

impl Engine {
    /// Starts from what the log adds up to (`state`), with the newest events on the shelf.
    #[must_use]
    pub fn new(
        setup: Setup,
        state: State,
        shelf: shelf::Shelf,
        checkpoint: Option<watch::Checkpoint>,
    ) -> Self {
        let watch = watch::Watching::new(&setup, checkpoint);
        let delivery = delivery::Delivery::new(&state);
        let record = record::Record::new(state.clone(), shelf);
        Self {
            setup,
            state,
            record,
            watch,
            again: again::Again::default(),
            measure: measure::Measure::default(),
            delivery,
            cards: cards::Cards::default(),
            reach: reach::Reach::default(),
            fleet: fleet::Watched::default(),
            judging: judge::Judging::default(),
        }
    }

    /// The engine of a record that ends with this hash.
    #[must_use]
    pub fn after(mut self, head: String) -> Self {
        self.record.head = Some(head);
        self
    }

    /// Decides what follows from one input. Never blocks, never fails: what is wrong becomes an effect.
    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Effect> {
        let mut out = Vec::new();
        self.notice_clock(now);
        match input {
            Input::Started { version, torn_bytes } => {
                let kind = Kind::LifeboatStarted { version, torn_bytes };
                self.note(kind, Actor::lifeboat(Origin::Lifeboat), now, &mut out);
            }
            Input::Lines(lines) => self.lines(&lines, now, &mut out),
            Input::Source { source, condition, position } => {
                self.watch.keep(&source, position);
                self.source(source, condition, now, &mut out);
            }
            Input::CaughtUp { service } => self.watch.catch_up.caught_up(&service),
            Input::Probe { source, outcome } => self.probe(&source, outcome, now, &mut out),
            Input::Command(command) => self.command(command, now, &mut out),
            Input::Chosen(chosen) => self.chosen(chosen, now, &mut out),
            Input::Said(said) => self.said(said, now, &mut out),
            Input::Exported { incident, format, lang, actor } => {
                self.exported(incident, format, lang, actor, now, &mut out);
            }
            Input::Appended { batch, outcome } => self.appended(batch, outcome, now, &mut out),
            Input::Delivered { queued, outcome } => self.delivered(queued, outcome, now, &mut out),
            Input::Edited { queued, outcome } => self.edited(queued, outcome, now, &mut out),
            Input::Found { chat, place, id, instead } => {
                self.found_place(chat, place, id, instead, now, &mut out)
            }
            Input::Lost { chat, id } => self.deleted_place(chat, &id, now, &mut out),
            Input::Link { chat, link } => self.link(chat, link, now),
            Input::Called { id, answer } => self.called(id, *answer, now, &mut out),
            Input::Seen { cluster, seen } => self.seen(&cluster, seen, now, &mut out),
            Input::Drill(kind) => self.note(kind, Actor::lifeboat(Origin::Lifeboat), now, &mut out),
            Input::Tick => self.tick(now, &mut out),
            Input::Stopping => self.stopping(now, &mut out),
        }
        out
    }

    /// What is durable: what anybody may be shown.
    #[must_use]
    pub fn durable(&self) -> &State {
        &self.record.durable
    }

    /// The newest durable events.
    #[must_use]
    pub fn shelf(&self) -> &shelf::Shelf {
        &self.record.shelf
    }

    /// The setup it was made with.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Sources and detectors, for the page.
    #[must_use]
    pub fn watching(&self) -> &watch::Watching {
        &self.watch
    }

    /// Why nothing is recorded, and since when.
    #[must_use]
    pub fn degraded(&self) -> Option<&record::Degraded> {
        self.record.degraded.as_ref()
    }

    /// The disk is full and the reserve is being used up.
    #[must_use]
    pub fn reserve_in_use(&self) -> bool {
        self.record.reserve_in_use()
    }

    fn tick(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.watch.catch_up.pass(now);
        self.advance(now, out);
        self.look_again(now);
        self.measure_open_incidents(now, out);
        self.read_fleet(now, out);
        self.judge_fleet(now, out);
        self.advance_plans(now, out);
        self.deliver(now, out);
        self.edit_cards(now, out);
        self.look_at_reach(now, out);
        self.try_recording_again(now, out);
        self.checkpoint(now, out);
    }

    fn stopping(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.note(Kind::LifeboatStopped, Actor::lifeboat(Origin::Lifeboat), now, out);
    }
}
