use serde_json::json;

use super::*;

/// What Discord sends for an interaction, with a field nobody knows yet.
fn sent(kind: u8, data: Value) -> Value {
    let mut all = json!({
        "id": "702", "application_id": "400", "type": kind, "token": "tok", "version": 1, "guild_id": "600",
        "channel_id": "500", "channel": { "id": "500", "type": 0 }, "locale": "zh-CN", "guild_locale": "en-US",
        "app_permissions": "2252126499752976", "entitlements": [], "authorizing_integration_owners": { "0": "600" },
        "context": 0, "attachment_size_limit": 10_485_760, "unheard_of": { "a": 1 },
        "member": {
            "user": { "id": "200", "username": "mei", "global_name": "Mei", "discriminator": "0", "avatar": null },
            "roles": ["300"], "joined_at": "2024-01-01T00:00:00.000000+00:00", "deaf": false, "mute": false,
            "flags": 0, "permissions": "8"
        }
    });
    all["data"] = data;
    all
}

fn wants(data: &Value) -> Option<Wants> {
    Envelope::read(data).unwrap().wants(data)
}

fn command(noun: &str, verb: &str, options: Value) -> Value {
    json!({ "id": "1", "name": noun, "type": 1, "options": [{ "name": verb, "type": 1, "options": options }] })
}

fn given(noun: &str, verb: &str, values: &[(&'static str, &str)]) -> Option<Wants> {
    let values = values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Some(Wants::Command { spec: table::find(noun, verb).unwrap(), values })
}

#[test]
fn the_envelope_says_who_where_and_in_which_language() {
    let data = sent(2, command("node", "reboot", json!([])));
    let envelope = Envelope::read(&data).unwrap();
    let account = Account { id: 200, name: "mei".to_owned(), roles: vec![300] };
    assert_eq!(envelope.account, account);
    assert_eq!((envelope.lang, envelope.name.as_str()), (Lang::ZhCn, "node"));
    assert_eq!((envelope.guild, envelope.channel), (Some(GuildId::new(600)), Some(ChannelId::new(500))));
    assert_eq!(envelope.reference(), "D-000702");
}

#[test]
fn a_command_comes_with_its_values_as_they_were_given() {
    let text = "line one\nsays \"no\" at 10:15";
    let options = json!([
        { "name": "text", "type": 3, "value": text },
        { "name": "at", "type": 3, "value": "-15m" }
    ]);
    let data = sent(2, command("incident", "note", options));
    assert_eq!(wants(&data), given("incident", "note", &[("text", text), ("at", "-15m")]));
    let options =
        json!([{ "name": "count", "type": 4, "value": 4 }, { "name": "pool", "type": 3, "value": "web" }]);
    assert_eq!(
        wants(&sent(2, command("node", "add", options))),
        given("node", "add", &[("count", "4"), ("pool", "web")])
    );
}

#[test]
fn the_option_being_typed_is_completed() {
    let options = json!([
        { "name": "plan", "type": 3, "value": "P-7" },
        { "name": "hash", "type": 3, "value": "7c", "focused": true }
    ]);
    let spec = table::find("plan", "approve").unwrap();
    let option = spec.option("hash").unwrap();
    let beside = Values::from([("plan", "P-7".to_owned())]);
    let expected = Wants::Completion { spec, option, typed: "7c".to_owned(), beside };
    assert_eq!(wants(&sent(4, command("plan", "approve", options))), Some(expected));
}

fn button(custom_id: &str) -> Value {
    sent(3, json!({ "custom_id": custom_id, "component_type": 2, "id": 2 }))
}

#[test]
fn a_button_gives_the_command_it_carries() {
    assert_eq!(
        wants(&button("v1:incident ack INC-0042")),
        given("incident", "ack", &[("incident", "INC-0042")])
    );
    let approve = wants(&button("v1:plan approve P-7 hash:7c1e0d12"));
    assert_eq!(approve, given("plan", "approve", &[("plan", "P-7"), ("hash", "7c1e0d12")]));
}

#[test]
fn a_button_whose_command_lacks_something_asks_for_it() {
    for line in
        ["incident update incident:INC-0042 conditions: ", "incident cancel INC-0042", "plan reject P-7 "]
    {
        let Some(Wants::Form { line: asked, values, .. }) = wants(&button(&format!("v1:{line}"))) else {
            panic!("{line}")
        };
        assert_eq!((asked.as_str(), values.len()), (line, 1), "{values:?}");
    }
}

#[test]
fn a_suggested_line_of_which_nothing_is_left_to_ask_is_carried_out() {
    let reboot = wants(&button("v1:node reboot target:worker-3 mode:canary "));
    assert_eq!(reboot, given("node", "reboot", &[("target", "worker-3"), ("mode", "canary")]));
    for line in
        ["capacity show ", "cluster swap to:site-b ", "node add count:4 pool:workers ", "plan cancel P-7 "]
    {
        let pressed = wants(&button(&format!("v1:{line}")));
        assert!(matches!(pressed, Some(Wants::Command { .. })), "{line}");
    }
}

#[test]
fn a_form_adds_what_was_typed_in_either_shape() {
    let rows = json!([
        { "type": 1, "components": [{ "type": 4, "custom_id": "conditions", "value": "5 of 9 serve" }] },
        { "type": 1, "components": [{ "type": 4, "custom_id": "actions", "value": " " }] }
    ]);
    let labels = json!([
        { "type": 18, "id": 1, "component": { "type": 4, "id": 2, "custom_id": "conditions", "value": "5 of 9 serve" } }
    ]);
    let expected = given("incident", "update", &[("conditions", "5 of 9 serve"), ("incident", "INC-0042")]);
    for components in [rows, labels] {
        let custom_id = "v1:incident update incident:INC-0042 conditions: ";
        let data = sent(5, json!({ "custom_id": custom_id, "components": components }));
        assert_eq!(wants(&data), expected);
    }
}

#[test]
fn a_message_is_put_on_the_timeline() {
    let message = json!({
        "id": "900", "channel_id": "500", "content": "DNS is down on wk-3", "timestamp": "2026-01-05T02:00:00Z",
        "author": { "id": "201", "username": "lin" }, "tts": false, "mention_everyone": false, "mentions": [],
        "mention_roles": [], "attachments": [], "embeds": [], "pinned": false, "type": 0
    });
    let data = json!({
        "id": "2", "name": "Add to timeline", "type": 3, "target_id": "900", "resolved": { "messages": { "900": message } }
    });
    let target = Target {
        id: MessageId::new(900),
        author: "lin".to_owned(),
        text: "DNS is down on wk-3".to_owned(),
        files: 0,
    };
    assert_eq!(wants(&sent(2, data)), Some(Wants::ToTimeline(target)));
}

#[test]
fn what_another_version_made_is_told_from_what_cannot_be_read() {
    for custom_id in ["v0:ack:42", "v2:incident ack", "v1:", "v1:incident dance INC-1", "", "ack"] {
        assert_eq!(wants(&button(custom_id)), Some(Wants::Outdated), "{custom_id}");
    }
    assert_eq!(wants(&sent(2, command("incident", "dance", json!([])))), Some(Wants::Outdated));
    let unreadable = sent(2, json!({ "name": "node" }));
    assert_eq!(wants(&unreadable), None, "and yet it can be answered");
    assert_eq!(Envelope::read(&json!({ "id": "1", "type": 2 })), None);
}

#[test]
fn nothing_that_is_sent_makes_reading_panic() {
    let whole = sent(2, command("incident", "note", json!([{ "name": "text", "type": 3, "value": "a" }])));
    for key in whole.as_object().unwrap().keys() {
        for other in [json!(null), json!("x"), json!(-1), json!([]), json!({})] {
            let mut broken = whole.clone();
            broken[key] = other;
            if let Some(envelope) = Envelope::read(&broken) {
                drop(envelope.wants(&broken));
            }
        }
    }
}

#[test]
fn a_number_behind_a_name_is_told_only_where_the_name_alone_is_not_unique() {
    for (discriminator, name) in [("0", "mei"), ("", "mei"), ("0000", "mei"), ("1234", "mei#1234")] {
        assert_eq!(unique_name("mei", discriminator), name, "{discriminator:?}");
    }
}
