//! The scripts of the local gateway, and the limits it holds a client to.

use std::io::Read;
use std::time::Duration;

use flate2::read::ZlibDecoder;
use lifeboat_tests::fake::discord::gateway::intent;
use lifeboat_tests::fake::discord::{Discord, Script, Settings};
use serde_json::{Value, json};

use crate::bot::{Heard, Line, identify, identify_with};
use crate::double_gateway::resumed;

#[tokio::test]
async fn heartbeats_go_unanswered_on_the_connection_that_is_deaf_and_not_on_the_next() {
    let discord = Discord::start(Settings::default()).await;
    let (mut deaf, _) = Line::ready(&discord).await;
    discord.plays(&Script::NoAck);
    deaf.says(json!({ "op": 1, "d": 2 })).await;
    discord.until("the heartbeat", |discord| discord.connections()[0].heartbeats.first().copied()).await;
    let mut next = Line::connect(discord.gateway_url()).await;
    next.hears_op(10).await;
    next.says(json!({ "op": 1, "d": null })).await;
    next.hears_op(11).await;
    discord.plays(&Script::AsksForHeartbeat);
    // Had there been an acknowledgement, it would have come before this.
    deaf.hears_op(1).await;
    discord.finish().await;
}

#[tokio::test]
async fn a_heartbeat_for_an_event_that_never_was_is_noticed() {
    let discord = Discord::start(Settings::default()).await;
    let (mut line, _) = Line::ready(&discord).await;
    line.says(json!({ "op": 1, "d": 7 })).await;
    line.hears_op(11).await;
    assert_eq!(discord.takes_violations().len(), 1);
}

#[tokio::test]
async fn a_connection_may_go_unanswered_at_each_step() {
    let discord = Discord::start(Settings::default()).await;
    let short = Duration::from_millis(200);
    discord.plays(&Script::NoUpgrade);
    assert!(tokio::time::timeout(short, Line::try_connect(discord.gateway_url())).await.is_err());
    discord.plays(&Script::Refuses(503));
    assert!(Line::try_connect(discord.gateway_url()).await.is_err());
    discord.plays(&Script::NoHello);
    let mut line = Line::connect(discord.gateway_url()).await;
    line.says(json!({ "op": 1, "d": null })).await;
    line.hears_op(11).await;
    discord.plays(&Script::NoReady);
    let mut line = Line::connect(discord.gateway_url()).await;
    line.hears_op(10).await;
    line.says(identify(&discord)).await;
    line.says(json!({ "op": 1, "d": null })).await;
    line.hears_op(11).await;
    discord.finish().await;
}

#[tokio::test]
async fn the_resume_address_can_be_dead_while_the_first_lives() {
    let discord = Discord::start(Settings::default()).await;
    let (mut line, _) = Line::ready(&discord).await;
    discord.plays(&Script::RefusesResumeAddress);
    assert_eq!(line.hears().await, Heard::Gone);
    assert!(Line::try_connect(discord.resume_url()).await.is_err());
    Line::connect(discord.gateway_url()).await.hears_op(10).await;
    discord.finish().await;
}

#[tokio::test]
async fn who_resumes_may_hear_again_what_it_had_heard() {
    let discord = Discord::start(Settings::default()).await;
    let (mut line, ready) = Line::ready(&discord).await;
    discord.plays(&Script::Burst(2));
    let heard = [line.hears_payload().await, line.hears_payload().await];
    discord.plays(&Script::Repeats);
    assert_eq!(line.hears().await, Heard::Gone);
    let mut line = resumed(&discord, &ready["d"]["session_id"], 4).await;
    line.hears_event("READY").await;
    line.hears_event("GUILD_CREATE").await;
    assert_eq!([line.hears_payload().await, line.hears_payload().await], heard);
    line.hears_event("RESUMED").await;
    discord.finish().await;
}

#[tokio::test]
async fn the_day_s_budget_of_sessions_is_told_counted_and_kept() {
    let discord = Discord::start(Settings::default()).await;
    discord.plays(&Script::IdentifiesLeft(1));
    let rest = crate::bot::Rest::of(&discord);
    let left = async || rest.get("/gateway/bot").await.body["session_start_limit"]["remaining"].clone();
    assert_eq!(left().await, 1);
    Line::ready(&discord).await;
    assert_eq!(left().await, 0);
    discord.advance(Duration::from_secs(5));
    let mut line = Line::connect(discord.gateway_url()).await;
    line.hears_op(10).await;
    line.says(identify(&discord)).await;
    assert_eq!(line.hears().await, Heard::Closed(Some(4004)));
    assert_eq!(discord.takes_violations().len(), 1);
}

#[tokio::test]
async fn sessions_begun_too_fast_are_turned_away() {
    let discord = Discord::start(Settings::default()).await;
    Line::ready(&discord).await;
    let mut line = Line::connect(discord.gateway_url()).await;
    line.hears_op(10).await;
    line.says(identify(&discord)).await;
    assert_eq!(line.hears_op(9).await["d"], false);
    discord.finish().await;
}

#[tokio::test]
async fn what_nobody_knows_is_said_in_between() {
    let settings = Settings { privileged_intents: intent::MESSAGE_CONTENT, ..Settings::default() };
    let discord = Discord::start(settings).await;
    let mut line = Line::connect(discord.gateway_url()).await;
    line.hears_op(10).await;
    let intents = intent::GUILDS | intent::GUILD_MESSAGES | intent::MESSAGE_CONTENT;
    line.says(identify_with(&discord, intents)).await;
    line.hears_event("READY").await;
    line.hears_event("GUILD_CREATE").await;
    discord.plays(&Script::Unknown);
    line.hears_op(43).await;
    line.hears_event("SOMETHING_NEW_AT_DISCORD").await;
    let message = line.hears_event("MESSAGE_CREATE").await["d"].clone();
    assert_eq!(
        (&message["components"][0]["type"], &message["components"][1]["components"][0]["type"]),
        (&json!(99), &json!(98))
    );
    discord.finish().await;
}

#[tokio::test]
async fn without_the_intent_only_what_is_meant_for_the_bot_has_content() {
    let discord = Discord::start(Settings::default()).await;
    let mut line = Line::connect(discord.gateway_url()).await;
    line.hears_op(10).await;
    line.says(identify_with(&discord, intent::GUILDS | intent::GUILD_MESSAGES)).await;
    line.hears_event("READY").await;
    line.hears_event("GUILD_CREATE").await;
    let general = discord.channel("general").id;
    let ana = discord.person("ana");
    let _ = ana.says(general, "among us");
    let _ = ana.says(general, &format!("<@{}> hello", discord.bot_id()));
    assert_eq!(line.hears_event("MESSAGE_CREATE").await["d"]["content"], "");
    let meant = line.hears_event("MESSAGE_CREATE").await["d"]["content"].clone();
    assert!(meant.as_str().unwrap().ends_with("hello"));
    discord.finish().await;
}

#[tokio::test]
async fn two_thousand_events_and_a_server_of_five_megabytes_all_arrive() {
    let discord = Discord::start(Settings::default()).await;
    discord.plays(&Script::BigGuild(5_000_000));
    let (mut line, _) = Line::ready(&discord).await;
    discord.plays(&Script::Burst(2_000));
    line.says(json!({ "op": 1, "d": 2 })).await;
    let mut numbers = Vec::new();
    let mut acknowledged = 0;
    while numbers.len() < 2_000 || acknowledged == 0 {
        let said = line.hears_payload().await;
        match said["op"].as_u64() {
            Some(0) => numbers.push(said["d"]["number"].as_u64().unwrap()),
            Some(11) => acknowledged += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(numbers, (0..2_000).collect::<Vec<_>>());
    discord.finish().await;
}

#[tokio::test]
async fn zlib_frames_say_the_same_as_text() {
    let discord = Discord::start(Settings::default()).await;
    discord.plays(&Script::Zlib);
    let mut line = Line::connect(discord.gateway_url()).await;
    let Heard::Zlib(bytes) = line.hears().await else { panic!("no binary frame") };
    let mut text = String::new();
    ZlibDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    let hello: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&hello["op"], &hello["d"]["heartbeat_interval"]), (&json!(10), &json!(41_250)));
    discord.finish().await;
}

#[tokio::test]
async fn the_121st_event_in_a_minute_ends_the_connection() {
    let discord = Discord::start(Settings::default()).await;
    let mut line = Line::connect(discord.gateway_url()).await;
    line.hears_op(10).await;
    for _ in 0..120 {
        line.says(json!({ "op": 1, "d": null })).await;
        line.hears_op(11).await;
    }
    line.says(json!({ "op": 1, "d": null })).await;
    assert_eq!(line.hears().await, Heard::Closed(Some(4008)));
    assert_eq!(discord.takes_violations().len(), 1);
}

#[tokio::test]
async fn who_misses_its_heartbeats_is_hung_up_on() {
    let mut settings = Settings::default();
    settings.gateway.heartbeat_interval = Duration::from_millis(10);
    let discord = Discord::start(settings).await;
    let (mut line, _) = Line::ready(&discord).await;
    assert_eq!(line.hears().await, Heard::Closed(Some(4000)));
    discord.finish().await;
}

#[tokio::test]
async fn two_sessions_hear_the_same_and_the_first_acknowledgement_wins() {
    let mut settings = Settings::default();
    settings.gateway.concurrency = 2;
    let discord = Discord::start(settings).await;
    let rest = crate::bot::Rest::of(&discord);
    let commands =
        format!("/applications/{}/guilds/{}/commands", discord.application_id(), discord.guild_id());
    rest.send("PUT", &commands, json!([{ "name": "ping", "description": "Answers" }])).await;
    let (mut first, _) = Line::ready(&discord).await;
    let (mut second, _) = Line::ready(&discord).await;
    let asked = discord.person("ana").types("/ping", discord.channel("alerts").id);
    let mut answers = Vec::new();
    for line in [&mut first, &mut second] {
        let event = line.hears_event("INTERACTION_CREATE").await["d"].clone();
        assert_eq!(event["id"], asked.id().to_string());
        let path = format!("/interactions/{}/{}/callback", asked.id(), event["token"].as_str().unwrap());
        let answer = rest.send("POST", &path, json!({ "type": 5 })).await;
        answers.push((answer.status, answer.code()));
    }
    assert_eq!(answers, [(204, 0), (400, 40_060)]);
    discord.finish().await;
}

#[tokio::test]
async fn an_address_of_another_version_or_encoding_is_noticed() {
    let discord = Discord::start(Settings::default()).await;
    let stream =
        tokio::net::TcpStream::connect(discord.gateway_url().trim_start_matches("ws://")).await.unwrap();
    let url = format!("{}/?v=9&encoding=etf&compress=zstd-stream", discord.gateway_url());
    tokio_tungstenite::client_async(url, stream).await.unwrap();
    assert_eq!(discord.takes_violations().len(), 2);
}

#[tokio::test]
async fn after_a_new_token_the_old_one_is_worth_nothing() {
    let discord = Discord::start(Settings::default()).await;
    let rest = crate::bot::Rest::of(&discord);
    let (mut line, _) = Line::ready(&discord).await;
    let token = discord.resets_token();
    assert_eq!(line.hears().await, Heard::Closed(Some(4004)));
    assert_eq!(rest.get("/users/@me").await.status, 401);
    assert_eq!(discord.token(), token);
    discord.advance(Duration::from_secs(5));
    Line::ready(&discord).await;
    discord.finish().await;
}
