//! A plan on a workbench: real events and the real fold, facts set by hand, a clock that is played.

use std::collections::BTreeMap;

use chrono::{TimeZone as _, Utc};
use lifeboat_commands::facts::{
    Identity, Instance, InstanceState, Inventory, Node, NodeRole, Pod, PodClass, PodState, ProbeFact,
    ProbeResult, Ready, TrafficFacts,
};
use lifeboat_commands::fleet::{Cluster, Limits};
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_storage::event::{Actor, Event, Origin};
use lifeboat_storage::id::{
    BootId, CloudName, ClusterName, InstanceId, MachineType, NodeName, PlanId, PoolName, Seq, TrafficName,
    World, ZoneName,
};
use lifeboat_storage::plan::{
    Blast, Consent, Cost, Evidence, Floor, JoinRole, LaunchSpec, Plan, Policy, ProbeKind, Rung, Target, Undo,
    Weight,
};

use super::super::*;

pub(super) const PLAN: PlanId = PlanId(1);

pub(super) fn main() -> ClusterName {
    ClusterName::new("main")
}

pub(super) fn standby() -> ClusterName {
    ClusterName::new("standby")
}

pub(super) fn cloud() -> CloudName {
    CloudName::new("cloud")
}

pub(super) fn www() -> TrafficName {
    TrafficName::new("www")
}

pub(super) fn blog() -> ServiceName {
    ServiceName::new("blog")
}

pub(super) fn node(number: u32) -> NodeName {
    NodeName::new(format!("n{number}"))
}

pub(super) fn machine(number: u32) -> InstanceId {
    InstanceId::new(format!("m{number}"))
}

pub(super) fn boot(text: &str) -> BootId {
    BootId::new(text)
}

pub(super) fn said(text: &str) -> Evidence {
    Evidence(text.to_owned())
}

pub(super) fn weights(main_percent: u8) -> Vec<Weight> {
    vec![
        Weight { cluster: main(), percent: main_percent },
        Weight { cluster: standby(), percent: 100 - main_percent },
    ]
}

pub(super) fn reboot_of(number: u32) -> Step {
    Step::Reboot { cluster: main(), node: node(number), cloud: cloud(), instance: machine(number) }
}

pub(super) fn await_boot(number: u32) -> Step {
    let before = Some(boot(&format!("{}-a", node(number))));
    Step::AwaitBoot { cluster: main(), node: node(number), before, stable_s: 60 }
}

pub(super) fn cordon(number: u32) -> Step {
    Step::Cordon { cluster: main(), node: node(number) }
}

pub(super) fn uncordon(number: u32) -> Step {
    Step::Uncordon { cluster: main(), node: node(number), always: false }
}

pub(super) fn drain(number: u32) -> Step {
    Step::Drain { cluster: main(), node: node(number), policy: Policy::Budgets }
}

pub(super) fn start(numbers: &[u32]) -> Step {
    let instances = numbers.iter().map(|number| machine(*number)).collect();
    let want = u32::try_from(numbers.len()).unwrap();
    Step::Obtain { cloud: cloud(), want, rung: Rung::Start { instances } }
}

pub(super) fn launch() -> Step {
    let spec = LaunchSpec {
        machine: MachineType::new("c4"),
        zone: ZoneName::new("z"),
        spot: false,
        pool: PoolName::new("workers"),
        price: None,
    };
    Step::Obtain { cloud: cloud(), want: 1, rung: Rung::Launch(spec) }
}

pub(super) fn join(slot: u32) -> Step {
    Step::Join { slot, cluster: main(), cloud: cloud(), role: JoinRole::Worker }
}

pub(super) fn admit(slot: u32) -> Step {
    Step::Admit { slot, cluster: main() }
}

pub(super) fn shift(main_percent: u8) -> Step {
    Step::Shift { traffic: www(), weights: weights(main_percent) }
}

pub(super) fn hold(seconds: u32) -> Step {
    Step::Hold { traffic: www(), seconds, abort_above_permille: 20, back: weights(100) }
}

pub(super) fn prove_serving(at_least: u32, nodes: &[u32]) -> Step {
    Step::Prove {
        proof: Proof::Serving { cluster: main(), at_least },
        nodes: nodes.iter().map(|number| node(*number)).collect(),
        cluster: main(),
    }
}

/// A plan of these steps: a rolling reboot that keeps three of five serving.
pub(super) fn plan(steps: Vec<Step>) -> Plan {
    let target = |number: u32| Target {
        cluster: main(),
        node: node(number),
        instance: Some(machine(number)),
        identity: Some(format!("p-{}", machine(number))),
        serving: true,
    };
    Plan {
        verb: Verb::NodeReboot { mode: RebootMode::Rolling },
        cluster: main(),
        other: None,
        traffic: None,
        service: blog(),
        steps,
        targets: (1..=5).map(target).collect(),
        floors: vec![
            Floor::NoControlPlane,
            Floor::NotFrozen { cluster: main() },
            Floor::Serving { cluster: main(), service: blog(), least: 3, of: 5 },
        ],
        blast: Blast { serving: 5, wanted: 5, left: Vec::new() },
        cost: Cost::Nothing,
        expected_s: 60,
        undo: Undo::NotNeeded,
        consent: Consent::Confirm,
        override_reason: None,
    }
}

/// Everything that the executor looks at, and its own memory.
pub(super) struct Bench {
    pub(super) state: State,
    pub(super) facts: Facts,
    pub(super) fleet: Fleet,
    pub(super) now: Time,
    pub(super) memory: Memory,
    pub(super) share: Option<Share>,
    /// Nothing is read anew while time passes.
    pub(super) blind: bool,
    /// Everything recorded after the approval.
    pub(super) recorded: Vec<Kind>,
}

impl Bench {
    /// A plan that was proposed and approved just now, on five nodes that serve.
    pub(super) fn of(plan: Plan) -> Self {
        let mut bench = Self::proposed(plan);
        let hash = bench.run().hash.clone();
        bench.record(Kind::PlanApproved { plan: PLAN, hash });
        bench.recorded.clear();
        bench
    }

    pub(super) fn proposed(plan: Plan) -> Self {
        let now = Utc.with_ymd_and_hms(2026, 1, 5, 2, 0, 0).unwrap();
        let cluster = |name: ClusterName| Cluster {
            name,
            service: blog(),
            cloud: cloud(),
            traffic: Some(www()),
            wanted: 5,
        };
        let fleet = Fleet {
            clusters: vec![cluster(main()), cluster(standby())],
            clouds: vec![cloud()],
            limits: Limits::default(),
            ..Fleet::default()
        };
        let mut bench = Self {
            state: State::new(),
            facts: Facts::default(),
            fleet,
            now,
            memory: Memory::default(),
            share: None,
            blind: false,
            recorded: Vec::new(),
        };
        for number in 1..=5 {
            bench.add_node(number);
            bench.add_pod(number);
        }
        bench.facts.traffic.insert(
            www(),
            TrafficFacts { version: "1".to_owned(), weights: weights(100), ..TrafficFacts::default() },
        );
        bench.facts.clusters.insert(standby(), Inventory::default());
        bench.read_again();
        let hash = plan.hash();
        bench.record(Kind::PlanProposed { plan: PLAN, body: Box::new(plan), hash });
        bench
    }

    pub(super) fn add_node(&mut self, number: u32) {
        let identity =
            Identity { provider_id: Some(format!("p-{}", machine(number))), ..Identity::default() };
        let known = Node {
            name: node(number),
            role: NodeRole::Worker,
            ready: Ready::Yes,
            ready_since: self.now - TimeDelta::hours(5),
            schedulable: true,
            boot_id: Some(boot(&format!("{}-a", node(number)))),
            identity: identity.clone(),
        };
        self.seen().nodes.insert(node(number), known);
        self.add_machine(number, InstanceState::Running);
    }

    pub(super) fn add_machine(&mut self, number: u32, state: InstanceState) {
        let identity =
            Identity { provider_id: Some(format!("p-{}", machine(number))), ..Identity::default() };
        let instance = Instance {
            id: machine(number),
            machine: MachineType::new("c4"),
            zone: ZoneName::new("z"),
            spot: false,
            state,
            identity,
            price: None,
        };
        let facts = self.facts.clouds.entry(cloud()).or_default();
        facts.instances.insert(machine(number), instance);
    }

    /// A Ready pod of the service on a node.
    pub(super) fn add_pod(&mut self, number: u32) {
        let pod = Pod {
            name: format!("blog-{number}"),
            service: Some(blog()),
            node: Some(node(number)),
            class: PodClass::Ordinary,
            state: PodState::Ready,
            since: self.now,
        };
        self.seen().pods.insert(pod.name.clone(), pod);
    }

    pub(super) fn remove_pod(&mut self, number: u32) {
        self.seen().pods.remove(&format!("blog-{number}"));
    }

    pub(super) fn seen(&mut self) -> &mut Inventory {
        self.facts.clusters.entry(main()).or_default()
    }

    pub(super) fn node(&mut self, number: u32) -> &mut Node {
        self.seen().nodes.get_mut(&node(number)).unwrap()
    }

    /// The node booted and has been Ready since now.
    pub(super) fn booted(&mut self, number: u32) {
        let now = self.now;
        let known = self.node(number);
        known.boot_id = Some(boot(&format!("{}-b", node(number))));
        known.ready_since = now;
        known.ready = Ready::Yes;
    }

    /// All probes on a node come back so.
    pub(super) fn probes(&mut self, number: u32, result: &ProbeResult) {
        for probe in ProbeKind::ALL {
            let fact = ProbeFact { result: result.clone(), as_of: self.now };
            self.facts.probes.insert((main(), node(number), probe), fact);
        }
    }

    /// Everything is read anew.
    pub(super) fn read_again(&mut self) {
        let now = Some(self.now);
        self.facts.clusters.values_mut().for_each(|seen| seen.as_of = now);
        self.facts.clouds.values_mut().for_each(|cloud| cloud.as_of = now);
        self.facts.traffic.values_mut().for_each(|traffic| traffic.as_of = now);
    }

    pub(super) fn pass(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
        if !self.blind {
            self.read_again();
        }
    }

    /// One more event.
    pub(super) fn record(&mut self, kind: Kind) {
        if let Kind::StepStarted { step, attempt, .. } = &kind {
            self.memory = self.memory.started(*step, *attempt);
        }
        let event = Event {
            seq: self.state.applied.next(),
            incident: None,
            world: World::Real,
            occurred_at: self.now,
            recorded_at: self.now,
            actor: Actor::lifeboat(Origin::Lifeboat),
            kind: kind.clone(),
            correlation: None,
            supersedes: None,
        };
        assert_eq!(event.seq, Seq(self.state.applied.0 + 1));
        self.state.apply(&event);
        self.recorded.push(kind);
    }

    pub(super) fn run(&self) -> &Run {
        &self.state.plans[&PLAN]
    }

    fn with<T>(&mut self, how: impl FnOnce(&View<'_>, &mut Memory) -> T) -> T {
        let share = self.share;
        let view = View {
            run: &self.state.plans[&PLAN],
            state: &self.state,
            facts: &self.facts,
            fleet: &self.fleet,
            share: &|_| share,
            now: self.now,
        };
        how(&view, &mut self.memory)
    }

    /// What is to be done now, nothing of it done.
    pub(super) fn look(&mut self) -> Next {
        self.with(|view, memory| {
            notice(view, memory);
            next(view, memory)
        })
    }

    /// Records all that is asked for, until a call is to be made or there is nothing to do.
    pub(super) fn go(&mut self) -> Next {
        for _ in 0..100 {
            match self.look() {
                Next::Record(kinds) => kinds.into_iter().for_each(|kind| self.record(kind)),
                other => return other,
            }
        }
        panic!("it records without end: {:?}", self.recorded);
    }

    /// The call that is to be made now.
    #[track_caller]
    pub(super) fn call(&mut self) -> Call {
        match self.go() {
            Next::Call(call) => *call,
            other => panic!("wanted a call, got {other:?} after {:?}", self.recorded),
        }
    }

    /// The call is answered.
    pub(super) fn answer(&mut self, answer: &Answer) {
        let kinds = self.with(|view, memory| answered(view, memory, answer));
        kinds.into_iter().for_each(|kind| self.record(kind));
    }

    /// Another process takes over: nothing is remembered.
    pub(super) fn restart(&mut self) {
        self.memory = Memory::default();
    }

    /// How a step ended.
    pub(super) fn outcome(&self, step: u32) -> Option<StepOutcome> {
        self.run().steps.get(&step)?.ended.clone().map(|(_, outcome)| outcome)
    }

    /// Time passes, second by second, until a call is to be made or the plan no longer runs; how many seconds.
    pub(super) fn until_call(&mut self, most_s: i64) -> (i64, Option<Call>) {
        for second in 0..=most_s {
            if let Next::Call(call) = self.go() {
                return (second, Some(*call));
            }
            if self.run().standing != Standing::Running {
                return (second, None);
            }
            self.pass(1);
        }
        (most_s, None)
    }
}

/// What a cloud answers for several machines.
pub(super) fn each(all: &[(u32, lifeboat_commands::ports::Outcome<()>)]) -> Answer {
    Answer::Each(all.iter().map(|(number, outcome)| (machine(*number), outcome.clone())).collect())
}

/// Nothing was refused.
pub(super) fn nobody() -> BTreeMap<InstanceId, FailedBy> {
    BTreeMap::new()
}
