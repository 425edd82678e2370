//! Prints how well the detectors judge labelled traffic, as a table for `docs/detectors.md`.
//!
//! `cargo run --release -p lifeboat-tests --bin labelled_traffic`; `LIFEBOAT_SEEDS` sets the number of seeds (200):
//! each plays every world with both backgrounds, and one of the four kinds of outage (none is one) in turn.

use std::process::ExitCode;
use std::thread;

use lifeboat_tests::traffic::{Background, Score, Trouble, World, make, score};

/// All scores of one world, background and trouble.
struct Row {
    world: World,
    background: Background,
    trouble: Trouble,
    scores: Vec<Score>,
}

fn main() -> ExitCode {
    let seeds = std::env::var("LIFEBOAT_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let rows = all_rows(seeds);
    println!("{seeds} seeds, a quarter of them in each row\n");
    println!(
        "| world | background | outage | false alarms | alerts | minutes to find | missed | below the line | of these missed | median to detect, s | worst, s |"
    );
    println!("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for row in &rows {
        row.print();
    }
    print_sum(&rows)
}

/// Half of the rows on each of two threads.
fn all_rows(seeds: u64) -> Vec<Row> {
    let mut asked = Vec::new();
    for world in World::ALL {
        for background in Background::ALL {
            asked.extend(Trouble::ALL.map(|trouble| (world, background, trouble)));
        }
    }
    let run = |asked: Vec<_>| -> Vec<Row> {
        asked.into_iter().map(|(world, background, trouble)| row(world, background, trouble, seeds)).collect()
    };
    let (even, odd): (Vec<_>, Vec<_>) = asked.into_iter().enumerate().partition(|(i, _)| i % 2 == 0);
    let only = |half: Vec<(usize, _)>| half.into_iter().map(|(_, asked)| asked).collect::<Vec<_>>();
    let (even, odd) = (only(even), only(odd));
    let mut rows = thread::scope(|scope| {
        let other = scope.spawn(|| run(odd));
        let mut rows = run(even);
        rows.extend(other.join().unwrap_or_default());
        rows
    });
    rows.sort_by_key(|row| (row.world, row.background, row.trouble));
    rows
}

fn row(world: World, background: Background, trouble: Trouble, seeds: u64) -> Row {
    let mine = |seed: &u64| seed % 4 == trouble as u64;
    let scores = (0..seeds).filter(mine).map(|seed| score(&make(world, background, trouble, seed))).collect();
    Row { world, background, trouble, scores }
}

impl Row {
    fn sum(&self, of: impl Fn(&Score) -> u64) -> u64 {
        self.scores.iter().map(of).sum()
    }

    #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
    fn print(&self) {
        let mut times: Vec<_> = self.scores.iter().filter_map(|score| score.to_detect_ms).collect();
        times.sort_unstable();
        let shown = |ms: Option<&i64>| ms.map_or("-".to_owned(), |ms| format!("{:.1}", *ms as f64 / 1000.0));
        let (median, worst) = (times.get(times.len() / 2), times.last());
        println!(
            "| {:?} | {} % | {:?} | {} | {} | {} | {} | {} | {} | {} | {} |",
            self.world,
            self.background.share() * 100.0,
            self.trouble,
            self.sum(|score| score.false_alarms.len() as u64),
            self.sum(|score| score.opened),
            self.sum(|score| score.to_find),
            self.sum(|score| score.missed),
            self.sum(|score| score.below),
            self.sum(|score| score.below_missed),
            shown(median),
            shown(worst),
        );
    }
}

fn print_sum(rows: &[Row]) -> ExitCode {
    let sum = |of: &dyn Fn(&Score) -> u64| rows.iter().map(|row| row.sum(of)).sum::<u64>();
    let false_alarms = sum(&|score| score.false_alarms.len() as u64);
    let missed = sum(&|score| score.missed);
    println!("\nfalse alarms {false_alarms}; to find {}, missed {missed}", sum(&|score| score.to_find));
    println!("below the line {}, missed {}", sum(&|score| score.below), sum(&|score| score.below_missed));
    let alarms = rows.iter().flat_map(|row| &row.scores).flat_map(|score| &score.false_alarms);
    alarms.take(5).for_each(|alarm| eprintln!("{alarm}"));
    if false_alarms + missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
