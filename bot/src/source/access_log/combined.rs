//! nginx's and Apache's combined format, and the head that ingress-nginx shares with it.
//!
//! ```text
//! [host[:port] ]client ident user [17/Dec/2025:09:03:01 +0000] "request" 502 166 "referer" "agent" …
//! └────────── before ───────────┘  └─────────── at ─────────┘  └request┘ └┴ status, size    └ after
//! ```
//!
//! Both servers escape quotes inside a field (`\x22`, `\"`), so the first unescaped quote ends the request. Where
//! somebody switched escaping off, a quote counts as the end only if a status and a size follow it.

use memchr::memchr;

use super::target;
use super::time::{LOCAL_LENGTH, LastSecond};
use super::upstream;
use crate::source::request::{Millis, Request};

/// What every format of this family begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head<'a> {
    /// Everything before the time, with the space at its end.
    pub(super) before: &'a [u8],
    pub(super) at: Millis,
    /// The request line as written.
    pub(super) request: &'a [u8],
    pub(super) status: u16,
    /// Everything behind the size.
    pub(super) after: &'a [u8],
}

/// Reads client, time, request and status; `None` if any of them is not there beyond doubt.
///
/// This and its parts are inlined into each format: otherwise their results pass through memory at every line.
#[inline(always)]
pub(super) fn head<'a>(line: &'a [u8], clock: &mut LastSecond) -> Option<Head<'a>> {
    let (before, at, rest) = split_at_time(line, clock)?;
    let (request, status, after) = split_at_status(rest)?;
    Some(Head { before, at, request, status, after })
}

#[inline(always)]
pub(super) fn plain<'a>(line: &'a [u8], clock: &mut LastSecond) -> Option<Request<'a>> {
    let head = head(line, clock)?;
    let (client, _) = word(head.before);
    Some(request(line, &head, None, client))
}

#[inline]
pub(super) fn with_host<'a>(line: &'a [u8], clock: &mut LastSecond) -> Option<Request<'a>> {
    let head = head(line, clock)?;
    let (host, rest) = word(head.before);
    let (client, _) = word(rest);
    Some(request(line, &head, target::service(host), client))
}

/// Whether the line begins with a host: `host client - user`, where the plain format has `client - user`.
pub(super) fn names_a_host(before: &[u8]) -> bool {
    let (_, rest) = word(before);
    let (second, rest) = word(rest);
    let (third, rest) = word(rest);
    second != b"-" && third == b"-" && !rest.is_empty()
}

#[inline]
pub(super) fn request<'a>(
    line: &'a [u8],
    head: &Head<'a>,
    service: Option<&'a [u8]>,
    client: &'a [u8],
) -> Request<'a> {
    let target = target::of_request_line(head.request);
    Request {
        at: Some(head.at),
        status: head.status,
        service,
        client,
        target,
        // Looked for on failed lines only: nobody asks which upstream answered well.
        upstream: if head.status >= 500 { upstream::behind(head.after) } else { None },
        duration_ms: None,
        line,
    }
}

/// The text up to the next space, and what stands behind that space.
#[inline]
pub(super) fn word(text: &[u8]) -> (&[u8], &[u8]) {
    match text.iter().position(|byte| *byte == b' ') {
        Some(space) => (&text[..space], &text[space + 1..]),
        None => (text, b""),
    }
}

/// Finds ` [time] "`. A user name may hold brackets, even a whole time stamp, but not the quote behind it.
#[inline(always)]
fn split_at_time<'a>(line: &'a [u8], clock: &mut LastSecond) -> Option<(&'a [u8], Millis, &'a [u8])> {
    let mut from = 0;
    loop {
        let bracket = from + memchr(b'[', &line[from..])?;
        let (before, rest) = line.split_at(bracket);
        if before.ends_with(b" ")
            && let Some((at, rest)) = bracketed_time(rest, clock)
        {
            return Some((before, at, rest));
        }
        from = bracket + 1;
    }
}

#[inline(always)]
fn bracketed_time<'a>(text: &'a [u8], clock: &mut LastSecond) -> Option<(Millis, &'a [u8])> {
    let (time, rest) = text.get(1..)?.split_first_chunk::<LOCAL_LENGTH>()?;
    let rest = rest.strip_prefix(b"] \"")?;
    Some((clock.local(time)?, rest))
}

/// Splits `request" 502 166 …` into request, status and what follows the size.
#[inline(always)]
fn split_at_status(text: &[u8]) -> Option<(&[u8], u16, &[u8])> {
    let mut from = 0;
    loop {
        let quote = from + memchr(b'"', &text[from..])?;
        let (request, rest) = text.split_at(quote);
        if !ends_in_escape(request)
            && let Some((status, after)) = status_and_size(&rest[1..])
        {
            return Some((request, status, after));
        }
        from = quote + 1;
    }
}

/// Whether an odd number of backslashes stands at the end, so that the next byte is escaped.
#[inline]
pub(super) fn ends_in_escape(text: &[u8]) -> bool {
    text.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Reads ` 502 166` or ` 502 -`, followed by a space or nothing.
#[inline(always)]
fn status_and_size(text: &[u8]) -> Option<(u16, &[u8])> {
    let [b' ', hundreds @ b'1'..=b'9', tens @ b'0'..=b'9', ones @ b'0'..=b'9', b' ', rest @ ..] = text else {
        return None;
    };
    let digit = |byte: &u8| u16::from(byte - b'0');
    let after = match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
        0 => rest.strip_prefix(b"-")?,
        size => &rest[size..],
    };
    let ended = matches!(after, [] | [b' ', ..]);
    ended.then(|| (digit(hundreds) * 100 + digit(tens) * 10 + digit(ones), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Millis = 1_765_962_181_000;

    #[track_caller]
    fn check(line: &str, expected: Option<(&str, &str, u16)>) {
        let found = plain(line.as_bytes(), &mut LastSecond::default());
        let expected = expected.map(|(client, target, status)| Request {
            at: Some(AT),
            status,
            client: client.as_bytes(),
            target: target.as_bytes(),
            line: line.as_bytes(),
            ..Request::default()
        });
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn ordinary_and_odd_lines_give_their_status_or_nothing() {
        let t = "[17/Dec/2025:09:03:01 +0000]";
        check(&format!(r#"1.2.3.4 - - {t} "GET / HTTP/1.1" 502 166 "-" "x""#), Some(("1.2.3.4", "/", 502)));
        check(&format!(r#"2001:db8::1 - ana {t} "GET /a HTTP/2.0" 200 -"#), Some(("2001:db8::1", "/a", 200)));
        check(&format!(r#"1.2.3.4 - a b {t} "GET /a" 200 5 "-" "-" 0.1 x"#), Some(("1.2.3.4", "/a", 200)));
        check(&format!(r#"1.2.3.4 - - {t} "" 400 0 "-" "-""#), Some(("1.2.3.4", "", 400)));
        check(&format!(r#"1.2.3.4 - - {t} "-" 408 - "-" "-""#), Some(("1.2.3.4", "", 408)));
        check(&format!(r#"1.2.3.4 - - {t} "\x16\x03" 400 166 "-" "-""#), Some(("1.2.3.4", "", 400)));
        check(&format!(r#"1.2.3.4 - {t} {t} "GET / HTTP/1.1" 502 1"#), Some(("1.2.3.4", "/", 502)));
        check(&format!(r#"1.2.3.4 - [x] {t} "GET / HTTP/1.1" 502 1"#), Some(("1.2.3.4", "/", 502)));
        check(&format!(r#"1.2.3.4 - - {t} "GET / HTTP/1.1" 50 166 "-" "x""#), None);
        check(&format!(r#"1.2.3.4 - - {t} "GET / HTTP/1.1" 000 166 "-" "x""#), None);
        check(&format!(r#"1.2.3.4 - - {t} "GET / HTTP/1.1" 5021 6 "-" "x""#), None);
        check(&format!(r#"1.2.3.4 - - {t} "GET / HTTP/1.1" 502"#), None);
        check(&format!(r#"1.2.3.4 - - {t} "GET / HTTP/1.1" 502 1x6 "#), None);
        check(&format!(r#"1.2.3.4 - - {t} "GET / HTTP/1.1 502 166"#), None);
        check(&format!(r#"{t} "GET / HTTP/1.1" 502 166"#), None);
        check(r#"1.2.3.4 - - [17/Dec/2025:09:03:01] "GET / HTTP/1.1" 502 166"#, None);
        check("", None);
        check("[", None);
    }

    #[test]
    fn a_status_inside_a_quoted_field_is_never_taken() {
        let t = "[17/Dec/2025:09:03:01 +0000]";
        let apache = format!(r#"1.2.3.4 - - {t} "GET /\" 502 1 \"x HTTP/1.1" 200 7 "\" 502 1" "-""#);
        check(&apache, Some(("1.2.3.4", r#"/\" 502 1 \"x"#, 200)));
        let backslash = format!(r#"1.2.3.4 - - {t} "GET /a\\" 200 7 "-" "-""#);
        check(&backslash, Some(("1.2.3.4", r"/a\\", 200)));
        let nginx = format!(r#"1.2.3.4 - - {t} "GET /\x22 502 1 HTTP/1.1" 200 7 "\x22 502 1" " 502 1 ""#);
        check(&nginx, Some(("1.2.3.4", r"/\x22 502 1", 200)));
        let unescaped = format!(r#"1.2.3.4 - - {t} "GET /a"b" HTTP/1.1" 200 502 "-" "-""#);
        check(&unescaped, Some(("1.2.3.4", r#"/a"b""#, 200)));
    }

    #[test]
    fn a_host_in_front_is_the_service() {
        let line =
            br#"shop.example:443 1.2.3.4 - - [17/Dec/2025:09:03:01 +0000] "GET / HTTP/1.1" 502 1 "-" "-""#;
        let found = with_host(line, &mut LastSecond::default()).unwrap();
        assert_eq!((found.service, found.client), (Some(&b"shop.example"[..]), &b"1.2.3.4"[..]));
        let empty = br#" 1.2.3.4 - - [17/Dec/2025:09:03:01 +0000] "GET / HTTP/1.1" 502 1 "-" "-""#;
        let found = with_host(empty, &mut LastSecond::default()).unwrap();
        assert_eq!((found.service, found.client), (None, &b"1.2.3.4"[..]));
    }

    #[test]
    fn a_megabyte_of_quotes_and_backslashes_takes_linear_time() {
        for filler in [r#"""#, r#"\""#, "[", r"\", "\" 20"] {
            let line =
                format!(r#"1 - - [17/Dec/2025:09:03:01 +0000] "{}"#, filler.repeat((1 << 20) / filler.len()));
            assert_eq!(plain(line.as_bytes(), &mut LastSecond::default()), None);
        }
    }
}
