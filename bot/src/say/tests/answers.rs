//! Private answers: refusals and replies.

use lifeboat_commands::people::{DiscordRole, Permission, WhoCould};

use super::*;
use crate::say::{catalogue, reply};

/// Who could, by name and by role; a role without a name is one whose name is not configured.
fn could(needs: Permission, people: &[&str], roles: &[&str]) -> WhoCould {
    let named = |name: &&str| Some(name.to_string()).filter(|name| !name.is_empty());
    let role = |name| DiscordRole { id: 300, name: named(name), permissions: vec![needs] };
    let people = people.iter().map(|&name| PersonName::new(name)).collect();
    WhoCould { needs, people, roles: roles.iter().map(role).collect() }
}

fn refusals() -> Vec<lifeboat_commands::refusal::Refusal> {
    use lifeboat_commands::refusal::Refusal::*;
    let (id, into) = (IncidentId(42), IncidentId(43));
    let person = |name: &str| PersonName::new(name);
    let commander = |names: &[&str], roles: &[&str]| could(Permission::Commander, names, roles);
    let text = |text: &str| text.to_owned();
    vec![
        UnknownCommand {
            typed: text("/incident acknowledge"),
            near: vec![text("/incident ack"), text("/incident note")],
        },
        UnknownCommand { typed: text("/help"), near: vec![] },
        Missing { command: text("/incident note"), option: "text", given: text("") },
        Missing { command: text("/incident cancel"), option: "reason", given: text(" incident:INC-0002") },
        BadValue {
            command: text("/incident severity"),
            option: "to",
            typed: text("SEV9"),
            known: vec![text("SEV1"), text("SEV2")],
        },
        BadValue {
            command: text("/incident status"),
            option: "to",
            typed: text("bogus"),
            known: vec![text("investigating"), text("closed")],
        },
        BadValue { command: text("/incident ack"), option: "incident", typed: text("INC-x"), known: vec![] },
        LeftOver { typed: text("INC-x"), command: text("/incident ack") },
        OpenQuote { typed: text("\"no images SEV2"), command: text("/incident declare") },
        SeverityInTitle {
            title: text("no images SEV2"),
            severity: Severity::Sev2,
            instead: text("/incident declare no images severity:SEV2"),
        },
        TooLong { option: "text", limit: 4_000 },
        NotSignedIn,
        NotAllowed { who_could: commander(&["Mei", "Chen Wei"], &[]) },
        NotAllowed { who_could: commander(&["Mei"], &["on-call"]) },
        NotAllowed { who_could: commander(&[], &["", "on-call"]) },
        NotAllowed { who_could: could(Permission::Admin, &[], &[]) },
        WhichIncident { open: (1..=10).map(IncidentId).collect() },
        WhichIncident { open: vec![] },
        NoSuchIncident { id },
        Ended { id, status: Status::Closed },
        NotEnded { id, status: Status::Investigating },
        MergedAway { id, into },
        NotResolved { id, status: Status::Identified },
        AlreadyAcknowledged { id, by: Some(person("Mei")), at: at("10:16:05") },
        AlreadyAcknowledged { id, by: None, at: at("10:16:05") },
        SameSeverity { id, severity: Severity::Sev1 },
        SameStatus { id, status: Status::Mitigated },
        SameStatus { id, status: Status::Investigating },
        SameRole { person: person("Mei") },
        NoSuchPerson { typed: text("may"), known: vec![person("Mei"), person("Lin")] },
        NoSuchPerson { typed: text("may"), known: vec![] },
        IntoItself,
        NoSuchTask { task: 3, known: 2 },
        Ahead { at: at("11:00:00") },
        Ahead { at: at("11:00:00") + chrono::TimeDelta::days(1) },
        BeforeStart { at: at("09:00:00"), started: at("10:15:00") },
        NoSuchEvent { seq: Seq(9_999) },
        NoSuchMessage { seq: Seq(9_999) },
        AlreadyRedacted { seq: Seq(10), by: Seq(35) },
        AlreadyPinned { seq: Seq(10) },
        NoSuchAlert { typed: text("x"), known: vec![key("bad_gateway/blog-web")] },
        NoSuchAlert { typed: text("x"), known: vec![] },
        AlertTaken { alert: key("bad_gateway/blog-web"), id: IncidentId(42) },
        NotSilenced { alert: key("bad_gateway/blog-web") },
        NotRecording,
    ]
    .into_iter()
    .chain(of_the_fleet().into_iter().map(Fleet))
    .collect()
}

fn of_the_fleet() -> Vec<lifeboat_commands::refusal::FleetRefusal> {
    use lifeboat_commands::guard::Broken;
    use lifeboat_commands::refusal::FleetRefusal::*;
    use lifeboat_commands::refusal::Named;
    use lifeboat_storage::id::{ClusterName, InstanceId, NodeName, PlanId, PoolName, ScheduleName};
    use lifeboat_storage::plan::Floor;
    use lifeboat_storage::plan::run::Standing;
    let cluster = || ClusterName::new("blog-k8s");
    let schedule = || ScheduleName::new("peak");
    let (plan, node) = (PlanId(7), || NodeName::new("wk-1"));
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let second = |names: &[&str], roles: &[&str]| could(Permission::Approver, names, roles);
    let no_such = |what, known: &[&str]| NoSuch { what, typed: "wk-99".to_owned(), known: names(known) };
    let mut all = vec![
        no_such(Named::Node, &["wk-1", "wk-2"]),
        no_such(Named::Node, &[]),
        no_such(Named::Pool, &["peak"]),
        no_such(Named::Pool, &[]),
        no_such(Named::Cluster, &["blog-k8s", "blog-ha"]),
        no_such(Named::Cluster, &[]),
        no_such(Named::Schedule, &["peak"]),
        no_such(Named::Schedule, &[]),
        no_such(Named::Scenario, &["sold-out-morning"]),
        no_such(Named::Scenario, &[]),
        SeveralSuch { typed: "wk-1".to_owned(), clusters: vec![cluster(), ClusterName::new("blog-ha")] },
        HeldOut { nodes: vec![node(), NodeName::new("wk-2")] },
        SwitchedOff { nodes: vec![node(), NodeName::new("wk-2")] },
        AlreadySo { nodes: vec![node()] },
        NoMajority { cluster: cluster(), there: 1, of: 3 },
        NoRung { pool: PoolName::new("peak") },
        NothingMissing { schedule: schedule() },
        NoRun { schedule: schedule() },
        AlreadySkipped { schedule: schedule(), run: at("23:55:00") },
        NoTraffic { cluster: cluster() },
        OtherCloud { cluster: cluster() },
        NothingConfigured,
        FactsOld { cluster: cluster() },
        Locked { cluster: cluster(), plan },
        Frozen { cluster: cluster() },
        ControlPlane { node: NodeName::new("cp-1") },
        Unclear { node: node(), candidates: vec![InstanceId::new("i-1"), InstanceId::new("i-9")] },
        Unclear { node: node(), candidates: vec![] },
        LastServing { cluster: cluster() },
        NotDown { serving: 5, wanted: 9 },
        StandbyRed { cluster: cluster(), items: names(&["serving", "name-resolution"]) },
        PoolFull { pool: PoolName::new("peak"), max: 12 },
        NoTarget { typed: "wk-1,ha-1".to_owned() },
        SameCluster { cluster: cluster() },
        NoPlan,
        NoPlans,
        NoSuchPlan { plan },
        PlanElsewhere { plan, standing: Standing::Expired },
        PlanElsewhere { plan, standing: Standing::Running },
        OwnPlan { plan, who_could: second(&["Lin", "Chen Wei"], &[]) },
        OwnPlan { plan, who_could: second(&["Lin"], &["on-call"]) },
        OwnPlan { plan, who_could: second(&[], &[]) },
        WrongHash { plan },
        StillBroken { plan, floor: Floor::NotFrozen { cluster: cluster() }, now: 1 },
        StillBroken { plan, floor: Floor::NoControlPlane, now: 1 },
        StillBroken { plan, floor: Floor::ManagerMajority { cluster: cluster(), least: 2 }, now: 1 },
        AlreadyFrozen { cluster: cluster() },
        NotFrozen { cluster: cluster() },
        NoDrill,
        DrillRuns,
        DrillBeside { drill: 3 },
        IncidentOpen { open: vec![IncidentId(42)] },
        NoHint,
    ];
    all.extend(Broken::ALL.map(|rule| Guarded { rule }));
    all
}

/// Every variant, one after the other: a new one does not compile until it has its place here.
#[test]
fn every_refusal_about_the_fleet_stands_in_the_list() {
    use lifeboat_commands::refusal::FleetRefusal::*;
    let place = |one: &lifeboat_commands::refusal::FleetRefusal| match one {
        NoSuch { .. } => 0,
        NothingConfigured => 1,
        FactsOld { .. } => 2,
        Locked { .. } => 3,
        Frozen { .. } => 4,
        ControlPlane { .. } => 5,
        Unclear { .. } => 6,
        LastServing { .. } => 7,
        NotDown { .. } => 8,
        StandbyRed { .. } => 9,
        PoolFull { .. } => 10,
        NoTarget { .. } => 11,
        SameCluster { .. } => 12,
        NoPlan => 13,
        PlanElsewhere { .. } => 14,
        OwnPlan { .. } => 15,
        WrongHash { .. } => 16,
        AlreadyFrozen { .. } => 17,
        NotFrozen { .. } => 18,
        Guarded { .. } => 19,
        NoDrill => 20,
        DrillRuns => 21,
        IncidentOpen { .. } => 22,
        NoHint => 23,
        SeveralSuch { .. } => 24,
        HeldOut { .. } => 25,
        AlreadySo { .. } => 26,
        NoMajority { .. } => 27,
        NoRung { .. } => 28,
        NothingMissing { .. } => 29,
        NoRun { .. } => 30,
        AlreadySkipped { .. } => 31,
        NoTraffic { .. } => 32,
        OtherCloud { .. } => 33,
        SwitchedOff { .. } => 34,
        DrillBeside { .. } => 35,
        StillBroken { .. } => 36,
        NoPlans => 37,
        NoSuchPlan { .. } => 38,
    };
    let there: std::collections::BTreeSet<i32> = of_the_fleet().iter().map(place).collect();
    assert_eq!(there, (0..39).collect());
}

#[test]
fn a_refusal_says_what_happened_that_nothing_changed_and_what_is_next() {
    for (say, name) in BOTH.into_iter().zip(["refusals_en", "refusals_zh"]) {
        let worded = Story::new().at(say, "10:30:00", |scene| {
            refusals().iter().map(|one| reply::refused(scene, one).text).collect::<Vec<_>>()
        });
        assert_snapshot!(name, worded.join("\n\n"));
    }
}

#[test]
fn every_refusal_has_texts_and_no_text_is_left_over() {
    use std::collections::BTreeSet;
    let keys: BTreeSet<&str> = refusals().iter().map(lifeboat_commands::refusal::Refusal::key).collect();
    for lang in Lang::ALL {
        let texts = catalogue::family(lang, "refusal-");
        let worded: BTreeSet<&str> =
            texts.keys().filter_map(|key| key.strip_prefix("refusal-")?.strip_suffix("-next")).collect();
        assert_eq!(worded, keys, "{lang}");
        let base = |key: &str| {
            let key = key.trim_start_matches("refusal-").trim_end_matches("-by-nobody");
            key.split("-next").next().unwrap_or_default().to_owned()
        };
        let left: Vec<&String> = texts
            .keys()
            .filter(|key| !keys.contains(base(key).as_str()) && *key != "refusal-list-more")
            .collect();
        assert!(left.is_empty(), "{left:?}");
        let rules: BTreeSet<String> =
            lifeboat_commands::guard::Broken::ALL.map(|rule| format!("guard-{}", rule.key())).into();
        assert_eq!(catalogue::family(lang, "guard-").into_keys().collect::<BTreeSet<_>>(), rules, "{lang}");
    }
}

fn replies(say: Say) -> String {
    use lifeboat_commands::command::Format;
    use lifeboat_commands::verb::Show;
    let mut story = Story::whole();
    story.open(43, "search");
    let declared = [
        story.person("11:40:00", Some(44), "Mei", declared("首页打不开")),
        story.person(
            "11:40:00",
            Some(44),
            "Mei",
            Kind::ChannelOpened { channel: ChannelName::new("inc-0044") },
        ),
    ];
    let mitigated =
        story.person("11:41:00", Some(42), "Mei", status(Status::Identified, Status::Mitigated, ""));
    let silenced = Kind::AlertSilenced {
        alert: key("bad_gateway/search"),
        until: at("12:00:00"),
        reason: "known".to_owned(),
    };
    story.person("11:42:00", Some(43), "Mei", silenced);
    let event = |seq| story.lookup(seq).unwrap();
    story.at(say, "11:45:00", |scene| {
        let html = Show::Postmortem { id: IncidentId(42), format: Format::Html, lang: None };
        let empty = Story::new();
        let nothing = |show: &Show| empty.at(say, "11:45:00", |scene| reply::show(scene, show));
        let replies = [
            reply::done(scene, &declared.map(event)),
            reply::done(scene, &[event(mitigated)]),
            reply::not_recorded(scene, "No space left on device (os error 28)"),
            reply::show(scene, &Show::List { all: false }),
            reply::show(scene, &Show::List { all: true }),
            reply::show(scene, &Show::Incident(IncidentId(42))),
            reply::show(scene, &Show::Incident(IncidentId(9))),
            reply::show(scene, &html),
            reply::show(scene, &Show::Alerts),
            nothing(&Show::List { all: false }),
            nothing(&Show::List { all: true }),
            nothing(&Show::Alerts),
        ];
        let told = replies
            .iter()
            .map(|reply| format!("{} {:?} {:?}\n{}\n", reply.outcome, reply.seq, reply.open, reply.text));
        told.collect::<Vec<_>>().join("\n")
    })
}

#[test]
fn whoever_says_that_it_is_over_hears_what_still_fires() {
    for (say, expected) in [
        (
            EN,
            "Still firing: 502 on blog-web\nNot yet proven to be over. If it goes on failing, INC-0042 goes back to \
             investigating by itself.",
        ),
        (ZH, "仍在告警：blog-web 出现 502\n尚未证实已经恢复。如果继续失败，INC-0042 会自动回到调查中。"),
    ] {
        let mut story = Story::opened(42, "blog-web");
        let mut last = Status::Investigating;
        for to in [Status::Mitigated, Status::Resolved, Status::Closed] {
            let seq = story.person("10:30:00", Some(42), "Mei", status(last, to, ""));
            let told = story.at(say, "10:30:00", |scene| reply::done(scene, &[story.lookup(seq).unwrap()]));
            assert!(told.text.contains(expected), "{to:?}: {}", told.text);
            let more = told.more.unwrap_or_default();
            assert!(more.starts_with(expected) && told.text.contains(&more), "{to:?}: {more}");
            last = to;
        }
        story.rule("10:40:00", Some(42), recovered());
        let seq = story.person("10:41:00", Some(42), "Mei", status(last, Status::Resolved, ""));
        let told = story.at(say, "10:41:00", |scene| reply::done(scene, &[story.lookup(seq).unwrap()]));
        assert!(!told.text.contains("502"), "{}", told.text);
    }
}

#[test]
fn a_reply_says_what_was_done_or_shows_what_was_asked_for() {
    assert_snapshot!("replies_en", replies(EN));
    assert_snapshot!("replies_zh", replies(ZH));
}
