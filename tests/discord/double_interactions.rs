//! Interactions of the double: commands, completion, clicks, forms, and the clocks of their tokens.

use std::time::Duration;

use lifeboat_tests::fake::discord::{Asked, Discord, Settings, Snowflake};
use serde_json::{Value, json};

use crate::bot::{Line, Reply, Rest, message};

struct Scene {
    discord: Discord,
    rest: Rest,
    alerts: Snowflake,
}

impl Scene {
    /// A server with a few commands.
    async fn start() -> Self {
        let discord = Discord::start(Settings::default()).await;
        let rest = Rest::of(&discord);
        let alerts = discord.channel("alerts").id;
        let scene = Self { discord, rest, alerts };
        assert_eq!(scene.registers(commands()).await.status, 200);
        scene
    }

    async fn registers(&self, commands: Value) -> Reply {
        let path = format!(
            "/applications/{}/guilds/{}/commands",
            self.discord.application_id(),
            self.discord.guild_id()
        );
        self.rest.send("PUT", &path, commands).await
    }

    async fn answers(&self, asked: &Asked, body: Value) -> Reply {
        let interaction = asked.interaction();
        let path = format!("/interactions/{}/{}/callback", interaction.id, interaction.token);
        self.rest.send("POST", &path, body).await
    }

    fn original(&self, asked: &Asked) -> String {
        format!("{}/messages/@original", self.webhook(asked))
    }

    fn webhook(&self, asked: &Asked) -> String {
        format!("/webhooks/{}/{}", self.discord.application_id(), asked.interaction().token)
    }

    /// A card of the bot with a button, a link, a dead button and a select.
    async fn card(&self) -> Snowflake {
        let mut body = message("card");
        body["components"] = json!([
            { "type": 1, "components": [
                { "type": 2, "style": 1, "label": "Take it", "custom_id": "v1:ack:1" },
                { "type": 2, "style": 5, "label": "Logs", "url": "https://ops.example.net" },
                { "type": 2, "style": 4, "label": "Abort", "custom_id": "v1:abort:1", "disabled": true }] },
            { "type": 1, "components": [{ "type": 3, "custom_id": "v1:sev:1",
                "options": [{ "label": "SEV1", "value": "1" }, { "label": "SEV2", "value": "2" }] }] },
        ]);
        let path = format!("/channels/{}/messages", self.alerts);
        self.rest.send("POST", &path, body).await.id().parse().unwrap()
    }
}

fn commands() -> Value {
    let text = |name: &str, more: Value| {
        let mut option = json!({ "type": 3, "name": name, "description": "d" });
        more.as_object().unwrap().iter().for_each(|(key, value)| option[key] = value.clone());
        option
    };
    json!([
        { "name": "node", "description": "Nodes", "name_localizations": { "zh-CN": "节点" }, "options": [
            { "type": 1, "name": "reboot", "description": "Reboots", "name_localizations": { "zh-CN": "重启" },
              "options": [
                text("node", json!({ "required": true, "autocomplete": true })),
                text("mode", json!({ "choices": [{ "name": "Canary", "value": "canary" }] })),
                text("why", json!({ "max_length": 20 })),
                { "type": 6, "name": "with", "description": "d" }] }] },
        { "name": "swap", "description": "Swaps", "default_member_permissions": "0" },
        { "name": "Add to timeline", "type": 3 },
    ])
}

fn reply(content: &str, flags: u64) -> Value {
    let mut data = message(content);
    data["flags"] = json!(flags);
    json!({ "type": 4, "data": data })
}

#[tokio::test]
async fn a_typed_command_reaches_the_bot_as_discord_would_send_it() {
    let scene = Scene::start().await;
    let (mut line, _) = Line::ready(&scene.discord).await;
    let mei = scene.discord.person("mei");
    let bo = scene.discord.person("bo").id();

    let asked = mei.types("/节点 重启 node:web 4 mode:Canary with:@bo", scene.alerts);

    let event = line.hears_event("INTERACTION_CREATE").await["d"].clone();
    let sub = &event["data"]["options"][0];
    let given: Vec<(&str, &str)> = sub["options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["value"].as_str().unwrap()))
        .collect();
    assert_eq!((&event["data"]["name"], &sub["name"]), (&json!("node"), &json!("reboot")));
    assert_eq!(given, [("node", "web 4"), ("mode", "canary"), ("with", bo.to_string().as_str())]);
    assert_eq!(event["data"]["resolved"]["users"][bo.to_string()]["username"], "bo");
    assert_eq!((&event["locale"], &event["member"]["user"]["username"]), (&json!("zh-CN"), &json!("mei")));
    assert_eq!(event["member"]["roles"].as_array().unwrap().len(), 2);
    assert_eq!(scene.answers(&asked, reply("done", 0)).await.status, 204);
    assert_eq!(asked.message().await.kind, 20);
    scene.discord.finish().await;
}

#[tokio::test]
async fn a_client_does_not_send_what_it_does_not_offer() {
    let scene = Scene::start().await;
    let guest = scene.discord.person("guest");
    assert!(guest.tries("/node reboot node:a", scene.alerts).is_ok());
    for line in [
        "/nod reboot node:a",
        "/node boot node:a",
        "/node reboot",
        "/node reboot mode:canary",
        "/node reboot node:a mode:all",
        "/node reboot node:a why:much longer than twenty characters",
        "/node reboot node:a with:@nobody",
        "/swap",
    ] {
        let typed =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| guest.types(line, scene.alerts)));
        assert!(typed.is_err(), "{line} was sent");
    }
    let card = scene.card().await;
    for button in ["Logs", "Abort", "v1:gone:1"] {
        let clicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| guest.clicks(card, button)));
        assert!(clicked.is_err(), "{button} was clicked");
    }
    scene.discord.finish().await;
}

#[tokio::test]
async fn what_is_being_typed_is_completed_by_choices_alone() {
    let scene = Scene::start().await;
    let (mut line, _) = Line::ready(&scene.discord).await;
    let asked = scene.discord.person("ana").completes("/node reboot node:we", scene.alerts);
    let event = line.hears_event("INTERACTION_CREATE").await;
    let option = &event["d"]["data"]["options"][0]["options"][0];
    assert_eq!(
        (&option["value"], &option["focused"], &event["d"]["type"]),
        (&json!("we"), &json!(true), &json!(4))
    );

    let refused = scene.answers(&asked, reply("no", 0)).await;
    assert_eq!((refused.code(), scene.discord.takes_violations().len()), (50_035, 1));
    let many: Vec<Value> =
        (0..26).map(|number| json!({ "name": number.to_string(), "value": "v" })).collect();
    let refused = scene.answers(&asked, json!({ "type": 8, "data": { "choices": many } })).await;
    assert_eq!((refused.code(), scene.discord.takes_violations().len()), (50_035, 1));
    let choices = json!({ "type": 8, "data": { "choices": [{ "name": "web-4", "value": "web-4" }] } });
    assert_eq!(scene.answers(&asked, choices).await.status, 204);
    assert_eq!(asked.choices().await, [("web-4".to_owned(), json!("web-4"))]);
    scene.discord.finish().await;
}

#[tokio::test]
async fn a_deferred_answer_is_thinking_until_it_is_edited() {
    let scene = Scene::start().await;
    let asked = scene.discord.person("ana").types("/node reboot node:a", scene.alerts);
    let refused = scene.answers(&asked, json!({ "type": 5, "data": message("no") })).await;
    assert_eq!((refused.code(), scene.discord.takes_violations().len()), (50_035, 1));
    assert_eq!(scene.answers(&asked, json!({ "type": 5, "data": { "flags": 64 } })).await.status, 204);
    assert_eq!(scene.rest.send("PATCH", &scene.original(&asked), message("done")).await.status, 200);

    let message_ = asked.message().await;
    assert_eq!((message_.content.as_str(), message_.flags), ("done", 64));
    assert_eq!(scene.discord.person("bo").sees(scene.alerts), []);
    assert_eq!(scene.discord.person("ana").sees(scene.alerts), std::slice::from_ref(&message_));
    let by_id = format!("/channels/{}/messages/{}", scene.alerts, message_.id);
    assert_eq!(scene.rest.get(&by_id).await.code(), 10_008);
    scene.discord.finish().await;
}

#[tokio::test]
async fn a_token_is_a_webhook_after_the_first_answer_and_for_fifteen_minutes() {
    let scene = Scene::start().await;
    let asked = scene.discord.person("ana").types("/node reboot node:a", scene.alerts);
    assert_eq!(scene.rest.send("POST", &scene.webhook(&asked), message("early")).await.code(), 10_015);
    scene.answers(&asked, reply("first", 0)).await;
    assert_eq!(scene.rest.send("POST", &scene.webhook(&asked), message("second")).await.status, 200);
    assert_eq!(asked.followup(0).await.content, "second");
    scene.discord.advance(Duration::from_mins(15));
    let late = scene.rest.send("PATCH", &scene.original(&asked), message("late")).await;
    assert_eq!((late.status, late.code()), (401, 50_027));
    scene.discord.finish().await;
}

#[tokio::test]
async fn a_follow_up_in_place_of_the_edit_is_noticed() {
    let scene = Scene::start().await;
    let asked = scene.discord.person("ana").types("/node reboot node:a", scene.alerts);
    scene.answers(&asked, json!({ "type": 5 })).await;
    assert_eq!(scene.rest.send("POST", &scene.webhook(&asked), message("done")).await.status, 200);
    assert_eq!(asked.message().await.content, "done");
    assert_eq!(scene.discord.takes_violations().len(), 1);
}

#[tokio::test]
async fn a_click_changes_its_card_in_place() {
    let scene = Scene::start().await;
    let card = scene.card().await;
    let (mut line, _) = Line::ready(&scene.discord).await;
    let asked = scene.discord.person("mei").clicks(card, "Take it");
    let event = line.hears_event("INTERACTION_CREATE").await;
    assert_eq!(
        (&event["d"]["data"]["custom_id"], &event["d"]["message"]["id"]),
        (&json!("v1:ack:1"), &json!(card.to_string()))
    );
    let mut data = message("taken by mei");
    data["components"] = json!([]);
    assert_eq!(scene.answers(&asked, json!({ "type": 7, "data": data })).await.status, 204);
    let changed = asked.message().await;
    assert_eq!((changed.id, changed.content.as_str(), changed.components.len()), (card, "taken by mei", 0));
    scene.discord.finish().await;
}

#[tokio::test]
async fn a_select_sends_only_what_it_offers() {
    let scene = Scene::start().await;
    let card = scene.card().await;
    let mei = scene.discord.person("mei");
    let asked = mei.selects(card, "v1:sev:1", &["2"]);
    assert_eq!(asked.interaction().payload["data"]["values"], json!(["2"]));
    assert_eq!(scene.answers(&asked, json!({ "type": 6 })).await.status, 204);
    let wrong =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| mei.selects(card, "v1:sev:1", &["3"])));
    assert!(wrong.is_err());
    scene.discord.finish().await;
}

fn form(rows: Value) -> Value {
    json!({ "type": 9, "data": { "custom_id": "v1:upd:1", "title": "Post update", "components": rows } })
}

fn input(more: Value) -> Value {
    let mut input = json!({ "type": 4, "custom_id": "text", "style": 2, "max_length": 10 });
    more.as_object().unwrap().iter().for_each(|(key, value)| input[key] = value.clone());
    input
}

#[tokio::test]
async fn a_form_comes_back_in_the_shape_it_was_shown_in() {
    let scene = Scene::start().await;
    let card = scene.card().await;
    let ana = scene.discord.person("ana");
    let row = json!([{ "type": 1, "components": [input(json!({ "label": "Update" }))] }]);
    let label = json!([{ "type": 18, "label": "Update", "component": input(json!({})) }]);
    for (rows, place) in [(row, "/components/0/value"), (label, "/component/value")] {
        let asked = ana.clicks(card, "Take it");
        assert_eq!(scene.answers(&asked, form(rows)).await.status, 204);
        let long = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            ana.submits(&asked, &[("text", "eleven signs")])
        }));
        assert!(long.is_err());
        let sent = ana.submits(&asked, &[("text", "better")]);
        let data = sent.interaction().payload["data"].clone();
        assert_eq!(data["components"][0].pointer(place), Some(&json!("better")));
        assert_eq!(sent.interaction().message, Some(card));
        let again = scene.answers(&sent, form(json!([]))).await;
        assert_eq!((again.code(), scene.discord.takes_violations().len()), (50_035, 1));
        assert_eq!(scene.answers(&sent, reply("posted", 64)).await.status, 204);
    }
    scene.discord.finish().await;
}

#[tokio::test]
async fn a_form_is_refused_by_the_field_that_is_wrong() {
    let scene = Scene::start().await;
    let twice = json!([
        { "type": 1, "components": [input(json!({ "label": "a" }))] },
        { "type": 1, "components": [input(json!({ "label": "b" }))] },
    ]);
    let six: Vec<Value> = (0..6)
        .map(|number| {
            json!({ "type": 1, "components": [
            input(json!({ "label": "a", "custom_id": number.to_string() }))] })
        })
        .collect();
    let mut long = form(json!([{ "type": 1, "components": [input(json!({ "label": "a" }))] }]));
    long["data"]["title"] = json!("t".repeat(46));
    let unlabelled = form(json!([{ "type": 1, "components": [input(json!({}))] }]));
    for (name, body) in [
        ("one id twice", form(twice)),
        ("six fields", form(json!(six))),
        ("title over 45", long),
        ("no label", unlabelled),
    ] {
        let asked = scene.discord.person("ana").types("/node reboot node:a", scene.alerts);
        assert_eq!(scene.answers(&asked, body).await.code(), 50_035, "{name}");
        assert_eq!(scene.discord.takes_violations().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_message_command_brings_the_message_with_its_content() {
    let scene = Scene::start().await;
    let said = scene.discord.person("bo").says(scene.alerts, "the database was slow too");
    let asked = scene.discord.person("ana").uses("Add to timeline", said);
    let data = asked.interaction().payload["data"].clone();
    assert_eq!(data["resolved"]["messages"][said.to_string()]["content"], "the database was slow too");
    assert_eq!(scene.answers(&asked, reply("added", 64)).await.status, 204);
    scene.discord.finish().await;
}

#[tokio::test]
async fn the_answer_can_be_had_with_the_acknowledgement() {
    let scene = Scene::start().await;
    let asked = scene.discord.person("ana").types("/node reboot node:a", scene.alerts);
    let interaction = asked.interaction();
    let path = format!("/interactions/{}/{}/callback?with_response=true", interaction.id, interaction.token);
    let told = scene.rest.send("POST", &path, reply("done", 0)).await;
    assert_eq!((told.status, &told.body["resource"]["message"]["content"]), (200, &json!("done")));
    scene.discord.finish().await;
}

#[tokio::test]
async fn the_201st_new_command_of_a_day_is_refused_and_an_old_name_is_not_new() {
    let scene = Scene::start().await;
    let set = |from: usize, to: usize| -> Value {
        (from..to).map(|number| json!({ "name": format!("c{number}"), "description": "d" })).collect()
    };
    let first = scene.registers(set(0, 100)).await;
    let ids = |reply: &Reply| {
        reply.body.as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
    };
    let again = scene.registers(set(0, 100)).await;
    assert_eq!(ids(&first), ids(&again));
    assert_eq!(scene.registers(set(100, 198)).await.code(), 30_034);
    assert_eq!(scene.registers(set(100, 197)).await.status, 200);
    scene.discord.advance(Duration::from_hours(24));
    assert_eq!(scene.registers(set(0, 100)).await.status, 200);
    assert_eq!(scene.discord.commands().len(), 100);
    scene.discord.finish().await;
}
