//! What may be typed next. Pure, from memory; the catalogue adds one plain line to each choice.

use crate::facts::{Facts, Node};
use crate::fleet::Fleet;
use crate::parse::{self, Next, Values};
use crate::people::People;
use crate::planner::target;
use crate::table::{COMMANDS, OptionSpec, Spec, ValueKind};
use crate::verb::alert::taken_by;
use lifeboat_storage::id::PlanId;
use lifeboat_storage::incident::Alert;
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::state::State;

/// Digits of a hash that are enough to tell plans apart.
const HASH: usize = 8;

/// Most choices given at once.
pub const MOST: usize = 25;

/// Why a choice is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A command.
    Command(&'static Spec),
    /// An option that can still be given.
    Option(&'static Spec, &'static OptionSpec),
    /// A fixed value of an option.
    Value(&'static OptionSpec),
    /// An incident.
    Incident(lifeboat_storage::id::IncidentId),
    /// A plan.
    Plan(PlanId),
    /// A name as it is: person, service, alert.
    Name,
}

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The whole line when it is taken.
    pub line: String,
    /// Its last piece.
    pub label: String,
    /// Why it is offered.
    pub about: About,
}

/// What may be typed next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The command, once it is known.
    pub spec: Option<&'static Spec>,
    /// The option being typed.
    pub current: Option<&'static str>,
    /// Its name is typed, and nothing of its value.
    pub is_empty: bool,
    /// At most [`MOST`], best first.
    pub choices: Vec<Choice>,
}

/// What values are taken from.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// What all events add up to.
    pub state: &'a State,
    /// Who is configured.
    pub people: &'a People,
    /// What is configured of the fleet.
    pub fleet: &'a Fleet,
    /// What is seen of it.
    pub facts: &'a Facts,
    /// Scenarios a drill can play.
    pub scenarios: &'a [String],
}

/// Groups, then nodes with trouble, then all others, then pools; after a comma, the other nodes of the same cluster.
fn targets(spec: &Spec, typed: &str, known: &Known<'_>) -> Vec<(String, About)> {
    let (given, _) = typed.rsplit_once([',', '，', '、']).unwrap_or(("", typed));
    let listed: Vec<&str> = given.split([',', '，', '、']).filter(|name| !name.is_empty()).collect();
    let mut nodes: Vec<(bool, String)> = Vec::new();
    for cluster in &known.fleet.clusters {
        let Some(seen) = known.facts.clusters.get(&cluster.name) else { continue };
        let address = |node: &Node| target::address(known.fleet, known.facts, &cluster.name, &node.name);
        let names: Vec<String> = seen.workers().map(address).collect();
        if !listed.is_empty() && !names.iter().any(|name| listed.contains(&name.as_str())) {
            continue;
        }
        let fits = seen.workers().zip(names).filter(|(node, _)| is_open_to(spec, node));
        nodes.extend(fits.map(|(node, name)| (!target::is_failing(known.facts, &cluster.name, node), name)));
    }
    nodes.retain(|(_, name)| !listed.contains(&name.as_str()));
    nodes.sort();
    let alone = listed.is_empty();
    let groups = target::GROUPS.iter().filter(|_| alone).map(|&group| group.to_owned());
    let pools = known.fleet.pools.iter().filter(|_| alone).map(|pool| format!("pool:{}", pool.name));
    let before = if alone { String::new() } else { format!("{given},") };
    let names = groups.chain(nodes.into_iter().map(|(_, name)| name)).chain(pools);
    names.map(|name| (format!("{before}{name}"), About::Name)).collect()
}

/// Whether a command has anything left to do on a node.
fn is_open_to(spec: &Spec, node: &Node) -> bool {
    match spec.verb {
        "cordon" => node.schedulable,
        "uncordon" => !node.schedulable,
        _ => true,
    }
}

/// Completes a line typed so far.
#[must_use]
pub fn complete(line: &str, known: &Known<'_>) -> Completion {
    match parse::head(line) {
        Ok((spec, rest)) if !rest.is_empty() || line.ends_with(char::is_whitespace) => {
            options(line, spec, rest, known)
        }
        _ => Completion { choices: commands(line), ..Completion::default() },
    }
}

fn commands(line: &str) -> Vec<Choice> {
    let typed = line.trim_start().trim_start_matches('/').to_lowercase();
    let typed = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = |spec: &&Spec| {
        let words = spec.words();
        words[1..].starts_with(&typed) || spec.verb.starts_with(&typed)
    };
    let choice = |spec: &'static Spec| Choice {
        line: format!("{} ", spec.words()),
        label: spec.words(),
        about: About::Command(spec),
    };
    COMMANDS.iter().filter(fits).take(MOST).map(choice).collect()
}

fn options(line: &str, spec: &'static Spec, rest: &str, known: &Known<'_>) -> Completion {
    let last = if line.ends_with(char::is_whitespace) {
        ""
    } else {
        rest.rsplit(char::is_whitespace).next().unwrap_or("")
    };
    let stem = &line[..line.len() - last.len()];
    let mut found = Completion { spec: Some(spec), ..Completion::default() };
    if let Some((name, value)) = last.split_once(':')
        && let Some(option) = spec.option(name)
    {
        found.current = Some(option.name);
        found.is_empty = value.is_empty();
        let typing = Typing { spec, rest, option };
        found.choices = values(&format!("{stem}{name}:"), typing, value, known);
        return found;
    }
    let filled = parse::filled(spec, &rest[..rest.len() - last.len()]);
    match filled.next {
        Next::Empty(option) => {
            found.current = Some(option.name);
            found.is_empty = last.is_empty();
            // A value stands right behind the colon, also where a blank was typed there.
            found.choices = values(stem.trim_end(), Typing { spec, rest, option }, last, known);
            return found;
        }
        Next::Free(option) => {
            found.current = Some(option.name);
            found.choices = values(stem, Typing { spec, rest, option }, last, known);
        }
        Next::Text(option) => found.current = Some(option.name),
        Next::Nothing => {}
    }
    let free = |option: &&OptionSpec| !filled.options.contains(&option.name) && option.name.starts_with(last);
    found.choices.extend(spec.options.iter().filter(free).map(|option| named(stem, spec, option)));
    found.choices.truncate(MOST);
    found
}

fn named(stem: &str, spec: &'static Spec, option: &'static OptionSpec) -> Choice {
    let label = format!("{}:", option.name);
    Choice { line: format!("{stem}{label}"), label, about: About::Option(spec, option) }
}

/// Completes one value, for chats that ask for options one by one; each choice's label is the value.
#[must_use]
pub fn value(
    spec: &'static Spec,
    option: &'static OptionSpec,
    (typed, beside): (&str, &Values),
    known: &Known<'_>,
) -> Vec<Choice> {
    let rest: Vec<String> = beside.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    values("", Typing { spec, rest: &rest.join(" "), option }, typed, known)
}

/// The option being typed, within its line.
#[derive(Clone, Copy)]
struct Typing<'a> {
    spec: &'static Spec,
    rest: &'a str,
    option: &'static OptionSpec,
}

fn values(stem: &str, typing: Typing<'_>, typed: &str, known: &Known<'_>) -> Vec<Choice> {
    let lower = typed.to_lowercase();
    names(typing, typed, known)
        .into_iter()
        .filter(|(name, _)| name.to_lowercase().contains(&lower))
        .take(MOST)
        .map(|(name, about)| {
            let quoted =
                if name.contains(char::is_whitespace) { format!("\"{name}\"") } else { name.clone() };
            Choice { line: format!("{stem}{quoted} "), label: name, about }
        })
        .collect()
}

fn names(typing: Typing<'_>, typed: &str, known: &Known<'_>) -> Vec<(String, About)> {
    let (state, people, fleet) = (known.state, known.people, known.fleet);
    let plain = |name: &str| (name.to_owned(), About::Name);
    match typing.option.kind {
        ValueKind::Incident => {
            let mut all: Vec<_> = state.incidents.values().collect();
            all.sort_by_key(|incident| (!incident.is_open(), std::cmp::Reverse(incident.id)));
            all.iter().map(|incident| (incident.id.to_string(), About::Incident(incident.id))).collect()
        }
        ValueKind::Person => people.all.iter().map(|person| plain(person.name.as_str())).collect(),
        ValueKind::Service => state.services.iter().map(|service| plain(service.as_str())).collect(),
        ValueKind::Alert => alerts(typing.spec, state).map(|alert| plain(alert.key.as_str())).collect(),
        ValueKind::Pool => fleet.pools.iter().map(|pool| plain(pool.name.as_str())).collect(),
        ValueKind::Cluster => clusters(typing.spec, known),
        ValueKind::Schedule => fleet.schedules.iter().map(|schedule| plain(schedule.name.as_str())).collect(),
        ValueKind::Plan => {
            plans(typing.spec, state).map(|run| (run.id.to_string(), About::Plan(run.id))).collect()
        }
        ValueKind::Hash => hashes(typing, state),
        ValueKind::Node => targets(typing.spec, typed, known),
        ValueKind::Scenario => known.scenarios.iter().map(|name| plain(name)).collect(),
        kind => {
            parse::known(kind).iter().map(|&word| (word.to_owned(), About::Value(typing.option))).collect()
        }
    }
}

/// Of those that fire without an incident, one is opened; the others can be silenced.
fn alerts<'a>(spec: &'static Spec, state: &'a State) -> impl Iterator<Item = &'a Alert> {
    let opens = spec.noun == "incident";
    let fits = move |alert: &&Alert| !opens || (alert.firing && taken_by(state, alert).is_none());
    state.alerts.values().filter(fits)
}

/// Clusters on which the command has anything to do.
fn clusters(spec: &Spec, known: &Known<'_>) -> Vec<(String, About)> {
    let frozen = |cluster: &&crate::fleet::Cluster| known.state.frozen.contains_key(&cluster.name);
    let carries = |cluster: &&crate::fleet::Cluster| {
        let entry = cluster.traffic.as_ref().and_then(|name| known.facts.traffic.get(name));
        entry.is_some_and(|entry| {
            entry.weights.iter().any(|one| one.cluster == cluster.name && one.percent == 100)
        })
    };
    let fits = |cluster: &&crate::fleet::Cluster| match spec.verb {
        "freeze" => !frozen(cluster),
        "unfreeze" => frozen(cluster),
        "swap" => !carries(cluster),
        _ => true,
    };
    let names = known.fleet.clusters.iter().filter(fits);
    names.map(|cluster| (cluster.name.to_string(), About::Name)).collect()
}

/// Plans that stand so that the command could be done on them, the newest first.
fn plans<'a>(spec: &'static Spec, state: &'a State) -> impl Iterator<Item = &'a Run> {
    let fits = move |run: &&Run| match spec.verb {
        "approve" | "reject" => run.standing == Standing::Proposed,
        "pause" => run.standing == Standing::Running,
        "resume" => run.standing == Standing::Paused,
        "cancel" => run.is_open(),
        _ => true,
    };
    state.plans.values().rev().filter(fits)
}

/// The hash of the plan that the line names, else of those that wait.
fn hashes(typing: Typing<'_>, state: &State) -> Vec<(String, About)> {
    let word = |word: &str| word.trim_start_matches("plan:").parse::<PlanId>().ok();
    let named = typing.rest.split_whitespace().find_map(word);
    let fits = plans(typing.spec, state).filter(|run| named.is_none_or(|id| run.id == id));
    fits.map(|run| (run.hash.chars().take(HASH).collect(), About::Plan(run.id))).collect()
}
