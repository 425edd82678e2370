//! A scenario: what there is, what breaks when, and what a good first move is. Read from TOML.
//!
//! A scenario file holds no script: it sets the world up and names the causes at work in it. What people do reaches
//! the world through the ports only.

mod check;
mod file;
mod fleet;
mod known;

pub(super) use file::{
    CauseFile, ClockTime, ClusterFile, ClusterKind, ElsewhereFile, NodeFile, OfferingFile, Payload,
    PowerFile, RoleFile, TrafficFile,
};
pub(super) use fleet::instance_of;

use chrono::{DateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use lifeboat_commands::fleet::Fleet;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::ServiceName;

/// How much quiet traffic lies before the start of a scenario, unless its file says otherwise.
const WARM_UP: TimeDelta = TimeDelta::minutes(30);

/// A text in both languages of the catalogue. Part of the scenario's data, not of Lifeboat's wording.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
}

/// A hint, told on request: in order, from a nudge to the command line itself.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// Unique in the scenario: `look`, `first-move`, `not-that`.
    pub key: String,
    /// What it says.
    #[serde(flatten)]
    pub text: Text,
}

/// An earlier incident, in the record of the drill from its start.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// Days before the start.
    pub days_ago: u32,
    /// How long it took, in minutes.
    pub minutes: u32,
    /// By which signature it is found again: `name-resolution/some-nodes`.
    pub signature: String,
    /// As it was called.
    pub title: String,
    /// What helped, as noted then.
    pub helped: String,
}

/// A scenario, ready to be played.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name as typed: `sold-out-morning`.
    pub name: String,
    /// What it is called.
    pub title: Text,
    /// Where the real outage was told, if it was.
    pub source: Option<String>,
    /// When play starts.
    pub starts_at: Time,
    /// When play ends at the latest.
    pub ends_at: Time,
    /// How long the world has run, quietly, before that: its log is there at the start.
    pub warm_up: TimeDelta,
    /// In which zone people there read their clocks.
    pub zone: Tz,
    /// When the trouble starts to be felt, if nobody does anything.
    pub trouble_at: Time,
    /// What the drill's configuration holds.
    pub fleet: Fleet,
    /// Earlier incidents, oldest first.
    pub history: Vec<Earlier>,
    /// Hints in order.
    pub hints: Vec<Hint>,
    pub(super) clusters: Vec<ClusterFile>,
    pub(super) offerings: Vec<OfferingFile>,
    pub(super) traffic: TrafficFile,
    pub(super) elsewhere: Vec<ElsewhereFile>,
    pub(super) causes: Vec<CauseFile>,
    currency: String,
}

/// Why a scenario could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// Not the TOML that is wanted.
    #[error("read the scenario: {0}")]
    Malformed(String),
    /// A name that nothing in the file carries.
    #[error("find {what} {name:?} in the scenario")]
    Missing {
        /// What was looked for: `cluster`, `node`, `offering`.
        what: &'static str,
        /// By this name.
        name: String,
    },
    /// Two things of one kind with the same name.
    #[error("tell apart the {what}s of the scenario: two are called {name:?}")]
    Twice {
        /// What they are: `cluster`, `node`, `offering`, `pool`, `schedule`, `hint`.
        what: &'static str,
        /// By this name.
        name: String,
    },
    /// A number that makes no sense there.
    #[error("read {what} of the scenario: {given} is not in {wanted}")]
    OutOfRange {
        /// Its key.
        what: &'static str,
        /// What may stand there.
        wanted: String,
        /// What stands there.
        given: String,
    },
    /// A time that lies before the start, after the end, or before what it ends.
    #[error("place {what} of the scenario: {at} is not between its start and its end")]
    OutsidePlay {
        /// Its key.
        what: &'static str,
        /// The time, local.
        at: NaiveTime,
    },
    /// The weights do not add up to 100.
    #[error("spread the traffic: weights add up to {0}, not to 100")]
    Weights(u32),
}

impl Scenario {
    /// Names of the scenarios that are built in, the first one being the default.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        known::ALL.iter().map(|(name, _)| *name).collect()
    }

    /// A built-in scenario.
    ///
    /// # Panics
    /// Never: a test reads them all.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (_, text) = known::ALL.iter().find(|(known, _)| *known == name)?;
        Some(Self::parse(text).expect("a test reads all built-in scenarios"))
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// When it is not the TOML that is wanted, names something that it does not hold or something twice, or holds a
    /// number or a time that makes no sense there.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let file: file::File =
            toml::from_str(text).map_err(|error| ScenarioError::Malformed(error.to_string()))?;
        file.check()?;
        let fleet = fleet::configured(&file)?;
        let starts_at = file.starts_at.to_utc();
        Ok(Self {
            name: file.name,
            title: file.title,
            source: file.source,
            starts_at,
            ends_at: on_the_day(starts_at, file.zone, file.ends_at),
            warm_up: file.warm_up_min.map_or(WARM_UP, |minutes| TimeDelta::minutes(i64::from(minutes))),
            zone: file.zone,
            trouble_at: on_the_day(starts_at, file.zone, file.trouble_at),
            fleet,
            history: file.history,
            hints: file.hints,
            clusters: file.clusters,
            offerings: file.offerings,
            traffic: file.traffic,
            elsewhere: file.elsewhere,
            causes: file.causes,
            currency: file.currency,
        })
    }

    /// The watched service.
    #[must_use]
    pub fn service(&self) -> ServiceName {
        self.fleet.clusters.first().map_or_else(|| ServiceName::new("service"), |one| one.service.clone())
    }

    /// A hint by its key.
    #[must_use]
    pub fn hint(&self, key: &str) -> Option<&Hint> {
        self.hints.iter().find(|hint| hint.key == key)
    }

    /// ISO 4217: in which money prices are.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// `at` on the day of play, or on the next where it lies before the start.
    pub(super) fn on_the_day(&self, at: NaiveTime) -> Time {
        on_the_day(self.starts_at, self.zone, at)
    }
}

/// Days on which clocks are put forward are not played: a time that is not there is taken as UTC.
fn on_the_day(starts_at: Time, zone: Tz, at: NaiveTime) -> Time {
    let day = starts_at.with_timezone(&zone).date_naive();
    let local = day.and_time(at);
    let there = local.and_local_timezone(zone).earliest();
    let same_day =
        there.map_or_else(|| DateTime::from_naive_utc_and_offset(local, chrono::Utc), |at| at.to_utc());
    if same_day < starts_at - TimeDelta::hours(1) { same_day + TimeDelta::days(1) } else { same_day }
}
