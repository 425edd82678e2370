//! A fleet as it is seen at one moment, people, and what they typed so far. Nothing here acts.

use std::collections::BTreeMap;

use chrono::{NaiveTime, TimeDelta, TimeZone as _, Utc};
use lifeboat_commands::facts::{
    CloudFacts, Facts, Identity, Instance, InstanceState, Inventory, Node, NodeRole, Offering, Pod, PodClass,
    PodState, ProbeFact, ProbeResult, Ready, Stock, TrafficFacts,
};
use lifeboat_commands::fleet::{Cluster, Fleet, Pool, PoolRung, Schedule, Starts, TrafficEntry};
use lifeboat_commands::people::{People, Permission, Person};
use lifeboat_commands::refusal::Refusal;
use lifeboat_commands::verb::{self, Decision, Scene};
use lifeboat_commands::{parse, table};
use lifeboat_storage::event::{Actor, Event, Kind, Origin, Share, Time};
use lifeboat_storage::id::{
    BootId, CloudName, ClusterName, IncidentId, InstanceId, MachineType, NodeName, PersonName, PlanId,
    PoolName, ScheduleName, ServiceName, TrafficName, World as Worlds, ZoneName,
};
use lifeboat_storage::plan::{Evidence, Money, Plan, ProbeKind, StepOutcome, Weight};
use lifeboat_storage::state::State;

/// The watched service.
pub(crate) const SERVICE: &str = "blog";

/// A working Monday, 10:20 local time.
pub(crate) fn monday() -> Time {
    Utc.with_ymd_and_hms(2026, 1, 5, 2, 20, 0).single().expect("a moment")
}

pub(crate) fn node(name: &str) -> NodeName {
    NodeName::new(name)
}

pub(crate) fn cluster(name: &str) -> ClusterName {
    ClusterName::new(name)
}

pub(crate) fn names(nodes: &[&str]) -> Vec<NodeName> {
    nodes.iter().map(|name| node(name)).collect()
}

/// The machine behind a node of these tests.
pub(crate) fn machine(of: &str) -> InstanceId {
    InstanceId::new(format!("i-{of}"))
}

/// What is done to a fleet, with its name.
pub(crate) type Deed = (&'static str, fn(&mut World));

/// A fleet, people, and a record.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) fleet: Fleet,
    pub(crate) facts: Facts,
    pub(crate) state: State,
    pub(crate) people: People,
    pub(crate) share: Option<Share>,
    pub(crate) drill: bool,
    pub(crate) hints: Option<Vec<String>>,
    pub(crate) scenarios: Vec<String>,
}

fn person(name: &str, permissions: &[Permission]) -> Person {
    let name = PersonName::new(name);
    Person {
        console: Some(name.to_string()),
        name,
        os: None,
        discord: None,
        permissions: permissions.to_vec(),
    }
}

/// `mei` and `chen` may everything on plans; `lin` operates; `wei` only responds; `guest` only reads.
fn people() -> People {
    use Permission::{Approver, Commander, Operator, Responder};
    People::from(vec![
        person("mei", &[Responder, Operator, Approver, Commander]),
        person("chen", &[Responder, Operator, Approver]),
        person("lin", &[Responder, Operator]),
        person("wei", &[Responder]),
        person("guest", &[]),
    ])
}

fn configured(name: &str, wanted: u32) -> Cluster {
    Cluster {
        name: cluster(name),
        service: ServiceName::new(SERVICE),
        cloud: CloudName::new("cloud"),
        traffic: Some(TrafficName::new("www")),
        wanted,
    }
}

fn rung(machine: &str, zone: &str, spot: bool) -> PoolRung {
    PoolRung { machine: MachineType::new(machine), zone: ZoneName::new(zone), spot }
}

fn clock(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("a time of day")
}

fn fleet() -> Fleet {
    let pool = Pool {
        name: PoolName::new("peak"),
        cluster: cluster("main"),
        members: ["wk-6", "wk-7", "wk-8", "wk-9"].map(machine).to_vec(),
        ladder: vec![rung("c6", "zone-h", true), rung("g6", "zone-h", false), rung("c6", "zone-k", false)],
        max: 12,
    };
    let schedule = Schedule {
        name: ScheduleName::new("morning"),
        pool: pool.name.clone(),
        count: 4,
        days: [true, true, true, true, true, false, false],
        start: clock(8, 0),
        ready_by: clock(10, 0),
        starts: Starts::Elsewhere,
    };
    let clusters = vec![configured("main", 9), configured("spare", 2)];
    Fleet {
        traffic: vec![TrafficEntry {
            name: TrafficName::new("www"),
            service: ServiceName::new(SERVICE),
            clusters: clusters.iter().map(|one| one.name.clone()).collect(),
        }],
        clusters,
        pools: vec![pool],
        clouds: vec![CloudName::new("cloud")],
        schedules: vec![schedule],
        limits: Default::default(),
    }
}

impl World {
    /// `main`: a control plane, five workers that serve, four that are off and sold out. `spare`: two workers that
    /// serve, and no traffic.
    pub(crate) fn morning() -> Self {
        let mut world = Self {
            now: monday(),
            fleet: fleet(),
            facts: Facts::default(),
            state: State::new(),
            people: people(),
            share: None,
            drill: false,
            hints: None,
            scenarios: vec!["sold-out-morning".to_owned()],
        };
        for name in ["main", "spare"] {
            let inventory = Inventory { as_of: Some(world.now), managers: (1, 1), ..Inventory::default() };
            world.facts.clusters.insert(cluster(name), inventory);
        }
        world.facts.clouds.insert(
            CloudName::new("cloud"),
            CloudFacts { as_of: Some(world.now), offerings_as_of: Some(world.now), ..CloudFacts::default() },
        );
        world.add("main", "cp-1").nodes_of("main").get_mut(&node("cp-1")).expect("it was added").role =
            NodeRole::ControlPlane;
        for name in ["wk-1", "wk-2", "wk-3", "wk-4", "wk-5"] {
            world.add("main", name).serves("main", name);
        }
        for name in ["wk-6", "wk-7", "wk-8", "wk-9"] {
            world.add("main", name).is_off("main", name);
        }
        for name in ["sp-1", "sp-2"] {
            world.add("spare", name).serves("spare", name).probes("spare", name, &ProbeResult::Pass);
        }
        world.offer("c6", "zone-h", true, Stock::SoldOut, 230_000);
        world.offer("g6", "zone-h", false, Stock::Available, 1_200_000);
        world.offer("c6", "zone-k", false, Stock::Available, 980_000);
        let weight = |name, percent| Weight { cluster: cluster(name), percent };
        let traffic = TrafficFacts {
            as_of: Some(world.now),
            version: "1".to_owned(),
            weights: vec![weight("main", 100), weight("spare", 0)],
            health: BTreeMap::from([(cluster("main"), true), (cluster("spare"), true)]),
        };
        world.facts.traffic.insert(TrafficName::new("www"), traffic);
        world
    }

    /// The same with all pods of `main` failing on name resolution, except on these nodes.
    pub(crate) fn outage(serving: &[&str]) -> Self {
        let mut world = Self::morning();
        for name in ["wk-1", "wk-2", "wk-3", "wk-4", "wk-5"] {
            if !serving.contains(&name) {
                world.fails("main", name);
            }
        }
        world
    }

    pub(crate) fn seen(&mut self, name: &str) -> &mut Inventory {
        self.facts.clusters.get_mut(&cluster(name)).expect("a cluster of the fixture")
    }

    pub(crate) fn nodes_of(&mut self, name: &str) -> &mut BTreeMap<NodeName, Node> {
        &mut self.seen(name).nodes
    }

    pub(crate) fn node(&mut self, of: &str, name: &str) -> &mut Node {
        self.nodes_of(of).get_mut(&node(name)).expect("a node of the fixture")
    }

    pub(crate) fn cloud(&mut self) -> &mut CloudFacts {
        self.facts.clouds.get_mut(&CloudName::new("cloud")).expect("the cloud of the fixture")
    }

    pub(crate) fn instance(&mut self, of: &str) -> &mut Instance {
        self.cloud().instances.get_mut(&machine(of)).expect("a machine of the fixture")
    }

    /// A worker that is Ready and carries nothing, on a machine of its own.
    pub(crate) fn add(&mut self, of: &str, name: &str) -> &mut Self {
        let since = self.now - TimeDelta::hours(20);
        let identity = Identity { provider_id: Some(format!("cloud/{name}")), ..Identity::default() };
        let new = Node {
            name: node(name),
            role: NodeRole::Worker,
            ready: Ready::Yes,
            ready_since: since,
            schedulable: true,
            boot_id: Some(BootId::new(format!("boot-{name}-1"))),
            identity: identity.clone(),
        };
        self.nodes_of(of).insert(node(name), new);
        let instance = Instance {
            id: machine(name),
            machine: MachineType::new("c6"),
            zone: ZoneName::new("zone-h"),
            spot: false,
            state: InstanceState::Running,
            identity,
            price: Some(Money { micros: 500_000, currency: "CNY".to_owned() }),
        };
        self.cloud().instances.insert(machine(name), instance);
        self
    }

    pub(crate) fn pod(&mut self, of: &str, on: &str, service: Option<&str>, state: PodState) -> &mut Self {
        let taken = &self.seen(of).pods;
        let name = (0..).map(|number| format!("pod-{number}")).find(|name| !taken.contains_key(name));
        let name = name.expect("a free number");
        let since = self.now;
        let pod = Pod {
            name: name.clone(),
            service: service.map(ServiceName::new),
            node: Some(node(on)),
            class: PodClass::Ordinary,
            state,
            since,
        };
        self.seen(of).pods.insert(name, pod);
        self
    }

    pub(crate) fn serves(&mut self, of: &str, name: &str) -> &mut Self {
        self.pod(of, name, Some(SERVICE), PodState::Ready)
    }

    /// No pod of it is Ready any more; one fails to start for want of names.
    pub(crate) fn fails(&mut self, of: &str, name: &str) -> &mut Self {
        self.seen(of).pods.retain(|_, pod| pod.node != Some(node(name)));
        let state = PodState::Failing {
            reason: "CrashLoopBackOff".to_owned(),
            restarts: 7,
            signature: "name-resolution".to_owned(),
            evidence: Evidence("no such host".to_owned()),
        };
        self.probe(of, name, ProbeKind::NameResolution, ProbeResult::Fail(Evidence::default()));
        self.pod(of, name, Some(SERVICE), state)
    }

    pub(crate) fn probe(&mut self, of: &str, name: &str, probe: ProbeKind, result: ProbeResult) -> &mut Self {
        let fact = ProbeFact { result, as_of: self.now };
        self.facts.probes.insert((cluster(of), node(name), probe), fact);
        self
    }

    /// Every probe on a node went so.
    pub(crate) fn probes(&mut self, of: &str, name: &str, result: &ProbeResult) -> &mut Self {
        for probe in ProbeKind::ALL {
            self.probe(of, name, probe, result.clone());
        }
        self
    }

    /// Its machine is stopped, a spot one.
    pub(crate) fn is_off(&mut self, of: &str, name: &str) -> &mut Self {
        self.node(of, name).ready = Ready::No;
        let instance = self.instance(name);
        instance.state = InstanceState::Stopped;
        instance.spot = true;
        self
    }

    pub(crate) fn offer(
        &mut self,
        machine: &str,
        zone: &str,
        spot: bool,
        stock: Stock,
        micros: u64,
    ) -> &mut Self {
        let (machine, zone) = (MachineType::new(machine), ZoneName::new(zone));
        let price = Some(Money { micros, currency: "CNY".to_owned() });
        self.cloud().offerings.push(Offering { machine, zone, spot, stock, price });
        self
    }

    /// Time passes; what is seen stays fresh.
    pub(crate) fn wait(&mut self, time: TimeDelta) -> &mut Self {
        self.now += time;
        let now = self.now;
        self.facts.clusters.values_mut().for_each(|seen| seen.as_of = Some(now));
        self
    }

    /// A decision as this person meets it.
    pub(crate) fn types(&self, who: &str, line: &str) -> Result<Decision, Refusal> {
        let parsed = parse::parse(line, self.now, chrono_tz::Asia::Shanghai)?;
        self.scene(who, |scene| {
            verb::authorize(scene, parsed.spec)?;
            verb::decide(scene, &parsed.command)
        })
    }

    /// What a decision looks at, for whoever asks.
    pub(crate) fn scene<T>(&self, who: &str, look: impl FnOnce(&Scene<'_>) -> T) -> T {
        let share = |_: &ServiceName| self.share;
        look(&Scene {
            state: &self.state,
            people: &self.people,
            who: self.people.named(who),
            channel: None,
            now: self.now,
            head: None,
            fleet: &self.fleet,
            facts: &self.facts,
            share: &share,
            zone: chrono_tz::Asia::Shanghai,
            hints: self.hints.as_deref(),
            drill: self.drill,
            scenarios: &self.scenarios,
            event: &|_| None,
        })
    }

    /// The plan that a line comes to.
    pub(crate) fn plan(&self, line: &str) -> Result<Plan, Refusal> {
        let changes = match self.types("mei", line)? {
            Decision::Change(changes) => changes,
            Decision::Show(show) => panic!("{line} plans nothing: {show:?}"),
        };
        match &changes.first().expect("a change").kind {
            Kind::PlanProposed { body, .. } => Ok(Plan::clone(body)),
            other => panic!("{line} plans nothing: {other:?}"),
        }
    }

    /// Why a line is refused, as its key.
    #[track_caller]
    pub(crate) fn refused(&self, who: &str, line: &str) -> &'static str {
        match self.types(who, line) {
            Err(why) => why.key(),
            Ok(decision) => panic!("{line} is not refused: {decision:?}"),
        }
    }

    /// Somebody types a line, and what comes of it is recorded.
    #[track_caller]
    pub(crate) fn does(&mut self, who: &str, line: &str) -> &mut Self {
        match self.types(who, line) {
            Ok(Decision::Change(changes)) => {
                changes.into_iter().for_each(|change| self.record(Some(who), change.incident, change.kind));
            }
            Ok(Decision::Show(show)) => panic!("{line} changes nothing: {show:?}"),
            Err(why) => panic!("{line} is refused: {why:?}"),
        }
        self
    }

    /// An event, by a person or by Lifeboat.
    pub(crate) fn record(&mut self, who: Option<&str>, incident: Option<IncidentId>, kind: Kind) {
        let actor = match who {
            Some(name) => Actor {
                person: Some(PersonName::new(name)),
                account: Some(name.to_owned()),
                origin: Origin::Console,
            },
            None => Actor::lifeboat(Origin::Lifeboat),
        };
        let event = Event {
            seq: self.state.applied.next(),
            incident,
            world: Worlds::Real,
            occurred_at: self.now,
            recorded_at: self.now,
            actor,
            kind,
            correlation: None,
            supersedes: None,
        };
        self.state.apply(&event);
    }

    /// A step of the newest plan ended so.
    pub(crate) fn step_ends(&mut self, step: u32, outcome: StepOutcome) -> &mut Self {
        let plan = self.newest();
        self.record(None, None, Kind::StepEnded { plan, step, outcome });
        self
    }

    /// The newest plan ends without proof.
    pub(crate) fn plan_fails(&mut self) -> &mut Self {
        let plan = self.newest();
        self.record(None, None, Kind::PlanEnded { plan, proven: false, left: Default::default() });
        self
    }

    pub(crate) fn newest(&self) -> PlanId {
        *self.state.plans.keys().next_back().expect("a plan")
    }
}

/// A line that Lifeboat itself hands out must be one that it takes.
#[track_caller]
pub(crate) fn is_a_line(line: &str) {
    let parsed = parse::parse(line, monday(), chrono_tz::UTC);
    let spec = parsed.unwrap_or_else(|why| panic!("{line}: {why:?}")).spec;
    assert!(table::find(spec.noun, spec.verb).is_some());
}
