//! The log: what happened, in order, durable. The truth; everything else can be rebuilt from it.
//!
//! | implementation | for |
//! | --- | --- |
//! | [`FileLog`] | segment files in one directory, one process at a time |
//! | [`MemoryLog`] | tests, and where there is no record yet; same numbers, same hashes |

use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::event::{Event, Kind};
use crate::format::{Draft, Fault, Sha256Hash};
use crate::id::Seq;

pub mod disk;
mod file;
mod group;
mod memory;
mod tail;

pub use file::{FileLog, OpenError, Options, Place, Recovered, Report, verify, verify_on};
pub use memory::MemoryLog;
pub use tail::{Tail, Tailed};

/// Events in the order of the log. An error ends it.
pub type Events = Box<dyn Iterator<Item = Result<Event, ReadError>> + Send>;

/// Where events are kept for good.
pub trait EventLog: Send + Sync {
    /// Appends events that carry their numbers already; durable on return. All of them or none.
    ///
    /// Blocks for a flush of the disk. Callers at the same time share one.
    ///
    /// # Errors
    ///
    /// See [`AppendError`]. After an error the events are not in the log, with the one exception told at
    /// [`AppendError::Flush`]; the next append starts afresh and may succeed.
    fn append(&self, events: &[Event]) -> Result<Receipt, AppendError>;

    /// As [`append`](Self::append), but the log gives the numbers, in the order of arrival.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append).
    fn append_drafts(&self, drafts: Vec<Draft>) -> Result<Receipt, AppendError>;

    /// The durable events of a range; what lies beyond the head is left out.
    ///
    /// # Errors
    ///
    /// When the first place cannot be reached; later trouble comes through the iterator.
    fn read(&self, range: Range<Seq>) -> Result<Events, ReadError>;

    /// Events appended from now on, beginning with [`Tail::starts_at`].
    fn tail(&self) -> Tail;

    /// The newest durable event and its hash; `(0, ZERO)` when there is none.
    fn head(&self) -> (Seq, Sha256Hash);

    /// The hash of the event at this place; none beyond the head.
    ///
    /// # Errors
    ///
    /// When the event cannot be read.
    fn hash_at(&self, seq: Seq) -> Result<Option<Sha256Hash>, ReadError>;

    /// Replaces the payload of `target` for good by a tombstone that names `by`, a durable
    /// [`Kind::Redacted`] event. Safe to repeat.
    ///
    /// # Errors
    ///
    /// See [`RedactError`]. When the disk fails, it is finished at the next open.
    fn redact(&self, target: Seq, by: Seq) -> Result<(), RedactError>;

    /// Makes ready for the next full disk again, where one was met and there is room: true when the next append no
    /// longer goes to a reserve. For a timer; cheap where nothing is to be done.
    fn recover_room(&self) -> bool {
        false
    }

    /// The durable events from here to the head.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    fn read_from(&self, first: Seq) -> Result<Events, ReadError> {
        self.read(first..self.head().0.next())
    }
}

/// Proof that events are durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The first of the events.
    pub first: Seq,
    /// The last of them.
    pub last: Seq,
    /// Hash of the last.
    pub head: Sha256Hash,
    /// The disk is full and the reserve is being used up: people must hear of it.
    pub reserve_in_use: bool,
}

/// Why events were not appended.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    /// The events do not continue the log's numbers.
    #[error("append event {found}: the log goes on with {expected}")]
    OutOfOrder {
        /// The number that comes next.
        expected: Seq,
        /// The number given.
        found: Seq,
    },
    /// A kind that only the log itself may yield.
    #[error("append a tombstone or an unknown kind: these are only ever read")]
    NotAppendable,
    /// The event cannot be written as JSON.
    #[error("write the event as JSON")]
    Encode(#[source] Arc<serde_json::Error>),
    /// The disk is full, and so is the reserve.
    #[error("write to {}: the disk is full and the reserve is used up", file.display())]
    Full {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The disk is mounted read-only.
    #[error("write to {}: the disk is read-only", file.display())]
    ReadOnlyDisk {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The flush failed. Whether the events reached the disk is unknown; they are cut off before the next append, but
    /// a crash before that may bring them back, whole.
    #[error("flush {}", file.display())]
    Flush {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// Anything else the disk refused.
    #[error("write to {}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The log was opened for reading only.
    #[error("append to the record: the file system was read-only when it was opened")]
    OpenedReadOnly,
}

impl AppendError {
    pub(crate) fn of(file: PathBuf, error: io::Error) -> Self {
        let kind = error.kind();
        let source = Arc::new(error);
        match kind {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { file, source },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnlyDisk { file, source },
            _ => Self::Write { file, source },
        }
    }

    /// Recording stopped because of the disk: the engine goes to degraded mode and tries again later.
    #[must_use]
    pub fn is_disk_trouble(&self) -> bool {
        matches!(
            self,
            Self::Full { .. } | Self::ReadOnlyDisk { .. } | Self::Flush { .. } | Self::Write { .. }
        )
    }
}

/// A place in a segment file where something is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, line {line}, byte {byte}: {fault}", file.display())]
pub struct Damage {
    /// The segment file.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: u64,
    /// Where that line starts, in bytes from the start of the file.
    pub byte: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// Why events could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is damaged.
    #[error("read a record at {0}")]
    Damaged(Damage),
    /// The disk refused.
    #[error("read {}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a payload was not redacted.
#[derive(Debug, thiserror::Error)]
pub enum RedactError {
    /// The event named is not a `Redacted` event for this target.
    #[error("redact event {target}: event {by} does not ask for it")]
    NotAsked {
        /// The event to redact.
        target: Seq,
        /// The event that should ask for it.
        by: Seq,
    },
    /// Only events before the redaction, and no redactions themselves, can be redacted.
    #[error("redact event {target}: it is a redaction or does not exist")]
    NotRedactable {
        /// The event to redact.
        target: Seq,
    },
    /// The log cannot be read.
    #[error("redact an event")]
    Read(#[from] ReadError),
    /// The disk refused.
    #[error("rewrite {}", file.display())]
    Io {
        /// The segment file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The log was opened for reading only.
    #[error("redact in a log opened for reading only")]
    OpenedReadOnly,
}

/// Checks that a batch carries the numbers from its first on, without gaps.
pub(crate) fn check_numbers(events: &[Event]) -> Result<(), AppendError> {
    for pair in events.windows(2) {
        if pair[1].seq != pair[0].seq.next() {
            return Err(AppendError::OutOfOrder { expected: pair[0].seq.next(), found: pair[1].seq });
        }
    }
    Ok(())
}

/// Tombstones and unknown kinds are read, never appended.
pub(crate) fn check_kind(kind: &Kind) -> Result<(), AppendError> {
    match kind {
        Kind::Tombstone { .. } | Kind::Unknown { .. } => Err(AppendError::NotAppendable),
        _ => Ok(()),
    }
}

/// A panic elsewhere leaves our data whole: every change under these locks is made in one step.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
