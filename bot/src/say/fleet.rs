//! Nodes, clusters and schedules in words.

use lifeboat_commands::capacity::{self, Judged};
use lifeboat_commands::diagnose::{self, Diagnosis};
use lifeboat_commands::facts::{Facts, Inventory, Node, ProbeResult, Ready};
use lifeboat_commands::fleet::{Cluster, Fleet};
use lifeboat_commands::preflight;
use lifeboat_storage::event::{Event, Kind};
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::incident::Incident;
use lifeboat_storage::plan::ProbeKind;
use lifeboat_storage::plan::run::Standing;

use super::{Say, Scene, limits, plan, time, word};

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
        lines.push(standby(scene, fleet, facts, cluster));
        lines.extend(scene.state.frozen.get(&cluster.name).map(|_| say.word("fleet-frozen")));
        if only.is_some() {
            lines.extend(diagnosis(scene, &diagnose::diagnose(&cluster.name, facts, fleet)));
            lines.extend(seen.workers().map(|node| node_line(say, cluster, seen, facts, node)));
        }
    }
    lines.truncate(ROWS);
    lines.join("\n")
}

/// Whether it could take the load, and when that was last so.
fn standby(scene: &Scene<'_>, fleet: &Fleet, facts: &Facts, cluster: &Cluster) -> String {
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
    let mut lines =
        vec![say.text("fleet-diagnosis", &args), say.word(&format!("fleet-verdict-{}", verdict.key()))];
    lines
        .extend(found.actions.iter().map(|line| say.text("fleet-action", &[("line", line.as_str().into())])));
    lines
}

fn what_fails(say: Say, what: &str) -> String {
    let key = format!("fleet-probe-{what}");
    if super::catalogue::has(say.lang(), &key) { say.word(&key) } else { say.name(what) }
}

/// The schedules, their next run, how today's stands, and the shared-fate warning.
#[must_use]
pub fn capacity(scene: &Scene<'_>) -> String {
    let say = scene.say;
    let Some((fleet, facts)) = scene.fleet.filter(|(fleet, _)| !fleet.schedules.is_empty()) else {
        return say.word("fleet-no-schedule");
    };
    let mut lines = Vec::new();
    for schedule in &fleet.schedules {
        let next = capacity::next_run(schedule, scene.now, say.zone());
        lines.push(say.text(
            "fleet-schedule",
            &[
                ("schedule", say.name(schedule.name.as_str()).into()),
                ("n", schedule.count.into()),
                ("pool", say.name(schedule.pool.as_str()).into()),
                ("next", next.map(|at| scene.at(at)).unwrap_or_else(|| "–".to_owned()).into()),
            ],
        ));
        let judged = capacity::judge(schedule, facts, fleet, scene.state, scene.now, say.zone());
        lines.extend(judged.map(|judged| verdict(scene, &judged)));
        if capacity::shares_fate(fleet, schedule) {
            lines.push(say.word("fleet-shared-fate"));
        }
        lines.extend(rungs(say, fleet, facts, schedule));
    }
    lines.join("\n")
}

fn verdict(scene: &Scene<'_>, judged: &Judged) -> String {
    let args = [
        ("ready", judged.ready.into()),
        ("wanted", judged.wanted.into()),
        ("by", scene.at(judged.ready_by).into()),
    ];
    scene.say.text(if judged.is_short() { "fleet-schedule-short" } else { "fleet-schedule-good" }, &args)
}

/// The ladder of a schedule's pool: stock and price of each rung.
fn rungs(
    say: Say,
    fleet: &Fleet,
    facts: &Facts,
    schedule: &lifeboat_commands::fleet::Schedule,
) -> Vec<String> {
    use lifeboat_commands::facts::Stock;
    let Some(pool) = fleet.pool(&schedule.pool) else { return Vec::new() };
    let cloud = fleet.cluster(&pool.cluster).and_then(|cluster| facts.clouds.get(&cluster.cloud));
    let line = |rung: &lifeboat_commands::fleet::PoolRung| {
        let same = |offer: &&lifeboat_commands::facts::Offering| {
            offer.machine == rung.machine && offer.zone == rung.zone && offer.spot == rung.spot
        };
        let offer = cloud.and_then(|cloud| cloud.offerings.iter().find(same));
        let stock = match offer.map(|offer| offer.stock) {
            Some(Stock::Available) => "fleet-stock-yes",
            Some(Stock::SoldOut) => "fleet-stock-no",
            _ => "fleet-stock-unknown",
        };
        say.text(
            if rung.spot { "fleet-rung-spot" } else { "fleet-rung" },
            &[
                ("machine", say.name(rung.machine.as_str()).into()),
                ("zone", say.name(rung.zone.as_str()).into()),
                ("stock", say.word(stock).into()),
            ],
        )
    };
    pool.ladder.iter().map(line).collect()
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
    rows.extend(earlier(scene, incident).map(|text| ("card-row-earlier", text)));
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

/// The newest earlier incident of the same failure, wherever it reached, and what helped then.
fn earlier(scene: &Scene<'_>, incident: &Incident) -> Option<String> {
    let what = incident.signature.as_ref()?.split('/').next()?;
    let same = |other: &&Incident| {
        other.id < incident.id
            && other.signature.as_ref().is_some_and(|signature| signature.split('/').next() == Some(what))
    };
    let other = scene.state.incidents.values().rev().find(same)?;
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
    diagnose::diagnose(&cluster.name, facts, fleet).actions
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
        Kind::CapacityJudged { schedule, wanted, ready, ready_by, refused } => {
            let args = [
                ("schedule", say.name(schedule.as_str()).into()),
                ("ready", (*ready).into()),
                ("wanted", (*wanted).into()),
                ("by", scene.at(*ready_by).into()),
            ];
            let text =
                say.text(if ready < wanted { "event-capacity-short" } else { "event-capacity-good" }, &args);
            match refused.values().next() {
                Some(by) => format!("{text}\n{}", plan::failed_by(say, by)),
                None => text,
            }
        }
        Kind::CapacitySkipped { schedule, run, reason } => say.text(
            "event-capacity-skipped",
            &[
                ("schedule", say.name(schedule.as_str()).into()),
                ("run", scene.at(*run).into()),
                ("reason", say.outside(reason, limits::LINE).into()),
            ],
        ),
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
            ["node-cordon", "node-uncordon", "node-drain", "node-remove"]
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
