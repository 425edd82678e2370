//! 📌 on a message: what is said where it was not put on the timeline.

use lifeboat_storage::event::{ChatKind, Kind};

use super::super::super::hall::PATIENCE;
use super::*;

const SAID: &str = "POST channels/500/messages";
const ELSEWHERE: &str = "POST channels/501/messages";
/// From when ids of Discord count (docs: reference, 2026-08-06).
const EPOCH_MS: u64 = 1_420_070_400_000;

/// A hall whose common channel (500) is known; 501 is a channel of the server that is none of Lifeboat's.
async fn hall() -> Hall {
    let message =
        |id: u64| json!({ "id": id.to_string(), "content": "pizza?", "author": { "username": "zoe" } });
    let channels =
        json!([{ "id": "500", "type": 0, "name": "alerts" }, { "id": "501", "type": 0, "name": "random" }]);
    let mut fake = healthy()
        .always("GET guilds/600/channels", Ok(channels))
        .always(SAID, Ok(json!({ "id": "9" })))
        .always(ELSEWHERE, Ok(json!({ "id": "10" })));
    for (channel, id) in [(500, FIRST), (501, FIRST + 1)] {
        fake = fake.always(&format!("GET channels/{channel}/messages/{id}"), Ok(message(id)));
    }
    let hall = Hall::new(fake, discord()).sending();
    does(&hall, &door(&hall), declare(701, 200, &[]), false).await;
    let known = |room: &crate::desk::Room<'_>| {
        let chats = &room.engine.durable().chats;
        chats.of(ChatKind::Discord).is_some_and(|chat| chat.channel_of("500").is_some())
    };
    let look = async { while !hall.desk.look(known).await.unwrap() {} };
    tokio::time::timeout(PATIENCE, look).await.expect("the common channel is known");
    hall
}

/// A message said while the incident lasts: half a minute from now, so that no rounding puts it before.
fn said_later() -> u64 {
    let ms = u64::try_from(crate::clock::wall().timestamp_millis()).unwrap() + 30_000;
    (ms - EPOCH_MS) << 22
}

async fn reacts(hall: &Hall, door: &Arc<Door>, data: Value) {
    Arc::clone(door).reaction(Dispatch::detached(2, "MESSAGE_REACTION_ADD", data)).await;
    hall.desk.look(|_| ()).await.unwrap();
}

/// What was told on account of a pin, where a call with this word in it tells it.
fn told(hall: &Hall, call: &str, word: &str) -> usize {
    let contents =
        hall.rest.bodies(call).into_iter().filter_map(|body| body["content"].as_str().map(str::to_owned));
    contents.filter(|content| content.contains(word)).count()
}

async fn notes(hall: &Hall) -> usize {
    hall.events().await.iter().filter(|event| matches!(event.kind, Kind::NoteAdded { .. })).count()
}

#[tokio::test]
async fn a_stranger_is_told_how_they_become_somebody_there_and_not_how_to_sign_in_at_the_console() {
    let hall = hall().await;
    reacts(&hall, &door(&hall), pinned(999, FIRST)).await;
    assert_eq!(told(&hall, SAID, "discord = \"999\""), 1, "{:#?}", hall.rest.bodies(SAID));
    assert_eq!((told(&hall, SAID, "lifeboat run printed"), notes(&hall).await), (0, 0));
}

#[tokio::test]
async fn in_a_channel_that_is_none_of_lifeboats_nobody_is_answered() {
    let hall = hall().await;
    let mut elsewhere = pinned(999, FIRST + 1);
    elsewhere["channel_id"] = json!("501");
    reacts(&hall, &door(&hall), elsewhere).await;
    assert_eq!(hall.rest.bodies(ELSEWHERE), [Value::Null; 0], "a pin on a pizza is nobody's call for help");
    assert_eq!(notes(&hall).await, 0);
}

#[tokio::test]
async fn a_second_pin_by_another_person_and_one_by_a_bot_add_nothing_and_are_not_answered() {
    let hall = hall().await;
    let door = door(&hall);
    let said = said_later();
    for message in [said, said + 1] {
        let text =
            json!({ "id": message.to_string(), "content": "DNS is down", "author": { "username": "zoe" } });
        hall.rest.set(&format!("GET channels/500/messages/{message}"), Ok(text));
    }
    for user in [200, 201, 201] {
        reacts(&hall, &door, pinned(user, said)).await;
    }
    let mut bot = pinned(200, said + 1);
    bot["member"]["user"]["bot"] = json!(true);
    reacts(&hall, &door, bot).await;
    assert_eq!((notes(&hall).await, told(&hall, SAID, "Refused")), (1, 0), "{:#?}", hall.rest.bodies(SAID));
}
