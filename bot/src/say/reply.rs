//! Private answers to commands: what was done, what is shown, why nothing was done.

use std::sync::Arc;

use lifeboat_commands::command::Format;
use lifeboat_commands::refusal::{FleetRefusal, Refusal};
use lifeboat_commands::verb::Show;
use lifeboat_storage::event::{Event, Kind, Status, Time};
use lifeboat_storage::id::IncidentId;
use lifeboat_storage::incident::{Alert, Incident};

use super::{Scene, alert, capacity, entry, fleet, incident, limits, message, plan, refusal, time, word};
use crate::console::view::CommandReply;
use crate::engine::again::is_looked_at_again;
use crate::engine::effect::Answer;

/// How many lines a list shows.
const LINES: usize = 25;
/// How many alerts are named in one line.
const TITLES: usize = 5;

/// The private answer to a command.
#[must_use]
pub fn answer(scene: &Scene<'_>, answer: &Answer) -> CommandReply {
    match answer {
        Answer::Done(events) => done(scene, events),
        Answer::Show(what) => show(scene, what),
        Answer::DrillFailed { why } => drill_failed(scene, why),
        Answer::DrillBegan { drill, link, pace } => drill_began(scene, *drill, link, *pace),
        Answer::Refused(why) => refused(scene, why),
        Answer::NotRecorded { why } => not_recorded(scene, why),
    }
}

/// Done: its events are durable. The first one tells what was done.
#[must_use]
pub fn done(scene: &Scene<'_>, events: &[Arc<Event>]) -> CommandReply {
    let Some(first) = events.first() else { return shown(String::new(), None) };
    let text = match first.kind.lasting() {
        Kind::PlanProposed { plan: id, body, hash } => plan::proposal(scene, &id.to_string(), body, hash),
        _ => entry::text(scene, first),
    };
    let named = match (first.incident, &first.kind) {
        (None, _) | (_, Kind::IncidentDeclared { .. } | Kind::MessageSaid { .. }) => text,
        (Some(id), _) => {
            scene.say.text("reply-of-incident", &[("incident", id.to_string().into()), ("told", text.into())])
        }
    };
    let fires = still_fires(scene, first);
    let more = joined([fires.clone(), message::next_step(scene, first)]);
    let text = joined([Some(named), fires, message::what_next(scene, first)]);
    CommandReply {
        seq: Some(first.seq.0),
        outcome: "done".to_owned(),
        text,
        more: Some(more).filter(|more| !more.is_empty()),
        open: opened(events),
    }
}

/// The lines that there are.
fn joined(lines: impl IntoIterator<Item = Option<String>>) -> String {
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// What still fires of an incident that a person says is over, and what follows if it fails on.
fn still_fires(scene: &Scene<'_>, event: &Event) -> Option<String> {
    let Kind::StatusChanged { to: Status::Mitigated | Status::Resolved | Status::Closed, .. } = event.kind
    else {
        return None;
    };
    let known = scene.state.incidents.get(&event.incident?)?;
    let alerts = known.alerts.iter().filter_map(|key| scene.state.alerts.get(key));
    let firing: Vec<&Alert> = alerts.filter(|alert| alert.firing).collect();
    if firing.is_empty() {
        return None;
    }
    let title = |alert: &&Alert| alert::title(scene.say, alert::about(scene.state, &alert.key));
    let mut titles: Vec<String> = firing.iter().take(TITLES).map(title).collect();
    let more = firing.len().saturating_sub(TITLES);
    titles.extend((more > 0).then(|| scene.say.text("reply-more", &[("n", more.into())])));
    let titles = word::listed(scene.say, &titles);
    let told = scene.say.text("reply-still-fires", &[("alerts", titles.into())]);
    let is_muted = |alert: &Alert| alert.silenced_until.is_some_and(|until| until > scene.now);
    let watched = firing.iter().any(|alert| is_looked_at_again(alert.what) && !is_muted(alert));
    let again = || scene.say.text("reply-fails-again", &[("incident", known.id.to_string().into())]);
    Some(if watched { format!("{told}\n{}", again()) } else { told })
}

/// A channel that opened by the command.
fn opened(events: &[Arc<Event>]) -> Option<String> {
    events.iter().find_map(|event| match &event.kind {
        Kind::ChannelOpened { channel } => Some(channel.as_str().to_owned()),
        _ => None,
    })
}

/// Refused: nothing was changed.
#[must_use]
pub fn refused(scene: &Scene<'_>, why: &Refusal) -> CommandReply {
    let text = refusal::refusal(scene, why);
    CommandReply { seq: None, outcome: "refused".to_owned(), text, more: None, open: None }
}

/// It could not be recorded, so it was not done; `why` is what the operating system says.
#[must_use]
pub fn not_recorded(scene: &Scene<'_>, why: &str) -> CommandReply {
    let text = scene.say.text("reply-not-recorded", &[("why", scene.say.outside(why, limits::LINE).into())]);
    CommandReply { seq: None, outcome: "failed".to_owned(), text, more: None, open: None }
}

/// A drill could not be begun.
#[must_use]
pub fn drill_failed(scene: &Scene<'_>, why: &str) -> CommandReply {
    let why = scene.say.outside(why, limits::LINE);
    CommandReply {
        outcome: "failed".to_owned(),
        ..shown(scene.say.text("reply-drill-failed", &[("why", why.into())]), None)
    }
}

/// A drill of its own was begun: where it is played, and how fast its clock runs.
#[must_use]
pub fn drill_began(scene: &Scene<'_>, drill: u32, link: &str, pace: (u32, u32)) -> CommandReply {
    let pace = super::opening::pace(scene.say, pace);
    let args =
        [("drill", format!("DRILL-{drill}").into()), ("link", link.to_owned().into()), ("pace", pace.into())];
    shown(scene.say.text("reply-drill-began", &args), None)
}

/// What a reading command shows.
#[must_use]
pub fn show(scene: &Scene<'_>, show: &Show) -> CommandReply {
    match show {
        Show::List { all } => shown(list(scene, *all), None),
        Show::Incident(id) => match scene.state.incidents.get(id) {
            Some(known) => {
                let channel = known.channel.as_ref().map(|channel| channel.as_str().to_owned());
                shown(whole(scene, known), channel)
            }
            None => refused(scene, &Refusal::NoSuchIncident { id: *id }),
        },
        Show::Postmortem { id, format, lang } => postmortem(scene, *id, *format, lang.as_deref()),
        Show::Alerts => shown(alerts(scene), None),
        Show::Nodes(cluster) => shown(fleet::nodes(scene, cluster.as_ref()), None),
        Show::Clusters(cluster) => shown(fleet::clusters(scene, cluster.as_ref()), None),
        Show::Capacity => shown(capacity::show(scene), None),
        Show::Outlook(schedule) => shown(capacity::outlook(scene, schedule.as_ref()), None),
        Show::Plan(id) => match scene.state.plans.get(id) {
            Some(run) => shown(plan::whole(scene, run), None),
            None => refused(scene, &FleetRefusal::NoSuchPlan { plan: *id }.into()),
        },
        Show::StartDrill { .. } => shown(scene.say.word("reply-drill-starts"), None),
        Show::StopDrill => shown(scene.say.word("reply-drill-stops"), None),
    }
}

fn shown(text: String, open: Option<String>) -> CommandReply {
    CommandReply { seq: None, outcome: "shown".to_owned(), text, more: None, open }
}

/// Open incidents by severity, or all, newest first.
fn list(scene: &Scene<'_>, all: bool) -> String {
    let mut listed: Vec<&Incident> = if all {
        scene.state.incidents.values().rev().collect()
    } else {
        scene.state.open_incidents().collect()
    };
    if !all {
        listed.sort_by_key(|incident| (incident.severity, incident.id));
    }
    let lines = listed.iter().map(|incident| incident_line(scene, incident)).collect();
    cut(scene, lines, if all { "reply-no-incident" } else { "reply-no-open-incident" })
}

fn incident_line(scene: &Scene<'_>, incident: &Incident) -> String {
    scene.say.text(
        "reply-incident",
        &[
            ("incident", incident.id.to_string().into()),
            ("severity", word::severity(incident.severity).into()),
            ("status", standing(scene, incident).into()),
            ("title", incident::title(scene, incident).into()),
            ("since", scene.at(incident::since(scene, incident)).into()),
        ],
    )
}

/// Its status; of one that was merged, where it goes on.
fn standing(scene: &Scene<'_>, incident: &Incident) -> String {
    match incident.merged_into {
        Some(into) => scene.say.text("reply-merged", &[("into", into.to_string().into())]),
        None => word::status(scene.say, incident.status),
    }
}

/// One incident in lines: what its card says, who is who, its clocks and tasks.
fn whole(scene: &Scene<'_>, known: &Incident) -> String {
    let view = incident::incident(scene, known);
    let fact = |label: &str, text: &str| {
        scene.say.text("reply-fact", &[("label", label.into()), ("text", text.into())])
    };
    let mut lines = vec![incident_line(scene, known), view.sentence.clone()];
    lines.extend(view.card.rows.iter().map(|row| fact(&row.label, &row.text)));
    lines.extend(view.seats.iter().filter_map(|seat| Some(fact(&seat.role, seat.person.as_deref()?))));
    lines.extend(
        view.clocks.iter().map(|clock| fact(&clock.name, &format!("{} ({})", clock.value, clock.ends))),
    );
    lines.extend(view.tasks.iter().take(LINES).map(|task| {
        let key = if task.done { "reply-task-done" } else { "reply-task" };
        let owner = task.owner.clone().unwrap_or_else(|| "–".to_owned());
        let values = [
            ("task", task.number.into()),
            ("what", task.what.as_str().into()),
            ("text", task.text.as_str().into()),
            ("owner", owner.into()),
        ];
        scene.say.text(key, &values)
    }));
    lines.join("\n")
}

fn postmortem(scene: &Scene<'_>, id: IncidentId, format: Format, lang: Option<&str>) -> CommandReply {
    let ending = match format {
        Format::Markdown => "md",
        Format::Html => "html",
        Format::Json => "json",
    };
    let lang = lang.and_then(|lang| lang.parse().ok()).unwrap_or(scene.say.lang());
    let path = format!("/export/{id}.{ending}?lang={lang}");
    let text = scene
        .say
        .text("reply-postmortem", &[("incident", id.to_string().into()), ("path", path.as_str().into())]);
    shown(text, Some(path))
}

/// What fires, and what is silenced until when.
fn alerts(scene: &Scene<'_>) -> String {
    let silenced = |alert: &Alert| alert.silenced_until.filter(|until| *until > scene.now);
    let mut told: Vec<&Alert> =
        scene.state.alerts.values().filter(|alert| alert.firing || silenced(alert).is_some()).collect();
    told.sort_by_key(|alert| (!alert.firing, alert.severity));
    let lines = told.iter().map(|alert| alert_line(scene, alert, silenced(alert))).collect();
    cut(scene, lines, "reply-no-alert")
}

fn alert_line(scene: &Scene<'_>, known: &Alert, silenced: Option<Time>) -> String {
    let say = scene.say;
    let incident = known.incident.and_then(|id| scene.state.incidents.get(&id));
    let of_all = incident.is_some_and(|incident| incident::counts_all(scene, incident, known));
    let mut parts = vec![say.text(
        match (known.firing, alert::code(known.what)) {
            (true, Some(_)) if of_all => "reply-alert-fires-all",
            (true, Some(_)) => "reply-alert-fires",
            (true, None) => "reply-alert-fires-only",
            (false, _) => "reply-alert-over",
        },
        &[
            ("severity", word::severity(known.severity).into()),
            ("title", alert::title(say, alert::about(scene.state, &known.key)).into()),
            ("since", scene.at(known.since).into()),
            ("share", time::share(say, known.now).into()),
        ],
    )];
    parts.extend(known.incident.map(|id| id.to_string()));
    parts
        .extend(silenced.map(|until| say.text("reply-alert-silenced", &[("until", scene.at(until).into())])));
    parts.push(say.name(known.key.as_str()));
    word::listed(say, &parts)
}

/// At most so many lines, and how many more there are.
fn cut(scene: &Scene<'_>, mut lines: Vec<String>, none: &str) -> String {
    if lines.is_empty() {
        return scene.say.word(none);
    }
    let more = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    if more > 0 {
        lines.push(scene.say.text("reply-more", &[("n", more.into())]));
    }
    lines.join("\n")
}
