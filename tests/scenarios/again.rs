//! An outage that comes back, or goes on, after a person said that it is over, while the alert still fires.

use std::sync::Arc;

use chrono::TimeDelta;
use lifeboat::say::{Lang, Say, Scene, message};
use lifeboat_storage::event::{ChatKind, Event, Kind, PostKind, Severity, Status, Time};
use lifeboat_storage::id::{AlertKey, IncidentId, Seq};
use lifeboat_storage::incident::Incident;
use lifeboat_tests::world::World;

const INC: IncidentId = IncidentId(1);

fn seconds(n: i64) -> TimeDelta {
    TimeDelta::seconds(n)
}

/// Half of all requests failed for twenty seconds, somebody took it, and these words were said.
fn burnt(good_s: i64, words: &[&str]) -> World {
    burnt_in(World::quiet(), good_s, words)
}

fn burnt_in(mut world: World, good_s: i64, words: &[&str]) -> World {
    world.traffic(TimeDelta::minutes(10), 20, 502, 0);
    world.traffic(seconds(20), 20, 502, 50);
    world.types("lin", "/incident ack");
    world.traffic(seconds(good_s), 20, 502, 0);
    for word in words {
        world.types("mei", &format!("/incident {word} INC-0001"));
    }
    world
}

fn incident(world: &World) -> &Incident {
    &world.state().incidents[&INC]
}

fn is_firing(world: &World) -> bool {
    world.state().alerts[&AlertKey::new("bad_gateway/blog-web")].firing
}

fn returns(world: &World) -> Vec<Event> {
    let events = world.events().into_iter();
    events.filter(|event| matches!(event.kind, Kind::AlertReturned { .. })).collect()
}

/// It is told once, soon after this moment, with evidence from after it, and the incident is worked on again.
#[track_caller]
fn check_told_again(world: &World, from: Status, failed: Time) {
    let returned = returns(world);
    let [Event { seq, occurred_at, kind: Kind::AlertReturned { evidence, times, still, .. }, .. }] =
        &returned[..]
    else {
        panic!("not told once: {returned:?}")
    };
    assert_eq!((*times, *still), (0, true), "it had not recovered");
    assert!((*occurred_at - failed).abs() <= seconds(2), "{failed}: told at {occurred_at}");
    assert!(evidence.since.is_some_and(|since| since >= failed - seconds(1)), "{failed}: {evidence:?}");
    let after: Vec<Kind> =
        world.events().into_iter().filter(|one| one.seq > *seq).map(|one| one.kind).collect();
    let back = |kind: &Kind| matches!(kind, Kind::StatusChanged { from: was, to: Status::Investigating, .. } if *was == from);
    assert!(after.iter().any(back), "{after:?}");
    assert!(after.iter().any(|kind| matches!(kind, Kind::PostQueued { .. })), "nobody hears: {after:?}");
    assert_eq!(incident(world).status, Status::Investigating);
    assert_eq!(world.state().incidents.len(), 1);
}

#[test]
fn an_outage_that_comes_back_after_resolve_is_told_before_the_first_was_proven_over() {
    let mut world = burnt(15, &["mitigate", "resolve"]);
    assert!(is_firing(&world), "five good minutes have not passed");
    world.traffic(seconds(15), 20, 502, 0);
    let failed = world.now.wall;
    world.traffic(seconds(60), 20, 502, 100);
    check_told_again(&world, Status::Resolved, failed);
}

#[test]
fn an_alert_fires_since_it_failed_again_only_where_it_had_recovered() {
    let since = |world: &World| world.state().alerts[&AlertKey::new("bad_gateway/blog-web")].since;
    for (good_s, anew) in [(15, false), (360, true)] {
        let mut world = burnt(good_s, &["mitigate"]);
        assert_eq!(is_firing(&world), !anew);
        let (first, failed) = (since(&world), world.now.wall);
        world.traffic(seconds(60), 20, 502, 100);
        assert!(is_firing(&world) && returns(&world).len() == 1);
        if anew {
            assert!((since(&world) - failed).abs() <= seconds(1), "{failed}: {}", since(&world));
        } else {
            assert_eq!(since(&world), first);
        }
    }
}

#[test]
fn an_outage_that_comes_back_after_close_opens_the_incident_again() {
    let mut world = burnt(15, &["mitigate", "close"]);
    assert!(is_firing(&world), "five good minutes have not passed");
    assert_eq!(world.state().open_incidents().count(), 0);
    world.traffic(seconds(15), 20, 502, 0);
    let failed = world.now.wall;
    world.traffic(seconds(60), 20, 502, 100);
    check_told_again(&world, Status::Closed, failed);
}

#[test]
fn the_channel_in_discord_of_a_closed_incident_is_fetched_back_before_a_return_wakes_there() {
    let mut world = burnt_in(World::with_discord(), 15, &["mitigate", "close"]);
    world.traffic(seconds(15), 20, 502, 0);
    world.traffic(seconds(60), 20, 502, 100);
    let notice = PostKind::Notice { about: returns(&world)[0].seq };
    let channel = incident(&world).channel.clone().unwrap();
    let told = world.discord.in_channel(channel.as_str());
    let rest: Vec<&PostKind> =
        told.into_iter().skip_while(|post| !matches!(post, PostKind::Farewell { .. })).collect();
    let room = PostKind::Room { incident: INC };
    assert_eq!(rest[1..3], [&room, &notice], "{rest:?}");
    assert_eq!(rest.iter().filter(|post| ***post == room).count(), 1, "{rest:?}");
}

#[test]
fn a_return_is_one_message_in_the_channel_of_its_incident_and_names_the_severity() {
    let mut world = burnt(15, &["mitigate"]);
    world.types("mei", "/incident severity SEV3 incident:INC-0001");
    world.types("mei", "/incident close INC-0001");
    world.traffic(seconds(15), 20, 502, 0);
    world.traffic(seconds(60), 20, 502, 100);
    let returned = returns(&world)[0].seq;
    let told: Vec<Event> = world.events().into_iter().filter(|event| event.seq > returned).collect();
    let worse = |event: &Event| matches!(event.kind, Kind::SeverityChanged { to: Severity::Sev1, .. });
    assert!(told.iter().any(worse), "{told:?}");
    let channel = incident(&world).channel.clone();
    let notices: Vec<Seq> = told
        .into_iter()
        .filter_map(|event| match event.kind {
            Kind::PostQueued { chat: ChatKind::Console, channel: of, post: PostKind::Notice { about } }
                if Some(&of) == channel.as_ref() =>
            {
                Some(about)
            }
            _ => None,
        })
        .collect();
    assert_eq!(notices, [returned]);
}

#[test]
fn an_outage_that_goes_on_without_a_break_undoes_the_word_that_it_is_over_once_the_tail_has_passed() {
    let mut world = burnt(0, &["mitigate"]);
    let failed = world.now.wall + seconds(10);
    world.traffic(seconds(60), 20, 502, 50);
    check_told_again(&world, Status::Mitigated, failed);
}

#[test]
fn the_last_failures_around_the_word_do_not_undo_it() {
    let mut world = burnt(0, &["mitigate"]);
    world.traffic(seconds(5), 20, 502, 100);
    world.traffic(TimeDelta::minutes(6), 20, 502, 0);
    assert_eq!(returns(&world), []);
    assert_eq!(incident(&world).status, Status::Mitigated);
    assert!(!is_firing(&world), "it recovered");
}

#[test]
fn the_proof_that_it_is_over_belongs_to_its_incident_also_where_that_was_closed_before() {
    let mut world = burnt(30, &["mitigate", "resolve", "close"]);
    world.traffic(TimeDelta::minutes(6), 20, 502, 0);
    assert_eq!(incident(&world).status, Status::Closed);
    let recovered = |event: &&Event| matches!(event.kind, Kind::AlertRecovered { .. });
    let all: Vec<Event> = world.events();
    let owners: Vec<Option<IncidentId>> = all.iter().filter(recovered).map(|event| event.incident).collect();
    assert_eq!(owners, [Some(INC)]);
}

#[test]
fn a_stray_failure_on_which_no_alert_would_open_does_not_undo_the_word() {
    let mut world = burnt(15, &["mitigate", "resolve"]);
    for _ in 0..4 {
        world.traffic(seconds(20), 20, 502, 0);
        world.traffic(TimeDelta::milliseconds(100), 20, 502, 100);
    }
    world.traffic(seconds(20), 20, 502, 0);
    assert_eq!(returns(&world), []);
    assert_eq!(incident(&world).status, Status::Resolved);
}

#[test]
fn a_muted_alert_does_not_undo_the_word_until_it_may_be_heard_again() {
    let mut world = burnt(15, &["mitigate", "resolve"]);
    world.types("mei", "/alert silence bad_gateway/blog-web 2h a load test");
    world.traffic(seconds(60), 20, 502, 100);
    assert_eq!(returns(&world), []);
    assert_eq!(incident(&world).status, Status::Resolved);
    world.types("mei", "/alert unsilence bad_gateway/blog-web");
    let failed = world.now.wall + seconds(10);
    world.traffic(seconds(60), 20, 502, 100);
    check_told_again(&world, Status::Resolved, failed);
}

#[test]
fn a_restart_between_the_word_and_the_next_outage_loses_neither() {
    let mut world = burnt(15, &["mitigate", "close"]);
    world.restart();
    world.traffic(seconds(15), 20, 502, 0);
    world.restart();
    let failed = world.now.wall + seconds(10);
    world.traffic(seconds(60), 20, 502, 100);
    check_told_again(&world, Status::Closed, failed);
}

/// What the notice of the return asks for.
fn asked(world: &World, lang: Lang) -> String {
    let events = world.events();
    let lookup = |seq: Seq| events.iter().find(|event| event.seq == seq).cloned().map(Arc::new);
    let say = Say::new(lang, chrono_tz::UTC);
    let scene =
        Scene { say, state: world.state(), lookup: &lookup, fleet: None, people: None, now: world.now.wall };
    message::what_next(&scene, &returns(world)[0]).unwrap_or_default()
}

#[test]
fn a_return_is_said_to_be_investigated_again_only_where_the_incident_was_over() {
    for (word, status, again) in
        [("status identified", Status::Identified, false), ("mitigate", Status::Investigating, true)]
    {
        let mut world = burnt(360, &[word]);
        assert!(!is_firing(&world), "{word}: it recovered");
        world.traffic(seconds(60), 20, 502, 100);
        assert_eq!(incident(&world).status, status, "{word}");
        let (english, chinese) = (asked(&world, Lang::En), asked(&world, Lang::ZhCn));
        assert_eq!(english.contains("investigated again"), again, "{word}: {english}");
        assert_eq!(chinese.contains("重新进入调查"), again, "{word}: {chinese}");
        let show = "/incident show INC-0001";
        assert!(english.contains(show) && chinese.contains(show), "{word}: {english} {chinese}");
    }
}
