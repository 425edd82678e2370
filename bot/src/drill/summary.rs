//! How a drill went, from its record and from what the world knows: the numbers of `drill --json`. Pure.
//!
//! What users suffered counts: the outage starts with the first failed request of the first alert on requests and is
//! mitigated with the first good second after the last one recovered, whatever people said when.

use std::collections::BTreeSet;

use lifeboat_commands::facts::Inventory;
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_deploy::simulated::{self, Scenario, Simulated, Truth};
use lifeboat_storage::event::{AlertKind, Event, Kind, Milestone, Time};
use lifeboat_storage::incident::Incident;
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::plan::{FailedBy, Step, StepOutcome};
use lifeboat_storage::state::State;
use serde::Serialize;

use super::audit::{self, Books};
use super::left_paused::left_paused;

/// What a summary is made from.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// What is played.
    pub scenario: &'a Scenario,
    /// Its seed.
    pub seed: u64,
    /// The whole record, in order.
    pub events: &'a [Event],
    /// What Lifeboat thinks they add up to.
    pub state: &'a State,
    /// The world. Lifeboat never sees its truth while it plays.
    pub world: &'a Simulated,
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
    /// Keys of moves that did harm or did not help, each once.
    pub wrong_moves: Vec<String>,
    /// `ok`, or what was broken: see [`super::audit`].
    pub invariants: String,
    /// It was played to the end of the scenario.
    #[serde(skip)]
    pub is_whole: bool,
}

/// What users suffered.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Harm {
    started: Option<Time>,
    detected: Option<Time>,
    mitigated: Option<Time>,
}

impl Summary {
    /// Adds up a record.
    #[must_use]
    pub fn of(material: &Material<'_>) -> Self {
        let truth = material.world.truth();
        let harm = suffered(material.events, &truth);
        let incident = incident(material.state);
        let at = |milestone| incident.and_then(|one| one.at(milestone));
        let acknowledged = at(Milestone::Acknowledged);
        let is_over = harm.started.is_none() || harm.mitigated.is_some();
        let resolved = at(Milestone::Resolved).filter(|_| is_over);
        let length = |from: Option<Time>, to: Option<Time>| Some((to? - from?).num_seconds().max(0));
        let whole = material.world.now() >= material.scenario.ends_at;
        Self {
            scenario: material.scenario.name.clone(),
            seed: material.seed,
            started_at: harm.started,
            detected_at: harm.detected,
            acknowledged_at: acknowledged,
            mitigated_at: harm.mitigated,
            resolved_at: resolved,
            ttd_s: length(harm.started, harm.detected),
            tta_s: length(harm.detected, acknowledged),
            ttm_s: length(harm.started, harm.mitigated),
            ttr_s: length(harm.started, resolved),
            prevented: whole && harm.started.is_none() && was_warned(material.events),
            healthy_pods_lost: truth.healthy_pods_lost,
            money: cents(truth.money.micros),
            wrong_moves: wrong_moves(material, &truth),
            invariants: invariants(material, &truth),
            is_whole: whole,
        }
    }

    /// Users no longer suffer at the end, or never did and the trouble is past.
    #[must_use]
    pub fn is_mitigated(&self) -> bool {
        self.mitigated_at.is_some() || (self.started_at.is_none() && self.is_whole)
    }

    /// The same, once the log's own hashes were checked.
    #[must_use]
    pub fn with_chain(mut self, holds: bool) -> Self {
        if !holds {
            let others = (self.invariants != "ok").then_some(self.invariants.as_str());
            self.invariants = std::iter::once("chain").chain(others).collect::<Vec<_>>().join(", ");
        }
        self
    }
}

/// From the alerts on requests; what no alert told, the world knows.
fn suffered(events: &[Event], truth: &Truth) -> Harm {
    let mut harm = Harm::default();
    let (mut firing, mut good_since) = (BTreeSet::new(), None);
    for event in events {
        match &event.kind {
            Kind::AlertRaised { alert, what, evidence, .. } if what.is_of_requests() => {
                firing.insert(alert);
                harm.started = harm.started.or(evidence.since).or(Some(event.occurred_at));
                harm.detected = harm.detected.or(Some(event.occurred_at));
            }
            Kind::AlertReturned { alert, .. } if alert.is_of_requests() => _ = firing.insert(alert),
            Kind::AlertRecovered { alert, good_since: since, .. } if alert.is_of_requests() => {
                firing.remove(alert);
                good_since = good_since.max(Some(*since));
            }
            _ => {}
        }
    }
    let is_good = firing.is_empty() && truth.good_since.is_some();
    harm.started = harm.started.or(truth.first_bad_at);
    harm.mitigated = harm.started.and(good_since.or(truth.good_since)).filter(|_| is_good);
    harm
}

/// The incident of the outage, else the one that warned of it.
fn incident(state: &State) -> Option<&Incident> {
    let about = |wanted: fn(AlertKind) -> bool| {
        let tells = move |one: &&Incident| {
            one.alerts.iter().any(|key| state.alerts.get(key).is_some_and(|alert| wanted(alert.what)))
        };
        state.incidents.values().find(tells)
    };
    about(AlertKind::is_of_requests).or_else(|| about(|_| true))
}

fn was_warned(events: &[Event]) -> bool {
    events.iter().any(|event| matches!(event.kind, Kind::AlertRaised { what: AlertKind::CapacityShort, .. }))
}

/// What did harm in the world, plans that ended without proof and were not made good by a later one, and plans that
/// nobody decided about while users got errors.
fn wrong_moves(material: &Material<'_>, truth: &Truth) -> Vec<String> {
    let state = material.state;
    // What a schedule asked for is nobody's move.
    let failed = state.plans.values().filter(|run| run.asked_by.is_some());
    let failed = failed.filter(|run| run.standing == Standing::Failed);
    let failed = failed.filter(|run| !is_made_good(state, run));
    let failed = failed.map(|run| format!("{}-not-proven", run.plan.verb.key()));
    let left = left_paused(material.events, state, material.world.now()).into_iter();
    let left = left.map(|run| format!("{}-left-paused", run.plan.verb.key()));
    let harm = truth.harm().into_iter().filter(|harm| is_a_move(state, truth, *harm));
    let harm = harm.map(|harm| harm.key().to_owned());
    let mut moves: Vec<String> = harm.chain(failed).chain(left).collect();
    moves.sort_unstable();
    moves.dedup();
    moves
}

/// Traffic that a watch of Lifeboat's own took back to where it came from is nobody's move.
fn is_a_move(state: &State, truth: &Truth, harm: simulated::Harm) -> bool {
    let moved = |at: Time| !state.plans.values().any(|run| took_back(run, at));
    harm != simulated::Harm::ShiftedTooMuch || truth.moments(harm).any(moved)
}

/// At this moment a plan watched traffic that it had moved, and then took it back.
fn took_back(run: &Run, at: Time) -> bool {
    run.plan.steps.iter().zip(0_u32..).any(|(step, index)| {
        let Some(progress) = run.steps.get(&index) else { return false };
        let Some((ended, StepOutcome::Failed { by: FailedBy::ErrorShare { .. } })) = &progress.ended else {
            return false;
        };
        matches!(step, Step::Hold { .. }) && (progress.started_at..=*ended).contains(&at)
    })
}

/// It left nodes behind, and a later plan that was proven took each of them on: nothing of it was in vain.
fn is_made_good(state: &State, failed: &Run) -> bool {
    let proven = |run: &&Run| run.id > failed.id && run.standing == Standing::Proven;
    !failed.cordoned.is_empty()
        && failed.cordoned.iter().all(|node| {
            let takes = |run: &Run| run.plan.targets.iter().any(|target| target.node == *node);
            state.plans.values().filter(proven).any(takes)
        })
}

/// `ok`, or what was broken. The log's own hashes are checked where the log is.
fn invariants(material: &Material<'_>, truth: &Truth) -> String {
    let clusters = clusters(material);
    let books = Books { events: material.events, state: material.state, truth, clusters: &clusters };
    let broken = audit::broken(&books);
    if broken.is_empty() { "ok".to_owned() } else { broken.join(", ") }
}

fn clusters(material: &Material<'_>) -> Vec<Inventory> {
    let names = material.scenario.fleet.clusters.iter().map(|cluster| cluster.name.clone());
    let seen = names.filter_map(|cluster| match material.world.perform(Call::Inventory { cluster }) {
        Answer::Inventory(Outcome::Done(inventory)) => Some(*inventory),
        _ => None,
    });
    seen.collect()
}

/// Units of the currency, to the cent.
fn cents(micros: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "cents of a day's machines are exact in a float")]
    let cents = (micros / 10_000) as f64;
    cents / 100.0
}
