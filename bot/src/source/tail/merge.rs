//! Several logs of one service, told in the order of their times.
//!
//! ```text
//! a.log ─ poll, a chunk at a time ─▶ queue ┐
//! b.log ─ poll, a chunk at a time ─▶ queue ┼─▶ the oldest first line, cut where another log's is older
//! c.log ─ idle                             ┘   (c is not waited for)
//! ```
//!
//! With a backlog, whole turns of one log after those of another would look like a clock that was set back.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use memchr::memrchr;

use super::event::TailEvent;
use super::file::Identity;
use super::follow::{Emit, Followed, Progress};
use super::position::Fingerprint;
use crate::source::access_log::{LogFormat, Parser, lines, without_ending};
use crate::source::request::Millis;

/// Chunks read of each log in one look.
const CHUNKS_A_LOOK: usize = 16;
/// Times are compared by the second, the finest that most logs tell: finer ones would cut every line from the next.
const SECOND_MS: Millis = 1000;

/// A path being followed, and what it told that is still to be passed on.
///
/// Positions travel with the lines they stand behind, so none is passed on before its lines.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) followed: Followed,
    queue: VecDeque<TailEvent>,
    clock: LineClock,
    /// The time of the queue's first line, if that is what comes next and it is known.
    age: Option<Millis>,
    progress: Progress,
    /// Polls since this look began.
    polls: usize,
}

impl Lane {
    pub(super) fn new(followed: Followed) -> Self {
        let (queue, clock) = (VecDeque::new(), LineClock::default());
        Self { followed, queue, clock, age: None, progress: Progress::Idle, polls: 0 }
    }

    /// Whether all is passed on that stood there at first.
    pub(super) fn is_caught_up(&self) -> bool {
        self.followed.is_caught_up() && self.queue.is_empty()
    }

    /// Whether the path is gone for good, and nothing of it is left to be passed on.
    pub(super) fn is_gone(&self) -> bool {
        self.followed.is_gone() && self.queue.is_empty()
    }

    /// Reads a chunk if the queue is empty and there may be one; yields the file it has left for another.
    fn fill(&mut self, now: Duration) -> Option<(Identity, Fingerprint)> {
        let look = self.polls == 0 || (self.progress == Progress::More && self.polls < CHUNKS_A_LOOK);
        if !self.queue.is_empty() || !look {
            return None;
        }
        self.polls += 1;
        let before = self.followed.signature();
        let queue = &mut self.queue;
        let mut keep = |event| {
            queue.push_back(event);
            ControlFlow::Continue(())
        };
        if let ControlFlow::Continue(progress) = self.followed.poll(now, &mut keep) {
            self.progress = progress;
        }
        self.look_at_front();
        before.filter(|(identity, _)| self.followed.identity() != Some(*identity))
    }

    /// Whether older lines than those of the other logs may still come, so that these have to wait.
    fn is_awaited(&self) -> bool {
        self.queue.is_empty() && (self.progress == Progress::More || self.followed.awaits_next())
    }

    fn look_at_front(&mut self) {
        self.age = match self.queue.front() {
            Some(TailEvent::Lines { bytes, .. }) => self.clock.age_of(bytes),
            _ => None,
        };
    }

    /// Passes on what has no place in the order of time; says whether there was any.
    fn tell_timeless(&mut self, emit: &mut Emit<'_>) -> ControlFlow<(), bool> {
        let mut told = false;
        while self.age.is_none()
            && let Some(event) = self.queue.pop_front()
        {
            told = true;
            self.look_at_front();
            emit(event)?;
        }
        ControlFlow::Continue(told)
    }

    /// Takes the first lines, up to the first that is newer than `until`.
    fn take(&mut self, until: Option<Millis>) -> Option<TailEvent> {
        let mut event = self.queue.pop_front()?;
        let mut rest = None;
        if let (TailEvent::Lines { bytes, cut: false, .. }, Some(until)) = (&event, until) {
            let length = self.clock.length_until(bytes, until);
            rest = split(&mut event, length);
        }
        if let TailEvent::Lines { bytes, .. } = &event {
            self.clock.told(bytes);
        }
        if let Some(rest) = rest {
            self.queue.push_front(rest);
        }
        self.look_at_front();
        Some(event)
    }
}

/// Reads all logs and passes on what they tell: each in its own order, their lines in the order of time.
pub(super) fn poll(
    lanes: &mut BTreeMap<PathBuf, Lane>,
    finished: &mut BTreeMap<Identity, Fingerprint>,
    now: Duration,
    emit: &mut Emit<'_>,
) -> ControlFlow<(), Progress> {
    for lane in lanes.values_mut() {
        lane.polls = 0;
    }
    loop {
        let mut told = false;
        for lane in lanes.values_mut() {
            finished.extend(lane.fill(now));
            told |= lane.tell_timeless(emit)?;
        }
        if told {
            continue;
        }
        if lanes.values().any(Lane::is_awaited) {
            break;
        }
        let Some(event) = take_oldest(lanes) else { break };
        emit(event)?;
    }
    let more = lanes.values().any(|lane| lane.progress == Progress::More);
    ControlFlow::Continue(if more { Progress::More } else { Progress::Idle })
}

/// The oldest lines, as far as no other log has older ones.
fn take_oldest(lanes: &mut BTreeMap<PathBuf, Lane>) -> Option<TailEvent> {
    let second = |age: Millis| age.div_euclid(SECOND_MS);
    let mut oldest: Option<(Millis, &mut Lane)> = None;
    let mut next: Option<Millis> = None;
    for lane in lanes.values_mut() {
        let Some(age) = lane.age.map(second) else { continue };
        if oldest.as_ref().is_some_and(|(least, _)| *least <= age) {
            next = Some(next.map_or(age, |next| next.min(age)));
        } else if let Some((least, _)) = oldest.replace((age, lane)) {
            next = Some(least);
        }
    }
    let (_, lane) = oldest?;
    let end_of_second = |second: Millis| second.saturating_mul(SECOND_MS).saturating_add(SECOND_MS - 1);
    lane.take(next.map(end_of_second))
}

/// Shortens lines to `length` bytes; yields the rest, if any.
fn split(event: &mut TailEvent, length: usize) -> Option<TailEvent> {
    let mut rest = event.clone();
    let (
        TailEvent::Lines { bytes, position_after, behind_bytes, .. },
        TailEvent::Lines { bytes: rest_bytes, .. },
    ) = (event, &mut rest)
    else {
        return None;
    };
    if length >= bytes.len() {
        return None;
    }
    *rest_bytes = bytes.split_off(length);
    position_after.offset -= rest_bytes.len() as u64;
    *behind_bytes += rest_bytes.len() as u64;
    Some(rest)
}

/// Tells the times of the lines of one log.
#[derive(Debug)]
struct LineClock {
    /// In the formats that tell times differently, the one that was understood last in front. The virtual host and
    /// ingress-nginx's tail stand around the time of `Combined`.
    parsers: [Parser; 2],
    /// The time of the last line passed on.
    last: Option<Millis>,
}

impl Default for LineClock {
    fn default() -> Self {
        Self { parsers: [LogFormat::Combined, LogFormat::JsonLines].map(Parser::new), last: None }
    }
}

impl LineClock {
    /// The time of the first line; that of the line before it where it tells none, or of the next that does.
    fn age_of(&mut self, bytes: &[u8]) -> Option<Millis> {
        let first = lines(bytes).next().and_then(|line| self.time_of(line));
        first.or(self.last).or_else(|| lines(bytes).find_map(|line| self.time_of(line)))
    }

    /// Length of the first line and those behind it, up to the first that is newer than `until`.
    fn length_until(&mut self, bytes: &[u8], until: Millis) -> usize {
        let first = lines(bytes).next().map_or(0, <[u8]>::len);
        let old = lines(&bytes[first..]).take_while(|line| self.time_of(line).is_none_or(|at| at <= until));
        first + old.map(<[u8]>::len).sum::<usize>()
    }

    /// Lines that were passed on.
    fn told(&mut self, bytes: &[u8]) {
        let start = memrchr(b'\n', &bytes[..bytes.len().saturating_sub(1)]).map_or(0, |newline| newline + 1);
        self.last = self.time_of(&bytes[start..]).or(self.last);
    }

    fn time_of(&mut self, line: &[u8]) -> Option<Millis> {
        let line = without_ending(line);
        let found = |parser: &mut Parser| parser.parse(line)?.at;
        if let Some(at) = found(&mut self.parsers[0]) {
            return Some(at);
        }
        let at = found(&mut self.parsers[1])?;
        self.parsers.swap(0, 1);
        Some(at)
    }
}
