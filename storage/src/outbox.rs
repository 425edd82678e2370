//! The outbox: messages on their way to a chat outside, in order, each with its receipt. No network here.
//!
//! A message to the console needs no entry: it is said with the event that queues it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::{ChatKind, DeliveryOutcome, PostKind, Time};
use crate::id::{ChannelName, Seq};

/// How many parked messages are kept in view.
pub const KEPT_PARKED: usize = 50;

/// Where messages go one after the other: a channel of a chat.
pub type Lane = (ChatKind, ChannelName);

/// A message that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// By which chat.
    pub chat: ChatKind,
    /// To which channel.
    pub channel: ChannelName,
    /// What it is for.
    pub post: PostKind,
    /// Since when.
    pub since: Time,
}

impl Waiting {
    /// Its lane.
    #[must_use]
    pub fn lane(&self) -> Lane {
        (self.chat, self.channel.clone())
    }

    fn is_in(&self, lane: &Lane) -> bool {
        self.chat == lane.0 && self.channel == lane.1
    }
}

/// A message that was refused or given up; shown until the next one of its channel arrives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// The event that queued it.
    pub queued: Seq,
    /// By which chat.
    pub chat: ChatKind,
    /// To which channel.
    pub channel: ChannelName,
    /// What it was for.
    pub post: PostKind,
    /// How it ended.
    pub outcome: DeliveryOutcome,
    /// When.
    pub at: Time,
}

/// Messages on their way, by the event that queued them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbox {
    /// Not settled yet, oldest first.
    pub waiting: BTreeMap<Seq, Waiting>,
    /// Refused or given up, newest last, at most [`KEPT_PARKED`].
    pub parked: Vec<Parked>,
}

impl Outbox {
    /// A message was queued.
    pub fn queue(&mut self, seq: Seq, waiting: Waiting) {
        self.waiting.insert(seq, waiting);
    }

    /// A message was settled; one that was refused is parked until the next one of its channel arrives.
    pub fn settle(&mut self, queued: Seq, outcome: &DeliveryOutcome, at: Time) -> Option<Waiting> {
        let waiting = self.waiting.remove(&queued)?;
        if matches!(outcome, DeliveryOutcome::Sent { .. }) {
            self.parked.retain(|parked| parked.chat != waiting.chat || parked.channel != waiting.channel);
        }
        if matches!(outcome, DeliveryOutcome::Refused { .. } | DeliveryOutcome::GaveUp { .. }) {
            let Waiting { chat, channel, post, .. } = waiting.clone();
            self.parked.push(Parked { queued, chat, channel, post, outcome: outcome.clone(), at });
            if self.parked.len() > KEPT_PARKED {
                self.parked.remove(0);
            }
        }
        Some(waiting)
    }

    /// The oldest waiting message of a lane: the only one that may be sent now.
    #[must_use]
    pub fn next(&self, lane: &Lane) -> Option<(Seq, &Waiting)> {
        self.waiting.iter().find(|(_, waiting)| waiting.is_in(lane)).map(|(seq, waiting)| (*seq, waiting))
    }

    /// Waiting messages of a lane, oldest first.
    pub fn of_lane<'a>(&'a self, lane: &'a Lane) -> impl Iterator<Item = (Seq, &'a Waiting)> {
        self.waiting.iter().filter(|(_, waiting)| waiting.is_in(lane)).map(|(seq, waiting)| (*seq, waiting))
    }

    /// Lanes with something waiting, each once.
    #[must_use]
    pub fn lanes(&self) -> BTreeSet<Lane> {
        self.waiting.values().map(Waiting::lane).collect()
    }

    /// Waiting cards of the same incident or plan that a newer one makes needless.
    #[must_use]
    pub fn replaced_by(&self, newest: Seq) -> Vec<Seq> {
        let Some(new) = self.waiting.get(&newest).filter(|new| new.post.is_card()) else { return Vec::new() };
        let same = |old: &Waiting| old.chat == new.chat && old.channel == new.channel && old.post == new.post;
        self.waiting.range(..newest).filter(|(_, old)| same(old)).map(|(seq, _)| *seq).collect()
    }
}
