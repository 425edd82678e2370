use chrono::{DateTime, NaiveTime, TimeDelta};
use lifeboat_storage::event::{Actor, AlertEvidence, AlertKind, Event, Kind, Origin, Severity};
use lifeboat_storage::id::{
    AlertKey, CloudName, IncidentId, InstanceId, MachineType, PoolName, ScheduleName, Seq, TrafficName,
    World, ZoneName,
};
use lifeboat_storage::plan::{
    Consent, Evidence, FailedBy, Floor, Forgotten, PauseReason, Plan, Step, StepOutcome, StepResult, Weight,
};

use super::*;
use crate::facts::{
    CloudFacts, Identity, Instance, InstanceState, Node, NodeRole, Pod, PodClass, PodState, ProbeFact,
    TrafficFacts,
};
use crate::fleet::{Pool, TrafficEntry};

const ZONE: Tz = chrono_tz::Asia::Shanghai;

fn now() -> Time {
    DateTime::parse_from_rfc3339("2027-01-04T10:20:00+08:00").unwrap().to_utc()
}

/// A cluster of workers by name, each with what its name resolution says and whether it serves.
struct Case {
    state: State,
    fleet: Fleet,
    facts: Facts,
}

impl Case {
    fn of(workers: &[(&str, bool, bool)]) -> Self {
        let cluster = Cluster {
            name: ClusterName::new("main"),
            service: ServiceName::new("blog"),
            cloud: CloudName::new("cloud"),
            traffic: Some(TrafficName::new("www")),
            wanted: 5,
        };
        let pool = Pool {
            name: PoolName::new("workers"),
            cluster: cluster.name.clone(),
            members: Vec::new(),
            ladder: Vec::new(),
            max: 9,
        };
        let entry = TrafficEntry {
            name: TrafficName::new("www"),
            service: cluster.service.clone(),
            clusters: vec![cluster.name.clone()],
        };
        let fleet = Fleet {
            clusters: vec![cluster],
            pools: vec![pool],
            clouds: vec![CloudName::new("cloud")],
            traffic: vec![entry],
            ..Fleet::default()
        };
        let mut case = Self { state: State::new(), fleet, facts: Facts::default() };
        case.facts.clusters.insert(
            ClusterName::new("main"),
            Inventory { as_of: Some(now()), managers: (1, 1), ..Inventory::default() },
        );
        let weights = vec![Weight { cluster: ClusterName::new("main"), percent: 100 }];
        case.facts
            .traffic
            .insert(TrafficName::new("www"), TrafficFacts { weights, ..TrafficFacts::default() });
        case.facts.clouds.insert(CloudName::new("cloud"), CloudFacts::default());
        for (name, resolves, serves) in workers {
            case.worker(name, *resolves, *serves);
        }
        case.incident(2);
        case
    }

    fn worker(&mut self, name: &str, resolves: bool, serves: bool) {
        let identity = Identity { provider_id: Some(format!("i-{name}")), ..Identity::default() };
        let node = Node {
            name: NodeName::new(name),
            role: NodeRole::Worker,
            ready: Ready::Yes,
            ready_since: now() - TimeDelta::hours(1),
            schedulable: true,
            boot_id: None,
            identity: identity.clone(),
        };
        let seen = self.facts.clusters.get_mut(&ClusterName::new("main")).unwrap();
        seen.nodes.insert(node.name.clone(), node);
        let pod = Pod {
            name: format!("web-{name}"),
            node: Some(NodeName::new(name)),
            service: Some(ServiceName::new("blog")),
            class: PodClass::Ordinary,
            state: if serves { PodState::Ready } else { PodState::NotReady },
            since: now() - TimeDelta::hours(1),
        };
        seen.pods.insert(pod.name.clone(), pod);
        for probe in ProbeKind::ALL {
            let fails = probe == ProbeKind::NameResolution && !resolves;
            let result = if fails { ProbeResult::Fail(Evidence::default()) } else { ProbeResult::Pass };
            let key = (ClusterName::new("main"), NodeName::new(name), probe);
            self.facts.probes.insert(key, ProbeFact { result, as_of: now() });
        }
        let instance = Instance {
            id: InstanceId::new(format!("i-{name}")),
            machine: MachineType::new("m"),
            zone: ZoneName::new("z"),
            spot: false,
            state: InstanceState::Running,
            identity,
            price: None,
        };
        let cloud = self.facts.clouds.get_mut(&CloudName::new("cloud")).unwrap();
        cloud.instances.insert(instance.id.clone(), instance);
    }

    fn incident(&mut self, id: u32) {
        self.put(
            Some(id),
            Kind::IncidentDeclared {
                title: "502".to_owned(),
                severity: Severity::Sev1,
                service: Some(ServiceName::new("blog")),
                alert: None,
            },
        );
    }

    fn put(&mut self, incident: Option<u32>, kind: Kind) {
        let event = Event {
            seq: self.state.applied.next(),
            incident: incident.map(IncidentId),
            world: World::Real,
            occurred_at: now(),
            recorded_at: now(),
            actor: Actor::lifeboat(Origin::Lifeboat),
            kind,
            correlation: None,
            supersedes: None,
        };
        self.state.apply(&event);
    }

    /// A reboot of these, proven.
    fn proven(&mut self, typed: &str) {
        let plan = self.plan(typed);
        let (id, hash) = (self.state.next_plan(), plan.hash());
        self.put(Some(2), Kind::PlanProposed { plan: id, body: Box::new(plan), hash: hash.clone() });
        self.put(Some(2), Kind::PlanApproved { plan: id, hash });
        self.put(Some(2), Kind::PlanEnded { plan: id, proven: true, left: Forgotten::default() });
    }

    /// A plan that was said yes to and stands still before it takes pods away.
    fn paused(&mut self, typed: &str, consent: Consent, why: PauseReason) {
        let mut plan = self.plan(typed);
        plan.steps.retain(|step| matches!(step, Step::Drain { .. }));
        plan.consent = consent;
        let hash = plan.hash();
        self.put(Some(2), Kind::PlanProposed { plan: PlanId(1), body: Box::new(plan), hash: hash.clone() });
        self.put(Some(2), Kind::PlanApproved { plan: PlanId(1), hash });
        self.put(Some(2), Kind::PlanPaused { plan: PlanId(1), why });
    }

    fn serves(&mut self, name: &str, state: PodState) {
        let seen = self.facts.clusters.get_mut(&ClusterName::new("main")).unwrap();
        seen.pods.get_mut(&format!("web-{name}")).unwrap().state = state;
    }

    /// A canary boot of this node, after which names still do not resolve there.
    fn in_vain(&mut self, node: &str) {
        let plan = self.plan(node);
        let looks = |step: &Step| matches!(step, Step::Probe { must_pass: true, .. });
        let step = u32::try_from(plan.steps.iter().position(looks).unwrap()).unwrap();
        let by = FailedBy::Probe { probe: ProbeKind::NameResolution, evidence: Evidence::default() };
        let (id, hash) = (self.state.next_plan(), plan.hash());
        self.put(Some(2), Kind::PlanProposed { plan: id, body: Box::new(plan), hash: hash.clone() });
        self.put(Some(2), Kind::PlanApproved { plan: id, hash });
        self.put(Some(2), Kind::StepEnded { plan: id, step, outcome: StepOutcome::Failed { by } });
        self.put(Some(2), Kind::PlanEnded { plan: id, proven: false, left: Forgotten::default() });
    }

    fn plan(&self, typed: &str) -> Plan {
        let people = People::default();
        let share = |_: &ServiceName| None;
        let scene = Scene {
            state: &self.state,
            people: &people,
            who: None,
            channel: None,
            now: now(),
            head: None,
            fleet: &self.fleet,
            facts: &self.facts,
            share: &share,
            zone: ZONE,
            hints: None,
            drill: false,
            scenarios: &[],
            event: &|_: Seq| None,
        };
        crate::planner::reboot::plan(&scene, typed, lifeboat_storage::plan::RebootMode::Canary, None).unwrap()
    }

    fn next(&self) -> Vec<(String, Why)> {
        let sight =
            Sight { state: &self.state, fleet: &self.fleet, facts: &self.facts, now: now(), zone: ZONE };
        let incident = &self.state.incidents[&IncidentId(2)];
        next(&sight, incident).into_iter().map(|one| (one.line, one.why)).collect()
    }

    fn acknowledged(mut self) -> Self {
        self.put(Some(2), Kind::Acknowledged);
        self
    }
}

fn text(line: &str, why: Why) -> (String, Why) {
    (line.to_owned(), why)
}

const LOOK: &str = "/cluster diagnose cluster:main";

#[test]
fn somebody_takes_it_first() {
    let case = Case::of(&[
        ("wk-1", true, true),
        ("wk-2", true, true),
        ("wk-3", true, true),
        ("wk-4", true, true),
        ("wk-5", true, true),
    ]);
    assert_eq!(case.next(), [text("/incident ack INC-0002", Why::NobodyHasIt)]);
}

#[test]
fn one_failing_node_that_serves_nothing_is_tried_before_the_others() {
    let case = Case::of(&[
        ("wk-1", false, true),
        ("wk-2", false, false),
        ("wk-3", true, true),
        ("wk-4", true, true),
        ("wk-5", true, true),
    ])
    .acknowledged();
    assert_eq!(
        case.next(),
        [text("/node reboot target:wk-2 mode:canary", Why::Canary), text(LOOK, Why::Look)]
    );
}

#[test]
fn a_boot_that_failed_twice_is_not_suggested_a_third_time() {
    let mut case = Case::of(&[
        ("wk-1", false, false),
        ("wk-2", false, false),
        ("wk-3", true, true),
        ("wk-4", true, true),
        ("wk-5", true, true),
    ])
    .acknowledged();
    case.in_vain("wk-1");
    assert_eq!(case.next()[0], text("/node reboot target:wk-1 mode:canary", Why::Canary));
    case.in_vain("wk-1");
    assert_eq!(case.next()[0], text("/node reboot target:wk-2 mode:canary", Why::Canary));
    case.in_vain("wk-2");
    case.in_vain("wk-2");
    assert!(case.next().iter().all(|(line, _)| !line.contains("reboot")), "{:?}", case.next());
}

#[test]
fn what_helped_in_an_earlier_incident_is_named() {
    let mut case = Case::of(&[
        ("wk-1", false, true),
        ("wk-2", false, false),
        ("wk-3", true, true),
        ("wk-4", true, true),
        ("wk-5", true, true),
    ])
    .acknowledged();
    case.incident(1);
    for incident in [1, 2] {
        case.put(
            Some(incident),
            Kind::Diagnosed {
                cluster: ClusterName::new("main"),
                signature: format!(
                    "name-resolution/{}",
                    if incident == 1 { "all-nodes" } else { "some-nodes" }
                ),
                verdict: "node-path".to_owned(),
                share: Share { bad: 1, total: 5 },
            },
        );
    }
    assert_eq!(case.next()[0].1, Why::CanaryHelped { earlier: IncidentId(1) });
}

#[test]
fn after_the_canary_was_cured_the_others_follow_and_only_what_is_allowed_is_offered() {
    let mut case = Case::of(&[
        ("wk-1", false, true),
        ("wk-2", false, false),
        ("wk-3", true, true),
        ("wk-4", true, true),
        ("wk-5", true, true),
    ])
    .acknowledged();
    case.proven("wk-2");
    let rest = Why::Rest { cured: PlanId(1), nodes: 2 };
    // The site is not down: an emergency would be refused.
    assert_eq!(case.next()[0], text("/node reboot target:failing mode:rolling", rest));
}

#[test]
fn when_the_site_is_down_the_failing_ones_go_together() {
    let mut case = Case::of(&[
        ("wk-1", false, true),
        ("wk-2", false, false),
        ("wk-3", false, false),
        ("wk-4", false, false),
        ("wk-5", false, false),
    ])
    .acknowledged();
    case.proven("wk-2");
    let lines: Vec<String> = case.next().into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines[0], "/node reboot target:failing mode:emergency");
}

#[test]
fn missing_nodes_are_added_and_nothing_is_offered_while_a_plan_is_open() {
    let mut case =
        Case::of(&[("wk-1", true, true), ("wk-2", true, true), ("wk-3", true, true)]).acknowledged();
    case.fleet.pools[0].ladder.push(crate::fleet::PoolRung {
        machine: MachineType::new("m"),
        zone: ZoneName::new("z"),
        spot: false,
    });
    assert_eq!(case.next()[0], text("/node add count:2 pool:workers", Why::Missing { nodes: 2 }));
    let plan = case.plan("wk-1");
    let hash = plan.hash();
    case.put(Some(2), Kind::PlanProposed { plan: PlanId(1), body: Box::new(plan), hash });
    assert_eq!(case.next(), []);
}

#[test]
fn a_schedule_that_is_short_points_at_the_stock() {
    let mut case =
        Case::of(&[("wk-1", true, true), ("wk-2", true, true), ("wk-3", true, true)]).acknowledged();
    case.fleet.schedules.push(crate::fleet::Schedule {
        name: ScheduleName::new("peak"),
        pool: PoolName::new("workers"),
        count: 2,
        days: [true; 7],
        start: NaiveTime::from_hms_opt(8, 0, 0).unwrap(),
        ready_by: NaiveTime::from_hms_opt(10, 0, 0).unwrap(),
        starts: crate::fleet::Starts::Elsewhere,
    });
    assert!(case.next().contains(&text("/capacity show", Why::Stock)), "{:?}", case.next());
}

#[test]
fn when_all_alerts_are_over_a_person_confirms() {
    let mut case = Case::of(&[("wk-1", true, true)]).acknowledged();
    case.put(Some(2), Kind::RecoveryProposed { good_since: now() });
    assert_eq!(case.next()[0], text("/incident mitigate INC-0002", Why::Over));
}

#[test]
fn a_mitigated_incident_is_resolved_only_once_no_request_fails() {
    let mut case = Case::of(&[("wk-1", true, true)]).acknowledged();
    let alert = AlertKey::new("bad_gateway/blog");
    case.put(
        Some(2),
        Kind::AlertRaised {
            alert: alert.clone(),
            what: AlertKind::BadGateway,
            service: ServiceName::new("blog"),
            severity: Severity::Sev1,
            evidence: AlertEvidence::default(),
        },
    );
    case.put(Some(2), Kind::AlertJoined { alert: alert.clone() });
    let (from, to) = (Status::Investigating, Status::Mitigated);
    case.put(Some(2), Kind::StatusChanged { from, to, head: None, reason: String::new() });
    assert_eq!(case.next(), []);
    case.state.alerts.get_mut(&alert).unwrap().firing = false;
    assert_eq!(case.next(), [text("/incident resolve INC-0002", Why::Mitigated)]);
}

#[test]
fn a_plan_that_stands_still_is_seen_to_before_a_mitigated_incident_is_resolved() {
    let mut case = all_well();
    case.paused("wk-1", Consent::Confirm, PauseReason::StepUnknown);
    let (from, to) = (Status::Investigating, Status::Mitigated);
    case.put(Some(2), Kind::StatusChanged { from, to, head: None, reason: String::new() });
    let resolve = text("/incident resolve INC-0002", Why::Mitigated);
    let still = [text(RESUME, Why::LooksAgain), text(CANCEL, Why::OrEnd)];
    assert_eq!(case.next(), [still[0].clone(), still[1].clone(), resolve.clone()]);
    case.put(Some(2), Kind::PlanCancelled { plan: PlanId(1), left: Forgotten::default() });
    assert_eq!(case.next(), [resolve]);
}

fn all_well() -> Case {
    Case::of(&[
        ("wk-1", true, true),
        ("wk-2", true, true),
        ("wk-3", true, true),
        ("wk-4", true, true),
        ("wk-5", true, true),
    ])
    .acknowledged()
}

#[test]
fn what_a_plan_of_another_cluster_cordoned_says_nothing_about_a_node_of_the_same_name() {
    let next = |of: &str| {
        let mut case = all_well();
        let plan = Plan { cluster: ClusterName::new(of), ..case.plan("wk-1") };
        let cordons = |step: &Step| matches!(step, Step::Cordon { .. });
        let step = u32::try_from(plan.steps.iter().position(cordons).unwrap()).unwrap();
        let outcome = StepOutcome::Succeeded { result: StepResult::SchedulableWas { before: true } };
        let (id, hash) = (PlanId(1), plan.hash());
        case.put(Some(2), Kind::PlanProposed { plan: id, body: Box::new(plan), hash: hash.clone() });
        case.put(Some(2), Kind::PlanApproved { plan: id, hash });
        case.put(Some(2), Kind::StepEnded { plan: id, step, outcome });
        case.put(Some(2), Kind::PlanEnded { plan: id, proven: false, left: Forgotten::default() });
        let seen = case.facts.clusters.get_mut(&ClusterName::new("main")).unwrap();
        seen.nodes.get_mut(&NodeName::new("wk-1")).unwrap().schedulable = false;
        case.next()
    };
    let open = text("/node uncordon target:wk-1", Why::Sound { nodes: 1 });
    assert!(next("main").contains(&open));
    assert!(!next("spare").contains(&open));
}

const RESUME: &str = "/plan resume P-1";
const CANCEL: &str = "/plan cancel P-1";

fn too_few_left() -> PauseReason {
    let (cluster, service) = (ClusterName::new("main"), ServiceName::new("blog"));
    PauseReason::FloorBroken { floor: Floor::Serving { cluster, service, least: 4, of: 5 }, now: 3 }
}

#[test]
fn a_plan_paused_by_a_floor_is_ended_while_that_is_broken_and_goes_on_once_it_holds_again() {
    let mut case = all_well();
    case.paused("wk-1", Consent::Confirm, too_few_left());
    case.serves("wk-2", PodState::NotReady);
    assert_eq!(case.next(), [text(CANCEL, Why::HeldUp)]);
    case.serves("wk-2", PodState::Ready);
    assert_eq!(case.next(), [text(RESUME, Why::GoesOn)]);
}

#[test]
fn a_plan_that_a_freeze_holds_up_goes_on_once_that_is_lifted() {
    let cluster = || ClusterName::new("main");
    let by_floor = PauseReason::FloorBroken { floor: Floor::NotFrozen { cluster: cluster() }, now: 1 };
    for (why, after) in [(by_floor, Why::GoesOn), (PauseReason::Asked, Why::PausedByPerson)] {
        let mut case = all_well();
        case.paused("wk-1", Consent::Confirm, why);
        case.put(Some(2), Kind::ClusterFrozen { cluster: cluster(), reason: "two are left".to_owned() });
        let lift = text("/cluster unfreeze cluster:main", Why::Frozen { cluster: cluster() });
        assert_eq!(case.next(), [lift, text(CANCEL, Why::OrEnd)]);
        case.put(Some(2), Kind::ClusterUnfrozen { cluster: cluster() });
        assert_eq!(case.next(), [text(RESUME, after)]);
    }
}

#[test]
fn a_paused_plan_for_two_people_is_pointed_at_although_not_everybody_may_let_it_go_on() {
    let mut case = all_well();
    case.paused("wk-1", Consent::TwoPeople, too_few_left());
    assert_eq!(case.next(), [text(RESUME, Why::GoesOn)]);
}

#[test]
fn what_nobody_knew_is_read_again_as_soon_as_it_can_be_and_given_up_while_it_cannot() {
    let mut case = all_well();
    case.paused("wk-1", Consent::Confirm, PauseReason::StepUnknown);
    assert_eq!(case.next(), [text(RESUME, Why::LooksAgain), text(CANCEL, Why::OrEnd)]);
    let seen = case.facts.clusters.get_mut(&ClusterName::new("main")).unwrap();
    seen.as_of = Some(now() - TimeDelta::minutes(5));
    assert_eq!(case.next(), [text(CANCEL, Why::HeldUp)]);
}

#[test]
fn each_pause_has_its_own_way_on() {
    let cluster = ClusterName::new("main");
    let rows = [
        (PauseReason::Asked, vec![text(RESUME, Why::PausedByPerson)]),
        (PauseReason::NotRecording, vec![text(RESUME, Why::GoesOn)]),
        (PauseReason::FactsOld { cluster, age_s: Some(90) }, vec![text(RESUME, Why::GoesOn)]),
        (PauseReason::StepFailed, vec![text(RESUME, Why::TriesAgain), text(CANCEL, Why::OrEnd)]),
        (PauseReason::TargetChanged { node: NodeName::new("wk-1") }, vec![text(CANCEL, Why::NoLongerSo)]),
        (
            PauseReason::TrafficChanged { traffic: TrafficName::new("www") },
            vec![text(CANCEL, Why::NoLongerSo)],
        ),
    ];
    for (why, expected) in rows {
        let mut case = all_well();
        case.paused("wk-1", Consent::Confirm, why.clone());
        assert_eq!(case.next(), expected, "{why:?}");
    }
}

#[test]
fn a_step_that_failed_again_after_its_plan_was_resumed_is_not_suggested_a_third_time() {
    let mut case = all_well();
    let plan = PlanId(1);
    let failed = || {
        let by = FailedBy::Probe { probe: ProbeKind::NameResolution, evidence: Evidence::default() };
        Kind::StepEnded { plan, step: 0, outcome: StepOutcome::Failed { by } }
    };
    case.paused("wk-1", Consent::Confirm, PauseReason::StepFailed);
    case.put(Some(2), failed());
    assert_eq!(case.next(), [text(RESUME, Why::TriesAgain), text(CANCEL, Why::OrEnd)]);
    case.put(Some(2), Kind::PlanResumed { plan });
    case.put(Some(2), failed());
    case.put(Some(2), Kind::PlanPaused { plan, why: PauseReason::StepFailed });
    assert_eq!(case.next(), [text(CANCEL, Why::FailsAgain)]);
}

#[test]
fn the_plan_that_holds_the_lock_comes_before_one_that_only_waits() {
    let mut case = all_well();
    case.paused("wk-1", Consent::Confirm, PauseReason::StepUnknown);
    let waits =
        Plan { override_reason: Some("asked again".to_owned()), ..case.state.plans[&PlanId(1)].plan.clone() };
    let hash = waits.hash();
    case.put(Some(2), Kind::PlanProposed { plan: PlanId(2), body: Box::new(waits), hash });
    assert_eq!(case.next()[0], text(RESUME, Why::LooksAgain));
}
