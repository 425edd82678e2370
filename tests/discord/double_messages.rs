//! Messages of the double: who is notified, what is remembered, what is refused for what stands there.

use std::time::Duration;

use lifeboat_tests::fake::discord::world::permission::{
    EMBED_LINKS, MENTION_EVERYONE, PIN_MESSAGES, READ_MESSAGE_HISTORY, SEND_MESSAGES, VIEW_CHANNEL,
};
use lifeboat_tests::fake::discord::{Discord, INVITED, Settings, Snowflake};
use serde_json::{Value, json};

use crate::bot::{Rest, message};

async fn start(settings: Settings) -> (Discord, Rest, Snowflake) {
    let discord = Discord::start(settings).await;
    let rest = Rest::of(&discord);
    let alerts = discord.channel("alerts").id;
    (discord, rest, alerts)
}

/// Sends this and tells who of ana, mei and bo was notified.
async fn notified(settings: Settings, content: &str, allowed: Value, flags: u64) -> Vec<&'static str> {
    let (discord, rest, alerts) = start(settings).await;
    let id = |name: &str| discord.person(name).id().to_string();
    let role = |name: &str| discord.guild().role(name).id.to_string();
    let fill = |text: &str| {
        let text = text.replace("{ana}", &id("ana")).replace("{mei}", &id("mei"));
        text.replace("{on-call}", &role("on-call")).replace("{responder}", &role("responder"))
    };
    let allowed: Value = serde_json::from_str(&fill(&allowed.to_string())).unwrap();
    let body = json!({ "content": fill(content), "allowed_mentions": allowed, "flags": flags,
        "embeds": [{ "description": fill("<@{ana}> <@{mei}> @everyone") }] });
    let sent = rest.send("POST", &format!("/channels/{alerts}/messages"), body).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let message = sent.id().parse().unwrap();
    let found =
        ["ana", "mei", "bo"].into_iter().filter(|name| discord.person(name).was_notified(message)).collect();
    discord.finish().await;
    found
}

#[tokio::test]
async fn only_who_is_named_in_the_content_and_allowed_is_notified() {
    let none = json!({ "parse": [] });
    let of = |content: &'static str, allowed: Value| notified(Settings::default(), content, allowed, 0);
    assert_eq!(of("nobody, but for the embed", json!({ "parse": ["users", "everyone"] })).await, [""; 0]);
    assert_eq!(of("<@{ana}>", none.clone()).await, [""; 0]);
    assert_eq!(of("<@{ana}> <@{mei}>", json!({ "parse": [], "users": ["{mei}"] })).await, ["mei"]);
    assert_eq!(of("<@&{on-call}>", json!({ "parse": [], "roles": ["{on-call}"] })).await, ["mei"]);
    assert_eq!(of("<@&{responder}>", json!({ "parse": ["roles"] })).await, ["ana", "mei", "bo"]);
    assert_eq!(of("`<@{ana}>`", json!({ "parse": ["users"] })).await, [""; 0]);
    assert_eq!(of("@everyone", json!({ "parse": ["everyone"] })).await, [""; 0]);
    let shouting = Settings { permissions: INVITED | MENTION_EVERYONE, ..Settings::default() };
    assert_eq!(
        notified(shouting, "@everyone", json!({ "parse": ["everyone"] }), 0).await,
        ["ana", "mei", "bo"]
    );
    let silent = notified(Settings::default(), "<@{ana}>", json!({ "parse": ["users"] }), 4096).await;
    assert_eq!(silent, [""; 0]);
}

#[tokio::test]
async fn an_edit_notifies_nobody() {
    let (discord, rest, alerts) = start(Settings::default()).await;
    let sent = rest.says(alerts, "quiet").await.id();
    let ana = discord.person("ana");
    let body = json!({ "content": format!("<@{}>", ana.id()), "allowed_mentions": { "parse": ["users"] } });
    assert_eq!(rest.send("PATCH", &format!("/channels/{alerts}/messages/{sent}"), body).await.status, 200);
    assert!(!ana.was_notified(sent.parse().unwrap()));
    discord.finish().await;
}

#[tokio::test]
async fn a_nonce_is_remembered_for_minutes_and_only_where_it_is_enforced() {
    let (discord, rest, alerts) = start(Settings::default()).await;
    let path = format!("/channels/{alerts}/messages");
    let enforced =
        json!({ "content": "a", "allowed_mentions": { "parse": [] }, "nonce": "n", "enforce_nonce": true });
    let first = rest.send("POST", &path, enforced.clone()).await.id();
    assert_eq!(rest.send("POST", &path, enforced.clone()).await.id(), first);
    let mut loose = enforced.clone();
    loose["enforce_nonce"] = json!(false);
    assert_ne!(rest.send("POST", &path, loose).await.id(), first);
    discord.advance(Duration::from_mins(4));
    assert_ne!(rest.send("POST", &path, enforced).await.id(), first);
    discord.finish().await;
}

#[tokio::test]
async fn a_message_older_than_an_hour_takes_few_edits() {
    let (discord, rest, alerts) = start(Settings::default()).await;
    let path = format!("/channels/{alerts}/messages/{}", rest.says(alerts, "old").await.id());
    discord.advance(Duration::from_mins(61));
    for _ in 0..3 {
        assert_eq!(rest.send("PATCH", &path, message("new")).await.status, 200);
    }
    let refused = rest.send("PATCH", &path, message("new")).await;
    assert_eq!((refused.status, refused.code()), (429, 30_046));
    assert!(refused.body["retry_after"].as_f64().unwrap() > 15.0, "{}", refused.body);
    discord.advance(Duration::from_secs(21));
    assert_eq!(rest.send("PATCH", &path, message("new")).await.status, 200);
    discord.finish().await;
}

#[tokio::test]
async fn what_is_empty_or_of_somebody_else_or_gone_is_refused() {
    let (discord, rest, alerts) = start(Settings::default()).await;
    let path = format!("/channels/{alerts}/messages");
    assert_eq!(rest.send("POST", &path, message("  \n ")).await.code(), 50_006);
    let theirs = discord.person("ana").says(alerts, "mine");
    assert_eq!(rest.send("PATCH", &format!("{path}/{theirs}"), message("x")).await.code(), 50_005);
    assert_eq!(rest.send("DELETE", &format!("{path}/{theirs}"), Value::Null).await.code(), 50_013);
    let ours = rest.says(alerts, "short-lived").await.id();
    discord.deletes_message(ours.parse().unwrap());
    assert_eq!(rest.send("PATCH", &format!("{path}/{ours}"), message("x")).await.code(), 10_008);
    discord.deletes_channel(alerts);
    assert_eq!(rest.send("POST", &path, message("x")).await.code(), 10_003);
    discord.finish().await;
}

#[tokio::test]
async fn what_the_bot_may_not_is_refused_with_the_code_that_says_so() {
    let (discord, rest, alerts) = start(Settings::default()).await;
    let path = format!("/channels/{alerts}/messages");
    let sent = rest.says(alerts, "there").await.id();
    let embed = json!({ "embeds": [{ "title": "a" }], "allowed_mentions": { "parse": [] } });
    let pin = format!("{path}/pins/{sent}");
    let cases = [
        (VIEW_CHANNEL, "POST", path.clone(), message("x"), 50_001),
        (SEND_MESSAGES, "POST", path.clone(), message("x"), 50_013),
        (EMBED_LINKS, "POST", path.clone(), embed, 50_013),
        (PIN_MESSAGES, "PUT", pin, Value::Null, 50_013),
        (READ_MESSAGE_HISTORY, "GET", format!("{path}/{sent}"), Value::Null, 50_013),
    ];
    for (missing, method, path, body, code) in cases {
        let overwrite = lifeboat_tests::fake::discord::world::channel::Overwrite {
            id: discord.bot_id(),
            kind: 1,
            allow: 0,
            deny: missing,
        };
        discord.overwrites(alerts, overwrite);
        let reply = rest.send(method, &path, body).await;
        assert_eq!((reply.status, reply.code()), (403, code), "without {missing}");
    }
    discord.kicks_bot();
    assert_eq!(rest.says(alerts, "x").await.code(), 50_001);
    discord.finish().await;
}

#[tokio::test]
async fn the_251st_pin_is_one_too_many_and_both_routes_pin() {
    let mut settings = Settings::default();
    settings.limits.pins = 2;
    let (discord, rest, alerts) = start(settings).await;
    let mut codes = Vec::new();
    for route in ["messages/pins", "pins", "messages/pins"] {
        let sent = rest.says(alerts, route).await.id();
        codes.push(rest.send("PUT", &format!("/channels/{alerts}/{route}/{sent}"), Value::Null).await.code());
    }
    assert_eq!(codes, [0, 0, 30_003]);
    let pinned = rest.get(&format!("/channels/{alerts}/messages/pins")).await;
    assert_eq!(pinned.body["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        discord.pinned(alerts).iter().map(|one| one.content.as_str()).collect::<Vec<_>>(),
        ["pins", "messages/pins"]
    );
    discord.finish().await;
}

#[tokio::test]
async fn files_come_with_a_form_and_can_be_fetched() {
    let (discord, rest, alerts) = start(Settings::default()).await;
    let body = json!({ "content": "the postmortem", "allowed_mentions": { "parse": [] },
        "attachments": [{ "id": 0, "filename": "inc-0001.md" }] });
    let form = format!(
        "--b0\r\nContent-Disposition: form-data; name=\"payload_json\"\r\nContent-Type: application/json\r\n\r\n{body}\
         \r\n--b0\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"a.md\"\r\n\
         Content-Type: text/markdown\r\n\r\n# INC-0001\r\n--b0--\r\n"
    );
    let url = format!("{}/api/v10/channels/{alerts}/messages", discord.base_url());
    let request = rest.client.post(url).header("authorization", format!("Bot {}", discord.token()));
    let sent =
        request.header("content-type", "multipart/form-data; boundary=b0").body(form).send().await.unwrap();
    let sent: Value = sent.json().await.unwrap();
    let file = &sent["attachments"][0];
    assert_eq!((&file["filename"], &file["size"]), (&json!("inc-0001.md"), &json!(10)));
    let fetched = rest.client.get(file["url"].as_str().unwrap()).send().await.unwrap().text().await.unwrap();
    assert_eq!(fetched, "# INC-0001");
    discord.finish().await;
}
