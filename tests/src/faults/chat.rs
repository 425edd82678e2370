//! A webhook that can be down, unclear and refusing, and remembers what arrived.

use std::collections::BTreeMap;

use lifeboat::engine::input::Delivered;
use lifeboat_storage::id::{ChannelName, Seq};

use crate::traffic::seeded::Seeded;

/// A message that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The event that queued it.
    pub queued: Seq,
    /// It said that it may be a repeat.
    pub marked: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Chat {
    /// Until when it is down, in milliseconds of the story.
    pub down_until: u64,
    /// What arrived, in order, by channel.
    pub arrived: BTreeMap<ChannelName, Vec<Arrived>>,
    /// What it refused for good.
    pub refused: Vec<Seq>,
}

/// What the sender hears, and when; none: nothing within the time it waits.
pub type Heard = (u64, Delivered);

impl Chat {
    /// A message comes in at `now`; `trouble` is how often something goes wrong.
    pub fn take(
        &mut self,
        now: u64,
        channel: &ChannelName,
        message: Arrived,
        trouble: f64,
        dice: &mut Seeded,
    ) -> Heard {
        let later = |maybe_arrived| Delivered::Later { after_ms: None, maybe_arrived };
        if now < self.down_until {
            // Refused at once, or no answer in time: who sent cannot tell whether it came in.
            return if dice.chance(0.7) { (30, later(false)) } else { (10_000, later(true)) };
        }
        if dice.chance(trouble * 0.3) {
            return (
                100,
                Delivered::Later { after_ms: Some(1_000 + dice.below(9_000)), maybe_arrived: false },
            );
        }
        if dice.chance(trouble * 0.1) {
            self.refused.push(message.queued);
            return (100, Delivered::Refused { status: 400 });
        }
        self.arrived.entry(channel.clone()).or_default().push(message);
        if dice.chance(trouble * 0.5) {
            (10_000, later(true))
        } else {
            (20 + dice.below(400), Delivered::Yes)
        }
    }
}
