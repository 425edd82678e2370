//! Any sequence of events, with numbers small enough that they meet.

use chrono::DateTime;
use proptest::prelude::*;

use crate::event::{
    Actor, AlertEvidence, AlertKind, ChatKind, DeliveryOutcome, Event, Kind, Milestone, Origin, PostKind,
    Role, Severity, Share, Status, TaskKind, Time,
};
use crate::id::{AlertKey, ChannelName, IncidentId, PersonName, Seq, ServiceName, SourceName, World};
use crate::state::State;

const SEVERITIES: [Severity; 4] = [Severity::Sev1, Severity::Sev2, Severity::Sev3, Severity::Sev4];
const STATUSES: [Status; 6] = [
    Status::Investigating,
    Status::Identified,
    Status::Mitigated,
    Status::Resolved,
    Status::Closed,
    Status::Cancelled,
];
const MILESTONES: [Milestone; 8] = [
    Milestone::Started,
    Milestone::Detected,
    Milestone::Declared,
    Milestone::Acknowledged,
    Milestone::Identified,
    Milestone::Mitigated,
    Milestone::Resolved,
    Milestone::Closed,
];
const KINDS: u8 = 39;

/// Everything an event is drawn from.
#[derive(Clone, Debug)]
struct Draw {
    kind: u8,
    incident: u8,
    happened_s: i64,
    late_s: i64,
    person: u8,
    a: u8,
    b: u8,
    counts: Vec<(u64, u64)>,
    supersedes: Option<u8>,
}

prop_compose! {
    fn draw()(
        kind in 0..KINDS, incident in 0..4u8, happened_s in wild(), late_s in -10..7200i64,
        person in 0..4u8, a in 0..9u8, b in any::<u8>(),
        counts in prop::collection::vec((0..20u64, 0..40u64), 0..20),
        supersedes in prop::option::weighted(0.1, 0..40u8),
    ) -> Draw {
        Draw { kind, incident, happened_s, late_s, person, a, b, counts, supersedes }
    }
}

/// Mostly within two hours, now and then years away.
fn wild() -> impl Strategy<Value = i64> {
    prop_oneof![30 => 0..7200i64, 1 => -4_000_000_000..4_000_000_000i64]
}

pub(super) fn events() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec(draw(), 0..60)
        .prop_map(|draws| draws.iter().zip(1..).map(|(draw, seq)| event(draw, Seq(seq))).collect())
}

pub(super) fn order() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), 61)
}

pub(super) fn folded(events: &[Event]) -> State {
    let mut state = State::new();
    events.iter().for_each(|event| state.apply(event));
    state
}

fn time(s: i64) -> Time {
    DateTime::from_timestamp(1_767_578_400 + s, 0).unwrap()
}

fn event(draw: &Draw, seq: Seq) -> Event {
    let mut actor = Actor::lifeboat(Origin::Lifeboat);
    if draw.person > 0 {
        actor.person = Some(person(draw.person));
    }
    Event {
        seq,
        incident: (draw.incident > 0).then_some(IncidentId(u32::from(draw.incident))),
        world: World::Real,
        occurred_at: time(draw.happened_s),
        recorded_at: time(draw.happened_s + draw.late_s),
        actor,
        kind: if seq.0 <= 3 { declared(draw) } else { kind(draw) },
        correlation: None,
        supersedes: draw.supersedes.map(|old| Seq(u64::from(old))),
    }
}

fn person(n: u8) -> PersonName {
    PersonName::new(["", "Mei", "林", "Chen Wei"][usize::from(n % 4)])
}

fn alert(n: u8) -> AlertKey {
    AlertKey::new(format!("bad_gateway/{}", n % 3))
}

fn service(n: u8) -> ServiceName {
    ServiceName::new(["blog-web", "api"][usize::from(n % 2)])
}

fn share(bad: u8, total: u8) -> Share {
    Share { bad: bad.into(), total: u64::from(bad) + u64::from(total) }
}

fn declared(draw: &Draw) -> Kind {
    Kind::IncidentDeclared {
        title: String::new(),
        severity: SEVERITIES[usize::from(draw.a % 4)],
        service: (draw.b > 50).then(|| service(draw.b)),
        alert: (draw.b > 99).then(|| alert(draw.b)),
    }
}

/// Each kind in turn; a new kind of event belongs here.
fn kind(draw: &Draw) -> Kind {
    let (a, b) = (draw.a, draw.b);
    let severity = SEVERITIES[usize::from(a % 4)];
    let old = Seq(u64::from(b % 60));
    let when = time(i64::from(b) * 30);
    let evidence = || AlertEvidence { now: share(a, b), before: share(0, b), ..AlertEvidence::default() };
    let channel = || ChannelName::new("inc-0001");
    let text = || "<b>@here</b> | `x`".to_owned();
    let source = || SourceName::new("access.log");
    match draw.kind {
        0 => Kind::LifeboatStarted { version: text(), torn_bytes: b.into() },
        1 => Kind::LifeboatStopped,
        2 => Kind::RecordingResumed { since: when, unrecorded: b.into() },
        3 => Kind::ReserveInUse,
        4 => Kind::AlertRaised {
            alert: alert(a),
            what: AlertKind::BadGateway,
            service: service(b),
            severity,
            evidence: evidence(),
        },
        5 => Kind::AlertGrew { alert: alert(a), severity, evidence: evidence(), moved: b % 2 == 1 },
        6 => Kind::AlertRecovered {
            alert: alert(a),
            good_since: when,
            now: share(0, b),
            peak: share(b, a),
            whole: share(a, b),
        },
        7 => Kind::AlertReturned {
            alert: alert(a),
            severity,
            evidence: evidence(),
            times: b.into(),
            still: b == 0,
        },
        8 => Kind::AlertSilenced { alert: alert(a), until: when, reason: text() },
        9 => Kind::AlertUnsilenced { alert: alert(a) },
        10..=12 => Kind::TrafficMeasured {
            service: service(b / 2),
            from: when,
            step_s: [0, 1, 7, 10, 60, 3600, u32::MAX][usize::from(a % 7)],
            counts: draw.counts.iter().map(|(bad, rest)| Share { bad: *bad, total: bad + rest }).collect(),
        },
        13 => Kind::SourceBlind { source: source(), why: text() },
        14 if b > 127 => Kind::SourceUnwatched { source: source() },
        14 => Kind::SourceSeen { source: source() },
        15 => Kind::SourceBehind { source: source(), bytes: b.into() },
        16 => declared(draw),
        17 => Kind::ChannelOpened { channel: channel() },
        18 => Kind::AlertJoined { alert: alert(a) },
        19 => Kind::Acknowledged,
        20 => Kind::SeverityChanged { from: SEVERITIES[usize::from(b % 4)], to: severity },
        21 | 22 => Kind::StatusChanged {
            from: STATUSES[usize::from(b % 6)],
            to: STATUSES[usize::from(a % 6)],
            head: Some(text()),
            reason: text(),
        },
        23 | 24 => Kind::MilestoneSet { milestone: MILESTONES[usize::from(a % 8)] },
        25 => Kind::RoleTaken {
            role: [Role::Commander, Role::Operations, Role::Communications, Role::Scribe][usize::from(a % 4)],
            person: person(b),
        },
        26 => Kind::UpdatePosted { conditions: text(), actions: text(), needs: text() },
        27 => Kind::NoteAdded { text: text() },
        28 => Kind::MessagePinned { message: old },
        29 => Kind::MessageSaid { channel: channel(), text: text() },
        30 => {
            let what = [TaskKind::Mitigate, TaskKind::Prevent, TaskKind::Detect, TaskKind::Other];
            let owner = (b > 50).then(|| person(b));
            Kind::TaskAdded { task: a.into(), what: what[usize::from(a % 4)], text: text(), owner }
        }
        31 => Kind::TaskDone { task: a.into() },
        32 => Kind::RecoveryProposed { good_since: when },
        33 if b > 127 => Kind::Merged { into: IncidentId(a.into()) },
        33 => Kind::MergedFrom { from: IncidentId(a.into()) },
        34 if b > 127 => Kind::Redacted { target: old, reason: text() },
        34 => Kind::Tombstone { by: old, left: Box::new(Kind::Acknowledged) },
        35 if b > 127 => Kind::PostmortemExported { format: text(), lang: text() },
        35 => Kind::CommandRefused { command: text(), why: text() },
        36 => {
            let post = PostKind::Card { incident: IncidentId(a.into()) };
            Kind::PostQueued { chat: ChatKind::Webhook, channel: channel(), post }
        }
        38 => Kind::Unknown { name: text(), payload: serde_json::Map::new() },
        _ => {
            let message = Some(text());
            let outcomes = [DeliveryOutcome::Sent { message }, DeliveryOutcome::Refused { status: 404 }];
            Kind::PostSettled { queued: old, outcome: outcomes[usize::from(a % 2)].clone() }
        }
    }
}
