//! How a drill went, from its record and from what the world knows: the numbers of `drill --json`. Pure.
//!
//! What users suffered counts: the outage starts with the first failed request of the first alert on requests and is
//! mitigated with the first good second after the last one recovered, whatever people said when.

use lifeboat_storage::event::{AlertKind, Event, Kind, Milestone, Time};
use lifeboat_storage::plan::run::Standing;
use lifeboat_storage::state::State;
use serde::Serialize;

/// What only the world knows: Lifeboat never sees it while it plays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Ready pods that a call of Lifeboat ended.
    pub healthy_pods_lost: u32,
    /// Money spent on what was started, in units of the scenario's currency.
    pub money: f64,
    /// Keys of moves that did harm.
    pub harm: Vec<String>,
}

/// How a drill went. What is unknown is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Name of the scenario.
    pub scenario: String,
    /// Its seed.
    pub seed: u64,
    /// First failed request of the outage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Time>,
    /// The line that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detected_at: Option<Time>,
    /// A person took notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Time>,
    /// First good second after the last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mitigated_at: Option<Time>,
    /// A person said that the cause is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Time>,
    /// Detected − started, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttd_s: Option<i64>,
    /// Acknowledged − detected, in seconds; 0 when somebody was at it before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tta_s: Option<i64>,
    /// Mitigated − started, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttm_s: Option<i64>,
    /// Resolved − started, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttr_s: Option<i64>,
    /// Users never suffered, although capacity was about to be short.
    pub prevented: bool,
    /// Ready pods that a call of Lifeboat ended.
    pub healthy_pods_lost: u32,
    /// Money spent on what was started, in units of the scenario's currency.
    pub money: f64,
    /// Keys of moves that did harm, each once.
    pub wrong_moves: Vec<String>,
    /// `ok`, or what was broken.
    pub invariants: String,
}

/// What users suffered.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Harm {
    started: Option<Time>,
    detected: Option<Time>,
    firing: u32,
    good_since: Option<Time>,
}

impl Summary {
    /// Adds up a record.
    #[must_use]
    pub fn of(scenario: &str, seed: u64, events: &[Event], state: &State, truth: &Truth) -> Self {
        let harm = suffered(events);
        let mitigated = harm.good_since.filter(|_| harm.firing == 0);
        let incident =
            state.incidents.values().find(|one| one.alerts.iter().any(|key| of_requests(state, key)));
        let acknowledged = incident.and_then(|one| one.at(Milestone::Acknowledged));
        let resolved = incident.and_then(|one| one.at(Milestone::Resolved)).filter(|_| mitigated.is_some());
        let length = |from: Option<Time>, to: Option<Time>| Some((to? - from?).num_seconds().max(0));
        Self {
            scenario: scenario.to_owned(),
            seed,
            started_at: harm.started,
            detected_at: harm.detected,
            acknowledged_at: acknowledged,
            mitigated_at: mitigated,
            resolved_at: resolved,
            ttd_s: length(harm.started, harm.detected),
            tta_s: length(harm.detected, acknowledged),
            ttm_s: length(harm.started, mitigated),
            ttr_s: length(harm.started, resolved),
            prevented: harm.started.is_none() && warned(events),
            healthy_pods_lost: truth.healthy_pods_lost,
            money: truth.money,
            wrong_moves: wrong_moves(state, truth),
            invariants: "ok".to_owned(),
        }
    }

    /// Users no longer suffer at the end, or never did.
    #[must_use]
    pub fn is_mitigated(&self) -> bool {
        self.mitigated_at.is_some() || self.started_at.is_none()
    }
}

fn suffered(events: &[Event]) -> Harm {
    events.iter().fold(Harm::default(), |mut harm, event| {
        match &event.kind {
            Kind::AlertRaised { what, evidence, .. } if what.is_of_requests() => {
                harm.firing += 1;
                harm.started = harm.started.or(evidence.since).or(Some(event.occurred_at));
                harm.detected = harm.detected.or(Some(event.occurred_at));
            }
            Kind::AlertReturned { alert, .. } if is_request_key(alert.as_str()) => harm.firing += 1,
            Kind::AlertRecovered { alert, good_since, .. } if is_request_key(alert.as_str()) => {
                harm.firing = harm.firing.saturating_sub(1);
                harm.good_since = harm.good_since.max(Some(*good_since));
            }
            _ => {}
        }
        harm
    })
}

fn of_requests(state: &State, key: &lifeboat_storage::id::AlertKey) -> bool {
    state.alerts.get(key).is_some_and(|alert| alert.what.is_of_requests())
}

/// Keys of alerts begin with their kind: `bad_gateway/blog-web`.
fn is_request_key(key: &str) -> bool {
    use AlertKind::{BadGateway, GatewayTimeout, ServerError, Unavailable};
    let kind = key.split('/').next().unwrap_or_default();
    [BadGateway, ServerError, Unavailable, GatewayTimeout].iter().any(|known| known.key() == kind)
}

fn warned(events: &[Event]) -> bool {
    events.iter().any(|event| matches!(event.kind, Kind::AlertRaised { what: AlertKind::CapacityShort, .. }))
}

/// What the world says, and plans that ended without proof.
fn wrong_moves(state: &State, truth: &Truth) -> Vec<String> {
    let failed = state.plans.values().filter(|run| run.standing == Standing::Failed);
    let failed = failed.map(|run| format!("{}-not-proven", run.plan.verb.key()));
    let mut moves: Vec<String> = truth.harm.iter().cloned().chain(failed).collect();
    moves.sort_unstable();
    moves.dedup();
    moves
}
