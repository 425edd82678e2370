//! Bodies that Discord refuses, and those our own house refuses, each by the field that is wrong.

use lifeboat_tests::fake::discord::{Discord, Settings};
use serde_json::{Value, json};

use crate::bot::{Reply, Rest, message};

/// Every place where something is wrong, in the order of the answer.
fn places(reply: &Reply) -> Vec<String> {
    fn walk(errors: &Value, path: &str, found: &mut Vec<String>) {
        for (key, below) in errors.as_object().into_iter().flatten() {
            match key.as_str() {
                "_errors" => found.push(path.to_owned()),
                _ if path.is_empty() => walk(below, key, found),
                _ => walk(below, &format!("{path}.{key}"), found),
            }
        }
    }
    let mut found = Vec::new();
    walk(&reply.body["errors"], "", &mut found);
    found
}

struct Table {
    discord: Discord,
    rest: Rest,
}

impl Table {
    async fn start() -> Self {
        let mut settings = Settings::default();
        // The rows come faster than any bot may.
        settings.limits.bucket = 1_000;
        settings.limits.global = 1_000;
        let discord = Discord::start(settings).await;
        let rest = Rest::of(&discord);
        Self { discord, rest }
    }

    async fn refuses(&self, name: &str, method: &str, path: &str, body: Value, place: &str) {
        let reply = self.rest.send(method, path, body).await;
        assert_eq!((reply.status, reply.code()), (400, 50_035), "{name}: {}", reply.body);
        assert_eq!(places(&reply), [place], "{name}: {}", reply.body);
        assert_eq!(self.discord.takes_violations().len(), 1, "{name}");
    }

    async fn takes(&self, name: &str, method: &str, path: &str, body: Value) {
        let reply = self.rest.send(method, path, body).await;
        assert_eq!(reply.status, 200, "{name}: {}", reply.body);
        assert_eq!(self.discord.violations(), [""; 0], "{name}");
    }
}

fn with(mut body: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

fn said(more: Value) -> Value {
    with(message("hello"), more)
}

fn button(more: Value) -> Value {
    with(json!({ "type": 2, "style": 1, "label": "Take it", "custom_id": "v1:ack:1" }), more)
}

fn rows(rows: &[Value]) -> Value {
    let rows: Vec<Value> = rows.iter().map(|row| json!({ "type": 1, "components": row })).collect();
    said(json!({ "components": rows }))
}

fn select(options: usize) -> Value {
    let options: Vec<Value> =
        (0..options).map(|number| json!({ "label": "one", "value": number.to_string() })).collect();
    json!({ "type": 3, "custom_id": "v1:sev:1", "options": options })
}

fn embed(title: usize, description: usize) -> Value {
    json!({ "title": "t".repeat(title), "description": "d".repeat(description) })
}

fn numbered(count: usize) -> Vec<Value> {
    (0..count).map(|number| button(json!({ "custom_id": number.to_string() }))).collect()
}

#[tokio::test]
async fn a_message_is_refused_by_the_field_that_is_wrong() {
    let table = Table::start().await;
    let path = format!("/channels/{}/messages", table.discord.channel("alerts").id);
    let field =
        |name: &str, value: &str| json!({ "embeds": [{ "fields": [{ "name": name, "value": value }] }] });
    let cases = [
        ("content over 2,000", message(&"x".repeat(2_001)), "content"),
        ("title over 256", said(json!({ "embeds": [embed(257, 0)] })), "embeds.0.title"),
        ("value over 1,024", said(field("a", &"x".repeat(1_025))), "embeds.0.fields.0.value"),
        ("field without a name", said(field(" ", "a")), "embeds.0.fields.0.name"),
        ("embeds over 6,000", said(json!({ "embeds": [embed(200, 2_801), embed(200, 2_800)] })), "embeds"),
        ("eleven embeds", said(json!({ "embeds": vec![embed(1, 1); 11] })), "embeds"),
        ("embed with nothing", said(json!({ "embeds": [{ "color": 1 }] })), "embeds.0"),
        ("no time", said(json!({ "embeds": [{ "title": "a", "timestamp": "now" }] })), "embeds.0.timestamp"),
        ("unknown key", said(json!({ "embed": {} })), "embed"),
        ("nonce over 25", said(json!({ "nonce": "n".repeat(26) })), "nonce"),
        ("enforced without a nonce", said(json!({ "enforce_nonce": true })), "nonce"),
        ("nobody allowed nor forbidden", json!({ "content": "hello" }), "allowed_mentions"),
        (
            "unknown word",
            said(json!({ "allowed_mentions": { "parse": ["all"] } })),
            "allowed_mentions.parse.0",
        ),
        (
            "roles twice",
            said(json!({ "allowed_mentions": { "parse": ["roles"], "roles": ["1"] } })),
            "allowed_mentions.roles",
        ),
        ("ephemeral in a channel", said(json!({ "flags": 64 })), "flags"),
        ("new layout with content", said(json!({ "flags": 32_768 })), "content"),
        (
            "file that did not come",
            said(json!({ "attachments": [{ "id": 0, "filename": "a" }] })),
            "attachments",
        ),
    ];
    for (name, body, place) in cases {
        table.refuses(name, "POST", &path, body, place).await;
    }
    assert_eq!(table.discord.messages(table.discord.channel("alerts").id), []);
}

#[tokio::test]
async fn components_are_refused_by_the_field_that_is_wrong() {
    let table = Table::start().await;
    let path = format!("/channels/{}/messages", table.discord.channel("alerts").id);
    let one = |more: Value| rows(&[json!([button(more)])]);
    let lone = said(json!({ "components": [{ "type": 10, "content": "text" }] }));
    let twice = json!([button(json!({})), button(json!({ "label": "Again" }))]);
    let mixed = json!([button(json!({})), select(2)]);
    let mut same = select(2);
    same["options"][1]["value"] = json!("0");
    let at = "components.0.components.0";
    let cases = [
        ("label over 80", one(json!({ "label": "l".repeat(81) })), format!("{at}.label")),
        ("no label", one(json!({ "label": "" })), format!("{at}.label")),
        ("custom_id over 100", one(json!({ "custom_id": "c".repeat(101) })), format!("{at}.custom_id")),
        ("no custom_id", one(json!({ "custom_id": null })), format!("{at}.custom_id")),
        (
            "link with custom_id",
            one(json!({ "style": 5, "url": "https://a.example" })),
            format!("{at}.custom_id"),
        ),
        ("link without url", one(json!({ "style": 5, "custom_id": null })), format!("{at}.url")),
        ("no scheme", one(json!({ "style": 5, "custom_id": null, "url": "file:///a" })), format!("{at}.url")),
        ("unknown key", one(json!({ "colour": 1 })), format!("{at}.colour")),
        ("six buttons", rows(&[json!(numbered(6))]), "components.0.components".to_owned()),
        ("one id twice", rows(&[twice]), "components.0.components.1.custom_id".to_owned()),
        ("button beside select", rows(&[mixed]), "components.0.components".to_owned()),
        ("26 options", rows(&[json!([select(26)])]), format!("{at}.options")),
        ("one value twice", rows(&[json!([same])]), format!("{at}.options")),
        ("new layout without its flag", lone, "components.0".to_owned()),
        (
            "six rows",
            rows(&numbered(6).into_iter().map(|one| json!([one])).collect::<Vec<_>>()),
            "components".to_owned(),
        ),
    ];
    for (name, body, place) in cases {
        table.refuses(name, "POST", &path, body, &place).await;
    }
}

#[tokio::test]
async fn what_is_just_short_enough_is_taken_and_so_are_the_designs_of_the_reference() {
    let table = Table::start().await;
    let path = format!("/channels/{}/messages", table.discord.channel("alerts").id);
    table.takes("2,000", "POST", &path, message(&"险".repeat(2_000))).await;
    let embeds = json!({ "embeds": [embed(256, 2_744), embed(256, 2_744)] });
    table.takes("6,000", "POST", &path, said(embeds)).await;
    let full: Vec<Value> = numbered(25).chunks(5).map(|row| json!(row)).collect();
    table.takes("25 buttons", "POST", &path, rows(&full)).await;
    let designs: Vec<Value> =
        serde_json::from_str(include_str!("../fixtures/discord/designs.json")).expect("a fixture");
    assert_eq!(designs.len(), 6);
    for design in designs {
        table.takes(&design["content"].to_string(), "POST", &path, design.clone()).await;
    }
}

#[tokio::test]
async fn commands_are_refused_by_the_field_that_is_wrong() {
    let table = Table::start().await;
    let discord = &table.discord;
    let path = format!("/applications/{}/guilds/{}/commands", discord.application_id(), discord.guild_id());
    let command = |more: Value| json!([with(json!({ "name": "node", "description": "Nodes" }), more)]);
    let option = |more: Value| with(json!({ "type": 3, "name": "why", "description": "Reason" }), more);
    let options = |list: Vec<Value>| command(json!({ "options": list }));
    let sub = |name: &str, below: Vec<Value>| json!({ "type": 1, "name": name, "description": "d", "options": below });
    let choices = |count: usize| -> Vec<Value> {
        (0..count).map(|number| json!({ "name": number.to_string(), "value": "v" })).collect()
    };
    let long: Vec<Value> = (0..25)
        .map(|number| {
            let choices: Vec<Value> = (0..5)
                .map(|choice| json!({ "name": format!("{choice}"), "value": "v".repeat(60) }))
                .collect();
            option(json!({ "name": format!("o{number}"), "choices": choices, "description": "d".repeat(20) }))
        })
        .collect();
    let same = |name: &str| option(json!({ "name": name, "name_localizations": { "zh-CN": "原因" } }));
    let nested = sub("a", vec![sub("b", vec![])]);
    let cases = [
        ("capitals", command(json!({ "name": "Node" })), "0.name"),
        ("33 letters", command(json!({ "name": "n".repeat(33) })), "0.name"),
        ("no description", command(json!({ "description": "" })), "0.description"),
        ("101 letters", command(json!({ "description": "d".repeat(101) })), "0.description"),
        (
            "unknown language",
            command(json!({ "name_localizations": { "zh": "节点" } })),
            "0.name_localizations.zh",
        ),
        ("unknown key", command(json!({ "localizations": {} })), "0.localizations"),
        ("sub-command beside option", options(vec![sub("a", vec![]), option(json!({}))]), "0.options"),
        (
            "must after may",
            options(vec![option(json!({})), option(json!({ "name": "b", "required": true }))]),
            "0.options",
        ),
        ("one name twice", options(vec![option(json!({})), option(json!({}))]), "0.options"),
        ("one name twice in Chinese", options(vec![same("a"), same("b")]), "0.options"),
        ("sub-command in sub-command", options(vec![nested]), "0.options.0.options.0"),
        ("26 choices", options(vec![option(json!({ "choices": choices(26) }))]), "0.options.0.choices"),
        (
            "value over 100",
            options(vec![option(json!({ "choices": [{ "name": "a", "value": "v".repeat(101) }] }))]),
            "0.options.0.choices.0.value",
        ),
        (
            "choices and completion",
            options(vec![option(json!({ "choices": choices(1), "autocomplete": true }))]),
            "0.options.0.autocomplete",
        ),
        ("over 8,000 characters", options(long), "0"),
        (
            "described message command",
            json!([{ "type": 3, "name": "Add", "description": "d" }]),
            "0.description",
        ),
    ];
    for (name, body, place) in cases {
        table.refuses(name, "PUT", &path, body, place).await;
    }
    let twice = json!([{ "name": "a", "description": "d" }, { "name": "a", "description": "d" }]);
    table.refuses("one command twice", "PUT", &path, twice, "").await;
    assert_eq!(discord.commands(), [Value::Null; 0]);
}

#[tokio::test]
async fn a_change_of_a_channel_without_a_reason_is_refused_by_the_house() {
    let table = Table::start().await;
    let channel = table.discord.channel("general").id;
    let url = |path: &str| format!("{}/api/v10{path}", table.discord.base_url());
    let overwrite = format!("/channels/{channel}/permissions/{}", table.discord.guild_id());
    let cases = [
        ("POST", format!("/guilds/{}/channels", table.discord.guild_id()), json!({ "name": "inc" })),
        ("PATCH", format!("/channels/{channel}"), json!({ "topic": "a" })),
        ("PUT", overwrite.clone(), json!({ "type": 0, "allow": "0", "deny": "0" })),
        ("DELETE", overwrite, Value::Null),
        ("DELETE", format!("/channels/{channel}"), Value::Null),
    ];
    for (method, path, body) in cases {
        let mut request = table.rest.client.request(method.parse().unwrap(), url(&path));
        request = request.header("authorization", format!("Bot {}", table.discord.token()));
        if !body.is_null() {
            request = request.json(&body);
        }
        assert_eq!(request.send().await.unwrap().status(), 400, "{method} {path}");
        assert_eq!(table.discord.takes_violations().len(), 1, "{method} {path}");
    }
}

#[tokio::test]
async fn a_path_a_method_or_a_sender_discord_does_not_know_is_a_violation() {
    let table = Table::start().await;
    for (method, path, status) in [
        ("GET", "/channel/1", 404),
        ("PUT", "/users/@me/channels", 405),
        ("GET", "/guilds/1/widget.json", 404),
        ("GET", "/channels/alerts", 404),
    ] {
        assert_eq!(table.rest.send(method, path, Value::Null).await.status, status, "{method} {path}");
        assert_eq!(table.discord.takes_violations().len(), 1, "{method} {path}");
    }
    let anonymous = reqwest::Client::builder().no_proxy().build().unwrap();
    let me = format!("{}/api/v10/users/@me", table.discord.base_url());
    let token = format!("Bot {}", table.discord.token());
    assert_eq!(anonymous.get(&me).header("authorization", &token).send().await.unwrap().status(), 403);
    assert_eq!(table.discord.takes_violations().len(), 1);
    let old = me.replace("v10", "v9");
    assert_eq!(table.rest.client.get(old).header("authorization", token).send().await.unwrap().status(), 404);
    assert_eq!(table.discord.takes_violations().len(), 1);
    assert_eq!(
        table.rest.client.get(me).header("authorization", "Bot x").send().await.unwrap().status(),
        401
    );
    table.discord.finish().await;
}

#[tokio::test]
#[should_panic(expected = "the bot broke rules")]
async fn a_violation_fails_the_test_that_ends() {
    let table = Table::start().await;
    table.rest.get("/channel/1").await;
    drop(table);
}
