//! Request lines, service names and upstream lists: the small texts inside a line.

/// The target of `GET /path?query HTTP/1.1`, as written; empty where the request line is odd.
///
/// A line without a protocol (`GET /path`, HTTP/0.9) still has its target; one without a method has none.
#[inline]
pub(super) fn of_request_line(request: &[u8]) -> &[u8] {
    // What most requests are is asked for first, in whole words.
    let rest = match request.strip_prefix(b"GET ") {
        Some(rest) => rest,
        None => without_method(request),
    };
    match rest.split_last_chunk() {
        Some((target, b" HTTP/1.1" | b" HTTP/2.0")) => target,
        _ => without_protocol(rest),
    }
}

/// What stands behind any method; nothing where there is none.
fn without_method(request: &[u8]) -> &[u8] {
    let method =
        request.iter().take_while(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_')).count();
    match request.split_at(method) {
        ([_, ..], [b' ', rest @ ..]) => rest,
        _ => b"",
    }
}

fn without_protocol(rest: &[u8]) -> &[u8] {
    match rest {
        [target @ .., b' ', b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => target,
        [target @ .., b' ', b'H', b'T', b'T', b'P', b'/', b'0'..=b'9'] => target,
        _ => rest,
    }
}

/// A host as a service name: without its port; nothing for `-` and the empty host.
#[inline]
pub(super) fn service(host: &[u8]) -> Option<&[u8]> {
    let host = match memchr::memrchr(b':', host) {
        Some(colon) if is_port(host, colon) => &host[..colon],
        _ => host,
    };
    known(host)
}

/// Digits behind the only colon, or behind the bracket of an IPv6 address.
fn is_port(host: &[u8], colon: usize) -> bool {
    let digits = !host[colon + 1..].is_empty() && host[colon + 1..].iter().all(u8::is_ascii_digit);
    let bracketed = host[..colon].ends_with(b"]");
    digits && (bracketed || memchr::memchr(b':', &host[..colon]).is_none())
}

/// The text, unless it is empty or nginx's `-` for nothing.
#[inline]
pub(super) fn known(text: &[u8]) -> Option<&[u8]> {
    (!matches!(text, b"" | b"-")).then_some(text)
}

/// The last of nginx's upstream list `a, b : c`, which is the one whose answer the client got.
#[inline]
pub(super) fn last_upstream(list: &[u8]) -> Option<&[u8]> {
    let start = memchr::memrchr2(b' ', b',', list).map_or(0, |at| at + 1);
    known(&list[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(request: &str, target: &str) {
        assert_eq!(String::from_utf8_lossy(of_request_line(request.as_bytes())), target, "{request}");
    }

    #[test]
    fn the_target_is_what_stands_between_method_and_protocol() {
        check("GET / HTTP/1.1", "/");
        check("GET /a b?c HTTP/2", "/a b?c");
        check("GET /a HTTP/2.0", "/a");
        check("VERSION-CONTROL /a HTTP/1.1", "/a");
        check("GET /old", "/old");
        check("GET  HTTP/1.1", "");
        check("OPTIONS * HTTP/1.0", "*");
        for odd in ["", "-", "GET", r"\x16\x03\x01", "get / HTTP/1.1", " / HTTP/1.1"] {
            check(odd, "");
        }
    }

    #[test]
    fn a_service_is_a_host_without_its_port() {
        for (host, expected) in [
            ("shop.example", Some("shop.example")),
            ("shop.example:443", Some("shop.example")),
            ("[::1]:8080", Some("[::1]")),
            ("::1", Some("::1")),
            ("shop:", Some("shop:")),
            ("-", None),
            ("", None),
            (":80", None),
        ] {
            assert_eq!(service(host.as_bytes()), expected.map(str::as_bytes), "{host}");
        }
    }

    #[test]
    fn the_last_upstream_answered() {
        for (list, expected) in [
            ("10.0.0.1:80", Some("10.0.0.1:80")),
            ("10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80", Some("10.0.0.3:80")),
            ("10.0.0.1:80,10.0.0.2:80", Some("10.0.0.2:80")),
            ("10.0.0.1:80, -", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(last_upstream(list.as_bytes()), expected.map(str::as_bytes), "{list}");
        }
    }
}
