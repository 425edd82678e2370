//! The state of an incident: its title, one sentence of truth, seats, clocks, tasks.

use chrono::TimeDelta;
use lifeboat_commands::suggest;
use lifeboat_storage::event::{AlertKind, Milestone, Role, Status, Time};
use lifeboat_storage::incident::{self, Alert, Incident};
use lifeboat_storage::metrics::{Span, times};

use super::{Lang, Say, Scene, alert, card, entry, fleet, limits, time, word};
use crate::console::view::{self, Clock, Flag, Seat};

/// The state of an incident: header, card, rail.
#[must_use]
pub fn incident(scene: &Scene<'_>, incident: &Incident) -> view::Incident {
    let say = scene.say;
    view::Incident {
        id: incident.id.to_string(),
        number: incident.id.0,
        flag: flag(scene, incident),
        title: title(scene, incident),
        status: word::status_key(incident.status),
        status_text: word::status(say, incident.status),
        open: incident.is_open(),
        sentence: sentence(scene, incident),
        since: scene.moment(since(scene, incident)),
        service: incident.service.as_ref().map(|name| say.name(name.as_str())).unwrap_or_default(),
        channel: incident.channel.as_ref().map(ToString::to_string).unwrap_or_default(),
        seats: seats(scene, incident),
        clocks: clocks(scene, incident),
        card: card::card(scene, incident),
        suggested: fleet::suggested(scene, incident),
        tasks: incident.tasks.iter().map(|one| task(scene, one)).collect(),
    }
}

/// Its title: as typed, else what its first alert is about, else its service.
#[must_use]
pub fn title(scene: &Scene<'_>, incident: &Incident) -> String {
    let say = scene.say;
    match (incident.title.trim(), incident.alerts.first(), &incident.service) {
        ("", Some(key), _) => alert::title(say, alert::about(scene.state, key)),
        ("", None, Some(service)) => say.name(service.as_str()),
        ("", None, None) => incident.id.to_string(),
        (typed, ..) => say.outside(typed, limits::TITLE),
    }
}

/// Its severity, or how it ended.
#[must_use]
pub fn flag(scene: &Scene<'_>, incident: &Incident) -> Flag {
    match incident.status {
        Status::Cancelled => word::void_flag(scene.say),
        Status::Resolved | Status::Closed => word::ended_flag(scene.say),
        _ => word::severity_flag(incident.severity),
    }
}

/// When it started, as far as known; else when it was declared.
#[must_use]
pub fn since(scene: &Scene<'_>, incident: &Incident) -> Time {
    let known = [Milestone::Started, Milestone::Detected, Milestone::Declared];
    known.into_iter().find_map(|milestone| incident.at(milestone)).unwrap_or(scene.now)
}

/// The alert that tells most: what fires before what is over, what users feel before what they will feel, then the
/// worst, then the largest share.
#[must_use]
pub fn lead<'a>(scene: &Scene<'a>, incident: &Incident) -> Option<&'a Alert> {
    let known = incident.alerts.iter().filter_map(|key| scene.state.alerts.get(key));
    known.min_by(|one, other| {
        let felt =
            |what| !matches!(what, AlertKind::FailedStart | AlertKind::CapacityShort | AlertKind::Test);
        let rank = |alert: &Alert| (!alert.firing, !felt(alert.what), alert.severity);
        rank(one).cmp(&rank(other)).then(other.now.ratio().total_cmp(&one.now.ratio()))
    })
}

/// How long a sentence of truth may be.
#[must_use]
pub const fn sentence_limit(lang: Lang) -> usize {
    match lang {
        Lang::En => 80,
        Lang::ZhCn => 40,
    }
}

/// Whether alerts of several codes tell of requests to the service of this one that failed in the incident.
#[must_use]
pub fn fails_in_ways(scene: &Scene<'_>, incident: &Incident, lead: &Alert) -> bool {
    let mut others = incident.alerts.iter().filter_map(|key| scene.state.alerts.get(key));
    others.any(|alert| alert.key != lead.key && alert.service == lead.service && alert.what.is_of_requests())
}

/// Whether the newest share of an alert counts what failed with several codes: what is measured counts all of them,
/// what its own evidence tells only its own.
#[must_use]
pub fn counts_all(scene: &Scene<'_>, incident: &Incident, lead: &Alert) -> bool {
    let told_at = (scene.lookup)(lead.evidence).map(|event| event.occurred_at);
    lead.what.is_of_requests() && lead.now_at != told_at && fails_in_ways(scene, incident, lead)
}

/// How long a service's name may be in a sentence, and how long that of an upstream: the first that fits. Of a name
/// that is cut shorter, nobody knows which it is.
const SERVICE_LENGTHS: [usize; 3] = [limits::NAME, 24, 12];
const UPSTREAM_LENGTHS: [usize; 5] = [limits::NAME, 32, 24, 20, 16];

/// How bad, then why: at most 80 characters in English, 40 in Chinese.
#[must_use]
pub fn sentence(scene: &Scene<'_>, incident: &Incident) -> String {
    let limit = sentence_limit(scene.say.lang());
    let why = || SERVICE_LENGTHS.into_iter().flat_map(|name| UPSTREAM_LENGTHS.map(|long| (name, Some(long))));
    let bare = || SERVICE_LENGTHS.into_iter().map(|name| (name, None));
    let longest = match incident.status {
        Status::Investigating | Status::Identified => why()
            .chain(bare())
            .map(|(name, why)| burning(scene, incident, name, why))
            .find(|text| text.chars().count() <= limit),
        _ => None,
    };
    let over = || [limits::TITLE, 40, 24, 16].into_iter().map(|title| settled(scene, incident, title));
    longest
        .or_else(|| over().find(|text| text.chars().count() <= limit))
        .unwrap_or_else(|| limits::middle_cut(&settled(scene, incident, 16), limit))
}

/// The sentence while it burns; with why, where an upstream's name may be so long.
fn burning(scene: &Scene<'_>, incident: &Incident, name: usize, upstream: Option<usize>) -> String {
    let why = upstream.is_some();
    let say = scene.say;
    let Some(lead) = lead(scene, incident).filter(|lead| lead.firing) else {
        return settled(scene, incident, name);
    };
    let evidence = (scene.lookup)(lead.evidence);
    let evidence = evidence.as_deref().and_then(|event| entry::evidence(&event.kind));
    let failure = evidence.and_then(|evidence| evidence.probe.as_ref());
    let culprit = upstream.zip(evidence.and_then(alert::culprit));
    let culprit = culprit.map(|(length, upstream)| say.outside(&upstream.name, length));
    let service = ("service", say.outside(lead.service.as_str(), name).into());
    let share = ("share", time::share(say, lead.now).into());
    if evidence.is_some_and(|evidence| alert::ebbs(lead, evidence.before)) {
        let key = if lead.now.bad == 0 { "incident-sentence-ebbs-none" } else { "incident-sentence-ebbs" };
        return say.text(key, &[service, share]);
    }
    let cause = if why { fleet::cause(scene, incident) } else { None };
    if counts_all(scene, incident, lead) {
        let key = if cause.is_some() { "incident-sentence-fails-fleet" } else { "incident-sentence-fails" };
        return say.text(key, &[service, share, ("why", cause.unwrap_or_default().into())]);
    }
    match lead.what {
        AlertKind::CapacityShort => return short(scene, lead, name, why),
        AlertKind::FailedStart => return failed_starts(say, lead, name, cause),
        _ => {}
    }
    if let (Some(code), Some(cause)) = (alert::code(lead.what), &cause) {
        let args = [service, share, ("code", code.into()), ("why", cause.as_str().into())];
        return say.text("incident-sentence-http-fleet", &args);
    }
    match (alert::code(lead.what), culprit, lead.what, failure) {
        (Some(code), Some(upstream), ..) => say.text(
            "incident-sentence-http-upstream",
            &[service, share, ("code", code.into()), ("name", upstream.into())],
        ),
        (Some(code), None, ..) => {
            say.text("incident-sentence-http", &[service, share, ("code", code.into())])
        }
        (None, _, AlertKind::Absent, _) => say.text("incident-sentence-absent", &[service]),
        (None, _, _, Some(failure)) if why => {
            say.text("incident-sentence-probe-why", &[service, ("why", alert::why(say, failure).into())])
        }
        _ => say.text("incident-sentence-probe", &[service]),
    }
}

/// Scheduled nodes that did not come: by when they must be there, and whether they are sold out.
fn short(scene: &Scene<'_>, lead: &Alert, name: usize, why: bool) -> String {
    let say = scene.say;
    let deadline = fleet::deadline(scene, &lead.service).filter(|_| why);
    let by = deadline.map(|(by, _)| time::clock_minutes(say, by)).unwrap_or_default();
    let args = [
        ("ready", lead.now.total.saturating_sub(lead.now.bad).into()),
        ("total", lead.now.total.into()),
        ("service", say.outside(lead.service.as_str(), name).into()),
        ("by", by.into()),
    ];
    let key = match deadline {
        Some((_, true)) => "incident-sentence-capacity-sold-out",
        Some((_, false)) => "incident-sentence-capacity-by",
        None => "incident-sentence-capacity",
    };
    say.text(key, &args)
}

fn failed_starts(say: Say, lead: &Alert, name: usize, cause: Option<String>) -> String {
    let key = if cause.is_some() {
        "incident-sentence-failed-start-fleet"
    } else {
        "incident-sentence-failed-start"
    };
    let args = [
        ("bad", lead.now.bad.into()),
        ("total", lead.now.total.into()),
        ("service", say.outside(lead.service.as_str(), name).into()),
        ("why", cause.unwrap_or_default().into()),
    ];
    say.text(key, &args)
}

/// The sentence when it does not burn, or nobody measures it.
fn settled(scene: &Scene<'_>, incident: &Incident, length: usize) -> String {
    let say = scene.say;
    let title = ("title", limits::middle_cut(&title(scene, incident), length).into());
    let at = |milestone| ("at", incident.at(milestone).map(|at| scene.at(at)).unwrap_or_default().into());
    match (incident.status, incident.merged_into, incident.recovery_proposed) {
        (Status::Cancelled, Some(into), _) => {
            say.text("incident-sentence-merged", &[title, ("into", into.to_string().into())])
        }
        (Status::Cancelled, None, _) => say.text("incident-sentence-cancelled", &[title]),
        (Status::Mitigated, ..) if suggest::requests_fail(scene.state, incident) => {
            say.text("incident-sentence-mitigated-fails", &[title, at(Milestone::Mitigated)])
        }
        (Status::Mitigated, ..) => {
            say.text("incident-sentence-mitigated", &[title, at(Milestone::Mitigated)])
        }
        (Status::Resolved, ..) => say.text("incident-sentence-resolved", &[title, at(Milestone::Resolved)]),
        (Status::Closed, ..) => say.text("incident-sentence-closed", &[title, at(Milestone::Closed)]),
        (_, _, Some(good)) => {
            let several = incident.alerts.len() > 1;
            let key = if several { "incident-sentence-over-all" } else { "incident-sentence-over" };
            say.text(key, &[title, ("since", scene.at(good).into())])
        }
        _ => say
            .text("incident-sentence-plain", &[title, ("status", word::status(say, incident.status).into())]),
    }
}

/// Who holds which role; Lifeboat writes where nobody does.
fn seats(scene: &Scene<'_>, incident: &Incident) -> Vec<Seat> {
    let seat = |role| {
        let held = incident.roles.get(&role).map(|person| scene.say.name(person.as_str()));
        let person = held.or_else(|| (role == Role::Scribe).then(|| scene.say.word("event-actor-lifeboat")));
        let open = person.is_none() && incident.is_open();
        let take = open.then(|| format!("/incident role {} {}", word::role_key(role), incident.id));
        Seat { role: word::role(scene.say, role), person, take }
    };
    [Role::Commander, Role::Operations, Role::Communications, Role::Scribe].map(seat).into()
}

fn clocks(scene: &Scene<'_>, incident: &Incident) -> Vec<Clock> {
    let times = times(incident);
    let runs = incident.is_open();
    vec![
        clock(scene, "TTD", "incident-clock-ttd", times.detect, false),
        clock(scene, "TTA", "incident-clock-tta", times.acknowledge, runs),
        clock(scene, "TTM", "incident-clock-ttm", times.mitigate, runs),
        clock(scene, "TTR", "incident-clock-ttr", times.resolve, runs),
    ]
}

/// One clock with both ends; one that runs is counted up to now, one that never began shows a dash.
fn clock(scene: &Scene<'_>, name: &str, title: &str, span: Span, runs: bool) -> Clock {
    let say = scene.say;
    let running = runs && span.to.is_none();
    let length = match (span.from, span.length()) {
        (_, Some(length)) => Some(length),
        (Some(from), None) if running => Some((scene.now - from).max(TimeDelta::zero())),
        _ => None,
    };
    let end = |at: Option<Time>, missing| at.map_or_else(|| say.word(missing), |at| scene.at(at));
    let open_end = if running { "incident-clock-not-yet" } else { "incident-clock-not-known" };
    let ends = format!("{} → {}", end(span.from, "incident-clock-not-known"), end(span.to, open_end));
    Clock {
        name: name.to_owned(),
        title: say.word(title),
        value: length.map_or_else(|| "–".to_owned(), |length| time::duration(say, length)),
        ends,
        running_from: span.from.filter(|_| running).map(time::utc),
    }
}

fn task(scene: &Scene<'_>, task: &incident::Task) -> view::Task {
    view::Task {
        number: task.number,
        text: scene.say.outside(&task.text, limits::LINE),
        what: word::task_kind(scene.say, task.what),
        owner: task.owner.as_ref().map(|owner| scene.say.name(owner.as_str())),
        done: task.done_at.is_some(),
    }
}
