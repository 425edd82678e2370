//! What the gateway says on an open socket.

use serde_json::Value;

use super::{Machine, Output, Phase};
use crate::chat::discord::gateway::beat::Beats;
use crate::chat::discord::gateway::frame::{Frame, op};
use crate::chat::discord::gateway::pace::ms;
use crate::chat::discord::gateway::saved::Session;
use crate::chat::discord::gateway::{Condition, Loss};
use crate::engine::input::Now;

/// Shorter heartbeat intervals are not Discord's; a nonsense one must not make us beat without a pause.
const SHORTEST_BEAT_MS: u64 = 20;
/// Where `HELLO` names no interval (docs: events/gateway, 2026-08-06).
const USUAL_BEAT_MS: u64 = 41_250;

impl Machine {
    pub(super) fn seq(&self) -> Option<u64> {
        self.session.as_ref().map(|session| session.seq)
    }

    pub(super) fn frame(&mut self, frame: Frame, now: Now, out: &mut Vec<Output>) {
        if !matches!(self.phase, Phase::Greeting { .. } | Phase::Presenting { .. } | Phase::Live { .. }) {
            return;
        }
        match frame.op {
            op::HELLO => self.hello(&frame.d, now, out),
            op::DISPATCH => self.dispatch(frame, now, out),
            op::HEARTBEAT => self.beat_on_demand(now, out),
            op::HEARTBEAT_ACK => self.beats.iter_mut().for_each(Beats::answered),
            op::RECONNECT => self.drop_link(Loss::AskedToReconnect, now, out),
            op::INVALID_SESSION => self.invalid(frame.d == true, now, out),
            // Discord adds opcodes without a new version.
            _ => {}
        }
    }

    fn beat_on_demand(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.beats.as_mut().is_some_and(|beats| beats.on_demand(now.mono_ms)) {
            out.push(Output::Beat(self.seq()));
        }
    }

    fn hello(&mut self, about: &Value, now: Now, out: &mut Vec<Output>) {
        let Phase::Greeting { .. } = self.phase else { return };
        let every_ms = about["heartbeat_interval"].as_u64().unwrap_or(USUAL_BEAT_MS).max(SHORTEST_BEAT_MS);
        let first_ms = self.dice.between(0, every_ms);
        self.beats = Some(Beats::new(every_ms, first_ms, now.mono_ms));
        self.replayed = 0;
        self.present(now);
        match &self.session {
            Some(session) => out.push(Output::Resume(session.clone())),
            None => {
                self.begun.begin(now.wall);
                self.save(now, out);
                out.push(Output::Identify);
            }
        }
    }

    /// Waits for `READY`, `RESUMED` or a further dispatch of the replay.
    pub(super) fn present(&mut self, now: Now) {
        self.phase = Phase::Presenting { until_ms: now.mono_ms + ms(self.rules.pace.ready) };
    }

    fn dispatch(&mut self, frame: Frame, now: Now, out: &mut Vec<Output>) {
        match (frame.t.as_deref(), frame.s) {
            (Some("READY"), seq) => self.ready(seq.unwrap_or(0), frame.d, now, out),
            (Some("RESUMED"), seq) => self.resumed(seq.unwrap_or(0), now, out),
            (Some(name), Some(seq)) => self.event(seq, name.to_owned(), frame.d, now, out),
            // A dispatch has a name and a number; what has none is no dispatch.
            _ => {}
        }
    }

    fn ready(&mut self, seq: u64, data: Value, now: Now, out: &mut Vec<Output>) {
        let text = |key: &str| data[key].as_str().map(str::to_owned);
        let resume_url = text("resume_gateway_url").unwrap_or_default();
        self.session = text("session_id").map(|id| Session { id, seq, resume_url });
        self.live(now);
        out.push(Output::NewSession);
        self.save(now, out);
        out.push(Output::Say(Condition::Connected));
        out.push(Output::Dispatch { seq, name: "READY".to_owned(), data, replayed: false });
    }

    fn resumed(&mut self, seq: u64, now: Now, out: &mut Vec<Output>) {
        self.move_to(seq);
        self.live(now);
        out.push(Output::Say(Condition::Resumed { replayed: self.replayed }));
    }

    fn event(&mut self, seq: u64, name: String, data: Value, now: Now, out: &mut Vec<Output>) {
        if self.seq().is_some_and(|heard| seq <= heard) {
            return;
        }
        self.move_to(seq);
        let replayed = !self.is_live();
        if replayed {
            self.replayed += 1;
            self.present(now);
        }
        out.push(Output::Dispatch { seq, name, data, replayed });
    }

    fn move_to(&mut self, seq: u64) {
        if let Some(session) = &mut self.session {
            session.seq = session.seq.max(seq);
            self.unsaved = true;
        }
    }

    fn live(&mut self, now: Now) {
        self.phase = Phase::Live { since_ms: now.mono_ms };
        (self.resume_address_refused, self.resumes_failed, self.loss_said) = (0, 0, false);
    }
}
