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

/// What a role of the server in Discord permits whoever has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscordRole {
    /// Its id there.
    pub id: u64,
    /// What it is called where Discord does not show its name, if that is configured.
    pub name: Option<String>,
    /// What whoever has it may do, beyond reading. The second person of a plan must be configured besides.
    pub permissions: Vec<Permission>,
}

impl DiscordRole {
    /// Its name; its id where none is configured.
    #[must_use]
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.id.to_string())
    }
}

/// Who could do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoCould {
    /// What it takes.
    pub needs: Permission,
    /// By name, in order of configuration.
    pub people: Vec<PersonName>,
    /// And whoever has one of these roles; where it takes an approver, the configured people among them.
    pub roles: Vec<DiscordRole>,
}

impl WhoCould {
    /// These people, and nobody by a role.
    #[must_use]
    pub fn by_name(needs: Permission, people: Vec<PersonName>) -> Self {
        Self { needs, people, roles: Vec::new() }
    }

    /// Nobody could.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.roles.is_empty()
    }
}

/// All configured people, and what roles in Discord permit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// Each person once, in the order written.
    pub all: Vec<Person>,
    /// Each role once, in the order written.
    pub roles: Vec<DiscordRole>,
}

impl From<Vec<Person>> for People {
    fn from(all: Vec<Person>) -> Self {
        Self { all, roles: Vec::new() }
    }
}

impl People {
    /// By name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Person> {
        self.all.iter().find(|person| person.name.as_str() == name)
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
        self.all.iter().find(|person| person.console.as_deref() == Some(token))
    }

    /// By the user of the operating system.
    #[must_use]
    pub fn by_os(&self, user: &str) -> Option<&Person> {
        self.all.iter().find(|person| person.os.as_deref() == Some(user))
    }

    /// By the id of a Discord account.
    #[must_use]
    pub fn by_discord(&self, id: &str) -> Option<&Person> {
        self.all.iter().find(|person| person.discord.as_deref() == Some(id))
    }

    /// What somebody may by the roles they have in Discord.
    #[must_use]
    pub fn by_roles(&self, ids: &[u64]) -> Vec<Permission> {
        let held = self.roles.iter().filter(|role| ids.contains(&role.id));
        held.flat_map(|role| role.permissions.iter().copied()).collect()
    }

    /// Everybody who may.
    #[must_use]
    pub fn who_could(&self, needs: Permission) -> WhoCould {
        let people = self.all.iter().filter(|person| person.may(needs));
        let people = people.map(|person| person.name.clone()).collect();
        let roles = self.roles.iter().filter(|role| role.permissions.contains(&needs));
        WhoCould { needs, people, roles: roles.cloned().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_could_is_everybody_who_may_by_name_and_every_role_that_permits_it() {
        use Permission::{Admin, Commander, Operator, Responder};
        let mei = Person {
            name: PersonName::new("Mei"),
            console: None,
            os: None,
            discord: None,
            permissions: vec![Responder, Commander],
        };
        let role = |id, permissions: &[Permission]| DiscordRole {
            id,
            name: None,
            permissions: permissions.to_vec(),
        };
        let (on_call, ops) = (role(300, &[Responder]), role(301, &[Responder, Operator]));
        let people = People { all: vec![mei], roles: vec![on_call.clone(), ops.clone()] };
        for (needs, names, roles) in [
            (Responder, vec!["Mei"], vec![on_call, ops.clone()]),
            (Operator, vec![], vec![ops]),
            (Commander, vec!["Mei"], vec![]),
            (Admin, vec![], vec![]),
        ] {
            let names = names.into_iter().map(PersonName::new).collect();
            assert_eq!(people.who_could(needs), WhoCould { needs, people: names, roles });
        }
        assert_eq!(people.by_roles(&[301, 999]), [Responder, Operator]);
    }

    #[test]
    fn a_person_is_meant_by_name_and_by_a_mention() {
        let mei = Person {
            name: PersonName::new("Mei"),
            console: None,
            os: None,
            discord: Some("801".to_owned()),
            permissions: Vec::new(),
        };
        let people = People::from(vec![mei]);
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
