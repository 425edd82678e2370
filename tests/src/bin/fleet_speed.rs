//! How fast a simulated day goes: `cargo run --release --bin fleet_speed [SCENARIO]`. World only, no engine.

use std::time::Instant;

use chrono::TimeDelta;
use lifeboat_deploy::simulated::{Scenario, Simulated};

fn main() {
    let name = std::env::args().nth(1).unwrap_or_else(|| "sold-out-morning".to_owned());
    let Some(scene) = Scenario::named(&name) else {
        println!("no scenario {name:?}; there are: {}", Scenario::names().join(", "));
        return;
    };
    let fleet = Simulated::new(&scene, 1);
    let began = Instant::now();
    let (mut lines, mut bytes, mut seen) = (0_usize, 0_usize, 0_usize);
    let end = scene.starts_at + TimeDelta::days(1);
    while fleet.now() < end {
        let happened = fleet.advance(fleet.now() + TimeDelta::seconds(1));
        lines += memchr_lines(&happened.log);
        bytes += happened.log.len();
        seen += happened.seen.len();
    }
    let took = began.elapsed();
    println!(
        "{name}: a day in {took:.2?}: {lines} lines, {} MB, {seen} facts and snapshots",
        bytes / 1_000_000
    );
}

fn memchr_lines(log: &[u8]) -> usize {
    log.iter().filter(|byte| **byte == b'\n').count()
}
