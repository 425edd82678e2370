//! The local Discord on a port, for trying `lifeboat run` by hand: `cargo run -p lifeboat-tests --bin fake_discord 7180`.
//!
//! Prints how to set the bot up, then every request. What is typed is done: `ana alerts /incident list` sends a command
//! as ana in #alerts, `ana alerts hello` writes there, `channels` and `broken` tell what there is and what went wrong.

use std::io::{self, BufRead};

use anyhow::Context;
use lifeboat_tests::fake::discord::{Discord, Received, Settings};
use tokio::sync::mpsc;

/// Lines typed and not yet done; who types faster waits.
const TYPED: usize = 16;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let port =
        std::env::args().nth(1).context("say on which port")?.parse().context("the port is no number")?;
    let discord = Discord::start(Settings { port, ..Settings::default() }).await;
    println!("REST {}\ntoken {}\nguild {}", discord.api_url(), discord.token(), discord.guild_id());
    for role in discord.guild().roles.values() {
        println!("role {} {}", role.id, role.name);
    }
    let mut typed = typed_lines();
    let mut seen = 0;
    loop {
        tokio::select! {
            request = discord.next_received(seen) => {
                seen += 1;
                print_request(&request);
            }
            line = typed.recv() => match line {
                Some(line) => carry_out(&discord, &line),
                None => break,
            }
        }
    }
    println!("{:#?}", discord.takes_violations());
    discord.finish().await;
    Ok(())
}

/// What comes on standard input, by a thread that ends with it.
fn typed_lines() -> mpsc::Receiver<String> {
    let (line, typed) = mpsc::channel(TYPED);
    std::thread::spawn(move || {
        let lines = io::stdin().lock().lines().map_while(Result::ok);
        lines.take_while(|text| line.blocking_send(text.clone()).is_ok()).for_each(drop);
    });
    typed
}

fn print_request(request: &Received) {
    let Received { method, path, status, code, body, .. } = request;
    println!("{method} {path} → {status} {code}\n    {body}");
}

fn carry_out(discord: &Discord, line: &str) {
    match line.trim() {
        "" => {}
        "channels" => discord.guild().channels.values().for_each(|one| println!("#{}", one.name)),
        "broken" => println!("{:#?}", discord.takes_violations()),
        deed => println!("{}", deed_of_person(discord, deed).unwrap_or_else(|why| why)),
    }
}

fn deed_of_person(discord: &Discord, line: &str) -> Result<String, String> {
    let mut words = line.splitn(3, ' ');
    let (Some(name), Some(channel), Some(text)) = (words.next(), words.next(), words.next()) else {
        return Err("say: PERSON CHANNEL TEXT".to_owned());
    };
    let guild = discord.guild();
    guild.members.values().find(|one| one.username == name).ok_or("nobody has this name")?;
    let channel =
        guild.channels.values().find(|one| one.name == channel).ok_or("no channel has this name")?.id;
    let person = discord.person(name);
    match text.starts_with('/') {
        true => person.tries(text, channel).map(|asked| format!("interaction {}", asked.id())),
        false => Ok(format!("message {}", person.says(channel, text))),
    }
}
