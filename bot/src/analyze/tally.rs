//! Counting: every line once, by its status.

use std::collections::BTreeMap;

use memchr::memchr_iter;

use super::Judge;
use crate::source::access_log::{Parser, without_ending};
use crate::source::request::{Millis, Request};

/// One more than the largest status.
const STATUSES: usize = 1000;

/// What was counted so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Lines, blank ones included; `requests` and `malformed` add up to it.
    pub lines: u64,
    /// Lines that are no request beyond doubt.
    pub malformed: u64,
    /// Requests without a time that can be read.
    pub untimed: u64,
    /// The earliest time stamp.
    pub first: Option<Millis>,
    /// The latest time stamp.
    pub last: Option<Millis>,
    /// The time stamp last seen: most lines of a busy log repeat it.
    seen: Option<Millis>,
    status: [u64; STATUSES],
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            lines: 0,
            malformed: 0,
            untimed: 0,
            first: None,
            last: None,
            seen: None,
            status: [0; STATUSES],
        }
    }
}

impl Tally {
    /// Counts a block of whole lines and shows each request to the judge.
    pub fn count(&mut self, block: &[u8], parser: &mut Parser, judge: &mut impl Judge) {
        let mut start = 0;
        for newline in memchr_iter(b'\n', block) {
            self.line(&block[start..newline], parser, judge);
            start = newline + 1;
        }
        if start < block.len() {
            self.line(&block[start..], parser, judge);
        }
    }

    /// Counts a block of whole lines, none of which is a request.
    pub fn count_malformed(&mut self, block: &[u8]) {
        let unfinished = block.last().is_some_and(|byte| *byte != b'\n');
        let lines = memchr_iter(b'\n', block).count() as u64 + u64::from(unfinished);
        self.lines += lines;
        self.malformed += lines;
    }

    #[inline]
    fn line(&mut self, line: &[u8], parser: &mut Parser, judge: &mut impl Judge) {
        self.lines += 1;
        // By reference: a request is large, and moving it would cost as much as reading it.
        match &parser.parse(without_ending(line)) {
            Some(request) => {
                self.request(request);
                judge.observe(request);
            }
            None => self.malformed += 1,
        }
    }

    #[inline]
    fn request(&mut self, request: &Request<'_>) {
        if let Some(count) = self.status.get_mut(usize::from(request.status)) {
            *count += 1;
        }
        self.untimed += u64::from(request.at.is_none());
        if request.at != self.seen {
            self.span(request.at);
        }
    }

    fn span(&mut self, at: Option<Millis>) {
        self.seen = at;
        self.first = self.first.min(at).or(self.first).or(at);
        self.last = self.last.max(at);
    }

    /// How many lines were requests.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.lines - self.malformed
    }

    /// How often each status was given.
    #[must_use]
    pub fn by_status(&self) -> BTreeMap<u16, u64> {
        (0..).zip(self.status).filter(|(_, count)| *count > 0).collect()
    }
}
