//! What is known of a chat outside: where our channels are there, which cards stand in them, and whether it is
//! reached. Folded from receipts; no network here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::{ChatKind, DeliveryOutcome, Event, Instead, Kind, Place, PostKind, Time};
use crate::id::{ChannelName, Seq};
use crate::outbox::Waiting;
use crate::state::ALERTS;

/// Where one of our channels is in a chat outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// Its id there.
    pub id: String,
    /// Why it is not a channel of its own, where it is not.
    pub instead: Option<Instead>,
}

/// A card that stands in a chat outside and is edited there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// In which of our channels.
    pub channel: ChannelName,
    /// Whose card.
    pub post: PostKind,
    /// Its id there.
    pub message: String,
    /// When it was sent; the other side limits edits by this age.
    pub sent_at: Time,
    /// The newest event it tells.
    pub shown: Seq,
    /// The card that was sent in its place: this one is to become a pointer to that one.
    pub successor: Option<Seq>,
}

/// What is known of one chat outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat {
    /// Where our channels are.
    pub channels: BTreeMap<ChannelName, Spot>,
    /// The group for channels of open incidents.
    pub open: Option<String>,
    /// The group for channels of closed incidents.
    pub closed: Option<String>,
    /// Cards that stand there, by the event that queued them.
    pub cards: BTreeMap<Seq, Standing>,
    /// It cannot be reached since then.
    pub lost: Option<Time>,
    /// Channels that take no messages since then, while others do.
    pub unreached: BTreeMap<ChannelName, Time>,
}

impl Chat {
    /// The newest card of this kind in a channel.
    #[must_use]
    pub fn card(&self, channel: &ChannelName, post: &PostKind) -> Option<(Seq, &Standing)> {
        let same = |card: &Standing| card.channel == *channel && card.post == *post;
        self.cards.iter().rev().find(|(_, card)| same(card)).map(|(seq, card)| (*seq, card))
    }

    /// Our channel of that id there.
    #[must_use]
    pub fn channel_of(&self, id: &str) -> Option<&ChannelName> {
        self.channels.iter().find(|(_, spot)| spot.id == id).map(|(name, _)| name)
    }

    /// Our channels that are gone when the one of that id there is deleted. With the common channel goes what stands
    /// in it instead of a channel of its own.
    pub fn gone_with(&self, id: &str) -> impl Iterator<Item = &ChannelName> {
        let common = self.channels.iter().any(|(name, spot)| name.as_str() == ALERTS && spot.id == id);
        let gone = move |spot: &Spot| spot.id == id || (common && spot.instead.is_some());
        self.channels.iter().filter(move |(_, spot)| gone(spot)).map(|(name, _)| name)
    }

    /// The event that queued the card of that message id.
    #[must_use]
    pub fn card_of(&self, message: &str) -> Option<(Seq, &Standing)> {
        self.cards.iter().rev().find(|(_, card)| card.message == message).map(|(seq, card)| (*seq, card))
    }

    /// A message was settled.
    fn settle(&mut self, queued: Seq, waiting: &Waiting, outcome: &DeliveryOutcome, at: Time) {
        let DeliveryOutcome::Sent { message: Some(message) } = outcome else { return };
        if !waiting.post.is_card() {
            return;
        }
        let (channel, post) = (waiting.channel.clone(), waiting.post.clone());
        for old in self.cards.values_mut().filter(|old| old.channel == channel && old.post == post) {
            old.successor = Some(queued);
        }
        let message = message.clone();
        let card = Standing { channel, post, message, sent_at: at, shown: queued, successor: None };
        self.cards.insert(queued, card);
    }

    fn edited(&mut self, queued: Seq, shown: Seq) {
        let Some(card) = self.cards.get_mut(&queued) else { return };
        if card.successor.is_some() {
            self.cards.remove(&queued);
        } else {
            card.shown = card.shown.max(shown);
        }
    }

    /// With the whole of it lost, its channels one by one say nothing more.
    fn lose(&mut self, since: Time) {
        self.lost = Some(since);
        self.unreached.clear();
    }

    fn found(&mut self, place: &Place, id: &str, instead: Option<Instead>) {
        let id = id.to_owned();
        match place {
            Place::Channel { channel } => {
                self.channels.insert(channel.clone(), Spot { id, instead });
            }
            Place::Open => self.open = Some(id),
            Place::Closed => self.closed = Some(id),
        }
    }

    fn forget(&mut self, place: &Place) {
        match place {
            Place::Channel { channel } => {
                self.channels.remove(channel);
                self.cards.retain(|_, card| card.channel != *channel);
            }
            Place::Open => self.open = None,
            Place::Closed => self.closed = None,
        }
    }
}

/// All chats outside of which something is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Chats(BTreeMap<ChatKind, Chat>);

impl Chats {
    /// What is known of a chat.
    #[must_use]
    pub fn of(&self, chat: ChatKind) -> Option<&Chat> {
        self.0.get(&chat)
    }

    /// Whether a chat is known to be out of reach.
    #[must_use]
    pub fn is_lost(&self, chat: ChatKind) -> bool {
        self.of(chat).is_some_and(|known| known.lost.is_some())
    }

    /// Whether messages to a channel reach nobody: it, or the whole chat, is known to be out of reach.
    #[must_use]
    pub fn is_unreached(&self, chat: ChatKind, channel: &ChannelName) -> bool {
        self.of(chat).is_some_and(|known| known.lost.is_some() || known.unreached.contains_key(channel))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (ChatKind, &Chat)> {
        self.0.iter().map(|(kind, chat)| (*kind, chat))
    }

    /// Takes in one more event; of a receipt, `settled` is the message it settles.
    pub(crate) fn apply(&mut self, event: &Event, settled: Option<&Waiting>) {
        match event.kind.lasting() {
            Kind::PlaceFound { chat, place, id, instead } => self.entry(*chat).found(place, id, *instead),
            Kind::PlaceLost { chat, place } => self.entry(*chat).forget(place),
            Kind::ChatLost { chat, since } => self.entry(*chat).lose(*since),
            Kind::ChatBack { chat, .. } => self.entry(*chat).lost = None,
            Kind::ChannelUnreached { chat, channel, since } => {
                self.entry(*chat).unreached.insert(channel.clone(), *since);
            }
            Kind::ChannelReached { chat, channel, .. } => {
                self.entry(*chat).unreached.remove(channel);
            }
            Kind::PostSettled { queued, outcome } => {
                if let Some(waiting) = settled {
                    self.entry(waiting.chat).settle(*queued, waiting, outcome, event.recorded_at);
                }
            }
            Kind::PostEdited { queued, shown } => {
                for chat in self.0.values_mut() {
                    chat.edited(*queued, *shown);
                }
            }
            _ => {}
        }
    }

    fn entry(&mut self, chat: ChatKind) -> &mut Chat {
        self.0.entry(chat).or_default()
    }
}
