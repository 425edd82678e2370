//! What the page is given, from what is durable: a question each, answered in the engine's task.

use std::sync::Arc;

use lifeboat_storage::event::{Event, Time};
use lifeboat_storage::id::{ChannelName, IncidentId, Seq, SourceName};
use lifeboat_storage::incident::Incident;
use lifeboat_storage::plan::run::Run;
use lifeboat_storage::postmortem;
use lifeboat_storage::state::{self, ALERTS, State};

use super::view::{self, IncidentPage, Messages};
use crate::desk::Room;
use crate::detect::Finding;
use crate::engine::alerts::raised;
use crate::engine::record::Degraded;
use crate::say::overview::{Reading, Sight, Source, overview};
use crate::say::{self, Say, Scene, entry, fleet, incident, message, plan};

/// Closed incidents the page is given at once; older ones are reached by name.
const CLOSED: usize = 50;
/// Ended plans the page is given at once.
const ENDED_PLANS: usize = 5;
/// Messages that are not recorded are numbered from here on the page: above all events, and exact in a browser.
const UNRECORDED: u64 = 1 << 52;
/// Most messages of one page.
pub const MOST_MESSAGES: usize = 200;

/// What words rest on, for one answer.
pub fn scene<T>(room: &Room<'_>, say: Say, words: impl FnOnce(&Scene<'_>) -> T) -> T {
    let lookup = |seq: Seq| room.event(seq);
    words(&Scene {
        say,
        state: room.engine.durable(),
        lookup: &lookup,
        fleet: Some(room.engine.sight()),
        people: Some(&room.engine.setup().people),
        now: room.now.wall,
    })
}

/// Incidents the page shows by itself: open ones by severity, then the newest of the others.
fn listed<'a>(room: &Room<'a>) -> Vec<&'a Incident> {
    let state = room.engine.durable();
    let mut open: Vec<&Incident> = state.open_incidents().collect();
    open.sort_by_key(|incident| (incident.severity, std::cmp::Reverse(incident.id)));
    open.extend(state.incidents.values().rev().filter(|incident| !incident.is_open()).take(CLOSED));
    open
}

/// Who reads, and what stands over everything.
pub struct Reader {
    /// Who reads.
    pub me: view::Me,
    /// The default language of the service.
    pub lang: String,
    /// How many times as fast as real the clock runs.
    pub speed: u32,
}

/// Everything the page needs to draw itself.
#[must_use]
pub fn start(room: &Room<'_>, say: Say, reader: Reader) -> view::Start {
    let state = room.engine.durable();
    let incidents = listed(room);
    scene(room, say, |scene| view::Start {
        seq: state.applied.0,
        now: say::time::utc(room.now.wall),
        me: reader.me,
        zone: say::time::zone_label(say, room.now.wall),
        zone_offset_min: say::time::zone_offset_min(say, room.now.wall),
        lang: reader.lang,
        speed: reader.speed,
        state: sight(room, scene),
        channels: channels(scene, &incidents, room.engine.degraded().is_some()),
        incidents: incidents.iter().map(|known| incident::incident(scene, known)).collect(),
        services: super::chart::services(room),
        plans: shown_plans(scene.state).into_iter().map(|run| plan::card(scene, run)).collect(),
        fleet: fleet::board(scene),
    })
}

/// Plans that are open, and the newest that ended, newest first.
fn shown_plans(state: &State) -> Vec<&Run> {
    let newest = || state.plans.values().rev();
    let mut shown: Vec<&Run> = newest().filter(|run| run.is_open()).collect();
    shown.extend(newest().filter(|run| !run.is_open()).take(ENDED_PLANS));
    shown
}

/// #alerts first, then those of the incidents shown. While nothing is recorded, #alerts is there in any case.
fn channels(scene: &Scene<'_>, incidents: &[&Incident], degraded: bool) -> Vec<view::Channel> {
    let alerts = ChannelName::new(ALERTS);
    let empty = degraded.then(|| as_shown(scene, &alerts, &state::Channel::default()));
    let first = channel(scene, &alerts).or(empty);
    let of_incidents = incidents.iter().filter_map(|incident| incident.channel.as_ref());
    first.into_iter().chain(of_incidents.filter_map(|name| channel(scene, name))).collect()
}

/// A channel of the rail.
#[must_use]
pub fn channel(scene: &Scene<'_>, name: &ChannelName) -> Option<view::Channel> {
    Some(as_shown(scene, name, scene.state.channels.get(name)?))
}

fn as_shown(scene: &Scene<'_>, name: &ChannelName, known: &state::Channel) -> view::Channel {
    let owner = known.incident.and_then(|id| scene.state.incidents.get(&id));
    view::Channel {
        name: name.as_str().to_owned(),
        label: scene.state.shown_channel(name).as_str().to_owned(),
        topic: owner.map(|owner| incident::title(scene, owner)).unwrap_or_default(),
        incident: known.incident.map(|id| id.0),
        closed: owner.is_some_and(|owner| !owner.is_open()),
        newest: known.messages.last().map_or(0, |seq| seq.0),
    }
}

/// A log of which nothing was read yet.
const SILENT: Reading = Reading::Log { last_at: None, requests: 0, malformed: 0, behind: 0 };

/// Logs of which nothing was read yet: those that are blind; where there are none, the services that have logs.
fn unread(room: &Room<'_>) -> Vec<SourceName> {
    let (setup, known) = (room.engine.setup(), room.engine.watching().sources());
    let is_probe = |name: &SourceName| setup.probes.iter().any(|probe| probe.name == *name);
    let blind = room.engine.durable().blind.keys();
    let mut unread: Vec<SourceName> =
        blind.filter(|name| !known.contains_key(name) && !is_probe(name)).cloned().collect();
    if unread.is_empty() && known.is_empty() {
        unread.extend(setup.services.iter().map(|service| SourceName::new(service.name.as_str())));
    }
    unread
}

/// What Lifeboat sees right now.
#[must_use]
pub fn sight(room: &Room<'_>, scene: &Scene<'_>) -> view::State {
    let engine = room.engine;
    let logs = engine.watching().sources().iter().map(|(name, source)| Source {
        name,
        reading: Reading::Log {
            last_at: source.last_at,
            requests: source.reader.requests(),
            malformed: source.reader.malformed(),
            behind: source.behind,
        },
    });
    let unread = unread(room);
    let silent = unread.iter().map(|name| Source { name, reading: SILENT });
    let probes =
        engine.setup().probes.iter().map(|probe| Source { name: &probe.name, reading: Reading::Probe });
    let sight = Sight {
        sources: logs.chain(silent).chain(probes).collect(),
        lately: super::chart::lately(room),
        unrecorded: engine.degraded().map(|degraded| (degraded.since, degraded.why.as_str())),
        reserve_in_use: engine.reserve_in_use(),
    };
    overview(scene, &sight)
}

/// What is said in #alerts of a finding that cannot be recorded; none for what can wait until it can be.
#[must_use]
pub fn unrecorded(scene: &Scene<'_>, number: u64, finding: &Finding) -> Option<view::Message> {
    let at = Time::from_timestamp_millis(finding.at).unwrap_or_default();
    Some(message::unrecorded(scene, UNRECORDED + number, at, raised(finding)?))
}

/// The newest messages of a channel before `before`; none where there is no such channel.
#[must_use]
pub fn messages(
    room: &Room<'_>,
    say: Say,
    name: &ChannelName,
    before: Seq,
    limit: usize,
) -> Option<Messages> {
    // While nothing is recorded, what was said all the same follows what is on disk.
    let degraded = room.engine.degraded().filter(|_| name.as_str() == ALERTS && before.0 > UNRECORDED);
    let known = room.engine.durable().channels.get(name).map(|known| known.messages.as_slice());
    let all = known.or_else(|| degraded.map(|_| &[][..]))?;
    let older = &all[..all.partition_point(|seq| *seq < before)];
    let earlier = older.len().saturating_sub(limit.clamp(1, MOST_MESSAGES));
    let shown = scene(room, say, |scene| {
        let events = older[earlier..].iter().filter_map(|seq| room.event(*seq));
        let said = degraded.into_iter().flat_map(Degraded::said);
        let said = said.filter_map(|(number, finding)| unrecorded(scene, number, finding));
        events.map(|event| message::message(scene, &event)).chain(said).collect()
    });
    Some(Messages { messages: shown, earlier })
}

/// An incident with its timeline.
#[must_use]
pub fn incident_page(room: &Room<'_>, say: Say, id: IncidentId) -> Option<IncidentPage> {
    let known = room.engine.durable().incidents.get(&id)?;
    let events = events_of(room, known);
    let letters = letters(room, known, &events);
    scene(room, say, |scene| {
        let mut story: Vec<&Arc<Event>> =
            events.iter().filter(|event| entry::is_story(&event.kind)).collect();
        story.sort_by_key(|event| (event.occurred_at, event.seq));
        let line = |event: &&Arc<Event>| lettered(entry::entry(scene, event), &letters);
        let timeline = story.iter().map(line).collect();
        Some(IncidentPage { incident: incident::incident(scene, known), timeline })
    })
}

/// All events of an incident that can still be read.
#[must_use]
pub fn events_of(room: &Room<'_>, known: &Incident) -> Vec<Arc<Event>> {
    known.events.iter().filter_map(|seq| room.event(*seq)).collect()
}

/// A letter and the moment and event it stands for.
pub type Letter = (char, Time, Seq);

/// The turning points of an incident, as chart, timeline and postmortem mark them.
#[must_use]
pub fn letters(room: &Room<'_>, known: &Incident, events: &[Arc<Event>]) -> Vec<Letter> {
    let document = postmortem::assemble(known, events.iter().map(|event| &**event), room.engine.durable());
    document.turning_points.iter().map(|point| (point.letter, point.at, point.seq)).collect()
}

/// The entry with its letter, where it has one.
#[must_use]
pub fn lettered(mut entry: view::Entry, letters: &[Letter]) -> view::Entry {
    entry.letter = letters.iter().find(|(.., seq)| seq.0 == entry.seq).map(|(letter, ..)| letter.to_string());
    entry
}
