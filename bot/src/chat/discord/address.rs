//! Which addresses may be talked to: encrypted ones, and plain ones on this machine.

use std::net::IpAddr;

use reqwest::Url;
use thiserror::Error;

/// Where Discord's REST interface is, unless configured otherwise.
pub const REST: &str = "https://discord.com/api/v10/";

/// Why an address is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unfit {
    /// It is not a URL with a host.
    #[error("take it as an address: it is none")]
    NotAUrl,
    /// The scheme is not the one of the protocol.
    #[error("take it as an address: its scheme does not fit")]
    Scheme,
    /// It holds a user name or a password.
    #[error("take it as an address: it holds a password")]
    Password,
    /// It is not encrypted and not on this machine; who wants it nevertheless must force it.
    #[error("take it as an address: it is not encrypted and not on this machine")]
    Plain,
}

/// A REST address that may be used: `https`, or `http` on this machine, or forced. Ends with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestAddress(Url);

impl RestAddress {
    /// Takes `text`; `forced` takes `http` off this machine too.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn new(text: &str, forced: bool) -> Result<Self, Unfit> {
        let mut url = fit(text, "https", "http", forced)?;
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(Self(url))
    }

    /// The URL, which holds no secret.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

/// A gateway address that may be used: `wss`, or `ws` on this machine, or forced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayAddress(Url);

impl GatewayAddress {
    /// Takes `text`; `forced` takes `ws` off this machine too.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn new(text: &str, forced: bool) -> Result<Self, Unfit> {
        fit(text, "wss", "ws", forced).map(Self)
    }

    /// The URL, which holds no secret.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

fn fit(text: &str, encrypted: &str, plain: &str, forced: bool) -> Result<Url, Unfit> {
    let url = Url::parse(text).map_err(|_| Unfit::NotAUrl)?;
    if !url.has_host() {
        return Err(Unfit::NotAUrl);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Unfit::Password);
    }
    match url.scheme() {
        scheme if scheme == encrypted => Ok(url),
        scheme if scheme == plain && (forced || on_this_machine(&url)) => Ok(url),
        scheme if scheme == plain => Err(Unfit::Plain),
        _ => Err(Unfit::Scheme),
    }
}

/// Whether the host is this machine by name or number.
#[must_use]
pub fn on_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or("").trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn rest(text: &str, forced: bool, expected: Result<&str, Unfit>) {
        let taken = RestAddress::new(text, forced);
        assert_eq!(
            taken.as_ref().map(|address| address.url().as_str()).map_err(|why| *why),
            expected,
            "{text}"
        );
    }

    #[test]
    fn plain_addresses_are_for_this_machine_unless_forced() {
        rest("https://discord.com/api/v10", false, Ok("https://discord.com/api/v10/"));
        rest("http://127.0.0.1:8080/api/v10/", false, Ok("http://127.0.0.1:8080/api/v10/"));
        rest("http://[::1]:8080", false, Ok("http://[::1]:8080/"));
        rest("http://localhost:1", false, Ok("http://localhost:1/"));
        rest("http://chat.example/api", false, Err(Unfit::Plain));
        rest("http://chat.example/api", true, Ok("http://chat.example/api/"));
        rest("http://localhost.evil.example", false, Err(Unfit::Plain));
        rest("ws://127.0.0.1", false, Err(Unfit::Scheme));
        rest("file:///etc/passwd", true, Err(Unfit::NotAUrl));
        rest("https://bot:pw@chat.example", false, Err(Unfit::Password));
        rest("discord.com", false, Err(Unfit::NotAUrl));
    }

    #[test]
    fn a_gateway_is_a_websocket() {
        let taken = |text, forced| GatewayAddress::new(text, forced).map(|address| address.url().to_string());
        assert_eq!(taken("wss://gateway.discord.gg", false), Ok("wss://gateway.discord.gg/".to_owned()));
        assert_eq!(taken("ws://127.0.0.1:9", false), Ok("ws://127.0.0.1:9/".to_owned()));
        assert_eq!(taken("ws://chat.example", false), Err(Unfit::Plain));
        assert_eq!(taken("ws://chat.example", true), Ok("ws://chat.example/".to_owned()));
        assert_eq!(taken("https://gateway.discord.gg", false), Err(Unfit::Scheme));
    }
}
