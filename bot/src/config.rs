//! `lifeboat.toml`: what is watched, who may do what, and where Lifeboat is reached.
//!
//! ```text
//! file ──▶ trusted_file ──▶ reader ──▶ sections ──▶ Config
//!          (nobody else     (every key asked for      │
//!           may write it)    is known; the rest       └─ or Problems: all of them at once,
//!                            is refused)                 each with file:line:column
//! ```
//!
//! A problem is data; [`render`] words it in English and Chinese. A relative path in the file is taken from the
//! folder the file stands in. Secrets are never written into the file: it names a file or a variable.

mod file;
mod problem;
mod reader;
mod secret;
mod sections;
mod wording;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use lifeboat_commands::fleet::Fleet;
use lifeboat_commands::people::People;
use lifeboat_storage::event::Severity;
use lifeboat_storage::id::ServiceName;
use reqwest::Url;

use crate::chat::discord::address::{GatewayAddress, RestAddress};
use crate::source::access_log::LogFormat;

pub use crate::say::lang::{Lang, NotALanguage};
pub use file::{Exposed, Machine, Surroundings, find, load, load_watchful};
pub use problem::{Key, Place, Problem, Problems, Trouble, Want};
pub use secret::{SecretString, SecretUrl};
pub use sections::read;
pub use wording::{exposed, render};

#[cfg(test)]
mod tests;

/// The commented example, as shipped at the repository's top.
pub const EXAMPLE: &str = include_str!("../../lifeboat.toml");

/// A whole `lifeboat.toml`, validated.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `data_dir`: where the log and its views live. One Lifeboat a folder. Default: `data`, beside the file.
    pub data_dir: PathBuf,
    /// `lang`: of what all read together. `en` or `zh-CN`, default `en`.
    pub lang: Lang,
    /// `zone`: the IANA time zone times are printed in and `HH:MM` is read in. Default `UTC`.
    pub zone: chrono_tz::Tz,
    /// `[console]`: the built-in web console.
    pub console: Console,
    /// `[[service]]`: what is watched, in the order written. Names are unique.
    pub services: Vec<Service>,
    /// `[[probe]]`: the view from outside, in the order written. Each names a service above.
    pub probes: Vec<Probe>,
    /// `[alerts]`: what an alert sets off.
    pub alerts: Alerts,
    /// `[[person]]`: who may do what, in the order written. Names and accounts are unique. `roles` are spelled out:
    /// a commander is given what a responder may too, an admin all. `[[discord_role]]`: what whoever has a role of the
    /// server may do, by its id; `name` is what it is called outside of Discord.
    pub people: People,
    /// `[webhook]`: a chat that takes what Lifeboat says, or none.
    pub webhook: Option<Webhook>,
    /// `[[cloud]]`, `[[cluster]]`, `[[pool]]`, `[[traffic]]`, `[[schedule]]` and `[limits]`: the machines behind the
    /// services, in the order written. Names are unique in their kind, and each that is named is there.
    pub fleet: Fleet,
    /// `[discord]`: the team chat, or none: then the console is the chat.
    pub discord: Option<Discord>,
}

/// `[console]`: where the console is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Console {
    /// `listen`: IP address and port; port 0 takes a free one. Default `127.0.0.1:7171`.
    pub listen: SocketAddr,
    /// What guards the way to it. Off loopback it is never [`Transport::Plain`].
    pub transport: Transport,
    /// `public_url`: what people type to reach it, without a path; cookie requests must come from there.
    /// Default: what it listens on. Required with `behind_tls_proxy`.
    pub public_url: Option<Url>,
}

/// What guards the way to the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Plain HTTP; on loopback only.
    Plain,
    /// TLS by Lifeboat itself.
    Tls {
        /// `tls_cert`: PEM file of the certificate chain, leaf first.
        cert: PathBuf,
        /// `tls_key`: PEM file of its private key; nobody else may write it.
        key: PathBuf,
    },
    /// `behind_tls_proxy = true`: plain HTTP, a proxy in front speaks TLS.
    BehindTlsProxy,
}

/// `[[service]]`: something that answers requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// `name`: as it is shown, at most 64 characters.
    pub name: ServiceName,
    /// `logs`: access logs, globs allowed, made absolute by the file's folder. May be empty when a probe watches.
    pub logs: Vec<String>,
    /// `format`: of these logs. `None` is `auto`, the default: recognised from the first 100 lines.
    pub format: Option<LogFormat>,
}

/// `[[probe]]`: an HTTP request sent again and again from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// `service`: which service it tells of.
    pub service: ServiceName,
    /// `url`: what is requested, `http` or `https`, without user or password.
    pub url: Url,
    /// `host`: sent as `Host` (and server name) instead of the URL's.
    pub host: Option<String>,
    /// `address`: connected to instead of what the name resolves to, so that no DNS is needed.
    pub address: Option<ProbeAddress>,
    /// `expect_status`: 100 to 599, default 200.
    pub expect_status: u16,
    /// `expect_text`: must stand in the body.
    pub expect_text: Option<String>,
    /// `every_s`: seconds from one request to the next, 1 to 3600, default 5.
    pub every: Duration,
    /// `timeout_ms`: milliseconds until it counts as failed, 100 to 60000 and not above `every_s`, default 4000.
    pub timeout: Duration,
}

/// Where a probe connects to: `10.0.0.3` or `10.0.0.3:8080`, `::1` or `[::1]:8080`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeAddress {
    /// IPv4 or IPv6.
    pub ip: IpAddr,
    /// Default: the URL's.
    pub port: Option<u16>,
}

/// `[alerts]`: what an alert sets off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alerts {
    /// `open_incident_at`: an alert of this severity or worse opens an incident by itself. Default `SEV2`.
    pub open_incident_at: Severity,
}

/// `[webhook]`: a chat that takes messages by HTTP POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// From `url_file` or `url_env`; `https` off loopback.
    pub url: SecretUrl,
    /// `lang`: of what is sent there. Default: the service's `lang`.
    pub lang: Lang,
}

/// `[discord]`: a Discord server. Token and guild are enough; everything else is found or made there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discord {
    /// The bot's token, from `token_file` or `token_env`.
    pub token: SecretString,
    /// `guild`: id of the server.
    pub guild: u64,
    /// `alerts_channel`: id of the channel every alert goes to. Default: `alerts`, found or made.
    pub alerts_channel: Option<u64>,
    /// `open_category`: id of the category for channels of open incidents. Default: `Incidents`, found or made.
    pub open_category: Option<u64>,
    /// `closed_category`: id of the category for channels of closed incidents. Default: found or made.
    pub closed_category: Option<u64>,
    /// `wake_role` from `wake_at` on (default `SEV2`): the role that is mentioned, so that phones sound.
    pub wake: Option<(Severity, u64)>,
    /// `thread_at`: incidents this mild or milder get a thread under their card. Default: all get a channel.
    pub thread_at: Option<Severity>,
    /// `private_to`: ids of roles that alone see the channels of incidents. Default: whoever sees their category.
    pub private_to: Vec<u64>,
    /// `lang`: of what all read together there. Default: the service's `lang`.
    pub lang: Lang,
    /// `pins`: 📌 on a message puts it on the timeline; needs one more intent. Default `false`.
    pub pins: bool,
    /// `allow_plain`: `http` and `ws` are taken off this machine too. Default `false`.
    pub allow_plain: bool,
    /// `api`: the base of the REST interface. Default: Discord's own, v10.
    pub api: RestAddress,
    /// `gateway`: the gateway. Default: the one that the REST interface names.
    pub gateway: Option<GatewayAddress>,
}

impl Config {
    /// The service of that name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name.as_str() == name)
    }

    /// What stands where nothing is written.
    ///
    /// `folder` is where `lifeboat.toml` stands or would stand.
    #[must_use]
    pub fn with_defaults(folder: &Path) -> Self {
        Self {
            data_dir: folder.join("data"),
            lang: Lang::En,
            zone: chrono_tz::UTC,
            console: Console::default(),
            services: Vec::new(),
            probes: Vec::new(),
            alerts: Alerts::default(),
            people: People::default(),
            webhook: None,
            fleet: Fleet::default(),
            discord: None,
        }
    }
}

impl Default for Console {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 7171));
        Self { listen, transport: Transport::Plain, public_url: None }
    }
}

impl Default for Alerts {
    fn default() -> Self {
        Self { open_incident_at: Severity::Sev2 }
    }
}
