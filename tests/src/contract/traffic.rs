//! What every traffic entry keeps.

use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::traffic::{Spread, Traffic};
use lifeboat_storage::plan::Weight;

use super::{Harness, done};

fn port(harness: &impl Harness) -> &dyn Traffic {
    &**harness.ports().traffic.get(&harness.traffic()).expect("the harness has its traffic entry")
}

async fn read(harness: &impl Harness) -> Spread {
    done(port(harness).read().await)
}

/// The same clusters, turned round.
fn turned(weights: &[Weight]) -> Vec<Weight> {
    let percents = weights.iter().rev().map(|weight| weight.percent);
    let turned = weights.iter().zip(percents);
    turned.map(|(weight, percent)| Weight { cluster: weight.cluster.clone(), percent }).collect()
}

/// Whoever read an older version changes nothing.
pub async fn setting_with_an_old_version_is_busy_and_changes_nothing(harness: &impl Harness) {
    let first = read(harness).await;
    let wanted = turned(&first.weights);
    assert_ne!(wanted, first.weights, "the harness spreads unevenly");
    let second = done(port(harness).set(first.version.clone(), wanted.clone()).await);
    assert_eq!(second.weights, wanted);
    assert_ne!(second.version, first.version);
    assert_eq!(read(harness).await, second);

    let late = port(harness).set(first.version, first.weights).await;
    assert!(matches!(late, Outcome::Busy { .. }), "{late:?}");
    assert_eq!(read(harness).await, second);
}

/// Weights that do not add up to 100, or name a cluster that is not there, are refused.
pub async fn weights_that_make_no_sense_are_denied(harness: &impl Harness) {
    let before = read(harness).await;
    let nothing: Vec<Weight> =
        before.weights.iter().map(|weight| Weight { percent: 0, ..weight.clone() }).collect();
    let mut stranger = before.weights.clone();
    stranger[0].cluster = lifeboat_storage::id::ClusterName::new("no-such-cluster");
    for weights in [nothing, stranger] {
        let refused = port(harness).set(before.version.clone(), weights).await;
        assert!(matches!(refused, Outcome::Denied(_)), "{refused:?}");
    }
    assert_eq!(read(harness).await, before);
}

/// Health names every cluster of the entry, and the one that serves is healthy.
pub async fn health_names_every_cluster(harness: &impl Harness) {
    let health = done(port(harness).health().await);
    let spread = read(harness).await;
    assert_eq!(health.len(), spread.weights.len());
    assert_eq!(health.get(&harness.cluster()), Some(&true));
}

/// A lost answer: the effect is there, and repeating with the old version is busy.
pub async fn a_shift_whose_answer_was_lost_is_seen_by_reading(harness: &impl Harness) {
    let before = read(harness).await;
    let wanted = turned(&before.weights);
    harness.lose_next_answer();
    let lost = port(harness).set(before.version.clone(), wanted.clone()).await;
    assert!(matches!(lost, Outcome::Unknown(_)), "{lost:?}");
    assert_eq!(read(harness).await.weights, wanted);
    let again = port(harness).set(before.version, wanted).await;
    assert!(matches!(again, Outcome::Busy { .. }), "{again:?}");
}
