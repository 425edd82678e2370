//! What a failure is shown by: the most frequent paths, networks and upstreams, and masked sample lines.

use std::fmt;

use lifeboat_storage::event::Counted;
use serde::{Deserialize, Serialize};

use super::clients::print_of;
use super::ids::without_ids;
use super::mask;
use crate::source::request::Request;

const KEPT: usize = 16;
const SHOWN: usize = 5;
const SAMPLES: usize = 3;

/// The most frequent names of many, in bounded room (Misra and Gries): a name with more than one in 17 of
/// all is among those kept, and its count is too low by at most that much.
///
/// Once many were seen, a name is kept when it comes a second time; paths that differ in ids only are one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Frequent {
    slots: Vec<Slot>,
    seen: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Slot {
    print: u64,
    count: u64,
    /// Empty until it is kept.
    name: Text,
}

/// A text to be shown. Masking is dear, and most runs are never shown: it is masked when it is, or written down.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
enum Text {
    Masked(String),
    Raw(Box<[u8]>, What),
}

/// What a text is, and how it is masked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Path,
    Client,
    Upstream,
    Line,
}

impl What {
    fn mask(self, bytes: &[u8]) -> String {
        match self {
            Self::Path => mask::path(bytes),
            Self::Client => mask::client(bytes),
            Self::Upstream => mask::name(bytes),
            Self::Line => mask::line(bytes),
        }
    }
}

/// What is longer than so many bytes is masked at once, which makes it short.
const RAW: usize = 1024;

impl Text {
    fn of(bytes: &[u8], what: What) -> Self {
        if bytes.len() > RAW { Self::Masked(what.mask(bytes)) } else { Self::Raw(bytes.into(), what) }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Masked(text) if text.is_empty())
    }

    fn shown(&self) -> String {
        match self {
            Self::Masked(text) => text.clone(),
            Self::Raw(bytes, what) => what.mask(bytes),
        }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown().fmt(f)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Masked(text)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.shown()
    }
}

impl Frequent {
    fn count(&mut self, print: u64, bytes: &[u8], what: What) {
        self.seen += 1;
        if let Some(slot) = self.slots.iter_mut().find(|slot| slot.print == print) {
            slot.count += 1;
            if slot.name.is_empty() {
                slot.name = Text::of(bytes, what);
            }
        } else if self.slots.len() < KEPT {
            let early = self.seen <= 2 * KEPT as u64;
            let name = if early { Text::of(bytes, what) } else { Text::Masked(String::new()) };
            self.slots.push(Slot { print, count: 1, name });
        } else {
            self.slots.iter_mut().for_each(|slot| slot.count -= 1);
            self.slots.retain(|slot| slot.count > 0);
        }
    }

    /// Names that look alike once masked are one.
    fn shown(&self) -> Vec<Counted> {
        let mut counted = Vec::<Counted>::new();
        let names = self.slots.iter().map(|slot| (slot.name.shown(), slot.count));
        for (name, count) in names.filter(|(name, _)| !name.is_empty()) {
            match counted.iter_mut().find(|counted| counted.name == name) {
                Some(counted) => counted.count += count,
                None => counted.push(Counted { name, count }),
            }
        }
        counted.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        counted.truncate(SHOWN);
        counted
    }
}

/// A failed line, looked at once in however many runs it is gathered.
pub(super) struct Failure<'a> {
    request: &'a Request<'a>,
    path: u64,
    client: u64,
    upstream: Option<u64>,
}

impl<'a> Failure<'a> {
    pub(super) fn of(request: &'a Request<'a>) -> Self {
        let target = request.target;
        let path = &target[..memchr::memchr(b'?', target).unwrap_or(target.len()).min(256)];
        Self {
            request,
            path: print_of(&without_ids(path)),
            client: print_of(network(request.client)),
            upstream: request.upstream.map(print_of),
        }
    }
}

/// Gathered over the failed lines of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Gathered {
    paths: Frequent,
    clients: Frequent,
    upstreams: Frequent,
    samples: Vec<Text>,
}

impl Gathered {
    /// Takes a failed line.
    pub(super) fn take(&mut self, failure: &Failure<'_>) {
        let request = failure.request;
        self.paths.count(failure.path, request.target, What::Path);
        self.clients.count(failure.client, request.client, What::Client);
        if let (Some(upstream), Some(print)) = (request.upstream, failure.upstream) {
            self.upstreams.count(print, upstream, What::Upstream);
        }
        if self.samples.len() + 1 < SAMPLES {
            self.samples.push(Text::of(request.line, What::Line));
        }
    }

    /// How many failed lines were taken.
    pub(super) fn lines(&self) -> u64 {
        self.paths.seen
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines() == 0
    }

    /// The upstream that nine of ten failures come from, where there is one.
    pub(super) fn culprit(&self) -> Option<String> {
        let first = self.upstreams().into_iter().next()?;
        (first.count * 10 >= self.lines() * 9).then_some(first.name)
    }

    pub(super) fn paths(&self) -> Vec<Counted> {
        self.paths.shown()
    }

    pub(super) fn clients(&self) -> Vec<Counted> {
        self.clients.shown()
    }

    pub(super) fn upstreams(&self) -> Vec<Counted> {
        self.upstreams.shown()
    }

    /// The first two lines, and the one that decided.
    pub(super) fn samples(&self, deciding: &Request<'_>) -> Vec<String> {
        self.samples.iter().map(Text::shown).chain([mask::line(deciding.line)]).collect()
    }
}

/// The part of an IPv4 address that names its /24; of anything else, all of it.
fn network(address: &[u8]) -> &[u8] {
    match memchr::memrchr(b'.', address) {
        Some(end) if address.len() <= 15 => &address[..end],
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frequent_name_is_found_among_thousands_of_rare_ones() {
        let mut frequent = Frequent::default();
        for i in 0..10_000 {
            let name = if i % 5 == 0 { "often".to_owned() } else { format!("rare {i}") };
            frequent.count(print_of(name.as_bytes()), name.as_bytes(), What::Upstream);
        }
        assert_eq!(frequent.shown()[0].name, "often");
        assert!(frequent.slots.len() <= KEPT);
    }

    #[test]
    fn nothing_that_is_masked_is_written_down_or_printed_as_it_was() {
        let mut gathered = Gathered::default();
        for line in ["token=hunter2", &"token=hunter2 ".repeat(200)] {
            let target = format!("/reset?{line}");
            gathered.take(&Failure::of(&Request {
                client: b"192.0.2.77",
                target: target.as_bytes(),
                line: line.as_bytes(),
                ..Request::default()
            }));
        }
        let written = serde_json::to_string(&gathered).unwrap();
        for text in [&written, &format!("{gathered:?}")] {
            assert!(!text.contains("hunter2") && !text.contains("192.0.2.77"), "{text}");
        }
        let read: Gathered = serde_json::from_str(&written).unwrap();
        let shown = |gathered: &Gathered| {
            (gathered.paths(), gathered.clients(), gathered.samples(&Request::default()))
        };
        assert_eq!(shown(&read), shown(&gathered));
    }

    #[test]
    fn networks_and_masked_paths_are_counted_together_and_two_early_samples_kept() {
        let mut gathered = Gathered::default();
        for i in 0..9 {
            let (client, target) = (format!("192.0.2.{i}"), format!("/order/{}", 100_000 + i));
            let line = format!("line {i}");
            gathered.take(&Failure::of(&Request {
                client: client.as_bytes(),
                target: target.as_bytes(),
                line: line.as_bytes(),
                ..Request::default()
            }));
        }
        let counted = |name: &str| vec![Counted { name: name.to_owned(), count: 9 }];
        assert_eq!(gathered.clients(), counted("192.0.2.0/24"));
        assert_eq!(gathered.paths(), counted("/order/{number}"));
        let deciding = Request { line: b"last", ..Request::default() };
        assert_eq!(gathered.samples(&deciding), ["line 0", "line 1", "last"]);
    }
}
