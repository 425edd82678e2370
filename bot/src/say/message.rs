//! A message in a channel: what people said and did, what Lifeboat posted there.

use lifeboat_storage::event::{Actor, AlertKind, Event, Kind, Origin, PostKind, Status, Time};
use lifeboat_storage::id::{AlertKey, ChannelName, IncidentId, Seq, World};
use lifeboat_storage::state::ALERTS;

use super::{Scene, alert, card, entry, incident, limits, plan};
use crate::console::view::{Card, Message, PlanCard};
use crate::engine::watch::NOT_UNDERSTOOD;

/// The message an event makes in the channel in which it stands.
#[must_use]
pub fn message(scene: &Scene<'_>, event: &Event) -> Message {
    let channel = channel(scene, event);
    let Content { kind, text, card, plan } = content(scene, event, &channel);
    Message {
        seq: event.seq.0,
        at: scene.moment(event.recorded_at),
        author: entry::author(scene.say, event),
        role: role(scene, event),
        bot: event.actor.person.is_none(),
        kind,
        text,
        card,
        plan,
        pinned: scene.state.pinned.contains(&event.seq),
        unrecorded: false,
        channel: channel.as_str().to_owned(),
    }
}

/// What is said in #alerts while nothing can be recorded; `number` is its id on the page.
#[must_use]
pub fn unrecorded(scene: &Scene<'_>, number: u64, at: Time, kind: Kind) -> Message {
    let event = Event {
        seq: Seq(number),
        incident: None,
        world: World::Real,
        occurred_at: at,
        recorded_at: at,
        actor: Actor::lifeboat(Origin::Lifeboat),
        kind,
        correlation: None,
        supersedes: None,
    };
    let text = scene.say.text("notice-unrecorded", &[("told", entry::text(scene, &event).into())]);
    let kind = "notice";
    Message { text, kind, card: None, plan: None, pinned: false, unrecorded: true, ..message(scene, &event) }
}

/// The channel an event stands in: its own, its incident's, else #alerts.
fn channel(scene: &Scene<'_>, event: &Event) -> ChannelName {
    match event.kind.lasting() {
        Kind::MessageSaid { channel, .. } | Kind::PostQueued { channel, .. } => channel.clone(),
        _ => event
            .incident
            .and_then(|id| scene.state.incidents.get(&id)?.channel.clone())
            .unwrap_or_else(|| ChannelName::new(ALERTS)),
    }
}

/// What a message is: a text, a card, or a plan.
#[derive(Default)]
struct Content {
    kind: &'static str,
    text: String,
    card: Option<Card>,
    plan: Option<Box<PlanCard>>,
}

fn content(scene: &Scene<'_>, event: &Event, channel: &ChannelName) -> Content {
    let said = |kind, text| Content { kind, text, ..Content::default() };
    match event.kind.lasting() {
        Kind::MessageSaid { .. } => said("text", entry::text(scene, event)),
        Kind::PostQueued { post: PostKind::Card { incident }, .. } => {
            match scene.state.incidents.get(incident) {
                Some(incident) => {
                    let card = Some(card::card(scene, incident));
                    Content { kind: "card", card, ..Content::default() }
                }
                None => said("notice", incident.to_string()),
            }
        }
        Kind::PostQueued { post: PostKind::Notice { about }, .. } => match (scene.lookup)(*about) {
            Some(about) => {
                shown_plan(scene, &about).unwrap_or_else(|| said("notice", notice(scene, &about, channel)))
            }
            None => said("notice", entry::text(scene, event)),
        },
        Kind::StatusChanged { head, .. } if event.actor.person.is_some() => {
            let head = record_head(scene, head.as_deref());
            let lines: Vec<String> = std::iter::once(dated(scene, event)).chain(head).collect();
            said("command", lines.join("\n"))
        }
        Kind::PlanProposed { .. } => {
            shown_plan(scene, event).unwrap_or_else(|| said("command", dated(scene, event)))
        }
        _ if event.actor.person.is_some() => said("command", dated(scene, event)),
        _ => said("notice", entry::text(scene, event)),
    }
}

/// The card of the plan that an event proposes.
fn shown_plan(scene: &Scene<'_>, event: &Event) -> Option<Content> {
    let Kind::PlanProposed { plan: id, .. } = event.kind.lasting() else { return None };
    let run = scene.state.plans.get(id)?;
    Some(Content { kind: "plan", plan: Some(Box::new(plan::card(scene, run))), ..Content::default() })
}

/// What a person did; with its moment in front where that lies before it was recorded.
fn dated(scene: &Scene<'_>, event: &Event) -> String {
    let text = entry::text(scene, event);
    let late = event.recorded_at - event.occurred_at > chrono::TimeDelta::seconds(5);
    if late { format!("{} · {text}", scene.at(event.occurred_at)) } else { text }
}

/// The role that whoever speaks had then in the incident it belongs to.
fn role(scene: &Scene<'_>, event: &Event) -> Option<String> {
    let person = event.actor.person.as_ref()?;
    let incident = scene.state.incidents.get(&event.incident?)?;
    let role = incident.role_of(person, event.seq)?;
    Some(super::word::role(scene.say, role))
}

/// A notice about an event: what happened, then what to do next, on lines of their own.
#[must_use]
pub fn notice(scene: &Scene<'_>, event: &Event, channel: &ChannelName) -> String {
    let mut lines = vec![what_happened(scene, event, channel)];
    lines.extend(what_next(scene, event));
    lines.join("\n")
}

/// Outside the incident's own channel the incident is named.
fn what_happened(scene: &Scene<'_>, event: &Event, channel: &ChannelName) -> String {
    let text = notice_text(scene, event);
    let Some(known) = event.incident.and_then(|id| scene.state.incidents.get(&id)) else { return text };
    if known.channel.as_ref() == Some(channel) {
        return text;
    }
    scene.say.text(
        "notice-of-incident",
        &[
            ("incident", known.id.to_string().into()),
            ("title", incident::title(scene, known).into()),
            ("told", text.into()),
        ],
    )
}

fn notice_text(scene: &Scene<'_>, event: &Event) -> String {
    let (say, text) = (scene.say, entry::text(scene, event));
    let by = entry::actor(say, event);
    match event.kind.lasting() {
        Kind::StatusChanged { .. } | Kind::SeverityChanged { .. } | Kind::AlertRaised { .. }
            if !by.is_empty() =>
        {
            say.text("notice-by", &[("told", text.into()), ("person", by.into())])
        }
        Kind::SeverityChanged { .. } => match numbers(scene, event) {
            Some(numbers) => say.text("notice-worse", &[("told", text.into()), ("numbers", numbers.into())]),
            None => text,
        },
        _ => text,
    }
}

/// What an event asks people to do next, where it asks for something.
#[must_use]
pub fn what_next(scene: &Scene<'_>, event: &Event) -> Option<String> {
    let say = scene.say;
    let id = ("incident", event.incident.map(|id: IncidentId| id.to_string()).unwrap_or_default().into());
    match event.kind.lasting() {
        Kind::AlertRaised { what: AlertKind::Test, .. } => None,
        Kind::AlertRaised { alert, .. } | Kind::AlertReturned { alert, .. } if event.incident.is_none() => {
            Some(declare(scene, alert))
        }
        Kind::AlertReturned { .. } if is_back_to_work(scene, event) => {
            Some(say.text("notice-next-work", &[id]))
        }
        Kind::AlertReturned { .. } => Some(say.text("notice-next-show", &[id])),
        Kind::RecoveryProposed { .. } => Some(say.text("notice-next-mitigate", &[id])),
        Kind::StatusChanged { to, head, .. } => status_next(scene, *to, head.as_deref(), event.incident?),
        Kind::SourceBlind { why, .. } if why == NOT_UNDERSTOOD => {
            Some(say.word("notice-next-not-understood"))
        }
        Kind::SourceBlind { .. } => Some(say.word("notice-next-blind")),
        Kind::ReserveInUse => Some(say.word("notice-next-reserve")),
        Kind::ChatLost { .. } => Some(say.word("notice-next-chat")),
        Kind::ChannelUnreached { .. } => Some(say.word("notice-next-channel")),
        _ => None,
    }
}

/// The line that opens an incident of an alert; its key is left out where it is no single word as it is shown.
fn declare(scene: &Scene<'_>, key: &AlertKey) -> String {
    let say = scene.say;
    let title = ("title", alert::title(say, alert::about(scene.state, key)).into());
    let shown = say.name(key.as_str());
    if shown != key.as_str() || shown.contains(char::is_whitespace) || shown.contains('"') {
        return say.text("notice-next-declare-title", &[title]);
    }
    say.text("notice-next-declare", &[title, ("alert", shown.into())])
}

/// What a change of status asks for, and the head of the record, so that it can be checked from outside.
fn status_next(scene: &Scene<'_>, to: Status, head: Option<&str>, id: IncidentId) -> Option<String> {
    let next = status_step(scene, to, id);
    let lines: Vec<String> = next.into_iter().chain(record_head(scene, head)).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What a person's change of status asks for; the head of the record stands in its message already.
#[must_use]
pub fn next_step(scene: &Scene<'_>, event: &Event) -> Option<String> {
    match event.kind.lasting() {
        Kind::StatusChanged { to, .. } => status_step(scene, *to, event.incident?),
        _ => None,
    }
}

fn status_step(scene: &Scene<'_>, to: Status, id: IncidentId) -> Option<String> {
    let say = scene.say;
    let named = [("incident", id.to_string().into())];
    match to {
        Status::Investigating => Some(say.text("notice-next-work", &named)),
        Status::Mitigated => Some(say.text("notice-next-resolve", &named)),
        Status::Resolved | Status::Closed => Some(say.text("notice-next-postmortem", &named)),
        Status::Identified | Status::Cancelled => None,
    }
}

/// The hash of the newest record before a change of status.
fn record_head(scene: &Scene<'_>, head: Option<&str>) -> Option<String> {
    let hash = scene.say.outside(head?, limits::HASH);
    Some(scene.say.text("notice-head", &[("hash", hash.into())]))
}

/// Its incident was over, and goes on since. One that was still worked on keeps its status.
fn is_back_to_work(scene: &Scene<'_>, returned: &Event) -> bool {
    let later = (1..=DECIDED_AFTER).map_while(|after| (scene.lookup)(Seq(returned.seq.0 + after)));
    let mut together = later.take_while(|other| other.correlation == returned.correlation);
    together.any(|other| {
        let back = matches!(other.kind.lasting(), Kind::StatusChanged { to: Status::Investigating, .. });
        back && other.incident == returned.incident
    })
}

/// Behind how many events at most, its own posts, a return is followed by the change of status.
const DECIDED_AFTER: u64 = 16;

/// How many events back the numbers of a change of severity stand.
const DECIDED_BACK: u64 = 8;

/// The numbers that were decided together with an event.
#[must_use]
pub fn numbers(scene: &Scene<'_>, event: &Event) -> Option<String> {
    (1..=DECIDED_BACK.min(event.seq.0 - 1)).find_map(|back| {
        let other = (scene.lookup)(Seq(event.seq.0 - back))?;
        let together = other.correlation == event.correlation && other.recorded_at == event.recorded_at;
        let evidence = entry::evidence(&other.kind).filter(|_| together)?;
        let key = match other.kind.lasting() {
            Kind::AlertRaised { alert, .. }
            | Kind::AlertGrew { alert, .. }
            | Kind::AlertReturned { alert, .. } => alert,
            _ => return None,
        };
        match alert::about(scene.state, key) {
            alert::About::Known(what, service) => Some(alert::told(scene.say, what, service, evidence)),
            alert::About::Key(_) => None,
        }
    })
}
