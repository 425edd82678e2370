//! What a drill is worth talking about afterwards: what went well, what cost time, which first move was better. Pure.

use chrono::TimeDelta;
use lifeboat_storage::event::{AlertKind, Event, Kind, Time};
use lifeboat_storage::id::PlanId;
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::plan::{RebootMode, Verb};
use lifeboat_storage::state::State;

use super::summary::Summary;

/// Waiting less than this is no cost worth telling.
const WORTH_TELLING: TimeDelta = TimeDelta::minutes(2);
/// Somebody who takes an incident within this is quick.
const QUICK: TimeDelta = TimeDelta::minutes(5);
/// So many costs are told, the dearest.
const TOLD: usize = 5;

/// What went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Well {
    /// A plan was approved upon a warning, before users suffered.
    ActedOnTheWarning,
    /// Taken quickly after it was detected.
    TakenQuickly,
    /// The cause was looked for before machines were touched.
    LookedFirst,
    /// One node was booted and looked at before the others.
    CanaryFirst,
    /// Plans ran, and none cost a healthy pod.
    NothingLost,
}

impl Well {
    /// A key of the catalogue.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::ActedOnTheWarning => "drill-well-warning",
            Self::TakenQuickly => "drill-well-taken",
            Self::LookedFirst => "drill-well-looked",
            Self::CanaryFirst => "drill-well-canary",
            Self::NothingLost => "drill-well-nothing-lost",
        }
    }
}

/// What cost time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// A warning stood, and nothing was approved.
    WarningUnheard,
    /// Detected, and nobody took it.
    NotTaken,
    /// Taken, and no plan was approved.
    NotDecided,
    /// A plan that brought no proof.
    InVain(PlanId),
    /// A plan that waited for somebody to say yes.
    WaitedForYes(PlanId),
}

/// How a drill went, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// What went well.
    pub well: Vec<Well>,
    /// What cost how much time, the dearest first.
    pub costs: Vec<(Cost, TimeDelta)>,
    /// The first move that changed anything, as it would be typed: `/node add count:1 pool:big`.
    pub first_move: Option<String>,
}

impl Score {
    /// Reads it from the record.
    #[must_use]
    pub fn of(summary: &Summary, events: &[Event], state: &State) -> Self {
        let mut approved: Vec<&Run> = state.plans.values().filter(|run| run.approved_at.is_some()).collect();
        approved.sort_by_key(|run| run.approved_at);
        let first = approved.first().and_then(|run| run.approved_at);
        let warned = raised(events, |what| what == AlertKind::CapacityShort);
        Self {
            well: well(summary, events, &approved, warned),
            costs: costs(summary, state, warned, first),
            first_move: first_move(events, approved.first().copied()),
        }
    }
}

/// What came first: the approval of a plan, or a freeze.
fn first_move(events: &[Event], approved: Option<&Run>) -> Option<String> {
    let frozen = events.iter().find_map(|event| match &event.kind {
        Kind::ClusterFrozen { cluster, .. } => Some((event.occurred_at, cluster)),
        _ => None,
    });
    let approved_at = approved.and_then(|run| run.approved_at);
    match frozen {
        Some((at, cluster)) if approved_at.is_none_or(|approved| at < approved) => {
            Some(format!("/cluster freeze {cluster}"))
        }
        _ => approved.map(as_typed),
    }
}

/// A plan as the shortest line that asks for it.
fn as_typed(run: &Run) -> String {
    let verb = run.plan.verb.key().replacen('-', " ", 1);
    match &run.plan.verb {
        Verb::NodeAdd { count, pool } => format!("/{verb} count:{count} pool:{pool}"),
        Verb::ClusterSwap { to, .. } => format!("/{verb} {to}"),
        _ => {
            let nodes: Vec<&str> = run.plan.targets.iter().map(|target| target.node.as_str()).collect();
            format!("/{verb} {}", nodes.join(","))
        }
    }
}

fn raised(events: &[Event], wanted: impl Fn(AlertKind) -> bool) -> Option<Time> {
    let of = |event: &Event| match event.kind {
        Kind::AlertRaised { what, .. } if wanted(what) => Some(event.occurred_at),
        _ => None,
    };
    events.iter().find_map(of)
}

fn well(summary: &Summary, events: &[Event], approved: &[&Run], warned: Option<Time>) -> Vec<Well> {
    let first = approved.first().and_then(|run| run.approved_at);
    let before_harm = |at: Time| summary.started_at.is_none_or(|started| at < started);
    let looked = events.iter().find(|event| {
        event.actor.person.is_some()
            && matches!(event.kind, Kind::Diagnosed { .. } | Kind::ClusterChecked { .. })
    });
    let boots = |run: &&&Run| matches!(run.plan.verb, Verb::NodeReboot { .. });
    let canary = |run: &&Run| run.plan.verb == Verb::NodeReboot { mode: RebootMode::Canary };
    let rows = [
        (
            Well::ActedOnTheWarning,
            warned.is_some_and(|warned| first.is_some_and(|at| warned <= at && before_harm(at))),
        ),
        (Well::TakenQuickly, summary.tta_s.is_some_and(|s| TimeDelta::seconds(s) <= QUICK)),
        (Well::LookedFirst, looked.is_some_and(|event| first.is_some_and(|at| event.recorded_at < at))),
        (Well::CanaryFirst, approved.iter().find(boots).is_some_and(canary)),
        (Well::NothingLost, !approved.is_empty() && summary.healthy_pods_lost == 0),
    ];
    rows.into_iter().filter(|(_, so)| *so).map(|(well, _)| well).collect()
}

fn costs(
    summary: &Summary,
    state: &State,
    warned: Option<Time>,
    first: Option<Time>,
) -> Vec<(Cost, TimeDelta)> {
    let Some(started) = summary.started_at else { return Vec::new() };
    let over = summary.mitigated_at.or(state.applied_at).unwrap_or(started);
    let until = |at: Option<Time>| at.unwrap_or(over).min(over);
    let mut costs = Vec::new();
    if let Some(warned) = warned.filter(|warned| *warned < started) {
        costs.push((Cost::WarningUnheard, until(first).min(started) - warned));
    }
    if let Some(detected) = summary.detected_at {
        costs.push((Cost::NotTaken, until(summary.acknowledged_at) - detected));
    }
    if let Some(taken) = summary.acknowledged_at {
        costs.push((Cost::NotDecided, until(first) - taken.max(started)));
    }
    for run in state.plans.values() {
        let approved = until(run.approved_at.or(run.ended_at));
        costs.push((Cost::WaitedForYes(run.id), approved - run.proposed_at));
        if run.standing == Standing::Failed {
            costs.push((Cost::InVain(run.id), until(run.ended_at) - approved));
        }
    }
    costs.retain(|(_, length)| *length >= WORTH_TELLING);
    costs.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
    costs.truncate(TOLD);
    costs
}
