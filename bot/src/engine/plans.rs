//! Running plans: what the executor asks for is recorded, and its calls leave once that is durable.

use lifeboat_commands::ports::call::Answer;
use lifeboat_commands::verb::Change;
use lifeboat_deploy::execute::{self, Next, View};
use lifeboat_storage::event::{Actor, Kind, Origin};
use lifeboat_storage::id::{IncidentId, PlanId, ServiceName};
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::state::State;

use super::Engine;
use super::effect::Effect;
use super::input::Now;
use super::record::Decided;

impl Engine {
    /// Every plan that may go on does.
    pub(crate) fn advance_plans(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.record.degraded.is_some() {
            // What was decided since is not on disk: nobody knows how far it went.
            self.fleet.memories.clear();
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
        let next = self.record.durable.plans.get(&plan).map(|run| {
            self.with_view(run, now, |view| {
                execute::notice(view, &mut memory);
                execute::next(view, &memory)
            })
        });
        // What a pause interrupted is looked at anew.
        if self.is_running(plan) {
            self.fleet.memories.insert(plan, memory);
        }
        match next {
            None | Some(Next::Wait) => {}
            Some(Next::Record(kinds)) => self.record_of(plan, kinds, now, out),
            Some(Next::Call(call)) => self.call(*call, Some(plan), now, out),
        }
    }

    fn is_running(&self, plan: PlanId) -> bool {
        self.record.durable.plans.get(&plan).is_some_and(|run| run.standing == Standing::Running)
    }

    /// Nothing of the plan is on its way to the disk: what is durable is all there is.
    fn is_settled(&self, plan: PlanId) -> bool {
        let changed = |state: &State| state.plans.get(&plan).map(|run| run.changed);
        changed(&self.state) == changed(&self.record.durable)
    }

    fn with_view<T>(&self, run: &Run, now: Now, how: impl FnOnce(&View<'_>) -> T) -> T {
        let share = |service: &ServiceName| self.recent_share(service);
        how(&View {
            run,
            state: &self.record.durable,
            facts: &self.fleet.facts,
            fleet: &self.setup.fleet,
            share: &share,
            now: now.wall,
        })
    }

    /// The answer to the call of a plan's step. What it means is decided on all that was decided before it, as a
    /// pause or an end that is on its way to the disk.
    pub(crate) fn answered(&mut self, plan: PlanId, answer: &Answer, now: Now, out: &mut Vec<Effect>) {
        if self.record.degraded.is_some() {
            return;
        }
        let mut memory = self.fleet.memories.remove(&plan).unwrap_or_default();
        let run = self.state.plans.get(&plan);
        let kinds =
            run.map(|run| self.with_view(run, now, |view| execute::answered(view, &mut memory, answer)));
        self.fleet.memories.insert(plan, memory);
        self.record_of(plan, kinds.unwrap_or_default(), now, out);
    }

    /// A plan at work is part of the incident that came over its service; a proposal nobody answered is not.
    fn incident_of(&self, run: &Run) -> Option<IncidentId> {
        if run.holds_lock() { self.state.incident_of_plan(run) } else { run.incident }
    }

    fn record_of(&mut self, plan: PlanId, kinds: Vec<Kind>, now: Now, out: &mut Vec<Effect>) {
        for kind in &kinds {
            if let Kind::StepStarted { step, attempt, .. } = kind {
                let memory = self.fleet.memories.entry(plan).or_default();
                *memory = memory.started(*step, *attempt);
            }
        }
        let incident = self.state.plans.get(&plan).and_then(|run| self.incident_of(run));
        let change = |kind| Change { incident, occurred_at: now.wall, kind, supersedes: None };
        let changes = kinds.into_iter().map(change).collect();
        self.commit(Decided { changes, ..Decided::default() }, &Actor::lifeboat(Origin::Lifeboat), now, out);
    }
}
