//! Outages other than the sold-out morning, each played well through the whole engine: what a person may type is enough.

use chrono::TimeDelta;
use lifeboat::drill::headless::Headless;
use lifeboat::drill::score::Score;
use lifeboat_deploy::simulated::Scenario;
use std::sync::Arc;

use lifeboat_storage::log::MemoryLog;
use lifeboat_tests::tier::Tier;

use crate::{refused, story};

/// Played until so many minutes after the trouble has started.
fn played(scenario: &str, minutes: i64, script: &str) -> Headless {
    let mut scenario = Scenario::named(scenario).expect("a built-in scenario");
    scenario.ends_at = scenario.ends_at.min(scenario.trouble_at + TimeDelta::minutes(minutes));
    let script = script.parse().unwrap_or_else(|error| panic!("{error}"));
    let mut drill = Headless::new(scenario, 1, script, Arc::new(MemoryLog::new()));
    drill.play();
    drill
}

macro_rules! script {
    ($name:literal) => {
        include_str!(concat!("../fixtures/drill/", $name, ".txt"))
    };
}

#[track_caller]
fn ends_well(drill: &Headless, within_s: i64) {
    let summary = drill.summary();
    assert!(summary.is_mitigated(), "{}", story(drill));
    assert!(summary.ttm_s.is_none_or(|took| took <= within_s), "{}", story(drill));
    assert_eq!(summary.wrong_moves, Vec::<String>::new(), "{}", story(drill));
    assert_eq!(summary.invariants, "ok", "{}", story(drill));
}

#[test]
fn a_storm_of_lookups_ends_on_the_standby() {
    let drill = played("dns-storm", 30, script!("dns-storm"));
    ends_well(&drill, 15 * 60);
    assert_eq!(refused(&drill), []);
}

#[test]
fn silent_nodes_are_waited_for() {
    ends_well(&played("silent-agents", 40, script!("silent-agents")), 20 * 60);
}

#[test]
fn a_cold_registry_is_waited_for_and_users_never_notice() {
    let drill = played("cold-registry", 100, script!("cold-registry"));
    ends_well(&drill, 0);
    assert_eq!(drill.summary().started_at, None);
}

#[test]
fn a_cut_over_that_fails_under_load_is_taken_back() {
    ends_well(&played("new-year-cutover", 40, script!("new-year-cutover")), 20 * 60);
}

#[test]
fn what_the_automation_stopped_is_started_again() {
    ends_well(&played("zombie-nodes", 40, script!("zombie-nodes")), 15 * 60);
}

#[test]
fn a_web_tier_that_shrank_is_grown_two_by_two() {
    let drill = played("first-workday", 50, script!("first-workday"));
    ends_well(&drill, 30 * 60);
    assert_eq!(refused(&drill), []);
}

#[test]
fn a_web_tier_that_is_asked_for_six_at_once_waits_for_all_of_them() {
    let six = "when bad_gateway ana: /node add count:6 pool:web\nwhen proposed ben: /plan approve";
    let at_once = played("first-workday", 50, six);
    let by_twos = played("first-workday", 50, script!("first-workday")).summary().ttm_s.expect("mitigated");
    let slower = at_once.summary().ttm_s.is_none_or(|took| took > by_twos + 8 * 60);
    assert!(slower, "{by_twos} s two by two, and at once: {}", story(&at_once));
}

#[test]
fn a_cordoned_entry_is_opened() {
    ends_well(&played("cordoned-entry", 25, script!("cordoned-entry")), 5 * 60);
}

#[test]
fn a_jammed_balancer_is_gone_round() {
    ends_well(&played("jammed-balancer", 30, script!("jammed-balancer")), 15 * 60);
}

#[test]
fn a_jam_that_grows_takes_no_tenth_back_that_the_other_site_answers() {
    let script = "\
        when bad_gateway ana: /incident ack\n\
        when bad_gateway ana: /cluster swap site-b mode:stepwise\n\
        when proposed ben: /plan approve";
    ends_well(&played("jammed-balancer", 25, script), 15 * 60);
}

#[test]
fn a_fault_of_both_regions_refuses_the_swap_until_one_is_mended() {
    let drill = played("bad-resolver-push", 60, script!("bad-resolver-push"));
    ends_well(&drill, 45 * 60);
    assert_eq!(refused(&drill).len(), 1, "the first swap: {}", story(&drill));
}

/// Played to the end of each scenario, the right move is never counted as harm: what it brought is of use, whoever is
/// served there.
#[test]
fn no_story_that_is_played_well_is_told_to_have_done_harm() {
    let stories = [
        ("sold-out-morning", script!("played-well")),
        ("dns-storm", script!("dns-storm")),
        ("silent-agents", script!("silent-agents")),
        ("cold-registry", script!("cold-registry")),
        ("new-year-cutover", script!("new-year-cutover")),
        ("zombie-nodes", script!("zombie-nodes")),
        ("first-workday", script!("first-workday")),
        ("cordoned-entry", script!("cordoned-entry")),
        ("jammed-balancer", script!("jammed-balancer")),
        ("bad-resolver-push", script!("bad-resolver-push")),
        ("heavy-neighbours", script!("heavy-neighbours")),
    ];
    let played = if Tier::asked() == Tier::Fast { &stories[10..] } else { &stories[..] };
    for (scenario, script) in played {
        let drill = super::played(scenario, 1, script);
        assert!(drill.summary().is_mitigated(), "{scenario}: {}", story(&drill));
        assert_eq!(drill.summary().wrong_moves, [""; 0], "{scenario}: {}", story(&drill));
    }
}

#[test]
fn the_first_move_of_a_story_is_told_as_it_is_typed() {
    let rows = [
        ("heavy-neighbours", script!("heavy-neighbours"), "/node add count:1 pool:big"),
        ("cordoned-entry", script!("cordoned-entry"), "/node uncordon old-1,old-2,old-3"),
        ("jammed-balancer", script!("jammed-balancer"), "/cluster swap site-b"),
        ("silent-agents", script!("silent-agents"), "/cluster freeze papers-main"),
    ];
    for (scenario, script, first) in rows {
        let drill = played(scenario, 15, script);
        let score = Score::of(&drill.summary(), &drill.record(), drill.engine().durable());
        assert_eq!(score.first_move.as_deref(), Some(first), "{scenario}: {}", story(&drill));
    }
}
