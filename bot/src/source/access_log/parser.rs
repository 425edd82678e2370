//! From a line to a request, in a known format.

use super::format::LogFormat;
use super::time::LastSecond;
use super::{combined, ingress, json};
use crate::source::request::Request;

/// Parses the lines of one log.
///
/// It remembers nothing but the last second it saw, so any number of lines may be left out or repeated.
#[derive(Clone, Debug)]
pub struct Parser {
    format: LogFormat,
    clock: LastSecond,
}

impl Parser {
    /// A parser for one format.
    #[must_use]
    pub fn new(format: LogFormat) -> Self {
        Self { format, clock: LastSecond::default() }
    }

    /// The format it was made for.
    #[must_use]
    pub fn format(&self) -> LogFormat {
        self.format
    }

    /// Reads one line (without its line ending); `None` means malformed: count it, and nothing else.
    #[inline]
    pub fn parse<'a>(&mut self, line: &'a [u8]) -> Option<Request<'a>> {
        match self.format {
            LogFormat::Combined => combined::plain(line, &mut self.clock),
            LogFormat::CombinedWithHost => combined::with_host(line, &mut self.clock),
            LogFormat::IngressNginx => ingress::line(line, &mut self.clock),
            LogFormat::JsonLines => json::line(line),
        }
    }
}
