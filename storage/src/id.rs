//! Names and numbers of things, each a type of its own so that they cannot be mixed up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Place of an event in the log: 1 for the first, no gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// The place after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Number of an incident, shown as `INC-0042`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub u32);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "INC-{:04}", self.0)
    }
}

/// What was typed is not the id of an incident.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read {0:?} as an incident id (INC-0042, inc-42 or 42)")]
pub struct NotAnIncidentId(pub String);

impl FromStr for IncidentId {
    type Err = NotAnIncidentId;

    /// Reads `INC-0042`, `inc-42` and `42`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = match text.get(..4) {
            Some(prefix) if prefix.eq_ignore_ascii_case("inc-") => &text[4..],
            _ => text,
        };
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        match digits.parse() {
            Ok(number) if plain && number > 0 => Ok(Self(number)),
            _ => Err(NotAnIncidentId(text.to_owned())),
        }
    }
}

/// Which world an event belongs to: the real one, or that of a drill. They never mix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum World {
    /// The real service.
    #[default]
    Real,
    /// A drill, shown as `DRILL-3`.
    Drill(u32),
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes any text as the name; it stays untrusted text.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A watched service, as configured or as the access log names its virtual host.
    ServiceName
);
name!(
    /// A configured person.
    PersonName
);
name!(
    /// A channel in team chat, without the leading `#`: `alerts`, `inc-0042-blog-web`.
    ChannelName
);
name!(
    /// What one alert is about; two alerts with the same key are the same alert (`bad_gateway/blog-web`).
    AlertKey
);
name!(
    /// A source: the path of an access log, a configured glob that should match some, or the address a probe asks.
    SourceName
);
name!(
    /// Ties together the events one command or one decision caused.
    Correlation
);

name!(
    /// A configured cluster.
    ClusterName
);
name!(
    /// A node, as its cluster names it.
    NodeName
);
name!(
    /// A configured pool of workers of one cluster.
    PoolName
);
name!(
    /// A configured cloud account and region.
    CloudName
);
name!(
    /// A configured traffic entry: what spreads requests over clusters.
    TrafficName
);
name!(
    /// A machine as its cloud names it.
    InstanceId
);
name!(
    /// A zone of a cloud.
    ZoneName
);
name!(
    /// A machine type of a cloud.
    MachineType
);
name!(
    /// A configured capacity schedule.
    ScheduleName
);
name!(
    /// Changes at each boot of a machine.
    BootId
);
name!(
    /// Makes a call on a cloud safe to repeat: the same key is the same wish.
    IdemKey
);

/// Number of a plan, shown as `P-7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanId(pub u32);

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P-{}", self.0)
    }
}

/// What was typed is not the id of a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read {0:?} as a plan id (P-7, p-7 or 7)")]
pub struct NotAPlanId(pub String);

impl FromStr for PlanId {
    type Err = NotAPlanId;

    /// Reads `P-7`, `p-7` and `7`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = match text.get(..2) {
            Some(prefix) if prefix.eq_ignore_ascii_case("p-") => &text[2..],
            _ => text,
        };
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        match digits.parse() {
            Ok(number) if plain && number > 0 => Ok(Self(number)),
            _ => Err(NotAPlanId(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_id_is_read_the_way_people_type_it() {
        for text in ["INC-0042", "inc-42", "42", "0042", "Inc-42"] {
            assert_eq!(text.parse(), Ok(IncidentId(42)), "{text}");
        }
        for text in ["", "INC-", "INC-0", "0", "-1", "+1", "INC-4x", "事故-1", "4294967296"] {
            assert_eq!(text.parse::<IncidentId>(), Err(NotAnIncidentId(text.to_owned())), "{text}");
        }
        assert_eq!("p-7".parse(), Ok(PlanId(7)));
        assert_eq!("P-".parse::<PlanId>(), Err(NotAPlanId("P-".to_owned())));
        assert_eq!(IncidentId(7).to_string(), "INC-0007");
        assert_eq!(IncidentId(123_456).to_string(), "INC-123456");
    }
}
