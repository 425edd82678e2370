//! `[[service]]` and `[[probe]]`: what is watched.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use lifeboat_storage::id::ServiceName;

use super::address::{http_url, not_a_url, not_an_address};
use super::{LINE, NAME, Seen};
use crate::config::problem::Trouble;
use crate::config::reader::{Found, Reader, Section};
use crate::config::{Probe, ProbeAddress, Service};
use crate::source::access_log::LogFormat;

/// Services and probes, each service watched by a log or a probe at least.
pub(super) fn watch(top: &Section<'_, '_>, reader: &Reader<'_>, folder: &Path) -> (Vec<Service>, Vec<Probe>) {
    let mut names = Seen::new(reader);
    let mut logs = Seen::new(reader);
    let read = |section| service(section, folder, &mut names, &mut logs);
    let services: Vec<_> = top.sections("service").into_iter().filter_map(read).collect();
    let known: Vec<_> = services.iter().map(|(_, service)| service.name.as_str().to_owned()).collect();
    let read: Vec<_> = top.sections("probe").into_iter().map(|section| probe(section, &known)).collect();
    for (at, service) in &services {
        let probed = read.iter().any(|(watched, _)| watched.as_ref() == Some(&service.name));
        if service.logs.is_empty() && !probed {
            reader.report(*at, Trouble::Unwatched { service: service.name.to_string() });
        }
    }
    let services = services.into_iter().map(|(_, service)| service).collect();
    (services, read.into_iter().filter_map(|(_, probe)| probe).collect())
}

/// A service and where it stands.
fn service<'r>(
    section: Section<'r, '_>,
    folder: &Path,
    names: &mut Seen<'r>,
    logs: &mut Seen<'r>,
) -> Option<(usize, Service)> {
    let name = section.label(section.needed_text("name"), NAME).filter(|name| names.is_new(name));
    let format = section.text("format").and_then(|found| format(&section, &found));
    let globs = section.texts("logs");
    let globs = globs.iter().filter(|found| logs.is_new(found));
    let globs = globs.filter_map(|found| log(&section, found, folder)).collect();
    let at = section.done(&[]);
    let name = ServiceName::new(name?.value);
    Some((at, Service { name, logs: globs, format }))
}

/// The format named, or none for `auto`.
fn format(section: &Section<'_, '_>, found: &Found<&str>) -> Option<LogFormat> {
    let named = LogFormat::ALL.map(|format| (format.name(), Some(format)));
    let known: Vec<_> = std::iter::once(("auto", None)).chain(named).collect();
    section.word(found, &known).flatten()
}

/// A glob, made absolute by the folder unless it is.
fn log(section: &Section<'_, '_>, found: &Found<&str>, folder: &Path) -> Option<String> {
    if glob::Pattern::new(found.value).is_err() {
        let (key, value) = (found.key.clone(), found.value.to_owned());
        section.trouble(found, Trouble::NotAGlob { key, value });
        return None;
    }
    let folder = glob::Pattern::escape(&folder.to_string_lossy());
    Some(Path::new(&folder).join(found.value).to_string_lossy().into_owned())
}

/// The service a probe tells of, and the probe where it is whole.
fn probe(section: Section<'_, '_>, services: &[String]) -> (Option<ServiceName>, Option<Probe>) {
    let service = section.needed_text("service");
    let known = service.filter(|found| {
        let known = services.iter().any(|name| name == found.value);
        if !known {
            section.unknown(found, services.to_vec());
        }
        known
    });
    let service = known.map(|found| ServiceName::new(found.value));
    let url = section.needed_text("url");
    let such_as = "https://blog.example.org/health";
    let url = url.and_then(|found| http_url(found.value).or_else(|| not_a_url(&section, &found, such_as)));
    let host = section.label(section.text("host"), LINE).map(|found| found.value.to_owned());
    let address = section.text("address").and_then(|found| address(&section, &found));
    let expect_status = section.number("expect_status", 100..=599, 200);
    let expect_status = u16::try_from(expect_status).unwrap_or(200);
    let expect_text = section.label(section.text("expect_text"), LINE).map(|found| found.value.to_owned());
    let (every, timeout) = rhythm(&section);
    section.done(&[]);
    let probe = service.clone().zip(url).map(|(service, url)| Probe {
        service,
        url,
        host,
        address,
        expect_status,
        expect_text,
        every,
        timeout,
    });
    (service, probe)
}

fn address(section: &Section<'_, '_>, found: &Found<&str>) -> Option<ProbeAddress> {
    let alone = |text: &str| text.parse().ok().map(|ip: IpAddr| ProbeAddress { ip, port: None });
    let with_port = |text: &str| {
        let address: SocketAddr = text.parse().ok()?;
        Some(ProbeAddress { ip: address.ip(), port: Some(address.port()) })
    };
    let address = alone(found.value).or_else(|| with_port(found.value));
    if address.is_none_or(|address| address.port == Some(0)) {
        not_an_address(section, found, "10.0.0.3:8080");
    }
    address
}

/// How often, and how long to wait. A request has ended before the next is due.
fn rhythm(section: &Section<'_, '_>) -> (Duration, Duration) {
    let every = Duration::from_secs(section.number("every_s", 1..=3600, 5).unsigned_abs());
    let default = every.min(Duration::from_millis(5000)).as_millis() * 4 / 5;
    let default = i64::try_from(default).unwrap_or(4000);
    let timeout_ms = section.number("timeout_ms", 100..=60_000, default).unsigned_abs();
    let timeout = Duration::from_millis(timeout_ms);
    if timeout > every {
        section.report(Trouble::TimeoutTooLong { timeout_ms, every_s: every.as_secs() });
    }
    (every, timeout)
}
