//! A simulated world around the real engine: clock, disk, chat and people are played, nothing waits.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{TimeDelta, TimeZone, Utc};
use lifeboat::detect::{Finding, Limits};
use lifeboat::engine::cards::Rhythm;
use lifeboat::engine::effect::{Answer, Effect};
use lifeboat::engine::input::{Appended, Condition, Delivered, Input, Lines, Now, Ticket, Typed};
use lifeboat::engine::shelf::Shelf;
use lifeboat::engine::watch::Checkpoint;
use lifeboat::engine::{Engine, ProbeSetup, ServiceSetup, Setup};
use lifeboat::source::access_log::LogFormat;
use lifeboat_commands::people::{People, Permission, Person};
use lifeboat_storage::event::{ChatKind, Event, Origin, PostKind, ProbeFailure, Severity, Time};
use lifeboat_storage::id::{ChannelName, PersonName, Seq, ServiceName, SourceName, World as Worlds};
use lifeboat_storage::log::{EventLog, MemoryLog};
use lifeboat_storage::state::State;

pub mod discord;

use discord::Discord;

/// The service everybody watches here.
pub const SERVICE: &str = "blog-web";

/// The world.
pub struct World {
    /// The engine under test.
    pub engine: Engine,
    /// What is on disk.
    pub log: Arc<MemoryLog>,
    /// The time.
    pub now: Now,
    /// What was shown, in order.
    pub shown: Vec<Arc<Event>>,
    /// What was said without a record.
    pub unrecorded: Vec<Finding>,
    /// What is appended goes to the reserve.
    pub reserve_in_use: bool,
    /// What was handed to the webhook.
    pub sent: Vec<(Seq, PostKind, bool)>,
    /// The newest checkpoint.
    pub checkpoint: Option<Checkpoint>,
    /// The disk refuses.
    pub disk_full: bool,
    /// The webhook answers at once, so.
    pub webhook: Option<Delivered>,
    /// Discord, where it is configured.
    pub discord: Discord,
    answers: BTreeMap<Ticket, Answer>,
    next_ticket: u64,
    seed: u64,
    config: Setup,
}

/// A start of the clock that reads well: Monday, 5 January 2026, 02:00:00 UTC.
#[must_use]
pub fn monday() -> Time {
    Utc.with_ymd_and_hms(2026, 1, 5, 2, 0, 0).single().unwrap_or_default()
}

/// The engine of a shell that reads the access log.
fn reading(engine: Engine) -> Engine {
    engine.catching_up([ServiceName::new(SERVICE)])
}

fn person(name: &str, permissions: &[Permission]) -> Person {
    Person {
        name: PersonName::new(name),
        console: Some(name.to_owned()),
        os: None,
        discord: None,
        permissions: permissions.to_vec(),
    }
}

/// `mei` may everything, `lin` works on incidents, `guest` only reads.
#[must_use]
pub fn people() -> People {
    use Permission::{Admin, Commander, Responder};
    People::from(vec![
        person("mei", &[Responder, Commander, Admin]),
        person("lin", &[Responder]),
        person("guest", &[]),
    ])
}

/// One service, one probe, these people; with or without a webhook.
#[must_use]
pub fn setup(webhook: bool) -> Setup {
    let service = ServiceSetup { name: ServiceName::new(SERVICE), format: Some(LogFormat::Combined) };
    Setup {
        world: Worlds::Real,
        people: people(),
        zone: chrono_tz::Asia::Shanghai,
        open_at: Severity::Sev2,
        limits: Limits::default(),
        services: vec![service],
        probes: vec![ProbeSetup { name: SourceName::new("front"), service: ServiceName::new(SERVICE) }],
        webhook,
        discord: false,
        rhythm: Rhythm::default(),
        fleet: lifeboat_commands::fleet::Fleet::default(),
        hints: None,
        scenarios: vec!["sold-out-morning".to_owned()],
    }
}

impl World {
    /// A quiet world with one service and three people.
    #[must_use]
    pub fn quiet() -> Self {
        Self::build(setup(false))
    }

    /// The same whose log is in a format that nobody has configured.
    #[must_use]
    pub fn with_any_format() -> Self {
        let service = ServiceSetup { name: ServiceName::new(SERVICE), format: None };
        Self::build(Setup { services: vec![service], ..setup(false) })
    }

    /// The same with a webhook that says yes.
    #[must_use]
    pub fn with_webhook() -> Self {
        Self { webhook: Some(Delivered::Yes), ..Self::build(setup(true)) }
    }

    /// The same with a Discord that is well.
    #[must_use]
    pub fn with_discord() -> Self {
        Self::build(Setup { discord: true, ..setup(false) })
    }

    /// The same with a Discord that is well, and a webhook.
    #[must_use]
    pub fn with_both() -> Self {
        Self { webhook: Some(Delivered::Yes), ..Self::build(Setup { discord: true, ..setup(true) }) }
    }

    /// A quiet world that reads logs in this format.
    #[must_use]
    pub fn reading(format: LogFormat) -> Self {
        let service = ServiceSetup { name: ServiceName::new(SERVICE), format: Some(format) };
        Self::build(Setup { services: vec![service], ..setup(false) })
    }

    fn build(config: Setup) -> Self {
        let engine = reading(Engine::new(config.clone(), State::new(), Shelf::default(), None));
        let mut world = Self {
            engine,
            log: Arc::new(MemoryLog::new()),
            now: Now { wall: monday(), mono_ms: 0 },
            shown: Vec::new(),
            reserve_in_use: false,
            unrecorded: Vec::new(),
            sent: Vec::new(),
            checkpoint: None,
            disk_full: false,
            webhook: None,
            discord: Discord::default(),
            answers: BTreeMap::new(),
            next_ticket: 1,
            seed: 502,
            config,
        };
        world.give(Input::Started { version: "test".to_owned(), torn_bytes: 0 });
        world.caught_up();
        world
    }

    /// Killed and started again: what is on disk and the newest checkpoint are all that is left. Nothing new stands in
    /// the access log.
    pub fn restart(&mut self) {
        self.start_again();
        self.caught_up();
    }

    /// The same, and this was written to the access log meanwhile: it is read in two goes.
    pub fn restart_behind(&mut self, unread: &str) {
        self.start_again();
        self.pass(TimeDelta::milliseconds(200));
        let middle = unread[..unread.len() / 2].rfind('\n').map_or(0, |end| end + 1);
        let (first, second) = unread.split_at(middle);
        self.lines_behind(first.to_owned(), second.len() as u64);
        self.pass(TimeDelta::milliseconds(200));
        self.lines(second.to_owned());
        self.caught_up();
    }

    /// The same, but the reader of the access log tells nothing yet.
    pub fn start_again(&mut self) {
        let mut state = State::new();
        let mut shelf = Shelf::default();
        for event in self.events() {
            state.apply(&event);
            shelf.put(Arc::new(event));
        }
        self.engine = reading(Engine::new(self.config.clone(), state, shelf, self.checkpoint.clone()));
        self.give(Input::Started { version: "test".to_owned(), torn_bytes: 0 });
    }

    fn caught_up(&mut self) {
        self.give(Input::CaughtUp { service: ServiceName::new(SERVICE) });
    }

    /// Everything on disk.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.log.read_from(Seq(1)).map(|events| events.filter_map(Result::ok).collect()).unwrap_or_default()
    }

    /// What is durable adds up to this.
    #[must_use]
    pub fn state(&self) -> &State {
        self.engine.durable()
    }

    /// Gives one input and plays what follows until nothing does.
    pub fn give(&mut self, input: Input) {
        let effects = self.engine.handle(input, self.now);
        self.carry_out(effects);
    }

    /// Plays what the engine decided, until nothing follows.
    pub fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut effects: std::collections::VecDeque<Effect> = effects.into();
        while let Some(effect) = effects.pop_front() {
            if let Effect::Send { chat: ChatKind::Discord, .. } | Effect::Edit { .. } = effect {
                for next in self.discord.play(&effect, self.engine.durable().applied, self.now) {
                    effects.extend(self.engine.handle(next, self.now));
                }
            } else if let Some(next) = self.play(effect) {
                effects.extend(self.engine.handle(next, self.now));
            }
        }
    }

    fn play(&mut self, effect: Effect) -> Option<Input> {
        match effect {
            Effect::Append { batch, events } => Some(self.append(batch, &events)),
            Effect::Redact { target, by } => {
                self.log.redact(target, by).expect("the memory log redacts");
                None
            }
            Effect::Publish(events) => {
                self.shown.extend(events);
                None
            }
            Effect::Reply { ticket, answer } => {
                let old = self.answers.insert(ticket, *answer);
                assert!(old.is_none(), "{ticket:?} was answered twice");
                None
            }
            Effect::SayUnrecorded { finding, .. } => {
                self.unrecorded.push(*finding);
                None
            }
            Effect::Send { queued, post, maybe_repeated, .. } => {
                self.sent.push((queued, post, maybe_repeated));
                self.webhook.clone().map(|outcome| Input::Delivered { queued, outcome })
            }
            Effect::Call { .. } | Effect::Edit { .. } => None,
            Effect::Checkpoint(checkpoint) => {
                self.checkpoint = Some(*checkpoint);
                None
            }
        }
    }

    fn append(&mut self, batch: u64, events: &[Event]) -> Input {
        let outcome = if self.disk_full {
            Appended::Failed { why: "no space left on device".to_owned() }
        } else {
            match self.log.append(events) {
                Ok(receipt) => {
                    Appended::Durable { head: receipt.head.to_string(), reserve_in_use: self.reserve_in_use }
                }
                Err(error) => Appended::Failed { why: error.to_string() },
            }
        };
        Input::Appended { batch, outcome }
    }

    /// A person types a line; the answer comes at once in this world.
    pub fn types(&mut self, person: &str, line: &str) -> Answer {
        self.types_in(person, None, line)
    }

    /// A person types a line in a channel.
    pub fn types_in(&mut self, person: &str, channel: Option<&str>, line: &str) -> Answer {
        self.line(person, channel, line, Input::Command)
    }

    /// A person says plain words in a channel.
    pub fn says(&mut self, person: &str, channel: &str, text: &str) -> Answer {
        self.line(person, Some(channel), text, Input::Said)
    }

    fn line(&mut self, person: &str, channel: Option<&str>, line: &str, input: fn(Typed) -> Input) -> Answer {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        let known = people().named(person).map(|person| person.name.clone());
        let speaker = lifeboat::desk::speaker(known, person, Origin::Console);
        let channel = channel.map(ChannelName::new);
        self.give(input(Typed { ticket, line: line.to_owned(), channel, speaker }));
        self.answers.remove(&ticket).unwrap_or_else(|| panic!("{person} got no answer to {line:?}"))
    }

    /// Time passes, ticking ten times a second.
    pub fn pass(&mut self, span: TimeDelta) {
        for _ in 0..span.num_milliseconds() / 100 {
            self.step(100);
            self.give(Input::Tick);
        }
    }

    /// Time passes while Lifeboat is down.
    pub fn away(&mut self, span: TimeDelta) {
        self.step(span.num_milliseconds());
    }

    /// A request of now, as the access log tells it.
    pub fn request(&mut self, status: u16) -> String {
        let mut line = String::new();
        self.write_line(&mut line, status);
        line
    }

    fn step(&mut self, ms: i64) {
        self.now.wall += TimeDelta::milliseconds(ms);
        self.now.mono_ms += u64::try_from(ms).unwrap_or(0);
    }

    /// Traffic for a while: so many requests a second, of which so many in a hundred answer `status`.
    pub fn traffic(&mut self, span: TimeDelta, rate: u32, status: u16, percent: u64) {
        let steps = span.num_milliseconds() / 100;
        let mut owed = 0;
        for _ in 0..steps {
            owed += rate;
            let mut text = String::new();
            while owed >= 10 {
                owed -= 10;
                let failed = self.draw(100) < percent;
                self.write_line(&mut text, if failed { status } else { 200 });
            }
            self.step(100);
            self.lines(text);
            self.give(Input::Tick);
        }
    }

    /// Lines arrive from the access log.
    pub fn lines(&mut self, text: String) {
        self.lines_behind(text, 0);
    }

    fn lines_behind(&mut self, text: String, behind: u64) {
        let lines = Lines {
            source: SourceName::new("access.log"),
            service: ServiceName::new(SERVICE),
            bytes: text.into_bytes(),
            history: false,
            position: None,
            behind,
        };
        self.give(Input::Lines(lines));
    }

    fn write_line(&mut self, text: &mut String, status: u16) {
        let (client, path) = (self.draw(200) + 1, self.draw(50));
        let time = self.now.wall.format("%d/%b/%Y:%H:%M:%S %z");
        let _ = writeln!(
            text,
            "198.51.100.{client} - - [{time}] \"GET /p/{path}?token=s3cret HTTP/1.1\" {status} 157 \"-\" \"agent\""
        );
    }

    /// A source is lost or found.
    pub fn source(&mut self, condition: Condition) {
        self.give(Input::Source { source: SourceName::new("access.log"), condition, position: None });
    }

    /// The probe comes back.
    pub fn probe(&mut self, outcome: Result<(), ProbeFailure>) {
        self.step(5_000);
        self.give(Input::Probe { source: SourceName::new("front"), outcome });
    }

    fn draw(&mut self, below: u64) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed % below
    }
}
