//! Discord is ill in each way it can be, and Lifeboat goes on: nothing is lost, nothing is said twice, and where
//! Discord cannot be reached a second channel says so.

use std::time::Duration;

use lifeboat::config::Lang;
use lifeboat::engine::effect::Answer;
use lifeboat_tests::fake::discord::world::channel::{Channel, Overwrite};
use lifeboat_tests::fake::discord::world::message::Message;
use lifeboat_tests::fake::discord::world::permission::{MANAGE_CHANNELS, SEND_MESSAGES};
use lifeboat_tests::fake::discord::{Discord, Fault, INVITED, Numbers, Outage, Settings, Snowflake, Where};
use lifeboat_tests::hook::Hook;
use lifeboat_tests::tier::{Tier, require};

use super::lifeboat::{ALL, Lifeboat, configured, person};

/// A Lifeboat at a double that knows its commands, with Mei at the console.
pub(super) async fn start(discord: &Discord) -> Lifeboat {
    let mei = discord.adds_person("mei-l", "en-US", &[]);
    let people = vec![person("Mei", mei.id(), &ALL)];
    let lifeboat = Lifeboat::start(Lang::En, configured(discord, Lang::En), people).await;
    ready(discord).await;
    lifeboat
}

pub(super) async fn ready(discord: &Discord) {
    discord.connected().await;
    discord.until("commands", |discord| (!discord.commands().is_empty()).then_some(())).await;
}

pub(super) async fn declare(lifeboat: &Lifeboat, title: &str) {
    let answer = lifeboat.console("Mei", &format!("/incident declare {title}")).await;
    assert!(matches!(answer, Answer::Done(_)), "the console goes on: {answer:?}");
}

/// Cards of this incident in a channel.
pub(super) fn cards(discord: &Discord, channel: Snowflake, incident: &str) -> Vec<Message> {
    let of_it = |one: &Message| {
        one.embeds
            .iter()
            .any(|embed| embed["footer"]["text"].as_str().is_some_and(|text| text.starts_with(incident)))
    };
    discord.messages(channel).into_iter().filter(of_it).collect()
}

/// The channel of this incident, once it is there.
pub(super) async fn room(discord: &Discord, incident: &str) -> Channel {
    let name = incident.to_lowercase();
    let found = |discord: &Discord| {
        discord.guild().channels.values().find(|one| one.name.starts_with(&name)).cloned()
    };
    discord.until("the incident's channel", found).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_a_call_ends_in_one_card_and_one_status() {
    if !require(Tier::Real, "") {
        return;
    }
    let wait = Duration::from_millis(300);
    let faults = [
        Fault::Limited(wait),
        Fault::LimitedShared(wait),
        Fault::LimitedGlobal(wait),
        Fault::LimitedWithCode(20_028, wait),
        Fault::LimitedWithFourLeft(wait),
        Fault::LimitedWithoutCode(wait),
        Fault::Page(502),
        Fault::Page(503),
        Fault::Page(504),
        Fault::Broken,
        Fault::Slow(wait),
        Fault::CutBody,
        Fault::ResetBefore,
        Fault::ResetAfter,
    ];
    let mut settings = Settings { patience: Duration::from_secs(30), ..Settings::default() };
    (settings.limits.bucket, settings.limits.global) = (1_000, 5_000);
    let discord = Discord::start(settings).await;
    let mut lifeboat = start(&discord).await;
    let alerts = discord.channel("alerts").id;
    for (number, fault) in faults.iter().enumerate() {
        let incident = format!("INC-{:04}", number + 1);
        for operation in ["create_message", "create_guild_channel", "create_pin"] {
            discord.fails(Where::At(operation), fault.clone(), 1);
        }
        declare(&lifeboat, &format!("case {number}")).await;
        let room = room(&discord, &incident).await.id;
        lifeboat.delivered().await;
        let pinned = |discord: &Discord| (!discord.pinned(room).is_empty()).then_some(());
        discord.until("the pinned status", pinned).await;
        let there = (cards(&discord, alerts, &incident).len(), cards(&discord, room, &incident).len());
        assert_eq!(there, (1, 1), "{fault:?}");
        let rooms = discord
            .guild()
            .channels
            .values()
            .filter(|one| one.name.starts_with(&incident.to_lowercase()))
            .count();
        assert_eq!(
            (rooms, discord.stops_failing()),
            (1, 0),
            "{fault:?}: one channel, and each fault was met"
        );
    }
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_said_elsewhere_and_ends_in_one_summary_without_the_backlog() {
    if !require(Tier::Real, "") {
        return;
    }
    for outage in [Outage::Refused, Outage::Unavailable, Outage::Silent] {
        // Only the heartbeat tells that nothing is said any more.
        let gateway = if outage == Outage::Silent { Numbers::short() } else { Numbers::default() };
        let patience = Duration::from_secs(40);
        let discord = Discord::start(Settings { patience, gateway, ..Settings::default() }).await;
        let mei = discord.adds_person("mei-l", "en-US", &[]);
        let people = vec![person("Mei", mei.id(), &ALL)];
        let mut hook = Hook::reserve().unwrap();
        hook.open([]).unwrap();
        let mut lifeboat = Lifeboat::with_webhook(configured(&discord, Lang::En), people, &hook).await;
        ready(&discord).await;
        declare(&lifeboat, "before").await;
        let room = room(&discord, "INC-0001").await.id;
        lifeboat.delivered().await;
        let before = discord.messages(room).len();

        discord.goes_down(outage);
        for n in 0..20 {
            lifeboat.console("Mei", &format!("/incident note incident:INC-0001 note {n}")).await;
        }
        declare(&lifeboat, "meanwhile").await;
        lifeboat.until("the loss is recorded", lost).await;
        lifeboat.console("Mei", "/incident note incident:INC-0001 and still").await;
        let said = |text: &str| hook.posts().iter().any(|post| post.text.contains(text));
        lifeboat.until("the webhook has it all", webhook_is_empty).await;
        assert!(said("Discord cannot be reached") && said("meanwhile"), "{:#?}", hook.posts());

        discord.comes_back();
        lifeboat.delivered().await;
        let alerts = discord.channel("alerts").id;
        let summary = |one: &Message| one.content.contains("out of reach");
        let told: Vec<Message> = discord.messages(alerts).into_iter().filter(summary).collect();
        assert_eq!(told.len(), 1, "one summary");
        assert!(told[0].content.contains("INC-0002"), "{}", told[0].content);
        assert_eq!(cards(&discord, alerts, "INC-0002").len(), 1);
        let notes = discord.messages(room).len() - before;
        assert!(notes <= 1, "{notes} of 21 notes were caught up with");
        lifeboat.until("the chat is back", |room| lost(room).is_none().then_some(())).await;
        lifeboat.finish().await;
        discord.finish().await;
    }
}

pub(super) fn lost(room: &lifeboat::desk::Room<'_>) -> Option<()> {
    let chats = &room.engine.durable().chats;
    chats.of(lifeboat_storage::event::ChatKind::Discord)?.lost.map(|_| ())
}

fn alerts_unreached(room: &lifeboat::desk::Room<'_>) -> Option<()> {
    let chats = &room.engine.durable().chats;
    let unreached = &chats.of(lifeboat_storage::event::ChatKind::Discord)?.unreached;
    unreached.keys().any(|channel| channel.as_str() == "alerts").then_some(())
}

pub(super) fn webhook_is_empty(room: &lifeboat::desk::Room<'_>) -> Option<()> {
    let mut waiting = room.engine.durable().outbox.waiting.values();
    (!waiting.any(|one| one.chat == lifeboat_storage::event::ChatKind::Webhook)).then_some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_and_a_bot_thrown_out_are_said_elsewhere_and_stop_nothing_else() {
    if !require(Tier::Real, "") {
        return;
    }
    type Deed = fn(&Discord);
    let deeds: [(&str, Deed); 2] =
        [("revoked", |discord| drop(discord.resets_token())), ("thrown out", Discord::kicks_bot)];
    for (name, deed) in deeds {
        let discord =
            Discord::start(Settings { patience: Duration::from_secs(30), ..Settings::default() }).await;
        let mei = discord.adds_person("mei-l", "en-US", &[]);
        let people = vec![person("Mei", mei.id(), &ALL)];
        let mut hook = Hook::reserve().unwrap();
        hook.open([]).unwrap();
        let mut lifeboat = Lifeboat::with_webhook(configured(&discord, Lang::En), people, &hook).await;
        ready(&discord).await;
        deed(&discord);
        declare(&lifeboat, name).await;
        lifeboat.until("the loss is recorded", lost).await;
        lifeboat.until("the webhook has it all", webhook_is_empty).await;
        let posts = hook.posts();
        let said = |text: &str| posts.iter().any(|post| post.text.contains(text));
        assert!(said("Discord cannot be reached") && said(name), "{name}: {posts:#?}");
        let refused = discord.received().iter().filter(|one| matches!(one.status, 401 | 403 | 429)).count();
        assert!(refused <= 5, "{name}: {refused} calls that count towards a ban");
        lifeboat.finish().await;
        discord.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_channel_can_be_made_a_thread_is_and_that_is_said_aloud() {
    let mut full = Settings::default();
    full.limits.in_category = 1;
    let forbidden = Settings { permissions: INVITED & !MANAGE_CHANNELS, ..Settings::default() };
    for (settings, incident, word) in [(full, 2, "no room"), (forbidden, 1, "allowed no channel")] {
        let discord = Discord::start(settings).await;
        let mut lifeboat = start(&discord).await;
        for n in 1..incident {
            declare(&lifeboat, "it takes the only place").await;
            room(&discord, &format!("INC-{n:04}")).await;
        }
        declare(&lifeboat, "it finds none").await;
        let id = format!("INC-{incident:04}");
        let thread = |discord: &Discord| {
            discord.guild().channels.values().find(|one| one.name.starts_with(&id)).cloned()
        };
        let thread = discord.until("a thread", thread).await;
        lifeboat.delivered().await;
        let alerts = discord.channel("alerts").id;
        assert_eq!(
            (thread.kind, thread.parent),
            (11, Some(alerts)),
            "{word}: a public thread under the card"
        );
        assert_eq!(cards(&discord, thread.id, &id).len(), 1, "its status stands there");
        let aloud = |discord: &Discord| {
            discord.messages(thread.id).into_iter().find(|one| one.content.contains(word))
        };
        discord.until("a word about it", aloud).await;
        lifeboat.finish().await;
        discord.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_missing_permission_holds_up_goes_out_as_soon_as_it_is_given() {
    let discord = Discord::start(Settings::default()).await;
    let mut lifeboat = start(&discord).await;
    let alerts = discord.channel("alerts").id;
    let bot = |deny| Overwrite { id: discord.bot_id(), kind: 1, allow: 0, deny };
    discord.overwrites(alerts, bot(SEND_MESSAGES));
    declare(&lifeboat, "it fails").await;
    let refused = |discord: &Discord| {
        discord.calls("create_message").into_iter().find(|one| one.status == 403).map(|_| ())
    };
    discord.until("a refusal", refused).await;
    // Its channel has its status by then; what is for all waits.
    let held_up = |room: &lifeboat::desk::Room<'_>| {
        let mut waiting = room.engine.durable().outbox.waiting.values();
        waiting.all(|one| one.channel.as_str() == "alerts").then_some(())
    };
    lifeboat.until("only what is for all to wait", held_up).await;
    assert_eq!(cards(&discord, alerts, "INC-0001"), []);
    discord.overwrites(alerts, bot(0));
    let card = |discord: &Discord| cards(discord, alerts, "INC-0001").into_iter().next();
    discord.until("the card", card).await;
    lifeboat.delivered().await;
    assert_eq!(cards(&discord, alerts, "INC-0001").len(), 1);
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_common_channel_nobody_may_write_in_is_said_elsewhere_while_the_others_go_on() {
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
    let alerts = discord.channel("alerts").id;
    let bot = |deny| Overwrite { id: discord.bot_id(), kind: 1, allow: 0, deny };
    discord.overwrites(alerts, bot(SEND_MESSAGES));
    declare(&lifeboat, "it fails").await;
    let room = room(&discord, "INC-0001").await.id;
    for n in 0..30 {
        lifeboat.console("Mei", &format!("/incident note incident:INC-0001 note {n}")).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    lifeboat.until("the loss is recorded", alerts_unreached).await;
    lifeboat.until("the webhook has it all", webhook_is_empty).await;
    let posts = hook.posts();
    let told = posts.iter().find(|post| post.text.contains("takes no messages in #alerts"));
    assert!(told.is_some_and(|post| post.text.contains("lifeboat doctor")), "{posts:#?}");
    lifeboat.console("Mei", "/incident note incident:INC-0001 the last").await;
    let goes_on = |discord: &Discord| {
        discord.messages(room).into_iter().find(|one| one.content.contains("the last")).map(|_| ())
    };
    discord.until("a note in the incident's channel", goes_on).await;
    let refused = discord.received().iter().filter(|one| one.status == 403).count();
    assert!(refused <= 3, "{refused} calls that count towards a ban");

    discord.overwrites(alerts, bot(0));
    let summary = |discord: &Discord| {
        discord.messages(alerts).into_iter().find(|one| one.content.contains("took no messages")).map(|_| ())
    };
    discord.until("the summary", summary).await;
    lifeboat.delivered().await;
    assert_eq!(cards(&discord, alerts, "INC-0001").len(), 1);
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_somebody_deletes_is_made_anew_with_its_status() {
    let discord = Discord::start(Settings::default()).await;
    let mut lifeboat = start(&discord).await;
    declare(&lifeboat, "it fails").await;
    let first = room(&discord, "INC-0001").await.id;
    lifeboat.delivered().await;
    discord.deletes_channel(first);
    lifeboat.console("Mei", "/incident note incident:INC-0001 still at it").await;
    let anew = |discord: &Discord| {
        let second = discord
            .guild()
            .channels
            .values()
            .find(|one| one.id != first && one.name.starts_with("inc-0001"))?
            .id;
        (!discord.pinned(second).is_empty()).then_some(second)
    };
    let second = discord.until("the channel made anew, with its status", anew).await;
    assert_eq!(cards(&discord, second, "INC-0001").len(), 1);
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_lifeboats_with_one_token_one_acts() {
    // The second session may begin five seconds after the first.
    if !require(Tier::Real, "") {
        return;
    }
    let discord = Discord::start(Settings::default()).await;
    let mut first = start(&discord).await;
    let mei = discord.person("mei-l");
    let people = vec![person("Mei", mei.id(), &ALL)];
    let mut second = Lifeboat::start(Lang::En, configured(&discord, Lang::En), people).await;
    let both = |discord: &Discord| {
        let open =
            discord.connections().into_iter().filter(|one| one.session.is_some() && one.ended.is_none());
        (open.count() == 2).then_some(())
    };
    discord.until("two sessions", both).await;
    let alerts = discord.channel("alerts").id;
    for n in 0..5 {
        mei.types(&format!("/incident declare title:number {n}"), alerts).message().await;
    }
    let declared = async |lifeboat: &Lifeboat| {
        lifeboat.until("its incidents", |room| Some(room.engine.durable().incidents.len())).await
    };
    assert_eq!(declared(&first).await + declared(&second).await, 5, "each command had one effect");
    first.finish().await;
    second.finish().await;
    discord.finish().await;
}
