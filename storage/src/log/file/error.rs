//! Why a log is not opened.

use std::io;
use std::path::{Path, PathBuf};

use crate::log::{Damage, ReadError};

/// Why the log was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process writes here.
    #[error("open {}: process {} is using it; stop that Lifeboat or choose another directory", dir.display(),
        pid.map_or_else(|| "of unknown number".to_owned(), |pid| pid.to_string()))]
    InUse {
        /// The directory.
        dir: PathBuf,
        /// The process, where it wrote its number down.
        pid: Option<u32>,
    },
    /// Acknowledged records are damaged. Nothing was changed.
    #[error("open the log: damaged at {0}")]
    Damaged(Damage),
    /// A file of a newer Lifeboat.
    #[error("open {}: not a file this Lifeboat knows; use a newer one", file.display())]
    UnknownFile {
        /// The file.
        file: PathBuf,
    },
    /// The disk refused.
    #[error("open {}", file.display())]
    Io {
        /// The file or directory.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl OpenError {
    pub(super) fn io(file: &Path) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        move |source| Self::Io { file, source }
    }
}

impl From<ReadError> for OpenError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Damaged(damage) => Self::Damaged(damage),
            ReadError::Io { file, source } => Self::Io { file, source },
        }
    }
}
