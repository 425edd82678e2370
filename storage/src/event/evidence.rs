//! What an alert tells, and on what it rests.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Time;
use crate::id::AlertKey;

/// What kind of failure an alert tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// 502.
    BadGateway,
    /// 500.
    ServerError,
    /// 503.
    Unavailable,
    /// 504.
    GatewayTimeout,
    /// Requests stopped coming.
    Absent,
    /// The outside view: the HTTP probe fails.
    ProbeDown,
    /// Pods or tasks of the watched service fail to start.
    FailedStart,
    /// A capacity schedule will miss its deadline.
    CapacityShort,
    /// A test asked for by a person (`/alert test`).
    Test,
}

impl AlertKind {
    /// Its word in the record, in keys and in `analyze --json`: `bad_gateway`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::BadGateway => "bad_gateway",
            Self::ServerError => "server_error",
            Self::Unavailable => "unavailable",
            Self::GatewayTimeout => "gateway_timeout",
            Self::Absent => "absent",
            Self::ProbeDown => "probe_down",
            Self::FailedStart => "failed_start",
            Self::CapacityShort => "capacity_short",
            Self::Test => "test",
        }
    }

    /// Whether it is judged by failed requests.
    #[must_use]
    pub fn is_of_requests(self) -> bool {
        matches!(self, Self::BadGateway | Self::ServerError | Self::Unavailable | Self::GatewayTimeout)
    }
}

impl AlertKey {
    /// Whether its alert is judged by failed requests: a key begins with its kind, `bad_gateway/blog-web`.
    #[must_use]
    pub fn is_of_requests(&self) -> bool {
        use AlertKind::{BadGateway, GatewayTimeout, ServerError, Unavailable};
        let kind = self.as_str().split('/').next();
        [BadGateway, ServerError, Unavailable, GatewayTimeout].iter().any(|known| Some(known.key()) == kind)
    }
}

/// Failed requests of all requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Share {
    /// Failed requests.
    pub bad: u64,
    /// All requests.
    pub total: u64,
}

impl Share {
    /// Between 0 and 1; 0 of 0 is 0.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "request counts stay far below 2^52")]
    pub fn ratio(self) -> f64 {
        if self.total == 0 { 0.0 } else { self.bad as f64 / self.total as f64 }
    }
}

/// A name and how often it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Masked text from outside: untrusted.
    pub name: String,
    /// How many of the failed requests.
    pub count: u64,
}

/// How usual it is what most of the failed requests have in common, counted over a few good ones of late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usual {
    /// How many good ones were looked at.
    pub good: u64,
    /// How many of them were on the path most of the failed ones were on.
    pub path: u64,
    /// How many of them were of the network most of the failed ones were of.
    pub client: u64,
}

/// What an alert rests on. Every text in it is masked, and untrusted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AlertEvidence {
    /// First bad line of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
    /// The share in the window that decided.
    pub now: Share,
    /// Length of that window, in seconds.
    pub window_s: u32,
    /// The share before it.
    pub before: Share,
    /// Length of the span before, in seconds.
    pub before_s: u32,
    /// Of how many failed requests the names below were gathered: at most those of `now` as it opens, of all since as it
    /// grows. None in what an older Lifeboat wrote, and where no requests raised the alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gathered: Option<u64>,
    /// Upstreams of the failed requests, most first, at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upstreams: Vec<Counted>,
    /// Paths of the failed requests without query values and token-like segments, at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Counted>,
    /// Networks (/24, /48) of the clients that got them, at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<Counted>,
    /// How usual the first path and the first network are; none in what an older Lifeboat wrote, and where no requests
    /// raised the alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<Usual>,
    /// Masked lines of failed requests, at most 3.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<String>,
    /// What a probe saw, where a probe raised the alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<ProbeFailure>,
}

impl AlertEvidence {
    /// The names of the upstreams, as the log tells them.
    #[must_use]
    pub fn names_of_upstreams(&self) -> BTreeSet<String> {
        self.upstreams.iter().map(|upstream| upstream.name.clone()).collect()
    }
}

/// How the outside view failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum ProbeFailure {
    /// No connection.
    Refused,
    /// No answer in time.
    TimedOut {
        /// The limit, in milliseconds.
        after_ms: u64,
    },
    /// An answer with another status.
    WrongStatus {
        /// What came.
        status: u16,
        /// What was expected.
        expected: u16,
    },
    /// The right status without the expected text.
    TextMissing,
    /// TLS failed (expired, wrong name, untrusted).
    Tls,
    /// The name did not resolve.
    Name,
    /// Something else broke the exchange.
    Broken,
}
