//! `lifeboat analyze` against `wc -l`: wall time, exact counts and peak memory over a made log.
//!
//! `cargo bench -p lifeboat-tests --bench analyze_vs_wc -- [MEGABYTES] [SEED]`; 256 by default, 2500 for the full claim.
//! The two run in turn, each as a process of its own over the warm file; the ratio is the median of the pairs.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use lifeboat::analyze::{Options, run};

const PAIRS: usize = 5;
/// Issue 2: at most four times the time of `wc -l`.
const ALLOWED_RATIO: f64 = 4.0;
/// Issue 2: resident memory under 32 MiB.
const ALLOWED_KIB: u64 = 32 << 10;
/// The first argument of the process that only analyses.
const CHILD: &str = "--analyze-only";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [CHILD, file] => analyze_only(file),
        [] => compare(256, 502),
        [megabytes] => compare(number(megabytes), 502),
        [megabytes, seed, ..] => compare(number(megabytes), number(seed)),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("failed to measure: {error}");
            ExitCode::FAILURE
        }
    }
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number; usage: [MEGABYTES] [SEED]"))
}

/// Prints the report, and the peak memory of this process to standard error.
fn analyze_only(file: &str) -> io::Result<bool> {
    let options = Options { files: vec![file.into()], json: true, ..Options::default() };
    run(&options, &mut io::stdout().lock()).map_err(io::Error::other)?;
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    eprint!("{}", peak.unwrap_or_default());
    Ok(true)
}

fn compare(megabytes: u64, seed: u64) -> io::Result<bool> {
    let directory = tempfile::tempdir()?;
    let log = directory.path().join("access.log");
    let truth = Truth::write(&log, megabytes * 1_000_000, seed)?;
    println!("{} lines, {} bytes, seed {seed}, one thread", truth.lines, truth.bytes);
    let mut ratios = Vec::new();
    let (mut exact, mut peak_kib) = (true, 0);
    for round in 0..=PAIRS {
        let (wc, _, _) = timed(Command::new("wc").arg("-l").arg(&log))?;
        let (analyze, report, peak) = timed(Command::new(std::env::current_exe()?).arg(CHILD).arg(&log))?;
        let ratio = analyze.as_secs_f64() / wc.as_secs_f64();
        exact &= truth.equals(&report)?;
        peak_kib = peak_kib.max(peak.parse().unwrap_or(u64::MAX));
        let each_ns = analyze.as_nanos() as f64 / truth.lines as f64;
        let note = if round == 0 { " (warm-up, not counted)" } else { "" };
        println!("wc -l {wc:.2?}, analyze {analyze:.2?} = {each_ns:.0} ns a line, ratio {ratio:.2}{note}");
        if round > 0 {
            ratios.push(ratio);
        }
    }
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios[PAIRS / 2];
    println!(
        "median ratio {ratio:.2} (allowed {ALLOWED_RATIO}), peak memory {peak_kib} KiB (allowed {ALLOWED_KIB}), counts exact: {exact}"
    );
    Ok(exact && ratio <= ALLOWED_RATIO && peak_kib < ALLOWED_KIB)
}

/// Runs a command to its end: wall time, standard output, standard error.
fn timed(command: &mut Command) -> io::Result<(Duration, String, String)> {
    let started = Instant::now();
    let output = command.env("LC_ALL", "C").stdin(Stdio::null()).output()?;
    let elapsed = started.elapsed();
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ok((elapsed, text(&output.stdout), text(&output.stderr)))
}

/// What was written, counted while writing.
#[derive(Default)]
struct Truth {
    lines: u64,
    bytes: u64,
    malformed: u64,
    status: BTreeMap<u16, u64>,
}

impl Truth {
    /// Writes a day of traffic with an outage in it, and lines made to trap a careless counter.
    fn write(path: &Path, bytes: u64, seed: u64) -> io::Result<Self> {
        let mut out = BufWriter::new(File::create(path)?);
        let mut random = Random(seed);
        let mut truth = Self::default();
        while truth.bytes < bytes {
            let second = (truth.bytes as f64 / bytes as f64 * 86_399.0) as u64;
            let line = truth.line(second, &mut random);
            out.write_all(line.as_bytes())?;
            truth.lines += 1;
            truth.bytes += line.len() as u64;
        }
        out.flush()?;
        Ok(truth)
    }

    fn line(&mut self, second: u64, random: &mut Random) -> String {
        let failing = (30_000..40_000).contains(&second) && random.below(100) < 60;
        let status = if failing { 502 } else { random.status() };
        if random.below(20_000) == 0 {
            self.malformed += 1;
            return "\u{1}\" 502 166 \"-\" torn\n".to_owned();
        }
        *self.status.entry(status).or_default() += 1;
        let request = match random.below(500) {
            0 => String::new(),
            1 => "-".to_owned(),
            2 => format!("GET /{} 502 17", random.below(999)),
            3 => r"\x16\x03\x01\x00\xEE\x01 502 \x22 502 1".to_owned(),
            4 => r#"GET /\" 502 166 \"x HTTP/1.1"#.to_owned(),
            _ => format!(
                "GET /posts/{}/comments?from=feed&page={} HTTP/1.1",
                random.below(16_384),
                random.below(502)
            ),
        };
        let client = random.below(8_192);
        let (a, b, c) = (client % 199 + 1, client / 199, client % 7);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let size = if random.below(50) == 0 { 502 } else { random.below(90_000) };
        format!(
            "{a}.{b}.{c}.7 - - [02/Jan/2026:{hour:02}:{minute:02}:{second:02} +0800] \"{request}\" {status} {size} \
             \"https://blog.example/categories/{}\" \"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
             (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36\"\n",
            random.below(999),
            random.below(60) + 80,
        )
    }

    fn equals(&self, report: &str) -> io::Result<bool> {
        let report: serde_json::Value = serde_json::from_str(report)?;
        let told = serde_json::json!({
            "lines": self.lines, "bytes": self.bytes, "malformed": self.malformed, "status": self.status,
        });
        let differing = told.as_object().into_iter().flatten().find(|(key, value)| report[*key] != **value);
        if let Some((key, value)) = differing {
            println!("{key}: {} is not the truth, {value}", report[key]);
        }
        Ok(differing.is_none())
    }
}

/// splitmix64, so that a seed means the same log everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// What a healthy site answers: mostly 200, hardly ever a failure.
    fn status(&mut self) -> u16 {
        match self.below(10_000) {
            0 => 500,
            1 => 502,
            2..1_500 => 304,
            1_500..1_900 => 404,
            1_900..2_200 => 301,
            2_200..2_300 => 403,
            _ => 200,
        }
    }
}
