//! `lifeboat analyze`: the detectors over history.
//!
//! ```text
//! files ─▶ groups, each in time order ─▶ decompress ─▶ LineBlocks ─▶ Parser ─▶ Tally, Judge ─▶ Report ─▶ JSON or sentences
//! ```
//!
//! A group is one log with its rotations, or all logs of a service that is given. Each has a judge of its own, one tally
//! counts them all.
//! One thread, buffers of a fixed size, no line looked at twice. What is found does not depend on how the bytes arrive.

mod groups;
pub mod incidents;
mod input;
pub mod lines;
pub mod report;
pub mod tally;
mod together;

use std::fs::Metadata;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};

use self::groups::Group;
use self::incidents::Detectors;
pub use self::report::{Incident, Moment, Report};
use self::tally::Tally;
use crate::say::Lang;
use crate::source::access_log::{LogFormat, Parser};
use crate::source::request::Request;

/// Who looks at the requests for incidents.
pub trait Judge {
    /// Looks at the next request.
    fn observe(&mut self, request: &Request<'_>);

    /// The input has ended: what was found, in order of detection.
    fn finish(self) -> Vec<Incident>;
}

/// What to analyse and how to tell it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Logs, plain or compressed with gzip or zstd; `-` is standard input. Rotations of one log may be given in any order;
    /// logs of different names are judged apart, or, where a service is given, together in the order of their times.
    pub files: Vec<PathBuf>,
    /// Print the JSON object in place of the report.
    pub json: bool,
    /// The format, where recognising it is not wanted.
    pub format: Option<LogFormat>,
    /// The service of lines that name none, of all files; otherwise each log's own name, without what rotations add.
    pub service: Option<String>,
    /// The language of the report.
    pub lang: Lang,
}

/// Why an analysis failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyzeError {
    /// A file could not be opened.
    #[error("open {path}")]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file could not be read, or its compression is damaged.
    #[error("read {path}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The result could not be written.
    #[error("write the result")]
    Write(#[from] io::Error),
}

/// Analyses the files and writes the result to `out`. On a terminal a progress bar goes to standard error.
///
/// # Errors
///
/// [`AnalyzeError`]; nothing is written to `out` unless all files were read.
pub fn run(options: &Options, out: &mut dyn Write) -> Result<Report, AnalyzeError> {
    let report = examine(options, Detectors::new)?;
    if options.json {
        serde_json::to_writer(&mut *out, &report).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        report::write_report(&report, options.lang, out)?;
    }
    out.flush()?;
    Ok(report)
}

/// Reads all files and lets a judge for each log, made for its service, look at every request of it.
///
/// # Errors
///
/// [`AnalyzeError`]
pub fn examine<J: Judge>(options: &Options, judge: impl Fn(&str) -> J) -> Result<Report, AnalyzeError> {
    let groups = groups::groups(&options.files, options.service.as_deref());
    let bar = progress(&options.files);
    let (mut tally, mut bytes, mut incidents) = (Tally::default(), 0, Vec::new());
    for Group { service, logs } in groups {
        let mut judge = judge(&service);
        let in_order = |log: &Vec<PathBuf>| input::in_order(log, options.format);
        let logs = logs.iter().map(in_order).collect::<Result<Vec<_>, _>>()?;
        if let [log] = &logs[..] {
            for path in log {
                bytes += count(path, options.format, &bar, &mut tally, &mut judge)?;
            }
        } else {
            bytes += together::count(logs, options.format, &bar, &mut tally, &mut judge)?;
        }
        incidents.extend(judge.finish());
    }
    bar.finish_and_clear();
    incidents.sort_by_key(|incident| (incident.detected_at.is_none(), incident.detected_at));
    Ok(Report {
        lines: tally.lines,
        malformed: tally.malformed,
        requests: tally.requests(),
        untimed: tally.untimed,
        bytes,
        first: tally.first.map(Moment),
        last: tally.last.map(Moment),
        status: tally.by_status(),
        incidents,
    })
}

/// Counts one file; returns its uncompressed length.
fn count(
    path: &Path,
    format: Option<LogFormat>,
    bar: &ProgressBar,
    tally: &mut Tally,
    judge: &mut impl Judge,
) -> Result<u64, AnalyzeError> {
    let mut lines = input::open(path, bar)?;
    let mut parser = input::look(path, &mut lines, format)?.format.map(Parser::new);
    let failed = |source| AnalyzeError::Read { path: path.to_owned(), source };
    while let Some(mut block) = lines.next_block().map_err(failed)? {
        if parser.is_none() {
            let found = input::first_request(block);
            let (strange, rest) = block.split_at(found.map_or(block.len(), |(at, _)| at));
            tally.count_malformed(strange);
            (block, parser) = (rest, found.map(|(_, format)| Parser::new(format)));
        }
        if let Some(parser) = &mut parser {
            tally.count(block, parser, judge);
        }
    }
    if parser.is_none() && lines.bytes() > 0 {
        input::no_request(path);
    }
    Ok(lines.bytes())
}

/// A bar over the bytes on disk, or a spinner where a pipe is read; hidden unless a person looks.
fn progress(files: &[PathBuf]) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let size = |path: &PathBuf| path.metadata().ok().filter(Metadata::is_file).map(|file| file.len());
    let sizes: Option<Vec<u64>> = files.iter().map(size).collect();
    let (bar, template) = match sizes {
        Some(sizes) => {
            (ProgressBar::new(sizes.iter().sum()), "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
        }
        None => (ProgressBar::new_spinner(), "{spinner} {bytes} {bytes_per_sec}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
