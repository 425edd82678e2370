//! The default format of ingress-nginx: combined, and behind it where the request went.
//!
//! ```text
//! …combined head… "referer" "agent" 349 0.004 [default-web-8080] [] 10.0.0.3:8080, 10.0.0.4:8080 0, 59 0.001, 0.003 502, 200 9f86d0…
//!                                   │   │      └ service          │  └ address list              └ length  └ time       └ status  └ id
//!                                   │   └ request time (s)        └ alternative
//!                                   └ request length
//! ```
//!
//! (ingress-nginx, "Log format" in its user guide.) Old releases leave out the alternative and the id; both are
//! optional here. A tail that does not fit leaves service, upstream and duration unknown: the head stays true.

use memchr::memchr_iter;

use super::combined::{self, ends_in_escape, word};
use super::target::known;
use super::time::{self, LastSecond};
use crate::source::request::Request;

/// What the tail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tail<'a> {
    /// `namespace-service-port`.
    service: Option<&'a [u8]>,
    /// The address that answered last.
    upstream: Option<&'a [u8]>,
    duration_ms: Option<u32>,
}

#[inline]
pub(super) fn line<'a>(line: &'a [u8], clock: &mut LastSecond) -> Option<Request<'a>> {
    let head = combined::head(line, clock)?;
    let (client, _) = word(head.before);
    let request = combined::request(line, &head, None, client);
    Some(match tail(head.after) {
        Some(Tail { service, upstream, duration_ms }) => {
            Request { service, upstream, duration_ms, ..request }
        }
        None => request,
    })
}

/// Reads everything behind the size; `None` if it is not ingress-nginx's.
pub(super) fn tail(text: &[u8]) -> Option<Tail<'_>> {
    let (_referer, text) = quoted(text)?;
    let (_agent, text) = quoted(text)?;
    let (_request_length, text) = digits(text.strip_prefix(b" ")?)?;
    let (request_time, text) = word(text);
    let (service, text) = bracketed(text)?;
    let text = bracketed(text).map_or(text, |(_alternative, text)| text);
    let (address, text) = last_of_list(text)?;
    let (_length, text) = last_of_list(text)?;
    let (_time, text) = last_of_list(text)?;
    let (_status, id) = last_of_list(text)?;
    (!id.contains(&b' ')).then(|| Tail {
        service: known(service),
        upstream: known(address),
        duration_ms: time::duration_ms(request_time),
    })
}

/// Splits ` "field" …` into the field and what follows its quote.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b" \"")?;
    let quote = memchr_iter(b'"', text).find(|quote| !ends_in_escape(&text[..*quote]))?;
    Some((&text[..quote], &text[quote + 1..]))
}

fn digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (number, rest) = word(text);
    (!number.is_empty() && number.iter().all(u8::is_ascii_digit)).then_some((number, rest))
}

/// Splits `[name] …` into the name and what follows the space.
fn bracketed(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, rest) = word(text);
    Some((name.strip_prefix(b"[")?.strip_suffix(b"]")?, rest))
}

/// Splits `a, b : c …` into the last entry and what follows the list.
fn last_of_list(mut text: &[u8]) -> Option<(&[u8], &[u8])> {
    loop {
        let (entry, rest) = word(text);
        if entry.is_empty() {
            return None;
        }
        text = match rest.strip_prefix(b": ") {
            Some(next_group) => next_group,
            None if entry.ends_with(b",") => rest,
            None => return Some((entry, rest)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"192.0.2.7 - - [17/Dec/2025:09:03:01 +0000] "GET /a HTTP/1.1" 502 150"#;

    #[track_caller]
    fn check(tail: &str, expected: (Option<&str>, Option<&str>, Option<u32>)) {
        let text = format!("{HEAD}{tail}");
        let found = line(text.as_bytes(), &mut LastSecond::default()).expect("the head is sound");
        assert_eq!((found.status, found.client), (502, &b"192.0.2.7"[..]));
        let (service, upstream, duration_ms) = expected;
        assert_eq!(found.service, service.map(str::as_bytes), "{tail}");
        assert_eq!(found.upstream, upstream.map(str::as_bytes), "{tail}");
        assert_eq!(found.duration_ms, duration_ms, "{tail}");
    }

    #[test]
    fn the_tail_names_service_upstream_and_duration() {
        let web = (Some("default-web-80"), Some("10.0.0.3:80"), Some(4));
        check(r#" "-" "curl" 502 0.004 [default-web-80] [] 10.0.0.3:80 59 0.004 502 9f86"#, web);
        check(r#" "-" "curl" 502 0.004 [default-web-80] 10.0.0.3:80 59 0.004 502 9f86"#, web);
        check(r#" "-" "curl" 502 0.004 [default-web-80] [] 10.0.0.3:80 59 0.004 502"#, web);
        check(
            r#" "a\"b" "c\\" 5 0.004 [default-web-80] [alt] 10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80 0, 0 : 59 0.001, 0.001 : 0.002 502, 502 : 200 9f86"#,
            web,
        );
        check(r#" "-" "-" 0 0.000 [] [] - - - - 9f86"#, (None, None, Some(0)));
    }

    #[test]
    fn a_tail_that_does_not_fit_leaves_the_head_true() {
        for tail in
            ["", r#" "-" "-""#, r#" "-" "-" 5 0.004 [default-web-80"#, r#" "-" "-" x 0.0 [a] [] - - - - i"#]
        {
            check(tail, (None, None, None));
        }
    }
}
