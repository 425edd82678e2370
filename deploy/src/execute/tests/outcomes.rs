//! Every kind of answer to every kind of step.

use lifeboat_commands::facts::{InstanceState, ProbeResult, Ready};
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_commands::ports::traffic::Spread;
use lifeboat_storage::plan::{ProbeKind, SkipReason};

use super::bench::*;
use crate::execute::*;

/// The answers a port may give, by name.
const ANSWERS: [&str; 7] = ["done", "no-capacity", "busy", "throttled", "denied", "not-found", "unknown"];

fn outcome<T>(name: &str, done: T) -> Outcome<T> {
    match name {
        "done" => Outcome::Done(done),
        "no-capacity" => Outcome::NoCapacity(said("sold out")),
        "busy" => Outcome::Busy { after_ms: 7_000 },
        "throttled" => Outcome::Throttled { after_ms: 9_000 },
        "denied" => Outcome::Denied(said("forbidden")),
        "not-found" => Outcome::NotFound,
        _ => Outcome::Unknown(said("timed out")),
    }
}

fn answer_to(call: &Call, name: &str) -> Answer {
    match call {
        Call::Start { ids, .. } | Call::Stop { ids, .. } => {
            Answer::Each(ids.iter().map(|id| (id.clone(), outcome(name, ()))).collect())
        }
        Call::Launch { .. } => Answer::Machine(outcome(name, machine(8))),
        Call::SetSchedulable { .. } => Answer::Schedulable(outcome(name, true)),
        Call::Drain { .. } => {
            let done = lifeboat_commands::ports::orchestrator::Drained { done: true, ..Default::default() };
            Answer::Drained(outcome(name, done))
        }
        Call::SetTraffic { weights, .. } => {
            let spread = Spread { version: "2".to_owned(), weights: weights.clone() };
            Answer::Spread(outcome(name, spread))
        }
        Call::RunResult { .. } => {
            Answer::Ran(outcome(name, lifeboat_commands::ports::cloud::RunResult::Succeeded))
        }
        _ => Answer::Plain(outcome(name, ())),
    }
}

/// What an answer to the first call of a step comes to: the step's end and the plan's, or what is done next and when.
fn what_follows(mut bench: Bench, index: u32, name: &str) -> String {
    let first = bench.call();
    bench.answer(&answer_to(&first, name));
    // Until the next call, or the step's end; facts stay as they are.
    let (seconds, next) = bench.until_call(2_000);
    let attempts = bench.run().steps.get(&index).map_or(0, |progress| progress.attempts);
    match (bench.outcome(index), next) {
        (Some(StepOutcome::Succeeded { .. }), _) => "done".to_owned(),
        (Some(StepOutcome::Failed { by }), _) => {
            let by = match by {
                FailedBy::NoCapacity { .. } => "no-capacity",
                FailedBy::Denied { .. } => "denied",
                FailedBy::NotFound => "not-found",
                FailedBy::Deadline { .. } => "deadline",
                other => panic!("{other:?}"),
            };
            let then = match (&bench.run().paused, bench.run().standing) {
                (Some(PauseReason::StepFailed), _) => "the plan pauses",
                (_, Standing::Failed) => "the plan ends",
                _ => "the next way is tried",
            };
            format!("{by}, {then}")
        }
        (Some(StepOutcome::Unknown { .. }), _) => {
            assert_eq!(bench.run().paused, Some(PauseReason::StepUnknown), "{name}");
            format!("unknown after {seconds} s, the plan pauses")
        }
        (None, Some(call)) if call == first => format!("again in {seconds} s, attempt {attempts}"),
        (None, Some(call)) => {
            let same = std::mem::discriminant(&call) == std::mem::discriminant(&first);
            let what = if same { "again with a new key" } else { "asked how it went" };
            format!("{what} in {seconds} s, attempt {attempts}")
        }
        (other, _) => panic!("{name}: {other:?}, {:?}", bench.run().standing),
    }
}

/// By answer: what follows.
#[track_caller]
fn check(bench: impl Fn() -> Bench, index: u32, expected: [&str; 7]) {
    let found: Vec<(&str, String)> =
        ANSWERS.iter().map(|name| (*name, what_follows(bench(), index, name))).collect();
    let expected: Vec<(&str, String)> =
        ANSWERS.into_iter().zip(expected.iter().map(|text| (*text).to_owned())).collect();
    assert_eq!(found, expected);
}

fn one(step: Step) -> Bench {
    Bench::of(plan(vec![step, prove_serving(5, &[1])]))
}

#[test]
fn starting_machines_is_repeated_while_unclear_and_the_next_rung_is_tried_when_refused() {
    let bench = || {
        let mut bench = one(start(&[6, 7]));
        bench.add_machine(6, InstanceState::Stopped);
        bench.add_machine(7, InstanceState::Stopped);
        bench.read_again();
        bench
    };
    check(
        bench,
        0,
        [
            "done",
            "no-capacity, the next way is tried",
            "again in 3 s, attempt 1",
            "again in 3 s, attempt 1",
            "denied, the next way is tried",
            "not-found, the next way is tried",
            "again in 3 s, attempt 1",
        ],
    );
}

#[test]
fn launching_is_repeated_with_the_same_key() {
    check(
        || one(launch()),
        0,
        [
            "done",
            "no-capacity, the next way is tried",
            "again in 7 s, attempt 1",
            "again in 9 s, attempt 1",
            "denied, the next way is tried",
            "not-found, the next way is tried",
            "again in 5 s, attempt 1",
        ],
    );
}

#[test]
fn joining_is_repeated_with_the_same_key_and_is_done_when_it_is_seen() {
    let bench = || {
        let mut bench = Bench::of(plan(vec![launch(), join(0), prove_serving(0, &[])]));
        bench.call();
        bench.answer(&Answer::Machine(Outcome::Done(machine(8))));
        bench
    };
    check(
        bench,
        1,
        [
            "deadline, the plan ends",
            "no-capacity, the plan ends",
            "again in 7 s, attempt 1",
            "again in 9 s, attempt 1",
            "denied, the plan ends",
            "not-found, the plan ends",
            "again in 5 s, attempt 1",
        ],
    );
}

#[test]
fn cordoning_and_draining_are_repeated_until_it_is_clear() {
    let expected = [
        "done",
        "no-capacity, the plan pauses",
        "again in 7 s, attempt 1",
        "again in 9 s, attempt 1",
        "denied, the plan pauses",
        "not-found, the plan pauses",
        "again in 5 s, attempt 1",
    ];
    check(|| one(cordon(1)), 0, expected);
    check(|| one(drain(1)), 0, expected);
    let always = Step::Uncordon { cluster: main(), node: node(1), always: true };
    let cordoned = || {
        let mut bench = one(always.clone());
        bench.node(1).schedulable = false;
        bench
    };
    check(cordoned, 0, expected);
}

#[test]
fn a_reboot_nobody_knows_of_is_looked_at_and_a_new_wish_has_a_new_key() {
    let bench = || Bench::of(plan(vec![reboot_of(1), await_boot(1), prove_serving(5, &[1])]));
    check(
        bench,
        0,
        [
            "done",
            "no-capacity, the plan pauses",
            "again in 7 s, attempt 1",
            "again in 9 s, attempt 1",
            "denied, the plan pauses",
            "not-found, the plan pauses",
            // Only when the node was seen to be well and not booted two minutes later.
            "again with a new key in 121 s, attempt 2",
        ],
    );
}

#[test]
fn making_a_disk_new_and_stopping_are_repeated_with_the_same_key() {
    let reimage = Step::Reimage { cloud: cloud(), instance: machine(1), node: node(1) };
    let stop = Step::Stop { cloud: cloud(), instance: machine(1), node: node(1) };
    let expected = |busy, throttled, unknown| {
        [
            "done",
            "no-capacity, the plan pauses",
            busy,
            throttled,
            "denied, the plan pauses",
            "not-found, the plan pauses",
            unknown,
        ]
    };
    let (three, five) = ("again in 3 s, attempt 1", "again in 5 s, attempt 1");
    check(|| one(reimage.clone()), 0, expected("again in 7 s, attempt 1", "again in 9 s, attempt 1", five));
    check(|| one(stop.clone()), 0, expected(three, three, three));
}

#[test]
fn leaving_is_ordered_and_then_asked_about() {
    let leave = Step::Leave { cloud: cloud(), instance: machine(1), cluster: main(), node: node(1) };
    check(
        || one(leave.clone()),
        0,
        [
            "asked how it went in 5 s, attempt 1",
            "no-capacity, the plan pauses",
            "again in 7 s, attempt 1",
            "again in 9 s, attempt 1",
            "denied, the plan pauses",
            "not-found, the plan pauses",
            "again in 5 s, attempt 1",
        ],
    );
}

#[test]
fn a_node_that_is_gone_already_is_forgotten() {
    let forget = Step::Forget { cluster: main(), node: node(1) };
    let off = || {
        let mut bench = one(forget.clone());
        bench.node(1).ready = Ready::No;
        bench
    };
    check(
        off,
        0,
        [
            "done",
            "no-capacity, the plan pauses",
            "again in 7 s, attempt 1",
            "again in 9 s, attempt 1",
            "denied, the plan pauses",
            "done",
            "again in 5 s, attempt 1",
        ],
    );
}

#[test]
fn traffic_that_may_have_moved_is_looked_at_before_it_is_moved_again() {
    let bench = || Bench::of(plan(vec![shift(0), hold(60), prove_serving(5, &[])]));
    check(
        bench,
        0,
        [
            "done",
            "no-capacity, the plan ends",
            "again in 1 s, attempt 2",
            "again in 9 s, attempt 1",
            "denied, the plan ends",
            "not-found, the plan ends",
            "again in 1 s, attempt 2",
        ],
    );
}

#[test]
fn a_probe_is_noted_or_decides_as_the_plan_says() {
    let probe = |must_pass| Step::Probe {
        cluster: main(),
        node: node(1),
        probe: ProbeKind::NameResolution,
        must_pass,
    };
    let fail = ProbeResult::Fail(said("i/o timeout"));
    let unknown = ProbeResult::Unknown(said("no answer"));
    let noted = |pass, evidence: &str| StepOutcome::Succeeded {
        result: StepResult::Probed { pass, evidence: said(evidence) },
    };
    let failed = |evidence: &str| StepOutcome::Failed {
        by: FailedBy::Probe { probe: ProbeKind::NameResolution, evidence: said(evidence) },
    };
    for (must_pass, result, expected) in [
        (false, ProbeResult::Pass, noted(true, "")),
        (false, fail.clone(), noted(false, "i/o timeout")),
        (false, unknown.clone(), noted(false, "no answer")),
        (true, ProbeResult::Pass, noted(true, "")),
        (true, fail, failed("i/o timeout")),
        (true, unknown, failed("no answer")),
    ] {
        let mut bench = one(probe(must_pass));
        bench.call();
        bench.answer(&Answer::Probed(result.clone()));
        assert_eq!(bench.outcome(0), Some(expected), "{must_pass} {result:?}");
    }
}

#[test]
fn what_some_machines_refused_is_told_and_the_rest_are_counted_and_gone_on_with() {
    let steps = vec![start(&[6, 7]), launch(), join(0), join(1), admit(0), prove_serving(0, &[])];
    let mut bench = Bench::of(plan(steps));
    bench.call();
    bench.answer(&each(&[(6, Outcome::NoCapacity(said("sold out"))), (7, Outcome::Done(()))]));
    let refused = [(machine(6), FailedBy::NoCapacity { evidence: said("sold out") })].into();
    let gained = StepResult::Gained { instances: vec![machine(7)], refused };
    assert_eq!(bench.outcome(0), Some(StepOutcome::Succeeded { result: gained }));
    // The launch wants one in all, and one is there.
    let skipped = StepOutcome::Skipped { why: SkipReason::Enough };
    let next = bench.go();
    assert_eq!(bench.outcome(1), Some(skipped));
    assert!(
        matches!(&next, Next::Call(call) if matches!(&**call, Call::Join { instance, .. } if *instance == machine(7))),
        "{next:?}"
    );
}
