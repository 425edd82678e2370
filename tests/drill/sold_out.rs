//! The outage that Lifeboat was built from, played by scripts: well, as the team did, and wrongly.

use lifeboat::drill::headless::Headless;
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_storage::plan::run::Standing;
use lifeboat_tests::tier::{Tier, require};

use super::{played, played_until, refused, story};

const SCENARIO: &str = "sold-out-morning";
const PLAYED_WELL: &str = include_str!("../fixtures/drill/played-well.txt");
const AS_THE_TEAM_DID: &str = include_str!("../fixtures/drill/as-the-team-did.txt");
const RESCUED: &str = include_str!("../fixtures/drill/rescued.txt");

/// All keys of a summary, in order.
const KEYS: [&str; 16] = [
    "scenario",
    "seed",
    "started_at",
    "detected_at",
    "acknowledged_at",
    "mitigated_at",
    "resolved_at",
    "ttd_s",
    "tta_s",
    "ttm_s",
    "ttr_s",
    "prevented",
    "healthy_pods_lost",
    "money",
    "wrong_moves",
    "invariants",
];

/// Seeds that are played: one where time is short.
fn seeds() -> std::ops::RangeInclusive<u64> {
    match Tier::asked() {
        Tier::Fast => 1..=1,
        Tier::Real => 1..=5,
        Tier::Deep => 1..=30,
    }
}

fn minutes(drill: &Headless) -> Option<i64> {
    drill.summary().ttm_s.map(|seconds| seconds / 60)
}

fn standings(drill: &Headless) -> Vec<(&'static str, Standing)> {
    drill.engine().durable().plans.values().map(|run| (run.plan.verb.key(), run.standing)).collect()
}

fn sound(drill: &Headless) {
    assert_eq!(drill.summary().invariants, "ok", "{}", story(drill));
}

#[test]
fn whoever_believes_the_schedule_prevents_the_outage() {
    for seed in seeds() {
        let drill = played(SCENARIO, seed, PLAYED_WELL);
        let summary = drill.summary();
        assert!(summary.prevented && summary.is_mitigated(), "seed {seed}: {}", story(&drill));
        assert_eq!((summary.started_at, summary.healthy_pods_lost), (None, 0), "seed {seed}");
        assert_eq!(summary.wrong_moves, [""; 0], "seed {seed}");
        assert_eq!(refused(&drill), [], "seed {seed}");
        sound(&drill);
    }
}

#[test]
fn whoever_comes_late_adds_what_is_missing_and_boots_all_in_place() {
    if !require(Tier::Real, "") {
        return;
    }
    for seed in seeds() {
        let drill = played_until("11:00", SCENARIO, seed, RESCUED);
        assert!(minutes(&drill).is_some_and(|took| took < 30), "seed {seed}: {}", story(&drill));
        // An emergency may cost pods of what it boots last, before what is in quarantine is let in; nothing else.
        let summary = drill.summary();
        let harm = summary.wrong_moves.iter().filter(|key| *key != "healthy-pods-lost");
        assert_eq!(harm.count(), 0, "seed {seed}: {:?}", summary.wrong_moves);
        sound(&drill);
    }
}

#[test]
fn as_the_team_did_it_takes_until_noon() {
    if !require(Tier::Real, "") {
        return;
    }
    for seed in seeds() {
        let drill = played(SCENARIO, seed, AS_THE_TEAM_DID);
        assert!(
            minutes(&drill).is_some_and(|took| (90..120).contains(&took)),
            "seed {seed}: {}",
            story(&drill)
        );
        sound(&drill);
    }
}

#[test]
fn left_alone_it_never_recovers_and_the_summary_says_so() {
    if !require(Tier::Real, "") {
        return;
    }
    let drill = played(SCENARIO, 1, "");
    let summary = drill.summary();
    assert!(!summary.is_mitigated(), "{}", story(&drill));
    let json = serde_json::to_string(&summary).unwrap();
    let keys: Vec<&str> = json.split('"').filter(|word| KEYS.contains(word)).collect();
    let told = [
        "scenario",
        "seed",
        "started_at",
        "detected_at",
        "ttd_s",
        "prevented",
        "healthy_pods_lost",
        "money",
        "wrong_moves",
        "invariants",
    ];
    assert_eq!(keys, told, "nobody took it, nothing was mitigated: absent, not null and not 0; {json}");
    sound(&drill);
}

#[test]
fn booting_only_the_new_nodes_does_not_help() {
    if !require(Tier::Real, "") {
        return;
    }
    let script = "\
        when bad_gateway lin: /node add count:4 pool:workers\n\
        when proposed lin: /plan approve\n\
        when failed lin: /node reboot worker-11,worker-12,worker-13,worker-14 mode:rolling\n\
        when proposed lin: /plan approve\n\
        when proven or failed or paused lin: /node uncordon worker-11,worker-12,worker-13,worker-14\n\
        12:00 lin: /node list";
    let drill = played(SCENARIO, 1, script);
    assert!(!drill.summary().is_mitigated(), "{}", story(&drill));
}

#[test]
fn replacing_old_workers_instead_of_booting_them_loses_them() {
    let script = "\
        when failed_start lin: /node remove failing\n\
        when proposed mei: /plan approve";
    let drill = played_until("11:00", SCENARIO, 1, script);
    let stops = drill.world().truth().stops;
    assert!(!stops.is_empty(), "{}", story(&drill));
    for (_, id) in stops {
        let start = Call::Start { cloud: drill.world().fleet().clouds[0].clone(), ids: vec![id.clone()] };
        let Answer::Each(outcomes) = drill.world().perform(start) else { panic!("one outcome each") };
        assert!(matches!(outcomes[&id], Outcome::NoCapacity(_)), "{outcomes:?}");
    }
    assert!(!drill.summary().is_mitigated(), "{}", story(&drill));
}

#[test]
fn the_half_built_cluster_is_refused_as_a_standby() {
    let script = "when bad_gateway lin: /cluster check k8s-ha\nwhen bad_gateway lin: /cluster swap to:k8s-ha";
    let drill = played_until("10:20", SCENARIO, 1, script);
    assert_eq!(refused(&drill), [("/cluster swap to:k8s-ha", "standby-red")]);
}

#[test]
fn booting_all_at_once_while_two_still_serve_loses_their_pods_and_is_a_wrong_move() {
    if !require(Tier::Real, "") {
        return;
    }
    let script = "\
        when \"2 of 9 nodes serve\" lin: /node reboot all mode:emergency\n\
        when proposed mei: /plan approve";
    for seed in 1..=5 {
        let drill = played_until("10:50", SCENARIO, seed, script);
        assert_eq!(
            standings(&drill).first().map(|(verb, _)| *verb),
            Some("node-reboot"),
            "{}",
            story(&drill)
        );
        let summary = drill.summary();
        assert!(summary.healthy_pods_lost > 0, "seed {seed}: {}", story(&drill));
        assert_eq!(summary.wrong_moves, ["healthy-pods-lost"], "seed {seed}: {}", story(&drill));
    }
}

#[test]
fn a_plan_that_is_left_paused_while_users_get_errors_is_a_wrong_move_and_one_that_is_ended_in_time_is_none() {
    let script = "\
        when bad_gateway lin: /node add count:4 pool:workers\n\
        when proposed lin: /plan approve\n\
        when running lin: /plan pause";
    for (until, ends, expected) in [
        ("10:22", "", &[][..]),
        ("10:45", "", &["node-add-left-paused"][..]),
        ("10:45", "\n10:24 lin: /plan cancel", &[][..]),
    ] {
        let drill = played_until(until, SCENARIO, 1, &format!("{script}{ends}"));
        let wrong = drill.summary().wrong_moves;
        let left: Vec<&String> = wrong.iter().filter(|key| key.ends_with("-left-paused")).collect();
        assert_eq!(left, expected, "{until}: {}", story(&drill));
    }
}

#[test]
fn the_card_names_what_is_in_stock_instead_and_what_failing_pods_say() {
    let script = "\
        when \"In stock: g6.4c16g (spot) in zone-h, 0.31\" lin: /incident ack INC-0002\n\
        when \"有货: zone-h 的 g6.4c16g（抢占式）\" lin: /incident role commander INC-0002\n\
        when failed_start lin: /cluster list\n\
        when \"Pods say: \" mei: /node list";
    let drill = played_until("10:45", SCENARIO, 1, script);
    let typed: Vec<&str> = drill.played.iter().map(|one| one.line.typed.as_str()).collect();
    let all = ["/incident ack INC-0002", "/incident role commander INC-0002", "/cluster list", "/node list"];
    assert_eq!(typed, all, "{}", story(&drill));
}
