//! From the lines of one log to requests: the format is recognised, and recognised anew when nothing is understood
//! any more.
//!
//! ```text
//! line ──▶ understood ──▶ told
//!      └─▶ not ──▶ kept ──▶ 100 in a row ──▶ recognised anew ──▶ kept lines are read once more
//!                                        └─▶ in no format, or the format is fixed: puzzled
//! ```

use super::{LINES_LOOKED_AT, LogFormat, Parser, recognise};
use crate::source::request::Request;

/// How much of a line that was not understood is kept, in bytes: more than servers take as the head of a request.
const KEPT_BYTES: usize = 64 * 1024;
/// So many lines understood in a row end being puzzled: among lines of another kind, a single one may be chance.
const UNDERSTOOD_AGAIN: u64 = 3;

/// A line that was not understood, kept until it is known in which format it may be.
#[derive(Clone, Debug)]
struct Kept {
    line: Vec<u8>,
    history: bool,
}

/// Reads the lines of one log. The same lines give the same requests, whenever they come.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    parser: Option<Parser>,
    /// The configuration says the format: it is never recognised.
    fixed: bool,
    /// The newest lines, if none of them was understood; fewer than [`LINES_LOOKED_AT`].
    kept: Vec<Kept>,
    requests: u64,
    malformed: u64,
    in_a_row: u64,
    puzzled: bool,
}

impl Reader {
    /// A reader of lines in a format that is known for certain.
    #[must_use]
    pub fn fixed(format: LogFormat) -> Self {
        Self { parser: Some(Parser::new(format)), fixed: true, ..Self::default() }
    }

    /// A reader that recognises the format, beginning with the one recognised before, if any.
    #[must_use]
    pub fn recognising(before: Option<LogFormat>) -> Self {
        Self { parser: before.map(Parser::new), ..Self::default() }
    }

    /// The same, after lines that were not understood before the last start.
    #[must_use]
    pub fn puzzled_before(self, puzzled: bool) -> Self {
        Self { puzzled, ..self }
    }

    /// The format, once it is known.
    #[must_use]
    pub fn format(&self) -> Option<LogFormat> {
        self.parser.as_ref().map(Parser::format)
    }

    /// Lines understood.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Lines not understood.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.malformed
    }

    /// Whether a hundred lines in a row were not understood, and no three in a row since.
    #[must_use]
    pub fn is_puzzled(&self) -> bool {
        self.puzzled
    }

    /// Reads a line without its ending. `tell` gets each request understood, and whether its line was `history`:
    /// that of this line, or those of lines kept before it.
    pub fn read(&mut self, line: &[u8], history: bool, tell: &mut impl FnMut(&Request<'_>, bool)) {
        self.understand(line, history, tell);
        if self.kept.len() < LINES_LOOKED_AT {
            return;
        }
        if !self.fixed {
            self.recognise_anew(tell);
        }
        if self.kept.len() >= LINES_LOOKED_AT {
            self.give_up();
        }
    }

    /// All that has arrived is read: a format not known yet is recognised in fewer lines too.
    pub fn settle(&mut self, tell: &mut impl FnMut(&Request<'_>, bool)) {
        if self.parser.is_none() && !self.kept.is_empty() {
            self.recognise_anew(tell);
        }
    }

    fn understand(&mut self, line: &[u8], history: bool, tell: &mut impl FnMut(&Request<'_>, bool)) {
        let Some(request) = self.parser.as_mut().and_then(|parser| parser.parse(line)) else {
            self.malformed += 1;
            self.in_a_row = 0;
            let line = line[..line.len().min(KEPT_BYTES)].to_vec();
            return self.kept.push(Kept { line, history });
        };
        self.requests += 1;
        self.in_a_row += 1;
        self.kept.clear();
        self.puzzled = self.puzzled && self.in_a_row < UNDERSTOOD_AGAIN;
        tell(&request, history);
    }

    /// If the kept lines tell a format, they are read in it, and counted once all the same.
    fn recognise_anew(&mut self, tell: &mut impl FnMut(&Request<'_>, bool)) {
        let Some(format) = recognise(self.kept.iter().map(|kept| kept.line.as_slice())) else { return };
        self.parser = Some(Parser::new(format));
        let kept = std::mem::take(&mut self.kept);
        self.malformed -= kept.len() as u64;
        for Kept { line, history } in kept {
            self.understand(&line, history, tell);
        }
    }

    fn give_up(&mut self) {
        self.kept.clear();
        self.puzzled = true;
        if !self.fixed {
            self.parser = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = r#"1.2.3.4 - - [17/Dec/2025:09:03:01 +0000] "GET / HTTP/1.1" 502 166 "-" "x""#;
    const JSON: &str = r#"{"time":"2025-12-17T09:03:01Z","status":502}"#;
    const CUSTOM: &str = "09:03:01|blog|GET /|502|12ms";

    /// Reads each line as a batch of its own; how many requests were told.
    fn read(reader: &mut Reader, lines: &[&str]) -> usize {
        let mut told = 0;
        for line in lines {
            reader.read(line.as_bytes(), false, &mut |_, _| told += 1);
            reader.settle(&mut |_, _| told += 1);
        }
        told
    }

    #[track_caller]
    fn check(reader: &Reader, format: Option<LogFormat>, counts: (u64, u64), puzzled: bool) {
        assert_eq!(
            (reader.format(), (reader.requests(), reader.malformed()), reader.is_puzzled()),
            (format, counts, puzzled)
        );
        assert!(reader.kept.len() < LINES_LOOKED_AT, "{} lines are kept", reader.kept.len());
    }

    #[test]
    fn a_log_that_goes_over_to_another_format_is_read_on_and_no_line_is_lost_or_counted_twice() {
        let mut reader = Reader::recognising(None);
        assert_eq!(read(&mut reader, &[PLAIN; 10]), 10);
        assert_eq!(read(&mut reader, &[JSON; 99]), 0);
        check(&reader, Some(LogFormat::Combined), (10, 99), false);
        assert_eq!(read(&mut reader, &[JSON]), 100);
        check(&reader, Some(LogFormat::JsonLines), (110, 0), false);
    }

    #[test]
    fn a_log_in_no_known_format_puzzles_after_a_hundred_lines_until_three_in_a_row_are_understood() {
        let mut reader = Reader::recognising(None);
        read(&mut reader, &[CUSTOM; 99]);
        check(&reader, None, (0, 99), false);
        read(&mut reader, &[CUSTOM; 201]);
        check(&reader, None, (0, 300), true);
        assert_eq!(read(&mut reader, &[JSON, JSON, CUSTOM, JSON, JSON]), 4);
        check(&reader, Some(LogFormat::JsonLines), (4, 301), true);
        read(&mut reader, &[JSON]);
        check(&reader, Some(LogFormat::JsonLines), (5, 301), false);
    }

    #[test]
    fn a_fixed_format_is_never_left() {
        let mut reader = Reader::fixed(LogFormat::Combined);
        assert_eq!(read(&mut reader, &[JSON; 250]), 0);
        check(&reader, Some(LogFormat::Combined), (0, 250), true);
        assert_eq!(read(&mut reader, &[PLAIN; 3]), 3);
        check(&reader, Some(LogFormat::Combined), (3, 250), false);
    }

    #[test]
    fn lines_out_of_shape_between_good_ones_change_nothing() {
        let mut reader = Reader::recognising(Some(LogFormat::Combined));
        for _ in 0..20 {
            read(&mut reader, &[JSON; 99]);
            read(&mut reader, &[PLAIN]);
        }
        check(&reader, Some(LogFormat::Combined), (20, 1980), false);
    }

    #[test]
    fn a_line_kept_from_history_is_told_as_history() {
        let mut reader = Reader::recognising(None);
        let mut told = Vec::new();
        let mut tell = |_: &Request<'_>, history| told.push(history);
        reader.read(JSON.as_bytes(), true, &mut tell);
        reader.read(JSON.as_bytes(), false, &mut tell);
        reader.settle(&mut tell);
        assert_eq!(told, [true, false]);
    }

    #[test]
    fn a_very_long_line_is_kept_in_part() {
        let mut reader = Reader::recognising(None);
        reader.read(&vec![b'x'; 1 << 20], false, &mut |_, _| {});
        assert_eq!(reader.kept[0].line.len(), KEPT_BYTES);
    }
}
