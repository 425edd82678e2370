//! The postmortem as far as the record can write it: typed, without a sentence; `bot/` words it.
//!
//! Each event of the incident has exactly one place in [`Postmortem::timeline`]; everything else is folded from
//! these or points to them by number. What no event tells is not guessed: it is a [`Blank`] left for people, or
//! a [`Question`] that the record raises by rule.

pub mod breaks;
pub mod chart;
pub mod felt;
pub mod impact;
pub mod people;
pub mod questions;
pub mod turning;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::{AlertEvidence, AlertKind, Event, Kind, Milestone, Severity, Status, TaskKind, Time};
use crate::id::{AlertKey, ChannelName, IncidentId, PersonName, Seq, ServiceName, World};
use crate::incident::{Incident, Update};
use crate::metrics::{Times, times};
use crate::plan::run::Run;
use crate::state::State;
use crate::timeline::{Entry, Timeline};

use self::chart::Chart;
use self::impact::Impact;
use self::people::{Held, Responder};
use self::questions::Question;
use self::turning::TurningPoint;

/// Everything the record knows about one incident.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Postmortem {
    /// What stands at the top.
    pub masthead: Masthead,
    /// Milestones in the order of an incident's life; those not reached are left out.
    pub milestones: Vec<Reached>,
    /// TTD, TTA, TTM, TTR.
    pub times: Times,
    /// Error share over time, where anything was measured: of its own service, else of another one.
    pub chart: Option<Chart>,
    /// At most ten moments, A to J, in order.
    pub turning_points: Vec<TurningPoint>,
    /// What users felt.
    pub impact: Impact,
    /// Alerts that told of it, in order.
    pub detection: Vec<Detection>,
    /// Who took part, in order of their first event.
    pub responders: Vec<Responder>,
    /// Who held which role, from when to when; a role nobody held has nobody.
    pub roles: Vec<Held>,
    /// Conditions, actions, needs, oldest first.
    pub updates: Vec<Update>,
    /// Plans on machines that were asked for, oldest first: what was approved by whom, its steps and its proof.
    pub plans: Vec<Run>,
    /// Events by which people decided something, oldest first.
    pub decisions: Vec<Seq>,
    /// What ended it: reasons typed with the status, and finished tasks that were to end the harm.
    pub resolution: Vec<Seq>,
    /// Tasks in order.
    pub tasks: Vec<ActionItem>,
    /// What the record does not explain.
    pub questions: Vec<Question>,
    /// What only people can write.
    pub blanks: Vec<Blank>,
    /// Every event, exactly once.
    pub timeline: Timeline,
}

/// What stands at the top.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Masthead {
    /// Which incident.
    pub incident: IncidentId,
    /// Real or drill.
    pub world: World,
    /// As typed; empty when a rule opened it.
    pub title: String,
    /// The service that failed, where known.
    pub service: Option<ServiceName>,
    /// The alert that opened it, where one did: the title is worded from it when none was typed.
    pub opened_by: Option<AlertKind>,
    /// As it stands now.
    pub severity: Severity,
    /// The worst it ever had.
    pub worst: Severity,
    /// Where it stands.
    pub status: Status,
    /// Its channel.
    pub channel: Option<ChannelName>,
    /// It went on in another.
    pub merged_into: Option<IncidentId>,
    /// Others that were merged into it.
    pub merged_from: Vec<IncidentId>,
    /// Number of this draft: one more than were written out.
    pub draft: usize,
    /// Its first event.
    pub first: Option<Seq>,
    /// Its newest event; what came later is not in here.
    pub through: Option<Seq>,
    /// When that was recorded.
    pub as_of: Time,
    /// Hash of the chain at the newest change of status, for checking from outside.
    pub head: Option<String>,
}

/// A milestone and the events that set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// Which.
    pub milestone: Milestone,
    /// When.
    pub at: Time,
    /// The event that set it last.
    pub by: Seq,
    /// Earlier values of it, corrected or taken back since, oldest first.
    pub before: Vec<(Time, Seq)>,
}

/// An alert that told of the failure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Detection {
    /// Its event.
    pub seq: Seq,
    /// Which alert.
    pub alert: AlertKey,
    /// Its kind, where its raising is in the record.
    pub what: Option<AlertKind>,
    /// When the deciding request came.
    pub at: Time,
    /// How bad it said it was.
    pub severity: Severity,
    /// On what it rests.
    pub evidence: AlertEvidence,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActionItem {
    /// Number within the incident, from 1.
    pub number: u32,
    /// What for.
    pub what: TaskKind,
    /// As typed.
    pub text: String,
    /// Who does it.
    pub owner: Option<PersonName>,
    /// Until when; the record has no such date yet, people write it.
    pub due: Option<Time>,
    /// Since when it is done.
    pub done_at: Option<Time>,
    /// Its event.
    pub by: Option<Seq>,
}

/// What only people can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Blank {
    /// A title that is a sentence.
    Title,
    /// What happened, in a few sentences.
    Summary,
    /// What made it possible.
    ContributingFactors,
    /// What set it off.
    Trigger,
    /// What went well.
    WentWell,
    /// What went wrong.
    WentWrong,
    /// Where luck helped.
    Lucky,
    /// Why it was a surprise.
    WhySurprised,
}

/// All blanks in the order of the document.
pub const BLANKS: [Blank; 8] = [
    Blank::Title,
    Blank::Summary,
    Blank::ContributingFactors,
    Blank::Trigger,
    Blank::WhySurprised,
    Blank::WentWell,
    Blank::WentWrong,
    Blank::Lucky,
];

/// Puts together what the record knows.
///
/// `events` are those of the incident in any order; measured traffic of its service outside the incident may
/// be among them and feeds the chart and the counts only, anything else of others is left out.
#[must_use]
pub fn assemble<'a>(
    incident: &Incident,
    events: impl IntoIterator<Item = &'a Event>,
    state: &State,
) -> Postmortem {
    let events: BTreeMap<Seq, &Event> = events.into_iter().map(|event| (event.seq, event)).collect();
    let events: Vec<&Event> = events.into_values().collect();
    let mut timeline = Timeline::of(incident, events.iter().copied(), state);
    let record = chronicle(&timeline);
    let milestones = milestones(incident, &record);
    let (own, others) = chart::Traffic::of_all(incident, &events);
    let span = chart::span(incident, &record);
    // Of another service where nothing was counted of its own; the chart names it.
    let mut drawn =
        [&own].into_iter().chain(&others).filter_map(|traffic| Some((traffic, traffic.chart(span)?)));
    let (traffic, chart) = drawn.next().map_or((&own, None), |(traffic, chart)| (traffic, Some(chart)));
    let turning_points = turning::points(&record, &milestones, traffic, chart.as_ref());
    let impact = impact::of(incident, &record, state, (&own, &others));
    let roles = people::roles(&record);
    let tasks = tasks(incident, &record);
    let questions = questions::raised(&questions::Material {
        incident,
        record: &record,
        roles: &roles,
        tasks: &tasks,
        impact: &impact,
        state,
    });
    let parts = Postmortem {
        masthead: masthead(incident, &record, state),
        times: times(incident),
        detection: detection(&record),
        responders: people::responders(&record),
        updates: record.iter().filter_map(update).collect(),
        plans: state.plans.values().filter(|run| run.incident == Some(incident.id)).cloned().collect(),
        decisions: seqs(&record, is_decision),
        resolution: seqs(&record, ends_it),
        blanks: BLANKS.to_vec(),
        milestones,
        chart,
        turning_points,
        impact,
        roles,
        tasks,
        questions,
        timeline: Timeline::default(),
    };
    letter(&mut timeline, &parts.turning_points);
    Postmortem { timeline, ..parts }
}

/// All events of the incident in the order in which they happened.
fn chronicle(timeline: &Timeline) -> Vec<Event> {
    let mut record: Vec<Event> = timeline.entries().map(|entry| entry.event.clone()).collect();
    record.sort_by_key(|event| (event.occurred_at, event.seq));
    record
}

fn masthead(incident: &Incident, record: &[Event], state: &State) -> Masthead {
    let newest = record.iter().max_by_key(|event| event.seq);
    let exported = record
        .iter()
        .filter(|event| matches!(*event.kind.lasting(), Kind::PostmortemExported { .. }))
        .count();
    Masthead {
        incident: incident.id,
        world: incident.world,
        title: incident.title.clone(),
        service: incident.service.clone(),
        opened_by: record.iter().find_map(raised_kind),
        severity: incident.severity,
        worst: record.iter().filter_map(severity).min().unwrap_or(incident.severity).min(incident.severity),
        status: incident.status,
        channel: incident.channel.as_ref().map(|name| state.shown_channel(name)),
        merged_into: incident.merged_into,
        merged_from: incident.merged_from.clone(),
        draft: exported + 1,
        first: record.iter().map(|event| event.seq).min(),
        through: newest.map(|event| event.seq),
        as_of: newest.map_or(incident.touched_at, |event| event.recorded_at),
        head: record.iter().filter_map(head).max_by_key(|(seq, _)| *seq).map(|(_, head)| head),
    }
}

fn raised_kind(event: &Event) -> Option<AlertKind> {
    match *event.kind.lasting() {
        Kind::AlertRaised { what, .. } => Some(what),
        _ => None,
    }
}

fn severity(event: &Event) -> Option<Severity> {
    match *event.kind.lasting() {
        Kind::IncidentDeclared { severity, .. } => Some(severity),
        Kind::SeverityChanged { from, to } => Some(from.min(to)),
        _ => None,
    }
}

fn head(event: &Event) -> Option<(Seq, String)> {
    match event.kind.lasting() {
        Kind::StatusChanged { head: Some(head), .. } => Some((event.seq, head.clone())),
        _ => None,
    }
}

/// Which milestone an event names, and when.
fn milestone(event: &Event) -> Option<Milestone> {
    match *event.kind.lasting() {
        Kind::IncidentDeclared { .. } => Some(Milestone::Declared),
        Kind::Acknowledged => Some(Milestone::Acknowledged),
        Kind::MilestoneSet { milestone } => Some(milestone),
        Kind::StatusChanged { to: Status::Identified, .. } => Some(Milestone::Identified),
        Kind::StatusChanged { to: Status::Mitigated, .. } => Some(Milestone::Mitigated),
        Kind::StatusChanged { to: Status::Resolved, .. } => Some(Milestone::Resolved),
        Kind::StatusChanged { to: Status::Closed, .. } => Some(Milestone::Closed),
        _ => None,
    }
}

fn milestones(incident: &Incident, record: &[Event]) -> Vec<Reached> {
    let mut named: BTreeMap<Milestone, Vec<(Time, Seq)>> = BTreeMap::new();
    for event in record {
        if let Some(milestone) = milestone(event) {
            named.entry(milestone).or_default().push((event.occurred_at, event.seq));
        }
    }
    let reached = incident.milestones.iter().map(|(milestone, stamp)| {
        let mut before = named.remove(milestone).unwrap_or_default();
        before.retain(|(at, seq)| *seq < stamp.by && *at != stamp.at);
        before.sort_by_key(|(_, seq)| *seq);
        Reached { milestone: *milestone, at: stamp.at, by: stamp.by, before }
    });
    reached.collect()
}

fn detection(record: &[Event]) -> Vec<Detection> {
    let mut kinds: BTreeMap<&AlertKey, AlertKind> = BTreeMap::new();
    let mut told = Vec::new();
    for event in record {
        let (alert, severity, evidence) = match event.kind.lasting() {
            Kind::AlertRaised { alert, what, severity, evidence, .. } => {
                kinds.insert(alert, *what);
                (alert, severity, evidence)
            }
            Kind::AlertGrew { alert, severity, evidence, .. }
            | Kind::AlertReturned { alert, severity, evidence, .. } => (alert, severity, evidence),
            _ => continue,
        };
        told.push(Detection {
            seq: event.seq,
            alert: alert.clone(),
            what: kinds.get(alert).copied(),
            at: event.occurred_at,
            severity: *severity,
            evidence: evidence.clone(),
        });
    }
    told
}

fn update(event: &Event) -> Option<Update> {
    let Kind::UpdatePosted { conditions, actions, needs } = event.kind.lasting() else { return None };
    Some(Update {
        by: event.seq,
        at: event.occurred_at,
        conditions: conditions.clone(),
        actions: actions.clone(),
        needs: needs.clone(),
    })
}

fn tasks(incident: &Incident, record: &[Event]) -> Vec<ActionItem> {
    let by = |number: u32| record.iter().find(|event| adds(event, number)).map(|event| event.seq);
    let item = |task: &crate::incident::Task| ActionItem {
        number: task.number,
        what: task.what,
        text: task.text.clone(),
        owner: task.owner.clone(),
        due: None,
        done_at: task.done_at,
        by: by(task.number),
    };
    incident.tasks.iter().map(item).collect()
}

fn adds(event: &Event, number: u32) -> bool {
    matches!(*event.kind.lasting(), Kind::TaskAdded { task, .. } if task == number)
}

fn seqs(record: &[Event], wanted: impl Fn(&Event) -> bool) -> Vec<Seq> {
    record.iter().filter(|event| wanted(event)).map(|event| event.seq).collect()
}

/// A person changed the course of the incident.
fn is_decision(event: &Event) -> bool {
    event.actor.person.is_some()
        && matches!(
            *event.kind.lasting(),
            Kind::IncidentDeclared { .. }
                | Kind::SeverityChanged { .. }
                | Kind::StatusChanged { .. }
                | Kind::Merged { .. }
                | Kind::MergedFrom { .. }
                | Kind::AlertSilenced { .. }
                | Kind::AlertUnsilenced { .. }
                | Kind::Redacted { .. }
                | Kind::PlanApproved { .. }
                | Kind::PlanRejected { .. }
                | Kind::PlanCancelled { .. }
                | Kind::ClusterFrozen { .. }
                | Kind::ClusterUnfrozen { .. }
                | Kind::CapacitySkipped { .. }
        )
}

/// It was called over, or the harm was said to have ended.
fn ends_it(event: &Event) -> bool {
    matches!(
        *event.kind.lasting(),
        Kind::StatusChanged { to: Status::Mitigated | Status::Resolved, .. }
            | Kind::AlertRecovered { .. }
            | Kind::PlanEnded { proven: true, .. }
    )
}

fn letter(timeline: &mut Timeline, points: &[TurningPoint]) {
    let letters: BTreeMap<Seq, char> = points.iter().map(|point| (point.seq, point.letter)).collect();
    let set = |entry: &mut Entry| entry.letter = letters.get(&entry.event.seq).copied();
    timeline.story.iter_mut().for_each(set);
}

#[cfg(test)]
mod tests;
