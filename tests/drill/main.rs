//! Drills through the whole engine, without a console: scripts are played, and what came of the site is compared.

mod audit;
mod newcomer;
mod others;
mod sold_out;
mod stories;

use std::sync::Arc;

use lifeboat::drill::headless::{Headless, Outcome};
use lifeboat_deploy::simulated::Scenario;
use lifeboat_storage::log::MemoryLog;

/// A drill that is about to begin.
fn drill(scenario: &str, seed: u64, script: &str) -> Headless {
    let scenario = Scenario::named(scenario).expect("a built-in scenario");
    let script = script.parse().unwrap_or_else(|error| panic!("{error}"));
    Headless::new(scenario, seed, script, Arc::new(MemoryLog::new()))
}

/// The same, played to the end of the scenario.
fn played(scenario: &str, seed: u64, script: &str) -> Headless {
    let mut drill = drill(scenario, seed, script);
    drill.play();
    drill
}

/// The same, played until a time of the day of play, local: `10:15`.
fn played_until(clock: &str, scenario: &str, seed: u64, script: &str) -> Headless {
    let mut drill = drill(scenario, seed, script);
    let zone = drill.engine().setup().zone;
    let clock = chrono::NaiveTime::parse_from_str(clock, "%H:%M").expect("a time as HH:MM");
    while drill.now().wall.with_timezone(&zone).time() < clock {
        drill.second();
    }
    drill
}

/// Lines that were refused, with the key of the refusal.
fn refused(drill: &Headless) -> Vec<(&str, &str)> {
    let refused = drill.played.iter().filter_map(|played| match &played.outcome {
        Outcome::Refused(why) => Some((played.line.typed.as_str(), why.as_str())),
        _ => None,
    });
    refused.collect()
}

/// Every line that was due, as it would be read in a report: for messages of tests.
fn story(drill: &Headless) -> String {
    let zone = drill.engine().setup().zone;
    let line = |played: &lifeboat::drill::headless::Played| {
        let at = played.at.with_timezone(&zone).format("%H:%M:%S");
        format!("{at} {}: {} {:?}", played.line.person, played.line.typed, played.outcome)
    };
    let mut lines: Vec<String> = drill.played.iter().map(line).collect();
    lines.extend(drill.not_played().iter().map(|line| format!("never: {line:?}")));
    lines.push(serde_json::to_string(&drill.summary()).expect("plain data"));
    lines.join("\n")
}
