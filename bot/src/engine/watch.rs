//! From lines and probes to findings; how far every source was read.

use std::collections::BTreeMap;

use lifeboat_storage::event::{Actor, AlertKind, Kind, Origin, ProbeFailure, Time};
use lifeboat_storage::id::{ServiceName, SourceName};
use lifeboat_storage::incident::Alert;
use serde::{Deserialize, Serialize};

use super::catch_up::CatchUp;
use super::effect::Effect;
use super::input::{Condition, Lines, Now};
use super::{Engine, ServiceSetup, Setup};
use crate::detect::probe::ProbeWatch;
use crate::detect::{Finding, Watch};
use crate::source::access_log::{self, LogFormat, Reader, without_ending};
use crate::source::request::Request;
use crate::source::tail::Position;

/// A checkpoint at most so often, in milliseconds.
const CHECKPOINT_MS: u64 = 1_000;
/// A checkpoint holds some 40 kB a service: with many of them it is written less often.
const SERVICES_A_SECOND: u64 = 20;
/// A source so far behind its end is told of, in bytes.
const FAR_BEHIND: u64 = 64 * 1024 * 1024;
/// That is told at most so often of one source, in milliseconds: one that catches up and falls behind is no news.
const BEHIND_AGAIN_MS: u64 = 15 * 60 * 1_000;
/// Why a source is blind whose file can be read but whose lines cannot; worded like the reasons of the reader.
pub const NOT_UNDERSTOOD: &str = "not-understood";

/// How far everything was read, and what the detectors knew there. Written by rename, read at start.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Positions of each source's files.
    pub positions: Vec<(SourceName, Position)>,
    /// The detectors; none when another version wrote it.
    pub watch: Option<Watch>,
    /// The probes' last results.
    pub probes: BTreeMap<SourceName, ProbeWatch>,
    /// Formats recognised.
    pub formats: BTreeMap<SourceName, String>,
    /// Sources whose lines are not understood, and whether lines of theirs were before.
    #[serde(default)]
    pub not_understood: BTreeMap<SourceName, bool>,
}

/// How one source is read.
#[derive(Debug, Default)]
pub struct SourceState {
    /// The service its lines belong to where they name none.
    pub service: Option<ServiceName>,
    /// From its lines to requests.
    pub reader: Reader,
    /// When the last line arrived.
    pub last_at: Option<Time>,
    /// How far behind its end, in bytes.
    pub behind: u64,
    behind_told: bool,
    behind_told_at_ms: Option<u64>,
}

/// Sources and detectors.
#[derive(Debug)]
pub struct Watching {
    watch: Watch,
    /// The probes' last answers.
    probes: BTreeMap<SourceName, ProbeWatch>,
    /// Formats that the configuration fixes.
    fixed: BTreeMap<ServiceName, LogFormat>,
    /// Formats recognised before the last start.
    recognised: BTreeMap<SourceName, String>,
    /// Sources whose lines are not understood, also those of which none came since the last start; and whether lines
    /// of theirs were understood before.
    not_understood: BTreeMap<SourceName, bool>,
    sources: BTreeMap<SourceName, SourceState>,
    pub(crate) catch_up: CatchUp,
    positions: BTreeMap<(SourceName, std::path::PathBuf), Position>,
    dirty: bool,
    checkpoint_at_ms: u64,
}

impl Watching {
    /// Goes on from a checkpoint, where there is one.
    #[must_use]
    pub fn new(setup: &Setup, checkpoint: Option<Checkpoint>) -> Self {
        let old = checkpoint.unwrap_or_default();
        let format = |service: &ServiceSetup| Some((service.name.clone(), service.format?));
        let keyed = |(source, position): (SourceName, Position)| ((source, position.path.clone()), position);
        Self {
            watch: old.watch.unwrap_or_else(|| Watch::new(setup.limits.clone())),
            probes: old.probes,
            fixed: setup.services.iter().filter_map(format).collect(),
            recognised: old.formats,
            not_understood: old.not_understood,
            sources: BTreeMap::new(),
            catch_up: CatchUp::default(),
            positions: old.positions.into_iter().map(keyed).collect(),
            dirty: false,
            checkpoint_at_ms: 0,
        }
    }

    /// The detectors, for charts.
    #[must_use]
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// The sources, by name.
    #[must_use]
    pub fn sources(&self) -> &BTreeMap<SourceName, SourceState> {
        &self.sources
    }

    fn checkpoint(&self) -> Checkpoint {
        let position = |((source, _), position): (&(SourceName, std::path::PathBuf), &Position)| {
            (source.clone(), position.clone())
        };
        let format = |(name, source): (&SourceName, &SourceState)| {
            Some((name.clone(), source.reader.format()?.name().to_owned()))
        };
        Checkpoint {
            positions: self.positions.iter().map(position).collect(),
            watch: Some(self.watch.clone()),
            probes: self.probes.clone(),
            formats: self.sources.iter().filter_map(format).collect(),
            not_understood: self.not_understood.clone(),
        }
    }

    /// A file seen for the first time gets the fixed format of its service, or the one recognised before.
    fn meet(&mut self, lines: &Lines) {
        if self.sources.contains_key(&lines.source) {
            return;
        }
        let known = self.recognised.get(&lines.source).and_then(|name| name.parse::<LogFormat>().ok());
        let fixed = self.fixed.get(&lines.service).copied().map(Reader::fixed);
        let reader = fixed.unwrap_or_else(|| Reader::recognising(known));
        let reader = reader.puzzled_before(self.not_understood.contains_key(&lines.source));
        let state = SourceState { service: Some(lines.service.clone()), reader, ..SourceState::default() };
        self.sources.insert(lines.source.clone(), state);
    }

    /// Everything is read up to its end, so that silence is silence.
    pub(crate) fn is_level(&self) -> bool {
        self.catch_up.is_over() && self.sources.values().all(|source| source.behind == 0)
    }

    /// No line of it was ever understood (an error log that a pattern takes in): nobody waits for requests in it, so
    /// that it is blind hides no silence.
    fn is_foreign(&self, source: &SourceName) -> bool {
        self.not_understood.get(source) == Some(&false)
    }

    /// The detector of this open alert counts from here on as if it were not open.
    pub(crate) fn count_afresh(&mut self, alert: &Alert) {
        let named = |source: &SourceName| alert.key.as_str().ends_with(&format!("@{source}"));
        let only = !alert.key.as_str().contains('@');
        let probes = self.probes.iter_mut().filter(|(_, probe)| *probe.service() == alert.service);
        match alert.what {
            AlertKind::ProbeDown => {
                probes.filter(|(source, _)| only || named(source)).for_each(|(_, probe)| probe.count_afresh())
            }
            what => self.watch.count_afresh(&alert.service, what),
        }
        self.dirty = true;
    }

    /// Reads lines; what the detectors find is put into `found`.
    fn read(&mut self, lines: &Lines, now: Now, found: &mut Vec<Finding>) {
        self.meet(lines);
        let Some(source) = self.sources.get_mut(&lines.source) else { return };
        source.last_at = Some(now.wall);
        source.behind = lines.behind;
        let (watch, at_ms) = (&mut self.watch, now.wall.timestamp_millis());
        let service = source.service.as_ref().map_or("", ServiceName::as_str);
        let mut tell = |request: &Request<'_>, history: bool| {
            if history {
                watch.learn(service, request);
            } else {
                watch.observe(service, request, at_ms, found);
            }
        };
        for line in access_log::lines(&lines.bytes).map(without_ending) {
            source.reader.read(line, lines.history, &mut tell);
        }
        source.reader.settle(&mut tell);
        if source.reader.is_puzzled() {
            *self.not_understood.entry(lines.source.clone()).or_default() |= source.reader.requests() > 0;
        } else {
            self.not_understood.remove(&lines.source);
        }
        self.keep(&lines.source, lines.position.clone());
    }

    /// Remembers how far a source was read.
    pub(crate) fn keep(&mut self, source: &SourceName, position: Option<Position>) {
        if let Some(position) = position {
            self.positions.insert((source.clone(), position.path.clone()), position);
        }
        self.dirty = true;
    }
}

impl Engine {
    pub(crate) fn lines(&mut self, lines: &Lines, now: Now, out: &mut Vec<Effect>) {
        let mut found = Vec::new();
        self.watch.catch_up.heard(&lines.service, now);
        let puzzled = self.watch.not_understood.contains_key(&lines.source);
        self.watch.read(lines, now, &mut found);
        self.tell_understood(&lines.source, puzzled, now, out);
        self.tell_behind(lines, now, out);
        for finding in found {
            self.finding(finding, now, out);
        }
    }

    /// A log whose lines say nothing to us is as good as one that cannot be read.
    fn tell_understood(&mut self, source: &SourceName, before: bool, now: Now, out: &mut Vec<Effect>) {
        match (before, self.watch.not_understood.contains_key(source)) {
            (false, true) => {
                self.source(source.clone(), Condition::Blind(NOT_UNDERSTOOD.to_owned()), now, out);
            }
            (true, false) => self.source(source.clone(), Condition::Seen, now, out),
            _ => {}
        }
    }

    fn tell_behind(&mut self, lines: &Lines, now: Now, out: &mut Vec<Effect>) {
        let Some(source) = self.watch.sources.get_mut(&lines.source) else { return };
        let due = source.behind_told_at_ms.is_none_or(|at| now.mono_ms >= at + BEHIND_AGAIN_MS);
        if lines.behind >= FAR_BEHIND && !source.behind_told && due {
            source.behind_told = true;
            source.behind_told_at_ms = Some(now.mono_ms);
            let kind = Kind::SourceBehind { source: lines.source.clone(), bytes: lines.behind };
            self.note(kind, Actor::lifeboat(Origin::Lifeboat), now, out);
        } else if lines.behind < FAR_BEHIND / 64 {
            source.behind_told = false;
        }
    }

    pub(crate) fn source(
        &mut self,
        source: SourceName,
        condition: Condition,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        // A file that is there again helps nobody as long as its lines are not understood.
        if condition == Condition::Seen && self.watch.not_understood.contains_key(&source) {
            return;
        }
        if condition == Condition::Unwatched {
            self.watch.not_understood.remove(&source);
        }
        if let Some(degraded) = &mut self.record.degraded {
            degraded.sources.insert(source, condition);
            return;
        }
        let blind = self.state.blind.contains_key(&source);
        let kind = match condition {
            Condition::Blind(why) if !blind => Kind::SourceBlind { source, why },
            Condition::Seen if blind => Kind::SourceSeen { source },
            Condition::Unwatched if blind => Kind::SourceUnwatched { source },
            _ => return,
        };
        self.note(kind, Actor::lifeboat(Origin::Lifeboat), now, out);
    }

    pub(crate) fn probe(
        &mut self,
        source: &SourceName,
        outcome: Result<(), ProbeFailure>,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        let Some(setup) = self.setup.probes.iter().find(|probe| probe.name == *source) else { return };
        let mut found = Vec::new();
        let probe = self.watch.probes.entry(source.clone());
        let service = setup.service.clone();
        let probe = probe.or_insert_with(|| ProbeWatch::new(service.clone()));
        probe.observe(now.wall.timestamp_millis(), outcome.err(), &mut found);
        self.watch.dirty = true;
        let several = self.setup.probes.iter().filter(|probe| probe.service == service).count() > 1;
        for finding in found {
            let source = several.then(|| source.clone());
            self.finding(Finding { source, ..finding }, now, out);
        }
    }

    /// Time passes for the detectors only while every source that tells requests is read to its end.
    pub(crate) fn advance(&mut self, now: Now, out: &mut Vec<Effect>) {
        let mut blind = self.state.blind.keys();
        if !self.watch.is_level() || !blind.all(|source| self.watch.is_foreign(source)) {
            return;
        }
        let mut found = Vec::new();
        self.watch.watch.advance(now.wall.timestamp_millis(), &mut found);
        for finding in found {
            self.finding(finding, now, out);
        }
    }

    /// Only when everything decided from what was read is on disk: a crash reads again, and never skips.
    pub(crate) fn checkpoint(&mut self, now: Now, out: &mut Vec<Effect>) {
        let due = self.watch.dirty && now.mono_ms >= self.watch.checkpoint_at_ms;
        if due && self.record.is_settled() && self.record.degraded.is_none() {
            self.watch.dirty = false;
            let services = self.watch.watch.services().count() as u64;
            self.watch.checkpoint_at_ms = now.mono_ms + CHECKPOINT_MS * (1 + services / SERVICES_A_SECOND);
            out.push(Effect::Checkpoint(Box::new(self.watch.checkpoint())));
        }
    }
}
