use std::collections::BTreeMap;

use lifeboat_commands::table;
use lifeboat_storage::event::{ChatKind, Instead, Kind, Severity};
use lifeboat_storage::id::IncidentId;

use super::super::fake::{Fake, refused};
use super::super::hall::{Hall, discord};
use super::*;
use crate::config::Discord;
use crate::desk::{Wish, speaker};

const CHANNELS: &str = "GET guilds/600/channels";
const MAKE: &str = "POST guilds/600/channels";
const ALERTS_POST: &str = "POST channels/5/messages";
const ROOM_POST: &str = "POST channels/50/messages";
const ROOM: &str = "inc-0001-empty";
const CARD: PostKind = PostKind::Card { incident: IncidentId(1) };

fn made(id: u64) -> Value {
    json!({ "id": id.to_string() })
}

/// A server with `#alerts` (5), where channels can be made: the category (40), then channels (50, 51).
fn server() -> Fake {
    let fake = Fake::default()
        .always(CHANNELS, Ok(json!([{ "id": "5", "type": 0, "name": "alerts" }])))
        .always(ALERTS_POST, Ok(made(900)))
        .always(ROOM_POST, Ok(made(901)))
        .always("POST channels/51/messages", Ok(made(902)))
        .always("POST channels/900/messages", Ok(made(903)))
        .always("PUT channels/50/messages/pins/901", Ok(Value::Null))
        .always("PATCH channels/50", Ok(made(50)));
    for id in [40, 50, 51] {
        fake.once(MAKE, Ok(made(id)));
    }
    fake
}

async fn gives(hall: &Hall, verb: &str, values: &[(&'static str, &str)]) {
    let person = super::super::hall::people().named("Mei").cloned();
    let speaker = crate::engine::input::Speaker {
        granted: person.clone(),
        ..speaker(person.map(|person| person.name), "200", lifeboat_storage::event::Origin::Discord)
    };
    let values = values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect::<BTreeMap<_, _>>();
    let spec = table::find("incident", verb).unwrap();
    let wish = Wish { spec, values, channel: None, speaker, once: None };
    let answer = hall.desk.choose(wish).await.unwrap();
    assert!(matches!(answer, crate::engine::effect::Answer::Done(_)), "{answer:?}");
}

async fn declare(hall: &Hall) {
    gives(hall, "declare", &[("title", "empty")]).await;
}

fn count(fake: &Fake, call: &str) -> usize {
    fake.bodies(call).len()
}

/// Waits until nothing waits for Discord any more.
async fn settled(hall: &Hall) {
    let mut news = hall.desk.news();
    let all = async {
        while hall.desk.look(|room| room.engine.durable().outbox.waiting.len()).await.unwrap() > 0 {
            // Whoever falls behind has news all the same.
            drop(news.recv().await);
        }
    };
    let done = tokio::time::timeout(std::time::Duration::from_secs(20), all).await;
    assert!(done.is_ok(), "messages wait: {:#?}", hall.rest.asked());
}

#[tokio::test]
async fn an_incident_opens_its_channel_under_a_category_with_a_pinned_status() {
    let hall = Hall::new(server(), discord()).sending();
    declare(&hall).await;
    settled(&hall).await;
    let made = hall.rest.bodies(MAKE);
    assert_eq!((&made[0]["type"], &made[0]["name"]), (&json!(4), &json!("Incidents")));
    assert_eq!(
        (&made[1]["type"], &made[1]["name"], &made[1]["parent_id"]),
        (&json!(0), &json!(ROOM), &json!("40"))
    );
    let topic = made[1]["topic"].as_str().unwrap();
    assert!(topic.starts_with("empty · INC-0001 · lb-"), "{topic}");
    assert_eq!(made[1].get("permission_overwrites"), None, "whoever sees the category sees the channel");
    let card = &hall.rest.bodies(ALERTS_POST)[0];
    assert_eq!((&card["enforce_nonce"], card["nonce"].as_str().unwrap().len()), (&json!(true), 24));
    assert_eq!(count(&hall.rest, "PUT channels/50/messages/pins/901"), 1);
    let chat = hall
        .desk
        .look(|room| room.engine.durable().chats.of(ChatKind::Discord).cloned().unwrap())
        .await
        .unwrap();
    assert_eq!(chat.open.as_deref(), Some("40"));
    let ids: Vec<&str> = chat.channels.values().map(|spot| spot.id.as_str()).collect();
    assert_eq!(ids, ["5", "50"]);
    let messages: Vec<&str> = chat.cards.values().map(|card| card.message.as_str()).collect();
    assert!(messages.contains(&"900") && messages.contains(&"901"), "{messages:?}");
}

#[tokio::test]
async fn the_common_channel_is_made_where_there_is_none() {
    let fake = server().always(CHANNELS, Ok(json!([])));
    fake.once(MAKE, Ok(made(51)));
    let hall = Hall::new(fake, Discord { thread_at: Some(Severity::Sev1), ..discord() }).sending();
    hall.rest.once("POST channels/40/messages", Ok(made(900)));
    declare(&hall).await;
    hall.until("the common channel is made", |fake| count(fake, MAKE) >= 1).await;
    let made = &hall.rest.bodies(MAKE)[0];
    assert_eq!((&made["name"], &made["type"]), (&json!("alerts"), &json!(0)));
    assert!(made["topic"].as_str().unwrap().ends_with("lb-alerts"));
}

#[tokio::test]
async fn a_channel_made_before_a_kill_is_found_by_its_mark_and_not_made_again() {
    let hall = Hall::new(server(), discord());
    declare(&hall).await;
    let mark = hall.desk.look(|room| {
        let declared = room
            .engine
            .shelf()
            .newest()
            .find(|event| matches!(event.kind, Kind::IncidentDeclared { .. }))
            .unwrap();
        super::super::mark::mark(declared.seq, declared.recorded_at)
    });
    let topic = format!("empty · INC-0001 · {}", mark.await.unwrap());
    let channels = json!([
        { "id": "5", "type": 0, "name": "alerts" },
        { "id": "50", "type": 0, "name": "renamed-by-a-person", "topic": topic }
    ]);
    hall.rest.set(CHANNELS, Ok(channels));
    let hall = hall.sending();
    settled(&hall).await;
    assert_eq!(count(&hall.rest, MAKE), 0);
    assert_eq!(count(&hall.rest, ROOM_POST), 1);
}

#[tokio::test]
async fn where_there_is_no_room_for_a_channel_a_thread_under_the_card_does_and_it_is_said_aloud() {
    let parent_full = RestError::Refused {
        status: 400,
        code: code::INVALID_FORM,
        message: "Invalid Form Body".to_owned(),
        errors: json!({ "parent_id": { "_errors": [{ "code": "CHANNEL_PARENT_MAX_CHANNELS" }] } }),
    };
    let rows = [
        ("the server is full", refused(400, code::CHANNELS_FULL), Instead::Full),
        ("the category is full", parent_full, Instead::Full),
        ("not allowed", RestError::Forbidden { code: 50_013, message: String::new() }, Instead::Forbidden),
    ];
    for (name, error, instead) in rows {
        let fake = Fake::default()
            .always(CHANNELS, Ok(json!([{ "id": "5", "type": 0, "name": "alerts" }, { "id": "40", "type": 4, "name": "Incidents" }])))
            .always(MAKE, Err(error))
            .always(ALERTS_POST, Ok(made(900)))
            .always("POST channels/5/messages/900/threads", Ok(made(900)))
            .always("POST channels/900/messages", Ok(made(901)))
            .always("PUT channels/900/messages/pins/901", Ok(Value::Null));
        let hall = Hall::new(fake, discord()).sending();
        declare(&hall).await;
        settled(&hall).await;
        let chat = hall
            .desk
            .look(|room| room.engine.durable().chats.of(ChatKind::Discord).cloned().unwrap())
            .await
            .unwrap();
        let spot = &chat.channels[&ChannelName::new(ROOM)];
        assert_eq!((spot.id.as_str(), spot.instead), ("900", Some(instead)), "{name}");
        let said = hall.rest.bodies("POST channels/900/messages");
        assert!(
            said.iter().any(|one| one["content"].as_str().unwrap().contains("is a thread under its card")),
            "{name}: {said:#?}"
        );
    }
}

#[tokio::test]
async fn a_mild_incident_gets_a_thread_where_so_configured_without_a_word() {
    let fake = server().always("POST channels/5/messages/900/threads", Ok(made(900)));
    let hall = Hall::new(fake, Discord { thread_at: Some(Severity::Sev3), ..discord() }).sending();
    gives(&hall, "declare", &[("title", "empty"), ("severity", "SEV3")]).await;
    settled(&hall).await;
    assert_eq!(count(&hall.rest, MAKE), 0);
    let said = hall.rest.bodies("POST channels/900/messages");
    assert_eq!(said.len(), 1, "the status, and nothing else: {said:#?}");
}

#[tokio::test]
async fn a_private_channel_lets_in_the_named_roles_and_lifeboat_alone() {
    let fake = server().always("GET users/@me", Ok(json!({ "id": "400" })));
    let hall = Hall::new(fake, Discord { private_to: vec![300], ..discord() }).sending();
    declare(&hall).await;
    settled(&hall).await;
    let over = &hall.rest.bodies(MAKE)[1]["permission_overwrites"];
    let view = (1_u64 << 10).to_string();
    assert_eq!((&over[0]["id"], &over[0]["deny"]), (&json!("600"), &json!(view)));
    let let_in: Vec<&str> =
        over.as_array().unwrap()[1..].iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(let_in, ["400", "300"]);
}

#[tokio::test]
async fn what_discord_takes_for_wrong_is_said_in_plain_words_once() {
    let fake = server();
    fake.once(ALERTS_POST, Err(refused(400, code::INVALID_FORM)));
    let hall = Hall::new(fake, discord()).sending();
    declare(&hall).await;
    settled(&hall).await;
    let tries = hall.rest.bodies(ALERTS_POST);
    assert_eq!(tries.len(), 2);
    assert!(
        !tries[0]["embeds"].as_array().unwrap().is_empty()
            && tries[1]["embeds"].as_array().unwrap().is_empty()
    );
    assert!(tries[1]["content"].as_str().unwrap().contains("empty"));
}

#[tokio::test]
async fn a_message_that_may_have_arrived_is_looked_for_before_it_is_sent_again() {
    let fake = server();
    fake.once(ALERTS_POST, Err(RestError::Unclear("reset".to_owned())));
    let hall = Hall::new(fake, discord()).sending();
    declare(&hall).await;
    hall.until("the card was sent", |fake| count(fake, ALERTS_POST) == 1).await;
    let nonce = hall.rest.bodies(ALERTS_POST)[0]["nonce"].clone();
    let newest =
        json!([{ "id": "950", "content": "other" }, { "id": "951", "nonce": nonce, "content": "…" }]);
    hall.rest.set("GET channels/5/messages", Ok(newest));
    settled(&hall).await;
    assert_eq!(count(&hall.rest, ALERTS_POST), 1, "it had arrived");
    let chat = hall
        .desk
        .look(|room| room.engine.durable().chats.of(ChatKind::Discord).cloned().unwrap())
        .await
        .unwrap();
    assert!(chat.cards.values().any(|card| card.message == "951"));
}

#[tokio::test]
async fn when_discord_has_forgotten_the_nonce_a_card_is_found_by_its_subject() {
    let fake = server();
    fake.once(ALERTS_POST, Err(RestError::Ill { status: 502 }));
    let hall = Hall::new(fake, discord()).sending();
    declare(&hall).await;
    hall.until("the card was sent", |fake| count(fake, ALERTS_POST) == 1).await;
    let footer = hall.rest.bodies(ALERTS_POST)[0]["embeds"][0]["footer"].clone();
    let id = (snowflake(Time::from(std::time::UNIX_EPOCH) + chrono::TimeDelta::days(365 * 80))).to_string();
    let newest = json!([{ "id": id, "author": { "id": "400", "bot": true }, "content": "worded otherwise", "embeds": [{ "footer": footer }] }]);
    hall.rest.set("GET channels/5/messages", Ok(newest));
    settled(&hall).await;
    assert_eq!(count(&hall.rest, ALERTS_POST), 1);
}

#[tokio::test]
async fn at_the_end_the_postmortem_is_attached_and_the_channel_is_put_away() {
    let hall = Hall::new(server(), discord()).sending();
    declare(&hall).await;
    settled(&hall).await;
    for verb in ["mitigate", "resolve", "close"] {
        gives(&hall, verb, &[]).await;
    }
    settled(&hall).await;
    let farewell = hall.rest.bodies(ROOM_POST).into_iter().find(|body| !body["files"].is_null()).unwrap();
    assert_eq!(farewell["files"], json!(["INC-0001.html", "INC-0001.md"]));
    assert_eq!(farewell["attachments"][1], json!({ "id": "1", "filename": "INC-0001.md" }));
    let closed = hall.rest.bodies(MAKE).into_iter().next_back().unwrap();
    assert_eq!(closed["name"], "Incidents, closed");
    assert_eq!(hall.rest.bodies("PATCH channels/50").last().unwrap()["parent_id"], "51");
}

fn standing(message: &str) -> Standing {
    Standing {
        channel: ChannelName::new("alerts"),
        post: CARD,
        message: message.to_owned(),
        sent_at: Time::default(),
        shown: Seq(1),
        successor: None,
    }
}

#[tokio::test]
async fn an_edit_that_would_say_the_same_is_not_sent() {
    let fake = server().always("PATCH channels/5/messages/900", Ok(made(900)));
    let hall = Hall::new(fake, discord());
    declare(&hall).await;
    let first = hall.server.edit(Seq(1), &standing("900")).await;
    assert!(matches!(first, Edited::Yes { .. }), "{first:?}");
    let second = hall.server.edit(Seq(1), &standing("900")).await;
    assert!(matches!(second, Edited::Same { .. }), "{second:?}");
    gives(&hall, "ack", &[]).await;
    let third = hall.server.edit(Seq(1), &standing("900")).await;
    assert!(matches!(third, Edited::Yes { .. }), "{third:?}");
    let edits = hall.rest.bodies("PATCH channels/5/messages/900");
    assert_eq!(edits.len(), 2);
    assert_eq!(edits[1]["allowed_mentions"], json!({ "parse": [], "users": [], "roles": [] }));
}

#[tokio::test]
async fn why_an_edit_did_not_happen_is_told_apart() {
    let limited = |code| RestError::RateLimited {
        retry_after: std::time::Duration::from_secs(7),
        scope: super::super::rest::Scope::User,
        code,
    };
    let rows = [
        (limited(Some(code::TOO_OLD_TO_EDIT)), Edited::TooOld),
        (limited(None), Edited::NotYet { after_ms: 7_000 }),
        (refused(404, code::UNKNOWN_MESSAGE), Edited::Gone),
        (refused(404, code::UNKNOWN_CHANNEL), Edited::PlaceGone),
        (refused(400, code::INVALID_FORM), Edited::Refused { status: 400 }),
        (RestError::Ill { status: 503 }, Edited::Later { after_ms: None }),
        (RestError::TokenRevoked, Edited::Later { after_ms: Some(60_000) }),
    ];
    for (error, expected) in rows {
        let fake = server().always("PATCH channels/5/messages/900", Err(error.clone()));
        let hall = Hall::new(fake, discord());
        declare(&hall).await;
        assert_eq!(hall.server.edit(Seq(1), &standing("900")).await, expected, "{error:?}");
    }
}
