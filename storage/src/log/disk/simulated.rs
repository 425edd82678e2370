//! A disk in memory that can be full, failing or read-only, and that forgets on a crash what was not synced.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{Disk, DiskFile, LockError};
use crate::log::lock;

/// See the module. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct SimulatedDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What a running process sees.
    names: BTreeMap<PathBuf, usize>,
    /// What is left after a crash.
    synced_names: BTreeMap<PathBuf, usize>,
    inodes: Vec<Inode>,
    locked: BTreeSet<PathBuf>,
    capacity: Option<u64>,
    read_only: bool,
    failing_syncs: u32,
    failing_writes: u32,
    longest_write: Option<usize>,
    syncs: u64,
}

#[derive(Clone, Debug, Default)]
struct Inode {
    cached: Vec<u8>,
    synced: Vec<u8>,
    /// Ranges written since the last sync, also the failed one: a failed sync forgets them, as Linux does.
    dirty: Vec<(usize, usize)>,
}

/// What one file may look like after a crash.
#[derive(Clone, Copy, Debug)]
pub struct Crash<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its content at the last sync.
    pub synced: &'a [u8],
    /// Its content as the process saw it.
    pub cached: &'a [u8],
}

impl SimulatedDisk {
    /// An empty disk without limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// At most so many bytes in all files together; none for no limit.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        lock(&self.0).capacity = bytes;
    }

    /// All bytes in all files.
    #[must_use]
    pub fn used(&self) -> u64 {
        lock(&self.0).used()
    }

    /// Every change fails, as on a disk mounted read-only.
    pub fn set_read_only(&self, read_only: bool) {
        lock(&self.0).read_only = read_only;
    }

    /// The next so many syncs of a file fail and lose what they should have written.
    pub fn fail_syncs(&self, count: u32) {
        lock(&self.0).failing_syncs = count;
    }

    /// The next so many writes fail half-way with an input/output error.
    pub fn fail_writes(&self, count: u32) {
        lock(&self.0).failing_writes = count;
    }

    /// No write takes more than so many bytes at once.
    pub fn set_longest_write(&self, bytes: Option<usize>) {
        lock(&self.0).longest_write = bytes;
    }

    /// How many syncs of files succeeded so far.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        lock(&self.0).syncs
    }

    /// The content of a file as a process sees it.
    #[must_use]
    pub fn content(&self, path: &Path) -> Option<Vec<u8>> {
        let state = lock(&self.0);
        state.names.get(path).map(|inode| state.inodes[*inode].cached.clone())
    }

    /// Puts a file there, durable, past every limit: how a test damages one.
    pub fn put(&self, path: &Path, content: Vec<u8>) {
        let mut state = lock(&self.0);
        state.inodes.push(Inode { synced: content.clone(), cached: content, dirty: Vec::new() });
        let inode = state.inodes.len() - 1;
        state.names.insert(path.to_owned(), inode);
        state.synced_names.insert(path.to_owned(), inode);
    }

    /// The disk as it is found after a crash in which no unsynced byte reached it.
    #[must_use]
    pub fn crashed(&self) -> Self {
        self.crashed_as(|file| file.synced.to_vec())
    }

    /// The disk after a crash, each file's content chosen from what was synced and what was not yet.
    #[must_use]
    pub fn crashed_as(&self, mut content: impl FnMut(Crash<'_>) -> Vec<u8>) -> Self {
        let state = lock(&self.0);
        let fresh = Self::new();
        for (path, inode) in &state.synced_names {
            let Inode { synced, cached, .. } = &state.inodes[*inode];
            fresh.put(path, content(Crash { path, synced, cached }));
        }
        fresh
    }
}

impl State {
    fn used(&self) -> u64 {
        self.names.values().map(|inode| self.inodes[*inode].cached.len() as u64).sum()
    }

    fn changeable(&self) -> io::Result<()> {
        if self.read_only { Err(io::ErrorKind::ReadOnlyFilesystem.into()) } else { Ok(()) }
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// How many of the bytes can be written, or why none.
    fn admit(&mut self, inode: usize, offset: usize, len: usize) -> io::Result<usize> {
        self.changeable()?;
        let mut len = self.longest_write.map_or(len, |longest| len.min(longest));
        if let Some(capacity) = self.capacity {
            let free = usize::try_from(capacity.saturating_sub(self.used())).unwrap_or(usize::MAX);
            let within = self.inodes[inode].cached.len().saturating_sub(offset);
            len = len.min(within.saturating_add(free));
        }
        if len == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(len) }
    }

    fn write(&mut self, inode: usize, bytes: &[u8], offset: usize) {
        let Inode { cached, dirty, .. } = &mut self.inodes[inode];
        if cached.len() < offset + bytes.len() {
            cached.resize(offset + bytes.len(), 0);
        }
        cached[offset..offset + bytes.len()].copy_from_slice(bytes);
        dirty.push((offset, bytes.len()));
    }
}

impl Disk for SimulatedDisk {
    fn make_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let inside = |path: &PathBuf| {
            (path.parent() == Some(dir)).then(|| Some(path.file_name()?.to_string_lossy().into_owned()))?
        };
        Ok(lock(&self.0).names.keys().filter_map(inside).collect())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = lock(&self.0);
        state.changeable()?;
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.inodes.push(Inode::default());
        let inode = state.inodes.len() - 1;
        state.names.insert(path.to_owned(), inode);
        Ok(Box::new(SimulatedFile { disk: self.clone(), inode }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        lock(&self.0).changeable()?;
        self.open_to_read(path)
    }

    fn open_to_read(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let inode = lock(&self.0).find(path)?;
        Ok(Box::new(SimulatedFile { disk: self.clone(), inode }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = lock(&self.0);
        state.changeable()?;
        let inode = state.find(from)?;
        state.names.remove(from);
        state.names.insert(to.to_owned(), inode);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = lock(&self.0);
        state.changeable()?;
        state.find(path)?;
        state.names.remove(path);
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = lock(&self.0);
        state.changeable()?;
        state.synced_names.retain(|path, _| path.parent() != Some(dir));
        let now: Vec<_> = state.names.iter().filter(|(path, _)| path.parent() == Some(dir)).collect();
        let now: Vec<_> = now.into_iter().map(|(path, inode)| (path.clone(), *inode)).collect();
        state.synced_names.extend(now);
        Ok(())
    }

    fn lock(&self, path: &Path) -> Result<Box<dyn Any + Send + Sync>, LockError> {
        if lock(&self.0).locked.insert(path.to_owned()) {
            Ok(Box::new(Held { disk: self.clone(), path: path.to_owned() }))
        } else {
            Err(LockError::Held { pid: Some(std::process::id()) })
        }
    }
}

struct Held {
    disk: SimulatedDisk,
    path: PathBuf,
}

impl Drop for Held {
    fn drop(&mut self) {
        lock(&self.disk.0).locked.remove(&self.path);
    }
}

struct SimulatedFile {
    disk: SimulatedDisk,
    inode: usize,
}

fn place(offset: u64) -> usize {
    usize::try_from(offset).expect("simulated files fit into memory")
}

impl DiskFile for SimulatedFile {
    fn len(&self) -> io::Result<u64> {
        Ok(lock(&self.disk.0).inodes[self.inode].cached.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = lock(&self.disk.0);
        let rest = state.inodes[self.inode].cached.get(place(offset)..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let mut state = lock(&self.disk.0);
        let offset = place(offset);
        let len = state.admit(self.inode, offset, bytes.len())?;
        if state.failing_writes > 0 {
            state.failing_writes -= 1;
            state.write(self.inode, &bytes[..len / 2], offset);
            return Err(io::Error::other("simulated input/output error"));
        }
        state.write(self.inode, &bytes[..len], offset);
        Ok(len)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = lock(&self.disk.0);
        state.changeable()?;
        state.inodes[self.inode].cached.resize(place(len), 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = lock(&self.disk.0);
        state.changeable()?;
        if state.failing_syncs > 0 {
            state.failing_syncs -= 1;
            state.inodes[self.inode].dirty.clear();
            return Err(io::Error::other("simulated input/output error"));
        }
        state.syncs += 1;
        let Inode { cached, synced, dirty } = &mut state.inodes[self.inode];
        synced.resize(cached.len(), 0);
        for (offset, len) in dirty.drain(..) {
            let end = (offset + len).min(cached.len());
            if offset < end {
                synced[offset..end].copy_from_slice(&cached[offset..end]);
            }
        }
        Ok(())
    }
}
