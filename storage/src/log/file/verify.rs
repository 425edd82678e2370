//! `lifeboat verify`: every segment, every line, every hash.

use std::collections::BTreeMap;
use std::path::Path;

use crate::event::Kind;
use crate::format::{Chain, Fault, Sha256Hash, parse_line};
use crate::id::Seq;
use crate::log::Damage;
use crate::log::disk::{Disk, RealDisk};

use super::recover::{is_torn, read_rest, written};
use super::scan::{LineReader, RawLine};
use super::{OpenError, segment_path, segments};

/// More places than these are counted, not listed.
const LISTED: usize = 100;

/// What was found in a log directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Segment files.
    pub segments: u64,
    /// Records that are as they were written, tombstones included.
    pub events: u64,
    /// The newest of them.
    pub last: Seq,
    /// Its hash: compare it with the one posted in chat.
    pub head: Sha256Hash,
    /// Redacted records.
    pub tombstones: u64,
    /// Redactions asked for and not done yet, as target and `Redacted` event; the next start does them.
    pub unfinished_redactions: Vec<(Seq, Seq)>,
    /// An unfinished last flush: no acknowledged event, cut at the next start.
    pub torn: Option<Damage>,
    /// How long that is, in bytes.
    pub torn_bytes: u64,
    /// Damaged places, the first 100.
    pub damage: Vec<Damage>,
    /// How many there are in all.
    pub damaged: u64,
}

impl Report {
    /// No acknowledged record is damaged or missing.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.damaged == 0
    }
}

/// Checks all segments of a directory, without a lock and without changing anything.
///
/// # Errors
///
/// When the files cannot be read; damage is no error but part of the report.
pub fn verify(dir: &Path) -> Result<Report, OpenError> {
    verify_on(&RealDisk, dir)
}

/// As [`verify`], on a disk of one's own.
///
/// # Errors
///
/// As [`verify`].
pub fn verify_on(disk: &dyn Disk, dir: &Path) -> Result<Report, OpenError> {
    let mut walk = Walk::new(disk, dir);
    let all = segments(disk, dir)?;
    for (index, first) in all.iter().enumerate() {
        walk.segment(*first, index + 1 == all.len())?;
    }
    Ok(walk.finish())
}

struct Walk<'a> {
    disk: &'a dyn Disk,
    dir: &'a Path,
    report: Report,
    /// None after damage: the next good line is believed.
    chain: Option<Chain>,
    redactions: BTreeMap<Seq, Seq>,
    tombstones: BTreeMap<Seq, (Seq, Damage)>,
}

impl<'a> Walk<'a> {
    fn new(disk: &'a dyn Disk, dir: &'a Path) -> Self {
        let (report, chain) = (Report::default(), Some(Chain::START));
        Self { disk, dir, report, chain, redactions: BTreeMap::new(), tombstones: BTreeMap::new() }
    }

    fn segment(&mut self, first: Seq, last: bool) -> Result<(), OpenError> {
        self.report.segments += 1;
        let path = segment_path(self.dir, first);
        let open = || self.disk.open_to_read(&path);
        let mut lines = LineReader::new(open().map_err(OpenError::io(&path))?, 0);
        let rest = open().map_err(OpenError::io(&path))?;
        self.check_name(first, &path);
        let (mut line, mut group_byte, mut blank) = (0, 0, None);
        while let Some(raw) = lines.next().map_err(OpenError::io(&path))? {
            line += 1;
            let place = |fault| Damage { file: path.clone(), line, byte: raw.byte, fault };
            if self.chain.is_none_or(|chain| chain.open.is_none()) {
                group_byte = raw.byte;
            }
            if raw.bytes.is_empty() {
                blank.get_or_insert_with(|| place(Fault::Blank));
                continue;
            }
            let found = match blank.take() {
                Some(damage) => Err(damage),
                None => self.line(&raw, &place),
            };
            let Err(damage) = found else { continue };
            if last && let Some(chain) = self.chain {
                let begin = chain.open.map_or(chain.seq.next(), |(first, _)| first);
                let rest = read_rest(rest.as_ref(), group_byte).map_err(OpenError::io(&path))?;
                if is_torn(&damage.fault, &rest, begin) {
                    self.torn(damage, &rest);
                    return Ok(());
                }
            }
            self.damaged(damage);
        }
        if self.chain.is_some_and(|chain| chain.open.is_some()) {
            let damage = Damage { file: path.clone(), line, byte: group_byte, fault: Fault::Group };
            if last {
                let rest = read_rest(rest.as_ref(), group_byte).map_err(OpenError::io(&path))?;
                self.torn(damage, &rest);
            } else {
                self.damaged(damage);
            }
        }
        Ok(())
    }

    /// The last flush is unfinished; `rest` is what stands there of it.
    fn torn(&mut self, damage: Damage, rest: &[u8]) {
        self.report.torn = Some(damage);
        self.report.torn_bytes = written(rest);
        self.forget_open_group();
    }

    fn check_name(&mut self, first: Seq, path: &Path) {
        match self.chain {
            Some(chain) if chain.seq.next() != first => {
                let fault = Fault::Name { promised: first };
                self.damaged(Damage { file: path.to_owned(), line: 1, byte: 0, fault });
            }
            _ => {}
        }
    }

    fn line(&mut self, raw: &RawLine<'_>, place: &impl Fn(Fault) -> Damage) -> Result<(), Damage> {
        if !raw.complete {
            return Err(place(Fault::Unfinished));
        }
        let line = parse_line(raw.bytes).map_err(place)?;
        let event = line.event().map_err(place)?;
        let (seq, prev) = (Seq(line.seq.0.saturating_sub(1)), line.prev);
        // After damage the rest of its group is believed too.
        let open = (line.group.0 < line.seq).then_some(line.group);
        let mut chain = self.chain.unwrap_or(Chain { seq, hash: prev, open });
        chain.accept(&line).map_err(place)?;
        self.chain = Some(chain);
        self.report.events += 1;
        self.report.last = line.seq;
        self.report.head = line.hash;
        match event.kind {
            Kind::Redacted { target, .. } => drop(self.redactions.insert(event.seq, target)),
            Kind::Tombstone { by, .. } => {
                self.tombstones.insert(event.seq, (by, place(Fault::Tombstone { by })));
            }
            _ => {}
        }
        Ok(())
    }

    /// A group that did not reach the disk whole does not count.
    fn forget_open_group(&mut self) {
        let Some(Chain { open: Some((first, _)), seq, .. }) = self.chain else { return };
        self.report.events -= seq.0 + 1 - first.0;
        self.report.last = Seq(first.0 - 1);
        self.redactions.retain(|by, _| *by < first);
        self.tombstones.retain(|seq, _| *seq < first);
    }

    fn damaged(&mut self, damage: Damage) {
        self.chain = None;
        self.report.damaged += 1;
        if self.report.damage.len() < LISTED {
            self.report.damage.push(damage);
        }
    }

    fn finish(mut self) -> Report {
        self.report.tombstones = self.tombstones.len() as u64;
        for (seq, (by, damage)) in std::mem::take(&mut self.tombstones) {
            if self.redactions.get(&by) != Some(&seq) {
                self.damaged(damage);
            } else {
                self.redactions.remove(&by);
            }
            self.redactions.retain(|_, target| *target != seq);
        }
        self.report.unfinished_redactions =
            self.redactions.iter().map(|(by, target)| (*target, *by)).collect();
        self.report
    }
}
