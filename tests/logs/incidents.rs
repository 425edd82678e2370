//! What the detectors find in real logs.

use super::{ONSET, QUIET, analyze, fixture};
use lifeboat::analyze::Moment;

#[test]
fn the_real_outage_is_found_as_one_story_of_few_incidents() {
    let report = analyze(&[fixture(ONSET)]).unwrap();
    let incidents = &report.incidents;
    assert!(incidents.iter().all(|incident| incident.kind == "bad_gateway" && incident.service == "site"));
    assert!(
        (1..=8).contains(&incidents.len()),
        "an outage at 1 to 400 requests an hour is not {}",
        incidents.len()
    );
    let (first, last) = (incidents.first().unwrap(), incidents.last().unwrap());
    assert_eq!(first.started_at, report.first, "502 from the first line on");
    assert_eq!(last.mitigated_at, None, "the log ends in the outage");
    let bad: u64 = incidents.iter().map(|incident| incident.bad).sum();
    assert!((1_400..=1_533).contains(&bad), "{bad} of 1,533 are in an incident");
    assert!(incidents.iter().all(|incident| incident.peak_share > 0.9 && incident.bad <= incident.total));
}

#[test]
fn the_incidents_of_a_service_follow_one_another_without_overlap() {
    let report = analyze(&[fixture(ONSET)]).unwrap();
    let half_an_hour = 30 * 60 * 1000;
    for pair in report.incidents.windows(2) {
        let over = pair[0].mitigated_at.expect("only the last may be open");
        assert!(Some(Moment(over.0 + half_an_hour)) <= pair[1].detected_at, "{pair:?} is one incident");
    }
    for incident in &report.incidents {
        assert!(incident.started_at.unwrap() <= incident.detected_at.unwrap());
    }
}

#[test]
fn the_quiet_log_gives_no_incident() {
    assert_eq!(analyze(&[fixture(QUIET)]).unwrap().incidents, []);
}

#[test]
fn an_ingress_log_names_the_service_and_the_upstreams_of_its_outage() {
    let lines: String = (0..600)
        .map(|second| {
            let (status, upstream) = if (300..360).contains(&second) && second % 2 == 0 { (502, 4) } else { (200, 3) };
            format!(
                "192.0.2.{} - - [17/Dec/2025:09:{:02}:{:02} +0000] \"GET / HTTP/1.1\" {status} 150 \"-\" \"curl\" 99 0.004 \
                 [default-web-80] [] 10.0.0.{upstream}:8080 150 0.004 {status} 9f86\n",
                second % 50, second / 60, second % 60,
            )
        })
        .collect();
    let log = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(log.path(), lines).unwrap();
    let report = analyze(&[log.path().to_owned()]).unwrap();
    let [incident] = &report.incidents[..] else { panic!("one incident, not {:?}", report.incidents) };
    assert_eq!((incident.service.as_str(), incident.kind), ("default-web-80", "bad_gateway"));
    assert_eq!(incident.upstreams, ["10.0.0.4:8080"]);
    assert_eq!(incident.started_at.map(|at| at.0), Some(1_765_962_300_000));
    assert_eq!(incident.bad, 30);
}

/// JSON lines that fail every second time, each with what `time` makes of its second.
fn json_lines(time: impl Fn(u32) -> String) -> Vec<u8> {
    let line = |second: u32| {
        let status = if second.is_multiple_of(2) { 502 } else { 200 };
        let client = second % 20;
        format!("{{{}\"status\":{status},\"remote_addr\":\"192.0.2.{client}\"}}\n", time(second))
    };
    (0..60).map(line).collect::<String>().into_bytes()
}

#[test]
fn an_outage_in_lines_without_a_time_that_can_be_read_is_told_without_times() {
    let none = json_lines(|_| String::new());
    let no_zone = json_lines(|second| format!("\"time\":\"2026-01-02T03:04:{second:02}\","));
    for log in [none, no_zone] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), log).unwrap();
        let report = analyze(&[file.path().to_owned()]).unwrap();
        assert_eq!((report.untimed, report.first), (60, None));
        let [incident] = &report.incidents[..] else { panic!("one incident, not {:?}", report.incidents) };
        assert_eq!((incident.started_at, incident.detected_at, incident.mitigated_at), (None, None, None));
        assert_eq!(incident.kind, "bad_gateway");
        assert!(!serde_json::to_string(&report).unwrap().contains("1970"));
    }
}

#[test]
fn lines_before_the_first_time_do_not_make_the_times_after_it_unknown() {
    let timed = json_lines(|second| format!("\"time\":\"2026-01-02T03:04:{second:02}Z\","));
    let log = [&json_lines(|_| String::new())[..], &timed].concat();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), log).unwrap();
    let report = analyze(&[file.path().to_owned()]).unwrap();
    assert_eq!(report.untimed, 60);
    let [known, unknown] = &report.incidents[..] else { panic!("two, not {:?}", report.incidents) };
    assert_eq!(known.started_at, report.first, "those of unknown time come last");
    assert_eq!((unknown.started_at, unknown.detected_at), (None, None));
}
