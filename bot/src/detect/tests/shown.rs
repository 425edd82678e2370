//! What an alert shows is of the failures it counts.

use super::*;

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
