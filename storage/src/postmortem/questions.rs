//! Questions the record raises: found by rule from gaps, unanswered warnings and empty roles. No cause is guessed.

use chrono::TimeDelta;
use serde::Serialize;

use crate::event::{DeliveryOutcome, Event, Kind, Milestone, Role, Status, TaskKind, Time};
use crate::id::{AlertKey, Seq, SourceName};
use crate::incident::Incident;
use crate::state::State;

use super::ActionItem;
use super::breaks::Course;
use super::impact::Impact;
use super::people::Held;

/// A silence longer than this raises a question.
pub const SILENCE: TimeDelta = TimeDelta::minutes(10);

/// Longer to detect or to acknowledge than this raises a question.
pub const SLOW: TimeDelta = TimeDelta::minutes(5);

/// Something the record shows and does not explain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "question")]
pub enum Question {
    /// It took long to be seen.
    SlowDetection {
        /// First bad request.
        from: Time,
        /// Detected.
        to: Time,
    },
    /// Nobody acknowledged.
    NeverAcknowledged,
    /// It took long until a person took notice.
    SlowAcknowledgement {
        /// Detected.
        from: Time,
        /// Acknowledged.
        to: Time,
    },
    /// No entry for a while.
    Silence {
        /// The entry before.
        from: Time,
        /// The entry after.
        to: Time,
    },
    /// Nobody held a role.
    NobodyHeld {
        /// Which.
        role: Role,
    },
    /// No update was posted.
    NoUpdate,
    /// The cause was never named.
    NeverIdentified,
    /// It was called mitigated, and no recovery is on record before that.
    MitigatedWithoutEvidence {
        /// When it is said to have ended.
        at: Time,
    },
    /// Nobody said that users no longer suffered, no recovery is on record, and requests failed or were not counted.
    NeverMitigated,
    /// It was called over, and was not.
    WentBack {
        /// When it was taken back.
        at: Time,
        /// From which status.
        from: Status,
        /// To which.
        to: Status,
    },
    /// It failed again after a recovery that is on record.
    CameBack {
        /// When.
        at: Time,
    },
    /// A milestone lies before one that must come first.
    OutOfOrder {
        /// The one that must come first.
        first: Milestone,
        /// The one that lies before it.
        second: Milestone,
    },
    /// A source could not be read.
    Blind {
        /// Which.
        source: SourceName,
        /// Since when.
        at: Time,
    },
    /// Messages that did not arrive.
    Undelivered {
        /// The first of them.
        first: Seq,
        /// How many.
        count: usize,
    },
    /// Commands that were refused.
    Refused {
        /// The first of them.
        first: Seq,
        /// How many.
        count: usize,
    },
    /// How many requests failed is not known.
    NothingCounted,
    /// Nothing is to be done to prevent it, or to see it sooner.
    NothingToPrevent,
    /// Something to be done that nobody does.
    NoOwner {
        /// The task's number.
        task: u32,
    },
}

/// What questions are raised from.
pub(super) struct Material<'a> {
    pub(super) incident: &'a Incident,
    pub(super) record: &'a [Event],
    pub(super) roles: &'a [Held],
    pub(super) tasks: &'a [ActionItem],
    pub(super) impact: &'a Impact,
    pub(super) state: &'a State,
}

/// All questions, in the order of an incident's life.
pub(super) fn raised(from: &Material<'_>) -> Vec<Question> {
    let mut questions = Vec::new();
    questions.extend(notice(from.incident));
    questions.extend(out_of_order(from.incident));
    questions.extend((0..from.record.len()).filter_map(|nth| one_event(&from.record[..=nth])));
    questions.extend(silences(from));
    questions.extend(ending(from));
    questions.extend(people(from));
    questions.extend(counted(from.record));
    questions.extend(after(from));
    questions
}

fn notice(incident: &Incident) -> Vec<Question> {
    let slow = |first, second| {
        let (from, to) = (incident.at(first)?, incident.at(second)?);
        (to - from > SLOW).then_some((from, to))
    };
    let detection = slow(Milestone::Started, Milestone::Detected);
    let acknowledgement = slow(Milestone::Detected, Milestone::Acknowledged);
    let never = incident.at(Milestone::Acknowledged).is_none().then_some(Question::NeverAcknowledged);
    let detection = detection.map(|(from, to)| Question::SlowDetection { from, to });
    let acknowledgement = acknowledgement.map(|(from, to)| Question::SlowAcknowledgement { from, to });
    detection.into_iter().chain(acknowledgement).chain(never).collect()
}

/// Detected and declared may come in either order; all else follows the order of an incident's life.
fn out_of_order(incident: &Incident) -> Vec<Question> {
    let pairs = [
        (Milestone::Started, Milestone::Detected),
        (Milestone::Detected, Milestone::Acknowledged),
        (Milestone::Started, Milestone::Mitigated),
        (Milestone::Mitigated, Milestone::Resolved),
        (Milestone::Resolved, Milestone::Closed),
    ];
    let wrong = pairs.into_iter().filter(|(first, second)| {
        incident.at(*first).zip(incident.at(*second)).is_some_and(|(first, second)| second < first)
    });
    wrong.map(|(first, second)| Question::OutOfOrder { first, second }).collect()
}

/// What the last of these events asks.
fn one_event(until: &[Event]) -> Option<Question> {
    let (event, before) = until.split_last()?;
    let at = event.occurred_at;
    match event.kind.lasting() {
        Kind::StatusChanged { from, to, .. } if to < from => {
            Some(Question::WentBack { at, from: *from, to: *to })
        }
        Kind::AlertReturned { alert, .. } if had_recovered(alert, before) => Some(Question::CameBack { at }),
        Kind::SourceBlind { source, .. } => Some(Question::Blind { source: source.clone(), at }),
        _ => None,
    }
}

/// Since it last failed; otherwise somebody said too early that it was over.
fn had_recovered(alert: &AlertKey, before: &[Event]) -> bool {
    let of_this = before.iter().rev().find_map(|event| match event.kind.lasting() {
        Kind::AlertRecovered { alert: of, .. } if of == alert => Some(true),
        Kind::AlertRaised { alert: of, .. } | Kind::AlertReturned { alert: of, .. } if of == alert => {
            Some(false)
        }
        _ => None,
    });
    of_this == Some(true)
}

/// From the first entry since it began to the moment it was over: a note on what was before begins no silence.
fn silences(from: &Material<'_>) -> Vec<Question> {
    let over = [Milestone::Resolved, Milestone::Mitigated].into_iter().find_map(|m| from.incident.at(m));
    let began = [Milestone::Started, Milestone::Detected, Milestone::Declared];
    let began = began.into_iter().filter_map(|m| from.incident.at(m)).min();
    let within = |at: Time| began.is_none_or(|began| at >= began) && over.is_none_or(|over| at <= over);
    let told = |event: &&Event| tells(event.kind.lasting()) && within(event.occurred_at);
    let mut moments: Vec<Time> =
        from.record.iter().filter(told).map(|event| event.occurred_at).chain(over).collect();
    moments.sort();
    let gaps = moments.windows(2).filter(|pair| pair[1] - pair[0] > SILENCE);
    gaps.map(|pair| Question::Silence { from: pair[0], to: pair[1] }).collect()
}

/// Measurements and deliveries go on by themselves and tell nothing of what was tried.
fn tells(kind: &Kind) -> bool {
    !matches!(kind, Kind::TrafficMeasured { .. } | Kind::PostmortemExported { .. }) && !kind.is_delivery()
}

/// It was called over; what is not known by now, nobody is about to find out.
fn is_over(incident: &Incident) -> bool {
    matches!(incident.status, Status::Resolved | Status::Closed)
}

fn ending(from: &Material<'_>) -> Vec<Question> {
    let incident = from.incident;
    let mut questions = Vec::new();
    let over = is_over(incident);
    if over && incident.at(Milestone::Identified).is_none() {
        questions.push(Question::NeverIdentified);
    }
    match incident.milestones.get(&Milestone::Mitigated) {
        None if over
            && !from.impact.none_failed()
            && Course::of(from.record, &from.state.alerts).recovered().is_none() =>
        {
            questions.push(Question::NeverMitigated);
        }
        None => {}
        Some(stamp)
            if !from.record.iter().any(|event| event.seq < stamp.by && proves(event.kind.lasting())) =>
        {
            questions.push(Question::MitigatedWithoutEvidence { at: stamp.at });
        }
        Some(_) => {}
    }
    questions
}

fn proves(kind: &Kind) -> bool {
    matches!(kind, Kind::AlertRecovered { .. } | Kind::RecoveryProposed { .. })
}

fn people(from: &Material<'_>) -> Vec<Question> {
    let empty = from.roles.iter().filter(|held| held.person.is_none() && held.role != Role::Scribe);
    let mut questions: Vec<Question> = empty.map(|held| Question::NobodyHeld { role: held.role }).collect();
    if !from.record.iter().any(|event| matches!(*event.kind.lasting(), Kind::UpdatePosted { .. })) {
        questions.push(Question::NoUpdate);
    }
    questions
}

fn counted(record: &[Event]) -> Vec<Question> {
    let lost = record.iter().filter(|event| {
        let Kind::PostSettled { outcome, .. } = event.kind.lasting() else { return false };
        matches!(outcome, DeliveryOutcome::Refused { .. } | DeliveryOutcome::GaveUp { .. })
    });
    let refused = record.iter().filter(|event| matches!(*event.kind.lasting(), Kind::CommandRefused { .. }));
    let undelivered = first_and_count(lost).map(|(first, count)| Question::Undelivered { first, count });
    let refused = first_and_count(refused).map(|(first, count)| Question::Refused { first, count });
    undelivered.into_iter().chain(refused).collect()
}

fn first_and_count<'a>(mut events: impl Iterator<Item = &'a Event>) -> Option<(Seq, usize)> {
    let first = events.next()?.seq;
    Some((first, events.count() + 1))
}

fn after(from: &Material<'_>) -> Vec<Question> {
    let mut questions = Vec::new();
    if from.impact.each().iter().all(|felt| felt.failed.is_none()) {
        questions.push(Question::NothingCounted);
    }
    let lasting = |task: &&ActionItem| matches!(task.what, TaskKind::Prevent | TaskKind::Detect);
    if is_over(from.incident) && !from.tasks.iter().any(|task| lasting(&task)) {
        questions.push(Question::NothingToPrevent);
    }
    let open = from.tasks.iter().filter(|task| task.owner.is_none() && task.done_at.is_none());
    questions.extend(open.map(|task| Question::NoOwner { task: task.number }));
    questions
}
