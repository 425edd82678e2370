//! Cards that stand in a chat outside: when each is edited. The newest state wins, and no card is edited more often
//! than the other side bears; it bears the less the older the message is.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use lifeboat_storage::chat::Standing;
use lifeboat_storage::event::{ChatKind, Kind, PostKind, Status, Time};
use lifeboat_storage::id::Seq;
use lifeboat_storage::incident::Incident;
use lifeboat_storage::state::{ALERTS, State};

use super::Engine;
use super::delivery::wait_ms;
use super::effect::Effect;
use super::input::{Edited, Now};

/// How often messages that stand outside are edited, and how long silence may last; in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// Between two edits of a card.
    pub card_ms: u64,
    /// Between two edits of the status of a channel, which is read, not watched.
    pub status_ms: u64,
    /// Between two edits of any message older than 55 minutes.
    pub old_ms: u64,
    /// So long without success, and the chat is called lost.
    pub lost_ms: u64,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self { card_ms: 5_000, status_ms: 15_000, old_ms: 60_000, lost_ms: 120_000 }
    }
}

/// Discord limits edits of messages older than an hour tightly (error 30046, seen 2026-08); we stop before.
const YOUNG: TimeDelta = TimeDelta::minutes(55);
/// After "too old" a message is left alone for so long.
const TOO_OLD_MS: u64 = 600_000;
/// The status of an incident that goes on says "as of now" at least so often, so that silence reads as silence.
const BEAT_MS: u64 = 240_000;

/// How editing one card goes.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    in_flight: bool,
    tries: u32,
    not_before_ms: u64,
    last_ms: u64,
    /// Read the same at this event.
    checked: Seq,
    /// Cannot be edited any more.
    dead: bool,
}

/// How editing goes.
#[derive(Debug, Default)]
pub struct Cards {
    paces: BTreeMap<Seq, Pace>,
}

/// The status of an incident's channel, as against its card among the alerts.
fn is_status(card: &Standing) -> bool {
    matches!(card.post, PostKind::Card { .. }) && card.channel.as_str() != ALERTS
}

/// The newest event that may change what a card tells.
fn told(state: &State, post: &PostKind) -> Seq {
    match post {
        PostKind::Card { incident } => state.incidents.get(incident).map_or(Seq(0), |known| known.told),
        PostKind::Plan { plan } => state.plans.get(plan).map_or(Seq(0), |run| run.changed),
        PostKind::Notice { .. } | PostKind::Room { .. } | PostKind::Farewell { .. } => Seq(0),
    }
}

/// Users still suffer, or nobody said that they do not.
fn burns(state: &State, post: &PostKind) -> bool {
    let PostKind::Card { incident } = post else { return false };
    let known = state.incidents.get(incident);
    known.is_some_and(|known| matches!(known.status, Status::Investigating | Status::Identified))
}

/// The card of an incident that has not ended.
fn is_open(state: &State, post: &PostKind) -> bool {
    let PostKind::Card { incident } = post else { return false };
    state.incidents.get(incident).is_some_and(Incident::is_open)
}

fn gap_ms(rhythm: Rhythm, card: &Standing, now: Time) -> u64 {
    match (now - card.sent_at >= YOUNG, is_status(card)) {
        (true, _) => rhythm.old_ms,
        (false, true) => rhythm.status_ms,
        (false, false) => rhythm.card_ms,
    }
}

impl Engine {
    /// Edits the cards that tell something old and are due.
    pub(crate) fn edit_cards(&mut self, now: Now, out: &mut Vec<Effect>) {
        let chat = ChatKind::Discord;
        let durable = &self.record.durable;
        let Some(known) = durable.chats.of(chat).filter(|known| self.setup.discord && known.lost.is_none())
        else {
            return;
        };
        self.cards.paces.retain(|queued, _| known.cards.contains_key(queued));
        let (mut renewed, old_ms) = (Vec::new(), self.setup.rhythm.old_ms);
        for (&queued, card) in &known.cards {
            let pace =
                self.cards.paces.entry(queued).or_insert(Pace { last_ms: now.mono_ms, ..Pace::default() });
            if pace.in_flight || pace.dead || now.mono_ms < pace.not_before_ms {
                continue;
            }
            let old = card.shown.max(pace.checked) < told(durable, &card.post);
            let beat = is_status(card) && burns(durable, &card.post) && now.mono_ms >= pace.last_ms + BEAT_MS;
            if !(old || beat || card.successor.is_some()) {
                continue;
            }
            let busy = old && now.mono_ms < pace.last_ms + 2 * old_ms;
            if busy && is_status(card) && card.successor.is_none() && now.wall - card.sent_at >= YOUNG {
                pace.not_before_ms = now.mono_ms + old_ms;
                renewed.push(card.clone());
                continue;
            }
            pace.in_flight = true;
            out.push(Effect::Edit { chat, queued, card: card.clone() });
        }
        for card in renewed {
            self.renew(&card, now, out);
        }
    }

    /// An edit has ended.
    pub(crate) fn edited(&mut self, queued: Seq, outcome: Edited, now: Now, out: &mut Vec<Effect>) {
        let known = self.record.durable.chats.of(ChatKind::Discord);
        let Some(card) = known.and_then(|known| known.cards.get(&queued)).cloned() else {
            self.cards.paces.remove(&queued);
            return;
        };
        let Some(pace) = self.cards.paces.get_mut(&queued) else { return };
        pace.in_flight = false;
        self.reach.heard_edit(&outcome, now);
        let gap = gap_ms(self.setup.rhythm, &card, now.wall);
        match outcome {
            Edited::Yes { shown } => {
                *pace = Pace {
                    not_before_ms: now.mono_ms + gap,
                    last_ms: now.mono_ms,
                    checked: shown,
                    ..Pace::default()
                };
                self.bookkeep(None, vec![Kind::PostEdited { queued, shown }], now, out);
            }
            Edited::Same { shown } => {
                pace.checked = pace.checked.max(shown);
                pace.not_before_ms = now.mono_ms + gap;
            }
            Edited::Later { after_ms } => {
                pace.tries += 1;
                pace.not_before_ms = now.mono_ms + after_ms.unwrap_or(0).max(wait_ms(pace.tries)).max(gap);
            }
            Edited::NotYet { after_ms } => pace.not_before_ms = now.mono_ms + after_ms.max(gap),
            Edited::TooOld => {
                pace.not_before_ms = now.mono_ms + TOO_OLD_MS;
                if is_status(&card) && card.successor.is_none() {
                    self.renew(&card, now, out);
                }
            }
            Edited::Gone => {
                pace.dead = true;
                let wanted = is_status(&card) || is_open(&self.record.durable, &card.post);
                if wanted && card.successor.is_none() {
                    self.renew(&card, now, out);
                }
            }
            Edited::PlaceGone => {
                pace.dead = true;
                self.forget_place(ChatKind::Discord, &card.channel, now, out);
            }
            Edited::Refused { .. } => pace.checked = pace.checked.max(told(&self.record.durable, &card.post)),
        }
    }

    /// Sends a card anew where the old one can no longer be edited as often as it must.
    fn renew(&mut self, card: &Standing, now: Now, out: &mut Vec<Effect>) {
        let waits = self.state.outbox.waiting.values().any(|waiting| {
            waiting.chat == ChatKind::Discord && waiting.channel == card.channel && waiting.post == card.post
        });
        if waits {
            return;
        }
        let incident = self.state.incident_of_channel(&card.channel);
        let (channel, post) = (card.channel.clone(), card.post.clone());
        self.bookkeep(incident, vec![Kind::PostQueued { chat: ChatKind::Discord, channel, post }], now, out);
    }
}
