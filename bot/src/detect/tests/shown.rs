//! What an alert shows is of the failures it counts, and of all of them.

use lifeboat_storage::event::Counted;

use super::*;
use crate::say::{Lang, Say, alert};

/// Twenty lines a second from second `from` to `until`; `made` says of a line whether it fails, its client and path.
fn see(
    watch: &mut Watch,
    (from, until): (i64, i64),
    made: impl Fn(i64) -> Option<(String, String)>,
) -> Vec<Finding> {
    let mut out = Vec::new();
    for i in from * 20..until * 20 {
        let good = || (format!("198.51.{}.7", i % 50), format!("/page/{}", i % 90));
        let fails = made(i);
        let status = if fails.is_some() { 502 } else { 200 };
        let (client, target) = fails.unwrap_or_else(good);
        let line = format!("{client} {target}");
        let request = Request {
            at: Some(i * 50),
            status,
            client: client.as_bytes(),
            target: target.as_bytes(),
            line: line.as_bytes(),
            ..Request::default()
        };
        watch.observe("shop", &request, i * 50, &mut out);
    }
    out
}

fn well(_: i64) -> Option<(String, String)> {
    None
}

/// One client fails at one path, every third line.
fn robot(i: i64) -> Option<(String, String)> {
    (i % 3 == 0).then(|| ("192.0.2.9".to_owned(), "/robot".to_owned()))
}

/// Every other request fails, at a path and for clients of their own.
fn cart(i: i64) -> Option<(String, String)> {
    (i % 2 == 0).then(|| (format!("203.0.113.{}", i % 40), "/cart".to_owned()))
}

#[track_caller]
fn only(findings: &[Finding]) -> AlertEvidence {
    match findings {
        [Finding { what: Found::Opened { evidence, .. } | Found::Returned { evidence, .. }, .. }] => {
            evidence.clone()
        }
        _ => panic!("one alert, not {findings:#?}"),
    }
}

fn names(list: &[Counted]) -> Vec<&str> {
    list.iter().map(|one| one.name.as_str()).collect()
}

fn points_at(evidence: &AlertEvidence) -> String {
    alert::points_at(Say::new(Lang::En, chrono_tz::Tz::UTC), evidence)
}

#[test]
fn an_alert_names_nothing_of_a_failure_that_was_held_back_before_it() {
    let mut watch = Watch::new(Limits::default());
    assert_eq!(see(&mut watch, (0, 600), well), []);
    assert_eq!(see(&mut watch, (600, 610), robot), [], "one client alone alerts nobody");
    assert_eq!(see(&mut watch, (610, 640), well), []);
    let evidence = only(&see(&mut watch, (640, 641), cart));
    assert_eq!(names(&evidence.paths), ["/cart"], "{evidence:#?}");
    assert_eq!(names(&evidence.clients), ["203.0.113.0/24"]);
    assert!(evidence.samples.iter().all(|line| line.ends_with("/cart")), "{:?}", evidence.samples);
    assert!(evidence.paths[0].count <= evidence.now.bad, "{evidence:#?}");
}

#[test]
fn what_was_held_back_is_forgotten_across_a_restart_too() {
    let mut watch = Watch::new(Limits::default());
    see(&mut watch, (0, 600), well);
    see(&mut watch, (600, 610), robot);
    let written = serde_json::to_string(&watch).unwrap();
    let mut watch: Watch = serde_json::from_str(&written).unwrap();
    see(&mut watch, (610, 640), well);
    let evidence = only(&see(&mut watch, (640, 641), cart));
    assert_eq!(names(&evidence.paths), ["/cart"], "{evidence:#?}");
}

#[test]
fn one_path_of_a_quarter_of_the_failures_is_not_said_to_have_them_all() {
    let mut watch = Watch::new(Limits::default());
    see(&mut watch, (0, 600), well);
    // Words, so that no two of the others look alike once masked.
    let word = |i: i64| {
        let letter = |n: i64| char::from(b'a' + u8::try_from(n % 26).unwrap());
        format!("/shelf-{}{}{}", letter(i), letter(i / 26), letter(i / 676))
    };
    let path = |i: i64| if i % 4 == 0 { "/cart".to_owned() } else { word(i) };
    // One in twelve fails, later half of them: it grows when there are many.
    let findings = see(&mut watch, (600, 900), |i| {
        let fails = if i < 14_000 { i % 12 == 0 } else { i % 2 == 0 };
        fails.then(|| (format!("203.0.{}.7", i % 199), path(i / 2)))
    });
    let grown = findings.iter().rev().find_map(|finding| match &finding.what {
        Found::Grew { evidence, .. } => Some(evidence),
        _ => None,
    });
    let Some(evidence) = grown else { panic!("{findings:#?}") };
    assert_eq!(evidence.paths[0].name, "/cart", "{evidence:#?}");
    assert_eq!(points_at(evidence), "not known", "{evidence:#?}");
}

#[test]
fn paths_that_differ_in_an_id_only_are_found_as_the_one_they_are() {
    let mut watch = Watch::new(Limits::default());
    see(&mut watch, (0, 600), well);
    let uuid = |i: i64| format!("/user/{i:08x}-7d0e-4a53-9c1f-1b2c3d4e5f60/avatar");
    for (name, made) in [
        ("/order/{number}", &(|i: i64| format!("/order/{}", 100_000 + i * 7)) as &dyn Fn(i64) -> String),
        ("/user/{token}/avatar", &uuid),
    ] {
        let mut watch = watch.clone();
        let findings = see(&mut watch, (600, 720), |i| {
            let fails = if i < 13_000 { i % 12 == 0 } else { i % 2 == 0 };
            fails.then(|| (format!("203.0.{}.7", i % 199), made(i)))
        });
        for finding in &findings {
            let (Found::Opened { evidence, .. } | Found::Grew { evidence, .. }) = &finding.what else {
                panic!("{findings:#?}")
            };
            assert_eq!(points_at(evidence), format!("all failures seen are on {name}"), "{evidence:#?}");
        }
        assert!(findings.len() > 1, "{name}: it opens and grows: {findings:#?}");
    }
}

#[test]
fn what_came_before_an_alert_that_returned_is_what_came_before_the_first() {
    let mut watch = Watch::new(Limits::default());
    see(&mut watch, (0, 600), well);
    let first = only(&see(&mut watch, (600, 700), cart));
    see(&mut watch, (700, 1200), well);
    let again = only(&see(&mut watch, (1200, 1260), cart));
    assert_eq!((first.before, first.before_s), (Share { bad: 0, total: 12_000 }, 600));
    assert_eq!((again.before, again.before_s), (first.before, first.before_s));
}

#[test]
fn what_came_before_is_told_without_an_outage_that_ended_within_the_hour() {
    let mut watch = Watch::new(Limits::default());
    see(&mut watch, (0, 600), well);
    see(&mut watch, (600, 700), cart);
    see(&mut watch, (700, 3000), well);
    let evidence = only(&see(&mut watch, (3000, 3060), cart));
    assert_eq!(evidence.before.bad, 0, "{evidence:#?}");
    assert!((1800..2400).contains(&evidence.before_s), "{evidence:#?}");
}

#[test]
fn what_came_before_an_alert_told_again_after_a_word_is_what_came_before_the_first() {
    let mut watch = Watch::new(Limits::default());
    see(&mut watch, (0, 600), well);
    let first = only(&see(&mut watch, (600, 780), cart));
    watch.count_afresh(&ServiceName::new("shop"), AlertKind::BadGateway);
    let again = only(&see(&mut watch, (780, 840), cart));
    assert_eq!((again.before, again.before_s), (first.before, first.before_s));
}

#[test]
fn what_a_lifeboat_wrote_that_kept_no_names_of_a_run_and_nothing_before_is_read_and_goes_on() {
    let mut watch = Watch::new(Limits::default());
    see(&mut watch, (0, 600), well);
    see(&mut watch, (600, 700), cart);
    see(&mut watch, (700, 1200), well);
    see(&mut watch, (1200, 1203), robot);
    let mut written = serde_json::to_value(&watch).unwrap();
    let kind = &mut written["services"][0]["kinds"][0];
    kind["ended"].as_object_mut().unwrap().remove("before").unwrap();
    for rung in kind["ladder"]["rungs"].as_array_mut().unwrap() {
        rung.as_object_mut().unwrap().remove("gathered").unwrap();
    }
    let mut watch: Watch = serde_json::from_value(written).unwrap();
    see(&mut watch, (1203, 1240), well);
    let evidence = only(&see(&mut watch, (1240, 1241), cart));
    assert_eq!(names(&evidence.paths), ["/cart"], "{evidence:#?}");
    assert!(evidence.before.bad < 100, "nothing of the outage of 1,000: {evidence:#?}");
}

#[test]
fn an_outage_that_goes_on_at_another_upstream_is_told_with_that_one() {
    let mut watch = Watch::new(Limits::default());
    let mut findings = Vec::new();
    for i in 0..20 * 900 {
        let (second, pool) = (i / 20, ["a:80", "b:80"]);
        let upstream = pool[usize::try_from(i % 2).unwrap()];
        let down = match second {
            600..660 => Some("a:80"),
            660..800 => Some("b:80"),
            _ => None,
        };
        let client = format!("198.51.{}.7", i % 50);
        let request = Request {
            at: Some(i * 50),
            status: if down == Some(upstream) { 502 } else { 200 },
            client: client.as_bytes(),
            target: b"/",
            upstream: Some(upstream.as_bytes()),
            ..Request::default()
        };
        watch.observe("shop", &request, i * 50, &mut findings);
    }
    let moved: Vec<_> = findings
        .iter()
        .filter_map(|finding| match &finding.what {
            Found::Moved { evidence } => Some((finding.at / 1_000, evidence)),
            _ => None,
        })
        .collect();
    let [.., (at, evidence)] = moved[..] else { panic!("it moved: {findings:#?}") };
    assert!((690..760).contains(&at), "within a span or two: {at}");
    assert_eq!(points_at(evidence), "all failures seen come from upstream b:80");
    assert!(evidence.now.bad * 3 > evidence.now.total, "the share is of that span: {:?}", evidence.now);
    assert!(moved.len() <= 2, "{moved:#?}");
}
