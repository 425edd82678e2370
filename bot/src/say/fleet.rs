//! Nodes, clusters and schedules in words.
//!
//! | module | words |
//! | --- | --- |
//! | [`board`] | what the page shows at a glance: seats, the probe matrix, standbys |
//! | [`rows`] | what the fleet adds to an incident's card, and what may be typed next |

mod board;
mod rows;

use lifeboat_commands::diagnose::{self, Diagnosis, Verdict, next, standby};
use lifeboat_commands::facts::{Facts, Inventory, Node, ProbeResult, Ready};
use lifeboat_commands::fleet::{Cluster, Fleet};
use lifeboat_commands::preflight;
use lifeboat_storage::event::{Event, Kind, Share};
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::plan::ProbeKind;

use super::{Say, Scene, limits, time, word};

pub use board::board;
pub(super) use rows::{cause, deadline};
pub use rows::{rows, suggested};

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
        let Some(seen) = facts.clusters.get(&cluster.name) else {
            lines.push(unseen(say, cluster));
            continue;
        };
        lines.push(headline(scene, cluster, seen));
        lines.extend(seen.workers().map(|node| node_line(say, cluster, seen, facts, node)));
    }
    lines.truncate(ROWS);
    lines.join("\n")
}

fn unseen(say: Say, cluster: &Cluster) -> String {
    say.text("fleet-not-seen", &[("cluster", say.name(cluster.name.as_str()).into())])
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

/// What is seen of a cluster is too old to act on.
fn is_stale(scene: &Scene<'_>, fleet: &Fleet, seen: &Inventory) -> bool {
    let limit = chrono::TimeDelta::seconds(i64::from(fleet.limits.facts_age_s));
    seen.as_of.is_none_or(|at| scene.now - at > limit)
}

fn node_line(say: Say, cluster: &Cluster, seen: &Inventory, facts: &Facts, node: &Node) -> String {
    let serves = seen.serving(&cluster.service).contains(&node.name);
    let (mark, state) = match (node.ready, serves, node.schedulable) {
        (Ready::Yes, true, true) => ("✓", "fleet-node-serving"),
        (Ready::Yes, true, false) => ("⏸", "fleet-node-serving-cordoned"),
        (Ready::Yes, false, true) => ("⚠", "fleet-node-idle"),
        (Ready::Yes, false, false) => ("⏸", "fleet-node-cordoned"),
        (Ready::No, ..) => ("✕", "fleet-node-down"),
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
        let frozen = scene.state.frozen.get(&cluster.name).map(|_| say.word("fleet-frozen"));
        let Some(seen) = facts.clusters.get(&cluster.name) else {
            lines.push(unseen(say, cluster));
            lines.extend(frozen);
            continue;
        };
        lines.push(headline(scene, cluster, seen));
        lines.push(standing(scene, fleet, facts, cluster));
        lines.extend(frozen);
        if only.is_some() {
            lines.extend(diagnosis(scene, fleet, facts, cluster));
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

/// What fails, what it points at, the matrix, and what to do first.
#[must_use]
pub fn diagnosis(scene: &Scene<'_>, fleet: &Fleet, facts: &Facts, cluster: &Cluster) -> Vec<String> {
    let say = scene.say;
    let found = diagnose::diagnose(&cluster.name, facts, fleet);
    let mut lines = board::matrix_text(scene, fleet, facts, cluster);
    if lines.is_empty() {
        let nothing = || say.word("fleet-diagnosis-nothing");
        lines.push(finding(say, cluster, &found).unwrap_or_else(nothing));
    }
    lines.extend(found.verdict.map(|verdict| verdict_text(say, verdict)));
    let ground = next::Ground { cluster: &cluster.name, facts, fleet, state: scene.state, now: scene.now };
    let line = |line: &String| say.text("fleet-action", &[("line", line.as_str().into())]);
    lines.extend(next::lines(&found, &ground).iter().map(line));
    lines
}

/// `Name resolution fails on 4 of 5 nodes`; none where nothing does.
fn finding(say: Say, cluster: &Cluster, found: &Diagnosis) -> Option<String> {
    let what = found.what.as_ref()?;
    if found.verdict == Some(Verdict::TooFew) {
        let args = [("up", found.looked_at.into()), ("wanted", cluster.wanted.into())];
        return Some(say.text("fleet-diagnosis-few", &args));
    }
    let args = [
        ("what", what_fails(say, what).into()),
        ("n", found.nodes.len().into()),
        ("of", found.looked_at.into()),
    ];
    let own = format!("fleet-finding-{what}");
    let known = super::catalogue::has(say.lang(), &own);
    Some(say.text(if known { own.as_str() } else { "fleet-diagnosis" }, &args))
}

fn verdict_text(say: Say, verdict: Verdict) -> String {
    say.word(&format!("fleet-verdict-{}", verdict.key()))
}

fn what_fails(say: Say, what: &str) -> String {
    let key = format!("fleet-probe-{what}");
    if super::catalogue::has(say.lang(), &key) { say.word(&key) } else { say.name(what) }
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
            diagnosed(say, cluster, signature, verdict, *share)
        }
        kind => return drill_told(scene, kind),
    })
}

/// What an event of a drill tells; none for any other kind.
fn drill_told(scene: &Scene<'_>, kind: &Kind) -> Option<String> {
    let say = scene.say;
    Some(match kind {
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

/// What was found when somebody looked, or an incident needed it.
fn diagnosed(say: Say, cluster: &ClusterName, signature: &str, verdict: &str, share: Share) -> String {
    let cluster = ("cluster", say.name(cluster.as_str()).into());
    if share == Share::default() {
        return say.text("event-diagnosed-nothing", &[cluster]);
    }
    let key = format!("fleet-verdict-{verdict}");
    let known = super::catalogue::has(say.lang(), &key);
    let points = if known { say.word(&key) } else { say.name(verdict) };
    let what = signature.split('/').next().unwrap_or_default();
    let args = [
        cluster,
        ("what", what_fails(say, what).into()),
        ("n", share.bad.into()),
        ("of", share.total.into()),
        ("up", share.total.saturating_sub(share.bad).into()),
        ("verdict", points.into()),
    ];
    say.text(if verdict == Verdict::TooFew.key() { "event-diagnosed-few" } else { "event-diagnosed" }, &args)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{Lang, catalogue};
    use super::*;

    #[test]
    fn every_word_of_the_fleet_that_is_put_together_exists_and_none_is_left_over() {
        let sources = [
            include_str!("fleet.rs"),
            include_str!("fleet/board.rs"),
            include_str!("fleet/rows.rs"),
            include_str!("incident.rs"),
        ];
        let mut used: BTreeSet<String> = BTreeSet::new();
        used.extend(ProbeKind::ALL.map(|probe| format!("fleet-probe-{}", probe.key())));
        used.extend(["capacity", "node-loss", "join", "entry"].map(|what| format!("fleet-probe-{what}")));
        used.extend(diagnose::Verdict::ALL.map(|verdict| format!("fleet-verdict-{}", verdict.key())));
        used.extend(ProbeKind::ALL.map(|probe| format!("fleet-finding-{}", probe.key())));
        used.insert("fleet-probe-capacity".to_owned());
        used.insert("fleet-finding-entry".to_owned());
        used.extend(diagnose::Verdict::ALL.map(|verdict| format!("fleet-verdict-{}", verdict.key())));
        used.extend(ProbeKind::ALL.map(|probe| format!("fleet-column-{}", probe.key())));
        used.extend(["serves", "held", "idle", "down", "unknown"].map(|seat| format!("fleet-seat-{seat}")));
        used.extend(["pass", "fail", "unknown", "none"].map(|cell| format!("fleet-cell-{cell}")));
        let checks = ["facts", "nodes", "serving", "failed-starts", "managers", "answers"];
        used.extend(checks.iter().map(|item| format!("fleet-check-{item}")));
        used.extend(ProbeKind::ALL.map(|probe| format!("fleet-check-{}", probe.key())));
        for lang in Lang::ALL {
            let known: BTreeSet<String> = catalogue::family(lang, "fleet-").into_keys().collect();
            let missing: Vec<_> = used.difference(&known).collect();
            assert!(missing.is_empty(), "{lang} lacks {missing:?}");
            for key in known.difference(&used) {
                let quoted = format!("\"{key}\"");
                assert!(sources.iter().any(|text| text.contains(&quoted)), "{key} is used nowhere");
            }
        }
    }
}
