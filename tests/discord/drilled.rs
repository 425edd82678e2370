//! The outage that Lifeboat was built from, played on the simulated fleet with Discord as the chat: what people do is
//! commands, buttons and forms there and nothing else, from the spike to the exported postmortem.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lifeboat::app::run::{Around, Theatre};
use lifeboat::app::staged::record_in;
use lifeboat::config::{Config, Lang, Service};
use lifeboat::desk::Room;
use lifeboat::drill::clock::DrillClock;
use lifeboat::drill::journal::{self, Journal};
use lifeboat::drill::live::{Ends, Live, Played};
use lifeboat::drill::script::Script;
use lifeboat::drill::stage;
use lifeboat::engine::Setup;
use lifeboat::engine::cards::Rhythm;
use lifeboat::shell::store;
use lifeboat_commands::people::Person as Account;
use lifeboat_deploy::simulated::{Scenario, Simulated};
use lifeboat_storage::event::{AlertKind, Status};
use lifeboat_storage::id::{IncidentId, PlanId};
use lifeboat_storage::plan::Consent;
use lifeboat_storage::plan::run::Standing;
use lifeboat_tests::fake::discord::world::message::Message;
use lifeboat_tests::fake::discord::{Discord, Person, Settings, Snowflake};
use lifeboat_tests::tier::{Tier, require, tell};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::camera::Camera;
use super::lifeboat::{ALL, Lifeboat, configured, person};

const SEED: u64 = 1;
/// So fast until something happens, and while people work.
const QUIET: u32 = 600;
const BUSY: u32 = 60;
/// Time to look, and how long until a line is tried again: half a minute and four minutes there.
const PACE: Duration = Duration::from_millis(500);
const AGAIN: Duration = Duration::from_secs(4);
/// How long the rescue may take here, an hour a minute.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the drill is played, apart from its Lifeboat.
struct Stage {
    scenario: Scenario,
    world: Arc<Journal>,
    clock: Arc<DrillClock>,
}

impl Stage {
    /// A world and its record in this folder; the configuration becomes the drill's.
    fn set(config: &mut Config) -> Self {
        let scenario = Scenario::named("sold-out-morning").expect("it comes with Lifeboat");
        let folder = config.data_dir.clone();
        config.data_dir = record_in(&folder);
        config.zone = scenario.zone;
        let logs = vec![journal::access_log(&folder).to_string_lossy().into_owned()];
        config.services = vec![Service { name: scenario.service(), logs, format: None }];
        std::fs::create_dir_all(&config.data_dir).expect("a folder");
        let opened = store::open(&config.data_dir).expect("a record");
        opened.log.append(&stage::first_events(&scenario, stage::ALONE, SEED)).expect("a beginning");
        let world = Journal::open(Simulated::new(&scenario, SEED), &folder).expect("a world");
        let clock = DrillClock::new(scenario.starts_at, scenario.starts_at, QUIET);
        Self { scenario, world: Arc::new(world), clock: Arc::new(clock) }
    }

    fn around(&self, config: &Config) -> Around {
        // The engine's clock runs faster, Discord's limits do not.
        let rhythm = Rhythm { card_ms: 30_000, status_ms: 60_000, old_ms: 120_000, lost_ms: 7_200_000 };
        let mut setup = stage::setup(&self.scenario, stage::ALONE, config.people.clone());
        // Nobody reads a plan faster because the clock runs faster.
        setup.fleet.limits.approval_s *= 4;
        let theatre = Theatre::Drill { number: stage::ALONE, fleet: Arc::clone(&self.world) };
        let setup = Setup { rhythm, ..setup };
        Around { theatre, clock: Arc::clone(&self.clock) as _, setup: Some(setup) }
    }
}

/// Somebody at Discord, and the drill they work on.
struct Player<'a> {
    discord: &'a Discord,
    lifeboat: &'a Lifeboat,
    mei: Person,
    /// Says yes to what needs two.
    lin: Person,
    room: Snowflake,
    /// Takes pictures for the documents, where asked for.
    camera: Option<Camera>,
    /// What the incident's channel is called in the console.
    channel: String,
}

impl Player<'_> {
    async fn types(&self, line: &str) -> String {
        self.mei.types(line, self.room).message().await.content
    }

    /// Somebody presses the first button in the incident's channel that begins so, as soon as there is one.
    async fn presses(&self, who: &Person, begins: &str) -> String {
        let (message, button) = self
            .discord
            .until(begins, |discord| {
                let found = |one: Message| Some((one.id, button(&one, begins)?));
                discord.messages(self.room).into_iter().find_map(found)
            })
            .await;
        who.clicks(message, &button).message().await.content
    }

    /// Takes a picture of what stands in the incident's channel in the console.
    async fn pictured(&self, name: &str, css: &str, word: &str) {
        if let Some(camera) = &self.camera {
            camera.takes(name, &self.channel, css, word).await;
        }
    }

    /// The plan that is neither over nor refused, and how it stands.
    async fn open_plan(&self) -> Option<(PlanId, Standing)> {
        let open = |room: &Room<'_>| {
            let mut plans = room.engine.durable().plans.values();
            Some(plans.find(|run| run.is_open()).map(|run| (run.id, run.standing)))
        };
        self.lifeboat.until("plans", open).await
    }

    async fn needs_two(&self, plan: PlanId) -> bool {
        let two = move |room: &Room<'_>| {
            let run = room.engine.durable().plans.get(&plan)?;
            Some(matches!(run.plan.consent, Consent::TwoPeople))
        };
        self.lifeboat.until("the plan", two).await
    }

    async fn is_over(&self, incident: IncidentId) -> bool {
        let over = move |room: &Room<'_>| {
            Some(room.engine.durable().incidents.get(&incident)?.recovery_proposed.is_some())
        };
        self.lifeboat.until("the incident", over).await
    }

    /// What a line that was typed asks for is agreed to and carried out.
    async fn carries_out(&self, line: &str) {
        let answer = self.types(line).await;
        let (plan, _) = self.open_plan().await.unwrap_or_else(|| panic!("{line}: {answer}"));
        assert!(answer.contains(&plan.to_string()), "{line}: {answer}");
        while self.open_plan().await.is_some_and(|(open, _)| open == plan) {
            self.goes_on(&mut BTreeMap::new()).await;
        }
    }

    /// Does what the channel offers, one step: says yes to a plan, or presses the line that the status suggests.
    async fn goes_on(&self, pressed: &mut BTreeMap<String, Instant>) {
        let mut tried = |what: String| match pressed.get(&what) {
            Some(at) if at.elapsed() < AGAIN => true,
            _ => {
                pressed.insert(what, Instant::now());
                false
            }
        };
        match self.open_plan().await {
            Some((plan, Standing::Proposed)) => {
                if self.needs_two(plan).await {
                    let words = plan.to_string();
                    self.pictured("plan-for-two", "article.plan:not(.note)", &words).await;
                }
                self.presses(&self.lin, &format!("v1:plan approve {plan} hash:")).await;
                self.pictured("plan-running", "article.plan:not(.note)", "steps").await;
            }
            Some((plan, Standing::Paused)) => {
                let line = format!("/plan resume plan:{plan}");
                let line = if tried(line.clone()) { format!("/plan cancel plan:{plan}") } else { line };
                self.types(&line).await;
            }
            Some(_) => {}
            None => {
                let status = status(self).await;
                let offered = self.discord.message(status).and_then(|message| suggested(&message));
                if let Some((id, told)) = offered.filter(|(id, _)| !tried(id.clone())) {
                    let words: Vec<&str> = id.trim_start_matches("v1:").split(' ').take(2).collect();
                    assert!(told.contains(&format!("/{}", words.join(" "))), "why stands there: {told}");
                    self.mei.clicks(status, &id).message().await;
                }
            }
        }
        sleep(PACE).await;
    }
}

fn button(message: &Message, begins: &str) -> Option<String> {
    let rows = message.components.iter().filter_map(|row| row["components"].as_array()).flatten();
    let mut ids = rows.filter_map(|button| button["custom_id"].as_str());
    ids.find(|id| id.starts_with(begins)).map(str::to_owned)
}

/// The button with a line about the fleet, and all that stands above it.
fn suggested(message: &Message) -> Option<(String, String)> {
    let nouns = ["node", "cluster", "capacity"];
    let id = nouns.iter().find_map(|noun| button(message, &format!("v1:{noun} ")))?;
    Some((id, message.embeds.iter().map(ToString::to_string).collect()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outage_is_ended_from_discord_alone_in_both_languages() {
    if !require(Tier::Real, "") {
        return;
    }
    tokio::join!(played(Lang::En, "en-US"), played(Lang::ZhCn, "zh-CN"));
}

async fn played(lang: Lang, locale: &str) {
    let mut settings = Settings { patience: Duration::from_secs(150), ..Settings::default() };
    (settings.limits.bucket, settings.limits.global) = (1_000, 5_000);
    let discord = Discord::start(settings).await;
    let (mei, lin) = (discord.adds_person("mei-l", locale, &[]), discord.adds_person("lin-w", locale, &[]));
    // Mei has the console open too.
    let at_the_machine = Some(lifeboat::console::control::own_user());
    let people =
        vec![Account { os: at_the_machine, ..person("Mei", mei.id(), &ALL) }, person("Lin", lin.id(), &ALL)];
    let mut stage = None;
    let mut lifeboat = Lifeboat::around(lang, configured(&discord, lang), people, |config| {
        let set = Stage::set(config);
        let around = set.around(config);
        stage = Some(set);
        around
    })
    .await;
    let Stage { scenario, world, clock } = stage.expect("it was set");
    let stop = CancellationToken::new();
    let (told, _over) = watch::channel(None);
    let ends =
        Ends { with_the_play: false, curtain: CancellationToken::new(), stop: stop.clone(), over: told };
    let desk = lifeboat.running.as_ref().expect("it runs").desk.clone();
    let play = Played { scenario, seed: SEED, script: Script::default() };
    let mut tasks = JoinSet::new();
    tasks.spawn(Live::new(play, world, Arc::clone(&clock), desk, (QUIET, QUIET)).run(ends));

    let link = lifeboat.running.as_ref().map(|running| running.link.clone()).unwrap_or_default();
    let camera = if lang == Lang::En { Camera::at(&link).await } else { None };
    // The verdict of the schedule comes first; in this story nobody heeds it, and the site begins to fail.
    discord.connected().await;
    if let Some(camera) = &camera {
        clock.set_speed(BUSY);
        camera.takes("no-stock", "alerts", "article.card", "scheduled").await;
        clock.set_speed(QUIET);
    }
    let spike = |room: &Room<'_>| {
        let mut alerts = room.engine.durable().alerts.values();
        alerts.any(|alert| alert.what == AlertKind::BadGateway).then_some(())
    };
    lifeboat.until("the spike", spike).await;
    clock.set_speed(BUSY);
    if let Some(camera) = &camera {
        camera.takes("502-spike", "alerts", "article.card", "502").await;
    }
    let room = discord
        .until("the incident's channel", |discord| {
            let mut all = discord.guild().channels.into_values();
            all.find(|one| one.name.starts_with("inc-") && one.topic.is_some()).map(|one| one.id)
        })
        .await;
    let channel = discord.guild().channels[&room].name.clone();
    let player = Player { discord: &discord, lifeboat: &lifeboat, mei, lin, room, camera, channel };
    rescued(&player).await;
    tell(&format!("drill in Discord, {lang}: over at {} UTC there", clock.time().format("%H:%M")));
    stop.cancel();
    while tasks.join_next().await.is_some() {}
    lifeboat.finish().await;
    discord.finish().await;
}

/// From the spike to the postmortem.
async fn rescued(player: &Player<'_>) {
    let (discord, lifeboat) = (player.discord, player.lifeboat);
    let incident = lifeboat
        .until("the incident", |room| room.engine.durable().open_incidents().last().map(|one| one.id))
        .await;
    let taken = player.presses(&player.mei, &format!("v1:incident ack {incident}")).await;
    assert!(taken.contains(&incident.to_string()), "{taken}");
    assert!(!player.types("/capacity show").await.is_empty());
    assert!(!player.types("/cluster diagnose cluster:k8s-main").await.is_empty());
    player.carries_out("/node add count:4 pool:workers").await;
    let until = Instant::now() + PATIENCE;
    let mut pressed = BTreeMap::new();
    while !player.is_over(incident).await {
        assert!(Instant::now() < until, "not ended by {:?}", pressed.keys());
        player.goes_on(&mut pressed).await;
    }
    let form = player
        .mei
        .clicks(status(player).await, &format!("v1:incident update incident:{incident} conditions: "));
    form.form().await;
    player.mei.submits(&form, &[("conditions", "all nodes serve again")]).message().await;
    player.pictured("status", "article.card", &incident.to_string()).await;
    // The measured recovery is confirmed by its own button.
    player.presses(&player.mei, &format!("v1:incident mitigate {incident}")).await;
    for verb in ["resolve", "close"] {
        let answer = player.types(&format!("/incident {verb} incident:{incident}")).await;
        assert!(answer.contains(&incident.to_string()), "{verb}: {answer}");
    }
    let closed = move |room: &Room<'_>| {
        let known = room.engine.durable().incidents.get(&incident)?;
        (known.status == Status::Closed).then_some(())
    };
    lifeboat.until("the end", closed).await;
    let postmortem = discord
        .until("the postmortem", |discord| {
            discord.messages(player.room).into_iter().find(|one| one.attachments.len() == 2)
        })
        .await;
    assert!(postmortem.content.contains(&incident.to_string()));
    let asked = format!("/incident postmortem incident:{incident} format:md");
    let exported = player.mei.types(&asked, player.room).message().await;
    let text = String::from_utf8_lossy(&exported.attachments[0].bytes).into_owned();
    assert!(text.contains("P-1") && text.contains("INC-"), "{text}");
    check_said(player, incident);
}

/// The pinned status of the channel.
async fn status(player: &Player<'_>) -> Snowflake {
    let pinned = |discord: &Discord| discord.pinned(player.room).into_iter().next();
    player.discord.until("the pinned status", pinned).await.id
}

/// Everything said there says that it is a drill, and nobody was woken.
fn check_said(player: &Player<'_>, incident: IncidentId) {
    let said = player.discord.messages(player.room);
    let drill = ["**DRILL**", "**演练**"];
    let others: Vec<&str> = said
        .iter()
        // That something was pinned is said by Discord itself, without words.
        .filter(|one| one.ephemeral_to.is_none() && !one.content.is_empty())
        .filter(|one| !drill.iter().any(|word| one.content.contains(word)))
        .map(|one| one.content.as_str())
        .collect();
    assert_eq!(others, [""; 0], "{incident}");
    assert!(said.iter().all(|one| !player.mei.was_notified(one.id)));
}
