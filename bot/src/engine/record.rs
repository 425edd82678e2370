//! Numbering, what is durable, and what to do when recording fails.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use lifeboat_commands::verb::Change;
use lifeboat_storage::event::{Actor, Event, Kind, Origin, Time};
use lifeboat_storage::id::{AlertKey, Correlation, Seq, SourceName};
use lifeboat_storage::state::State;

use super::Engine;
use super::alerts::key_of;
use super::effect::{Answer, Effect};
use super::input::{Appended, Condition, Now, Ticket};
use super::shelf::Shelf;
use crate::detect::Finding;
use crate::post::{self, Company, Outside};

/// How long to wait before recording is tried again, in milliseconds.
const RETRY_MS: u64 = 2_000;
/// How often the same alert is said while nothing is recorded, in milliseconds.
const REPEAT_MS: u64 = 60_000;
/// How many findings are kept until recording returns.
const KEPT_FINDINGS: usize = 1_000;

/// Recording does not work.
#[derive(Clone, Debug, PartialEq)]
pub struct Degraded {
    /// Since when.
    pub since: Time,
    /// Why, as the operating system says it.
    pub why: String,
    /// Found meanwhile; decided anew when recording returns.
    pub findings: Vec<Finding>,
    /// How sources stand that were lost or found meanwhile; recorded when recording returns.
    pub sources: BTreeMap<SourceName, Condition>,
    /// What was last said of each alert.
    said: BTreeMap<AlertKey, Said>,
    /// When to try again.
    retry_at_ms: u64,
}

/// An alert that was said and not recorded.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    number: u64,
    at_ms: u64,
    finding: Finding,
}

impl Degraded {
    /// What was said without a record, the newest word on each alert, with its number.
    pub fn said(&self) -> impl Iterator<Item = (u64, &Finding)> {
        let mut said: Vec<&Said> = self.said.values().collect();
        said.sort_by_key(|said| said.number);
        said.into_iter().map(|said| (said.number, &said.finding))
    }
}

/// An append on its way.
#[derive(Debug)]
struct Batch {
    id: u64,
    events: Vec<Event>,
    ticket: Option<Ticket>,
    findings: Vec<Finding>,
    resumes: bool,
}

/// What is durable and what is on its way.
#[derive(Debug)]
pub struct Record {
    /// What the durable events add up to.
    pub(crate) durable: State,
    /// The newest durable events.
    pub(crate) shelf: Shelf,
    /// Recording does not work.
    pub(crate) degraded: Option<Degraded>,
    /// Hash of the newest durable record.
    pub(crate) head: Option<String>,
    reserve_told: bool,
    /// Number of the newest alert that was said without a record.
    unrecorded: u64,
    pending: VecDeque<Batch>,
    next_batch: u64,
}

impl Record {
    /// Nothing on its way.
    #[must_use]
    pub fn new(durable: State, shelf: Shelf) -> Self {
        Self {
            durable,
            shelf,
            degraded: None,
            head: None,
            reserve_told: false,
            unrecorded: 0,
            pending: VecDeque::new(),
            next_batch: 1,
        }
    }

    /// Whether the disk is full and the reserve is being used up.
    #[must_use]
    pub fn reserve_in_use(&self) -> bool {
        self.reserve_told
    }

    /// Whether everything decided is on disk.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.pending.is_empty()
    }
}

/// What was decided together, and for whom.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    pub(crate) changes: Vec<Change>,
    pub(crate) ticket: Option<Ticket>,
    pub(crate) finding: Option<Finding>,
    /// Names the wish it answers; else a name of its own.
    pub(crate) once: Option<Correlation>,
}

impl Engine {
    /// Records one fact of Lifeboat's own.
    pub(crate) fn note(&mut self, kind: Kind, actor: Actor, now: Now, out: &mut Vec<Effect>) {
        let change = Change { incident: None, occurred_at: now.wall, kind, supersedes: None };
        self.commit(Decided { changes: vec![change], ..Decided::default() }, &actor, now, out);
    }

    /// Numbers what was decided, applies it, and asks for it to be written. What goes to chat is queued with it.
    pub(crate) fn commit(&mut self, decided: Decided, actor: &Actor, now: Now, out: &mut Vec<Effect>) {
        if self.record.degraded.is_some() || decided.changes.is_empty() {
            return;
        }
        self.write(decided, actor, false, now, out);
    }

    fn write(&mut self, decided: Decided, actor: &Actor, resumes: bool, now: Now, out: &mut Vec<Effect>) {
        let own = || Correlation::new(format!("c{}", self.state.applied.next()));
        let correlation = decided.once.unwrap_or_else(own);
        let outside = Outside { webhook: self.setup.webhook, discord: self.setup.discord };
        let mut events = Vec::new();
        let mut company = Company::None;
        for change in decided.changes {
            let event = self.event(change, actor.clone(), &correlation, now);
            self.state.apply(&event);
            let posts = post::posts(&self.state, &event, company, outside, now.wall);
            if matches!(event.kind, Kind::AlertReturned { .. }) && !posts.is_empty() {
                company = Company::Return;
            }
            events.push(event);
            for post in posts {
                let queued = self.event(post, Actor::lifeboat(Origin::Lifeboat), &correlation, now);
                self.state.apply(&queued);
                events.push(queued);
            }
        }
        let id = self.record.next_batch;
        self.record.next_batch += 1;
        let findings = decided.finding.into_iter().collect();
        self.record.pending.push_back(Batch {
            id,
            events: events.clone(),
            ticket: decided.ticket,
            findings,
            resumes,
        });
        out.push(Effect::Append { batch: id, events });
    }

    fn event(&self, change: Change, actor: Actor, correlation: &Correlation, now: Now) -> Event {
        Event {
            seq: self.state.applied.next(),
            incident: change.incident,
            world: self.setup.world,
            occurred_at: millis(change.occurred_at),
            recorded_at: millis(now.wall),
            actor,
            kind: change.kind,
            correlation: Some(correlation.clone()),
            supersedes: change.supersedes,
        }
    }

    /// The log has answered.
    pub(crate) fn appended(&mut self, batch: u64, outcome: Appended, now: Now, out: &mut Vec<Effect>) {
        if outcome == Appended::Roomy {
            self.record.reserve_told = false;
        }
        if self.record.pending.front().is_none_or(|front| front.id != batch) {
            return;
        }
        match outcome {
            Appended::Durable { head, reserve_in_use } => {
                self.record.head = Some(head);
                self.settle(now, out);
                self.tell_reserve(reserve_in_use, now, out);
            }
            Appended::Failed { why } => self.degrade(&why, now, out),
            Appended::Roomy => {}
        }
    }

    fn settle(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Some(batch) = self.record.pending.pop_front() else { return };
        let events: Vec<Arc<Event>> = batch.events.into_iter().map(Arc::new).collect();
        for event in &events {
            self.record.durable.apply(event);
            self.record.shelf.put(Arc::clone(event));
            if let Kind::Redacted { target, .. } = event.kind {
                out.push(Effect::Redact { target, by: event.seq });
            }
        }
        out.push(Effect::Publish(events.clone()));
        if let Some(ticket) = batch.ticket {
            out.push(Effect::Reply { ticket, answer: Box::new(Answer::Done(events)) });
        }
        if batch.resumes {
            self.resume(now, out);
        }
        self.deliver(now, out);
        self.edit_cards(now, out);
        self.advance_plans(now, out);
    }

    fn tell_reserve(&mut self, in_use: bool, now: Now, out: &mut Vec<Effect>) {
        if in_use && !self.record.reserve_told {
            self.record.reserve_told = true;
            self.note(Kind::ReserveInUse, Actor::lifeboat(Origin::Lifeboat), now, out);
        } else if !in_use {
            self.record.reserve_told = false;
        }
    }

    /// Falls back to what is durable; alerts found meanwhile are said without a record.
    fn degrade(&mut self, why: &str, now: Now, out: &mut Vec<Effect>) {
        let mut lost: Vec<Finding> = Vec::new();
        let mut sources = BTreeMap::new();
        for batch in std::mem::take(&mut self.record.pending) {
            sources.extend(batch.events.iter().filter_map(source_of));
            lost.extend(batch.findings);
            self.delivery.keep(batch.events.into_iter().map(|event| (event.incident, event.kind)));
            if let Some(ticket) = batch.ticket {
                out.push(Effect::Reply {
                    ticket,
                    answer: Box::new(Answer::NotRecorded { why: why.to_owned() }),
                });
            }
        }
        self.state = self.record.durable.clone();
        self.measure_again();
        let degraded = self.record.degraded.get_or_insert_with(|| Degraded {
            since: now.wall,
            why: String::new(),
            findings: Vec::new(),
            sources: BTreeMap::new(),
            said: BTreeMap::new(),
            retry_at_ms: 0,
        });
        degraded.sources.extend(sources);
        why.clone_into(&mut degraded.why);
        degraded.retry_at_ms = now.mono_ms + RETRY_MS;
        for finding in lost {
            self.say_unrecorded(finding, now, out);
        }
    }

    /// Says an alert that cannot be recorded, at most once a minute a key, and keeps it for later.
    pub(crate) fn say_unrecorded(&mut self, finding: Finding, now: Now, out: &mut Vec<Effect>) {
        let key = key_of(&finding);
        let Some(degraded) = &mut self.record.degraded else { return };
        let due = degraded.said.get(&key).is_none_or(|said| now.mono_ms >= said.at_ms + REPEAT_MS);
        if due {
            // By the clock, so that a page that stays open over a restart meets no number twice.
            let by_clock = u64::try_from(now.wall.timestamp_millis()).unwrap_or(0);
            let number = by_clock.max(self.record.unrecorded + 1);
            self.record.unrecorded = number;
            degraded.said.insert(key, Said { number, at_ms: now.mono_ms, finding: finding.clone() });
            out.push(Effect::SayUnrecorded { number, finding: Box::new(finding.clone()) });
        }
        if degraded.findings.len() < KEPT_FINDINGS {
            degraded.findings.push(finding);
        }
    }

    pub(crate) fn try_recording_again(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Some(degraded) = &mut self.record.degraded else { return };
        if now.mono_ms < degraded.retry_at_ms || !self.record.pending.is_empty() {
            return;
        }
        let unrecorded = u32::try_from(degraded.said.len()).unwrap_or(u32::MAX);
        let kind = Kind::RecordingResumed { since: degraded.since, unrecorded };
        let change = Change { incident: None, occurred_at: now.wall, kind, supersedes: None };
        let decided = Decided { changes: vec![change], ..Decided::default() };
        self.write(decided, &Actor::lifeboat(Origin::Lifeboat), true, now, out);
    }

    /// Recording works again: what was found meanwhile is decided as if it came now.
    fn resume(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Some(degraded) = self.record.degraded.take() else { return };
        for (source, condition) in degraded.sources {
            self.source(source, condition, now, out);
        }
        for finding in degraded.findings {
            self.finding(finding, now, out);
        }
    }

    /// One event by its number, where it is still on the shelf.
    pub(crate) fn on_shelf(&self, seq: Seq) -> Option<Event> {
        self.record.shelf.get(seq).map(|event| Event::clone(event))
    }
}

/// How a source stands after an event that tells it.
fn source_of(event: &Event) -> Option<(SourceName, Condition)> {
    match &event.kind {
        Kind::SourceBlind { source, why } => Some((source.clone(), Condition::Blind(why.clone()))),
        Kind::SourceSeen { source } => Some((source.clone(), Condition::Seen)),
        Kind::SourceUnwatched { source } => Some((source.clone(), Condition::Unwatched)),
        _ => None,
    }
}

/// Times are stored to the millisecond.
fn millis(at: Time) -> Time {
    Time::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}
