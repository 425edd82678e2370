//! The outbox: one message at a time a channel, in order; the newest state of a card wins; back-off, then parking.

use std::collections::{BTreeMap, BTreeSet};

use lifeboat_commands::verb::Change;
use lifeboat_storage::event::{Actor, ChatKind, DeliveryOutcome, Instead, Kind, Origin, Place};
use lifeboat_storage::id::{ChannelName, IncidentId, Seq};
use lifeboat_storage::outbox::Lane;
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
struct Going {
    in_flight: Option<Seq>,
    tries: u32,
    not_before_ms: u64,
    /// Something was mended while it was on its way: its answer may be from before.
    mended: bool,
}

/// How sending goes.
#[derive(Debug, Default)]
pub struct Delivery {
    lanes: BTreeMap<Lane, Going>,
    /// May have arrived before: sent when Lifeboat was stopped, or without a clear answer.
    unsure: BTreeSet<Seq>,
    /// Settled, but the receipt is not durable yet.
    settled: BTreeSet<Seq>,
    /// What happened outside while nothing could be recorded: recorded as soon as that is possible again.
    unrecorded: Vec<(Option<IncidentId>, Kind)>,
}

impl Delivery {
    /// The oldest message of each channel may have left before Lifeboat was stopped.
    #[must_use]
    pub fn new(state: &State) -> Self {
        let oldest = state.outbox.lanes();
        let unsure = oldest.iter().filter_map(|lane| state.outbox.next(lane)).map(|(seq, _)| seq).collect();
        Self { unsure, ..Self::default() }
    }

    /// On its way, or settled without a durable receipt: nobody else may decide about it.
    pub(crate) fn is_busy(&self, queued: Seq) -> bool {
        self.settled.contains(&queued) || self.lanes.values().any(|going| going.in_flight == Some(queued))
    }

    /// These events cannot be recorded. What happened outside stays so and is kept for later; what was only decided
    /// here is decided anew.
    pub(crate) fn keep(&mut self, lost: impl IntoIterator<Item = (Option<IncidentId>, Kind)>) {
        for (incident, kind) in lost {
            match kind {
                Kind::PostSettled { queued, outcome: DeliveryOutcome::Replaced } => {
                    self.settled.remove(&queued);
                }
                Kind::PostSettled { .. }
                | Kind::PostEdited { .. }
                | Kind::PlaceFound { .. }
                | Kind::PlaceLost { .. } => self.unrecorded.push((incident, kind)),
                _ => {}
            }
        }
    }

    /// Something was mended there: what waits after a failure is tried again now.
    pub(crate) fn hurry(&mut self, chat: ChatKind) {
        let lanes = self.lanes.iter_mut().filter(|((of, _), _)| *of == chat);
        lanes.for_each(|(_, going)| {
            going.not_before_ms = 0;
            going.mended = going.in_flight.is_some();
        });
    }

    /// Its receipt is being written by somebody else.
    pub(crate) fn set_settled(&mut self, queued: Seq) {
        self.settled.insert(queued);
    }
}

/// How long to wait after so many failures in a row, in milliseconds.
pub(crate) fn wait_ms(tries: u32) -> u64 {
    (FIRST_WAIT_MS << tries.min(7).saturating_sub(1)).min(LONGEST_WAIT_MS)
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
        for lane in self.record.durable.outbox.lanes() {
            let going = self.delivery.lanes.entry(lane.clone()).or_default();
            if going.in_flight.is_some() || now.mono_ms < going.not_before_ms {
                continue;
            }
            let mut of_lane = self.record.durable.outbox.of_lane(&lane).peekable();
            // Were Lifeboat killed now, only the oldest would be known to have left: the next waits for its receipt.
            let Some((queued, waiting)) = of_lane.next() else { continue };
            if self.delivery.settled.contains(&queued)
                || of_lane.any(|(seq, _)| self.delivery.settled.contains(&seq))
            {
                continue;
            }
            let post = waiting.post.clone();
            going.in_flight = Some(queued);
            let maybe_repeated = self.delivery.unsure.contains(&queued);
            let (chat, channel) = lane.clone();
            out.push(Effect::Send { chat, queued, channel, post, maybe_repeated });
        }
    }

    fn replace_old_cards(&mut self, now: Now, out: &mut Vec<Effect>) {
        let outbox = &self.record.durable.outbox;
        let flying: BTreeSet<Seq> =
            self.delivery.lanes.values().filter_map(|going| going.in_flight).collect();
        let old: BTreeSet<Seq> = outbox.waiting.keys().flat_map(|&seq| outbox.replaced_by(seq)).collect();
        for seq in old {
            if !flying.contains(&seq) && !self.delivery.settled.contains(&seq) {
                self.receipt(seq, DeliveryOutcome::Replaced, now, out);
            }
        }
    }

    fn record_late_receipts(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.record.degraded.is_none() {
            for (incident, kind) in std::mem::take(&mut self.delivery.unrecorded) {
                self.bookkeep(incident, vec![kind], now, out);
            }
        }
    }

    fn receipt(&mut self, queued: Seq, outcome: DeliveryOutcome, now: Now, out: &mut Vec<Effect>) {
        self.delivery.unsure.remove(&queued);
        self.delivery.settled.insert(queued);
        let incident = self.on_shelf(queued).and_then(|event| event.incident);
        self.bookkeep(incident, vec![Kind::PostSettled { queued, outcome }], now, out);
    }

    /// Records how messages reach a chat: facts of Lifeboat's own, together.
    pub(crate) fn bookkeep(
        &mut self,
        incident: Option<IncidentId>,
        kinds: Vec<Kind>,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        if self.record.degraded.is_some() {
            self.delivery.keep(kinds.into_iter().map(|kind| (incident, kind)));
            return;
        }
        let change = |kind| Change { incident, occurred_at: now.wall, kind, supersedes: None };
        let changes = kinds.into_iter().map(change).collect();
        let decided = Decided { changes, ..Decided::default() };
        self.commit(decided, &Actor::lifeboat(Origin::Lifeboat), now, out);
    }

    /// A sender has answered.
    pub(crate) fn delivered(&mut self, queued: Seq, outcome: Delivered, now: Now, out: &mut Vec<Effect>) {
        let Some((lane, going)) =
            self.delivery.lanes.iter_mut().find(|(_, going)| going.in_flight == Some(queued))
        else {
            return;
        };
        let lane = lane.clone();
        going.in_flight = None;
        let mended = std::mem::take(&mut going.mended);
        let known = self.state.chats.is_unreached(lane.0, &lane.1);
        self.reach.heard(&lane, &outcome, known, now);
        let settled = match outcome {
            Delivered::Yes => Some(DeliveryOutcome::Sent { message: None }),
            Delivered::Sent { message } => Some(DeliveryOutcome::Sent { message: Some(message) }),
            Delivered::Refused { status } => Some(DeliveryOutcome::Refused { status }),
            Delivered::Gone => self.lost_place(&lane, now, out),
            Delivered::NotYet { after_ms } => {
                going.not_before_ms = now.mono_ms + after_ms;
                None
            }
            Delivered::Later { after_ms, maybe_arrived } => {
                going.tries += 1;
                let asked_ms = after_ms.filter(|_| !mended).unwrap_or(0);
                going.not_before_ms = now.mono_ms + asked_ms.max(wait_ms(going.tries));
                if maybe_arrived {
                    self.delivery.unsure.insert(queued);
                }
                let tries = going.tries;
                (tries >= MOST_TRIES).then_some(DeliveryOutcome::GaveUp { tries })
            }
        };
        if let Some(outcome) = settled {
            self.delivery.lanes.insert(lane, Going::default());
            self.receipt(queued, outcome, now, out);
        }
        self.deliver(now, out);
    }

    /// The place of a channel was deleted there. That of an open incident, and the common one, are made anew;
    /// for an incident that ended nobody waits.
    fn lost_place(&mut self, lane: &Lane, now: Now, out: &mut Vec<Effect>) -> Option<DeliveryOutcome> {
        let (chat, channel) = lane;
        self.forget_place(*chat, channel, now, out);
        let going = self.delivery.lanes.entry(lane.clone()).or_default();
        going.tries += 1;
        going.not_before_ms = now.mono_ms + wait_ms(going.tries);
        self.has_ended(channel).then_some(DeliveryOutcome::Refused { status: 404 })
    }

    /// The incident of a channel has ended.
    fn has_ended(&self, channel: &ChannelName) -> bool {
        let incident = self.state.incident_of_channel(channel);
        incident.and_then(|id| self.state.incidents.get(&id)).is_some_and(|one| !one.is_open())
    }

    /// The chat itself says that a channel was deleted there. Where people wait it is made anew at once, once: what was
    /// noticed before, by a message or an edit, is not known under that id any more. Channels of incidents that ended
    /// may be cleared away.
    pub(crate) fn deleted_place(&mut self, chat: ChatKind, id: &str, now: Now, out: &mut Vec<Effect>) {
        let Some(known) = self.state.chats.of(chat) else { return };
        let gone: Vec<ChannelName> =
            known.gone_with(id).filter(|channel| !self.has_ended(channel)).cloned().collect();
        for channel in gone {
            self.forget_place(chat, &channel, now, out);
        }
    }

    /// What was known of the place of a channel is so no more; what stood in it is put up again where people wait.
    pub(crate) fn forget_place(
        &mut self,
        chat: ChatKind,
        channel: &ChannelName,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        if self.state.chats.of(chat).is_some_and(|known| known.channels.contains_key(channel)) {
            let place = Place::Channel { channel: channel.clone() };
            let incident = self.state.incident_of_channel(channel);
            self.bookkeep(incident, vec![Kind::PlaceLost { chat, place }], now, out);
        }
    }

    /// A chat outside has a place for us.
    pub(crate) fn found_place(
        &mut self,
        chat: ChatKind,
        place: Place,
        id: String,
        instead: Option<Instead>,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        let incident = match &place {
            Place::Channel { channel } => self.state.incident_of_channel(channel),
            Place::Open | Place::Closed => None,
        };
        self.bookkeep(incident, vec![Kind::PlaceFound { chat, place, id, instead }], now, out);
    }
}
