//! `lifeboat drill` as a process, without a browser: who may be played, how it is ended, what it leaves.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use lifeboat_tests::process::Lifeboat;
use lifeboat_tests::tier::{Tier, require};
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, redirect};
use serde_json::{Value, json};

use crate::drill::Drill;
use crate::site::{Api, service, until};

/// Whoever opened the link.
struct Player {
    http: Client,
    base: String,
    cookie: String,
}

impl Player {
    async fn signed_in(link: &str) -> Self {
        // Another test of this process may have installed it.
        let _present = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        let base = link.split("/login").next().unwrap().to_owned();
        let answer = http.get(link).send().await.unwrap();
        assert_eq!(answer.headers()[LOCATION], "/");
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { http, base, cookie }
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.base)).header(COOKIE, &self.cookie);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// The outcome of a line, and its text.
    async fn types(&self, route: &str, body: Value) -> (String, String) {
        let request = self.http.post(format!("{}{route}", self.base)).header(COOKIE, &self.cookie);
        let request = request.header(ORIGIN, &self.base).header("X-Lifeboat", "1").json(&body);
        let reply: Value = request.send().await.unwrap().json().await.unwrap();
        (reply["outcome"].as_str().unwrap_or_default().to_owned(), reply["text"].to_string())
    }

    async fn command(&self, line: &str) -> (String, String) {
        self.types("/api/command", json!({"line": line, "channel": "alerts", "lang": "en"})).await
    }

    /// Everything that stands in the common channel.
    async fn alerts(&self) -> String {
        self.get("/api/messages?channel=alerts&lang=en").await.to_string()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_human_plays_two_people_ends_the_drill_and_reads_how_it_went() {
    if !require(Tier::Real, "") {
        return;
    }
    let folder = Lifeboat::prepare("").unwrap();
    let mut drill = Drill::start(&folder, Stdio::null(), &[]);
    let player = Player::signed_in(&drill.link).await;
    let start = player.get("/api/start?lang=en").await;
    assert_eq!(start["me"]["plays"], json!(["second"]));
    assert!(player.alerts().await.contains("/drill hint"), "it says what to type");

    // A plan for two people: asked for by one, and only the other may say yes.
    let move_one = "/node move worker-1 to-cluster:swarm-old";
    let proposed = async || (player.command(move_one).await.0 == "done").then_some(());
    until("the fleet is seen, and a plan is proposed", proposed).await;
    let (outcome, text) = player.command("/plan approve").await;
    assert_eq!(outcome, "refused", "{text}");
    assert!(text.contains("second"), "{text}");
    let said = json!({"text": "@second /plan approve", "channel": "alerts", "lang": "en"});
    let (outcome, text) = player.types("/api/say", said).await;
    assert_eq!(outcome, "done", "{text}");
    let paused = player.command("/plan cancel").await;
    assert_eq!(paused.0, "done", "{}", paused.1);

    until("the schedule's verdict", async || player.alerts().await.contains("INC-0002").then_some(())).await;
    assert_eq!(player.command("/drill stop").await.0, "shown");
    until("how it went", async || player.alerts().await.contains("The drill is over").then_some(())).await;
    Command::new("kill").args(["-INT", &drill.child.id().to_string()]).status().unwrap();
    let status = drill.child.wait().unwrap();
    let mut said = String::new();
    drill.stdout.read_to_string(&mut said).unwrap();
    assert_eq!(status.code(), Some(1), "users had not suffered yet, and the trouble was not past: {said}");
    assert!(said.contains("ended before the trouble was past"), "{said}");
    for name in ["INC-0002.en.md", "INC-0002.en.html", "INC-0002.zh-CN.md", "INC-0002.zh-CN.html"] {
        let paper = folder.folder().join("played/postmortem").join(name);
        assert!(std::fs::read_to_string(&paper).unwrap().contains("DRILL-1"), "{}", paper.display());
    }
}

/// Whether one of the messages in the common channel says so.
async fn alerts_say(api: &Api, words: &str) -> bool {
    api.messages("alerts").await.iter().any(|message| message["text"].to_string().contains(words))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drill_is_called_off_for_what_fails_while_it_is_played_not_for_what_was_over_before() {
    if !require(Tier::Real, "") {
        return;
    }
    let mut lifeboat = Lifeboat::prepare(&service(Path::new("site/access.log"))).unwrap();
    lifeboat.restart().unwrap();
    let api = Api::new(&lifeboat);
    api.done("/incident declare before").await;
    api.done("/incident cancel INC-0001 reason:over").await;
    let (_, began) = api.command("/drill start").await.unwrap();
    assert!(began.to_string().contains("DRILL-1"), "{began}");
    until("it began", async || alerts_say(&api, "DRILL-1 began").await.then_some(())).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!alerts_say(&api, "called off").await, "what was over before it began is no reason");
    api.done("/incident declare now").await;
    until("it is called off", async || alerts_say(&api, "DRILL-1 was called off").await.then_some(())).await;
}
