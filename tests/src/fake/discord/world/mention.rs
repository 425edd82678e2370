//! Who a message really notifies: not who is written in it, but who is allowed to be.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::snowflake::Snowflake;
use super::guild::Guild;
use super::permission::{MENTION_EVERYONE, VIEW_CHANNEL};

/// Notifications off, `@silent`.
pub(crate) const SILENT: u64 = 1 << 12;

/// Whom a text names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Mentions {
    pub(crate) users: BTreeSet<Snowflake>,
    pub(crate) roles: BTreeSet<Snowflake>,
    pub(crate) everyone: bool,
}

impl Mentions {
    /// Everybody named in the content. Nothing in code counts; a backslash in front protects nobody.
    pub(crate) fn read(content: &str) -> Self {
        let text = without_code(content);
        let mut found =
            Self { everyone: text.contains("@everyone") || text.contains("@here"), ..Self::default() };
        for piece in
            text.split('<').skip(1).filter_map(|piece| piece.split_once('>')).map(|(inside, _)| inside)
        {
            if let Some(role) = piece.strip_prefix("@&") {
                found.roles.extend(role.parse::<Snowflake>());
            } else if let Some(user) = piece.strip_prefix('@') {
                found.users.extend(user.trim_start_matches('!').parse::<Snowflake>());
            }
        }
        found
    }

    /// Those of them that `allowed_mentions` lets through; without it, all.
    pub(crate) fn allowed(mut self, by: &Value) -> Self {
        if by.is_null() {
            return self;
        }
        let parsed =
            |word: &str| by["parse"].as_array().is_some_and(|words| words.iter().any(|one| one == word));
        let listed = |list: &Value, id: &Snowflake| {
            list.as_array().is_some_and(|ids| ids.iter().any(|one| one.as_str() == Some(&id.to_string())))
        };
        self.everyone &= parsed("everyone");
        self.users.retain(|id| parsed("users") || listed(&by["users"], id));
        self.roles.retain(|id| parsed("roles") || listed(&by["roles"], id));
        self
    }

    /// The people whose client makes a sound: who sees the channel and is named, by a role that may be, or with all.
    pub(crate) fn notified(
        &self,
        guild: &Guild,
        author: Snowflake,
        channel: Snowflake,
    ) -> BTreeSet<Snowflake> {
        let shouts = guild.permissions(author, channel) & MENTION_EVERYONE != 0;
        let role_counts =
            |id: &&Snowflake| guild.roles.get(id).is_some_and(|role| role.mentionable || shouts);
        let roles: BTreeSet<_> = self.roles.iter().filter(role_counts).collect();
        let named = |id: &Snowflake, theirs: &BTreeSet<Snowflake>| {
            self.users.contains(id)
                || (self.everyone && shouts)
                || theirs.iter().any(|role| roles.contains(role))
        };
        let people = guild.members.values().filter(|person| !person.bot && person.id != author);
        people
            .filter(|person| named(&person.id, &person.roles))
            .filter(|person| guild.permissions(person.id, channel) & VIEW_CHANNEL != 0)
            .map(|person| person.id)
            .collect()
    }
}

/// The text without what stands between backticks.
fn without_code(content: &str) -> String {
    let mut rest = content;
    let mut kept = String::new();
    while let Some(start) = rest.find('`') {
        let ticks = rest[start..].chars().take_while(|sign| *sign == '`').count();
        let after = start + ticks;
        kept.push_str(&rest[..start]);
        match rest[after..].find(&"`".repeat(ticks)) {
            Some(end) => rest = &rest[after + end + ticks..],
            None => {
                kept.push_str(&rest[start..after]);
                rest = &rest[after..];
            }
        }
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(content: &str, allowed: &Value, users: &[u64], roles: &[u64], everyone: bool) {
        let ids = |ids: &[u64]| ids.iter().copied().map(Snowflake).collect();
        let expected = Mentions { users: ids(users), roles: ids(roles), everyone };
        assert_eq!(Mentions::read(content).allowed(allowed), expected, "{content} with {allowed}");
    }

    #[test]
    fn only_what_is_named_outside_code_and_allowed_is_mentioned() {
        check("hi <@1> <@!2> <@&3> @here", &Value::Null, &[1, 2], &[3], true);
        check("`<@1>` and ```\n@everyone <@&3>\n``` <@2>", &Value::Null, &[2], &[], false);
        check("\\<@1>", &Value::Null, &[1], &[], false);
        check("one ` and <@1>", &Value::Null, &[1], &[], false);
        check("<@1> <@2> <@&3> @everyone", &json!({ "parse": [] }), &[], &[], false);
        check("<@1> <@2> <@&3>", &json!({ "parse": ["roles"], "users": ["2"] }), &[2], &[3], false);
        check("<@1> <@&3> <@&4>", &json!({ "parse": [], "roles": ["3"] }), &[], &[3], false);
        check("<#5> <t:1:R> <@x>", &Value::Null, &[], &[], false);
    }
}
