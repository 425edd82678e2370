//! Somebody who knows nothing of the fleet and types what the page suggests, the first line first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;
use lifeboat::drill::headless::{Headless, Outcome};
use lifeboat_commands::suggest::{self, Sight};
use lifeboat_deploy::simulated::Scenario;
use lifeboat_storage::event::{Event, Kind, Status, Time};
use lifeboat_storage::log::MemoryLog;
use lifeboat_storage::plan::run::Standing;

use lifeboat_tests::tier::{Tier, require};

use super::story;

/// Time to read the page and to decide, in seconds.
const READS_S: i64 = 40;
/// What was tried is not tried again for so long.
const AGAIN: TimeDelta = TimeDelta::minutes(4);

struct Newcomer {
    drill: Headless,
    tried: BTreeMap<String, Time>,
}

/// Plays from the first trouble until so many minutes later, or until all is resolved.
fn newcomer(scenario: &str, seed: u64, minutes: i64) -> Headless {
    let mut scenario = Scenario::named(scenario).expect("a built-in scenario");
    scenario.ends_at = scenario.ends_at.min(scenario.trouble_at + TimeDelta::minutes(minutes));
    let (trouble_at, ends_at) = (scenario.trouble_at, scenario.ends_at);
    // The script names who may play.
    let script = "23:59 lin: /node list\n23:59 mei: /node list".parse().expect("a script");
    let drill = Headless::new(scenario, seed, script, Arc::new(MemoryLog::new()));
    let mut play = Newcomer { drill, tried: BTreeMap::new() };
    let resolved = |drill: &Headless| {
        let state = drill.engine().durable();
        state.open_incidents().all(|one| one.status >= Status::Resolved)
            && !state.plans.values().any(|run| run.is_open())
    };
    let mut taken = false;
    while play.drill.now().wall < ends_at && !(taken && resolved(&play.drill)) {
        play.drill.second();
        let since = (play.drill.now().wall - trouble_at).num_seconds();
        if since >= 0 && since % READS_S == 0 {
            play.acts();
            taken |= !play.tried.is_empty();
        }
    }
    play.drill
}

impl Newcomer {
    fn acts(&mut self) {
        match self.open_plan() {
            Some((plan, Standing::Proposed)) => {
                for person in ["lin", "mei"] {
                    self.drill.type_now(person, &format!("/plan approve {plan}"));
                }
            }
            _ => self.follows(),
        }
    }

    fn open_plan(&self) -> Option<(String, Standing)> {
        let plans = &self.drill.engine().durable().plans;
        plans.values().find(|run| run.is_open()).map(|run| (run.id.to_string(), run.standing))
    }

    /// The first suggested line that was not tried just now.
    fn follows(&mut self) {
        for line in self.suggested() {
            if !line.ends_with(' ') && self.tries(&line) {
                return;
            }
        }
    }

    fn suggested(&self) -> Vec<String> {
        let engine = self.drill.engine();
        let (fleet, facts) = engine.sight();
        let state = engine.durable();
        let zone = engine.setup().zone;
        let sight = Sight { state, fleet, facts, now: self.drill.now().wall, zone };
        let newest = state.open_incidents().last();
        newest
            .map(|incident| suggest::next(&sight, incident))
            .unwrap_or_default()
            .into_iter()
            .map(|one| one.line)
            .collect()
    }

    fn tries(&mut self, line: &str) -> bool {
        let now = self.drill.now().wall;
        if self.tried.get(line).is_some_and(|at| now - *at < AGAIN) {
            return false;
        }
        self.tried.insert(line.to_owned(), now);
        ["lin", "mei"].iter().any(|person| self.drill.type_now(person, line) == Outcome::Taken)
    }
}

/// Scenario, and within how many minutes of the first trouble users are well again.
const ROWS: [(&str, i64); 11] = [
    ("sold-out-morning", 30),
    ("zombie-nodes", 15),
    ("cordoned-entry", 5),
    ("dns-storm", 5),
    ("jammed-balancer", 5),
    ("heavy-neighbours", 20),
    ("first-workday", 30),
    ("new-year-cutover", 10),
    ("silent-agents", 20),
    ("bad-resolver-push", 35),
    ("greedy-job", 25),
];

#[test]
fn whoever_types_what_the_page_suggests_rescues_the_site_and_harms_nothing() {
    let rows = if Tier::asked() == Tier::Fast { &ROWS[..3] } else { &ROWS[..] };
    for (name, minutes) in rows {
        let drill = newcomer(name, 1, minutes + 12);
        let summary = drill.summary();
        assert!(summary.is_mitigated(), "{name}: {}", story(&drill));
        assert!(summary.ttm_s.is_some_and(|took| took <= minutes * 60), "{name}: {}", story(&drill));
        assert_eq!(
            (summary.wrong_moves, summary.healthy_pods_lost),
            (Vec::new(), 0),
            "{name}: {}",
            story(&drill)
        );
        assert_eq!(summary.invariants, "ok", "{name}");
        assert_eq!(called_too_few_by_a_plan(&drill), 0, "{name}: {}", story(&drill));
    }
}

/// However the morning falls out, also where plans fail on the way and have to be ended.
#[test]
fn whoever_types_what_the_page_suggests_rescues_any_sold_out_morning() {
    if !require(Tier::Real, "") {
        return;
    }
    for seed in [2, 3, 7, 502] {
        let drill = newcomer("sold-out-morning", seed, 60);
        let summary = drill.summary();
        assert!(summary.ttm_s.is_some_and(|took| took <= 50 * 60), "seed {seed}: {}", story(&drill));
        assert_eq!(summary.invariants, "ok", "seed {seed}");
        let left = summary.wrong_moves.iter().filter(|key| key.ends_with("-left-paused"));
        assert_eq!(left.count(), 0, "seed {seed}: {}", story(&drill));
    }
}

/// How often the nodes that a plan at work had taken away were called too few.
fn called_too_few_by_a_plan(drill: &Headless) -> usize {
    let mut at_work = BTreeSet::new();
    let mut events: Vec<&Arc<Event>> = drill.engine().shelf().newest().collect();
    events.reverse();
    let mut called = 0;
    for event in events {
        match &event.kind {
            Kind::PlanApproved { plan, .. } | Kind::PlanResumed { plan } => _ = at_work.insert(*plan),
            Kind::PlanPaused { plan, .. }
            | Kind::PlanCancelled { plan, .. }
            | Kind::PlanEnded { plan, .. } => {
                at_work.remove(plan);
            }
            Kind::Diagnosed { verdict, .. } if verdict == "too-few" => called += at_work.len(),
            _ => {}
        }
    }
    called
}
