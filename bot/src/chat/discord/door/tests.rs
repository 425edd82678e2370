use serde_json::json;

use super::super::fake::{self, Fake};
use super::super::hall::{Hall, discord};
use super::*;
use crate::config::Discord;

mod pinned;
mod refused;

const EDIT: &str = "PATCH webhooks/400/tok/messages/@original";

fn callback(id: u64) -> String {
    format!("POST interactions/{id}/tok/callback")
}

/// An interaction as Discord sends it.
fn sent(id: u64, user: u64, roles: &[&str], locale: &str, kind: u8, data: Value) -> Value {
    json!({
        "id": id.to_string(), "application_id": "400", "type": kind, "token": "tok", "version": 1, "guild_id": "600",
        "channel_id": "500", "channel": { "id": "500", "type": 0 }, "locale": locale, "entitlements": [],
        "attachment_size_limit": 10_485_760, "context": 0,
        "member": {
            "user": { "id": user.to_string(), "username": "somebody" }, "roles": roles, "deaf": false, "mute": false,
            "flags": 0, "permissions": "8"
        },
        "data": data
    })
}

fn command(noun: &str, verb: &str, options: Value) -> Value {
    json!({ "id": "1", "name": noun, "type": 1, "options": [{ "name": verb, "type": 1, "options": options }] })
}

fn declare(id: u64, user: u64, roles: &[&str]) -> Value {
    let options = json!([{ "name": "title", "type": 3, "value": "the \"front\" page\nis empty" }]);
    sent(id, user, roles, "en-US", 2, command("incident", "declare", options))
}

fn healthy() -> Fake {
    let yes = || Ok(json!({}));
    let calls = [701, 702, 703].map(callback);
    calls.iter().fold(Fake::default().always(EDIT, yes()), |fake, call| fake.always(call, yes()))
}

async fn does(hall: &Hall, door: &Arc<Door>, data: Value, replayed: bool) {
    let mut dispatch = Dispatch::detached(1, "INTERACTION_CREATE", data);
    dispatch.replayed = replayed;
    Arc::clone(door).interaction(dispatch, Turn::default()).await;
    // What was decided is durable by now.
    hall.desk.look(|_| ()).await.unwrap();
}

fn door(hall: &Hall) -> Arc<Door> {
    Arc::new(Door::new(Arc::clone(&hall.server)))
}

async fn declared(hall: &Hall) -> Vec<String> {
    let title = |event: &lifeboat_storage::event::Event| match &event.kind {
        lifeboat_storage::event::Kind::IncidentDeclared { title, .. } => Some(title.clone()),
        _ => None,
    };
    hall.events().await.iter().filter_map(title).collect()
}

#[tokio::test]
async fn a_command_is_acknowledged_then_done_then_answered_in_private() {
    let hall = Hall::new(healthy(), discord());
    does(&hall, &door(&hall), declare(701, 200, &[]), false).await;
    let asked = hall.rest.asked();
    assert_eq!(asked[0], (callback(701), json!({ "type": 5, "data": { "flags": 64 } })));
    assert_eq!(asked[1].0, EDIT);
    assert!(asked[1].1["content"].as_str().unwrap().contains("INC-0001"), "{asked:#?}");
    assert_eq!(declared(&hall).await, ["the \"front\" page\nis empty"], "as it was given, quotes and lines");
    let events = hall.events().await;
    let by = &events.iter().find(|event| event.incident.is_some()).unwrap().actor;
    assert_eq!(
        (by.person.as_ref().unwrap().as_str(), by.account.as_deref(), by.origin),
        ("Mei", Some("200"), Origin::Discord)
    );
}

#[tokio::test]
async fn what_discord_did_not_take_our_word_for_is_not_done() {
    for (error, told) in [
        (fake::refused(400, code::ALREADY_ACKNOWLEDGED), None),
        (RestError::Unclear("timeout".to_owned()), Some("nothing was done")),
        (RestError::Ill { status: 500 }, Some("nothing was done")),
    ] {
        let hall = Hall::new(healthy().always(&callback(701), Err(error)), discord());
        does(&hall, &door(&hall), declare(701, 200, &[]), false).await;
        assert_eq!(declared(&hall).await, [""; 0]);
        let bodies = hall.rest.bodies(EDIT);
        let content = bodies.first().and_then(|body| body["content"].as_str());
        assert_eq!(content.is_some(), told.is_some());
        assert!(content.unwrap_or_default().contains(told.unwrap_or_default()), "{content:?}");
    }
}

#[tokio::test]
async fn the_same_interaction_twice_is_done_once() {
    let hall = Hall::new(healthy(), discord());
    let door = door(&hall);
    does(&hall, &door, declare(701, 200, &[]), false).await;
    does(&hall, &door, declare(701, 200, &[]), false).await;
    // After a restart nothing is remembered but the record.
    let after = Arc::new(Door::new(Arc::clone(&hall.server)));
    does(&hall, &after, declare(701, 200, &[]), true).await;
    assert_eq!(declared(&hall).await.len(), 1);
}

#[tokio::test]
async fn a_command_that_a_stop_cut_short_is_told_whether_it_was_done() {
    let taken = || Err(fake::refused(400, code::ALREADY_ACKNOWLEDGED));
    let hall = Hall::new(healthy().always(&callback(702), taken()), discord());
    let first = door(&hall);
    does(&hall, &first, declare(701, 200, &[]), false).await;
    hall.rest.set(&callback(701), taken());
    let after = door(&hall);
    does(&hall, &after, declare(701, 200, &[]), true).await;
    does(&hall, &after, declare(702, 200, &[]), true).await;
    let told: Vec<Value> = hall.rest.bodies(EDIT).into_iter().map(|body| body["content"].clone()).collect();
    assert!(told[1].as_str().is_some_and(|text| text.contains("it is done")), "{told:?}");
    assert!(told[2].as_str().is_some_and(|text| text.contains("Run it again")), "{told:?}");
    assert_eq!(declared(&hall).await.len(), 1);
}

#[tokio::test]
async fn a_command_from_while_lifeboat_was_away_is_told_in_its_channel_unless_it_was_done() {
    let late = || Err(fake::refused(404, code::UNKNOWN_INTERACTION));
    let fake = healthy()
        .always(&callback(702), late())
        .always("POST channels/500/messages", Ok(json!({ "id": "9" })));
    let hall = Hall::new(fake, discord());
    let door = door(&hall);
    does(&hall, &door, declare(702, 200, &[]), true).await;
    let told = hall.rest.bodies("POST channels/500/messages");
    assert_eq!(told.len(), 1);
    let content = told[0]["content"].as_str().unwrap();
    assert!(content.starts_with("<@200>") && content.contains("`/incident declare`"), "{content}");
    assert_eq!(
        (&told[0]["allowed_mentions"]["parse"], &told[0]["enforce_nonce"]),
        (&json!([]), &json!(true))
    );
    assert_eq!(told[0]["allowed_mentions"]["users"], json!(["200"]), "whom it concerns hears of it");
    assert_eq!(declared(&hall).await, [""; 0]);

    does(&hall, &door, declare(701, 200, &[]), false).await;
    hall.rest.once(&callback(701), late());
    let after = Arc::new(Door::new(Arc::clone(&hall.server)));
    does(&hall, &after, declare(701, 200, &[]), true).await;
    assert_eq!(hall.rest.bodies("POST channels/500/messages").len(), 1, "what was done is not called missed");
}

#[tokio::test]
async fn a_late_interaction_that_was_not_replayed_is_told_nobody() {
    let fake = Fake::default().always(&callback(701), Err(fake::refused(404, code::UNKNOWN_INTERACTION)));
    let hall = Hall::new(fake, discord());
    does(&hall, &door(&hall), declare(701, 200, &[]), false).await;
    assert_eq!(hall.rest.asked().len(), 1);
}

#[tokio::test]
async fn who_may_what_is_decided_by_account_and_roles_at_that_moment() {
    let rows: [(&str, u64, &[&str], bool); 4] = [
        ("a configured person", 201, &[], true),
        ("a stranger", 999, &[], false),
        ("a stranger with a role that may", 999, &["300"], true),
        ("a stranger with another role", 999, &["301"], false),
    ];
    for (name, user, roles, may) in rows {
        let hall = Hall::new(healthy(), discord());
        does(&hall, &door(&hall), declare(701, user, roles), false).await;
        assert_eq!(declared(&hall).await.len(), usize::from(may), "{name}");
        let answer = hall.rest.bodies(EDIT)[0]["content"].as_str().unwrap().to_owned();
        assert_eq!(answer.contains("999"), !may, "{name} is told their id: {answer}");
    }
}

#[tokio::test]
async fn what_comes_on_top_of_too_much_is_refused_at_once_and_not_done() {
    let hall = Hall::new(healthy(), discord());
    let crowded = Turn { crowded: true, ..Turn::default() };
    let dispatch = Dispatch::detached(1, "INTERACTION_CREATE", declare(701, 200, &[]));
    door(&hall).interaction(dispatch, crowded).await;
    let answer = &hall.rest.bodies(&callback(701))[0];
    assert_eq!((&answer["type"], &answer["data"]["flags"]), (&json!(4), &json!(64)));
    assert!(answer["data"]["content"].as_str().unwrap().contains("nothing was done"), "{answer}");
    assert_eq!(declared(&hall).await, [""; 0]);
}

#[tokio::test]
async fn a_role_alone_makes_nobody_the_second_person() {
    let hall = Hall::new(healthy(), discord());
    let door = door(&hall);
    let by_role = |id| Account { id, name: "lin".to_owned(), roles: vec![300] };
    let guest = door.speaker(&by_role(999)).granted.unwrap();
    assert!(guest.may(Permission::Responder) && !guest.may(Permission::Approver));
    assert_eq!(guest.name.as_str(), "@lin");
    let person = door.speaker(&by_role(201)).granted.unwrap();
    assert!(person.may(Permission::Approver), "a configured person has what their role adds");
    assert_eq!(person.name.as_str(), "Lin");
}

#[tokio::test]
async fn what_changes_nothing_is_answered_at_once_in_the_language_of_who_asks() {
    let hall = Hall::new(healthy(), discord());
    let door = door(&hall);
    let list = |id, locale| sent(id, 999, &[], locale, 2, command("incident", "list", json!([])));
    does(&hall, &door, list(701, "de"), false).await;
    does(&hall, &door, list(702, "zh-CN"), false).await;
    let answers: Vec<Value> =
        [701, 702].iter().map(|id| hall.rest.bodies(&callback(*id))[0].clone()).collect();
    for answer in &answers {
        assert_eq!((&answer["type"], &answer["data"]["flags"]), (&json!(4), &json!(64)));
    }
    assert_ne!(answers[0]["data"]["content"], answers[1]["data"]["content"]);
    assert!(hall.rest.bodies(EDIT).is_empty());
}

#[tokio::test]
async fn completion_comes_from_memory_within_discords_limits() {
    let hall = Hall::new(healthy(), discord());
    let door = door(&hall);
    does(&hall, &door, declare(701, 200, &[]), false).await;
    let options = json!([{ "name": "incident", "type": 3, "value": "inc", "focused": true }]);
    does(&hall, &door, sent(702, 201, &[], "en-US", 4, command("incident", "ack", options)), false).await;
    let answer = &hall.rest.bodies(&callback(702))[0];
    assert_eq!(answer["type"], 8);
    let choices = answer["data"]["choices"].as_array().unwrap();
    assert_eq!(choices[0]["value"], "INC-0001");
    let name = choices[0]["name"].as_str().unwrap();
    assert!(name.starts_with("INC-0001 · ") && name.chars().count() <= 100, "{name}");
}

/// The engine has no time for anybody until the sender is dropped.
async fn busy(hall: &mut Hall) -> std::sync::mpsc::Sender<()> {
    let ((hold, held), (begin, begun)) = (std::sync::mpsc::channel(), tokio::sync::oneshot::channel());
    let desk = hall.desk.clone();
    hall.tasks.spawn(async move {
        let look = move |_: &crate::desk::Room<'_>| {
            begin.send(()).unwrap();
            // It ends when the sender is gone.
            let _ended = held.recv();
        };
        desk.look(look).await.unwrap();
    });
    begun.await.unwrap();
    hold
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn while_the_engine_is_busy_a_completion_offers_nothing_and_a_refused_form_is_refused_at_once() {
    let mut hall = Hall::new(healthy(), discord());
    let door = door(&hall);
    let hold = busy(&mut hall).await;
    let interaction = |data| {
        Arc::clone(&door).interaction(Dispatch::detached(1, "INTERACTION_CREATE", data), Turn::default())
    };
    let options = json!([{ "name": "incident", "type": 3, "value": "inc", "focused": true }]);
    interaction(sent(701, 201, &[], "en-US", 4, command("incident", "ack", options))).await;
    let offered = &hall.rest.bodies(&callback(701))[0];
    assert_eq!((&offered["type"], &offered["data"]["choices"]), (&json!(8), &json!([])));
    let pressed = |id, user| {
        let data = json!({ "custom_id": "v1:incident cancel INC-0001", "component_type": 2, "id": 2 });
        sent(id, user, &[], "en-US", 3, data)
    };
    interaction(pressed(702, 201)).await;
    interaction(pressed(703, 999)).await;
    let told = |id| hall.rest.bodies(&callback(id))[0]["data"]["content"].as_str().unwrap().to_owned();
    assert!(told(702).contains("Mei"), "who could is told: {}", told(702));
    assert!(told(703).contains("999"), "a stranger is told their id: {}", told(703));
    drop(hold);
}

#[tokio::test]
async fn a_button_that_lacks_something_opens_a_form_for_those_who_may() {
    let hall = Hall::new(healthy(), discord());
    let door = door(&hall);
    let pressed = |id, user| {
        let data = json!({ "custom_id": "v1:incident cancel INC-0001", "component_type": 2, "id": 2 });
        sent(id, user, &[], "en-US", 3, data)
    };
    does(&hall, &door, pressed(701, 200), false).await;
    let form = &hall.rest.bodies(&callback(701))[0];
    assert_eq!(
        (&form["type"], &form["data"]["custom_id"]),
        (&json!(9), &json!("v1:incident cancel INC-0001"))
    );
    does(&hall, &door, pressed(702, 201), false).await;
    let no = &hall.rest.bodies(&callback(702))[0];
    assert_eq!(no["type"], 4);
    assert!(no["data"]["content"].as_str().unwrap().contains("Mei"), "who could is told: {no}");
}

#[tokio::test]
async fn a_click_that_only_showed_a_form_is_not_told_it_was_cut_short_since_that_would_overwrite_the_message()
{
    let taken = Err(fake::refused(400, code::ALREADY_ACKNOWLEDGED));
    let hall = Hall::new(healthy().always(&callback(701), taken), discord());
    let data = json!({ "custom_id": "v1:incident cancel INC-0001", "component_type": 2, "id": 2 });
    does(&hall, &door(&hall), sent(701, 200, &[], "en-US", 3, data), true).await;
    let asked: Vec<String> = hall.rest.asked().into_iter().map(|(call, _)| call).collect();
    assert_eq!(asked, [callback(701)], "the original message of such a click is the card with the button");
}

#[tokio::test]
async fn what_cannot_be_read_is_answered_all_the_same() {
    let hall = Hall::new(healthy(), discord());
    let door = door(&hall);
    let mut broken = declare(701, 200, &[]);
    broken["attachment_size_limit"] = json!("many");
    does(&hall, &door, broken, false).await;
    let answer = &hall.rest.bodies(&callback(701))[0];
    assert!(answer["data"]["content"].as_str().unwrap().contains("D-000701"), "{answer}");
    let mut elsewhere = declare(702, 200, &[]);
    elsewhere["guild_id"] = json!("601");
    does(&hall, &door, elsewhere, false).await;
    assert_eq!(declared(&hall).await, [""; 0]);
    let old = sent(703, 200, &[], "en-US", 3, json!({ "custom_id": "v0:ack", "component_type": 2 }));
    does(&hall, &door, old, false).await;
    assert_eq!(hall.rest.bodies(&callback(703))[0]["type"], 4);
}

#[tokio::test]
async fn a_completion_that_cannot_be_read_offers_nothing() {
    let hall = Hall::new(healthy(), discord());
    let options = json!([{ "name": "incident", "type": 3, "value": "inc", "focused": true }]);
    let mut broken = sent(701, 201, &[], "en-US", 4, command("incident", "ack", options));
    broken["attachment_size_limit"] = json!("many");
    does(&hall, &door(&hall), broken, false).await;
    let answers = hall.rest.asked();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!((&answers[0].1["type"], &answers[0].1["data"]["choices"]), (&json!(8), &json!([])));
}

#[tokio::test]
async fn an_answer_after_the_end_of_its_token_is_an_ordinary_message() {
    for error in [fake::refused(404, code::UNKNOWN_WEBHOOK), fake::refused(401, code::DEAD_TOKEN)] {
        let fake =
            healthy().always(EDIT, Err(error)).always("POST channels/500/messages", Ok(json!({ "id": "9" })));
        let hall = Hall::new(fake, discord());
        does(&hall, &door(&hall), declare(701, 200, &[]), false).await;
        let told = hall.rest.bodies("POST channels/500/messages");
        assert_eq!(told.len(), 1);
        let content = told[0]["content"].as_str().unwrap();
        assert!(content.starts_with("<@200> · ") && content.contains("INC-0001"), "{content}");
        assert_eq!(told[0]["enforce_nonce"], true);
    }
}

/// Of messages that get a pin: one of before any incident here began.
const FIRST: u64 = 1_325_000_000_000_000_000;

fn pinned(user: u64, message: u64) -> Value {
    json!({
        "user_id": user.to_string(), "channel_id": "500", "message_id": message.to_string(), "guild_id": "600",
        "emoji": { "id": null, "name": "📌" }, "member": { "user": { "id": user.to_string(), "username": "lin" }, "roles": [] }
    })
}

#[tokio::test]
async fn a_pin_on_a_message_puts_it_on_the_timeline_once() {
    let message =
        json!({ "id": "1325000000000000000", "content": "DNS is down", "author": { "username": "zoe" } });
    let fake = healthy()
        .always("GET channels/500/messages/1325000000000000000", Ok(message))
        .always("POST channels/500/messages", Ok(json!({ "id": "9" })));
    let hall = Hall::new(fake, discord());
    let door = door(&hall);
    let options = json!([
        { "name": "title", "type": 3, "value": "DNS" }, { "name": "at", "type": 3, "value": "2025-01-01T00:00:00Z" }
    ]);
    does(&hall, &door, sent(701, 200, &[], "en-US", 2, command("incident", "declare", options)), false).await;
    for _ in 0..2 {
        Arc::clone(&door).reaction(Dispatch::detached(2, "MESSAGE_REACTION_ADD", pinned(201, FIRST))).await;
    }
    let note = |event: &lifeboat_storage::event::Event| match &event.kind {
        lifeboat_storage::event::Kind::NoteAdded { text } => Some(text.clone()),
        _ => None,
    };
    let notes: Vec<String> = hall.events().await.iter().filter_map(note).collect();
    assert_eq!(notes, ["zoe: DNS is down"]);
    assert!(hall.rest.bodies("POST channels/500/messages").is_empty(), "nothing is said when it worked");
}

#[tokio::test]
async fn without_the_option_a_pin_means_nothing() {
    let hall = Hall::new(healthy(), Discord { pins: false, ..discord() });
    let (door, mut under_way) = (door(&hall), JoinSet::new());
    door.dispatch(
        Dispatch::detached(1, "MESSAGE_REACTION_ADD", pinned(200, FIRST)),
        Turn::default(),
        &mut under_way,
        &CancellationToken::new(),
    );
    assert!(under_way.is_empty());
}

#[tokio::test]
async fn where_too_much_is_under_way_a_pin_is_not_taken_up() {
    let hall = Hall::new(healthy(), Discord { pins: true, ..discord() });
    let (door, mut under_way) = (door(&hall), JoinSet::new());
    for crowded in [true, false] {
        let pin = Dispatch::detached(1, "MESSAGE_REACTION_ADD", pinned(200, FIRST));
        let turn = Turn { crowded, ..Turn::default() };
        door.dispatch(pin, turn, &mut under_way, &CancellationToken::new());
        assert_eq!(under_way.is_empty(), crowded);
    }
}

#[tokio::test]
async fn where_too_much_is_under_way_a_change_of_the_server_keeps_its_place_until_the_engine_heard_of_it() {
    let hall = Hall::new(healthy(), discord());
    let (door, mut under_way) = (door(&hall), JoinSet::new());
    let places = Arc::new(Semaphore::new(1));
    for crowded in [true, false] {
        let place = Arc::clone(&places).try_acquire_owned().unwrap();
        let changed = Dispatch::detached(1, "GUILD_ROLE_UPDATE", json!({}));
        door.dispatch(changed, Turn::new(place, crowded), &mut under_way, &CancellationToken::new());
        assert_eq!(places.available_permits(), usize::from(!crowded));
        under_way.join_next().await.unwrap().unwrap();
        assert_eq!(places.available_permits(), 1);
    }
}

#[tokio::test]
async fn a_postmortem_asked_for_comes_as_a_file() {
    let hall = Hall::new(healthy(), discord());
    let door = door(&hall);
    does(&hall, &door, declare(701, 200, &[]), false).await;
    let options = json!([{ "name": "incident", "type": 3, "value": "INC-0001" }, { "name": "format", "type": 3, "value": "md" }]);
    does(&hall, &door, sent(702, 201, &[], "zh-CN", 2, command("incident", "postmortem", options)), false)
        .await;
    let answers = hall.rest.bodies(EDIT);
    assert_eq!(answers.last().unwrap()["files"], json!(["INC-0001.md"]));
}
