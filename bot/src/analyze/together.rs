//! Several logs of one service, line by line in the order of their times: one machine behind a balancer writes each.

use std::path::PathBuf;
use std::vec;

use indicatif::ProgressBar;

use super::input::{self, Head, Lines};
use super::tally::Tally;
use super::{AnalyzeError, Judge};
use crate::source::access_log::{LogFormat, Parser, without_ending};
use crate::source::request::Millis;

/// Counts the logs; returns their uncompressed length.
pub(super) fn count(
    logs: Vec<Vec<PathBuf>>,
    format: Option<LogFormat>,
    bar: &ProgressBar,
    tally: &mut Tally,
    judge: &mut impl Judge,
) -> Result<u64, AnalyzeError> {
    let open = |log: Vec<PathBuf>| Log::open(log.into_iter(), format, bar);
    let mut logs = logs.into_iter().map(open).collect::<Result<Vec<_>, _>>()?;
    // Logs that are as far in time take turns: whole seconds of one after those of another would be no mixture.
    for turn in 1.. {
        let waiting = logs.iter_mut().filter(|log| log.reading.is_some());
        let Some(log) = waiting.min_by_key(|log| (log.at, log.turn)) else { break };
        log.turn = turn;
        log.pass(tally, judge)?;
    }
    Ok(logs.iter().map(|log| log.bytes).sum())
}

/// A log, one line ahead.
struct Log<'a> {
    /// Its later rotations.
    rest: vec::IntoIter<PathBuf>,
    format: Option<LogFormat>,
    bar: &'a ProgressBar,
    /// None at its end.
    reading: Option<Reading>,
    /// The line ahead.
    line: Vec<u8>,
    /// Its time, or the last before it.
    at: Option<Millis>,
    /// When it was passed on last.
    turn: u64,
    /// Length of what was read to its end.
    bytes: u64,
}

struct Reading {
    path: PathBuf,
    lines: Lines,
    parser: Parser,
}

impl<'a> Log<'a> {
    fn open(
        rest: vec::IntoIter<PathBuf>,
        format: Option<LogFormat>,
        bar: &'a ProgressBar,
    ) -> Result<Self, AnalyzeError> {
        let mut log =
            Self { rest, format, bar, reading: None, line: Vec::new(), at: None, turn: 0, bytes: 0 };
        log.open_next()?;
        log.look_ahead()?;
        Ok(log)
    }

    /// Opens the next file that is not empty, if there is one.
    fn open_next(&mut self) -> Result<(), AnalyzeError> {
        self.reading = None;
        while self.reading.is_none() {
            let Some(path) = self.rest.next() else { break };
            let mut lines = input::open(&path, self.bar)?;
            let Head { format, .. } = input::look(&path, &mut lines, self.format)?;
            self.reading = format.map(|format| Reading { path, lines, parser: Parser::new(format) });
        }
        Ok(())
    }

    /// Reads the next line.
    fn look_ahead(&mut self) -> Result<(), AnalyzeError> {
        while let Some(Reading { path, lines, parser }) = &mut self.reading {
            let failed = |source| AnalyzeError::Read { path: path.clone(), source };
            if let Some(line) = lines.next_line().map_err(failed)? {
                self.line.clear();
                self.line.extend_from_slice(line);
                self.at = parser.parse(without_ending(&self.line)).and_then(|request| request.at).or(self.at);
                return Ok(());
            }
            self.bytes += lines.bytes();
            self.open_next()?;
        }
        Ok(())
    }

    /// Counts the line ahead and reads the next one.
    fn pass(&mut self, tally: &mut Tally, judge: &mut impl Judge) -> Result<(), AnalyzeError> {
        if let Some(Reading { parser, .. }) = &mut self.reading {
            tally.count(&self.line, parser, judge);
        }
        self.look_ahead()
    }
}
