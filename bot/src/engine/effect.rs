//! What comes out of the engine. Order matters: effects of one input are carried out one after the other.

use std::sync::Arc;

use lifeboat_commands::ports::call::Call;
use lifeboat_commands::refusal::Refusal;
use lifeboat_commands::verb::Show;
use lifeboat_storage::chat::Standing;
use lifeboat_storage::event::{ChatKind, Event, PostKind};
use lifeboat_storage::id::{ChannelName, Seq};

use super::input::{CallId, Ticket};
use super::watch::Checkpoint;
use crate::detect::Finding;

/// The answer to a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Done: these events are durable.
    Done(Vec<Arc<Event>>),
    /// Nothing changed; show this.
    Show(Show),
    /// Refused; nothing changed.
    Refused(Refusal),
    /// A drill of its own was begun.
    DrillBegan {
        /// `DRILL-3`.
        drill: u32,
        /// The link for whoever asked; it works once.
        link: String,
        /// So many times as fast in quiet hours, and while somebody is needed.
        pace: (u32, u32),
    },
    /// A drill could not be begun.
    DrillFailed {
        /// Why: untrusted.
        why: String,
    },
    /// It could not be recorded, so it was not done.
    NotRecorded {
        /// Why, as the operating system says it.
        why: String,
    },
}

impl Answer {
    /// It could not be recorded: whether that was known before it was tried, or only then.
    #[must_use]
    pub fn is_not_recorded(&self) -> bool {
        matches!(self, Self::NotRecorded { .. } | Self::Refused(Refusal::NotRecording))
    }
}

/// What the shell is to do.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Write these events; answer with `Appended`.
    Append {
        /// Names the append.
        batch: u64,
        /// All or none.
        events: Vec<Event>,
    },
    /// Replace the payload of an event by a tombstone; its `Redacted` event is durable.
    Redact {
        /// Which.
        target: Seq,
        /// The `Redacted` event.
        by: Seq,
    },
    /// These events are durable: show them.
    Publish(Vec<Arc<Event>>),
    /// Answer a command.
    Reply {
        /// Which.
        ticket: Ticket,
        /// How.
        answer: Box<Answer>,
    },
    /// Recording fails: say this all the same, marked "not recorded".
    SayUnrecorded {
        /// Grows, over a restart too.
        number: u64,
        /// What was found.
        finding: Box<Finding>,
    },
    /// Send a message; answer with `Delivered`.
    Send {
        /// By which chat.
        chat: ChatKind,
        /// The event that queued it.
        queued: Seq,
        /// To which channel.
        channel: ChannelName,
        /// What it is for.
        post: PostKind,
        /// It may have arrived before: look for it, or mark it so.
        maybe_repeated: bool,
    },
    /// Bring a card that stands in a chat outside up to date; answer with `Edited`.
    Edit {
        /// By which chat.
        chat: ChatKind,
        /// The event that queued it.
        queued: Seq,
        /// What stands there.
        card: Standing,
    },
    /// Make a call on a port; answer with `Called`. A call with effects leaves only when its `StepStarted` is durable.
    Call {
        /// Names the call.
        id: CallId,
        /// What to do.
        call: Box<Call>,
    },
    /// Remember how far was read, and the detectors' state.
    Checkpoint(Box<Checkpoint>),
}
