//! The built program is killed again and again while people give commands, and its socket is cut. What is counted is
//! what stands in the channel there, not what our record holds.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use lifeboat::app::run::Around;
use lifeboat::config::{Config, Lang};
use lifeboat_tests::fake::discord::world::message::Message;
use lifeboat_tests::fake::discord::{Asked, Connection, Discord, Person, Script, Settings, Snowflake};
use lifeboat_tests::process;
use lifeboat_tests::tier::{Tier, require, tell};
use lifeboat_tests::traffic::seeded::Seeded;

use super::lifeboat::{ALL, Lifeboat, configured, person};

/// Unknown interaction: nobody waits for the answer any more.
const TOO_LATE: u32 = 10_062;
/// How long everything may take to be settled after the last kill.
const PATIENCE: Duration = Duration::from_secs(30);

/// A double whose limits do not make a test wait: a channel takes what three people type.
fn generous() -> Settings {
    let mut settings = Settings { patience: Duration::from_secs(60), ..Settings::default() };
    (settings.limits.bucket, settings.limits.global) = (1_000, 5_000);
    settings.gateway.concurrency = 100;
    settings
}

/// The sections of `lifeboat.toml` that lead to the double, with Mei who may everything.
fn sections(discord: &Discord, mei: Snowflake) -> String {
    let mut text = String::new();
    let (guild, api) = (discord.guild_id(), discord.api_url());
    write!(text, "[discord]\ntoken_file = \"discord.token\"\nguild = \"{guild}\"\napi = \"{api}\"\n\n")
        .and_then(|()| write!(text, "[[person]]\nname = \"Mei\"\ndiscord = \"{mei}\"\nroles = [\"admin\"]\n"))
        .expect("a text");
    text
}

/// The built program with its token beside it; it does not run yet.
fn prepared(discord: &Discord, mei: Snowflake) -> process::Lifeboat {
    let lifeboat = process::Lifeboat::prepare(&sections(discord, mei)).unwrap();
    let file = lifeboat.folder().join("discord.token");
    std::fs::write(&file, discord.token()).unwrap();
    std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    lifeboat
}

/// A channel with an incident in it.
async fn room(discord: &Discord, mei: &Person) -> Snowflake {
    discord.until("commands", |discord| (!discord.commands().is_empty()).then_some(())).await;
    let alerts = discord
        .until("#alerts", |discord| {
            discord.guild().channels.values().find(|one| one.name == "alerts").map(|one| one.id)
        })
        .await;
    mei.types("/incident declare title:it fails", alerts).message().await;
    let opened = |discord: &Discord| {
        discord.guild().channels.values().find(|one| one.name.starts_with("inc-0001")).map(|one| one.id)
    };
    discord.until("the incident's channel", opened).await
}

/// How often something that contains this stands in the channel for all to see.
fn stands(discord: &Discord, room: Snowflake, text: &str) -> usize {
    let shown = |one: &&Message| one.ephemeral_to.is_none() && one.embeds.is_empty();
    discord.messages(room).iter().filter(shown).filter(|one| one.content.contains(text)).count()
}

/// A note somebody gave, and what they saw of it.
struct Note {
    text: String,
    asked: Asked,
}

impl Note {
    fn give(mei: &Person, room: Snowflake, text: String) -> Self {
        let asked = mei.types(&format!("/incident note text:{text}"), room);
        Self { text, asked }
    }

    /// What stands where the answer is.
    fn answered(&self, discord: &Discord) -> Option<String> {
        let message = self.asked.interaction().original?;
        discord.message(message).map(|message| message.content)
    }

    /// It stands there once, or who gave it was told that it does not: by the answer, or in the channel.
    fn is_settled(&self, discord: &Discord, room: Snowflake) -> bool {
        let told = self.answered(discord).is_some_and(|text| text.contains("Run it again"));
        stands(discord, room, &self.text) == 1 || told || self.is_missed(discord, room)
    }

    /// Waits until it is as wanted; says what became of it where it is not.
    async fn comes(&self, discord: &Discord, wanted: impl Fn(&Discord) -> bool) {
        let comes = discord.until(&self.text, |discord| wanted(discord).then_some(()));
        if tokio::time::timeout(PATIENCE, comes).await.is_err() {
            let (asked, answered) = (self.asked.interaction(), self.answered(discord));
            panic!("{}: {answered:?}; first {:?}, refused {:?}", self.text, asked.answer, asked.refused);
        }
    }

    /// The channel says that it came while Lifeboat was away, and when.
    fn is_missed(&self, discord: &Discord, room: Snowflake) -> bool {
        let asked = self.asked.interaction();
        asked.answer.is_none()
            && asked.refused.contains(&TOO_LATE)
            && stands(discord, room, "missed `/incident note`") > 0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_kill_nine_each_command_stands_in_the_channel_once_or_its_loss_is_told() {
    if !require(Tier::Real, "") {
        return;
    }
    let kills = if Tier::asked() >= Tier::Deep { 50 } else { 8 };
    let discord = Discord::start(generous()).await;
    let mei = discord.adds_person("mei-l", "en-US", &[]);
    let mut lifeboat = prepared(&discord, mei.id());
    lifeboat.restart().unwrap();
    let room = room(&discord, &mei).await;
    let (mut dice, mut notes) = (Seeded::new(9, 50), Vec::new());
    for kill in 0..kills {
        if dice.below(4) > 0 {
            discord.connected().await;
        }
        for n in 0..=dice.below(3) {
            notes.push(Note::give(&mei, room, format!("note {kill}-{n}.")));
        }
        // Anywhere between the command and its last answer.
        tokio::time::sleep(Duration::from_millis(dice.below(250))).await;
        lifeboat.kill().unwrap();
        notes.push(Note::give(&mei, room, format!("note {kill}-away.")));
        if dice.below(6) == 0 {
            // Too late to be answered.
            discord.advance(Duration::from_secs(4));
        }
        lifeboat.restart().unwrap();
    }
    for note in &notes {
        note.comes(&discord, |discord| note.is_settled(discord, room)).await;
    }
    let last = Note::give(&mei, room, "the last one.".to_owned());
    discord.until("the last note", |discord| (stands(discord, room, &last.text) == 1).then_some(())).await;

    let (mut cut, mut missed) = (0, 0);
    for note in &notes {
        let there = stands(&discord, room, &note.text);
        assert!(there <= 1, "{} stands there {there} times", note.text);
        let answer = note.answered(&discord).unwrap_or_default();
        assert!(there == 1 || !answer.contains("INC-0001"), "{}: {answer:?}, and it is not there", note.text);
        cut += usize::from(there == 0 && !answer.is_empty());
        missed += usize::from(there == 0 && answer.is_empty());
    }
    let cards = discord.messages(room).iter().filter(|one| !one.embeds.is_empty()).count();
    assert_eq!(cards, 1, "one status");
    let sessions = discord.connections().iter().filter(|one| one.identify.is_some()).count();
    tell(&format!(
        "kill -9: {kills} times, {} commands, {cut} cut short and {missed} missed, all told, none twice; {sessions} session(s)",
        notes.len()
    ));
    assert!(lifeboat.stop().unwrap().success());
    discord.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_random_cuts_of_the_socket_each_command_stands_in_the_channel_once() {
    if !require(Tier::Real, "") {
        return;
    }
    let cuts = if Tier::asked() >= Tier::Deep { 200 } else { 20 };
    let discord = Discord::start(generous()).await;
    let mei = discord.adds_person("mei-l", "en-US", &[]);
    let people = vec![person("Mei", mei.id(), &ALL)];
    let around = |_: &mut Config| Around::real();
    let mut lifeboat = Lifeboat::around(Lang::En, configured(&discord, Lang::En), people, around).await;
    discord.connected().await;
    let room = room(&discord, &mei).await;
    let (mut dice, mut notes, mut slowest) = (Seeded::new(7, 200), Vec::new(), Duration::ZERO);
    for cut in 0..cuts {
        for n in 0..dice.below(3) {
            notes.push(Note::give(&mei, room, format!("note {cut}-{n}.")));
        }
        // A link that is cut within its first second is mended more slowly each time: the link's own tests do that.
        tokio::time::sleep(Duration::from_millis(1_000 + dice.below(600))).await;
        let before = discord.connections().len();
        let began = Instant::now();
        discord.plays(match dice.below(5) {
            0 => &Script::HangsUp,
            1 => &Script::Resets,
            2 => &Script::ClosesWithoutCode,
            3 => &Script::Repeats,
            _ => &Script::Reconnect,
        });
        notes.push(Note::give(&mei, room, format!("note {cut}-between.")));
        let resumed = |one: &Connection| one.session.is_some() && one.ended.is_none() && one.resume.is_some();
        let again = |discord: &Discord| discord.connections().into_iter().skip(before).find(resumed);
        discord.until("the session again", again).await;
        slowest = slowest.max(began.elapsed());
    }
    for note in &notes {
        note.comes(&discord, |discord| stands(discord, room, &note.text) > 0).await;
    }
    let wrong: Vec<&str> = notes
        .iter()
        .filter(|note| stands(&discord, room, &note.text) != 1)
        .map(|note| note.text.as_str())
        .collect();
    assert_eq!(wrong, [""; 0], "each is there once");
    assert!(slowest < Duration::from_secs(2), "the slowest resume took {slowest:?}");
    let begun = discord.connections().iter().filter(|one| one.identify.is_some()).count();
    assert_eq!(begun, 1, "one session for all of it");
    tell(&format!("cuts: {cuts}, {} commands, each once; slowest resume {slowest:?}", notes.len()));
    lifeboat.finish().await;
    discord.finish().await;
}
