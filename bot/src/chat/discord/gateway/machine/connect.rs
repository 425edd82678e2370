//! From wanting a link to an open socket.

use std::time::Duration;

use chrono::TimeDelta;

use super::{Machine, Output, Phase};
use crate::chat::discord::address::GatewayAddress;
use crate::chat::discord::gateway::beat::Due;
use crate::chat::discord::gateway::identify::Told;
use crate::chat::discord::gateway::pace::ms;
use crate::chat::discord::gateway::{Condition, Loss};
use crate::engine::input::Now;

/// After so many refusals of the resume address the first address is tried.
const RESUME_ADDRESS_TRIES: u32 = 3;
/// A shorter wait for the next beginning is nothing to tell people of.
const WORTH_SAYING_MS: u64 = 30_000;
/// Where the day's sessions are used up: Discord is asked again after this time, whatever it said.
const ASK_AGAIN_MS: u64 = 3_600_000;

impl Machine {
    pub(super) fn go_on(&mut self, now: Now, out: &mut Vec<Output>) {
        let wait_ms = if self.session.is_some() { 0 } else { self.wait_to_begin(now) };
        if wait_ms > 0 {
            self.rest(wait_ms, now);
            if wait_ms >= WORTH_SAYING_MS {
                out.push(Output::Say(spent(None, wait_ms)));
            }
            return;
        }
        match self.resume_address() {
            Some(address) => self.open(address, now, out),
            None => {
                self.phase = Phase::Asking;
                out.push(Output::Ask);
            }
        }
    }

    fn wait_to_begin(&mut self, now: Now) -> u64 {
        let least = i64::try_from(ms(self.rules.pace.between_identifies)).unwrap_or(i64::MAX);
        let wait = self.begun.wait(TimeDelta::milliseconds(least), now.wall);
        u64::try_from(wait.num_milliseconds()).unwrap_or(0)
    }

    /// Where to resume without asking; none where there is nothing to resume, or no address is known.
    fn resume_address(&self) -> Option<GatewayAddress> {
        let session = self.session.as_ref()?;
        let refused = self.resume_address_refused >= RESUME_ADDRESS_TRIES;
        let own = self.fit(&session.resume_url).filter(|_| !refused);
        let first = || self.first.as_deref().and_then(|url| self.fit(url));
        own.or_else(|| self.rules.address.clone()).or_else(first)
    }

    fn fit(&self, url: &str) -> Option<GatewayAddress> {
        GatewayAddress::new(url, self.rules.forced).ok()
    }

    fn open(&mut self, address: GatewayAddress, now: Now, out: &mut Vec<Output>) {
        self.phase = Phase::Opening { until_ms: now.mono_ms + ms(self.rules.pace.connect) };
        out.push(Output::Open(address));
    }

    pub(super) fn rest(&mut self, wait_ms: u64, now: Now) {
        self.phase = Phase::Resting { until_ms: now.mono_ms + wait_ms };
    }

    pub(super) fn told(&mut self, told: Told, now: Now, out: &mut Vec<Output>) {
        if self.phase != Phase::Asking {
            return;
        }
        self.first = Some(told.url.clone());
        self.unsaved = true;
        if self.session.is_none() && told.spent() {
            self.rest(told.reset_after_ms.clamp(ms(self.rules.pace.last_retry), ASK_AGAIN_MS), now);
            out.push(Output::Say(spent(told.remaining, told.reset_after_ms)));
            return;
        }
        match self.rules.address.clone().or_else(|| self.fit(&told.url)) {
            Some(address) => self.open(address, now, out),
            None => self.fail(Loss::NotTold(format!("{} is no address for us", told.url)), now, out),
        }
    }

    pub(super) fn not_told(&mut self, why: String, after_ms: Option<u64>, now: Now, out: &mut Vec<Output>) {
        if self.phase != Phase::Asking {
            return;
        }
        self.fail(Loss::NotTold(why), now, out);
        if let (Phase::Resting { until_ms }, Some(after_ms)) = (&mut self.phase, after_ms) {
            *until_ms = (*until_ms).max(now.mono_ms + after_ms);
        }
    }

    pub(super) fn opened(&mut self, now: Now) {
        if let Phase::Opening { .. } = self.phase {
            self.greet(now);
        }
    }

    fn greet(&mut self, now: Now) {
        self.phase = Phase::Greeting { until_ms: now.mono_ms + ms(self.rules.pace.hello) };
    }

    pub(super) fn not_opened(&mut self, why: String, now: Now, out: &mut Vec<Output>) {
        if let Phase::Opening { .. } = self.phase {
            self.resume_address_refused += u32::from(self.session.is_some());
            self.fail(Loss::NotOpened(why), now, out);
        }
    }

    pub(super) fn tick(&mut self, now: Now, out: &mut Vec<Output>) {
        let late = |until_ms: u64| until_ms <= now.mono_ms;
        match self.phase {
            Phase::Resting { until_ms } if late(until_ms) => self.go_on(now, out),
            Phase::Opening { until_ms } if late(until_ms) => {
                out.push(Output::Close);
                let waited = self.rules.pace.connect;
                self.not_opened(format!("no answer within {} ms", waited.as_millis()), now, out);
            }
            // What is waited for may lie unread.
            Phase::Greeting { until_ms } if late(until_ms) && self.holding => self.greet(now),
            Phase::Presenting { until_ms } if late(until_ms) && self.holding => self.present(now),
            Phase::Greeting { until_ms } | Phase::Presenting { until_ms } if late(until_ms) => {
                self.drop_link(Loss::Silent, now, out);
            }
            _ => self.beat(now, out),
        }
    }

    fn beat(&mut self, now: Now, out: &mut Vec<Output>) {
        let due = self.beats.as_mut().map_or(Due::No, |beats| beats.due(self.holding, now.mono_ms));
        match due {
            Due::No => {}
            Due::Beat => out.push(Output::Beat(self.seq())),
            Due::Dead => self.drop_link(Loss::NoHeartbeatAck, now, out),
        }
    }
}

fn spent(remaining: Option<u64>, retry_after_ms: u64) -> Condition {
    Condition::IdentifyBudgetSpent { remaining, retry_after: Duration::from_millis(retry_after_ms) }
}
