//! Runs a detector over labelled traffic and compares what it finds with what is true.

use std::collections::BTreeSet;

use lifeboat::detect::{Finding, Found, Limits, Watch};
use lifeboat::source::request::Millis;
use lifeboat_storage::event::AlertKind;

use super::make::{Made, Traffic};

/// A finding may tell of an outage that ended so long ago: its lines still weigh.
const ECHO_MS: Millis = 60_000;

/// How well one traffic was judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Alerts where no outage was, as text.
    pub false_alarms: Vec<String>,
    /// Minutes that had to be found.
    pub to_find: u64,
    /// Those of them that were not.
    pub missed: u64,
    /// Minutes of an outage below the line.
    pub below: u64,
    /// Those of them that were not found.
    pub below_missed: u64,
    /// From the first failed request of the outage to the alert, in milliseconds of the true clock.
    pub to_detect_ms: Option<Millis>,
    /// Alerts opened (not returned).
    pub opened: u64,
}

/// From when until when an alert of `bad_gateway` was open, by service and the true clock.
type Open = (u8, Millis, Millis);

/// Judges the traffic line by line, with the passing of time told in between as the live program does.
#[must_use]
pub fn score(traffic: &Traffic) -> Score {
    let mut run = Run { open: Vec::new(), score: Score::default(), traffic };
    let mut watch = Watch::new(Limits::default());
    let (mut out, mut line, mut ticked) = (Vec::new(), String::new(), 0);
    for made in &traffic.requests {
        // The live program ticks while nothing comes; one tick stands for the many of a long pause.
        if made.arrived - ticked > 20_000 {
            watch.advance(made.arrived - 1000, &mut out);
            run.take(&mut out, made.arrived - 1000);
        }
        ticked = made.arrived;
        made.show(&mut line, |request| watch.observe("unnamed", request, made.arrived, &mut out));
        run.take(&mut out, made.arrived);
    }
    watch.finish(&mut out);
    run.take(&mut out, ticked);
    run.count();
    run.score
}

struct Run<'a> {
    open: Vec<Open>,
    score: Score,
    traffic: &'a Traffic,
}

impl Run<'_> {
    fn take(&mut self, out: &mut Vec<Finding>, now: Millis) {
        for finding in out.drain(..) {
            let service = u8::from(finding.service.as_str() == "blog");
            match &finding.what {
                Found::Opened { .. } => self.opens(service, now, &finding),
                Found::Returned { .. } => self.opens(service, now, &finding),
                Found::Grew { .. } | Found::Moved { .. } => {}
                Found::Recovered { .. } => {
                    if let Some(last) = self.open.iter_mut().rfind(|open| open.0 == service) {
                        last.2 = now;
                    }
                }
            }
        }
    }

    fn opens(&mut self, service: u8, now: Millis, finding: &Finding) {
        let right = finding.kind == AlertKind::BadGateway
            && self
                .traffic
                .outage
                .is_some_and(|o| o.service == service && (o.from..=o.until + ECHO_MS).contains(&now));
        if !right {
            self.score.false_alarms.push(format!("{}: {finding:?}", self.traffic.name));
        }
        self.score.opened += u64::from(matches!(finding.what, Found::Opened { .. }));
        self.open.push((service, now, Millis::MAX));
    }

    fn count(&mut self) {
        let found: BTreeSet<_> =
            self.traffic.minutes.keys().filter(|key| self.is_found(**key)).copied().collect();
        for minute in self.traffic.minutes_to_find() {
            self.score.to_find += 1;
            self.score.missed += u64::from(!found.contains(&minute));
        }
        for minute in self.traffic.minutes_below_the_line() {
            self.score.below += 1;
            self.score.below_missed += u64::from(!found.contains(&minute));
        }
        let first = self.first_failure();
        let opened = self.open.first().map(|open| open.1);
        self.score.to_detect_ms = first.zip(opened).map(|(first, opened)| opened - first);
    }

    /// A minute is found when an alert was open at some moment of it.
    fn is_found(&self, (service, minute): (u8, i64)) -> bool {
        let (from, until) = (minute * 60_000, (minute + 1) * 60_000);
        self.open.iter().any(|open| open.0 == service && open.1 < until && open.2 > from)
    }

    fn first_failure(&self) -> Option<Millis> {
        let outage = self.traffic.outage?;
        let fails = |made: &&Made| {
            made.status == 502 && made.service == outage.service && made.arrived >= outage.from
        };
        self.traffic.requests.iter().find(fails).map(|made| made.arrived)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Background, Trouble, World, make};
    use super::*;

    /// `LIFEBOAT_SEEDS` plays more seeds; the binary `labelled_traffic` plays 200 and prints the table.
    #[test]
    fn labelled_traffic_gives_no_false_alarm_and_every_plain_minute_is_found() {
        let seeds = std::env::var("LIFEBOAT_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(4);
        let worlds = World::ALL.into_iter().filter(|world| seeds > 4 || *world != World::DailyWave);
        let to_find: u64 = std::thread::scope(|scope| {
            let each: Vec<_> = worlds.map(|world| scope.spawn(move || plain_minutes(world, seeds))).collect();
            each.into_iter().map(|one| one.join().expect("all of that world is scored")).sum()
        });
        assert!(to_find > 100, "{to_find}");
    }

    /// The minutes to be found in so many worlds of a kind; none is missed and nothing else is found.
    fn plain_minutes(world: World, seeds: u64) -> u64 {
        let all = (0..seeds).flat_map(|seed| Background::ALL.map(|background| (seed, background)));
        all.map(|(seed, background)| {
            let trouble = Trouble::ALL[usize::try_from(seed % 4).expect("one of four")];
            let traffic = make(world, background, trouble, seed);
            let score = score(&traffic);
            assert_eq!(score.false_alarms, Vec::<String>::new(), "{}", traffic.name);
            assert_eq!(score.missed, 0, "{}", traffic.name);
            assert_eq!(score.opened, u64::from(trouble != Trouble::None), "{}", traffic.name);
            score.to_find
        })
        .sum()
    }
}
