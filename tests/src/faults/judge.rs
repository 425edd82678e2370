//! The invariants of ARCHITECTURE.md, each checked from outside as it could break: on what was acknowledged, on what came to
//! the ports, on what the world looks like. The judge folds the record by itself and believes nothing the engine says.
//!
//! | it complains when | invariant |
//! | --- | --- |
//! | something is shown, answered or sent that is not durable | 1 |
//! | a call leaves without its durable start, while recording fails, or for no running plan | 12 |
//! | a plan runs without the yes of somebody who may say it | 12 |
//! | a node is booted, a machine made or a disk emptied twice for one step | 13 |
//! | an acknowledged event is gone, or replay does not give the state | 4 |
//! | a message comes twice unmarked, out of order, or never | 5 |
//! | a step takes a node although fewer serve than the plan promised to keep | floors, ADR 0007 |
//! | a step is told done that was not, or not done that was | ADR 0008 |
//! | a node stays cordoned and nobody was told | ADR 0008 |

mod end;
mod step;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use lifeboat_commands::people::{People, Permission};
use lifeboat_commands::ports::call::Call;
use lifeboat_storage::event::{ChatKind, Event, Kind};
use lifeboat_storage::id::{ClusterName, NodeName, PlanId, Seq};
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::plan::{Consent, Floor, Rung, Step, StepOutcome, StepResult};
use lifeboat_storage::state::State;

use step::{asks_anew, due, let_in, taken_by};

/// The step that a call belongs to.
pub type Wish = (PlanId, u32);

/// Serving nodes are looked at every so many milliseconds.
pub const LOOK_MS: u64 = 5_000;
/// A floor that was broken at every look for so long was broken on facts of every permitted age.
const BROKEN_FOR: usize = 24;

/// What can be seen of the nodes of a cluster.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// They serve.
    pub serving: BTreeSet<NodeName>,
    /// They could, and carry nothing because every pod that is wanted is Ready elsewhere.
    pub spare: BTreeSet<NodeName>,
}

/// See the module.
pub struct Judge {
    people: People,
    /// Everything acknowledged, in order.
    pub acknowledged: Vec<Event>,
    /// What it adds up to.
    pub state: State,
    /// What is wrong.
    pub complaints: Vec<String>,
    /// What calls did to the world, by step: boots, machines made, disks emptied, weights set.
    did: BTreeMap<Wish, u32>,
    /// Calls of a step that came to the world and were not refused there.
    came: BTreeMap<Wish, u32>,
    shown: Seq,
    looks: BTreeMap<ClusterName, VecDeque<Looked>>,
    /// Nodes that somebody else cordoned.
    pub others: BTreeSet<NodeName>,
    /// Nodes on which nobody can say who was first.
    unclear: BTreeSet<NodeName>,
}

impl Judge {
    /// Nothing happened yet.
    #[must_use]
    pub fn new(people: People) -> Self {
        Self {
            people,
            acknowledged: Vec::new(),
            state: State::new(),
            complaints: Vec::new(),
            did: BTreeMap::new(),
            came: BTreeMap::new(),
            shown: Seq::default(),
            looks: BTreeMap::new(),
            others: BTreeSet::new(),
            unclear: BTreeSet::new(),
        }
    }

    /// Notes that something is wrong.
    pub fn complain(&mut self, what: impl Into<String>) {
        self.complaints.push(what.into());
    }

    fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.complain(what());
        }
    }

    /// The log acknowledged these.
    pub fn appended(&mut self, events: &[Event]) {
        for event in events {
            self.consent(event);
            self.honest(event);
            self.state.apply(event);
            self.acknowledged.push(event.clone());
        }
        self.locks();
    }

    /// After a start the log holds these.
    pub fn restarted(&mut self, events: &[Event]) {
        let known = self.acknowledged.len();
        let kept = events.get(..known) == Some(self.acknowledged.as_slice());
        self.expect(kept, || format!("{known} events were acknowledged, {} are left", events.len()));
        // What was being flushed when everything stopped may have arrived whole.
        if kept {
            self.appended(&events[known..]);
        }
        let mut replayed = State::new();
        events.iter().for_each(|event| replayed.apply(event));
        let same = !kept || replayed == self.state;
        self.expect(same, || "replay gives another state than living through it".to_owned());
        self.shown = Seq::default();
    }

    fn is_durable(&self, event: &Event) -> bool {
        let at = usize::try_from(event.seq.0).unwrap_or(usize::MAX);
        at > 0 && self.acknowledged.get(at - 1) == Some(event)
    }

    /// These are shown.
    pub fn shown(&mut self, events: &[std::sync::Arc<Event>]) {
        for event in events {
            let durable = self.is_durable(event);
            self.expect(durable, || format!("event {} is shown before it is durable", event.seq));
            let news = event.seq > self.shown;
            self.expect(news, || format!("event {} is shown twice by one process", event.seq));
            self.shown = event.seq;
        }
    }

    /// A command is answered with these.
    pub fn answered(&mut self, events: &[std::sync::Arc<Event>]) {
        for event in events {
            let durable = self.is_durable(event);
            self.expect(durable, || format!("a command is answered with event {} too early", event.seq));
        }
    }

    /// A message is handed over.
    pub fn sent(&mut self, queued: Seq) {
        let at = usize::try_from(queued.0).unwrap_or(0).saturating_sub(1);
        let queues = |event: &Event| matches!(&event.kind, Kind::PostQueued { chat: ChatKind::Webhook, .. });
        let durable = self.acknowledged.get(at).is_some_and(queues);
        self.expect(durable, || format!("message {queued} is sent before it is durable"));
    }

    fn locks(&mut self) {
        let running: Vec<(PlanId, ClusterName, Option<ClusterName>)> = self
            .state
            .plans
            .values()
            .filter(|run| run.holds_lock())
            .map(|run| (run.id, run.plan.cluster.clone(), run.plan.other.clone()))
            .collect();
        let mut held = BTreeSet::new();
        for (id, cluster, other) in running {
            for cluster in std::iter::once(cluster).chain(other) {
                let free = held.insert(cluster.clone());
                self.expect(free, || format!("{id} works on {cluster} beside another plan"));
            }
        }
    }

    /// A yes must be that of somebody who may say it, to the plan that was shown.
    fn consent(&mut self, event: &Event) {
        let (plan, hash) = match &event.kind {
            Kind::PlanApproved { plan, hash } => (*plan, Some(hash)),
            Kind::PlanResumed { plan } => (*plan, None),
            _ => return,
        };
        let Some(run) = self.state.plans.get(&plan) else { return };
        let who = event.actor.person.as_ref().and_then(|name| self.people.named(name.as_str()));
        let may = who.is_some_and(|person| person.may(Permission::Operator));
        let anew = hash.is_some() || asks_anew(run);
        let asks_two = anew && run.plan.consent == Consent::TwoPeople;
        let second = who.is_some_and(|person| {
            person.may(Permission::Approver) && Some(&person.name) != run.asked_by.as_ref()
        });
        let same = hash.is_none_or(|hash| *hash == run.plan.hash() && *hash == run.hash);
        let fine = may && same && (!asks_two || second);
        let told =
            format!("{plan} was said yes to by {:?} (asked by {:?})", event.actor.person, run.asked_by);
        self.expect(fine, || told);
    }

    /// A call with effects leaves the engine. Answers for which step.
    pub fn leaves(&mut self, call: &Call, degraded: bool) -> Option<Wish> {
        self.expect(!degraded, || format!("{call:?} leaves while nothing can be recorded"));
        let fits = |run: &&Run| run.standing == Standing::Running && due(run, call);
        let wish = self.state.plans.values().find(fits).and_then(|run| Some((run.id, run.next_step()?.0)));
        self.expect(wish.is_some(), || format!("{call:?} leaves and no running plan has begun that step"));
        if let Some((plan, step)) = wish {
            self.floors(plan, step);
        }
        wish
    }

    /// What really serves, looked at every [`LOOK_MS`].
    pub fn look(&mut self, cluster: &ClusterName, looked: Looked) {
        let looks = self.looks.entry(cluster.clone()).or_default();
        looks.push_back(looked);
        if looks.len() > BROKEN_FOR {
            looks.pop_front();
        }
    }

    /// What really serves at this moment, in place of the newest look: a plan may go on as soon as a node serves.
    pub fn look_closer(&mut self, cluster: &ClusterName, looked: Looked) {
        let newest = self.looks.get_mut(cluster).and_then(VecDeque::back_mut);
        if let Some(newest) = newest {
            *newest = looked;
        }
    }

    fn floors(&mut self, plan: PlanId, step: u32) {
        let Some(run) = self.state.plans.get(&plan) else { return };
        let Some(taken) = taken_by(&run.plan.steps[usize::try_from(step).unwrap_or(0)]) else { return };
        let broken = run.plan.floors.iter().find(|floor| match floor {
            Floor::Serving { cluster, least, .. } => {
                let looks = self.looks.get(cluster);
                // A node that the plan let in again counts while there is nothing for it to carry.
                let below = |looked: &Looked| {
                    let spare = looked.spare.iter().filter(|node| let_in(run, node));
                    let counted: BTreeSet<&NodeName> = looked.serving.iter().chain(spare).collect();
                    let left = counted.into_iter().filter(|node| *node != taken).count();
                    // Whoever serves nothing takes nothing away.
                    looked.serving.contains(taken) && u32::try_from(left).unwrap_or(u32::MAX) < *least
                };
                looks.is_some_and(|looks| looks.len() == BROKEN_FOR && looks.iter().all(below))
            }
            _ => false,
        });
        if let Some(floor) = broken {
            let told = format!("{plan} takes {taken} although {floor:?} has been broken for two minutes");
            self.complain(told);
        }
    }

    /// A call of a step came to the world. `refused`: nothing was done there; `times`: how often it booted a node, made
    /// a machine, emptied a disk or moved traffic.
    pub fn came(&mut self, wish: Wish, call: &Call, refused: bool, times: u32) {
        if refused {
            return;
        }
        *self.came.entry(wish).or_default() += 1;
        let did = self.did.entry(wish).or_default();
        *did += times;
        let did = *did;
        let (plan, step) = wish;
        self.expect(did <= 1, || format!("{plan} step {step}: {call:?} was done {did} times"));
        self.whose(wish, call);
    }

    /// A node that somebody else cordoned stays so unless somebody asked for exactly that.
    fn whose(&mut self, (plan, step): Wish, call: &Call) {
        let Call::SetSchedulable { node, want: true, .. } = call else { return };
        let asked =
            self.state.plans.get(&plan).and_then(|run| run.plan.steps.get(usize::try_from(step).ok()?));
        let only_ours = matches!(asked, Some(Step::Uncordon { always: false, .. }));
        let theirs = self.others.contains(node) && !self.unclear.contains(node);
        self.expect(!(only_ours && theirs), || {
            format!("{plan} lets {node} take pods, which others had cordoned")
        });
        self.others.remove(node);
    }

    /// Somebody else cordoned a node that took pods, or let it take pods again.
    pub fn colleague(&mut self, node: &NodeName, cordoned: bool) {
        if !cordoned {
            self.others.remove(node);
            return;
        }
        self.others.insert(node.clone());
        let at_it = self.state.plans.values().filter(|run| run.holds_lock()).any(|run| {
            let steps = run.plan.steps.iter().zip(0_u32..);
            // Between the moment the step was decided on and its end.
            let mut cordons =
                steps.filter(|(step, _)| matches!(step, Step::Cordon { node: one, .. } if one == node));
            cordons.any(|(_, index)| {
                let next = run.next_step().map_or(u32::MAX, |(next, _)| next);
                index <= next || run.cordoned.contains(node)
            })
        });
        if at_it {
            self.unclear.insert(node.clone());
        }
    }

    /// What is told of a step must be so.
    fn honest(&mut self, event: &Event) {
        let Kind::StepEnded { plan, step, outcome } = &event.kind else { return };
        let wish = (*plan, *step);
        let Some(planned) =
            self.state.plans.get(plan).and_then(|run| run.plan.steps.get(usize::try_from(*step).ok()?))
        else {
            return self.complain(format!("{plan} has no step {step}"));
        };
        let did = self.did.get(&wish).copied().unwrap_or(0);
        let came = self.came.get(&wish).copied().unwrap_or(0);
        let told = match (planned, outcome) {
            (Step::Reboot { .. } | Step::Reimage { .. }, StepOutcome::Failed { by }) if did > 0 => {
                Some(format!("failed by {by:?} although it was done"))
            }
            (Step::Reboot { .. }, StepOutcome::Succeeded { .. }) if did == 0 => {
                Some("done although nothing was booted".to_owned())
            }
            (
                Step::Cordon { .. }
                | Step::Uncordon { .. }
                | Step::Stop { .. }
                | Step::Reimage { .. }
                | Step::Leave { .. },
                StepOutcome::Succeeded { .. },
            ) if came == 0 => Some("done although no call of it came to the world".to_owned()),
            (
                Step::Obtain { rung: Rung::Launch(_), .. },
                StepOutcome::Succeeded { result: StepResult::Gained { .. } },
            ) if did == 0 => Some("a machine although none was made".to_owned()),
            _ => None,
        };
        if let Some(told) = told {
            let planned = format!("{planned:?}");
            self.complain(format!("{plan} step {step} ({planned}) is told {told}"));
        }
    }
}
