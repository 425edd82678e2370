//! The outbox: one message at a time a channel, in order; the newest state of a card wins; back-off, then parking.

use std::collections::{BTreeMap, BTreeSet};

use lifeboat_commands::verb::Change;
use lifeboat_storage::event::{Actor, DeliveryOutcome, Kind, Origin};
use lifeboat_storage::id::{ChannelName, Seq};
use lifeboat_storage::state::State;

use super::Engine;
use super::effect::Effect;
use super::input::{Delivered, Now};
use super::record::Decided;

/// First wait after a failure, in milliseconds; it doubles each time.
const FIRST_WAIT_MS: u64 = 1_000;
/// Longest wait between tries, in milliseconds.
const LONGEST_WAIT_MS: u64 = 60_000;
/// After so many tries (about six hours) a message is parked.
const MOST_TRIES: u32 = 370;

/// How sending to one channel goes.
#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    in_flight: Option<Seq>,
    tries: u32,
    not_before_ms: u64,
}

/// How sending goes.
#[derive(Debug, Default)]
pub struct Delivery {
    lanes: BTreeMap<ChannelName, Lane>,
    /// May have arrived before: sent when Lifeboat was stopped, or without a clear answer.
    unsure: BTreeSet<Seq>,
    /// Settled, but the receipt is not durable yet.
    settled: BTreeSet<Seq>,
    /// Receipts that came while nothing could be recorded.
    unrecorded: Vec<(Seq, DeliveryOutcome)>,
}

impl Delivery {
    /// The oldest message of each channel may have left before Lifeboat was stopped.
    #[must_use]
    pub fn new(state: &State) -> Self {
        let oldest = state.outbox.channels();
        let unsure =
            oldest.iter().filter_map(|channel| state.outbox.next(channel)).map(|(seq, _)| seq).collect();
        Self { unsure, ..Self::default() }
    }
}

impl Engine {
    /// Sends what is durable, due and next.
    pub(crate) fn deliver(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.record_late_receipts(now, out);
        if self.record.durable.outbox.waiting.is_empty() {
            self.delivery.settled.clear();
            return;
        }
        self.replace_old_cards(now, out);
        for channel in self.record.durable.outbox.channels() {
            let lane = self.delivery.lanes.entry(channel.clone()).or_default();
            if lane.in_flight.is_some() || now.mono_ms < lane.not_before_ms {
                continue;
            }
            let waiting = &self.record.durable.outbox.waiting;
            let of_channel = waiting.iter().filter(|(_, waiting)| waiting.channel == channel);
            let next = of_channel.into_iter().find(|(seq, _)| !self.delivery.settled.contains(seq));
            let Some((&queued, waiting)) = next else { continue };
            lane.in_flight = Some(queued);
            let maybe_repeated = self.delivery.unsure.contains(&queued);
            out.push(Effect::Send { queued, channel, post: waiting.post.clone(), maybe_repeated });
        }
    }

    fn replace_old_cards(&mut self, now: Now, out: &mut Vec<Effect>) {
        let outbox = &self.record.durable.outbox;
        let flying: BTreeSet<Seq> = self.delivery.lanes.values().filter_map(|lane| lane.in_flight).collect();
        let old: BTreeSet<Seq> = outbox.waiting.keys().flat_map(|&seq| outbox.replaced_by(seq)).collect();
        for seq in old {
            if !flying.contains(&seq) && !self.delivery.settled.contains(&seq) {
                self.receipt(seq, DeliveryOutcome::Replaced, now, out);
            }
        }
    }

    fn record_late_receipts(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.record.degraded.is_none() {
            for (queued, outcome) in std::mem::take(&mut self.delivery.unrecorded) {
                self.receipt(queued, outcome, now, out);
            }
        }
    }

    fn receipt(&mut self, queued: Seq, outcome: DeliveryOutcome, now: Now, out: &mut Vec<Effect>) {
        self.delivery.unsure.remove(&queued);
        self.delivery.settled.insert(queued);
        if self.record.degraded.is_some() {
            self.delivery.unrecorded.push((queued, outcome));
            return;
        }
        let incident = self.on_shelf(queued).and_then(|event| event.incident);
        let kind = Kind::PostSettled { queued, outcome };
        let change = Change { incident, occurred_at: now.wall, kind, supersedes: None };
        let decided = Decided { changes: vec![change], ..Decided::default() };
        self.commit(decided, &Actor::lifeboat(Origin::Lifeboat), now, out);
    }

    /// A sender has answered.
    pub(crate) fn delivered(&mut self, queued: Seq, outcome: Delivered, now: Now, out: &mut Vec<Effect>) {
        let Some(lane) = self.delivery.lanes.values_mut().find(|lane| lane.in_flight == Some(queued)) else {
            return;
        };
        lane.in_flight = None;
        lane.tries += 1;
        let settled = match outcome {
            Delivered::Yes => Some(DeliveryOutcome::Sent { message: None }),
            Delivered::Refused { status } => Some(DeliveryOutcome::Refused { status }),
            Delivered::Later { .. } if lane.tries >= MOST_TRIES => {
                Some(DeliveryOutcome::GaveUp { tries: lane.tries })
            }
            Delivered::Later { after_ms, maybe_arrived } => {
                if maybe_arrived {
                    self.delivery.unsure.insert(queued);
                }
                let doubled = FIRST_WAIT_MS << lane.tries.min(7).saturating_sub(1);
                let wait = after_ms.unwrap_or(0).max(doubled.min(LONGEST_WAIT_MS));
                lane.not_before_ms = now.mono_ms + wait;
                None
            }
        };
        if let Some(outcome) = settled {
            *lane = Lane::default();
            self.receipt(queued, outcome, now, out);
        }
        self.deliver(now, out);
    }
}
