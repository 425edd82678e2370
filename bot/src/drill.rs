//! `lifeboat drill` in its thinnest form: a built-in site writes a real nginx-format log and begins to fail.
//!
//! The site knows nothing of Lifeboat: it writes its log, and the real source reads it. Deterministic but for the
//! clock: which request fails is drawn from a seed.

pub mod autopilot;
pub mod clock;
pub mod eyes;
pub mod headless;
pub mod script;
pub mod stage;
pub mod summary;

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;
use lifeboat_storage::event::Time;
use tokio_util::sync::CancellationToken;

use crate::clock::wall;

/// Requests a second.
const RATE: u64 = 20;
/// How much quiet traffic is in the log when Lifeboat first opens it.
const QUIET: TimeDelta = TimeDelta::minutes(30);
/// The upstream dies so long after the start.
pub const FAILS_AFTER: Duration = Duration::from_secs(10);
/// It comes back so long after the start.
pub const RECOVERS_AFTER: Duration = Duration::from_secs(190);

/// A site that writes an access log.
#[derive(Debug)]
pub struct Site {
    log: PathBuf,
    seed: u64,
}

const PATHS: &[&str] = &[
    "/",
    "/archives",
    "/p/1042",
    "/p/877?from=feed",
    "/tag/rust",
    "/about",
    "/static/site.css",
    "/search?q=lifeboat",
];
const UPSTREAMS: &[&str] = &["10.0.0.11:8080", "10.0.0.12:8080"];

impl Site {
    /// A site that writes to `log`.
    #[must_use]
    pub fn new(log: PathBuf, seed: u64) -> Self {
        Self { log, seed }
    }

    /// Writes the quiet half hour before the start.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn write_history(&mut self) -> std::io::Result<()> {
        let end = wall();
        let mut text = Vec::new();
        let step = TimeDelta::milliseconds(500);
        let mut at = end - QUIET;
        while at < end {
            text.extend_from_slice(self.line(at, 0).as_bytes());
            at += step;
        }
        self.append(&text)
    }

    /// Serves until `stop`: well, then every second request fails, then well again.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub async fn serve(mut self, stop: CancellationToken) -> std::io::Result<()> {
        let began = tokio::time::Instant::now();
        let mut due = tokio::time::interval(Duration::from_millis(1_000 / RATE));
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = due.tick() => {}
            }
            let failing = (FAILS_AFTER..RECOVERS_AFTER).contains(&began.elapsed());
            let line = self.line(wall(), if failing { 50 } else { 0 });
            self.append(line.as_bytes())?;
        }
    }

    fn append(&self, bytes: &[u8]) -> std::io::Result<()> {
        OpenOptions::new().create(true).append(true).open(&self.log)?.write_all(bytes)
    }

    /// One line of nginx's combined format with the upstream behind it.
    fn line(&mut self, at: Time, failing_percent: u64) -> String {
        let client = format!("198.51.100.{}", self.draw(200) + 1);
        let path = PATHS[self.pick(PATHS.len())];
        let upstream = UPSTREAMS[self.pick(UPSTREAMS.len())];
        let (status, size) =
            if self.draw(100) < failing_percent { (502, 157) } else { (200, 900 + self.draw(9_000)) };
        let time = at.format("%d/%b/%Y:%H:%M:%S %z");
        format!(
            "{client} - - [{time}] \"GET {path} HTTP/1.1\" {status} {size} \"-\" \"Mozilla/5.0\" {upstream}\n"
        )
    }

    fn pick(&mut self, of: usize) -> usize {
        usize::try_from(self.draw(of as u64)).unwrap_or(0)
    }

    /// SplitMix64.
    fn draw(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below
    }
}
