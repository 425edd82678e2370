//! Who may do what where. Bits and order: developers/topics/permissions, checked 2026-08-06.

use super::channel::{Channel, Overwrite};
use super::guild::{Guild, Member};

/// Edit and delete channels.
pub const MANAGE_CHANNELS: u64 = 1 << 4;
/// See a channel and what is in it.
pub const VIEW_CHANNEL: u64 = 1 << 10;
/// Write in a channel that is no thread.
pub const SEND_MESSAGES: u64 = 1 << 11;
/// Delete the messages of others.
pub const MANAGE_MESSAGES: u64 = 1 << 13;
/// Send embeds.
pub const EMBED_LINKS: u64 = 1 << 14;
/// Send files.
pub const ATTACH_FILES: u64 = 1 << 15;
/// Read what was written before.
pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
/// Notify everyone, and roles that are not mentionable.
pub const MENTION_EVERYONE: u64 = 1 << 17;
/// Everything.
pub const ADMINISTRATOR: u64 = 1 << 3;
/// Add a reaction nobody has added yet.
pub const ADD_REACTIONS: u64 = 1 << 6;
/// Edit overwrites.
pub const MANAGE_ROLES: u64 = 1 << 28;
/// Make and delete webhooks.
pub const MANAGE_WEBHOOKS: u64 = 1 << 29;
/// Use commands.
pub const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
/// Archive, lock and delete threads.
pub const MANAGE_THREADS: u64 = 1 << 34;
/// Make a thread everybody sees.
pub const CREATE_PUBLIC_THREADS: u64 = 1 << 35;
/// Make a thread by invitation.
pub const CREATE_PRIVATE_THREADS: u64 = 1 << 36;
/// Write in threads.
pub const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;
/// Pin and unpin, since 2026-02-23 apart from [`MANAGE_MESSAGES`].
pub const PIN_MESSAGES: u64 = 1 << 51;

/// What people on our server have without any role.
pub const EVERYONE: u64 = VIEW_CHANNEL
    | SEND_MESSAGES
    | READ_MESSAGE_HISTORY
    | ADD_REACTIONS
    | USE_APPLICATION_COMMANDS
    | SEND_MESSAGES_IN_THREADS
    | ATTACH_FILES
    | EMBED_LINKS;

/// Rights on the server, before any channel.
pub(crate) fn base(guild: &Guild, member: &Member) -> u64 {
    if member.id == guild.owner {
        return u64::MAX >> 11;
    }
    let roles = guild.roles.values().filter(|role| role.id == guild.id || member.roles.contains(&role.id));
    let bits = roles.fold(0, |bits, role| bits | role.permissions);
    if bits & ADMINISTRATOR == 0 { bits } else { u64::MAX >> 11 }
}

/// Rights in a channel; a thread has those of its parent.
pub(crate) fn within(guild: &Guild, member: &Member, channel: &Channel) -> u64 {
    let bits = base(guild, member);
    if bits & ADMINISTRATOR != 0 {
        return bits;
    }
    let place = channel.thread.as_ref().and_then(|_| guild.channels.get(&channel.parent?)).unwrap_or(channel);
    implied(layered(bits, guild, member, &place.overwrites))
}

fn layered(bits: u64, guild: &Guild, member: &Member, overwrites: &[Overwrite]) -> u64 {
    let turned = |bits: u64, deny: u64, allow: u64| (bits & !deny) | allow;
    let all = |wanted: &dyn Fn(&Overwrite) -> bool| {
        overwrites.iter().filter(|one| wanted(one)).fold((0, 0), |(d, a), one| (d | one.deny, a | one.allow))
    };
    let (deny, allow) = all(&|one| one.id == guild.id);
    let bits = turned(bits, deny, allow);
    let (deny, allow) = all(&|one| one.id != guild.id && member.roles.contains(&one.id));
    let bits = turned(bits, deny, allow);
    let (deny, allow) = all(&|one| one.id == member.id);
    turned(bits, deny, allow)
}

/// Who does not see a channel can do nothing there; who cannot write cannot shout either.
fn implied(bits: u64) -> u64 {
    if bits & VIEW_CHANNEL == 0 {
        return 0;
    }
    if bits & SEND_MESSAGES == 0 {
        return bits & !(MENTION_EVERYONE | ATTACH_FILES | EMBED_LINKS);
    }
    bits
}
