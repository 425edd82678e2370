//! The audit of a drill notices each rule that is broken: the same play, with one thing in its books changed.

use lifeboat::drill::audit::{Books, broken};
use lifeboat_commands::facts::Inventory;
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_deploy::simulated::Truth;
use lifeboat_storage::event::{Event, Kind};
use lifeboat_storage::id::NodeName;
use lifeboat_storage::state::State;

use super::{played_until, story};

/// New workers are added, fail in quarantine, and are booted: launches, joins, cordons, boots, all in half an hour.
const SCRIPT: &str = "\
    when capacity_short lin: /incident ack\n\
    when capacity_short lin: /node add count:2 pool:workers\n\
    when proposed lin: /plan approve\n\
    when failed lin: /node reboot failing mode:rolling\n\
    when proposed lin: /plan approve";

/// The books of that play, to be changed.
#[derive(Clone)]
struct Play {
    events: Vec<Event>,
    state: State,
    truth: Truth,
    clusters: Vec<Inventory>,
}

impl Play {
    fn until(clock: &str) -> Self {
        let drill = played_until(clock, "sold-out-morning", 1, SCRIPT);
        assert!(drill.played.len() >= 4, "{}", story(&drill));
        let clusters = drill.world().fleet().clusters.into_iter().map(|one| {
            match drill.world().perform(Call::Inventory { cluster: one.name }) {
                Answer::Inventory(Outcome::Done(seen)) => *seen,
                other => panic!("{other:?}"),
            }
        });
        Self {
            events: drill.record(),
            state: drill.engine().durable().clone(),
            truth: drill.world().truth(),
            clusters: clusters.collect(),
        }
    }

    fn broken(&self) -> Vec<String> {
        let Self { events, state, truth, clusters } = self;
        broken(&Books { events, state, truth, clusters })
    }

    fn position(&self, wanted: impl Fn(&Kind) -> bool) -> usize {
        self.events.iter().position(|event| wanted(&event.kind)).expect("it is in the record")
    }

    /// What the changed record adds up to, so that nothing but the change is wrong.
    fn refold(&mut self) {
        self.state = State::new();
        self.events.iter().for_each(|event| self.state.apply(event));
    }
}

#[test]
fn each_rule_that_is_broken_is_named_and_a_sound_drill_names_none() {
    let play = Play::until("08:20");
    assert_eq!(play.broken(), [""; 0]);

    let mut changed = play.clone();
    changed.state.frozen.insert(lifeboat_storage::id::ClusterName::new("k8s-main"), changed.state.applied);
    assert_eq!(changed.broken(), ["replay"]);

    let mut changed = play.clone();
    let approved = changed.position(|kind| matches!(kind, Kind::PlanApproved { .. }));
    changed.events[approved].actor.person = None;
    changed.refold();
    assert_eq!(changed.broken(), ["approval P-1"]);

    let mut changed = play.clone();
    let booted = changed.truth.reboots[0].clone();
    changed.truth.reboots.push(booted.clone());
    assert_eq!(changed.broken(), [format!("twice reboot {}", booted.1)]);

    let mut changed = play.clone();
    let launched = changed.truth.launches[0].clone();
    changed.truth.launches.push(launched);
    assert_eq!(changed.broken(), ["twice launch"]);

    let mut changed = play.clone();
    let twice =
        changed.events.iter().find(|event| event.incident.is_some_and(|id| id.0 == 2)).cloned().unwrap();
    changed.events.push(twice);
    assert_eq!(changed.broken(), ["postmortem INC-0002"]);
}

#[test]
fn a_node_that_lifeboat_left_cordoned_must_be_told_of() {
    let mut play = Play::until("08:20");
    let node = NodeName::new("worker-11");
    let main = &mut play.clusters[0];
    main.nodes.get_mut(&node).expect("it joined").schedulable = false;
    assert_eq!(play.broken(), [""; 0], "the first plan said that it left it cordoned");
    let ended = play.position(|kind| matches!(kind, Kind::PlanEnded { proven: false, .. }));
    let Kind::PlanEnded { left, .. } = &mut play.events[ended].kind else { panic!("a plan ended") };
    left.cordoned.clear();
    play.refold();
    assert_eq!(play.broken(), ["cordoned worker-11"]);
}
