//! What keeps the bot from being banned: it stops at a revoked token, rests a route whose permission is missing,
//! never touches a dead webhook again, and holds everything back while what stands before Discord turns us away or
//! before too many calls were invalid. Pure.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::answer::{Answer, Slow};
use super::limiter::{Caller, Lane, Ticket};
use super::{RestError, Scope};
use crate::chat::discord::route::Access;

/// At this many invalid calls everything is held back. Discord bans an address at 10,000 in ten minutes (docs:
/// topics/rate-limits, 2026-08-06); others may share ours, and a restart begins to count anew.
const INVALID: usize = 2_500;
/// The time Discord counts them in.
const INVALID_MS: u64 = 600_000;
/// A resting route is tried again after this time even if nobody said that permissions changed: not every change
/// is told to us. At this pace it is no burden.
const REST_MS: u64 = 600_000;
/// Dead tokens and resting routes to be remembered; the oldest is forgotten and would be refused once more.
const REMEMBERED: usize = 1_000;
/// A webhook or interaction token that is over: unknown webhook, invalid webhook token.
const DEAD: [u32; 2] = [10_015, 50_027];

/// How long everything is held back when what stands before Discord turns us away: from `first_ms`, doubled each
/// time, to `last_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EdgePace {
    pub(super) first_ms: u64,
    pub(super) last_ms: u64,
}

impl Default for EdgePace {
    fn default() -> Self {
        Self { first_ms: 60_000, last_ms: 900_000 }
    }
}

/// Whether a call may go on.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pass {
    Yes,
    /// One call is out to see whether Discord lets us in again.
    WaitForProbe,
    No(RestError),
}

#[derive(Debug)]
struct Edge {
    times: u32,
    until_ms: u64,
    probe: Option<Ticket>,
}

#[derive(Debug, Default)]
pub(super) struct Guard {
    pace: EdgePace,
    revoked: bool,
    edge: Option<Edge>,
    invalid: VecDeque<u64>,
    resting: BTreeMap<Lane, (RestError, u64)>,
    /// Calls that were under way when permissions changed: a refusal may be from before.
    before_change: BTreeSet<Ticket>,
    /// By top-level id, with the number under which it was noted.
    dead: BTreeMap<String, (RestError, u64)>,
    noted: u64,
}

impl Guard {
    pub(super) fn new(pace: EdgePace) -> Self {
        Self { pace, ..Self::default() }
    }

    pub(super) fn pass(&mut self, caller: &Caller, ticket: Ticket, now_ms: u64) -> Pass {
        if self.revoked {
            return Pass::No(RestError::TokenRevoked);
        }
        if let Some((error, _)) = self.dead.get(&caller.lane.top) {
            return Pass::No(error.clone());
        }
        if let Some((error, _)) = self.resting.get(&caller.lane).filter(|(_, until_ms)| *until_ms > now_ms) {
            return Pass::No(error.clone());
        }
        if let Some(until_ms) = self.invalid_until(now_ms) {
            return Pass::No(banned(until_ms, now_ms));
        }
        self.edge_pass(ticket, now_ms)
    }

    fn edge_pass(&mut self, ticket: Ticket, now_ms: u64) -> Pass {
        match &mut self.edge {
            None => Pass::Yes,
            Some(edge) if edge.until_ms > now_ms => Pass::No(banned(edge.until_ms, now_ms)),
            Some(Edge { probe: Some(probe), .. }) if *probe != ticket => Pass::WaitForProbe,
            Some(edge) => {
                edge.probe = Some(ticket);
                Pass::Yes
            }
        }
    }

    /// When enough of the invalid calls are out of Discord's sight again.
    fn invalid_until(&mut self, now_ms: u64) -> Option<u64> {
        while self.invalid.front().is_some_and(|at| at + INVALID_MS <= now_ms) {
            self.invalid.pop_front();
        }
        let nth = self.invalid.len().checked_sub(INVALID)?;
        self.invalid.get(nth).map(|at| at + INVALID_MS)
    }

    /// The call that was out to see came to nothing: the next may look.
    pub(super) fn probe_ended(&mut self, ticket: Ticket) {
        if let Some(edge) = self.edge.as_mut().filter(|edge| edge.probe == Some(ticket)) {
            edge.probe = None;
        }
    }

    /// To be told before [`Guard::ended`].
    pub(super) fn heard(&mut self, ticket: Ticket, caller: &Caller, answer: &Answer, now_ms: u64) {
        let was_probe = self.edge.as_ref().is_some_and(|edge| edge.probe == Some(ticket));
        match answer.slow() {
            Some(Slow::Edge { after_ms }) => self.turned_away(after_ms, now_ms),
            // 5xx pages come from what stands before Discord, too: they do not end a ban. Nor does the answer to a
            // call that left before it.
            _ if was_probe && answer.status < 500 => self.edge = None,
            _ => {}
        }
        let shared = matches!(answer.slow(), Some(Slow::Discord { scope: Scope::Shared, .. }));
        if matches!(answer.status, 401 | 403 | 429) && !shared {
            self.invalid.push_back(now_ms);
        }
        self.note(ticket, caller, answer, now_ms);
    }

    /// The call is over, with an answer or without one.
    pub(super) fn ended(&mut self, ticket: Ticket) {
        self.probe_ended(ticket);
        self.before_change.remove(&ticket);
    }

    fn turned_away(&mut self, after_ms: Option<u64>, now_ms: u64) {
        if self.edge.as_ref().is_some_and(|edge| edge.until_ms > now_ms) {
            // Calls that left before the first of them was turned away.
            return;
        }
        let times = self.edge.as_ref().map_or(0, |edge| edge.times);
        let doubled = self.pace.first_ms.saturating_mul(1 << times.min(20)).min(self.pace.last_ms);
        let wait_ms = after_ms.unwrap_or(0).max(doubled);
        self.edge = Some(Edge { times: times + 1, until_ms: now_ms + wait_ms + 1, probe: None });
    }

    fn note(&mut self, ticket: Ticket, caller: &Caller, answer: &Answer, now_ms: u64) {
        let Err(error) = answer.clone().outcome(caller.access) else { return };
        self.noted += 1;
        match &error {
            RestError::TokenRevoked => self.revoked = true,
            RestError::Forbidden { .. } if self.before_change.contains(&ticket) => {}
            RestError::Forbidden { .. } => {
                self.resting.insert(caller.lane.clone(), (error, now_ms + REST_MS));
            }
            RestError::Refused { status, code, .. }
                if caller.access == Access::Path && (*status == 401 || DEAD.contains(code)) =>
            {
                self.dead.insert(caller.lane.top.clone(), (error, self.noted));
            }
            _ => {}
        }
    }

    pub(super) fn forget(&mut self, now_ms: u64) {
        if self.resting.len() > REMEMBERED {
            self.resting.retain(|_, (_, until_ms)| *until_ms > now_ms);
        }
        if self.dead.len() > REMEMBERED {
            let oldest = self.dead.iter().min_by_key(|(_, (_, noted))| *noted).map(|(top, _)| top.clone());
            oldest.and_then(|top| self.dead.remove(&top));
        }
    }

    /// Missing permissions may have been given; these calls are under way.
    pub(super) fn permissions_changed(&mut self, under_way: impl Iterator<Item = Ticket>) {
        self.resting.clear();
        self.before_change = under_way.collect();
    }
}

fn banned(until_ms: u64, now_ms: u64) -> RestError {
    RestError::Banned { retry_after: Duration::from_millis(until_ms.saturating_sub(now_ms)) }
}
