//! Lasting tokens, `lifeboat token add NAME`: a name and a hash each, in `tokens.json` of the data directory.
//!
//! The command line writes the file; a running Lifeboat reads it anew when it has changed, so that a revoked token
//! ends at once.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use lifeboat_storage::event::Time;
use serde::{Deserialize, Serialize};

use super::file::{self, Mark};
use super::secret::{Hash, NoRandomness, Token};
use crate::clock;

/// Version of the file; a newer one is refused.
const VERSION: u32 = 1;
/// Longest name, in characters.
const LONGEST_NAME: usize = 64;

/// A lasting token, without the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lasting {
    /// As `console = "NAME"` of a person names it.
    pub name: String,
    /// SHA-256 of the token.
    pub hash: Hash,
    /// Since when.
    pub added_at: Time,
}

#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    version: u32,
    tokens: Vec<Lasting>,
}

/// Why tokens could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be read, written or understood.
    #[error("use {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another Lifeboat wrote it, a newer one.
    #[error("read {path}: version {version} is newer than {VERSION}")]
    Newer {
        /// Which.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// There is one of that name.
    #[error("add the token {0:?}: there is one of that name")]
    Taken(String),
    /// Empty, too long, or with characters that do not print.
    #[error("take {0:?} as the name of a token (1 to {LONGEST_NAME} characters, no blanks around it)")]
    BadName(String),
    /// The operating system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// What was read last, and in which state the file was.
type Read = (Option<Mark>, Vec<Lasting>);

/// The lasting tokens of one data directory.
#[derive(Debug)]
pub struct TokenStore {
    path: PathBuf,
    read: Mutex<Read>,
}

impl TokenStore {
    /// Those of a data directory; the file need not exist. What cannot be read lets nobody in.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        Self { path: data_dir.join("tokens.json"), read: Mutex::new((None, Vec::new())) }
    }

    /// The same, for changing them: a file that cannot be read is told at once.
    ///
    /// # Errors
    /// [`TokenError::File`], [`TokenError::Newer`].
    pub fn open(data_dir: &Path) -> Result<Self, TokenError> {
        let store = Self::new(data_dir);
        store.list()?;
        Ok(store)
    }

    /// Adds one and yields it as text; it cannot be had again.
    ///
    /// # Errors
    /// Every [`TokenError`].
    pub fn add(&mut self, name: &str) -> Result<String, TokenError> {
        Ok(self.add_at(name, clock::wall())?.reveal().to_owned())
    }

    pub(super) fn add_at(&self, name: &str, now: Time) -> Result<Token, TokenError> {
        let printable = !name.chars().any(char::is_control) && name.trim() == name && !name.is_empty();
        if !printable || name.chars().count() > LONGEST_NAME {
            return Err(TokenError::BadName(name.to_owned()));
        }
        let mut tokens = self.load()?;
        if tokens.iter().any(|known| known.name == name) {
            return Err(TokenError::Taken(name.to_owned()));
        }
        let token = Token::draw()?;
        tokens.push(Lasting { name: name.to_owned(), hash: token.hash(), added_at: now });
        self.write(tokens)?;
        Ok(token)
    }

    /// The names of all of them, oldest first.
    ///
    /// # Errors
    /// [`TokenError::File`], [`TokenError::Newer`].
    pub fn list(&self) -> Result<Vec<String>, TokenError> {
        Ok(self.load()?.into_iter().map(|token| token.name).collect())
    }

    /// Takes one away, and tells whether there was one; sessions that began with it end with it.
    ///
    /// # Errors
    /// [`TokenError::File`], [`TokenError::Newer`].
    pub fn revoke(&mut self, name: &str) -> Result<bool, TokenError> {
        let mut tokens = self.load()?;
        let before = tokens.len();
        tokens.retain(|known| known.name != name);
        if tokens.len() == before {
            return Ok(false);
        }
        self.write(tokens)?;
        Ok(true)
    }

    /// The token with this hash. A file that cannot be read lets nobody in.
    #[must_use]
    pub fn find(&self, hash: &Hash) -> Option<Lasting> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let mark = file::mark(&self.path);
        if read.0 != mark {
            *read = (mark, self.load().unwrap_or_default());
        }
        read.1.iter().find(|known| known.hash == *hash).cloned()
    }

    fn load(&self) -> Result<Vec<Lasting>, TokenError> {
        let stored: Option<Stored> = file::read(&self.path).map_err(|source| self.trouble(source))?;
        match stored {
            None => Ok(Vec::new()),
            Some(stored) if stored.version > VERSION => {
                Err(TokenError::Newer { path: self.path.clone(), version: stored.version })
            }
            Some(stored) => Ok(stored.tokens),
        }
    }

    fn write(&self, tokens: Vec<Lasting>) -> Result<(), TokenError> {
        let stored = Stored { version: VERSION, tokens };
        file::replace(&self.path, &stored).map_err(|source| self.trouble(source))
    }

    fn trouble(&self, source: io::Error) -> TokenError {
        TokenError::File { path: self.path.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn at(second: i64) -> Time {
        Time::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn a_token_added_elsewhere_is_found_and_revoked_it_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let running = TokenStore::new(folder.path());
        assert_eq!(running.find(&Hash::of("guess")), None);
        let token = TokenStore::new(folder.path()).add_at("ana", at(1)).unwrap();
        let found = running.find(&token.hash()).unwrap();
        assert_eq!((found.name.as_str(), found.added_at), ("ana", at(1)));
        assert!(TokenStore::new(folder.path()).revoke("ana").unwrap());
        assert_eq!(running.find(&token.hash()), None);
    }

    #[test]
    fn the_file_is_private_and_holds_no_token() {
        let folder = tempfile::tempdir().unwrap();
        let token = TokenStore::new(folder.path()).add_at("ana", at(1)).unwrap();
        let path = folder.path().join("tokens.json");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!std::fs::read_to_string(path).unwrap().contains(token.reveal()));
    }

    #[test]
    fn odd_names_taken_names_unknown_names_and_newer_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = TokenStore::open(folder.path()).unwrap();
        for name in ["", " ana", "a\nb", &"x".repeat(65)] {
            assert!(matches!(store.add_at(name, at(1)), Err(TokenError::BadName(_))), "{name:?}");
        }
        store.add_at("阿明", at(1)).unwrap();
        assert!(matches!(store.add_at("阿明", at(2)), Err(TokenError::Taken(_))));
        assert!(!store.revoke("ben").unwrap());
        assert_eq!(store.list().unwrap(), ["阿明"]);
        std::fs::write(folder.path().join("tokens.json"), r#"{"version":2,"tokens":[]}"#).unwrap();
        assert!(matches!(store.list(), Err(TokenError::Newer { version: 2, .. })));
    }
}
