//! A Discord for tests: REST and gateway on one loopback port, with one server.
//!
//! It answers like the real one, refusals and delays included, and is stricter where it differs: every request is held
//! against Discord's OpenAPI document (`tests/fixtures/discord/openapi.json`), against the rules that document leaves
//! out, and against our own (`allowed_mentions` on every send and edit, a reason for every change of a channel).
//! What no bot of ours should ever do is a *violation*: it is refused, noted down, and fails the test when the double
//! goes away. What a good bot may meet (a channel that is gone, a limit, a late acknowledgement) is just refused.
//!
//! ```no_run
//! # async fn example() {
//! use lifeboat_tests::fake::discord::{Discord, Fault, Script, Settings, Where};
//!
//! let discord = Discord::start(Settings::default()).await;
//! // … start the bot with discord.base_url(), discord.token() and discord.guild_id() …
//! discord.connected().await;
//!
//! let alerts = discord.channel("alerts").id;
//! let asked = discord.person("ana").types("/incident declare title:502 on api severity:sev2", alerts);
//! assert!(asked.acknowledged().await.as_millis() < 1_500);
//! let card = asked.message().await;
//! discord.person("mei").clicks(card.id, "Take it").message().await;
//!
//! discord.plays(&Script::HangsUp);
//! discord.fails(Where::At("create_message"), Fault::ResetAfter, 1);
//! discord.advance(std::time::Duration::from_mins(55));
//! discord.finish().await;
//! # }
//! ```
//!
//! Its time is the machine's and as much more as [`Discord::advance`] says: who wants to see an interaction's token die
//! need not wait fifteen minutes. The order of work: [`gate`](rest) (limits, faults) → `schema` → `rules` → `rest/*`,
//! which changes the `World`; the gateway's half is in `gateway/`.

mod answer;
mod asked;
mod call;
mod fault;
mod form;
mod garnish;
pub mod gateway;
mod handle;
mod limit;
mod multipart;
mod person;
mod received;
mod refusal;
mod rest;
mod rules;
mod schema;
mod server;
mod settings;
mod shared;
mod snowflake;
mod spec;
mod time;
mod typed;
mod wire;
pub mod world;

pub use asked::Asked;
pub use fault::{Fault, Outage, Where};
pub use gateway::record::{Connection, Door, Ended};
pub use gateway::script::Script;
pub use handle::Discord;
pub use person::Person;
pub use received::Received;
pub use settings::{Clock, INVITED, Limits, Numbers, Settings};
pub use snowflake::Snowflake;
