//! The other outages: the same symptoms, another right first move each, typed as commands.

use lifeboat_tests::tier::{Tier, require};

use super::{played_until, refused, story};

/// Scenario, until when it is played, and the right first move.
const ROWS: [(&str, &str, &str); 6] = [
    ("cordoned-entry", "14:10", "when bad_gateway lin: /node uncordon old-1,old-2,old-3"),
    (
        "zombie-nodes",
        "11:05",
        "when bad_gateway lin: /node add count:4 pool:asg-standby\nwhen proposed lin: /plan approve",
    ),
    (
        "first-workday",
        "07:10",
        "when bad_gateway lin: /node add count:2 pool:web\nwhen proposed lin: /plan approve\n\
         when proven lin: /node add count:2 pool:web\nwhen proposed lin: /plan approve",
    ),
    (
        "jammed-balancer",
        "21:00",
        "when bad_gateway lin: /cluster check site-b\n\
         when bad_gateway lin: /cluster swap site-b mode:at-once\nwhen proposed mei: /plan approve",
    ),
    (
        "dns-storm",
        "19:45",
        "when bad_gateway lin: /cluster check shop-b\n\
         when bad_gateway lin: /cluster swap shop-b mode:at-once\nwhen proposed mei: /plan approve",
    ),
    (
        "new-year-cutover",
        "08:45",
        "when bad_gateway lin: /cluster swap kops-old mode:at-once\nwhen proposed mei: /plan approve",
    ),
];

#[test]
fn each_outage_ends_by_its_own_first_move_within_minutes() {
    if !require(Tier::Real, "") {
        return;
    }
    for (scenario, until, script) in ROWS {
        let drill = played_until(until, scenario, 1, script);
        let summary = drill.summary();
        assert!(summary.ttm_s.is_some_and(|took| took < 600), "{scenario}: {}", story(&drill));
        assert_eq!(refused(&drill), [], "{scenario}");
        assert_eq!(summary.wrong_moves, [""; 0], "{scenario}");
        assert_eq!(summary.invariants, "ok", "{scenario}");
    }
}

#[test]
fn left_alone_or_rebooted_as_last_time_none_of_them_ends() {
    if !require(Tier::Real, "") {
        return;
    }
    let as_last_time = "when bad_gateway lin: /node reboot failing mode:rolling\n\
                        when proposed lin: /plan approve";
    for (scenario, until, _) in ROWS {
        for script in ["", as_last_time] {
            let drill = played_until(until, scenario, 1, script);
            assert_eq!(drill.summary().mitigated_at, None, "{scenario}: {}", story(&drill));
            assert_eq!(drill.summary().invariants, "ok", "{scenario}");
        }
    }
}
