//! Configured people: who somebody is by their account, and what they may do.

use lifeboat_storage::id::PersonName;
use serde::{Deserialize, Serialize};

/// What a person may do. Checked one by one; the configuration lets each role include those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Reads everything that is not secret. Everybody who is configured has it.
    Reader,
    /// Works on incidents: declare, ack, note, update, task, role, mitigate, resolve.
    Responder,
    /// Acts on machines: asks for plans and confirms them.
    Operator,
    /// Is the second person of a plan that needs two.
    Approver,
    /// Decides on incidents: severity, status, close, cancel, reopen, merge; silences alerts.
    Commander,
    /// Redacts.
    Admin,
}

/// One configured person with all accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name shown everywhere.
    pub name: PersonName,
    /// Name of the console token.
    pub console: Option<String>,
    /// User of the operating system Lifeboat runs on.
    pub os: Option<String>,
    /// Id of their Discord account.
    pub discord: Option<String>,
    /// What they may do, beyond reading.
    pub permissions: Vec<Permission>,
}

impl Person {
    /// Whether they may.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        permission == Permission::Reader || self.permissions.contains(&permission)
    }
}

/// All configured people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People(pub Vec<Person>);

impl People {
    /// By name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Person> {
        self.0.iter().find(|person| person.name.as_str() == name)
    }

    /// By name, or as Discord writes a mention: `<@80351110224678912>`, `<@!80351110224678912>`.
    #[must_use]
    pub fn meant(&self, typed: &str) -> Option<&Person> {
        let mentioned = || {
            let id = typed.trim().strip_prefix("<@")?.strip_suffix('>')?;
            self.by_discord(id.strip_prefix('!').unwrap_or(id))
        };
        self.named(typed).or_else(mentioned)
    }

    /// By the name of a console token.
    #[must_use]
    pub fn by_console(&self, token: &str) -> Option<&Person> {
        self.0.iter().find(|person| person.console.as_deref() == Some(token))
    }

    /// By the user of the operating system.
    #[must_use]
    pub fn by_os(&self, user: &str) -> Option<&Person> {
        self.0.iter().find(|person| person.os.as_deref() == Some(user))
    }

    /// By the id of a Discord account.
    #[must_use]
    pub fn by_discord(&self, id: &str) -> Option<&Person> {
        self.0.iter().find(|person| person.discord.as_deref() == Some(id))
    }

    /// Everybody who may, in order of configuration.
    #[must_use]
    pub fn who_could(&self, permission: Permission) -> Vec<PersonName> {
        self.0.iter().filter(|person| person.may(permission)).map(|person| person.name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_meant_by_name_and_by_a_mention() {
        let mei = Person {
            name: PersonName::new("Mei"),
            console: None,
            os: None,
            discord: Some("801".to_owned()),
            permissions: Vec::new(),
        };
        let people = People(vec![mei]);
        for (typed, known) in [
            ("Mei", true),
            ("<@801>", true),
            ("<@!801>", true),
            ("<@802>", false),
            ("<@&801>", false),
            ("801", false),
            ("", false),
        ] {
            assert_eq!(people.meant(typed).is_some(), known, "{typed}");
        }
    }
}
