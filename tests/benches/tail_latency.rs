//! How long a line takes from the write to the event of the live reader.
//!
//! `cargo bench -p lifeboat-tests --bench tail_latency`: 2,000 lines, one every 1 to 3 ms, into one of 20 followed files.

use std::fs::File;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use lifeboat::source::tail::{Tail, TailEvent};

const LINES: u64 = 2_000;
const FILES: u64 = 20;
/// Under this, the log is not what makes an alert late.
const ALLOWED: Duration = Duration::from_millis(2);

fn main() -> ExitCode {
    match measure() {
        Ok(p99) if p99 <= ALLOWED => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("failed to measure: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> io::Result<Duration> {
    let directory = tempfile::tempdir()?;
    let path = |number: u64| directory.path().join(format!("{number}.log"));
    let mut files = (0..FILES).map(|number| File::create(path(number))).collect::<io::Result<Vec<_>>>()?;
    let pattern = directory.path().join("*.log").to_string_lossy().into_owned();
    let (tail, mut events) = Tail::start(&[pattern], Vec::new()).map_err(io::Error::other)?;
    let mut seen = 0;
    while seen < FILES {
        seen += u64::from(matches!(events.blocking_recv(), Some(TailEvent::Seen { position: Some(_), .. })));
    }
    let (mut latencies, mut floor) = (Vec::new(), Vec::new());
    let echo = Echo::start()?;
    for number in 0..LINES {
        std::thread::sleep(Duration::from_micros(1000 + number * 7919 % 2000));
        let written = Instant::now();
        files[(number % FILES) as usize].write_all(format!("line {number}\n").as_bytes())?;
        while !matches!(events.blocking_recv(), Some(TailEvent::Lines { .. })) {}
        latencies.push(written.elapsed());
        floor.push(echo.there_and_back()?);
    }
    drop(events);
    tail.stop();
    println!("{LINES} lines, {FILES} files");
    tell("two wake-ups of threads", &mut floor);
    Ok(tell("write to event", &mut latencies))
}

/// Prints the quantiles; returns the 99th percentile.
fn tell(what: &str, latencies: &mut [Duration]) -> Duration {
    latencies.sort();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    println!("{what}: p50 {:.2?}, p99 {:.2?}, max {:.2?}", at(0.5), at(0.99), at(1.0));
    at(0.99)
}

/// What the machine itself takes to wake a thread and be woken by it: the floor of the figure above it.
struct Echo {
    there: mpsc::Sender<()>,
    back: mpsc::Receiver<()>,
}

impl Echo {
    fn start() -> io::Result<Self> {
        let (there, hears) = mpsc::channel();
        let (answers, back) = mpsc::channel();
        let body = move || while hears.recv().is_ok() && answers.send(()).is_ok() {};
        std::thread::Builder::new().spawn(body)?;
        Ok(Self { there, back })
    }

    fn there_and_back(&self) -> io::Result<Duration> {
        let asked = Instant::now();
        self.there.send(()).map_err(io::Error::other)?;
        self.back.recv().map_err(io::Error::other)?;
        Ok(asked.elapsed())
    }
}
