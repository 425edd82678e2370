//! The REST half of the double.

use std::time::Duration;

use lifeboat_tests::fake::discord::{Discord, Fault, Settings, Where};
use serde_json::{Value, json};

use crate::bot::{Rest, message};

#[tokio::test]
async fn a_message_is_sent_edited_and_deleted() {
    let discord = Discord::start(Settings::default()).await;
    let rest = Rest::of(&discord);
    let alerts = discord.channel("alerts").id;

    let sent = rest.says(alerts, "first").await;
    assert_eq!((sent.status, &sent.body["content"]), (200, &json!("first")));
    let path = format!("/channels/{alerts}/messages/{}", sent.id());
    let edited = rest.send("PATCH", &path, message("second")).await;
    assert_eq!((edited.status, &edited.body["content"]), (200, &json!("second")));
    assert_eq!(discord.messages(alerts)[0].edits(), 1);
    assert_eq!(rest.send("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(discord.messages(alerts), []);
    assert_eq!(rest.get(&path).await.code(), 10_008);
    discord.finish().await;
}

#[tokio::test]
async fn a_command_is_answered_within_three_seconds_and_once() {
    let discord = Discord::start(Settings::default()).await;
    let rest = Rest::of(&discord);
    let alerts = discord.channel("alerts").id;
    let commands =
        format!("/applications/{}/guilds/{}/commands", discord.application_id(), discord.guild_id());
    let set = rest.send("PUT", &commands, json!([{ "name": "ping", "description": "Answers" }])).await;
    assert_eq!(set.status, 200, "{}", set.body);

    let asked = discord.person("ana").types("/ping", alerts);
    let path = |asked: &lifeboat_tests::fake::discord::Asked| {
        format!("/interactions/{}/{}/callback", asked.id(), asked.interaction().token)
    };
    let answer = json!({ "type": 4, "data": message("pong") });
    assert_eq!(rest.send("POST", &path(&asked), answer.clone()).await.status, 204);
    assert_eq!(rest.send("POST", &path(&asked), answer.clone()).await.code(), 40_060);
    assert_eq!(asked.message().await.content, "pong");

    let late = discord.person("ana").types("/ping", alerts);
    discord.advance(Duration::from_millis(3_001));
    assert_eq!(rest.send("POST", &path(&late), answer).await.code(), 10_062);
    discord.finish().await;
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_effect_leaves_one_message_for_one_nonce() {
    let discord = Discord::start(Settings::default()).await;
    let rest = Rest::of(&discord);
    let alerts = discord.channel("alerts").id;
    discord.fails(Where::At("create_message"), Fault::ResetAfter, 1);
    let mut body = message("once");
    body["nonce"] = json!("a1b2c3");
    body["enforce_nonce"] = json!(true);
    let path = format!("/channels/{alerts}/messages");

    assert!(rest.try_send("POST", &path, body.clone()).await.is_err());
    let again = rest.send("POST", &path, body).await;

    let there = discord.messages(alerts);
    assert_eq!(there.iter().map(|one| one.id.to_string()).collect::<Vec<_>>(), [again.id()]);
    discord.finish().await;
}
