//! From lines to alerts and incidents.

use chrono::TimeDelta;
use lifeboat::engine::input::{Condition, Input, Lines};
use lifeboat_storage::event::{
    Event, Kind, Milestone, PostKind, ProbeFailure, Severity, Share, Status, Time,
};
use lifeboat_storage::id::{AlertKey, IncidentId, ServiceName, SourceName};
use lifeboat_storage::postmortem::assemble;
use lifeboat_tests::world::{SERVICE, World};

const INC: IncidentId = IncidentId(1);

fn minutes(n: i64) -> TimeDelta {
    TimeDelta::minutes(n)
}

/// Quiet for ten minutes, then every second request answers 502.
fn spike() -> World {
    let mut world = World::quiet();
    world.traffic(minutes(10), 20, 502, 0);
    world.traffic(TimeDelta::seconds(2), 20, 502, 50);
    world
}

#[test]
fn a_502_spike_opens_one_incident_with_a_channel_and_a_card_in_both_places() {
    let world = spike();
    let incident = &world.state().incidents[&INC];
    assert_eq!(world.state().incidents.len(), 1);
    assert_eq!(incident.channel.as_ref().map(|c| c.as_str()), Some("inc-0001-blog-web"));
    assert_eq!((incident.severity, incident.status), (Severity::Sev1, Status::Investigating));
    let card = PostKind::Card { incident: INC };
    let cards: Vec<String> = world
        .events()
        .iter()
        .filter_map(|event| match &event.kind {
            Kind::PostQueued { channel, post, .. } if *post == card => Some(channel.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(cards, ["alerts", "inc-0001-blog-web"]);
}

#[test]
fn the_alert_is_decided_within_a_second_of_the_first_failure() {
    let world = spike();
    let incident = &world.state().incidents[&INC];
    let (started, detected) = (incident.at(Milestone::Started), incident.at(Milestone::Detected));
    let took = detected.zip(started).map(|(detected, started)| detected - started);
    assert!(took.is_some_and(|took| took <= TimeDelta::seconds(1)), "{took:?}");
    assert!(started.is_some_and(|at| at >= lifeboat_tests::world::monday() + minutes(10)), "{started:?}");
}

#[test]
fn evidence_holds_no_query_value_and_no_whole_address() {
    let world = spike();
    let told = serde_json::to_string(&world.events()).unwrap();
    assert!(!told.contains("s3cret"), "a query value reached the record");
    assert!(!told.contains("\"198.51.100.1\""), "a whole address reached the record");
    assert!(told.contains("198.51.100."), "clients are told as networks");
}

#[test]
fn a_quiet_service_opens_nothing() {
    let mut world = World::quiet();
    world.traffic(minutes(30), 20, 502, 0);
    assert_eq!(world.state().incidents.len(), 0);
    assert_eq!(world.events().len(), 1, "only that Lifeboat started");
}

#[test]
fn a_total_outage_of_a_service_that_is_seldom_asked_opens_an_incident() {
    let mut world = World::quiet();
    for client in 1..=6 {
        world.pass(minutes(15));
        let time = world.now.wall.format("%d/%b/%Y:%H:%M:%S %z");
        world.lines(format!("198.51.100.{client} - - [{time}] \"GET / HTTP/1.1\" 502 157 \"-\" \"agent\"\n"));
    }
    let severities: Vec<Severity> = world.state().incidents.values().map(|one| one.severity).collect();
    assert_eq!(severities, [Severity::Sev2]);
}

#[test]
fn recovery_is_proposed_and_never_assumed() {
    let mut world = spike();
    world.traffic(minutes(3), 20, 502, 50);
    world.traffic(minutes(8), 20, 502, 0);
    let incident = &world.state().incidents[&INC];
    assert_eq!(incident.status, Status::Investigating);
    let good_since = incident.recovery_proposed.expect("a recovery is proposed");
    let back = lifeboat_tests::world::monday() + minutes(13);
    assert!((good_since - back).abs() < TimeDelta::seconds(10), "{good_since} is not about {back}");

    world.types("lin", "/incident mitigate");
    let incident = &world.state().incidents[&INC];
    assert_eq!((incident.status, incident.at(Milestone::Mitigated)), (Status::Mitigated, Some(good_since)));
}

#[test]
fn the_same_failure_within_half_an_hour_goes_on_in_the_same_incident() {
    let mut world = spike();
    world.traffic(minutes(8), 20, 502, 0);
    world.types("lin", "/incident mitigate");
    world.traffic(minutes(10), 20, 502, 0);
    world.traffic(TimeDelta::seconds(5), 20, 502, 50);
    let incident = &world.state().incidents[&INC];
    assert_eq!(world.state().incidents.len(), 1);
    assert_eq!(incident.status, Status::Investigating, "it is being worked on again");
    assert_eq!(incident.at(Milestone::Mitigated), None, "it was not mitigated after all");
}

#[test]
fn the_same_failure_an_hour_later_is_a_new_incident() {
    let mut world = spike();
    world.traffic(minutes(8), 20, 502, 0);
    world.types("lin", "/incident mitigate");
    world.traffic(minutes(60), 20, 502, 0);
    world.traffic(TimeDelta::seconds(5), 20, 502, 50);
    assert_eq!(world.state().incidents.len(), 2);
}

#[test]
fn while_nobody_has_said_that_it_is_over_the_same_failure_joins_however_late() {
    let mut world = spike();
    world.traffic(minutes(60), 20, 502, 0);
    world.traffic(TimeDelta::seconds(5), 20, 502, 50);
    assert_eq!(world.state().incidents.len(), 1);
}

#[test]
fn a_restart_in_the_middle_tells_nothing_twice() {
    let mut world = spike();
    let before = world.events().len();
    world.restart();
    world.traffic(TimeDelta::seconds(20), 20, 502, 50);
    let opened = world.events().iter().filter(|event| matches!(event.kind, Kind::AlertRaised { .. })).count();
    assert_eq!((opened, world.state().incidents.len()), (1, 1));
    assert!(world.events().len() > before, "it goes on recording");
}

#[test]
fn a_probe_that_fails_three_times_of_five_raises_an_alert_and_joins_the_open_incident() {
    let mut world = spike();
    for _ in 0..3 {
        world.probe(Err(ProbeFailure::Refused));
    }
    let incident = &world.state().incidents[&INC];
    assert_eq!(
        incident.alerts,
        [AlertKey::new("bad_gateway/blog-web"), AlertKey::new("probe_down/blog-web")]
    );
    assert_eq!(world.state().incidents.len(), 1);
}

#[test]
fn a_source_that_cannot_be_read_is_said_once_and_so_is_its_return() {
    let mut world = World::quiet();
    for _ in 0..3 {
        world.source(Condition::Blind("permission denied".to_owned()));
    }
    assert_eq!(world.state().blind.len(), 1);
    for _ in 0..3 {
        world.source(Condition::Seen);
    }
    let kinds: Vec<Kind> = world.events().into_iter().map(|event| event.kind).collect();
    let told = |what: fn(&Kind) -> bool| kinds.iter().filter(|kind| what(kind)).count();
    assert_eq!(told(|kind| matches!(kind, Kind::SourceBlind { .. })), 1);
    assert_eq!(told(|kind| matches!(kind, Kind::SourceSeen { .. })), 1);
}

/// So many lines, a batch each, written as told.
fn write(world: &mut World, lines: usize, line: impl Fn(&World) -> String) {
    for _ in 0..lines {
        world.lines(line(world));
        world.pass(TimeDelta::milliseconds(100));
    }
}

fn json(world: &World) -> String {
    let (time, client) = (world.now.wall.to_rfc3339(), world.now.mono_ms / 100 % 200 + 1);
    format!("{{\"time\":\"{time}\",\"remote_addr\":\"198.51.100.{client}\",\"uri\":\"/\",\"status\":502}}\n")
}

fn custom(_: &World) -> String {
    "blog GET / 502 12ms\n".to_owned()
}

/// What was told of sources: why each was lost, or that it was found.
fn told_of_sources(world: &World) -> Vec<String> {
    let told = |kind| match kind {
        Kind::SourceBlind { why, .. } => Some(why),
        Kind::SourceSeen { .. } => Some("seen".to_owned()),
        Kind::SourceUnwatched { .. } => Some("unwatched".to_owned()),
        _ => None,
    };
    world.events().into_iter().filter_map(|event| told(event.kind)).collect()
}

#[test]
fn a_log_that_goes_over_to_json_is_read_on_and_judged() {
    let mut world = World::with_any_format();
    world.traffic(minutes(10), 20, 502, 0);
    write(&mut world, 100, json);
    assert_eq!(told_of_sources(&world), [""; 0]);
    let source = &world.engine.watching().sources()[&SourceName::new("access.log")];
    assert_eq!((source.reader.requests(), source.reader.malformed()), (12_100, 0));
    write(&mut world, 100, json);
    assert_eq!(world.state().incidents.len(), 1, "its failures are seen");
}

#[test]
fn a_log_that_is_in_no_known_format_is_said_once_to_be_blind_and_so_is_that_it_is_understood_again() {
    let mut world = World::with_any_format();
    write(&mut world, 99, custom);
    assert_eq!(told_of_sources(&world), [""; 0]);
    write(&mut world, 401, custom);
    assert_eq!(told_of_sources(&world), ["not-understood"]);
    world.source(Condition::Seen);
    world.restart();
    world.source(Condition::Seen);
    write(&mut world, 200, custom);
    assert_eq!(
        told_of_sources(&world),
        ["not-understood"],
        "the file is there, and says as little as before"
    );
    assert_eq!(world.state().blind.len(), 1);

    world.traffic(TimeDelta::seconds(10), 20, 502, 0);
    assert_eq!(told_of_sources(&world), ["not-understood", "seen"]);
    assert_eq!(world.state().blind.len(), 0);
}

#[test]
fn a_blind_source_that_is_no_longer_configured_is_blind_no_longer_and_is_met_anew_when_it_is_named_again() {
    let mut world = World::with_any_format();
    write(&mut world, 500, custom);
    world.restart();
    for _ in 0..2 {
        world.source(Condition::Unwatched);
    }
    assert_eq!(told_of_sources(&world), ["not-understood", "unwatched"]);
    assert_eq!(world.state().blind.len(), 0);

    world.pass(TimeDelta::seconds(2));
    world.restart();
    world.source(Condition::Seen);
    write(&mut world, 500, custom);
    assert_eq!(told_of_sources(&world), ["not-understood", "unwatched", "not-understood"]);
}

#[test]
fn a_file_that_never_was_an_access_log_is_told_and_hides_no_silence_of_others() {
    let mut world = World::with_any_format();
    world.traffic(minutes(10), 20, 502, 50);
    let errors = "2026/01/05 02:10:00 [error] 7#7: *1 connect() failed\n".repeat(100);
    world.give(Input::Lines(Lines {
        source: SourceName::new("error.log"),
        service: ServiceName::new(SERVICE),
        bytes: errors.into_bytes(),
        history: false,
        position: None,
        behind: 0,
    }));
    assert_eq!(told_of_sources(&world), ["not-understood"]);
    let before = world.engine.watching().watch().clone();
    world.pass(minutes(1));
    let json = |watch| serde_json::to_string(watch).unwrap();
    assert_ne!(json(&before), json(world.engine.watching().watch()), "time goes on for the detectors");
}

#[test]
fn a_log_that_leaves_its_configured_format_is_blind() {
    let mut world = World::quiet();
    world.traffic(minutes(1), 20, 502, 0);
    write(&mut world, 300, json);
    assert_eq!(told_of_sources(&world), ["not-understood"]);
}

#[test]
fn some_lines_out_of_shape_between_good_ones_blind_nobody() {
    let mut world = World::with_any_format();
    for _ in 0..5 {
        world.traffic(TimeDelta::seconds(1), 20, 502, 0);
        write(&mut world, 60, custom);
    }
    assert_eq!(told_of_sources(&world), [""; 0]);
}

/// The log stands so far behind its end.
fn behind(world: &mut World, bytes: u64) {
    world.give(Input::Lines(Lines {
        source: SourceName::new("access.log"),
        service: ServiceName::new(SERVICE),
        bytes: Vec::new(),
        history: false,
        position: None,
        behind: bytes,
    }));
}

/// How many notices stand in the common channel.
fn notices(world: &World) -> usize {
    let told = |kind: &Kind| match kind {
        Kind::PostQueued { channel, post: PostKind::Notice { .. }, .. } => channel.as_str() == "alerts",
        _ => false,
    };
    world.events().iter().filter(|event| told(&event.kind)).count()
}

#[test]
fn a_log_that_falls_far_behind_is_told_to_everybody_and_at_most_every_quarter_of_an_hour() {
    let mut world = World::quiet();
    for _ in 0..5 {
        behind(&mut world, 70 << 20);
        behind(&mut world, 80 << 20);
        behind(&mut world, 0);
        world.pass(minutes(1));
    }
    assert_eq!(notices(&world), 1);
    world.pass(minutes(11));
    behind(&mut world, 70 << 20);
    assert_eq!(notices(&world), 2);
}

#[test]
fn a_start_is_told_to_everybody_only_where_an_unfinished_record_was_cut() {
    let mut world = World::quiet();
    world.restart();
    assert_eq!(notices(&world), 0);
    world.give(Input::Started { version: "test".to_owned(), torn_bytes: 14 });
    assert_eq!(notices(&world), 1);
}

#[test]
fn a_muted_alert_is_recorded_and_wakes_nobody() {
    let mut world = spike();
    world.types("mei", "/alert silence bad_gateway/blog-web 2h a load test");
    world.types("mei", "/incident cancel a load test");
    world.traffic(minutes(8), 20, 502, 0);
    let posts = |world: &World| {
        world.events().iter().filter(|event| matches!(event.kind, Kind::PostQueued { .. })).count()
    };
    let before = posts(&world);
    world.traffic(minutes(31), 20, 502, 0);
    world.traffic(TimeDelta::seconds(5), 20, 502, 50);
    assert_eq!(posts(&world), before);
    assert_eq!(world.state().open_incidents().count(), 0);
    assert!(world.state().alerts[&AlertKey::new("bad_gateway/blog-web")].firing);
}

#[test]
fn the_share_told_follows_what_is_measured_and_not_only_what_decided() {
    let mut world = spike();
    world.traffic(minutes(2), 20, 502, 20);
    let alert = &world.state().alerts[&AlertKey::new("bad_gateway/blog-web")];
    assert_eq!(alert.now_s, 30);
    assert!((0.1..0.3).contains(&alert.now.ratio()), "{:?}", alert.now);
}

#[test]
fn the_share_told_follows_within_half_a_minute_of_the_alert() {
    let mut world = spike();
    let told = |world: &World| {
        let alert = &world.state().alerts[&AlertKey::new("bad_gateway/blog-web")];
        (alert.now_s, alert.now_at.expect("it was counted") - alert.raised_at)
    };
    let (before, _) = told(&world);
    world.traffic(TimeDelta::seconds(35), 20, 502, 20);
    let (window_s, after) = told(&world);
    assert!(before < 10 && (20..=30).contains(&window_s), "{before} s, then {window_s} s");
    assert!(after >= TimeDelta::seconds(15), "counted to {after} after it was told");
}

#[test]
fn the_chart_of_an_incident_reaches_half_an_hour_back_and_goes_on_without_a_gap() {
    let mut world = World::quiet();
    world.traffic(minutes(40), 20, 502, 0);
    world.traffic(minutes(2), 20, 502, 50);
    let (first, ends) = measured_without_a_gap(&world);
    assert!(ends - first >= minutes(31), "{first} to {ends}");
}

#[test]
fn a_restart_after_a_command_leaves_nothing_that_was_counted_out_of_the_record() {
    let mut world = spike();
    world.traffic(TimeDelta::seconds(50), 20, 502, 50);
    world.types("lin", "/incident note INC-0001 the proxies look fine");
    world.pass(TimeDelta::seconds(2));
    world.restart();
    world.traffic(minutes(2), 20, 502, 50);
    let (_, ends) = measured_without_a_gap(&world);
    assert!(world.now.wall - ends < TimeDelta::seconds(45), "it goes on: {ends}");
}

#[test]
fn what_was_counted_when_the_disk_refused_is_in_the_record_once_it_takes_it() {
    let mut world = spike();
    world.traffic(TimeDelta::seconds(40), 20, 502, 50);
    world.disk_full = true;
    world.traffic(minutes(1), 20, 502, 50);
    assert!(world.engine.degraded().is_some());
    world.disk_full = false;
    world.traffic(minutes(2), 20, 502, 50);
    let (_, ends) = measured_without_a_gap(&world);
    assert!(world.now.wall - ends < TimeDelta::seconds(45), "it goes on: {ends}");
}

/// The first and the last moment measured into the record; each measurement begins where the one before ended.
fn measured_without_a_gap(world: &World) -> (Time, Time) {
    let mut ends = None;
    let mut first = None;
    for event in world.events() {
        let Kind::TrafficMeasured { from, step_s, counts, .. } = event.kind else { continue };
        assert!(ends.is_none_or(|end| end == from), "{ends:?} is not followed by {from}");
        first.get_or_insert(from);
        ends = Some(
            from + TimeDelta::seconds(i64::from(step_s)) * i32::try_from(counts.len()).expect("few steps"),
        );
    }
    first.zip(ends).expect("something was measured")
}

/// Good for eight seconds, then half failed for five: over before half a minute was recorded.
fn short() -> World {
    let mut world = World::quiet();
    world.traffic(TimeDelta::seconds(8), 20, 502, 0);
    world.traffic(TimeDelta::seconds(5), 20, 502, 50);
    world
}

/// What was counted of an incident before the event that ends it: its newest word on each step, summed up.
fn counted_before_the_end(world: &World, incident: IncidentId) -> Share {
    let ends =
        |kind: &Kind| matches!(kind, Kind::StatusChanged { to: Status::Closed | Status::Cancelled, .. });
    let own = world.events().into_iter().filter(|event| event.incident == Some(incident));
    let mut steps = std::collections::BTreeMap::new();
    for event in own.take_while(|event| !ends(&event.kind)) {
        let Kind::TrafficMeasured { from, step_s, counts, .. } = event.kind else { continue };
        let at = |place: usize| {
            from + TimeDelta::seconds(i64::from(step_s)) * i32::try_from(place).expect("a small number")
        };
        steps.extend(counts.into_iter().enumerate().map(|(place, share)| (at(place), share)));
    }
    let sum = |all: Share, one: Share| Share { bad: all.bad + one.bad, total: all.total + one.total };
    steps.into_values().fold(Share::default(), sum)
}

#[test]
fn the_postmortem_of_a_short_incident_knows_how_many_requests_failed() {
    let mut world = short();
    for word in ["ack", "mitigate", "resolve", "close"] {
        world.types("mei", &format!("/incident {word} INC-0001"));
    }
    let counted = counted_before_the_end(&world, INC);
    assert_eq!(counted.total, 13 * 20);
    assert!((30..70).contains(&counted.bad), "about half of a hundred: {counted:?}");
    let incident = &world.state().incidents[&INC];
    let events: Vec<Event> = world.events().into_iter().filter(|event| event.incident == Some(INC)).collect();
    let told = assemble(incident, &events, world.state()).impact.failed.expect("requests were counted");
    assert_eq!(told.bad, counted.bad);
    assert!((95..=110).contains(&told.total), "those of the five seconds in which it failed: {told:?}");
}

#[test]
fn whatever_ends_an_incident_what_was_counted_until_then_is_recorded() {
    let merged = ["declare everything is slow", "merge INC-2 incident:INC-1"];
    for words in [&["cancel a load test"][..], &merged] {
        let mut world = short();
        for word in words {
            world.types("mei", &format!("/incident {word}"));
        }
        assert_eq!(world.state().incidents[&INC].status, Status::Cancelled, "{words:?}");
        assert_eq!(counted_before_the_end(&world, INC).total, 13 * 20, "{words:?}");
    }
}
