//! Faults of what answers people, of edits, and of what stands before Discord.

use std::time::Duration;

use lifeboat::config::Lang;
use lifeboat_tests::fake::discord::world::message::Message;
use lifeboat_tests::fake::discord::{Discord, Fault, Settings, Where};
use lifeboat_tests::hook::Hook;
use lifeboat_tests::tier::{Tier, require};

use super::ill::{cards, declare, lost, ready, room, start, webhook_is_empty};
use super::lifeboat::{ALL, Lifeboat, configured, person};

const WAIT: Duration = Duration::from_millis(300);

/// Limits that never stand in the way.
fn wide() -> Settings {
    let mut settings = Settings { patience: Duration::from_secs(30), ..Settings::default() };
    (settings.limits.bucket, settings.limits.global) = (1_000, 5_000);
    settings
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_an_acknowledgement_ends_in_one_effect_or_in_a_word_that_there_is_none() {
    if !require(Tier::Real, "") {
        return;
    }
    let faults = [
        (Fault::Limited(WAIT), true),
        (Fault::LimitedShared(WAIT), true),
        (Fault::LimitedGlobal(WAIT), true),
        (Fault::LimitedWithFourLeft(WAIT), true),
        (Fault::LimitedWithoutCode(WAIT), true),
        (Fault::Slow(WAIT), true),
        (Fault::Page(502), false),
        (Fault::Page(503), false),
        (Fault::Broken, false),
        (Fault::ResetAfter, false),
    ];
    let discord = Discord::start(wide()).await;
    let mut lifeboat = start(&discord).await;
    let (mei, alerts) = (discord.person("mei-l"), discord.channel("alerts").id);
    let (mut done, mut not_done) = (0, 0);
    for (fault, is_done) in faults {
        discord.fails(Where::At("create_interaction_response"), fault.clone(), 1);
        let _asked = mei.types(&format!("/incident declare title:case {}", done + not_done), alerts);
        let word = if is_done { "INC-" } else { "nothing was done" };
        let count = if is_done { &mut done } else { &mut not_done };
        *count += 1;
        let told = |_: &Discord| {
            // What was done is told to Mei alone; where there was no acknowledgement, the channel is told.
            let own = |one: &Message| one.ephemeral_to.is_some() || !is_done;
            let seen =
                mei.sees(alerts).into_iter().filter(|one| own(one) && one.content.contains(word)).count();
            (seen >= *count).then_some(())
        };
        discord.until(&format!("{fault:?}: a word about it"), told).await;
        let incidents = |room: &lifeboat::desk::Room<'_>| Some(room.engine.durable().incidents.len());
        assert_eq!(lifeboat.until("its incidents", incidents).await, done, "{fault:?}");
        assert_eq!(discord.stops_failing(), 0, "{fault:?} was met");
    }
    lifeboat.delivered().await;
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_an_edit_ends_in_a_card_that_tells_the_newest() {
    if !require(Tier::Real, "") {
        return;
    }
    let faults = [
        Fault::Limited(WAIT),
        Fault::LimitedShared(WAIT),
        Fault::LimitedGlobal(WAIT),
        Fault::LimitedWithFourLeft(WAIT),
        Fault::LimitedWithoutCode(WAIT),
        Fault::Page(502),
        Fault::Page(504),
        Fault::Broken,
        Fault::Slow(WAIT),
        Fault::CutBody,
        Fault::ResetBefore,
        Fault::ResetAfter,
    ];
    let discord = Discord::start(wide()).await;
    let mut lifeboat = start(&discord).await;
    declare(&lifeboat, "it fails").await;
    let room = room(&discord, "INC-0001").await.id;
    lifeboat.delivered().await;
    for (number, fault) in faults.iter().enumerate() {
        // One for the card among the alerts, one for the status.
        discord.fails(Where::At("update_message"), fault.clone(), 2);
        let note = format!("edit number {number} of them");
        lifeboat.console("Mei", &format!("/incident note incident:INC-0001 {note}")).await;
        let told = |discord: &Discord| {
            let status = discord.pinned(room).pop()?;
            let embeds = serde_json::Value::from(status.embeds).to_string();
            embeds.contains(&note).then_some(())
        };
        discord.until(&format!("{fault:?}: the status that tells it"), told).await;
        lifeboat.delivered().await;
        assert_eq!(cards(&discord, room, "INC-0001").len(), 1, "{fault:?}: it is edited, not sent again");
        let _not_met = discord.stops_failing();
    }
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_an_old_status_takes_no_more_edits_a_fresh_one_is_pinned() {
    if !require(Tier::Real, "") {
        return;
    }
    let mut settings = Settings { patience: Duration::from_secs(30), ..Settings::default() };
    (settings.limits.old_edits, settings.limits.old_edit_window) = (1, Duration::from_mins(2));
    let discord = Discord::start(settings).await;
    let mut lifeboat = start(&discord).await;
    declare(&lifeboat, "it fails").await;
    let room = room(&discord, "INC-0001").await.id;
    lifeboat.delivered().await;
    let first = discord.until("the pinned status", |discord| discord.pinned(room).pop()).await.id;
    discord.advance(Duration::from_mins(61));
    for n in 0..6 {
        lifeboat.console("Mei", &format!("/incident note incident:INC-0001 note {n}")).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let fresh = |discord: &Discord| {
        let pinned = discord.pinned(room);
        (pinned.len() == 1 && pinned[0].id != first).then(|| pinned[0].id)
    };
    discord.until("a fresh status, pinned in place of the old one", fresh).await;
    let refused = discord.calls("update_message").iter().filter(|one| one.code == 30_046).count();
    assert!((1..=2).contains(&refused), "{refused} edits were refused: one a card, and no more");
    lifeboat.delivered().await;
    assert_eq!(cards(&discord, room, "INC-0001").len(), 2, "the old status, and one fresh one");
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_what_stands_before_discord_holds_everything_back_and_is_said_elsewhere() {
    if !require(Tier::Real, "") {
        return;
    }
    for page in [Fault::Cloudflare, Fault::Page(403)] {
        let discord = Discord::start(wide()).await;
        let mei = discord.adds_person("mei-l", "en-US", &[]);
        let people = vec![person("Mei", mei.id(), &ALL)];
        let mut hook = Hook::reserve().unwrap();
        hook.open([]).unwrap();
        let mut lifeboat = Lifeboat::with_webhook(configured(&discord, Lang::En), people, &hook).await;
        ready(&discord).await;
        declare(&lifeboat, "before").await;
        lifeboat.delivered().await;
        discord.fails(Where::Anywhere, page.clone(), 1_000);
        declare(&lifeboat, "meanwhile").await;
        lifeboat.until("the loss is recorded", lost).await;
        lifeboat.until("the webhook has it all", webhook_is_empty).await;
        let said = |text: &str| hook.posts().iter().any(|post| post.text.contains(text));
        assert!(said("Discord cannot be reached") && said("meanwhile"), "{page:?}: {:#?}", hook.posts());
        let met = 1_000 - discord.stops_failing();
        assert!((1..=10).contains(&met), "{page:?}: {met} calls, not one after the other in vain");

        // It would wait for a minute; who mends the way there starts it again.
        lifeboat.finish().await;
        lifeboat.begin().await;
        lifeboat.delivered().await;
        let alerts = discord.channel("alerts").id;
        assert_eq!(cards(&discord, alerts, "INC-0002").len(), 1, "{page:?}");
        lifeboat.finish().await;
        discord.finish().await;
    }
}
