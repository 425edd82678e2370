//! Whether Lifeboat kept its own rules in a drill: the record is compared with itself and with the world. Pure.
//!
//! | broken | what it means |
//! | --- | --- |
//! | `chain` | the log's hashes do not hold (checked where the log is, not here) |
//! | `replay` | the log, replayed, is not what Lifeboat thinks |
//! | `approval P-2` | a step ran without consent to that very plan before it |
//! | `twice reboot worker-3` | a machine action happened more often than steps asked for it |
//! | `cordoned worker-3` | a node was left cordoned by Lifeboat, and nothing says so |
//! | `postmortem INC-0002` | an event of the incident is not in its postmortem exactly once |

use std::collections::{BTreeMap, BTreeSet};

use lifeboat_commands::facts::Inventory;
use lifeboat_deploy::simulated::Truth;
use lifeboat_storage::event::{Event, Kind};
use lifeboat_storage::id::{IncidentId, NodeName, PersonName, PlanId, Seq};
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::plan::{Consent, Plan, Rung, Step, Verb};
use lifeboat_storage::postmortem;
use lifeboat_storage::state::State;

/// What is compared.
pub struct Books<'a> {
    /// The whole record, in order.
    pub events: &'a [Event],
    /// What Lifeboat thinks they add up to.
    pub state: &'a State,
    /// What really happened.
    pub truth: &'a Truth,
    /// What every cluster really looks like.
    pub clusters: &'a [Inventory],
}

/// What was broken: the words of the table above, each once.
#[must_use]
pub fn broken(books: &Books<'_>) -> Vec<String> {
    let mut all = BTreeSet::new();
    if replayed(books.events) != *books.state {
        all.insert("replay".to_owned());
    }
    all.extend(without_consent(books.events).iter().map(|plan| format!("approval {plan}")));
    all.extend(twice(books).iter().map(|what| format!("twice {what}")));
    all.extend(left_cordoned(books).iter().map(|node| format!("cordoned {node}")));
    all.extend(not_told(books).iter().map(|incident| format!("postmortem {incident}")));
    all.into_iter().collect()
}

fn replayed(events: &[Event]) -> State {
    let mut state = State::new();
    events.iter().for_each(|event| state.apply(event));
    state
}

/// What is known of a plan's consent while the record is read.
struct Asked<'a> {
    body: &'a Plan,
    hash: &'a str,
    by: Option<&'a PersonName>,
    given: bool,
}

/// Plans of which a step began before consent to that very plan stood in the record.
fn without_consent(events: &[Event]) -> BTreeSet<PlanId> {
    let mut asked: BTreeMap<PlanId, Asked<'_>> = BTreeMap::new();
    let mut broken = BTreeSet::new();
    for event in events {
        match event.kind.lasting() {
            Kind::PlanProposed { plan, body, hash } => {
                let by = event.actor.person.as_ref();
                asked.insert(*plan, Asked { body, hash, by, given: false });
            }
            Kind::PlanApproved { plan, hash } => {
                if let Some(asked) = asked.get_mut(plan) {
                    asked.given |= *hash == asked.hash && says_yes(asked, event);
                }
            }
            Kind::StepStarted { plan, .. } if asked.get(plan).is_none_or(|asked| !asked.given) => {
                broken.insert(*plan);
            }
            _ => {}
        }
    }
    broken
}

/// The hash is that of what will be done, and whoever had to say yes did.
fn says_yes(asked: &Asked<'_>, event: &Event) -> bool {
    let person = event.actor.person.as_ref();
    let enough = match asked.body.consent {
        Consent::Given => true,
        Consent::Confirm => person.is_some() || (asked.by.is_none() && is_scheduled(asked.body)),
        Consent::TwoPeople => person.is_some() && person != asked.by,
    };
    enough && asked.body.hash() == asked.hash
}

/// What a schedule asks for may have its consent by the configuration.
fn is_scheduled(plan: &Plan) -> bool {
    matches!(plan.verb, Verb::CapacityRun { .. })
}

/// Machine actions that happened in the world more often than steps asked for them. A step that was tried again
/// because its first try had no effect asked once.
fn twice(books: &Books<'_>) -> BTreeSet<String> {
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    for (run, _, step) in begun(books) {
        if let Some(what) = effects(run, step) {
            *asked.entry(what).or_default() += 1;
        }
    }
    let truth = books.truth;
    let node = |(_, node): &(_, NodeName)| format!("reboot {node}");
    let mut done: Vec<String> = truth.reboots.iter().map(node).collect();
    done.extend(truth.reimages.iter().map(|(_, id)| format!("reimage {id}")));
    done.extend(truth.stops.iter().map(|(_, id)| format!("stop {id}")));
    done.extend(truth.launches.iter().map(|_| "launch".to_owned()));
    done.extend(truth.shifts.iter().map(|_| "shift".to_owned()));
    let mut happened: BTreeMap<String, usize> = BTreeMap::new();
    done.into_iter().for_each(|what| *happened.entry(what).or_default() += 1);
    let more = happened.into_iter().filter(|(what, times)| asked.get(what).copied().unwrap_or(0) < *times);
    more.map(|(what, _)| what).collect()
}

/// The one effect a step may have on a machine or on traffic.
fn effects(run: &Run, step: &Step) -> Option<String> {
    match step {
        Step::Reboot { node, .. } => Some(format!("reboot {node}")),
        Step::Reimage { instance, .. } => Some(format!("reimage {instance}")),
        Step::Stop { instance, .. } => Some(format!("stop {instance}")),
        Step::Obtain { rung: Rung::Launch(_), .. } => Some("launch".to_owned()),
        // Holding may give the traffic back once.
        Step::Shift { .. } | Step::Hold { .. } if run.plan.traffic.is_some() => Some("shift".to_owned()),
        _ => None,
    }
}

/// Every step that was started, each once, with its plan.
fn begun<'a>(books: &Books<'a>) -> Vec<(&'a Run, u32, &'a Step)> {
    let started = books.events.iter().filter_map(|event| match event.kind.lasting() {
        Kind::StepStarted { plan, step, .. } => Some((*plan, *step)),
        _ => None,
    });
    let started: BTreeSet<(PlanId, u32)> = started.collect();
    let found = started.into_iter().filter_map(|(plan, index)| {
        let run = books.state.plans.get(&plan)?;
        Some((run, index, run.plan.steps.get(usize::try_from(index).ok()?)?))
    });
    found.collect()
}

/// Nodes that Lifeboat began to cordon, that are cordoned now, and of which no plan tells so.
fn left_cordoned(books: &Books<'_>) -> BTreeSet<NodeName> {
    let mut ours: BTreeSet<&NodeName> = BTreeSet::new();
    for (run, _, step) in begun(books) {
        match step {
            Step::Cordon { node, .. } => _ = ours.insert(node),
            Step::Join { slot, .. } => ours.extend(run.joined.get(slot)),
            _ => {}
        }
    }
    let nodes = books.clusters.iter().flat_map(|seen| seen.nodes.values());
    let cordoned = nodes.filter(|node| !node.schedulable && ours.contains(&node.name));
    cordoned.map(|node| node.name.clone()).filter(|node| !is_told(books, node)).collect()
}

/// A plan that is open shows it, one that ended said so, or it was what a plan was for.
fn is_told(books: &Books<'_>, node: &NodeName) -> bool {
    let of_plans = books.state.plans.values().any(|run| {
        let purpose = matches!(run.plan.verb, Verb::NodeCordon | Verb::NodeDrain);
        let named = run.plan.targets.iter().any(|target| target.node == *node);
        (run.is_open() && (run.cordoned.contains(node) || leaves_unknown(run, node)))
            || (purpose && named && run.standing == Standing::Proven)
    });
    let said = books.events.iter().any(|event| match event.kind.lasting() {
        Kind::PlanEnded { plan, left, .. } | Kind::PlanCancelled { plan, left } => {
            let run = books.state.plans.get(plan);
            left.cordoned.contains(node)
                || run.is_some_and(|run| left.unknown.iter().any(|step| is_about(run, *step, node)))
        }
        _ => false,
    });
    of_plans || said
}

fn leaves_unknown(run: &Run, node: &NodeName) -> bool {
    run.steps.iter().any(|(step, progress)| progress.is_open() && is_about(run, *step, node))
}

fn is_about(run: &Run, step: u32, node: &NodeName) -> bool {
    let step = usize::try_from(step).ok().and_then(|step| run.plan.steps.get(step));
    match step {
        Some(Step::Join { slot, .. } | Step::Admit { slot, .. }) => run.joined.get(slot) == Some(node),
        Some(step) => lifeboat_commands::guard::node_of(step) == Some(node),
        None => false,
    }
}

/// Incidents whose postmortem does not hold each of their events exactly once.
fn not_told(books: &Books<'_>) -> BTreeSet<IncidentId> {
    let mut own: BTreeMap<IncidentId, Vec<Seq>> = BTreeMap::new();
    for event in books.events {
        if let Some(incident) = event.incident {
            own.entry(incident).or_default().push(event.seq);
        }
    }
    let broken = own.into_iter().filter(|(id, seqs)| {
        let Some(incident) = books.state.incidents.get(id) else { return true };
        let written = postmortem::assemble(incident, books.events, books.state);
        let mut told: Vec<Seq> = written.timeline.entries().map(|entry| entry.event.seq).collect();
        told.sort_unstable();
        told != *seqs
    });
    broken.map(|(id, _)| id).collect()
}
