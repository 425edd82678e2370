//! Same fate: which alerts belong to one incident.

use std::fmt::Write as _;

use chrono::TimeDelta;
use lifeboat::source::access_log::LogFormat;
use lifeboat_storage::event::{Kind, PostKind};
use lifeboat_storage::id::{AlertKey, IncidentId};
use lifeboat_tests::world::World;

/// A virtual host, the upstream its requests go to, and the status of its answers.
pub(crate) type Host<'a> = (&'a str, &'a str, u16);

/// Ten requests a second of each host, for so many seconds.
pub(crate) fn serve(world: &mut World, seconds: i64, hosts: &[Host<'_>]) {
    (0..seconds * 10).for_each(|number| request(world, number, hosts));
}

/// One request of each host, and a tenth of a second.
fn request(world: &mut World, number: i64, hosts: &[Host<'_>]) {
    let (time, client) = (world.now.wall.format("%Y-%m-%dT%H:%M:%S+00:00"), number % 50 + 1);
    let mut text = String::new();
    for (host, upstream, status) in hosts {
        let _ = writeln!(
            text,
            r#"{{"time":"{time}","host":"{host}","remote_addr":"198.51.100.{client}","request_uri":"/","status":{status},"upstream_addr":"{upstream}"}}"#
        );
    }
    world.lines(text);
    world.pass(TimeDelta::milliseconds(100));
}

/// All was well for a minute, then these hosts answered so for five seconds.
pub(crate) fn failing(hosts: &[Host<'_>]) -> World {
    let mut world = World::reading(LogFormat::JsonLines);
    let well: Vec<Host<'_>> = hosts.iter().map(|(host, upstream, _)| (*host, *upstream, 200)).collect();
    serve(&mut world, 60, &well);
    serve(&mut world, 5, hosts);
    world
}

/// The alerts of each incident.
fn incidents(world: &World) -> Vec<Vec<&str>> {
    let told = world.state().incidents.values();
    told.map(|incident| incident.alerts.iter().map(AlertKey::as_str).collect()).collect()
}

#[test]
fn three_hosts_in_front_of_one_dead_upstream_are_one_incident_with_one_card() {
    let dead = "10.0.0.3:8080";
    let world = failing(&[("a.example", dead, 502), ("b.example", dead, 502), ("c.example", dead, 502)]);
    let all = ["bad_gateway/a.example", "bad_gateway/b.example", "bad_gateway/c.example"];
    assert_eq!(incidents(&world), [all]);
    let card = PostKind::Card { incident: IncidentId(1) };
    let cards = |kind: &Kind| matches!(kind, Kind::PostQueued { post, .. } if *post == card);
    let cards = world.events().iter().filter(|event| cards(&event.kind)).count();
    assert_eq!(cards, 2, "one among the alerts, one in its channel");
}

#[test]
fn one_upstream_in_common_is_enough() {
    let mut world = failing(&[("a.example", "10.0.0.3:8080", 502), ("b.example", "10.0.0.4:8080", 200)]);
    serve(&mut world, 1, &[("b.example", "10.0.0.4:8080", 502), ("b.example", "10.0.0.3:8080", 502)]);
    assert_eq!(incidents(&world), [["bad_gateway/a.example", "bad_gateway/b.example"]]);
}

#[test]
fn an_alert_too_small_for_an_incident_of_its_own_joins_once_it_grows() {
    let dead = "10.0.0.3:8080";
    let mut world = failing(&[("a.example", dead, 200), ("b.example", dead, 200)]);
    for number in 0..60 {
        (0..14).for_each(|good| request(&mut world, good, &[("b.example", dead, 200)]));
        request(&mut world, number, &[("b.example", dead, 502)]);
    }
    assert!(world.state().alerts[&AlertKey::new("bad_gateway/b.example")].firing);
    assert!(incidents(&world).is_empty());
    serve(&mut world, 5, &[("a.example", dead, 502)]);
    assert_eq!(incidents(&world), [["bad_gateway/a.example"]]);
    serve(&mut world, 10, &[("b.example", dead, 502)]);
    assert_eq!(incidents(&world), [["bad_gateway/a.example", "bad_gateway/b.example"]]);
}

#[test]
fn another_upstream_another_kind_or_none_named_is_another_incident() {
    let first = ("a.example", "10.0.0.3:8080", 502);
    for second in
        [("b.example", "10.0.0.4:8080", 502), ("b.example", "10.0.0.3:8080", 504), ("b.example", "-", 502)]
    {
        let world = failing(&[first, second]);
        assert_eq!(incidents(&world).len(), 2, "{second:?}");
    }
}

#[test]
fn an_upstream_that_serves_again_joins_nothing_to_the_old_incident() {
    let dead = "10.0.0.3:8080";
    let mut world = failing(&[("a.example", dead, 502), ("b.example", dead, 200)]);
    serve(&mut world, 6 * 60, &[("a.example", dead, 200), ("b.example", dead, 200)]);
    serve(&mut world, 5, &[("a.example", dead, 200), ("b.example", dead, 502)]);
    assert_eq!(incidents(&world), [["bad_gateway/a.example"], ["bad_gateway/b.example"]]);
}

#[test]
fn what_a_host_that_joined_suffers_besides_belongs_to_the_same_incident() {
    let dead = "10.0.0.3:8080";
    let mut world = failing(&[("a.example", dead, 502), ("b.example", dead, 502)]);
    serve(&mut world, 5, &[("b.example", dead, 504)]);
    let all = ["bad_gateway/a.example", "bad_gateway/b.example", "gateway_timeout/b.example"];
    assert_eq!(incidents(&world), [all]);
}
