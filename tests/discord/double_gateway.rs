//! The gateway of the double.

use std::time::Duration;

use lifeboat_tests::fake::discord::{Discord, Door, Ended, Script, Settings};
use serde_json::{Value, json};

use crate::bot::{Heard, Line, identify, identify_with};

#[tokio::test]
async fn a_bot_is_greeted_identifies_and_hears_of_its_server() {
    let discord = Discord::start(Settings::default()).await;
    let mut line = Line::connect(discord.gateway_url()).await;

    assert_eq!(line.hears_op(10).await["d"]["heartbeat_interval"], 41_250);
    line.says(json!({ "op": 1, "d": null })).await;
    line.hears_op(11).await;
    line.says(identify(&discord)).await;
    let ready = line.hears_event("READY").await;
    let guild = line.hears_event("GUILD_CREATE").await;

    assert_eq!([&ready["s"], &guild["s"]], [1, 2]);
    assert_eq!(ready["d"]["resume_gateway_url"], discord.resume_url());
    assert_eq!(ready["d"]["application"]["id"], discord.application_id().to_string());
    assert_eq!(guild["d"]["id"], discord.guild_id().to_string());
    let names: Vec<&str> =
        guild["d"]["channels"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["alerts", "general"]);
    let connection = discord.connected().await;
    assert_eq!((connection.number, connection.door, connection.heartbeats.len()), (1, Door::First, 1));
    discord.finish().await;
}

#[tokio::test]
async fn what_happened_while_nobody_listened_is_replayed_to_who_resumes() {
    let discord = Discord::start(Settings::default()).await;
    let (line, ready) = Line::ready(&discord).await;
    drop(line);
    discord.until("the end", |discord| discord.connections()[0].ended.clone()).await;
    let alerts = discord.channel("alerts").id;
    discord.deletes_channel(alerts);

    let mut line = resumed(&discord, &ready["d"]["session_id"], 2).await;

    assert_eq!(line.hears_event("CHANNEL_DELETE").await["d"]["id"], alerts.to_string());
    assert_eq!(line.hears_event("RESUMED").await["s"], 4);
    assert_eq!(discord.connections()[1].door, Door::Resume);
    discord.finish().await;
}

pub(crate) async fn resumed(discord: &Discord, session: &Value, seq: u64) -> Line {
    let mut line = Line::connect(discord.resume_url()).await;
    line.hears_op(10).await;
    line.says(json!({ "op": 6, "d": { "token": discord.token(), "session_id": session, "seq": seq } })).await;
    line
}

#[tokio::test]
async fn after_1000_from_the_bot_the_session_is_gone_and_after_another_code_it_is_not() {
    for (code, expected) in [(1000, 9), (1001, 9), (4900, 0)] {
        let discord = Discord::start(Settings::default()).await;
        let (line, ready) = Line::ready(&discord).await;
        line.closes(code).await;
        let ended = discord.until("the end", |discord| discord.connections()[0].ended.clone()).await.1;
        assert_eq!(ended, Ended::ByBot(Some(code)));

        let mut line = resumed(&discord, &ready["d"]["session_id"], 2).await;
        assert_eq!(line.hears_payload().await["op"], expected, "after {code}");
        discord.finish().await;
    }
}

/// Says something wrong after a HELLO, and is told with which code the connection ends.
async fn refused(settings: Settings, said: impl Fn(&Discord) -> String) -> (Option<u16>, Vec<String>) {
    let discord = Discord::start(settings).await;
    let mut line = Line::connect(discord.gateway_url()).await;
    line.hears_op(10).await;
    line.says_text(said(&discord)).await;
    let code = loop {
        match line.hears().await {
            Heard::Payload(_) => {}
            Heard::Closed(code) => break code,
            other => panic!("{other:?}"),
        }
    };
    (code, discord.takes_violations())
}

#[tokio::test]
async fn a_payload_that_is_wrong_ends_the_connection_with_its_code() {
    let long = |_: &Discord| json!({ "op": 1, "d": "x".repeat(4_096) }).to_string();
    let (code, blamed) = refused(Settings::default(), long).await;
    assert_eq!((code, blamed.len()), (Some(4002), 1), "{blamed:?}");

    let (code, blamed) = refused(Settings::default(), |_| "no json".to_owned()).await;
    assert_eq!((code, blamed.len()), (Some(4002), 1), "{blamed:?}");

    let (code, blamed) = refused(Settings::default(), |_| json!({ "op": 40 }).to_string()).await;
    assert_eq!((code, blamed.len()), (Some(4001), 1), "{blamed:?}");

    let wrong_token = |discord: &Discord| identify(discord).to_string().replace("double", "doubel");
    assert_eq!(refused(Settings::default(), wrong_token).await, (Some(4004), vec![]));

    let with_content = |discord: &Discord| identify_with(discord, 1 | 1 << 15).to_string();
    assert_eq!(refused(Settings::default(), with_content).await, (Some(4014), vec![]));

    let unknown_intent = |discord: &Discord| identify_with(discord, 1 << 40).to_string();
    assert_eq!(refused(Settings::default(), unknown_intent).await, (Some(4013), vec![]));

    assert_eq!(
        refused(Settings::default(), |_| json!({ "op": 3, "d": {} }).to_string()).await,
        (Some(4003), vec![])
    );
}

#[tokio::test]
async fn an_identify_with_other_intents_than_agreed_is_noticed() {
    let mut settings = Settings::default();
    settings.gateway.intents = Some(1);
    let discord = Discord::start(settings).await;
    let mut line = Line::connect(discord.gateway_url()).await;
    line.hears_op(10).await;
    line.says(identify_with(&discord, 1 | 1 << 9)).await;
    line.hears_event("READY").await;
    assert_eq!(discord.takes_violations().len(), 1);
}

#[tokio::test]
async fn scripts_that_end_the_connection_end_it_as_they_say() {
    let cases = [
        (Script::Closes(4000), Heard::Closed(Some(4000))),
        (Script::Closes(4014), Heard::Closed(Some(4014))),
        (Script::ClosesWithoutCode, Heard::Closed(None)),
        (Script::HangsUp, Heard::Gone),
        (Script::Resets, Heard::Gone),
        (Script::RefusesResumeAddress, Heard::Gone),
    ];
    for (script, expected) in cases {
        let discord = Discord::start(Settings::default()).await;
        let (mut line, _) = Line::ready(&discord).await;
        discord.plays(&script);
        assert_eq!(line.hears().await, expected, "{script:?}");
        discord.finish().await;
    }
}

#[tokio::test]
async fn ready_and_the_server_hold_every_key_a_client_wants() {
    let discord = Discord::start(Settings::default()).await;
    let mut line = Line::connect(discord.gateway_url()).await;
    line.hears_op(10).await;
    line.says(identify(&discord)).await;
    let ready = line.hears_event("READY").await["d"].clone();
    let guild = line.hears_event("GUILD_CREATE").await["d"].clone();
    let lacks = |value: &Value, keys: &[&str]| -> Vec<String> {
        keys.iter()
            .filter(|key| value.pointer(&format!("/{key}")).is_none())
            .map(ToString::to_string)
            .collect()
    };
    let of_ready = [
        "v",
        "user/id",
        "user/username",
        "guilds/0/id",
        "session_id",
        "resume_gateway_url",
        "application/id",
        "application/flags",
    ];
    let of_guild = [
        "id",
        "name",
        "owner_id",
        "roles/0/id",
        "roles/0/name",
        "roles/0/color",
        "roles/0/colors/primary_color",
        "roles/0/hoist",
        "roles/0/position",
        "roles/0/permissions",
        "roles/0/managed",
        "emojis",
        "features",
        "stickers",
        "channels/0/id",
        "channels/0/type",
        "channels/0/name",
        "threads",
        "members/0/user/id",
        "members/0/roles",
        "members/0/deaf",
        "members/0/mute",
        "members/0/flags",
        "voice_states",
        "presences",
        "stage_instances",
        "guild_scheduled_events",
        "joined_at",
        "large",
        "member_count",
        "verification_level",
        "default_message_notifications",
        "explicit_content_filter",
        "mfa_level",
        "nsfw_level",
        "premium_tier",
        "premium_progress_bar_enabled",
        "preferred_locale",
        "system_channel_flags",
    ];
    assert_eq!((lacks(&ready, &of_ready), lacks(&guild, &of_guild)), (vec![], vec![]));
    let strange =
        |value: &Value| value.as_object().unwrap().keys().filter(|key| key.starts_with("x_")).count();
    assert_eq!((strange(&ready), strange(&guild), strange(&guild["channels"][0])), (1, 1, 1));
    discord.finish().await;
}

#[tokio::test]
async fn a_session_that_is_unknown_old_or_ahead_is_not_resumed() {
    let discord = Discord::start(Settings::default()).await;
    let mut line = resumed(&discord, &json!("nobody's"), 1).await;
    assert_eq!(line.hears_op(9).await["d"], false);

    let (line, ready) = Line::ready(&discord).await;
    let session = ready["d"]["session_id"].clone();
    drop(line);
    discord.until("the end", |discord| discord.connections()[1].ended.clone()).await;
    let mut line = resumed(&discord, &session, 99).await;
    assert_eq!(line.hears().await, Heard::Closed(Some(4007)));
    let mut line = resumed(&discord, &session, 2).await;
    assert_eq!(line.hears_op(9).await["d"], false);

    discord.advance(Duration::from_secs(5));
    let (line, ready) = Line::ready(&discord).await;
    drop(line);
    discord.until("the end", |discord| discord.connections().last().unwrap().ended.clone()).await;
    discord.advance(Duration::from_mins(5));
    let mut line = resumed(&discord, &ready["d"]["session_id"], 2).await;
    assert_eq!(line.hears_op(9).await["d"], false);
    discord.finish().await;
}

#[tokio::test]
async fn a_close_that_ends_the_session_ends_it_and_another_does_not() {
    for (code, expected) in [(4000, 0), (4008, 0), (1001, 0), (4003, 9), (4007, 9), (4009, 9)] {
        let discord = Discord::start(Settings::default()).await;
        let (mut line, ready) = Line::ready(&discord).await;
        discord.plays(&Script::Closes(code));
        assert_eq!(line.hears().await, Heard::Closed(Some(code)));
        let mut line = resumed(&discord, &ready["d"]["session_id"], 2).await;
        assert_eq!(line.hears_payload().await["op"], expected, "after {code}");
        discord.finish().await;
    }
}

#[tokio::test]
async fn a_code_that_forbids_to_come_back_is_said_again_to_who_comes_back() {
    for code in [4004, 4010, 4011, 4012, 4013, 4014] {
        let discord = Discord::start(Settings::default()).await;
        let (mut line, _) = Line::ready(&discord).await;
        discord.plays(&Script::Closes(code));
        assert_eq!(line.hears().await, Heard::Closed(Some(code)));
        let mut line = Line::connect(discord.gateway_url()).await;
        line.hears_op(10).await;
        line.says(identify(&discord)).await;
        assert_eq!(line.hears().await, Heard::Closed(Some(code)));
        discord.finish().await;
    }
}

#[tokio::test]
async fn what_the_server_says_by_itself_is_said() {
    let discord = Discord::start(Settings::default()).await;
    let (mut line, _) = Line::ready(&discord).await;
    for (script, op, data) in [
        (Script::AsksForHeartbeat, 1, Value::Null),
        (Script::Reconnect, 7, Value::Null),
        (Script::InvalidSession(true), 9, json!(true)),
        (Script::InvalidSession(false), 9, json!(false)),
    ] {
        discord.plays(&script);
        let said = line.hears_payload().await;
        assert_eq!((&said["op"], &said["d"]), (&json!(op), &data), "{script:?}");
    }
    discord.finish().await;
}
