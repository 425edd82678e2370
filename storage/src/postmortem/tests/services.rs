//! An incident of several services: each is counted for itself, in the time in which users suffered from any.

use super::*;
use crate::postmortem::felt::{Felt, Worst};

const API: &str = "blog-api";
const WEB: &str = "blog-web";

impl Record {
    fn alert_of(&mut self, service: &str, clock: &str, since: &str) {
        let what = AlertKind::BadGateway;
        let kind = Kind::AlertRaised {
            alert: key(service),
            what,
            service: ServiceName::new(service),
            severity: Severity::Sev2,
            evidence: AlertEvidence { since: Some(at(since)), ..AlertEvidence::default() },
        };
        self.add(clock, None, kind);
    }

    fn measured_of(&mut self, service: &str, clock: &str, counts: &[(u64, u64)]) {
        let counts = counts.iter().map(|(bad, total)| Share { bad: *bad, total: *total }).collect();
        let service = ServiceName::new(service);
        self.add(clock, None, Kind::TrafficMeasured { service, from: at(clock), step_s: 60, counts });
    }

    fn over(&mut self, service: &str, good_since: &str, whole: (u64, u64)) {
        let whole = Share { bad: whole.0, total: whole.1 };
        let (alert, good_since, now, peak) = (key(service), at(good_since), Share::default(), whole);
        self.add("10:20:00", None, Kind::AlertRecovered { alert, good_since, now, peak, whole });
    }
}

fn key(service: &str) -> AlertKey {
    AlertKey::new(format!("bad_gateway/{service}"))
}

/// The web fails from 10:00 to 10:02, the API from 10:01 to 10:04.
fn both() -> Record {
    let mut record = Record::declared("10:00:03");
    record.milestone("10:00:00", Milestone::Started);
    record.alert_of(WEB, "10:00:03", "10:00:00");
    record.alert_of(API, "10:01:03", "10:01:00");
    record
}

#[test]
fn each_service_is_counted_for_itself_and_no_number_sums_two_of_them_up() {
    let mut record = both();
    record.measured_of(WEB, "10:00:00", &[(50, 100), (50, 100), (0, 100), (0, 100)]);
    record.measured_of(API, "10:00:00", &[(0, 20), (10, 20), (20, 20), (20, 20)]);
    record.over(WEB, "10:02:00", (100, 200));
    record.over(API, "10:04:00", (50, 60));

    let impact = record.postmortem().impact;

    assert_eq!((impact.from, impact.to), (Some(at("10:00:00")), Some(at("10:04:00"))));
    assert_eq!(impact.service, Some(ServiceName::new(WEB)));
    assert_eq!(impact.failed, Some(Share { bad: 100, total: 400 }), "of that time, not only of its own part");
    let api = Felt {
        service: Some(ServiceName::new(API)),
        failed: Some(Share { bad: 50, total: 80 }),
        counted: Counted::Steps,
        uncounted_s: 0,
        worst: Some(Worst { at: None, share: Share { bad: 50, total: 60 } }),
        full_stop: FullStop::Lasted { from: at("10:02:00"), to: at("10:04:00"), failed: 40 },
    };
    assert_eq!(impact.others, [api]);
}

#[test]
fn where_no_steps_were_counted_the_alerts_of_each_service_tell_its_number() {
    let mut record = both();
    record.over(WEB, "10:02:00", (100, 200));
    record.over(API, "10:04:00", (50, 60));

    let impact = record.postmortem().impact;

    assert_eq!((impact.failed, impact.counted), (Some(Share { bad: 100, total: 200 }), Counted::Alerts));
    let others: Vec<_> = impact.others.iter().map(|other| (other.failed, other.counted)).collect();
    assert_eq!(others, [(Some(Share { bad: 50, total: 60 }), Counted::Alerts)]);
}

#[test]
fn users_suffered_where_requests_to_the_other_service_failed() {
    let mut record = both();
    record.measured_of(WEB, "10:00:00", &[(0, 100), (0, 100)]);
    record.measured_of(API, "10:00:00", &[(10, 20), (10, 20)]);
    record.milestone("10:02:00", Milestone::Mitigated);
    assert!(!record.postmortem().impact.none_failed());
}

#[test]
fn a_service_that_was_only_measured_and_did_not_fail_is_none_of_the_impact() {
    let mut record = Record::declared("10:00:00");
    record.measured_of(WEB, "10:00:00", &[(10, 100)]);
    record.measured_of(API, "10:00:00", &[(0, 20)]);
    assert_eq!(record.postmortem().impact.others, []);
}

#[test]
fn the_chart_is_of_another_service_where_nothing_was_counted_of_its_own() {
    let mut record = both();
    record.measured_of(API, "10:00:00", &[(10, 20), (10, 20)]);
    let drawn = record.postmortem().chart.map(|chart| chart.service);
    assert_eq!(drawn, Some(ServiceName::new(API)));
}

#[test]
fn users_suffered_since_the_first_failure_of_any_alert_that_joined() {
    let mut record = Record::declared("10:00:03");
    record.milestone("10:00:00", Milestone::Started);
    record.alert_of(WEB, "10:00:03", "10:00:00");
    record.alert_of(API, "10:01:03", "09:56:00");
    record.measured_of(WEB, "09:55:00", &[(0, 100), (7, 100), (7, 100), (7, 100), (7, 100), (60, 100)]);
    record.measured_of(API, "09:55:00", &[(0, 20), (2, 20), (2, 20), (2, 20), (2, 20), (20, 20)]);
    record.milestone("10:01:00", Milestone::Mitigated);

    let impact = record.postmortem().impact;

    assert_eq!(impact.from, Some(at("09:56:00")));
    assert_eq!(impact.failed, Some(Share { bad: 88, total: 500 }));
    assert_eq!(impact.others[0].failed, Some(Share { bad: 28, total: 100 }));
}

#[test]
fn when_it_started_is_where_people_corrected_it_to_whatever_the_first_alert_said() {
    let mut record = Record::declared("10:00:03");
    record.alert_of(WEB, "10:00:03", "09:40:00");
    record.milestone("10:00:00", Milestone::Started);
    assert_eq!(record.postmortem().impact.from, Some(at("10:00:00")));
}
