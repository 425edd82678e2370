//! Addresses and URLs, and what is wrong with them.

use std::net::IpAddr;

use reqwest::Url;

use crate::config::problem::Trouble;
use crate::config::reader::{Found, Section};

pub(super) fn not_an_address(section: &Section<'_, '_>, found: &Found<&str>, such_as: &'static str) {
    let (key, value) = (found.key.clone(), found.value.to_owned());
    section.trouble(found, Trouble::NotAnAddress { key, value, such_as });
}

/// An `http` or `https` URL with a host, without user or password.
pub(super) fn http_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    (plain && url.has_host() && matches!(url.scheme(), "http" | "https")).then_some(url)
}

pub(super) fn not_a_url<T>(
    section: &Section<'_, '_>,
    found: &Found<&str>,
    such_as: &'static str,
) -> Option<T> {
    let (key, value) = (found.key.clone(), found.value.to_owned());
    section.trouble(found, Trouble::NotAUrl { key, value, such_as });
    None
}

pub(super) fn https_off_loopback<T>(section: &Section<'_, '_>, found: &Found<T>, url: Url) -> Option<Url> {
    if url.scheme() == "https" || is_loopback(&url) {
        return Some(url);
    }
    let host = url.host_str().unwrap_or("").to_owned();
    section.trouble(found, Trouble::HttpsNeeded { key: found.key.clone(), host });
    None
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or("").trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
