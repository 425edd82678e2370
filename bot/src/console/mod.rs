//! The web console: the page, who may use it, what it is given, and how it hears of news.
//!
//! | module | does |
//! | --- | --- |
//! | [`server`] | connections, TLS, limits |
//! | [`routes`], [`guard`] | which request gets which answer; what every request must and every answer does carry |
//! | [`auth`] | who somebody is |
//! | [`assets`] | the page itself |
//! | [`view`] | what the page is given, as types |
//! | [`answers`], [`chart`], [`completion`], [`export`] | these values, from what is durable |
//! | [`pushes`], [`stream`] | what has changed since, and telling it to every open page |
//! | [`control`] | the same for the command line, over a unix socket |
//!
//! Nothing here decides or remembers anything about incidents: the engine is asked at its [`Desk`].

pub mod answers;
pub mod assets;
pub mod auth;
pub mod chart;
pub mod completion;
pub mod control;
pub mod export;
mod guard;
mod problem;
pub mod pushes;
mod routes;
pub mod server;
pub mod stream;
#[cfg(test)]
mod tests;
pub mod view;

use std::sync::Arc;

use chrono_tz::Tz;
use lifeboat_commands::people::People;
use lifeboat_storage::event::{Actor, Origin};
use lifeboat_storage::id::{PersonName, World};

use crate::clock::Clock;
use crate::desk::{self, Desk};
use crate::engine::input::Speaker;
use crate::say::{Lang, Say};
use auth::Auth;
use auth::sessions::Account;

/// The console and what it asks.
pub struct Console {
    /// Where the engine is asked.
    pub desk: Desk,
    /// Who is configured.
    pub people: People,
    /// In which zone times are printed.
    pub zone: Tz,
    /// The language of the service: spoken where a reader asks for none of ours.
    pub lang: Lang,
    /// Who somebody is.
    pub auth: Arc<Auth>,
    /// What time it is here: in a drill, the drill's.
    pub clock: Arc<dyn Clock>,
    /// The machine's own time, by which sessions end.
    pub machine_clock: Arc<dyn Clock>,
    /// Real or a drill.
    pub world: World,
}

impl Console {
    /// The voice for a reader who asks for this language.
    #[must_use]
    pub fn say(&self, lang: &str) -> Say {
        Say::new(lang.parse().unwrap_or(self.lang), self.zone)
    }

    /// Who speaks, by account.
    #[must_use]
    pub fn speaker(&self, account: &Account) -> Speaker {
        let person = auth::person(&self.people, account).map(|person| person.name.clone());
        desk::speaker(person, account.name(), Origin::Console)
    }

    /// Who else a person may speak as: in a drill, and only there, one human plays several people.
    #[must_use]
    pub fn parts(&self, own: Option<&PersonName>) -> Vec<String> {
        let may = self.world != World::Real && own.is_some();
        let others = self.people.all.iter().filter(|person| may && Some(&person.name) != own);
        others.map(|person| person.name.to_string()).collect()
    }

    /// Who speaks a line, and the line itself. The part is named by the request, or stands in front of the line:
    /// `@mei /plan approve`, `@mei: on my way`. Where no part may be played, a line is what its own account says.
    #[must_use]
    pub fn spoken<'a>(&self, own: Speaker, part: &str, line: &'a str) -> (Speaker, &'a str) {
        let parts = self.parts(own.person.as_ref());
        let plays = |name: &str| {
            let person = Some(PersonName::new(name)).filter(|_| parts.iter().any(|known| known == name))?;
            let actor = Actor { person: Some(person.clone()), ..own.actor.clone() };
            Some(Speaker { person: Some(person), actor, granted: None })
        };
        if let Some((name, rest)) = addressed(line)
            && let Some(speaker) = plays(name)
        {
            return (speaker, rest);
        }
        (plays(part).unwrap_or(own), line)
    }
}

/// `@mei /plan approve` and `@mei: on my way`; a message that only begins with a name is a message.
fn addressed(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.trim_start().strip_prefix('@')?.split_once(char::is_whitespace)?;
    let (plain, rest) = (name.trim_end_matches([':', '：']), rest.trim_start());
    (rest.starts_with('/') || plain.len() < name.len()).then_some((plain, rest))
}
