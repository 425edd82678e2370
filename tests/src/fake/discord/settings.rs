//! What a test may set before the double starts.

use std::time::Duration;

use lifeboat::clock;
use lifeboat_storage::event::Time;

/// Rights of the invitation link: see the reference, section 1.7.
pub const INVITED: u64 = 2_252_126_499_752_976;

/// How the double is set up. The default is the real thing with its real clocks; see [`Settings::short`].
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where every chance comes from: unknown fields, ids of buckets, tokens.
    pub seed: u64,
    /// The date at which the double's time begins.
    pub began: Time,
    /// What the bot must show.
    pub token: String,
    /// Rights of the bot's own role on the server.
    pub permissions: u64,
    /// Intents that need a switch in the developer portal and have it, as bits.
    pub privileged_intents: u64,
    /// Clocks of the platform.
    pub clock: Clock,
    /// Limits of the platform.
    pub limits: Limits,
    /// The gateway's numbers.
    pub gateway: Numbers,
    /// How long a test waits for what must come before it fails, in real time.
    pub patience: Duration,
    /// The bot's and the fallback's traffic may not come sooner than told, with this much tolerance for what was
    /// on its way already.
    pub grace: Duration,
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Whether the server's roles, people and channels of the examples are there from the start.
    pub furnished: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            began: clock::wall(),
            token: "double.token.of-the-bot".to_owned(),
            permissions: INVITED,
            privileged_intents: 0,
            clock: Clock::default(),
            limits: Limits::default(),
            gateway: Numbers::default(),
            patience: Duration::from_secs(10),
            grace: Duration::from_millis(250),
            port: 0,
            furnished: true,
        }
    }
}

impl Settings {
    /// The same with clocks and a heartbeat short enough to be waited for.
    #[must_use]
    pub fn short() -> Self {
        Self { clock: Clock::short(), gateway: Numbers::short(), ..Self::default() }
    }
}

/// How long things last. Sources stand in the reference, sections 1.1 to 1.5.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Until when an interaction can be acknowledged.
    pub ack: Duration,
    /// How long the token of an interaction lives.
    pub token: Duration,
    /// From which age on the edits of a message are scarce.
    pub edit_age: Duration,
    /// In which time a channel may be renamed [`Limits::renames`] times.
    pub rename_window: Duration,
    /// How long a nonce is remembered ("the past few minutes").
    pub nonce: Duration,
    /// How long a session without a connection can be resumed ("a few minutes").
    pub session: Duration,
    /// In which time [`Limits::invalid`] is counted.
    pub invalid_window: Duration,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            ack: Duration::from_secs(3),
            token: Duration::from_mins(15),
            edit_age: Duration::from_hours(1),
            rename_window: Duration::from_mins(10),
            nonce: Duration::from_mins(3),
            session: Duration::from_mins(3),
            invalid_window: Duration::from_mins(10),
        }
    }
}

impl Clock {
    /// Seconds instead of minutes and hours; half of the three for the acknowledgement.
    #[must_use]
    pub fn short() -> Self {
        Self {
            ack: Duration::from_millis(1_500),
            token: Duration::from_secs(5),
            edit_age: Duration::from_secs(4),
            rename_window: Duration::from_secs(3),
            nonce: Duration::from_secs(3),
            session: Duration::from_secs(3),
            invalid_window: Duration::from_secs(3),
        }
    }
}

/// How often, how many. Discord promises few of these: whoever relies on one of them relies on the double.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests of a bot in a second over all routes.
    pub global: u32,
    /// Requests in a bucket of [`Limits::bucket_window`].
    pub bucket: u32,
    /// How long a bucket lasts.
    pub bucket_window: Duration,
    /// 401, 403 and 429 in [`Clock::invalid_window`] after which the address is banned.
    pub invalid: usize,
    /// Changes of a channel's name or topic in [`Clock::rename_window`].
    pub renames: usize,
    /// Edits of old messages of a channel in [`Limits::old_edit_window`].
    pub old_edits: usize,
    /// See [`Limits::old_edits`].
    pub old_edit_window: Duration,
    /// New commands a day and server.
    pub commands_a_day: usize,
    /// Pinned messages of a channel.
    pub pins: usize,
    /// Channels and categories of a server; threads do not count.
    pub channels: usize,
    /// Channels of a category.
    pub in_category: usize,
    /// Threads of a server that are not archived.
    pub active_threads: usize,
    /// Webhooks of a channel.
    pub webhooks: usize,
    /// Bytes of a file.
    pub file: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            global: 50,
            bucket: 5,
            bucket_window: Duration::from_secs(5),
            invalid: 10_000,
            renames: 2,
            old_edits: 3,
            old_edit_window: Duration::from_secs(20),
            commands_a_day: 200,
            pins: 250,
            channels: 500,
            in_category: 50,
            active_threads: 1_000,
            webhooks: 15,
            file: 10 * 1024 * 1024,
        }
    }
}

/// The gateway's numbers: see the reference, sections 1.6 and 3.3.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    /// What HELLO says.
    pub heartbeat_interval: Duration,
    /// Events a connection may send in [`Numbers::sent_window`].
    pub sent: usize,
    /// See [`Numbers::sent`].
    pub sent_window: Duration,
    /// Sessions that may be begun in a day.
    pub identifies: u32,
    /// Sessions that may be begun in five seconds.
    pub concurrency: u32,
    /// What an IDENTIFY must ask for exactly, where a test says so.
    pub intents: Option<u64>,
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            heartbeat_interval: Duration::from_millis(41_250),
            sent: 120,
            sent_window: Duration::from_secs(60),
            identifies: 1_000,
            concurrency: 1,
            intents: None,
        }
    }
}

impl Numbers {
    /// A heartbeat each 300 ms.
    #[must_use]
    pub fn short() -> Self {
        Self {
            heartbeat_interval: Duration::from_millis(300),
            sent: 1_000,
            concurrency: 100,
            ..Self::default()
        }
    }
}
