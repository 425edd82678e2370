//! What goes where: which events are told in which chat. Pure.
//!
//! A card is edited in place; a new message is only for what must wake somebody. What people say and do in an
//! incident's channel stands there as their own words and needs no post. A webhook cannot edit: it gets the card anew
//! at each change of status, and while it is down only the newest one waits.

use lifeboat_commands::verb::Change;
use lifeboat_storage::event::{AlertKind, ChatKind, Event, Kind, PostKind, Severity, Status, Time};
use lifeboat_storage::id::{AlertKey, ChannelName};
use lifeboat_storage::state::{ALERTS, State};

/// Who hears of an event.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ears {
    /// The channel every alert goes to.
    alerts: bool,
    /// The incident's own channel.
    incident: bool,
    /// The webhook.
    webhook: bool,
}

const NOBODY: Ears = Ears { alerts: false, incident: false, webhook: false };
const ALL: Ears = Ears { alerts: true, incident: true, webhook: true };
/// The incident's channel and the outside.
const INCIDENT: Ears = Ears { alerts: false, incident: true, webhook: true };
/// Not about one incident.
const COMMON: Ears = Ears { alerts: true, incident: false, webhook: true };
const WEBHOOK: Ears = Ears { alerts: false, incident: false, webhook: true };

/// The messages that follow from an event, as events to be; `state` has taken the event in.
#[must_use]
pub fn posts(state: &State, event: &Event, webhook: bool, now: Time) -> Vec<Change> {
    let ears = ears(state, event, now);
    let post = match (&event.kind, event.incident) {
        (Kind::ChannelOpened { .. }, Some(incident)) => PostKind::Card { incident },
        _ => PostKind::Notice { about: event.seq },
    };
    let outside = match (&event.kind, event.incident) {
        (Kind::StatusChanged { .. }, Some(incident)) => PostKind::Card { incident },
        _ => post.clone(),
    };
    let of_incident = event.incident.and_then(|id| state.incidents.get(&id)?.channel.clone());
    let mut posts = Vec::new();
    let mut queue = |chat, channel, post: &PostKind| {
        let kind = Kind::PostQueued { chat, channel, post: post.clone() };
        posts.push(Change { incident: event.incident, occurred_at: now, kind, supersedes: None });
    };
    if ears.alerts {
        queue(ChatKind::Console, ChannelName::new(ALERTS), &post);
    }
    if let Some(channel) = of_incident.filter(|_| ears.incident) {
        queue(ChatKind::Console, channel, &post);
    }
    if ears.webhook && webhook {
        queue(ChatKind::Webhook, ChannelName::new(ALERTS), &outside);
    }
    posts
}

fn ears(state: &State, event: &Event, now: Time) -> Ears {
    match &event.kind {
        Kind::ChannelOpened { .. } => ALL,
        Kind::AlertRaised { what: AlertKind::Test, .. } => COMMON,
        Kind::AlertRaised { alert, .. }
        | Kind::AlertReturned { alert, .. }
        | Kind::AlertRecovered { alert, .. } => alert_ears(state, alert, event, now),
        Kind::SeverityChanged { from, to } => severity_ears(*from, *to, event),
        Kind::RecoveryProposed { .. } => INCIDENT,
        // Whoever goes against a freeze or waives a second person is heard by everybody.
        Kind::PlanProposed { body, .. } if body.override_reason.is_some() => COMMON,
        Kind::PlanProposed { .. }
        | Kind::PlanPaused { .. }
        | Kind::PlanEnded { .. }
        | Kind::PlanExpired { .. }
        | Kind::Diagnosed { .. } => plan_ears(event),
        Kind::CapacityJudged { wanted, ready, .. } if ready >= wanted => COMMON,
        Kind::FleetBlind { .. } | Kind::FleetSeen { .. } | Kind::DrillEnded { .. } => COMMON,
        Kind::DrillOpened { .. } | Kind::DrillClosed { .. } => COMMON,
        Kind::StatusChanged { from, to, .. } => status_ears(*from, *to, event),
        Kind::SourceBlind { .. } | Kind::SourceSeen { .. } => COMMON,
        Kind::ReserveInUse | Kind::RecordingResumed { .. } => COMMON,
        _ => NOBODY,
    }
}

/// An alert is told by its incident's card; without an incident it is told by itself, unless it is muted.
fn alert_ears(state: &State, key: &AlertKey, event: &Event, now: Time) -> Ears {
    let muted = state.alerts.get(key).and_then(|alert| alert.silenced_until).is_some_and(|until| until > now);
    match (&event.kind, event.incident) {
        _ if muted => NOBODY,
        (_, None) => COMMON,
        (Kind::AlertReturned { .. }, Some(_)) => INCIDENT,
        _ => NOBODY,
    }
}

/// What a plan came to is told where people work on it; what a person did stands there already.
fn plan_ears(event: &Event) -> Ears {
    match (event.actor.person.is_some(), event.incident.is_some()) {
        (true, _) => NOBODY,
        (false, true) => INCIDENT,
        (false, false) => COMMON,
    }
}

/// Worse wakes everybody; better is on the card.
fn severity_ears(from: Severity, to: Severity, event: &Event) -> Ears {
    match (to < from, event.actor.person.is_some()) {
        (false, _) => NOBODY,
        (true, true) => COMMON,
        (true, false) => ALL,
    }
}

/// What a person did stands in the channel already; others hear when it ended or came back.
fn status_ears(from: Status, to: Status, event: &Event) -> Ears {
    let back = to == Status::Investigating;
    let ended = matches!(to, Status::Mitigated | Status::Resolved | Status::Closed | Status::Cancelled);
    match (event.actor.person.is_some(), back || ended) {
        (_, false) => NOBODY,
        (false, true) => INCIDENT,
        (true, true) if to == Status::Closed => INCIDENT,
        (true, true) if from != to => WEBHOOK,
        (true, true) => NOBODY,
    }
}
