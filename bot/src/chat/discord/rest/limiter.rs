//! Who may call now, who waits until when, and who is not let through at all. Pure: no clock, no socket.
//!
//! A call first [`enter`](Limiter::enter)s, then [`ask`](Limiter::ask)s until it may go, then its end is told:
//! [`answered`](Limiter::answered) or [`unanswered`](Limiter::unanswered). Times are milliseconds on a clock that
//! never goes back.
//!
//! In this order a call meets: the *guard* (revoked token, ban, missing permission: [`guard`](super::guard)), a wait
//! asked for this very path, the budget of its bucket (in order of entering), and the bot's 50 a second.

use std::collections::{BTreeMap, VecDeque};

use super::answer::{Answer, Slow};
use super::budget::{Budget, Held, Opening};
use super::guard::{EdgePace, Guard, Pass};
use super::{Body, Request, RestError, Scope};
use crate::chat::discord::route::Access;

/// Calls that may wait at once: twenty seconds of the bot's whole allowance. One more is refused.
const WAITING: usize = 1_000;
/// The bot's allowance over all routes (docs: topics/rate-limits, 2026-08-06).
const GLOBAL: usize = 50;
/// In this time. Longer than the second Discord counts in, because calls bunch up on their way.
const GLOBAL_MS: u64 = 1_050;
/// More budgets than this are searched for idle ones; each interaction brings one.
const BUDGETS: usize = 500;

/// Names a call within the limiter; earlier ones go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

/// A method with a template, the top-level id, and whether files go along: a missing permission to attach files
/// must not silence plain messages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lane {
    pub(super) method: String,
    pub(super) template: &'static str,
    pub(super) top: String,
    pub(super) files: bool,
}

impl Lane {
    /// The bucket's name until Discord told one.
    fn own_bucket(&self) -> Bucket {
        format!("{} {}", self.method, self.template)
    }
}

/// What the limiter must know of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) lane: Lane,
    /// Method and whole path.
    pub(super) path: String,
    pub(super) access: Access,
}

impl Caller {
    pub(super) fn of(request: &Request) -> Self {
        let route = &request.route;
        let lane = Lane {
            method: route.method().to_string(),
            template: route.template(),
            top: route.top().to_owned(),
            files: matches!(request.body, Body::Files { .. }),
        };
        Self { path: format!("{} {}", route.method(), route.path()), lane, access: route.access() }
    }
}

/// What a call may do.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// Leave now; its end must be told.
    Go,
    /// Ask again then, at the earliest.
    WaitUntil(Held),
    /// Ask again when another call ended.
    WaitForOthers,
    /// It will not leave. It has been taken off the list.
    No(RestError),
}

/// The name of a bucket: Discord's, or the route's own until Discord told one.
type Bucket = String;
type BudgetKey = (Bucket, String);

/// All that is known about limits.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    last: u64,
    waiting: BTreeMap<Ticket, Caller>,
    flying: BTreeMap<Ticket, (Caller, BudgetKey)>,
    buckets: BTreeMap<(String, &'static str), Bucket>,
    budgets: BTreeMap<BudgetKey, Budget>,
    paths: BTreeMap<String, Held>,
    global: Option<Held>,
    /// When the last [`GLOBAL`] calls left.
    left_at: VecDeque<u64>,
    guard: Guard,
}

impl Limiter {
    pub(super) fn new(edge: EdgePace) -> Self {
        Self { guard: Guard::new(edge), ..Self::default() }
    }

    /// Puts a call on the list.
    pub(super) fn enter(&mut self, caller: Caller) -> Result<Ticket, RestError> {
        if self.waiting.len() >= WAITING {
            return Err(RestError::Crowded);
        }
        self.last += 1;
        self.waiting.insert(Ticket(self.last), caller);
        Ok(Ticket(self.last))
    }

    /// Whether the call may leave.
    pub(super) fn ask(&mut self, ticket: Ticket, now_ms: u64) -> Verdict {
        let Some(caller) = self.waiting.get(&ticket).cloned() else { return Verdict::WaitForOthers };
        match self.guard.pass(&caller, ticket, now_ms) {
            Pass::No(error) => {
                self.waiting.remove(&ticket);
                return Verdict::No(error);
            }
            Pass::WaitForProbe => return Verdict::WaitForOthers,
            Pass::Yes => {}
        }
        if let Some(wait) = self.wait(ticket, &caller, now_ms) {
            return wait;
        }
        self.leave(ticket, caller, now_ms);
        Verdict::Go
    }

    /// Why the call must wait, if it must.
    fn wait(&self, ticket: Ticket, caller: &Caller, now_ms: u64) -> Option<Verdict> {
        if let Some(held) = self.paths.get(&caller.path).filter(|held| held.until_ms > now_ms) {
            return Some(Verdict::WaitUntil(*held));
        }
        let key = self.key(caller);
        match self.budgets.get(&key).map_or(Opening::Now, |budget| budget.opening(now_ms)) {
            Opening::At(held) => return Some(Verdict::WaitUntil(held)),
            Opening::AfterAnAnswer => return Some(Verdict::WaitForOthers),
            Opening::Now => {}
        }
        if self.someone_before(ticket, &key, now_ms) {
            return Some(Verdict::WaitForOthers);
        }
        self.global_wait(caller, now_ms)
    }

    /// An earlier call for the same budget, unless its own path is held up.
    fn someone_before(&self, ticket: Ticket, key: &BudgetKey, now_ms: u64) -> bool {
        let free = |caller: &Caller| self.paths.get(&caller.path).is_none_or(|held| held.until_ms <= now_ms);
        let mut before = self.waiting.range(..ticket).map(|(_, caller)| caller);
        before.any(|caller| self.key(caller) == *key && free(caller))
    }

    fn global_wait(&self, caller: &Caller, now_ms: u64) -> Option<Verdict> {
        if caller.access == Access::Path {
            return None;
        }
        if let Some(held) = self.global.filter(|held| held.until_ms > now_ms) {
            return Some(Verdict::WaitUntil(held));
        }
        let oldest = self.left_at.front().filter(|_| self.left_at.len() >= GLOBAL)?;
        let until_ms = oldest + GLOBAL_MS;
        let held = Held { until_ms, scope: Scope::Unsaid, code: None };
        (until_ms > now_ms).then_some(Verdict::WaitUntil(held))
    }

    fn leave(&mut self, ticket: Ticket, caller: Caller, now_ms: u64) {
        self.waiting.remove(&ticket);
        if caller.access == Access::Bot {
            if self.left_at.len() >= GLOBAL {
                self.left_at.pop_front();
            }
            self.left_at.push_back(now_ms);
        }
        let key = self.key(&caller);
        self.budgets.entry(key.clone()).or_default().take(now_ms);
        self.flying.insert(ticket, (caller, key));
    }

    /// The call gives up before it left.
    pub(super) fn give_up(&mut self, ticket: Ticket) {
        self.waiting.remove(&ticket);
        self.guard.probe_ended(ticket);
    }

    /// The call left and nothing came back, or not all of it.
    pub(super) fn unanswered(&mut self, ticket: Ticket) {
        self.guard.ended(ticket);
        if let Some((_, key)) = self.flying.remove(&ticket)
            && let Some(budget) = self.budgets.get_mut(&key)
        {
            budget.landed();
        }
    }

    /// The call was answered.
    pub(super) fn answered(&mut self, ticket: Ticket, answer: &Answer, now_ms: u64) {
        let Some((caller, _)) = self.flying.get(&ticket).cloned() else { return };
        self.guard.heard(ticket, &caller, answer, now_ms);
        self.unanswered(ticket);
        if let Some(bucket) = &answer.told.bucket {
            self.name_bucket(&caller.lane, bucket);
        }
        let budget = self.budgets.entry(self.key(&caller)).or_default();
        budget.learn(&answer.told, now_ms);
        if (200..300).contains(&answer.status) {
            budget.free();
        }
        if let Some(Slow::Discord { after_ms, scope, code }) = answer.slow() {
            // A millisecond more, because our clock tells whole ones.
            let held = Held { until_ms: now_ms + after_ms + 1, scope, code };
            self.slow_down(&caller, answer, held);
        }
        self.forget(now_ms);
    }

    /// Who is held: everybody, the bucket, or, where the bucket is not the reason, this path alone.
    fn slow_down(&mut self, caller: &Caller, answer: &Answer, held: Held) {
        let bucket_spent = answer.told.remaining.is_none_or(|left| left == 0);
        if held.scope == Scope::Global {
            self.global = Some(held);
        } else if held.code.is_none() && (bucket_spent || held.scope == Scope::Shared) {
            self.budgets.entry(self.key(caller)).or_default().hold(held);
        } else {
            self.paths.insert(caller.path.clone(), held);
        }
    }

    fn key(&self, caller: &Caller) -> BudgetKey {
        let lane = &caller.lane;
        let known = self.buckets.get(&(lane.method.clone(), lane.template)).cloned();
        (known.unwrap_or_else(|| lane.own_bucket()), lane.top.clone())
    }

    /// What is known under the route's own name goes on under Discord's, calls under way included.
    fn name_bucket(&mut self, lane: &Lane, bucket: &str) {
        let own = lane.own_bucket();
        if self.buckets.insert((lane.method.clone(), lane.template), bucket.to_owned()).is_some() {
            return;
        }
        let tops: Vec<String> =
            self.budgets.keys().filter(|(name, _)| *name == own).map(|(_, top)| top.clone()).collect();
        for top in tops {
            if let Some(budget) = self.budgets.remove(&(own.clone(), top.clone())) {
                self.budgets.entry((bucket.to_owned(), top)).or_default().join(budget);
            }
        }
        for (_, (name, _)) in self.flying.values_mut().filter(|(_, (name, _))| *name == own) {
            bucket.clone_into(name);
        }
    }

    /// Drops what says no more than nothing would.
    fn forget(&mut self, now_ms: u64) {
        if self.budgets.len() > BUDGETS {
            self.budgets.retain(|_, budget| !budget.idle(now_ms));
        }
        if self.paths.len() > BUDGETS {
            self.paths.retain(|_, held| held.until_ms > now_ms);
        }
        self.guard.forget(now_ms);
    }

    /// Missing permissions may have been given.
    pub(super) fn permissions_changed(&mut self) {
        self.guard.permissions_changed(self.flying.keys().copied());
    }
}

#[cfg(test)]
mod tests;
