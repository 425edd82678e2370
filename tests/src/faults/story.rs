//! What happens when, and who does what about it: drawn from the seed before anything is played.

use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::state::State;

use super::stage::{PEOPLE, WORKERS};
use crate::traffic::seeded::Seeded;

/// How long things happen; then everything works again and nobody does anything more.
pub const STORY_MS: u64 = 20 * 60_000;

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A person types a line.
    Type(&'static str, String),
    /// Lifeboat is killed.
    Kill,
    /// Lifeboat is killed in the middle of the next flush.
    KillInFlush,
    /// Lifeboat is killed between two effects, so many effects from now.
    KillBetween(u32),
    /// The wall clock is set by so many seconds.
    SetClock(i64),
    /// The disk has room for so many bytes, for so many milliseconds.
    FillDisk(u64, u64),
    /// The next so many flushes, or writes, fail.
    FailDisk(u32, u32),
    /// The chat is down for so many milliseconds.
    ChatDown(u64),
    /// For so many milliseconds so many of a thousand calls go wrong.
    Trouble(u64, u32),
    /// Somebody else cordons a node by hand, or lets it take pods again.
    Colleague(&'static str, bool),
    /// Somebody else moves all traffic by hand.
    ColleagueMoves(u8),
}

/// A story before it is played.
#[derive(Clone, Debug)]
pub struct Story {
    /// What happens, by millisecond.
    pub acts: Vec<(u64, Act)>,
    /// How often the engine is told that time passes, in milliseconds.
    pub tick_ms: u64,
    /// How often calls and messages go wrong all the time.
    pub trouble: f64,
    /// Whether clusters tell their changes as they come, besides being read.
    pub streams: bool,
}

impl Story {
    /// The story of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut dice = Seeded::new(seed, 21);
        let mut acts = Vec::new();
        commands(&mut acts, &mut dice);
        faults(&mut acts, &mut dice);
        acts.sort_by_key(|(at, _)| *at);
        let tick_ms = [300, 500, 1_000][pick(&mut dice, 3)];
        let trouble = [0.0, 0.03, 0.1, 0.25][pick(&mut dice, 4)];
        Self { acts, tick_ms, trouble, streams: dice.chance(0.6) }
    }
}

fn pick(dice: &mut Seeded, count: usize) -> usize {
    usize::try_from(dice.below(count as u64)).unwrap_or(0)
}

fn one_of<T: Clone>(dice: &mut Seeded, all: &[T]) -> T {
    all[pick(dice, all.len())].clone()
}

fn any_time(dice: &mut Seeded) -> u64 {
    10_000 + dice.below(STORY_MS - 60_000)
}

fn commands(acts: &mut Vec<(u64, Act)>, dice: &mut Seeded) {
    for _ in 0..6 + dice.below(12) {
        let person = one_of(dice, &["mei", "mei", "mei", "lin", "lin", "wang", "guest"]);
        acts.push((any_time(dice), Act::Type(person, request(dice))));
    }
    if dice.chance(0.3) {
        let (at, reason) = (any_time(dice), "reason:\"nobody touches it\"");
        let freeze = format!("/cluster freeze cluster:main {reason}");
        acts.push((at, Act::Type("lin", freeze)));
        let again = at + 20_000 + dice.below(200_000);
        acts.push((again, Act::Type("mei", "/cluster unfreeze cluster:main".to_owned())));
    }
}

/// A line that asks for a plan.
fn request(dice: &mut Seeded) -> String {
    let node = one_of(dice, &WORKERS);
    let other = one_of(dice, &["worker-2", "worker-3", "worker-6", "worker-8", "worker-4"]);
    let mode = one_of(dice, &["canary", "rolling", "rolling", "emergency"]);
    let targets =
        [node.to_owned(), node.to_owned(), format!("{node},{other}"), "all".to_owned(), "failing".to_owned()];
    let target = one_of(dice, &targets);
    match dice.below(14) {
        0..=6 => format!("/node reboot target:{target} mode:{mode}"),
        7 | 8 => format!("/node add count:{} pool:workers", 1 + dice.below(3)),
        9 => format!("/node {} target:{node}", one_of(dice, &["cordon", "uncordon", "drain"])),
        10 => format!("/node remove target:{node}"),
        11 => format!("/node move target:{node} to-cluster:standby"),
        _ => {
            let to = one_of(dice, &["standby", "standby", "main"]);
            format!("/cluster swap to:{to} mode:{}", one_of(dice, &["at-once", "stepwise"]))
        }
    }
}

fn faults(acts: &mut Vec<(u64, Act)>, dice: &mut Seeded) {
    let mut some = |most: u64, dice: &mut Seeded, act: fn(&mut Seeded) -> Act| {
        for _ in 0..dice.below(most + 1) {
            acts.push((any_time(dice), act(dice)));
        }
    };
    some(1, dice, |_| Act::Kill);
    some(2, dice, |_| Act::KillInFlush);
    some(3, dice, |dice| Act::KillBetween(1 + u32::try_from(dice.below(60)).unwrap_or(0)));
    some(2, dice, |dice| {
        let by = i64::try_from(3 + dice.below(7_200)).unwrap_or(0);
        Act::SetClock(if dice.chance(0.5) { by } else { -by })
    });
    some(1, dice, |dice| Act::FillDisk(dice.below(40_000), 5_000 + dice.below(300_000)));
    some(1, dice, |dice| Act::FailDisk(u32::from(dice.chance(0.6)), u32::from(dice.chance(0.6))));
    some(1, dice, |dice| Act::ChatDown(60_000 + dice.below(3_600_000)));
    some(2, dice, |dice| {
        Act::Trouble(10_000 + dice.below(240_000), 200 + u32::try_from(dice.below(800)).unwrap_or(0))
    });
    some(2, dice, |dice| Act::Colleague(one_of(dice, &WORKERS), dice.chance(0.3)));
    some(1, dice, |dice| Act::ColleagueMoves(one_of(dice, &[0, 50, 100])));
}

/// What people do about the plans they see, a few seconds apart.
#[must_use]
pub fn reacts(state: &State, dice: &mut Seeded) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    for run in state.plans.values().filter(|run| run.is_open()) {
        if let Some(words) = reaction(run, dice) {
            lines.push((one_of(dice, &PEOPLE), format!("/plan {words}")));
        }
    }
    if let Some(incident) = state.open_incidents().next()
        && dice.chance(0.02)
    {
        let word = one_of(dice, &["ack", "mitigate", "resolve"]);
        lines.push((one_of(dice, &["mei", "lin"]), format!("/incident {word} incident:{}", incident.id)));
    }
    lines
}

fn reaction(run: &Run, dice: &mut Seeded) -> Option<String> {
    let id = run.id;
    let hash: String = run.hash.chars().take(8).collect();
    let chance = dice.unit();
    Some(match run.standing {
        Standing::Proposed if chance < 0.25 => format!("approve plan:{id} hash:{hash}"),
        Standing::Proposed if chance < 0.27 => format!("approve plan:{id} hash:00000000"),
        Standing::Proposed if chance < 0.28 => format!("reject plan:{id}"),
        Standing::Running if chance < 0.004 => format!("pause plan:{id}"),
        Standing::Running if chance < 0.006 => format!("cancel plan:{id}"),
        Standing::Paused if chance < 0.12 => format!("resume plan:{id}"),
        Standing::Paused if chance < 0.135 => format!("cancel plan:{id}"),
        _ => return None,
    })
}
