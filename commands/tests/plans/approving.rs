//! Who may say yes, to what, and for how long.

use chrono::TimeDelta;
use lifeboat_commands::approval;
use lifeboat_commands::people::{DiscordRole, Permission, WhoCould};
use lifeboat_commands::refusal::{FleetRefusal, Refusal};
use lifeboat_commands::verb::Decision;
use lifeboat_storage::event::{Kind, Severity, Share, Status};
use lifeboat_storage::id::{IncidentId, PersonName, PlanId, ServiceName};
use lifeboat_storage::plan::run::Standing;
use lifeboat_storage::plan::{Consent, Floor, StepOutcome, StepResult};

use crate::world::{SERVICE, World, cluster};

fn people(names: &[&str]) -> Vec<PersonName> {
    names.iter().map(|name| PersonName::new(*name)).collect()
}

/// `mei` asked for something that takes two people.
pub(crate) fn two_people() -> World {
    let mut world = World::morning();
    world.does("mei", "/node remove wk-1");
    world
}

#[track_caller]
pub(crate) fn why(world: &World, who: &str, line: &str) -> Refusal {
    world.types(who, line).expect_err(line)
}

#[test]
fn nobody_approves_their_own_plan_that_takes_two_and_hears_who_could() {
    let world = two_people();
    let chen = || WhoCould::by_name(Permission::Approver, people(&["chen"]));
    let own = FleetRefusal::OwnPlan { plan: PlanId(1), who_could: chen() };
    assert_eq!(why(&world, "mei", "/plan approve"), own.into());
    // An operator is another person, but not one who may be the second.
    let needs = Refusal::NotAllowed { who_could: chen() };
    assert_eq!(why(&world, "lin", "/plan approve"), needs);
    assert_eq!(why(&world, "wei", "/plan approve").key(), "not-allowed");
    assert_eq!(why(&world, "guest", "/plan approve").key(), "not-allowed");
    assert_eq!(why(&world, "stranger", "/plan approve"), Refusal::NotSignedIn);
}

#[test]
fn a_role_of_discord_that_permits_it_is_named_beside_the_people() {
    use Permission::{Approver, Operator, Responder};
    let role =
        |id, permissions: &[Permission]| DiscordRole { id, name: None, permissions: permissions.to_vec() };
    let (ops, seconds) = (role(300, &[Responder, Operator]), role(301, &[Responder, Operator, Approver]));
    let mut world = two_people();
    world.people.roles = vec![ops.clone(), seconds.clone()];
    let operators = WhoCould {
        needs: Operator,
        people: people(&["mei", "chen", "lin"]),
        roles: vec![ops, seconds.clone()],
    };
    assert_eq!(why(&world, "wei", "/node reboot wk-1 canary"), Refusal::NotAllowed { who_could: operators });
    let who_could = WhoCould { needs: Approver, people: people(&["chen"]), roles: vec![seconds] };
    let run = &world.state.plans[&PlanId(1)];
    assert_eq!(
        approval::who_could(run, &world.people),
        who_could,
        "an operator is no second person by a role"
    );
    let own = FleetRefusal::OwnPlan { plan: PlanId(1), who_could: who_could.clone() };
    assert_eq!(why(&world, "mei", "/plan approve"), own.into());
    assert_eq!(why(&world, "lin", "/plan approve"), Refusal::NotAllowed { who_could });
}

#[test]
fn another_person_approves_and_it_runs() {
    let mut world = two_people();
    world.does("chen", "/plan approve");
    let run = &world.state.plans[&PlanId(1)];
    assert_eq!((run.standing, run.approved_by.clone()), (Standing::Running, people(&["chen"])));
}

#[test]
fn a_plan_for_one_is_confirmed_by_whoever_asked() {
    let mut world = World::morning();
    world.does("lin", "/node reboot wk-1 canary");
    world.does("lin", "/plan approve P-1");
    assert_eq!(world.state.plans[&PlanId(1)].standing, Standing::Running);
}

#[test]
fn what_harms_nothing_begins_at_once() {
    let mut world = World::morning();
    world.does("lin", "/node cordon wk-1");
    assert_eq!(world.state.plans[&PlanId(1)].standing, Standing::Running);
}

#[test]
fn an_approval_is_of_exactly_the_plan_that_was_shown() {
    let world = two_people();
    let hash = world.state.plans[&PlanId(1)].hash.clone();
    for good in [&hash[..8], &hash[..4], &hash, &hash[..8].to_uppercase()] {
        world.types("chen", &format!("/plan approve P-1 hash:{good}")).expect("the right hash");
    }
    let other = if hash.starts_with("00") { "ff00" } else { "0000" };
    let wrong = FleetRefusal::WrongHash { plan: PlanId(1) };
    assert_eq!(why(&world, "chen", &format!("/plan approve P-1 hash:{other}")), wrong.into());
}

#[test]
fn the_hash_changes_with_all_that_an_approval_binds() {
    let plan = World::morning().plan("/node reboot wk-1,wk-2 rolling").expect("a plan");
    let mut others = vec![plan.clone(); 5];
    others[0].steps.pop();
    others[1].targets.pop();
    others[2].floors = vec![Floor::NoControlPlane];
    others[3].cost = lifeboat_storage::plan::Cost::Unknown;
    others[4].cluster = cluster("spare");
    for other in others {
        assert_ne!(other.hash(), plan.hash());
    }
    assert_eq!(plan.clone().hash(), plan.hash());
}

#[test]
fn a_proposal_expires_after_ten_minutes_also_in_the_moment_before_that_is_recorded() {
    let mut world = two_people();
    world.wait(TimeDelta::minutes(10));
    world.types("chen", "/plan approve").expect("the last second");
    world.wait(TimeDelta::seconds(1));
    let over = FleetRefusal::PlanElsewhere { plan: PlanId(1), standing: Standing::Expired };
    assert_eq!(why(&world, "chen", "/plan approve"), over.clone().into());
    world.record(None, None, Kind::PlanExpired { plan: PlanId(1) });
    assert_eq!(why(&world, "chen", "/plan approve P-1"), over.into());
    assert_eq!(why(&world, "chen", "/plan approve"), FleetRefusal::NoPlan.into());
}

#[test]
fn no_means_no() {
    let mut world = two_people();
    world.does("lin", "/plan reject not now");
    let denied = FleetRefusal::PlanElsewhere { plan: PlanId(1), standing: Standing::Rejected };
    for line in ["/plan approve P-1", "/plan resume P-1", "/plan pause P-1", "/plan cancel P-1"] {
        assert_eq!(why(&world, "chen", line), denied.clone().into(), "{line}");
    }
    // An approval that was on its way changes nothing either.
    let hash = world.state.plans[&PlanId(1)].hash.clone();
    world.record(Some("chen"), None, Kind::PlanApproved { plan: PlanId(1), hash });
    assert_eq!(world.state.plans[&PlanId(1)].standing, Standing::Rejected);
}

#[test]
fn an_approval_of_another_hash_that_got_into_the_record_starts_nothing() {
    let mut world = two_people();
    world.record(Some("chen"), None, Kind::PlanApproved { plan: PlanId(1), hash: "0".repeat(64) });
    assert_eq!(world.state.plans[&PlanId(1)].standing, Standing::Proposed);
}

#[test]
fn one_plan_at_a_time_works_on_a_cluster_and_both_of_a_move_are_held() {
    let mut world = World::morning();
    world.does("mei", "/node reboot wk-1 canary").does("lin", "/node reboot wk-2 canary");
    world.does("mei", "/plan approve P-1");
    let locked = |name| FleetRefusal::Locked { cluster: cluster(name), plan: PlanId(1) };
    assert_eq!(why(&world, "lin", "/plan approve P-2"), locked("main").into());
    assert_eq!(why(&world, "lin", "/node cordon wk-3"), locked("main").into());
    assert_eq!(why(&world, "lin", "/node move sp-1 main"), locked("main").into());
    // Not even the override opens a lock.
    assert_eq!(why(&world, "lin", "/node remove wk-3 override:hurry"), locked("main").into());
    // The other cluster is free, and a lock dies with its plan.
    world.types("lin", "/node cordon sp-1").expect("another cluster");
    world.does("mei", "/plan cancel P-1");
    world.types("lin", "/plan approve P-2").expect("the lock is gone");
}

#[test]
fn a_frozen_cluster_takes_no_plan_and_no_approval() {
    let mut world = World::morning();
    world.does("mei", "/node remove wk-1").does("mei", "/cluster freeze main two pods are left");
    let frozen: Refusal = FleetRefusal::Frozen { cluster: cluster("main") }.into();
    for line in [
        "/plan approve P-1",
        "/node reboot wk-1 canary",
        "/node cordon wk-1",
        "/node drain wk-1",
        "/node add 1 peak",
        "/capacity run morning",
        "/node move sp-1 main",
        "/cluster swap spare",
        "/cluster canary install",
    ] {
        assert_eq!(why(&world, "chen", line), frozen, "{line}");
    }
}

#[test]
fn the_override_waives_the_second_person_and_the_freeze_and_says_why() {
    let mut world = World::morning();
    world.does("mei", "/cluster freeze main two pods are left");
    let plan = world.plan("/node remove wk-1 override:the disk dies").expect("a plan");
    assert_eq!(plan.consent, Consent::Confirm);
    assert_eq!(plan.override_reason.as_deref(), Some("the disk dies"));
    assert!(!plan.floors.contains(&Floor::NotFrozen { cluster: cluster("main") }));
    world.does("mei", "/node remove wk-1 override:the disk dies").does("mei", "/plan approve");
    assert_eq!(world.state.plans[&PlanId(1)].standing, Standing::Running);
}

#[test]
fn an_override_without_a_reason_is_none() {
    let mut world = World::morning();
    world.does("mei", "/node remove wk-1 override:");
    let run = &world.state.plans[&PlanId(1)];
    assert_eq!((run.plan.consent, run.plan.override_reason.clone()), (Consent::TwoPeople, None));
    world.does("mei", "/cluster freeze main \"protected\"");
    assert_eq!(world.refused("mei", "/node remove wk-2 override:\"  \""), "frozen");
}

#[test]
fn the_override_waives_nothing_else() {
    let mut world = World::outage(&["wk-5"]);
    let over = "override:\"the site is down\"";
    let refused = |world: &World, line: &str| world.refused("mei", &format!("{line} {over}"));
    assert_eq!(refused(&world, "/node remove cp-1"), "control-plane");
    assert_eq!(refused(&world, "/node remove wk-5"), "last-serving");
    assert_eq!(refused(&world, "/node reboot wk-5 rolling"), "last-serving");
    world.node("main", "wk-1").identity = Default::default();
    assert_eq!(refused(&world, "/node reboot wk-1 emergency"), "unclear");
    world.seen("main").managers = (1, 3);
    assert_eq!(refused(&world, "/node reboot wk-2 emergency"), "no-majority");
    assert_eq!(refused(&world, "/node remove wk-2"), "no-majority");
    world.seen("spare").pods.clear();
    assert_eq!(refused(&world, "/cluster swap spare"), "standby-red");
    world.seen("main").as_of = None;
    assert_eq!(refused(&world, "/node remove wk-2"), "facts-old");
}

#[test]
fn the_emergency_mode_is_for_a_site_that_is_down() {
    let mut world = World::morning();
    assert_eq!(world.refused("mei", "/node reboot all emergency"), "not-down");
    assert_eq!(world.refused("mei", "/node reboot all emergency override:hurry"), "not-down");
    // Half of all requests fail, or a third of what is wanted serves.
    world.share = Some(Share { bad: 500, total: 1_000 });
    world.plan("/node reboot all emergency").expect("half of all requests fail");
    world.share = Some(Share { bad: 499, total: 1_000 });
    assert_eq!(world.refused("mei", "/node reboot all emergency"), "not-down");
    // Too few requests say nothing.
    world.share = Some(Share { bad: 19, total: 19 });
    assert_eq!(world.refused("mei", "/node reboot all emergency"), "not-down");
    World::outage(&["wk-3", "wk-4", "wk-5"]).plan("/node reboot all emergency").expect("three of nine serve");
    assert_eq!(
        World::outage(&["wk-2", "wk-3", "wk-4", "wk-5"]).refused("mei", "/node reboot all emergency"),
        "not-down"
    );
}

#[test]
fn commands_on_plans_mean_the_newest_that_stands_so() {
    let mut world = World::morning();
    for line in
        ["/plan show", "/plan approve", "/plan reject no", "/plan pause", "/plan resume", "/plan cancel"]
    {
        assert_eq!(why(&world, "chen", line), FleetRefusal::NoPlans.into(), "{line}");
    }
    assert_eq!(why(&world, "chen", "/plan approve P-9"), FleetRefusal::NoPlans.into());
    world.does("mei", "/node reboot wk-1 canary").does("mei", "/node reboot wk-2 canary");
    for line in ["/plan show P-9", "/plan approve P-9"] {
        assert_eq!(why(&world, "chen", line), FleetRefusal::NoSuchPlan { plan: PlanId(9) }.into(), "{line}");
    }
    assert_eq!(why(&world, "chen", "/plan resume"), FleetRefusal::NoPlan.into());
    world.does("mei", "/plan approve").does("mei", "/plan pause");
    assert_eq!(world.state.plans[&PlanId(2)].standing, Standing::Paused);
    assert_eq!(world.state.plans[&PlanId(1)].standing, Standing::Proposed);
    assert_eq!(why(&world, "mei", "/plan pause").key(), "no-plan");
    let paused = FleetRefusal::PlanElsewhere { plan: PlanId(2), standing: Standing::Paused };
    assert_eq!(why(&world, "mei", "/plan approve P-2"), paused.into());
    world.does("mei", "/plan resume").does("mei", "/plan cancel");
    assert_eq!(world.state.plans[&PlanId(2)].standing, Standing::Cancelled);
}

/// An incident of this service, declared by Lifeboat.
fn declared(world: &mut World, incident: u32, service: &str) {
    let (title, service) = (String::new(), Some(ServiceName::new(service)));
    let kind = Kind::IncidentDeclared { title, severity: Severity::Sev2, service, alert: None };
    world.record(None, Some(IncidentId(incident)), kind);
}

/// Of which incident the pause of the only plan would be.
#[track_caller]
fn pauses_in(world: &World) -> Option<IncidentId> {
    let Decision::Change(changes) = world.types("mei", "/plan pause P-1").expect("it runs") else {
        panic!("it changes something")
    };
    changes[0].incident
}

#[test]
fn a_plan_begun_before_the_incident_of_its_service_belongs_to_it_from_the_first_word_on_it() {
    let mut world = World::morning();
    world.does("mei", "/node reboot wk-1 canary").does("mei", "/plan approve");
    assert_eq!(pauses_in(&world), None, "nothing is wrong");
    declared(&mut world, 1, "shop");
    assert_eq!(pauses_in(&world), None, "another service");
    declared(&mut world, 2, SERVICE);
    assert_eq!(pauses_in(&world), Some(IncidentId(2)));
    let mut both = world.clone();
    declared(&mut both, 3, SERVICE);
    assert_eq!(pauses_in(&both), None, "nobody knows which");
    world.does("mei", "/plan pause");
    assert_eq!(world.state.plans[&PlanId(1)].incident, Some(IncidentId(2)));
    declared(&mut world, 3, SERVICE);
    world.does("mei", "/plan resume");
    assert_eq!(pauses_in(&world), Some(IncidentId(2)), "it stays where it is");
}

#[test]
fn a_plan_that_outlives_all_that_went_wrong_does_not_join_what_is_resolved() {
    let mut world = World::morning();
    world.does("mei", "/node reboot wk-1 canary").does("mei", "/plan approve");
    declared(&mut world, 1, SERVICE);
    let (from, to) = (Status::Investigating, Status::Resolved);
    let resolved = Kind::StatusChanged { from, to, head: None, reason: String::new() };
    world.record(Some("mei"), Some(IncidentId(1)), resolved);
    assert_eq!(pauses_in(&world), None);
}

#[test]
fn a_cancelled_plan_says_which_node_it_leaves_cordoned() {
    let mut world = World::morning();
    world.does("mei", "/node reboot wk-1 rolling").does("mei", "/plan approve");
    let cordon = world.state.plans[&PlanId(1)]
        .plan
        .steps
        .iter()
        .position(|step| matches!(step, lifeboat_storage::plan::Step::Cordon { .. }));
    let cordon = u32::try_from(cordon.expect("it cordons")).expect("a small number");
    world.step_ends(cordon, StepOutcome::Succeeded { result: StepResult::SchedulableWas { before: true } });
    let Decision::Change(changes) = world.types("mei", "/plan cancel").expect("it runs") else {
        panic!("it changes something")
    };
    let Kind::PlanCancelled { left, .. } = &changes[0].kind else { panic!("{changes:?}") };
    assert_eq!(left.cordoned, crate::world::names(&["wk-1"]));
}

#[test]
fn everybody_reads_and_only_operators_ask() {
    let world = World::morning();
    for line in ["/node list", "/cluster list", "/cluster status", "/capacity show", "/capacity check"] {
        world.types("stranger", line).expect(line);
    }
    for line in
        ["/node cordon wk-1", "/node reboot wk-1 canary", "/node add 1 peak", "/cluster freeze main x"]
    {
        let who_could = WhoCould::by_name(Permission::Operator, people(&["mei", "chen", "lin"]));
        assert_eq!(why(&world, "wei", line), Refusal::NotAllowed { who_could }, "{line}");
        assert_eq!(why(&world, "stranger", line), Refusal::NotSignedIn);
    }
    world.types("wei", "/cluster check").expect("whoever responds may look");
}

#[test]
fn a_drill_begins_only_where_nothing_real_is_at_stake() {
    use lifeboat_commands::verb::Show;
    let mut world = World::morning();
    let start = |scenario: Option<&str>, speed| {
        Ok(Decision::Show(Show::StartDrill { scenario: scenario.map(str::to_owned), speed }))
    };
    assert_eq!(world.types("wei", "/drill start"), start(None, None));
    assert_eq!(
        world.types("wei", "/drill start sold-out-morning speed:60"),
        start(Some("sold-out-morning"), Some(60))
    );
    assert_eq!(world.refused("wei", "/drill start no-such-morning"), "no-such-scenario");
    assert_eq!(world.refused("wei", "/drill hint"), "no-drill");
    assert_eq!(world.refused("wei", "/drill stop"), "no-drill");
    let mut beside = world.clone();
    beside.state.drill_beside = Some(3);
    for line in ["/drill stop", "/drill hint"] {
        assert_eq!(why(&beside, "wei", line), FleetRefusal::DrillBeside { drill: 3 }.into());
    }
    let mut inside = world.clone();
    inside.drill = true;
    inside.hints = Some(vec!["look".to_owned()]);
    assert_eq!(inside.refused("wei", "/drill start"), "drill-runs");
    assert_eq!(inside.types("wei", "/drill stop"), Ok(Decision::Show(Show::StopDrill)));
    inside.does("wei", "/drill hint");
    assert_eq!(inside.refused("wei", "/drill hint"), "no-hint");
    world.does("mei", "/incident declare the site is down");
    let open = FleetRefusal::IncidentOpen { open: vec![IncidentId(1)] };
    assert_eq!(why(&world, "wei", "/drill start"), open.into());
    world.does("mei", "/incident cancel INC-1 a false alarm");
    assert_eq!(world.types("wei", "/drill start"), start(None, None));
}
