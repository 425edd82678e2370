//! Calls over a real socket, to a server that answers as it is told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use serde_json::{Value, json};
use serenity::model::id::{ApplicationId, ChannelId, InteractionId, MessageId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::*;
use crate::chat::discord::rest::Scope;
use crate::chat::discord::route::Route;
use crate::clock::SystemClock;

/// What the server does with the next call.
enum Play {
    /// Status, headers without the length, body.
    Answer(u16, &'static str, String),
    /// The whole length is named, half of it is sent.
    CutBody(u16, &'static str),
    /// Takes the call and says nothing.
    Silence,
    /// Takes the call and goes away.
    HangUp,
}

fn says(status: u16, body: Value) -> Play {
    Play::Answer(status, "content-type: application/json\r\n", body.to_string())
}

/// A server and what it was asked: first line, the headers, the body.
struct Server {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<(Instant, String)>>>,
    _task: JoinSet<()>,
}

impl Server {
    async fn start(plays: Vec<Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, plays) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(VecDeque::from(plays))));
        let (log, mut task) = (Arc::clone(&heard), JoinSet::new());
        task.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.spawn(serve(stream, Arc::clone(&log), Arc::clone(&plays)));
            }
        });
        Self { address, heard, _task: task }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().iter().map(|(_, text)| text.clone()).collect()
    }

    fn count(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    /// Between the calls, one after the other.
    fn gaps(&self) -> Vec<Duration> {
        self.heard.lock().unwrap().windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }

    fn executor(&self) -> Executor {
        executor(&format!("http://{}/api/v10", self.address))
    }
}

async fn serve(
    mut stream: TcpStream,
    log: Arc<Mutex<Vec<(Instant, String)>>>,
    plays: Arc<Mutex<VecDeque<Play>>>,
) {
    while let Some(text) = request(&mut stream).await {
        log.lock().unwrap().push((Instant::now(), text));
        let play = plays.lock().unwrap().pop_front().expect("a call nobody asked for");
        let (head, body) = match play {
            Play::Answer(status, headers, body) => (head(status, headers, body.len()), body),
            Play::CutBody(status, body) => (head(status, "", body.len() * 2), body.to_owned()),
            Play::Silence => return std::future::pending().await,
            Play::HangUp => return,
        };
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        if head.contains(&format!("content-length: {}\r\n", body.len() * 2)) && !body.is_empty() {
            return;
        }
    }
}

fn head(status: u16, headers: &str, length: usize) -> String {
    format!("HTTP/1.1 {status} Played\r\n{headers}content-length: {length}\r\n\r\n")
}

/// One request, whole; none when the other side went away.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text);
            }
        }
        let mut part = [0; 4_096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&part[..read]),
        }
    }
}

fn executor(address: &str) -> Executor {
    // Another test of this process may have been first.
    let _present = rustls::crypto::ring::default_provider().install_default();
    let short = Pace {
        connect: Duration::from_secs(1),
        attempt: Duration::from_secs(1),
        first_repeat: Duration::from_millis(20),
        last_repeat: Duration::from_millis(40),
        ..Pace::default()
    };
    Executor::new(Setup {
        address: RestAddress::new(address, false).unwrap(),
        token: SecretString::new("T0K3N"),
        about: "https://lifeboat.example".to_owned(),
        clock: Arc::new(SystemClock::default()),
        seed: 1,
        pace: short,
    })
    .unwrap()
}

fn send(content: &str) -> Request {
    Request::new(Route::create_message(ChannelId::new(5))).json(json!({ "content": content }))
}

fn send_once(content: &str) -> Request {
    let body = json!({ "content": content, "nonce": "n", "enforce_nonce": true });
    Request::new(Route::create_message(ChannelId::new(5))).json(body)
}

fn edit() -> Request {
    Request::new(Route::edit_message(ChannelId::new(5), MessageId::new(7))).json(json!({ "content": "a" }))
}

fn ill() -> Play {
    Play::Answer(502, "", "<html>bad gateway</html>".to_owned())
}

#[tokio::test]
async fn a_call_says_who_we_are_and_what_we_want() {
    let server = Server::start(vec![says(200, json!({ "id": "7" }))]).await;
    let reply = server.executor().call(send("hello").because("INC-7 by mei")).await;
    assert_eq!(reply, Ok(Reply { status: 200, body: json!({ "id": "7" }) }));
    let heard = server.heard().remove(0);
    let agent = format!("user-agent: DiscordBot (https://lifeboat.example, {})", env!("CARGO_PKG_VERSION"));
    for line in [
        "POST /api/v10/channels/5/messages HTTP/1.1",
        "authorization: Bot T0K3N",
        &agent,
        "x-audit-log-reason: INC-7 by mei",
        "content-type: application/json",
        r#"{"content":"hello"}"#,
    ] {
        assert!(heard.lines().any(|other| other == line), "{line}\n{heard}");
    }
}

#[tokio::test]
async fn an_answer_to_an_interaction_carries_no_bot_token() {
    let server = Server::start(vec![says(204, Value::Null)]).await;
    let request = Request::new(Route::callback(InteractionId::new(9), "t0k")).json(json!({ "type": 5 }));
    server.executor().call(request).await.unwrap();
    let heard = server.heard().remove(0);
    assert!(heard.starts_with("POST /api/v10/interactions/9/t0k/callback"), "{heard}");
    assert!(!heard.contains("authorization"), "{heard}");
}

#[tokio::test]
async fn what_can_be_repeated_is_repeated_until_discord_is_well() {
    for request in [edit(), send_once("a")] {
        let server = Server::start(vec![
            ill(),
            Play::HangUp,
            Play::Silence,
            Play::CutBody(200, "{\"id\":"),
            says(200, json!({})),
        ])
        .await;
        assert_eq!(server.executor().call(request).await, Ok(Reply { status: 200, body: json!({}) }));
        assert_eq!(server.count(), 5);
    }
}

#[tokio::test]
async fn what_may_have_happened_and_cannot_be_repeated_is_said_to_be_unclear() {
    for (play, ill) in [
        (ill(), true),
        (Play::HangUp, false),
        (Play::Silence, false),
        (Play::CutBody(200, "{\"id\":"), false),
    ] {
        let server = Server::start(vec![play]).await;
        let error = server.executor().call(send("a")).await.unwrap_err();
        assert!(error.may_have_happened(), "{error:?}");
        assert_eq!(matches!(error, RestError::Ill { status: 502 }), ill, "{error:?}");
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn a_call_that_never_reached_discord_is_tried_again_whatever_it_is() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let began = Instant::now();
    let executor = executor(&format!("http://{address}"));
    let error = executor.call(send("a").within(Duration::from_millis(200))).await.unwrap_err();
    assert!(matches!(&error, RestError::Unreachable(why) if why.contains("refused")), "{error:?}");
    assert!(!error.may_have_happened());
    assert!(began.elapsed() >= Duration::from_millis(100), "it was tried more than once");
}

#[tokio::test]
async fn a_doubt_is_not_forgotten_over_a_later_try_that_never_left() {
    let slow = Play::Answer(429, "retry-after: 60\r\n", json!({ "retry_after": 60.0 }).to_string());
    let server = Server::start(vec![Play::HangUp, slow]).await;
    let error = server.executor().call(send_once("a")).await.unwrap_err();
    assert!(matches!(error, RestError::Unclear(_)), "{error:?}");
}

#[tokio::test]
async fn a_429_is_waited_out_and_not_a_moment_less() {
    let slow = || says(429, json!({ "retry_after": 0.25, "global": false }));
    let server = Server::start(vec![slow(), slow(), says(200, json!({}))]).await;
    server.executor().call(send("a")).await.unwrap();
    for gap in server.gaps() {
        assert!(gap >= Duration::from_millis(250), "{gap:?}");
    }
}

#[tokio::test]
async fn a_wait_longer_than_the_call_may_take_is_told_at_once() {
    let play = says(429, json!({ "retry_after": 600.0, "code": 30046 }));
    let server = Server::start(vec![play]).await;
    let executor = server.executor();
    let began = Instant::now();
    let error = executor.call(edit()).await.unwrap_err();
    let RestError::RateLimited { retry_after, scope: Scope::User, code: Some(30046) } = error else {
        panic!("{error:?}")
    };
    assert_eq!(retry_after.as_secs(), 600);
    assert!(executor.call(edit()).await.is_err(), "and again, without a call");
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_server_that_asks_for_no_wait_at_all_is_not_asked_for_ever() {
    let plays = (0..6).map(|_| says(429, json!({ "retry_after": 0.0 }))).collect();
    let server = Server::start(plays).await;
    let error = server.executor().call(send("a")).await.unwrap_err();
    assert!(matches!(error, RestError::RateLimited { .. }), "{error:?}");
    assert_eq!(server.count(), 6);
}

#[tokio::test]
async fn a_page_of_what_stands_before_discord_is_a_ban() {
    let server =
        Server::start(vec![Play::Answer(429, "content-type: text/html\r\n", "<html>1015".to_owned())]).await;
    let executor = server.executor();
    let error = executor.call(send("a")).await.unwrap_err();
    assert!(matches!(error, RestError::Banned { retry_after } if retry_after.as_secs() >= 59), "{error:?}");
    assert!(matches!(executor.call(edit()).await, Err(RestError::Banned { .. })));
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn nothing_is_sent_after_a_revoked_token() {
    let server = Server::start(vec![says(401, json!({ "message": "401: Unauthorized", "code": 0 }))]).await;
    let executor = server.executor();
    assert_eq!(executor.call(send("a")).await, Err(RestError::TokenRevoked));
    assert_eq!(executor.call(edit()).await, Err(RestError::TokenRevoked));
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_missing_permission_is_asked_again_only_when_permissions_changed() {
    let no = || says(403, json!({ "message": "Missing Permissions", "code": 50013 }));
    let server = Server::start(vec![no(), says(200, json!({}))]).await;
    let executor = server.executor();
    let forbidden = RestError::Forbidden { code: 50_013, message: "Missing Permissions".to_owned() };
    assert_eq!(executor.call(send("a")).await, Err(forbidden.clone()));
    assert_eq!(executor.call(send("a")).await, Err(forbidden));
    executor.permissions_changed();
    assert!(executor.call(send("a")).await.is_ok());
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn thirty_calls_at_once_meet_no_limit_of_five_in_a_third_of_a_second() {
    let window = Arc::new(Mutex::new((None::<Instant>, 0)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    let refused = Arc::new(Mutex::new(0));
    let (count, no) = (Arc::clone(&window), Arc::clone(&refused));
    tasks.spawn(async move {
        let mut open = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.spawn(count_calls(stream, Arc::clone(&count), Arc::clone(&no)));
        }
    });
    let executor = executor(&format!("http://{address}"));
    let mut calls = JoinSet::new();
    for _ in 0..30 {
        calls.spawn(executor.call(send("a")));
    }
    assert!(calls.join_all().await.iter().all(Result::is_ok));
    assert_eq!(*refused.lock().unwrap(), 0);
}

/// Five calls a third of a second; one more is counted as refused.
async fn count_calls(mut stream: TcpStream, window: Arc<Mutex<(Option<Instant>, u32)>>, no: Arc<Mutex<u32>>) {
    const WINDOW: Duration = Duration::from_millis(333);
    while request(&mut stream).await.is_some() {
        let (left, reset) = {
            let mut window = window.lock().unwrap();
            if window.0.is_none_or(|end| end <= Instant::now()) {
                *window = (Some(Instant::now() + WINDOW), 0);
            }
            window.1 += 1;
            *no.lock().unwrap() += u32::from(window.1 > 5);
            let reset = window.0.map(|end| end - Instant::now()).unwrap_or_default();
            (5_u32.saturating_sub(window.1), reset.as_secs_f64())
        };
        let headers = format!(
            "x-ratelimit-bucket: a\r\nx-ratelimit-limit: 5\r\nx-ratelimit-remaining: {left}\r\n\
             x-ratelimit-reset-after: {reset:.3}\r\n"
        );
        stream.write_all(format!("{}{{}}", head(200, &headers, 2)).as_bytes()).await.unwrap();
    }
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_holds_nobody_up() {
    let server = Server::start(vec![Play::Silence, says(200, json!({}))]).await;
    let executor = server.executor();
    let lost = executor.call(send("a"));
    tokio::select! {
        _ = lost => panic!("it is not answered"),
        () = async { while server.count() == 0 { tokio::task::yield_now().await } } => {}
    }
    assert!(executor.call(send("b").within(Duration::from_secs(10))).await.is_ok());
}

#[test]
fn an_error_holds_no_token() {
    let executor = executor("http://127.0.0.1:9");
    let request = Request::new(Route::follow_up(ApplicationId::new(4), "T0K3N"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(executor.call(request.within(Duration::from_millis(50)))).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("T0K3N"), "{error:?}");
}
