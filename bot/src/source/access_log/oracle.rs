//! The same formats read slowly and obviously, to check the fast readers against.

use proptest::prelude::*;
use serde_json::Value;

use super::{LogFormat, Parser};
use crate::source::request::{Millis, Request};

/// Reads a combined line byte by byte, with chrono for the calendar: client, time, target and status.
fn combined(line: &str) -> Option<(String, Millis, String, u16)> {
    let time_at = (0..line.len()).find(|at| time_and_rest(line, *at).is_some())?;
    let (at, rest) = time_and_rest(line, time_at)?;
    let (request, status) = request_and_status(rest)?;
    let client = line.split(' ').next()?.to_owned();
    Some((client, at, target(&request), status))
}

fn time_and_rest(line: &str, at: usize) -> Option<(Millis, &str)> {
    let text = line.get(at..)?.strip_prefix(" [")?;
    let time = chrono::DateTime::parse_from_str(text.get(..26)?, "%d/%b/%Y:%H:%M:%S %z").ok()?;
    Some((time.timestamp_millis(), text.get(26..)?.strip_prefix("] \"")?))
}

fn request_and_status(text: &str) -> Option<(String, u16)> {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '\\' => escaped = !escaped,
            '"' if !escaped && status(&text[at + 1..]).is_some() => {
                return Some((text[..at].to_owned(), status(&text[at + 1..])?));
            }
            _ => escaped = false,
        }
    }
    None
}

fn status(text: &str) -> Option<u16> {
    let mut words = text.split(' ');
    let (empty, status, size) = (words.next()?, words.next()?, words.next()?);
    let digits = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let sound = empty.is_empty() && status.len() == 3 && digits(status) && (size == "-" || digits(size));
    let status: u16 = status.parse().ok()?;
    (sound && status >= 100).then_some(status)
}

fn target(request: &str) -> String {
    let Some((method, rest)) = request.split_once(' ') else { return String::new() };
    let known =
        !method.is_empty() && method.chars().all(|letter| "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_".contains(letter));
    if !known {
        return String::new();
    }
    match rest.rsplit_once(' ') {
        Some((target, protocol)) if is_protocol(protocol) => target.to_owned(),
        _ => rest.to_owned(),
    }
}

fn is_protocol(word: &str) -> bool {
    let version = word.strip_prefix("HTTP/").map(|version| version.split('.').collect::<Vec<_>>());
    let digit = |part: &&str| part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_digit());
    version.is_some_and(|parts| parts.len() <= 2 && parts.iter().all(digit))
}

fn parse(format: LogFormat, line: &[u8]) -> Option<Request<'_>> {
    Parser::new(format).parse(line)
}

/// Pieces of which lines are made, sound and broken, in sound and broken order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "1.2.3.4",
        "2001:db8::7",
        " ",
        " - ",
        " - - ",
        "-",
        "[",
        "]",
        " [17/Dec/2025:09:03:01 +0000]",
        " [17/Dec/2025:09:03:02 -0330]",
        " [30/Feb/2025:09:03:02 +0000]",
        " \"",
        "\"",
        "\\\"",
        "\\\\",
        "\\x22",
        "GET /a HTTP/1.1",
        "GET /",
        "\" 502 166",
        "\" 502 ",
        "\" 200 -",
        " 502 ",
        "502",
        " 5021 1",
        "\" 099 1",
        "HTTP/2",
        " \"-\" \"Mozilla/5.0 (x)\"",
        "\u{e9}",
        "\u{0}",
        "{",
        "é€",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// A sound head with a hostile user, request and rest.
fn heads() -> impl Strategy<Value = String> {
    (pieces(), pieces(), 100..1000_u16, pieces()).prop_map(|(user, request, status, rest)| {
        format!("1.2.3.4 - {user} [17/Dec/2025:09:03:01 +0000] \"{request}\" {status} 17 {rest}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn combined_lines_read_as_the_oracle_reads_them(line in prop_oneof![pieces(), heads()]) {
        let found = parse(LogFormat::Combined, line.as_bytes()).map(|request| {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            (text(request.client), request.at.unwrap(), text(request.target), request.status)
        });
        prop_assert_eq!(found, combined(&line), "{}", line);
    }

    #[test]
    fn status_time_and_client_agree_in_all_formats_of_the_family(line in prop_oneof![pieces(), heads()]) {
        let plain = parse(LogFormat::Combined, line.as_bytes());
        let ingress = parse(LogFormat::IngressNginx, line.as_bytes());
        let hosted = format!("shop.example:443 {line}");
        let with_host = parse(LogFormat::CombinedWithHost, hosted.as_bytes());
        let essence = |request: Request<'_>| (request.at, request.status, request.client.to_vec(), request.target.to_vec());
        prop_assert_eq!(plain.map(essence), ingress.map(essence));
        if !line.starts_with(" [") {
            prop_assert_eq!(plain.map(essence), with_host.map(essence));
        }
    }

    #[test]
    fn no_bytes_whatever_make_a_parser_stumble(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..200) {
        let sound = br#"1.2.3.4 - - [17/Dec/2025:09:03:01 +0000] "GET / HTTP/1.1" 502 166 "-" "x" 9 0.1 [a] [] b 0 0.1 502 1f"#;
        let mixed = [&sound[..cut.min(sound.len())], &bytes].concat();
        for format in LogFormat::ALL {
            for line in [&bytes, &mixed] {
                if let Some(request) = parse(format, line) {
                    prop_assert!((100..1000).contains(&request.status));
                }
            }
        }
    }

    #[test]
    fn json_lines_are_sound_exactly_when_serde_says_so(line in prop_oneof![objects(), broken_objects()]) {
        let found = parse(LogFormat::JsonLines, &line);
        let text = String::from_utf8_lossy(&line).into_owned();
        let oracle = serde_json::from_str::<Value>(&text).ok().and_then(|value| json(&value, &text));
        let found = found.map(|request| (request.status, request.at, said(request.client)));
        prop_assert_eq!(found, oracle, "{}", text);
    }
}

/// What a borrowed string says, its escapes undone by serde.
fn said(raw: &[u8]) -> String {
    serde_json::from_str(&format!("\"{}\"", String::from_utf8_lossy(raw))).unwrap()
}

/// Status, time (epoch or RFC 3339) and client as `serde_json` sees them.
fn json(value: &Value, text: &str) -> Option<(u16, Option<Millis>, String)> {
    let object = value.as_object()?;
    let status = match object.get("status")? {
        Value::Number(number) => u16::try_from(number.as_u64()?).ok()?,
        Value::String(text) if text.len() == 3 && !text.starts_with('+') => text.parse().ok()?,
        _ => return None,
    };
    let time = ["time", "ts"].iter().find_map(|key| match object.get(*key)? {
        Value::Number(number) if !is_exponential(text, key) => {
            number.as_f64().filter(|n| *n >= 0.0).and_then(epoch)
        }
        Value::String(text) => {
            let iso = chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_millis());
            iso.or_else(|| text.parse().ok().and_then(epoch))
        }
        _ => None,
    });
    let client = ["remote_addr", "client"]
        .iter()
        .find_map(|key| object.get(*key)?.as_str().filter(|text| !matches!(*text, "" | "-")));
    (100..1000).contains(&status).then(|| (status, time, client.unwrap_or_default().to_owned()))
}

/// Whether the last value of this key is written with an exponent, which no log does and our reader refuses.
fn is_exponential(text: &str, key: &str) -> bool {
    let value = text.rsplit_once(&format!("\"{key}\":")).map_or("", |(_, value)| value);
    value.split([',', '}']).next().is_some_and(|number| number.contains(['e', 'E']))
}

fn epoch(number: f64) -> Option<Millis> {
    match number {
        n if n < 1e11 => Some((n * 1000.0).round() as Millis),
        n if n < 1e14 => Some(n.round() as Millis),
        _ => None,
    }
}

fn members() -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(vec![
        &br#""status":502"#[..],
        br#""status":"200""#,
        br#""status" : 99"#,
        br#""st\u0061tus":404"#,
        br#""status":50.2"#,
        br#""status":5e2"#,
        br#""status":-502"#,
        br#""status":null"#,
        br#""status":"5\u00302""#,
        br#""status":0502"#,
        br#""time":"2025-12-17T09:03:01Z""#,
        br#""time":"no""#,
        br#""ts":1765962181.5"#,
        br#""ts":"1765962181""#,
        br#""ts":1765962181123"#,
        br#""ts":-3"#,
        br#""ts":[1,2]"#,
        br#""client":"10.0.0.1""#,
        br#""remote_addr":"a\"b\\""#,
        br#""remote_addr":"\n\u00e9""#,
        br#""remote_addr":"\ud800""#,
        b"\"client\":\"\xff\xc3\"",
        b"\"x\":\"\x01\"",
        br#""x":{"status":500,"y":[{}]}"#,
        br#""x":[1,]"#,
        br#""x":1e400"#,
        br#""x":01"#,
        br#""x":"\q""#,
        br#""x":tru"#,
        br#""x":true"#,
        br#""x":-"#,
        br#""x":"{\"status\":1""#,
        br#"x:1"#,
        br#""x""#,
        br#""x":1.""#,
    ])
    .prop_map(<[u8]>::to_vec)
}

fn objects() -> impl Strategy<Value = Vec<u8>> {
    let sound = members().prop_filter("sound alone", |member| {
        let object = [b"{", &member[..], b"}"].concat();
        serde_json::from_str::<Value>(&String::from_utf8_lossy(&object)).is_ok()
    });
    let separator = prop::sample::select(vec![&b","[..], b", ", b"\t,\r\n"]);
    (prop::collection::vec(sound, 0..6), separator)
        .prop_map(|(members, separator)| [b"{", &members.join(separator)[..], b"}"].concat())
}

fn broken_objects() -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec(members(), 0..6), any::<prop::sample::Index>(), any::<u8>()).prop_map(
        |(members, place, byte)| {
            let mut line = [b" {", &members.join(&b","[..])[..], b"} "].concat();
            let place = place.index(line.len());
            line[place] = byte;
            line
        },
    )
}
