//! The gateway as a state machine: what happened and what time it is goes in, what is to be done comes out. Pure.
//!
//! ```text
//!            ┌───────────── Resting(until) ◀────────────────────── any failure
//!            ▼                                                        ▲
//!  identify: Asking ─▶ Opening ─▶ Greeting ─▶ Presenting ─▶ Live ─────┘
//!  resume:             Opening ─▶ Greeting ─▶ Presenting ─▶ Live         Ended: only a person can mend it, or stopped
//! ```
//!
//! Each state but Live has a deadline. A lost link is resumed; a new session is begun only when Discord does not
//! take the old one any more, and never without asking how many may still be begun.

mod connect;
mod hear;
mod lose;
#[cfg(test)]
mod tests;

use lifeboat_storage::event::Time;
use serde_json::Value;

use super::beat::Beats;
use super::frame::Frame;
use super::identify::{Begun, Told};
use super::pace::{Pace, ms};
use super::saved::{Saved, Session};
use super::{Condition, Fatal};
use crate::chat::discord::address::GatewayAddress;
use crate::chat::discord::dice::Dice;
use crate::engine::input::Now;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Input {
    /// It begins.
    Start,
    /// Where the gateway is, and how many sessions may be begun.
    Told(Told),
    /// That could not be asked; when to ask again, where said.
    NotTold { why: String, after_ms: Option<u64> },
    /// The token is not valid.
    TokenRevoked,
    /// The socket is open.
    Opened,
    /// It could not be opened.
    NotOpened(String),
    /// A message came.
    Frame(Frame),
    /// The socket is closed, by the other side or by the network.
    Closed(Option<u16>),
    /// Time passed.
    Tick,
    /// Reading is held up (`true`) because nobody takes what was read, or goes on.
    Holding(bool),
    /// A dispatch was handled.
    Handled,
    /// It ends.
    Stop,
}

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Output {
    /// Ask where the gateway is.
    Ask,
    /// Open a socket to this address.
    Open(GatewayAddress),
    /// Send a heartbeat with this number.
    Beat(Option<u64>),
    /// Begin a session.
    Identify,
    /// Go on with this session.
    Resume(Session),
    /// Close the socket so that the session lives on.
    Close,
    /// Save what must outlive a restart, before doing what follows.
    Save,
    /// A new session began: numbers begin anew.
    NewSession,
    /// Hand out a dispatch.
    Dispatch { seq: u64, name: String, data: Value, replayed: bool },
    /// Say how the link is.
    Say(Condition),
    /// It is over.
    End,
}

/// Whether a session is to be resumed or begun needs no state of its own: one that is there is resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Resting { until_ms: u64 },
    Asking,
    Opening { until_ms: u64 },
    Greeting { until_ms: u64 },
    Presenting { until_ms: u64 },
    Live { since_ms: u64 },
    Ended,
}

/// How it is set up.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) pace: Pace,
    /// The configured first address; without one Discord is asked for it.
    pub(super) address: Option<GatewayAddress>,
    /// Unencrypted addresses elsewhere are taken too.
    pub(super) forced: bool,
    pub(super) seed: u64,
}

/// All that the gateway knows.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    rules: Rules,
    dice: Dice,
    phase: Phase,
    session: Option<Session>,
    first: Option<String>,
    begun: Begun,
    beats: Option<Beats>,
    holding: bool,
    /// In a row, since the link last lived.
    failures: u32,
    resume_address_refused: u32,
    resumes_failed: u32,
    /// [`Condition::Lost`] was said since the link last lived.
    loss_said: bool,
    replayed: u64,
    unsaved: bool,
    saved_ms: Option<u64>,
}

impl Machine {
    pub(super) fn new(rules: Rules, saved: &Saved) -> Self {
        Self {
            dice: Dice::new(rules.seed),
            rules,
            phase: Phase::Resting { until_ms: 0 },
            session: saved.session.clone(),
            first: saved.gateway.clone(),
            begun: Begun::new(saved.identified.clone()),
            beats: None,
            holding: false,
            failures: 0,
            resume_address_refused: 0,
            resumes_failed: 0,
            loss_said: false,
            replayed: 0,
            unsaved: false,
            saved_ms: None,
        }
    }

    /// What is to be saved; the session's number is what was heard.
    pub(super) fn session(&self) -> (Option<&Session>, Option<&String>, &[Time]) {
        (self.session.as_ref(), self.first.as_ref(), self.begun.times())
    }

    /// Whether dispatches come.
    pub(super) fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Live { .. })
    }

    /// When [`Input::Tick`] is wanted next, at the latest.
    pub(super) fn wake_ms(&self) -> Option<u64> {
        let phase = match self.phase {
            Phase::Resting { until_ms }
            | Phase::Opening { until_ms }
            | Phase::Greeting { until_ms }
            | Phase::Presenting { until_ms } => Some(until_ms),
            Phase::Asking | Phase::Live { .. } => None,
            Phase::Ended => return None,
        };
        let save = self.unsaved.then(|| self.save_at_ms());
        [phase, save, self.beats.as_ref().map(Beats::next_ms)].into_iter().flatten().min()
    }

    fn hold(&mut self, holding: bool) {
        self.holding = holding;
        if let Some(beats) = self.beats.as_mut().filter(|_| holding) {
            beats.unheard();
        }
    }

    fn save(&mut self, now: Now, out: &mut Vec<Output>) {
        (self.unsaved, self.saved_ms) = (false, Some(now.mono_ms));
        out.push(Output::Save);
    }

    fn save_if_due(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.unsaved && self.phase != Phase::Ended && self.save_at_ms() <= now.mono_ms {
            self.save(now, out);
        }
    }

    fn end(&mut self, last: Option<Condition>, now: Now, out: &mut Vec<Output>) {
        self.save(now, out);
        out.extend(last.map(Output::Say));
        out.extend([Output::Close, Output::End]);
        self.phase = Phase::Ended;
    }

    fn save_at_ms(&self) -> u64 {
        self.saved_ms.map_or(0, |at| at + ms(self.rules.pace.save))
    }

    /// What comes of `input`.
    pub(super) fn step(&mut self, input: Input, now: Now) -> Vec<Output> {
        let mut out = Vec::new();
        if self.phase != Phase::Ended {
            self.take(input, now, &mut out);
        }
        out
    }

    fn take(&mut self, input: Input, now: Now, out: &mut Vec<Output>) {
        match input {
            Input::Start => self.go_on(now, out),
            Input::Told(told) => self.told(told, now, out),
            Input::NotTold { why, after_ms } => self.not_told(why, after_ms, now, out),
            Input::TokenRevoked => self.end(Some(Condition::Fatal(Fatal::Token)), now, out),
            Input::Opened => self.opened(now),
            Input::NotOpened(why) => self.not_opened(why, now, out),
            Input::Frame(frame) => self.frame(frame, now, out),
            Input::Closed(code) => self.closed(code, now, out),
            Input::Tick => self.tick(now, out),
            Input::Holding(holding) => self.hold(holding),
            Input::Handled => self.unsaved = true,
            Input::Stop => self.end(None, now, out),
        }
        self.save_if_due(now, out);
    }
}
