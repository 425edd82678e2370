//! The card of a plan in each state, and the story its events tell.

use std::fmt::Write as _;

use insta::assert_snapshot;
use lifeboat_commands::facts::Facts;
use lifeboat_commands::fleet::Fleet;
use lifeboat_commands::people::{DiscordRole, People, Permission, Person};
use lifeboat_storage::event::Kind;
use lifeboat_storage::id::{
    BootId, CloudName, ClusterName, IdemKey, InstanceId, MachineType, NodeName, PersonName, PlanId, PoolName,
    ServiceName, TrafficName, ZoneName,
};
use lifeboat_storage::plan::{
    Blast, Consent, Cost, Evidence, FailedBy, Floor, Forgotten, JoinRole, LaunchSpec, Money, PauseReason,
    Plan, Policy, ProbeKind, Proof, RebootMode, Rung, SkipReason, Step, StepOutcome, StepResult, SwapMode,
    Target, Undo, Verb, Weight,
};

use super::super::fixture::{BOTH, Story, at, share};
use super::super::{Say, Scene, entry, plan};
use crate::console::view::PlanCard;

const PLAN: PlanId = PlanId(7);

fn main() -> ClusterName {
    ClusterName::new("k8s-main")
}

fn people() -> People {
    let person = |name: &str, permissions: &[Permission]| Person {
        name: PersonName::new(name),
        console: Some(name.to_lowercase()),
        os: None,
        discord: None,
        permissions: permissions.to_vec(),
    };
    let all = [Permission::Responder, Permission::Operator, Permission::Approver];
    People::from(vec![person("Lin", &all), person("Mei", &all), person("Chen Wei", &all[..2])])
}

fn target(name: &str, serving: bool) -> Target {
    Target {
        cluster: main(),
        node: NodeName::new(name),
        instance: Some(InstanceId::new(format!("i-{name}"))),
        identity: Some(format!("aliyun:///i-{name}")),
        serving,
    }
}

fn base(verb: Verb, steps: Vec<Step>, targets: Vec<Target>, left: Vec<u32>) -> Plan {
    Plan {
        verb,
        cluster: main(),
        other: None,
        traffic: Some(TrafficName::new("www")),
        service: ServiceName::new("blog-web"),
        steps,
        targets,
        floors: vec![Floor::Serving {
            cluster: main(),
            service: ServiceName::new("blog-web"),
            least: 4,
            of: 5,
        }],
        blast: Blast { serving: 5, wanted: 9, left },
        cost: Cost::Nothing,
        expected_s: 300,
        undo: Undo::NotNeeded,
        consent: Consent::Confirm,
        override_reason: None,
    }
}

fn one_boot(name: &str) -> Vec<Step> {
    let (cluster, node) = (main(), NodeName::new(name));
    let probe = |must_pass| Step::Probe {
        cluster: main(),
        node: NodeName::new(name),
        probe: ProbeKind::NameResolution,
        must_pass,
    };
    vec![
        probe(false),
        Step::Cordon { cluster: cluster.clone(), node: node.clone() },
        Step::Drain { cluster: cluster.clone(), node: node.clone(), policy: Policy::Budgets },
        Step::Reboot {
            cluster: cluster.clone(),
            node: node.clone(),
            cloud: CloudName::new("aliyun"),
            instance: InstanceId::new(format!("i-{name}")),
        },
        Step::AwaitBoot { cluster: cluster.clone(), node: node.clone(), before: None, stable_s: 60 },
        probe(true),
        Step::Uncordon { cluster, node, always: false },
    ]
}

fn serve(at_least: u32) -> Step {
    Step::Prove { proof: Proof::Serving { cluster: main(), at_least }, nodes: Vec::new(), cluster: main() }
}

fn rolling() -> Plan {
    let steps: Vec<Step> = [one_boot("wk-1"), one_boot("wk-2"), vec![serve(5)]].concat();
    let left = vec![5, 5, 4, 4, 4, 4, 5, 5, 5, 4, 4, 4, 4, 5, 5];
    let verb = Verb::NodeReboot { mode: RebootMode::Rolling };
    base(verb, steps, vec![target("wk-1", true), target("wk-2", false)], left)
}

fn adding() -> Plan {
    let cloud = CloudName::new("aliyun");
    let launch = |want, zone: &str, spot| Step::Obtain {
        cloud: cloud.clone(),
        want,
        rung: Rung::Launch(LaunchSpec {
            machine: MachineType::new("c6.4c8g"),
            zone: ZoneName::new(zone),
            spot,
            pool: PoolName::new("workers"),
            price: Some(Money { micros: 980_000, currency: "CNY".to_owned() }),
        }),
    };
    let mut steps = vec![
        launch(1, "zone-h", true),
        launch(2, "zone-h", true),
        launch(1, "zone-k", false),
        launch(2, "zone-k", false),
    ];
    let role = JoinRole::Worker;
    steps.extend((0..2).map(|slot| Step::Join { slot, cluster: main(), cloud: cloud.clone(), role }));
    steps.extend((0..2).map(|slot| Step::Admit { slot, cluster: main() }));
    steps.push(serve(0));
    let verb = Verb::NodeAdd { count: 2, pool: PoolName::new("workers") };
    let per_hour = Money { micros: 1_960_000, currency: "CNY".to_owned() };
    let cost = Cost::AtMost { per_hour, quoted_at: at("10:19:30") };
    let undo = Undo::By { line: "/node remove pool:workers".to_owned() };
    Plan { cost, undo, floors: Vec::new(), ..base(verb, steps, Vec::new(), vec![5; 9]) }
}

fn swap() -> Plan {
    let to = ClusterName::new("k8s-ha");
    let weights = |percent| {
        vec![Weight { cluster: to.clone(), percent }, Weight { cluster: main(), percent: 100 - percent }]
    };
    let traffic = TrafficName::new("www");
    let shift = |percent| Step::Shift { traffic: traffic.clone(), weights: weights(percent) };
    let hold =
        Step::Hold { traffic: traffic.clone(), seconds: 120, abort_above_permille: 20, back: weights(0) };
    let proof = Proof::Traffic { traffic: traffic.clone(), at_most_permille: 20 };
    let steps = vec![
        Step::Preflight { cluster: to.clone() },
        shift(10),
        hold,
        shift(100),
        Step::Prove { proof, nodes: Vec::new(), cluster: to.clone() },
    ];
    let verb = Verb::ClusterSwap { to: to.clone(), mode: SwapMode::Stepwise };
    let undo = Undo::By { line: "/cluster swap to:k8s-main mode:at-once".to_owned() };
    let over = Some("readers are locked out, Mei is on a train".to_owned());
    let floors = vec![Floor::ErrorShare { service: ServiceName::new("blog-web"), at_most_permille: 20 }];
    Plan {
        other: Some(to),
        consent: Consent::TwoPeople,
        undo,
        floors,
        override_reason: over,
        ..base(verb, steps, Vec::new(), vec![5; 5])
    }
}

/// A plan that Lin asked for.
fn asked(body: Plan) -> Story {
    let mut story = Story::opened(42, "blog-web");
    let hash = body.hash();
    story.person("10:20:00", Some(42), "Lin", Kind::PlanProposed { plan: PLAN, body: Box::new(body), hash });
    story
}

fn approved(body: Plan) -> Story {
    let hash = body.hash();
    let mut story = asked(body);
    story.person("10:21:00", Some(42), "Mei", Kind::PlanApproved { plan: PLAN, hash });
    story
}

impl Story {
    fn starts(&mut self, clock: &str, step: u32) {
        let key = IdemKey::new("k");
        self.rule(clock, Some(42), Kind::StepStarted { plan: PLAN, step, attempt: 1, key });
    }

    fn ends(&mut self, clock: &str, step: u32, outcome: StepOutcome) {
        self.rule(clock, Some(42), Kind::StepEnded { plan: PLAN, step, outcome });
    }

    fn does(&mut self, clock: &str, step: u32, result: StepResult) {
        self.starts(clock, step);
        self.ends(clock, step, StepOutcome::Succeeded { result });
    }

    /// The first node of the rolling reboot is through.
    fn boots_the_first(&mut self) {
        let evidence = Evidence("i/o timeout".to_owned());
        self.does("10:21:01", 0, StepResult::Probed { pass: false, evidence });
        self.does("10:21:02", 1, StepResult::SchedulableWas { before: true });
        self.does("10:21:30", 2, StepResult::Plain);
        self.does("10:21:31", 3, StepResult::Plain);
        self.does("10:23:10", 4, StepResult::Booted { boot: BootId::new("b2") });
        self.does("10:23:11", 5, StepResult::Probed { pass: true, evidence: Evidence::default() });
        self.does("10:23:12", 6, StepResult::Plain);
    }
}

fn shown(card: &PlanCard) -> String {
    let mut text = format!("{} {} ({}/{})\n", card.flag.word, card.title, card.flag.shape, card.flag.tone);
    _ = writeln!(text, "  {}\n  {}", card.meta, card.lead);
    if let Some(until) = &card.until {
        _ = writeln!(text, "  until {}", until.text);
    }
    if let Some(bar) = &card.bar {
        _ = writeln!(text, "  {}/{} {} | {}", bar.done, bar.total, bar.text, bar.left);
    }
    for line in &card.lines {
        _ = writeln!(text, "  - {} {}: {}: {}", line.mark, line.word, line.name, line.text);
    }
    if let Some(blast) = &card.blast {
        _ = writeln!(text, "  {}: {} {} {}", blast.label, blast.now, blast.lowest, blast.after);
    }
    for row in &card.rows {
        _ = writeln!(text, "  {} | {}", row.label, row.text);
    }
    for action in &card.actions {
        let mark = if action.primary { "*" } else { "" };
        let ask = action.ask.as_ref().map(|ask| format!(" {} / {} / {:?}", ask.text, ask.yes, ask.typed));
        let ask = ask.unwrap_or_default();
        _ = writeln!(text, "  [{}{mark}] {:?}{ask} {}", action.label, action.command, action.why);
    }
    text
}

fn card_at(story: &Story, say: Say, clock: &str) -> String {
    let people = people();
    story.at(say, clock, |scene| {
        let scene = Scene { people: Some(&people), ..*scene };
        shown(&plan::card(&scene, &scene.state.plans[&PLAN]))
    })
}

#[test]
fn a_plan_that_waits_names_the_roles_of_discord_that_may_say_yes() {
    use Permission::{Approver, Operator};
    let role = |id, name: &str, permissions: &[Permission]| DiscordRole {
        id,
        name: Some(name.to_owned()),
        permissions: permissions.to_vec(),
    };
    let roles = vec![role(300, "ops", &[Operator]), role(301, "leads", &[Operator, Approver])];
    let people = People { all: people().all.into_iter().skip(1).take(1).collect(), roles };
    let lead = |plan| {
        asked(plan).at(BOTH[0], "10:20:10", |scene| {
            let scene = Scene { people: Some(&people), ..*scene };
            plan::card(&scene, &scene.state.plans[&PLAN]).lead
        })
    };
    let one = "Mei, whoever has the Discord role ops or whoever has the Discord role leads can give it";
    assert!(lead(rolling()).contains(one), "{}", lead(rolling()));
    let second = "Mei or configured people with the Discord role leads can say yes";
    assert!(lead(swap()).contains(second), "{}", lead(swap()));
}

/// A plan through its life, and those that end otherwise.
fn cards(say: Say) -> String {
    let mut text = String::new();
    let mut show = |name: &str, story: &Story, clock: &str| {
        _ = writeln!(text, "-- {name}\n{}", card_at(story, say, clock));
    };
    show("one person confirms", &asked(rolling()), "10:20:10");
    show("machines are bought", &asked(adding()), "10:20:10");
    show("a second person, and an override", &asked(swap()), "10:20:10");
    let mut story = approved(rolling());
    story.boots_the_first();
    story.does("10:23:13", 7, StepResult::Probed { pass: false, evidence: Evidence::default() });
    story.does("10:23:14", 8, StepResult::SchedulableWas { before: true });
    story.starts("10:23:15", 9);
    let blocked_by = vec!["blog-web-7c9".to_owned()];
    story.rule("10:23:20", Some(42), Kind::StepProgressed { plan: PLAN, step: 9, left: 2, blocked_by });
    show("at work", &story, "10:23:40");
    show("nodes come", &coming(), "10:22:40");
    let floor = rolling().floors[0].clone();
    let why = PauseReason::FloorBroken { floor, now: 3 };
    story.rule("10:23:41", Some(42), Kind::PlanPaused { plan: PLAN, why });
    show("a floor is broken", &story, "10:23:41");
    let left = Forgotten { cordoned: vec![NodeName::new("wk-2")], unknown: vec![9] };
    story.person("10:25:00", Some(42), "Mei", Kind::PlanCancelled { plan: PLAN, left });
    show("ended by a person", &story, "10:25:00");
    let mut story = approved(rolling());
    story.starts("10:21:01", 3);
    story.ends("10:26:02", 3, StepOutcome::Unknown { evidence: Evidence::default() });
    story.rule("10:26:02", Some(42), Kind::PlanPaused { plan: PLAN, why: PauseReason::StepUnknown });
    show("nobody knows", &story, "10:26:03");
    show("proven", &proven(), "10:26:00");
    show("not proven", &not_proven(), "10:26:00");
    let mut story = asked(rolling());
    story.rule("10:30:00", Some(42), Kind::PlanExpired { plan: PLAN });
    show("expired", &story, "10:30:00");
    text
}

fn proven() -> Story {
    let mut story = approved(rolling());
    story.boots_the_first();
    for (step, result) in (7_u32..).zip([
        StepResult::Probed { pass: false, evidence: Evidence::default() },
        StepResult::SchedulableWas { before: true },
        StepResult::Plain,
        StepResult::Plain,
        StepResult::Booted { boot: BootId::new("b2") },
        StepResult::Probed { pass: true, evidence: Evidence::default() },
        StepResult::Plain,
    ]) {
        story.does("10:25:00", step, result);
    }
    let serving = ["wk-1", "wk-2", "wk-3", "wk-4", "wk-5"].map(NodeName::new).to_vec();
    story.does(
        "10:25:40",
        14,
        StepResult::Proven { serving, idle: Vec::new(), share: Some(share(3, 10_000)) },
    );
    story.rule(
        "10:25:40",
        Some(42),
        Kind::PlanEnded { plan: PLAN, proven: true, left: Forgotten::default() },
    );
    story
}

/// The first type is sold out; the second brought two machines, and they joined.
fn joined() -> Story {
    let mut story = approved(adding());
    let sold_out = || FailedBy::NoCapacity { evidence: Evidence("OutOfStock".to_owned()) };
    story.starts("10:21:01", 0);
    story.ends("10:21:02", 0, StepOutcome::Failed { by: sold_out() });
    story.ends("10:21:02", 1, StepOutcome::Skipped { why: SkipReason::EarlierFailed });
    for (step, name) in [(2, "i-new-1"), (3, "i-new-2")] {
        let instances = vec![InstanceId::new(name)];
        story.does("10:21:05", step, StepResult::Gained { instances, refused: Default::default() });
    }
    for (step, slot) in [(4, 0), (5, 1)] {
        let node = NodeName::new(format!("wk-{}", 10 + slot));
        story.does("10:22:30", step, StepResult::Joined { slot, node });
    }
    story
}

/// One of them is let in, the other is looked at.
fn coming() -> Story {
    let mut story = joined();
    story.does("10:22:31", 6, StepResult::Plain);
    story.starts("10:22:32", 7);
    story
}

/// Names do not resolve on either of them.
fn not_proven() -> Story {
    let mut story = joined();
    for step in [6, 7] {
        let evidence = Evidence("lookup db on 10.96.0.10:53: i/o timeout".to_owned());
        story.starts("10:22:31", step);
        let by = FailedBy::Probe { probe: ProbeKind::NameResolution, evidence };
        story.ends("10:25:00", step, StepOutcome::Failed { by });
    }
    story.starts("10:25:01", 8);
    story.ends("10:25:02", 8, StepOutcome::Failed { by: FailedBy::NotFound });
    let cordoned = ["wk-10", "wk-11"].map(NodeName::new).to_vec();
    let left = Forgotten { cordoned, unknown: Vec::new() };
    story.rule("10:25:02", Some(42), Kind::PlanEnded { plan: PLAN, proven: false, left });
    story
}

#[test]
fn a_plan_card_tells_what_waits_what_runs_what_stands_and_what_came_of_it() {
    for say in BOTH {
        assert_snapshot!(format!("plans_{}", say.lang()), cards(say));
    }
}

/// What a plan is said to have changed, once all its steps are done.
fn changed(verb: Verb, steps: Vec<Step>) -> String {
    let count = u32::try_from(steps.len()).unwrap();
    let mut story = approved(base(verb, steps, vec![target("wk-1", true)], vec![5; 4]));
    for step in 0..count {
        story.does("10:22:00", step, StepResult::Plain);
    }
    story.at(BOTH[0], "10:25:00", |scene| {
        plan::card(scene, &scene.state.plans[&PLAN]).rows[0].text.to_lowercase()
    })
}

#[test]
fn what_a_plan_changed_is_told_once_and_nothing_is_left_out() {
    let (cluster, node) = (main(), NodeName::new("wk-1"));
    let uncordon = Step::Uncordon { cluster: cluster.clone(), node: node.clone(), always: true };
    let told = changed(Verb::NodeUncordon, vec![uncordon]);
    assert!(told.contains("uncordoned") && told.contains("wk-1"), "{told}");
    let forget = Step::Forget { cluster: cluster.clone(), node: node.clone() };
    let (cloud, instance) = (CloudName::new("aliyun"), InstanceId::new("i-1"));
    let stop = Step::Stop { cloud, instance, node };
    let told = changed(Verb::NodeRemove, vec![forget, stop]);
    assert_eq!(told.matches("wk-1").count(), 1, "{told}");
}

#[test]
fn only_who_may_say_yes_is_named_and_never_who_asked_where_two_are_needed() {
    let who = |body: Plan| {
        let people = people();
        asked(body).at(BOTH[0], "10:20:10", |scene| {
            let scene = Scene { people: Some(&people), ..*scene };
            plan::card(&scene, &scene.state.plans[&PLAN]).actions[0].who.clone()
        })
    };
    assert_eq!(who(rolling()), ["Lin", "Mei", "Chen Wei"]);
    assert_eq!(who(swap()), ["Mei"], "Lin asked, Chen Wei is no approver");
}

#[test]
fn a_plan_paused_for_what_changed_is_let_go_on_only_by_who_may_say_yes_to_it() {
    let who = |why: PauseReason| {
        let people = people();
        let mut story = approved(swap());
        story.rule("10:22:00", Some(42), Kind::PlanPaused { plan: PLAN, why });
        story.at(BOTH[0], "10:22:10", |scene| {
            let scene = Scene { people: Some(&people), ..*scene };
            let resume = plan::card(&scene, &scene.state.plans[&PLAN]).actions.remove(0);
            assert_eq!(resume.what, "resume");
            resume.who
        })
    };
    assert_eq!(who(PauseReason::Asked), ["Lin", "Mei", "Chen Wei"]);
    let floor = Floor::NotFrozen { cluster: main() };
    assert_eq!(
        who(PauseReason::FloorBroken { floor, now: 1 }),
        ["Mei"],
        "Lin asked, Chen Wei is no approver"
    );
}

#[test]
fn every_verb_of_a_plan_has_its_words() {
    let to = main();
    let verbs = [
        Verb::NodeAdd { count: 1, pool: PoolName::new("workers") },
        Verb::CapacityRun { schedule: lifeboat_storage::id::ScheduleName::new("peak") },
        Verb::NodeReboot { mode: RebootMode::Canary },
        Verb::NodeReboot { mode: RebootMode::Rolling },
        Verb::NodeReboot { mode: RebootMode::Emergency },
        Verb::NodeMove { to: to.clone() },
        Verb::NodeRemove,
        Verb::NodeCordon,
        Verb::NodeUncordon,
        Verb::NodeDrain,
        Verb::ClusterSwap { to: to.clone(), mode: SwapMode::AtOnce },
        Verb::ClusterSwap { to, mode: SwapMode::Stepwise },
    ];
    for say in BOTH {
        for verb in &verbs {
            let plan = base(verb.clone(), Vec::new(), vec![target("wk-1", true)], Vec::new());
            for text in [plan::title(say, &plan), plan::what(say, &plan)] {
                assert!(!text.contains("plan-"), "{verb:?} has no words in {}: {text}", say.lang());
            }
        }
    }
}

/// The lines of the timeline that a proven and a failed plan leave.
fn told(say: Say) -> String {
    let mut text = String::new();
    for story in [proven(), not_proven()] {
        story.at(say, "10:26:00", |scene| {
            let of_plan = |event: &&std::sync::Arc<lifeboat_storage::event::Event>| {
                lifeboat_storage::plan::run::plan_of(&event.kind).is_some() && entry::is_story(&event.kind)
            };
            for event in story.events.iter().filter(of_plan) {
                let entry = entry::entry(scene, event);
                _ = writeln!(text, "{} {}/{} {}", entry.at.text, entry.shape, entry.tone, entry.text);
            }
        });
        text.push('\n');
    }
    text
}

#[test]
fn the_timeline_tells_what_a_plan_came_to_and_not_each_of_its_steps() {
    for say in BOTH {
        assert_snapshot!(format!("plan_entries_{}", say.lang()), told(say));
    }
}

#[test]
fn an_override_is_told_with_who_waived_what_and_why_where_it_is_asked_for_and_where_it_is_approved() {
    let story = approved(swap());
    let waived = [
        "Override: Lin waived the second person and any freeze: readers are locked out, Mei is on a train",
        "越权：Lin 免去了第二人和冻结：readers are locked out, Mei is on a train",
    ];
    for (say, waived) in BOTH.into_iter().zip(waived) {
        story.at(say, "10:21:00", |scene| {
            let told: Vec<String> =
                story.events.iter().filter_map(|event| plan::told(scene, event)).collect();
            assert_eq!(told.len(), 2, "{told:?}");
            assert!(told.iter().all(|told| told.lines().last() == Some(waived)), "{told:?}");
        });
    }
}

#[test]
fn a_postmortem_names_each_node_of_a_long_plan_while_its_card_folds() {
    let names: Vec<String> = (1..=10).map(|n| format!("wk-{n}")).collect();
    let cordon = |name: &String| Step::Cordon { cluster: main(), node: NodeName::new(name.clone()) };
    let steps: Vec<Step> = names.iter().map(cordon).collect();
    let mut story = approved(base(Verb::NodeCordon, steps, Vec::new(), vec![5; 10]));
    (0..10).for_each(|step| story.does("10:21:01", step, StepResult::SchedulableWas { before: true }));
    story.at(BOTH[0], "10:22:00", |scene| {
        let run = &scene.state.plans[&PLAN];
        assert_eq!(plan::card(scene, run).lines[0].name, "2 more");
        let told: Vec<String> = plan::each_node(scene, run).into_iter().map(|line| line.name).collect();
        assert_eq!(told, names);
    });
}

#[test]
fn of_two_clusters_whose_managers_must_answer_each_is_named() {
    let floor = |cluster: &str| Floor::ManagerMajority { cluster: ClusterName::new(cluster), least: 1 };
    let story = Story::new();
    let shown = |floors: Vec<Floor>| {
        story.at(BOTH[0], "10:20:00", |scene| plan::shown(scene, &Plan { floors, ..rolling() }))
    };
    assert!(shown(vec![floor("a")]).contains("at least 1 manager answers"));
    let both = shown(vec![floor("swarm-old"), floor("swarm-new")]);
    for told in ["at least 1 manager of swarm-old answers", "at least 1 manager of swarm-new answers"] {
        assert!(both.contains(told), "{both}");
    }
}

/// What is said of a plan that a freeze paused: its card's first line and the line about it.
fn of_freeze(story: &Story, say: Say) -> String {
    let (fleet, facts) = (Fleet::default(), Facts::default());
    story.at(say, "10:25:10", |scene| {
        let scene = Scene { fleet: Some((&fleet, &facts)), ..*scene };
        let run = &scene.state.plans[&PLAN];
        let card = plan::card(&scene, run);
        format!("{}\n{}\n", card.lead, plan::line(&scene, run))
    })
}

#[test]
fn a_plan_that_a_freeze_paused_is_not_said_to_stand_still_for_it_once_that_is_lifted() {
    let freeze = Floor::NotFrozen { cluster: main() };
    let mut story = approved(Plan { floors: vec![freeze.clone()], ..rolling() });
    story.boots_the_first();
    let reason = "two pods are left".to_owned();
    story.person("10:24:00", None, "Mei", Kind::ClusterFrozen { cluster: main(), reason });
    let why = PauseReason::FloorBroken { floor: freeze, now: 1 };
    story.rule("10:24:01", Some(42), Kind::PlanPaused { plan: PLAN, why });
    let check = |story: &Story, expected: [[&str; 2]; 2]| {
        for (say, [lead, line]) in BOTH.into_iter().zip(expected) {
            let told = of_freeze(story, say);
            assert_eq!(told.lines().next(), Some(lead));
            assert!(told.lines().any(|told| told.ends_with(line)), "{told}");
        }
    };
    check(
        &story,
        [
            ["Stands still: k8s-main is frozen.", "k8s-main is frozen"],
            ["已停住：k8s-main 已冻结。", "k8s-main 已冻结"],
        ],
    );
    story.person("10:25:00", None, "Mei", Kind::ClusterUnfrozen { cluster: main() });
    check(
        &story,
        [
            [
                "Stood still because k8s-main was frozen; that is over.",
                "stood still because k8s-main was frozen; that is over",
            ],
            ["停住的原因已消除：k8s-main 曾被冻结。", "停住的原因已消除：k8s-main 曾被冻结"],
        ],
    );
}

/// Two were bought, the first has not joined yet, and a person ends it.
fn cancelled_before_the_join() -> Story {
    let mut story = approved(adding());
    for (step, name) in [(2, "i-new-1"), (3, "i-new-2")] {
        let instances = vec![InstanceId::new(name)];
        story.does("10:21:05", step, StepResult::Gained { instances, refused: Default::default() });
    }
    story.starts("10:21:06", 4);
    let left = Forgotten { cordoned: Vec::new(), unknown: vec![4] };
    story.person("10:23:00", Some(42), "Mei", Kind::PlanCancelled { plan: PLAN, left });
    story
}

#[test]
fn a_cancelled_plan_names_the_machines_that_run_and_are_no_node_and_what_to_do_about_them() {
    let expected = [
        (
            "Left: running and paid for, in no cluster as far as its steps tell: i-new-1, i-new-2; nobody can say \
             whether it was done: new node 1 joins in quarantine",
            "Next: in the cloud's own console stop or delete i-new-1, i-new-2: no command here reaches a machine \
             that is no node. To try again: /node add starts the stopped machines of a pool first, and takes up \
             none that runs",
        ),
        (
            "遗留: 仍在运行并计费，就其步骤所知不在任何集群：i-new-1、i-new-2；无法确定是否已执行：新节点 1 \
             以隔离状态加入",
            "下一步: 到云控制台停止或删除 i-new-1、i-new-2：不是节点的机器，这里没有命令能处理。要重来：/node \
             add 会先启动节点池里已停止的机器，不会接手正在运行的",
        ),
    ];
    for (say, (left, next)) in BOTH.into_iter().zip(expected) {
        let (rows, told) = cancelled_before_the_join().at(say, "10:23:01", |scene| {
            let rows = plan::card(scene, &scene.state.plans[&PLAN]).rows;
            let cancelled = scene.state.plans[&PLAN].changed;
            let event = (scene.lookup)(cancelled).expect("it was recorded");
            (rows, plan::told(scene, &event).expect("it is told"))
        });
        let rows: Vec<String> = rows.iter().map(|row| format!("{}: {}", row.label, row.text)).collect();
        assert_eq!(rows[1..], [left, next], "{}", say.lang());
        // The same stands in the chat.
        let (_, of_left) = left.split_once(": ").expect("a label");
        let (_, of_next) = next.split_once(": ").expect("a label");
        assert!(told.contains(of_left) && told.contains(of_next), "{told}");
    }
}

/// The steps by which a node leaves, then what is done with its machine, then its way into another cluster.
fn leaving(verb: Verb, last: Step) -> Plan {
    let (cluster, node, cloud) = (main(), NodeName::new("wk-1"), CloudName::new("aliyun"));
    let instance = InstanceId::new("i-wk-1");
    let other = ClusterName::new("k8s-ha");
    let steps = vec![
        Step::Leave { cloud: cloud.clone(), instance, cluster: cluster.clone(), node: node.clone() },
        last,
        Step::Forget { cluster, node },
        Step::Join { slot: 0, cluster: other, cloud, role: JoinRole::Worker },
    ];
    base(verb, steps, vec![target("wk-1", false)], vec![5; 4])
}

#[test]
fn a_machine_that_left_its_cluster_is_a_stray_until_it_is_stopped_or_joined_another() {
    let (cloud, node, instance) =
        (CloudName::new("aliyun"), NodeName::new("wk-1"), InstanceId::new("i-wk-1"));
    let strays = |story: &Story| story.at(BOTH[0], "10:26:00", |scene| scene.state.plans[&PLAN].strays());
    let stop = Step::Stop { cloud: cloud.clone(), instance: instance.clone(), node: node.clone() };
    let mut story = approved(leaving(Verb::NodeRemove, stop));
    assert_eq!(strays(&story), []);
    story.does("10:21:01", 0, StepResult::Plain);
    assert_eq!(strays(&story), std::slice::from_ref(&instance));
    story.starts("10:21:02", 1);
    assert_eq!(strays(&story), [], "nobody knows whether it was stopped");
    story.ends("10:21:03", 1, StepOutcome::Failed { by: FailedBy::NotStarted });
    assert_eq!(strays(&story), std::slice::from_ref(&instance));
    story.does("10:21:04", 1, StepResult::Plain);
    assert_eq!(strays(&story), []);

    let renew = Step::Reimage { cloud, instance: instance.clone(), node };
    let mut story = approved(leaving(Verb::NodeMove { to: ClusterName::new("k8s-ha") }, renew));
    story.does("10:21:01", 0, StepResult::Plain);
    assert_eq!(strays(&story), std::slice::from_ref(&instance));
    story.does("10:21:02", 1, StepResult::Plain);
    story.does("10:21:03", 2, StepResult::Plain);
    assert_eq!(strays(&story), [instance], "once, though it left and was gained");
    story.does("10:24:00", 3, StepResult::Joined { slot: 0, node: NodeName::new("ha-9") });
    assert_eq!(strays(&story), []);
}
