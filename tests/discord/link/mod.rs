//! The gateway's half of the link over a real socket: each row of what Discord does to it, on short clocks.

mod cuts;
mod ill;
mod lost;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lifeboat::chat::discord::address::RestAddress;
use lifeboat::chat::discord::gateway::{Arrival, Condition, Gateway, GatewayIntents, Liveness, Pace, Setup};
use lifeboat::chat::discord::rest::{self, Executor};
use lifeboat::clock::SystemClock;
use lifeboat::config::SecretString;
use lifeboat_tests::fake::discord::{Discord, Settings};
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::bot::Rest;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// Everything a link does, ten to fifty times as fast.
fn pace() -> Pace {
    let ms = Duration::from_millis;
    Pace {
        connect: ms(400),
        hello: ms(400),
        ready: ms(600),
        first_retry: ms(20),
        last_retry: ms(200),
        least_before_identify: ms(20),
        most_before_identify: ms(100),
        between_identifies: ms(10),
        save: ms(20),
    }
}

/// What a link yielded, in order.
#[derive(Clone, Debug, PartialEq)]
enum Heard {
    Dispatch { name: String, id: String, replayed: bool },
    Condition(Condition),
}

/// A link without a bot behind it: what comes is noted down and written off at once.
struct Link {
    heard: watch::Receiver<Vec<Heard>>,
    liveness: watch::Receiver<Liveness>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Link {
    fn start(discord: &Discord, file: &Path) -> Self {
        let (gateway, arrivals, liveness) = gateway(discord, file);
        let (noted, heard) = watch::channel(Vec::new());
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        tasks.spawn(gateway.run(stop.clone()));
        tasks.spawn(note(arrivals, noted));
        Self { heard, liveness, stop, tasks }
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.borrow().clone()
    }

    /// Waits until what was heard is as wanted.
    async fn until(&mut self, what: &str, wanted: impl Fn(&[Heard]) -> bool) {
        let seen = tokio::time::timeout(PATIENCE, self.heard.wait_for(|heard| wanted(heard))).await;
        let seen = seen.is_ok_and(|seen| seen.is_ok());
        assert!(seen, "{what} did not come; heard: {:#?}", self.heard());
    }

    fn conditions(&self) -> Vec<Condition> {
        conditions(&self.heard())
    }

    /// Ids of the interactions that came, each as often as it came.
    fn interactions(&self) -> Vec<String> {
        interactions(&self.heard())
    }

    /// Ends as a process does that is told to.
    async fn stop(mut self) -> Vec<Heard> {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.heard()
    }

    /// Ends as a process does that is killed.
    async fn kill(mut self) {
        self.tasks.shutdown().await;
    }
}

fn conditions(heard: &[Heard]) -> Vec<Condition> {
    let condition = |heard: &Heard| match heard {
        Heard::Condition(condition) => Some(condition.clone()),
        Heard::Dispatch { .. } => None,
    };
    heard.iter().filter_map(condition).collect()
}

/// Ids of the interactions among it, each as often as it came.
fn interactions(heard: &[Heard]) -> Vec<String> {
    let id = |heard: &Heard| match heard {
        Heard::Dispatch { name, id, .. } if name == "INTERACTION_CREATE" => Some(id.clone()),
        _ => None,
    };
    heard.iter().filter_map(id).collect()
}

fn gateway(discord: &Discord, file: &Path) -> (Gateway, mpsc::Receiver<Arrival>, watch::Receiver<Liveness>) {
    // Another test of this process may have been first.
    let _present = rustls::crypto::ring::default_provider().install_default();
    let clock = Arc::new(SystemClock::default());
    let token = SecretString::new(discord.token());
    let address = RestAddress::new(&format!("{}/api/v10", discord.base_url()), false).unwrap();
    let about = "https://lifeboat.example".to_owned();
    let pace_of_rest = rest::Pace { first_repeat: Duration::from_millis(20), ..rest::Pace::default() };
    let executor = Executor::new(rest::Setup {
        address,
        token: token.clone(),
        about,
        clock: Arc::clone(&clock) as _,
        seed: 1,
        pace: pace_of_rest,
    });
    let setup = Setup {
        token,
        intents: GatewayIntents::GUILDS,
        address: None,
        forced: false,
        file: file.to_owned(),
        clock,
        seed: 1,
        pace: pace(),
    };
    Gateway::new(setup, Arc::new(executor.unwrap()))
}

async fn note(mut arrivals: mpsc::Receiver<Arrival>, noted: watch::Sender<Vec<Heard>>) {
    while let Some(arrival) = arrivals.recv().await {
        match arrival {
            Arrival::Dispatch(dispatch) => {
                let (name, replayed) = (dispatch.name.clone(), dispatch.replayed);
                let id = dispatch.data["id"].as_str().unwrap_or_default().to_owned();
                noted.send_modify(|heard| heard.push(Heard::Dispatch { name, id, replayed }));
                dispatch.done();
            }
            Arrival::Condition(condition) => {
                noted.send_modify(|heard| heard.push(Heard::Condition(condition)));
            }
        }
    }
}

/// A double with short clocks and a file for the session.
async fn discord() -> (Discord, tempfile::TempDir, PathBuf) {
    let mut settings = Settings::short();
    settings.gateway.intents = Some(GatewayIntents::GUILDS.bits());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("discord.json");
    let discord = Discord::start(settings).await;
    let path = format!("/applications/{}/guilds/{}/commands", discord.application_id(), discord.guild_id());
    let list = json!({ "type": 1, "name": "list", "description": "Lists them" });
    let incident = json!({ "name": "incident", "description": "Incidents", "options": [list] });
    assert_eq!(Rest::of(&discord).send("PUT", &path, json!([incident])).await.status, 200);
    (discord, dir, file)
}

/// Waits until this interaction is among those that are saved as handled.
async fn saved(file: &Path, interaction: &str) {
    let waited = async {
        while !std::fs::read_to_string(file).is_ok_and(|text| text.contains(interaction)) {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waited).await.is_ok(), "{interaction} was not saved");
}

/// Somebody types a command; its id.
fn asks(discord: &Discord) -> String {
    let alerts = discord.channel("alerts").id;
    discord.person("ana").types("/incident list", alerts).id().to_string()
}

#[tokio::test]
async fn a_link_begins_one_session_and_a_restart_goes_on_with_it() {
    let (discord, _dir, file) = discord().await;
    let mut link = Link::start(&discord, &file);
    let first = discord.connected().await;
    link.until("the server", |heard| heard.len() == 3).await;
    assert!(link.liveness.borrow().live);
    let heard = link.stop().await;
    assert_eq!(heard[0], Heard::Condition(Condition::Connected));
    let names: Vec<&str> = heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::Dispatch { name, .. } => Some(name.as_str()),
            Heard::Condition(_) => None,
        })
        .collect();
    assert_eq!(names, ["READY", "GUILD_CREATE"]);
    let over = |discord: &Discord| Some(discord.connections().remove(0)).filter(|one| one.ended.is_some());
    let ended = discord.until("the end of the connection", over).await;
    assert_eq!((ended.bots_code(), ended.query.as_str()), (Some(4000), "v=10&encoding=json"));

    let meanwhile = asks(&discord);
    let mut link = Link::start(&discord, &file);
    link.until("the command and the end of the replay", |heard| heard.len() == 2).await;
    let replayed = Heard::Dispatch { name: "INTERACTION_CREATE".to_owned(), id: meanwhile, replayed: true };
    assert_eq!(link.heard(), [replayed, Heard::Condition(Condition::Resumed { replayed: 1 })]);
    let again = discord.connections().remove(1);
    assert_eq!((again.identify, again.session), (None, first.session));
    link.kill().await;
    discord.finish().await;
}

#[tokio::test]
async fn what_was_not_handled_before_a_kill_comes_again_and_what_was_does_not() {
    let (discord, _dir, file) = discord().await;
    let (gateway, mut arrivals, _) = gateway(&discord, &file);
    let mut tasks = JoinSet::new();
    tasks.spawn(gateway.run(CancellationToken::new()));
    discord.connected().await;
    let asked = [asks(&discord), asks(&discord), asks(&discord)];
    let mut open = Vec::new();
    while let Some(arrival) = arrivals.recv().await {
        let Arrival::Dispatch(dispatch) = arrival else { continue };
        let id = dispatch.data["id"].as_str().unwrap_or_default().to_owned();
        match asked.iter().position(|asked| *asked == id) {
            Some(1) => open.push(dispatch),
            Some(2) => {
                dispatch.done();
                break;
            }
            _ => dispatch.done(),
        }
    }
    saved(&file, &asked[2]).await;
    tasks.shutdown().await;
    let mut link = Link::start(&discord, &file);
    link.until("the end of the replay", |heard| !conditions(heard).is_empty()).await;
    assert_eq!(link.interactions(), [asked[1].clone()]);
    link.kill().await;
    drop(open);
    discord.finish().await;
}
