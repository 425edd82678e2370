//! Running plans: what the executor asks for is recorded, and its calls leave once that is durable.

use lifeboat_commands::ports::call::Answer;
use lifeboat_commands::verb::Change;
use lifeboat_deploy::execute::{self, Memory, Next, View};
use lifeboat_storage::event::{Actor, Kind, Origin};
use lifeboat_storage::id::{PlanId, ServiceName};

use super::Engine;
use super::effect::Effect;
use super::input::Now;
use super::record::Decided;

impl Engine {
    /// Every plan that may go on does.
    pub(crate) fn advance_plans(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.record.degraded.is_some() {
            return;
        }
        let open: Vec<PlanId> =
            self.record.durable.plans.values().filter(|run| run.is_open()).map(|run| run.id).collect();
        for plan in open {
            self.advance_plan(plan, now, out);
        }
        let durable = &self.record.durable.plans;
        self.fleet.memories.retain(|plan, _| durable.get(plan).is_some_and(|run| run.is_open()));
    }

    fn advance_plan(&mut self, plan: PlanId, now: Now, out: &mut Vec<Effect>) {
        let waits = self.fleet.calls.values().any(|asked| asked.plan == Some(plan));
        if waits || !self.is_settled(plan) {
            return;
        }
        let mut memory = self.fleet.memories.remove(&plan).unwrap_or_default();
        let next = self.with_view(plan, now, |view| {
            execute::watch(view, &mut memory);
            execute::next(view, &memory)
        });
        self.fleet.memories.insert(plan, memory);
        match next {
            None | Some(Next::Wait) => {}
            Some(Next::Record(kinds)) => self.record_of(plan, kinds, now, out),
            Some(Next::Call(call)) => self.call(*call, Some(plan), now, out),
        }
    }

    /// Nothing of the plan is on its way to the disk: what is durable is all there is.
    fn is_settled(&self, plan: PlanId) -> bool {
        let changed = |state: &lifeboat_storage::state::State| state.plans.get(&plan).map(|run| run.changed);
        changed(&self.state) == changed(&self.record.durable)
    }

    fn with_view<T>(&self, plan: PlanId, now: Now, how: impl FnOnce(&View<'_>) -> T) -> Option<T> {
        let share = |service: &ServiceName| self.recent_share(service);
        let run = self.record.durable.plans.get(&plan)?;
        Some(how(&View {
            run,
            state: &self.record.durable,
            facts: &self.fleet.facts,
            fleet: &self.setup.fleet,
            share: &share,
            now: now.wall,
        }))
    }

    /// The answer to the call of a plan's step.
    pub(crate) fn answered(&mut self, plan: PlanId, answer: &Answer, now: Now, out: &mut Vec<Effect>) {
        let mut memory = self.fleet.memories.remove(&plan).unwrap_or_default();
        let kinds = self.with_view(plan, now, |view| execute::answered(view, &mut memory, answer));
        self.fleet.memories.insert(plan, memory);
        self.record_of(plan, kinds.unwrap_or_default(), now, out);
    }

    fn record_of(&mut self, plan: PlanId, kinds: Vec<Kind>, now: Now, out: &mut Vec<Effect>) {
        for kind in &kinds {
            if let Kind::StepStarted { step, attempt, .. } = kind {
                self.fleet.memories.insert(plan, Memory::of(*step, *attempt));
            }
        }
        let incident = self.record.durable.plans.get(&plan).and_then(|run| run.incident);
        let change = |kind| Change { incident, occurred_at: now.wall, kind, supersedes: None };
        let changes = kinds.into_iter().map(change).collect();
        self.commit(Decided { changes, ..Decided::default() }, &Actor::lifeboat(Origin::Lifeboat), now, out);
    }
}
