//! What there is: two clusters, a pool with a ladder, a traffic entry, and five people.

use std::fmt::Write as _;

use lifeboat::detect::Limits;
use lifeboat::engine::cards::Rhythm;
use lifeboat::engine::{ServiceSetup, Setup};
use lifeboat::source::access_log::LogFormat;
use lifeboat_commands::people::{People, Permission, Person};
use lifeboat_deploy::simulated::Scenario;
use lifeboat_storage::event::Severity;
use lifeboat_storage::id::{PersonName, World};

use crate::traffic::seeded::Seeded;

/// Workers of the main cluster that run at the start.
pub const WORKERS: [&str; 5] = ["worker-1", "worker-2", "worker-3", "worker-4", "worker-5"];
/// Who types. Only the first three may act, and only the first two be the second person.
pub const PEOPLE: [&str; 4] = ["mei", "lin", "wang", "guest"];

const HEAD: &str = r#"
name = "faults"
starts_at = "2026-01-05T09:00:00+08:00"
ends_at = "20:00"
trouble_at = "09:05"
warm_up_min = 2
zone = "Asia/Shanghai"
service = "blog"
cloud = "cloud"
currency = "CNY"
[title]
en = "Faults"
zh-CN = "故障"
[traffic]
name = "www"
mean_per_s = 3.0
wave = [[0.0, 1.0], [12.0, 1.0]]
weights = { main = 100, standby = 0 }
"#;

const MAIN: &str = r#"
[[cluster]]
name = "main"
kind = "kubernetes"
wanted = 5
pods = 8
pod_per_s = 0.8
keep_ready = 4
joins_as = "worker-"
[[cluster.node]]
name = "master-1"
machine = "c4"
zone = "a"
role = "control-plane"
"#;

const STANDBY: &str = r#"
[[cluster]]
name = "standby"
kind = "swarm"
wanted = 3
pods = 6
pod_per_s = 0.8
joins_as = "standby-"
[[cluster.node]]
name = "manager-1"
machine = "c4"
zone = "a"
role = "control-plane"
"#;

const POOL: &str = r#"
[[pool]]
name = "workers"
cluster = "main"
members = ["worker-6", "worker-7"]
max = 9
ladder = [
  { machine = "c4", zone = "a", spot = true },
  { machine = "c4", zone = "a" },
  { machine = "c8", zone = "b" },
]
"#;

/// A small fleet with an outage of this seed's choice.
///
/// # Panics
/// Never: a test reads many.
#[must_use]
pub fn scenario(seed: u64) -> Scenario {
    let mut dice = Seeded::new(seed, 11);
    let mut text = HEAD.to_owned();
    offerings(&mut text, &mut dice);
    text += MAIN;
    for name in WORKERS {
        let up_days = dice.below(60);
        node(&mut text, name, &format!("up_days = {up_days}\nbears_restarts = {}", dice.below(4)));
    }
    for name in ["worker-6", "worker-7"] {
        node(&mut text, name, "power = \"off\"\nspot = true");
    }
    text += STANDBY;
    for number in 1..=3 {
        node(&mut text, &format!("standby-{number}"), "");
    }
    text += POOL;
    causes(&mut text, &mut dice);
    Scenario::parse(&text).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"))
}

fn offerings(text: &mut String, dice: &mut Seeded) {
    let reclaimed = if dice.chance(0.2) { "reclaimed_once_in_h = 1.0" } else { "" };
    let kinds = [("c4", "a", true, 2, reclaimed), ("c4", "a", false, 2, ""), ("c8", "b", false, 4, "")];
    for (machine, zone, spot, slots, more) in kinds {
        let left = dice.below(4);
        let _ = writeln!(
            text,
            "[[offering]]\nmachine = \"{machine}\"\nzone = \"{zone}\"\nspot = {spot}\nslots = {slots}\n\
             price = 1.0\nleft = {left}\n{more}"
        );
    }
}

fn node(text: &mut String, name: &str, more: &str) {
    let _ = writeln!(text, "[[cluster.node]]\nname = \"{name}\"\nmachine = \"c4\"\nzone = \"a\"\n{more}");
}

fn causes(text: &mut String, dice: &mut Seeded) {
    let at = 3 + dice.below(10);
    let until = at + 2 + dice.below(12);
    let window = format!("at = \"09:{at:02}\"\nuntil = \"09:{until:02}\"");
    let worker = WORKERS[usize::try_from(dice.below(4)).unwrap_or(0)];
    let cause = match dice.below(7) {
        0 => "kind = \"resolver-rot\"".to_owned(),
        1 => format!("kind = \"control-path-lost\"\nnodes = [\"{worker}\", \"worker-5\"]\n{window}"),
        2 => format!("kind = \"registry-down\"\n{window}"),
        3 => "kind = \"egress-fails\"\nabove_per_s = 2.0\nshare = 0.4".to_owned(),
        4 => "kind = \"launches-never-join\"".to_owned(),
        _ => return,
    };
    let _ = writeln!(text, "[[cause]]\ncluster = \"main\"\n{cause}");
}

/// `mei` and `lin` may everything, `wang` acts but is nobody's second person, `guest` only reads.
#[must_use]
pub fn people() -> People {
    use Permission::{Admin, Approver, Commander, Operator, Responder};
    let all = [Responder, Operator, Approver, Commander, Admin];
    let permissions: [&[Permission]; 4] = [&all, &all, &[Responder, Operator], &[]];
    let person = |(name, permissions): (&str, &[Permission])| Person {
        name: PersonName::new(name),
        console: Some(name.to_owned()),
        os: None,
        discord: None,
        permissions: permissions.to_vec(),
    };
    People::from(PEOPLE.into_iter().zip(permissions).map(person).collect::<Vec<_>>())
}

/// The configuration that goes with it.
#[must_use]
pub fn setup(scenario: &Scenario) -> Setup {
    Setup {
        world: World::Real,
        people: people(),
        zone: scenario.zone,
        open_at: Severity::Sev2,
        limits: Limits::default(),
        services: vec![ServiceSetup { name: scenario.service(), format: Some(LogFormat::Combined) }],
        probes: Vec::new(),
        webhook: true,
        discord: false,
        rhythm: Rhythm::default(),
        fleet: scenario.fleet.clone(),
        hints: None,
        scenarios: Vec::new(),
    }
}
