//! What must hold when everything is over: no plan stands still, every message came, every cordon is told.

use std::collections::BTreeSet;

use lifeboat_storage::event::{DeliveryOutcome, Kind};
use lifeboat_storage::id::{NodeName, Seq};
use lifeboat_storage::plan::run::{Progress, Run, Standing};
use lifeboat_storage::plan::{FailedBy, SkipReason, Step, StepOutcome, Verb};

use super::Judge;
use super::step::{cordons, frees};
use crate::faults::chat::Chat;

impl Judge {
    /// At the end everything works and nothing is left to do.
    pub fn at_the_end(&mut self, chat: &Chat, cordoned: &BTreeSet<NodeName>) {
        self.plans_are_honest();
        self.messages(chat);
        for node in cordoned {
            let said = self.others.contains(node) || self.unclear.contains(node) || self.is_said(node);
            self.expect(said, || format!("{node} is left cordoned and nobody was told"));
        }
    }

    fn plans_are_honest(&mut self) {
        let standing_still: Vec<String> = self
            .state
            .plans
            .values()
            .filter(|run| matches!(run.standing, Standing::Running | Standing::Proposed))
            .map(|run| {
                format!("{} is {:?} and nothing comes of it: {:?}", run.id, run.standing, run.next_step())
            })
            .collect();
        self.complaints.extend(standing_still);
    }

    /// Whether the record tells that a node is cordoned, or why.
    fn is_said(&self, node: &NodeName) -> bool {
        self.state.plans.values().any(|run| {
            let purpose = matches!(
                run.plan.verb,
                Verb::NodeCordon | Verb::NodeDrain | Verb::NodeRemove | Verb::NodeMove { .. }
            );
            let touched = run.plan.steps.iter().any(|step| cordons(step) == Some(node));
            let meant = purpose && touched && run.standing == Standing::Proven;
            // A plan that stands still shows where; a machine that came too late is told by its failed step.
            let open = run.is_open() && (touched || run.joined.values().any(|joined| joined == node));
            meant || open || self.is_left(run, node) || self.may_have_joined(run, node)
        })
    }

    fn is_left(&self, run: &Run, node: &NodeName) -> bool {
        self.acknowledged.iter().any(|event| match &event.kind {
            Kind::PlanEnded { plan, left, .. } | Kind::PlanCancelled { plan, left } if *plan == run.id => {
                let of_node = |index: &u32| {
                    let step = usize::try_from(*index).ok().and_then(|index| run.plan.steps.get(index));
                    step.is_some_and(|step| cordons(step) == Some(node) || frees(step) == Some(node))
                };
                left.cordoned.contains(node) || left.unknown.iter().any(of_node)
            }
            _ => false,
        })
    }

    /// A machine was on its way into the cluster, and it was told that this did not come to an end.
    fn may_have_joined(&self, run: &Run, node: &NodeName) -> bool {
        let late = |(index, progress): (&u32, &Progress)| {
            let step = usize::try_from(*index).ok().and_then(|index| run.plan.steps.get(index));
            let joins = matches!(step, Some(Step::Join { .. } | Step::Admit { .. }));
            let open = match &progress.ended {
                None | Some((_, StepOutcome::Unknown { .. })) => true,
                Some((_, StepOutcome::Failed { by })) => {
                    matches!(by, FailedBy::Deadline { .. } | FailedBy::Denied { .. })
                }
                Some((_, StepOutcome::Skipped { why })) => *why == SkipReason::NothingGained,
                Some(_) => false,
            };
            joins && open
        };
        let named = run.plan.targets.iter().any(|target| target.node == *node);
        !named && run.steps.iter().any(late)
    }

    fn messages(&mut self, chat: &Chat) {
        let mut wrong = Vec::new();
        for arrived in chat.arrived.values() {
            let mut first: Vec<Seq> = Vec::new();
            for message in arrived {
                let again = first.contains(&message.queued);
                if again && !message.marked {
                    wrong.push(format!("message {} came again unmarked", message.queued));
                } else if !again && first.last().is_some_and(|last| *last > message.queued) {
                    wrong.push(format!("message {} came after a later one", message.queued));
                } else if !again {
                    first.push(message.queued);
                }
            }
        }
        let arrived: BTreeSet<Seq> = chat.arrived.values().flatten().map(|message| message.queued).collect();
        for event in &self.acknowledged {
            if let Kind::PostSettled { queued, outcome: DeliveryOutcome::Sent { .. } } = &event.kind
                && !arrived.contains(queued)
            {
                wrong.push(format!("message {queued} is told sent and never came"));
            }
        }
        wrong.extend(self.state.outbox.waiting.keys().map(|seq| format!("message {seq} was never sent")));
        self.complaints.extend(wrong);
    }
}
