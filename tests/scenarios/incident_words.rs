//! Every word of `/incident`, each with what it changes and what it refuses.

use chrono::TimeDelta;
use lifeboat::engine::effect::Answer;
use lifeboat::engine::input::Input;
use lifeboat_commands::refusal::{FleetRefusal, Refusal};
use lifeboat_commands::verb::Show;
use lifeboat_storage::event::{Kind, Milestone, Role, Severity, Status};
use lifeboat_storage::id::{IncidentId, PersonName, Seq};
use lifeboat_storage::incident::Incident;
use lifeboat_tests::world::{World, monday};

fn declared() -> World {
    let mut world = World::quiet();
    world.pass(TimeDelta::minutes(30));
    done(world.types("lin", "/incident declare 首页打不开 severity:SEV2 service:blog-web at:-10m"));
    world
}

#[track_caller]
fn done(answer: Answer) -> Vec<Kind> {
    match answer {
        Answer::Done(events) => events.iter().map(|event| event.kind.clone()).collect(),
        other => panic!("not done: {other:?}"),
    }
}

#[track_caller]
fn refused(answer: Answer) -> Refusal {
    match answer {
        Answer::Refused(refusal) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn incident(world: &World, number: u32) -> &Incident {
    &world.state().incidents[&IncidentId(number)]
}

#[test]
fn declare_opens_an_incident_with_a_channel_and_its_start() {
    let world = declared();
    let incident = incident(&world, 1);
    assert_eq!((incident.title.as_str(), incident.severity), ("首页打不开", Severity::Sev2));
    assert_eq!(incident.channel.as_ref().map(|channel| channel.as_str()), Some("inc-0001-blog-web"));
    assert_eq!(incident.at(Milestone::Started), Some(monday() + TimeDelta::minutes(20)));
    assert_eq!(incident.at(Milestone::Declared), Some(monday() + TimeDelta::minutes(30)));
}

#[test]
fn a_severity_that_would_be_lost_opens_nothing() {
    let mut world = World::quiet();
    for (typed, why) in [
        ("no images SEV2", "severity-in-title"),
        ("slow SEV3 nosuch", "severity-in-title"),
        ("\"no images SEV2", "unclosed-quote"),
    ] {
        let refusal = refused(world.types("lin", &format!("/incident declare {typed}")));
        assert_eq!(refusal.key(), why, "{typed}");
        assert!(world.state().incidents.is_empty(), "{typed}");
        if let Refusal::SeverityInTitle { instead, severity, .. } = refusal {
            let mut world = World::quiet();
            done(world.types("lin", &instead));
            assert_eq!(incident(&world, 1).severity, severity, "{instead}");
        }
    }
}

#[test]
fn what_a_refusal_says_to_type_is_about_the_incident_that_was_named() {
    let mut world = declared();
    done(world.types("lin", "/incident declare 图片打不开"));
    let here = Some("inc-0001-blog-web");
    let Refusal::Missing { command, option: "reason", given } =
        refused(world.types_in("mei", here, "/incident cancel INC-0002"))
    else {
        panic!("not the reason")
    };
    done(world.types_in("mei", here, &format!("{command}{given} reason:no incident")));
    assert_eq!(incident(&world, 2).status, Status::Cancelled);
    assert_eq!(incident(&world, 1).status, Status::Investigating);
    let lacks = refused(world.types_in("lin", here, "/incident task INC-0002"));
    assert!(matches!(lacks, Refusal::Missing { option: "text", .. }), "{lacks:?}");
}

#[test]
fn list_and_show_change_nothing() {
    let mut world = declared();
    let before = world.events().len();
    assert_eq!(world.types("guest", "/incident list all"), Answer::Show(Show::List { all: true }));
    assert_eq!(world.types("guest", "/incident show"), Answer::Show(Show::Incident(IncidentId(1))));
    assert_eq!(
        world.types("nobody", "/incident show 7"),
        Answer::Refused(Refusal::NoSuchIncident { id: IncidentId(7) })
    );
    assert_eq!(world.events().len(), before);
}

#[test]
fn ack_is_taken_once() {
    let mut world = declared();
    done(world.types("lin", "/incident ack"));
    assert_eq!(incident(&world, 1).acknowledged_by, Some(PersonName::new("lin")));
    let refusal = refused(world.types("mei", "/incident ack INC-1"));
    assert!(matches!(refusal, Refusal::AlreadyAcknowledged { by: Some(by), .. } if by.as_str() == "lin"));
}

#[test]
fn severity_needs_a_commander_and_names_who_could() {
    let mut world = declared();
    let refusal = refused(world.types("lin", "/incident severity SEV1"));
    assert!(
        matches!(&refusal, Refusal::NotAllowed { who_could } if who_could.people[0].as_str() == "mei"),
        "{refusal:?}"
    );
    assert!(
        world.events().iter().any(|event| matches!(event.kind, Kind::CommandRefused { .. })),
        "it is kept who tried"
    );
    done(world.types("mei", "/incident severity SEV1"));
    assert_eq!(incident(&world, 1).severity, Severity::Sev1);
    assert!(matches!(refused(world.types("mei", "/incident severity SEV1")), Refusal::SameSeverity { .. }));
}

#[test]
fn status_walks_and_sets_milestones_and_going_back_takes_them_away() {
    let mut world = declared();
    done(world.types("mei", "/incident status identified"));
    assert!(incident(&world, 1).at(Milestone::Identified).is_some());
    done(world.types("mei", "/incident status mitigated"));
    done(world.types("mei", "/incident status investigating"));
    let incident = incident(&world, 1);
    assert_eq!((incident.at(Milestone::Identified), incident.at(Milestone::Mitigated)), (None, None));
}

#[test]
fn role_is_taken_or_given_to_a_configured_person() {
    let mut world = declared();
    done(world.types("lin", "/incident role operations"));
    done(world.types("lin", "/incident role commander mei"));
    assert_eq!(incident(&world, 1).roles[&Role::Operations].as_str(), "lin");
    assert_eq!(incident(&world, 1).roles[&Role::Commander].as_str(), "mei");
    assert!(matches!(refused(world.types("lin", "/incident role scribe zoe")), Refusal::NoSuchPerson { .. }));
}

#[test]
fn update_note_and_task_are_kept_as_typed() {
    let mut world = declared();
    done(
        world.types(
            "lin",
            "/incident update conditions:41 % fail actions:rolling back needs:eyes on the pool",
        ),
    );
    done(world.types("lin", "/incident note at:10:25 供应商电话：**无库存** @everyone"));
    done(world.types("lin", "/incident task write a runbook what:prevent owner:mei"));
    done(world.types("lin", "/incident task done:1"));
    let update = incident(&world, 1).update.as_ref().expect("an update");
    assert_eq!((update.conditions.as_str(), update.needs.as_str()), ("41 % fail", "eyes on the pool"));
    let note = world
        .events()
        .into_iter()
        .find(|event| matches!(event.kind, Kind::NoteAdded { .. }))
        .expect("a note");
    assert_eq!(note.kind, Kind::NoteAdded { text: "供应商电话：**无库存** @everyone".to_owned() });
    assert_eq!(note.occurred_at, monday() + TimeDelta::minutes(25));
    assert!(incident(&world, 1).tasks[0].done_at.is_some());
    assert!(matches!(refused(world.types("lin", "/incident task done:1")), Refusal::NoSuchTask { .. }));
}

#[test]
fn a_note_on_what_happened_earlier_is_not_the_newest_change_on_the_card() {
    let mut world = declared();
    done(world.types("lin", "/incident ack"));
    let taken = incident(&world, 1).changed;
    done(world.types("lin", "/incident note at:10:25 a deployment began"));
    assert_eq!(incident(&world, 1).changed, taken);
    done(world.types("lin", "/incident note it was rolled back"));
    assert_ne!(incident(&world, 1).changed, taken);
}

#[test]
fn mitigate_resolve_and_close_in_order_and_a_moment_is_corrected_by_a_later_event() {
    let mut world = declared();
    assert!(matches!(refused(world.types("mei", "/incident close")), Refusal::NotResolved { .. }));
    done(world.types("lin", "/incident mitigate at:-5m"));
    done(world.types("lin", "/incident mitigate at:-8m"));
    assert_eq!(incident(&world, 1).at(Milestone::Mitigated), Some(monday() + TimeDelta::minutes(22)));
    assert_eq!(incident(&world, 1).corrections.len(), 1, "the first moment is corrected, not gone");
    assert!(matches!(refused(world.types("lin", "/incident resolve at:-20m")), Refusal::BeforeStart { .. }));
    done(world.types("lin", "/incident resolve"));
    done(world.types("mei", "/incident close"));
    assert!(!incident(&world, 1).is_open());
    assert!(matches!(refused(world.types("lin", "/incident ack INC-1")), Refusal::Ended { .. }));
    done(world.types("lin", "/incident note incident:INC-1 the review is on Thursday"));
}

#[test]
fn cancel_needs_a_reason_and_reopen_brings_it_back() {
    let mut world = declared();
    assert!(matches!(
        refused(world.types("mei", "/incident cancel")),
        Refusal::Missing { option: "reason", .. }
    ));
    done(world.types("mei", "/incident cancel a test that ran wild"));
    assert_eq!(incident(&world, 1).status, Status::Cancelled);
    done(world.types("mei", "/incident reopen INC-1 it was real"));
    assert_eq!(incident(&world, 1).status, Status::Investigating);
    assert!(matches!(refused(world.types("mei", "/incident reopen INC-1")), Refusal::NotEnded { .. }));
}

#[test]
fn merge_keeps_both_ids_and_moves_no_event() {
    let mut world = declared();
    done(world.types("lin", "/incident declare 图片打不开 at:-20m"));
    let before = incident(&world, 2).events.clone();
    assert_eq!(refused(world.types("mei", "/incident merge INC-2 incident:INC-2")), Refusal::IntoItself);
    done(world.types("mei", "/incident merge INC-1 incident:INC-2"));
    assert_eq!(incident(&world, 2).merged_into, Some(IncidentId(1)));
    assert_eq!(incident(&world, 2).events[..before.len()], before, "its events stay");
    assert_eq!(
        incident(&world, 1).at(Milestone::Started),
        Some(monday() + TimeDelta::minutes(10)),
        "the earlier start"
    );
    assert!(matches!(refused(world.types("lin", "/incident ack INC-2")), Refusal::MergedAway { .. }));
}

#[test]
fn two_open_incidents_need_a_name_unless_the_channel_tells() {
    let mut world = declared();
    done(world.types("lin", "/incident declare 图片打不开"));
    assert!(
        matches!(refused(world.types("lin", "/incident ack")), Refusal::WhichIncident { open } if open.len() == 2)
    );
    done(world.types_in("lin", Some("inc-0002"), "/incident ack"));
    assert!(incident(&world, 2).at(Milestone::Acknowledged).is_some());
}

#[test]
fn a_message_is_said_and_pinned_once() {
    let mut world = declared();
    done(world.says("lin", "inc-0001-blog-web", "  正在查看上游  "));
    let said = world.state().applied;
    done(world.types("lin", &format!("/incident pin {said}")));
    assert!(world.state().pinned.contains(&said));
    assert_eq!(
        refused(world.types("lin", &format!("/incident pin {said}"))),
        Refusal::AlreadyPinned { seq: said }
    );
    assert!(matches!(refused(world.types("lin", "/incident pin 1")), Refusal::NoSuchMessage { .. }));
    assert!(matches!(refused(world.says("guest", "alerts", "hello")), Refusal::NotAllowed { .. }));
    assert!(matches!(refused(world.says("nobody", "alerts", "hello")), Refusal::NotSignedIn));
}

#[test]
fn redact_takes_the_text_out_everywhere_and_keeps_the_fact() {
    let mut world = declared();
    done(world.types("lin", "/incident note the password is hunter2"));
    let note = world.state().applied;
    assert!(matches!(
        refused(world.types("lin", &format!("/incident redact {note} oops"))),
        Refusal::NotAllowed { .. }
    ));
    done(world.types("mei", &format!("/incident redact {note} a password")));
    let told = serde_json::to_string(&world.events()).unwrap();
    assert!(!told.contains("hunter2"));
    assert!(told.contains("tombstone"));
    let by = world.state().redacted[&note];
    assert_eq!(
        refused(world.types("mei", &format!("/incident redact {note} again"))),
        Refusal::AlreadyRedacted { seq: note, by }
    );
    world.restart();
    assert_eq!(world.state().redacted[&note], by);
}

#[test]
fn a_redacted_title_is_gone_after_a_restart_too_and_the_incident_stays() {
    let mut world = declared();
    let declared = incident(&world, 1).events[0];
    done(world.types("mei", &format!("/incident redact {declared} a customer's name")));
    let lived = world.state().clone();
    assert_eq!(lived.incidents[&IncidentId(1)].title, "");
    let mut replayed = lifeboat_storage::state::State::new();
    for event in world.events() {
        replayed.apply(&event);
    }
    assert_eq!(replayed, lived);
}

#[test]
fn the_words_of_a_redacted_title_leave_the_channel_as_it_is_shown_and_exported() {
    let mut world = World::quiet();
    done(world.types("lin", "/incident declare hunter2secret leaked"));
    let (declared, channel) = (incident(&world, 1).events[0], incident(&world, 1).channel.clone().unwrap());
    assert_eq!(channel.as_str(), "inc-0001-hunter2secret-leaked");
    assert_eq!(world.state().shown_channel(&channel), channel);
    done(world.types("mei", &format!("/incident redact {declared} a password")));
    assert_eq!(world.state().shown_channel(&channel).as_str(), "inc-0001");
    let exported =
        lifeboat_storage::postmortem::assemble(incident(&world, 1), &world.events(), world.state());
    let exported = serde_json::to_string(&exported).unwrap();
    assert!(!exported.contains("hunter2secret"), "{exported}");
    assert!(exported.contains("\"inc-0001\""), "{exported}");
}

#[test]
fn postmortem_is_shown_whatever_the_status() {
    let mut world = declared();
    let answer = world.types("guest", "/incident postmortem format:md lang:zh-CN");
    assert!(matches!(answer, Answer::Show(Show::Postmortem { id: IncidentId(1), .. })), "{answer:?}");
}

#[test]
fn every_change_of_status_names_the_head_of_the_chain() {
    let mut world = declared();
    done(world.types("lin", "/incident mitigate"));
    let head = world.events().into_iter().find_map(|event| match event.kind {
        Kind::StatusChanged { head, .. } => head,
        _ => None,
    });
    assert_eq!(head.map(|head| head.len()), Some(64));
    assert!(world.state().applied > Seq(1));
}

#[test]
fn who_would_end_a_drill_that_runs_beside_hears_where_it_is_ended() {
    let mut world = World::quiet();
    world.give(Input::Drill(Kind::DrillOpened { drill: 3 }));
    let beside = Refusal::from(FleetRefusal::DrillBeside { drill: 3 });
    assert_eq!(refused(world.types("mei", "/drill stop")), beside);
    world.give(Input::Drill(Kind::DrillClosed { drill: 3, called_off: false }));
    assert_eq!(refused(world.types("mei", "/drill stop")), FleetRefusal::NoDrill.into());
}
