//! What outlives a restart: the session, how many were begun, which interactions were handled. A small file,
//! replaced by rename, that only its owner may read: the session's name is half a key.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use lifeboat_storage::event::Time;
use serde::{Deserialize, Serialize};

/// The version of the file that we write.
const VERSION: u32 = 1;

/// A session that can be resumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    /// Its name.
    pub(super) id: String,
    /// The newest dispatch: heard, and in the file handled.
    pub(super) seq: u64,
    /// Where it is to be resumed.
    pub(super) resume_url: String,
}

/// What is in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Saved {
    version: u32,
    /// The session, if there is one.
    pub(super) session: Option<Session>,
    /// The first address of the gateway, as told last.
    pub(super) gateway: Option<String>,
    /// When sessions were begun, of the last day, oldest first.
    pub(super) identified: Vec<Time>,
    /// Interactions that were handled, oldest first.
    pub(super) handled: Vec<String>,
}

impl Saved {
    pub(super) fn new(
        session: Option<Session>,
        gateway: Option<String>,
        identified: Vec<Time>,
        handled: Vec<String>,
    ) -> Self {
        Self { version: VERSION, session, gateway, identified, handled }
    }

    /// Nothing, where there is none; a file that cannot be read is as none, and is told of in the log.
    pub(super) fn read(file: &Path) -> Self {
        let bytes = match fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Self::default(),
            Err(error) => return Self::unread(&error),
        };
        match serde_json::from_slice(&bytes) {
            Ok(Self { version: VERSION, .. }) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Ok(_) => Self::unread(&"it is of another version"),
            Err(error) => Self::unread(&error),
        }
    }

    fn unread(why: &dyn std::fmt::Display) -> Self {
        tracing::warn!(error = %why, "the saved Discord session cannot be read; a new session is begun");
        Self::default()
    }

    /// Replaces the file.
    pub(super) fn write(&self, file: &Path) -> std::io::Result<()> {
        let new = file.with_extension("new");
        let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        out.write_all(&serde_json::to_vec(self)?)?;
        out.sync_data()?;
        fs::rename(&new, file)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_saved_is_read_again_and_is_its_owner_s_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("discord.json");
        let session = Session { id: "s".to_owned(), seq: 7, resume_url: "wss://a.example".to_owned() };
        let at = "2026-11-22T15:00:00Z".parse().unwrap();
        let saved = Saved::new(Some(session), None, vec![at], vec!["702".to_owned()]);
        saved.write(&file).unwrap();
        saved.write(&file).unwrap();
        assert_eq!(Saved::read(&file), saved);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_missing_broken_or_newer_file_is_as_none() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("discord.json");
        assert_eq!(Saved::read(&file), Saved::default());
        for text in ["", "{\"version\":1,\"sess", "[]"] {
            fs::write(&file, text).unwrap();
            assert_eq!(Saved::read(&file), Saved::default(), "{text}");
        }
        let newer = Saved { version: 2, gateway: Some("wss://a.example".to_owned()), ..Saved::default() };
        fs::write(&file, serde_json::to_vec(&newer).unwrap()).unwrap();
        assert_eq!(Saved::read(&file), Saved::default());
    }
}
