//! An outage that goes on elsewhere: of what failed lately, is the upstream still the one that was told of?

use serde::{Deserialize, Serialize};

use super::evidence::{Failure, Gathered};
use super::ladder::Mark;
use crate::source::request::Millis;

/// The shortest span that is looked at; each time something was told, the next is twice as long.
const SPAN_MS: Millis = 30_000;
/// Of fewer failures nothing is said.
const ENOUGH: u64 = 20;

/// The newest failures of an open alert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lately {
    /// The upstream that was told of as the one that fails, if it was one.
    told: Option<String>,
    /// Where the span at hand began; `bad` counts the failures of the alert before it.
    start: Option<Mark>,
    /// What failed in it.
    gathered: Gathered,
    /// How often something was told.
    times: u32,
}

impl Lately {
    /// Of an alert that was told with these names.
    pub(super) fn told(gathered: &Gathered) -> Self {
        Self { told: gathered.culprit(), ..Self::default() }
    }

    /// Takes a failed line; yields where the span began and what failed in it, once that is another upstream than was
    /// told of, or no single one any more.
    pub(super) fn take(&mut self, failure: &Failure<'_>, here: Mark) -> Option<(Mark, Gathered)> {
        let start = *self.start.get_or_insert(here);
        self.gathered.take(failure);
        let span_ms = SPAN_MS << self.times.min(10);
        if here.at - start.at < span_ms || self.gathered.lines() < ENOUGH {
            return None;
        }
        self.start = None;
        let gathered = std::mem::take(&mut self.gathered);
        let culprit = gathered.culprit();
        if culprit == self.told {
            return None;
        }
        self.told = culprit;
        self.times += 1;
        Some((start, gathered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::request::Request;

    /// A second of failures, ten of them, of these upstreams in turn.
    fn second(lately: &mut Lately, second: i64, upstreams: &[&str]) -> Vec<Vec<String>> {
        let mut told = Vec::new();
        for i in 0..10 {
            let upstream = upstreams.get(i % upstreams.len().max(1)).map(|name| name.as_bytes());
            let request = Request { upstream, ..Request::default() };
            let here = Mark { at: second * 1_000, ..Mark::default() };
            let moved = lately.take(&Failure::of(&request), here);
            told.extend(
                moved.map(|(_, gathered)| gathered.upstreams().into_iter().map(|one| one.name).collect()),
            );
        }
        told
    }

    fn of(upstream: &str) -> Lately {
        let mut gathered = Gathered::default();
        let request = Request { upstream: Some(upstream.as_bytes()), ..Request::default() };
        (0..5).for_each(|_| gathered.take(&Failure::of(&request)));
        Lately::told(&gathered)
    }

    #[test]
    fn another_upstream_than_was_told_of_is_told_once() {
        let mut lately = of("a:80");
        let told = |lately: &mut Lately, from: i64, until: i64, upstreams: &[&str]| -> Vec<Vec<String>> {
            (from..until).flat_map(|at| second(lately, at, upstreams)).collect()
        };
        assert_eq!(told(&mut lately, 0, 100, &["a:80"]), [[""; 0]; 0], "as it was told");
        assert_eq!(told(&mut lately, 100, 200, &["b:80"]).last(), Some(&vec!["b:80".to_owned()]));
        assert_eq!(told(&mut lately, 200, 500, &["b:80"]), [[""; 0]; 0], "once");
        let both = told(&mut lately, 500, 900, &["b:80", "c:80"]);
        assert_eq!(both.len(), 1, "no single one any more: {both:?}");
    }

    #[test]
    fn what_changes_all_the_time_is_told_ever_more_seldom() {
        let mut lately = of("a:80");
        let swaps = |at: i64| if at / 45 % 2 == 0 { "a:80" } else { "b:80" };
        let told = (0..3_600).flat_map(|at| second(&mut lately, at, &[swaps(at)])).count();
        assert!((1..=8).contains(&told), "{told} in an hour");
    }

    #[test]
    fn a_log_that_names_no_upstream_tells_of_none() {
        let mut lately = Lately::told(&Gathered::default());
        let told = (0..300).flat_map(|at| second(&mut lately, at, &[])).count();
        assert_eq!(told, 0);
    }
}
