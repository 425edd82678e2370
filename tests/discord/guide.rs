//! `docs/discord.md`, followed to the letter with the built program and the double as Discord: its blocks are run and
//! written down as they stand, with our ids for the examples'.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use lifeboat_tests::fake::discord::world::permission::MANAGE_ROLES;
use lifeboat_tests::fake::discord::{Discord, INVITED, Settings};
use lifeboat_tests::process::Lifeboat;
use lifeboat_tests::tier::{Tier, require, tell};

/// The fenced blocks of the guide in order: language and text.
fn blocks() -> Vec<(String, String)> {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/discord.md")).unwrap();
    let mut pieces = guide.split("```").skip(1);
    let mut blocks = Vec::new();
    while let Some(block) = pieces.next() {
        let (language, text) = block.split_once('\n').unwrap();
        let text: Vec<&str> = text.lines().map(|line| line.strip_prefix("   ").unwrap_or(line)).collect();
        blocks.push((language.trim().to_owned(), text.join("\n")));
        pieces.next();
    }
    blocks
}

/// Runs it as a shell does, in the folder, with `typed` at its input.
fn shell(lifeboat: &Lifeboat, line: &str, typed: &str) -> Output {
    let mut child = Command::new("sh")
        .args(["-ec", line])
        .current_dir(lifeboat.folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_the_guide_has_the_first_alert_in_discord() {
    if !require(Tier::Real, "") {
        return;
    }
    let began = Instant::now();
    let discord = Discord::start(Settings { furnished: false, ..Settings::default() }).await;
    let (mei, role) = (discord.adds_person("mei-l", "en-US", &[]), discord.adds_role("on-call"));
    let blocks = blocks();
    let languages: Vec<&str> = blocks.iter().map(|(language, _)| language.as_str()).collect();
    assert_eq!(languages, ["sh", "toml", "sh", "toml", "toml", "toml", "sh"]);
    let mut lifeboat = Lifeboat::prepare("").unwrap();
    let folder = lifeboat.folder().display().to_string();
    let ours = |text: &str| {
        text.replace("/etc/lifeboat", &folder)
            .replace("600000000000000001", &discord.guild_id().to_string())
            .replace("200000000000000002", &mei.id().to_string())
            .replace("300000000000000001", &role.to_string())
    };

    // 1. The token. 2. The server; where it is stands in no guide: it is Discord everywhere else.
    let kept = shell(&lifeboat, &ours(&blocks[0].1), &discord.token());
    assert!(kept.status.success(), "{}", printed(&kept));
    let mut sections = format!("{}\napi = \"{}\"\n", ours(&blocks[1].1), discord.api_url());
    let write = |lifeboat: &Lifeboat, sections: &str| {
        let file = lifeboat.folder().join("lifeboat.toml");
        let head = format!("data_dir = \"data\"\n[console]\nlisten = \"{}\"\n", lifeboat.listen());
        std::fs::write(file, format!("{head}\n{sections}")).unwrap();
    };
    write(&lifeboat, &sections);
    let checked = lifeboat.say(&["check"]).unwrap();
    assert!(checked.status.success(), "{}", printed(&checked));

    // 3. The link.
    assert_eq!(blocks[2].1.trim(), "lifeboat invite");
    let link = lifeboat.say(&["invite"]).unwrap();
    let told = printed(&link);
    assert!(link.status.success(), "{told}");
    let wanted = [
        format!("client_id={}", discord.application_id()),
        format!("permissions={}&", INVITED & !MANAGE_ROLES),
        "scope=bot+applications.commands".to_owned(),
    ];
    for part in &wanted {
        assert!(told.contains(part), "{part} in {told}");
    }

    // 4. Who is who, and who must come.
    writeln!(sections, "{}", ours(&blocks[5].1)).unwrap();
    for block in &blocks[3..5] {
        writeln!(sections, "\n{}", ours(&block.1)).unwrap();
    }
    write(&lifeboat, &sections);

    // 5. Look, start, see it.
    let before = printed(&lifeboat.say(&["doctor"]).unwrap());
    lifeboat.restart().unwrap();
    discord.connected().await;
    discord.until("commands", |discord| (!discord.commands().is_empty()).then_some(())).await;
    let alerts = discord.until("#alerts", |discord| {
        discord.guild().channels.values().find(|one| one.name == "alerts").map(|one| one.id)
    });
    let alerts = match tokio::time::timeout(Duration::from_secs(1), alerts).await {
        Ok(alerts) => alerts,
        // Nothing was said yet: any channel will do for the first word.
        Err(_) => discord.adds_channel("general", 0, None),
    };
    mei.types("/alert test", alerts).message().await;
    let stands = |discord: &Discord| {
        let alerts = discord.guild().channels.values().find(|one| one.name == "alerts")?.id;
        discord.messages(alerts).into_iter().next()
    };
    let first = discord.until("the first alert", stands).await;
    let took = began.elapsed();
    assert!(first.content.contains(&format!("<@&{role}>")), "phones sound: {}", first.content);
    assert_eq!(first.flags, 0, "it is not sent without a sound");
    mei.types("/incident declare title:try", alerts).message().await;
    let room = discord
        .until("a channel with a pinned status", |discord| {
            let room =
                discord.guild().channels.values().find(|one| one.name.starts_with("inc-0001")).cloned()?;
            (!discord.pinned(room.id).is_empty()).then_some(room)
        })
        .await;
    mei.types("/incident cancel reason:try", room.id).message().await;
    discord
        .until("the channel put away", |discord| {
            (discord.guild().channels[&room.id].parent != room.parent).then_some(())
        })
        .await;
    let doctor = lifeboat.say(&["doctor"]).unwrap();
    let after = printed(&doctor);
    assert!(doctor.status.success(), "{after}");
    tell(&format!("the guide: {took:?} to the first alert, without the clicks\n{before}\n{after}"));
    assert!(lifeboat.stop().unwrap().success());
    discord.finish().await;
}
