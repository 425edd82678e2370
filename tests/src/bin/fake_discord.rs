//! The local Discord on a port, for trying `lifeboat run` by hand: `cargo run -p lifeboat-tests --bin fake_discord 7180`.
//!
//! Prints how to set the bot up, then every request. What is typed is done:
//!
//! ```text
//! ana alerts hello                       she writes there
//! ana alerts /incident list              she sends a command there
//! ana alerts [Take it]                   she clicks the newest button of this label there
//! ana alerts {conditions=half of all fail; needs=eyes on DNS}
//!                                        she fills in the form she was shown last, and sends it off
//! ana alerts ?                           what she sees there: texts, buttons, files
//! person lin zh-CN responder             somebody more, with a language and a role (made where there is none)
//! channels                               the channels there are
//! broken                                 what the bot did wrong since it was asked last
//! ```

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use anyhow::Context;
use lifeboat_tests::fake::discord::{Asked, Discord, Person, Received, Settings, Snowflake};
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
    let mut hand = Hand { discord: &discord, asked: BTreeMap::new() };
    let mut typed = typed_lines();
    let mut seen = 0;
    loop {
        tokio::select! {
            request = discord.next_received(seen) => {
                seen += 1;
                print_request(&request);
            }
            line = typed.recv() => match line {
                Some(line) => hand.carries_out(line.trim()),
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

/// Does what is typed, for whoever it is typed for.
struct Hand<'a> {
    discord: &'a Discord,
    /// What each person clicked or typed last: its answer can be a form.
    asked: BTreeMap<String, Asked>,
}

impl Hand<'_> {
    fn carries_out(&mut self, line: &str) {
        match line {
            "" => {}
            "channels" => self.discord.guild().channels.values().for_each(|one| println!("#{}", one.name)),
            "broken" => println!("{:#?}", self.discord.takes_violations()),
            deed => println!("{}", self.deed(deed).unwrap_or_else(|why| why)),
        }
    }

    fn deed(&mut self, line: &str) -> Result<String, String> {
        let mut words = line.splitn(3, ' ');
        let (Some(name), Some(place), Some(text)) = (words.next(), words.next(), words.next()) else {
            return Err("say: PERSON CHANNEL TEXT, or person NAME LANGUAGE ROLE".to_owned());
        };
        if name == "person" {
            return self.adds(place, text);
        }
        let guild = self.discord.guild();
        guild.members.values().find(|one| one.username == name).ok_or("nobody has this name")?;
        let channel = guild.channels.values().find(|one| one.name == place);
        let channel = channel.ok_or("no channel has this name")?.id;
        let person = self.discord.person(name);
        let asked = match text.split_at_checked(1) {
            Some(("?", "")) => return Ok(seen(&person, channel)),
            Some(("/", _)) => person.tries(text, channel)?,
            Some(("[", label)) => clicked(&person, channel, label.trim_end_matches(']'))?,
            Some(("{", fields)) => self.filled(name, &person, fields.trim_end_matches('}'))?,
            _ => return Ok(format!("message {}", person.says(channel, text))),
        };
        let told = format!("interaction {}", asked.id());
        self.asked.insert(name.to_owned(), asked);
        Ok(told)
    }

    fn adds(&self, name: &str, rest: &str) -> Result<String, String> {
        let (locale, role) = rest.split_once(' ').ok_or("say: person NAME LANGUAGE ROLE")?;
        let found = self.discord.guild().roles.values().find(|one| one.name == role).map(|one| one.id);
        let id = found.unwrap_or_else(|| self.discord.adds_role(role));
        let person = self.discord.adds_person(name, locale, &[role]);
        Ok(format!("person {} with role {id} {role}", person.id()))
    }

    fn filled(&self, name: &str, person: &Person, fields: &str) -> Result<Asked, String> {
        let shown = self.asked.get(name).ok_or("no form was shown")?;
        let pairs = fields.split(';').map(|field| field.trim().split_once('='));
        let pairs: Option<Vec<(&str, &str)>> = pairs.collect();
        person.tries_to_submit(shown, &pairs.ok_or("say: {FIELD=TEXT; FIELD=TEXT}")?)
    }
}

fn clicked(person: &Person, channel: Snowflake, label: &str) -> Result<Asked, String> {
    let messages = person.sees(channel);
    let newest = messages.iter().rev().find(|one| one.control(label).is_some());
    person.tries_to_click(newest.ok_or("no message there has this button")?.id, label)
}

fn seen(person: &Person, channel: Snowflake) -> String {
    let shown = person.sees(channel).into_iter().map(|one| {
        let labels = one.controls().filter_map(|control| control["label"].as_str());
        let buttons: String = labels.map(|label| format!(" [{label}]")).collect();
        let files: String = one.attachments.iter().map(|file| format!(" <{}>", file.filename)).collect();
        let alone = if one.ephemeral_to.is_some() { " (for her or him alone)" } else { "" };
        format!("— {}{alone}\n{}{buttons}{files}\n", one.id, one.text())
    });
    shown.collect()
}
