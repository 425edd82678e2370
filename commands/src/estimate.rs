//! How long a running plan will still take, from what is left of it and how fast it went so far. Pure.

use lifeboat_storage::event::Time;
use lifeboat_storage::plan::Step;
use lifeboat_storage::plan::run::Run;

/// So much of the work must be behind before its pace says anything, in usual seconds.
const TELLING_S: u32 = 20;
/// A plan runs at most so many times slower or faster than usual, as far as an estimate believes.
const PACE: (u64, u64) = (500, 3_000);

/// What is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// In seconds, at least 5.
    pub seconds: u32,
    /// It takes half as long again as was told when it was approved, or longer.
    pub late: bool,
}

/// How long a plan will still take; none before it was approved.
#[must_use]
pub fn left(run: &Run, now: Time) -> Option<Left> {
    let began = run.approved_at?;
    let elapsed = worked_s(run, began, now);
    let weights = weights(run);
    let (mut done, mut open) = (0_u32, 0_u32);
    for (weight, index) in weights.into_iter().zip(0_u32..) {
        match run.steps.get(&index) {
            Some(progress) if !progress.is_open() => done += weight,
            Some(progress) => {
                let spent = worked_s(run, progress.started_at, now);
                let spent = u32::try_from(spent).unwrap_or(u32::MAX).min(weight);
                done += spent;
                open += weight - spent;
            }
            None => open += weight,
        }
    }
    let pace = if done < TELLING_S { 1_000 } else { elapsed * 1_000 / u64::from(done) };
    let seconds = u64::from(open) * pace.clamp(PACE.0, PACE.1) / 1_000;
    let late = elapsed * 2 > u64::from(run.plan.expected_s) * 3;
    Some(Left { seconds: u32::try_from(seconds).unwrap_or(u32::MAX).max(5), late })
}

/// Seconds since then in which the plan did not stand still.
fn worked_s(run: &Run, since: Time, now: Time) -> u64 {
    u64::try_from((now - since - run.stood(since, now)).num_seconds()).unwrap_or(0)
}

/// What each step usually takes, in seconds; what is not needed any more takes nothing.
fn weights(run: &Run) -> Vec<u32> {
    let gained = u32::try_from(run.gained.len()).unwrap_or(u32::MAX);
    let mut before: Option<&Step> = None;
    let mut weights = Vec::with_capacity(run.plan.steps.len());
    for (step, index) in run.plan.steps.iter().zip(0_u32..) {
        let over = run.steps.get(&index).is_some_and(|progress| !progress.is_open());
        let together = before.is_some_and(|before| waits_together(before, step));
        weights.push(match step {
            Step::Obtain { want, .. } if gained >= *want && !over => 0,
            // Machines boot and join side by side: only the first wait of several counts.
            _ if together => 2,
            step => usual_s(step),
        });
        before = Some(step);
    }
    weights
}

fn waits_together(before: &Step, step: &Step) -> bool {
    matches!(
        (before, step),
        (Step::AwaitBoot { .. }, Step::AwaitBoot { .. })
            | (Step::Join { .. }, Step::Join { .. })
            | (Step::Admit { .. }, Step::Admit { .. })
            | (Step::Obtain { .. }, Step::Obtain { .. })
    )
}

fn usual_s(step: &Step) -> u32 {
    match step {
        Step::Hold { seconds, .. } => *seconds,
        Step::AwaitBoot { stable_s, .. } => 60 + stable_s,
        Step::Join { .. } | Step::Admit { .. } | Step::Reimage { .. } => 90,
        Step::Drain { .. } | Step::Prove { .. } => 30,
        Step::Obtain { .. } | Step::Leave { .. } | Step::Stop { .. } | Step::InstallCanary { .. } => 20,
        Step::Reboot { .. } | Step::Forget { .. } | Step::Shift { .. } => 5,
        Step::Probe { .. } | Step::Cordon { .. } | Step::Uncordon { .. } | Step::Preflight { .. } => 2,
    }
}

#[cfg(test)]
mod tests;
