//! Ten thousand pods fail at once, and a person works in the middle of it.

use std::time::Duration;

use lifeboat::app::run::Around;
use lifeboat::app::setup;
use lifeboat::config::Lang;
use lifeboat::engine::Setup;
use lifeboat::engine::input::Input;
use lifeboat_commands::facts::{Inventory, Pod, PodClass, PodState};
use lifeboat_commands::fleet::{Cluster, Fleet};
use lifeboat_commands::people::Person;
use lifeboat_commands::ports::orchestrator::{Fact, Seen};
use lifeboat_storage::id::{CloudName, ClusterName, ServiceName, World};
use lifeboat_storage::plan::Evidence;
use lifeboat_tests::fake::discord::{Discord, Settings};
use lifeboat_tests::tier::{Tier, require, tell};

use super::camera::Camera;
use super::lifeboat::{ALL, Lifeboat, SERVICE, configured, person};

const PODS: usize = 10_000;
/// What a storm may cost (issue: "at most 12 messages and 1 edit per card in 5 s").
const MESSAGES: usize = 12;

fn cluster() -> ClusterName {
    ClusterName::new("k8s-main")
}

fn pod(n: usize, restarts: u32) -> Pod {
    let state = PodState::Failing {
        reason: "CrashLoopBackOff".to_owned(),
        restarts,
        signature: "config".to_owned(),
        evidence: Evidence(format!("@everyone DB_URL is empty, try {restarts}")),
    };
    Pod {
        name: format!("web-{n:05}"),
        service: Some(ServiceName::new(SERVICE)),
        node: None,
        class: PodClass::Ordinary,
        state,
        since: lifeboat::clock::wall(),
    }
}

fn around(config: &mut lifeboat::config::Config) -> Around {
    let watched = Cluster {
        name: cluster(),
        service: ServiceName::new(SERVICE),
        cloud: CloudName::new("cloud"),
        traffic: None,
        wanted: 9,
    };
    let fleet = Fleet { clusters: vec![watched], ..Fleet::default() };
    let setup = Setup { fleet, ..setup::engine(config, World::Real) };
    Around { setup: Some(setup), ..Around::real() }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_failing_pods_are_one_card_few_messages_and_no_delay_for_people() {
    if !require(Tier::Real, "") {
        return;
    }
    let discord = Discord::start(Settings { patience: Duration::from_secs(30), ..Settings::default() }).await;
    let mei = discord.adds_person("mei-l", "en-US", &[]);
    let os = Some(lifeboat::console::control::own_user());
    let people = vec![Person { os, ..person("Mei", mei.id(), &ALL) }];
    let mut lifeboat = Lifeboat::around(Lang::En, configured(&discord, Lang::En), people, around).await;
    discord.connected().await;
    discord.until("commands", |discord| (!discord.commands().is_empty()).then_some(())).await;
    let alerts = discord.channel("alerts").id;
    let desk = lifeboat.running.as_ref().expect("it runs").desk.clone();

    let pods = (0..PODS).map(|n| pod(n, 0)).map(|pod| (pod.name.clone(), pod)).collect();
    let all = Inventory { as_of: Some(lifeboat::clock::wall()), pods, ..Inventory::default() };
    let seen = |seen| Input::Seen { cluster: cluster(), seen };
    desk.tell(seen(Seen::Snapshot(Box::new(all)))).await.expect("it runs");
    discord.until("the card", |discord| discord.messages(alerts).first().cloned()).await;
    let link = lifeboat.running.as_ref().map(|running| running.link.clone()).unwrap_or_default();
    if let Some(camera) = Camera::at(&link).await {
        camera.takes("failed-start", "alerts", "article.card", "fail to start").await;
    }

    let mut slowest = Duration::ZERO;
    for round in 1..=10_u32 {
        for n in 0..PODS / 10 {
            let as_of = lifeboat::clock::wall();
            let fact = Fact::Pod(pod(n * 10 + usize::try_from(round % 10).unwrap_or(0), round));
            desk.tell(seen(Seen::Changed { as_of, fact })).await.expect("it runs");
        }
        let asked = mei.types(&format!("/incident note text:round {round}"), alerts);
        slowest = slowest.max(asked.acknowledged().await);
        asked.message().await;
    }
    assert!(slowest < Duration::from_millis(500), "the slowest acknowledgement took {slowest:?}");
    lifeboat
        .until("everything is delivered", |room| {
            room.engine.durable().outbox.waiting.is_empty().then_some(())
        })
        .await;

    let notes = 10;
    let messages = discord.calls("create_message").len() - notes;
    assert!(messages <= MESSAGES, "{messages} messages");
    let edits = discord.calls("update_message");
    for edit in &edits {
        let near = edits.iter().filter(|other| {
            other.path == edit.path && other.at > edit.at && other.at - edit.at < Duration::from_millis(4_900)
        });
        assert_eq!(near.count(), 0, "{} was edited twice within five seconds", edit.path);
    }
    assert!(discord.received().iter().all(|one| one.status != 429), "no limit was met");
    let edits = edits.len();
    tell(&format!("storm: {messages} messages, {edits} edits, slowest acknowledgement {slowest:?}"));
    lifeboat.finish().await;
    discord.finish().await;
}
