//! An incident that failed more than once: what lies between is not its impact.

use super::*;
use crate::postmortem::breaks::Break;

fn key() -> AlertKey {
    AlertKey::new(format!("{}/blog-web", AlertKind::BadGateway.key()))
}

fn recovered(good_since: &str, whole: (u64, u64)) -> Kind {
    let whole = Share { bad: whole.0, total: whole.1 };
    let (now, peak) = (Share::default(), Share::default());
    Kind::AlertRecovered { alert: key(), good_since: at(good_since), now, peak, whole }
}

fn returned(since: &str) -> Kind {
    let evidence = AlertEvidence { since: Some(at(since)), ..AlertEvidence::default() };
    Kind::AlertReturned { alert: key(), severity: Severity::Sev1, evidence, times: 1, still: false }
}

/// Everything failed from 10:00:00 to 10:00:40 and from 10:06:00 to 10:06:50.
fn twice() -> Record {
    let mut record = Record::declared("10:00:03");
    record.milestone("10:00:00", Milestone::Started);
    record.alert("10:00:03", AlertKind::BadGateway, "10:00:00");
    record.add("10:02:00", None, recovered("10:00:40", (40, 40)));
    record.add("10:06:03", None, returned("10:06:00"));
    record.add("10:08:00", None, recovered("10:06:50", (50, 50)));
    record
}

/// One request a second.
fn counted(record: &mut Record) {
    let counts: Vec<(u64, u64)> =
        (0..48).map(|step| if step < 4 || (36..41).contains(&step) { (10, 10) } else { (0, 10) }).collect();
    record.measured("10:00:00", 10, &counts);
}

#[test]
fn what_went_well_between_two_failures_dilutes_neither_the_share_nor_the_length() {
    let mut record = twice();
    counted(&mut record);

    let impact = record.postmortem().impact;

    assert_eq!((impact.from, impact.to), (Some(at("10:00:00")), Some(at("10:06:50"))));
    assert_eq!(impact.breaks, [Break { from: at("10:00:40"), to: at("10:06:00") }]);
    assert_eq!(impact.failed, Some(Share { bad: 90, total: 90 }));
    assert_eq!(impact.lasted(), Some(TimeDelta::seconds(90)));
    assert_eq!(impact.uncounted_s, 0);
    let lasted = FullStop::Lasted { from: at("10:06:00"), to: at("10:06:50"), failed: 50 };
    assert_eq!(impact.full_stop, lasted);
}

#[test]
fn where_no_steps_were_counted_the_alerts_tell_all_failures_together() {
    let impact = twice().postmortem().impact;
    assert_eq!((impact.failed, impact.counted), (Some(Share { bad: 90, total: 90 }), Counted::Alerts));
}

#[test]
fn a_step_that_covers_both_failures_is_counted_once() {
    let mut record = twice();
    record.measured("10:00:00", 3_600, &[(90, 3_600)]);

    let impact = record.postmortem().impact;

    assert_eq!(impact.breaks, []);
    assert_eq!(impact.failed.map(|failed| failed.bad), Some(90));
}

#[test]
fn while_another_alert_fails_there_is_no_break_even_where_it_was_seen_later() {
    let mut record = twice();
    record.alert("10:09:00", AlertKind::ServerError, "10:00:30");
    counted(&mut record);

    assert_eq!(record.postmortem().impact.breaks, []);
}

#[test]
fn what_failed_again_and_goes_on_is_the_last_stretch() {
    let mut record = twice();
    record.events.pop();

    let impact = record.postmortem().impact;

    assert_eq!(
        impact.stretches().last().map(|span| (span.from, span.to)),
        Some((Some(at("10:06:00")), None))
    );
    assert_eq!(impact.lasted(), None);
}

#[test]
fn what_an_alert_tells_that_grew_into_an_incident_has_a_beginning_and_an_end() {
    let mut record = Record::declared("10:02:03");
    record.milestone("10:00:00", Milestone::Started);
    let evidence = AlertEvidence { since: Some(at("10:00:00")), ..AlertEvidence::default() };
    record.add(
        "10:02:03",
        None,
        Kind::AlertGrew { alert: key(), severity: Severity::Sev2, evidence, moved: false },
    );
    record.measured("10:00:00", 60, &[(5, 10), (5, 10), (10, 10), (0, 10), (0, 10)]);
    record.add("10:10:00", None, recovered("10:03:00", (20, 30)));

    let impact = record.postmortem().impact;

    assert_eq!((impact.from, impact.to), (Some(at("10:00:00")), Some(at("10:03:00"))));
    assert_eq!(impact.failed, Some(Share { bad: 20, total: 30 }));
}

#[test]
fn an_alert_that_grows_again_has_failed_all_the_while() {
    let mut record = twice();
    let evidence = AlertEvidence { since: Some(at("10:06:00")), ..AlertEvidence::default() };
    record.add(
        "10:06:20",
        None,
        Kind::AlertGrew { alert: key(), severity: Severity::Sev1, evidence, moved: false },
    );
    counted(&mut record);
    assert_eq!(record.postmortem().impact.breaks, [Break { from: at("10:00:40"), to: at("10:06:00") }]);
}

#[test]
fn an_alert_that_had_recovered_before_its_incident_was_merged_has_its_end() {
    let mut record = twice();
    let alert = AlertKey::new("server_error/blog-web");
    let elsewhere = |record: &mut Record, clock: &str, kind: Kind| {
        record.add(clock, None, kind);
        record.events.iter_mut().rev().take(1).for_each(|event| event.incident = None);
    };
    let raised = Kind::AlertRaised {
        alert: alert.clone(),
        what: AlertKind::ServerError,
        service: ServiceName::new("blog-web"),
        severity: Severity::Sev3,
        evidence: AlertEvidence { since: Some(at("10:06:30")), ..AlertEvidence::default() },
    };
    elsewhere(&mut record, "10:06:33", raised);
    let none = Share::default();
    let good_since = at("10:07:30");
    let recovered =
        Kind::AlertRecovered { alert: alert.clone(), good_since, now: none, peak: none, whole: none };
    elsewhere(&mut record, "10:12:30", recovered);
    record.add("10:20:00", Some("Mei"), Kind::AlertJoined { alert });
    assert_eq!(record.postmortem().impact.to, Some(good_since));
}
