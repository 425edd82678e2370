//! The worlds: how people visit, how much fails every day, and what breaks.

use super::seeded::Seeded;

/// How people visit the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum World {
    /// 1 to 6 requests a minute, for half a day.
    Quiet,
    /// 50 to 200 requests a second.
    Busy,
    /// A calm rate with bursts of 10 to 40 times as much, for seconds.
    Bursty,
    /// A day and more: nights with a twentieth of the traffic of the day.
    DailyWave,
    /// The rate itself climbs slowly to ten times as much.
    SlowClimb,
    /// One client repeats a failing request while the others succeed.
    SingleClientRetry,
    /// A balancer in front: one address makes nearly all traffic.
    BalancerInFront,
    /// Two services in one log; only the first ever has an outage.
    TwoServices,
    /// The day changes in the middle.
    Midnight,
    /// The log's clock jumps, forward and back.
    ClockSteps,
}

impl World {
    /// Each world once.
    pub const ALL: [Self; 10] = [
        Self::Quiet,
        Self::Busy,
        Self::Bursty,
        Self::DailyWave,
        Self::SlowClimb,
        Self::SingleClientRetry,
        Self::BalancerInFront,
        Self::TwoServices,
        Self::Midnight,
        Self::ClockSteps,
    ];
}

/// The share that fails every day, and is no news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Background {
    /// 0.1 %.
    OneInThousand,
    /// 1 %.
    OneInHundred,
}

impl Background {
    /// Both.
    pub const ALL: [Self; 2] = [Self::OneInThousand, Self::OneInHundred];

    /// Between 0 and 1.
    #[must_use]
    pub fn share(self) -> f64 {
        match self {
            Self::OneInThousand => 0.001,
            Self::OneInHundred => 0.01,
        }
    }

    /// A minute with at least so many failures and such a share must be found.
    #[must_use]
    pub fn must_find(self) -> (u64, f64) {
        match self {
            Self::OneInThousand => (15, 0.05),
            Self::OneInHundred => (30, 0.10),
        }
    }
}

/// What breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Nothing: not one alert is right.
    None,
    /// From one request to the next, half to all fail.
    Sudden,
    /// The failing share climbs from nothing to 30 to 90 %.
    Climb,
    /// One upstream of several is broken: 3 to 35 % fail.
    Partial,
}

impl Trouble {
    /// Each once.
    pub const ALL: [Self; 4] = [Self::None, Self::Sudden, Self::Climb, Self::Partial];
}

/// The numbers of one world, drawn from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) starts_at_ms: i64,
    pub(crate) length_s: f64,
    pub(crate) rate: f64,
    pub(crate) clients: u64,
    pub(crate) balancer_share: f64,
    pub(crate) second_service_share: f64,
    /// Requests a second of the one client that retries.
    pub(crate) retries: f64,
    /// When it retries, in seconds.
    pub(crate) retrying: (f64, f64),
    /// Seconds at which a burst begins, how long it lasts, how many times the rate.
    pub(crate) bursts: Vec<(f64, f64, f64)>,
    /// Seconds at which the log's clock jumps, and by how many milliseconds.
    pub(crate) steps: Vec<(f64, i64)>,
}

const DAY_MS: i64 = 86_400_000;
/// 2026-03-02T00:00:00Z, a Monday.
const SOME_MIDNIGHT_MS: i64 = 1_772_409_600_000;

impl Shape {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of one day")]
    pub(crate) fn draw(world: World, chance: &mut Seeded) -> Self {
        let day = SOME_MIDNIGHT_MS + DAY_MS * i64::try_from(chance.below(300)).unwrap_or(0);
        let mut shape = Self {
            starts_at_ms: day + chance.between(6.0, 18.0 * 3600.0) as i64 * 1000,
            length_s: 2400.0,
            rate: chance.between(5.0, 25.0),
            clients: 20 + chance.below(400),
            balancer_share: 0.0,
            second_service_share: 0.0,
            retries: 0.0,
            retrying: (0.0, 0.0),
            bursts: Vec::new(),
            steps: Vec::new(),
        };
        shape.bend(world, day, chance);
        shape
    }

    fn bend(&mut self, world: World, day: i64, chance: &mut Seeded) {
        match world {
            World::Quiet => {
                (self.length_s, self.rate) = (12.0 * 3600.0, chance.between(1.0, 6.0) / 60.0);
                self.clients = 4 + chance.below(30);
            }
            World::Busy => {
                (self.length_s, self.rate) = (1500.0, chance.between(50.0, 200.0));
                self.clients = 500 + chance.below(5000);
            }
            World::Bursty => self.draw_bursts(chance),
            World::DailyWave => {
                (self.length_s, self.rate) = (26.0 * 3600.0, chance.between(1.0, 4.0));
                self.starts_at_ms = day;
            }
            World::SlowClimb => self.rate = chance.between(1.0, 6.0),
            World::SingleClientRetry => {
                self.rate = chance.between(2.0, 40.0);
                self.retries = self.rate * chance.between(0.05, 0.5);
                let from = chance.between(120.0, 1500.0);
                self.retrying = (from, from + chance.between(60.0, 900.0));
            }
            World::BalancerInFront => self.balancer_share = chance.between(0.85, 1.0),
            World::TwoServices => self.second_service_share = chance.between(0.1, 0.9),
            World::Midnight => self.starts_at_ms = day + DAY_MS - 1_200_000,
            World::ClockSteps => self.draw_steps(chance),
        }
    }

    fn draw_bursts(&mut self, chance: &mut Seeded) {
        self.rate = chance.between(1.0, 8.0);
        let mut at = chance.between(10.0, 120.0);
        while at < self.length_s {
            self.bursts.push((at, chance.between(2.0, 30.0), chance.between(10.0, 40.0)));
            at += chance.between(40.0, 300.0);
        }
    }

    fn draw_steps(&mut self, chance: &mut Seeded) {
        const JUMPS_MS: [i64; 8] = [-3_600_000, -600_000, -45_000, -3_000, 2_000, 50_000, 900_000, 3_600_000];
        for _ in 0..=chance.below(4) {
            let jump = JUMPS_MS[usize::try_from(chance.below(8)).unwrap_or(0)];
            self.steps.push((chance.between(60.0, self.length_s), jump));
        }
        self.steps.sort_by(|a, b| a.0.total_cmp(&b.0));
    }

    /// Requests a second at this moment.
    pub(crate) fn rate_at(&self, world: World, s: f64) -> f64 {
        match world {
            World::DailyWave => {
                let hour = s / 3600.0;
                let wave = 0.525 - 0.475 * (hour / 24.0 * std::f64::consts::TAU).cos();
                self.rate * wave
            }
            World::SlowClimb => self.rate * (1.0 + 9.0 * s / self.length_s),
            World::Bursty => {
                let burst = self.bursts.iter().find(|(from, long, _)| (*from..from + long).contains(&s));
                self.rate * burst.map_or(1.0, |(_, _, times)| *times)
            }
            _ => self.rate,
        }
    }

    /// How far the log's clock is off, in milliseconds.
    pub(crate) fn clock_off_ms(&self, s: f64) -> i64 {
        self.steps.iter().take_while(|(at, _)| *at <= s).map(|(_, by)| by).sum()
    }
}
