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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_a_quarter_of_an_hour_later_is_an_ordinary_message_in_the_channel() {
    let discord = Discord::start(Settings::default()).await;
    let mut lifeboat = start(&discord).await;
    let (mei, alerts) = (discord.person("mei-l"), discord.channel("alerts").id);
    // The repeats take more than a second, in which a quarter of an hour passes.
    discord.fails(ANSWER, Fault::Page(502), 3);
    let asked = mei.types("/incident declare title:it fails", alerts);
    asked.acknowledged().await;
    discord.advance(Duration::from_mins(16));
    let start = format!("<@{}> · ", mei.id());
    let told =
        |discord: &Discord| discord.messages(alerts).into_iter().find(|one| one.content.starts_with(&start));
    let told = discord.until("the answer in the channel", told).await;
    assert!(told.content.contains("INC-0001"), "{}", told.content);
    lifeboat.delivered().await;
    lifeboat.finish().await;
    discord.finish().await;
}
