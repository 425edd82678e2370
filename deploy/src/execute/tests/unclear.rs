//! Time-outs after the effect, lost answers, other processes: looked at before it is repeated.

use lifeboat_commands::facts::{InstanceState, Ready};
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_storage::plan::SkipReason;

use super::bench::*;
use crate::execute::*;

fn rebooting() -> Bench {
    Bench::of(plan(vec![reboot_of(1), await_boot(1), prove_serving(5, &[1])]))
}

fn unknown() -> Answer {
    Answer::Plain(Outcome::Unknown(said("timed out")))
}

fn is_reboot(call: Option<&Call>) -> bool {
    matches!(call, Some(Call::Reboot { .. }))
}

#[test]
fn a_call_leaves_only_after_its_start_is_recorded() {
    let mut bench = rebooting();
    let key = IdemKey::new("P-1-1-0-1");
    let started = Kind::StepStarted { plan: PLAN, step: 0, attempt: 1, key: key.clone() };
    assert_eq!(bench.look(), Next::Record(vec![started]));
    let call = Call::Reboot { cloud: cloud(), instance: machine(1), key };
    assert_eq!(bench.go(), Next::Call(Box::new(call)));
}

#[test]
fn a_reboot_that_timed_out_after_its_effect_is_known_by_the_boot_id_and_not_repeated() {
    let mut bench = rebooting();
    bench.call();
    bench.answer(&unknown());
    bench.node(1).ready = Ready::No;
    let (_, early) = bench.until_call(50);
    assert_eq!(early, None, "nothing is done while it is away");
    bench.booted(1);
    bench.pass(1);
    assert_eq!(bench.go(), Next::Wait);
    assert_eq!(bench.outcome(0), Some(StepOutcome::Succeeded { result: StepResult::Plain }));
}

#[test]
fn a_boot_id_read_before_the_doubt_decides_nothing() {
    let mut bench = rebooting();
    bench.call();
    bench.answer(&unknown());
    bench.blind = true;
    bench.booted(1);
    assert_eq!(bench.go(), Next::Wait);
    assert_eq!(bench.outcome(0), None);
}

#[test]
fn another_process_looks_at_a_reboot_before_it_reboots() {
    let mut bench = rebooting();
    bench.call();
    bench.restart();
    assert_eq!(bench.go(), Next::Wait, "nobody here knows whether the call left");
    let (seconds, call) = bench.until_call(400);
    assert!(is_reboot(call.as_ref()), "it never booted: {call:?}");
    assert_eq!((seconds, bench.run().steps[&0].attempts), (121, 2));
    bench.restart();
    bench.booted(1);
    bench.go();
    bench.pass(1);
    bench.go();
    assert_eq!(bench.outcome(0), Some(StepOutcome::Succeeded { result: StepResult::Plain }));
}

#[test]
fn another_process_repeats_what_is_safe_to_repeat_with_the_same_key() {
    let mut bench = Bench::of(plan(vec![launch(), prove_serving(0, &[])]));
    let Call::Launch { key, .. } = bench.call() else { panic!() };
    bench.restart();
    let Call::Launch { key: again, .. } = bench.call() else { panic!() };
    assert_eq!(again, key);
    assert_eq!(bench.run().steps[&0].attempts, 2);
}

#[test]
fn a_reboot_that_stays_unknown_pauses_the_plan_keeps_the_lock_and_names_the_step() {
    let mut bench = rebooting();
    bench.call();
    bench.answer(&unknown());
    // It went down and does not come back: neither booted nor untouched.
    bench.node(1).ready = Ready::Unknown;
    let (seconds, call) = bench.until_call(400);
    assert_eq!((seconds, call), (301, None));
    let evidence = said("P-1-1-0-1");
    assert_eq!(bench.outcome(0), Some(StepOutcome::Unknown { evidence }));
    assert_eq!(bench.run().paused, Some(PauseReason::StepUnknown));
    assert!(bench.state.lock_of(&main()).is_some(), "the lock is kept");
}

#[test]
fn a_reboot_without_a_boot_id_is_never_repeated_by_itself() {
    let without = Step::AwaitBoot { cluster: main(), node: node(1), before: None, stable_s: 60 };
    let mut bench = Bench::of(plan(vec![reboot_of(1), without, prove_serving(5, &[1])]));
    bench.call();
    bench.answer(&unknown());
    let (_, call) = bench.until_call(400);
    assert_eq!((call, bench.run().paused.clone()), (None, Some(PauseReason::StepUnknown)));
}

#[test]
fn a_node_that_booted_since_the_plan_was_made_is_not_booted_again() {
    let mut bench = rebooting();
    bench.booted(1);
    assert_eq!(bench.go(), Next::Wait, "it waits for the node to be stable");
    assert_eq!(bench.outcome(0), Some(StepOutcome::Skipped { why: SkipReason::AlreadySo }));
}

#[test]
fn traffic_that_moved_although_the_answer_was_lost_is_not_moved_again() {
    let mut bench = Bench::of(plan(vec![shift(0), hold(60), prove_serving(5, &[])]));
    bench.call();
    bench.answer(&Answer::Spread(Outcome::Unknown(said("timed out"))));
    let traffic = bench.facts.traffic.get_mut(&www()).unwrap();
    traffic.weights = weights(0);
    traffic.version = "2".to_owned();
    bench.pass(1);
    assert_eq!(bench.go(), Next::Wait);
    let result = StepResult::WeightsWere { before: Vec::new(), share: None };
    assert_eq!(bench.outcome(0), Some(StepOutcome::Succeeded { result }));
}

#[test]
fn traffic_that_somebody_else_moved_meanwhile_is_left_alone_and_the_plan_asks() {
    let mut bench = Bench::of(plan(vec![shift(0), hold(60), prove_serving(5, &[])]));
    bench.call();
    bench.answer(&Answer::Spread(Outcome::Busy { after_ms: 5_000 }));
    let traffic = bench.facts.traffic.get_mut(&www()).unwrap();
    traffic.weights = weights(50);
    traffic.version = "2".to_owned();
    bench.pass(1);
    assert_eq!(bench.go(), Next::Wait);
    assert_eq!(bench.run().paused, Some(PauseReason::TrafficChanged { traffic: www() }));
}

#[test]
fn machines_that_started_although_the_answer_never_came_are_counted_at_the_deadline() {
    let mut bench = Bench::of(plan(vec![start(&[6, 7]), join(0), prove_serving(0, &[])]));
    bench.add_machine(6, InstanceState::Stopped);
    bench.add_machine(7, InstanceState::Stopped);
    bench.call();
    let lost = || Outcome::Unknown(said("timed out"));
    bench.answer(&each(&[(6, lost()), (7, lost())]));
    bench.add_machine(7, InstanceState::Running);
    for _ in 0..200 {
        if let Next::Call(call) = bench.go()
            && matches!(*call, Call::Start { .. })
        {
            bench.answer(&each(&[(6, lost()), (7, lost())]));
        }
        bench.pass(1);
    }
    let result = StepResult::Gained { instances: vec![machine(7)], refused: nobody() };
    assert_eq!(bench.outcome(0), Some(StepOutcome::Succeeded { result }));
}

#[test]
fn a_cordon_counts_as_ours_only_when_the_node_was_open_or_the_first_answer_was_lost() {
    let ours = |lost: bool, before: bool| {
        let mut bench = Bench::of(plan(vec![cordon(1), reboot_of(1), await_boot(1), uncordon(1)]));
        bench.call();
        if lost {
            bench.answer(&Answer::Schedulable(Outcome::Unknown(said("timed out"))));
            bench.until_call(10);
        }
        bench.answer(&Answer::Schedulable(Outcome::Done(before)));
        bench.run().cordoned.contains(&node(1))
    };
    let found = [(false, true), (false, false), (true, true), (true, false)]
        .map(|(lost, before)| (lost, before, ours(lost, before)));
    let expected = [(false, true, true), (false, false, false), (true, true, true), (true, false, true)];
    assert_eq!(found, expected, "answer lost, was open before, counts as ours");
}

#[test]
fn only_a_node_that_we_cordoned_is_uncordoned() {
    let mut bench = Bench::of(plan(vec![cordon(1), uncordon(1), prove_serving(5, &[1])]));
    bench.call();
    // Somebody else was a moment earlier.
    bench.answer(&Answer::Schedulable(Outcome::Done(false)));
    bench.node(1).schedulable = false;
    bench.go();
    assert_eq!(bench.outcome(1), Some(StepOutcome::Skipped { why: SkipReason::NotOurCordon }));
}

#[test]
fn a_node_that_nobody_cordoned_is_not_said_to_be_cordoned_by_somebody_else() {
    let mut bench = Bench::of(plan(vec![uncordon(1), prove_serving(5, &[1])]));
    bench.go();
    assert_eq!(bench.outcome(0), Some(StepOutcome::Skipped { why: SkipReason::AlreadySo }));
}

#[test]
fn a_clock_that_is_set_makes_no_step_late_and_no_doubt_endless() {
    for hours in [-1, 1] {
        let mut bench = rebooting();
        bench.call();
        bench.answer(&unknown());
        let by = TimeDelta::hours(hours);
        bench.now += by;
        bench.facts.shift(by);
        bench.memory.shift(by);
        bench.pass(1);
        assert_eq!(bench.go(), Next::Wait, "{hours}");
        bench.booted(1);
        bench.pass(1);
        bench.go();
        let done = StepOutcome::Succeeded { result: StepResult::Plain };
        assert_eq!(bench.outcome(0), Some(done), "{hours} hours");
    }
}

#[test]
fn a_refusal_after_silence_does_not_say_that_nothing_was_done() {
    let mut bench = Bench::of(plan(vec![cordon(1), uncordon(1), prove_serving(5, &[1])]));
    bench.call();
    bench.answer(&Answer::Schedulable(Outcome::Unknown(said("timed out"))));
    assert!(bench.until_call(20).1.is_some(), "it is asked again");
    bench.answer(&Answer::Schedulable(Outcome::Denied(said("forbidden"))));
    assert_eq!(
        (bench.run().standing, bench.outcome(0)),
        (Standing::Running, None),
        "the first may have come there"
    );
    assert!(bench.until_call(20).1.is_some(), "and again");
    bench.answer(&Answer::Schedulable(Outcome::Done(false)));
    assert!(bench.run().cordoned.contains(&node(1)), "it is this plan's own cordon");
}
