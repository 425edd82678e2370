//! Guard-rails: what every plan must keep, checked anew on the finished plan, whoever made it. Pure.
//!
//! Nothing a plan says of itself is believed: what serves is counted on the facts, and what its steps take away is
//! played through.

use std::collections::BTreeSet;

use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::plan::{Consent, Floor, Plan, Proof, RebootMode, Step, Verb};

use crate::budget;
use crate::facts::{Facts, Matched, Node, NodeRole};
use crate::fleet::{Fleet, Limits};
use crate::floors;

mod broken;
mod play;

pub use broken::Broken;
pub use play::left_serving;

/// A plan beside what is seen of its cluster.
struct Look<'a> {
    plan: &'a Plan,
    facts: &'a Facts,
    fleet: &'a Fleet,
    /// Nodes that serve now.
    serving: BTreeSet<NodeName>,
    /// Of these, how many are left at each step.
    left: Vec<u32>,
}

/// Checks a plan against every rule.
///
/// # Errors
/// The first rule it breaks, in the order of [`Broken::ALL`].
pub fn check(plan: &Plan, facts: &Facts, fleet: &Fleet) -> Result<(), Broken> {
    let seen = facts.clusters.get(&plan.cluster);
    let serving = seen.map(|seen| seen.serving(&plan.service)).unwrap_or_default();
    let left = left_serving(&serving, &plan.steps);
    let look = Look { plan, facts, fleet, serving, left };
    match Broken::ALL.into_iter().find(|rule| look.breaks(*rule)) {
        Some(rule) => Err(rule),
        None => Ok(()),
    }
}

/// The node a step changes, where it is about one.
#[must_use]
pub fn node_of(step: &Step) -> Option<&NodeName> {
    match step {
        Step::Cordon { node, .. }
        | Step::Uncordon { node, .. }
        | Step::Drain { node, .. }
        | Step::Reboot { node, .. }
        | Step::Leave { node, .. }
        | Step::Reimage { node, .. }
        | Step::Forget { node, .. }
        | Step::Stop { node, .. } => Some(node),
        _ => None,
    }
}

/// Whether a step takes pods or a machine away.
#[must_use]
pub fn takes_away(step: &Step) -> bool {
    matches!(
        step,
        Step::Drain { .. }
            | Step::Reboot { .. }
            | Step::Leave { .. }
            | Step::Reimage { .. }
            | Step::Stop { .. }
    )
}

/// So many of these may be away at once; one always may.
#[must_use]
pub fn share_of(of: u32, limits: &Limits) -> u32 {
    let share = u64::from(of) * u64::from(limits.at_once_percent) / 100;
    u32::try_from(share).unwrap_or(u32::MAX).max(1)
}

/// How many people a verb takes, when it leaves so few of the nodes that serve.
#[must_use]
pub fn consent(verb: &Verb, serving: u32, lowest: u32, limits: &Limits) -> Consent {
    match verb {
        Verb::NodeCordon | Verb::NodeUncordon => Consent::Given,
        Verb::NodeReboot { mode: RebootMode::Emergency }
        | Verb::NodeMove { .. }
        | Verb::NodeRemove
        | Verb::ClusterSwap { .. } => Consent::TwoPeople,
        Verb::NodeDrain if serving.saturating_sub(lowest) > share_of(serving, limits) => Consent::TwoPeople,
        _ => Consent::Confirm,
    }
}

impl Look<'_> {
    fn breaks(&self, rule: Broken) -> bool {
        match rule {
            Broken::ControlPlane => self.touches_control_plane(),
            Broken::Elsewhere => !self.plan.steps.iter().all(|step| self.is_of_the_plan(step)),
            Broken::LastServing => self.takes_the_last(),
            Broken::TooManyAtOnce => self.takes_too_many(),
            Broken::ServingNotLast => self.boots_serving_before_dead(),
            Broken::LeftCordoned => self.leaves_cordoned(),
            Broken::NoProof => !self.proves_its_effect(),
            Broken::WrongMachine => self.mistakes_a_machine(),
            Broken::NoConsent => self.asks_too_few(),
            Broken::NotInPlace => self.gives_back_to_boot(),
            Broken::NoFloor => !self.has_its_floors(),
            Broken::FloorTooHigh => self.foresees_below_its_floor(),
            Broken::WrongBlast => self.shows_another_capacity(),
            Broken::NoCanary => self.boots_without_canary(),
        }
    }

    fn node(&self, name: &NodeName) -> Option<&Node> {
        self.facts.clusters.get(&self.plan.cluster)?.nodes.get(name)
    }

    fn mode(&self) -> Option<RebootMode> {
        match self.plan.verb {
            Verb::NodeReboot { mode } => Some(mode),
            _ => None,
        }
    }

    fn served(&self) -> u32 {
        u32::try_from(self.serving.len()).unwrap_or(u32::MAX)
    }

    fn lowest(&self) -> u32 {
        self.left.iter().copied().min().unwrap_or(self.served())
    }

    fn takes_away(&self) -> bool {
        self.plan.steps.iter().any(takes_away)
    }

    fn touches_control_plane(&self) -> bool {
        let of_steps = self.plan.steps.iter().filter_map(node_of);
        let mut all = of_steps.chain(self.plan.targets.iter().map(|target| &target.node));
        all.any(|name| self.node(name).is_some_and(|node| node.role == NodeRole::ControlPlane))
    }

    /// Locks are held for the clusters a plan names: it touches no other.
    fn is_of_the_plan(&self, step: &Step) -> bool {
        let plan = self.plan;
        let joins = plan.other.as_ref().unwrap_or(&plan.cluster);
        let here = |cluster: &ClusterName| *cluster == plan.cluster;
        let cloud = |of: &ClusterName| self.fleet.cluster(of).map(|cluster| &cluster.cloud);
        match step {
            Step::Obtain { cloud: named, .. } => Some(named) == cloud(&plan.cluster),
            Step::Join { cluster, cloud: named, .. } => cluster == joins && Some(named) == cloud(joins),
            Step::InstallCanary { cluster } => here(cluster),
            Step::Admit { cluster, .. } | Step::Preflight { cluster } => cluster == joins,
            Step::Probe { cluster, .. }
            | Step::Cordon { cluster, .. }
            | Step::Uncordon { cluster, .. }
            | Step::Drain { cluster, .. }
            | Step::AwaitBoot { cluster, .. }
            | Step::Forget { cluster, .. } => here(cluster),
            Step::Reboot { cluster, cloud: named, .. } | Step::Leave { cluster, cloud: named, .. } => {
                here(cluster) && Some(named) == cloud(&plan.cluster)
            }
            Step::Reimage { cloud: named, .. } | Step::Stop { cloud: named, .. } => {
                Some(named) == cloud(&plan.cluster)
            }
            Step::Shift { traffic, .. } | Step::Hold { traffic, .. } => {
                plan.traffic.as_ref() == Some(traffic)
            }
            Step::Prove { cluster, .. } => here(cluster) || cluster == joins,
        }
    }

    fn takes_the_last(&self) -> bool {
        let careful = self.mode() != Some(RebootMode::Emergency);
        careful && self.takes_away() && !self.serving.is_empty() && self.lowest() == 0
    }

    fn takes_too_many(&self) -> bool {
        let Some(mode) = self.mode() else { return false };
        let limits = &self.fleet.limits;
        let down = play::down_at_once(&self.plan.steps);
        if mode == RebootMode::Emergency {
            return down > limits.emergency_batch.max(1);
        }
        let wanted = self.fleet.cluster(&self.plan.cluster).map_or(0, |cluster| cluster.wanted);
        let away = self.served() - self.lowest();
        let canaries = mode == RebootMode::Canary && play::boots(&self.plan.steps).count() > 1;
        canaries || away > share_of(self.served(), limits) || down > share_of(wanted, limits)
    }

    fn boots_serving_before_dead(&self) -> bool {
        if self.mode() != Some(RebootMode::Emergency) {
            return false;
        }
        let serves = |node: &NodeName| self.serving.contains(node);
        let after = play::boots(&self.plan.steps).skip_while(|node| !serves(node));
        // What is in quarantine is no part of what may come back soonest.
        let open = |node: &NodeName| self.node(node).is_some_and(|node| node.schedulable);
        let dead_later = after.into_iter().any(|node| !serves(node) && open(node));
        dead_later || self.lowest() + 1 < self.served()
    }

    fn leaves_cordoned(&self) -> bool {
        let steps = &self.plan.steps;
        let admitted =
            |slot: &u32| steps.iter().any(|step| matches!(step, Step::Admit { slot: of, .. } if of == slot));
        let mut joined = steps.iter().filter_map(|step| match step {
            Step::Join { slot, .. } => Some(slot),
            _ => None,
        });
        if joined.any(|slot| !admitted(slot)) {
            return true;
        }
        let was = |node: &&NodeName| self.node(node).is_some_and(|node| node.schedulable);
        self.mode().is_some() && play::boots(steps).filter(was).any(|node| !play::ends_open(steps, node))
    }

    /// Each verb ends with the proof of its own effect, on the nodes it was about.
    fn proves_its_effect(&self) -> bool {
        let plan = self.plan;
        let Some(Step::Prove { proof, nodes, cluster }) = plan.steps.last() else { return false };
        let targets: BTreeSet<&NodeName> = plan.targets.iter().map(|target| &target.node).collect();
        let on_targets = nodes.iter().collect::<BTreeSet<_>>() == targets && !targets.is_empty();
        let gains = |of: &ClusterName| *proof == Proof::Serving { cluster: of.clone(), at_least: 0 };
        let awaited = |node: &NodeName| {
            plan.steps.iter().any(|step| matches!(step, Step::AwaitBoot { node: of, .. } if of == node))
        };
        match &plan.verb {
            Verb::NodeAdd { .. } | Verb::CapacityRun { .. } => {
                gains(&plan.cluster) && cluster == &plan.cluster
            }
            Verb::NodeMove { to } => gains(to) && cluster == to,
            Verb::NodeCordon => on_targets && *proof == Proof::Schedulable { want: false },
            Verb::NodeUncordon => on_targets && *proof == Proof::Schedulable { want: true },
            Verb::NodeDrain => on_targets && *proof == Proof::Empty,
            Verb::NodeRemove => on_targets && *proof == Proof::Gone,
            Verb::NodeReboot { .. } => {
                let fits = matches!(proof, Proof::Booted | Proof::Serving { at_least: 1.., .. });
                fits && on_targets && targets.iter().all(|node| awaited(node))
            }
            Verb::ClusterCanary => {
                *proof == Proof::CanaryAnswers && !nodes.is_empty() && cluster == &plan.cluster
            }
            Verb::ClusterSwap { to, .. } => {
                matches!(proof, Proof::Traffic { traffic, .. } if Some(traffic) == plan.traffic.as_ref())
                    && cluster == to
            }
        }
    }

    fn mistakes_a_machine(&self) -> bool {
        let is_target = |node: &NodeName, instance| {
            let named = |target: &&lifeboat_storage::plan::Target| target.node == *node;
            self.plan.targets.iter().filter(named).any(|target| target.instance.as_ref() == Some(instance))
        };
        let unknown = |step: &Step| node_of(step).is_some_and(|name| self.node(name).is_none());
        self.plan.steps.iter().any(|step| match step {
            Step::Reboot { node, instance, cloud, .. }
            | Step::Leave { node, instance, cloud, .. }
            | Step::Reimage { node, instance, cloud }
            | Step::Stop { node, instance, cloud } => {
                let machine =
                    self.node(node).and_then(|node| Some(self.facts.clouds.get(cloud)?.machine_of(node)));
                machine != Some(Matched::One(instance.clone())) || !is_target(node, instance)
            }
            step => unknown(step),
        })
    }

    /// The override waives the second person, and only with a reason.
    fn asks_too_few(&self) -> bool {
        let plan = self.plan;
        let waived = plan.override_reason.as_ref().map(|reason| !reason.trim().is_empty());
        let needed = match (consent(&plan.verb, self.served(), self.lowest(), &self.fleet.limits), waived) {
            (_, Some(false)) => return true,
            (Consent::TwoPeople, Some(true)) => Consent::Confirm,
            (Consent::Confirm, _) if budget::is_within(plan, self.fleet) => Consent::Given,
            (needed, _) => needed,
        };
        plan.consent < needed
    }

    fn gives_back_to_boot(&self) -> bool {
        let gives_back =
            |step: &Step| matches!(step, Step::Stop { .. } | Step::Reimage { .. } | Step::Leave { .. });
        self.mode().is_some() && self.plan.steps.iter().any(gives_back)
    }

    fn has_its_floors(&self) -> bool {
        let plan = self.plan;
        let has = |floor: &dyn Fn(&Floor) -> bool| plan.floors.iter().any(floor);
        let clusters: Vec<&ClusterName> = std::iter::once(&plan.cluster).chain(&plan.other).collect();
        let thawed = |cluster: &ClusterName| {
            has(&|floor| matches!(floor, Floor::NotFrozen { cluster: of } if of == cluster))
        };
        let careful =
            self.mode() != Some(RebootMode::Emergency) && self.takes_away() && !self.serving.is_empty();
        let serving = |floor: &Floor| matches!(floor, Floor::Serving { cluster, least, .. } if *cluster == plan.cluster && (!careful || *least > 0));
        has(&|floor| *floor == Floor::NoControlPlane)
            && has(&serving)
            && (plan.override_reason.is_some() || clusters.iter().all(|cluster| thawed(cluster)))
            && majorities(plan, self.facts).iter().all(|floor| plan.floors.contains(floor))
    }

    fn foresees_below_its_floor(&self) -> bool {
        let lowest = self.lowest();
        self.plan.floors.iter().any(|floor| matches!(floor, Floor::Serving { least, .. } if *least > lowest))
    }

    fn shows_another_capacity(&self) -> bool {
        self.plan.blast.serving != self.served() || self.plan.blast.left != self.left
    }

    /// Before the second node of an emergency boots, a probe on the first must have passed, after its boot.
    fn boots_without_canary(&self) -> bool {
        if self.mode() != Some(RebootMode::Emergency) {
            return false;
        }
        let mut boots = play::boots(&self.plan.steps);
        let (Some(first), Some(_)) = (boots.next(), boots.next()) else { return false };
        !play::is_looked_at_alone(&self.plan.steps, first)
    }
}

/// The floors that keep the majority of managers, for every cluster that a plan leans on.
#[must_use]
pub fn majorities(plan: &Plan, facts: &Facts) -> Vec<Floor> {
    let managers = |cluster: &ClusterName| facts.clusters.get(cluster).map_or(0, |seen| seen.managers.1);
    floors::looked_at(plan)
        .filter(|cluster| managers(cluster) > 0)
        .map(|cluster| Floor::ManagerMajority { cluster: cluster.clone(), least: managers(cluster) / 2 + 1 })
        .collect()
}
