//! The world of a live drill outlives Lifeboat: each call that came to it is written down with its moment before it is
//! made, in the drill's folder. A world that was interrupted lives through them again and stands where it stood; what
//! it writes into the access log a second time is left out.
//!
//! A kill loses nothing of it: what was written is in the system's hands. A machine that loses power may forget the
//! last calls; the drill then is another one from there on, which nobody will mind.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_commands::ports::orchestrator::Seen;
use lifeboat_deploy::ports::Ports;
use lifeboat_deploy::simulated::Simulated;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::ClusterName;
use serde::{Deserialize, Serialize};

/// A call and when it came.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    at: Time,
    #[serde(flatten)]
    call: Call,
}

/// A world and what keeps it. Calls come one after the other, each at the moment that is written down.
#[derive(Debug)]
pub struct Journal {
    world: Simulated,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    calls: File,
    log: File,
    /// Bytes of the access log that are in the file.
    written: u64,
    /// Bytes of the access log that this world has made.
    made: u64,
}

/// Where the access log of a drill lies.
#[must_use]
pub fn access_log(folder: &Path) -> PathBuf {
    folder.join("access.log")
}

impl Journal {
    /// Brings a world to where it stood when the drill in this folder was interrupted; a new one to its start.
    ///
    /// # Errors
    /// When a file in the folder cannot be read or written, or the journal is not one.
    pub fn open(world: Simulated, folder: &Path) -> io::Result<Self> {
        let (calls, entries) = read(&folder.join("world.jsonl"))?;
        let log = OpenOptions::new().create(true).append(true).open(access_log(folder))?;
        let written = log.metadata()?.len();
        let starts_at = world.scenario().starts_at;
        let journal = Self { world, kept: Mutex::new(Kept { calls, log, written, made: 0 }) };
        journal.advance(starts_at)?;
        for Entry { at, call } in entries {
            journal.advance(at)?;
            let _ = journal.world.perform(call);
        }
        Ok(journal)
    }

    /// The world itself, to look at.
    #[must_use]
    pub fn world(&self) -> &Simulated {
        &self.world
    }

    /// The ports of this world.
    #[must_use]
    pub fn ports(self: &Arc<Self>) -> Ports {
        let journal = Arc::clone(self);
        Ports { all: Some(Arc::new(move |call| journal.perform(call))), ..Ports::default() }
    }

    /// Lives on until `to`, writes its access log, and tells what was seen.
    ///
    /// # Errors
    /// When the access log cannot be written.
    pub fn advance(&self, to: Time) -> io::Result<Vec<(ClusterName, Seen)>> {
        let mut kept = self.kept();
        let happened = self.world.advance(to);
        kept.log(&happened.log)?;
        Ok(happened.seen)
    }

    /// Makes a call. What cannot be written down is not made.
    fn perform(&self, call: Call) -> Answer {
        let mut kept = self.kept();
        // A probe changes nothing but the dice.
        let matters = !call.reads() || matches!(call, Call::Probe { .. });
        if matters && let Err(error) = kept.note(&Entry { at: self.world.now(), call: call.clone() }) {
            tracing::error!(%error, "the drill's journal cannot be written; nothing more is done in its world");
            return Answer::Plain(lifeboat_commands::ports::Outcome::NotFound);
        }
        self.world.perform(call)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn note(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.calls.write_all(&line)
    }

    /// Only what is not in the file yet.
    fn log(&mut self, bytes: &[u8]) -> io::Result<()> {
        let there = usize::try_from(self.written.saturating_sub(self.made)).unwrap_or(usize::MAX);
        let news = bytes.get(there..).unwrap_or_default();
        self.made += bytes.len() as u64;
        self.log.write_all(news)?;
        self.written += news.len() as u64;
        Ok(())
    }
}

/// Opens the journal; a last line that was being written when everything stopped was never made, and is cut.
fn read(path: &Path) -> io::Result<(File, Vec<Entry>)> {
    let file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
    let (mut entries, mut whole) = (Vec::new(), 0);
    let mut lines = BufReader::new(&file);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        if !line.ends_with(b"\n") {
            break;
        }
        entries.push(serde_json::from_slice(&line)?);
        whole += line.len() as u64;
        line.clear();
    }
    file.set_len(whole)?;
    Ok((file, entries))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use lifeboat_commands::ports::Outcome;
    use lifeboat_deploy::simulated::{Scenario, Truth};
    use lifeboat_storage::id::{CloudName, IdemKey, InstanceId, NodeName};
    use lifeboat_storage::plan::ProbeKind;

    use super::*;

    fn open(folder: &Path) -> Journal {
        let scene = Scenario::named("sold-out-morning").unwrap();
        Journal::open(Simulated::new(&scene, 7), folder).unwrap()
    }

    fn looks(journal: &Journal) -> (Truth, String) {
        let call = Call::Inventory { cluster: ClusterName::new("k8s-main") };
        (journal.world.truth(), format!("{:?}", journal.world.perform(call)))
    }

    /// Some minutes with calls in them.
    fn live(journal: &Journal) {
        let start = journal.world.now();
        for minute in 1..=4 {
            journal.advance(start + TimeDelta::milliseconds(minute * 60_000 + 250)).unwrap();
            let node = NodeName::new("worker-1");
            let probe = ProbeKind::NameResolution;
            let cluster = ClusterName::new("k8s-main");
            let _ = journal.perform(Call::Probe { cluster, node, probe });
            let (cloud, instance) =
                (CloudName::new("aliyun-hangzhou"), InstanceId::new(format!("i-worker-{minute}")));
            let key = IdemKey::new(format!("k{minute}"));
            let answer = journal.perform(Call::Reboot { cloud, instance, key });
            assert_eq!(answer, Answer::Plain(Outcome::Done(())));
        }
    }

    #[test]
    fn a_world_that_was_interrupted_stands_where_it_stood_and_writes_nothing_twice() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let interrupted = open(one.path());
        live(&interrupted);
        let last = interrupted.world.now() + TimeDelta::seconds(20);
        interrupted.advance(last).unwrap();
        drop(interrupted);
        let again = open(one.path());
        again.advance(last + TimeDelta::minutes(5)).unwrap();
        let never = open(other.path());
        live(&never);
        never.advance(last + TimeDelta::minutes(5)).unwrap();
        assert_eq!(format!("{:?}", looks(&again)), format!("{:?}", looks(&never)));
        let log = |folder: &Path| std::fs::read(access_log(folder)).unwrap();
        assert!(log(one.path()) == log(other.path()), "the access logs are the same");
        assert_eq!(never.world.truth().reboots.len(), 4);
    }

    #[test]
    fn a_call_that_was_half_written_down_was_never_made() {
        let folder = tempfile::tempdir().unwrap();
        live(&open(folder.path()));
        let path = folder.path().join("world.jsonl");
        let mut text = std::fs::read(&path).unwrap();
        text.truncate(text.len() - 10);
        std::fs::write(&path, &text).unwrap();
        assert_eq!(open(folder.path()).world.truth().reboots.len(), 3);
        assert!(std::fs::read(&path).unwrap().ends_with(b"\n"));
    }
}
