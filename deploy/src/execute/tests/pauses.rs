//! People pause, resume and end plans, and do so while a call is on its way; consent has its time.

use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_storage::plan::{Consent, Forgotten};

use super::bench::*;
use crate::execute::*;

fn rolling() -> Bench {
    let steps = vec![cordon(1), reboot_of(1), await_boot(1), uncordon(1), prove_serving(4, &[1])];
    Bench::of(plan(steps))
}

fn done() -> Answer {
    Answer::Plain(Outcome::Done(()))
}

fn cordoned() -> Bench {
    let mut bench = rolling();
    bench.call();
    bench.answer(&Answer::Schedulable(Outcome::Done(true)));
    bench.node(1).schedulable = false;
    bench
}

fn pause() -> Kind {
    Kind::PlanPaused { plan: PLAN, why: PauseReason::Asked }
}

#[test]
fn a_plan_that_nobody_said_yes_to_expires_after_ten_minutes() {
    let mut bench = Bench::proposed(plan(vec![cordon(1), prove_serving(4, &[1])]));
    bench.pass(600);
    assert_eq!(bench.look(), Next::Wait);
    bench.pass(1);
    bench.go();
    assert_eq!(bench.run().standing, Standing::Expired);
}

#[test]
fn a_yes_that_was_not_followed_by_a_start_expires_after_ten_minutes() {
    let mut bench = rolling();
    bench.restart();
    bench.pass(601);
    bench.go();
    assert_eq!(bench.run().standing, Standing::Expired);
    assert_eq!(bench.run().steps.len(), 0);
}

#[test]
fn a_plan_that_has_begun_does_not_expire() {
    let mut bench = cordoned();
    bench.pass(3_600);
    assert!(matches!(bench.call(), Call::Reboot { .. }));
}

#[test]
fn a_resume_is_a_yes_anew_while_nothing_was_begun() {
    let mut bench = rolling();
    bench.record(pause());
    bench.pass(3_600);
    assert_eq!(bench.go(), Next::Wait);
    bench.record(Kind::PlanResumed { plan: PLAN });
    assert!(matches!(bench.call(), Call::SetSchedulable { .. }));
}

#[test]
fn a_paused_plan_takes_no_step_and_goes_on_where_it_stood() {
    let mut bench = cordoned();
    bench.record(pause());
    assert_eq!(bench.until_call(60), (0, None));
    bench.record(Kind::PlanResumed { plan: PLAN });
    assert!(matches!(bench.call(), Call::Reboot { .. }));
}

#[test]
fn what_was_done_while_a_pause_came_is_kept() {
    let mut bench = cordoned();
    bench.call();
    bench.record(pause());
    bench.answer(&done());
    assert_eq!(bench.outcome(1), Some(StepOutcome::Succeeded { result: StepResult::Plain }));
}

#[test]
fn what_failed_while_a_pause_came_is_tried_again_and_never_passed_over() {
    let mut bench = Bench::of(plan(vec![drain(1), reboot_of(1), await_boot(1), prove_serving(4, &[1])]));
    bench.call();
    bench.record(pause());
    bench.answer(&Answer::Drained(Outcome::Denied(said("forbidden"))));
    assert_eq!(bench.outcome(0), None);
    bench.restart();
    bench.record(Kind::PlanResumed { plan: PLAN });
    assert!(matches!(bench.call(), Call::Drain { .. }));
}

#[test]
fn a_plan_that_was_ended_is_told_how_its_last_step_went_and_ends_only_once() {
    let mut bench = cordoned();
    bench.call();
    let left = bench.run().leaves();
    assert_eq!(left, Forgotten { cordoned: vec![node(1)], unknown: vec![1] });
    bench.record(Kind::PlanCancelled { plan: PLAN, left });
    assert_eq!(bench.state.lock_of(&main()), None, "the lock died with it");
    bench.recorded.clear();
    bench.answer(&Answer::Plain(Outcome::Denied(said("forbidden"))));
    let by = FailedBy::Denied { evidence: said("forbidden") };
    let ended = Kind::StepEnded { plan: PLAN, step: 1, outcome: StepOutcome::Failed { by } };
    assert_eq!(bench.recorded, [ended]);
    assert_eq!(bench.run().standing, Standing::Cancelled);
    assert_eq!(bench.look(), Next::Wait);
}

#[test]
fn a_step_that_failed_and_paused_the_plan_is_tried_again_when_it_goes_on() {
    let mut bench = cordoned();
    bench.call();
    bench.answer(&Answer::Plain(Outcome::Denied(said("forbidden"))));
    assert_eq!(bench.run().paused, Some(PauseReason::StepFailed));
    bench.restart();
    bench.record(Kind::PlanResumed { plan: PLAN });
    let (seconds, call) = bench.until_call(400);
    assert!(matches!(call, Some(Call::Reboot { .. })), "{call:?}");
    assert_eq!(seconds, 121, "it is looked at first");
}

#[test]
fn an_unknown_step_is_read_again_on_resume_with_all_its_time() {
    let mut bench = cordoned();
    bench.call();
    bench.answer(&Answer::Plain(Outcome::Unknown(said("timed out"))));
    bench.node(1).ready = lifeboat_commands::facts::Ready::No;
    bench.until_call(400);
    assert_eq!(bench.run().paused, Some(PauseReason::StepUnknown));
    bench.restart();
    bench.record(Kind::PlanResumed { plan: PLAN });
    let (seconds, _) = bench.until_call(400);
    assert_eq!((seconds, bench.run().paused.clone()), (301, Some(PauseReason::StepUnknown)));
    bench.booted(1);
    bench.restart();
    bench.record(Kind::PlanResumed { plan: PLAN });
    bench.go();
    bench.pass(1);
    bench.go();
    assert_eq!(bench.outcome(1), Some(StepOutcome::Succeeded { result: StepResult::Plain }));
}

#[test]
fn a_cancel_while_a_step_is_unknown_records_that_it_was_left_unknown() {
    let mut bench = cordoned();
    bench.call();
    bench.answer(&Answer::Plain(Outcome::Unknown(said("timed out"))));
    bench.node(1).ready = lifeboat_commands::facts::Ready::No;
    bench.until_call(400);
    assert_eq!(bench.run().leaves(), Forgotten { cordoned: vec![node(1)], unknown: vec![1] });
}

#[test]
fn a_cancel_within_a_batch_leaves_every_node_unknown_that_is_still_booting() {
    let mut bench = Bench::of(plan(vec![reboot_of(1), reboot_of(2), await_boot(1), await_boot(2)]));
    for _ in 0..2 {
        assert!(matches!(bench.call(), Call::Reboot { .. }));
        bench.answer(&done());
    }
    bench.go();
    assert_eq!(bench.run().leaves(), Forgotten { cordoned: Vec::new(), unknown: vec![2, 3] });
}

#[test]
fn a_canary_that_fails_ends_the_plan_and_says_what_stays_cordoned() {
    let mut made = plan(vec![cordon(1), reboot_of(1), await_boot(1), uncordon(1), prove_serving(4, &[1])]);
    made.verb = Verb::NodeReboot { mode: RebootMode::Canary };
    let mut bench = Bench::of(made);
    bench.call();
    bench.answer(&Answer::Schedulable(Outcome::Done(true)));
    bench.node(1).schedulable = false;
    bench.call();
    bench.answer(&Answer::Plain(Outcome::Denied(said("forbidden"))));
    let left = Forgotten { cordoned: vec![node(1)], unknown: Vec::new() };
    let ended = Kind::PlanEnded { plan: PLAN, proven: false, left };
    assert_eq!(bench.recorded.last(), Some(&ended));
    assert_eq!(bench.state.lock_of(&main()), None);
}

#[test]
fn one_yes_is_for_one_plan_and_another_hash_is_no_yes() {
    let mut made = plan(vec![cordon(1), prove_serving(4, &[1])]);
    made.consent = Consent::TwoPeople;
    let mut bench = Bench::proposed(made);
    bench.record(Kind::PlanApproved { plan: PLAN, hash: "0".repeat(64) });
    assert_eq!(bench.run().standing, Standing::Proposed);
    assert_eq!(bench.go(), Next::Wait);
}
