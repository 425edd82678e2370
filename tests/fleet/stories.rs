//! What holds for every scenario that is built in, whatever its story.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use lifeboat_commands::ports::call::Call;
use lifeboat_deploy::simulated::{Fault, Scenario, Simulated};
use lifeboat_storage::id::{IdemKey, InstanceId, NodeName, PoolName};
use lifeboat_storage::plan::{HostCommand, JoinRole, LaunchSpec, Policy, ProbeKind, Weight};
use lifeboat_tests::fleet::Player;
use lifeboat_tests::tier::Tier;

fn all() -> Vec<Scenario> {
    Scenario::names().into_iter().map(|name| Scenario::named(name).expect("it is built in")).collect()
}

#[test]
fn nine_scenarios_and_more_each_tell_where_they_come_from_and_what_to_do_in_both_languages() {
    assert!(all().len() >= 9);
    for scene in all() {
        let name = &scene.name;
        assert!(scene.source.is_some() || name == "sold-out-morning", "{name} has no source");
        let texts = scene.hints.iter().map(|hint| &hint.text).chain([&scene.title]);
        for text in texts {
            assert!(!text.en.trim().is_empty(), "{name}");
            let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
            assert!(text.zh_cn.chars().any(han), "{name}: {}", text.zh_cn);
        }
        let keys: BTreeSet<&str> = scene.hints.iter().map(|hint| hint.key.as_str()).collect();
        assert_eq!(keys.len(), scene.hints.len(), "{name}: a key twice");
        assert!(["look", "first-move", "not-that"].iter().all(|key| keys.contains(key)), "{name}: {keys:?}");
    }
}

#[test]
fn it_is_quiet_until_the_trouble_starts() {
    for scene in all() {
        let player = Player::on(&scene, 1);
        player.fleet.pass(scene.trouble_at - TimeDelta::minutes(3));
        assert_eq!(player.failed(), 0, "{}", scene.name);
        assert!(scene.trouble_at < scene.ends_at, "{}", scene.name);
    }
}

#[test]
fn looking_never_changes_what_happens() {
    for scene in all() {
        let (looked, left) = (Player::on(&scene, 5), Player::on(&scene, 5));
        while looked.fleet.now() < scene.trouble_at + TimeDelta::minutes(15) {
            for cluster in &scene.fleet.clusters {
                for node in looked.look(cluster.name.as_str()).workers() {
                    let _ =
                        looked.probe(cluster.name.as_str(), node.name.as_str(), ProbeKind::NameResolution);
                }
            }
            looked.wait_s(120);
        }
        left.fleet.pass(looked.fleet.now());
        assert_eq!(shape(&looked.fleet), shape(&left.fleet), "{}", scene.name);
    }
}

#[test]
fn the_same_seed_and_the_same_calls_write_the_same_log_whatever_is_called() {
    let step = if Tier::asked() == Tier::Fast { 4 } else { 1 };
    for scene in all().into_iter().step_by(step) {
        let (first, again, other) = (stir(&scene, 3), stir(&scene, 3), stir(&scene, 4));
        assert!(first == again, "{}: it does not repeat", scene.name);
        assert!(first.0 != other.0, "{}: another seed is another day", scene.name);
    }
}

#[test]
fn a_log_that_nobody_reads_changes_nothing() {
    for scene in all() {
        let (read, unread) = (Simulated::new(&scene, 9), Simulated::new(&scene, 9));
        let at = scene.trouble_at + TimeDelta::minutes(5);
        read.advance(at);
        unread.pass(at);
        assert_eq!(shape(&read), shape(&unread), "{}", scene.name);
    }
}

/// Everything that can be seen of a world.
fn shape(fleet: &Simulated) -> String {
    let clusters = fleet.fleet().clusters.into_iter().map(|one| Call::Inventory { cluster: one.name });
    let clouds = fleet.fleet().clouds.into_iter().map(|cloud| Call::Instances { cloud });
    let seen: Vec<_> = clusters.chain(clouds).map(|call| fleet.perform(call)).collect();
    format!("{seen:?} {:?}", fleet.truth())
}

/// Calls of every kind, in an order that only the seed knows, over an hour and a half: the log and what is left.
fn stir(scene: &Scenario, seed: u64) -> (Vec<u8>, String) {
    let fleet = Simulated::new(scene, seed);
    fleet.pass(scene.starts_at);
    let mut stirring = Stirring { scene, fleet: fleet.clone(), drawn: seed, calls: 0 };
    let mut log = Vec::new();
    for minute in 1..=90 {
        stirring.calls_something();
        let to = scene.starts_at + TimeDelta::minutes(minute);
        let happened = fleet.advance(to);
        // One minute in ten is enough to tell two logs apart.
        if minute % 10 == 0 {
            log.extend(happened.log);
        }
    }
    (log, shape(&fleet))
}

struct Stirring<'a> {
    scene: &'a Scenario,
    fleet: Simulated,
    drawn: u64,
    calls: u64,
}

impl Stirring<'_> {
    fn draw(&mut self, of: usize) -> usize {
        self.drawn =
            self.drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.drawn >> 33).unwrap_or(0) % of.max(1)
    }

    fn calls_something(&mut self) {
        self.calls += 1;
        let fault = [Fault::Nothing, Fault::Nothing, Fault::LostAnswer, Fault::LostCall, Fault::Duplicated];
        let fault = fault[self.draw(fault.len())];
        self.fleet.faults([fault]);
        let call = self.some_call();
        let _ = self.fleet.perform(call);
    }

    fn some_call(&mut self) -> Call {
        let fleet = self.scene.fleet.clone();
        let cluster = fleet.clusters[self.draw(fleet.clusters.len())].name.clone();
        let cloud = fleet.clouds[0].clone();
        let key = IdemKey::new(format!("stir-{}", self.calls));
        let node = self.some_node(&cluster);
        let instance = self.some_machine();
        match self.draw(11) {
            0 => Call::SetSchedulable { cluster, node, want: true },
            1 => Call::SetSchedulable { cluster, node, want: false },
            2 => Call::Drain { cluster, node, policy: Policy::Budgets },
            3 => Call::Forget { cluster, node },
            4 => Call::Start { cloud, ids: vec![instance] },
            5 => Call::Stop { cloud, ids: vec![instance] },
            6 => Call::Launch { cloud, spec: self.some_spec(), key },
            7 => Call::Reboot { cloud, instance, key },
            8 => Call::Reimage { cloud, instance, key },
            9 => match self.draw(2) {
                0 => Call::Run { cloud, instance, command: HostCommand::Leave, key },
                _ => Call::Join { cluster, role: JoinRole::Worker, cloud, instance, key },
            },
            _ => {
                let all = fleet.clusters.iter().map(|one| Weight {
                    percent: if one.name == cluster { 100 } else { 0 },
                    cluster: one.name.clone(),
                });
                let (traffic, weights) = (fleet.traffic[0].name.clone(), all.collect());
                Call::SetTraffic { traffic, expected: "v1".to_owned(), weights }
            }
        }
    }

    fn some_node(&mut self, cluster: &lifeboat_storage::id::ClusterName) -> NodeName {
        use lifeboat_commands::ports::{Outcome, call::Answer};
        let call = Call::Inventory { cluster: cluster.clone() };
        let Answer::Inventory(Outcome::Done(seen)) = self.fleet.perform(call) else { panic!("{cluster}") };
        let names: Vec<NodeName> = seen.nodes.into_keys().collect();
        match names.len() {
            0 => NodeName::new("nobody"),
            many => names[self.draw(many)].clone(),
        }
    }

    fn some_machine(&mut self) -> InstanceId {
        use lifeboat_commands::ports::{Outcome, call::Answer};
        let call = Call::Instances { cloud: self.scene.fleet.clouds[0].clone() };
        let Answer::Instances(Outcome::Done(all)) = self.fleet.perform(call) else { panic!("no machines") };
        all[self.draw(all.len())].id.clone()
    }

    fn some_spec(&mut self) -> LaunchSpec {
        use lifeboat_commands::ports::{Outcome, call::Answer};
        let call = Call::Offerings { cloud: self.scene.fleet.clouds[0].clone() };
        let Answer::Offerings(Outcome::Done(all)) = self.fleet.perform(call) else { panic!("no offerings") };
        let one = all[self.draw(all.len())].clone();
        let pool = PoolName::new("stirred");
        LaunchSpec { machine: one.machine, zone: one.zone, spot: one.spot, pool, price: one.price }
    }
}
