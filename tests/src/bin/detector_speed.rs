//! Prints what a line costs the detectors, in nanoseconds: `cargo run --release -p lifeboat-tests --bin detector_speed`.

use std::hint::black_box;
use std::time::Instant;

use lifeboat::detect::{Finding, Limits, Watch};
use lifeboat::source::request::Request;

const LINES: i64 = 5_000_000;
const START_MS: i64 = 1_772_409_600_000;

/// The lines of one log, made before the clock runs.
struct Log {
    clients: Vec<String>,
    targets: Vec<String>,
    lines: Vec<String>,
}

#[expect(clippy::cast_precision_loss, reason = "nanoseconds")]
fn main() {
    let log = Log {
        clients: (0..5000).map(|i| format!("203.0.{}.{}", i / 250, i % 250)).collect(),
        targets: (0..997).map(|i| format!("/shop/category-{}/item-{i}?page=2&ref=abc", i % 31)).collect(),
        lines: (0..997).map(|i| format!("203.0.113.9 - - [02/Mar/2026:00:00:00 +0000] \"GET /shop/item-{i}?page=2&ref=abc HTTP/1.1\" 502 166 \"https://example.test/\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\"")).collect(),
    };
    let begin = Instant::now();
    let made = (0..LINES).fold(0, |sum, i| sum + black_box(log.request(i, false)).client.len());
    println!("making a line: {:.1} ns ({made} bytes)", begin.elapsed().as_nanos() as f64 / LINES as f64);
    let good = best("good lines only", &log, |_| false);
    let mixed = best("7 % of them 502, in one outage", &log, |i| i % 100 < 7 && i > 100_000);
    println!("a failed line of an open outage: {:.0} ns", (mixed - good * 0.93) / 0.07);
    let background = best("1 % of them 502, every day", &log, |i| i % 100 == 0);
    println!("a failed line of every day: {:.0} ns", (background - good * 0.99) / 0.01);
}

/// The best of five runs, in nanoseconds a line.
#[expect(clippy::cast_precision_loss, reason = "nanoseconds")]
fn best(name: &str, log: &Log, fails: impl Fn(i64) -> bool) -> f64 {
    let mut best = f64::MAX;
    let mut found = 0;
    for _ in 0..5 {
        let begin = Instant::now();
        found = black_box(watch_log(log, &fails)).len();
        best = best.min(begin.elapsed().as_nanos() as f64 / LINES as f64);
    }
    println!("{name}: {best:.1} ns a line, {found} findings");
    best
}

impl Log {
    /// 115 lines a second, as the 2.5 GB log has.
    fn request(&self, i: i64, fails: bool) -> Request<'_> {
        let text = usize::try_from(i % 997).unwrap_or(0);
        Request {
            at: Some(START_MS + i / 115 * 1000),
            status: if fails { 502 } else { 200 },
            client: self.clients[usize::try_from(i * 7 % 5000).unwrap_or(0)].as_bytes(),
            target: self.targets[text].as_bytes(),
            line: self.lines[text].as_bytes(),
            ..Request::default()
        }
    }
}

fn watch_log(log: &Log, fails: impl Fn(i64) -> bool) -> Vec<Finding> {
    let (mut watch, mut out) = (Watch::new(Limits::default()), Vec::new());
    for i in 0..LINES {
        let request = log.request(i, fails(i));
        watch.observe("shop", &request, request.at.unwrap_or(0), &mut out);
    }
    out
}
