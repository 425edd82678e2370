//! From a command received to its acknowledgement leaving, while 10,000 alerts a minute come in: the real shell, the
//! real record on this disk. `cargo run --release -p lifeboat-tests --bin command_latency [SECONDS] [FOLDER]`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use lifeboat::clock::SystemClock;
use lifeboat::desk::{self, Desk};
use lifeboat::engine::effect::Answer;
use lifeboat::engine::input::Input;
use lifeboat::engine::{Engine, ProbeSetup};
use lifeboat::shell::Shell;
use lifeboat::shell::keeper::Keeper;
use lifeboat::shell::store;
use lifeboat::shell::writer::Writer;
use lifeboat_storage::event::{Origin, ProbeFailure};
use lifeboat_storage::id::{PersonName, ServiceName, SourceName};
use lifeboat_tests::world;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Alerts a minute.
const ALERTS: usize = 10_000;
/// Answers of a probe until it is an alert.
const ANSWERS: usize = 3;
/// How often somebody types a command.
const TYPED_EVERY: Duration = Duration::from_millis(25);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let seconds: u64 = words.next().map_or(Ok(60), |word| word.parse()).context("how many seconds")?;
    let own = tempfile::tempdir()?;
    let folder = words.next().map_or_else(|| own.path().to_owned(), PathBuf::from);
    let probes = ALERTS * usize::try_from(seconds)? / 60;
    let stop = CancellationToken::new();
    let (shell, desk) = shell(&folder, probes)?;
    let first = Input::Started { version: "bench".to_owned(), torn_bytes: 0 };
    let running = shell.run(first, stop.clone());
    let measured = async {
        let (alerts, times) =
            tokio::join!(alerts(&desk, probes), commands(&desk, Duration::from_secs(seconds)));
        alerts?;
        let fired = desk.look(|room| room.engine.durable().alerts.len()).await?;
        stop.cancel();
        times.map(|times| (fired, times))
    };
    let ((), measured) = tokio::join!(running, measured);
    let (fired, mut times) = measured?;
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 1_000];
    println!(
        "{fired} alerts in {seconds} s; {} commands: p50 {:?}  p99 {:?}  max {:?}",
        times.len(),
        at(500),
        at(990),
        at(1_000)
    );
    Ok(())
}

/// As `lifeboat run` would: a record on the disk, one thread that appends and one that keeps, and these probes.
fn shell(folder: &std::path::Path, probes: usize) -> anyhow::Result<(Shell, Desk)> {
    let opened = store::open(folder)?;
    let mut setup = world::setup(false);
    let service = || ServiceName::new(world::SERVICE);
    let probe = |number| ProbeSetup { name: name(number), service: service() };
    setup.probes = (0..probes).map(probe).collect();
    let engine = Engine::new(setup, opened.state, opened.shelf, None);
    let writer = Writer::start(Arc::clone(&opened.log))?;
    let keeper = Keeper::start(store::checkpoint_file(folder), opened.views)?;
    let (senders, _) = mpsc::channel(1);
    Ok(Shell::new(engine, opened.log, Arc::new(SystemClock::default()), writer, keeper, senders))
}

fn name(number: usize) -> SourceName {
    SourceName::new(format!("probe-{number}"))
}

/// Each probe fails until it is an alert, all of them evenly over the time.
async fn alerts(desk: &Desk, probes: usize) -> anyhow::Result<()> {
    let mut pace = interval(Duration::from_secs(60) / u32::try_from(ALERTS)?);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for number in 0..probes {
        pace.tick().await;
        for _ in 0..ANSWERS {
            let outcome = Err(ProbeFailure::TimedOut { after_ms: 5_000 });
            desk.tell(Input::Probe { source: name(number), outcome }).await?;
        }
    }
    Ok(())
}

/// Somebody types notes; how long each took until it was acknowledged.
async fn commands(desk: &Desk, span: Duration) -> anyhow::Result<Vec<Duration>> {
    let began = Instant::now();
    let mut pace = interval(TYPED_EVERY);
    let mut times = Vec::new();
    while began.elapsed() < span {
        pace.tick().await;
        let speaker = desk::speaker(Some(PersonName::new("mei")), "mei", Origin::Console);
        let line = format!("/incident note incident:INC-0001 text:\"note {}\"", times.len());
        let asked = Instant::now();
        let answer = desk.command(line, None, speaker).await?;
        if matches!(answer, Answer::Done(_)) {
            times.push(asked.elapsed());
        }
    }
    anyhow::ensure!(!times.is_empty(), "no command was acknowledged");
    Ok(times)
}
