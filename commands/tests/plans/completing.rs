//! What may be typed next: every option and value completes, and only what could be done.

use lifeboat_commands::complete::{Completion, Known, complete};
use lifeboat_commands::table::{COMMANDS, ValueKind};

use crate::world::{World, is_a_line};

fn completed(world: &World, line: &str) -> Completion {
    let known = Known {
        state: &world.state,
        people: &world.people,
        fleet: &world.fleet,
        facts: &world.facts,
        scenarios: &world.scenarios,
    };
    complete(line, &known)
}

fn offered(world: &World, line: &str) -> Vec<String> {
    completed(world, line).choices.into_iter().map(|choice| choice.label).collect()
}

#[track_caller]
fn check(world: &World, line: &str, expected: &[&str]) {
    assert_eq!(offered(world, line), expected, "{line}");
}

#[test]
fn nodes_come_with_groups_first_then_those_with_trouble_and_pools_last() {
    let world = World::outage(&["wk-1", "wk-2", "wk-4", "wk-5"]);
    check(
        &world,
        "/node reboot target:",
        &[
            "failing",
            "all",
            "wk-3",
            "wk-6",
            "wk-7",
            "wk-8",
            "wk-9",
            "sp-1",
            "sp-2",
            "wk-1",
            "wk-2",
            "wk-4",
            "wk-5",
            "pool:peak",
        ],
    );
    check(&world, "/node reboot wk-3", &["wk-3"]);
    check(&world, "/node reboot target:pool", &["pool:peak"]);
    check(&world, "/node reboot pool:", &["pool:peak"]);
    check(&world, "/node reboot fail", &["failing"]);
}

#[test]
fn after_a_comma_come_the_other_nodes_of_the_same_cluster() {
    let mut world = World::outage(&["wk-4", "wk-5"]);
    check(&world, "/node drain sp-1,", &["sp-1,sp-2"]);
    check(
        &world,
        "/node drain target:wk-1,wk-2,wk-4,wk-",
        &[
            "wk-1,wk-2,wk-4,wk-3",
            "wk-1,wk-2,wk-4,wk-6",
            "wk-1,wk-2,wk-4,wk-7",
            "wk-1,wk-2,wk-4,wk-8",
            "wk-1,wk-2,wk-4,wk-9",
            "wk-1,wk-2,wk-4,wk-5",
        ],
    );
    world.add("spare", "wk-1");
    assert!(offered(&world, "/node drain main/").contains(&"main/wk-1".to_owned()));
    assert!(offered(&world, "/node drain spare/").contains(&"spare/wk-1".to_owned()));
}

#[test]
fn only_nodes_on_which_something_is_left_to_do_are_offered() {
    let mut world = World::morning();
    world.node("main", "wk-1").schedulable = false;
    check(&world, "/node uncordon wk", &["wk-1"]);
    assert!(!offered(&world, "/node cordon wk").contains(&"wk-1".to_owned()));
}

#[test]
fn clusters_pools_schedules_modes_and_scenarios_complete() {
    let mut world = World::morning();
    check(&world, "/node add count:", &["1", "2", "4"]);
    check(&world, "/node add 2 pool:", &["peak"]);
    check(&world, "/node reboot wk-1 mode:", &["canary", "rolling", "emergency"]);
    check(&world, "/node move wk-1 to-cluster:", &["main", "spare"]);
    check(&world, "/cluster status cluster:", &["main", "spare"]);
    // Traffic goes where it is not yet.
    check(&world, "/cluster swap to:", &["spare"]);
    check(&world, "/cluster swap spare mode:", &["stepwise", "at-once"]);
    check(&world, "/cluster canary action:", &["install"]);
    check(&world, "/capacity run schedule:", &["morning"]);
    check(&world, "/drill start scenario:", &["sold-out-morning"]);
    check(&world, "/drill start speed:", &["1", "10", "60"]);
    check(&world, "/cluster freeze cluster:", &["main", "spare"]);
    check(&world, "/cluster unfreeze cluster:", &[]);
    world.does("mei", "/cluster freeze main protected");
    check(&world, "/cluster freeze cluster:", &["spare"]);
    check(&world, "/cluster unfreeze cluster:", &["main"]);
}

#[test]
fn plans_are_offered_only_where_they_stand_so_that_it_could_be_done() {
    let mut world = World::morning();
    for line in ["/node reboot wk-1 canary", "/node reboot wk-2 canary", "/node reboot sp-1 canary"] {
        world.does("mei", line);
    }
    world.does("mei", "/plan approve P-3").does("mei", "/plan approve P-2").does("mei", "/plan pause P-2");
    for (verb, expected) in [
        ("approve", &["P-1"][..]),
        ("reject", &["P-1"]),
        ("pause", &["P-3"]),
        ("resume", &["P-2"]),
        ("cancel", &["P-3", "P-2", "P-1"]),
        ("show", &["P-3", "P-2", "P-1"]),
    ] {
        check(&world, &format!("/plan {verb} plan:"), expected);
    }
    let hash: String = world.state.plans.values().next().expect("a plan").hash.chars().take(8).collect();
    check(&world, "/plan approve hash:", &[&hash]);
    check(&world, "/plan approve P-1 hash:", &[&hash]);
    check(&world, "/plan approve P-2 hash:", &[]);
}

#[test]
fn every_option_of_every_command_on_the_fleet_offers_something_where_there_is_anything() {
    let mut world = World::morning();
    world.node("main", "wk-1").schedulable = false;
    world.does("mei", "/cluster freeze spare protected");
    for line in ["/node reboot wk-2 canary", "/node reboot wk-3 canary", "/node reboot wk-4 canary"] {
        world.does("mei", line);
    }
    world.does("mei", "/plan approve P-1").does("mei", "/plan pause P-1");
    // A second cluster's plan runs, a third waits.
    world
        .does("mei", "/cluster unfreeze spare")
        .does("mei", "/node reboot sp-1 canary")
        .does("mei", "/plan approve");
    world.does("mei", "/cluster freeze spare protected");
    let fleet = ["node", "cluster", "capacity", "plan", "drill"];
    for spec in COMMANDS.iter().filter(|spec| fleet.contains(&spec.noun)) {
        for option in spec.options.iter().filter(|option| option.kind != ValueKind::Text) {
            let line = format!("{} {}:", spec.words(), option.name);
            assert!(!offered(&world, &line).is_empty(), "{line} offers nothing");
        }
    }
}

/// The option that the hint points at.
#[track_caller]
fn check_hint(world: &World, line: &str, expected: Option<&str>) {
    assert_eq!(completed(world, line).current, expected, "{line}");
}

#[test]
fn an_option_whose_name_is_typed_and_whose_value_is_empty_is_the_one_being_filled() {
    let world = World::morning();
    for line in ["/incident update conditions:", "/incident update incident:INC-0003 conditions: "] {
        check_hint(&world, line, Some("conditions"));
        check(&world, line, &[]);
        assert!(completed(&world, line).is_empty, "{line}");
    }
    check(&world, "/incident update conditions: ac", &[]);
    check_hint(&world, "/incident update actions: ", Some("actions"));
    // A value behind a blank is put where it can be read.
    check_hint(&world, "/incident severity incident:INC-0003 to: ", Some("to"));
    let found = completed(&world, "/incident severity to: sev2");
    assert_eq!(found.choices[0].line, "/incident severity to:SEV2 ");
    is_a_line(&found.choices[0].line);
}

#[test]
fn a_text_goes_on_until_the_next_name_which_is_offered_behind_its_value() {
    let world = World::morning();
    for line in ["conditions:all fail ", "conditions: all fail ", "conditions: all of it fails ", "all fail "]
    {
        let line = format!("/incident update {line}");
        check_hint(&world, &line, Some("conditions"));
        check(&world, &line, &["actions:", "needs:", "incident:"]);
        assert!(!completed(&world, &line).is_empty, "{line}");
    }
    check(&world, "/incident update conditions: all fail ac", &["actions:"]);
    check_hint(&world, "/incident update conditions:\"all fail\" ", Some("actions"));
    check_hint(&world, "/incident note it is what: it is ", Some("text"));
    check(&world, "/incident note it is what: it is ", &["at:", "incident:"]);
}

#[test]
fn what_bare_words_fill_is_not_offered_again() {
    let world = World::morning();
    check(&world, "/alert silence bad_gateway/api-web ", &["30m", "2h", "1d", "for:", "reason:"]);
    check_hint(&world, "/alert silence bad_gateway/api-web 30m ", Some("reason"));
    check(&world, "/alert silence bad_gateway/api-web 30m ", &["reason:"]);
    check(&world, "/alert silence bad_gateway/api-web for:30m ", &["reason:"]);
    check(&world, "/alert silence for:30m bad_gateway/api-web maintenance of the ", &[]);
    check(&world, "/incident declare \"no images\" SEV2 ", &["service:", "at:", "alert:"]);
    check(&world, "/incident ack INC-0003 ", &[]);
}

#[test]
fn a_line_put_together_from_what_is_offered_can_be_typed() {
    let world = World::outage(&["wk-4", "wk-5"]);
    let known = Known {
        state: &world.state,
        people: &world.people,
        fleet: &world.fleet,
        facts: &world.facts,
        scenarios: &world.scenarios,
    };
    let mut line = "/node reb".to_owned();
    for _ in 0..3 {
        line = complete(&line, &known).choices.first().expect("something is offered").line.clone();
    }
    assert_eq!(line, "/node reboot failing canary ");
    is_a_line(&line);
    world.plan(&line).expect("and it plans");
}
