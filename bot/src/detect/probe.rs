//! The outside view: when is a probed service down, and when is it up again?

use lifeboat_storage::event::{AlertEvidence, AlertKind, ProbeFailure, Severity, Share};
use lifeboat_storage::id::ServiceName;
use serde::{Deserialize, Serialize};

use super::{Finding, Found, time};
use crate::source::request::Millis;

const LOOKED_AT: usize = 5;
const DOWN_FROM: usize = 3;
const RETURNED_WITHIN_MS: Millis = 1_800_000;

/// The last five answers of one probe: down when three of them failed, up again when all five are good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeWatch {
    service: ServiceName,
    /// The oldest first; none where it was good.
    last: Vec<(Millis, Option<ProbeFailure>)>,
    down: Option<Down>,
    ended_at: Option<Millis>,
    times: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Down {
    whole: Share,
    /// Whether it would go down now is counted from a moment on.
    #[serde(default)]
    afresh: bool,
}

impl ProbeWatch {
    /// Of a service that has not been probed yet.
    #[must_use]
    pub fn new(service: ServiceName) -> Self {
        Self { service, last: Vec::new(), down: None, ended_at: None, times: 0 }
    }

    /// A person has said that it is up: answers are counted from here on, and when they say that it is down, it
    /// has returned.
    pub fn count_afresh(&mut self) {
        if let Some(down) = &mut self.down {
            down.afresh = true;
            self.last.clear();
        }
    }

    /// The service it looks at.
    #[must_use]
    pub fn service(&self) -> &ServiceName {
        &self.service
    }

    /// Takes one answer, the newest; `failure` is none when it was as expected.
    pub fn observe(&mut self, at: Millis, failure: Option<ProbeFailure>, out: &mut Vec<Finding>) {
        if self.last.len() == LOOKED_AT {
            self.last.remove(0);
        }
        if let Some(down) = &mut self.down {
            down.whole.total += 1;
            down.whole.bad += u64::from(failure.is_some());
        }
        self.last.push((at, failure));
        let bad = self.last.iter().filter(|(_, failure)| failure.is_some()).count();
        let what = match self.down.take() {
            None if bad >= DOWN_FROM => self.go_down(at),
            Some(down) if down.afresh && bad >= DOWN_FROM => self.fail_again(down),
            Some(down) if bad == 0 && self.last.len() == LOOKED_AT => self.come_up(at, &down),
            unchanged => {
                self.down = unchanged;
                return;
            }
        };
        let service = self.service.clone();
        out.push(Finding { service, source: None, kind: AlertKind::ProbeDown, at, what });
    }

    fn go_down(&mut self, at: Millis) -> Found {
        let evidence = self.evidence();
        self.down = Some(Down { whole: evidence.now, afresh: false });
        let again = self.ended_at.is_some_and(|ended| at.saturating_sub(ended) < RETURNED_WITHIN_MS);
        self.times = if again { self.times + 1 } else { 0 };
        let severity = Severity::Sev1;
        if again {
            Found::Returned { severity, evidence, times: self.times }
        } else {
            Found::Opened { severity, evidence }
        }
    }

    fn fail_again(&mut self, down: Down) -> Found {
        self.down = Some(Down { afresh: false, ..down });
        self.times += 1;
        Found::Returned { severity: Severity::Sev1, evidence: self.evidence(), times: self.times }
    }

    fn come_up(&mut self, at: Millis, down: &Down) -> Found {
        self.ended_at = Some(at);
        let good_since = self.last[0].0;
        let now = Share { bad: 0, total: LOOKED_AT as u64 };
        let peak = Share { bad: down.whole.bad.min(LOOKED_AT as u64), total: LOOKED_AT as u64 };
        Found::Recovered { good_since, now, peak, whole: down.whole }
    }

    fn evidence(&self) -> AlertEvidence {
        let bad = || self.last.iter().filter(|(_, failure)| failure.is_some());
        let first = bad().next().map_or(0, |(at, _)| *at);
        let span_ms = self.last.last().map_or(0, |(at, _)| at.saturating_sub(self.last[0].0));
        AlertEvidence {
            since: time(first),
            now: Share { bad: bad().count() as u64, total: self.last.len() as u64 },
            window_s: u32::try_from(span_ms / 1000).unwrap_or(0).max(1),
            probe: bad().next_back().and_then(|(_, failure)| failure.clone()),
            ..AlertEvidence::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.` is good, `x` failed, one each 5 seconds; yields a letter for each finding at its place.
    #[track_caller]
    fn check(answers: &str, expected: &str) {
        let mut watch = ProbeWatch::new(ServiceName::new("shop"));
        let (mut out, mut seen) = (Vec::new(), String::new());
        for (i, answer) in (0..).zip(answers.chars()) {
            let failure = (answer == 'x').then_some(ProbeFailure::Refused);
            watch = serde_json::from_str(&serde_json::to_string(&watch).unwrap()).unwrap();
            watch.observe(i * 5000, failure, &mut out);
            seen.push(match out.pop().map(|finding| finding.what) {
                None => '-',
                Some(Found::Opened { .. }) => 'O',
                Some(Found::Returned { .. }) => 'R',
                Some(Found::Recovered { .. }) => 'G',
                Some(Found::Grew { .. } | Found::Moved { .. }) => 'W',
            });
        }
        assert_eq!(seen, expected, "{answers}");
    }

    #[test]
    fn three_of_five_failed_is_down_and_five_of_five_good_is_up_again() {
        check("", "");
        check("xx", "--");
        check("xxx", "--O");
        check("x.x.x", "----O");
        check("xx...x...xx", "-----------");
        check("xxx....x.....", "--O---------G");
        check("xxx.....xxx", "--O----G--R");
    }

    #[test]
    fn three_failures_after_a_word_that_it_is_up_are_a_return_and_none_is_a_recovery() {
        let mut watch = ProbeWatch::new(ServiceName::new("shop"));
        let mut out = Vec::new();
        let mut answer = |at, failure: Option<ProbeFailure>, word: bool| {
            if word {
                watch.count_afresh();
            }
            watch.observe(at, failure, &mut out);
            out.pop().map(|finding| finding.what)
        };
        let mut at = 0;
        let mut three = |word: bool| {
            let told: Vec<Option<Found>> = (0..3)
                .map(|i| {
                    at += 5000;
                    answer(at, Some(ProbeFailure::Refused), word && i == 0)
                })
                .collect();
            matches!(&told[..], [None, None, Some(Found::Opened { .. } | Found::Returned { .. })])
        };
        assert!(three(false), "it goes down");
        assert!(!three(false), "it is down already");
        assert!(three(true), "it fails again");
        assert!(!three(false), "told once");
    }

    #[test]
    fn the_evidence_names_the_first_failure_and_the_newest_reason() {
        let mut watch = ProbeWatch::new(ServiceName::new("shop"));
        let mut out = Vec::new();
        watch.observe(0, None, &mut out);
        watch.observe(5000, Some(ProbeFailure::Refused), &mut out);
        watch.observe(10_000, Some(ProbeFailure::Refused), &mut out);
        watch.observe(15_000, Some(ProbeFailure::TextMissing), &mut out);
        let Found::Opened { severity, evidence } = &out[0].what else { panic!("{out:?}") };
        assert_eq!(*severity, Severity::Sev1);
        assert_eq!(evidence.since, time(5000));
        assert_eq!(evidence.now, Share { bad: 3, total: 4 });
        assert_eq!(evidence.probe, Some(ProbeFailure::TextMissing));
    }
}
