//! The upstream among the extra fields behind a combined line, where one of them is `$upstream_addr`.
//!
//! Such fields carry no name, so only what can be nothing else is taken: `10.0.0.3:8080`, `[::1]:8080` or
//! `unix:/run/app.sock`, bare, quoted or as `upstream=…`; of several that were tried, the last.

use std::net::SocketAddr;

use memchr::memchr_iter;

use super::combined::ends_in_escape;

/// The last upstream in what stands behind the size of a response: ` "referer" "agent" extra …`.
pub(super) fn behind(after: &[u8]) -> Option<&[u8]> {
    let extra = extra(after)?;
    let mut pieces = extra.split(|byte| matches!(byte, b' ' | b',' | b'"' | b'=' | b'|'));
    pieces.rfind(|piece| is_upstream(piece))
}

/// What stands behind referer and agent: behind the fourth quote that is not escaped.
fn extra(after: &[u8]) -> Option<&[u8]> {
    let mut quotes = memchr_iter(b'"', after).filter(|at| !ends_in_escape(&after[..*at]));
    let fourth = quotes.nth(3)?;
    Some(&after[fourth + 1..]).filter(|extra| extra.len() > 1)
}

fn is_upstream(piece: &[u8]) -> bool {
    if let Some(path) = piece.strip_prefix(b"unix:") {
        return path.starts_with(b"/");
    }
    let text = std::str::from_utf8(piece).ok().filter(|text| text.len() <= 56);
    text.is_some_and(|text| text.parse::<SocketAddr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(after: &str, expected: Option<&str>) {
        assert_eq!(behind(after.as_bytes()), expected.map(str::as_bytes), "{after}");
    }

    #[test]
    fn an_upstream_is_found_only_where_it_can_be_nothing_else() {
        check(r#" "-" "agent" 10.0.0.3:8080"#, Some("10.0.0.3:8080"));
        check(r#" "-" "agent" "10.0.0.3:8080" 0.004"#, Some("10.0.0.3:8080"));
        check(r#" "-" "agent" rt=0.1 upstream=[fd00::1]:80 ua="x""#, Some("[fd00::1]:80"));
        check(r#" "-" "agent" 10.0.0.3:80, 10.0.0.4:80"#, Some("10.0.0.4:80"));
        check(r#" "-" "agent" unix:/run/app.sock"#, Some("unix:/run/app.sock"));
        check(r#" "-" "agent 10.0.0.3:8080""#, None);
        check(r#" "http://10.0.0.3:8080/" "agent""#, None);
        check(r#" "-" "a \" 10.0.0.3:80" "#, None);
        check(r#" "-" "agent" "-" 12:30 0.001"#, None);
        check("", None);
    }
}
