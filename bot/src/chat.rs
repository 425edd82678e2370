//! Chats outside, and how messages get there.

pub mod discord;
pub mod webhook;

use lifeboat_storage::chat::Standing;
use lifeboat_storage::event::PostKind;
use lifeboat_storage::id::{ChannelName, Seq};

/// A message to be sent.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The event that queued it.
    pub queued: Seq,
    /// To which channel.
    pub channel: ChannelName,
    /// What it is for.
    pub post: PostKind,
    /// It may have been sent before a crash, or without a clear answer.
    pub maybe_repeated: bool,
}

/// What a chat that can edit is to do.
#[derive(Clone, Debug)]
pub enum Errand {
    /// Send a message.
    Send(Outgoing),
    /// Bring a card up to date.
    Edit {
        /// The event that queued it.
        queued: Seq,
        /// What stands there.
        card: Standing,
    },
}
