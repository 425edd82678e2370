//! Any sequence of events makes a postmortem that tells each of them once; a told story is told right.

mod again;
mod any;
mod services;
mod whole;
mod worst;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;

use super::felt::{Counted, FullStop};
use super::questions::Question;
use super::turning::Turn;
use super::*;
use crate::event::{Actor, AlertEvidence, AlertKind, Origin, Role, Share};
use crate::id::{AlertKey, BootId, Correlation, IdemKey, PlanId};
use crate::plan::{Evidence, FailedBy, SkipReason, StepOutcome, StepResult};

fn at(clock: &str) -> Time {
    DateTime::parse_from_rfc3339(&format!("2026-01-05T{clock}+08:00")).unwrap().to_utc()
}

/// Builds a record one event at a time.
#[derive(Default)]
struct Record {
    events: Vec<Event>,
}

impl Record {
    fn add(&mut self, clock: &str, person: Option<&str>, kind: Kind) -> Seq {
        let seq = Seq(self.events.len() as u64 + 1);
        let mut actor = Actor::lifeboat(Origin::Console);
        actor.person = person.map(PersonName::new);
        self.events.push(Event {
            seq,
            incident: Some(IncidentId(1)),
            world: World::Real,
            occurred_at: at(clock),
            recorded_at: at(clock),
            actor,
            kind,
            correlation: None,
            supersedes: None,
        });
        seq
    }

    fn declared(clock: &str) -> Self {
        let mut record = Self::default();
        let kind = Kind::IncidentDeclared {
            title: String::new(),
            severity: Severity::Sev2,
            service: Some(ServiceName::new("blog-web")),
            alert: None,
        };
        record.add(clock, None, kind);
        record
    }

    fn milestone(&mut self, clock: &str, milestone: Milestone) -> Seq {
        self.add(clock, None, Kind::MilestoneSet { milestone })
    }

    fn alert(&mut self, clock: &str, what: AlertKind, since: &str) -> Seq {
        let kind = Kind::AlertRaised {
            alert: AlertKey::new(format!("{}/blog-web", what.key())),
            what,
            service: ServiceName::new("blog-web"),
            severity: Severity::Sev2,
            evidence: AlertEvidence { since: Some(at(since)), ..AlertEvidence::default() },
        };
        self.add(clock, None, kind)
    }

    fn status(&mut self, clock: &str, from: Status, to: Status) -> Seq {
        self.add(clock, Some("Mei"), Kind::StatusChanged { from, to, head: None, reason: String::new() })
    }

    fn measured(&mut self, clock: &str, step_s: u32, counts: &[(u64, u64)]) -> Seq {
        let counts = counts.iter().map(|(bad, total)| Share { bad: *bad, total: *total }).collect();
        let service = ServiceName::new("blog-web");
        self.add(clock, None, Kind::TrafficMeasured { service, from: at(clock), step_s, counts })
    }

    fn postmortem(&self) -> Postmortem {
        let state = any::folded(&self.events);
        assemble(&state.incidents[&IncidentId(1)], &self.events, &state)
    }
}

proptest! {
    #[test]
    fn each_event_of_the_incident_is_in_the_postmortem_once_whatever_happened(
        events in any::events(),
        shuffled in any::order(),
    ) {
        let state = any::folded(&events);
        let mut given: Vec<&Event> = events.iter().collect();
        given.sort_by_key(|event| shuffled[event.seq.0 as usize % shuffled.len()]);
        given.extend(events.iter().take(5));
        for incident in state.incidents.values() {
            let postmortem = assemble(incident, given.iter().copied(), &state);
            let mut told: BTreeMap<Seq, usize> = BTreeMap::new();
            for entry in postmortem.timeline.entries() {
                *told.entry(entry.event.seq).or_default() += 1;
            }
            let own = events.iter().filter(|event| event.incident == Some(incident.id));
            let expected: BTreeMap<Seq, usize> = own.map(|event| (event.seq, 1)).collect();
            prop_assert_eq!(told, expected);
        }
    }

    #[test]
    fn the_order_in_which_events_are_given_changes_nothing(events in any::events()) {
        let state = any::folded(&events);
        for incident in state.incidents.values() {
            let forward = assemble(incident, &events, &state);
            let backward = assemble(incident, events.iter().rev(), &state);
            prop_assert_eq!(&forward, &backward);
            for list in [&forward.timeline.story, &forward.timeline.said, &forward.timeline.kept] {
                prop_assert!(list.is_sorted_by_key(|entry| (entry.event.occurred_at, entry.event.seq)));
            }
        }
    }

    #[test]
    fn the_worst_minute_is_never_below_the_whole(events in any::events()) {
        let state = any::folded(&events);
        for incident in state.incidents.values() {
            let impact = assemble(incident, &events, &state).impact;
            let worst = impact.worst.map(|worst| worst.share.ratio());
            prop_assert!(worst >= impact.failed.map(Share::ratio), "{impact:?}");
        }
    }

    #[test]
    fn turning_points_are_few_lettered_in_order_and_point_to_the_story(events in any::events()) {
        let state = any::folded(&events);
        for incident in state.incidents.values() {
            let postmortem = assemble(incident, &events, &state);
            let letters: Vec<char> = postmortem.turning_points.iter().map(|point| point.letter).collect();
            prop_assert_eq!(&letters, &('A'..='J').take(letters.len()).collect::<Vec<_>>());
            prop_assert!(postmortem.turning_points.is_sorted_by_key(|point| (point.at, point.seq)));
            let lettered = postmortem.timeline.story.iter().filter(|entry| entry.letter.is_some()).count();
            prop_assert_eq!(lettered, letters.len());
        }
    }
}

#[test]
fn a_pinned_message_stands_in_the_story_and_its_pin_among_the_bookkeeping() {
    let mut record = Record::declared("10:15:41");
    let channel = ChannelName::new("inc-0001");
    let said = |text: &str| Kind::MessageSaid { channel: channel.clone(), text: text.to_owned() };
    let pinned = record.add("10:20:00", Some("Mei"), said("DNS fails on wk-3"));
    let chatter = record.add("10:20:05", Some("Lin"), said("coffee?"));
    let pin = record.add("10:21:00", Some("Lin"), Kind::MessagePinned { message: pinned });

    let timeline = record.postmortem().timeline;

    let story: Vec<(Seq, bool)> = timeline.story.iter().map(|e| (e.event.seq, e.pinned)).collect();
    assert_eq!(story, [(Seq(1), false), (pinned, true)]);
    assert_eq!(timeline.said.iter().map(|e| e.event.seq).collect::<Vec<_>>(), [chatter]);
    assert_eq!(timeline.kept.iter().map(|e| e.event.seq).collect::<Vec<_>>(), [pin]);
}

#[test]
fn steps_that_went_as_planned_stand_apart_and_what_changed_a_machine_or_failed_is_story() {
    let mut record = Record::declared("10:15:41");
    let ended = |step, outcome| Kind::StepEnded { plan: PlanId(1), step, outcome };
    let done = |result| StepOutcome::Succeeded { result };
    let started = Kind::StepStarted { plan: PlanId(1), step: 0, attempt: 1, key: IdemKey::new("k") };
    let kinds = [
        started,
        ended(0, done(StepResult::Plain)),
        ended(1, StepOutcome::Skipped { why: SkipReason::Enough }),
        ended(2, done(StepResult::Booted { boot: BootId::new("b") })),
        ended(3, StepOutcome::Failed { by: FailedBy::NotFound }),
        ended(4, StepOutcome::Unknown { evidence: Evidence::default() }),
    ];
    let seqs: Vec<Seq> = kinds.into_iter().map(|kind| record.add("10:30:00", None, kind)).collect();

    let timeline = record.postmortem().timeline;

    let of = |list: &[Entry]| list.iter().map(|entry| entry.event.seq).collect::<Vec<_>>();
    assert_eq!(of(&timeline.worked), seqs[..3]);
    assert_eq!(of(&timeline.story)[1..], seqs[3..]);
}

#[test]
fn a_corrected_milestone_keeps_its_earlier_value() {
    let mut record = Record::declared("10:15:41");
    let first = record.status("11:26:04", Status::Investigating, Status::Mitigated);
    let corrected = record.milestone("11:21:00", Milestone::Mitigated);

    let postmortem = record.postmortem();

    let reached = postmortem.milestones.iter().find(|m| m.milestone == Milestone::Mitigated).unwrap();
    assert_eq!((reached.at, reached.by), (at("11:21:00"), corrected));
    assert_eq!(reached.before, [(at("11:26:04"), first)]);
}

#[test]
fn a_second_mitigation_after_it_failed_again_keeps_the_first_and_corrects_nothing() {
    let mut record = Record::declared("10:15:41");
    let first = record.status("10:40:00", Status::Investigating, Status::Mitigated);
    record.status("10:50:00", Status::Mitigated, Status::Investigating);
    let second = record.status("11:20:00", Status::Investigating, Status::Mitigated);

    let postmortem = record.postmortem();

    let reached = postmortem.milestones.iter().find(|m| m.milestone == Milestone::Mitigated).unwrap();
    assert_eq!((reached.by, &reached.before[..]), (second, &[(at("10:40:00"), first)][..]));
    assert!(postmortem.timeline.entries().all(|entry| entry.corrected_by.is_none()));
}

#[test]
fn failed_requests_are_counted_from_the_start_to_the_mitigation_and_not_beyond() {
    let mut record = Record::declared("10:01:00");
    record.milestone("10:01:00", Milestone::Started);
    record.measured("10:00:00", 60, &[(1, 100), (10, 100), (20, 100), (40, 100), (3, 100)]);
    record.milestone("10:03:00", Milestone::Mitigated);

    let impact = record.postmortem().impact;

    assert_eq!(impact.failed, Some(Share { bad: 30, total: 200 }));
    assert_eq!(impact.counted, Counted::Steps);
    assert_eq!(impact.uncounted_s, 0);
    assert_eq!(impact.worst.map(|worst| worst.share), Some(Share { bad: 20, total: 100 }));
    assert_eq!(impact.full_stop, FullStop::Never);
    assert_eq!(impact.users, None);
}

#[test]
fn good_requests_of_the_steps_in_which_an_outage_begins_and_ends_do_not_dilute_its_share() {
    let mut record = Record::declared("00:31:09");
    record.milestone("00:31:08", Milestone::Started);
    let counts = [(0, 200), (40, 200), (200, 200), (200, 200), (200, 200), (200, 200), (60, 200), (0, 200)];
    record.measured("00:30:50", 10, &counts);
    record.milestone("00:31:53", Milestone::Mitigated);

    let postmortem = record.postmortem();

    let impact = postmortem.impact;
    assert_eq!(impact.failed, Some(Share { bad: 900, total: 900 }));
    let lasted = FullStop::Lasted { from: at("00:31:08"), to: at("00:31:53"), failed: 900 };
    assert_eq!((impact.full_stop, impact.uncounted_s), (lasted, 0));
    let began = &postmortem.turning_points[0];
    assert_eq!((began.letter, began.share), ('A', Some(Share { bad: 200, total: 200 })));
}

#[test]
fn the_start_of_a_failure_that_was_over_within_its_step_is_told_with_what_failed_in_it() {
    let mut record = Record::declared("10:00:09");
    record.milestone("10:00:07", Milestone::Started);
    record.measured("10:00:00", 10, &[(50, 200), (0, 200), (0, 200)]);
    record.milestone("10:00:20", Milestone::Mitigated);

    let began = &record.postmortem().turning_points[0];

    assert_eq!((began.letter, began.share), ('A', Some(Share { bad: 50, total: 200 })));
}

#[test]
fn a_step_that_was_told_while_it_ran_is_counted_up_to_then() {
    let mut record = Record::declared("10:00:00");
    record.milestone("10:00:00", Milestone::Started);
    let service = ServiceName::new("blog-web");
    let counts = vec![Share { bad: 100, total: 200 }, Share { bad: 30, total: 60 }];
    let kind = Kind::TrafficMeasured { service, from: at("10:00:00"), step_s: 10, counts };
    record.add("10:00:13", None, kind);
    record.milestone("10:00:13", Milestone::Mitigated);

    assert_eq!(record.postmortem().impact.failed, Some(Share { bad: 130, total: 260 }));
}

#[test]
fn what_users_did_not_feel_yet_is_no_impact() {
    let mut record = Record::declared("08:01:30");
    record.milestone("08:00:00", Milestone::Started);
    record.alert("08:01:30", AlertKind::CapacityShort, "08:00:00");
    record.measured("08:00:00", 3_600, &[(0, 900), (0, 900), (70, 100)]);
    assert_eq!(
        record.postmortem().impact.from,
        Some(at("08:00:00")),
        "nobody suffers: it began with the incident"
    );
    record.alert("10:00:03", AlertKind::BadGateway, "10:00:00");
    record.milestone("11:00:00", Milestone::Mitigated);

    let impact = record.postmortem().impact;

    assert_eq!(impact.from, Some(at("10:00:00")));
    assert_eq!(impact.failed, Some(Share { bad: 70, total: 100 }));
}

/// The end of an alert of the service.
fn recovered(key: &str, good_since: &str) -> Kind {
    Kind::AlertRecovered {
        alert: AlertKey::new(format!("{key}/blog-web")),
        good_since: at(good_since),
        now: Share::default(),
        peak: Share::default(),
        whole: Share::default(),
    }
}

#[test]
fn users_suffered_until_requests_stopped_failing_where_nobody_said_so_or_only_later() {
    let mut record = Record::declared("10:00:03");
    record.milestone("10:00:00", Milestone::Started);
    record.alert("10:00:03", AlertKind::BadGateway, "10:00:00");
    record.alert("10:02:03", AlertKind::ServerError, "10:02:00");
    record.add("10:25:00", None, recovered(AlertKind::BadGateway.key(), "10:20:00"));
    assert_eq!(record.postmortem().impact.to, None, "one of them still fails");
    record.add("10:35:00", None, recovered(AlertKind::ServerError.key(), "10:30:00"));
    assert_eq!(record.postmortem().impact.to, Some(at("10:30:00")));
    record.status("10:50:00", Status::Investigating, Status::Resolved);

    let postmortem = record.postmortem();

    assert_eq!(postmortem.impact.to, Some(at("10:30:00")));
    assert!(!postmortem.questions.contains(&Question::NeverMitigated), "the record knows it");
}

#[test]
fn who_calls_it_mitigated_too_early_does_not_shorten_what_users_suffered() {
    let mut record = Record::declared("10:00:03");
    record.milestone("10:00:00", Milestone::Started);
    record.alert("10:00:03", AlertKind::BadGateway, "10:00:00");
    record.milestone("10:00:20", Milestone::Mitigated);
    record.measured("10:00:00", 10, &[(200, 200); 6]);
    assert_eq!(record.postmortem().impact.to, Some(at("10:00:20")), "nobody knows better yet");
    record.add("10:06:00", None, recovered(AlertKind::BadGateway.key(), "10:01:00"));

    let impact = record.postmortem().impact;

    assert_eq!((impact.to, impact.failed), (Some(at("10:01:00")), Some(Share { bad: 1200, total: 1200 })));
}

#[test]
fn users_suffer_while_an_alert_fails_that_came_with_a_merged_incident() {
    let mut record = Record::declared("10:00:03");
    record.milestone("10:00:00", Milestone::Started);
    record.alert("10:00:03", AlertKind::BadGateway, "10:00:00");
    let alert = AlertKey::new("server_error/blog-web");
    record.add("10:10:00", Some("Mei"), Kind::AlertJoined { alert });
    record.add("10:25:00", None, recovered(AlertKind::BadGateway.key(), "10:20:00"));
    assert_eq!(record.postmortem().impact.to, None, "the other one still fires");
    record.add("10:35:00", None, recovered(AlertKind::ServerError.key(), "10:30:00"));
    assert_eq!(record.postmortem().impact.to, Some(at("10:30:00")));
}

#[test]
fn a_full_stop_lasts_from_the_first_to_the_last_step_without_a_success() {
    let mut record = Record::declared("10:00:00");
    record.milestone("10:00:00", Milestone::Started);
    record.measured("10:00:00", 10, &[(9, 10), (8, 8), (0, 0), (7, 7), (1, 9), (6, 6)]);
    record.milestone("10:01:00", Milestone::Mitigated);

    let lasted = FullStop::Lasted { from: at("10:00:10"), to: at("10:00:40"), failed: 15 };
    assert_eq!(record.postmortem().impact.full_stop, lasted);
}

#[test]
fn without_counts_the_impact_is_not_known_and_a_question() {
    let postmortem = Record::declared("10:00:00").postmortem();
    assert_eq!(postmortem.impact.failed, None);
    assert_eq!(postmortem.impact.full_stop, FullStop::NotKnown);
    assert_eq!(postmortem.chart, None);
    assert!(postmortem.questions.contains(&Question::NothingCounted));
}

#[test]
fn a_gap_in_the_counts_is_a_gap_in_the_chart() {
    let mut record = Record::declared("10:00:00");
    record.milestone("10:00:00", Milestone::Started);
    record.measured("10:00:00", 300, &[(1, 10), (2, 10)]);
    record.measured("10:20:00", 300, &[(4, 10)]);
    record.milestone("10:25:00", Milestone::Mitigated);

    let chart = record.postmortem().chart.unwrap();

    let bad: Vec<Option<u64>> = chart.points.iter().map(|p| p.map(|share| share.bad)).collect();
    assert_eq!(bad, [Some(1), Some(2), None, None, Some(4)]);
    assert_eq!((chart.from, chart.to, chart.step_s), (at("10:00:00"), at("10:25:00"), 300));
    assert_eq!(chart.share_at(at("10:07:00")), Some(Share { bad: 2, total: 10 }));
    assert_eq!(chart.share_at(at("10:12:00")), None);
    assert_eq!(record.postmortem().impact.uncounted_s, 600);
}

#[test]
fn a_step_told_twice_is_counted_once_as_the_newer_event_tells_it() {
    let mut record = Record::declared("10:00:00");
    record.milestone("10:00:00", Milestone::Started);
    record.measured("10:00:00", 60, &[(1, 10)]);
    record.measured("10:00:00", 60, &[(5, 20)]);
    record.milestone("10:01:00", Milestone::Mitigated);
    assert_eq!(record.postmortem().impact.failed, Some(Share { bad: 5, total: 20 }));
}

#[test]
fn a_silence_counts_until_it_was_over_and_ten_minutes_sharp_is_none() {
    let mut record = Record::declared("10:00:00");
    record.milestone("10:00:00", Milestone::Started);
    record.add("10:10:00", Some("Mei"), Kind::NoteAdded { text: "looking".to_owned() });
    record.add("10:20:01", Some("Mei"), Kind::NoteAdded { text: "found".to_owned() });
    record.status("10:25:00", Status::Investigating, Status::Resolved);
    record.status("12:00:00", Status::Resolved, Status::Closed);

    let questions = record.postmortem().questions;

    let silences: Vec<&Question> =
        questions.iter().filter(|q| matches!(q, Question::Silence { .. })).collect();
    assert_eq!(silences, [&Question::Silence { from: at("10:10:00"), to: at("10:20:01") }]);
}

#[test]
fn a_note_on_what_was_before_the_incident_begins_no_silence() {
    let mut record = Record::declared("00:18:43");
    record.milestone("00:18:42", Milestone::Started);
    record.add("23:59:00", Some("Mei"), Kind::NoteAdded { text: "a deployment began".to_owned() });
    if let Some(note) = record.events.last_mut() {
        note.occurred_at -= TimeDelta::days(1);
    }
    record.status("00:25:00", Status::Investigating, Status::Resolved);

    let questions = record.postmortem().questions;

    assert!(!questions.iter().any(|question| matches!(question, Question::Silence { .. })), "{questions:?}");
}

#[test]
fn an_incident_of_which_only_the_end_is_recorded_asks_for_everything() {
    let mut record = Record::declared("10:00:00");
    record.status("10:05:00", Status::Investigating, Status::Resolved);
    let questions = record.postmortem().questions;
    let expected = [
        Question::NeverAcknowledged,
        Question::NeverIdentified,
        Question::NeverMitigated,
        Question::NobodyHeld { role: Role::Commander },
        Question::NobodyHeld { role: Role::Operations },
        Question::NobodyHeld { role: Role::Communications },
        Question::NoUpdate,
        Question::NothingCounted,
        Question::NothingToPrevent,
    ];
    assert_eq!(questions, expected);
}

#[test]
fn while_it_lasts_nobody_is_asked_how_it_ended() {
    let questions = Record::declared("10:00:00").postmortem().questions;
    assert!(!questions.contains(&Question::NeverIdentified));
    assert!(!questions.contains(&Question::NeverMitigated));
    assert!(!questions.contains(&Question::NothingToPrevent));
}

#[test]
fn mitigated_before_any_recovery_is_on_record_asks_for_the_evidence() {
    let asked = |proposed: bool| {
        let mut record = Record::declared("10:00:00");
        if proposed {
            record.add("10:05:00", None, Kind::RecoveryProposed { good_since: at("10:04:00") });
        }
        record.status("10:06:00", Status::Investigating, Status::Mitigated);
        let question = Question::MitigatedWithoutEvidence { at: at("10:06:00") };
        record.postmortem().questions.contains(&question)
    };
    assert!(asked(false));
    assert!(!asked(true));
}

/// The alert fails once more.
fn returned(times: u32) -> Kind {
    Kind::AlertReturned {
        alert: AlertKey::new("bad_gateway/blog-web"),
        severity: Severity::Sev2,
        evidence: AlertEvidence::default(),
        times,
        still: false,
    }
}

#[test]
fn only_what_recovered_in_between_asks_what_had_covered_it() {
    let mut record = Record::declared("10:00:00");
    record.alert("10:00:01", AlertKind::BadGateway, "10:00:00");
    record.status("10:05:00", Status::Investigating, Status::Mitigated);
    record.add("10:05:30", None, returned(1));
    record.status("10:05:30", Status::Mitigated, Status::Investigating);
    record.add("10:20:00", None, recovered("absent", "10:15:00"));
    record.add("10:21:00", None, returned(2));
    record.add("10:30:00", None, recovered("bad_gateway", "10:25:00"));
    record.add("10:40:00", None, returned(3));

    let questions = record.postmortem().questions;
    let came_back = |question: &&Question| matches!(question, Question::CameBack { .. });
    let asked: Vec<&Question> = questions.iter().filter(came_back).collect();

    assert_eq!(asked, [&Question::CameBack { at: at("10:40:00") }]);
    let (from, to) = (Status::Mitigated, Status::Investigating);
    assert!(questions.contains(&Question::WentBack { at: at("10:05:30"), from, to }));
}

#[test]
fn detected_and_declared_in_one_breath_are_one_turning_point() {
    let mut record = Record::declared("10:15:42");
    record.milestone("10:15:00", Milestone::Started);
    record.milestone("10:15:41", Milestone::Detected);
    record.status("10:30:00", Status::Investigating, Status::Mitigated);

    let turns: Vec<(char, Turn)> =
        record.postmortem().turning_points.into_iter().map(|p| (p.letter, p.turn)).collect();

    let reached = |milestone| Turn::Reached { milestone };
    let expected = [
        ('A', reached(Milestone::Started)),
        ('B', reached(Milestone::Detected)),
        ('C', reached(Milestone::Mitigated)),
    ];
    assert_eq!(turns, expected);
}

#[test]
fn an_outage_that_returned_has_one_letter_and_the_last_of_many_keeps_its_own() {
    let mut record = Record::declared("10:00:00");
    record.milestone("10:00:00", Milestone::Started);
    record.milestone("10:00:01", Milestone::Detected);
    record.milestone("10:00:30", Milestone::Acknowledged);
    let mut returns = Vec::new();
    for times in 1..=8 {
        let clock = format!("1{times}:00:00");
        record.status(&clock, Status::Investigating, Status::Mitigated);
        returns.push(record.add(&clock, None, returned(times)));
        record.status(&clock, Status::Mitigated, Status::Investigating);
        let together = Some(Correlation::new(format!("c{times}")));
        record.events.iter_mut().rev().take(2).for_each(|event| event.correlation.clone_from(&together));
    }
    record.status("19:30:00", Status::Investigating, Status::Mitigated);
    record.status("19:40:00", Status::Mitigated, Status::Resolved);

    let points = record.postmortem().turning_points;

    let went_back = |turn: &Turn| matches!(turn, Turn::WentBack { .. });
    assert!(!points.iter().any(|point| went_back(&point.turn)), "{points:?}");
    let lettered: Vec<Seq> =
        returns.iter().copied().filter(|seq| points.iter().any(|p| p.seq == *seq)).collect();
    assert_eq!(lettered, [returns[0], returns[1], returns[2], returns[6], returns[7]]);
    assert_eq!(points.len(), 10);
    let ended = Turn::Reached { milestone: Milestone::Resolved };
    assert_eq!(points.last().map(|point| &point.turn), Some(&ended));
}

#[test]
fn the_worst_severity_and_the_number_of_the_draft_are_remembered() {
    let mut record = Record::declared("10:00:00");
    record.add("10:01:00", None, Kind::SeverityChanged { from: Severity::Sev2, to: Severity::Sev1 });
    record.add("10:50:00", None, Kind::SeverityChanged { from: Severity::Sev1, to: Severity::Sev3 });
    let exported = || Kind::PostmortemExported { format: "md".to_owned(), lang: "en".to_owned() };
    record.add("11:00:00", None, exported());
    let masthead = record.postmortem().masthead;
    assert_eq!((masthead.severity, masthead.worst, masthead.draft), (Severity::Sev3, Severity::Sev1, 2));
}

#[test]
fn a_role_is_held_until_somebody_else_takes_it() {
    let mut record = Record::declared("10:00:00");
    let take = |person: &str| Kind::RoleTaken { role: Role::Commander, person: PersonName::new(person) };
    record.add("10:02:00", Some("Mei"), take("Mei"));
    record.add("10:40:00", Some("Mei"), take("Chen Wei"));

    let postmortem = record.postmortem();

    let held: Vec<_> =
        postmortem.roles.iter().take(2).map(|h| (h.person.clone().unwrap(), h.until)).collect();
    assert_eq!(held, [(PersonName::new("Mei"), Some(at("10:40:00"))), (PersonName::new("Chen Wei"), None)]);
    let responders: Vec<&str> = postmortem.responders.iter().map(|r| r.person.as_str()).collect();
    assert_eq!(responders, ["Mei", "Chen Wei"]);
}

#[test]
fn a_redacted_alert_still_detects_and_a_redacted_message_stays_among_what_was_said() {
    let mut record = Record::declared("10:15:42");
    let raised = record.add(
        "10:15:41",
        None,
        Kind::AlertRaised {
            alert: AlertKey::new("bad_gateway/blog-web"),
            what: AlertKind::BadGateway,
            service: ServiceName::new("blog-web"),
            severity: Severity::Sev2,
            evidence: AlertEvidence { samples: vec!["token=1".to_owned()], ..AlertEvidence::default() },
        },
    );
    let said = Kind::MessageSaid { channel: ChannelName::new("inc-0001"), text: "secret".to_owned() };
    let message = record.add("10:16:00", Some("Mei"), said);
    for target in [raised, message] {
        let by = record.add("10:20:00", Some("Mei"), Kind::Redacted { target, reason: String::new() });
        let old = &mut record.events[usize::try_from(target.0).unwrap() - 1].kind;
        *old = Kind::Tombstone { by, left: Box::new(old.without_text()) };
    }

    let postmortem = record.postmortem();

    assert_eq!(postmortem.detection.iter().map(|detection| detection.seq).collect::<Vec<_>>(), [raised]);
    assert_eq!(postmortem.masthead.opened_by, Some(AlertKind::BadGateway));
    assert_eq!(postmortem.timeline.said.iter().map(|entry| entry.event.seq).collect::<Vec<_>>(), [message]);
}
