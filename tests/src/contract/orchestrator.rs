//! What every orchestrator keeps.

use chrono::TimeDelta;
use lifeboat_commands::facts::{PodClass, PodState, ProbeResult};
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::cloud::{HostOrder, RunResult};
use lifeboat_commands::ports::orchestrator::{Drained, Fact, Seen};
use lifeboat_storage::id::NodeName;
use lifeboat_storage::plan::{JoinRole, Policy, ProbeKind};

use super::{Harness, a_serving_node, cloud_of, done, inventory, key, orchestrator, serving};

/// No node is called so.
fn nobody() -> NodeName {
    NodeName::new("no-such-node")
}

/// A stream begins with everything, and then tells what changed.
pub async fn observing_begins_with_a_snapshot_and_tells_changes_after(harness: &impl Harness) {
    let mut stream = orchestrator(harness).observe();
    let first = stream.next().await.expect("the port is there");
    let Seen::Snapshot(snapshot) = first else { panic!("wanted a snapshot first, got {first:?}") };
    assert_eq!(snapshot.nodes.len(), inventory(harness).await.nodes.len());

    let node = a_serving_node(harness).await;
    done(orchestrator(harness).set_schedulable(node.clone(), false).await);
    loop {
        match stream.next().await.expect("the port is there") {
            Seen::Changed { as_of, fact: Fact::Node(changed) } if changed.name == node => {
                assert!(!changed.schedulable);
                assert!(Some(as_of) >= snapshot.as_of, "the change is not older than the snapshot");
                return;
            }
            _ => {}
        }
    }
}

/// Cordon and uncordon tell what they found, and may be repeated.
pub async fn set_schedulable_tells_what_was_before_and_may_be_repeated(harness: &impl Harness) {
    let port = orchestrator(harness);
    let node = a_serving_node(harness).await;
    let told: Vec<bool> = vec![
        done(port.set_schedulable(node.clone(), false).await),
        done(port.set_schedulable(node.clone(), false).await),
        done(port.set_schedulable(node.clone(), true).await),
        done(port.set_schedulable(node.clone(), true).await),
    ];
    assert_eq!(told, [true, false, false, true]);
    assert_eq!(port.set_schedulable(nobody(), false).await, Outcome::NotFound);
}

/// Cordoning moves nothing: pods that run stay.
pub async fn a_cordon_leaves_what_runs(harness: &impl Harness) {
    let before = serving(harness).await;
    let node = before[0].name.clone();
    done(orchestrator(harness).set_schedulable(node.clone(), false).await);
    harness.pass(30).await;
    assert!(serving(harness).await.iter().any(|one| one.name == node));
}

/// A drain is repeated until it is done, and says so again when asked again.
pub async fn a_drain_is_repeated_until_it_is_done(harness: &impl Harness) {
    let port = orchestrator(harness);
    let node = a_serving_node(harness).await;
    done(port.set_schedulable(node.clone(), false).await);
    let mut last = Drained::default();
    for _ in 0..60 {
        last = done(port.drain_once(node.clone(), Policy::Budgets).await);
        if last.done {
            break;
        }
        harness.pass(5).await;
    }
    assert_eq!(last, Drained { left: 0, blocked_by: Vec::new(), done: true });
    assert_eq!(done(port.drain_once(node.clone(), Policy::Budgets).await), last);
    let pods = inventory(harness).await.pods;
    let there =
        |class| pods.values().filter(|pod| pod.node.as_ref() == Some(&node) && pod.class == class).count();
    assert_eq!(there(PodClass::Ordinary), 0);
    assert!(there(PodClass::Daemon) > 0, "daemons are not drained");
    assert_eq!(port.drain_once(nobody(), Policy::Budgets).await, Outcome::NotFound);
}

/// With every node drained at once, the budget holds pods back and is named.
pub async fn a_drain_never_goes_below_a_budget_and_names_it(harness: &impl Harness) {
    let port = orchestrator(harness);
    let nodes = serving(harness).await;
    for node in &nodes {
        done(port.set_schedulable(node.name.clone(), false).await);
    }
    let mut blocked = Vec::new();
    for _ in 0..10 {
        for node in &nodes {
            let drained = done(port.drain_once(node.name.clone(), Policy::Budgets).await);
            assert!(!drained.done || drained.blocked_by.is_empty());
            blocked.extend(drained.blocked_by);
        }
        harness.pass(5).await;
        assert!(!serving(harness).await.is_empty(), "the budget keeps somebody serving");
    }
    assert!(!blocked.is_empty(), "who holds a drain back is named");
}

/// A node with ordinary pods is not forgotten; one without is, once, and then is not found.
pub async fn forget_is_busy_while_pods_run_and_not_found_afterwards(harness: &impl Harness) {
    let port = orchestrator(harness);
    let node = a_serving_node(harness).await;
    assert!(matches!(port.forget(node.clone()).await, Outcome::Busy { .. }));
    assert!(inventory(harness).await.nodes.contains_key(&node), "refused means: nothing was done");

    done(port.set_schedulable(node.clone(), false).await);
    for _ in 0..60 {
        if done(port.drain_once(node.clone(), Policy::Budgets).await).done {
            break;
        }
        harness.pass(5).await;
    }
    assert_eq!(port.forget(node.clone()).await, Outcome::Done(()));
    assert!(!inventory(harness).await.nodes.contains_key(&node));
    assert_eq!(port.forget(node).await, Outcome::NotFound);
}

/// A machine with a ticket becomes a node that is Ready and takes no pods until it is let in; the same key joins once.
pub async fn a_machine_joins_once_and_cordoned(harness: &impl Harness) {
    let (port, cloud) = (orchestrator(harness), cloud_of(harness));
    let before = inventory(harness).await.nodes;
    let machine = done(cloud.launch(harness.spec(), key("join-launch")).await);
    harness.pass(180).await;
    for _ in 0..2 {
        let ticket = done(port.mint_join(JoinRole::Worker, TimeDelta::minutes(10)).await);
        done(cloud.run(machine.clone(), HostOrder::Join(ticket), key("join")).await);
    }
    harness.pass(120).await;
    assert_eq!(cloud.run_result(key("join")).await, Outcome::Done(RunResult::Succeeded));

    let now = inventory(harness).await;
    let new: Vec<_> = now.nodes.values().filter(|node| !before.contains_key(&node.name)).collect();
    let [joined] = new.as_slice() else { panic!("one node joined, not {new:?}") };
    assert!(!joined.schedulable, "it joins in quarantine");
    let ordinary = now.pods.values().filter(|pod| pod.class == PodClass::Ordinary);
    assert_eq!(ordinary.filter(|pod| pod.node.as_ref() == Some(&joined.name)).count(), 0);

    done(port.set_schedulable(joined.name.clone(), true).await);
    assert_eq!(port.probe(joined.name.clone(), ProbeKind::Agent).await, ProbeResult::Pass);
}

/// A ticket works for its time and not longer.
pub async fn an_expired_ticket_lets_nobody_in(harness: &impl Harness) {
    let (port, cloud) = (orchestrator(harness), cloud_of(harness));
    let before = inventory(harness).await.nodes.len();
    let machine = done(cloud.launch(harness.spec(), key("late-launch")).await);
    let ticket = done(port.mint_join(JoinRole::Worker, TimeDelta::seconds(30)).await);
    harness.pass(180).await;
    done(cloud.run(machine, HostOrder::Join(ticket), key("late")).await);
    harness.pass(120).await;
    let ended = done(cloud.run_result(key("late")).await);
    assert!(matches!(ended, RunResult::Failed(_)), "{ended:?}");
    assert_eq!(inventory(harness).await.nodes.len(), before);
}

/// A probe looks and changes nothing; of a node that is not there it says that nobody knows.
pub async fn a_probe_of_an_unknown_node_says_nothing_about_it(harness: &impl Harness) {
    let port = orchestrator(harness);
    let node = a_serving_node(harness).await;
    for probe in ProbeKind::ALL {
        assert_eq!(port.probe(node.clone(), probe).await, ProbeResult::Pass, "{probe:?}");
        assert!(matches!(port.probe(nobody(), probe).await, ProbeResult::Unknown(_)), "{probe:?}");
    }
}

/// The effect of a call whose answer was lost is there to be seen.
pub async fn a_lost_answer_is_unknown_and_the_effect_is_seen(harness: &impl Harness) {
    let port = orchestrator(harness);
    let node = a_serving_node(harness).await;
    harness.lose_next_answer();
    assert!(matches!(port.set_schedulable(node.clone(), false).await, Outcome::Unknown(_)));
    assert!(!inventory(harness).await.nodes[&node].schedulable);
}

/// Pods that left a node are made anew elsewhere.
pub async fn drained_pods_come_back_elsewhere(harness: &impl Harness) {
    let port = orchestrator(harness);
    let node = a_serving_node(harness).await;
    let ready = |inventory: &lifeboat_commands::facts::Inventory| {
        let ordinary = inventory.pods.values().filter(|pod| pod.class == PodClass::Ordinary);
        ordinary.filter(|pod| pod.state == PodState::Ready).count()
    };
    let before = ready(&inventory(harness).await);
    done(port.set_schedulable(node.clone(), false).await);
    for _ in 0..60 {
        done(port.drain_once(node.clone(), Policy::Budgets).await);
        harness.pass(5).await;
    }
    assert_eq!(ready(&inventory(harness).await), before);
}

/// Installed once or twice: one canary a worker, and name resolution is seen on each.
pub async fn the_canary_may_be_installed_again_and_shows_name_resolution_on_every_node(
    harness: &impl Harness,
) {
    let port = orchestrator(harness);
    done(port.install_canary().await);
    harness.pass(60).await;
    let daemons = |inventory: &lifeboat_commands::facts::Inventory| {
        inventory.pods.values().filter(|pod| pod.class == PodClass::Daemon).count()
    };
    let before = daemons(&inventory(harness).await);
    done(port.install_canary().await);
    harness.pass(60).await;
    assert_eq!(daemons(&inventory(harness).await), before, "what is there stays, and nothing is added");
    for node in serving(harness).await {
        assert_eq!(port.probe(node.name, ProbeKind::NameResolution).await, ProbeResult::Pass);
    }
}
