//! How a link ends, and what is wanted after it.

use super::{Machine, Output, Phase};
use crate::chat::discord::gateway::pace::ms;
use crate::chat::discord::gateway::{Condition, Fatal, Loss};
use crate::engine::input::Now;

/// After so many connections on which a resume came to nothing the session is given up. The waits between them are
/// three minutes together; Discord keeps a session for "a few minutes".
const RESUMES: u32 = 8;

impl Machine {
    /// The other side closed, or the network did (docs: topics/opcodes-and-status-codes, 2026-08-06).
    pub(super) fn closed(&mut self, code: Option<u16>, now: Now, out: &mut Vec<Output>) {
        if matches!(self.phase, Phase::Resting { .. } | Phase::Asking) {
            return;
        }
        match code {
            Some(4004) => return self.end(Some(Condition::Fatal(Fatal::Token)), now, out),
            Some(code @ 4010..=4014) => {
                return self.end(Some(Condition::Fatal(Fatal::Closed(code))), now, out);
            }
            Some(4003 | 4007 | 4009) => self.forget_session(),
            _ => {}
        }
        self.fail(Loss::Closed(code), now, out);
    }

    /// We close, so that the session lives on.
    pub(super) fn drop_link(&mut self, why: Loss, now: Now, out: &mut Vec<Output>) {
        out.push(Output::Close);
        self.fail(why, now, out);
    }

    pub(super) fn invalid(&mut self, resumable: bool, now: Now, out: &mut Vec<Output>) {
        let resumable = resumable && self.session.is_some();
        if resumable {
            return self.drop_link(Loss::InvalidSession { resumable }, now, out);
        }
        self.forget_session();
        self.drop_link(Loss::InvalidSession { resumable }, now, out);
        let pace = self.rules.pace;
        let wait_ms = self.dice.between(ms(pace.least_before_identify), ms(pace.most_before_identify));
        self.rest(wait_ms, now);
    }

    fn forget_session(&mut self) {
        (self.session, self.resumes_failed, self.unsaved) = (None, 0, true);
    }

    /// The link is gone or did not come about; after a wait it is tried again.
    pub(super) fn fail(&mut self, why: Loss, now: Now, out: &mut Vec<Output>) {
        if let Phase::Presenting { .. } = self.phase {
            self.resumes_failed += u32::from(self.session.is_some());
        }
        if self.resumes_failed >= RESUMES {
            self.forget_session();
        }
        let wait_ms = self.wait_to_retry(now);
        self.beats = None;
        self.rest(wait_ms, now);
        if self.unsaved {
            self.save(now, out);
        }
        if !std::mem::replace(&mut self.loss_said, true) {
            out.push(Output::Say(Condition::Lost { why }));
        }
    }

    /// A link that lived is mended at once; one that did not live long, or did not come about, after a wait.
    fn wait_to_retry(&mut self, now: Now) -> u64 {
        let first_ms = ms(self.rules.pace.first_retry);
        let before = match self.phase {
            Phase::Live { since_ms } => u32::from(now.mono_ms - since_ms < first_ms),
            _ => self.failures.max(1),
        };
        self.failures = before.saturating_add(1);
        let Some(doublings) = before.checked_sub(1) else { return 0 };
        let wait_ms = first_ms.saturating_mul(1 << doublings.min(20)).min(ms(self.rules.pace.last_retry));
        self.dice.between(wait_ms / 2, wait_ms)
    }
}
