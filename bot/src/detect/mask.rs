//! Takes out of a log line what nobody in chat may see: query values, addresses, tokens, control characters.
//!
//! Masking errs on the side of hiding. What it yields is bounded, printable and still untrusted text.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest path shown, in characters.
pub const PATH_CHARS: usize = 120;
/// The longest line shown, in characters.
pub const LINE_CHARS: usize = 300;
/// What is read of a line; the rest is left out.
const READ_BYTES: usize = 2048;

/// The path of a request target: no query, no token-like segment.
#[must_use]
pub fn path(target: &[u8]) -> String {
    let end = target.iter().position(|b| matches!(b, b'?' | b'#')).unwrap_or(target.len());
    let rest = if end < target.len() { "?…" } else { "" };
    cut(&(hide(&visible(&target[..end])) + rest), PATH_CHARS)
}

/// The network of a client: /24 or /48; `?` where it is no address.
#[must_use]
pub fn client(address: &[u8]) -> String {
    let text = std::str::from_utf8(address).unwrap_or("");
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => format!("{}/24", network_v4(v4)),
        Ok(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => format!("{}/24", network_v4(v4)),
            None => format!("{}/48", network_v6(v6)),
        },
        Err(_) => "?".to_owned(),
    }
}

/// A name from outside (service, upstream): printable and bounded, otherwise as it is.
#[must_use]
pub fn name(bytes: &[u8]) -> String {
    cut(visible(bytes).trim(), PATH_CHARS)
}

/// A whole log line.
#[must_use]
pub fn line(bytes: &[u8]) -> String {
    cut(&hide(&without_queries(&visible(bytes))), LINE_CHARS)
}

fn network_v4(address: Ipv4Addr) -> Ipv4Addr {
    let [a, b, c, _] = address.octets();
    Ipv4Addr::new(a, b, c, 0)
}

fn network_v6(address: Ipv6Addr) -> Ipv6Addr {
    let [a, b, c, ..] = address.segments();
    Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)
}

/// Bytes as text: what cannot be printed becomes an escape that can be seen.
fn visible(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().min(READ_BYTES));
    let read = &bytes[..bytes.len().min(READ_BYTES)];
    for chunk in read.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_visible(&mut text, c);
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    if read.len() < bytes.len() {
        // The last word may have been cut, and would no longer be known for what it is.
        let end = text.rfind([' ', '/', '"']).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

fn push_visible(text: &mut String, c: char) {
    // Directions, joiners, fillers and tags: invisible, and able to make text look like something else.
    let invisible = matches!(c, '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}');
    if c.is_control() || invisible {
        let _ = write!(text, "\\u{{{:X}}}", u32::from(c));
    } else {
        text.push(c);
    }
}

/// Cuts at a character, never within one.
fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        None => text.to_owned(),
        Some(_) => text.chars().take(chars - 1).chain(['…']).collect(),
    }
}

/// Replaces each query by `?…`: up to the protocol or the closing quote, or to the next space outside quotes.
fn without_queries(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let (mut rest, mut quoted) = (text, false);
    while let Some(mark) = query_start(rest) {
        quoted ^= unescaped_quotes(&rest[..mark]) % 2 == 1;
        kept.push_str(&rest[..mark]);
        kept.push_str("?…");
        rest = &rest[mark + query_length(&rest[mark..], quoted)..];
    }
    kept + rest
}

/// Where a query begins: at `?`, or at `?` written as an escape.
fn query_start(text: &str) -> Option<usize> {
    let escaped = |at: usize| {
        let after = &text.as_bytes()[at + 1..];
        let after = after.strip_prefix(b"25").unwrap_or(after);
        after.get(..2).is_some_and(|code| code.eq_ignore_ascii_case(b"3f"))
    };
    text.bytes().enumerate().find(|(at, b)| *b == b'?' || *b == b'%' && escaped(*at)).map(|(at, _)| at)
}

fn unescaped_quotes(text: &str) -> usize {
    let bytes = text.as_bytes();
    (0..bytes.len()).filter(|at| bytes[*at] == b'"' && (*at == 0 || bytes[at - 1] != b'\\')).count()
}

fn query_length(text: &str, quoted: bool) -> usize {
    if !quoted {
        return text.find([' ', '"']).unwrap_or(text.len());
    }
    let bytes = text.as_bytes();
    let end = (1..bytes.len()).find(|at| bytes[*at] == b'"' && bytes[at - 1] != b'\\').unwrap_or(bytes.len());
    text[..end].rfind(" HTTP/").unwrap_or(end)
}

/// Hides addresses and all that looks like a token.
fn hide(text: &str) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let long = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(long);
        if is_word(first) {
            hide_word(piece, &mut hidden)
        } else {
            hidden.push_str(piece)
        }
        rest = after;
    }
    hidden
}

/// What a token, an address or a mail address is written with.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '+' | '=' | '~' | '@' | '%' | '!' | '$' | '*')
}

fn hide_word(word: &str, hidden: &mut String) {
    if word.contains('@') || contains_ignoring_case(word, "%40") {
        return hidden.push_str("{mail}");
    }
    if let Some(address) = hide_v6(word) {
        return hidden.push_str(&address);
    }
    let (key, value) = word.split_once('=').map_or((word, None), |(key, value)| (key, Some(value)));
    if is_one_token(key) {
        hidden.push_str("{token}")
    } else {
        hide_parts(key, hidden)
    }
    match value {
        Some(value) if value.trim_end_matches('=').is_empty() || is_decimal(value) => {
            let _ = write!(hidden, "={value}");
        }
        Some(_) => hidden.push_str("={value}"),
        None => {}
    }
}

fn contains_ignoring_case(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// A duration or a share, not an address: `0.003`, `12`.
fn is_decimal(text: &str) -> bool {
    text.len() <= 8 && text.parse::<f64>().is_ok() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// An IPv6 address, with or without a zone, as its network.
fn hide_v6(word: &str) -> Option<String> {
    if word.bytes().filter(|b| *b == b':').count() < 2 {
        return None;
    }
    let bare = word.split('%').next().unwrap_or(word).trim_end_matches([':', '.']);
    bare.parse::<Ipv6Addr>().ok().map(|v6| client(v6.to_string().as_bytes()))
}

/// Is the whole word one token, its punctuation included (base64, a signed token, a long key)?
fn is_one_token(word: &str) -> bool {
    let has = |test: fn(&u8) -> bool| word.as_bytes().iter().any(test);
    let mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let hex = word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-' || b == b':');
    // A date with its time is no token.
    let hex = hex && (!word.contains(':') || has(u8::is_ascii_alphabetic));
    word.len() >= 20 && mixed && !word.contains("://")
        || word.len() >= 12 && hex && has(u8::is_ascii_digit)
        || word.len() >= 10 && word.starts_with("eyJ")
}

/// Hides the token-like parts of a word between its punctuation; addresses are cut to their network.
fn hide_parts(word: &str, hidden: &mut String) {
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        if let Some((address, long)) = leading_v4(rest) {
            let _ = write!(hidden, "{}", network_v4(address));
            rest = &rest[long..];
            continue;
        }
        let alphanumeric = first.is_alphanumeric();
        let long = rest.find(|c: char| c.is_alphanumeric() != alphanumeric).unwrap_or(rest.len());
        let part = &rest[..long];
        hidden.push_str(if alphanumeric { shown(part) } else { part });
        rest = &rest[long..];
    }
}

/// An IPv4 address at the beginning, and how long it is; not one inside a longer dotted number.
fn leading_v4(text: &str) -> Option<(Ipv4Addr, usize)> {
    let long = text.bytes().position(|b| !(b.is_ascii_digit() || b == b'.')).unwrap_or(text.len());
    let dotted = text[..long].trim_end_matches('.');
    let mut end = 0;
    for (index, part) in dotted.split('.').take(4).enumerate() {
        let value: u16 = if part.len() <= 3 { part.parse().ok()? } else { return None };
        end += part.len() + usize::from(index > 0);
        if value > 255 {
            return None;
        }
    }
    // Leading zeros are no address to the standard library, but are one to people.
    let plain: Vec<u8> = dotted[..end].split('.').filter_map(|part| part.parse().ok()).collect();
    let octets: [u8; 4] = plain.try_into().ok()?;
    Some((Ipv4Addr::from(octets), end))
}

/// A part as it is, or a placeholder that says what it was.
fn shown(part: &str) -> &str {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let longest_run = part.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    let letters = part.len() - digits;
    let upper = part.bytes().any(|b| b.is_ascii_uppercase());
    let lower = part.bytes().any(|b| b.is_ascii_lowercase());
    if letters == 0 && digits >= 5 {
        "{number}"
    } else if part.len() >= 7 && digits > 0 && part.bytes().all(|b| b.is_ascii_hexdigit()) {
        "{hex}"
    } else if longest_run >= 5
        || part.chars().count() >= 24
        || part.len() >= 10 && digits >= 3
        || part.len() >= 16 && digits > 0
        || part.len() >= 12 && (upper && lower && digits > 0 || case_changes(part) >= 5)
    {
        "{id}"
    } else {
        part
    }
}

fn case_changes(part: &str) -> usize {
    part.as_bytes()
        .windows(2)
        .filter(|pair| pair[0].is_ascii_lowercase() != pair[1].is_ascii_lowercase())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_keep_their_words_and_lose_what_is_private() {
        for (target, expected) in [
            ("", ""),
            ("/", "/"),
            ("/blog/a-long-title-of-2015/page/2", "/blog/a-long-title-of-2015/page/2"),
            ("/css/jquery-1.11.3.min.js", "/css/jquery-1.11.3.min.js"),
            ("/search?q=my+illness&x=1", "/search?…"),
            ("/users/4711", "/users/4711"),
            ("/users/471108", "/users/{number}"),
            ("/u/123e4567-e89b-12d3-a456-426614174000/edit", "/u/{token}/edit"),
            ("/reset/9f86d081884c7d659a2f", "/reset/{token}"),
            ("/a/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "/a/{token}"),
            ("/unsubscribe/ana@example.org", "/unsubscribe/{mail}"),
            ("/unsubscribe/ana%40example.org", "/unsubscribe/{mail}"),
            ("/proxy/http://192.0.2.77:80/x", "/proxy/http://192.0.2.0:80/x"),
            ("/x;jsessionid=ABCDEF", "/x;jsessionid={value}"),
            ("/k/AKIAIOSFODNN7EXAMPLE", "/k/{id}"),
            ("/文章/第一", "/文章/第一"),
        ] {
            assert_eq!(path(target.as_bytes()), expected, "{target}");
        }
    }

    #[test]
    fn clients_are_cut_to_their_network() {
        for (address, expected) in [
            ("192.0.2.77", "192.0.2.0/24"),
            ("2001:db8:1:2::3", "2001:db8:1::/48"),
            ("::ffff:192.0.2.77", "192.0.2.0/24"),
            ("unix:", "?"),
            ("", "?"),
        ] {
            assert_eq!(client(address.as_bytes()), expected, "{address}");
        }
    }

    #[test]
    fn lines_keep_their_shape() {
        for (given, expected) in [
            (
                r#"203.0.113.9 - ana [17/Dec/2025:09:03:01 +0000] "GET /a/b?t=secret HTTP/1.1" 502 166 "https://x.test/?q=1" "Mozilla/5.0 (X11; rv:10_9_2) Chrome/60.0.3112.113""#,
                r#"203.0.113.0 - ana [17/Dec/2025:09:03:01 +0000] "GET /a/b?… HTTP/1.1" 502 166 "https://x.test/?…" "Mozilla/5.0 (X11; rv:10_9_2) Chrome/60.0.3112.113""#,
            ),
            ("2001:db8:7:8::9 - [2001:db8:a:b::c]:443 x", "2001:db8:7::/48 - [2001:db8:a::/48]:443 x"),
            (r#"{"u":"/a?b=\"c\" d","s":502}"#, r#"{"u":"/a?…","s":502}"#),
            (r#"1.2.3.4 "GET /?a=x y z" 502"#, r#"1.2.3.0 "GET /?…" 502"#),
            ("/p?visit=7 10.1.0.2:8080 502", "/p?… 10.1.0.0:8080 502"),
            ("rt=0.003 key=abc", "rt=0.003 key={value}"),
            ("a\u{202E}b\u{0}c", "a\\u{202E}b\\u{0}c"),
        ] {
            assert_eq!(line(given.as_bytes()), expected);
        }
        assert_eq!(line(b"\xFF\x1B[31m"), "\\xFF\\u{1B}[31m");
    }

    #[test]
    fn text_beyond_what_is_read_is_left_out_at_a_word() {
        let long = format!("{} ana@example.org", "a/".repeat(1020));
        assert!(!line(long.as_bytes()).contains("ana"));
        assert!(line(&[b'x'; 100_000]).chars().count() <= LINE_CHARS);
    }

    fn token() -> impl Strategy<Value = String> {
        prop_oneof![
            "[0-9]{6,20}",
            "[0-9a-f]{15}[0-9]",
            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{11}7",
            "[a-z]{3}[A-Z]{3}[0-9]{2}[a-zA-Z0-9_-]{12,40}",
            "eyJ[A-Za-z0-9]{8,20}\\.[A-Za-z0-9]{8,20}\\.[A-Za-z0-9_-]{8,20}",
            "[a-z]{2,8}@[a-z]{2,8}\\.org",
            "198\\.51\\.100\\.(1[0-9]{2}|[2-9][0-9])",
            "2001:db8:1:[1-9a-f]{4}::[1-9a-f]{4}",
        ]
    }

    proptest! {
        #[test]
        fn no_token_no_address_and_no_query_value_is_shown(token in token(), value in "[^ \"\\\\?%]{6,30}") {
            let target = format!("/a/{token}/b");
            prop_assert!(!path(target.as_bytes()).contains(&token), "{}", path(target.as_bytes()));
            let given = format!("{token} - - \"GET /a/{token}/b?key={value}&{value} HTTP/1.1\" 502 \"{token}\"");
            let shown = line(given.as_bytes());
            prop_assert!(!shown.contains(&token), "{shown}");
            prop_assert!(!shown.contains(&value), "{shown}");
            prop_assert!(shown.contains("HTTP/1.1\" 502"), "{shown}");
        }

        #[test]
        fn any_bytes_become_bounded_printable_text(bytes in proptest::collection::vec(any::<u8>(), 0..700)) {
            for (shown, most) in [(path(&bytes), PATH_CHARS), (name(&bytes), PATH_CHARS), (line(&bytes), LINE_CHARS)] {
                prop_assert!(shown.chars().count() <= most);
                prop_assert!(!shown.chars().any(char::is_control));
            }
        }

        #[test]
        fn any_text_is_masked_without_panic(text in "\\PC{0,200}") {
            prop_assert!(line(text.as_bytes()).chars().count() <= LINE_CHARS);
            prop_assert!(path(text.as_bytes()).chars().count() <= PATH_CHARS);
        }
    }
}
