//! Draws the requests of one world and writes down, beside them, what is true.

use std::collections::BTreeMap;

use lifeboat::source::request::{Millis, Request};

use super::seeded::Seeded;
use super::world::{Background, Shape, Trouble, World};

/// One request of the traffic, some bytes long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// When it ended by the log's own clock, which may be wrong.
    pub at: Millis,
    /// When it really ended: the order of the requests.
    pub arrived: Millis,
    /// What the client got.
    pub status: u16,
    /// The client's address.
    pub client: [u8; 4],
    /// Which page.
    pub target: u16,
    /// Which upstream answered.
    pub upstream: u8,
    /// Which service: 0 or 1.
    pub service: u8,
}

impl Made {
    /// The name of its service.
    #[must_use]
    pub fn service_name(&self) -> &'static str {
        ["shop", "blog"][usize::from(self.service)]
    }

    /// Shows it as a source would; `line` is room to write in.
    pub fn show<R>(&self, line: &mut String, see: impl FnOnce(&Request<'_>) -> R) -> R {
        use std::fmt::Write as _;
        line.clear();
        let [a, b, c, d] = self.client;
        let _ = write!(line, "{a}.{b}.{c}.{d}");
        let client = line.len();
        let _ = write!(line, " /page/{}?visit={}", self.target, self.arrived);
        let target = line.len();
        let _ = write!(line, " 10.1.0.{}:8080", self.upstream);
        let upstream = line.len();
        let _ = write!(line, " {}", self.status);
        let bytes = line.as_bytes();
        see(&Request {
            at: Some(self.at),
            status: self.status,
            service: Some(self.service_name().as_bytes()),
            client: &bytes[..client],
            target: &bytes[client + 1..target],
            upstream: Some(&bytes[target + 1..upstream]),
            duration_ms: Some(20),
            line: bytes,
        })
    }
}

/// A label: here, and only here, an alert of this service is right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outage {
    /// Which service fails.
    pub service: u8,
    /// When it begins, by the true clock.
    pub from: Millis,
    /// When it is over.
    pub until: Millis,
    /// The share that fails at its worst.
    pub share: f64,
}

/// What is true of one minute of one service, by the true clock; the client that retries is not counted as failing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Minute {
    /// 502 given to clients.
    pub bad: u64,
    /// All requests.
    pub total: u64,
}

/// Requests in order of arrival, and the truth about them.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// What it was drawn from, to be printed when a test fails.
    pub name: String,
    /// In order of arrival.
    pub requests: Vec<Made>,
    /// At most one, of service 0.
    pub outage: Option<Outage>,
    /// By service and minute since 1970.
    pub minutes: BTreeMap<(u8, i64), Minute>,
    /// What fails every day.
    pub background: Background,
}

impl Traffic {
    /// Minutes touched by the outage that must be found, by service and minute since 1970.
    pub fn minutes_to_find(&self) -> impl Iterator<Item = (u8, i64)> + '_ {
        self.outage_minutes().filter(|(_, minute)| self.is_plain(**minute)).map(|(key, _)| *key)
    }

    /// Minutes touched by the outage that have a failure but lie below the line.
    pub fn minutes_below_the_line(&self) -> impl Iterator<Item = (u8, i64)> + '_ {
        let below = |minute: &Minute| minute.bad > 0 && !self.is_plain(*minute);
        self.outage_minutes().filter(move |(_, minute)| below(minute)).map(|(key, _)| *key)
    }

    fn outage_minutes(&self) -> impl Iterator<Item = (&(u8, i64), &Minute)> {
        let span = self.outage.map(|o| (o.service, o.from.div_euclid(60_000), o.until.div_euclid(60_000)));
        let inside = move |key: &(u8, i64)| {
            span.is_some_and(|(s, from, to)| key.0 == s && (from..=to).contains(&key.1))
        };
        self.minutes.iter().filter(move |(key, _)| inside(key))
    }

    #[expect(clippy::cast_precision_loss, reason = "requests of one minute")]
    fn is_plain(&self, minute: Minute) -> bool {
        let (bad, share) = self.background.must_find();
        minute.bad >= bad && minute.bad as f64 >= share * minute.total as f64
    }
}

/// Draws the traffic: the same arguments give the same bytes.
#[must_use]
pub fn make(world: World, background: Background, trouble: Trouble, seed: u64) -> Traffic {
    let purpose = 1 + world as u64 * 64 + background as u64 * 8 + trouble as u64;
    let mut chance = Seeded::new(seed, purpose);
    let shape = Shape::draw(world, &mut chance);
    let outage = draw_outage(world, trouble, &shape, &mut chance);
    let mut maker = Maker { world, background, trouble, shape, outage, chance };
    let requests = maker.requests();
    let minutes = count(&requests);
    let name = format!("{world:?} {background:?} {trouble:?} seed {seed}");
    Traffic { name, requests, outage, minutes, background }
}

fn count(requests: &[Made]) -> BTreeMap<(u8, i64), Minute> {
    let mut minutes = BTreeMap::<_, Minute>::new();
    for made in requests {
        let minute = minutes.entry((made.service, made.arrived.div_euclid(60_000))).or_default();
        minute.total += 1;
        minute.bad += u64::from(made.status == 502 && made.client != RETRIER);
    }
    minutes
}

/// Outages begin late enough for a detector to have seen ordinary traffic, and some end before the log does.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds of a day")]
fn draw_outage(world: World, trouble: Trouble, shape: &Shape, chance: &mut Seeded) -> Option<Outage> {
    let slow = matches!(world, World::Quiet | World::DailyWave);
    let unit = if slow { 3600.0 } else { 240.0 };
    let from = shape.length_s * chance.between(0.3, 0.6);
    let (long, share) = match trouble {
        Trouble::None => return None,
        Trouble::Sudden => (unit * chance.between(0.3, 2.5), chance.between(0.5, 1.0)),
        Trouble::Climb => (unit * chance.between(2.0, 4.0), chance.between(0.3, 0.9)),
        Trouble::Partial => (unit * chance.between(1.0, 3.0), chance.between(0.03, 0.35)),
    };
    let ms = |s: f64| shape.starts_at_ms + (s * 1000.0) as i64;
    Some(Outage { service: 0, from: ms(from), until: ms(from + long), share })
}

const RETRIER: [u8; 4] = [198, 51, 100, 77];
const BALANCER: [u8; 4] = [10, 0, 0, 2];

struct Maker {
    world: World,
    background: Background,
    trouble: Trouble,
    shape: Shape,
    outage: Option<Outage>,
    chance: Seeded,
}

impl Maker {
    fn requests(&mut self) -> Vec<Made> {
        let mut visits = self.times(0.0, self.shape.length_s, None);
        if self.shape.retries > 0.0 {
            let (from, until) = self.shape.retrying;
            visits.extend(self.times(from, until.min(self.shape.length_s), Some(self.shape.retries)));
            visits.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        visits.into_iter().map(|(s, retry)| self.request(s, retry)).collect()
    }

    /// Moments in seconds, and whether it is the client that retries.
    fn times(&mut self, from: f64, until: f64, retries: Option<f64>) -> Vec<(f64, bool)> {
        let mut times = Vec::new();
        let mut s = from;
        loop {
            let rate = retries.unwrap_or_else(|| self.shape.rate_at(self.world, s));
            s += self.chance.gap_ms(rate) / 1000.0;
            if s >= until {
                return times;
            }
            times.push((s, retries.is_some()));
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a day")]
    fn request(&mut self, s: f64, retry: bool) -> Made {
        let arrived = self.shape.starts_at_ms + (s * 1000.0) as i64;
        let second = !retry && self.chance.chance(self.shape.second_service_share);
        let upstream = 1 + self.chance.below(5) as u8;
        let fails = retry || self.chance.chance(self.failing(arrived, second));
        // Most logs tell whole seconds only.
        let at = (arrived + self.shape.clock_off_ms(s)).div_euclid(1000) * 1000;
        Made {
            at,
            arrived,
            status: if fails { 502 } else { self.good_status() },
            client: if retry { RETRIER } else { self.client() },
            target: if retry { 999 } else { self.chance.below(200) as u16 },
            upstream,
            service: u8::from(second),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a day")]
    fn failing(&self, at: Millis, second_service: bool) -> f64 {
        let usual = self.background.share();
        match self.outage {
            Some(o) if !second_service && (o.from..o.until).contains(&at) => {
                let passed = (at - o.from) as f64 / (o.until - o.from) as f64;
                let slope = if self.trouble == Trouble::Climb { passed } else { 1.0 };
                (o.share * slope).max(usual)
            }
            _ => usual,
        }
    }

    fn good_status(&mut self) -> u16 {
        const OFTEN: [u16; 16] =
            [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 304, 304, 302, 404, 404, 499];
        OFTEN[usize::try_from(self.chance.below(16)).unwrap_or(0)]
    }

    /// Some clients come often, most seldom.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "small"
    )]
    fn client(&mut self) -> [u8; 4] {
        if self.chance.chance(self.shape.balancer_share) {
            return BALANCER;
        }
        let rank = (self.chance.unit().powi(2) * self.shape.clients as f64) as u32;
        [203, (rank >> 16) as u8, (rank >> 8) as u8, rank as u8]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_traffic_and_another_seed_another() {
        let draw = |seed| make(World::Bursty, Background::OneInHundred, Trouble::Sudden, seed).requests;
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }

    #[test]
    fn every_world_has_traffic_in_order_and_the_background_it_says() {
        for world in World::ALL {
            let traffic = make(world, Background::OneInHundred, Trouble::None, 5);
            assert!(traffic.requests.len() > 500, "{}: {}", traffic.name, traffic.requests.len());
            assert!(traffic.requests.is_sorted_by_key(|made| made.arrived), "{}", traffic.name);
            let bad: u64 = traffic.minutes.values().map(|minute| minute.bad).sum();
            let share = bad as f64 / traffic.requests.len() as f64;
            assert!((0.002..0.025).contains(&share), "{}: {share}", traffic.name);
            assert_eq!(traffic.minutes_to_find().count(), 0, "{}", traffic.name);
        }
    }

    #[test]
    fn a_sudden_outage_of_a_busy_service_has_minutes_that_must_be_found_and_all_lie_inside_it() {
        let traffic = make(World::Busy, Background::OneInThousand, Trouble::Sudden, 1);
        let outage = traffic.outage.unwrap();
        let minutes: Vec<_> = traffic.minutes_to_find().collect();
        assert!(!minutes.is_empty());
        for (service, minute) in minutes {
            assert_eq!(service, outage.service);
            assert!((outage.from / 60_000..=outage.until / 60_000).contains(&minute));
        }
    }

    #[test]
    fn clock_steps_make_the_log_disagree_with_the_true_clock_and_nothing_else_does() {
        let off = |world, seed| {
            let traffic = make(world, Background::OneInThousand, Trouble::None, seed);
            traffic.requests.iter().filter(|made| (made.at - made.arrived).abs() > 1000).count()
        };
        assert!((0..8).any(|seed| off(World::ClockSteps, seed) > 0));
        assert_eq!(off(World::Midnight, 1), 0);
    }

    #[test]
    fn the_client_that_retries_is_not_the_majority_and_is_no_truth() {
        let traffic = make(World::SingleClientRetry, Background::OneInThousand, Trouble::None, 2);
        let retries = traffic.requests.iter().filter(|made| made.client == RETRIER).count();
        assert!(retries > 20 && retries * 2 < traffic.requests.len(), "{retries}");
        assert_eq!(traffic.minutes_to_find().count(), 0);
    }

    #[test]
    fn a_request_is_shown_with_each_field_where_it_belongs() {
        let made =
            Made { at: 5, arrived: 7, status: 502, client: [1, 2, 3, 4], target: 9, upstream: 2, service: 1 };
        made.show(&mut String::new(), |request| {
            assert_eq!(request.client, b"1.2.3.4");
            assert_eq!(request.target, b"/page/9?visit=7");
            assert_eq!(request.upstream, Some(&b"10.1.0.2:8080"[..]));
            assert_eq!(request.service, Some(&b"blog"[..]));
            assert_eq!((request.at, request.status), (Some(5), 502));
        });
    }
}
