//! From the deciding line to the decision: how long the engine takes, line by line, until it asks for the alert to
//! be written. `cargo run --release -p lifeboat-tests --bin decision_latency`

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use lifeboat::engine::effect::Effect;
use lifeboat::engine::input::{Input, Lines};
use lifeboat_storage::event::Kind;
use lifeboat_storage::id::{ServiceName, SourceName};
use lifeboat_tests::world::World;

/// How many services have an outage, one after the other; the detectors keep 200 apart.
const SERVICES: usize = 190;

fn main() {
    let mut world = World::quiet();
    let mut decisions: Vec<Duration> = Vec::new();
    let mut lines: Vec<Duration> = Vec::new();
    for service in 0..SERVICES {
        let name = format!("service-{service}");
        for _ in 0..600 {
            feed(&mut world, &name, 200, &mut lines, &mut decisions);
        }
        let told = decisions.len();
        for _ in 0..60 {
            if decisions.len() > told {
                break;
            }
            feed(&mut world, &name, 502, &mut lines, &mut decisions);
        }
    }
    println!("lines      {:>7}  {}", lines.len(), quantiles(&mut lines));
    println!("decisions  {:>7}  {}", decisions.len(), quantiles(&mut decisions));
}

/// One line as the reader hands it over; how long until the engine's answer, and whether it is an alert.
fn feed(
    world: &mut World,
    service: &str,
    status: u16,
    lines: &mut Vec<Duration>,
    decisions: &mut Vec<Duration>,
) {
    world.now.wall += TimeDelta::milliseconds(50);
    world.now.mono_ms += 50;
    let time = world.now.wall.format("%d/%b/%Y:%H:%M:%S %z");
    let client = lines.len() % 250;
    let text = format!(
        "198.51.100.{client} - - [{time}] \"GET /p/1 HTTP/1.1\" {status} 1 \"-\" \"agent\" 10.0.0.1:80\n"
    );
    let input = Input::Lines(Lines {
        source: SourceName::new(service),
        service: ServiceName::new(service),
        bytes: text.into_bytes(),
        history: false,
        position: None,
        behind: 0,
    });
    let began = Instant::now();
    let effects = world.engine.handle(input, world.now);
    let took = began.elapsed();
    let raised = |kind: &Kind| matches!(kind, Kind::AlertRaised { .. });
    let alert = effects.iter().any(|effect| match effect {
        Effect::Append { events, .. } => events.iter().any(|event| raised(&event.kind)),
        _ => false,
    });
    if alert {
        decisions.push(took)
    } else {
        lines.push(took)
    }
    world.carry_out(effects);
}

fn quantiles(times: &mut [Duration]) -> String {
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 1_000).copied().unwrap_or_default();
    format!("p50 {:?}  p99 {:?}  max {:?}", at(500), at(990), times.last().copied().unwrap_or_default())
}
