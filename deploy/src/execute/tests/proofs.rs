//! A verb is done when its effect is seen, not when a call was answered.

use lifeboat_commands::facts::{InstanceState, ProbeResult, Ready};
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_storage::plan::{Forgotten, ProbeKind};

use super::bench::*;
use crate::execute::*;

/// A reboot was ordered and answered; the node went down.
fn ordered() -> Bench {
    let mut bench = Bench::of(plan(vec![reboot_of(1), await_boot(1), prove_serving(5, &[1])]));
    bench.call();
    bench.answer(&Answer::Plain(Outcome::Done(())));
    bench.node(1).ready = Ready::No;
    bench.remove_pod(1);
    bench.go();
    bench
}

/// Second by second with probes that come back so each fifteen seconds, until the step ends; when.
fn ends_after(bench: &mut Bench, step: u32, result: &ProbeResult) -> (i64, Option<StepOutcome>) {
    for second in 0..2_000 {
        if second % 15 == 0 {
            bench.probes(1, result);
        }
        bench.go();
        if let Some(outcome) = bench.outcome(step) {
            return (second, Some(outcome));
        }
        bench.pass(1);
    }
    (2_000, None)
}

#[test]
fn a_boot_is_proven_by_a_new_boot_id_a_minute_of_ready_and_green_probes() {
    let mut bench = ordered();
    bench.pass(50);
    bench.booted(1);
    bench.pass(1);
    let booted = StepResult::Booted { boot: boot("n1-b") };
    let found = ends_after(&mut bench, 1, &ProbeResult::Pass);
    assert_eq!(found, (59, Some(StepOutcome::Succeeded { result: booted })));
}

#[test]
fn ready_with_the_old_boot_id_proves_nothing() {
    let mut bench = ordered();
    bench.node(1).ready = Ready::Yes;
    let (seconds, outcome) = ends_after(&mut bench, 1, &ProbeResult::Pass);
    let by = FailedBy::Deadline { after_s: 900, blocked_by: Vec::new() };
    assert_eq!((seconds, outcome), (901, Some(StepOutcome::Failed { by })));
}

#[test]
fn a_node_that_flaps_has_to_be_ready_for_a_minute_again() {
    let mut bench = ordered();
    bench.booted(1);
    bench.pass(50);
    bench.booted(1);
    bench.pass(1);
    let (seconds, _) = ends_after(&mut bench, 1, &ProbeResult::Pass);
    assert_eq!(seconds, 59);
}

#[test]
fn a_probe_that_still_fails_after_the_boot_ends_the_wait_early_and_is_named() {
    let mut bench = ordered();
    bench.booted(1);
    bench.pass(1);
    let (seconds, outcome) = ends_after(&mut bench, 1, &ProbeResult::Fail(said("i/o timeout")));
    let by = FailedBy::Probe { probe: ProbeKind::NameResolution, evidence: said("i/o timeout") };
    assert_eq!((seconds, outcome), (119, Some(StepOutcome::Failed { by })));
}

#[test]
fn probes_made_before_the_boot_prove_nothing_and_one_that_cannot_be_made_hinders_nothing() {
    let mut bench = ordered();
    bench.probes(1, &ProbeResult::Pass);
    bench.pass(1);
    bench.booted(1);
    bench.until_call(100);
    assert_eq!(bench.outcome(1), None);
    let unknown = ProbeResult::Unknown(said("no canary there"));
    assert!(matches!(ends_after(&mut bench, 1, &unknown), (0, Some(StepOutcome::Succeeded { .. }))));
}

#[test]
fn a_boot_without_a_known_boot_id_before_is_proven_by_its_return_after_the_order() {
    let await_boot = Step::AwaitBoot { cluster: main(), node: node(1), before: None, stable_s: 60 };
    let mut bench = Bench::of(plan(vec![reboot_of(1), await_boot, prove_serving(5, &[1])]));
    bench.call();
    bench.answer(&Answer::Plain(Outcome::Done(())));
    for _ in 0..120 {
        bench.probes(1, &ProbeResult::Pass);
        bench.go();
        bench.pass(1);
    }
    assert_eq!(bench.outcome(1), None, "it was Ready all the time");
    bench.booted(1);
    let (seconds, outcome) = ends_after(&mut bench, 1, &ProbeResult::Pass);
    assert!(matches!(outcome, Some(StepOutcome::Succeeded { .. })), "{outcome:?}");
    assert_eq!(seconds, 60);
}

#[test]
fn ready_is_not_serving_and_the_plan_is_proven_with_its_last_step() {
    let mut bench = ordered();
    bench.booted(1);
    ends_after(&mut bench, 1, &ProbeResult::Pass);
    bench.pass(5);
    bench.go();
    assert_eq!(bench.run().standing, Standing::Running, "four serve, five did");
    bench.add_pod(1);
    bench.pass(1);
    bench.go();
    let ended = Kind::PlanEnded { plan: PLAN, proven: true, left: Forgotten::default() };
    assert_eq!(bench.recorded.last(), Some(&ended));
}

#[test]
fn a_node_that_stays_empty_because_nothing_waits_for_it_is_proven_too() {
    let mut bench = ordered();
    bench.booted(1);
    ends_after(&mut bench, 1, &ProbeResult::Pass);
    bench.seen().wanted_pods.insert(blog(), 4);
    bench.pass(5);
    bench.go();
    assert_eq!(bench.run().standing, Standing::Proven);
}

#[test]
fn what_was_seen_before_the_proof_began_proves_nothing() {
    let mut bench = Bench::of(plan(vec![prove_serving(5, &[1])]));
    bench.blind = true;
    bench.go();
    bench.pass(10);
    bench.go();
    assert_eq!(bench.outcome(0), None);
    bench.read_again();
    bench.go();
    assert_eq!(bench.run().standing, Standing::Proven);
}

#[test]
fn a_gained_node_joins_cordoned_is_let_in_after_its_probes_and_must_serve() {
    let mut bench = Bench::of(plan(vec![start(&[6]), join(0), admit(0), prove_serving(0, &[])]));
    bench.add_machine(6, InstanceState::Stopped);
    bench.call();
    bench.answer(&each(&[(6, Outcome::Done(()))]));
    let Call::Join { instance, .. } = bench.call() else { panic!("a ticket for it") };
    assert_eq!(instance, machine(6));
    bench.answer(&Answer::Plain(Outcome::Done(())));
    bench.add_node(6);
    let now = bench.now;
    bench.node(6).ready_since = now;
    bench.node(6).schedulable = false;
    bench.pass(1);
    assert_eq!(bench.go(), Next::Wait, "in quarantine");
    assert!(bench.run().cordoned.contains(&node(6)));
    bench.pass(100);
    assert_eq!(bench.go(), Next::Wait, "no probe was made there");
    bench.probes(6, &ProbeResult::Pass);
    let Call::SetSchedulable { node: let_in, want: true, .. } = bench.call() else { panic!("let in") };
    assert_eq!(let_in, node(6));
    bench.answer(&Answer::Schedulable(Outcome::Done(false)));
    bench.node(6).schedulable = true;
    bench.pass(1);
    bench.go();
    assert_eq!(bench.run().standing, Standing::Running, "it does not serve yet");
    bench.add_pod(6);
    bench.pass(1);
    bench.go();
    assert_eq!(bench.run().standing, Standing::Proven);
    assert_eq!(bench.run().leaves(), Forgotten::default());
}

#[test]
fn a_gained_node_that_nothing_waits_for_is_proven_and_not_said_to_serve() {
    let mut bench = Bench::of(plan(vec![start(&[6]), join(0), admit(0), prove_serving(0, &[])]));
    bench.add_machine(6, InstanceState::Stopped);
    bench.call();
    bench.answer(&each(&[(6, Outcome::Done(()))]));
    bench.call();
    bench.answer(&Answer::Plain(Outcome::Done(())));
    bench.add_node(6);
    let now = bench.now;
    bench.node(6).ready_since = now;
    bench.node(6).schedulable = false;
    bench.pass(100);
    bench.probes(6, &ProbeResult::Pass);
    bench.call();
    bench.answer(&Answer::Schedulable(Outcome::Done(false)));
    bench.node(6).schedulable = true;
    bench.seen().wanted_pods.insert(blog(), 5);
    bench.pass(1);
    bench.go();
    bench.pass(1);
    bench.go();
    let result = StepResult::Proven { serving: Vec::new(), idle: vec![node(6)], share: None };
    assert_eq!(bench.outcome(3), Some(StepOutcome::Succeeded { result }));
}

#[test]
fn a_gained_node_whose_probe_fails_stays_out_and_that_is_told() {
    let mut bench = Bench::of(plan(vec![start(&[6]), join(0), admit(0), prove_serving(0, &[])]));
    bench.call();
    bench.answer(&each(&[(6, Outcome::Done(()))]));
    bench.call();
    bench.answer(&Answer::Plain(Outcome::Done(())));
    bench.add_node(6);
    let now = bench.now;
    bench.node(6).ready_since = now;
    bench.node(6).schedulable = false;
    for _ in 0..130 {
        bench.probes(6, &ProbeResult::Fail(said("i/o timeout")));
        bench.pass(1);
        bench.go();
    }
    let by = FailedBy::Probe { probe: ProbeKind::NameResolution, evidence: said("i/o timeout") };
    assert_eq!(bench.outcome(2), Some(StepOutcome::Failed { by }));
    let left = Forgotten { cordoned: vec![node(6)], unknown: Vec::new() };
    assert_eq!(bench.recorded.last(), Some(&Kind::PlanEnded { plan: PLAN, proven: false, left }));
}

#[test]
fn a_started_member_that_comes_back_open_is_closed_before_it_counts_as_joined() {
    let mut bench = Bench::of(plan(vec![start(&[6]), join(0), admit(0), prove_serving(0, &[])]));
    bench.add_node(6);
    bench.call();
    bench.answer(&each(&[(6, Outcome::Done(()))]));
    let Call::SetSchedulable { node: closed, want: false, .. } = bench.call() else { panic!("cordoned") };
    assert_eq!(closed, node(6));
    bench.answer(&Answer::Schedulable(Outcome::Done(true)));
    assert_eq!(bench.outcome(1), None, "answered, not seen");
    bench.node(6).schedulable = false;
    bench.pass(1);
    bench.go();
    assert!(matches!(bench.outcome(1), Some(StepOutcome::Succeeded { .. })));
}
