//! The worst minute: one number for whoever reads the alerts and the postmortem.

use super::*;
use crate::postmortem::felt::Worst;

fn key(what: AlertKind) -> AlertKey {
    AlertKey::new(format!("{}/blog-web", what.key()))
}

fn percent(bad: u64) -> Share {
    Share { bad, total: 100 }
}

/// The end of an alert at 10:03:00, told five minutes later.
fn over(record: &mut Record, alert: AlertKey, peak: Share) {
    let (good_since, now) = (at("10:03:00"), Share::default());
    let kind = Kind::AlertRecovered { alert, good_since, now, peak, whole: percent(40) };
    record.add("10:08:00", None, kind);
}

/// Fails from 10:00:00 on: 40 %, 60 % and 20 % in three minutes.
fn failing() -> Record {
    let mut record = Record::declared("10:00:03");
    record.milestone("10:00:00", Milestone::Started);
    record.alert("10:00:03", AlertKind::BadGateway, "10:00:00");
    record.measured("10:00:00", 60, &[(40, 100), (60, 100), (20, 100)]);
    record.add("10:03:00", Some("Mei"), Kind::Acknowledged);
    record
}

#[track_caller]
fn check(record: &Record, clock: Option<&str>, share: Share) {
    assert_eq!(record.postmortem().impact.worst, Some(Worst { at: clock.map(at), share }));
}

#[test]
fn it_is_the_one_that_the_alert_told_which_saw_all_of_the_failure() {
    for told in [percent(45), percent(75)] {
        let mut record = failing();
        over(&mut record, key(AlertKind::BadGateway), told);
        check(&record, None, told);
    }
}

#[test]
fn its_time_is_told_only_where_the_share_is_that_of_the_minute() {
    let rows = [
        (Share { bad: 60, total: 100 }, Some("10:01:00")),
        // The alert knows better how many succeeded at the edges.
        (Share { bad: 60, total: 98 }, Some("10:01:00")),
        (Share { bad: 60, total: 60 }, None),
        (Share { bad: 61, total: 100 }, None),
    ];
    for (told, clock) in rows {
        let mut record = failing();
        over(&mut record, key(AlertKind::BadGateway), told);
        check(&record, clock, told);
    }
}

#[test]
fn while_it_fails_the_clock_minutes_tell_it() {
    let mut record = failing();
    check(&record, Some("10:01:00"), percent(60));
    over(&mut record, key(AlertKind::BadGateway), percent(45));
    let (alert, severity) = (key(AlertKind::BadGateway), Severity::Sev1);
    let evidence = AlertEvidence { since: Some(at("10:10:00")), ..AlertEvidence::default() };
    record.add("10:10:03", None, Kind::AlertReturned { alert, severity, evidence, times: 1, still: false });
    check(&record, Some("10:01:00"), percent(60));
}

#[test]
fn what_several_alerts_saw_adds_up_in_the_clock_minutes_unless_one_told_worse() {
    let rows = [(percent(45), percent(60), Some("10:01:00")), (percent(80), percent(80), None)];
    for (told, expected, clock) in rows {
        let mut record = failing();
        record.alert("10:00:30", AlertKind::ServerError, "10:00:20");
        over(&mut record, key(AlertKind::BadGateway), told);
        over(&mut record, key(AlertKind::ServerError), percent(30));
        check(&record, clock, expected);
    }
}

#[test]
fn what_an_alert_of_another_service_or_of_a_probe_told_is_no_minute_of_this_one() {
    for other in ["bad_gateway/blog-api", "probe_down/blog-web"] {
        let mut record = failing();
        record.alert("10:00:30", AlertKind::ServerError, "10:00:20");
        over(&mut record, key(AlertKind::BadGateway), percent(45));
        over(&mut record, AlertKey::new(other), percent(99));
        over(&mut record, key(AlertKind::ServerError), percent(30));
        check(&record, Some("10:01:00"), percent(60));
    }
}

#[test]
fn it_is_never_below_the_whole() {
    let mut record = Record::declared("10:00:03");
    record.alert("10:00:03", AlertKind::BadGateway, "10:00:00");
    let (good_since, now) = (at("10:00:39"), Share::default());
    let (peak, whole) = (Share { bad: 39, total: 60 }, Share { bad: 39, total: 39 });
    let alert = key(AlertKind::BadGateway);
    record.add("10:06:00", None, Kind::AlertRecovered { alert, good_since, now, peak, whole });
    check(&record, None, whole);
}

#[test]
fn where_all_that_failed_lies_in_a_minute_of_few_requests_it_is_the_whole() {
    let mut record = Record::declared("10:00:00");
    record.milestone("10:00:00", Milestone::Started);
    record.measured("10:00:00", 60, &[(4, 4), (0, 100)]);
    record.milestone("10:02:00", Milestone::Mitigated);
    check(&record, None, Share { bad: 4, total: 104 });
}

/// Every step of ten seconds from 10:00:00 on fails alike, ten minutes long.
fn failing_on() -> Record {
    let mut record = Record::declared("10:00:03");
    record.milestone("10:00:00", Milestone::Started);
    record.measured("10:00:00", 10, &[(58, 100); 60]);
    record
}

#[test]
fn of_the_step_in_which_people_called_it_over_while_it_failed_on_no_failure_counts_twice() {
    let mut record = failing_on();
    record.milestone("10:02:04", Milestone::Mitigated);

    let impact = record.postmortem().impact;

    assert_eq!(impact.failed, Some(Share { bad: 12 * 58 + 23, total: 1_240 }));
    check(&record, Some("10:01:00"), Share { bad: 348, total: 600 });
}

#[test]
fn of_the_step_in_which_people_say_it_began_the_failures_before_are_left_out() {
    let mut record = failing_on();
    record.milestone("10:01:05", Milestone::Started);
    record.milestone("10:02:00", Milestone::Mitigated);
    assert_eq!(record.postmortem().impact.failed, Some(Share { bad: 5 * 58 + 29, total: 550 }));
}

#[test]
fn a_part_of_a_minute_is_none_where_it_failed_for_a_whole_one() {
    let mut record = Record::declared("10:00:40");
    record.milestone("10:00:40", Milestone::Started);
    record.measured("10:00:40", 10, &[(90, 100), (90, 100), (30, 100), (30, 100), (30, 100), (30, 100)]);
    record.measured("10:01:40", 10, &[(30, 100), (30, 100), (60, 100), (60, 100), (0, 100)]);
    record.milestone("10:02:20", Milestone::Mitigated);
    check(&record, Some("10:00:40"), Share { bad: 300, total: 600 });
}

#[test]
fn what_failed_for_less_than_a_minute_is_told_as_a_whole() {
    let mut record = Record::declared("10:00:40");
    record.milestone("10:00:40", Milestone::Started);
    record.measured("10:00:40", 10, &[(90, 100), (80, 100), (30, 100), (0, 100)]);
    record.milestone("10:01:10", Milestone::Mitigated);
    check(&record, Some("10:00:40"), Share { bad: 200, total: 300 });
}
