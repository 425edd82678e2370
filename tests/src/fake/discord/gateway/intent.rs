//! What a session asks to hear of. developers/events/gateway, checked 2026-08-06.

/// Server, channels, threads, roles.
pub const GUILDS: u64 = 1 << 0;
/// Members; privileged.
pub const GUILD_MEMBERS: u64 = 1 << 1;
/// Who is there; privileged.
pub const GUILD_PRESENCES: u64 = 1 << 8;
/// Messages of channels.
pub const GUILD_MESSAGES: u64 = 1 << 9;
/// Reactions in channels.
pub const GUILD_MESSAGE_REACTIONS: u64 = 1 << 10;
/// What stands in the messages of others; privileged.
pub const MESSAGE_CONTENT: u64 = 1 << 15;

/// Those that need a switch in the developer portal.
pub(crate) const PRIVILEGED: u64 = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT;
/// Everything documented: bits 0 to 16, 20, 21, 24 and 25.
pub(crate) const KNOWN: u64 = 0x1_FFFF | (1 << 20) | (1 << 21) | (1 << 24) | (1 << 25);
