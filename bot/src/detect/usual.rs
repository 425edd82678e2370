//! What good requests look like: a few of them, beside which the failed ones are seen.
//!
//! That all failures are of one network says nothing where all requests are, as behind a balancer.

use std::collections::VecDeque;

use lifeboat_storage::event::{Counted, Usual};
use serde::{Deserialize, Serialize};

use super::clients::print_of;
use super::mask;
use crate::source::request::{Millis, Request};

/// So many are kept, the newest.
const KEPT: usize = 32;
/// One is taken at most so often: masking is dear. A health check every 5, 10 or 30 seconds keeps another beat.
const EVERY_MS: Millis = 7_000;

/// The newest good requests taken, by the prints of their masked names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sample {
    kept: VecDeque<Prints>,
    taken_at: Millis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Prints {
    path: u64,
    client: u64,
}

impl Sample {
    /// Takes a good request, the first of its second, unless one was taken shortly before.
    #[cold]
    pub(super) fn take(&mut self, request: &Request<'_>, second: Millis) {
        if second - self.taken_at < EVERY_MS {
            return;
        }
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        let [path, client] = [mask::path(request.target), mask::client(request.client)];
        self.kept.push_back(Prints { path: print_of_name(&path), client: print_of_name(&client) });
        self.taken_at = second;
    }

    /// How many of them were like most of the failed ones.
    pub(super) fn beside(&self, paths: &[Counted], clients: &[Counted]) -> Usual {
        let print = |list: &[Counted]| list.first().map(|most| print_of_name(&most.name));
        let (path, client) = (print(paths), print(clients));
        let count =
            |like: &dyn Fn(&Prints) -> bool| self.kept.iter().filter(|prints| like(prints)).count() as u64;
        Usual {
            good: self.kept.len() as u64,
            path: count(&|prints| path == Some(prints.path)),
            client: count(&|prints| client == Some(prints.client)),
        }
    }
}

/// A path is the same with a query and without.
fn print_of_name(masked: &str) -> u64 {
    print_of(masked.strip_suffix("?…").unwrap_or(masked).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Finding, Found, Limits, Watch};

    #[test]
    fn one_good_request_in_seven_seconds_is_kept_and_compared_by_its_masked_names() {
        let mut sample = Sample::default();
        for second in 1..=7 * 40 {
            let query = if second % 3 == 0 { "?a=b" } else { "" };
            let target = format!("/order/{}{query}", 100_000 + second);
            let client = format!("192.0.{}.{}", second % 2, second % 99);
            let request =
                Request { target: target.as_bytes(), client: client.as_bytes(), ..Request::default() };
            sample.take(&request, second * 1000);
        }
        let named = |name: &str| vec![Counted { name: name.to_owned(), count: 9 }];
        let [order, even] = [named("/order/{number}?…"), named("192.0.0.0/24")];
        assert_eq!(sample.beside(&order, &even), Usual { good: 32, path: 32, client: 16 });
        assert_eq!(sample.beside(&named("/cart"), &[]), Usual { good: 32, path: 0, client: 0 });
    }

    /// Path and client of a line, by its number and whether it fails.
    type Made = fn(i64, bool) -> (&'static str, String);

    fn behind_a_balancer(_: i64, _: bool) -> (&'static str, String) {
        ("/", "10.0.0.1".to_owned())
    }

    fn one_bad_network(i: i64, fails: bool) -> (&'static str, String) {
        if fails { ("/pay", format!("192.0.2.{}", i % 40)) } else { ("/", format!("203.0.{}.7", i % 200)) }
    }

    /// Twenty lines a second; of those from `bad` on, every other fails.
    fn see(watch: &mut Watch, lines: std::ops::Range<i64>, bad: i64, made: Made) -> Vec<Finding> {
        let mut out = Vec::new();
        for i in lines {
            let fails = i >= bad && i % 2 == 0;
            let (target, client) = made(i, fails);
            let request = Request {
                at: Some(i * 50),
                status: if fails { 502 } else { 200 },
                target: target.as_bytes(),
                client: client.as_bytes(),
                ..Request::default()
            };
            watch.observe("shop", &request, i * 50, &mut out);
        }
        out
    }

    #[track_caller]
    fn check(name: &str, findings: &[Finding], expected: Usual) {
        let Some(Finding { what: Found::Opened { evidence, .. }, .. }) = findings.first() else {
            panic!("{name}: {findings:?}")
        };
        assert_eq!(evidence.usual, Some(expected), "{name}: {evidence:?}");
    }

    #[test]
    fn evidence_tells_how_many_good_requests_were_like_most_of_the_failed_ones() {
        let usual = |good, path, client| Usual { good, path, client };
        let rows: [(&str, i64, Made, Usual); 3] = [
            ("a balancer in front", 12_000, behind_a_balancer, usual(32, 32, 32)),
            ("one bad network among many", 12_000, one_bad_network, usual(32, 0, 0)),
            ("failing from the very first line", 0, one_bad_network, usual(0, 0, 0)),
        ];
        for (name, bad, made, expected) in rows {
            let mut watch = Watch::new(Limits::default());
            check(name, &see(&mut watch, 0..bad + 40, bad, made), expected);
        }
    }

    #[test]
    fn what_a_lifeboat_wrote_that_took_no_good_requests_is_read_and_goes_on() {
        let mut watch = Watch::new(Limits::default());
        see(&mut watch, 0..12_000, 24_000, one_bad_network);
        let mut written = serde_json::to_value(&watch).unwrap();
        written["services"][0].as_object_mut().unwrap().remove("usual").unwrap();
        let mut watch: Watch = serde_json::from_value(written).unwrap();
        let findings = see(&mut watch, 12_000..24_040, 24_000, one_bad_network);
        check("read", &findings, Usual { good: 32, path: 0, client: 0 });
    }
}
