//! Sessions of browsers: a random id each, of which only the hash is kept, in memory and in `sessions.json`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;
use lifeboat_storage::event::Time;
use serde::{Deserialize, Serialize};

use super::file;
use super::secret::{Hash, NoRandomness, Token};

/// Version of the file; another one is not read, and everybody signs in anew.
const VERSION: u32 = 1;
/// How long a session lasts: from one on-call week to the next.
pub const LASTS: TimeDelta = TimeDelta::days(14);
/// More than the people who may sign in; the oldest goes first.
const MOST: usize = 256;

/// Which account stands behind a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Account {
    /// The user of the operating system who was given the one-time link.
    Os {
        /// Their name there.
        user: String,
    },
    /// A lasting token.
    Token {
        /// Its name.
        name: String,
        /// Its hash: a new token of the same name is another account.
        hash: Hash,
    },
}

impl Account {
    /// As it stands in an event.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Os { user } => user,
            Self::Token { name, .. } => name,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Session {
    id: Hash,
    account: Account,
    until: Time,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    sessions: Vec<Session>,
}

/// Why no session could begin.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The file cannot be written.
    #[error("write {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The operating system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// All sessions.
#[derive(Debug)]
pub struct Sessions {
    path: PathBuf,
    open: Mutex<Vec<Session>>,
}

impl Sessions {
    /// Those of a data directory. A file that cannot be read means that everybody signs in anew.
    #[must_use]
    pub fn load(data_dir: &Path) -> Self {
        let path = data_dir.join("sessions.json");
        let stored: Option<Stored> = file::read(&path).ok().flatten();
        let open = stored.filter(|stored| stored.version == VERSION).map(|stored| stored.sessions);
        Self { path, open: Mutex::new(open.unwrap_or_default()) }
    }

    /// Begins one, under a new id whatever the browser brought along. Writes a file.
    ///
    /// # Errors
    /// [`SessionError`]; then nobody is signed in.
    pub fn begin(&self, account: Account, now: Time) -> Result<Token, SessionError> {
        let id = Token::draw()?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next: Vec<Session> = open.iter().filter(|session| session.until > now).cloned().collect();
        next.push(Session { id: id.hash(), account, until: now + LASTS });
        let too_many = next.len().saturating_sub(MOST);
        next.drain(..too_many);
        let stored = Stored { version: VERSION, sessions: next };
        file::replace(&self.path, &stored)
            .map_err(|source| SessionError::File { path: self.path.clone(), source })?;
        *open = stored.sessions;
        Ok(id)
    }

    /// The account of a session that has not ended.
    #[must_use]
    pub fn find(&self, id: &Hash, now: Time) -> Option<Account> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter()
            .find(|session| session.id == *id && session.until > now)
            .map(|session| session.account.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn at(day: i64) -> Time {
        Time::from_timestamp(day * 86_400, 0).unwrap()
    }

    fn os(user: &str) -> Account {
        Account::Os { user: user.to_owned() }
    }

    #[test]
    fn a_session_outlives_a_restart_and_ends_after_two_weeks() {
        let folder = tempfile::tempdir().unwrap();
        let id = Sessions::load(folder.path()).begin(os("ana"), at(0)).unwrap();
        let again = Sessions::load(folder.path());
        assert_eq!(again.find(&id.hash(), at(13)), Some(os("ana")));
        assert_eq!(again.find(&id.hash(), at(14)), None);
        assert_eq!(again.find(&Hash::of(&id.hash().hex()), at(1)), None, "what is stored opens nothing");
    }

    #[test]
    fn the_file_is_private_and_holds_no_session_id() {
        let folder = tempfile::tempdir().unwrap();
        let id = Sessions::load(folder.path()).begin(os("ana"), at(0)).unwrap();
        let path = folder.path().join("sessions.json");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!std::fs::read_to_string(path).unwrap().contains(id.reveal()));
    }

    #[test]
    fn the_oldest_session_goes_when_there_are_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let sessions = Sessions::load(folder.path());
        let ids: Vec<_> = (0..=MOST).map(|_| sessions.begin(os("ana"), at(0)).unwrap()).collect();
        assert_eq!(sessions.find(&ids[0].hash(), at(1)), None);
        assert_eq!(sessions.find(&ids[1].hash(), at(1)), Some(os("ana")));
    }
}
