//! Limits and faults of the double: the ways an answer says "not now", and the ways there is none.

use std::time::{Duration, Instant};

use lifeboat_tests::fake::discord::{Discord, Fault, Outage, Settings, Where};
use serde_json::{Value, json};

use crate::bot::{Line, Reply, Rest, message};

const SEND: Where = Where::At("create_message");
const WAIT: Duration = Duration::from_millis(1_500);

async fn start(settings: Settings) -> (Discord, Rest, String) {
    let discord = Discord::start(settings).await;
    let rest = Rest::of(&discord);
    let path = format!("/channels/{}/messages", discord.channel("alerts").id);
    (discord, rest, path)
}

#[tokio::test]
async fn every_answer_tells_its_bucket_and_the_sixth_in_it_waits() {
    let (discord, rest, path) = start(Settings::default()).await;
    let mut left = Vec::new();
    for _ in 0..5 {
        left.push(rest.send("POST", &path, message("a")).await.header("x-ratelimit-remaining").to_owned());
    }
    assert_eq!(left, ["4", "3", "2", "1", "0"]);
    let full = rest.send("POST", &path, message("a")).await;
    assert_eq!(
        (full.status, full.header("x-ratelimit-scope"), full.header("x-ratelimit-limit")),
        (429, "user", "5")
    );
    let after: f64 = full.header("x-ratelimit-reset-after").parse().unwrap();
    assert!(full.body["retry_after"].as_f64().unwrap() <= after + 0.001 && after <= 5.0);
    let reset: f64 = full.header("x-ratelimit-reset").parse().unwrap();
    assert!(reset > 1_500_000_000.0);
    let elsewhere = format!("/channels/{}/messages", discord.channel("general").id);
    let other = rest.send("POST", &elsewhere, message("a")).await;
    assert_eq!((other.status, other.header("x-ratelimit-bucket")), (200, full.header("x-ratelimit-bucket")));
    discord.advance(Duration::from_secs(5));
    assert_eq!(rest.send("POST", &path, message("a")).await.status, 200);
    discord.finish().await;
}

#[tokio::test]
async fn routes_that_share_a_bucket_share_its_count() {
    let (discord, rest, path) = start(Settings::default()).await;
    let id = rest.send("POST", &path, message("a")).await.id();
    let pin = format!("{path}/pins/{id}");
    let put = rest.send("PUT", &pin, Value::Null).await;
    let deleted = rest.send("DELETE", &pin, Value::Null).await;
    assert_eq!(put.header("x-ratelimit-bucket"), deleted.header("x-ratelimit-bucket"));
    assert_eq!((put.header("x-ratelimit-remaining"), deleted.header("x-ratelimit-remaining")), ("4", "3"));
    discord.finish().await;
}

#[tokio::test]
async fn the_51st_request_in_a_second_stops_the_whole_bot() {
    let mut settings = Settings::default();
    settings.limits.global = 3;
    let (discord, rest, path) = start(settings).await;
    for route in ["/users/@me", "/gateway/bot", "/applications/@me"] {
        assert_eq!(rest.get(route).await.status, 200);
    }
    let stopped = rest.send("POST", &path, message("a")).await;
    assert_eq!(
        (stopped.status, stopped.header("x-ratelimit-global"), &stopped.body["global"]),
        (429, "true", &json!(true))
    );
    discord.advance(Duration::from_secs(1));
    assert_eq!(rest.send("POST", &path, message("a")).await.status, 200);
    discord.finish().await;
}

#[tokio::test]
async fn who_comes_before_it_was_told_to_is_noticed() {
    let settings = Settings { grace: Duration::ZERO, ..Settings::default() };
    let (discord, rest, path) = start(settings).await;
    discord.fails(SEND, Fault::Limited(Duration::from_secs(30)), 1);
    assert_eq!(rest.send("POST", &path, message("a")).await.status, 429);
    discord.advance(Duration::from_secs(10));
    rest.send("POST", &path, message("a")).await;
    assert_eq!(discord.takes_violations().len(), 1);
    discord.advance(Duration::from_secs(20));
    rest.send("POST", &path, message("a")).await;
    discord.finish().await;
}

/// What a played 429 looks like: scope, global header, what is left by the header, code, whether the body has one.
fn looks(reply: &Reply) -> (&str, &str, &str, u64, bool) {
    let left = reply.header("x-ratelimit-remaining");
    let scope = reply.header("x-ratelimit-scope");
    (scope, reply.header("x-ratelimit-global"), left, reply.code(), reply.body["code"].is_u64())
}

#[tokio::test]
async fn every_kind_of_429_looks_as_it_does_in_life() {
    let cases = [
        (Fault::Limited(WAIT), ("user", "", "0", 0, true)),
        (Fault::LimitedShared(WAIT), ("shared", "", "4", 0, true)),
        (Fault::LimitedGlobal(WAIT), ("global", "true", "", 0, true)),
        (Fault::LimitedWithCode(20_028, WAIT), ("user", "", "4", 20_028, true)),
        (Fault::LimitedWithFourLeft(WAIT), ("user", "", "4", 0, true)),
        (Fault::LimitedWithoutCode(WAIT), ("user", "", "4", 0, false)),
        (Fault::Cloudflare, ("", "", "", 0, false)),
    ];
    for (fault, expected) in cases {
        let (discord, rest, path) = start(Settings::default()).await;
        discord.fails(SEND, fault.clone(), 1);
        let reply = rest.send("POST", &path, message("a")).await;
        assert_eq!((reply.status, looks(&reply)), (429, expected), "{fault:?}");
        match fault {
            Fault::Cloudflare => assert!(reply.body.as_str().is_some_and(|page| page.contains("<html>"))),
            _ => assert_eq!(
                (&reply.body["retry_after"], reply.header("retry-after")),
                (&json!(1.5), "2"),
                "{fault:?}"
            ),
        }
        discord.finish().await;
    }
}

#[tokio::test]
async fn pages_and_refusals_come_as_often_as_asked_and_where_asked() {
    let (discord, rest, path) = start(Settings::default()).await;
    discord.fails_later(SEND, Fault::Page(502), 1, 2);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(rest.send("POST", &path, message("a")).await.status);
    }
    assert_eq!(statuses, [200, 502, 502, 200]);
    discord.fails(Where::Anywhere, Fault::Broken, 1);
    let broken = rest.get("/users/@me").await;
    assert_eq!((broken.status, &broken.body["message"]), (500, &json!("500: Internal Server Error")));
    discord.fails(SEND, Fault::Refused(403, 50_013, "Missing Permissions"), 5);
    assert_eq!(rest.send("POST", &path, message("a")).await.code(), 50_013);
    assert_eq!(discord.stops_failing(), 4);
    discord.finish().await;
}

#[tokio::test]
async fn an_answer_that_is_late_cut_or_lost_was_still_an_effect() {
    let (discord, rest, path) = start(Settings::default()).await;
    let alerts = discord.channel("alerts").id;
    discord.fails(SEND, Fault::Slow(Duration::from_millis(300)), 1);
    let began = Instant::now();
    assert_eq!(rest.send("POST", &path, message("slow")).await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(300));

    discord.fails(SEND, Fault::CutBody, 1);
    let cut = rest.try_send("POST", &path, message("cut")).await.expect_err("half an answer");
    assert!(cut.is_body() || cut.is_decode(), "{cut:?}");
    discord.fails(SEND, Fault::ResetAfter, 1);
    assert!(rest.try_send("POST", &path, message("reset after")).await.is_err());
    discord.fails(SEND, Fault::ResetBefore, 1);
    assert!(rest.try_send("POST", &path, message("reset before")).await.is_err());

    let there: Vec<String> = discord.messages(alerts).into_iter().map(|one| one.content).collect();
    assert_eq!(there, ["slow", "cut", "reset after"]);
    discord.finish().await;
}

#[tokio::test]
async fn too_many_refusals_ban_the_address() {
    let mut settings = Settings::default();
    settings.limits.invalid = 3;
    let (discord, rest, path) = start(settings).await;
    discord.fails(SEND, Fault::LimitedShared(Duration::from_millis(1)), 1);
    rest.send("POST", &path, message("a")).await;
    let token = discord.resets_token();
    for _ in 0..4 {
        assert_eq!(rest.get("/users/@me").await.status, 401);
    }
    let banned = rest.get("/users/@me").await;
    assert_eq!((banned.status, banned.header("x-ratelimit-bucket")), (429, ""));
    assert!(banned.body.as_str().is_some_and(|page| page.contains("<html>")));
    discord.advance(Duration::from_mins(10));
    assert_eq!(Rest::of(&discord).get("/users/@me").await.status, 200);
    assert_eq!(discord.token(), token);
    discord.finish().await;
}

#[tokio::test]
async fn when_discord_is_away_all_of_it_is_away() {
    for outage in [Outage::Unavailable, Outage::Refused] {
        let (discord, rest, path) = start(Settings::default()).await;
        let (mut line, _) = Line::ready(&discord).await;
        discord.goes_down(outage);
        assert_eq!(line.hears().await, crate::bot::Heard::Gone, "{outage:?}");
        let sent = rest.try_send("POST", &path, message("a")).await.map(|reply| reply.status).ok();
        assert_eq!(sent, (outage == Outage::Unavailable).then_some(503));
        assert!(Line::try_connect(discord.gateway_url()).await.is_err());
        discord.comes_back();
        // A session may be begun each five seconds.
        discord.advance(Duration::from_secs(5));
        assert_eq!(rest.send("POST", &path, message("a")).await.status, 200);
        Line::ready(&discord).await;
        discord.finish().await;
    }
}

#[tokio::test]
async fn a_silent_discord_takes_connections_and_says_nothing() {
    let (discord, rest, _) = start(Settings::default()).await;
    discord.goes_down(Outage::Silent);
    let short = Duration::from_millis(200);
    assert!(tokio::time::timeout(short, rest.get("/users/@me")).await.is_err());
    assert!(tokio::time::timeout(short, Line::try_connect(discord.gateway_url())).await.is_err());
    discord.finish().await;
}

#[tokio::test]
async fn a_webhook_writes_until_it_is_deleted() {
    let (discord, rest, _) = start(Settings::default()).await;
    let alerts = discord.channel("alerts").id;
    let path = discord.adds_webhook(alerts).replace("/api/v10", "");
    let sent = rest.send("POST", &format!("{path}?wait=true"), message("Discord's bot is ill")).await;
    assert_eq!(sent.status, 200);
    assert_eq!(rest.send("POST", &path, message("again")).await.status, 204);
    let edit = format!("{path}/messages/{}", sent.id());
    assert_eq!(rest.send("PATCH", &edit, message("better")).await.status, 200);
    let mut buttons = message("take it");
    buttons["components"] = json!([{ "type": 1, "components": [
        { "type": 2, "style": 1, "label": "a", "custom_id": "a" }] }]);
    assert_eq!(rest.send("POST", &path, buttons).await.status, 400);
    assert_eq!(discord.takes_violations().len(), 1);
    discord.deletes_webhooks();
    let dead = rest.send("POST", &path, message("a")).await;
    assert_eq!((dead.status, dead.code()), (404, 10_015));
    discord.finish().await;
}
