//! Plans by buttons: a plan shows its hash on its button, one's own two-person plan is refused, another person's yes
//! starts it; in a drill, on the simulated fleet, said on every message.

use std::sync::Arc;
use std::time::Duration;

use lifeboat::app::run::{Around, Theatre};
use lifeboat::config::Lang;
use lifeboat::drill::clock::DrillClock;
use lifeboat::drill::journal::Journal;
use lifeboat::drill::stage;
use lifeboat_commands::people::DiscordRole;
use lifeboat_deploy::simulated::{Scenario, Simulated};
use lifeboat_storage::plan::run::Standing;
use lifeboat_tests::fake::discord::world::message::Message;
use lifeboat_tests::fake::discord::{Discord, Settings};

use super::lifeboat::{ALL, Lifeboat, configured, person};

fn scenario() -> Scenario {
    Scenario::named("sold-out-morning").expect("it comes with Lifeboat")
}

fn around(config: &mut lifeboat::config::Config) -> Around {
    let scenario = scenario();
    std::fs::create_dir_all(&config.data_dir).expect("a folder");
    let fleet = Journal::open(Simulated::new(&scenario, 502), &config.data_dir).expect("a world");
    Around {
        theatre: Theatre::Drill { number: stage::ALONE, fleet: Arc::new(fleet) },
        clock: Arc::new(DrillClock::new(scenario.starts_at, scenario.starts_at, 1)),
        setup: Some(stage::setup(&scenario, stage::ALONE, config.people.clone())),
    }
}

/// The custom id of the button whose id begins so.
fn button(message: &Message, begins: &str) -> Option<String> {
    let rows = message.components.iter().filter_map(|row| row["components"].as_array()).flatten();
    let mut ids = rows.filter_map(|button| button["custom_id"].as_str());
    ids.find(|id| id.starts_with(begins)).map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_two_people_is_approved_by_its_hash_and_not_by_who_asked() {
    let discord = Discord::start(Settings { patience: Duration::from_secs(30), ..Settings::default() }).await;
    let (mei, lin) = (discord.adds_person("mei-l", "en-US", &[]), discord.adds_person("lin-w", "zh-CN", &[]));
    let people = vec![person("Mei", mei.id(), &ALL), person("Lin", lin.id(), &ALL)];
    let mut lifeboat = Lifeboat::around(Lang::En, configured(&discord, Lang::En), people, around).await;
    discord.connected().await;
    discord.until("commands", |discord| (!discord.commands().is_empty()).then_some(())).await;
    let alerts = discord.channel("alerts").id;
    let node = lifeboat.until("the fleet is seen", first_worker).await;

    let asked = mei.types(&format!("/node remove target:{node}"), alerts).message().await;
    assert!(asked.content.contains("P-1"), "{}", asked.content);
    let card = discord
        .until("the plan's card", |discord| {
            discord
                .messages(alerts)
                .into_iter()
                .find(|one| button(one, "v1:plan approve P-1 hash:").is_some())
        })
        .await;
    assert!(card.content.contains("DRILL"), "{}", card.content);
    let approve = button(&card, "v1:plan approve P-1 hash:").expect("seen before");
    let own = mei.clicks(card.id, &approve).message().await;
    assert!(
        own.content.contains("Lin"),
        "one's own plan for two is refused, with who could: {}",
        own.content
    );

    lin.clicks(card.id, &approve).message().await;
    lifeboat
        .until("it runs", |room| {
            let run = room.engine.durable().plans.values().next()?;
            (run.standing != Standing::Proposed).then_some(())
        })
        .await;
    discord
        .until("the card shows that it runs", |discord| {
            let card = discord.message(card.id)?;
            button(&card, "v1:plan approve").is_none().then_some(())
        })
        .await;
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_by_a_role_alone_is_no_second_person_and_hears_who_is_without_anybody_being_called() {
    let discord = Discord::start(Settings { patience: Duration::from_secs(30), ..Settings::default() }).await;
    let role = discord.guild().role("on-call").id;
    let id = role.to_string().parse().expect("an id");
    let (mei, zoe) = (
        discord.adds_person("mei-l", "en-US", &["on-call"]),
        discord.adds_person("zoe", "en-US", &["on-call"]),
    );
    let people = vec![person("Mei", mei.id(), &ALL)];
    let mut lifeboat = Lifeboat::around(Lang::En, configured(&discord, Lang::En), people, |config| {
        config.people.roles =
            vec![DiscordRole { id, name: Some("on call".to_owned()), permissions: ALL.to_vec() }];
        around(config)
    })
    .await;
    discord.connected().await;
    discord.until("commands", |discord| (!discord.commands().is_empty()).then_some(())).await;
    let alerts = discord.channel("alerts").id;
    let node = lifeboat.until("the fleet is seen", first_worker).await;
    mei.types(&format!("/node remove target:{node}"), alerts).message().await;
    let approve = "v1:plan approve P-1 hash:";
    let card = discord
        .until("the plan's card", |discord| {
            discord.messages(alerts).into_iter().find(|one| button(one, approve).is_some())
        })
        .await;
    let approve = button(&card, approve).expect("seen before");
    for person in [&mei, &zoe] {
        let no = person.clicks(card.id, &approve).message().await;
        let who = format!("configured people with the Discord role <@&{role}>");
        assert!(no.content.contains(&who) && !person.was_notified(no.id), "{}", no.content);
    }
    let standing = lifeboat
        .until("the plan", |room| room.engine.durable().plans.values().next().map(|run| run.standing));
    assert_eq!(standing.await, Standing::Proposed);
    lifeboat.finish().await;
    discord.finish().await;
}

fn first_worker(room: &lifeboat::desk::Room<'_>) -> Option<String> {
    let mut clusters = room.engine.facts().clusters.iter();
    let (_, seen) = clusters.find(|(name, _)| name.as_str() == "k8s-main")?;
    seen.workers().next().map(|node| node.name.to_string())
}
