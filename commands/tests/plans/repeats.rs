//! What failed twice in a row with the same error is not offered a third time within ten minutes, and nothing else is
//! withheld. The oracle keeps a book of its own: what was tried, when, and what people were told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use lifeboat_commands::diagnose::{self, next};
use lifeboat_commands::facts::{Ready, Stock};
use lifeboat_commands::suggest;
use lifeboat_storage::event::{Kind, Severity, Time};
use lifeboat_storage::id::{CloudName, IncidentId, InstanceId, ServiceName};
use lifeboat_storage::plan::{
    Evidence, FailedBy, LaunchSpec, Plan, ProbeKind, Rung, SkipReason, Step, StepOutcome, StepResult,
};
use lifeboat_storage::state::State;
use proptest::prelude::*;

use crate::fleets::begun;
use crate::planned::{Kept, so};
use crate::world::{World, cluster, node};

/// The ladder is asked for by a person, or by what a schedule lacks.
const ADDS: [&str; 2] = ["/node add 1 peak", "/capacity run morning"];

/// Nodes that are booted in these histories; the last two are no part of what the diagnosis points at.
const NODES: [&str; 5] = ["main/wk-1", "main/wk-2", "main/wk-3", "main/wk-5", "spare/wk-1"];

/// What is tried: numbers of members, rungs or nodes.
#[derive(Clone, Copy, Debug)]
enum What {
    Start(usize),
    /// This member and the next one; where anything fails, the next one comes all the same.
    StartTwo(usize),
    Launch(usize),
    Boot(usize),
}

/// What is tried, how it ends, and for how many seconds nothing happens then.
type Try = (What, &'static str, i64);

fn tries(what: impl Strategy<Value = What>) -> impl Strategy<Value = Vec<Try>> {
    let how = prop_oneof![
        6 => Just("sold out"), 2 => Just("denied"), 1 => Just("late"), 1 => Just("names"), 1 => Just("agent"),
        1 => Just("worked"), 1 => Just("unknown"), 1 => Just("not needed"),
    ];
    let then = prop_oneof![16 => 0..40_i64, 1 => Just(599), 1 => Just(600), 1 => 200..700_i64];
    proptest::collection::vec((what, how, then), 0..30)
}

fn of_the_ladder() -> impl Strategy<Value = Vec<Try>> {
    tries(prop_oneof![
        (0..4_usize).prop_map(What::Start),
        (0..3_usize).prop_map(What::StartTwo),
        (0..3_usize).prop_map(What::Launch),
    ])
}

fn of_nodes() -> impl Strategy<Value = Vec<Try>> {
    tries((0..NODES.len()).prop_map(What::Boot))
}

/// One line of the book: an action and what people were told; none: it worked.
struct Told {
    at: Time,
    action: String,
    error: Option<&'static str>,
}

/// What a plan does that may fail: `start i-wk-6`, `launch g6 zone-h false`, `boot main/wk-1`.
fn actions(plan: &Plan) -> BTreeSet<String> {
    let of_step = |step: &Step| match step {
        Step::Obtain { rung: Rung::Start { instances }, .. } => instances.iter().map(start).collect(),
        Step::Obtain { rung: Rung::Launch(spec), .. } => vec![launch(spec)],
        Step::Reboot { cluster, node, .. } => vec![format!("boot {cluster}/{node}")],
        _ => Vec::new(),
    };
    plan.steps.iter().flat_map(of_step).collect()
}

fn start(id: &InstanceId) -> String {
    format!("start {id}")
}

fn launch(spec: &LaunchSpec) -> String {
    format!("launch {} {} {}", spec.machine, spec.zone, spec.spot)
}

fn rung(world: &World, number: usize) -> LaunchSpec {
    let pool = &world.fleet.pools[0];
    let rung = pool.ladder[number].clone();
    let (machine, zone, spot) = (rung.machine, rung.zone, rung.spot);
    LaunchSpec { machine, zone, spot, pool: pool.name.clone(), price: None }
}

fn error(how: &str, said: usize) -> Option<FailedBy> {
    // Never the same words twice.
    let evidence = Evidence(format!("answer {said}"));
    let after_s = u32::try_from(said).expect("small");
    match how {
        "sold out" => Some(FailedBy::NoCapacity { evidence }),
        "denied" => Some(FailedBy::Denied { evidence }),
        "late" => Some(FailedBy::Deadline { after_s, blocked_by: Vec::new() }),
        "names" => Some(FailedBy::Probe { probe: ProbeKind::NameResolution, evidence }),
        "agent" => Some(FailedBy::Probe { probe: ProbeKind::Agent, evidence }),
        _ => None,
    }
}

/// How a step ends that brings nothing to tell.
fn outcome(how: &str, said: usize) -> StepOutcome {
    match (how, error(how, said)) {
        (_, Some(by)) => StepOutcome::Failed { by },
        ("unknown", _) => StepOutcome::Unknown { evidence: Evidence::default() },
        ("not needed", _) => StepOutcome::Skipped { why: SkipReason::EarlierFailed },
        _ => StepOutcome::Succeeded { result: StepResult::Plain },
    }
}

/// What that tells of an action: nothing, that it worked, or its error.
fn tells(how: &'static str) -> Option<Option<&'static str>> {
    match how {
        "unknown" | "not needed" => None,
        "worked" => Some(None),
        error => Some(Some(error)),
    }
}

/// Plays a history on a fleet, and keeps the book of it.
fn played(world: &mut World, tries: &[Try]) -> Vec<Told> {
    let mut book = Vec::new();
    for (said, (what, how, then)) in tries.iter().enumerate() {
        let (plan, step, outcome, told) = tried(world, *what, how, said);
        let plan = begun(world, plan);
        world.record(None, None, Kind::StepEnded { plan, step, outcome });
        let proven = *how == "worked";
        world.record(None, None, Kind::PlanEnded { plan, proven, left: Default::default() });
        let at = world.now;
        book.extend(told.into_iter().map(|(action, error)| Told { at, action, error }));
        world.wait(TimeDelta::seconds(*then));
    }
    book
}

/// A plan, which of its steps ends, how, and what that tells.
type Tried = (Plan, u32, StepOutcome, Vec<(String, Option<&'static str>)>);

fn tried(world: &World, what: What, how: &'static str, said: usize) -> Tried {
    let member = |number: usize| world.fleet.pools[0].members[number].clone();
    match what {
        What::Boot(number) => boot(world, NODES[number], how, said),
        What::Start(number) => obtain(world, Rung::Start { instances: vec![member(number)] }, how, said),
        What::Launch(number) => obtain(world, Rung::Launch(rung(world, number)), how, said),
        What::StartTwo(number) => {
            let (one, other) = (member(number), member(number + 1));
            let rung = Rung::Start { instances: vec![one.clone(), other.clone()] };
            let Some(by) = error(how, said) else { return obtain(world, rung, how, said) };
            let (plan, step, ..) = obtain(world, rung, how, said);
            let told = vec![(start(&one), Some(how)), (start(&other), None)];
            let refused = BTreeMap::from([(one, by)]);
            let result = StepResult::Gained { instances: vec![other], refused };
            (plan, step, StepOutcome::Succeeded { result }, told)
        }
    }
}

/// A plan with one rung of the ladder. Where it fails as a whole, it fails for each machine of it.
fn obtain(world: &World, rung: Rung, how: &'static str, said: usize) -> Tried {
    let mut plan = World::morning().plan(ADDS[0]).expect("a plan");
    let came = match &rung {
        Rung::Start { instances } => instances.clone(),
        Rung::Launch(_) => vec![InstanceId::new(format!("new-{said}"))],
    };
    plan.steps = vec![Step::Obtain { cloud: CloudName::new("cloud"), want: 1, rung }];
    assert!(world.state.lock_of(&plan.cluster).is_none());
    let outcome = match outcome(how, said) {
        StepOutcome::Succeeded { .. } => {
            let result = StepResult::Gained { instances: came, refused: BTreeMap::new() };
            StepOutcome::Succeeded { result }
        }
        other => other,
    };
    let told = tells(how).map(|error| actions(&plan).into_iter().map(|action| (action, error)).collect());
    (plan, 0, outcome, told.unwrap_or_default())
}

/// A boot fails when it is asked for, when it is waited for, or when the node is looked at afterwards. That it was asked
/// for and came tells nothing yet.
fn boot(world: &World, name: &str, how: &'static str, said: usize) -> Tried {
    let plan = world.plan(&format!("/node reboot {name} canary")).expect("a plan");
    let ends = |step: &Step| match how {
        "sold out" | "denied" | "not needed" => matches!(step, Step::Reboot { .. }),
        "late" | "unknown" => matches!(step, Step::AwaitBoot { .. }),
        _ => matches!(step, Step::Probe { must_pass: true, .. }),
    };
    let step = plan.steps.iter().position(ends).expect("such a step");
    let told = tells(how).map(|error| vec![(format!("boot {name}"), error)]).unwrap_or_default();
    (plan, u32::try_from(step).expect("small"), outcome(how, said), told)
}

/// Its last two ends were the same failure, the second less than ten minutes ago.
fn failed_twice<'a>(book: &'a [Told], action: &str, now: Time) -> Option<&'a Told> {
    let mut ends = book.iter().rev().filter(|told| told.action == action);
    let (last, before) = (ends.next()?, ends.next()?);
    let again = last.error.is_some() && last.error == before.error;
    (again && now - last.at < TimeDelta::minutes(10)).then_some(last)
}

/// It may not be offered now: unless it was sold out, and the cloud said since that it is there again.
fn is_given_up(book: &[Told], action: &str, world: &World) -> bool {
    let Some(last) = failed_twice(book, action, world.now) else { return false };
    let cloud = &world.facts.clouds[&CloudName::new("cloud")];
    let there = cloud.offerings.iter().any(|offer| {
        let name = format!("launch {} {} {}", offer.machine, offer.zone, offer.spot);
        name == action && offer.stock == Stock::Available
    });
    let back = last.error == Some("sold out") && there && cloud.offerings_as_of > Some(last.at);
    !back
}

/// Nothing is offered a third time.
fn offers_no_third(offered: &BTreeSet<String>, book: &[Told], world: &World) -> Kept {
    let third = offered.iter().find(|action| is_given_up(book, action, world));
    so(third.is_none(), &format!("a third time: {third:?}"))
}

/// Of these, what may be offered is.
fn withholds_nothing(all: &[String], offered: &BTreeSet<String>, book: &[Told], world: &World) -> Kept {
    let left_out = |action: &&String| !offered.contains(*action) && !is_given_up(book, action, world);
    let left_out = all.iter().find(left_out);
    so(left_out.is_none(), &format!("left out: {left_out:?}"))
}

/// All ways to get machines there are.
fn ways(world: &World) -> Vec<String> {
    let rungs = 0..world.fleet.pools[0].ladder.len();
    let launches = rungs.map(|number| launch(&rung(world, number)));
    world.fleet.pools[0].members.iter().map(start).chain(launches).collect()
}

/// What a line comes to; nothing where every way is given up.
fn offered_by(world: &World, line: &str) -> BTreeSet<String> {
    match world.plan(line) {
        Ok(plan) => actions(&plan),
        Err(why) => {
            assert_eq!(why.key(), "no-rung", "{line}");
            BTreeSet::new()
        }
    }
}

/// Names fail on three nodes; one is down; a node of another cluster has the name of one of them. An incident is open.
fn outage() -> World {
    let mut world = World::outage(&["wk-4"]);
    world.node("main", "wk-5").ready = Ready::No;
    world.seen("main").pods.retain(|_, pod| pod.node != Some(node("wk-5")));
    world.add("spare", "wk-1");
    let service = Some(ServiceName::new("blog"));
    let declared =
        Kind::IncidentDeclared { title: "502".to_owned(), severity: Severity::Sev1, service, alert: None };
    world.record(None, Some(IncidentId(1)), declared);
    world.record(Some("mei"), Some(IncidentId(1)), Kind::Acknowledged);
    world
}

/// Lines under the diagnosis, by one who remembers so much.
fn diagnosed(world: &World, state: &State) -> Vec<String> {
    let main = cluster("main");
    let found = diagnose::diagnose(&main, &world.facts, &world.fleet);
    let (facts, fleet, now) = (&world.facts, &world.fleet, world.now);
    next::lines(&found, &next::Ground { cluster: &main, facts, fleet, state, now })
}

/// Lines on the incident's card.
fn suggested(world: &World) -> Vec<String> {
    let (state, fleet, facts, now) = (&world.state, &world.fleet, &world.facts, world.now);
    let sight = suggest::Sight { state, fleet, facts, now, zone: chrono_tz::Asia::Shanghai };
    let next = suggest::next(&sight, &state.incidents[&IncidentId(1)]);
    next.into_iter().map(|one| one.line).collect()
}

/// What is booted when these lines are typed.
fn boots(world: &World, lines: &[String]) -> BTreeSet<String> {
    let lines = lines.iter().filter(|line| line.starts_with("/node reboot "));
    lines.flat_map(|line| actions(&world.plan(line).expect("a line that is offered"))).collect()
}

/// The nodes that the diagnosis points at.
fn pointed_at() -> Vec<String> {
    NODES[..3].iter().map(|name| format!("boot {name}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_way_to_get_machines_that_failed_twice_is_tried_a_third_time_and_no_other_is_left_out(
        tries in of_the_ladder(), read_again in any::<bool>(),
    ) {
        let mut world = World::morning();
        let book = played(&mut world, &tries);
        if read_again {
            world.cloud().offerings_as_of = Some(world.now);
        }
        for line in ADDS {
            let offered = offered_by(&world, line);
            prop_assert_eq!(offers_no_third(&offered, &book, &world), Ok(()), "{}", line);
            prop_assert_eq!(withholds_nothing(&ways(&world), &offered, &book, &world), Ok(()), "{}", line);
        }
    }

    #[test]
    fn a_planner_that_forgets_or_gives_up_too_early_is_caught(tries in of_the_ladder()) {
        let mut world = World::morning();
        let book = played(&mut world, &tries);
        let mut forgetful = world.clone();
        forgetful.state = State::new();
        let all = offered_by(&forgetful, ADDS[0]);
        let third = ways(&world).iter().any(|way| is_given_up(&book, way, &world));
        prop_assert_eq!(offers_no_third(&all, &book, &world).is_err(), third);
        let mut fewer = offered_by(&world, ADDS[0]);
        let left_out = fewer.pop_first().is_some();
        prop_assert_eq!(withholds_nothing(&ways(&world), &fewer, &book, &world).is_err(), left_out);
    }

    #[test]
    fn no_boot_that_failed_twice_is_offered_a_third_time_and_no_other_is_left_out(tries in of_nodes()) {
        let mut world = outage();
        let book = played(&mut world, &tries);
        let (diagnosed, suggested) = (diagnosed(&world, &world.state), suggested(&world));
        let (offered, next) = (boots(&world, &diagnosed), boots(&world, &suggested));
        prop_assert_eq!(offers_no_third(&offered, &book, &world), Ok(()), "{:?}", diagnosed);
        prop_assert_eq!(offers_no_third(&next, &book, &world), Ok(()), "{:?}", suggested);
        // Where two did not help, a boot is not the cure.
        if pointed_at().iter().filter(|boot| is_given_up(&book, boot, &world)).count() >= 2 {
            prop_assert!(offered.is_empty() && next.is_empty(), "{:?} {:?}", diagnosed, suggested);
        } else {
            let left_out = withholds_nothing(&pointed_at(), &offered, &book, &world);
            prop_assert_eq!(left_out, Ok(()), "{:?}", diagnosed);
            prop_assert!(!next.is_empty(), "{:?}", suggested);
        }
    }

    #[test]
    fn who_offers_boots_and_forgets_is_caught(tries in of_nodes()) {
        let mut world = outage();
        let book = played(&mut world, &tries);
        let all = boots(&world, &diagnosed(&world, &State::new()));
        let third = NODES[..4].iter().any(|name| is_given_up(&book, &format!("boot {name}"), &world));
        prop_assert_eq!(offers_no_third(&all, &book, &world).is_err(), third);
    }
}

/// The properties above say nothing when nothing fails twice.
#[test]
fn the_histories_reach_what_failed_twice() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut ladders, mut nodes) = (0, 0);
    for _ in 0..200 {
        let mut world = World::morning();
        let book = played(&mut world, &of_the_ladder().new_tree(&mut runner).expect("a case").current());
        ladders += u32::from(ways(&world).iter().any(|way| is_given_up(&book, way, &world)));
        let mut world = outage();
        let book = played(&mut world, &of_nodes().new_tree(&mut runner).expect("a case").current());
        nodes += u32::from(pointed_at().iter().any(|boot| is_given_up(&book, boot, &world)));
    }
    assert!(ladders >= 15 && nodes >= 15, "hardly reached: {ladders} and {nodes} of 200");
}
