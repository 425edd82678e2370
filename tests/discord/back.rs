//! Discord comes back after an outage: what stood there before it tells what became of it meanwhile.

use lifeboat_tests::fake::discord::world::message::Message;
use lifeboat_tests::fake::discord::{Discord, Outage, Settings};
use lifeboat_tests::tier::{Tier, require};

use super::ill::{cards, declare, lost, room, start};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_and_closed_while_discord_was_away_stands_so_once_it_is_back() {
    if !require(Tier::Real, "") {
        return;
    }
    let patience = std::time::Duration::from_secs(40);
    let discord = Discord::start(Settings { patience, ..Settings::default() }).await;
    let mut lifeboat = start(&discord).await;
    for title in ["taken", "closed"] {
        declare(&lifeboat, title).await;
    }
    let (taken, closed) = (room(&discord, "INC-0001").await, room(&discord, "INC-0002").await);
    lifeboat.delivered().await;
    let alerts = discord.channel("alerts").id;

    discord.goes_down(Outage::Unavailable);
    for line in [
        "/incident ack INC-0001",
        "/incident severity sev1 INC-0001",
        "/incident resolve INC-0002",
        "/incident close INC-0002",
    ] {
        let answer = lifeboat.console("Mei", line).await;
        assert!(matches!(answer, lifeboat::engine::effect::Answer::Done(_)), "{line}: {answer:?}");
    }
    lifeboat.until("the loss is recorded", lost).await;
    discord.comes_back();
    lifeboat.until("the chat is back", |room| lost(room).is_none().then_some(())).await;
    lifeboat.delivered().await;

    let mei = discord.person("mei-l").id();
    let edited = |discord: &Discord| {
        let card = cards(discord, alerts, "INC-0001").pop()?;
        let says = card.content.contains(&format!("<@{mei}>")) && card.content.contains("SEV1");
        (says && card.control("v1:incident ack INC-0001").is_none()).then_some(())
    };
    discord.until("its card says who took it and how bad it is", edited).await;
    let over = |discord: &Discord| {
        let cards = [cards(discord, alerts, "INC-0002").pop()?, cards(discord, closed.id, "INC-0002").pop()?];
        let moved = discord.guild().channels[&closed.id].parent != closed.parent;
        (moved && cards.iter().all(|card| card.components.is_empty())).then_some(())
    };
    discord.until("nothing can be pressed on what is closed, and its channel is put away", over).await;

    let attached = |one: &Message| !one.attachments.is_empty();
    let farewells = discord.messages(closed.id).into_iter().filter(attached).count();
    let summary = |one: &Message| one.content.contains("out of reach");
    let summaries = discord.messages(alerts).into_iter().filter(summary).count();
    assert_eq!((farewells, summaries), (1, 1), "one postmortem, one summary");
    for (channel, incident) in [(alerts, "INC-0001"), (alerts, "INC-0002"), (taken.id, "INC-0001")] {
        assert_eq!(cards(&discord, channel, incident).len(), 1, "{incident} stands there once");
    }
    lifeboat.finish().await;
    discord.finish().await;
}
