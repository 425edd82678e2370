//! Nodes, clusters and schedules in words.

use lifeboat_commands::diagnose::{self, Diagnosis, next, standby};
use lifeboat_commands::facts::{Facts, Inventory, Node, ProbeResult, Ready};
use lifeboat_commands::fleet::{Cluster, Fleet};
use lifeboat_commands::preflight;
use lifeboat_storage::event::{Event, Kind};
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::incident::Incident;
use lifeboat_storage::plan::ProbeKind;
use lifeboat_storage::plan::run::Standing;

use super::{Say, Scene, capacity, limits, plan, time, word};

/// How many earlier incidents are asked what helped.
const TOLD_BACK: usize = 8;
/// How many rows a list shows.
const ROWS: usize = 40;

/// Nodes of one cluster, or of all: how each is, and what fails there.
#[must_use]
pub fn nodes(scene: &Scene<'_>, only: Option<&ClusterName>) -> String {
    let say = scene.say;
    let Some((fleet, facts)) = scene.fleet.filter(|(fleet, _)| !fleet.clusters.is_empty()) else {
        return say.word("fleet-none");
    };
    let mut lines = Vec::new();
    for cluster in fleet.clusters.iter().filter(|one| only.is_none_or(|only| one.name == *only)) {
        let Some(seen) = facts.clusters.get(&cluster.name) else { continue };
        lines.push(headline(scene, cluster, seen));
        lines.extend(seen.workers().map(|node| node_line(say, cluster, seen, facts, node)));
    }
    lines.truncate(ROWS);
    if lines.is_empty() { say.word("fleet-not-seen") } else { lines.join("\n") }
}

fn headline(scene: &Scene<'_>, cluster: &Cluster, seen: &Inventory) -> String {
    scene.say.text(
        "fleet-cluster",
        &[
            ("cluster", scene.say.name(cluster.name.as_str()).into()),
            ("serving", seen.serving(&cluster.service).len().into()),
            ("wanted", cluster.wanted.into()),
            ("age", age(scene, seen).into()),
        ],
    )
}

fn age(scene: &Scene<'_>, seen: &Inventory) -> String {
    seen.as_of.map_or_else(
        || scene.say.word("fleet-never"),
        |at| time::duration(scene.say, (scene.now - at).max(chrono::TimeDelta::zero())),
    )
}

fn node_line(say: Say, cluster: &Cluster, seen: &Inventory, facts: &Facts, node: &Node) -> String {
    let serves = seen.serving(&cluster.service).contains(&node.name);
    let (mark, state) = match (node.ready, serves, node.schedulable) {
        (Ready::Yes, true, true) => ("✅", "fleet-node-serving"),
        (Ready::Yes, true, false) => ("⏸", "fleet-node-serving-cordoned"),
        (Ready::Yes, false, true) => ("⚠", "fleet-node-idle"),
        (Ready::Yes, false, false) => ("⏸", "fleet-node-cordoned"),
        (Ready::No, ..) => ("❌", "fleet-node-down"),
        (Ready::Unknown, ..) => ("❓", "fleet-node-unknown"),
    };
    let failing: Vec<String> = failing_probes(facts, &cluster.name, &node.name)
        .map(|probe| say.word(&format!("fleet-probe-{}", probe.key())))
        .collect();
    let key = if failing.is_empty() { "fleet-node" } else { "fleet-node-fails" };
    say.text(
        key,
        &[
            ("mark", mark.into()),
            ("node", say.name(node.name.as_str()).into()),
            ("state", say.word(state).into()),
            ("probes", word::names(say, &failing).into()),
        ],
    )
}

fn failing_probes<'a>(
    facts: &'a Facts,
    cluster: &'a ClusterName,
    node: &'a NodeName,
) -> impl Iterator<Item = ProbeKind> + 'a {
    ProbeKind::ALL.into_iter().filter(move |probe| {
        let fact = facts.probes.get(&(cluster.clone(), node.clone(), *probe));
        fact.is_some_and(|fact| matches!(fact.result, ProbeResult::Fail(_)))
    })
}

/// All clusters in short, or one in detail.
#[must_use]
pub fn clusters(scene: &Scene<'_>, only: Option<&ClusterName>) -> String {
    let say = scene.say;
    let Some((fleet, facts)) = scene.fleet.filter(|(fleet, _)| !fleet.clusters.is_empty()) else {
        return say.word("fleet-none");
    };
    let mut lines = Vec::new();
    for cluster in fleet.clusters.iter().filter(|one| only.is_none_or(|only| one.name == *only)) {
        let Some(seen) = facts.clusters.get(&cluster.name) else { continue };
        lines.push(headline(scene, cluster, seen));
        lines.push(standing(scene, fleet, facts, cluster));
        lines.extend(scene.state.frozen.get(&cluster.name).map(|_| say.word("fleet-frozen")));
        if only.is_some() {
            let found = diagnose::diagnose(&cluster.name, facts, fleet);
            lines.extend(diagnosis(scene, &found));
            lines.extend(next_lines(scene, fleet, facts, &cluster.name, &found));
            lines.extend(seen.workers().map(|node| node_line(say, cluster, seen, facts, node)));
        }
    }
    lines.truncate(ROWS);
    lines.join("\n")
}

/// A standby in one line, with the age of its last green check.
fn standby_line(scene: &Scene<'_>, best: &standby::Standby) -> String {
    let say = scene.say;
    let age = best.green_at.map(|at| time::duration(say, (scene.now - at).max(chrono::TimeDelta::zero())));
    let key = match (best.is_green(), &age) {
        (true, None) => "fleet-standby-green",
        (true, Some(_)) => "fleet-standby-green-at",
        (false, None) => "fleet-standby-red",
        (false, Some(_)) => "fleet-standby-red-at",
    };
    let args = [
        ("cluster", say.name(best.cluster.as_str()).into()),
        ("serving", best.serving.into()),
        ("wanted", best.wanted.into()),
        ("items", check_items(say, best.red.keys().map(String::as_str)).into()),
        ("age", age.unwrap_or_default().into()),
    ];
    say.text(key, &args)
}

/// Whether it could take the load, and when that was last so.
fn standing(scene: &Scene<'_>, fleet: &Fleet, facts: &Facts, cluster: &Cluster) -> String {
    let say = scene.say;
    let red = preflight::check(&cluster.name, facts, fleet, scene.now);
    if red.is_empty() {
        return say.word("fleet-check-green");
    }
    let items = check_items(say, red.keys().map(String::as_str));
    let checked = scene.state.checks.get(&cluster.name).and_then(|check| check.green_at);
    match checked {
        Some(at) => {
            say.text("fleet-check-red-since", &[("items", items.into()), ("at", scene.at(at).into())])
        }
        None => say.text("fleet-check-red", &[("items", items.into())]),
    }
}

/// Items of a check that were not yes.
#[must_use]
pub fn check_items<'a>(say: Say, items: impl Iterator<Item = &'a str>) -> String {
    let known = |item: &str| {
        let key = format!("fleet-check-{item}");
        if super::catalogue::has(say.lang(), &key) { say.word(&key) } else { say.name(item) }
    };
    word::names(say, &items.map(known).collect::<Vec<_>>())
}

/// A verdict in a sentence, and what to do first.
#[must_use]
pub fn diagnosis(scene: &Scene<'_>, found: &Diagnosis) -> Vec<String> {
    let say = scene.say;
    let (Some(verdict), Some(what)) = (found.verdict, &found.what) else {
        return vec![say.word("fleet-diagnosis-nothing")];
    };
    let args = [
        ("what", what_fails(say, what).into()),
        ("n", found.nodes.len().into()),
        ("of", found.looked_at.into()),
    ];
    vec![say.text("fleet-diagnosis", &args), say.word(&format!("fleet-verdict-{}", verdict.key()))]
}

/// What to do next about a diagnosis, as lines to type.
fn next_lines(
    scene: &Scene<'_>,
    fleet: &Fleet,
    facts: &Facts,
    cluster: &ClusterName,
    found: &Diagnosis,
) -> Vec<String> {
    let ground = next::Ground { cluster, facts, fleet, state: scene.state, now: scene.now };
    let line = |line: &String| scene.say.text("fleet-action", &[("line", line.as_str().into())]);
    next::lines(found, &ground).iter().map(line).collect()
}

fn what_fails(say: Say, what: &str) -> String {
    let key = format!("fleet-probe-{what}");
    if super::catalogue::has(say.lang(), &key) { say.word(&key) } else { say.name(what) }
}

/// The rows that the fleet adds to an incident's card, in this order: serving capacity, the worst row of the probe
/// matrix, earlier incidents of the same signature, the plan at work. Each is a key of its label and a text.
#[must_use]
pub fn rows(scene: &Scene<'_>, incident: &Incident) -> Vec<(&'static str, String)> {
    let say = scene.say;
    let mut rows = Vec::new();
    if let Some((fleet, facts, cluster, seen)) = of_incident(scene, incident) {
        rows.push(("card-row-serving", headline(scene, cluster, seen)));
        if let Some((probe, failed, of)) = diagnose::worst_row(&cluster.name, facts) {
            let args = [
                ("probe", say.word(&format!("fleet-probe-{}", probe.key())).into()),
                ("failed", failed.into()),
                ("of", of.into()),
            ];
            rows.push(("card-row-probes", say.text("fleet-worst-row", &args)));
        }
        let found = diagnose::diagnose(&cluster.name, facts, fleet);
        if let Some(verdict) = found.verdict {
            rows.push(("card-row-verdict", say.word(&format!("fleet-verdict-{}", verdict.key()))));
        }
    }
    rows.extend(capacity::row(scene, incident).map(|text| ("card-row-capacity", text)));
    rows.extend(earlier(scene, incident).map(|text| ("card-row-earlier", text)));
    if let Some((fleet, facts, cluster, _)) = of_incident(scene, incident) {
        let ranked = standby::ranked(cluster, facts, fleet, scene.state, scene.now);
        rows.extend(ranked.first().map(|best| ("card-row-standby", standby_line(scene, best))));
    }
    let open = scene.state.plans.values().filter(|run| run.is_open() && run.incident == Some(incident.id));
    rows.extend(open.map(|run| ("card-row-plan", plan::line(scene, run))));
    rows
}

/// The cluster an incident is about: that of its service that carries traffic.
fn of_incident<'a>(
    scene: &Scene<'a>,
    incident: &Incident,
) -> Option<(&'a Fleet, &'a Facts, &'a Cluster, &'a Inventory)> {
    let (fleet, facts) = scene.fleet?;
    let service = incident.service.as_ref()?;
    let percent = |cluster: &Cluster| {
        let entry = cluster.traffic.as_ref().and_then(|name| facts.traffic.get(name));
        let weight = entry.and_then(|entry| entry.weights.iter().find(|one| one.cluster == cluster.name));
        weight.map_or(0, |weight| weight.percent)
    };
    let of_service = fleet.clusters.iter().filter(|cluster| cluster.service == *service);
    let cluster = of_service.rev().max_by_key(|cluster| percent(cluster))?;
    Some((fleet, facts, cluster, facts.clusters.get(&cluster.name)?))
}

/// The newest earlier incident of the same failure, wherever it reached, and what helped then. One of which nothing
/// is known that helped comes after those that tell.
fn earlier(scene: &Scene<'_>, incident: &Incident) -> Option<String> {
    let what = incident.signature.as_ref()?.split('/').next()?;
    let same = |other: &&Incident| {
        let of = |signature: &String| signature.split('/').next() == Some(what);
        other.id < incident.id && other.merged_into.is_none() && other.signatures.iter().any(of)
    };
    let all: Vec<&Incident> = scene.state.incidents.values().rev().filter(same).collect();
    let tells = all.iter().take(TOLD_BACK).find(|other| helped(scene, other).is_some());
    let other = *tells.or(all.first())?;
    let helped = helped(scene, other).unwrap_or_else(|| scene.say.word("fleet-earlier-unknown"));
    let at = scene.at(other.at(lifeboat_storage::event::Milestone::Declared)?);
    Some(scene.say.text(
        "fleet-earlier",
        &[("incident", other.id.to_string().into()), ("at", at.into()), ("helped", helped.into())],
    ))
}

/// The last plan that was proven, else the last note before it was resolved.
fn helped(scene: &Scene<'_>, incident: &Incident) -> Option<String> {
    let proven = scene
        .state
        .plans
        .values()
        .rev()
        .find(|run| run.incident == Some(incident.id) && run.standing == Standing::Proven);
    if let Some(run) = proven {
        return Some(plan::title(scene.say, &run.plan));
    }
    incident.events.iter().rev().find_map(|seq| match (scene.lookup)(*seq)?.kind.lasting() {
        Kind::NoteAdded { text } => Some(scene.say.outside(text, limits::LINE)),
        _ => None,
    })
}

/// Lines to type next, from what the facts say: the best first.
#[must_use]
pub fn suggestions(scene: &Scene<'_>, incident: &Incident) -> Vec<String> {
    let busy = scene.state.plans.values().any(|run| run.is_open());
    if busy {
        return Vec::new();
    }
    let Some((fleet, facts, cluster, _)) = of_incident(scene, incident) else { return Vec::new() };
    let found = diagnose::diagnose(&cluster.name, facts, fleet);
    let ground = next::Ground { cluster: &cluster.name, facts, fleet, state: scene.state, now: scene.now };
    let mut lines = capacity::suggestions(scene, incident);
    let more: Vec<String> =
        next::lines(&found, &ground).into_iter().filter(|line| !lines.contains(line)).collect();
    // What fails now comes before what will be missing later.
    if found.verdict.is_some_and(|verdict| verdict != diagnose::Verdict::TooFew) {
        lines.splice(0..0, more);
    } else {
        lines.extend(more);
    }
    lines
}

/// What an event of the fleet tells; none for any other kind.
#[must_use]
pub fn told(scene: &Scene<'_>, event: &Event) -> Option<String> {
    let say = scene.say;
    let named = |cluster: &ClusterName| ("cluster", say.name(cluster.as_str()).into());
    Some(match event.kind.lasting() {
        Kind::ClusterFrozen { cluster, reason } => say.text(
            "event-cluster-frozen",
            &[named(cluster), ("reason", say.outside(reason, limits::LINE).into())],
        ),
        Kind::ClusterUnfrozen { cluster } => say.text("event-cluster-unfrozen", &[named(cluster)]),
        Kind::ClusterChecked { cluster, green: true, .. } => {
            say.text("event-cluster-green", &[named(cluster)])
        }
        Kind::ClusterChecked { cluster, failed, .. } => {
            let one = |(key, seen): (&String, &lifeboat_storage::plan::Evidence)| {
                let item = check_items(say, std::iter::once(key.as_str()));
                if seen.0.is_empty() { item } else { format!("{item} ({})", say.name(&seen.0)) }
            };
            let items = word::names(say, &failed.iter().map(one).collect::<Vec<_>>());
            say.text("event-cluster-red", &[named(cluster), ("items", items.into())])
        }
        Kind::FleetBlind { what, why } => say.text(
            "event-fleet-blind",
            &[("what", say.name(what).into()), ("why", say.outside(why, limits::LINE).into())],
        ),
        Kind::FleetSeen { what } => say.text("event-fleet-seen", &[("what", say.name(what).into())]),
        Kind::Diagnosed { cluster, signature, verdict, share } => {
            let what = what_fails(say, signature.split('/').next().unwrap_or_default());
            let key = format!("fleet-verdict-{verdict}");
            let verdict = if super::catalogue::has(say.lang(), &key) {
                say.word(&key)
            } else {
                say.word("fleet-diagnosis-nothing")
            };
            let args = [
                named(cluster),
                ("what", what.into()),
                ("n", share.bad.into()),
                ("of", share.total.into()),
                ("verdict", verdict.into()),
            ];
            say.text(if share.total == 0 { "event-diagnosed-nothing" } else { "event-diagnosed" }, &args)
        }
        Kind::DrillStarted { scenario, seed } => say.text(
            "event-drill-started",
            &[
                ("scenario", say.name(scenario).into()),
                ("title", say.outside(&super::scenario_title(say, scenario), limits::LINE).into()),
                ("seed", seed.to_string().into()),
            ],
        ),
        Kind::DrillEnded { mitigated, wrong_moves } => {
            let suffered = scene.state.alerts.values().any(|alert| alert.what.is_of_requests());
            let key = match (mitigated, suffered) {
                (true, _) => "event-drill-ended",
                (false, true) => "event-drill-ended-failing",
                (false, false) => "event-drill-ended-early",
            };
            let mut lines = vec![say.text(key, &[("n", wrong_moves.len().into())])];
            lines.extend(wrong_moves.iter().map(|key| format!("· {}", super::score::wrong_move(say, key))));
            lines.join("\n")
        }
        Kind::DrillOpened { drill } => {
            say.text("event-drill-opened", &[("drill", format!("DRILL-{drill}").into())])
        }
        Kind::DrillClosed { drill, called_off } => {
            let key = if *called_off { "event-drill-called-off" } else { "event-drill-closed" };
            say.text(key, &[("drill", format!("DRILL-{drill}").into())])
        }
        Kind::HintGiven { hint } => say.outside(&super::hint(say, hint), limits::MESSAGE),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{Lang, catalogue};
    use super::*;

    #[test]
    fn every_word_of_the_fleet_that_is_put_together_exists_and_none_is_left_over() {
        let source = include_str!("fleet.rs");
        let plans = include_str!("plan.rs");
        let mut used: BTreeSet<String> = BTreeSet::new();
        used.extend(ProbeKind::ALL.map(|probe| format!("fleet-probe-{}", probe.key())));
        used.extend(["capacity", "node-loss", "join", "entry"].map(|what| format!("fleet-probe-{what}")));
        used.extend(diagnose::Verdict::ALL.map(|verdict| format!("fleet-verdict-{}", verdict.key())));
        used.extend(
            ["node-cordon", "node-uncordon", "node-drain", "node-remove", "cluster-canary"]
                .map(|verb| format!("fleet-verb-{verb}")),
        );
        let checks = ["facts", "nodes", "serving", "failed-starts", "managers", "answers"];
        used.extend(checks.iter().map(|item| format!("fleet-check-{item}")));
        used.extend(ProbeKind::ALL.map(|probe| format!("fleet-check-{}", probe.key())));
        for lang in Lang::ALL {
            let known: BTreeSet<String> = catalogue::family(lang, "fleet-").into_keys().collect();
            let missing: Vec<_> = used.difference(&known).collect();
            assert!(missing.is_empty(), "{lang} lacks {missing:?}");
            for key in known.difference(&used) {
                let quoted = format!("\"{key}\"");
                assert!(source.contains(&quoted) || plans.contains(&quoted), "{key} is used nowhere");
            }
        }
    }
}
