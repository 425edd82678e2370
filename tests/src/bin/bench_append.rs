//! Durable appends against a bare loop of write and `fdatasync` of the same bytes, on the same disk, in one run.
//!
//! ```text
//! bench_append DIR [N]           N one by one, 64 N by 64 threads, 64 N by 64 writers of one task, in turns, ratios
//! bench_append DIR N log-each    only the log, one by one: for strace -c -f -e trace=fdatasync
//! bench_append DIR N log-group   only the log, 64 writers: the same
//! ```

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use lifeboat::engine::input::Appended;
use lifeboat::shell::writer::Writer;
use lifeboat_storage::event::{Actor, Kind, Origin, Time};
use lifeboat_storage::format::{Draft, parse_line};
use lifeboat_storage::id::{IncidentId, Seq, World};
use lifeboat_storage::log::{EventLog, FileLog};

const WRITERS: usize = 64;
const SLICES: usize = 20;

type Run = fn(&Arc<FileLog>, usize, usize) -> Result<Duration>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let dir = PathBuf::from(arguments.first().context("usage: bench_append DIR [N] [log-each|log-group]")?);
    let events: usize = arguments.get(1).map_or(Ok(4096), |n| n.parse())?;
    match arguments.get(2).map(String::as_str) {
        None => compare(&dir, events),
        Some("log-each") => log_only(&dir, events, 1),
        Some("log-group") => log_only(&dir, events, WRITERS),
        Some(other) => bail!("unknown mode {other}: log-each or log-group"),
    }
}

/// Log and bare loop take turns in short slices, so that whatever else the machine does hits both alike.
fn compare(dir: &Path, events: usize) -> Result<()> {
    // Groups are quick, and what 64 threads cost to begin and to end must not count: N events for each of them.
    let rows: [(&str, usize, usize, Run); 3] = [
        ("one by one", 1, events, run_log),
        ("64 threads", WRITERS, events * WRITERS, run_log),
        ("64 writers of one task, as Lifeboat appends", WRITERS, events * WRITERS, run_task),
    ];
    for (name, writers, events, run) in rows {
        let place = fresh(dir, "compare")?;
        let log = Arc::new(FileLog::open(&place)?);
        let mut bare = OpenOptions::new().append(true).create_new(true).open(place.join("bare"))?;
        let (slice, mut ratios, mut sum) = (events / SLICES, Vec::new(), [Duration::ZERO; 2]);
        for turn in 0..SLICES {
            let took = run(&log, slice, writers)?;
            let bare_took = run_bare(&mut bare, &lines(&place)?[turn * slice..], writers)?;
            sum = [sum[0] + took, sum[1] + bare_took];
            ratios.push(bare_took.as_secs_f64() / took.as_secs_f64());
        }
        ratios.sort_by(f64::total_cmp);
        println!(
            "{name}: log {:.0}/s in {} groups, bare loop {:.0}/s in {} groups, ratio of the sums {:.2}, of a slice {:.2} (median; {:.2} to {:.2})",
            rate(slice * SLICES, sum[0]),
            groups(&lines(&place)?)?,
            rate(slice * SLICES, sum[1]),
            SLICES * slice.div_ceil(writers),
            sum[1].as_secs_f64() / sum[0].as_secs_f64(),
            ratios[SLICES / 2],
            ratios[0],
            ratios[SLICES - 1],
        );
        std::fs::remove_dir_all(&place)?;
    }
    Ok(())
}

fn log_only(dir: &Path, events: usize, writers: usize) -> Result<()> {
    let place = fresh(dir, "strace")?;
    run_log(&Arc::new(FileLog::open(&place)?), events, writers)?;
    println!("{events} events acknowledged in {} groups", groups(&lines(&place)?)?);
    std::fs::remove_dir_all(&place)?;
    Ok(())
}

fn fresh(dir: &Path, name: &str) -> Result<PathBuf> {
    let place = dir.join(format!("bench-append-{name}"));
    if place.exists() {
        std::fs::remove_dir_all(&place)?;
    }
    std::fs::create_dir_all(&place)?;
    Ok(place)
}

/// As many events as asked, shared out evenly. Measured from the moment all writers are ready.
fn run_log(log: &Arc<FileLog>, events: usize, writers: usize) -> Result<Duration> {
    let ready = Barrier::new(writers + 1);
    std::thread::scope(|scope| {
        let writer = |writer: usize| {
            let ready = &ready;
            move || -> Result<()> {
                ready.wait();
                for n in (writer..events).step_by(writers) {
                    log.append_drafts(vec![draft(n)])?;
                }
                Ok(())
            }
        };
        let threads: Vec<_> = (0..writers).map(|number| scope.spawn(writer(number))).collect();
        ready.wait();
        let begin = Instant::now();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a writer does not panic"))?;
        Ok(begin.elapsed())
    })
}

/// The same through the thread that writes for Lifeboat: each writer has one append under way, and hands in its next
/// when that one is durable.
fn run_task(log: &Arc<FileLog>, events: usize, writers: usize) -> Result<Duration> {
    let mut writer = Writer::start(Arc::clone(log) as Arc<dyn EventLog>)?;
    let mut seq = log.head().0;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let begin = Instant::now();
        let (mut asked, mut durable) = (0, 0);
        while durable < events {
            while asked < events && asked - durable < writers {
                seq = seq.next();
                let refused = writer.append(seq.0, vec![draft(asked).at(seq)]);
                ensure!(refused.is_none(), "the writer took no more");
                asked += 1;
            }
            let written = writer.written().await;
            ensure!(matches!(written.outcome, Appended::Durable { .. }), "{written:?}");
            durable += 1;
        }
        Ok(begin.elapsed())
    })
}

fn run_bare(file: &mut File, lines: &[Vec<u8>], group: usize) -> Result<Duration> {
    let groups: Vec<Vec<u8>> = lines.chunks(group).map(<[Vec<u8>]>::concat).collect();
    let begin = Instant::now();
    for bytes in &groups {
        file.write_all(bytes)?;
        file.sync_data()?;
    }
    Ok(begin.elapsed())
}

fn draft(n: usize) -> Draft {
    let now = Time::from_timestamp_millis(1_767_580_500_000 + i64::try_from(n).unwrap_or(0))
        .expect("a time in 2026");
    let text = format!("worker-{} answers again, 502 share falls, next look in five minutes", n % 9);
    Draft {
        incident: Some(IncidentId(1)),
        world: World::Real,
        occurred_at: now,
        recorded_at: now,
        actor: Actor { person: None, account: Some("ana".to_owned()), origin: Origin::Console },
        kind: Kind::NoteAdded { text },
        correlation: None,
        supersedes: None,
    }
}

fn lines(place: &Path) -> Result<Vec<Vec<u8>>> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(place)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    files.sort();
    let mut lines = Vec::new();
    for file in files {
        lines.extend(std::fs::read(file)?.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec));
    }
    Ok(lines)
}

fn groups(lines: &[Vec<u8>]) -> Result<usize> {
    let mut last: Option<(Seq, Seq)> = None;
    let mut count = 0;
    for line in lines {
        let group = parse_line(line.strip_suffix(b"\n").unwrap_or(line))?.group;
        count += usize::from(last.replace(group) != Some(group));
    }
    Ok(count)
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand events")]
fn rate(events: usize, took: Duration) -> f64 {
    events as f64 / took.as_secs_f64()
}
