//! Whether a chat outside is reached. After two minutes without success the others are told; what waited is not
//! caught up with message by message: one summary goes out when the chat is back, and it is also what is tried until
//! then.

use chrono::TimeDelta;
use lifeboat_storage::event::{ChatKind, DeliveryOutcome, Kind, PostKind, Time};
use lifeboat_storage::id::Seq;

use super::Engine;
use super::effect::Effect;
use super::input::{Delivered, Edited, Link, Now};

/// A moment on both clocks.
#[derive(Clone, Copy, Debug)]
struct Since {
    mono_ms: u64,
    wall: Time,
}

/// How a chat outside was reached lately. Of Discord only: a webhook has no link, and nobody stands in for it.
#[derive(Debug, Default)]
pub struct Reach {
    /// Calls fail since then, without a success in between.
    failing: Option<Since>,
    /// The link is down since then.
    down: Option<Since>,
    /// It does not come up by itself: nobody waits for that.
    over: bool,
    /// The other side answered, or the link came up, since Lifeboat runs.
    proven: bool,
}

impl Reach {
    pub(crate) fn heard(&mut self, chat: ChatKind, outcome: &Delivered, now: Now) {
        match outcome {
            Delivered::Later { .. } => self.fails(chat, now),
            Delivered::NotYet { .. } => {}
            Delivered::Yes | Delivered::Sent { .. } | Delivered::Refused { .. } | Delivered::Gone => {
                self.answers(chat);
            }
        }
    }

    pub(crate) fn heard_edit(&mut self, chat: ChatKind, outcome: &Edited, now: Now) {
        match outcome {
            Edited::Later { .. } => self.fails(chat, now),
            Edited::Same { .. } | Edited::NotYet { .. } => {}
            Edited::Yes { .. } | Edited::TooOld | Edited::Gone | Edited::Refused { .. } => self.answers(chat),
        }
    }

    fn fails(&mut self, chat: ChatKind, now: Now) {
        if chat == ChatKind::Discord {
            self.failing.get_or_insert(Since { mono_ms: now.mono_ms, wall: now.wall });
        }
    }

    fn answers(&mut self, chat: ChatKind) {
        if chat == ChatKind::Discord {
            self.failing = None;
            self.proven = true;
        }
    }

    /// It was reached since Lifeboat runs, and nothing fails.
    fn is_well(&self) -> bool {
        self.proven && self.failing.is_none() && self.down.is_none()
    }

    /// Since when it is not reached, if long enough to be told.
    fn lost_since(&self, lost_ms: u64, now: Now) -> Option<Time> {
        let long = |since: &&Since| self.over || now.mono_ms >= since.mono_ms + lost_ms;
        [self.failing, self.down].iter().flatten().filter(long).map(|since| since.wall).min()
    }
}

impl Engine {
    /// The link to a chat stands so.
    pub(crate) fn link(&mut self, chat: ChatKind, link: Link, now: Now) {
        if chat != ChatKind::Discord {
            return;
        }
        match link {
            Link::Up => {
                (self.reach.down, self.reach.over) = (None, false);
                self.reach.proven = true;
                self.delivery.hurry(chat);
            }
            Link::Down | Link::Over => {
                self.reach.down.get_or_insert(Since { mono_ms: now.mono_ms, wall: now.wall });
                self.reach.over |= link == Link::Over;
            }
        }
    }

    /// Records that a chat outside is lost, or back.
    pub(crate) fn look_at_reach(&mut self, now: Now, out: &mut Vec<Effect>) {
        let chat = ChatKind::Discord;
        if !self.setup.discord || self.record.degraded.is_some() {
            return;
        }
        let lost = self.state.chats.of(chat).and_then(|known| known.lost);
        match (lost, self.reach.lost_since(self.setup.rhythm.lost_ms, now)) {
            (None, Some(since)) => self.lose(chat, since, now, out),
            (Some(since), None) if self.reach.is_well() && !self.tells_loss(chat) => {
                self.bookkeep(None, vec![Kind::ChatBack { chat, since }], now, out);
            }
            _ => {}
        }
    }

    /// The summary still waits: the chat is not back before it has arrived there.
    fn tells_loss(&self, chat: ChatKind) -> bool {
        self.state.outbox.waiting.values().any(|waiting| {
            let PostKind::Notice { about } = waiting.post else { return false };
            waiting.chat == chat
                && self.on_shelf(about).is_some_and(|event| matches!(event.kind, Kind::ChatLost { .. }))
        })
    }

    /// What waits to be told one by one is left to the summary; cards and places are kept.
    fn lose(&mut self, chat: ChatKind, since: Time, now: Now, out: &mut Vec<Effect>) {
        // A clock that stepped must not put the loss ahead of its telling.
        let since = since.min(now.wall).max(now.wall - TimeDelta::days(1));
        let notices = self.state.outbox.waiting.iter().filter(|(seq, waiting)| {
            let notice = matches!(waiting.post, PostKind::Notice { .. });
            waiting.chat == chat && notice && !self.delivery.is_busy(**seq)
        });
        let dropped: Vec<Seq> = notices.map(|(seq, _)| *seq).collect();
        let mut kinds = vec![Kind::ChatLost { chat, since }];
        for queued in dropped {
            self.delivery.set_settled(queued);
            kinds.push(Kind::PostSettled { queued, outcome: DeliveryOutcome::Replaced });
        }
        self.bookkeep(None, kinds, now, out);
    }
}
