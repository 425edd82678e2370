//! Traffic that was moved is watched, proven, and taken back where the move is to blame.

use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_commands::ports::traffic::Spread;
use lifeboat_storage::event::{AlertEvidence, AlertKind, Severity};
use lifeboat_storage::id::AlertKey;

use super::bench::*;
use crate::execute::*;

/// A shift to the standby whose watch has begun.
fn moved(seconds: u32) -> Bench {
    moved_to(0, seconds, None)
}

/// The same, of a part of the traffic: what stays, and how much failed right before.
fn moved_to(main_percent: u8, seconds: u32, before: Option<Share>) -> Bench {
    let mut bench = Bench::of(plan(vec![shift(main_percent), hold(seconds), prove_traffic()]));
    bench.share = before;
    moves(&mut bench, main_percent);
    bench
}

fn moves(bench: &mut Bench, main_percent: u8) {
    bench.call();
    let spread = Spread { version: "2".to_owned(), weights: weights(main_percent) };
    bench.answer(&Answer::Spread(Outcome::Done(spread)));
    let traffic = bench.facts.traffic.get_mut(&www()).unwrap();
    traffic.weights = weights(main_percent);
    traffic.version = "2".to_owned();
    bench.go();
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
    moves(&mut bench, 90);
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
