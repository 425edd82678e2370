//! The whole story in Discord, against the double: from the spike to the postmortem, by cards, buttons, forms and
//! slash commands alone, in both languages; storms, outages, restarts.

use std::time::{Duration, Instant};

use lifeboat::config::{Discord as Configured, Lang};
use lifeboat_commands::people::Permission;
use lifeboat_storage::event::{Kind, Severity};
use lifeboat_tests::fake::discord::world::message::Message;
use lifeboat_tests::fake::discord::{Discord, Fault, INVITED, Outage, Settings, Where};
use lifeboat_tests::tier::tell;

use super::lifeboat::{ALL, Lifeboat, SERVICE, configured, person};

/// The card of the newest incident, once it stands among the alerts.
async fn card(discord: &Discord) -> Message {
    discord
        .until("a card among the alerts", |discord| {
            let alerts = discord.guild().channels.values().find(|one| one.name == "alerts")?.id;
            discord.messages(alerts).into_iter().rfind(|one| !one.embeds.is_empty())
        })
        .await
}

/// Text of a message as people read it.
fn read(message: &Message) -> String {
    let embeds: Vec<String> = message.embeds.iter().map(ToString::to_string).collect();
    format!("{}\n{}", message.content, embeds.join("\n"))
}

/// A quiet log, then every second request fails; the moment at which the first failure is written.
async fn spike(lifeboat: &Lifeboat, discord: &Discord) -> Instant {
    discord.connected().await;
    lifeboat.serves(3_000, 0);
    lifeboat
        .until("the log is read", |room| {
            let read: u64 =
                room.engine.watching().sources().values().map(|source| source.reader.requests()).sum();
            (read >= 3_000).then_some(())
        })
        .await;
    let began = Instant::now();
    lifeboat.serves(400, 2);
    began
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_spike_to_the_postmortem_with_nothing_but_a_token_and_a_guild() {
    tokio::join!(whole(Lang::En, "en-US"), whole(Lang::ZhCn, "zh-CN"));
}

async fn whole(lang: Lang, locale: &str) {
    let mut settings = Settings { furnished: false, ..Settings::default() };
    // A story of an hour in seconds: what a channel takes in that time, too.
    settings.limits.bucket = 50;
    let discord = Discord::start(settings).await;
    let mei = discord.adds_person("mei-l", locale, &[]);
    let people = vec![person("Mei", mei.id(), &ALL)];
    let mut lifeboat = Lifeboat::start(lang, configured(&discord, lang), people).await;
    spike(&lifeboat, &discord).await;

    let first = card(&discord).await;
    let shown: String = first.content.chars().take(90).collect();
    assert!(shown.contains("SEV") && shown.contains("502") && shown.contains(SERVICE), "{shown}");
    let room = discord
        .until("a channel of its own", |discord| {
            discord.guild().channels.values().find(|one| one.name.starts_with("inc-0001-")).cloned()
        })
        .await;
    assert!(room.topic.as_deref().is_some_and(|topic| topic.contains("INC-0001")), "{room:?}");
    let status = discord.until("a pinned status", |discord| discord.pinned(room.id).into_iter().next()).await;
    assert!(read(&status).contains("INC-0001"));

    let taken = mei.clicks(first.id, "v1:incident ack INC-0001");
    assert!(taken.acknowledged().await < Duration::from_millis(500));
    assert!(taken.message().await.content.contains("INC-0001"));
    discord
        .until("the card says who took it", |discord| {
            let card = discord.message(first.id)?;
            (card.content.contains(&format!("<@{}>", mei.id()))
                && card.control("v1:incident ack INC-0001").is_none())
            .then_some(())
        })
        .await;

    let form = mei.clicks(status.id, "v1:incident update incident:INC-0001 conditions: ");
    form.form().await;
    let update = mei.submits(&form, &[("conditions", "half of all fail"), ("needs", "eyes on DNS")]);
    assert!(update.message().await.content.contains("half of all fail"));
    let note = mei.types("/incident note text:restarted the \"api\" pool", room.id);
    note.message().await;
    discord
        .until("the note stands in the channel", |discord| {
            discord
                .messages(room.id)
                .into_iter()
                .find(|one| one.content.contains("restarted the \"api\" pool"))
        })
        .await;
    let said = mei.says(room.id, "DNS answers SERVFAIL");
    mei.uses("Add to timeline", said).message().await;

    for (line, word) in [
        ("/incident mitigate", "INC-0001"),
        ("/incident resolve", "INC-0001"),
        ("/incident close", "INC-0001"),
    ] {
        let answer = mei.types(line, room.id).message().await;
        assert!(answer.content.contains(word), "{line}: {}", answer.content);
    }
    let postmortem = discord
        .until("the postmortem is attached", |discord| {
            discord.messages(room.id).into_iter().find(|one| !one.attachments.is_empty())
        })
        .await;
    assert_eq!(postmortem.attachments.len(), 2);
    discord
        .until("the channel is put away and nothing can be pressed any more", |discord| {
            let moved = discord.guild().channels[&room.id].parent != room.parent;
            let cards = [discord.message(first.id)?, discord.message(status.id)?];
            (moved && cards.iter().all(|card| card.components.is_empty())).then_some(())
        })
        .await;

    let asked = mei.types("/incident postmortem incident:INC-0001 format:md", room.id).message().await;
    assert_eq!(asked.attachments.len(), 1);
    let noted = lifeboat
        .until("the timeline has it all", |room| {
            let texts = room.engine.shelf().newest().filter_map(|event| match &event.kind {
                Kind::NoteAdded { text } => Some(text.clone()),
                _ => None,
            });
            Some(texts.collect::<Vec<_>>())
        })
        .await;
    assert!(noted.iter().any(|text| text.contains("SERVFAIL")), "{noted:?}");
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_allowed_is_told_in_private_who_could() {
    let discord = Discord::start(Settings::default()).await;
    let (mei, lin, zoe) = (
        discord.adds_person("mei-l", "en-US", &[]),
        discord.adds_person("lin-w", "zh-CN", &[]),
        discord.adds_person("zoe", "en-US", &[]),
    );
    let people = vec![person("Mei", mei.id(), &ALL), person("Lin", lin.id(), &[Permission::Responder])];
    let mut lifeboat = Lifeboat::start(Lang::En, configured(&discord, Lang::En), people).await;
    discord.connected().await;
    discord.until("commands", |discord| (!discord.commands().is_empty()).then_some(())).await;
    let alerts = discord.channel("alerts").id;
    let no = zoe.types("/incident declare title:a", alerts).message().await;
    assert!(no.content.contains(&zoe.id().to_string()), "{}", no.content);
    assert_eq!(no.ephemeral_to, Some(zoe.id()));
    mei.types("/incident declare title:a", alerts).message().await;
    let no = lin.types("/incident cancel reason:no", alerts).message().await;
    assert!(no.content.contains("Mei"), "{}", no.content);
    let choices = lin.completes("/incident ack incident:INC", alerts).choices().await;
    assert_eq!(choices[0].1, "INC-0001");
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_wakes_the_role_that_must_come_and_its_recovery_nobody() {
    let discord = Discord::start(Settings { furnished: false, ..Settings::default() }).await;
    let role = discord.adds_role("on-call");
    let ana = discord.adds_person("ana-b", "en-US", &["on-call"]);
    let people = vec![person("Ana", ana.id(), &ALL)];
    let wake = Some((lifeboat_storage::event::Severity::Sev2, role.to_string().parse().expect("an id")));
    let chat = Configured { wake, ..configured(&discord, Lang::En) };
    let mut lifeboat = Lifeboat::start(Lang::En, chat, people).await;
    let began = spike(&lifeboat, &discord).await;
    let card = card(&discord).await;
    tell(&format!("from the first 502 in the log to the card in Discord: {:?}", began.elapsed()));
    assert!(ana.was_notified(card.id));
    let room = discord
        .until("a channel of its own", |discord| {
            discord.guild().channels.values().find(|one| one.name.starts_with("inc-0001-")).cloned()
        })
        .await;
    // What stands there shows that Lifeboat knows the channel.
    discord.until("its status", |discord| discord.pinned(room.id).pop()).await;
    discord.until("commands", |discord| (!discord.commands().is_empty()).then_some(())).await;
    ana.types("/incident mitigate", room.id).message().await;
    let told = discord
        .until("it is told", |discord| {
            discord.messages(room.id).into_iter().rfind(|one| one.content.contains("mitigated"))
        })
        .await;
    assert!(!ana.was_notified(told.id), "what people did themselves makes no sound");
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_outage_of_discord_loses_nothing_and_repeats_nothing() {
    let discord = Discord::start(Settings::default()).await;
    let mei = discord.adds_person("mei-l", "en-US", &[]);
    let people = vec![person("Mei", mei.id(), &ALL)];
    let mut lifeboat = Lifeboat::start(Lang::En, configured(&discord, Lang::En), people).await;
    discord.connected().await;
    discord.until("commands", |discord| (!discord.commands().is_empty()).then_some(())).await;
    let alerts = discord.channel("alerts").id;
    // The answer is lost after the message is there: the case for which nonces exist.
    discord.fails(Where::At("create_message"), Fault::ResetAfter, 1);
    mei.types("/incident declare title:first", alerts).message().await;
    discord.until("the first card", |discord| discord.messages(alerts).first().cloned()).await;
    discord.goes_down(Outage::Refused);
    let answer = lifeboat.console("Mei", "/incident declare second").await;
    assert!(matches!(answer, lifeboat::engine::effect::Answer::Done(_)), "the console goes on: {answer:?}");
    discord.comes_back();
    lifeboat
        .until("everything is delivered", |room| {
            room.engine.durable().outbox.waiting.is_empty().then_some(())
        })
        .await;
    let subjects: Vec<String> = discord.messages(alerts).iter().map(read).collect();
    for id in ["INC-0001", "INC-0002"] {
        let cards = subjects.iter().filter(|text| text.contains(id)).count();
        assert_eq!(cards, 1, "{id} in {subjects:#?}");
    }
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_resumes_and_neither_repeats_nor_forgets() {
    let discord = Discord::start(Settings::default()).await;
    let mei = discord.adds_person("mei-l", "en-US", &[]);
    let people = vec![person("Mei", mei.id(), &ALL)];
    let mut lifeboat = Lifeboat::start(Lang::En, configured(&discord, Lang::En), people).await;
    discord.connected().await;
    discord.until("commands", |discord| (!discord.commands().is_empty()).then_some(())).await;
    let alerts = discord.channel("alerts").id;
    mei.types("/incident declare title:first", alerts).message().await;
    lifeboat
        .until("everything is delivered", |room| {
            room.engine.durable().outbox.waiting.is_empty().then_some(())
        })
        .await;
    let before = discord.messages(alerts).len();
    lifeboat.finish().await;
    let missed = mei.types("/incident note text:while you were away", alerts);
    discord.advance(Duration::from_secs(4));
    lifeboat.begin().await;
    discord
        .until("the missed command is told", |discord| {
            let told = |one: &Message| one.content.contains("/incident note");
            discord.messages(alerts).into_iter().find(told)
        })
        .await;
    assert!(missed.interaction().answer.is_none(), "it was too late to answer it");
    assert_eq!(discord.messages(alerts).len(), before + 1, "and nothing was said again");
    assert_eq!(discord.calls("bulk_set_guild_application_commands").len(), 1, "commands are registered once");
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_on_what_somebody_wrote_puts_it_on_the_timeline_where_pins_are_switched_on() {
    let discord = Discord::start(Settings::default()).await;
    let mei = discord.adds_person("mei-l", "en-US", &[]);
    let people = vec![person("Mei", mei.id(), &ALL)];
    let chat = Configured { pins: true, ..configured(&discord, Lang::En) };
    let mut lifeboat = Lifeboat::start(Lang::En, chat, people).await;
    discord.connected().await;
    lifeboat.console("Mei", "/incident declare it fails").await;
    let room = discord
        .until("a channel of its own", |discord| {
            discord.guild().channels.values().find(|one| one.name.starts_with("inc-0001")).cloned()
        })
        .await;
    lifeboat.delivered().await;
    mei.reacts(mei.says(room.id, "DNS answers SERVFAIL"), "📌");
    let noted = |room: &lifeboat::desk::Room<'_>| {
        let mut newest = room.engine.shelf().newest();
        newest.find_map(|event| match &event.kind {
            Kind::NoteAdded { text } => Some(text.clone()),
            _ => None,
        })
    };
    let text = lifeboat.until("the note", noted).await;
    // Without the content intent Discord tells no text: then the way to it is kept.
    assert!(text.contains("https://discord.com/channels/"), "{text}");
    lifeboat.finish().await;
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mild_incident_is_a_thread_and_a_private_one_is_seen_by_its_roles_alone() {
    let permissions = INVITED;
    let discord = Discord::start(Settings { permissions, ..Settings::default() }).await;
    let role = discord.guild().role("on-call").id;
    let (mei, zoe) =
        (discord.adds_person("mei-l", "en-US", &["on-call"]), discord.adds_person("zoe", "en-US", &[]));
    let people = vec![person("Mei", mei.id(), &ALL)];
    let chat = Configured {
        thread_at: Some(Severity::Sev3),
        private_to: vec![role.to_string().parse().expect("an id")],
        ..configured(&discord, Lang::En)
    };
    let mut lifeboat = Lifeboat::start(Lang::En, chat, people).await;
    discord.connected().await;
    lifeboat.console("Mei", "/incident declare it fails badly severity:sev1").await;
    lifeboat.console("Mei", "/incident declare it fails a little severity:sev3").await;
    let named = |name: &'static str| {
        discord.until(name, move |discord| {
            discord.guild().channels.values().find(|one| one.name.starts_with(name)).cloned()
        })
    };
    let (room, thread) = (named("inc-0001").await, named("INC-0002").await);
    lifeboat.delivered().await;
    assert_eq!((thread.kind, thread.parent), (11, Some(discord.channel("alerts").id)));
    assert!(!mei.sees(room.id).is_empty(), "who has the role sees it");
    assert_eq!(zoe.sees(room.id), [], "nobody else does");
    lifeboat.finish().await;
    discord.finish().await;
}
