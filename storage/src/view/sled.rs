//! A store in sled 0.34: small cache, no trust.
//!
//! sled may refuse to open after an abrupt stop, or panic inside; its directory may be deleted under us. Each of these
//! ends in [`Lost`], and then in an empty store. sled's `flush` is not durable on Linux and is never waited for: what is lost with
//! it is made again.

use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Entries, Lost, MemoryStore, Store};

/// 16 MiB: the default of 1 GiB was measured to hold 354 MiB after a million entries.
const CACHE_BYTES: u64 = 16 << 20;

/// A store that was just dropped is let go of by sled's own threads a moment later; until then it is locked.
const LOCKED_FOR: Duration = Duration::from_secs(2);
const LOOKS_EVERY: Duration = Duration::from_millis(10);

/// See the module. Used by one thread, since sled blocks.
pub struct SledStore {
    dir: PathBuf,
    inner: Inner,
}

enum Inner {
    Sled {
        db: ::sled::Db,
        /// Device and inode of the directory and of sled's file in it, to notice that they were deleted.
        files: [Option<(u64, u64)>; 2],
    },
    /// The disk cannot hold it just now.
    Memory(MemoryStore),
}

impl SledStore {
    /// Opens the store in a directory of its own. One that cannot be opened is thrown away.
    ///
    /// # Effects
    ///
    /// May delete everything in the directory: give it one that holds nothing else.
    #[must_use]
    pub fn open(dir: impl Into<PathBuf>) -> Self {
        let dir = dir.into();
        let inner = open(&dir).unwrap_or_else(|_| anew(&dir));
        Self { dir, inner }
    }

    /// Whether it lives on the disk; in memory it works as well, but is made again at each start.
    #[must_use]
    pub fn is_on_disk(&self) -> bool {
        matches!(self.inner, Inner::Sled { .. })
    }

    /// Runs one operation on sled; an error, a panic and deleted files all mean the same.
    fn guarded<T>(&mut self, work: impl Fn(&::sled::Db) -> ::sled::Result<T>) -> Option<Result<T, Lost>> {
        let Inner::Sled { db, files } = &self.inner else { return None };
        if *files != identity(&self.dir) {
            return Some(Err(Lost("its files were deleted".to_owned())));
        }
        Some(guard(|| work(db)))
    }
}

fn guard<T>(work: impl FnOnce() -> ::sled::Result<T>) -> Result<T, Lost> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| Lost(error.to_string())),
        Err(_) => Err(Lost("sled panicked".to_owned())),
    }
}

fn identity(dir: &Path) -> [Option<(u64, u64)>; 2] {
    [dir.to_owned(), dir.join("db")].map(|path| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.dev(), metadata.ino()))
    })
}

/// A directory for nobody else: sled makes its files readable for all. What cannot be made is told by the opening.
fn make_private(dir: &Path) {
    let _ = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    let _ = std::fs::set_permissions(dir, Permissions::from_mode(0o700));
}

fn open(dir: &Path) -> Result<Inner, Lost> {
    make_private(dir);
    let config = ::sled::Config::new().path(dir).cache_capacity(CACHE_BYTES);
    let until = Instant::now() + LOCKED_FOR;
    let db = loop {
        match guard(|| config.open()) {
            Err(Lost(why)) if why.contains("could not acquire lock") && Instant::now() < until => {
                std::thread::sleep(LOOKS_EVERY);
            }
            opened => break opened?,
        }
    };
    Ok(Inner::Sled { db, files: identity(dir) })
}

fn anew(dir: &Path) -> Inner {
    // What cannot be removed makes the opening fail, and then memory serves.
    let _ = std::fs::remove_dir_all(dir);
    open(dir).unwrap_or_else(|_| Inner::Memory(MemoryStore::default()))
}

impl Store for SledStore {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, Lost> {
        let found = self.guarded(|db| db.get(key).map(|value| value.map(|value| value.to_vec())));
        match (found, &mut self.inner) {
            (Some(found), _) => found,
            (None, Inner::Memory(memory)) => memory.get(key),
            (None, Inner::Sled { .. }) => Ok(None),
        }
    }

    fn put(&mut self, entries: Entries) -> Result<(), Lost> {
        if let Inner::Memory(memory) = &mut self.inner {
            return memory.put(entries);
        }
        let put = self.guarded(|db| {
            let mut batch = ::sled::Batch::default();
            for (key, value) in &entries {
                batch.insert(key.as_slice(), value.as_slice());
            }
            db.apply_batch(batch)
        });
        put.unwrap_or(Ok(()))
    }

    fn scan(&mut self, prefix: &[u8]) -> Result<Entries, Lost> {
        if let Inner::Memory(memory) = &mut self.inner {
            return memory.scan(prefix);
        }
        let found = self.guarded(|db| {
            let entries = db.scan_prefix(prefix);
            entries.map(|entry| entry.map(|(key, value)| (key.to_vec(), value.to_vec()))).collect()
        });
        found.unwrap_or_else(|| Ok(Vec::new()))
    }

    fn begin_anew(&mut self) {
        // sled must be gone before its files go: it writes while it is dropped.
        let old = std::mem::replace(&mut self.inner, Inner::Memory(MemoryStore::default()));
        let _ = catch_unwind(AssertUnwindSafe(|| drop(old)));
        self.inner = anew(&self.dir);
    }
}
