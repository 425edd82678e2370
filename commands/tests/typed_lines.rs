//! Lines as people type them, and what they come to.

use chrono::{DateTime, Utc};
use lifeboat_commands::command::{
    CapacityCommand, ClusterCommand, Command, DrillCommand, NodeCommand, PlanCommand,
};
use lifeboat_commands::parse::parse;
use lifeboat_commands::refusal::Refusal;
use lifeboat_storage::event::{Role, Severity, Status, TaskKind};
use lifeboat_storage::id::{IncidentId, PlanId, Seq};
use lifeboat_storage::plan::{RebootMode, SwapMode};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-01-05T10:30:00Z").expect("a moment").with_timezone(&Utc)
}

#[track_caller]
fn check(line: &str, expected: &Command) {
    let parsed = parse(line, now(), chrono_tz::UTC).map(|parsed| parsed.command);
    assert_eq!(parsed.as_ref(), Ok(expected), "{line}");
}

#[track_caller]
fn refused(line: &str) -> &'static str {
    parse(line, now(), chrono_tz::UTC).expect_err(line).key()
}

#[test]
fn lines_are_read_the_way_they_are_typed() {
    let inc = Some(IncidentId(7));
    let note = |text: &str, at, incident| Command::Note { text: text.to_owned(), at, incident };
    check("/incident ack", &Command::Ack { incident: None });
    check("  incident   ack inc-7 ", &Command::Ack { incident: inc });
    check("/incident note the ratio is 5:1 now", &note("the ratio is 5:1 now", None, None));
    check("/incident note 两行\n第二行", &note("两行\n第二行", None, None));
    check(
        "/incident note rolled back at:10:15",
        &note("rolled back", Some(now() - chrono::TimeDelta::minutes(15)), None),
    );
    check(
        "/incident note at:-15m rolled back",
        &note("rolled back", Some(now() - chrono::TimeDelta::minutes(15)), None),
    );
    check("/incident note text:\"a  b\" incident:7", &note("a  b", None, inc));
    check("/incident severity sev1 7", &Command::Severity { to: Severity::Sev1, incident: inc });
    check("/incident role commander", &Command::Role { role: Role::Commander, person: None, incident: None });
    check(
        "/incident role commander \"Chen Wei\" INC-0007",
        &Command::Role { role: Role::Commander, person: Some("Chen Wei".to_owned()), incident: inc },
    );
    check(
        "/incident update conditions:41 % fail actions:rolling back needs:a second pair of eyes",
        &Command::Update {
            conditions: "41 % fail".to_owned(),
            actions: "rolling back".to_owned(),
            needs: "a second pair of eyes".to_owned(),
            incident: None,
        },
    );
    check(
        "/incident cancel INC-7 a false alarm",
        &Command::Status {
            to: Status::Cancelled,
            incident: inc,
            at: None,
            reason: "a false alarm".to_owned(),
            reopen: false,
        },
    );
    check(
        "/incident task write a runbook what:prevent",
        &Command::Task {
            text: "write a runbook".to_owned(),
            owner: None,
            what: TaskKind::Prevent,
            incident: None,
        },
    );
    check("/incident task done:2", &Command::TaskDone { task: 2, incident: None });
    check(
        "/incident redact #12 a password",
        &Command::Redact { event: Seq(12), reason: "a password".to_owned() },
    );
}

#[test]
fn several_words_in_quotes_are_one_value_and_what_follows_is_another() {
    let inc = Some(IncidentId(7));
    let declare = |title: &str, severity| Command::Declare {
        title: title.to_owned(),
        severity,
        service: None,
        at: None,
        alert: None,
    };
    check("/incident declare \"two words\" SEV3", &declare("two words", Some(Severity::Sev3)));
    check("/incident declare title:\"two words\" SEV3", &declare("two words", Some(Severity::Sev3)));
    check("/incident declare \"two words\" is all it says", &declare("\"two words\" is all it says", None));
    check("/incident declare \"502\" on SEV-3 pages", &declare("\"502\" on SEV-3 pages", None));
    let resolve = Command::Status {
        to: Status::Resolved,
        incident: inc,
        at: None,
        reason: "cause is gone".to_owned(),
        reopen: false,
    };
    check("/incident resolve INC-0007 reason:\"cause is gone\"", &resolve);
    check("/incident resolve reason:\"cause is gone\" INC-0007", &resolve);
    check("/incident resolve \"cause is gone\" INC-0007", &resolve);
    check(
        "/incident update \"half 502\" \"looking at it\"",
        &Command::Update {
            conditions: "half 502".to_owned(),
            actions: "looking at it".to_owned(),
            needs: String::new(),
            incident: None,
        },
    );
    assert_eq!(refused("/incident note text:\"two words\" and more"), "left-over");
}

#[test]
fn a_severity_in_the_title_is_not_taken_for_a_word_and_the_line_that_was_meant_is_told() {
    let sev = |n: usize| [Severity::Sev1, Severity::Sev2, Severity::Sev3, Severity::Sev4][n - 1];
    for (typed, severity, meant) in [
        ("no images SEV2", sev(2), "no images severity:SEV2"),
        ("slow sev3 nosuch", sev(3), "slow nosuch severity:SEV3"),
        ("\"502\" SEV3", sev(3), "502 severity:SEV3"),
        ("\"no images SEV1\"", sev(1), "no images severity:SEV1"),
        ("Sev1: no images", sev(1), "no images severity:SEV1"),
        ("首页打不开SEV1", sev(1), "首页打不开 severity:SEV1"),
        ("“首页 打不开” SEV4", sev(4), "首页 打不开 severity:SEV4"),
        ("SEV2", sev(2), "title:… severity:SEV2"),
        ("no images SEV2 at:-5m service:blog-web", sev(2), "no images severity:SEV2 at:-5m service:blog-web"),
    ] {
        let line = format!("/incident declare {typed}");
        let refused = parse(&line, now(), chrono_tz::UTC);
        let Err(Refusal::SeverityInTitle { severity: found, instead, .. }) = refused else {
            panic!("{line}: {refused:?}")
        };
        assert_eq!((found, instead), (severity, format!("/incident declare {meant}")), "{line}");
        if !meant.contains('…') {
            let told =
                parse(&format!("/incident declare {meant}"), now(), chrono_tz::UTC).map(|told| told.command);
            let Ok(Command::Declare { severity: told, .. }) = told else { panic!("{meant}: {told:?}") };
            assert_eq!(told, Some(severity), "{meant}");
        }
    }
    for fine in
        ["no images", "SEV2-checklist is gone", "sevenths fail", "SEV5 is none", "no SEV1 yet severity:SEV3"]
    {
        let line = format!("/incident declare {fine}");
        assert!(parse(&line, now(), chrono_tz::UTC).is_ok(), "{line}");
    }
}

#[test]
fn a_quote_that_nothing_closes_is_refused_where_a_value_begins_and_is_a_character_elsewhere() {
    for line in [
        "/incident declare \"no images SEV2",
        "/incident declare title:\"no images SEV2",
        "/incident declare title:\"no images severity:SEV2",
        "/incident cancel INC-7 \"a false alarm",
        "/incident resolve \"cause is gone INC-0007",
        "/incident role commander \"Chen Wei",
        "/incident update \"half 502 \"looking at it\"",
        "/incident declare \"",
    ] {
        assert_eq!(refused(line), "unclosed-quote", "{line}");
    }
    let note = |text: &str| Command::Note { text: text.to_owned(), at: None, incident: None };
    for text in ["a 5\" disk", "it said \"refused", "\"a\" and 5\" \"b"] {
        check(&format!("/incident note {text}"), &note(text));
    }
}

#[test]
fn what_was_given_is_kept_where_something_lacks() {
    for (typed, option, kept) in [
        ("/incident cancel INC-0002", "reason", " incident:INC-0002"),
        ("/incident note INC-0003", "text", " incident:INC-0003"),
        ("/incident note at:10:15", "text", " at:10:15"),
        ("/incident task INC-0003", "text", " incident:INC-0003"),
        ("/incident task INC-0003 what:prevent", "text", " what:prevent incident:INC-0003"),
        (
            "/incident update INC-0003 actions:rolling back",
            "conditions",
            " actions:\"rolling back\" incident:INC-0003",
        ),
        ("/incident task", "text", ""),
        ("/alert silence bad_gateway/x", "for", " alert:bad_gateway/x"),
        ("/node reboot wk-1", "mode", " target:wk-1"),
    ] {
        let refused = parse(typed, now(), chrono_tz::UTC).map(|parsed| parsed.command);
        let command = typed.split(' ').take(2).collect::<Vec<_>>().join(" ");
        assert_eq!(refused, Err(Refusal::Missing { command, option, given: kept.to_owned() }), "{typed}");
    }
    check("/incident note 42", &Command::Note { text: "42".to_owned(), at: None, incident: None });
    check(
        "/incident note incident:3 INC-0004 too",
        &Command::Note { text: "INC-0004 too".to_owned(), at: None, incident: Some(IncidentId(3)) },
    );
}

#[test]
fn lines_on_nodes_and_clusters_are_read_the_way_they_are_typed() {
    let text = |text: &str| text.to_owned();
    let reboot = |target: &str, mode, over: Option<&str>| {
        Command::Node(NodeCommand::Reboot { target: text(target), mode, over: over.map(str::to_owned) })
    };
    check("/node list", &Command::Node(NodeCommand::List { cluster: None }));
    check("/node list blog-k8s", &Command::Node(NodeCommand::List { cluster: Some(text("blog-k8s")) }));
    check("/node add 4 peak", &Command::Node(NodeCommand::Add { count: 4, pool: text("peak") }));
    check("/node add pool:peak count:4", &Command::Node(NodeCommand::Add { count: 4, pool: text("peak") }));
    check("/node cordon wk-1,wk-2", &Command::Node(NodeCommand::Cordon { target: text("wk-1,wk-2") }));
    check("/node uncordon target:all", &Command::Node(NodeCommand::Uncordon { target: text("all") }));
    check("/node drain pool:peak", &Command::Node(NodeCommand::Drain { target: text("pool:peak") }));
    check("/node reboot wk-1 canary", &reboot("wk-1", RebootMode::Canary, None));
    check("/node reboot target:failing mode:rolling", &reboot("failing", RebootMode::Rolling, None));
    check(
        "/node reboot all emergency override:the site is down",
        &reboot("all", RebootMode::Emergency, Some("the site is down")),
    );
    let to = text("blog-swarm");
    check(
        "/node move wk-8 blog-swarm",
        &Command::Node(NodeCommand::Move { target: text("wk-8"), to, over: None }),
    );
    check("/node remove wk-8", &Command::Node(NodeCommand::Remove { target: text("wk-8"), over: None }));
    let swap = |mode| Command::Cluster(ClusterCommand::Swap { to: text("blog-ha"), mode, over: None });
    check("/cluster swap blog-ha", &swap(None));
    check("/cluster swap to:blog-ha mode:at-once", &swap(Some(SwapMode::AtOnce)));
    check("/cluster list", &Command::Cluster(ClusterCommand::List));
    let ha = Some(text("blog-ha"));
    check("/cluster check blog-ha", &Command::Cluster(ClusterCommand::Check { cluster: ha }));
    let canary = |cluster: Option<&str>| {
        Command::Cluster(ClusterCommand::Canary { cluster: cluster.map(str::to_owned) })
    };
    check("/cluster canary install", &canary(None));
    check("/cluster canary install blog-ha", &canary(Some("blog-ha")));
    check("/cluster diagnose", &Command::Cluster(ClusterCommand::Diagnose { cluster: None }));
    let (cluster, reason) = (text("blog-k8s"), text("two pods are left"));
    check(
        "/cluster freeze blog-k8s two pods are left",
        &Command::Cluster(ClusterCommand::Freeze { cluster: cluster.clone(), reason }),
    );
    check("/cluster unfreeze blog-k8s", &Command::Cluster(ClusterCommand::Unfreeze { cluster }));
}

#[test]
fn a_stray_word_waives_no_guard_rail() {
    for line in [
        "/node reboot wk-1 canary please",
        "/node reboot wk-1 emergency \"the site is down\"",
        "/node move wk-1 blog-swarm 快点",
        "/node remove wk-1 wk-2",
        "/cluster swap blog-ha canary",
    ] {
        let refused = parse(line, now(), chrono_tz::UTC);
        assert!(matches!(refused, Err(Refusal::LeftOver { .. })), "{line}: {refused:?}");
    }
}

#[test]
fn a_name_that_is_no_option_is_part_of_the_reason_and_is_taken_for_no_time() {
    let reason = |line: &str| match parse(line, now(), chrono_tz::UTC).expect(line).command {
        Command::Status { at: None, reason, .. } => reason,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(reason("/incident mitigate cause:dns"), "cause:dns");
    assert_eq!(reason("/incident resolve summary:restarted it"), "summary:restarted it");
    let refused = parse("/incident mitigate 25:99", now(), chrono_tz::UTC);
    assert!(matches!(refused, Err(Refusal::BadValue { option: "at", .. })), "{refused:?}");
}

#[test]
fn lines_on_schedules_plans_and_drills_are_read_the_way_they_are_typed() {
    let schedule = || "peak".to_owned();
    check("/capacity show", &Command::Capacity(CapacityCommand::Show));
    check("/capacity check", &Command::Capacity(CapacityCommand::Check { schedule: None }));
    check("/capacity check peak", &Command::Capacity(CapacityCommand::Check { schedule: Some(schedule()) }));
    check("/capacity run peak", &Command::Capacity(CapacityCommand::Run { schedule: schedule() }));
    check(
        "/capacity skip peak a holiday",
        &Command::Capacity(CapacityCommand::Skip { schedule: schedule(), reason: "a holiday".to_owned() }),
    );
    let seven = Some(PlanId(7));
    check("/plan show", &Command::Plan(PlanCommand::Show { plan: None }));
    check("/plan show p-7", &Command::Plan(PlanCommand::Show { plan: seven }));
    let hash = Some("0a1b2c".to_owned());
    check(
        "/plan approve P-7 0a1b2c",
        &Command::Plan(PlanCommand::Approve { plan: seven, hash: hash.clone() }),
    );
    check("/plan approve hash:0a1b2c", &Command::Plan(PlanCommand::Approve { plan: None, hash }));
    let reason = "not now".to_owned();
    check("/plan reject 7 not now", &Command::Plan(PlanCommand::Reject { plan: seven, reason }));
    check("/plan pause", &Command::Plan(PlanCommand::Pause { plan: None }));
    check("/plan resume P-7", &Command::Plan(PlanCommand::Resume { plan: seven }));
    check("/plan cancel P-7", &Command::Plan(PlanCommand::Cancel { plan: seven }));
    let start = |scenario: Option<&str>, speed| {
        Command::Drill(DrillCommand::Start { scenario: scenario.map(str::to_owned), speed })
    };
    check("/drill start", &start(None, None));
    check("/drill start sold-out-morning", &start(Some("sold-out-morning"), None));
    check("/drill start speed:60", &start(None, Some(60)));
    check("/drill start 60", &start(None, Some(60)));
    check("/drill stop", &Command::Drill(DrillCommand::Stop));
    check("/drill hint", &Command::Drill(DrillCommand::Hint));
}

#[test]
fn what_cannot_be_read_is_refused_by_name() {
    assert_eq!(refused("/incident"), "unknown-command");
    assert_eq!(refused(""), "unknown-command");
    assert_eq!(refused("/node restart wk-1"), "unknown-command");
    assert_eq!(refused("/incident note"), "missing");
    assert_eq!(refused("/incident note text:\"\""), "missing");
    assert_eq!(refused("/incident severity SEV9"), "bad-value");
    assert_eq!(refused("/incident severity to:SEV9"), "bad-value");
    assert_eq!(refused("/incident ack INC-x"), "left-over");
    assert_eq!(refused("/incident mitigate at:soon"), "bad-value");
    assert_eq!(refused(&format!("/incident note {}", "字".repeat(4_001))), "too-long");
    assert_eq!(refused("/incident task"), "missing");
    assert_eq!(refused("/node reboot wk-1"), "missing");
    assert_eq!(refused("/node reboot wk-1 mode:gently"), "bad-value");
    assert_eq!(refused("/node add 0 peak"), "bad-value");
    assert_eq!(refused("/node add 101 peak"), "bad-value");
    assert_eq!(refused("/node add peak"), "bad-value");
    assert_eq!(refused("/node move wk-1"), "missing");
    assert_eq!(refused("/cluster freeze blog-k8s"), "missing");
    assert_eq!(refused("/cluster swap blog-ha mode:slowly"), "bad-value");
    assert_eq!(refused("/cluster canary"), "missing");
    assert_eq!(refused("/cluster canary remove"), "bad-value");
    assert_eq!(refused("/cluster canary action:remove"), "bad-value");
    assert_eq!(refused("/capacity skip peak"), "missing");
    assert_eq!(refused("/plan approve P-x"), "left-over");
    assert_eq!(refused("/drill start speed:0"), "bad-value");
    assert_eq!(refused("/drill start sold-out-morning 601"), "left-over");
}

#[test]
fn an_unknown_command_names_the_nearest_first_and_no_more_than_a_handful() {
    for (typed, first, most) in [
        ("/incident akc", "/incident ack", 5),
        ("/incidnet ack", "/incident ack", 5),
        ("/ack", "/incident ack", 5),
        ("/incident acknowledge", "/incident ack", 5),
        ("/incident mitigated", "/incident mitigate", 5),
        ("/node restart", "/node reboot", 5),
        ("/cluster", "/cluster list", 8),
    ] {
        let Err(Refusal::UnknownCommand { near, .. }) = parse(typed, now(), chrono_tz::UTC) else {
            panic!("{typed}: not refused");
        };
        assert_eq!(near.first().map(String::as_str), Some(first), "{typed}: {near:?}");
        assert!(near.len() <= most, "{typed}: {near:?}");
    }
    for typed in ["/help", "", "/首页"] {
        let refused = parse(typed, now(), chrono_tz::UTC);
        assert!(
            matches!(&refused, Err(Refusal::UnknownCommand { near, .. }) if near.is_empty()),
            "{typed}: {refused:?}"
        );
    }
}

#[test]
fn an_unknown_verb_names_its_neighbours() {
    let Err(Refusal::UnknownCommand { near, .. }) = parse("/incident acknowledge", now(), chrono_tz::UTC)
    else {
        panic!("not refused");
    };
    assert!(near.contains(&"/incident ack".to_owned()), "{near:?}");
}

proptest! {
    #[test]
    fn any_line_is_read_or_refused_without_panic(line in "\\PC{0,80}", tail in "[ :\"a-z0-9-]{0,40}") {
        for start in ["", "/incident note ", "/incident update ", "/incident mitigate ", "/alert silence ", "/node ", "/cluster ", "/plan "] {
            let _ = parse(&format!("{start}{line}{tail}"), now(), chrono_tz::UTC);
        }
    }

    #[test]
    fn a_note_keeps_its_words(text in "[a-z字 ]{1,40}[a-z]") {
        let parsed = parse(&format!("/incident note {text}"), now(), chrono_tz::UTC).unwrap();
        prop_assert_eq!(parsed.command, Command::Note { text: text.trim().to_owned(), at: None, incident: None });
    }
}
