//! The outbox: messages on their way to a chat outside, in order, each with its receipt. No network here.
//!
//! A message to the console needs no entry: it is said with the event that queues it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::{DeliveryOutcome, PostKind, Time};
use crate::id::{ChannelName, Seq};

/// How many parked messages are kept in view.
pub const KEPT_PARKED: usize = 50;

/// A message that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// To which channel.
    pub channel: ChannelName,
    /// What it is for.
    pub post: PostKind,
    /// Since when.
    pub since: Time,
}

/// A message that was refused or given up; shown until the next one of its channel arrives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// The event that queued it.
    pub queued: Seq,
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
    pub fn queue(&mut self, seq: Seq, channel: &ChannelName, post: &PostKind, since: Time) {
        self.waiting.insert(seq, Waiting { channel: channel.clone(), post: post.clone(), since });
    }

    /// A message was settled; one that was refused is parked until the next one of its channel arrives.
    pub fn settle(&mut self, queued: Seq, outcome: &DeliveryOutcome, at: Time) {
        let Some(waiting) = self.waiting.remove(&queued) else { return };
        if matches!(outcome, DeliveryOutcome::Sent { .. }) {
            self.parked.retain(|parked| parked.channel != waiting.channel);
        }
        if matches!(outcome, DeliveryOutcome::Refused { .. } | DeliveryOutcome::GaveUp { .. }) {
            let Waiting { channel, post, .. } = waiting;
            self.parked.push(Parked { queued, channel, post, outcome: outcome.clone(), at });
            if self.parked.len() > KEPT_PARKED {
                self.parked.remove(0);
            }
        }
    }

    /// The oldest waiting message of a channel: the only one that may be sent now.
    #[must_use]
    pub fn next(&self, channel: &ChannelName) -> Option<(Seq, &Waiting)> {
        self.waiting
            .iter()
            .find(|(_, waiting)| waiting.channel == *channel)
            .map(|(seq, waiting)| (*seq, waiting))
    }

    /// Channels with something waiting, in order of their oldest message.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelName> {
        let mut channels: Vec<ChannelName> = Vec::new();
        for waiting in self.waiting.values() {
            if !channels.contains(&waiting.channel) {
                channels.push(waiting.channel.clone());
            }
        }
        channels
    }

    /// Waiting cards of the same incident that a newer one makes needless.
    #[must_use]
    pub fn replaced_by(&self, newest: Seq) -> Vec<Seq> {
        let Some(new) = self.waiting.get(&newest) else { return Vec::new() };
        if !matches!(new.post, PostKind::Card { .. }) {
            return Vec::new();
        }
        let same = |old: &Waiting| old.channel == new.channel && old.post == new.post;
        self.waiting.range(..newest).filter(|(_, old)| same(old)).map(|(seq, _)| *seq).collect()
    }
}
