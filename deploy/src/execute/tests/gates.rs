//! What must hold before every step, on fresh facts.

use lifeboat_commands::facts::{Identity, NodeRole, Ready};
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_commands::ports::orchestrator::Drained;
use lifeboat_storage::plan::Floor;

use super::bench::*;
use crate::execute::*;

fn serving_floor() -> Floor {
    Floor::Serving { cluster: main(), service: blog(), least: 3, of: 5 }
}

fn rolling() -> Bench {
    let steps = vec![cordon(1), drain(1), reboot_of(1), await_boot(1), uncordon(1), prove_serving(4, &[1])];
    Bench::of(plan(steps))
}

fn schedulable() -> Answer {
    Answer::Schedulable(Outcome::Done(true))
}

fn drained(left: u32, blocked_by: &[&str]) -> Answer {
    let blocked_by = blocked_by.iter().map(|name| (*name).to_owned()).collect();
    Answer::Drained(Outcome::Done(Drained { left, blocked_by, done: left == 0 }))
}

#[test]
fn a_floor_that_breaks_before_a_step_pauses_the_plan_with_what_is_there_now() {
    let mut bench = rolling();
    bench.call();
    bench.answer(&schedulable());
    bench.remove_pod(4);
    bench.remove_pod(5);
    assert_eq!(bench.go(), Next::Wait);
    let why = PauseReason::FloorBroken { floor: serving_floor(), now: 2 };
    assert_eq!(bench.run().paused, Some(why), "the drain would leave two of three");
    assert_eq!(bench.run().steps.len(), 1, "the drain was not even begun");
}

#[test]
fn a_floor_that_breaks_while_a_drain_goes_on_stops_it_before_its_next_call() {
    let mut bench = rolling();
    bench.call();
    bench.answer(&schedulable());
    bench.call();
    bench.answer(&drained(2, &[]));
    bench.remove_pod(4);
    bench.remove_pod(5);
    let (_, call) = bench.until_call(30);
    assert_eq!(call, None);
    assert_eq!(bench.run().paused, Some(PauseReason::FloorBroken { floor: serving_floor(), now: 2 }));
}

#[test]
fn a_floor_that_breaks_between_the_record_and_the_call_keeps_the_call_back() {
    let mut bench = Bench::of(plan(vec![reboot_of(1), await_boot(1), prove_serving(4, &[1])]));
    let Next::Record(kinds) = bench.look() else { panic!("it begins") };
    kinds.into_iter().for_each(|kind| bench.record(kind));
    bench.remove_pod(4);
    bench.remove_pod(5);
    assert_eq!(bench.go(), Next::Wait);
    assert_eq!(bench.run().paused, Some(PauseReason::FloorBroken { floor: serving_floor(), now: 2 }));
}

#[test]
fn a_node_that_was_let_in_again_is_waited_for_a_while_before_the_next_one_leaves() {
    for comes in [true, false] {
        let mut bench = Bench::of(plan(vec![uncordon(1), drain(2), prove_serving(3, &[2])]));
        bench.remove_pod(1);
        bench.remove_pod(5);
        for _ in 0..100 {
            assert_eq!(bench.go(), Next::Wait, "its pods are not up yet");
            assert_eq!(bench.run().standing, Standing::Running);
            bench.pass(1);
            bench.read_again();
        }
        if comes {
            bench.add_pod(1);
            assert!(matches!(bench.call(), Call::Drain { .. }));
        }
        for _ in 0..30 {
            bench.go();
            bench.pass(1);
            bench.read_again();
        }
        let paused = PauseReason::FloorBroken { floor: serving_floor(), now: 2 };
        assert_eq!(bench.run().paused, (!comes).then_some(paused));
    }
}

#[test]
fn a_node_that_was_let_in_and_has_nothing_to_carry_counts_as_serving() {
    for (wanted, goes_on) in [(3, true), (4, false)] {
        let mut bench = Bench::of(plan(vec![uncordon(1), drain(2), prove_serving(3, &[2])]));
        bench.remove_pod(1);
        bench.remove_pod(5);
        bench.seen().wanted_pods.insert(blog(), wanted);
        let mut drains = false;
        for _ in 0..130 {
            drains |= matches!(bench.go(), Next::Call(call) if matches!(*call, Call::Drain { .. }));
            bench.pass(1);
            bench.read_again();
        }
        let paused = PauseReason::FloorBroken { floor: serving_floor(), now: 2 };
        assert_eq!((drains, bench.run().paused.clone()), (goes_on, (!goes_on).then_some(paused)));
    }
}

#[test]
fn pods_that_come_and_go_above_the_floor_hold_nothing_up() {
    let mut bench = rolling();
    bench.call();
    bench.answer(&schedulable());
    bench.remove_pod(5);
    assert!(matches!(bench.call(), Call::Drain { .. }));
}

#[test]
fn a_resumed_plan_is_judged_anew_and_pauses_again_while_the_floor_is_broken() {
    let mut bench = rolling();
    bench.call();
    bench.answer(&schedulable());
    bench.remove_pod(4);
    bench.remove_pod(5);
    bench.go();
    bench.record(Kind::PlanResumed { plan: PLAN });
    bench.go();
    assert_eq!(bench.run().standing, Standing::Paused, "it is still broken");
    bench.add_pod(4);
    bench.record(Kind::PlanResumed { plan: PLAN });
    assert!(matches!(bench.call(), Call::Drain { .. }), "now it holds");
}

#[test]
fn a_freeze_holds_the_plan_before_its_next_step() {
    let mut bench = rolling();
    bench.call();
    bench.answer(&schedulable());
    bench.record(Kind::ClusterFrozen { cluster: main(), reason: String::new() });
    bench.go();
    let floor = Floor::NotFrozen { cluster: main() };
    assert_eq!(bench.run().paused, Some(PauseReason::FloorBroken { floor, now: 1 }));
}

#[test]
fn a_node_that_became_a_control_plane_is_not_touched() {
    let mut bench = rolling();
    bench.node(1).role = NodeRole::ControlPlane;
    bench.go();
    let floor = Floor::NoControlPlane;
    assert_eq!(bench.run().paused, Some(PauseReason::FloorBroken { floor, now: 1 }));
}

#[test]
fn a_share_of_failures_above_its_floor_pauses_the_plan() {
    let mut made = plan(vec![cordon(1), prove_serving(4, &[1])]);
    made.floors.push(Floor::ErrorShare { service: blog(), at_most_permille: 50 });
    let mut bench = Bench::of(made);
    bench.share = Some(Share { bad: 6, total: 100 });
    bench.go();
    let floor = Floor::ErrorShare { service: blog(), at_most_permille: 50 };
    assert_eq!(bench.run().paused, Some(PauseReason::FloorBroken { floor, now: 60 }));
}

#[test]
fn a_node_that_is_another_machine_now_is_not_booted() {
    let mut bench = Bench::of(plan(vec![reboot_of(1), await_boot(1), prove_serving(4, &[1])]));
    bench.node(1).identity = Identity { provider_id: Some("p-m2".to_owned()), ..Identity::default() };
    bench.go();
    assert_eq!(bench.run().paused, Some(PauseReason::TargetChanged { node: node(1) }));
}

#[test]
fn a_node_that_left_the_cluster_is_not_booted() {
    let mut bench = Bench::of(plan(vec![reboot_of(1), await_boot(1), prove_serving(4, &[1])]));
    bench.seen().nodes.remove(&node(1));
    bench.go();
    assert_eq!(bench.run().paused, Some(PauseReason::TargetChanged { node: node(1) }));
}

#[test]
fn a_machine_that_left_its_cluster_is_known_by_the_identity_that_was_approved() {
    let stop = Step::Stop { cloud: cloud(), instance: machine(1), node: node(1) };
    let mut bench = Bench::of(plan(vec![stop, prove_serving(4, &[])]));
    bench.seen().nodes.remove(&node(1));
    assert!(matches!(bench.call(), Call::Stop { .. }));
    let stop = Step::Stop { cloud: cloud(), instance: machine(1), node: node(1) };
    let mut made = plan(vec![stop, prove_serving(4, &[])]);
    made.targets[0].identity = Some("p-other".to_owned());
    let mut bench = Bench::of(made);
    bench.seen().nodes.remove(&node(1));
    bench.go();
    assert_eq!(bench.run().paused, Some(PauseReason::TargetChanged { node: node(1) }));
}

#[test]
fn a_node_that_was_off_when_it_was_approved_and_is_back_is_not_forgotten() {
    let forget = || Step::Forget { cluster: main(), node: node(1) };
    let mut bench = Bench::of(plan(vec![forget(), prove_serving(4, &[])]));
    bench.node(1).ready = Ready::No;
    assert!(matches!(bench.call(), Call::Forget { .. }));
    let mut bench = Bench::of(plan(vec![forget(), prove_serving(4, &[])]));
    bench.go();
    assert_eq!(bench.run().paused, Some(PauseReason::TargetChanged { node: node(1) }));
}

#[test]
fn facts_that_grow_old_are_waited_for_and_then_pause_the_plan() {
    let mut bench = rolling();
    bench.blind = true;
    bench.pass(61);
    let (seconds, call) = bench.until_call(300);
    assert_eq!((seconds, call), (120, None));
    let why = PauseReason::FactsOld { cluster: main(), age_s: Some(181) };
    assert_eq!(bench.run().paused, Some(why));
    assert!(bench.run().steps.is_empty(), "nothing was begun");
}

#[test]
fn facts_that_come_late_hold_a_step_up_and_no_more() {
    let mut bench = rolling();
    bench.blind = true;
    bench.pass(100);
    assert_eq!(bench.go(), Next::Wait);
    bench.blind = false;
    bench.pass(1);
    assert!(matches!(bench.call(), Call::SetSchedulable { want: false, .. }));
}

#[test]
fn after_a_start_the_facts_are_waited_for_however_long_lifeboat_was_away() {
    let mut bench = rolling();
    bench.call();
    bench.answer(&schedulable());
    bench.restart();
    bench.blind = true;
    bench.pass(3_600);
    assert_eq!(bench.go(), Next::Wait, "it has only just begun to look");
    bench.blind = false;
    bench.pass(3);
    assert!(matches!(bench.call(), Call::Drain { .. }));
}

#[test]
fn what_cannot_be_seen_is_not_called_failed() {
    let mut bench = Bench::of(plan(vec![reboot_of(1), await_boot(1), prove_serving(4, &[1])]));
    bench.call();
    bench.answer(&Answer::Plain(Outcome::Done(())));
    bench.node(1).ready = Ready::No;
    bench.blind = true;
    let (_, call) = bench.until_call(1_000);
    assert_eq!(call, None);
    assert_eq!(bench.outcome(1), None);
    assert!(matches!(bench.run().paused, Some(PauseReason::FactsOld { .. })), "{:?}", bench.run().paused);
}

#[test]
fn machines_are_touched_only_on_a_fresh_list_of_machines() {
    let mut bench = Bench::of(plan(vec![reboot_of(1), await_boot(1), prove_serving(4, &[1])]));
    bench.pass(300);
    bench.facts.clouds.get_mut(&cloud()).unwrap().as_of = Some(bench.now - TimeDelta::seconds(61));
    assert_eq!(bench.go(), Next::Wait);
}

#[test]
fn facts_of_a_moment_that_lies_ahead_are_not_fresh() {
    let mut bench = rolling();
    bench.now -= TimeDelta::hours(1);
    assert_eq!(bench.look(), Next::Record(vec![Kind::PlanExpired { plan: PLAN }]), "nor is a yes");
    let mut bench = rolling();
    bench.call();
    bench.answer(&schedulable());
    bench.now -= TimeDelta::hours(1);
    assert_eq!(bench.go(), Next::Wait);
    assert_eq!(bench.run().steps.len(), 1);
}

#[test]
fn a_drain_that_a_budget_holds_is_asked_again_told_when_it_changes_and_names_the_budget_at_its_deadline() {
    let mut bench = Bench::of(plan(vec![drain(1), reboot_of(1), await_boot(1), prove_serving(4, &[1])]));
    let mut asked = 0;
    while bench.run().standing == Standing::Running && asked < 500 {
        if let Next::Call(_) = bench.go() {
            asked += 1;
            let left = if asked < 3 { 2 } else { 1 };
            bench.answer(&drained(left, &["blog-1 (budget blog)"]));
        }
        bench.pass(1);
    }
    assert_eq!(asked, 121, "every five seconds for ten minutes");
    let told = bench.recorded.iter().filter(|kind| matches!(kind, Kind::StepProgressed { .. })).count();
    assert_eq!(told, 2, "told when it changes");
    let by = FailedBy::Deadline { after_s: 600, blocked_by: vec!["blog-1 (budget blog)".to_owned()] };
    assert_eq!(bench.outcome(0), Some(StepOutcome::Failed { by }));
    assert_eq!(bench.run().paused, Some(PauseReason::StepFailed));
    bench.record(Kind::PlanResumed { plan: PLAN });
    assert!(matches!(bench.call(), Call::Drain { .. }), "the reboot does not come before the drain");
}
