//! Many seeds.

use std::env;
use std::sync::atomic::{AtomicU64, Ordering};

use lifeboat_tests::faults::play::{Ending, Tally, play};
use lifeboat_tests::tier::{Tier, tell};

/// Threads that play: more do not help on the machines that test us.
const THREADS: usize = 2;

/// Seeds that once broke an invariant, beyond those of every day: a message under way behind another's receipt came
/// again unmarked, a receipt was lost with a failed append, a refusal after silence was taken for the whole answer.
const FAILED_ONCE: [u64; 10] = [116, 293, 617, 1_009, 1_129, 1_392, 1_398, 1_510, 1_547, 1_709];

/// How many seeds a tier plays.
fn count() -> u64 {
    match Tier::asked() {
        Tier::Fast => 30,
        Tier::Real => 100,
        Tier::Deep => 2_000,
    }
}

/// How to play a seed again, and what happened last in it.
fn failure(seed: u64, ending: &Ending) -> String {
    let last = ending.told.iter().rev().take(60).rev().cloned().collect::<Vec<_>>().join("\n");
    format!(
        "seed {seed}: {:#?}\nplay it again: LIFEBOAT_SEED={seed} cargo test -p lifeboat-tests --test faults a_seed\n\
         what happened last:\n{last}",
        ending.complaints
    )
}

#[test]
fn a_seed_of_ones_own_choice_is_told() {
    let Ok(seed) = env::var("LIFEBOAT_SEED") else { return };
    let seed = seed.parse().expect("LIFEBOAT_SEED is a number");
    let ending = play(seed, None);
    ending.told.iter().for_each(|line| tell(line));
    tell(&format!("seed {seed}: {:?}", ending.seen));
    assert_eq!(ending.complaints, [""; 0]);
}

#[test]
fn seeds_that_once_failed_stay_well() {
    for seed in FAILED_ONCE {
        let ending = play(seed, None);
        assert!(ending.complaints.is_empty(), "{}", failure(seed, &ending));
    }
}

#[test]
fn no_seed_breaks_an_invariant() {
    let next = AtomicU64::new(1);
    let one = || {
        let (mut seen, mut failed) = (Vec::new(), Vec::new());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > count() {
                return (seen, failed);
            }
            let ending = play(seed, None);
            seen.push(ending.seen);
            if let Some(first) = ending.complaints.first() {
                tell(&format!("seed {seed} failed: {first}"));
                failed.push(failure(seed, &ending));
            }
        }
    };
    let played: Vec<(Vec<Tally>, Vec<String>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a story was played to its end")).collect()
    });
    let (seen, failed): (Vec<_>, Vec<_>) = played.into_iter().unzip();
    let (seen, failed) = (seen.concat(), failed.concat());
    assert!(failed.is_empty(), "{} seeds failed\n{}", failed.len(), failed[0]);
    let sum = |of: fn(&Tally) -> u32| seen.iter().map(|one| u64::from(of(one))).sum::<u64>();
    tell(&format!(
        "{} seeds: {} starts, {} torn, {} failed appends, {} events, {} plans, {} proven, {} pauses, {} boots, {} messages",
        seen.len(),
        sum(|one| one.starts),
        sum(|one| one.torn),
        sum(|one| one.failed_appends),
        sum(|one| one.events),
        sum(|one| one.plans),
        sum(|one| one.proven),
        sum(|one| one.paused),
        sum(|one| one.boots),
        sum(|one| one.messages),
    ));
    let seeds = seen.len() as u64;
    assert!(sum(|one| one.starts) > 2 * seeds, "Lifeboat is killed and started again");
    assert!(sum(|one| one.torn) > 0, "a flush is torn");
    assert!(sum(|one| one.failed_appends) > 0, "an append fails");
    assert!(sum(|one| one.plans) > 2 * seeds && sum(|one| one.proven) > seeds / 2, "plans come to their end");
    assert!(sum(|one| one.paused) > seeds / 2 && sum(|one| one.boots) > seeds / 2, "and not all go well");
    assert!(sum(|one| one.messages) > seeds, "people hear of it");
}

#[test]
fn the_same_seed_is_the_same_story() {
    for seed in [1, 2, 3] {
        assert_eq!(play(seed, None), play(seed, None), "seed {seed}");
    }
    assert_ne!(play(1, None).head, play(2, None).head);
}
