//! Refusals: what happened, that nothing was changed, what to do next, who could.

use lifeboat_commands::moment::a_day_before;
use lifeboat_commands::people::WhoCould;
use lifeboat_commands::refusal::{FleetRefusal, Refusal};
use lifeboat_commands::table::{COMMANDS, Spec};
use lifeboat_storage::event::Status;
use lifeboat_storage::id::{IncidentId, PersonName};
use lifeboat_storage::plan::{Floor, PauseReason};

use super::{Arg, Say, Scene, command, limits, word};

/// How many names of a list are told.
const NAMED: usize = 8;

/// A refusal in two lines: what happened and that nothing was changed; what to do next.
#[must_use]
pub fn refusal(scene: &Scene<'_>, refusal: &Refusal) -> String {
    let args = values(scene, refusal);
    let why = scene.say.text(&key(refusal), &args);
    let next = scene.say.text(&next_key(scene, refusal), &args);
    scene.say.text("reply-refused", &[("why", why.into()), ("next", next.into())])
}

/// `refusal-not-allowed`; a variant where the refusal carries less.
fn key(refusal: &Refusal) -> String {
    let variant = match refusal {
        Refusal::AlreadyAcknowledged { by: None, .. } => "-by-nobody",
        _ => "",
    };
    format!("refusal-{}{variant}", refusal.key())
}

/// `refusal-not-allowed-next`; a variant where there is nothing to choose from.
fn next_key(scene: &Scene<'_>, refusal: &Refusal) -> String {
    let empty = match refusal {
        Refusal::UnknownCommand { near, .. } => near.is_empty(),
        Refusal::BadValue { known, .. } => known.is_empty(),
        Refusal::NotAllowed { who_could } => who_could.is_empty(),
        Refusal::WhichIncident { open } => open.is_empty(),
        Refusal::NoSuchAlert { known, .. } => known.is_empty(),
        Refusal::NoSuchPerson { known, .. } => known.is_empty(),
        Refusal::Fleet(FleetRefusal::NoSuch { known, .. }) => known.is_empty(),
        Refusal::Fleet(FleetRefusal::Unclear { candidates, .. }) => candidates.is_empty(),
        Refusal::Fleet(FleetRefusal::OwnPlan { who_could, .. }) => who_could.is_empty(),
        Refusal::Ahead { at } => a_day_before(*at, scene.now, scene.say.zone()).is_none(),
        Refusal::SameStatus { status, .. } => {
            !matches!(status, Status::Identified | Status::Mitigated | Status::Resolved)
        }
        _ => false,
    };
    format!("refusal-{}-next{}", refusal.key(), if empty { "-none" } else { "" })
}

/// Names, numbers and lists of a refusal about the fleet; every text takes what it needs of them.
fn fleet_values<'a>(scene: &Scene<'_>, refusal: &FleetRefusal) -> Vec<Arg<'a>> {
    let say = scene.say;
    let name = |text: &str| ("name", say.name(text).into());
    let plan = |id: &lifeboat_storage::id::PlanId| ("plan", id.to_string().into());
    let known = |parts: Vec<String>| ("known", word::names(say, &parts).into());
    match refusal {
        FleetRefusal::NoSuch { typed, known: all, .. } => vec![
            ("typed", say.name(typed).into()),
            known(all.iter().take(NAMED).map(|one| say.name(one)).collect()),
        ],
        FleetRefusal::SeveralSuch { typed, clusters } => vec![
            ("typed", say.name(typed).into()),
            known(clusters.iter().take(NAMED).map(|one| say.name(one.as_str())).collect()),
            ("first", clusters.first().map(|one| say.name(one.as_str())).unwrap_or_default().into()),
        ],
        FleetRefusal::HeldOut { nodes }
        | FleetRefusal::SwitchedOff { nodes }
        | FleetRefusal::AlreadySo { nodes } => {
            let names: Vec<String> = nodes.iter().map(|one| say.name(one.as_str())).collect();
            vec![("listed", names.join(",").into()), known(names.into_iter().take(NAMED).collect())]
        }
        FleetRefusal::NoMajority { cluster, there, of } => {
            vec![name(cluster.as_str()), ("n", (*there).into()), ("of", (*of).into())]
        }
        FleetRefusal::NoRung { pool } => vec![name(pool.as_str())],
        FleetRefusal::NothingMissing { schedule } | FleetRefusal::NoRun { schedule } => {
            vec![name(schedule.as_str())]
        }
        FleetRefusal::AlreadySkipped { schedule, run } => {
            vec![name(schedule.as_str()), ("at", scene.at(*run).into())]
        }
        FleetRefusal::NothingConfigured
        | FleetRefusal::NoPlan
        | FleetRefusal::NoPlans
        | FleetRefusal::NoDrill
        | FleetRefusal::DrillRuns
        | FleetRefusal::NoHint => vec![],
        FleetRefusal::DrillBeside { drill } => vec![("drill", format!("DRILL-{drill}").into())],
        FleetRefusal::FactsOld { cluster }
        | FleetRefusal::Frozen { cluster }
        | FleetRefusal::LastServing { cluster }
        | FleetRefusal::SameCluster { cluster }
        | FleetRefusal::NoTraffic { cluster }
        | FleetRefusal::OtherCloud { cluster }
        | FleetRefusal::AlreadyFrozen { cluster }
        | FleetRefusal::NotFrozen { cluster } => vec![name(cluster.as_str())],
        FleetRefusal::Locked { cluster, plan: id } => vec![name(cluster.as_str()), plan(id)],
        FleetRefusal::ControlPlane { node } => vec![name(node.as_str())],
        FleetRefusal::Unclear { node, candidates } => vec![
            name(node.as_str()),
            known(candidates.iter().take(NAMED).map(|one| say.name(one.as_str())).collect()),
        ],
        FleetRefusal::NotDown { serving, wanted } => vec![("n", (*serving).into()), ("of", (*wanted).into())],
        FleetRefusal::StandbyRed { cluster, items } => vec![
            name(cluster.as_str()),
            ("known", super::fleet::check_items(say, items.iter().map(String::as_str)).into()),
        ],
        FleetRefusal::PoolFull { pool, max } => vec![name(pool.as_str()), ("of", (*max).into())],
        FleetRefusal::NoTarget { typed } => vec![("typed", say.name(typed).into())],
        FleetRefusal::PlanElsewhere { plan: id, standing } => {
            vec![plan(id), ("standing", super::plan::standing(say, *standing).into())]
        }
        FleetRefusal::WrongHash { plan: id } | FleetRefusal::NoSuchPlan { plan: id } => vec![plan(id)],
        FleetRefusal::StillBroken { plan: id, floor, now } => {
            let cluster = match floor {
                Floor::NotFrozen { cluster } => cluster.as_str(),
                _ => "",
            };
            let broken = PauseReason::FloorBroken { floor: floor.clone(), now: *now };
            vec![plan(id), name(cluster), ("broken", super::plan::paused(say, &broken).into())]
        }
        FleetRefusal::OwnPlan { plan: id, who_could } => vec![plan(id), known(could(say, who_could))],
        FleetRefusal::Guarded { rule } => {
            vec![("rule", say.word(&format!("guard-{}", rule.key())).into())]
        }
        FleetRefusal::IncidentOpen { open } => {
            vec![known(open.iter().take(NAMED).map(ToString::to_string).collect())]
        }
    }
}

fn values<'a>(scene: &Scene<'_>, refusal: &Refusal) -> Vec<Arg<'a>> {
    let say = scene.say;
    let quoted = |typed: &str| say.name(typed);
    match refusal {
        Refusal::Fleet(why) => fleet_values(scene, why),
        Refusal::UnknownCommand { typed, near } => {
            vec![("typed", quoted(typed).into()), ("list", shortened(scene, near.clone()).into())]
        }
        Refusal::Missing { command, option, given } => vec![
            ("command", quoted(command).into()),
            ("option", (*option).into()),
            ("again", typed_again(say, &format!("{command}{given}")).into()),
            about(scene, command, option),
        ],
        Refusal::BadValue { command, option, typed, known } => vec![
            ("option", (*option).into()),
            ("typed", quoted(typed).into()),
            ("list", shortened(scene, known.clone()).into()),
            about(scene, command, option),
        ],
        Refusal::LeftOver { typed, command } => vec![
            ("typed", quoted(typed).into()),
            ("command", quoted(command).into()),
            ("signature", signature(command).into()),
        ],
        Refusal::OpenQuote { typed, command } => {
            vec![("typed", quoted(typed).into()), ("command", say.plain().name(command).into())]
        }
        Refusal::SeverityInTitle { title, severity, instead } => vec![
            ("typed", quoted(title).into()),
            ("severity", word::severity(*severity).into()),
            ("instead", typed_again(say, instead).into()),
        ],
        Refusal::TooLong { option, limit } => {
            vec![("option", (*option).into()), ("limit", (*limit).into())]
        }
        Refusal::NotSignedIn | Refusal::IntoItself | Refusal::NotRecording => vec![],
        Refusal::NotAllowed { who_could } => vec![
            ("needs", word::permission(say, who_could.needs).into()),
            ("who", word::either(say, &could(say, who_could)).into()),
        ],
        Refusal::NoSuchPerson { typed, known } => {
            vec![("typed", quoted(typed).into()), ("list", word::names(say, &people(scene, known)).into())]
        }
        Refusal::NoSuchTask { task, known } => vec![("task", (*task).into()), ("known", (*known).into())],
        Refusal::NoSuchAlert { typed, known } => {
            let known = known.iter().map(|key| say.name(key.as_str())).collect();
            vec![("typed", quoted(typed).into()), ("list", shortened(scene, known).into())]
        }
        Refusal::AlertTaken { alert, id } => {
            vec![("alert", quoted(alert.as_str()).into()), ("incident", id.to_string().into())]
        }
        Refusal::NotSilenced { alert } => vec![("alert", quoted(alert.as_str()).into())],
        _ => values_of_incident(scene, refusal),
    }
}

fn values_of_incident<'a>(scene: &Scene<'_>, refusal: &Refusal) -> Vec<Arg<'a>> {
    let say = scene.say;
    let named = |id: &IncidentId| ("incident", id.to_string().into());
    match refusal {
        Refusal::WhichIncident { open } => {
            let ids = open.iter().map(ToString::to_string).collect();
            vec![("list", shortened(scene, ids).into())]
        }
        Refusal::NoSuchIncident { id } => vec![named(id)],
        Refusal::Ended { id, status }
        | Refusal::NotEnded { id, status }
        | Refusal::NotResolved { id, status }
        | Refusal::SameStatus { id, status } => vec![
            named(id),
            ("status", word::status(say, *status).into()),
            ("word", word::status_key(*status).into()),
        ],
        Refusal::MergedAway { id, into } => vec![named(id), ("into", into.to_string().into())],
        Refusal::AlreadyAcknowledged { id, by, at } => {
            let person = by.as_ref().map(|by| say.name(by.as_str())).unwrap_or_default();
            vec![named(id), ("person", person.into()), ("at", scene.at(*at).into())]
        }
        Refusal::SameSeverity { id, severity } => {
            vec![named(id), ("severity", word::severity(*severity).into())]
        }
        Refusal::SameRole { person } => vec![("person", say.name(person.as_str()).into())],
        Refusal::Ahead { at } => {
            let before = a_day_before(*at, scene.now, say.zone());
            let before = before.map(|before| before.to_rfc3339()).unwrap_or_default();
            vec![("at", scene.at(*at).into()), ("before", before.into())]
        }
        Refusal::BeforeStart { at, started } => {
            vec![("at", scene.at(*at).into()), ("started", scene.at(*started).into())]
        }
        Refusal::NoSuchEvent { seq } | Refusal::NoSuchMessage { seq } | Refusal::AlreadyPinned { seq } => {
            vec![("event", seq.to_string().into())]
        }
        Refusal::AlreadyRedacted { seq, by } => {
            vec![("event", seq.to_string().into()), ("by", by.to_string().into())]
        }
        _ => vec![],
    }
}

/// A line to be copied: marks of direction in it would be typed with it, and only other scripts than ours need them.
fn typed_again(say: Say, line: &str) -> String {
    if line.is_ascii() {
        say.plain().outside(line, limits::MESSAGE)
    } else {
        say.outside(line, limits::MESSAGE)
    }
}

/// The first of those who could, by name and by role.
fn could(say: Say, who: &WhoCould) -> Vec<String> {
    let people = who.people.iter().take(NAMED).cloned().collect();
    let roles = who.roles.iter().take(NAMED).cloned().collect();
    word::who_could(say, &WhoCould { needs: who.needs, people, roles })
}

fn people(scene: &Scene<'_>, people: &[PersonName]) -> Vec<String> {
    people.iter().take(NAMED).map(|person| scene.say.name(person.as_str())).collect()
}

/// The first of a list, and how many more there are.
fn shortened(scene: &Scene<'_>, list: Vec<String>) -> String {
    let more = list.len().saturating_sub(NAMED);
    let first: Vec<String> = list.iter().take(NAMED).map(|name| scene.say.name(name)).collect();
    let text = word::names(scene.say, &first);
    match more {
        0 => text,
        more => scene.say.text("refusal-list-more", &[("list", text.into()), ("more", more.into())]),
    }
}

fn found(words: &str) -> Option<&'static Spec> {
    COMMANDS.iter().find(|spec| spec.words() == words)
}

/// `/incident ack [incident]`.
fn signature(words: &str) -> String {
    let Some(spec) = found(words) else { return limits::middle_cut(words, limits::NAME) };
    let parts = command::signature(spec, None);
    parts.into_iter().map(|part| part.text).collect::<Vec<_>>().join(" ")
}

/// What an option is for.
fn about<'a>(scene: &Scene<'_>, words: &str, name: &str) -> Arg<'a> {
    let text = found(words).and_then(|spec| Some(command::about_option(scene.say, spec, spec.option(name)?)));
    ("about", text.unwrap_or_else(|| name.to_owned()).into())
}
