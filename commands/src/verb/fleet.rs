//! The verbs on nodes, clusters and capacity: what is recorded, or what is shown.

use lifeboat_storage::event::{Kind, Share};
use lifeboat_storage::id::{ClusterName, IncidentId};
use lifeboat_storage::plan::{Consent, Plan};

use super::{Change, Decision, Scene, Show};
use crate::command::{CapacityCommand, ClusterCommand, Command, DrillCommand, NodeCommand, PlanCommand};
use crate::diagnose::standby;
use crate::refusal::{FleetRefusal, Named, Refusal};
use crate::{approval, capacity, diagnose, planner, preflight};

/// Decides one of these verbs; none for any other command.
///
/// # Errors
/// Every [`FleetRefusal`].
pub fn decide(scene: &Scene<'_>, command: &Command) -> Result<Option<Decision>, Refusal> {
    Ok(Some(match command {
        Command::Node(command) => node(scene, command)?,
        Command::Cluster(command) => cluster(scene, command)?,
        Command::Capacity(command) => of_capacity(scene, command)?,
        Command::Plan(PlanCommand::Show { plan }) => {
            let newest = || scene.state.plans.keys().next_back().copied();
            let id = plan.or_else(newest).filter(|id| scene.state.plans.contains_key(id));
            Decision::Show(Show::Plan(id.ok_or_else(|| approval::none(scene, *plan))?))
        }
        Command::Plan(command) => Decision::Change(approval::decide(scene, command)?),
        Command::Drill(command) => drill(scene, command)?,
        _ => return Ok(None),
    }))
}

fn node(scene: &Scene<'_>, command: &NodeCommand) -> Result<Decision, Refusal> {
    let plan = match command {
        NodeCommand::List { cluster } => {
            let cluster = cluster.as_deref().map(|typed| planner::cluster(scene, typed)).transpose()?;
            return Ok(Decision::Show(Show::Nodes(cluster.map(|cluster| cluster.name.clone()))));
        }
        NodeCommand::Add { count, pool } => planner::add::plan(scene, *count, pool)?,
        NodeCommand::Cordon { target } => planner::quiet::schedulable(scene, target, false)?,
        NodeCommand::Uncordon { target } => planner::quiet::schedulable(scene, target, true)?,
        NodeCommand::Drain { target } => planner::quiet::drain(scene, target)?,
        NodeCommand::Reboot { target, mode, over } => {
            planner::reboot::plan(scene, target, *mode, over.clone())?
        }
        NodeCommand::Move { target, to, over } => {
            planner::leave::to_cluster(scene, target, to, over.clone())?
        }
        NodeCommand::Remove { target, over } => planner::leave::remove(scene, target, over.clone())?,
    };
    Ok(Decision::Change(proposed(scene, plan)))
}

fn cluster(scene: &Scene<'_>, command: &ClusterCommand) -> Result<Decision, Refusal> {
    match command {
        ClusterCommand::List => Ok(Decision::Show(Show::Clusters(None))),
        ClusterCommand::Status { cluster } => {
            let cluster = one(scene, cluster.as_deref())?;
            Ok(Decision::Show(Show::Clusters(Some(cluster))))
        }
        ClusterCommand::Check { cluster } => {
            let names: Vec<ClusterName> = match cluster {
                Some(typed) => vec![planner::cluster(scene, typed)?.name.clone()],
                None => all_ranked(scene)?,
            };
            Ok(Decision::Change(names.into_iter().map(|name| checked(scene, name)).collect()))
        }
        ClusterCommand::Diagnose { cluster } => {
            let name = one(scene, cluster.as_deref())?;
            Ok(Decision::Change(vec![diagnosed(scene, name)?]))
        }
        ClusterCommand::Swap { to, mode, over } => {
            Ok(Decision::Change(proposed(scene, planner::swap::plan(scene, to, *mode, over.clone())?)))
        }
        ClusterCommand::Canary { cluster } => {
            let cluster = one(scene, cluster.as_deref())?;
            Ok(Decision::Change(proposed(scene, planner::canary::plan(scene, &cluster)?)))
        }
        ClusterCommand::Freeze { cluster, reason } => {
            let cluster = planner::cluster(scene, cluster)?.name.clone();
            if scene.state.frozen.contains_key(&cluster) {
                return Err(FleetRefusal::AlreadyFrozen { cluster }.into());
            }
            Ok(Decision::Change(vec![change(scene, Kind::ClusterFrozen { cluster, reason: reason.clone() })]))
        }
        ClusterCommand::Unfreeze { cluster } => {
            let cluster = planner::cluster(scene, cluster)?.name.clone();
            if !scene.state.frozen.contains_key(&cluster) {
                return Err(FleetRefusal::NotFrozen { cluster }.into());
            }
            Ok(Decision::Change(vec![change(scene, Kind::ClusterUnfrozen { cluster })]))
        }
    }
}

/// What is wrong with a cluster, or that nothing was found.
fn diagnosed(scene: &Scene<'_>, name: ClusterName) -> Result<Change, Refusal> {
    if !scene.facts.clusters.contains_key(&name) {
        return Err(FleetRefusal::FactsOld { cluster: name }.into());
    }
    let found = diagnose::diagnose(&name, scene.facts, scene.fleet);
    let kind = found.recorded(&name).unwrap_or_else(|| Kind::Diagnosed {
        cluster: name,
        signature: "none".to_owned(),
        verdict: "nothing-found".to_owned(),
        share: Share::default(),
    });
    Ok(change(scene, kind))
}

/// The cluster that carries traffic, then the standbys, the best first.
fn all_ranked(scene: &Scene<'_>) -> Result<Vec<ClusterName>, Refusal> {
    let active = planner::target::active(scene).ok_or(FleetRefusal::NothingConfigured)?;
    let ranked = standby::ranked(active, scene.facts, scene.fleet, scene.state, scene.now);
    let mut names = vec![active.name.clone()];
    names.extend(ranked.into_iter().map(|one| one.cluster));
    let others = scene.fleet.clusters.iter().map(|cluster| cluster.name.clone());
    let others: Vec<ClusterName> = others.filter(|name| !names.contains(name)).collect();
    names.extend(others);
    Ok(names)
}

/// The cluster named, else the one that carries traffic.
fn one(scene: &Scene<'_>, typed: Option<&str>) -> Result<ClusterName, Refusal> {
    match typed {
        Some(typed) => Ok(planner::cluster(scene, typed)?.name.clone()),
        None => Ok(planner::target::active(scene).ok_or(FleetRefusal::NothingConfigured)?.name.clone()),
    }
}

fn checked(scene: &Scene<'_>, cluster: ClusterName) -> Change {
    let failed = preflight::check(&cluster, scene.facts, scene.fleet, scene.now);
    change(scene, Kind::ClusterChecked { cluster, green: failed.is_empty(), failed })
}

fn of_capacity(scene: &Scene<'_>, command: &CapacityCommand) -> Result<Decision, Refusal> {
    match command {
        CapacityCommand::Show => Ok(Decision::Show(Show::Capacity)),
        CapacityCommand::Check { schedule } => {
            let named = schedule.as_deref().map(|typed| self::schedule(scene, typed)).transpose()?;
            Ok(Decision::Show(Show::Outlook(named.map(|schedule| schedule.name.clone()))))
        }
        CapacityCommand::Run { schedule } => {
            let schedule = self::schedule(scene, schedule)?;
            Ok(Decision::Change(proposed(scene, planner::add::scheduled(scene, schedule)?)))
        }
        CapacityCommand::Skip { schedule, reason } => {
            let schedule = self::schedule(scene, schedule)?;
            let kind = Kind::CapacitySkipped {
                schedule: schedule.name.clone(),
                run: skippable(scene, schedule)?,
                reason: reason.clone(),
            };
            Ok(Decision::Change(vec![change(scene, kind)]))
        }
    }
}

/// The run that is called off: the one under way while its deadline has not passed, else the next.
fn skippable(
    scene: &Scene<'_>,
    schedule: &crate::fleet::Schedule,
) -> Result<lifeboat_storage::event::Time, Refusal> {
    let skipped = |run: &lifeboat_storage::event::Time| {
        scene.state.skipped_runs.contains(&(schedule.name.clone(), *run))
    };
    let under_way = capacity::current_run(schedule, scene.now, scene.zone)
        .filter(|(run, ready_by)| scene.now < *ready_by && !skipped(run));
    if let Some((run, _)) = under_way {
        return Ok(run);
    }
    let next = capacity::next_run(schedule, scene.now, scene.zone);
    let run = next.ok_or_else(|| FleetRefusal::NoRun { schedule: schedule.name.clone() })?;
    if skipped(&run) {
        return Err(FleetRefusal::AlreadySkipped { schedule: schedule.name.clone(), run }.into());
    }
    Ok(run)
}

fn schedule<'a>(scene: &Scene<'a>, typed: &str) -> Result<&'a crate::fleet::Schedule, Refusal> {
    scene.fleet.schedules.iter().find(|schedule| schedule.name.as_str() == typed).ok_or_else(|| {
        let known = scene.fleet.schedules.iter().map(|schedule| schedule.name.to_string()).collect();
        FleetRefusal::NoSuch { what: Named::Schedule, typed: typed.chars().take(60).collect(), known }.into()
    })
}

/// What a schedule does by itself: starts what nobody need be asked about, or puts the ladder to people.
///
/// # Errors
/// Every [`FleetRefusal`] of [`planner::add`]; it is asked again later.
pub fn by_schedule(
    scene: &Scene<'_>,
    schedule: &crate::fleet::Schedule,
    due: capacity::Due,
) -> Result<Vec<Change>, Refusal> {
    let offered = || planner::add::scheduled(scene, schedule);
    let plan = match due {
        capacity::Due::Offer => offered()?,
        capacity::Due::Start => match planner::add::by_itself(scene, schedule) {
            // Nothing can be had without a person: a person is asked at once.
            Err(Refusal::Fleet(FleetRefusal::NoRung { .. })) => offered()?,
            planned => planned?,
        },
    };
    Ok(proposed(scene, plan))
}

/// Proposed; with consent given at once where nobody else needs to say yes.
#[must_use]
pub fn proposed(scene: &Scene<'_>, plan: Plan) -> Vec<Change> {
    let (id, hash, consent) = (scene.state.next_plan(), plan.hash(), plan.consent);
    let mut changes =
        vec![change(scene, Kind::PlanProposed { plan: id, body: Box::new(plan), hash: hash.clone() })];
    if consent == Consent::Given {
        changes.push(change(scene, Kind::PlanApproved { plan: id, hash }));
    }
    changes
}

fn drill(scene: &Scene<'_>, command: &DrillCommand) -> Result<Decision, Refusal> {
    let none = || match scene.state.drill_beside {
        Some(drill) => FleetRefusal::DrillBeside { drill },
        None => FleetRefusal::NoDrill,
    };
    let hints = || scene.hints.ok_or_else(none);
    match command {
        DrillCommand::Start { scenario, speed } => start_drill(scene, scenario.as_deref(), *speed),
        DrillCommand::Stop => hints().map(|_| Decision::Show(Show::StopDrill)).map_err(Refusal::from),
        DrillCommand::Hint => {
            let hints = hints()?;
            let hint = hints.iter().find(|hint| !scene.state.hints.contains(*hint));
            let hint = hint.cloned().ok_or(FleetRefusal::NoHint)?;
            Ok(Decision::Change(vec![change(scene, Kind::HintGiven { hint })]))
        }
    }
}

/// Only where nothing real is at stake: not inside a drill, not while people work on an incident.
fn start_drill(scene: &Scene<'_>, scenario: Option<&str>, speed: Option<u32>) -> Result<Decision, Refusal> {
    if scene.drill {
        return Err(FleetRefusal::DrillRuns.into());
    }
    let open: Vec<IncidentId> = scene.state.open_incidents().map(|incident| incident.id).collect();
    if !open.is_empty() {
        return Err(FleetRefusal::IncidentOpen { open }.into());
    }
    if let Some(typed) = scenario.filter(|typed| !scene.scenarios.iter().any(|known| known == typed)) {
        let typed = typed.chars().take(60).collect();
        let known = scene.scenarios.to_vec();
        return Err(FleetRefusal::NoSuch { what: Named::Scenario, typed, known }.into());
    }
    Ok(Decision::Show(Show::StartDrill { scenario: scenario.map(str::to_owned), speed }))
}

/// An event of the incident it was typed in, or of the only one that is open.
fn change(scene: &Scene<'_>, kind: Kind) -> Change {
    let of_channel = scene.channel.and_then(|channel| scene.state.incident_of_channel(channel));
    let incident = of_channel.or_else(|| only_open(scene));
    Change { incident, occurred_at: scene.now, kind, supersedes: None }
}

fn only_open(scene: &Scene<'_>) -> Option<IncidentId> {
    let mut open = scene.state.open_incidents();
    let first = open.next()?;
    open.next().is_none().then_some(first.id)
}
