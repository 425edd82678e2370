//! Whether a chat outside is reached, and each of its channels. After two minutes without success the others are
//! told; what waited is not caught up with message by message: one summary goes out when the chat, or the channel,
//! is back, and it is also what is tried until then.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use lifeboat_storage::event::{ChatKind, DeliveryOutcome, Kind, PostKind, Time};
use lifeboat_storage::id::{ChannelName, Seq};
use lifeboat_storage::outbox::Lane;
use lifeboat_storage::state::ALERTS;

use super::Engine;
use super::effect::Effect;
use super::input::{Delivered, Edited, Link, Now};

/// A moment on both clocks.
#[derive(Clone, Copy, Debug)]
struct Since {
    mono_ms: u64,
    wall: Time,
}

impl Since {
    fn of(now: Now) -> Self {
        Self { mono_ms: now.mono_ms, wall: now.wall }
    }
}

/// A channel whose messages fail.
#[derive(Clone, Copy, Debug)]
struct Failing {
    since: Since,
    /// Calls elsewhere succeeded meanwhile: it is this channel and not the chat.
    others_work: bool,
}

/// How a chat outside was reached lately. Of Discord only: a webhook has no link, and nobody stands in for it.
#[derive(Debug, Default)]
pub struct Reach {
    /// Calls fail since then, without a success in between.
    failing: Option<Since>,
    /// Channels whose messages fail, without one that arrived in between.
    channels: BTreeMap<ChannelName, Failing>,
    /// The link is down since then.
    down: Option<Since>,
    /// It does not come up by itself: nobody waits for that.
    over: bool,
    /// The other side answered, or the link came up, since Lifeboat runs.
    proven: bool,
}

impl Reach {
    /// How a message fared; `known` when it is known already that its channel takes none.
    pub(crate) fn heard(&mut self, (chat, channel): &Lane, outcome: &Delivered, known: bool, now: Now) {
        if *chat != ChatKind::Discord {
            return;
        }
        match outcome {
            Delivered::Later { .. } => {
                let since = Since::of(now);
                self.channels.entry(channel.clone()).or_insert(Failing { since, others_work: false });
                if !known {
                    self.failing.get_or_insert(since);
                }
            }
            Delivered::NotYet { .. } => {}
            Delivered::Yes | Delivered::Sent { .. } | Delivered::Refused { .. } | Delivered::Gone => {
                self.channels.remove(channel);
                self.answers();
            }
        }
    }

    /// How an edit fared. It tells of the chat only: a channel may allow edits and no new messages.
    pub(crate) fn heard_edit(&mut self, outcome: &Edited, now: Now) {
        match outcome {
            Edited::Later { .. } => {
                self.failing.get_or_insert(Since::of(now));
            }
            Edited::Same { .. } | Edited::NotYet { .. } => {}
            Edited::Yes { .. }
            | Edited::TooOld
            | Edited::Gone
            | Edited::PlaceGone
            | Edited::Refused { .. } => self.answers(),
        }
    }

    fn answers(&mut self) {
        self.failing = None;
        self.proven = true;
        self.channels.values_mut().for_each(|channel| channel.others_work = true);
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

    /// A message to this channel failed, and elsewhere calls succeed.
    fn is_only(&self, channel: &ChannelName) -> bool {
        self.channels.get(channel).is_some_and(|failing| failing.others_work)
    }

    /// Channels that fail while others work, long enough to be told.
    fn unreached(&self, lost_ms: u64, now: Now) -> impl Iterator<Item = (&ChannelName, Time)> {
        let long =
            move |failing: &Failing| failing.others_work && now.mono_ms >= failing.since.mono_ms + lost_ms;
        let told = self.channels.iter().filter(move |(_, failing)| long(failing));
        told.map(|(channel, failing)| (channel, failing.since.wall))
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
                self.reach.down.get_or_insert(Since::of(now));
                self.reach.over |= link == Link::Over;
            }
        }
    }

    /// Records that a chat outside, or one channel of it, is lost or back.
    pub(crate) fn look_at_reach(&mut self, now: Now, out: &mut Vec<Effect>) {
        let chat = ChatKind::Discord;
        if !self.setup.discord || self.record.degraded.is_some() {
            return;
        }
        let lost = self.state.chats.of(chat).and_then(|known| known.lost);
        match (lost, self.reach.lost_since(self.setup.rhythm.lost_ms, now)) {
            (None, Some(since)) => self.lose(Kind::ChatLost { chat, since: dated(since, now) }, now, out),
            (Some(since), None) if self.reach.is_well() && !self.awaits_summary(&common(chat)) => {
                self.bookkeep(None, vec![Kind::ChatBack { chat, since }], now, out);
            }
            (None, None) => self.look_at_channels(chat, now, out),
            _ => {}
        }
    }

    fn look_at_channels(&mut self, chat: ChatKind, now: Now, out: &mut Vec<Effect>) {
        let known = self.state.chats.of(chat).map(|known| known.unreached.clone()).unwrap_or_default();
        let failing = self.reach.unreached(self.setup.rhythm.lost_ms, now);
        let told: Vec<Kind> = failing
            .filter(|(channel, _)| !known.contains_key(*channel))
            .map(|(channel, since)| {
                let (channel, since) = (channel.clone(), dated(since, now));
                Kind::ChannelUnreached { chat, channel, since }
            })
            .collect();
        for kind in told {
            self.lose(kind, now, out);
            // What failed there does not count against the chat.
            self.reach.failing = None;
        }
        for (channel, since) in known {
            let lane = (chat, channel);
            if !self.waits_for_summary(&lane) && !self.reach.channels.contains_key(&lane.1) {
                let (_, channel) = lane;
                self.bookkeep(None, vec![Kind::ChannelReached { chat, channel, since }], now, out);
            }
        }
    }

    /// The summary still waits there: nobody is back before it has arrived. Unless it is only that channel that
    /// keeps it.
    fn awaits_summary(&self, lane: &Lane) -> bool {
        self.waits_for_summary(lane) && !self.reach.is_only(&lane.1)
    }

    fn waits_for_summary(&self, lane: &Lane) -> bool {
        self.state.outbox.of_lane(lane).any(|(_, waiting)| {
            let PostKind::Notice { about } = waiting.post else { return false };
            self.on_shelf(about).is_some_and(|event| event.kind.sums_up(&lane.1))
        })
    }

    /// What waits to be told one by one is left to the summary; cards and places are kept.
    fn lose(&mut self, lost: Kind, now: Now, out: &mut Vec<Effect>) {
        let there = |(of, channel): &Lane| match &lost {
            Kind::ChatLost { chat, .. } => of == chat,
            Kind::ChannelUnreached { chat, channel: only, .. } => of == chat && channel == only,
            _ => false,
        };
        let notices = self.state.outbox.waiting.iter().filter(|(seq, waiting)| {
            let notice = matches!(waiting.post, PostKind::Notice { .. });
            notice && there(&waiting.lane()) && !self.delivery.is_busy(**seq)
        });
        let dropped: Vec<Seq> = notices.map(|(seq, _)| *seq).collect();
        let mut kinds = vec![lost];
        for queued in dropped {
            self.delivery.set_settled(queued);
            kinds.push(Kind::PostSettled { queued, outcome: DeliveryOutcome::Replaced });
        }
        self.bookkeep(None, kinds, now, out);
    }
}

fn common(chat: ChatKind) -> Lane {
    (chat, ChannelName::new(ALERTS))
}

/// A clock that stepped must not put the loss ahead of its telling.
fn dated(since: Time, now: Now) -> Time {
    since.min(now.wall).max(now.wall - TimeDelta::days(1))
}
