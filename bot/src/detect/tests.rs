//! The detectors as a whole, line by line.

use lifeboat_storage::event::{AlertKind, Severity, Share};
use proptest::prelude::*;

use super::*;

mod course;
mod shown;

/// A line of a made-up log.
#[derive(Clone, Copy, Debug)]
struct Line {
    at: Millis,
    status: u16,
    client: u8,
}

fn line(at: Millis, status: u16, client: u8) -> Line {
    Line { at, status, client }
}

fn see(watch: &mut Watch, line: Line, out: &mut Vec<Finding>) {
    let client = format!("198.51.100.{}", line.client);
    let request = Request {
        at: Some(line.at),
        status: line.status,
        client: client.as_bytes(),
        target: b"/cart?token=secret",
        upstream: Some(b"10.0.0.3:8080"),
        line: b"198.51.100.7 - - GET /cart?token=secret",
        ..Request::default()
    };
    watch.observe("shop", &request, line.at, out);
}

fn found(lines: impl IntoIterator<Item = Line>) -> Vec<Finding> {
    let (mut watch, mut out) = (Watch::new(Limits::default()), Vec::new());
    lines.into_iter().for_each(|line| see(&mut watch, line, &mut out));
    watch.finish(&mut out);
    out
}

/// One letter for each finding.
fn story(findings: &[Finding]) -> String {
    let letter = |finding: &Finding| match finding.what {
        Found::Opened { .. } => 'O',
        Found::Grew { .. } => 'W',
        Found::Moved { .. } => 'M',
        Found::Recovered { .. } => 'G',
        Found::Returned { .. } => 'R',
    };
    findings.iter().map(letter).collect()
}

/// Good lines of many clients from second `from` to `until`, so many a second.
fn good(from: i64, until: i64, a_second: i64) -> impl Iterator<Item = Line> {
    let count = (until - from) * a_second;
    (0..count).map(move |i| line(from * 1000 + i * 1000 / a_second, 200, (i % 50) as u8))
}

/// The same, where every n-th fails.
fn failing(from: i64, until: i64, a_second: i64, every: i64) -> impl Iterator<Item = Line> {
    let count = (until - from) * a_second;
    let status = move |i| if i % every == 0 { 502 } else { 200 };
    (0..count).map(move |i| line(from * 1000 + i * 1000 / a_second, status(i), (i % 47) as u8))
}

#[test]
fn what_is_told_of_dull_and_of_plain_traffic() {
    let one_client = |a_second: i64| {
        let lines = failing(600, 900, 20, a_second);
        good(0, 600, 20).chain(lines.map(|l| if l.status == 502 { line(l.at, 502, 77) } else { l }))
    };
    let rows: Vec<(&str, Vec<Line>, &str)> = vec![
        ("nothing at all", vec![], ""),
        ("one failure", vec![line(0, 502, 1)], ""),
        ("good lines only", good(0, 3600, 5).collect(), ""),
        ("four failures in a row, then good", good(0, 600, 20).chain(failing(600, 601, 3, 1)).collect(), ""),
        ("half fail", good(0, 600, 20).chain(failing(600, 660, 20, 2)).collect(), "O"),
        ("half fail from the very first line", failing(0, 60, 20, 2).collect(), "O"),
        (
            "all fail from the very first line, once an hour",
            (0..30).map(|i| line(i * 3_600_000, 502, i as u8)).collect(),
            "O",
        ),
        ("one in a thousand", failing(0, 7200, 10, 1000).collect(), ""),
        ("one in a hundred from the first line", failing(0, 7200, 10, 100).collect(), ""),
        ("one client fails, a third of all", one_client(3).collect(), ""),
        (
            "one client fails, all there is",
            good(0, 600, 20)
                .map(|l| line(l.at, 200, 9))
                .chain(failing(600, 660, 20, 1).map(|l| line(l.at, 502, 9)))
                .collect(),
            "O",
        ),
        (
            "three requests a minute, three fail",
            good(0, 36_000, 1)
                .filter(|l| l.at % 20_000 == 0)
                .chain((0..3).map(|i| line(36_000_000 + i * 20_000, 502, i as u8)))
                .collect(),
            "",
        ),
        (
            "fails, recovers",
            good(0, 600, 20).chain(failing(600, 660, 20, 2)).chain(good(660, 1000, 20)).collect(),
            "OG",
        ),
        (
            "fails, recovers, returns",
            good(0, 600, 20)
                .chain(failing(600, 660, 20, 2))
                .chain(good(660, 1000, 20))
                .chain(failing(1000, 1060, 20, 2))
                .collect(),
            "OGR",
        ),
        (
            "fails, recovers, fails an hour later",
            good(0, 600, 20)
                .chain(failing(600, 660, 20, 2))
                .chain(good(660, 4600, 20))
                .chain(failing(4600, 4660, 20, 2))
                .collect(),
            "OGO",
        ),
        (
            "a tenth fails, then all",
            good(0, 600, 20).chain(failing(600, 700, 20, 15)).chain(failing(700, 800, 20, 1)).collect(),
            "OWW",
        ),
        (
            "clock set back an hour in the middle",
            good(4000, 4600, 20).chain(good(1000, 1600, 20)).collect(),
            "",
        ),
        (
            "clock set back an hour, and half fail",
            good(4000, 4600, 20).chain(failing(1000, 1100, 20, 2)).collect(),
            "O",
        ),
        ("an hour missing, and nothing wrong", good(0, 600, 20).chain(good(4200, 4800, 20)).collect(), ""),
    ];
    for (name, lines, expected) in rows {
        let findings = found(lines);
        assert_eq!(story(&findings), expected, "{name}: {findings:#?}");
    }
}

#[test]
fn half_of_twenty_a_second_failing_is_told_within_half_a_second_with_its_evidence() {
    let findings = found(good(0, 600, 20).chain(failing(600, 602, 20, 2)));
    let [
        Finding {
            service, kind: AlertKind::BadGateway, at, what: Found::Opened { severity, evidence }, ..
        },
    ] = &findings[..]
    else {
        panic!("{findings:?}")
    };
    assert_eq!((service.as_str(), *severity), ("shop", Severity::Sev1));
    assert!((600_000..=600_500).contains(at), "{at}");
    assert_eq!(evidence.since, time(600_000));
    assert_eq!(evidence.before, Share { bad: 0, total: 12_000 });
    assert_eq!(evidence.before_s, 600);
    assert_eq!(evidence.paths[0].name, "/cart?…");
    assert_eq!(evidence.clients[0].name, "198.51.100.0/24");
    assert_eq!(evidence.upstreams[0].name, "10.0.0.3:8080");
    assert_eq!(evidence.samples, ["198.51.100.0 - - GET /cart?…"; 3]);
}

#[test]
fn recovery_names_its_first_second_the_worst_minute_and_the_whole() {
    let findings = found(good(0, 600, 20).chain(failing(600, 720, 20, 2)).chain(good(720, 1100, 20)));
    let Found::Recovered { good_since, now, peak, whole } = findings[1].what else { panic!("{findings:?}") };
    assert_eq!((good_since, findings[1].at), (720_000, 1_020_000));
    assert_eq!(now, Share { bad: 0, total: 6001 });
    assert_eq!(peak, Share { bad: 600, total: 1200 });
    assert_eq!(whole, Share { bad: 1200, total: 2399 });
}

#[test]
fn every_status_is_judged_by_itself() {
    for (status, kind) in
        [(500, AlertKind::ServerError), (503, AlertKind::Unavailable), (504, AlertKind::GatewayTimeout)]
    {
        let fails = failing(600, 610, 20, 2)
            .map(|l| Line { status: if l.status == 502 { status } else { 200 }, ..l });
        let findings = found(good(0, 600, 20).chain(fails));
        assert_eq!(findings.iter().map(|finding| finding.kind).collect::<Vec<_>>(), [kind], "{status}");
    }
}

#[test]
fn a_steady_service_that_falls_silent_is_absent_and_its_return_is_told() {
    let steady = || good(0, 4000, 2);
    assert_eq!(story(&found(steady())), "", "the end of the input is no silence");
    let findings = found(steady().chain(good(4600, 5200, 2)));
    assert_eq!(story(&findings), "OG");
    assert!(findings.iter().all(|finding| finding.kind == AlertKind::Absent));
    assert_eq!(findings[0].at, 3_999_500 + 120_000);
    let Found::Recovered { good_since, .. } = findings[1].what else { panic!("{findings:?}") };
    assert_eq!(good_since, 4_600_000);
    for (name, lines) in [
        ("119 seconds", steady().chain(good(4118, 4300, 2)).collect::<Vec<_>>()),
        ("not an hour", good(0, 3500, 2).chain(good(4500, 4600, 2)).collect()),
        ("too few", good(0, 9000, 1).filter(|l| l.at % 3000 == 0).chain(good(9900, 9990, 1)).collect()),
        ("fading", good(0, 3700, 9).chain(good(3700, 4080, 1)).chain(good(5000, 5010, 1)).collect()),
    ] {
        assert_eq!(story(&found(lines)), "", "{name}");
    }
}

#[test]
fn silence_is_told_while_it_lasts_when_time_passes_and_only_once() {
    let (mut watch, mut out) = (Watch::new(Limits::default()), Vec::new());
    good(0, 4000, 2).for_each(|line| see(&mut watch, line, &mut out));
    for second in 4000..4300 {
        watch.advance(second * 1000, &mut out);
    }
    assert_eq!(story(&out), "O");
    good(4300, 4900, 2).for_each(|line| see(&mut watch, line, &mut out));
    assert_eq!(story(&out), "OG");
}

#[test]
fn a_log_clock_set_forward_is_no_silence() {
    let (mut watch, mut out) = (Watch::new(Limits::default()), Vec::new());
    for line in good(0, 4100, 2) {
        let jump = if line.at >= 4_000_000 { 3_600_000 } else { 0 };
        let request =
            Request { at: Some(line.at + jump), status: 200, client: b"192.0.2.1", ..Request::default() };
        watch.observe("shop", &request, line.at, &mut out);
    }
    assert_eq!(story(&out), "");
}

#[test]
fn recovery_is_told_when_time_passes_without_lines() {
    let (mut watch, mut out) = (Watch::new(Limits::default()), Vec::new());
    good(0, 600, 20)
        .chain(failing(600, 660, 20, 2))
        .chain(good(660, 700, 20))
        .for_each(|l| see(&mut watch, l, &mut out));
    watch.advance(900_000, &mut out);
    assert_eq!(story(&out), "O");
    watch.advance(960_000, &mut out);
    assert_eq!(story(&out), "OG");
}

#[test]
fn history_teaches_the_base_line_and_raises_nothing() {
    let mut watch = Watch::new(Limits::default());
    for line in failing(0, 600, 20, 2) {
        watch.learn("shop", &Request { at: Some(line.at), status: line.status, ..Request::default() });
    }
    let mut out = Vec::new();
    good(600, 1200, 20).chain(failing(1200, 1201, 20, 2)).for_each(|line| see(&mut watch, line, &mut out));
    assert_eq!(story(&out), "O");
    let Found::Opened { evidence, .. } = &out[0].what else { panic!("{out:?}") };
    assert_eq!(
        (evidence.before, evidence.before_s),
        (Share { bad: 0, total: 12_000 }, 600),
        "what failed then is no before"
    );
}

#[test]
fn a_failure_that_goes_on_after_a_word_that_it_is_over_returns_once_a_word() {
    let (mut watch, mut out) = (Watch::new(Limits::default()), Vec::new());
    let shop = ServiceName::new("shop");
    good(0, 600, 20).chain(failing(600, 660, 20, 2)).for_each(|l| see(&mut watch, l, &mut out));
    for from in [660, 720] {
        watch.count_afresh(&shop, AlertKind::BadGateway);
        failing(from, from + 60, 20, 2).for_each(|l| see(&mut watch, l, &mut out));
    }
    assert_eq!(story(&out), "ORR");
    let Found::Returned { severity, evidence, times: 2 } = &out[2].what else { panic!("{out:?}") };
    assert_eq!((*severity, evidence.since), (Severity::Sev1, time(720_000)));
    watch.count_afresh(&shop, AlertKind::BadGateway);
    good(780, 1100, 20).for_each(|l| see(&mut watch, l, &mut out));
    assert_eq!(story(&out), "ORRG");
    watch.count_afresh(&shop, AlertKind::BadGateway);
    failing(1100, 1160, 20, 2).for_each(|l| see(&mut watch, l, &mut out));
    assert_eq!(story(&out), "ORRGR", "what is not open opens as ever");
}

#[test]
fn services_beyond_the_limit_are_counted_as_other() {
    let mut watch = Watch::new(Limits { services: 3, ..Limits::default() });
    for i in 0..100 {
        let host = format!("host{i}");
        let request =
            Request { at: Some(i), service: Some(host.as_bytes()), status: 200, ..Request::default() };
        watch.observe("shop", &request, i, &mut Vec::new());
    }
    let names: Vec<_> = watch.services().map(ServiceName::as_str).collect();
    assert_eq!(names, ["host0", "host1", "host2", "other"]);
    assert_eq!(watch.shares("other").unwrap().minutes.counts, [Share { bad: 0, total: 97 }]);
}

#[test]
fn the_chart_holds_the_running_second_and_both_step_lengths() {
    let mut watch = Watch::new(Limits::default());
    failing(0, 130, 2, 4).for_each(|line| see(&mut watch, line, &mut Vec::new()));
    let chart = watch.shares("shop").unwrap();
    let counts: Vec<_> = chart.minutes.counts.iter().map(|share| (share.bad, share.total)).collect();
    assert_eq!(counts, [(30, 120), (30, 120), (5, 20)]);
    assert_eq!((chart.tens.from, chart.tens.step_s, chart.tens.counts.len()), (0, 10, 13));
    assert_eq!(watch.shares("nobody"), None);
}

#[test]
fn the_state_of_one_service_with_a_full_chart_stays_small() {
    let mut watch = Watch::new(Limits::default());
    failing(0, 90_000, 3, 7).for_each(|line| see(&mut watch, line, &mut Vec::new()));
    let bytes = serde_json::to_string(&watch).unwrap().len();
    assert!(bytes < 40_000, "{bytes}");
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let status = prop_oneof![6 => Just(200_u16), 3 => Just(502_u16), 1 => Just(503_u16)];
    let gap = prop_oneof![8 => 0_i64..400, 1 => 0_i64..60_000, 1 => -90_000_i64..4_000_000];
    proptest::collection::vec((gap, status, 0_u8..20), 0..600).prop_map(|steps| {
        let mut at = 1_000_000_000;
        let take = |(gap, status, client)| {
            at += gap;
            line(at, status, client)
        };
        steps.into_iter().map(take).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn written_down_and_read_again_anywhere_it_finds_the_same(lines in lines(), cut in 0_usize..600) {
        let (mut watch, mut out) = (Watch::new(Limits::default()), Vec::new());
        for (i, line) in lines.iter().enumerate() {
            if i == cut {
                watch = serde_json::from_str(&serde_json::to_string(&watch).unwrap()).unwrap();
            }
            see(&mut watch, *line, &mut out);
        }
        watch.finish(&mut out);
        prop_assert_eq!(out, found(lines));
    }

    #[test]
    fn nothing_opens_twice_before_it_recovers_and_nothing_recovers_that_is_not_open(lines in lines()) {
        let mut open = std::collections::BTreeSet::new();
        for finding in found(lines) {
            let fits = match finding.what {
                Found::Opened { .. } | Found::Returned { .. } => open.insert(finding.kind),
                Found::Grew { .. } | Found::Moved { .. } => open.contains(&finding.kind),
                Found::Recovered { .. } => open.remove(&finding.kind),
            };
            prop_assert!(fits, "{:?}", finding);
        }
    }

    #[test]
    fn fewer_than_four_failures_never_alert(lines in lines(), places in proptest::collection::vec(0_usize..600, 0..4)) {
        let mut lines: Vec<_> = lines.into_iter().map(|l| Line { status: 200, ..l }).collect();
        for place in places {
            if let Some(line) = lines.get_mut(place) {
                line.status = 502;
            }
        }
        prop_assert_eq!(found(lines), vec![]);
    }

    #[test]
    fn a_share_at_the_base_line_spread_evenly_never_alerts(every in 100_i64..2000, a_second in 1_i64..40) {
        prop_assert_eq!(found(failing(0, 1200, a_second, every)), vec![]);
    }
}
