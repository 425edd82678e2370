//! What goes to the disk in one flush: the jobs of everybody who waits, numbered and chained.

use crate::format::{Draft, Encoded, Sha256Hash};
use crate::id::Seq;
use crate::log::{AppendError, Receipt};

use super::MARK_EVERY;

pub(super) struct Job {
    pub(super) expect: Option<Seq>,
    pub(super) drafts: Vec<Draft>,
    pub(super) encoded: Vec<Encoded>,
}

/// The bytes of one flush and what becomes of each caller.
pub(super) struct Group {
    pub(super) bytes: Vec<u8>,
    pub(super) head: (Seq, Sha256Hash),
    pub(super) marks: Vec<(Seq, u64)>,
    pub(super) receipts: Vec<Result<Receipt, AppendError>>,
}

impl Group {
    pub(super) fn of((seq, mut hash): (Seq, Sha256Hash), jobs: &[Job]) -> Self {
        let mut next = seq.next();
        let firsts: Vec<Result<Seq, AppendError>> = jobs
            .iter()
            .map(|job| match job.expect {
                Some(found) if found != next => Err(AppendError::OutOfOrder { expected: next, found }),
                _ => {
                    let after = Seq(next.0 + job.drafts.len() as u64);
                    Ok(std::mem::replace(&mut next, after))
                }
            })
            .collect();
        let group = (seq.next(), Seq(next.0 - 1));
        let room = jobs.iter().flat_map(|job| &job.encoded).map(Encoded::room).sum();
        let (mut bytes, mut marks, mut receipts) = (Vec::with_capacity(room), Vec::new(), Vec::new());
        for (job, first) in jobs.iter().zip(firsts) {
            receipts.push(first.map(|first| {
                for (encoded, seq) in job.encoded.iter().zip(first.0..) {
                    if seq % MARK_EVERY == 0 {
                        marks.push((Seq(seq), bytes.len() as u64));
                    }
                    hash = encoded.write(&mut bytes, Seq(seq), group, hash);
                }
                let last = Seq(first.0 + job.drafts.len() as u64 - 1);
                Receipt { first, last, head: hash, reserve_in_use: false }
            }));
        }
        Self { bytes, head: (group.1, hash), marks, receipts }
    }
}
