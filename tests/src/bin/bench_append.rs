//! Durable appends against a bare loop of write and `fdatasync` of the same bytes, on the same disk, in one run.
//!
//! ```text
//! bench_append DIR [N]           one by one and 64 writers, five pairs each, ratios (docs/benchmarks.md)
//! bench_append DIR N log-each    only the log, one by one: for strace -c -f -e trace=fdatasync
//! bench_append DIR N log-group   only the log, 64 writers: the same
//! ```

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use lifeboat_storage::event::{Actor, Kind, Origin, Time};
use lifeboat_storage::format::{Draft, parse_line};
use lifeboat_storage::id::{IncidentId, Seq, World};
use lifeboat_storage::log::{EventLog as _, FileLog};

const WRITERS: usize = 64;
const PAIRS: usize = 5;

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

fn compare(dir: &Path, events: usize) -> Result<()> {
    for (name, writers) in [("one by one", 1), ("64 writers", WRITERS)] {
        let mut ratios = Vec::new();
        for pair in 0..PAIRS {
            let place = fresh(dir, &format!("{writers}-{pair}"))?;
            let log = run_log(&place, events, writers)?;
            let bare = run_bare(&place.join("bare"), &lines(&place)?, writers)?;
            ratios.push(rate(events, log) / rate(events, bare));
            println!(
                "{name}: log {:.0}/s in {} groups, bare loop {:.0}/s in {} groups, ratio {:.2}",
                rate(events, log),
                groups(&lines(&place)?)?,
                rate(events, bare),
                events.div_ceil(writers),
                ratios[pair],
            );
            std::fs::remove_dir_all(&place)?;
        }
        ratios.sort_by(f64::total_cmp);
        println!(
            "{name}: median ratio {:.2} (worst {:.2}, best {:.2})",
            ratios[PAIRS / 2],
            ratios[0],
            ratios[PAIRS - 1]
        );
    }
    Ok(())
}

fn log_only(dir: &Path, events: usize, writers: usize) -> Result<()> {
    let place = fresh(dir, "strace")?;
    run_log(&place, events, writers)?;
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

/// As many events as asked, shared out evenly; opening is not measured.
fn run_log(place: &Path, events: usize, writers: usize) -> Result<Duration> {
    let log = FileLog::open(place)?;
    let begin = Instant::now();
    std::thread::scope(|scope| {
        let writer = |writer: usize| {
            let log = &log;
            move || -> Result<()> {
                for n in (writer..events).step_by(writers) {
                    log.append_drafts(vec![draft(n)])?;
                }
                Ok(())
            }
        };
        let threads: Vec<_> = (0..writers).map(|number| scope.spawn(writer(number))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a writer does not panic"))
    })?;
    Ok(begin.elapsed())
}

fn run_bare(path: &Path, lines: &[Vec<u8>], group: usize) -> Result<Duration> {
    let groups: Vec<Vec<u8>> = lines.chunks(group).map(<[Vec<u8>]>::concat).collect();
    let mut file = OpenOptions::new().append(true).create_new(true).open(path)?;
    File::open(path.parent().context("a parent")?)?.sync_all()?;
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
