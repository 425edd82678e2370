//! What the fleet adds to an incident's card, and what may be typed next.

use lifeboat_commands::capacity;
use lifeboat_commands::diagnose::{self, Verdict, standby};
use lifeboat_commands::facts::{Facts, Inventory};
use lifeboat_commands::fleet::{Cluster, Fleet, Schedule};
use lifeboat_commands::suggest::{self, Sight, Suggestion, Why};
use lifeboat_storage::event::{Kind, Milestone, Time};
use lifeboat_storage::id::ServiceName;
use lifeboat_storage::incident::Incident;
use lifeboat_storage::plan::run::Standing;
use lifeboat_storage::plan::{FailedBy, ProbeKind};

use super::{is_stale, standby_line, verdict_text};
use crate::console::view::Suggested;
use crate::say::{Scene, capacity as schedules, limits, plan};

/// How many earlier incidents are asked what helped.
const TOLD_BACK: usize = 8;

/// The rows that the fleet adds to an incident's card, in this order: serving capacity, the worst row of the probe
/// matrix, what it points at, earlier incidents of the same signature, the plan at work. Each is a key of its label
/// and a text.
#[must_use]
pub fn rows(scene: &Scene<'_>, incident: &Incident) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    if let Some((fleet, facts, cluster, seen)) = of_incident(scene, incident) {
        rows.push(("card-row-serving", serving(scene, fleet, cluster, seen)));
        rows.extend(worst(scene, facts, cluster).map(|text| ("card-row-probes", text)));
        let found = diagnose::diagnose(&cluster.name, facts, fleet);
        rows.extend(found.verdict.map(|verdict| ("card-row-verdict", verdict_text(scene.say, verdict))));
    }
    rows.extend(schedules::row(scene, incident).map(|text| ("card-row-capacity", text)));
    rows.extend(schedules::fallbacks(scene, incident).map(|text| ("card-row-fallbacks", text)));
    rows.extend(earlier(scene, incident).map(|text| ("card-row-earlier", text)));
    if let Some((fleet, facts, cluster, _)) = of_incident(scene, incident) {
        let ranked = standby::ranked(cluster, facts, fleet, scene.state, scene.now);
        rows.extend(ranked.first().map(|best| ("card-row-standby", standby_line(scene, best))));
    }
    let open = scene.state.plans.values().filter(|run| run.is_open() && run.incident == Some(incident.id));
    rows.extend(open.map(|run| ("card-row-plan", plan::line(scene, run))));
    rows
}

/// `5 of 9 nodes of k8s-main serve · seen 10:16:02`.
fn serving(scene: &Scene<'_>, fleet: &Fleet, cluster: &Cluster, seen: &Inventory) -> String {
    let say = scene.say;
    let args = [
        ("cluster", say.name(cluster.name.as_str()).into()),
        ("serving", seen.serving(&cluster.service).len().into()),
        ("wanted", cluster.wanted.into()),
    ];
    let at = seen.as_of.map(|at| {
        let key = if is_stale(scene, fleet, seen) { "fleet-seen-old" } else { "fleet-seen" };
        say.text(key, &[("at", scene.at(at).into())])
    });
    let at = at.unwrap_or_else(|| say.word("fleet-never"));
    dated(scene, say.text("fleet-row-serving", &args), at)
}

/// The probe that fails on most nodes, and how old that is.
fn worst(scene: &Scene<'_>, facts: &Facts, cluster: &Cluster) -> Option<String> {
    let say = scene.say;
    let (probe, failed, of) = diagnose::worst_row(&cluster.name, facts)?;
    let of_probe = facts.probes.iter().filter(|((name, _, kind), _)| *name == cluster.name && *kind == probe);
    let oldest = of_probe.map(|(_, fact)| fact.as_of).min();
    let args = [("probe", probe_name(scene, probe).into()), ("failed", failed.into()), ("of", of.into())];
    let at = oldest.map(|at| say.text("fleet-seen", &[("at", scene.at(at).into())]));
    Some(dated(scene, say.text("fleet-worst-row", &args), at.unwrap_or_default()))
}

fn probe_name(scene: &Scene<'_>, probe: ProbeKind) -> String {
    scene.say.word(&format!("fleet-probe-{}", probe.key()))
}

fn dated(scene: &Scene<'_>, text: String, at: String) -> String {
    scene.say.text("fleet-dated", &[("told", text.into()), ("at", at.into())])
}

/// What fails on the nodes, for the sentence over everything: `Name resolution fails on 4 of 5 nodes`.
pub(in crate::say) fn cause(scene: &Scene<'_>, incident: &Incident) -> Option<String> {
    let (fleet, facts, cluster, seen) = of_incident(scene, incident)?;
    let found = diagnose::diagnose(&cluster.name, facts, fleet);
    if is_stale(scene, fleet, seen) || found.verdict == Some(Verdict::TooFew) {
        return None;
    }
    super::finding(scene.say, cluster, &found)
}

/// By when the nodes of a schedule that is short must be Ready, and whether they are sold out.
pub(in crate::say) fn deadline(scene: &Scene<'_>, service: &ServiceName) -> Option<(Time, bool)> {
    let (fleet, facts) = scene.fleet?;
    let of_service = |schedule: &&Schedule| {
        let pool = fleet.pool(&schedule.pool);
        pool.and_then(|pool| fleet.cluster(&pool.cluster)).is_some_and(|one| one.service == *service)
    };
    let judged = fleet.schedules.iter().filter(of_service).filter_map(|schedule| {
        capacity::judge(schedule, facts, fleet, scene.state, scene.now, scene.say.zone())
    });
    let short = judged.into_iter().find(capacity::Judged::is_short)?;
    let gone = short.refused.values().any(|by| matches!(by, FailedBy::NoCapacity { .. }));
    Some((short.ready_by, gone))
}

/// The cluster an incident is about, with what is seen of it.
pub(in crate::say) fn of_incident<'a>(
    scene: &Scene<'a>,
    incident: &Incident,
) -> Option<(&'a Fleet, &'a Facts, &'a Cluster, &'a Inventory)> {
    let (fleet, facts) = scene.fleet?;
    let cluster = suggest::of_incident(&sight(scene, fleet, facts), incident)?;
    Some((fleet, facts, cluster, facts.clusters.get(&cluster.name)?))
}

fn sight<'a>(scene: &Scene<'a>, fleet: &'a Fleet, facts: &'a Facts) -> Sight<'a> {
    Sight { state: scene.state, fleet, facts, now: scene.now, zone: scene.say.zone() }
}

/// The newest earlier incident of the same failure, wherever it reached, and what helped then. One of which nothing
/// is known that helped comes after those that tell.
fn earlier(scene: &Scene<'_>, incident: &Incident) -> Option<String> {
    let all: Vec<&Incident> = suggest::alike(scene.state, incident).collect();
    let tells = all.iter().take(TOLD_BACK).find(|other| helped(scene, other).is_some());
    let other = *tells.or(all.first())?;
    let helped = helped(scene, other).unwrap_or_else(|| scene.say.word("fleet-earlier-unknown"));
    let at = scene.at(other.at(Milestone::Declared)?);
    Some(scene.say.text(
        "fleet-earlier",
        &[("incident", other.id.to_string().into()), ("at", at.into()), ("helped", helped.into())],
    ))
}

/// The last plan that was proven, else the last note before it was resolved.
fn helped(scene: &Scene<'_>, incident: &Incident) -> Option<String> {
    let mut plans = scene.state.plans.values().rev();
    let proven = plans.find(|run| run.incident == Some(incident.id) && run.standing == Standing::Proven);
    if let Some(run) = proven {
        return Some(plan::title(scene.say, &run.plan));
    }
    incident.events.iter().rev().find_map(|seq| match (scene.lookup)(*seq)?.kind.lasting() {
        Kind::NoteAdded { text } => Some(scene.say.outside(text, limits::LINE)),
        _ => None,
    })
}

/// Lines to type next, each with why: the best first. Those that end in a blank want a word more.
#[must_use]
pub fn suggested(scene: &Scene<'_>, incident: &Incident) -> Vec<Suggested> {
    let nothing = (Fleet::default(), Facts::default());
    let (fleet, facts) = scene.fleet.unwrap_or((&nothing.0, &nothing.1));
    let sight = Sight { state: scene.state, fleet, facts, now: scene.now, zone: scene.say.zone() };
    let worded = |one: Suggestion| Suggested { why: why(scene, &one.why), line: one.line };
    suggest::next(&sight, incident).into_iter().map(worded).collect()
}

fn why(scene: &Scene<'_>, why: &Why) -> String {
    let say = scene.say;
    let counted = |key: &str, nodes: u32| say.text(key, &[("n", nodes.into())]);
    match why {
        Why::NobodyHasIt => say.word("suggest-nobody-has-it"),
        Why::Over => say.word("suggest-over"),
        Why::Mitigated => say.word("suggest-mitigated"),
        Why::Resolved => say.word("suggest-resolved"),
        Why::Sound { nodes } => counted("suggest-sound", *nodes),
        Why::Canary => say.word("suggest-canary"),
        Why::CanaryHelped { earlier } => {
            say.text("suggest-canary-helped", &[("incident", earlier.to_string().into())])
        }
        Why::Rest { cured, nodes } => {
            say.text("suggest-rest", &[("plan", cured.to_string().into()), ("n", (*nodes).into())])
        }
        Why::Together { nodes } => counted("suggest-together", *nodes),
        Why::Missing { nodes } => counted("suggest-missing", *nodes),
        Why::Beyond => say.word("suggest-beyond"),
        Why::StandbyGreen { cluster } => {
            say.text("suggest-standby", &[("cluster", say.name(cluster.as_str()).into())])
        }
        Why::Points(verdict) => verdict_text(say, *verdict),
        Why::Refill => say.word("suggest-refill"),
        Why::GoesOn => say.word("suggest-goes-on"),
        Why::PausedByPerson => say.word("suggest-paused-by-person"),
        Why::LooksAgain => say.word("suggest-looks-again"),
        Why::TriesAgain => say.word("suggest-tries-again"),
        Why::FailsAgain => say.word("suggest-fails-again"),
        Why::OrEnd => say.word("suggest-or-end"),
        Why::HeldUp => say.word("suggest-held-up"),
        Why::Frozen { cluster } => {
            say.text("suggest-frozen", &[("cluster", say.name(cluster.as_str()).into())])
        }
        Why::NoLongerSo => say.word("suggest-no-longer-so"),
        Why::Look => say.word("suggest-look"),
        Why::Stock => say.word("suggest-stock"),
    }
}
