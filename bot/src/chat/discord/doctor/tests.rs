use serde_json::json;

use super::super::fake::{Answer, Fake, refused};
use super::*;
use crate::chat::discord::address::{REST, RestAddress};
use crate::config::SecretString;
use crate::say::{Lang, Say, doctor};

fn config() -> Discord {
    Discord {
        token: SecretString::new("t"),
        guild: 600,
        alerts_channel: None,
        open_category: Some(10),
        closed_category: None,
        wake: Some((lifeboat_storage::event::Severity::Sev2, 7)),
        thread_at: None,
        private_to: Vec::new(),
        lang: Lang::En,
        pins: false,
        allow_plain: false,
        api: RestAddress::new(REST, false).unwrap(),
        gateway: None,
    }
}

/// A server in which everything is as it must be.
fn healthy() -> Fake {
    let all = rights::bits(&rights::needed(&config()));
    let channels = json!([
        { "id": "5", "type": 0, "name": "alerts", "permission_overwrites": [] },
        { "id": "10", "type": 4, "name": "Incidents" },
        { "id": "11", "type": 0, "name": "inc-0001", "parent_id": "10" }
    ]);
    let roles = json!([
        { "id": "600", "name": "@everyone", "permissions": all.to_string() },
        { "id": "7", "name": "on-call", "permissions": "0", "mentionable": true }
    ]);
    Fake::default()
        .always("GET users/@me", Ok(json!({ "id": "400", "username": "lifeboat" })))
        .always("GET applications/@me", Ok(json!({ "id": "401", "name": "Lifeboat" })))
        .always("GET gateway/bot", Ok(json!({ "session_start_limit": { "remaining": 998 } })))
        .always("GET guilds/600", Ok(json!({ "id": "600", "name": "Blog" })))
        .always("GET guilds/600/members/400", Ok(json!({ "roles": [] })))
        .always("GET guilds/600/roles", Ok(roles))
        .always("GET guilds/600/channels", Ok(channels))
        .always("GET applications/401/guilds/600/commands", Ok(register::commands()))
}

async fn found(fake: Fake, config: &Discord, skew: Option<TimeDelta>) -> Vec<&'static str> {
    let checks = examine(&fake, config, skew).await;
    for lang in Lang::ALL {
        let told = doctor::text(Say::new(lang, chrono_tz::UTC), &checks);
        assert_eq!(
            told.lines().count(),
            checks.len() + checks.iter().filter(|check| !check.well).count(),
            "{told}"
        );
    }
    checks.into_iter().filter(|check| !check.well).map(|check| check.key).collect()
}

const NOW: Option<TimeDelta> = Some(TimeDelta::zero());

#[tokio::test]
async fn nothing_is_wrong_with_a_healthy_server() {
    assert_eq!(found(healthy(), &config(), NOW).await, [""; 0]);
}

#[tokio::test]
async fn each_check_fails_where_it_must() {
    let roles = |everyone: u64, mentionable: bool| {
        json!([
            { "id": "600", "name": "@everyone", "permissions": everyone.to_string() },
            { "id": "7", "name": "on-call", "permissions": "0", "mentionable": mentionable }
        ])
    };
    let all = rights::bits(&rights::needed(&config()));
    let many = |count: usize, parent: &str| -> Value {
        let mut all = vec![json!({ "id": "10", "type": 4, "name": "Incidents" })];
        all.extend(
            (100..100 + count).map(|id| json!({ "id": id.to_string(), "type": 0, "parent_id": parent })),
        );
        Value::Array(all)
    };
    let closed = json!([
        { "id": "10", "type": 4, "name": "Incidents" },
        { "id": "5", "type": 0, "name": "alerts", "permission_overwrites": [{ "id": "600", "type": 0, "deny": "2048", "allow": "0" }] }
    ]);
    let barred = json!([
        { "id": "10", "type": 4, "name": "Incidents", "permission_overwrites": [{ "id": "600", "type": 0, "deny": "1024", "allow": "0" }] },
        { "id": "5", "type": 0, "name": "alerts", "permission_overwrites": [] }
    ]);
    let mut closed_full = many(3, "10");
    let closed_full_in = closed_full.as_array_mut().unwrap();
    closed_full_in.push(json!({ "id": "12", "type": 4, "name": "Incidents, closed" }));
    closed_full_in.extend((200..248).map(|id| json!({ "id": id.to_string(), "type": 0, "parent_id": "12" })));
    let mut old = register::commands();
    old.as_array_mut().unwrap().remove(0);
    let rows: Vec<(&str, &str, Answer, &[&str])> = vec![
        ("the token is void", "GET users/@me", Err(RestError::TokenRevoked), &["token-refused"]),
        (
            "Discord is not reached",
            "GET users/@me",
            Err(RestError::Unreachable("refused".to_owned())),
            &["unreachable"],
        ),
        ("Discord is ill", "GET gateway/bot", Err(RestError::Ill { status: 503 }), &["unreachable"]),
        (
            "interactions go elsewhere",
            "GET applications/@me",
            Ok(json!({ "id": "401", "interactions_endpoint_url": "https://x" })),
            &["interactions-elsewhere"],
        ),
        (
            "few sessions are left",
            "GET gateway/bot",
            Ok(json!({ "session_start_limit": { "remaining": 3 } })),
            &["sessions-few"],
        ),
        ("not invited", "GET guilds/600", Err(refused(404, 10_004)), &["not-in-server"]),
        (
            "rights are missing",
            "GET guilds/600/roles",
            Ok(roles(all & !(1 << 51), true)),
            &["rights-missing"],
        ),
        (
            "rights are not told",
            "GET guilds/600/members/400",
            Err(RestError::Ill { status: 500 }),
            &["rights-unknown"],
        ),
        ("the role cannot be woken", "GET guilds/600/roles", Ok(roles(all, false)), &["role-silent"]),
        (
            "the role is gone",
            "GET guilds/600/roles",
            Ok(json!([{ "id": "600", "permissions": all.to_string() }])),
            &["role-gone"],
        ),
        ("the common channel is closed to it", "GET guilds/600/channels", Ok(closed), &["alerts-rights"]),
        ("the server is full", "GET guilds/600/channels", Ok(many(495, "12")), &["server-full"]),
        ("the category is full", "GET guilds/600/channels", Ok(many(48, "10")), &["category-full"]),
        (
            "a category that is not configured is full",
            "GET guilds/600/channels",
            Ok(closed_full),
            &["category-full"],
        ),
        ("the category is closed to it", "GET guilds/600/channels", Ok(barred), &["category-rights"]),
        ("the category is gone", "GET guilds/600/channels", Ok(json!([])), &["category-gone"]),
        ("the commands are old", "GET applications/401/guilds/600/commands", Ok(old), &["commands-missing"]),
    ];
    for (name, call, answer, expected) in rows {
        assert_eq!(found(healthy().always(call, answer), &config(), NOW).await, expected, "{name}");
    }
    let gone = Discord { alerts_channel: Some(77), ..config() };
    assert_eq!(found(healthy(), &gone, NOW).await, ["alerts-gone"]);
    assert_eq!(found(healthy(), &config(), None).await, ["clock-unknown"]);
    assert_eq!(found(healthy(), &config(), Some(TimeDelta::seconds(-40))).await, ["clock-off"]);
}

#[tokio::test]
async fn every_check_there_is_has_a_text_and_no_text_is_left_over() {
    let keys = [
        "token",
        "application",
        "gateway",
        "server",
        "rights",
        "alerts",
        "alerts-later",
        "channels",
        "category",
        "role",
        "commands",
        "clock",
    ];
    let ill = [
        "token-refused",
        "unreachable",
        "not-checked",
        "interactions-elsewhere",
        "sessions-few",
        "not-in-server",
        "rights-missing",
        "rights-unknown",
        "alerts-gone",
        "alerts-rights",
        "server-full",
        "category-gone",
        "category-full",
        "category-rights",
        "role-gone",
        "role-silent",
        "commands-missing",
        "clock-unknown",
        "clock-off",
    ];
    let mut expected: Vec<String> = keys.iter().chain(&ill).map(|key| format!("doctor-{key}")).collect();
    expected.extend(ill.iter().map(|key| format!("doctor-{key}-fix")));
    expected.sort();
    for lang in Lang::ALL {
        let texts: Vec<String> = crate::say::catalogue::family(lang, "doctor-").into_keys().collect();
        assert_eq!(texts, expected, "{lang}");
    }
}
