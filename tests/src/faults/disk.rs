//! The log over a disk that can be full, fail, and be torn at any byte when everything stops.

use std::path::PathBuf;
use std::sync::Arc;

use lifeboat::engine::input::Appended;
use lifeboat_storage::event::Event;
use lifeboat_storage::id::Seq;
use lifeboat_storage::log::disk::{Crash, SimulatedDisk};
use lifeboat_storage::log::{EventLog, FileLog, Options, verify_on};

use crate::traffic::seeded::Seeded;

/// Small, so that a story fills several segments and may use up its reserve.
const SIZES: Options = Options { segment_bytes: 96 << 10, reserve_bytes: 16 << 10 };

/// See the module.
pub struct Disk {
    disk: SimulatedDisk,
    log: Option<FileLog>,
}

/// What was found at a start.
pub struct Found {
    /// Everything recorded.
    pub events: Vec<Event>,
    /// Hash of the newest record.
    pub head: String,
    /// Bytes of an unfinished flush that were cut.
    pub torn_bytes: u64,
}

fn dir() -> PathBuf {
    PathBuf::from("/log")
}

impl Default for Disk {
    fn default() -> Self {
        Self { disk: SimulatedDisk::new(), log: None }
    }
}

impl Disk {
    /// Opens the log and reads it whole.
    ///
    /// # Errors
    /// What kept it from being opened, in its words.
    pub fn open(&mut self) -> Result<Found, String> {
        self.log = None;
        let log =
            FileLog::open_on(Arc::new(self.disk.clone()), dir(), SIZES).map_err(|error| chain(&error))?;
        let events: Result<Vec<Event>, _> =
            log.read_from(Seq(1)).and_then(|events| events.collect()).map_err(|error| chain(&error));
        let found =
            Found { events: events?, head: log.head().1.to_string(), torn_bytes: log.recovered().torn_bytes };
        self.log = Some(log);
        Ok(found)
    }

    /// Appends as the writing thread does: one group.
    pub fn append(&self, events: &[Event]) -> Appended {
        let Some(log) = &self.log else { return Appended::Failed { why: "not open".to_owned() } };
        match log.append(events) {
            Ok(receipt) => {
                Appended::Durable { head: receipt.head.to_string(), reserve_in_use: receipt.reserve_in_use }
            }
            Err(error) => Appended::Failed { why: chain(&error) },
        }
    }

    /// Replaces a payload by a tombstone.
    pub fn redact(&self, target: Seq, by: Seq) {
        if let Some(log) = &self.log {
            // What fails here is finished at the next open.
            drop(log.redact(target, by));
        }
    }

    /// The machine stops while this group is being flushed: its bytes were written, and nobody knows which arrived.
    pub fn stop_within(&mut self, events: &[Event], dice: &mut Seeded) {
        self.disk.fail_syncs(1);
        drop(self.append(events));
        self.disk.fail_syncs(0);
        self.stop(dice);
    }

    /// The machine stops: what was not synced is whole, cut, garbled or gone.
    pub fn stop(&mut self, dice: &mut Seeded) {
        self.log = None;
        self.disk = self.disk.crashed_as(|file| after(&file, dice));
    }

    /// A broken disk: the last records that were flushed are gone all the same.
    pub fn forget_last(&mut self, records: usize) {
        self.log = None;
        self.disk = self.disk.crashed_as(|file| {
            let mut lines: Vec<&[u8]> = file.synced.split_inclusive(|byte| *byte == b'\n').collect();
            if file.path.extension().is_some_and(|kind| kind == "jsonl") {
                lines.truncate(lines.len().saturating_sub(records));
            }
            lines.concat()
        });
    }

    /// No room for more than so many bytes from now on; none: room enough.
    pub fn fill(&self, room: Option<u64>) {
        self.disk.set_capacity(room.map(|room| self.disk.used() + room));
    }

    /// The next so many flushes, or writes, fail.
    pub fn fail(&self, flushes: u32, writes: u32) {
        self.disk.fail_syncs(flushes);
        self.disk.fail_writes(writes);
    }

    /// Whether every record carries the hash of the one before.
    ///
    /// # Errors
    /// Where it does not.
    pub fn verify(&self) -> Result<(), String> {
        let report = verify_on(&self.disk, &dir()).map_err(|error| chain(&error))?;
        if report.is_sound() { Ok(()) } else { Err(format!("{report:?}")) }
    }
}

fn after(file: &Crash<'_>, dice: &mut Seeded) -> Vec<u8> {
    let Some(tail) = file.cached.strip_prefix(file.synced).filter(|tail| !tail.is_empty()) else {
        // Cut or overwritten without a flush: it may be either.
        return if dice.chance(0.5) { file.synced.to_vec() } else { file.cached.to_vec() };
    };
    let cut = usize::try_from(dice.below(tail.len() as u64 + 1)).unwrap_or(0);
    let mut content = [file.synced, &tail[..cut]].concat();
    if cut > 0 && dice.chance(0.2) {
        let at = file.synced.len() + usize::try_from(dice.below(cut as u64)).unwrap_or(0);
        content[at] ^= 1 << dice.below(8);
    }
    content
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
