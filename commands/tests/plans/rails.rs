//! What no plan ever does, rail by rail. Slow and plain: nothing here knows of the guard, and nothing a plan says of
//! itself is believed. Properties and mutants are held against the same rails.

use std::collections::BTreeSet;

use lifeboat_commands::parse;
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::plan::run::Standing;
use lifeboat_storage::plan::{Consent, Cost, Floor, Money, Plan, Proof, RebootMode, Rung, Step, Undo, Verb};

use crate::planned::{Kept, Planned, named, so};
use crate::world::{World, cluster};

/// Looks at one plan.
pub(crate) type Rail = fn(&Planned<'_>) -> Kept;

/// All of them.
pub(crate) const RAILS: &[(&str, Rail)] = &[
    ("control plane", control_plane),
    ("its own cluster", its_own_cluster),
    ("last serving", last_serving),
    ("share at once", share_at_once),
    ("batches", batches),
    ("one canary", one_canary),
    ("drained before", drained_before),
    ("opened after", opened_after),
    ("let in after joining", let_in_after_joining),
    ("one proof", one_proof),
    ("its own proof", its_own_proof),
    ("right machine", right_machine),
    ("shown targets", shown_targets),
    ("enough people", enough_people),
    ("two for a large drain", two_for_a_large_drain),
    ("in place", in_place),
    ("dead before serving", dead_before_serving),
    ("floors", floors),
    ("freeze", freeze),
    ("way back", way_back),
    ("shown capacity", shown_capacity),
    ("shown price", shown_price),
    ("alone", alone),
    ("majority", majority),
    ("fresh facts", fresh_facts),
];

/// The rails that a plan breaks.
pub(crate) fn broken(plan: &Plan, world: &World) -> Vec<&'static str> {
    let planned = Planned { plan, world };
    RAILS.iter().filter(|(_, rail)| rail(&planned).is_err()).map(|(name, _)| *name).collect()
}

pub(crate) fn control_plane(planned: &Planned<'_>) -> Kept {
    let named = format!("{:?}{:?}", planned.plan.steps, planned.plan.targets);
    so(!named.contains("cp-1"), "it names the control plane")
}

/// Locks are held for the clusters a plan is about: its steps name no other, nor another cloud or traffic entry.
pub(crate) fn its_own_cluster(planned: &Planned<'_>) -> Kept {
    let text = format!("{:?}", planned.plan.steps);
    let clusters: BTreeSet<&str> = planned.clusters().into_iter().map(ClusterName::as_str).collect();
    let configured = &planned.world.fleet.clusters;
    let own = configured.iter().filter(|one| clusters.contains(one.name.as_str()));
    let clouds: BTreeSet<&str> = own.map(|one| one.cloud.as_str()).collect();
    so(named(&text, "ClusterName").is_subset(&clusters), "another cluster")?;
    so(named(&text, "CloudName").is_subset(&clouds), "another cloud")?;
    so(named(&text, "TrafficName").is_subset(&BTreeSet::from(["www"])), "another traffic entry")
}

pub(crate) fn last_serving(planned: &Planned<'_>) -> Kept {
    so(!planned.takes_with_care() || planned.fewest() > 0, "nothing serves in between")
}

pub(crate) fn share_at_once(planned: &Planned<'_>) -> Kept {
    let Verb::NodeReboot { mode: RebootMode::Rolling | RebootMode::Canary } = planned.plan.verb else {
        return Ok(());
    };
    let serving = planned.serving().len();
    so(serving - planned.fewest() <= planned.allowed(serving), "too many that serve are away")?;
    let wanted = planned.world.fleet.clusters[0].wanted as usize;
    so(planned.most_down() <= planned.allowed(wanted), "too many are down")
}

pub(crate) fn batches(planned: &Planned<'_>) -> Kept {
    let batch = planned.world.fleet.limits.emergency_batch.max(1) as usize;
    so(!planned.is_emergency() || planned.most_down() <= batch, "more than a batch is down")
}

pub(crate) fn one_canary(planned: &Planned<'_>) -> Kept {
    let canary = planned.plan.verb == Verb::NodeReboot { mode: RebootMode::Canary };
    so(!canary || planned.boots().len() == 1, "it boots several")
}

pub(crate) fn drained_before(planned: &Planned<'_>) -> Kept {
    let busy = planned.seen().busy();
    let mut drained = BTreeSet::new();
    for step in &planned.plan.steps {
        match step {
            Step::Drain { node, .. } => _ = drained.insert(node.clone()),
            Step::Reboot { node, .. } if busy.contains(node) && !planned.is_emergency() => {
                so(drained.contains(node), "pods are killed")?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Every boot is waited for, and what took pods before takes them after it.
pub(crate) fn opened_after(planned: &Planned<'_>) -> Kept {
    let steps = &planned.plan.steps;
    let last = |is: &dyn Fn(&Step) -> bool| steps.iter().rposition(is);
    for booted in planned.boots() {
        let boots = last(&|step| matches!(step, Step::Reboot { node, .. } if node == booted));
        let awaits = last(&|step| matches!(step, Step::AwaitBoot { node, .. } if node == booted));
        let closes = last(&|step| matches!(step, Step::Cordon { node, .. } if node == booted));
        let opens = last(&|step| matches!(step, Step::Uncordon { node, .. } if node == booted));
        so(awaits > boots, "nobody waits for its boot")?;
        let was = planned.seen().nodes.get(booted).is_some_and(|node| node.schedulable);
        so(!was || closes.is_none() || opens > closes.max(awaits), "it stays cordoned")?;
    }
    Ok(())
}

pub(crate) fn let_in_after_joining(planned: &Planned<'_>) -> Kept {
    let mut joined = BTreeSet::new();
    for step in &planned.plan.steps {
        match step {
            Step::Join { slot, .. } => _ = joined.insert(*slot),
            Step::Admit { slot, .. } => so(joined.remove(slot), "let in before it joined")?,
            _ => {}
        }
    }
    so(joined.is_empty(), "joined and never let in")
}

pub(crate) fn one_proof(planned: &Planned<'_>) -> Kept {
    let proofs = planned.plan.steps.iter().filter(|step| matches!(step, Step::Prove { .. })).count();
    so(proofs == 1 && matches!(planned.plan.steps.last(), Some(Step::Prove { .. })), "no proof")
}

/// The proof is that of the verb, on every node that the steps change.
pub(crate) fn its_own_proof(planned: &Planned<'_>) -> Kept {
    let Some(Step::Prove { proof, nodes, .. }) = planned.plan.steps.last() else { return Ok(()) };
    let gains = |to: &ClusterName| *proof == Proof::Serving { cluster: to.clone(), at_least: 0 };
    let fits = match &planned.plan.verb {
        Verb::NodeAdd { .. } | Verb::CapacityRun { .. } => gains(&cluster("main")),
        Verb::NodeMove { to } => gains(to),
        Verb::NodeCordon => *proof == Proof::Schedulable { want: false },
        Verb::NodeUncordon => *proof == Proof::Schedulable { want: true },
        Verb::NodeDrain => *proof == Proof::Empty,
        Verb::NodeRemove => *proof == Proof::Gone,
        Verb::NodeReboot { .. } => matches!(proof, Proof::Booted | Proof::Serving { at_least: 1.., .. }),
        Verb::ClusterSwap { .. } => matches!(proof, Proof::Traffic { .. }),
        Verb::ClusterCanary => *proof == Proof::CanaryAnswers,
    };
    so(fits, "another verb's proof")?;
    if matches!(planned.plan.verb, Verb::NodeMove { .. } | Verb::ClusterCanary) {
        return Ok(());
    }
    let changed = planned.plan.steps.iter().filter_map(|step| match step {
        Step::Cordon { node, .. } | Step::Uncordon { node, .. } | Step::Drain { node, .. } => Some(node),
        Step::Reboot { node, .. } | Step::Forget { node, .. } => Some(node),
        _ => None,
    });
    let changed: BTreeSet<&NodeName> = changed.collect();
    so(nodes.iter().collect::<BTreeSet<_>>() == changed, "on other nodes")
}

/// The machine is the only one that has the node's provider id, or else its address and serial.
pub(crate) fn right_machine(planned: &Planned<'_>) -> Kept {
    for step in &planned.plan.steps {
        let (Step::Reboot { node, instance, .. }
        | Step::Leave { node, instance, .. }
        | Step::Reimage { node, instance, .. }
        | Step::Stop { node, instance, .. }) = step
        else {
            continue;
        };
        let Some(ours) = planned.seen().nodes.get(node).map(|node| &node.identity) else {
            return Err("nobody knows the node".to_owned());
        };
        let machines = planned.world.facts.clouds.values().flat_map(|cloud| cloud.instances.values());
        let same: Vec<_> = machines
            .filter(|one| match (&ours.provider_id, &one.identity.provider_id) {
                (Some(ours), Some(theirs)) => ours == theirs,
                _ => {
                    ours.private_ip.is_some()
                        && ours.private_ip == one.identity.private_ip
                        && ours.serial.is_some()
                        && ours.serial == one.identity.serial
                }
            })
            .map(|one| &one.id)
            .collect();
        so(same == [instance], "the machine is unclear")?;
    }
    Ok(())
}

/// Every node is one that is known, and every machine that is changed is shown with its node.
pub(crate) fn shown_targets(planned: &Planned<'_>) -> Kept {
    let text = format!("{:?}", planned.plan.steps);
    let known: BTreeSet<&str> = planned.seen().nodes.keys().map(NodeName::as_str).collect();
    so(named(&text, "NodeName").is_subset(&known), "nobody knows the node")?;
    for step in &planned.plan.steps {
        if let Step::Reboot { node, instance, .. }
        | Step::Leave { node, instance, .. }
        | Step::Reimage { node, instance, .. }
        | Step::Stop { node, instance, .. } = step
        {
            let mut shown = planned.plan.targets.iter().filter(|one| one.node == *node);
            so(shown.any(|one| one.instance.as_ref() == Some(instance)), "it is not shown")?;
        }
    }
    Ok(())
}

pub(crate) fn enough_people(planned: &Planned<'_>) -> Kept {
    let plan = planned.plan;
    let two = planned.is_emergency()
        || matches!(plan.verb, Verb::NodeMove { .. } | Verb::NodeRemove | Verb::ClusterSwap { .. });
    let least = match &plan.override_reason {
        None if two => Consent::TwoPeople,
        _ if matches!(plan.verb, Verb::NodeCordon | Verb::NodeUncordon) => Consent::Given,
        _ => Consent::Confirm,
    };
    so(plan.consent >= least, "too few are asked")?;
    so(plan.override_reason.as_ref().is_none_or(|why| !why.trim().is_empty()), "it overrides for no reason")
}

pub(crate) fn two_for_a_large_drain(planned: &Planned<'_>) -> Kept {
    let drains = planned.plan.verb == Verb::NodeDrain;
    let serving = planned.serving().len();
    let beyond = serving - planned.fewest() > planned.allowed(serving);
    so(!drains || !beyond || planned.plan.consent == Consent::TwoPeople, "one is enough")
}

pub(crate) fn in_place(planned: &Planned<'_>) -> Kept {
    let reboots = matches!(planned.plan.verb, Verb::NodeReboot { .. });
    let gives = |step: &Step| {
        matches!(step, Step::Stop { .. } | Step::Reimage { .. } | Step::Leave { .. } | Step::Obtain { .. })
    };
    so(!reboots || !planned.plan.steps.iter().any(gives), "a machine is given back")
}

/// In an emergency the first is looked at after its boot and before any other, and what serves comes last. What is in
/// quarantine may follow.
pub(crate) fn dead_before_serving(planned: &Planned<'_>) -> Kept {
    let boots = planned.boots();
    let Some(first) = boots.first().copied().filter(|_| planned.is_emergency()) else { return Ok(()) };
    let at = |is: &dyn Fn(&Step) -> bool| planned.plan.steps.iter().position(is);
    let second = at(&|step| matches!(step, Step::Reboot { node, .. } if node != first));
    let awaited = at(&|step| matches!(step, Step::AwaitBoot { node, .. } if node == first));
    let looked = at(&|step| matches!(step, Step::Probe { node, must_pass: true, .. } if node == first));
    let canary = awaited.is_some() && awaited < looked && looked < second;
    so(second.is_none() || canary, "no canary")?;
    let nodes = &planned.seen().nodes;
    let open = boots.iter().filter(|node| nodes.get(**node).is_some_and(|node| node.schedulable));
    let serves: Vec<bool> = open.map(|node| planned.serving().contains(*node)).collect();
    so(serves.is_sorted(), "what serves boots before what does not")?;
    so(planned.serving().len() - planned.fewest() <= 1, "several that serve are away")
}

/// The floors are all there, and hold at the lowest point.
pub(crate) fn floors(planned: &Planned<'_>) -> Kept {
    let plan = planned.plan;
    let least = plan.floors.iter().find_map(|floor| match floor {
        Floor::Serving { least, .. } => Some(*least as usize),
        _ => None,
    });
    so(least.is_some_and(|least| least <= planned.fewest()), "the floor of serving nodes")?;
    so(!planned.takes_with_care() || least > Some(0), "the last one may go meanwhile")?;
    so(plan.floors.contains(&Floor::NoControlPlane), "no floor for the control plane")?;
    let thaw = Floor::NotFrozen { cluster: cluster("main") };
    so(plan.floors.contains(&thaw) != plan.override_reason.is_some(), "the freeze")?;
    let majority = |floor: &Floor| matches!(floor, Floor::ManagerMajority { .. });
    so(plan.floors.iter().any(majority), "no floor for managers")
}

pub(crate) fn freeze(planned: &Planned<'_>) -> Kept {
    let frozen = planned.world.state.frozen.contains_key(&cluster("main"));
    so(!frozen || planned.plan.override_reason.is_some(), "it is frozen")
}

pub(crate) fn way_back(planned: &Planned<'_>) -> Kept {
    let Undo::By { line } = &planned.plan.undo else { return Ok(()) };
    so(parse::parse(line, planned.world.now, chrono_tz::UTC).is_ok(), "nobody can type the way back")
}

pub(crate) fn shown_capacity(planned: &Planned<'_>) -> Kept {
    let left: Vec<usize> = planned.played().iter().map(BTreeSet::len).collect();
    let shown = &planned.plan.blast;
    so(shown.serving as usize == planned.serving().len(), "another number serves now")?;
    so(shown.left.iter().map(|left| *left as usize).eq(left), "another number is left")
}

/// What it may cost is no less than any way to get so many machines costs.
pub(crate) fn shown_price(planned: &Planned<'_>) -> Kept {
    let machines = &planned.world.facts.clouds.values().next().expect("a cloud").instances;
    let mut ways: Vec<(u32, Option<&Money>)> = Vec::new();
    for step in &planned.plan.steps {
        match step {
            Step::Obtain { want, rung: Rung::Launch(spec), .. } => ways.push((*want, spec.price.as_ref())),
            Step::Obtain { want, rung: Rung::Start { instances }, .. } => {
                ways.extend(instances.iter().map(|id| (*want, machines[id].price.as_ref())));
            }
            _ => {}
        }
    }
    match &planned.plan.cost {
        Cost::Nothing => so(ways.is_empty(), "it costs something"),
        Cost::Unknown => Ok(()),
        Cost::AtMost { per_hour, .. } => {
            let covered = |(want, price): &(u32, Option<&Money>)| {
                price.is_some_and(|price| {
                    let all = price.micros * u64::from(*want);
                    price.currency == per_hour.currency && all <= per_hour.micros
                })
            };
            so(ways.iter().all(covered), "it may cost more")
        }
    }
}

pub(crate) fn alone(planned: &Planned<'_>) -> Kept {
    let at_work = planned.world.state.plans.values().any(|run| {
        matches!(run.standing, Standing::Running | Standing::Paused)
            && planned.clusters().contains(&&run.plan.cluster)
    });
    so(!at_work, "another plan is at work there")
}

pub(crate) fn majority(planned: &Planned<'_>) -> Kept {
    let most = |name: &&ClusterName| {
        let (there, of) = planned.world.facts.clusters[*name].managers;
        there * 2 > of
    };
    so(planned.leans_on().iter().all(most), "most managers do not answer")
}

pub(crate) fn fresh_facts(planned: &Planned<'_>) -> Kept {
    let fresh = |name: &&ClusterName| {
        let as_of = planned.world.facts.clusters[*name].as_of;
        as_of.is_some_and(|at| (planned.world.now - at).num_seconds() <= 60)
    };
    so(planned.leans_on().iter().all(fresh), "nobody looked for a minute")
}
