//! What has changed since an event: the same for a page that was away, and for one that is there.
//!
//! A frame belongs to one event; only the last frame of an event carries its number as id, so a page that was cut
//! off between two frames asks for that event again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Bytes;
use lifeboat_storage::event::{Event, Kind};
use lifeboat_storage::id::{ChannelName, IncidentId, PlanId, Seq};
use lifeboat_storage::plan::run::plan_of;
use lifeboat_storage::state::ALERTS;

use super::answers::{self, Letter};
use super::view::{self, Push};
use crate::desk::Room;
use crate::say::{Say, Scene, entry, incident, message, plan};

/// Further behind than this, a page loads everything anew.
pub const MOST_MISSED: u64 = 2_000;

/// One push.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The event it belongs to; none for what is no event's own (states).
    pub seq: Option<Seq>,
    /// It is the last of its event.
    pub last: bool,
    /// What it carries.
    pub push: Push,
}

impl Frame {
    pub(super) fn state(push: Push) -> Self {
        Self { seq: None, last: false, push }
    }

    /// As it goes over the wire.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        let name = match self.push {
            Push::Message(_) => "message",
            Push::Incident(_) => "incident",
            Push::Entry { .. } => "entry",
            Push::Letters { .. } => "letters",
            Push::Channel(_) => "channel",
            Push::State(_) => "state",
            Push::Plan(_) => "plan",
            Push::Fleet(_) => "fleet",
            Push::Traffic(_) => "traffic",
            Push::Beat { .. } => "beat",
        };
        let id = self.seq.filter(|_| self.last).map(|seq| format!("id: {seq}\n")).unwrap_or_default();
        let data = serde_json::to_string(&self.push).unwrap_or_default();
        Bytes::from(format!("{id}event: {name}\ndata: {data}\n\n"))
    }
}

/// Everything is to be loaded anew; the stream goes on after `seq`.
#[must_use]
pub fn reset(seq: Seq) -> Bytes {
    Bytes::from(format!("id: {seq}\nevent: reset\ndata: {{}}\n\n"))
}

/// What has changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// In the order in which they are sent: new states first.
    pub frames: Vec<Frame>,
    /// Incidents whose new state is in there.
    pub told: BTreeSet<IncidentId>,
    /// Incidents that changed and were left out.
    pub held: BTreeSet<IncidentId>,
}

/// The changes after `since` up to the newest durable event; none when that is too far back, or ahead of the
/// record (then it is another record). The state of incidents in `hold` is left out.
#[must_use]
pub fn changes(room: &Room<'_>, say: Say, since: Seq, hold: &BTreeSet<IncidentId>) -> Option<Changes> {
    let applied = room.engine.durable().applied;
    if applied.0.checked_sub(since.0)? > MOST_MISSED {
        return None;
    }
    let events: Vec<Arc<Event>> = (since.0 + 1..=applied.0).filter_map(|seq| room.event(Seq(seq))).collect();
    let touched: BTreeSet<IncidentId> =
        events.iter().filter(|event| tells_state(&event.kind)).filter_map(|event| event.incident).collect();
    let (held, told): (BTreeSet<_>, BTreeSet<_>) = touched.into_iter().partition(|id| hold.contains(id));
    let letters = letters(room, &events);
    answers::scene(room, say, |scene| {
        let mut frames = states(scene, &told);
        frames.extend(plans(scene, &events));
        frames.extend(letters.iter().map(|(id, given)| Frame::state(lettered(*id, given))));
        for event in &events {
            let given = event.incident.and_then(|id| letters.get(&id)).map_or(&[][..], Vec::as_slice);
            let mut own = frames_of(room, scene, event, given);
            if let Some(last) = own.last_mut() {
                last.last = true;
            }
            frames.append(&mut own);
        }
        Some(Changes { frames, told, held })
    })
}

/// What was measured is the share that sentence and card tell; a postmortem that was written out changes neither.
fn tells_state(kind: &Kind) -> bool {
    let aside = matches!(kind, Kind::PostmortemExported { .. });
    !aside && (matches!(kind, Kind::PostQueued { .. }) || !kind.is_delivery())
}

/// The newest states of incidents, and of their channels.
#[must_use]
pub fn states(scene: &Scene<'_>, incidents: &BTreeSet<IncidentId>) -> Vec<Frame> {
    let known = incidents.iter().filter_map(|id| scene.state.incidents.get(id));
    let both = known.flat_map(|known| {
        let own = Push::Incident(Box::new(incident::incident(scene, known)));
        let channel = known.channel.as_ref().and_then(|name| answers::channel(scene, name));
        [Some(own), channel.map(Push::Channel)]
    });
    both.flatten().map(Frame::state).collect()
}

/// The newest states of the plans that events are about.
fn plans(scene: &Scene<'_>, events: &[Arc<Event>]) -> Vec<Frame> {
    let touched: BTreeSet<PlanId> = events.iter().filter_map(|event| plan_of(event.kind.lasting())).collect();
    let known = touched.iter().filter_map(|id| scene.state.plans.get(id));
    known.map(|run| Frame::state(Push::Plan(Box::new(plan::card(scene, run))))).collect()
}

/// The message and the line of the timeline an event makes, and those of an older event that it changes.
fn frames_of(room: &Room<'_>, scene: &Scene<'_>, event: &Arc<Event>, letters: &[Letter]) -> Vec<Frame> {
    let mut shown = vec![Arc::clone(event)];
    shown.extend(changed(event).and_then(|seq| room.event(seq)));
    let frame = |push| Frame { seq: Some(event.seq), last: false, push };
    let mut frames = Vec::new();
    for one in shown {
        if stands_in_a_channel(scene, &one) {
            frames.push(frame(Push::Message(message::message(scene, &one))));
        }
        if let Some(incident) = one.incident.filter(|_| entry::is_story(&one.kind)) {
            let entry = answers::lettered(entry::entry(scene, &one), letters);
            frames.push(frame(Push::Entry { incident: incident.0, entry }));
        }
    }
    frames
}

/// The older event that an event changes.
fn changed(event: &Event) -> Option<Seq> {
    match event.kind {
        Kind::MessagePinned { message } => Some(message),
        Kind::Redacted { target, .. } => Some(target),
        _ => event.supersedes,
    }
}

/// The letters of each incident in which they may have moved.
fn letters(room: &Room<'_>, events: &[Arc<Event>]) -> BTreeMap<IncidentId, Vec<Letter>> {
    let moves = |event: &&Arc<Event>| turns(event.kind.lasting()) || changed(event).is_some();
    let moved: BTreeSet<IncidentId> =
        events.iter().filter(moves).filter_map(|event| event.incident).collect();
    let of = |id: IncidentId| {
        let known = room.engine.durable().incidents.get(&id)?;
        Some((id, answers::letters(room, known, &answers::events_of(room, known))))
    };
    moved.into_iter().filter_map(of).collect()
}

fn lettered(id: IncidentId, letters: &[Letter]) -> Push {
    let given = |(letter, _, seq): &Letter| view::Letter { letter: letter.to_string(), seq: seq.0 };
    Push::Letters { incident: id.0, letters: letters.iter().map(given).collect() }
}

/// Whether an event may be a turning point, so that letters may move.
fn turns(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::StatusChanged { .. }
            | Kind::SeverityChanged { .. }
            | Kind::MilestoneSet { .. }
            | Kind::Acknowledged
            | Kind::RoleTaken { .. }
            | Kind::AlertRaised { .. }
            | Kind::AlertGrew { .. }
            | Kind::AlertJoined { .. }
            | Kind::AlertRecovered { .. }
            | Kind::AlertReturned { .. }
            | Kind::Diagnosed { .. }
            | Kind::PlanApproved { .. }
            | Kind::PlanEnded { .. }
            | Kind::ClusterFrozen { .. }
            | Kind::Merged { .. }
            | Kind::IncidentDeclared { .. }
    )
}

/// Whether the fold placed an event in a channel.
fn stands_in_a_channel(scene: &Scene<'_>, event: &Event) -> bool {
    let own = match event.kind.lasting() {
        Kind::MessageSaid { channel, .. } | Kind::PostQueued { channel, .. } => Some(channel.clone()),
        _ => event.incident.and_then(|id| scene.state.incidents.get(&id)?.channel.clone()),
    };
    let name = own.unwrap_or_else(|| ChannelName::new(ALERTS));
    scene.state.channels.get(&name).is_some_and(|channel| channel.messages.binary_search(&event.seq).is_ok())
}

#[cfg(test)]
mod tests {
    use lifeboat_storage::event::Share;
    use lifeboat_storage::id::ServiceName;

    use super::*;

    #[test]
    fn a_measured_share_is_told_to_open_pages_as_it_stands_in_sentence_and_card() {
        let measured = Kind::TrafficMeasured {
            service: ServiceName::new("blog-web"),
            from: chrono::DateTime::UNIX_EPOCH,
            step_s: 10,
            counts: vec![Share { bad: 3, total: 10 }],
        };
        assert!(tells_state(&measured));
        let exported = Kind::PostmortemExported { format: "md".to_owned(), lang: "en".to_owned() };
        assert!(!tells_state(&exported));
    }
}
