//! The record under test: one contract for both logs, crashes at every byte, disks that say no.

#![expect(clippy::unwrap_used, reason = "this whole crate is tests, its helpers included")]

mod contract;
mod crash;
mod disk_trouble;
mod format_v1;
mod on_disk;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lifeboat_storage::event::{Actor, Event, Kind, Origin, Time};
use lifeboat_storage::format::Draft;
use lifeboat_storage::id::{IncidentId, Seq, World};
use lifeboat_storage::log::disk::SimulatedDisk;
use lifeboat_storage::log::{EventLog, FileLog, OpenError, Options};

/// Small enough that a few events fill a segment.
const SMALL: Options = Options { segment_bytes: 4096, reserve_bytes: 2048 };

fn dir() -> PathBuf {
    PathBuf::from("/log")
}

fn segment(first: u64) -> PathBuf {
    dir().join(format!("{first:020}.jsonl"))
}

fn open(disk: &SimulatedDisk) -> Result<FileLog, OpenError> {
    FileLog::open_on(Arc::new(disk.clone()), dir(), SMALL)
}

fn draft(kind: Kind) -> Draft {
    let now = Time::from_timestamp_millis(1_767_580_500_123).unwrap();
    Draft {
        incident: Some(IncidentId(1)),
        world: World::Real,
        occurred_at: now,
        recorded_at: now,
        actor: Actor::lifeboat(Origin::Lifeboat),
        kind,
        correlation: None,
        supersedes: None,
    }
}

fn note(text: &str) -> Draft {
    draft(Kind::NoteAdded { text: text.to_owned() })
}

fn redaction(target: u64) -> Draft {
    draft(Kind::Redacted { target: Seq(target), reason: "a password".to_owned() })
}

fn say(log: &dyn EventLog, text: &str) -> Seq {
    log.append_drafts(vec![note(text)]).unwrap().last
}

/// Notes as texts, everything else by its kind.
fn texts(log: &dyn EventLog) -> Vec<String> {
    log.read_from(Seq(1)).unwrap().map(|event| text_of(&event.unwrap())).collect()
}

fn text_of(event: &Event) -> String {
    match &event.kind {
        Kind::NoteAdded { text } => text.clone(),
        Kind::Tombstone { by, .. } => format!("redacted by {by}"),
        Kind::Redacted { target, .. } => format!("redacts {target}"),
        other => format!("{other:?}"),
    }
}

#[track_caller]
fn assert_sound(disk: &SimulatedDisk) {
    let report = lifeboat_storage::log::verify_on(disk, Path::new("/log")).unwrap();
    assert!(report.is_sound() && report.torn.is_none(), "{report:#?}");
}
