//! Who is at the console. Nobody writes without a name.
//!
//! | comes with | is | gets a cookie |
//! | --- | --- | --- |
//! | the one-time link of `run` and `drill` | the user of the operating system who started it | yes |
//! | `/login?token=` with a lasting token | the person whose `console` names the token | yes |
//! | `Authorization: Bearer` with a lasting token | the same | no |
//! | nothing, or what has ended | a reader | no |
//!
//! A browser sends its cookie along with what other sites make it send; so what writes with a cookie needs a
//! matching `Origin` and the header `X-Lifeboat: 1`, which other sites cannot set. Every request needs a `Host` of
//! ours, or another site's name could be pointed at us.

mod file;
pub mod places;
pub mod secret;
pub mod sessions;
pub mod throttle;
pub mod tokens;

use std::net::IpAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Method, header};
use lifeboat_commands::people::{People, Person};
use lifeboat_storage::event::Time;

use places::Places;
use secret::{Hash, NoRandomness, Token};
use sessions::{Account, SessionError, Sessions};
use throttle::Throttle;
pub use tokens::TokenStore;

/// Longest token that is hashed at all.
const LONGEST_TOKEN: usize = 256;

/// What is wrong with a request, before anybody asked what it wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// `Host` names another place; these are ours.
    WrongHost(String),
    /// The bearer token is unknown or was revoked.
    WrongToken,
    /// The link names no token.
    NoToken,
    /// The one-time link was used, or the token is unknown.
    WrongLink,
    /// Too many wrong tokens from there.
    TooMany(Duration),
    /// It writes, and nobody is behind it.
    NotSignedIn,
    /// It writes with a cookie, and another site's page sent it; this is ours.
    WrongOrigin(String),
    /// It writes with a cookie, without `X-Lifeboat: 1`.
    NoHeader,
    /// It writes something that is not JSON.
    NotJson,
}

/// Who sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The account; none for a reader.
    pub account: Option<Account>,
    /// It came by cookie.
    pub cookie: bool,
}

/// Decides who somebody is.
#[derive(Debug)]
pub struct Auth {
    places: Places,
    address: String,
    secure: bool,
    cookie: String,
    proxied: bool,
    tokens: TokenStore,
    sessions: Sessions,
    once: Mutex<Option<(Hash, String)>>,
    throttle: Throttle,
}

/// What [`Auth`] needs to know from the configuration.
#[derive(Clone, Debug)]
pub struct AuthSetup<'a> {
    /// Where tokens and sessions are kept.
    pub data_dir: &'a Path,
    /// The address really listened on.
    pub listen: std::net::SocketAddr,
    /// Lifeboat speaks TLS itself.
    pub tls: bool,
    /// A proxy in front speaks TLS.
    pub behind_tls_proxy: bool,
    /// `scheme://host[:port]` people type.
    pub public_url: Option<String>,
}

impl AuthSetup<'_> {
    /// Where the console is reached, first of all.
    #[must_use]
    pub fn address(&self) -> String {
        let public = self.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        let listened = || Places::new(self.listen, self.tls, self.public_url.as_deref()).first().to_owned();
        public.unwrap_or_else(listened)
    }
}

/// The link that signs in with a token.
#[must_use]
pub fn link(address: &str, token: &str) -> String {
    format!("{address}/login?token={token}")
}

impl Auth {
    /// Reads the sessions that are still open.
    #[must_use]
    pub fn new(setup: &AuthSetup<'_>) -> Self {
        let secure = setup.tls || setup.behind_tls_proxy;
        let places = Places::new(setup.listen, setup.tls, setup.public_url.as_deref());
        let prefix = if secure { "__Host-" } else { "" };
        Self {
            address: setup.address(),
            places,
            secure,
            cookie: format!("{prefix}lifeboat-{}", setup.listen.port()),
            proxied: setup.behind_tls_proxy,
            tokens: TokenStore::new(setup.data_dir),
            sessions: Sessions::load(setup.data_dir),
            once: Mutex::new(None),
            throttle: Throttle::default(),
        }
    }

    /// A link that signs this user in, once; a newer one makes the older useless.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn link(&self, user: &str) -> Result<String, NoRandomness> {
        let token = Token::draw()?;
        *self.once.lock().unwrap_or_else(PoisonError::into_inner) = Some((token.hash(), user.to_owned()));
        Ok(link(&self.address, token.reveal()))
    }

    /// Where the console is reached, first of all.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Spends a token of a link: yields the cookie to set. Writes a file, so call it where blocking is allowed. A
    /// one-time link whose session could not be stored stays good, unless a newer one was drawn meanwhile.
    ///
    /// # Errors
    /// [`Denied::NoToken`], [`Denied::WrongLink`], [`Denied::TooMany`], or the session that could not be stored.
    pub fn login(&self, shown: &str, from: IpAddr, now: Time) -> Result<String, LoginError> {
        if shown.is_empty() {
            return Err(Denied::NoToken.into());
        }
        let account = self.try_token(shown, from, |hash| self.spend(hash).or_else(|| self.lasting(hash)));
        let account = account.map_err(|denied| match denied {
            Denied::WrongToken => Denied::WrongLink,
            other => other,
        })?;
        let id = self.sessions.begin(account.clone(), now).inspect_err(|_| self.give_back(shown, account))?;
        let secure = if self.secure { "; Secure" } else { "" };
        let age = sessions::LASTS.num_seconds();
        let name = &self.cookie;
        Ok(format!("{name}={}; HttpOnly; SameSite=Strict; Path=/; Max-Age={age}{secure}", id.reveal()))
    }

    fn try_token(
        &self,
        shown: &str,
        from: IpAddr,
        known: impl FnOnce(&Hash) -> Option<Account>,
    ) -> Result<Account, Denied> {
        let now = Instant::now();
        if let Some(wait) = self.throttle.wait(from, now) {
            return Err(Denied::TooMany(wait));
        }
        let account = Some(shown)
            .filter(|shown| shown.len() <= LONGEST_TOKEN)
            .and_then(|shown| known(&Hash::of(shown)));
        account.ok_or_else(|| {
            self.throttle.wrong(from, now);
            Denied::WrongToken
        })
    }

    fn spend(&self, hash: &Hash) -> Option<Account> {
        let mut once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, user) = once.take_if(|(known, _)| known == hash)?;
        Some(Account::Os { user })
    }

    fn give_back(&self, shown: &str, account: Account) {
        if let Account::Os { user } = account {
            let mut once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
            once.get_or_insert((Hash::of(shown), user));
        }
    }

    fn lasting(&self, hash: &Hash) -> Option<Account> {
        let token = self.tokens.find(hash)?;
        Some(Account::Token { name: token.name, hash: token.hash })
    }

    /// Whether the request is addressed to us.
    ///
    /// # Errors
    /// [`Denied::WrongHost`].
    pub fn check_host(&self, headers: &HeaderMap) -> Result<(), Denied> {
        let mut hosts = headers.get_all(header::HOST).iter();
        match (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) {
            (Some(host), None) if self.places.has_host(host) => Ok(()),
            _ => Err(Denied::WrongHost(self.places.shown())),
        }
    }

    /// Who sent it: by bearer token, else by cookie, else a reader.
    ///
    /// # Errors
    /// [`Denied::WrongToken`], [`Denied::TooMany`], for a bearer token only.
    pub fn visitor(&self, headers: &HeaderMap, from: IpAddr, now: Time) -> Result<Visitor, Denied> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let text = value.to_str().unwrap_or_default();
            let shown = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            let shown = shown.map_or("", |(_, token)| token.trim());
            let account = self.try_token(shown, from, |hash| self.lasting(hash))?;
            return Ok(Visitor { account: Some(account), cookie: false });
        }
        let account = self.session(headers, now);
        Ok(Visitor { cookie: account.is_some(), account })
    }

    fn session(&self, headers: &HeaderMap, now: Time) -> Option<Account> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, id) = pairs.find(|(name, _)| *name == self.cookie)?;
        let account = self.sessions.find(&Hash::of(id), now)?;
        match &account {
            Account::Token { name, hash } => {
                self.tokens.find(hash).filter(|token| token.name == *name).map(|_| account)
            }
            Account::Os { .. } => Some(account),
        }
    }

    /// Whether this visitor may send what writes: somebody is behind it, and not another site's page.
    ///
    /// # Errors
    /// [`Denied`], all that begin with "It writes".
    pub fn check_write(&self, visitor: &Visitor, method: &Method, headers: &HeaderMap) -> Result<(), Denied> {
        if matches!(*method, Method::GET | Method::HEAD) {
            return Ok(());
        }
        let text = |name: header::HeaderName| {
            headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
        };
        let origin = headers.contains_key(header::ORIGIN).then(|| text(header::ORIGIN));
        let same = origin.map(|origin| self.places.is_same(origin, text(header::HOST)));
        if visitor.account.is_none() {
            return Err(Denied::NotSignedIn);
        }
        if same == Some(false) || (visitor.cookie && same.is_none()) {
            return Err(Denied::WrongOrigin(self.places.shown()));
        }
        if visitor.cookie && headers.get("x-lifeboat").is_none_or(|value| value != "1") {
            return Err(Denied::NoHeader);
        }
        let media =
            text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if media == "application/json" { Ok(()) } else { Err(Denied::NotJson) }
    }

    /// Where a request comes from, for counting wrong tokens only: behind a proxy, what the proxy says.
    #[must_use]
    pub fn address_of(&self, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
        let said =
            headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
        let said = said.and_then(|line| line.rsplit(',').next()?.trim().parse().ok());
        said.filter(|_| self.proxied).unwrap_or(peer)
    }
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The token.
    #[error("sign in with this token")]
    Denied(Denied),
    /// The session.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl From<Denied> for LoginError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

/// The configured person behind an account.
#[must_use]
pub fn person<'a>(people: &'a People, account: &Account) -> Option<&'a Person> {
    match account {
        Account::Os { user } => people.by_os(user),
        Account::Token { name, .. } => people.by_console(name),
    }
}

#[cfg(test)]
mod tests;
