//! Discord around the engine: the gateway and those who hear it, the sender; and `invite` and `doctor`, which look
//! while no Lifeboat need run.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use chrono::{DateTime, TimeDelta};
use serenity::model::gateway::GatewayIntents;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Failure, setup};
use crate::chat::Errand;
use crate::chat::discord::address::on_this_machine;
use crate::chat::discord::door::Door;
use crate::chat::discord::gateway::{self, Gateway};
use crate::chat::discord::rest::{self, Executor, Request, Rest, RestError};
use crate::chat::discord::route::Route;
use crate::chat::discord::server::Server;
use crate::chat::discord::{doctor, rights};
use crate::cli::Exit;
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Config, Discord, Exposed};
use crate::desk::Desk;
use crate::say::{Lang, Say};

/// Tells Discord who calls; it wants a URL in each request.
const ABOUT: &str = "https://lifeboat.example";
/// The file that holds the session, so that a restart resumes it.
const SESSION: &str = "discord-session.json";
/// How long Discord's clock is waited for.
const CLOCK: Duration = Duration::from_secs(5);

/// How Discord's REST interface is called.
///
/// # Errors
/// When the token cannot stand in a header.
fn executor(discord: &Discord, clock: &Arc<dyn Clock>) -> anyhow::Result<Arc<dyn Rest>> {
    let setup = rest::Setup {
        address: discord.api.clone(),
        token: discord.token.clone(),
        about: ABOUT.to_owned(),
        clock: Arc::clone(clock),
        seed: seed()?,
        pace: rest::Pace::default(),
    };
    Ok(Arc::new(Executor::new(setup).context("call Discord")?))
}

/// Waits that must not be the same everywhere begin with this.
fn seed() -> anyhow::Result<u64> {
    getrandom::u64().map_err(|error| anyhow!("draw a seed: {error}"))
}

/// Starts the gateway, who hears it, and the sender.
///
/// # Errors
/// When the token cannot stand in a header.
pub(super) fn open(
    (config, discord): (&Config, &Discord),
    drill: bool,
    (desk, errands): (&Desk, mpsc::Receiver<Errand>),
    (chats, stop): (&mut JoinSet<()>, &CancellationToken),
) -> Result<(), Failure> {
    // Discord keeps the machine's time, also while a drill runs faster.
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let rest = executor(discord, &clock)?;
    let people = setup::people(config);
    let server =
        Arc::new(Server::new(Arc::clone(&rest), desk.clone(), config, discord.clone(), people, drill));
    let mut intents = GatewayIntents::GUILDS;
    intents.set(GatewayIntents::GUILD_MESSAGE_REACTIONS, discord.pins);
    let gateway = gateway::Setup {
        token: discord.token.clone(),
        intents,
        address: discord.gateway.clone(),
        forced: discord.allow_plain,
        file: config.data_dir.join(SESSION),
        clock,
        seed: seed()?,
        pace: gateway::Pace::default(),
    };
    let (gateway, arrivals, _) = Gateway::new(gateway, rest);
    chats.spawn(gateway.run(stop.clone()));
    chats.spawn(Arc::new(Door::new(Arc::clone(&server))).open(arrivals, stop.clone()));
    chats.spawn(server.send(errands, stop.clone()));
    Ok(())
}

fn configured(config: &Config) -> Result<&Discord, Failure> {
    let none = || {
        anyhow!("look at Discord: there is no [discord] in the configuration; docs/discord.md leads there")
    };
    Ok(config.discord.as_ref().ok_or_else(none)?)
}

/// `lifeboat invite`: the link that lets Lifeboat into the server, with exactly the rights it needs.
///
/// # Errors
/// When Discord is not configured, or does not tell which application the token belongs to.
pub(super) async fn invite(config: &Config, out: &mut dyn Write) -> Result<Exit, Failure> {
    let discord = configured(config)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let asked = executor(discord, &clock)?.call(Request::new(Route::my_application())).await;
    let told = asked
        .map_err(|error| anyhow!("ask Discord which application the token belongs to: failed to {error}"))?;
    let id = told.body["id"].as_str().and_then(|id| id.parse().ok());
    let id =
        id.ok_or_else(|| anyhow!("ask Discord which application the token belongs to: it did not say"))?;
    writeln!(out, "{}", rights::invitation(id, discord))?;
    Ok(Exit::Done)
}

/// `lifeboat doctor`: what is configured, reachable and permitted, each with its cure.
///
/// # Errors
/// When the answer cannot be written.
pub(super) async fn doctor(
    config: &Config,
    exposed: &[Exposed],
    lang: Option<Lang>,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let say = Say::new(lang.unwrap_or(config.lang), config.zone).plain();
    for one in exposed {
        writeln!(out, "! {}", config::exposed(one, lang.unwrap_or(config.lang)))?;
    }
    let Some(discord) = &config.discord else {
        writeln!(out, "{}", say.word("chat-not-configured"))?;
        return Ok(Exit::Done);
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let rest = executor(discord, &clock)?;
    let checks = match skew(discord, &*clock).await {
        Ok(skew) => doctor::examine(&*rest, discord, skew).await,
        Err(unreachable) => doctor::unanswered(&unreachable),
    };
    writeln!(out, "{}", crate::say::doctor::text(say, &checks))?;
    Ok(if checks.iter().all(|check| check.well) { Exit::Done } else { Exit::Failed })
}

/// How far this machine's clock is ahead of Discord's, to the second; Discord says the time in each answer. It is asked
/// once, and first of all.
///
/// # Errors
/// When no answer comes: nothing else would be answered either.
async fn skew(discord: &Discord, clock: &dyn Clock) -> Result<Option<TimeDelta>, RestError> {
    let Some(first) = first_call(discord) else { return Ok(None) };
    match first.send().await {
        Ok(answer) => Ok(ahead(&answer, clock)),
        Err(error) if error.is_connect() || error.is_timeout() => {
            let error = anyhow::Error::from(error.without_url());
            Err(RestError::Unreachable(format!("{error:#}")))
        }
        Err(_) => Ok(None),
    }
}

/// A call that needs no token and takes the way of all others.
fn first_call(discord: &Discord) -> Option<reqwest::RequestBuilder> {
    let agent = format!("DiscordBot ({ABOUT}, {})", env!("CARGO_PKG_VERSION"));
    let never = reqwest::redirect::Policy::none();
    let mut client = reqwest::Client::builder().timeout(CLOCK).redirect(never).user_agent(agent);
    if on_this_machine(discord.api.url()) {
        client = client.no_proxy();
    }
    Some(client.build().ok()?.get(discord.api.url().join("gateway").ok()?))
}

fn ahead(answer: &reqwest::Response, clock: &dyn Clock) -> Option<TimeDelta> {
    let date = answer.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    let theirs = DateTime::parse_from_rfc2822(date).ok()?;
    Some(clock.now().wall - theirs.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn where_nobody_answers_doctor_says_so_at_once_and_what_it_did_not_check() {
        // A provider may be there already from another test of this process.
        drop(rustls::crypto::ring::default_provider().install_default());
        let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (file, token) = (folder.path().join("lifeboat.toml"), folder.path().join("token"));
        std::fs::write(token, "T0K3N").unwrap();
        let section = "[discord]\ntoken_file = 'token'\nguild = '600'";
        std::fs::write(&file, format!("{section}\napi = 'http://{nobody}/api/v10/'\n")).unwrap();
        let (config, _) = config::load_watchful(&file).unwrap();
        let mut out = Vec::new();
        let asked = doctor(&config, &[], Some(Lang::En), &mut out);
        let exit = tokio::time::timeout(Duration::from_secs(10), asked).await.expect("at once").unwrap();
        let told = String::from_utf8(out).unwrap();
        let begins: Vec<&str> = told.lines().map(|line| line.split(':').next().unwrap()).collect();
        let expected = [
            "✗ Discord is not reached",
            "  → Check the network, a proxy, and https",
            "✗ Not checked, because Discord does not answer",
            "  → Run lifeboat doctor again once it does.",
        ];
        assert_eq!((exit, begins), (Exit::Failed, expected.to_vec()), "{told}");
    }
}
