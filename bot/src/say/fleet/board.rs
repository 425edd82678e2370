//! What the page shows of the fleet at a glance: seats, the probe matrix, standbys, schedules.

use chrono::TimeDelta;
use lifeboat_commands::capacity;
use lifeboat_commands::diagnose;
use lifeboat_commands::facts::{
    Facts, Inventory, Node, Pod, PodClass, PodState, ProbeFact, ProbeResult, Ready,
};
use lifeboat_commands::fleet::{Cluster, Fleet, Schedule};
use lifeboat_commands::preflight;
use lifeboat_storage::event::{Kind, Time};
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::plan::ProbeKind;

use super::{check_items, finding, is_stale, verdict_text};
use crate::console::view::{
    Cell, ClusterView, Column, FleetView, Matrix, MatrixRow, NodeSeat, ScheduleView, Standby,
};
use crate::say::{Say, Scene, capacity as schedules, entry, limits, time};

/// Rows of a matrix before good ones are folded.
const ROWS: usize = 12;
/// Rows of a matrix at most.
const MOST: usize = 24;
/// Seats before they are told as numbers by the page.
const SEATS: usize = 200;
/// A green check is fresh for so long.
const FRESH: TimeDelta = TimeDelta::hours(24);

/// Everything that is configured and seen of the fleet; nothing where Lifeboat only watches.
#[must_use]
pub fn board(scene: &Scene<'_>) -> FleetView {
    let Some((fleet, facts)) = scene.fleet else { return FleetView::default() };
    let mut clusters: Vec<(bool, usize, &Cluster)> = fleet
        .clusters
        .iter()
        .map(|cluster| {
            let red = preflight::check(&cluster.name, facts, fleet, scene.now).len();
            (percent(cluster, facts).is_none_or(|percent| percent == 0), red, cluster)
        })
        .collect();
    // What carries traffic first, then the standby of which least is red.
    clusters.sort_by_key(|(idle, red, _)| (*idle, *red));
    FleetView {
        clusters: clusters
            .into_iter()
            .map(|(idle, _, cluster)| one(scene, fleet, facts, cluster, !idle))
            .collect(),
        schedules: fleet.schedules.iter().map(|one| schedule(scene, fleet, facts, one)).collect(),
    }
}

/// Its share of the traffic; none without a traffic entry, or before it was read.
fn percent(cluster: &Cluster, facts: &Facts) -> Option<u8> {
    let entry = facts.traffic.get(cluster.traffic.as_ref()?)?;
    entry.weights.iter().find(|weight| weight.cluster == cluster.name).map(|weight| weight.percent)
}

fn one(scene: &Scene<'_>, fleet: &Fleet, facts: &Facts, cluster: &Cluster, active: bool) -> ClusterView {
    let say = scene.say;
    let nothing = Inventory::default();
    let seen = facts.clusters.get(&cluster.name).unwrap_or(&nothing);
    let serving = seen.serving(&cluster.service).len();
    let share = percent(cluster, facts).map(|n| say.text("fleet-traffic", &[("n", u32::from(n).into())]));
    ClusterView {
        name: say.name(cluster.name.as_str()),
        service: say.name(cluster.service.as_str()),
        active,
        headline: say.text("fleet-serve", &[("serving", serving.into()), ("wanted", cluster.wanted.into())]),
        traffic: share.unwrap_or_default(),
        frozen: frozen(scene, &cluster.name),
        seen: seen.as_of.map(|at| scene.moment(at)),
        stale: is_stale(scene, fleet, seen),
        seats: seats(say, cluster, seen),
        matrix: matrix(scene, fleet, facts, cluster, seen),
        standby: (!active).then(|| standby(scene, fleet, facts, cluster)),
    }
}

/// `frozen by Mei 10:47:30: keep the nine`.
fn frozen(scene: &Scene<'_>, cluster: &ClusterName) -> Option<String> {
    let event = (scene.lookup)(*scene.state.frozen.get(cluster)?)?;
    let Kind::ClusterFrozen { reason, .. } = event.kind.lasting() else { return None };
    let args = [
        ("person", entry::author(scene.say, &event).into()),
        ("at", scene.at(event.occurred_at).into()),
        ("reason", scene.say.outside(reason, limits::LINE).into()),
    ];
    Some(scene.say.text("fleet-frozen-by", &args))
}

/// Who sits where: what serves first, then what is there, then the seats that are empty.
fn seats(say: Say, cluster: &Cluster, seen: &Inventory) -> Vec<NodeSeat> {
    let serving = seen.serving(&cluster.service);
    let seat = |node: &Node| {
        let state = match (node.ready, serving.contains(&node.name), node.schedulable) {
            (_, true, _) => "serves",
            (Ready::Yes, false, false) => "held",
            (Ready::Yes, false, true) => "idle",
            (Ready::No, ..) => "down",
            (Ready::Unknown, ..) => "unknown",
        };
        NodeSeat { name: say.name(node.name.as_str()), state, word: say.word(&format!("fleet-seat-{state}")) }
    };
    let mut all: Vec<NodeSeat> = seen.workers().map(seat).collect();
    let rank = |seat: &NodeSeat| {
        ["serves", "idle", "held", "unknown", "down"].iter().position(|one| *one == seat.state)
    };
    all.sort_by_key(rank);
    let wanted = usize::try_from(cluster.wanted).unwrap_or(SEATS);
    let missing = wanted.saturating_sub(all.len());
    let empty = || NodeSeat { name: String::new(), state: "missing", word: say.word("fleet-seat-missing") };
    all.extend(std::iter::repeat_with(empty).take(missing));
    all.truncate(SEATS);
    all
}

/// Node × probe, failing nodes first; none before anything was probed.
fn matrix(
    scene: &Scene<'_>,
    fleet: &Fleet,
    facts: &Facts,
    cluster: &Cluster,
    seen: &Inventory,
) -> Option<Matrix> {
    let say = scene.say;
    let fact = |node: &NodeName, probe| facts.probes.get(&(cluster.name.clone(), node.clone(), probe));
    let nodes: Vec<&Node> = seen.workers().filter(|node| node.ready != Ready::No).collect();
    let made: Vec<&ProbeFact> =
        nodes.iter().flat_map(|node| ProbeKind::ALL.map(|probe| fact(&node.name, probe))).flatten().collect();
    let oldest = made.iter().map(|fact| fact.as_of).min()?;
    let failed = |node: &Node, probe| fact(&node.name, probe).is_some_and(is_failure);
    let fails = |node: &Node| ProbeKind::ALL.into_iter().filter(|probe| failed(node, *probe)).count();
    let mut sorted = nodes.clone();
    sorted.sort_by_key(|node| (std::cmp::Reverse(fails(node)), node.schedulable, node.name.clone()));
    let failing = sorted.iter().filter(|node| fails(node) > 0).count();
    let shown = failing.clamp(ROWS, MOST).min(sorted.len());
    let row = |node: &&Node| MatrixRow {
        node: say.name(node.name.as_str()),
        note: note(scene, cluster, node),
        cells: ProbeKind::ALL.iter().map(|probe| cell(scene, fact(&node.name, *probe))).collect(),
        pods: ready_pods(seen, cluster, node).to_string(),
    };
    let column = |probe: ProbeKind| Column {
        label: say.word(&format!("fleet-column-{}", probe.key())),
        all_fail: !nodes.is_empty() && nodes.iter().all(|node| failed(node, probe)),
    };
    let found = diagnose::diagnose(&cluster.name, facts, fleet);
    let caption = finding(say, cluster, &found)
        .unwrap_or_else(|| say.text("fleet-matrix-green", &[("n", nodes.len().into())]));
    Some(Matrix {
        caption,
        verdict: found.verdict.map(|one| verdict_text(say, one)).unwrap_or_default(),
        seen: scene.moment(oldest),
        columns: ProbeKind::ALL.map(column).into(),
        pods: say.word("fleet-column-pods"),
        rows: sorted.iter().take(shown).map(row).collect(),
        folded: folded(say, sorted.len() - shown, failing.saturating_sub(shown)),
    })
}

fn is_failure(fact: &ProbeFact) -> bool {
    matches!(fact.result, ProbeResult::Fail(_))
}

/// How many rows are not shown, and how many of them fail; empty where all are.
fn folded(say: Say, more: usize, failing: usize) -> String {
    match (more, failing) {
        (0, _) => String::new(),
        (more, 0) => say.text("fleet-matrix-folded", &[("n", more.into())]),
        (more, failing) => {
            say.text("fleet-matrix-folded-failing", &[("n", more.into()), ("failing", failing.into())])
        }
    }
}

/// What is special about a node: a plan at work on it, kept from pods, not heard of.
fn note(scene: &Scene<'_>, cluster: &Cluster, node: &Node) -> String {
    let at_work = scene.state.plans.values().find(|run| {
        run.holds_lock()
            && run
                .plan
                .targets
                .iter()
                .any(|target| target.node == node.name && target.cluster == cluster.name)
    });
    match (at_work, node.ready, node.schedulable) {
        (Some(run), ..) => run.id.to_string(),
        (None, Ready::Unknown, _) => scene.say.word("fleet-seat-unknown"),
        (None, _, false) => scene.say.word("fleet-seat-held"),
        _ => String::new(),
    }
}

fn cell(scene: &Scene<'_>, fact: Option<&ProbeFact>) -> Cell {
    let say = scene.say;
    let (state, said) = match fact.map(|fact| &fact.result) {
        Some(ProbeResult::Pass) => ("pass", None),
        Some(ProbeResult::Fail(evidence)) => ("fail", Some(evidence)),
        Some(ProbeResult::Unknown(evidence)) => ("unknown", Some(evidence)),
        None => ("none", None),
    };
    let word = say.word(&format!("fleet-cell-{state}"));
    let at = fact.map(|fact| scene.at(fact.as_of)).unwrap_or_default();
    let said = said.map(|said| say.outside(&said.0, limits::LINE)).filter(|said| !said.is_empty());
    let evidence = match (said, at.is_empty()) {
        (Some(said), _) => say.text("fleet-cell-said", &[("at", at.into()), ("said", said.into())]),
        (None, false) => say.text("fleet-cell-at", &[("at", at.into())]),
        (None, true) => String::new(),
    };
    Cell { state, word, evidence }
}

fn ready_pods(seen: &Inventory, cluster: &Cluster, node: &Node) -> usize {
    let serves = |pod: &&Pod| {
        pod.class == PodClass::Ordinary
            && pod.state == PodState::Ready
            && pod.service.as_ref() == Some(&cluster.service)
            && pod.node.as_ref() == Some(&node.name)
    };
    seen.pods.values().filter(serves).count()
}

/// Whether it could take the load, and the age of its last green check.
fn standby(scene: &Scene<'_>, fleet: &Fleet, facts: &Facts, cluster: &Cluster) -> Standby {
    let say = scene.say;
    let red = preflight::check(&cluster.name, facts, fleet, scene.now);
    let text = if red.is_empty() {
        say.word("fleet-check-green")
    } else {
        say.text("fleet-check-red", &[("items", check_items(say, red.keys().map(String::as_str)).into())])
    };
    let green_at = scene.state.checks.get(&cluster.name).and_then(|check| check.green_at);
    let (check, tone) = checked(scene, green_at);
    Standby { text, check, tone }
}

fn checked(scene: &Scene<'_>, green_at: Option<Time>) -> (String, &'static str) {
    let Some(at) = green_at else { return (scene.say.word("fleet-never-green"), "red") };
    let old = (scene.now - at).max(TimeDelta::zero());
    let text = scene.say.text("fleet-green-ago", &[("age", time::duration(scene.say, old).into())]);
    (text, if old < FRESH { "good" } else { "amber" })
}

fn schedule(scene: &Scene<'_>, fleet: &Fleet, facts: &Facts, schedule: &Schedule) -> ScheduleView {
    let say = scene.say;
    let next = capacity::next_run(schedule, scene.now, say.zone());
    let args = [
        ("n", schedule.count.into()),
        ("pool", say.name(schedule.pool.as_str()).into()),
        ("next", next.map_or_else(|| "–".to_owned(), |at| scene.at(at)).into()),
    ];
    let judged = capacity::judge(schedule, facts, fleet, scene.state, scene.now, say.zone());
    ScheduleView {
        name: say.name(schedule.name.as_str()),
        text: say.text("fleet-schedule-brings", &args),
        short: judged.as_ref().is_some_and(capacity::Judged::is_short),
        verdict: judged.map(|judged| schedules::verdict(scene, &judged)).unwrap_or_default(),
    }
}

/// The probe matrix as text, its columns aligned, for chats that show no table.
#[must_use]
pub(super) fn matrix_text(scene: &Scene<'_>, fleet: &Fleet, facts: &Facts, cluster: &Cluster) -> Vec<String> {
    let Some(seen) = facts.clusters.get(&cluster.name) else { return Vec::new() };
    let Some(matrix) = matrix(scene, fleet, facts, cluster, seen) else { return Vec::new() };
    let sign = |cell: &Cell| match cell.state {
        "pass" => "✓",
        "fail" => "✕",
        "unknown" => "?",
        _ => "–",
    };
    let heads = matrix.columns.iter().map(|column| column.label.clone()).chain([matrix.pods.clone()]);
    let mut table = vec![std::iter::once(String::new()).chain(heads).collect::<Vec<String>>()];
    table.extend(matrix.rows.iter().map(|row| {
        let name =
            if row.note.is_empty() { row.node.clone() } else { format!("{} ({})", row.node, row.note) };
        let cells = row.cells.iter().map(|cell| sign(cell).to_owned()).chain([row.pods.clone()]);
        std::iter::once(name).chain(cells).collect()
    }));
    let mut lines = vec![matrix.caption.clone()];
    lines.extend(aligned(&table));
    lines.extend((!matrix.folded.is_empty()).then(|| matrix.folded.clone()));
    lines
}

/// Rows of a table with their columns under each other.
fn aligned(table: &[Vec<String>]) -> Vec<String> {
    let columns = table.first().map_or(0, Vec::len);
    let wide =
        |at: usize| table.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(wide).collect();
    let line = |row: &Vec<String>| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide.saturating_sub(width(cell)))));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    table.iter().map(line).collect()
}

/// How wide a text is in a terminal: Chinese letters take two places.
fn width(text: &str) -> usize {
    text.chars().map(|c| if ('\u{1100}'..='\u{FFEF}').contains(&c) && c >= '\u{2E80}' { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_with_chinese_names_too() {
        let table = [vec!["节点".to_owned(), "解析".to_owned()], vec!["wk-1".to_owned(), "✓".to_owned()]];
        assert_eq!(aligned(&table), ["节点  解析", "wk-1  ✓"]);
        assert_eq!(
            aligned(&[vec!["a".to_owned(), "b".to_owned()], vec!["long".to_owned(), "c".to_owned()]]),
            ["a     b", "long  c"]
        );
    }
}
