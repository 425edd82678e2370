//! A played Discord: says yes at once, or what a test tells it to.

use std::collections::BTreeSet;

use lifeboat::engine::effect::Effect;
use lifeboat::engine::input::{Delivered, Edited, Input, Now};
use lifeboat_storage::event::{ChatKind, Place, PostKind, Time};
use lifeboat_storage::id::{ChannelName, Seq};

/// A message it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The event that queued it.
    pub queued: Seq,
    /// Where.
    pub channel: String,
    /// What.
    pub post: PostKind,
    /// It was said that it may be a repeat.
    pub maybe_repeated: bool,
}

/// The played Discord.
#[derive(Clone, Debug, Default)]
pub struct Discord {
    /// Nothing is answered with yes.
    pub down: bool,
    /// Messages are taken and not answered.
    pub silent: bool,
    /// Those that were not.
    pub unanswered: Vec<Seq>,
    /// Channels that take no messages.
    pub shut: BTreeSet<String>,
    /// What the next edit is answered with, instead of yes.
    pub next_edit: Option<Edited>,
    /// What the next message is answered with, instead of yes.
    pub next: Option<Delivered>,
    /// What it took, in order.
    pub said: Vec<Said>,
    /// What it was asked for while it was down.
    pub tried: usize,
    /// Cards it edited, and when.
    pub edits: Vec<(Seq, Time)>,
    made: BTreeSet<ChannelName>,
    next_id: u64,
}

impl Discord {
    /// What was said in a channel.
    #[must_use]
    pub fn in_channel(&self, channel: &str) -> Vec<&PostKind> {
        self.said.iter().filter(|said| said.channel == channel).map(|said| &said.post).collect()
    }

    pub(super) fn play(&mut self, effect: &Effect, applied: Seq, now: Now) -> Vec<Input> {
        match effect {
            Effect::Send { queued, channel, post, maybe_repeated, .. } => {
                let said = Said {
                    queued: *queued,
                    channel: channel.to_string(),
                    post: post.clone(),
                    maybe_repeated: *maybe_repeated,
                };
                self.send(said, channel)
            }
            Effect::Edit { queued, .. } => {
                vec![Input::Edited { queued: *queued, outcome: self.edit(*queued, applied, now) }]
            }
            _ => Vec::new(),
        }
    }

    fn send(&mut self, said: Said, channel: &ChannelName) -> Vec<Input> {
        let queued = said.queued;
        let answer = |outcome| Input::Delivered { queued, outcome };
        if self.silent {
            self.unanswered.push(queued);
            return Vec::new();
        }
        if self.down || self.shut.contains(&said.channel) {
            self.tried += 1;
            return vec![answer(Delivered::Later { after_ms: None, maybe_arrived: false })];
        }
        if let Some(outcome) = self.next.take() {
            return vec![answer(outcome)];
        }
        self.said.push(said);
        self.next_id += 1;
        let message = self.next_id.to_string();
        let mut all = Vec::new();
        if self.made.insert(channel.clone()) {
            let place = Place::Channel { channel: channel.clone() };
            let id = format!("c{message}");
            all.push(Input::Found { chat: ChatKind::Discord, place, id, instead: None });
        }
        all.push(answer(Delivered::Sent { message }));
        all
    }

    fn edit(&mut self, queued: Seq, applied: Seq, now: Now) -> Edited {
        if self.down {
            self.tried += 1;
            return Edited::Later { after_ms: None };
        }
        if let Some(outcome) = self.next_edit.take() {
            return outcome;
        }
        self.edits.push((queued, now.wall));
        Edited::Yes { shown: applied }
    }
}
