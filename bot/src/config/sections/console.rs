//! `[console]`.

use std::net::SocketAddr;
use std::path::Path;

use reqwest::Url;

use super::address::{http_url, https_off_loopback, not_a_url, not_an_address};
use crate::config::problem::Trouble;
use crate::config::reader::{Found, Section};
use crate::config::{Console, Transport};

pub(super) fn console(section: Section<'_, '_>, folder: &Path) -> Console {
    let default = Console::default();
    let listen = section.text("listen").and_then(|found| listen(&section, &found)).unwrap_or(default.listen);
    let transport = transport(&section, folder);
    let public_url = section.text("public_url").and_then(|found| public_url(&section, &found));
    if transport == Some(Transport::BehindTlsProxy) && public_url.is_none() {
        let (key, needs) = (section.key("behind_tls_proxy"), section.key("public_url"));
        section.report(Trouble::Alone { key, needs });
    }
    if transport == Some(Transport::Plain) && !listen.ip().is_loopback() {
        section.report(Trouble::TlsNeeded { listen });
    }
    section.done(&[]);
    Console { listen, transport: transport.unwrap_or(Transport::Plain), public_url }
}

fn listen(section: &Section<'_, '_>, found: &Found<&str>) -> Option<SocketAddr> {
    let listen = found.value.parse().ok();
    if listen.is_none() {
        not_an_address(section, found, "127.0.0.1:7171");
    }
    listen
}

/// How the way to the console is guarded, or none where what is written contradicts itself.
fn transport(section: &Section<'_, '_>, folder: &Path) -> Option<Transport> {
    let cert = section.text("tls_cert");
    let key = section.text("tls_key");
    let behind = section.switch("behind_tls_proxy");
    let path = |found: &Found<&str>| folder.join(found.value);
    match (&cert, &key, behind) {
        (None, None, false) => Some(Transport::Plain),
        (None, None, true) => Some(Transport::BehindTlsProxy),
        (Some(cert), Some(key), false) => Some(Transport::Tls { cert: path(cert), key: path(key) }),
        (Some(one), _, true) | (None, Some(one), true) => {
            let other = section.key("behind_tls_proxy");
            section.trouble(one, Trouble::Both { one: one.key.clone(), other });
            None
        }
        (Some(one), None, false) => alone(section, one, "tls_key"),
        (None, Some(one), false) => alone(section, one, "tls_cert"),
    }
}

fn alone<T>(section: &Section<'_, '_>, one: &Found<&str>, needs: &str) -> Option<T> {
    section.trouble(one, Trouble::Alone { key: one.key.clone(), needs: section.key(needs) });
    None
}

fn public_url(section: &Section<'_, '_>, found: &Found<&str>) -> Option<Url> {
    let bare = |url: &Url| url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let such_as = "https://lifeboat.example.org";
    let url = http_url(found.value).filter(bare).or_else(|| not_a_url(section, found, such_as))?;
    https_off_loopback(section, found, url)
}
