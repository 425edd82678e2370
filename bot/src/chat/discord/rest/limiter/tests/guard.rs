//! What keeps the bot from being banned.

use super::*;
use crate::chat::discord::rest::guard::EdgePace;

fn page() -> Answer {
    answer(429, &[("content-type", "text/html")], "<html>error code: 1015</html>")
}

fn banned(seconds: u64) -> Verdict {
    Verdict::No(RestError::Banned { retry_after: std::time::Duration::from_millis(seconds * 1_000 + 1) })
}

#[test]
fn a_page_of_what_stands_before_discord_stops_everything_for_a_minute_then_twice_as_long() {
    let mut played = Played::new();
    let mut waits = Vec::new();
    for _ in 0..6 {
        played.call(&send(1), &page());
        let Verdict::No(RestError::Banned { retry_after }) = played.told(&callback(1)) else {
            panic!("not stopped")
        };
        waits.push(retry_after.as_secs());
        played.now_ms += u64::try_from(retry_after.as_millis()).unwrap();
    }
    assert_eq!(waits, [60, 120, 240, 480, 900, 900]);
}

#[test]
fn after_a_ban_one_call_looks_before_the_others_follow() {
    let mut played = Played::new();
    let early = played.go(&send(3));
    played.call(&send(1), &page());
    played.answered(early, &fine("a", 4));
    assert_eq!(played.told(&send(2)), banned(60), "what left before it says nothing about it");
    played.now_ms = 60_001;
    let probe = played.go(&send(1));
    assert_eq!(played.told(&send(2)), Verdict::WaitForOthers);
    played.limiter.unanswered(probe);
    let probe = played.go(&send(1));
    played.answered(probe, &answer(502, &[], "<html>"));
    let probe = played.go(&send(1));
    assert_eq!(played.told(&send(2)), Verdict::WaitForOthers, "a 502 is no answer of Discord's");
    played.answered(probe, &fine("a", 4));
    assert_eq!(played.told(&send(2)), Verdict::Go);
    played.call(&send(1), &page());
    assert_eq!(played.told(&send(2)), banned(60), "counted anew");
}

#[test]
fn several_pages_at_once_are_one_ban() {
    let mut played = Played::new();
    let tickets: Vec<Ticket> = (1..=10).map(|channel| played.go(&send(channel))).collect();
    for ticket in tickets {
        played.answered(ticket, &page());
    }
    assert_eq!(played.told(&send(1)), banned(60));
}

#[test]
fn a_ban_lasts_at_least_as_long_as_the_page_says() {
    let mut played = Played::new();
    played.call(&send(1), &answer(429, &[("retry-after", "600")], "<html>"));
    assert_eq!(played.told(&send(1)), banned(600));
}

#[test]
fn a_revoked_token_stops_everything_for_good() {
    let mut played = Played::new();
    let waiting = played.enter(&send(2));
    played.call(&send(1), &answer(401, &[], r#"{"message":"401: Unauthorized","code":0}"#));
    played.now_ms = 86_400_000;
    assert_eq!(played.ask(waiting), Verdict::No(RestError::TokenRevoked));
    assert_eq!(played.told(&callback(1)), Verdict::No(RestError::TokenRevoked));
}

#[test]
fn a_dead_interaction_or_webhook_is_not_called_again_and_stops_nothing_else() {
    let own = |token: &str| Request::new(Route::edit_answer(ApplicationId::new(4), token));
    for (status, body) in [
        (401, r#"{"code":50027,"message":"Invalid Webhook Token"}"#),
        (404, r#"{"code":10015,"message":"Unknown Webhook"}"#),
    ] {
        let mut played = Played::new();
        let dead = answer(status, &[], body);
        played.call(&own("old"), &dead);
        let error = dead.outcome(Access::Path).unwrap_err();
        assert_eq!(played.told(&own("old")), Verdict::No(error));
        assert_eq!(played.told(&own("new")), Verdict::Go);
        assert_eq!(played.told(&send(1)), Verdict::Go);
    }
    let mut played = Played::new();
    played.call(&own("old"), &answer(404, &[], r#"{"code":10008,"message":"Unknown Message"}"#));
    assert_eq!(played.told(&own("old")), Verdict::Go, "only the message is gone");
}

#[test]
fn a_missing_permission_rests_the_route_until_permissions_change_or_ten_minutes_passed() {
    let refused = answer(403, &[], r#"{"code":50013,"message":"Missing Permissions"}"#);
    let forbidden = RestError::Forbidden { code: 50_013, message: "Missing Permissions".to_owned() };
    let mut played = Played::new();
    played.call(&send(1), &refused);
    assert_eq!(played.told(&send(1)), Verdict::No(forbidden.clone()));
    assert_eq!((played.told(&send(2)), played.told(&edit(1, 7))), (Verdict::Go, Verdict::Go));
    played.limiter.permissions_changed();
    played.call(&send(1), &refused);
    played.now_ms = 599_999;
    assert_eq!(played.told(&send(1)), Verdict::No(forbidden));
    played.now_ms = 600_000;
    assert_eq!(played.told(&send(1)), Verdict::Go);
}

#[test]
fn a_refusal_of_a_call_that_left_before_permissions_changed_rests_nothing() {
    let refused = answer(403, &[], r#"{"code":50013,"message":"Missing Permissions"}"#);
    let mut played = Played::new();
    let before = played.go(&send(1));
    played.limiter.permissions_changed();
    played.answered(before, &refused);
    assert_eq!(played.told(&send(1)), Verdict::Go);
    played.call(&send(1), &refused);
    assert!(matches!(played.told(&send(1)), Verdict::No(_)), "one that left afterwards does");
}

#[test]
fn a_refusal_about_the_message_itself_rests_nothing() {
    let mut played = Played::new();
    played.call(&edit(1, 7), &answer(403, &[], r#"{"code":50005,"message":"…"}"#));
    assert_eq!(played.told(&edit(1, 7)), Verdict::Go);
}

#[test]
fn a_quarter_of_the_invalid_calls_that_bring_a_ban_holds_everything_back() {
    let mut played = Played::new();
    let refused = answer(403, &[], r#"{"code":50005}"#);
    let shared = answer(429, &[("x-ratelimit-scope", "shared")], r#"{"retry_after":0}"#);
    for call in 0..2_500 {
        assert_eq!(played.told(&callback(1)), Verdict::Go, "call {call}");
        played.call(&send(1), &shared);
        played.now_ms += 30;
        played.call(&edit(1, 7), &refused);
        played.now_ms += 30;
    }
    let Verdict::No(RestError::Banned { retry_after }) = played.told(&callback(1)) else {
        panic!("not held back")
    };
    assert_eq!(retry_after.as_millis(), 600_030 - 2_500 * 60);
    played.now_ms = 600_030;
    assert_eq!(played.told(&callback(1)), Verdict::Go);
}

#[test]
fn the_pace_of_bans_can_be_shorter() {
    let mut played = Played::new();
    played.limiter = Limiter::new(EdgePace { first_ms: 1_000, last_ms: 2_000 });
    played.call(&send(1), &page());
    assert_eq!(played.told(&send(1)), banned(1));
}
