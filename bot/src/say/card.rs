//! The card of an incident, edited in place: Impact · Serving · Worst probe · Points at · Earlier · Plan · Changed ·
//! Next, each fact with its age, and at most four buttons.

use lifeboat_storage::event::{AlertKind, Event, Kind, Milestone, Share, Status, Time};
use lifeboat_storage::id::AlertKey;
use lifeboat_storage::incident::{Alert, Incident};
use lifeboat_storage::metrics::times;
use lifeboat_storage::plan::run::Run;
use lifeboat_storage::postmortem::chart;

use super::{Scene, alert, entry, fleet, incident, limits, time, word};
use crate::console::view::{Action, Card, Row, Suggested};

/// At most so many buttons.
const BUTTONS: usize = 4;
/// How many of an incident's newest events are looked through for the numbers of a recovery.
const LOOKED_BACK: usize = 512;

/// The card of an incident.
#[must_use]
pub fn card(scene: &Scene<'_>, incident: &Incident) -> Card {
    Card {
        incident: incident.id.to_string(),
        flag: incident::flag(scene, incident),
        title: title(scene, incident),
        meta: meta(scene, incident),
        rows: rows(scene, incident),
        actions: actions(scene, incident),
        state: u64::try_from(incident.events.len()).unwrap_or(u64::MAX),
        edited: scene.moment(incident.touched_at),
    }
}

/// The title as a state.
fn title(scene: &Scene<'_>, incident: &Incident) -> String {
    let say = scene.say;
    let plain = incident::title(scene, incident);
    let titled = |key, title: String| say.text(key, &[("title", title.into())]);
    match (incident.status, incident.merged_into) {
        (Status::Cancelled, Some(into)) => {
            say.text("card-title-merged", &[("title", plain.into()), ("into", into.to_string().into())])
        }
        (Status::Cancelled, None) => titled("card-title-cancelled", plain),
        (Status::Resolved | Status::Closed, _) => ended_title(scene, incident, plain),
        (Status::Mitigated, _) => titled("card-title-mitigated", plain),
        _ if incident.recovery_proposed.is_some() => titled("card-title-over", plain),
        _ => burning_title(scene, incident).unwrap_or(plain),
    }
}

/// With the newest share, unless hardly any request fails now.
fn burning_title(scene: &Scene<'_>, incident: &Incident) -> Option<String> {
    let lead = incident::lead(scene, incident).filter(|lead| lead.firing && incident.title.is_empty())?;
    let event = (scene.lookup)(lead.evidence)?;
    let evidence = entry::evidence(&event.kind).filter(|evidence| !alert::ebbs(lead, evidence.before))?;
    if incident::counts_all(scene, incident, lead) {
        return Some(alert::state_of_all(scene.say, &lead.service, lead.now));
    }
    let evidence = alert::newest(lead, evidence);
    Some(alert::state_title(scene.say, lead.what, &lead.service, &evidence))
}

fn ended_title(scene: &Scene<'_>, incident: &Incident, title: String) -> String {
    let say = scene.say;
    let key = match (incident.status, times(incident).resolve.length()) {
        (Status::Resolved, Some(_)) => "card-title-resolved",
        (Status::Resolved, None) => "card-title-resolved-only",
        (_, Some(_)) => "card-title-closed",
        (_, None) => "card-title-closed-only",
    };
    let length = times(incident).resolve.length().map(|length| time::duration(say, length));
    say.text(key, &[("title", title.into()), ("length", length.unwrap_or_default().into())])
}

/// One grey line: since, seen or taken by, where it stands, until when it is silenced.
fn meta(scene: &Scene<'_>, incident: &Incident) -> String {
    let say = scene.say;
    let at = |milestone| incident.at(milestone).map(|at| scene.at(at));
    let since = scene.at(incident::since(scene, incident));
    let end = at(Milestone::Resolved).or_else(|| at(Milestone::Closed));
    if let (Status::Resolved | Status::Closed, Some(end)) = (incident.status, end) {
        let severity = word::severity(incident.severity);
        return say.text(
            "card-meta-ended",
            &[("from", since.into()), ("to", end.into()), ("severity", severity.into())],
        );
    }
    let seen = at(Milestone::Detected).filter(|seen| *seen != since);
    let taken = incident.acknowledged_by.as_ref().map(|person| say.name(person.as_str()));
    let mut parts = vec![say.text("card-meta-since", &[("at", since.into())])];
    parts.extend(match (taken, at(Milestone::Acknowledged), seen) {
        (Some(person), ..) => Some(say.text("card-meta-taken", &[("person", person.into())])),
        (None, Some(_), _) => Some(say.word("card-meta-taken-by-nobody")),
        (None, None, Some(seen)) => Some(say.text("card-meta-seen", &[("at", seen.into())])),
        (None, None, None) => None,
    });
    if incident.status != Status::Investigating {
        parts.push(word::status(say, incident.status));
    }
    let silenced = incident::lead(scene, incident).and_then(|lead| lead.silenced_until);
    let until = silenced.filter(|until| *until > scene.now).map(|until| scene.at(until));
    parts.extend(until.map(|until| say.text("card-meta-silenced", &[("until", until.into())])));
    word::listed(say, &parts)
}

fn rows(scene: &Scene<'_>, incident: &Incident) -> Vec<Row> {
    let row = |label, text: Option<String>| {
        text.map(|text| Row { label: scene.say.word(label), text: limits::middle_cut(&text, limits::LINE) })
    };
    let open = incident.is_open() && incident.status != Status::Resolved;
    let of_fleet = if open { fleet::rows(scene, incident) } else { Vec::new() };
    // What the fleet's facts point at says more than what the log's evidence has in common.
    let pointed =
        of_fleet.iter().find(|(label, _)| *label == "card-row-verdict").map(|(_, told)| told.clone());
    let mut rows = vec![row("card-row-impact", Some(impact(scene, incident)))];
    rows.push(row("card-row-says", says(scene, incident).filter(|_| open)));
    rows.extend(of_fleet.into_iter().map(|(label, text)| row(label, Some(text))));
    rows.extend([
        row("card-row-likely", (open && pointed.is_none()).then(|| likely(scene, incident))),
        row("card-row-changed", Some(changed(scene, incident))),
        row("card-row-open", left_open(scene, incident).filter(|_| !open)),
        row("card-row-next", next(scene, incident, pointed.as_deref())),
    ]);
    rows.into_iter().flatten().collect()
}

fn impact(scene: &Scene<'_>, incident: &Incident) -> String {
    let say = scene.say;
    let Some(lead) = incident::lead(scene, incident) else {
        let told = incident.update.as_ref().map(|update| update.conditions.as_str()).unwrap_or_default();
        return if told.is_empty() { say.word("card-not-known") } else { say.outside(told, limits::LINE) };
    };
    let ended = matches!(incident.status, Status::Resolved | Status::Closed | Status::Cancelled);
    let (numbers, counted_to) = match lead.firing {
        false => (over(scene, incident, lead), None),
        true if ended
            && lead.what.is_of_requests()
            && let Some(told) = so_far(scene, incident, lead, None) =>
        {
            (Some(told), incident.measured_to.get(&lead.service).copied())
        }
        true => (measured(scene, lead), lead.now_at),
    };
    let numbers = numbers.unwrap_or_else(|| say.word("card-not-known"));
    let numbers = of_service(scene, incident, lead, numbers);
    let told = match incident.alerts.len() {
        0 | 1 => numbers,
        count => say.text("card-impact-more", &[("told", numbers.into()), ("more", (count - 1).into())]),
    };
    match counted_to.filter(|_| lead.what.is_of_requests()) {
        Some(at) => say.text("card-impact-at", &[("told", told.into()), ("at", scene.at(at).into())]),
        None => told,
    }
}

/// With the name of its service, where alerts of several belong to the incident.
fn of_service(scene: &Scene<'_>, incident: &Incident, lead: &Alert, told: String) -> String {
    let mut alerts = incident.alerts.iter().filter_map(|key| scene.state.alerts.get(key));
    if alerts.all(|alert| alert.service == lead.service) {
        return told;
    }
    let service = scene.say.name(lead.service.as_str());
    scene.say.text("card-impact-of", &[("service", service.into()), ("told", told.into())])
}

/// The newest numbers.
fn measured(scene: &Scene<'_>, lead: &Alert) -> Option<String> {
    let event = (scene.lookup)(lead.evidence)?;
    Some(alert::impact(scene.say, lead.what, &alert::newest(lead, entry::evidence(&event.kind)?)))
}

/// All that was counted of the service since the incident began, up to that moment.
fn so_far(scene: &Scene<'_>, incident: &Incident, lead: &Alert, until: Option<Time>) -> Option<String> {
    let events: Vec<_> = incident.events.iter().filter_map(|seq| (scene.lookup)(*seq)).collect();
    let events: Vec<&Event> = events.iter().map(|event| &**event).collect();
    let span = (incident::since(scene, incident), until);
    let Share { bad, total } = chart::counted_between(&lead.service, incident, &events, span);
    let told = || scene.say.text("card-impact-so-far", &[("bad", bad.into()), ("total", total.into())]);
    (total > 0).then(told)
}

/// The numbers of all times it failed, from the events that told the end of each.
fn over(scene: &Scene<'_>, incident: &Incident, lead: &Alert) -> Option<String> {
    if lead.what.is_of_requests() && incident::fails_in_ways(scene, incident, lead) {
        return over_of_all(scene, incident, lead);
    }
    let told = incident.events.iter().rev().take(LOOKED_BACK).filter_map(|seq| (scene.lookup)(*seq));
    let ends = told.filter_map(|event| match &event.kind {
        Kind::AlertRecovered { alert, now, peak, whole, .. } if *alert == lead.key => {
            Some((*whole, *peak, *now))
        }
        _ => None,
    });
    let (whole, peak, now) = ends.reduce(|(newer, peak, now), (older, worst, _)| {
        let bad = newer.bad.saturating_add(older.bad);
        let whole = Share { bad, total: newer.total.saturating_add(older.total) };
        (whole, if worst.ratio() > peak.ratio() { worst } else { peak }, now)
    })?;
    Some(alert::impact_over(scene.say, lead.what, whole, peak, now))
}

/// Where requests of a service failed with several codes, the end of one of them tells only what failed with that: all
/// that was counted until the last one ended, else how many failed with each, added up.
fn over_of_all(scene: &Scene<'_>, incident: &Incident, lead: &Alert) -> Option<String> {
    let alerts = incident.alerts.iter().filter_map(|key| scene.state.alerts.get(key));
    let of_service: Vec<&Alert> =
        alerts.filter(|alert| alert.service == lead.service && alert.what.is_of_requests()).collect();
    let until = of_service.iter().filter_map(|alert| alert.recovered_at).max();
    so_far(scene, incident, lead, until).or_else(|| {
        let told = incident.events.iter().rev().take(LOOKED_BACK).filter_map(|seq| (scene.lookup)(*seq));
        let ended = |key: &AlertKey| of_service.iter().any(|alert| alert.key == *key);
        let bad: u64 = told
            .filter_map(|event| match &event.kind {
                Kind::AlertRecovered { alert, whole, .. } if ended(alert) => Some(whole.bad),
                _ => None,
            })
            .sum();
        (bad > 0).then(|| scene.say.text("card-impact-failed", &[("bad", bad.into())]))
    })
}

/// The last words of one of the pods that fail to start.
fn says(scene: &Scene<'_>, incident: &Incident) -> Option<String> {
    let mut alerts = incident.alerts.iter().filter_map(|key| scene.state.alerts.get(key));
    let failing = alerts.find(|alert| alert.firing && alert.what == AlertKind::FailedStart)?;
    let event = (scene.lookup)(failing.evidence)?;
    let sample = entry::evidence(&event.kind)?.samples.first()?;
    Some(scene.say.outside(sample, limits::SAMPLE))
}

/// What the evidence points at; never a guessed cause.
fn likely(scene: &Scene<'_>, incident: &Incident) -> String {
    let evidence_of = |alert: &Alert| entry::evidence(&(scene.lookup)(alert.evidence)?.kind).cloned();
    let Some(lead) = incident::lead(scene, incident) else { return scene.say.word("card-not-known") };
    let evidence = if incident::fails_in_ways(scene, incident, lead) {
        let alerts = incident.alerts.iter().filter_map(|key| scene.state.alerts.get(key));
        let ways = alerts.filter(|alert| {
            alert.service == lead.service && alert.what.is_of_requests() && alert.firing == lead.firing
        });
        ways.filter_map(evidence_of).reduce(alert::together)
    } else {
        evidence_of(lead)
    };
    evidence
        .map_or_else(|| scene.say.word("card-not-known"), |evidence| alert::points_at(scene.say, &evidence))
}

fn changed(scene: &Scene<'_>, incident: &Incident) -> String {
    let Some(event) = incident.changed.and_then(|seq| (scene.lookup)(seq)) else {
        return scene.say.word("card-changed-nothing");
    };
    let text = entry::text(scene, &event);
    let text = text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join(" · ");
    let person = entry::actor(scene.say, &event);
    let at = scene.at(event.occurred_at);
    let key = if person.is_empty() { "card-changed" } else { "card-changed-by" };
    scene.say.text(key, &[("at", at.into()), ("person", person.into()), ("told", text.into())])
}

fn left_open(scene: &Scene<'_>, incident: &Incident) -> Option<String> {
    let open = incident.tasks.iter().filter(|task| task.done_at.is_none()).count();
    let args = [("open", open.into()), ("all", incident.tasks.len().into())];
    (open > 0).then(|| scene.say.text("card-open-tasks", &args))
}

/// What to do next; a reason that stands on the card already is not said again.
fn next(scene: &Scene<'_>, incident: &Incident, pointed: Option<&str>) -> Option<String> {
    let say = scene.say;
    let needs =
        incident.update.as_ref().map(|update| update.needs.as_str()).filter(|needs| !needs.is_empty());
    let acknowledged = incident.at(Milestone::Acknowledged).is_some();
    let commander = incident.roles.contains_key(&lifeboat_storage::event::Role::Commander);
    match (incident.status, incident.recovery_proposed) {
        (Status::Closed | Status::Cancelled, _) => None,
        (Status::Resolved, _) => Some(say.word("card-next-close")),
        (Status::Mitigated, _) => Some(say.word("card-next-resolve")),
        (_, Some(good)) => Some(say.text("card-next-mitigate", &[("since", scene.at(good).into())])),
        _ if !acknowledged => Some(say.word("card-next-take")),
        _ if let Some(Suggested { line, why }) = pointed_at(scene, incident) => {
            let line = line.trim_end().to_owned();
            let told = pointed.is_some_and(|pointed| pointed.contains(&why));
            Some(if told {
                line
            } else {
                say.text("card-next-line", &[("line", line.into()), ("why", why.into())])
            })
        }
        _ if needs.is_some() => needs.map(|needs| say.outside(needs, limits::LINE)),
        _ if !commander => Some(say.word("card-next-command")),
        _ => Some(say.word("card-next-update")),
    }
}

/// At most four buttons, by where the incident stands.
fn actions(scene: &Scene<'_>, incident: &Incident) -> Vec<Action> {
    let id = incident.id;
    let button =
        |label, command: String, primary| Some(Action { label: scene.say.word(label), command, primary });
    let one = |label, verb: &str, primary| button(label, format!("/incident {verb} {id}"), primary);
    let acknowledged = incident.at(Milestone::Acknowledged).is_some();
    let commander = incident.roles.contains_key(&lifeboat_storage::event::Role::Commander);
    let over = incident.recovery_proposed.is_some();
    let take = || one("card-do-take", "ack", !over).filter(|_| !acknowledged);
    let command = || one("card-do-command", "role commander", acknowledged && !over).filter(|_| !commander);
    let update = || button("card-do-update", format!("/incident update incident:{id} conditions: "), false);
    let listed = match (incident.status, incident.merged_into) {
        (Status::Cancelled, Some(_)) => vec![],
        (Status::Cancelled, None) => vec![one("card-do-reopen", "reopen", false)],
        (Status::Closed, _) => vec![one("card-do-postmortem", "postmortem", false)],
        (Status::Resolved, _) => vec![
            one("card-do-postmortem", "postmortem", true),
            one("card-do-close", "close", false),
            one("card-do-reopen", "reopen", false),
        ],
        (Status::Mitigated, _) => vec![
            one("card-do-resolve", "resolve", true),
            take(),
            update(),
            one("card-do-reopen", "reopen", false),
        ],
        _ if over => vec![one("card-do-mitigate", "mitigate", true), take(), command(), update()],
        _ => vec![
            take(),
            command(),
            update(),
            silence(scene, incident).filter(|_| !acknowledged),
            one("card-do-identified", "status identified", false)
                .filter(|_| acknowledged && incident.status == Status::Investigating),
            one("card-do-mitigate", "mitigate", false).filter(|_| acknowledged),
        ],
    };
    let mut all: Vec<Action> = listed.into_iter().flatten().collect();
    let at_hand = at_hand(scene, incident);
    all.truncate(BUTTONS - at_hand.len());
    // Behind the one that is most likely wanted, before all others.
    all.splice(all.len().min(1)..all.len().min(1), at_hand);
    all
}

/// The plan at work, to be looked at; without one, what the facts suggest, put into the command line.
fn at_hand(scene: &Scene<'_>, incident: &Incident) -> Vec<Action> {
    if !incident.is_open() || matches!(incident.status, Status::Mitigated | Status::Resolved) {
        return Vec::new();
    }
    let of_incident = |run: &&Run| run.is_open() && run.incident == Some(incident.id);
    if let Some(run) = scene.state.plans.values().rev().find(of_incident) {
        let label = scene.say.text("card-do-plan", &[("plan", run.id.to_string().into())]);
        return vec![Action { label, command: format!("/plan show {}", run.id), primary: false }];
    }
    let fill =
        |line: String| Action { command: format!("{} ", line.trim_end()), label: line, primary: false };
    pointed_at(scene, incident).map(|one| fill(one.line)).into_iter().collect()
}

/// The line that the fleet's facts point at first; what the incident itself asks for has a button of its own.
fn pointed_at(scene: &Scene<'_>, incident: &Incident) -> Option<Suggested> {
    fleet::suggested(scene, incident).into_iter().find(|one| !one.line.starts_with("/incident"))
}

/// Put into the command line, since a reason is asked for. Only for a key that is one plain word there.
fn silence(scene: &Scene<'_>, incident: &Incident) -> Option<Action> {
    let lead = incident::lead(scene, incident).filter(|lead| lead.firing && is_plain(&lead.key))?;
    if lead.silenced_until.is_some_and(|until| until > scene.now) {
        return None;
    }
    let label = scene.say.word("card-do-silence");
    let command = format!("/alert silence alert:{} for:30m reason: ", lead.key);
    Some(Action { label, command, primary: false })
}

fn is_plain(key: &AlertKey) -> bool {
    let text = key.as_str();
    text.len() <= limits::LINE && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"')
}
