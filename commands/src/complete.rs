//! What may be typed next. Pure, from memory; the catalogue adds one plain line to each choice.

use crate::facts::Facts;
use crate::fleet::Fleet;
use crate::parse;
use crate::people::People;
use crate::table::{COMMANDS, OptionSpec, Spec, ValueKind};
use lifeboat_storage::state::State;

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

/// Nodes with trouble first, then groups, then all others.
fn targets(known: &Known<'_>) -> Vec<(String, About)> {
    let workers = known.facts.clusters.values().flat_map(crate::facts::Inventory::workers);
    let mut nodes: Vec<_> =
        workers.map(|node| (node.ready == crate::facts::Ready::Yes, node.name.as_str())).collect();
    nodes.sort_unstable();
    let groups = ["failing", "all"].into_iter();
    let names = groups.chain(nodes.into_iter().map(|(_, name)| name));
    names.map(|name| (name.to_owned(), About::Name)).collect()
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
    let given = |option: &OptionSpec| rest.contains(&format!("{}:", option.name));
    let mut found = Completion { spec: Some(spec), ..Completion::default() };
    if let Some((name, value)) = last.split_once(':')
        && let Some(option) = spec.option(name)
    {
        found.current = Some(option.name);
        found.choices = values(&format!("{stem}{name}:"), option, value, known);
        return found;
    }
    let words = rest[..rest.len() - last.len()].split_whitespace().filter(|word| !word.contains(':')).count();
    let bare = spec.options.iter().filter(|option| !given(option)).nth(words);
    found.current = bare.map(|option| option.name);
    if let Some(option) = bare {
        found.choices = values(stem, option, last, known);
    }
    let named = spec.options.iter().filter(|option| !given(option) && option.name.starts_with(last));
    found.choices.extend(named.map(|option| Choice {
        line: format!("{stem}{}:", option.name),
        label: format!("{}:", option.name),
        about: About::Option(spec, option),
    }));
    found.choices.truncate(MOST);
    found
}

fn values(stem: &str, option: &'static OptionSpec, typed: &str, known: &Known<'_>) -> Vec<Choice> {
    let typed = typed.to_lowercase();
    names(option, known)
        .into_iter()
        .filter(|(name, _)| name.to_lowercase().contains(&typed))
        .take(MOST)
        .map(|(name, about)| {
            let quoted =
                if name.contains(char::is_whitespace) { format!("\"{name}\"") } else { name.clone() };
            Choice { line: format!("{stem}{quoted} "), label: name, about }
        })
        .collect()
}

fn names(option: &'static OptionSpec, known: &Known<'_>) -> Vec<(String, About)> {
    let (state, people, fleet) = (known.state, known.people, known.fleet);
    let plain = |name: &str| (name.to_owned(), About::Name);
    match option.kind {
        ValueKind::Incident => {
            let mut all: Vec<_> = state.incidents.values().collect();
            all.sort_by_key(|incident| (!incident.is_open(), std::cmp::Reverse(incident.id)));
            all.iter().map(|incident| (incident.id.to_string(), About::Incident(incident.id))).collect()
        }
        ValueKind::Person => people.0.iter().map(|person| plain(person.name.as_str())).collect(),
        ValueKind::Service => state.services.iter().map(|service| plain(service.as_str())).collect(),
        ValueKind::Alert => state.alerts.keys().map(|key| plain(key.as_str())).collect(),
        ValueKind::Pool => fleet.pools.iter().map(|pool| plain(pool.name.as_str())).collect(),
        ValueKind::Cluster => fleet.clusters.iter().map(|cluster| plain(cluster.name.as_str())).collect(),
        ValueKind::Schedule => fleet.schedules.iter().map(|schedule| plain(schedule.name.as_str())).collect(),
        ValueKind::Plan => {
            let mut plans: Vec<_> = state.plans.values().collect();
            plans.sort_by_key(|run| (!run.is_open(), std::cmp::Reverse(run.id)));
            plans.iter().map(|run| plain(&run.id.to_string())).collect()
        }
        ValueKind::Node => targets(known),
        ValueKind::Scenario => known.scenarios.iter().map(|name| plain(name)).collect(),
        kind => parse::known(kind).iter().map(|&word| (word.to_owned(), About::Value(option))).collect(),
    }
}
