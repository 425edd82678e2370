//! A verb is done when its effect is seen, not when a call was answered.

use lifeboat_commands::facts::{InstanceState, ProbeResult, Ready};
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_commands::ports::traffic::Spread;
use lifeboat_storage::event::{AlertEvidence, AlertKind, Severity};
use lifeboat_storage::id::AlertKey;
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

/// A shift to the standby whose watch has begun.
fn moved(seconds: u32) -> Bench {
    moved_to(0, seconds, None)
}

/// The same, of a part of the traffic: what stays, and how much failed right before.
fn moved_to(main_percent: u8, seconds: u32, before: Option<Share>) -> Bench {
    let mut bench = Bench::of(plan(vec![shift(main_percent), hold(seconds), prove_traffic()]));
    bench.share = before;
    bench.call();
    let spread = Spread { version: "2".to_owned(), weights: weights(main_percent) };
    bench.answer(&Answer::Spread(Outcome::Done(spread)));
    let traffic = bench.facts.traffic.get_mut(&www()).unwrap();
    traffic.weights = weights(main_percent);
    traffic.version = "2".to_owned();
    bench.go();
    bench
}

/// Whether the standby answers through the entry.
fn standby_answers(bench: &mut Bench, so: bool) {
    bench.facts.traffic.get_mut(&www()).unwrap().health.insert(standby(), so);
}

/// The same nodes serve in the standby as in the cluster that had the traffic.
fn standby_serves(bench: &mut Bench) {
    let pods = bench.seen().pods.clone();
    bench.facts.clusters.get_mut(&standby()).unwrap().pods = pods;
}

fn prove_traffic() -> Step {
    let proof = Proof::Traffic { traffic: www(), at_most_permille: 20 };
    Step::Prove { proof, nodes: Vec::new(), cluster: standby() }
}

#[test]
fn moved_traffic_is_watched_for_its_time_and_proven_by_weights_answers_and_pods() {
    let mut bench = moved(60);
    bench.share = Some(Share { bad: 1, total: 100 });
    bench.pass(59);
    bench.go();
    assert_eq!(bench.outcome(1), None);
    bench.pass(1);
    bench.go();
    let held = StepResult::Held { share: Share { bad: 1, total: 100 } };
    assert_eq!(bench.outcome(1), Some(StepOutcome::Succeeded { result: held }));
    bench.pass(5);
    bench.go();
    assert_eq!(bench.run().standing, Standing::Running, "no pod serves there");
    standby_serves(&mut bench);
    bench.go();
    assert_eq!(bench.run().standing, Standing::Proven);
}

#[test]
fn a_share_of_failures_above_the_limit_takes_the_traffic_back_even_when_the_cluster_was_frozen_meanwhile() {
    let mut bench = moved(60);
    bench.record(Kind::ClusterFrozen { cluster: main(), reason: String::new() });
    bench.share = Some(Share { bad: 30, total: 100 });
    bench.pass(29);
    assert_eq!(bench.go(), Next::Wait, "the first half minute still counts requests from before");
    bench.pass(1);
    let back = Call::SetTraffic { traffic: www(), expected: "2".to_owned(), weights: weights(100) };
    assert_eq!(bench.call(), back);
    let spread = Spread { version: "3".to_owned(), weights: weights(100) };
    bench.answer(&Answer::Spread(Outcome::Done(spread)));
    let by = FailedBy::ErrorShare { share: Share { bad: 30, total: 100 } };
    assert_eq!(bench.outcome(1), Some(StepOutcome::Failed { by }));
    assert_eq!(bench.run().standing, Standing::Failed);
}

#[test]
fn a_tenth_is_taken_back_only_for_what_the_nine_tenths_cannot_explain() {
    let is_taken_back = |before: u64, main_percent: u8, now: u64| {
        let mut bench = moved_to(main_percent, 60, Some(Share { bad: before, total: 100 }));
        standby_serves(&mut bench);
        bench.share = Some(Share { bad: now, total: 100 });
        bench.pass(30);
        matches!(bench.go(), Next::Call(_))
    };
    let found = [(30, 90, 85), (30, 90, 95), (0, 90, 10), (30, 0, 10)]
        .map(|(before, stays, now)| (before, stays, now, is_taken_back(before, stays, now)));
    let expected = [
        // It failed before, and what stays there fails more and more.
        (30, 90, 85, false),
        // The new cluster fails too.
        (30, 90, 95, true),
        // All was well before: the new cluster fails.
        (0, 90, 10, true),
        // Nothing stays that could explain it.
        (30, 0, 10, true),
    ];
    assert_eq!(found, expected, "failed before, stays, fails now, taken back");
}

#[test]
fn a_tenth_is_taken_back_from_a_cluster_that_serves_nothing_or_does_not_answer_whatever_failed_before() {
    let is_taken_back = |how: fn(&mut Bench)| {
        let mut bench = moved_to(90, 60, Some(Share { bad: 30, total: 100 }));
        standby_serves(&mut bench);
        how(&mut bench);
        bench.share = Some(Share { bad: 40, total: 100 });
        bench.pass(30);
        matches!(bench.go(), Next::Call(_))
    };
    assert!(!is_taken_back(|_| {}));
    assert!(!is_taken_back(|bench| standby_answers(bench, true)));
    assert!(is_taken_back(|bench| standby_answers(bench, false)));
    assert!(is_taken_back(|bench| bench.facts.clusters.get_mut(&standby()).unwrap().pods.clear()));
}

/// A tenth was moved while an alert fired, and then this much fails; whether it is taken back.
fn is_taken_back_under_an_alert(before: Option<Share>, now: u64) -> bool {
    let mut bench = Bench::of(plan(vec![shift(90), hold(60), prove_traffic()]));
    standby_serves(&mut bench);
    bench.share = before;
    bench.record(Kind::AlertRaised {
        alert: AlertKey::new("bad_gateway/blog"),
        what: AlertKind::BadGateway,
        service: blog(),
        severity: Severity::Sev3,
        evidence: AlertEvidence::default(),
    });
    bench.call();
    let spread = Spread { version: "2".to_owned(), weights: weights(90) };
    bench.answer(&Answer::Spread(Outcome::Done(spread)));
    bench.go();
    bench.share = Some(Share { bad: now, total: 100 });
    bench.pass(30);
    bench.go() != Next::Wait
}

#[test]
fn a_tenth_that_was_moved_upon_an_alert_is_not_taken_back_for_what_the_alert_told() {
    assert!(!is_taken_back_under_an_alert(None, 85));
    assert!(!is_taken_back_under_an_alert(Some(Share { bad: 1, total: 100 }), 85));
}

#[test]
fn an_alert_that_fires_although_nothing_fails_any_more_explains_nothing() {
    assert!(is_taken_back_under_an_alert(Some(Share { bad: 0, total: 100 }), 10));
}

#[test]
fn a_way_back_that_cannot_be_gone_pauses_the_plan_and_keeps_the_lock() {
    let mut bench = moved(60);
    bench.share = Some(Share { bad: 30, total: 100 });
    for _ in 0..400 {
        if let Next::Call(_) = bench.go() {
            bench.answer(&Answer::Spread(Outcome::Throttled { after_ms: 5_000 }));
        }
        bench.pass(1);
    }
    assert_eq!(bench.run().paused, Some(PauseReason::StepUnknown));
    assert!(bench.state.lock_of(&main()).is_some());
}
