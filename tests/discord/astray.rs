//! What people take away or change under Lifeboat: places, commands, threads. It finds another way, and says so.

use std::num::NonZeroU64;
use std::time::Duration;

use lifeboat::config::{Discord as Configured, Lang};
use lifeboat_storage::event::{Kind, Severity};
use lifeboat_tests::fake::discord::world::channel::{CATEGORY, Channel};
use lifeboat_tests::fake::discord::world::message::Message;
use lifeboat_tests::fake::discord::{Discord, Settings, Snowflake};
use lifeboat_tests::hook::Hook;
use lifeboat_tests::tier::{Tier, require};

use super::ill::{cards, declare, lost, ready, webhook_is_empty};
use super::lifeboat::{ALL, Lifeboat, brisk, configured, person};

async fn start(discord: &Discord, chat: Configured) -> Lifeboat {
    let mei = discord.adds_person("mei-l", "en-US", &[]);
    let people = vec![person("Mei", mei.id(), &ALL)];
    let lifeboat = Lifeboat::start(Lang::En, chat, people).await;
    discord.connected().await;
    discord.until("commands", |discord| (!discord.commands().is_empty()).then_some(())).await;
    lifeboat
}

fn number(id: Snowflake) -> u64 {
    let id: NonZeroU64 = id.to_string().parse().unwrap();
    id.get()
}

async fn named(discord: &Discord, name: &'static str) -> Channel {
    let found =
        |discord: &Discord| discord.guild().channels.values().find(|one| one.name.starts_with(name)).cloned();
    discord.until(name, found).await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_configured_common_channel_is_deleted_another_one_takes_its_place() {
    let discord = Discord::start(Settings::default()).await;
    let common = discord.adds_channel("incidents-all", 0, None);
    let chat = Configured { alerts_channel: Some(number(common)), ..configured(&discord, Lang::En) };
    let mut lifeboat = start(&discord, chat).await;
    lifeboat.console("Mei", "/incident declare the first").await;
    lifeboat.delivered().await;
    assert_eq!(discord.messages(common).len(), 1);
    let stands_in = discord.channel("alerts").id;
    discord.deletes_channel(common);
    discord.until("the card there", |discord| cards(discord, stands_in, "INC-0001").pop()).await;
    lifeboat.console("Mei", "/incident declare the second").await;
    lifeboat.delivered().await;
    let cards = |name: &str| {
        let of_it =
            |one: &&lifeboat_tests::fake::discord::world::message::Message| one.content.contains(name);
        discord.messages(stands_in).iter().filter(of_it).count()
    };
    assert_eq!((cards("INC-0001"), cards("INC-0002")), (1, 1), "both open incidents have their card there");
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_common_channel_that_is_deleted_while_only_edits_go_there_has_the_open_cards_anew() {
    let discord = Discord::start(Settings::default()).await;
    let mut lifeboat = start(&discord, configured(&discord, Lang::En)).await;
    lifeboat.console("Mei", "/incident declare it burns severity:sev2").await;
    lifeboat.delivered().await;
    let old = discord.channel("alerts").id;
    discord.deletes_channel(old);
    lifeboat.console("Mei", "/incident severity SEV3 incident:INC-0001").await;
    let anew = |discord: &Discord| {
        let alerts = discord.guild().channels.values().find(|one| one.name == "alerts")?.id;
        cards(discord, alerts, "INC-0001").pop()
    };
    let card = discord.until("the card in the new common channel", anew).await;
    lifeboat.delivered().await;
    let common = discord.guild().channels.into_values().filter(|one| one.name == "alerts").count();
    let stand = cards(&discord, card.channel, "INC-0001").len();
    assert_eq!((common, stand), (1, 1), "Discord tells of it too, and it is made anew once");
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_deleted_while_nothing_is_sent_is_made_anew_at_once_and_only_once() {
    let discord = Discord::start(Settings::default()).await;
    let mut lifeboat = start(&discord, configured(&discord, Lang::En)).await;
    lifeboat.console("Mei", "/incident declare it burns severity:sev2").await;
    lifeboat.delivered().await;
    let other = discord.adds_channel("small talk", 0, None);
    let first = named(&discord, "inc-0001").await.id;
    discord.deletes_channel(other);
    discord.deletes_channel(first);
    let anew = |discord: &Discord| {
        let channels = discord.guild().channels;
        let second = channels.values().find(|one| one.id != first && one.name.starts_with("inc-0001"))?.id;
        discord.pinned(second).pop()
    };
    let status = discord.until("a new channel with its pinned status", anew).await;
    lifeboat.delivered().await;
    assert_eq!(cards(&discord, status.channel, "INC-0001").len(), 1);
    let rooms = |one: &&Channel| one.name.starts_with("inc-0001");
    assert_eq!(discord.guild().channels.values().filter(rooms).count(), 1);
    assert_eq!(lifeboat.until("its record", lost_places).await, 1, "it is told once");
    lifeboat.finish().await;
    discord.finish().await;
}

/// How often a place was recorded as lost.
fn lost_places(room: &lifeboat::desk::Room<'_>) -> Option<usize> {
    let lost = |kind: &Kind| matches!(kind, Kind::PlaceLost { .. });
    Some(room.engine.shelf().newest().filter(|event| lost(&event.kind)).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_common_channel_its_threads_are_made_anew_and_a_thread_that_is_deleted_too() {
    let discord = Discord::start(Settings::default()).await;
    let chat = Configured { thread_at: Some(Severity::Sev3), ..configured(&discord, Lang::En) };
    let mut lifeboat = start(&discord, chat).await;
    lifeboat.console("Mei", "/incident declare it fails a little severity:sev3").await;
    lifeboat.delivered().await;
    let old = named(&discord, "INC-0001").await;
    discord.deletes_channel(old.parent.unwrap());
    let anew = |discord: &Discord| {
        let thread = discord.guild().channels.into_values().find(|one| one.name.starts_with("INC-0001"))?;
        (!discord.pinned(thread.id).is_empty()).then_some(thread)
    };
    let second = discord.until("a thread in the new common channel", anew).await;
    assert_ne!(second.id, old.id);
    lifeboat.delivered().await;
    discord.deletes_channel(second.id);
    // It hangs on the same card, and so has the same id.
    let third = discord.until("the thread once more", anew).await;
    lifeboat.delivered().await;
    assert_eq!((third.parent, cards(&discord, third.id, "INC-0001").len()), (second.parent, 1));
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_somebody_deletes_is_put_up_again_while_its_incident_is_open() {
    let discord = Discord::start(Settings::default()).await;
    let mut lifeboat = start(&discord, configured(&discord, Lang::En)).await;
    lifeboat.console("Mei", "/incident declare it burns severity:sev2").await;
    lifeboat.delivered().await;
    let alerts = discord.channel("alerts").id;
    discord.deletes_message(cards(&discord, alerts, "INC-0001").pop().unwrap().id);
    lifeboat.console("Mei", "/incident severity SEV3 incident:INC-0001").await;
    let anew = |discord: &Discord| cards(discord, alerts, "INC-0001").pop();
    discord.until("the card once more", anew).await;
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_configured_category_is_deleted_an_incident_has_its_channel_all_the_same() {
    let discord = Discord::start(Settings::default()).await;
    let category = discord.adds_channel("War rooms", CATEGORY, None);
    let chat = Configured { open_category: Some(number(category)), ..configured(&discord, Lang::En) };
    let mut lifeboat = start(&discord, chat).await;
    discord.deletes_channel(category);
    lifeboat.console("Mei", "/incident declare it fails").await;
    lifeboat.delivered().await;
    let room = named(&discord, "inc-0001").await;
    assert_eq!(room.parent, Some(named(&discord, "Incidents").await.id));
    assert_eq!(discord.pinned(room.id).len(), 1);
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_category_of_closed_incidents_is_full_there_is_a_second_one() {
    let mut settings = Settings::default();
    settings.limits.in_category = 50;
    let discord = Discord::start(settings).await;
    let closed = discord.adds_channel("Incidents, closed", CATEGORY, None);
    for n in 0..50 {
        let _ = discord.adds_channel(&format!("old-{n}"), 0, Some(closed));
    }
    let mut lifeboat = start(&discord, configured(&discord, Lang::En)).await;
    lifeboat.console("Mei", "/incident declare it fails").await;
    lifeboat.delivered().await;
    for line in ["mitigate", "resolve", "close"] {
        lifeboat.console("Mei", &format!("/incident {line} incident:INC-0001")).await;
    }
    lifeboat.delivered().await;
    let second = named(&discord, "Incidents, closed 2").await;
    let moved = |discord: &Discord| {
        discord.guild().channels.values().any(|one| one.parent == Some(second.id)).then_some(())
    };
    discord.until("its channel in the second category", moved).await;
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_in_a_thread_has_no_buttons_in_the_end_though_the_thread_is_archived_first() {
    let discord = Discord::start(Settings::default()).await;
    let chat = Configured { thread_at: Some(Severity::Sev3), ..configured(&discord, Lang::En) };
    let mut lifeboat = start(&discord, chat).await;
    lifeboat.console("Mei", "/incident declare it fails a little severity:sev3").await;
    lifeboat.delivered().await;
    let thread = named(&discord, "INC-0001").await.id;
    for line in ["mitigate", "resolve", "close"] {
        lifeboat.console("Mei", &format!("/incident {line} incident:INC-0001")).await;
    }
    let at_rest = |discord: &Discord| {
        let status = discord.pinned(thread).pop()?;
        let archived = discord.guild().channels[&thread].thread.as_ref()?.archived;
        (archived && status.components.is_empty()).then_some(status)
    };
    let status = discord.until("the status without buttons, in an archived thread", at_rest).await;
    assert!(!status.content.contains("Investigating"), "{status:?}");
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_of_an_older_version_are_replaced_also_where_the_session_goes_on() {
    let discord = Discord::start(Settings::default()).await;
    let mut lifeboat = start(&discord, configured(&discord, Lang::En)).await;
    let registered = || discord.calls("bulk_set_guild_application_commands").len();
    let note = lifeboat.folder().join("discord-commands");
    while !note.exists() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    lifeboat.finish().await;
    lifeboat.begin().await;
    let resumed =
        |discord: &Discord| (discord.calls("list_guild_application_commands").len() == 1).then_some(());
    discord.until("a look at the commands that are there", resumed).await;
    assert_eq!(registered(), 1, "the same set is not registered again");
    lifeboat.finish().await;
    std::fs::write(note, "of an older version").unwrap();
    lifeboat.begin().await;
    discord.until("the set of this version", |_| (registered() == 2).then_some(())).await;
    let sessions = discord.connections().iter().filter(|one| one.resume.is_some()).count();
    assert_eq!(sessions, 2, "both times the session went on");
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thrown_out_and_invited_again_it_registers_its_commands_and_sums_up_once() {
    if !require(Tier::Real, "") {
        return;
    }
    let discord = Discord::start(Settings { patience: Duration::from_secs(30), ..Settings::default() }).await;
    let mei = discord.adds_person("mei-l", "en-US", &[]);
    let people = vec![person("Mei", mei.id(), &ALL)];
    let mut hook = Hook::reserve().unwrap();
    hook.open([]).unwrap();
    let mut lifeboat = Lifeboat::with_webhook(configured(&discord, Lang::En), people, &hook).await;
    ready(&discord).await;
    declare(&lifeboat, "before").await;
    lifeboat.delivered().await;

    discord.kicks_bot();
    assert_eq!(discord.commands().len(), 0);
    for n in 0..10 {
        lifeboat.console("Mei", &format!("/incident note incident:INC-0001 note {n}")).await;
    }
    declare(&lifeboat, "meanwhile").await;
    lifeboat.until("the loss is recorded", lost).await;
    lifeboat.until("the webhook has it all", webhook_is_empty).await;

    discord.invites_bot();
    discord.until("commands", |discord| (!discord.commands().is_empty()).then_some(())).await;
    lifeboat.delivered().await;
    let alerts = discord.channel("alerts").id;
    let summary = |one: &&Message| one.content.contains("out of reach");
    let told: Vec<Message> = discord.messages(alerts).iter().filter(summary).cloned().collect();
    assert_eq!(told.len(), 1, "one summary: {told:#?}");
    assert!(told[0].content.contains("INC-0002"), "{}", told[0].content);
    assert_eq!(cards(&discord, alerts, "INC-0002").len(), 1);
    mei.types("/incident ack incident:INC-0002", alerts).message().await;
    lifeboat.until("the chat is back", |room| lost(room).is_none().then_some(())).await;
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_address_discord_does_not_take_has_no_button_and_the_cards_come_all_the_same() {
    for (page, linked) in [("https://lifeboat:8443", false), ("https://lifeboat.example.org", true)] {
        let discord = Discord::start(Settings::default()).await;
        let mei = discord.adds_person("mei-l", "en-US", &[]);
        let people = vec![person("Mei", mei.id(), &ALL)];
        let chat = configured(&discord, Lang::En);
        let mut lifeboat = Lifeboat::around(Lang::En, chat, people, |config| {
            config.console.public_url = Some(page.parse().unwrap());
            brisk(config)
        })
        .await;
        ready(&discord).await;
        declare(&lifeboat, "it fails").await;
        lifeboat.delivered().await;
        let alerts = discord.channel("alerts").id;
        let card = cards(&discord, alerts, "INC-0001").pop().unwrap();
        let mut buttons = card.components.iter().filter_map(|row| row["components"].as_array()).flatten();
        assert_eq!(buttons.any(|one| one["url"].is_string()), linked, "{page}: {card:#?}");
        lifeboat.finish().await;
        discord.finish().await;
    }
}
