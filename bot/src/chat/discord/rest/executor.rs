//! Makes the calls: asks the limiter, sends, tells the limiter, repeats where that is safe.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lifeboat_commands::ports::Pending;
use tokio::sync::Notify;

use super::answer::{Answer, Slow};
use super::budget::Held;
use super::guard::EdgePace;
use super::limiter::{Caller, Limiter, Ticket, Verdict};
use super::wire::{Lost, Wire, WireError};
use super::{CALLBACK_PATIENCE, Reply, Request, Rest, RestError, Scope};
use crate::chat::discord::address::RestAddress;
use crate::chat::discord::dice::Dice;
use crate::clock::Clock;
use crate::config::SecretString;

/// Repeats of one call after a 429: a server that asks for no wait at all must not keep us busy.
const SLOWED: u32 = 5;

/// What the executor is made of.
pub struct Setup {
    /// Where Discord is.
    pub address: RestAddress,
    /// The bot's token.
    pub token: SecretString,
    /// A URL that tells who we are; Discord wants one in the User-Agent.
    pub about: String,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// For the jitter of repeats.
    pub seed: u64,
    /// How long things may take.
    pub pace: Pace,
}

/// How long things may take. The defaults are those for Discord; tests have shorter ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// For a connection: 3 s.
    pub connect: Duration,
    /// For one try, the connection included: 10 s.
    pub attempt: Duration,
    /// Before the first repeat: 0.5 s, then doubled.
    pub first_repeat: Duration,
    /// Before any repeat at most: 30 s.
    pub last_repeat: Duration,
    /// How long everything is held back when what stands before Discord turns us away: 1 min, then doubled.
    pub first_ban: Duration,
    /// At most: 15 min.
    pub last_ban: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(10),
            first_repeat: Duration::from_millis(500),
            last_repeat: Duration::from_secs(30),
            first_ban: Duration::from_secs(60),
            last_ban: Duration::from_secs(900),
        }
    }
}

/// The way to Discord's REST interface. Cheap to clone; all clones share what is known about limits.
#[derive(Clone)]
pub struct Executor(Arc<Inner>);

struct Inner {
    wire: Wire,
    clock: Arc<dyn Clock>,
    pace: Pace,
    limiter: Mutex<Limiter>,
    dice: Mutex<Dice>,
    /// Rung when a call left, ended or gave up: whoever waits asks again.
    turn: Notify,
}

impl Executor {
    /// Ready to call.
    ///
    /// # Errors
    /// When the token or the URL cannot stand in a header, or the HTTP client does not start.
    pub fn new(setup: Setup) -> Result<Self, WireError> {
        let wire = Wire::new(setup.address, &setup.token, &setup.about, setup.pace.connect)?;
        let edge = EdgePace { first_ms: ms(setup.pace.first_ban), last_ms: ms(setup.pace.last_ban) };
        Ok(Self(Arc::new(Inner {
            wire,
            clock: setup.clock,
            pace: setup.pace,
            limiter: Mutex::new(Limiter::new(edge)),
            dice: Mutex::new(Dice::new(setup.seed)),
            turn: Notify::new(),
        })))
    }
}

impl Rest for Executor {
    fn call(&self, request: Request) -> Pending<'static, Result<Reply, RestError>> {
        let inner = Arc::clone(&self.0);
        Box::pin(async move { inner.call(&request).await })
    }

    fn permissions_changed(&self) {
        self.0.limiter().permissions_changed();
    }
}

/// What comes of one try.
enum Try {
    Done(Result<Reply, RestError>),
    /// Discord asks to wait; the limiter knows how long.
    Slowed(RestError),
    /// It may be repeated; the error stands if it is not.
    Repeat(RestError),
}

impl Inner {
    async fn call(self: &Arc<Self>, request: &Request) -> Result<Reply, RestError> {
        let deadline_ms = self.now_ms() + ms(request.deadline);
        let mut doubt = None;
        let outcome = self.try_on(request, deadline_ms, &mut doubt).await;
        // Whatever kept the last try from leaving, an earlier one may have done it.
        outcome.map_err(|error| if error.never_left() { doubt.unwrap_or(error) } else { error })
    }

    async fn try_on(
        self: &Arc<Self>,
        request: &Request,
        deadline_ms: u64,
        doubt: &mut Option<RestError>,
    ) -> Result<Reply, RestError> {
        let (mut slowed, mut repeats) = (0, 0);
        loop {
            let turn = self.turn(request, deadline_ms).await?;
            match self.attempt(turn, request, deadline_ms).await {
                Try::Done(outcome) => return outcome,
                Try::Slowed(_) if slowed < SLOWED => slowed += 1,
                Try::Slowed(error) => return Err(error),
                Try::Repeat(error) => {
                    if error.may_have_happened() {
                        *doubt = Some(error.clone());
                    }
                    self.pause(repeats, deadline_ms, error).await?;
                    repeats += 1;
                }
            }
        }
    }

    /// Waits for the call's turn.
    async fn turn(self: &Arc<Self>, request: &Request, deadline_ms: u64) -> Result<Turn, RestError> {
        let ticket = self.limiter().enter(Caller::of(request))?;
        let mut turn = Turn { inner: Arc::clone(self), ticket, left: false };
        loop {
            let rung = self.turn.notified();
            tokio::pin!(rung);
            rung.as_mut().enable();
            let now_ms = self.now_ms();
            let verdict = self.limiter().ask(ticket, now_ms);
            let until_ms = match verdict {
                Verdict::Go => {
                    turn.left = true;
                    self.turn.notify_waiters();
                    return Ok(turn);
                }
                Verdict::No(error) => return Err(error),
                Verdict::WaitUntil(held) if held.until_ms > deadline_ms => return Err(late(held, now_ms)),
                Verdict::WaitUntil(held) => held.until_ms,
                Verdict::WaitForOthers if now_ms >= deadline_ms => {
                    return Err(late(Held { until_ms: now_ms, scope: Scope::Unsaid, code: None }, now_ms));
                }
                Verdict::WaitForOthers => deadline_ms,
            };
            tokio::select! {
                () = rung => {}
                () = tokio::time::sleep(Duration::from_millis(until_ms.saturating_sub(now_ms))) => {}
            }
        }
    }

    async fn attempt(&self, turn: Turn, request: &Request, deadline_ms: u64) -> Try {
        let usual = if request.route.is_callback() { CALLBACK_PATIENCE } else { self.pace.attempt };
        let left = Duration::from_millis(deadline_ms.saturating_sub(self.now_ms()).max(1));
        match self.wire.send(request, usual.min(left)).await {
            Ok(answer) => {
                turn.answered(&answer);
                judge(request, answer)
            }
            Err(Lost::NotSent(why)) => Try::Repeat(RestError::Unreachable(why)),
            Err(Lost::Unclear(why)) => again_if_safe(request, RestError::Unclear(why)),
        }
    }

    /// Between half and the whole of the doubled wait, so that many do not come back at once.
    async fn pause(&self, repeats: u32, deadline_ms: u64, error: RestError) -> Result<(), RestError> {
        let doubled = self.pace.first_repeat.saturating_mul(1 << repeats.min(20)).min(self.pace.last_repeat);
        let wait_ms = self.dice().between(ms(doubled) / 2, ms(doubled));
        if self.now_ms() + wait_ms >= deadline_ms {
            return Err(error);
        }
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        Ok(())
    }

    fn now_ms(&self) -> u64 {
        self.clock.now().mono_ms
    }

    fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn dice(&self) -> MutexGuard<'_, Dice> {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn judge(request: &Request, answer: Answer) -> Try {
    match answer.slow() {
        Some(Slow::Discord { after_ms, scope, code }) => {
            let retry_after = Duration::from_millis(after_ms);
            Try::Slowed(RestError::RateLimited { retry_after, scope, code })
        }
        // The guard refuses the next try, and knows for how long.
        Some(Slow::Edge { .. }) => Try::Slowed(RestError::Banned { retry_after: Duration::ZERO }),
        None => match answer.outcome(request.route.access()) {
            Err(error @ RestError::Ill { status: 500.. }) => again_if_safe(request, error),
            outcome => Try::Done(outcome),
        },
    }
}

fn again_if_safe(request: &Request, error: RestError) -> Try {
    if request.repeatable() { Try::Repeat(error) } else { Try::Done(Err(error)) }
}

fn late(held: Held, now_ms: u64) -> RestError {
    let retry_after = Duration::from_millis(held.until_ms.saturating_sub(now_ms));
    RestError::RateLimited { retry_after, scope: held.scope, code: held.code }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A place on the limiter's list, then a call under way. Dropped, it tells the limiter that it ended without an
/// answer, whatever became of the task that held it.
struct Turn {
    inner: Arc<Inner>,
    ticket: Ticket,
    left: bool,
}

impl Turn {
    fn answered(self, answer: &Answer) {
        let now_ms = self.inner.now_ms();
        self.inner.limiter().answered(self.ticket, answer, now_ms);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        {
            let mut limiter = self.inner.limiter();
            if self.left { limiter.unanswered(self.ticket) } else { limiter.give_up(self.ticket) }
        }
        self.inner.turn.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
