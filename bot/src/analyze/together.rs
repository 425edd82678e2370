//! Several logs of one service, line by line in the order of their times: one machine behind a balancer writes each.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::vec;

use indicatif::ProgressBar;

use super::input::{self, Lines};
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
        let waiting = logs.iter_mut().filter(|log| !log.ahead.is_empty());
        let Some(log) = waiting.min_by_key(|log| (log.time(), log.turn)) else { break };
        log.turn = turn;
        log.pass(tally, judge)?;
    }
    Ok(logs.iter().map(|log| log.bytes).sum())
}

/// Lines looked ahead: one that tells a time far off must not hold up those behind it.
const AHEAD: usize = 2;

/// A log, some lines ahead.
struct Log<'a> {
    /// Its later rotations.
    rest: vec::IntoIter<PathBuf>,
    asked: Option<LogFormat>,
    bar: &'a ProgressBar,
    /// None at its end.
    reading: Option<Reading>,
    ahead: VecDeque<Line>,
    /// Reads the lines that are passed on.
    parser: Option<Parser>,
    /// When a line was passed on last.
    turn: u64,
    /// Length of what was read to its end.
    bytes: u64,
}

struct Reading {
    path: PathBuf,
    lines: Lines,
    /// None until a line is a request.
    parser: Option<Parser>,
    /// The last time that a line told.
    at: Option<Millis>,
}

struct Line {
    text: Vec<u8>,
    /// None before the first request.
    format: Option<LogFormat>,
    /// Its time, or the last before it.
    at: Option<Millis>,
}

impl<'a> Log<'a> {
    fn open(
        rest: vec::IntoIter<PathBuf>,
        asked: Option<LogFormat>,
        bar: &'a ProgressBar,
    ) -> Result<Self, AnalyzeError> {
        let (ahead, reading, parser) = (VecDeque::new(), None, None);
        let mut log = Self { rest, asked, bar, reading, ahead, parser, turn: 0, bytes: 0 };
        log.open_next(None)?;
        log.look_ahead()?;
        Ok(log)
    }

    /// When it is its turn.
    fn time(&self) -> Option<Millis> {
        self.ahead.iter().map(|line| line.at).min().flatten()
    }

    /// Opens the next file, if there is one.
    fn open_next(&mut self, at: Option<Millis>) -> Result<(), AnalyzeError> {
        self.reading = None;
        if let Some(path) = self.rest.next() {
            let mut lines = input::open(&path, self.bar)?;
            let parser = input::look(&path, &mut lines, self.asked)?.format.map(Parser::new);
            self.reading = Some(Reading { path, lines, parser, at });
        }
        Ok(())
    }

    /// Reads until there are enough lines ahead, or no more.
    fn look_ahead(&mut self) -> Result<(), AnalyzeError> {
        while self.ahead.len() < AHEAD
            && let Some(reading) = &mut self.reading
        {
            let at = reading.at;
            match reading.next()? {
                Some(line) => self.ahead.push_back(line),
                None => {
                    self.bytes += reading.end();
                    self.open_next(at)?;
                }
            }
        }
        Ok(())
    }

    /// Counts the first line ahead and reads another one.
    fn pass(&mut self, tally: &mut Tally, judge: &mut impl Judge) -> Result<(), AnalyzeError> {
        if let Some(Line { text, format, .. }) = self.ahead.pop_front() {
            if self.parser.as_ref().map(Parser::format) != format {
                self.parser = format.map(Parser::new);
            }
            match &mut self.parser {
                Some(parser) => tally.count(&text, parser, judge),
                None => tally.count_malformed(&text),
            }
        }
        self.look_ahead()
    }
}

impl Reading {
    fn next(&mut self) -> Result<Option<Line>, AnalyzeError> {
        let failed = |source| AnalyzeError::Read { path: self.path.clone(), source };
        let Some(text) = self.lines.next_line().map_err(failed)?.map(<[u8]>::to_vec) else { return Ok(None) };
        if self.parser.is_none() {
            self.parser = input::first_request(&text).map(|(_, format)| Parser::new(format));
        }
        let parsed = self.parser.as_mut().and_then(|parser| parser.parse(without_ending(&text))?.at);
        self.at = parsed.or(self.at);
        let format = self.parser.as_ref().map(Parser::format);
        Ok(Some(Line { text, format, at: self.at }))
    }

    /// Its uncompressed length, now that it is read to its end.
    fn end(&self) -> u64 {
        let bytes = self.lines.bytes();
        if self.parser.is_none() && bytes > 0 {
            input::no_request(&self.path);
        }
        bytes
    }
}
