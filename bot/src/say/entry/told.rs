//! What each kind of event tells, as text.

use chrono::TimeDelta;
use lifeboat_storage::event::{AlertEvidence, AlertKind, Event, Kind, Time};
use lifeboat_storage::id::{AlertKey, Seq, ServiceName};

use super::{author, delivery};
use crate::engine::watch::NOT_UNDERSTOOD;
use crate::say::alert::{self, About};
use crate::say::{Arg, Say, Scene, capacity, fleet, limits, plan, time, word};

/// What an event tells, in one line unless a person typed more; every kind has a text.
#[must_use]
pub fn text(scene: &Scene<'_>, event: &Event) -> String {
    let say = scene.say;
    if let Some(told) = plan::told(scene, event)
        .or_else(|| fleet::told(scene, event))
        .or_else(|| capacity::told(scene, event))
    {
        return told;
    }
    match &event.kind {
        Kind::LifeboatStarted { .. }
        | Kind::LifeboatStopped
        | Kind::RecordingResumed { .. }
        | Kind::ReserveInUse => life(scene, &event.kind),
        Kind::AlertRaised { .. }
        | Kind::AlertGrew { .. }
        | Kind::AlertRecovered { .. }
        | Kind::AlertReturned { .. }
        | Kind::AlertSilenced { .. }
        | Kind::AlertUnsilenced { .. }
        | Kind::AlertJoined { .. }
        | Kind::TrafficMeasured { .. } => alert_text(scene, &event.kind),
        Kind::SourceBlind { .. }
        | Kind::SourceSeen { .. }
        | Kind::SourceUnwatched { .. }
        | Kind::SourceBehind { .. } => source(say, &event.kind),
        Kind::ChatLost { .. }
        | Kind::ChatBack { .. }
        | Kind::ChannelUnreached { .. }
        | Kind::ChannelReached { .. } => delivery::text(scene, &event.kind),
        kind if kind.is_delivery() => delivery::text(scene, kind.lasting()),
        Kind::MessagePinned { .. } | Kind::Redacted { .. } => about_another(scene, &event.kind),
        Kind::Tombstone { by, left } => tombstone(scene, event, *by, left),
        Kind::MessageSaid { text, .. } | Kind::NoteAdded { text } => say.outside_lines(text, limits::MESSAGE),
        _ => incident_text(scene, event),
    }
}

fn life(scene: &Scene<'_>, kind: &Kind) -> String {
    let say = scene.say;
    match kind {
        Kind::LifeboatStarted { version, torn_bytes: 0 } => {
            say.text("event-lifeboat-started", &[("version", say.name(version).into())])
        }
        Kind::LifeboatStarted { version, torn_bytes } => say.text(
            "event-lifeboat-started-torn",
            &[("version", say.name(version).into()), ("bytes", (*torn_bytes).into())],
        ),
        Kind::RecordingResumed { since, unrecorded } => say.text(
            "event-recording-resumed",
            &[("since", scene.at(*since).into()), ("n", (*unrecorded).into())],
        ),
        Kind::ReserveInUse => say.word("event-reserve-in-use"),
        _ => say.word("event-lifeboat-stopped"),
    }
}

fn alert_text(scene: &Scene<'_>, kind: &Kind) -> String {
    let say = scene.say;
    let titled = |alert: &AlertKey| alert::title(say, alert::about(scene.state, alert));
    match kind {
        Kind::AlertRaised { what, service, evidence, .. } => alert::told(say, *what, service, evidence),
        Kind::AlertGrew { alert, evidence, moved: true, .. } => {
            let told = told_again(scene, alert, evidence);
            let points = alert::points_at(say, evidence);
            say.text("event-alert-moved", &[("told", told.into()), ("points", points.into())])
        }
        Kind::AlertGrew { alert, severity, evidence, .. } => say.text(
            "event-alert-grew",
            &[
                ("severity", word::severity(*severity).into()),
                ("told", told_again(scene, alert, evidence).into()),
            ],
        ),
        Kind::AlertReturned { alert, severity, evidence, still: true, .. } => say.text(
            "event-alert-still",
            &[
                ("severity", word::severity(*severity).into()),
                ("told", told_again(scene, alert, evidence).into()),
            ],
        ),
        Kind::AlertReturned { alert, severity, evidence, times, .. } => say.text(
            "event-alert-returned",
            &[
                ("times", (*times).into()),
                ("severity", word::severity(*severity).into()),
                ("told", told_again(scene, alert, evidence).into()),
            ],
        ),
        Kind::AlertSilenced { alert, until, reason } => with_reason(
            say,
            ["event-alert-silenced", "event-alert-silenced-reason"],
            vec![("title", titled(alert).into()), ("until", scene.at(*until).into())],
            reason,
        ),
        Kind::AlertUnsilenced { alert } => {
            say.text("event-alert-unsilenced", &[("title", titled(alert).into())])
        }
        Kind::AlertJoined { alert } => say.text("event-alert-joined", &[("title", titled(alert).into())]),
        Kind::TrafficMeasured { service, from, step_s, .. } => traffic(scene, kind, service, *from, *step_s),
        _ => recovered(scene, kind),
    }
}

fn told_again(scene: &Scene<'_>, key: &AlertKey, evidence: &AlertEvidence) -> String {
    match alert::about(scene.state, key) {
        About::Known(kind, service) => alert::told(scene.say, kind, service, evidence),
        About::Key(_) => alert::title(scene.say, About::Key(key)),
    }
}

fn recovered(scene: &Scene<'_>, kind: &Kind) -> String {
    let Kind::AlertRecovered { alert, good_since, now, peak, whole } = kind else { return String::new() };
    let say = scene.say;
    let since = ("since", scene.at(*good_since).into());
    let (what, service) = match alert::about(scene.state, alert) {
        About::Known(what, service) => (what, say.name(service.as_str())),
        About::Key(key) => {
            return say
                .text("event-alert-recovered-unknown", &[since, ("alert", say.name(key.as_str()).into())]);
        }
    };
    let code = alert::code(what);
    let args = [
        since,
        ("service", service.into()),
        ("code", code.unwrap_or_default().into()),
        ("now", time::share(say, *now).into()),
        ("peak", time::share(say, *peak).into()),
        ("bad", whole.bad.into()),
        ("total", whole.total.into()),
    ];
    match (code, what) {
        (Some(_), _) if alert::is_short(*whole, *peak) => say.text("event-alert-recovered-http-short", &args),
        (Some(_), _) => say.text("event-alert-recovered-http", &args),
        (None, AlertKind::Absent) => say.text("event-alert-recovered-absent", &args),
        (None, AlertKind::FailedStart) => say.text("event-alert-recovered-failed-start", &args),
        (None, AlertKind::CapacityShort) => say.text("event-alert-recovered-capacity", &args),
        _ => say.text("event-alert-recovered-probe", &args),
    }
}

fn traffic(scene: &Scene<'_>, kind: &Kind, service: &ServiceName, from: Time, step_s: u32) -> String {
    let Kind::TrafficMeasured { counts, .. } = kind else { return String::new() };
    let steps = i32::try_from(counts.len()).unwrap_or(i32::MAX);
    let length = TimeDelta::seconds(i64::from(step_s)).checked_mul(steps).unwrap_or_default();
    let to = from.checked_add_signed(length).unwrap_or(from);
    scene.say.text(
        "event-traffic-measured",
        &[
            ("service", scene.say.name(service.as_str()).into()),
            ("bad", counts.iter().map(|step| step.bad).sum::<u64>().into()),
            ("total", counts.iter().map(|step| step.total).sum::<u64>().into()),
            ("from", scene.at(from).into()),
            ("to", scene.at(to).into()),
        ],
    )
}

fn source(say: Say, kind: &Kind) -> String {
    match kind {
        Kind::SourceBlind { source, why } => say.text(
            "event-source-blind",
            &[("source", say.name(source.as_str()).into()), ("why", blindness(say, why).into())],
        ),
        Kind::SourceBehind { source, bytes } => say.text(
            "event-source-behind",
            &[("source", say.name(source.as_str()).into()), ("size", word::size(*bytes).into())],
        ),
        Kind::SourceSeen { source } => {
            say.text("event-source-seen", &[("source", say.name(source.as_str()).into())])
        }
        Kind::SourceUnwatched { source } => {
            say.text("event-source-unwatched", &[("source", say.name(source.as_str()).into())])
        }
        _ => String::new(),
    }
}

fn about_another(scene: &Scene<'_>, kind: &Kind) -> String {
    let say = scene.say;
    match kind {
        Kind::MessagePinned { message } => {
            let pinned = (scene.lookup)(*message);
            match pinned.as_deref() {
                Some(said @ Event { kind: Kind::MessageSaid { text, .. }, .. }) => say.text(
                    "event-message-pinned",
                    &[
                        ("author", author(say, said).into()),
                        ("text", say.outside_lines(text, limits::MESSAGE).into()),
                    ],
                ),
                _ => say.text("event-message-pinned-unknown", &[("message", message.to_string().into())]),
            }
        }
        Kind::Redacted { target, reason } => with_reason(
            say,
            ["event-redacted", "event-redacted-reason"],
            vec![("target", target.to_string().into())],
            reason,
        ),
        _ => String::new(),
    }
}

/// What a redaction left, and who redacted it.
fn tombstone(scene: &Scene<'_>, event: &Event, by: Seq, left: &Kind) -> String {
    let say = scene.say;
    let told = match (scene.lookup)(by).as_deref() {
        Some(redaction @ Event { kind: Kind::Redacted { reason, .. }, .. }) => say.text(
            "event-tombstone-by",
            &[
                ("person", author(say, redaction).into()),
                ("reason", say.outside(reason, limits::LINE).into()),
            ],
        ),
        _ => say.text("event-tombstone", &[("by", by.to_string().into())]),
    };
    let left = match left.lasting() {
        Kind::Tombstone { .. } => String::new(),
        kind => text(scene, &Event { kind: kind.clone(), ..event.clone() }),
    };
    if left.trim().is_empty() { told } else { format!("{left}\n{told}") }
}

fn incident_text(scene: &Scene<'_>, event: &Event) -> String {
    let say = scene.say;
    match &event.kind {
        Kind::IncidentDeclared { .. } => declared(scene, event),
        Kind::ChannelOpened { channel } => {
            say.text("event-channel-opened", &[("channel", word::channel(scene, channel).into())])
        }
        Kind::Acknowledged => say.word("event-acknowledged"),
        Kind::SeverityChanged { from, to } => say.text(
            "event-severity-changed",
            &[("from", word::severity(*from).into()), ("to", word::severity(*to).into())],
        ),
        Kind::StatusChanged { from, to, reason, .. } => with_reason(
            say,
            ["event-status-changed", "event-status-changed-reason"],
            vec![("from", word::status(say, *from).into()), ("to", word::status(say, *to).into())],
            reason,
        ),
        Kind::MilestoneSet { milestone } => say.text(
            "event-milestone-set",
            &[
                ("milestone", word::milestone(say, *milestone).into()),
                ("at", scene.at(event.occurred_at).into()),
            ],
        ),
        Kind::RoleTaken { role, person } => say.text(
            "event-role-taken",
            &[("role", word::role(say, *role).into()), ("person", say.name(person.as_str()).into())],
        ),
        Kind::UpdatePosted { conditions, actions, needs } => update(say, [conditions, actions, needs]),
        Kind::RecoveryProposed { good_since } => {
            say.text("event-recovery-proposed", &[("since", scene.at(*good_since).into())])
        }
        Kind::Merged { into } => say.text("event-merged", &[("into", into.to_string().into())]),
        Kind::MergedFrom { from } => say.text("event-merged-from", &[("from", from.to_string().into())]),
        Kind::PostmortemExported { format, lang } => say.text(
            "event-postmortem-exported",
            &[("format", say.name(format).into()), ("lang", say.name(lang).into())],
        ),
        Kind::CommandRefused { command, .. } => say
            .text("event-command-refused", &[("command", say.name(command.trim_start_matches('/')).into())]),
        _ => task(scene, event),
    }
}

fn declared(scene: &Scene<'_>, event: &Event) -> String {
    let Kind::IncidentDeclared { title, severity, service, alert } = &event.kind else {
        return String::new();
    };
    let say = scene.say;
    let titled = match (title.is_empty(), alert, service) {
        (false, ..) => say.outside(title, limits::LINE),
        (true, Some(alert), _) => alert::title(say, alert::about(scene.state, alert)),
        (true, None, service) => say.name(service.as_ref().map(ServiceName::as_str).unwrap_or_default()),
    };
    let by_person = event.actor.person.is_some();
    let key = if by_person { "event-incident-declared" } else { "event-incident-opened" };
    say.text(
        key,
        &[
            ("incident", event.incident.map(|id| id.to_string()).unwrap_or_default().into()),
            ("severity", word::severity(*severity).into()),
            ("title", titled.into()),
        ],
    )
}

/// Conditions, actions, needs: each on a line of its own, the empty ones left out.
fn update(say: Say, parts: [&String; 3]) -> String {
    let keys = ["event-update-conditions", "event-update-actions", "event-update-needs"];
    let lines: Vec<String> = keys
        .into_iter()
        .zip(parts)
        .filter(|(_, part)| !part.trim().is_empty())
        .map(|(key, part)| say.text(key, &[("text", say.outside_lines(part, limits::MESSAGE).into())]))
        .collect();
    if lines.is_empty() { say.word("event-update") } else { lines.join("\n") }
}

fn task(scene: &Scene<'_>, event: &Event) -> String {
    let say = scene.say;
    match &event.kind {
        Kind::TaskAdded { task, what, text, owner } => {
            let key = if owner.is_some() { "event-task-added-owner" } else { "event-task-added" };
            let owner = owner.as_ref().map(|owner| say.name(owner.as_str())).unwrap_or_default();
            say.text(
                key,
                &[
                    ("task", (*task).into()),
                    ("what", word::task_kind(say, *what).into()),
                    ("text", say.outside(text, limits::LINE).into()),
                    ("owner", owner.into()),
                ],
            )
        }
        Kind::TaskDone { task } => {
            let incident = event.incident.and_then(|id| scene.state.incidents.get(&id));
            let known = incident.and_then(|incident| incident.tasks.iter().find(|one| one.number == *task));
            let number = ("task", (*task).into());
            match known {
                Some(known) => say.text(
                    "event-task-done-text",
                    &[number, ("text", say.outside(&known.text, limits::LINE).into())],
                ),
                None => say.text("event-task-done", &[number]),
            }
        }
        _ => String::new(),
    }
}

/// The first key without a reason, the second with one.
fn with_reason(say: Say, keys: [&str; 2], mut args: Vec<Arg<'_>>, reason: &str) -> String {
    if reason.trim().is_empty() {
        return say.text(keys[0], &args);
    }
    args.push(("reason", say.outside(reason, limits::LINE).into()));
    say.text(keys[1], &args)
}

/// Why a source cannot be read: a key of ours, or the system's own word.
fn blindness(say: Say, why: &str) -> String {
    match why {
        "missing" => say.word("blind-missing"),
        "nothing-matches" => say.word("blind-nothing-matches"),
        "not-a-file" => say.word("blind-not-a-file"),
        "lost" => say.word("blind-lost"),
        NOT_UNDERSTOOD => say.word("blind-not-understood"),
        system => say.outside(system, limits::LINE),
    }
}
