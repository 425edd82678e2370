//! From what the detectors say to a list of incidents.

use lifeboat_storage::event::{AlertEvidence, AlertKind, Share};

use super::Judge;
use super::report::{Incident, Moment};
use crate::detect::{Finding, Found, Limits, Open, Watch};
use crate::source::request::{Millis, Request};

/// All detectors over one log, and the incidents they found so far.
#[derive(Debug)]
pub struct Detectors {
    watch: Watch,
    /// The service of lines that name none.
    service: String,
    /// The time of the last line that had one; none before the first of them.
    now: Option<Millis>,
    findings: Vec<Finding>,
    list: List,
}

impl Detectors {
    /// Detectors that have seen nothing yet.
    #[must_use]
    pub fn new(service: &str) -> Self {
        Self {
            watch: Watch::new(Limits::default()),
            service: service.to_owned(),
            now: None,
            findings: Vec::new(),
            list: List::default(),
        }
    }

    /// The lines before the first time are judged by themselves: how long before it they came, nobody knows.
    #[cold]
    fn begin_times(&mut self) {
        self.close();
        self.watch = Watch::new(Limits::default());
    }

    /// What was seen so far is all there is.
    fn close(&mut self) {
        self.watch.finish(&mut self.findings);
        self.list.take(&mut self.findings);
        self.list.close(self.watch.open());
        if self.now.is_none() {
            self.list.forget_times();
        }
    }
}

impl Judge for Detectors {
    #[inline]
    fn observe(&mut self, request: &Request<'_>) {
        if self.now.is_none() && request.at.is_some() {
            self.begin_times();
        }
        self.now = request.at.or(self.now);
        self.watch.observe(&self.service, request, self.now.unwrap_or_default(), &mut self.findings);
        if !self.findings.is_empty() {
            self.list.take(&mut self.findings);
        }
    }

    fn finish(mut self) -> Vec<Incident> {
        self.close();
        self.list.0.into_iter().map(|course| course.incident).collect()
    }
}

/// The incidents, in order of detection.
#[derive(Debug, Default)]
struct List(Vec<Course>);

/// An incident and its runs: it may recover and return.
#[derive(Debug)]
struct Course {
    kind: AlertKind,
    incident: Incident,
}

impl List {
    fn take(&mut self, findings: &mut Vec<Finding>) {
        for finding in findings.drain(..) {
            let Finding { service, kind, at, what, .. } = finding;
            match what {
                Found::Opened { evidence, .. } => {
                    self.0.push(Course::open(service.as_str(), kind, at, &evidence))
                }
                Found::Grew { evidence, .. } | Found::Moved { evidence } => {
                    self.each(service.as_str(), kind, |course| course.grow(&evidence))
                }
                Found::Returned { evidence, .. } => self.each(service.as_str(), kind, |course| {
                    course.incident.mitigated_at = None;
                    course.incident.returned += 1;
                    course.grow(&evidence);
                }),
                Found::Recovered { good_since, peak, whole, .. } => {
                    self.each(service.as_str(), kind, |course| {
                        course.incident.mitigated_at = Some(Moment(good_since));
                        course.count(whole, peak);
                    })
                }
            }
        }
    }

    /// What is still open at the end of the log has its counts too.
    fn close(&mut self, open: Vec<Open>) {
        for Open { service, kind, whole, peak, upstreams } in open {
            self.each(service.as_str(), kind, |course| {
                course.count(whole, peak);
                course.name(upstreams.iter().map(|upstream| &upstream.name));
            });
        }
    }

    /// No line told a time: what the detectors took for one is none.
    fn forget_times(&mut self) {
        for Course { incident, .. } in &mut self.0 {
            (incident.started_at, incident.detected_at, incident.mitigated_at) = (None, None, None);
        }
    }

    /// Changes the last incident of a service and kind, which is the one all later findings speak of.
    fn each(&mut self, service: &str, kind: AlertKind, change: impl FnOnce(&mut Course)) {
        let mut backwards = self.0.iter_mut().rev();
        if let Some(course) =
            backwards.find(|course| course.incident.service == service && course.kind == kind)
        {
            change(course);
        }
    }
}

impl Course {
    fn open(service: &str, kind: AlertKind, at: Millis, evidence: &AlertEvidence) -> Self {
        let incident = Incident {
            service: service.to_owned(),
            kind: kind.key(),
            started_at: evidence.since.map(|since| Moment(since.timestamp_millis())),
            detected_at: Some(Moment(at)),
            mitigated_at: None,
            peak_share: 0.0,
            bad: 0,
            total: 0,
            returned: 0,
            upstreams: Vec::new(),
        };
        let mut course = Self { kind, incident };
        course.grow(evidence);
        course
    }

    fn grow(&mut self, evidence: &AlertEvidence) {
        self.name(evidence.upstreams.iter().map(|upstream| &upstream.name));
    }

    /// Adds a run that is over, or that the log ends in.
    fn count(&mut self, whole: Share, peak: Share) {
        self.incident.bad += whole.bad;
        self.incident.total += whole.total;
        // The worst minute of an outage that was shorter holds good requests too, and is no worst.
        let worst = peak.ratio().max(whole.ratio());
        self.incident.peak_share = self.incident.peak_share.max(rounded(worst));
    }

    fn name<'a>(&mut self, upstreams: impl Iterator<Item = &'a String>) {
        for upstream in upstreams {
            if !self.incident.upstreams.contains(upstream) {
                self.incident.upstreams.push(upstream.clone());
            }
        }
    }
}

/// Four digits are enough for a share, and more would differ between machines.
fn rounded(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use lifeboat_storage::event::{Counted, Severity};
    use lifeboat_storage::id::ServiceName;

    use super::*;

    fn evidence(since: Millis, upstream: &str) -> AlertEvidence {
        AlertEvidence {
            since: DateTime::from_timestamp_millis(since),
            upstreams: vec![Counted { name: upstream.to_owned(), count: 1 }],
            ..AlertEvidence::default()
        }
    }

    fn finding(service: &str, at: Millis, what: Found) -> Finding {
        Finding { service: ServiceName::new(service), source: None, kind: AlertKind::BadGateway, at, what }
    }

    fn opened(since: Millis, upstream: &str) -> Found {
        Found::Opened { severity: Severity::Sev2, evidence: evidence(since, upstream) }
    }

    fn recovered(good_since: Millis, bad: u64, total: u64) -> Found {
        let whole = Share { bad, total };
        Found::Recovered {
            good_since,
            now: Share { bad: 0, total: 9 },
            peak: Share { bad: 9, total: 10 },
            whole,
        }
    }

    fn incident(service: &str, started_at: Millis, detected_at: Millis) -> Incident {
        Incident {
            service: service.to_owned(),
            kind: "bad_gateway",
            started_at: Some(Moment(started_at)),
            detected_at: Some(Moment(detected_at)),
            mitigated_at: None,
            peak_share: 0.9,
            bad: 0,
            total: 0,
            returned: 0,
            upstreams: Vec::new(),
        }
    }

    #[track_caller]
    fn check(mut findings: Vec<Finding>, open: Vec<Open>, expected: Vec<Incident>) {
        let mut list = List::default();
        list.take(&mut findings);
        list.close(open);
        let found: Vec<_> = list.0.into_iter().map(|course| course.incident).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_failure_that_recovers_is_an_incident_with_its_counts() {
        let findings = vec![finding("shop", 20, opened(10, "a")), finding("shop", 90, recovered(50, 30, 40))];
        let expected = Incident {
            mitigated_at: Some(Moment(50)),
            bad: 30,
            total: 40,
            upstreams: vec!["a".to_owned()],
            ..incident("shop", 10, 20)
        };
        check(findings, Vec::new(), vec![expected]);
    }

    #[test]
    fn a_failure_that_returns_is_the_same_incident_and_open_again() {
        let again = Found::Returned { severity: Severity::Sev2, evidence: evidence(60, "b"), times: 1 };
        let findings = vec![
            finding("shop", 20, opened(10, "a")),
            finding("shop", 90, recovered(50, 30, 40)),
            finding("shop", 95, again),
        ];
        let (whole, peak) = (Share { bad: 5, total: 10 }, Share { bad: 1, total: 2 });
        let upstreams = vec![Counted { name: "c".to_owned(), count: 2 }];
        let open =
            Open { service: ServiceName::new("shop"), kind: AlertKind::BadGateway, whole, peak, upstreams };
        let upstreams = ["a", "b", "c"].map(str::to_owned).to_vec();
        let expected = Incident { bad: 35, total: 50, returned: 1, upstreams, ..incident("shop", 10, 20) };
        check(findings, vec![open], vec![expected]);
    }

    #[test]
    fn an_outage_shorter_than_a_minute_is_at_worst_no_better_than_in_all() {
        let mut detectors = Detectors::new("shop");
        for i in 0..20 * 1_000 {
            let client = format!("198.51.100.{}", i % 50);
            let status = if (20 * 610..20 * 630).contains(&i) { 502 } else { 200 };
            detectors.observe(&Request {
                at: Some(i * 50),
                status,
                client: client.as_bytes(),
                ..Request::default()
            });
        }
        let [Incident { peak_share, bad, total, .. }] = detectors.finish().try_into().unwrap();
        assert_eq!((peak_share, bad, total), (1.0, 400, 400));
    }

    #[test]
    fn services_are_kept_apart_and_a_later_failure_is_another_incident() {
        let findings = vec![
            finding("shop", 20, opened(10, "a")),
            finding("blog", 21, opened(11, "z")),
            finding("shop", 90, recovered(50, 3, 4)),
            finding("shop", 9_000_000, opened(8_999_990, "a")),
            finding("blog", 9_000_001, recovered(60, 1, 2)),
        ];
        let names = |name: &str| vec![name.to_owned()];
        let over = |mitigated, bad, total, upstream, open| Incident {
            mitigated_at: Some(Moment(mitigated)),
            bad,
            total,
            upstreams: names(upstream),
            ..open
        };
        let expected = vec![
            over(50, 3, 4, "a", incident("shop", 10, 20)),
            over(60, 1, 2, "z", incident("blog", 11, 21)),
            Incident { peak_share: 0.0, upstreams: names("a"), ..incident("shop", 8_999_990, 9_000_000) },
        ];
        check(findings, Vec::new(), expected);
    }
}
