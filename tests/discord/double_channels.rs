//! Channels, categories and threads of the double.

use std::time::Duration;

use lifeboat_tests::fake::discord::world::channel::{CATEGORY, FORUM};
use lifeboat_tests::fake::discord::world::permission::{MANAGE_CHANNELS, MANAGE_MESSAGES, MANAGE_ROLES};
use lifeboat_tests::fake::discord::{Discord, INVITED, Settings};
use serde_json::{Value, json};

use crate::bot::{Reply, Rest, message};

async fn start(settings: Settings) -> (Discord, Rest) {
    let discord = Discord::start(settings).await;
    let rest = Rest::of(&discord);
    (discord, rest)
}

async fn made(discord: &Discord, rest: &Rest, body: Value) -> Reply {
    rest.send("POST", &format!("/guilds/{}/channels", discord.guild_id()), body).await
}

#[tokio::test]
async fn a_channel_comes_back_with_the_name_discord_keeps_and_its_reason_is_remembered() {
    let (discord, rest) = start(Settings::default()).await;
    let category = discord.adds_channel("Incidents", CATEGORY, None);
    let body = json!({ "name": "INC 0042 API", "parent_id": category, "topic": "502 on api" });
    let reply = made(&discord, &rest, body).await;
    assert_eq!((reply.status, &reply.body["name"]), (201, &json!("inc-0042-api")));
    let kept = discord.channel("inc-0042-api");
    assert_eq!((kept.parent, kept.reasons), (Some(category), vec!["INC-1 by ana".to_owned()]));
    discord.finish().await;
}

#[tokio::test]
async fn name_and_topic_change_twice_in_ten_minutes_and_no_header_says_so() {
    let (discord, rest) = start(Settings::default()).await;
    let path = format!("/channels/{}", discord.channel("general").id);
    assert_eq!(rest.send("PATCH", &path, json!({ "topic": "one" })).await.status, 200);
    let second = rest.send("PATCH", &path, json!({ "name": "two" })).await;
    assert_eq!((second.status, second.header("x-ratelimit-remaining")), (200, "3"));
    let third = rest.send("PATCH", &path, json!({ "topic": "three" })).await;
    assert_eq!(third.status, 429);
    assert!(third.body["retry_after"].as_f64().unwrap() > 590.0, "{}", third.body);
    // What is neither name nor topic, or changes nothing, goes on.
    assert_eq!(rest.send("PATCH", &path, json!({ "position": 3, "name": "two" })).await.status, 200);
    discord.advance(Duration::from_mins(10));
    assert_eq!(rest.send("PATCH", &path, json!({ "topic": "three" })).await.status, 200);
    discord.finish().await;
}

#[tokio::test]
async fn a_full_server_and_a_full_category_are_refused_in_their_own_ways() {
    let mut settings = Settings::default();
    (settings.limits.channels, settings.limits.in_category) = (5, 1);
    let (discord, rest) = start(settings).await;
    let category = discord.adds_channel("Incidents", CATEGORY, None);
    let inside = |name: &str| json!({ "name": name, "parent_id": category });
    assert_eq!(made(&discord, &rest, inside("one")).await.status, 201);
    let full = made(&discord, &rest, inside("two")).await;
    assert_eq!(full.body["errors"]["parent_id"]["_errors"][0]["code"], "CHANNEL_PARENT_MAX_CHANNELS");
    let moved = json!({ "parent_id": category });
    let general = format!("/channels/{}", discord.channel("general").id);
    assert_eq!(rest.send("PATCH", &general, moved).await.code(), 50_035);
    assert_eq!(made(&discord, &rest, json!({ "name": "three" })).await.status, 201);
    assert_eq!(made(&discord, &rest, json!({ "name": "four" })).await.code(), 30_013);
    discord.finish().await;
}

#[tokio::test]
async fn the_bot_gives_only_what_it_has() {
    let (discord, rest) = start(Settings::default()).await;
    let everyone = discord.guild_id();
    let given = |allow: u64| {
        json!({ "name": "inc", "permission_overwrites": [
        { "id": everyone, "type": 0, "allow": allow.to_string(), "deny": "1024" }] })
    };
    assert_eq!(made(&discord, &rest, given(2_048)).await.status, 201);
    assert_eq!(made(&discord, &rest, given(MANAGE_MESSAGES)).await.code(), 50_013);
    assert_eq!(made(&discord, &rest, given(MANAGE_ROLES)).await.code(), 50_013);
    discord.permits(INVITED & !MANAGE_ROLES);
    assert_eq!(made(&discord, &rest, given(2_048)).await.code(), 50_013);
    discord.permits(INVITED & !MANAGE_CHANNELS);
    assert_eq!(made(&discord, &rest, json!({ "name": "inc" })).await.code(), 50_013);
    discord.finish().await;
}

#[tokio::test]
async fn who_shuts_itself_out_of_its_channel_is_out() {
    let (discord, rest) = start(Settings::default()).await;
    let closed = json!({ "name": "inc", "permission_overwrites": [
        { "id": discord.guild_id(), "type": 0, "deny": "1024" }] });
    let id = made(&discord, &rest, closed).await.id();
    assert_eq!(rest.says(&id, "anybody?").await.code(), 50_001);
    assert_eq!(rest.get(&format!("/channels/{id}")).await.code(), 50_001);
    discord.finish().await;
}

#[tokio::test]
async fn a_message_has_one_thread_and_a_server_so_many() {
    let mut settings = Settings::default();
    settings.limits.active_threads = 1;
    let (discord, rest) = start(settings).await;
    let alerts = discord.channel("alerts").id;
    let under = |id: &str| format!("/channels/{alerts}/messages/{id}/threads");
    let (first, second) = (rest.says(alerts, "a").await.id(), rest.says(alerts, "b").await.id());
    let thread = rest.send("POST", &under(&first), json!({ "name": "INC-0001" })).await;
    assert_eq!((thread.status, thread.id()), (201, first.clone()));
    assert_eq!(rest.send("POST", &under(&first), json!({ "name": "again" })).await.code(), 160_004);
    assert_eq!(rest.send("POST", &under(&second), json!({ "name": "more" })).await.code(), 160_006);
    assert_eq!(rest.says(&first, "inside").await.status, 200);
    let put_away = json!({ "archived": true, "locked": true });
    assert_eq!(rest.send("PATCH", &format!("/channels/{first}"), put_away).await.status, 200);
    let reopened = rest.send("PATCH", &format!("/channels/{first}"), json!({ "name": "late" })).await;
    assert_eq!(reopened.code(), 50_083);
    assert_eq!(rest.send("POST", &under(&second), json!({ "name": "more" })).await.status, 201);
    discord.finish().await;
}

#[tokio::test]
async fn a_forum_post_has_its_first_message_and_only_words_the_forum_has() {
    let (discord, rest) = start(Settings::default()).await;
    let forum = json!({ "name": "incidents", "type": FORUM, "available_tags": [{ "name": "sev1" }] });
    let forum = made(&discord, &rest, forum).await;
    let tag = &forum.body["available_tags"][0]["id"];
    let path = format!("/channels/{}/threads", forum.id());
    let post = |tag: &Value| json!({ "name": "INC-0001", "message": message("502"), "applied_tags": [tag] });
    let made = rest.send("POST", &path, post(tag)).await;
    assert_eq!((made.status, &made.body["message"]["id"]), (201, &json!(made.id())));
    let unknown = rest.send("POST", &path, post(&json!("7"))).await;
    assert_eq!((unknown.status, unknown.code()), (400, 50_035));
    discord.finish().await;
}

#[tokio::test]
async fn a_category_that_goes_leaves_its_channels() {
    let (discord, rest) = start(Settings::default()).await;
    let category = discord.adds_channel("Closed", CATEGORY, None);
    let _ = discord.adds_channel("inc-0001", 0, Some(category));
    assert_eq!(rest.send("DELETE", &format!("/channels/{category}"), Value::Null).await.status, 200);
    assert_eq!(discord.channel("inc-0001").parent, None);
    discord.finish().await;
}
