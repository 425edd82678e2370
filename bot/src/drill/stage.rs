//! What every way of playing a drill shares: its people, its setup, and what its record begins with.

use chrono::TimeDelta;
use lifeboat_commands::people::{People, Permission, Person};
use lifeboat_deploy::simulated::Scenario;
use lifeboat_storage::event::{
    Actor, ChatKind, Event, Kind, Milestone, Origin, PostKind, Severity, Share, Status, Time,
};
use lifeboat_storage::id::{ChannelName, ClusterName, IncidentId, PersonName, Seq, World};
use lifeboat_storage::log::EventLog;
use lifeboat_storage::state::{ALERTS, State};

use super::script::Line;
use crate::desk;
use crate::detect::Limits;
use crate::engine::cards::Rhythm;
use crate::engine::input::{Input, Ticket, Typed};
use crate::engine::{ServiceSetup, Setup};
use crate::source::access_log::LogFormat;

/// The number of a drill that is played by itself, in a folder of its own.
pub const ALONE: u32 = 1;
/// The second person of a drill played by one human.
pub const SECOND: &str = "second";

/// Everything that a person of a drill may: one human plays several people, and the page says so.
const ALL: [Permission; 5] = [
    Permission::Responder,
    Permission::Operator,
    Permission::Approver,
    Permission::Commander,
    Permission::Admin,
];

/// Those who type in a script, or the one who started the drill and a second one.
#[must_use]
pub fn people<'a>(names: impl IntoIterator<Item = &'a str>, os: Option<&str>) -> People {
    let one = |name: &str| Person {
        name: PersonName::new(name),
        console: Some(name.to_owned()),
        os: os.filter(|os| *os == name).map(str::to_owned),
        discord: None,
        permissions: ALL.to_vec(),
    };
    People::from(names.into_iter().map(one).collect::<Vec<_>>())
}

/// The engine's setup for a scenario.
#[must_use]
pub fn setup(scenario: &Scenario, number: u32, people: People) -> Setup {
    Setup {
        world: World::Drill(number),
        people,
        zone: scenario.zone,
        open_at: Severity::Sev2,
        limits: Limits::default(),
        services: vec![ServiceSetup { name: scenario.service(), format: Some(LogFormat::Combined) }],
        probes: Vec::new(),
        webhook: false,
        discord: false,
        rhythm: Rhythm::default(),
        fleet: scenario.fleet.clone(),
        hints: Some(scenario.hints.iter().map(|hint| hint_key(scenario, &hint.key)).collect()),
        scenarios: Vec::new(),
    }
}

/// A hint as it is recorded: `sold-out-morning/look`.
#[must_use]
pub fn hint_key(scenario: &Scenario, key: &str) -> String {
    format!("{}/{key}", scenario.name)
}

/// What the record of a drill begins with: earlier incidents of the scenario, that the drill began, and a message that
/// says so to whoever opens the console.
#[must_use]
pub fn first_events(scenario: &Scenario, number: u32, seed: u64) -> Vec<Event> {
    let mut events = Vec::new();
    let cluster = scenario.fleet.clusters.first().map(|one| one.name.clone());
    let cluster = cluster.unwrap_or_else(|| ClusterName::new("cluster"));
    for (number, earlier) in (1..).zip(&scenario.history) {
        let id = IncidentId(number);
        let began = scenario.starts_at - TimeDelta::days(i64::from(earlier.days_ago));
        let over = began + TimeDelta::minutes(i64::from(earlier.minutes));
        let mut add = |at: Time, kind: Kind| {
            let next = event(&events, Some(id), at, kind);
            events.push(next);
        };
        add(
            began,
            Kind::IncidentDeclared {
                title: earlier.title.clone(),
                severity: Severity::Sev2,
                service: Some(scenario.service()),
                alert: None,
            },
        );
        add(began, Kind::MilestoneSet { milestone: Milestone::Detected });
        add(
            began,
            Kind::Diagnosed {
                cluster: cluster.clone(),
                signature: earlier.signature.clone(),
                verdict: "node-path".to_owned(),
                share: Share { bad: 1, total: 1 },
            },
        );
        add(over, Kind::NoteAdded { text: earlier.helped.clone() });
        for (from, to) in [(Status::Investigating, Status::Resolved), (Status::Resolved, Status::Closed)] {
            add(over, Kind::StatusChanged { from, to, head: None, reason: String::new() });
        }
    }
    let began = Kind::DrillStarted { scenario: scenario.name.clone(), seed };
    let began = event(&events, None, scenario.starts_at, began);
    let post = PostKind::Notice { about: began.seq };
    events.push(began);
    let told = Kind::PostQueued { chat: ChatKind::Console, channel: ChannelName::new(ALERTS), post };
    let told = event(&events, None, scenario.starts_at, told);
    events.push(told);
    let world = World::Drill(number);
    events.into_iter().map(|event| Event { world, ..event }).collect()
}

fn event(before: &[Event], incident: Option<IncidentId>, at: Time, kind: Kind) -> Event {
    Event {
        seq: Seq(before.len() as u64 + 1),
        incident,
        world: World::Real,
        occurred_at: at,
        recorded_at: at,
        actor: Actor::lifeboat(Origin::Lifeboat),
        kind,
        correlation: None,
        supersedes: None,
    }
}

/// A line of a script as the engine takes it: in the channel of the newest open incident, else the common one.
#[must_use]
pub fn typed(state: &State, ticket: Ticket, line: &Line) -> Input {
    let speaker = desk::speaker(Some(PersonName::new(&line.person)), &line.person, Origin::Console);
    let typed = Typed { ticket, line: line.typed.clone(), channel: Some(channel(state)), speaker };
    if is_command(&line.typed) { Input::Command(typed) } else { Input::Said(typed) }
}

/// Where people speak: the channel of the newest open incident, else the common one.
#[must_use]
pub fn channel(state: &State) -> ChannelName {
    let newest = state.open_incidents().last().and_then(|one| one.channel.clone());
    newest.unwrap_or_else(|| ChannelName::new(ALERTS))
}

/// The whole record, in order. What cannot be read ends it, and shows as a broken replay.
#[must_use]
pub fn record(log: &dyn EventLog) -> Vec<Event> {
    log.read_from(Seq(1)).map(|events| events.map_while(Result::ok).collect()).unwrap_or_default()
}

/// A command begins with a slash; anything else is a message.
#[must_use]
pub fn is_command(typed: &str) -> bool {
    typed.starts_with('/')
}
