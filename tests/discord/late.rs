//! Answers that come late, or never: nobody else waits for them, and what was done is told all the same.

use std::time::Duration;

use lifeboat::config::Lang;
use lifeboat_tests::fake::discord::{Discord, Fault, Settings, Where};

use super::lifeboat::{ALL, Lifeboat, configured, person};

/// By which the answer to a command takes the place of its acknowledgement.
const ANSWER: Where = Where::At("update_original_webhook_message");

async fn start(discord: &Discord) -> Lifeboat {
    let mei = discord.adds_person("mei-l", "en-US", &[]);
    let people = vec![person("Mei", mei.id(), &ALL)];
    let lifeboat = Lifeboat::start(Lang::En, configured(discord, Lang::En), people).await;
    discord.connected().await;
    discord.until("commands", |discord| (!discord.commands().is_empty()).then_some(())).await;
    lifeboat
}

#[tokio::test(flavor = "multi_thread")]
async fn eighty_answers_that_hang_keep_no_acknowledgement_waiting() {
    let discord = Discord::start(Settings::default()).await;
    let mut lifeboat = start(&discord).await;
    let (mei, alerts) = (discord.person("mei-l"), discord.channel("alerts").id);
    let hang = Duration::from_secs(6);
    discord.fails(ANSWER, Fault::Slow(hang), 1_000);
    let asks = |_| mei.types("/incident ack incident:INC-0099", alerts);
    for asked in (0..80).map(asks).collect::<Vec<_>>() {
        asked.acknowledged().await;
    }
    let late = asks(80).acknowledged().await;
    assert!(late < Duration::from_millis(1_500), "it was acknowledged after {late:?}");
    assert_eq!(discord.unanswered().len(), 0);
    lifeboat.finish().await;
    discord.finish().await;
}
