//! Who goes, who waits, who is not let through: the limiter is played, no socket is there.

mod guard;
mod honest;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use serenity::model::id::{ApplicationId, ChannelId, GuildId, InteractionId, MessageId};

use super::*;
use crate::chat::discord::rest::File;
use crate::chat::discord::route::Route;

fn send(channel: u64) -> Request {
    Request::new(Route::create_message(ChannelId::new(channel)))
}

fn edit(channel: u64, message: u64) -> Request {
    Request::new(Route::edit_message(ChannelId::new(channel), MessageId::new(message)))
}

fn callback(interaction: u64) -> Request {
    Request::new(Route::callback(InteractionId::new(interaction), "token"))
}

fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
    let pair = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    };
    Answer::new(status, &headers.iter().map(pair).collect::<HeaderMap>(), body.as_bytes())
}

/// A success of bucket `name` with `left` of five calls left for two seconds.
fn fine(name: &str, left: u32) -> Answer {
    let left = left.to_string();
    let headers = [
        ("x-ratelimit-bucket", name),
        ("x-ratelimit-limit", "5"),
        ("x-ratelimit-remaining", left.as_str()),
        ("x-ratelimit-reset-after", "2"),
    ];
    answer(200, &headers, "{}")
}

/// A limiter with the clock at hand.
struct Played {
    limiter: Limiter,
    now_ms: u64,
}

impl Played {
    fn new() -> Self {
        Self { limiter: Limiter::new(EdgePace::default()), now_ms: 0 }
    }

    fn enter(&mut self, request: &Request) -> Ticket {
        self.limiter.enter(Caller::of(request)).unwrap()
    }

    fn ask(&mut self, ticket: Ticket) -> Verdict {
        self.limiter.ask(ticket, self.now_ms)
    }

    /// Enters and leaves at once.
    #[track_caller]
    fn go(&mut self, request: &Request) -> Ticket {
        let ticket = self.enter(request);
        assert_eq!(self.ask(ticket), Verdict::Go, "{request:?}");
        ticket
    }

    fn answered(&mut self, ticket: Ticket, answer: &Answer) {
        self.limiter.answered(ticket, answer, self.now_ms);
    }

    /// Makes the call and has it answered so.
    #[track_caller]
    fn call(&mut self, request: &Request, answer: &Answer) {
        let ticket = self.go(request);
        self.answered(ticket, answer);
    }

    /// What a new call like this would be told; it does not stay.
    fn told(&mut self, request: &Request) -> Verdict {
        let ticket = self.enter(request);
        let verdict = self.ask(ticket);
        if verdict == Verdict::Go {
            self.limiter.unanswered(ticket)
        } else {
            self.limiter.give_up(ticket)
        }
        verdict
    }
}

fn until(until_ms: u64, scope: Scope, code: Option<u32>) -> Verdict {
    Verdict::WaitUntil(Held { until_ms, scope, code })
}

#[test]
fn calls_of_one_bucket_leave_in_the_order_in_which_they_came() {
    let mut played = Played::new();
    let first = played.go(&send(1));
    let (second, third) = (played.enter(&send(1)), played.enter(&send(1)));
    assert_eq!((played.ask(third), played.ask(second)), (Verdict::WaitForOthers, Verdict::WaitForOthers));
    played.answered(first, &fine("a", 1));
    assert_eq!((played.ask(third), played.ask(second)), (Verdict::WaitForOthers, Verdict::Go));
    assert_eq!(played.ask(third), until(2_001, Scope::Unsaid, None));
}

#[test]
fn a_call_that_gives_up_does_not_hold_those_behind_it() {
    let mut played = Played::new();
    played.call(&send(1), &fine("a", 1));
    let (first, second) = (played.enter(&send(1)), played.enter(&send(1)));
    assert_eq!(played.ask(second), Verdict::WaitForOthers);
    played.limiter.give_up(first);
    assert_eq!(played.ask(second), Verdict::Go);
}

#[test]
fn channels_have_budgets_of_their_own_and_routes_of_one_bucket_share_one() {
    let mut played = Played::new();
    played.call(&send(1), &fine("a", 0));
    assert_eq!(played.told(&send(2)), Verdict::Go, "another channel");
    assert_eq!(played.told(&edit(1, 7)), Verdict::Go, "another route");
    played.call(&edit(3, 7), &fine("a", 4));
    assert_eq!(
        played.told(&edit(1, 7)),
        until(2_001, Scope::Unsaid, None),
        "the same bucket, as it turns out"
    );
    played.now_ms = 2_001;
    assert_eq!(played.told(&send(1)), Verdict::Go);
}

#[test]
fn the_bot_makes_at_most_fifty_calls_a_second_and_answers_people_beyond_that() {
    let mut played = Played::new();
    for channel in 1..=50 {
        played.go(&send(channel));
    }
    assert_eq!(played.told(&send(51)), until(GLOBAL_MS, Scope::Unsaid, None));
    played.go(&callback(1));
    played.go(&Request::new(Route::edit_answer(ApplicationId::new(4), "token")));
    played.now_ms = GLOBAL_MS;
    assert_eq!(played.told(&send(51)), Verdict::Go);
}

#[test]
fn more_than_a_thousand_waiting_calls_are_turned_away() {
    let mut played = Played::new();
    for _ in 0..WAITING {
        played.enter(&send(1));
    }
    assert_eq!(played.limiter.enter(Caller::of(&send(2))), Err(RestError::Crowded));
}

#[test]
fn a_429_of_the_bucket_holds_the_bucket_of_that_channel_for_exactly_as_long_as_it_says() {
    let user = [("x-ratelimit-scope", "user"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-bucket", "a")];
    let mut played = Played::new();
    played.now_ms = 1_000;
    played.call(&send(1), &answer(429, &user, r#"{"retry_after":64.57,"global":false}"#));
    let held = until(65_571, Scope::User, None);
    assert_eq!(played.told(&send(1)), held);
    assert_eq!(played.told(&send(2)), Verdict::Go);
    played.now_ms = 65_570;
    assert_eq!(played.told(&send(1)), held);
    played.now_ms = 65_571;
    assert_eq!(played.told(&send(1)), Verdict::Go);
}

#[test]
fn a_shared_429_holds_that_channel() {
    let shared =
        [("x-ratelimit-scope", "shared"), ("x-ratelimit-remaining", "3"), ("x-ratelimit-bucket", "a")];
    let mut played = Played::new();
    played.call(&send(1), &answer(429, &shared, r#"{"retry_after":5}"#));
    assert_eq!(played.told(&send(1)), until(5_001, Scope::Shared, None));
    assert_eq!(played.told(&send(2)), Verdict::Go);
}

#[test]
fn a_global_429_holds_every_route_but_answers_to_people() {
    let mut played = Played::new();
    let global = [("x-ratelimit-global", "true"), ("x-ratelimit-scope", "global"), ("retry-after", "7")];
    played.call(&send(1), &answer(429, &global, r#"{"retry_after":6.5,"global":true}"#));
    let held = until(6_501, Scope::Global, None);
    assert_eq!(played.told(&send(2)), held);
    assert_eq!(played.told(&Request::new(Route::guild(GuildId::new(6)))), held);
    assert_eq!(played.told(&callback(1)), Verdict::Go);
    played.now_ms = 6_501;
    assert_eq!(played.told(&send(2)), Verdict::Go);
}

#[test]
fn a_429_that_is_not_the_bucket_s_holds_that_path_alone_and_nobody_behind_it() {
    let four_left = [("x-ratelimit-bucket", "a"), ("x-ratelimit-remaining", "4")];
    let rename = || Request::new(Route::edit_channel(ChannelId::new(1)));
    for (request, other, headers, body, code) in [
        (
            edit(1, 7),
            edit(1, 8),
            &[("x-ratelimit-scope", "user")][..],
            r#"{"retry_after":20,"code":30046}"#,
            Some(30046),
        ),
        (rename(), send(1), &four_left[..], r#"{"retry_after":20}"#, None),
    ] {
        let mut played = Played::new();
        played.call(&request, &answer(429, headers, body));
        let waiting = played.enter(&request);
        let held = until(20_001, Scope::User, code);
        assert_eq!(played.ask(waiting), held, "{request:?}");
        assert_eq!(played.told(&other), Verdict::Go, "{other:?}");
        played.now_ms = 20_001;
        assert_eq!(played.ask(waiting), Verdict::Go);
    }
}

#[test]
fn a_call_that_was_never_answered_frees_its_place() {
    let mut played = Played::new();
    let lost = played.go(&send(1));
    assert_eq!(played.told(&send(1)), Verdict::WaitForOthers);
    played.limiter.unanswered(lost);
    assert_eq!(played.told(&send(1)), Verdict::Go);
}

#[test]
fn ten_thousand_interactions_leave_nothing_behind() {
    let mut played = Played::new();
    for interaction in 1..=10_000 {
        played.now_ms += 100;
        played.call(&callback(interaction), &answer(204, &[], ""));
    }
    assert!(played.limiter.budgets.len() <= BUDGETS + 1, "{}", played.limiter.budgets.len());
}

#[test]
fn a_missing_permission_to_attach_files_does_not_silence_plain_messages() {
    let with_file = || {
        let bytes = b"# Postmortem".to_vec();
        send(1).files(json!({}), vec![File { name: "p.md".to_owned(), content_type: "text/markdown", bytes }])
    };
    let mut played = Played::new();
    played.call(&with_file(), &answer(403, &[], r#"{"code":50013,"message":"Missing Permissions"}"#));
    let forbidden = RestError::Forbidden { code: 50_013, message: "Missing Permissions".to_owned() };
    assert_eq!(played.told(&with_file()), Verdict::No(forbidden));
    assert_eq!(played.told(&send(1)), Verdict::Go);
}
