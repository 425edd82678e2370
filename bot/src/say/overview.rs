//! What Lifeboat sees: the flag and the sentence over everything, its sources, the strips under the header.

use chrono::TimeDelta;
use lifeboat_storage::event::{DeliveryOutcome, Share, Status, Time};
use lifeboat_storage::id::SourceName;
use lifeboat_storage::incident::Incident;

use super::{Scene, drill, incident, limits, time, word};
use crate::console::view::{Flag, Notice, SourceState, State};

/// A message that waits longer than this for a chat outside is told.
const LONG_WAIT: TimeDelta = TimeDelta::seconds(60);
/// A source at least so far behind its end is told of, in bytes.
const FAR_BEHIND: u64 = 1024 * 1024;
/// How many blind sources get a strip of their own.
const STRIPS: usize = 3;

/// One configured source, as it is read right now; whether it is blind stands in the state.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Its name.
    pub name: &'a SourceName,
    /// A log that is read, or a probe.
    pub reading: Reading,
}

/// How a source is read.
#[derive(Clone, Copy, Debug)]
pub enum Reading {
    /// Lines of an access log.
    Log {
        /// When the last line arrived.
        last_at: Option<Time>,
        /// Requests read since Lifeboat started.
        requests: u64,
        /// Lines that could not be read.
        malformed: u64,
        /// How far behind its end, in bytes.
        behind: u64,
    },
    /// A probe from outside.
    Probe,
}

/// What the fold does not know: how things are right now.
#[derive(Clone, Debug, Default)]
pub struct Sight<'a> {
    /// All configured sources.
    pub sources: Vec<Source<'a>>,
    /// Failed and all requests lately, where they are measured.
    pub lately: Option<Share>,
    /// Nothing is recorded since then, for that reason (as the operating system says it).
    pub unrecorded: Option<(Time, &'a str)>,
    /// The reserve of the data disk is in use.
    pub reserve_in_use: bool,
}

/// What Lifeboat sees.
#[must_use]
pub fn overview(scene: &Scene<'_>, sight: &Sight<'_>) -> State {
    let (flag, sentence) = verdict(scene, sight);
    State {
        flag,
        sentence,
        sources: sight.sources.iter().map(|one| source(scene, one)).collect(),
        notices: notices(scene, sight),
        drill: drill::banner(scene),
    }
}

/// The open incident that counts most: the worst, then the oldest. A resolved one is no news.
fn worst<'a>(scene: &Scene<'a>) -> Option<&'a Incident> {
    let open = scene.state.open_incidents().filter(|incident| incident.status != Status::Resolved);
    open.min_by_key(|incident| (incident.status == Status::Mitigated, incident.severity, incident.id))
}

fn verdict(scene: &Scene<'_>, sight: &Sight<'_>) -> (Flag, String) {
    let say = scene.say;
    if let Some(worst) = worst(scene) {
        return (incident::flag(scene, worst), incident::sentence(scene, worst));
    }
    let well = sight.sources.iter().filter(|one| !scene.state.blind.contains_key(one.name)).count();
    match (sight.sources.as_slice(), well) {
        ([], _) => (word::blind_flag(say), say.word("overview-nothing-watched")),
        ([only], 0) => (word::blind_flag(say), blind_one(scene, only.name)),
        (all, 0) => (word::blind_flag(say), say.text("overview-blind-all", &[("n", all.len().into())])),
        (all, _) if !all.iter().any(|one| has_seen(scene, one)) => {
            (word::blind_flag(say), say.word("overview-nothing-read"))
        }
        (all, well) => (word::quiet_flag(say), quiet(scene, sight, well, all.len())),
    }
}

/// A source that gave something, or that looks by itself.
fn has_seen(scene: &Scene<'_>, one: &Source<'_>) -> bool {
    let silent = matches!(one.reading, Reading::Log { last_at: None, .. });
    !silent && !scene.state.blind.contains_key(one.name)
}

fn blind_one(scene: &Scene<'_>, name: &SourceName) -> String {
    let since = scene.state.blind.get(name).map(|at| scene.at(*at)).unwrap_or_default();
    let name = scene.say.outside(name.as_str(), 24);
    scene.say.text("overview-blind", &[("source", name.into()), ("since", since.into())])
}

/// No incident; what is seen, with its whole.
fn quiet(scene: &Scene<'_>, sight: &Sight<'_>, well: usize, all: usize) -> String {
    let say = scene.say;
    let firing = scene.state.alerts.values().filter(|alert| alert.firing && alert.what != TEST).count();
    let counts = [("well", well.into()), ("all", all.into()), ("firing", firing.into())];
    match sight.lately.filter(|share| share.total > 0) {
        _ if firing > 0 => say.text("overview-quiet-alerts", &counts),
        Some(share) => {
            let [well, all, _] = counts;
            say.text("overview-quiet-share", &[well, all, ("share", time::share(say, share).into())])
        }
        None => say.text("overview-quiet", &counts),
    }
}

const TEST: lifeboat_storage::event::AlertKind = lifeboat_storage::event::AlertKind::Test;

fn source(scene: &Scene<'_>, one: &Source<'_>) -> SourceState {
    let blind = scene.state.blind.get(one.name);
    let text = match (blind, one.reading) {
        (Some(since), _) => scene.say.text("overview-source-blind", &[("since", scene.at(*since).into())]),
        (None, Reading::Probe) => scene.say.word("overview-source-probe"),
        (None, Reading::Log { last_at, requests, malformed, behind }) => {
            log(scene, last_at, requests, malformed, behind)
        }
    };
    SourceState { name: scene.say.name(one.name.as_str()), well: blind.is_none(), text }
}

fn log(scene: &Scene<'_>, last_at: Option<Time>, requests: u64, malformed: u64, behind: u64) -> String {
    let say = scene.say;
    let mut parts = vec![match last_at {
        Some(at) => say.text("overview-source-read", &[("at", scene.at(at).into()), ("n", requests.into())]),
        None => say.word("overview-source-nothing"),
    }];
    if malformed > 0 {
        parts.push(say.text("overview-source-malformed", &[("n", malformed.into())]));
    }
    if behind >= FAR_BEHIND {
        parts.push(say.text("overview-source-behind", &[("size", word::size(behind).into())]));
    }
    word::listed(say, &parts)
}

fn notices(scene: &Scene<'_>, sight: &Sight<'_>) -> Vec<Notice> {
    let strip = |tone, text: Option<String>| text.map(|text| Notice { tone, text });
    // Once the reserve is used up too, nothing goes on in it.
    let in_reserve = sight.reserve_in_use && sight.unrecorded.is_none();
    let mut notices: Vec<Notice> = [
        strip("red", unrecorded(scene, sight)),
        strip("red", in_reserve.then(|| scene.say.word("overview-reserve"))),
    ]
    .into_iter()
    .flatten()
    .collect();
    notices.extend(blind(scene).into_iter().map(|text| Notice { tone: "amber", text }));
    notices.extend(strip("amber", waiting(scene)));
    notices.extend(strip("amber", parked(scene)));
    notices
}

fn unrecorded(scene: &Scene<'_>, sight: &Sight<'_>) -> Option<String> {
    let (since, why) = sight.unrecorded?;
    let why = scene.say.outside(why, limits::LINE);
    Some(scene.say.text("overview-unrecorded", &[("since", scene.at(since).into()), ("why", why.into())]))
}

fn blind(scene: &Scene<'_>) -> Vec<String> {
    let blind = &scene.state.blind;
    if blind.len() > STRIPS {
        let first = blind.values().min().map(|at| scene.at(*at)).unwrap_or_default();
        let args = [("n", blind.len().into()), ("since", first.into())];
        return vec![scene.say.text("overview-notice-blind-many", &args)];
    }
    let strip = |(name, since): (&SourceName, &Time)| {
        let args = [("source", scene.say.name(name.as_str()).into()), ("since", scene.at(*since).into())];
        scene.say.text("overview-notice-blind", &args)
    };
    blind.iter().map(strip).collect()
}

fn waiting(scene: &Scene<'_>) -> Option<String> {
    let waiting = &scene.state.outbox.waiting;
    let oldest = waiting.values().map(|one| one.since).min().filter(|at| scene.now - *at > LONG_WAIT)?;
    let args = [("n", waiting.len().into()), ("since", scene.at(oldest).into())];
    Some(scene.say.text("overview-waiting", &args))
}

fn parked(scene: &Scene<'_>) -> Option<String> {
    let say = scene.say;
    let parked = &scene.state.outbox.parked;
    let newest = parked.last()?;
    let why = match newest.outcome {
        DeliveryOutcome::Refused { status } => {
            say.text("overview-parked-refused", &[("status", status.to_string().into())])
        }
        DeliveryOutcome::GaveUp { tries } => say.text("overview-parked-gave-up", &[("tries", tries.into())]),
        DeliveryOutcome::Sent { .. } | DeliveryOutcome::Replaced => return None,
    };
    let args = [("n", parked.len().into()), ("at", scene.at(newest.at).into()), ("why", why.into())];
    Some(say.text("overview-parked", &args))
}
