use chrono::{DateTime, TimeDelta};
use lifeboat_storage::event::{Actor, Event, Kind, Origin};
use lifeboat_storage::id::{
    CloudName, ClusterName, IdemKey, InstanceId, NodeName, PersonName, PlanId, Seq, ServiceName, World,
};
use lifeboat_storage::plan::{
    Blast, Consent, Cost, PauseReason, Plan, RebootMode, StepOutcome, StepResult, Undo, Verb,
};

use super::*;

fn at(clock: &str) -> Time {
    DateTime::parse_from_rfc3339(&format!("2026-01-05T{clock}+08:00")).unwrap().to_utc()
}

fn cluster() -> ClusterName {
    ClusterName::new("main")
}

/// Two nodes booted together: two boots, two waits.
fn plan() -> Plan {
    let nodes = ["wk-1", "wk-2"].map(NodeName::new);
    let boot = |node: &NodeName| Step::Reboot {
        cluster: cluster(),
        node: node.clone(),
        cloud: CloudName::new("cloud"),
        instance: InstanceId::new("i-1"),
    };
    let wait = |node: &NodeName| Step::AwaitBoot {
        cluster: cluster(),
        node: node.clone(),
        before: None,
        stable_s: 60,
    };
    Plan {
        verb: Verb::NodeReboot { mode: RebootMode::Rolling },
        cluster: cluster(),
        other: None,
        traffic: None,
        service: ServiceName::new("blog"),
        steps: nodes.iter().map(boot).chain(nodes.iter().map(wait)).collect(),
        targets: Vec::new(),
        floors: Vec::new(),
        blast: Blast::default(),
        cost: Cost::Nothing,
        expected_s: 150,
        undo: Undo::NotNeeded,
        consent: Consent::Confirm,
        override_reason: None,
    }
}

fn event(seq: u64, clock: &str, kind: Kind) -> Event {
    Event {
        seq: Seq(seq),
        incident: None,
        world: World::Real,
        occurred_at: at(clock),
        recorded_at: at(clock),
        actor: Actor { person: Some(PersonName::new("Mei")), account: None, origin: Origin::Console },
        kind,
        correlation: None,
        supersedes: None,
    }
}

/// Approved at 10:00:00, its boots asked for in two seconds, waiting since.
fn running() -> Run {
    let (plan, body) = (PlanId(1), plan());
    let hash = body.hash();
    let proposed = Kind::PlanProposed { plan, body: Box::new(body), hash: hash.clone() };
    let mut run = Run::proposed(&event(1, "09:59:00", proposed)).unwrap();
    run.apply(&event(2, "10:00:00", Kind::PlanApproved { plan, hash }));
    let mut seq = 2;
    let mut step = |run: &mut Run, clock: &str, step: u32, ends: bool| {
        seq += 1;
        let outcome = StepOutcome::Succeeded { result: StepResult::Plain };
        let kind = if ends {
            Kind::StepEnded { plan, step, outcome }
        } else {
            Kind::StepStarted { plan, step, attempt: 1, key: IdemKey::new("k") }
        };
        run.apply(&event(seq, clock, kind));
    };
    for (step_at, clock) in [(0, "10:00:00"), (1, "10:00:01")] {
        step(&mut run, clock, step_at, false);
        step(&mut run, clock, step_at, true);
    }
    step(&mut run, "10:00:02", 2, false);
    run
}

#[track_caller]
fn check(clock: &str, seconds: u32, late: bool) {
    assert_eq!(left(&running(), at(clock)), Some(Left { seconds, late }));
}

#[test]
fn nothing_is_said_before_it_was_approved() {
    let body = plan();
    let hash = body.hash();
    let kind = Kind::PlanProposed { plan: PlanId(1), body: Box::new(body), hash };
    let run = Run::proposed(&event(1, "09:59:00", kind)).unwrap();
    assert_eq!(left(&run, at("10:00:00")), None);
}

#[test]
fn two_nodes_that_boot_together_are_waited_for_once() {
    // 120 s for the first, 2 s for the second; what is behind is too little to tell a pace.
    check("10:00:02", 122, false);
}

#[test]
fn what_is_left_shrinks_while_it_waits_and_is_never_nothing() {
    let before = left(&running(), at("10:00:42")).unwrap().seconds;
    let after = left(&running(), at("10:01:42")).unwrap().seconds;
    assert!(before > after, "{before} {after}");
    // Longer than any boot takes: only the last step is left, at the pace seen.
    check("10:03:00", 5, false);
}

#[test]
fn half_as_long_again_as_was_told_is_late() {
    let over = at("10:00:00") + TimeDelta::seconds(226);
    assert_eq!(left(&running(), over).map(|left| left.late), Some(true));
}

#[test]
fn the_time_a_plan_stood_paused_is_neither_its_pace_nor_late() {
    let plan = PlanId(1);
    let ended =
        |step| Kind::StepEnded { plan, step, outcome: StepOutcome::Succeeded { result: StepResult::Plain } };
    let mut straight = running();
    straight.apply(&event(10, "10:02:02", ended(2)));
    let mut paused = straight.clone();
    paused.apply(&event(11, "10:02:02", Kind::PlanPaused { plan, why: PauseReason::Asked }));
    // While it stands still, nothing changes.
    assert_eq!(left(&paused, at("10:42:02")), left(&straight, at("10:02:02")));
    paused.apply(&event(12, "10:47:02", Kind::PlanResumed { plan }));
    for (straight_at, paused_at) in [("10:02:02", "10:47:02"), ("10:03:00", "10:48:00")] {
        let expected = left(&straight, at(straight_at));
        assert_eq!(expected.map(|left| left.late), Some(false));
        assert_eq!(left(&paused, at(paused_at)), expected, "{paused_at}");
    }
}

#[test]
fn a_step_that_was_open_while_the_plan_stood_paused_went_no_further_in_that_time() {
    let mut paused = running();
    let why = PauseReason::Asked;
    paused.apply(&event(10, "10:00:42", Kind::PlanPaused { plan: PlanId(1), why }));
    assert_eq!(left(&paused, at("10:30:42")), left(&running(), at("10:00:42")));
}
