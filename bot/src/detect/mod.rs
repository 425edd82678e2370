//! Detectors: counted requests in, findings out. No I/O, no clock, no randomness.
//!
//! ```text
//!   observe(line) -> its service -> event clock -> counters ............... every line
//!                                      |-> ladder (502, 500, 503, 504) .... every failed line: open? grown?
//!                                      |-> second over: recovered? base line, absent?
//! ```
//!
//! `docs/detectors.md` says which test is made and how good it is.

mod absent;
mod base;
mod chart;
mod clients;
mod clock;
mod evidence;
mod failing;
mod ids;
mod ladder;
mod limits;
pub mod mask;
mod moved;
mod outage;
pub mod probe;
mod recovery;
mod service;
mod severity;
#[cfg(test)]
mod tests;
mod usual;

use chrono::DateTime;
use lifeboat_storage::event::{AlertEvidence, AlertKind, Counted, Severity, Share, Time};
use lifeboat_storage::id::{ServiceName, SourceName};
use serde::{Deserialize, Serialize};

pub use limits::Limits;

use crate::source::request::{Millis, Request};
use service::{Mode, Service};

/// Times are held between 1970 and 2100, whatever a log says.
const LATEST_MS: Millis = 4_102_444_800_000;

/// What a detector has to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The service it is about.
    pub service: ServiceName,
    /// The probe that saw it, where the service has several.
    pub source: Option<SourceName>,
    /// The kind of failure.
    pub kind: AlertKind,
    /// Event time of the deciding line, by the log's own clock.
    pub at: Millis,
    /// What was found.
    pub what: Found,
}

/// What a detector found. For one service and kind: `Opened` or `Returned`, then any number of `Grew` and `Moved`,
/// then `Recovered`, and so on; never an `Opened` before the one before has `Recovered`. A `Returned` comes before it
/// only once after each [`Watch::count_afresh`].
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A failure began.
    Opened {
        /// How bad.
        severity: Severity,
        /// On what it rests.
        evidence: AlertEvidence,
    },
    /// It became worse by a severity.
    Grew {
        /// How bad now.
        severity: Severity,
        /// On what that rests.
        evidence: AlertEvidence,
    },
    /// It is no worse, but others fail now than those that were told of.
    Moved {
        /// On what that rests.
        evidence: AlertEvidence,
    },
    /// It ended.
    Recovered {
        /// First second of the first five good minutes, by the log's own clock.
        good_since: Millis,
        /// The share since then.
        now: Share,
        /// The worst minute.
        peak: Share,
        /// From the first failed line to the last before `good_since`: what fails every day is no part of it.
        whole: Share,
    },
    /// It failed again within 30 minutes of recovery, or after a person's word that it was over.
    Returned {
        /// How bad now.
        severity: Severity,
        /// On what it rests.
        evidence: AlertEvidence,
        /// How often it has come back, from 1.
        times: u32,
    },
}

/// A failure that has not ended, as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// The service.
    pub service: ServiceName,
    /// The kind of failure.
    pub kind: AlertKind,
    /// From the first failed line to the last, or to the last before a good run that is long enough already.
    pub whole: Share,
    /// The worst minute.
    pub peak: Share,
    /// The upstreams of the failed lines, most first.
    pub upstreams: Vec<Counted>,
}

/// Failed (5xx) and all requests in equal steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// Start of the first step, by the log's own clock.
    pub from: Millis,
    /// Length of a step, in seconds.
    pub step_s: u32,
    /// One for each step up to the newest; 0 of 0 is "no data".
    pub counts: Vec<Share>,
}

/// What a chart of the failing share is drawn from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// At most the last two hours, in steps of ten seconds.
    pub tens: Steps,
    /// At most the last 24 hours, in steps of a minute.
    pub minutes: Steps,
}

/// All detectors of all services. Written down and read again it goes on exactly.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Watch {
    limits: Limits,
    services: Vec<Service>,
    #[serde(skip)]
    routes: Routes,
}

/// Which service a name leads to; a cache, so that a line costs one look.
#[derive(Clone, Debug)]
struct Routes([(u64, usize); 64]);

impl Default for Routes {
    fn default() -> Self {
        Self([(0, 0); 64])
    }
}

impl Watch {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, services: Vec::new(), routes: Routes::default() }
    }

    /// Takes one line as it comes, and judges it.
    ///
    /// `service` is the configured name of the source, used where the line names none. `arrived` is when it was
    /// read, by one outer clock; when history is replayed, the time of the line.
    #[inline]
    pub fn observe(&mut self, service: &str, request: &Request<'_>, arrived: Millis, out: &mut Vec<Finding>) {
        let index = self.route(service, request);
        self.services[index].take(request, arrived, Mode::Judge, &self.limits, out);
    }

    /// Takes one line from before the first start: it teaches the base line and the chart, and raises nothing.
    pub fn learn(&mut self, service: &str, request: &Request<'_>) {
        let index = self.route(service, request);
        let arrived = request.at.unwrap_or_default();
        self.services[index].take(request, arrived, Mode::Learn, &self.limits, &mut Vec::new());
    }

    /// Time has passed by the outer clock: what no line tells may be true now (recovery, silence).
    /// To be called only while every source is read up to its end, or unread lines look like silence.
    pub fn advance(&mut self, now: Millis, out: &mut Vec<Finding>) {
        let now = now.clamp(0, LATEST_MS);
        for service in &mut self.services {
            service.pass(now, &self.limits, out);
        }
    }

    /// A person has said that an open alert is over: what would open it is counted from here on. When that is
    /// enough it has returned, although it never recovered.
    pub fn count_afresh(&mut self, service: &ServiceName, kind: AlertKind) {
        if let Some(service) = self.services.iter_mut().find(|known| known.name == *service) {
            service.count_afresh(kind);
        }
    }

    /// The input ends. What is open stays open, and silence after the end is none.
    pub fn finish(&mut self, out: &mut Vec<Finding>) {
        for service in &mut self.services {
            service.finish(&self.limits, out);
        }
    }

    /// Failures (not silences) that are open, by service in the order of their first lines.
    #[must_use]
    pub fn open(&self) -> Vec<Open> {
        self.services.iter().flat_map(|service| service.open(&self.limits)).collect()
    }

    /// The counts of one service for its chart; none where it has not been seen.
    #[must_use]
    pub fn shares(&self, service: &str) -> Option<Chart> {
        self.services.iter().find(|known| known.name.as_str() == service).map(Service::chart)
    }

    /// The services seen so far, in the order of their first lines.
    pub fn services(&self) -> impl Iterator<Item = &ServiceName> {
        self.services.iter().map(|service| &service.name)
    }

    #[inline]
    fn route(&mut self, service: &str, request: &Request<'_>) -> usize {
        let name = match request.service {
            Some(name) if !matches!(name, b"" | b"-" | b"_") => name,
            _ => service.as_bytes(),
        };
        let print = clients::print_of(name);
        let place = usize::try_from(print >> 58).unwrap_or(0);
        match self.routes.0[place] {
            (known, index) if known == print => index,
            _ => self.find_route(name, print, place),
        }
    }

    #[cold]
    fn find_route(&mut self, name: &[u8], print: u64, place: usize) -> usize {
        let name = mask::name(name).to_ascii_lowercase();
        let full = self.services.len() >= usize::try_from(self.limits.services.clamp(1, 10_000)).unwrap_or(1);
        let known =
            |name: &str, services: &[Service]| services.iter().position(|known| known.name.as_str() == name);
        let index = known(&name, &self.services).unwrap_or_else(|| {
            let name = if full { "other" } else { &name };
            known(name, &self.services).unwrap_or_else(|| {
                self.services.push(Service::new(ServiceName::new(name), &self.limits));
                self.services.len() - 1
            })
        });
        self.routes.0[place] = (print, index);
        index
    }
}

/// A time of a log as a moment.
fn time(at: Millis) -> Option<Time> {
    DateTime::from_timestamp_millis(at)
}
