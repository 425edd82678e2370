//! What goes where: which events are told in which chat. Pure.
//!
//! A card is edited in place; a new message is only for what must wake somebody. What people say and do in an
//! incident's channel stands there as their own words and needs no post. A webhook cannot edit: it gets the card anew
//! at each change of status, and while it is down only the newest one waits.
//!
//! Discord can edit: it gets each card once, and [`crate::engine::cards`] keeps it true. What stands in the console's
//! channels as people's own words is told there too, so that the channel can be read for years.

use lifeboat_commands::verb::Change;
use lifeboat_storage::event::{
    AlertKind, ChatKind, Event, Instead, Kind, Place, PostKind, Severity, Status, Time,
};
use lifeboat_storage::id::{AlertKey, ChannelName, IncidentId};
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

/// Which chats outside are configured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outside {
    /// A webhook.
    pub webhook: bool,
    /// Discord.
    pub discord: bool,
}

/// With what an event comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// It is told by itself.
    None,
    /// With the return of an alert that was told in the moment before, with its severity.
    Return,
}

/// The messages that follow from an event, as events to be; `state` has taken the event in.
#[must_use]
pub fn posts(state: &State, event: &Event, company: Company, outside: Outside, now: Time) -> Vec<Change> {
    let ears = match company {
        Company::None => ears(state, event, now),
        Company::Return => beside_return(event, ears(state, event, now)),
    };
    let post = match (&event.kind, event.incident) {
        (Kind::ChannelOpened { .. }, Some(incident)) => PostKind::Card { incident },
        _ => PostKind::Notice { about: event.seq },
    };
    let anew = match (&event.kind, event.incident) {
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
    if ears.webhook && outside.webhook {
        queue(ChatKind::Webhook, ChannelName::new(ALERTS), &anew);
    }
    if outside.discord {
        let mut told = discord(state, event, ears);
        // The return fetched the channel back already.
        told.retain(|(_, post)| company == Company::None || !matches!(post, PostKind::Room { .. }));
        for (channel, post) in told {
            queue(ChatKind::Discord, channel, &post);
        }
    }
    posts
}

/// What Discord is told, channel by channel. While it is out of reach, single messages are left to the summary.
fn discord(state: &State, event: &Event, ears: Ears) -> Vec<(ChannelName, PostKind)> {
    let alerts = || ChannelName::new(ALERTS);
    let own = event.incident.and_then(|id| state.incidents.get(&id)?.channel.clone());
    match (event.kind.lasting(), event.incident) {
        (Kind::ChatLost { chat: ChatKind::Discord, .. }, _) => {
            return vec![(alerts(), PostKind::Notice { about: event.seq })];
        }
        (Kind::ChatBack { chat: ChatKind::Discord, .. }, _) => return Vec::new(),
        // In the channel itself it waits until that takes messages again, and is the summary then.
        (Kind::ChannelUnreached { chat: ChatKind::Discord, channel, .. }, _) => {
            let others = [alerts()]
                .into_iter()
                .filter(|common| common != channel && !state.chats.is_unreached(ChatKind::Discord, common));
            let told = std::iter::once(channel.clone()).chain(others);
            return told.map(|channel| (channel, PostKind::Notice { about: event.seq })).collect();
        }
        (Kind::ChannelOpened { channel }, Some(incident)) => {
            let (card, room) = (PostKind::Card { incident }, PostKind::Room { incident });
            return vec![(alerts(), card.clone()), (channel.clone(), room), (channel.clone(), card)];
        }
        (Kind::PlanProposed { plan, .. }, _) => {
            return vec![(own.unwrap_or_else(alerts), PostKind::Plan { plan: *plan })];
        }
        (Kind::PlaceLost { chat: ChatKind::Discord, place }, _) => return stood_there(state, place),
        _ => {}
    }
    let reached = |channel: &ChannelName| !state.chats.is_unreached(ChatKind::Discord, channel);
    let heard = listeners(state, event, ears, own.clone()).into_iter().filter(reached);
    let fetched = own.clone().filter(|_| ears.incident).zip(ended_before(state, event));
    let mut told: Vec<(ChannelName, PostKind)> =
        fetched.map(|(channel, incident)| (channel, PostKind::Room { incident })).into_iter().collect();
    told.extend(heard.map(|channel| (channel, PostKind::Notice { about: event.seq })));
    told.extend(own.zip(event.incident).and_then(|(channel, id)| Some((channel, moves(event, id)?))));
    told
}

/// In which of its channels a notice of the event stands.
fn listeners(state: &State, event: &Event, ears: Ears, own: Option<ChannelName>) -> Vec<ChannelName> {
    let of_alerts = |channel: &ChannelName| channel.as_str() == ALERTS;
    // What became of the common channel stands in it already.
    let itself = matches!(event.kind.lasting(), Kind::ChannelReached { channel, .. } if of_alerts(channel));
    let alerts = (ears.alerts && !itself).then(|| ChannelName::new(ALERTS));
    let told_there = match event.kind.lasting() {
        Kind::PlaceFound { chat: ChatKind::Discord, instead, .. } => {
            instead.is_some_and(|why| why != Instead::Mild)
        }
        // In the console a person's own words stand there already.
        Kind::SeverityChanged { .. } => event.actor.person.is_some() && ears.alerts,
        _ => false,
    };
    // What people said in the console stands there in their words; here it is told.
    let by_person =
        state.place(event).filter(|_| event.actor.person.is_some() && !ears.alerts && !ears.incident);
    let mut all: Vec<ChannelName> = alerts.into_iter().collect();
    all.extend(own.filter(|_| ears.incident || told_there));
    all.extend(by_person.filter(|_| !of_plan_card(event)));
    all
}

/// A plan's own card tells it.
fn of_plan_card(event: &Event) -> bool {
    matches!(event.kind.lasting(), Kind::PlanProposed { .. })
}

/// The closed incident whose alert came back: its channel is fetched back before that wakes anybody there.
fn ended_before(state: &State, event: &Event) -> Option<IncidentId> {
    let Kind::AlertReturned { .. } = event.kind.lasting() else { return None };
    let incident = state.incidents.get(&event.incident?)?;
    (incident.status == Status::Closed).then_some(incident.id)
}

/// A channel is put away when its incident ends, and fetched back when it goes on.
fn moves(event: &Event, incident: IncidentId) -> Option<PostKind> {
    let Kind::StatusChanged { from, to, .. } = event.kind.lasting() else { return None };
    let ended = |status: &Status| matches!(status, Status::Closed | Status::Cancelled);
    match (ended(from), ended(to)) {
        (false, true) => Some(PostKind::Farewell { incident }),
        (true, false) => Some(PostKind::Room { incident }),
        _ => None,
    }
}

/// Cards of open incidents that stood in a place that is gone.
fn stood_there(state: &State, place: &Place) -> Vec<(ChannelName, PostKind)> {
    let Place::Channel { channel } = place else { return Vec::new() };
    let here = |id: &IncidentId| {
        channel.as_str() == ALERTS || state.incident_of_channel(channel).is_some_and(|own| own == *id)
    };
    let open = state.open_incidents().map(|incident| incident.id).filter(here);
    open.map(|incident| (channel.clone(), PostKind::Card { incident })).collect()
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
        Kind::SourceBlind { .. }
        | Kind::SourceSeen { .. }
        | Kind::SourceUnwatched { .. }
        | Kind::SourceBehind { .. } => COMMON,
        // Where nothing was cut, a start is no news.
        Kind::LifeboatStarted { torn_bytes: 1.., .. } => COMMON,
        Kind::ReserveInUse | Kind::RecordingResumed { .. } => COMMON,
        Kind::ChatLost { .. }
        | Kind::ChatBack { .. }
        | Kind::ChannelUnreached { .. }
        | Kind::ChannelReached { .. } => COMMON,
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

/// One message tells a return where it is heard: that work goes on, and how bad it is, needs none of its own there.
/// The common channel does not hear of a return, and a webhook cannot edit its card.
fn beside_return(event: &Event, ears: Ears) -> Ears {
    match &event.kind {
        Kind::StatusChanged { .. } => Ears { incident: false, ..ears },
        Kind::SeverityChanged { .. } => Ears { incident: false, webhook: false, ..ears },
        _ => ears,
    }
}

/// What a person did stands in the channel already; outside it is heard when it ended or came back.
fn status_ears(from: Status, to: Status, event: &Event) -> Ears {
    let back = to == Status::Investigating;
    let ended = matches!(to, Status::Mitigated | Status::Resolved | Status::Closed | Status::Cancelled);
    match (event.actor.person.is_some(), back || ended) {
        (_, false) => NOBODY,
        (false, true) => INCIDENT,
        (true, true) if from != to => WEBHOOK,
        (true, true) => NOBODY,
    }
}
