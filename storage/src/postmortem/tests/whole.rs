//! How many requests there were while it failed: steps at the edges hold others too, an alert counts one by one.

use super::*;

const ALERT: &str = "bad_gateway/blog-web";

/// 392 of 454 in steps of ten seconds around a failure from 03:44:44 to 03:45:05.
fn failing() -> Record {
    let mut record = Record::declared("03:44:44");
    record.milestone("03:44:44", Milestone::Started);
    record.alert("03:44:44", AlertKind::BadGateway, "03:44:44");
    record.measured("03:44:40", 10, &[(110, 200), (190, 190), (92, 180)]);
    record
}

fn over(record: &mut Record, alert: &str, bad: u64, total: u64) {
    let share = Share { bad, total };
    let (alert, good_since, now) = (AlertKey::new(alert), at("03:45:05"), Share::default());
    record.add("03:50:05", None, Kind::AlertRecovered { alert, good_since, now, peak: share, whole: share });
}

fn share_and_stop(record: &Record) -> (Share, FullStop) {
    let impact = record.postmortem().impact;
    assert_eq!(impact.counted, Counted::Steps);
    (impact.failed.expect("it was counted"), impact.full_stop)
}

#[test]
fn a_total_outage_is_told_as_one_from_its_first_failed_request_to_its_last() {
    let mut record = failing();
    over(&mut record, ALERT, 392, 392);
    let stop = FullStop::Lasted { from: at("03:44:44"), to: at("03:45:05"), failed: 392 };
    assert_eq!(share_and_stop(&record), (Share { bad: 392, total: 392 }, stop));
}

#[test]
fn what_the_alert_counted_is_told_where_it_counted_the_same_failures_among_fewer() {
    for (bad, total, expected) in [(392, 400, 400), (392, 900, 402), (391, 391, 402)] {
        let mut record = failing();
        over(&mut record, ALERT, bad, total);
        let (whole, stop) = share_and_stop(&record);
        assert_eq!(whole, Share { bad: 392, total: expected }, "told {bad} of {total}");
        let (from, to) = (at("03:44:50"), at("03:45:05"));
        assert_eq!(stop, FullStop::Lasted { from, to, failed: 282 }, "told {bad} of {total}");
    }
}

#[test]
fn what_another_service_or_one_of_two_alerts_counted_is_not_all_that_failed() {
    let mut other = failing();
    over(&mut other, ALERT, 391, 391);
    over(&mut other, "bad_gateway/blog-api", 392, 392);
    let mut two = failing();
    two.alert("03:44:50", AlertKind::ServerError, "03:44:50");
    over(&mut two, ALERT, 392, 392);
    over(&mut two, "server_error/blog-web", 392, 392);
    for record in [other, two] {
        assert_eq!(share_and_stop(&record).0, Share { bad: 392, total: 402 });
    }
}
