//! `kill -9` in the middle of a rolling reboot: the plan goes on or says why not, no node is booted twice for one step,
//! none stays cordoned unsaid. The drill's world goes on where it stood, since it keeps a journal of what came to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use lifeboat::drill::journal::Journal;
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_deploy::simulated::{Scenario, Simulated};
use lifeboat_storage::event::Kind;
use lifeboat_storage::id::{ClusterName, Seq};
use lifeboat_storage::log::{EventLog, FileLog};
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::state::State;
use lifeboat_tests::process::Lifeboat;
use lifeboat_tests::tier::{Tier, require, tell};
use lifeboat_tests::traffic::seeded::Seeded;
use serde_json::Value;
use tokio::time::{Instant, interval, sleep_until};

use crate::drill::Drill;
use crate::site::alone;

const CLUSTER: &str = "k8s-main";
const SEED: &str = "7";
/// Simulated seconds in one of ours: a boot and its minute of calm pass in some seconds.
const SPEED: &str = "20";
/// How long a plan may take to come to its end, and a call to come to the world.
const PATIENCE: Duration = Duration::from_secs(240);

/// A folder in which a drill is played, killed and gone on with.
struct Played {
    lifeboat: Lifeboat,
}

impl Played {
    fn new() -> Self {
        let lifeboat = Lifeboat::prepare("").unwrap();
        let text = format!("data_dir = \"played/record\"\n\n[console]\nlisten = \"{}\"\n", lifeboat.listen());
        fs::write(lifeboat.folder().join("drill.toml"), text).unwrap();
        Self { lifeboat }
    }

    fn data(&self) -> PathBuf {
        self.lifeboat.folder().join("played")
    }

    fn start(&self) -> Drill {
        Drill::start(&self.lifeboat, Stdio::null(), &["--speed", SPEED, "--seed", SEED])
    }

    /// A command line, by the user of this machine.
    fn say(&self, words: &[&str]) {
        let said = self.says(words);
        assert!(said.status.success(), "{words:?}: {said:?}");
    }

    fn says(&self, words: &[&str]) -> Output {
        let words = [&["--config", "drill.toml"], words].concat();
        self.lifeboat.command(&words).output().unwrap()
    }

    /// Calls that came to the world and changed something, in order.
    fn calls(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.data().join("world.jsonl")).unwrap_or_default();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["call"] != "probe").collect()
    }

    fn state(&self) -> State {
        let log = FileLog::open_read_only(self.data().join("record/log")).unwrap();
        let mut state = State::new();
        for event in log.read_from(Seq(1)).unwrap() {
            state.apply(&event.unwrap());
        }
        state
    }

    fn plan(&self) -> Option<Run> {
        self.state().plans.into_values().next()
    }
}

/// Looks until it is so.
async fn until(what: &str, mut look: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    let mut pace = interval(Duration::from_millis(50));
    while !look() {
        pace.tick().await;
        assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kill_nine_a_rolling_reboot_goes_on_and_boots_no_node_twice() {
    if !require(Tier::Real, "") {
        return;
    }
    let _alone = alone().await;
    let kills = if Tier::asked() >= Tier::Deep { 15 } else { 4 };
    let played = Played::new();
    let mut drill = played.start();
    // In the first moment after the start no worker has been seen yet.
    let asks = ["node", "reboot", "worker-1,worker-2,worker-3", "rolling"];
    until("the workers are seen", || played.says(&asks).status.success()).await;
    played.say(&["plan", "approve"]);
    let mut dice = Seeded::new(9, 9);
    for _ in 0..kills {
        let more = played.calls().len() + 1 + usize::try_from(dice.below(3)).unwrap();
        let is_over = || played.plan().is_some_and(|run| run.standing != Standing::Running);
        until("another call comes to the world", || played.calls().len() >= more || is_over()).await;
        // Anywhere around the call: before its answer, before its end is recorded, or in the wait after it.
        sleep_until(Instant::now() + Duration::from_millis(dice.below(1_500))).await;
        drop(drill);
        drill = played.start();
    }
    let ended = |run: Run| !matches!(run.standing, Standing::Proposed | Standing::Running);
    until("the plan comes to its end or says why not", || played.plan().is_some_and(ended)).await;
    drop(drill);
    let run = played.plan().unwrap();
    check_boots(&played, &run);
    check_cordons(&played, &run);
    let verified = played.lifeboat.command(&["--config", "drill.toml", "verify"]).output().unwrap();
    assert!(verified.status.success(), "{verified:?}");
    tell(&format!(
        "drill killed {kills} times: {:?} {:?}, {} calls",
        run.standing,
        run.paused,
        played.calls().len()
    ));
}

/// For each step at most one boot, and a plan that says it is proven has booted each.
fn check_boots(played: &Played, run: &Run) {
    let mut boots: BTreeMap<String, u32> = BTreeMap::new();
    for call in played.calls().iter().filter(|call| call["call"] == "reboot") {
        let key = call["key"].as_str().unwrap();
        let (step, _attempt) = key.rsplit_once('-').unwrap();
        *boots.entry(step.to_owned()).or_default() += 1;
    }
    assert!(boots.values().all(|times| *times == 1), "a node was booted twice for one step: {boots:?}");
    if run.standing == Standing::Proven {
        assert_eq!(boots.len(), 3, "{boots:?}");
    }
}

/// The world, as its journal tells it: whoever takes no pods there is named in what people were told.
fn check_cordons(played: &Played, run: &Run) {
    let scene = Scenario::named("sold-out-morning").unwrap();
    let world = Journal::open(Simulated::new(&scene, SEED.parse().unwrap()), &played.data()).unwrap();
    let call = Call::Inventory { cluster: ClusterName::new(CLUSTER) };
    let Answer::Inventory(Outcome::Done(all)) = world.world().perform(call) else { panic!("an inventory") };
    let cordoned = all.workers().filter(|node| !node.schedulable).map(|node| node.name.clone());
    let log = FileLog::open_read_only(played.data().join("record/log")).unwrap();
    let told: Vec<_> = log
        .read_from(Seq(1))
        .unwrap()
        .filter_map(|event| match event.unwrap().kind {
            Kind::PlanEnded { left, .. } | Kind::PlanCancelled { left, .. } => Some(left.cordoned),
            _ => None,
        })
        .flatten()
        .collect();
    for node in cordoned {
        let open = run.is_open() && run.cordoned.contains(&node);
        assert!(open || told.contains(&node), "{node} stays cordoned and nobody was told");
    }
}
