//! One JSON object a line, with the usual keys in any order.
//!
//! The scanner below walks the object once and borrows the values as written. It accepts exactly what `serde_json`
//! accepts (the property tests say so): the rare things it does not judge itself, namely nested values, `\u` escapes and
//! extreme numbers, make it ask `serde_json` for a second opinion. Bytes that are not UTF-8 are fine inside strings,
//! since nginx's `escape=json` writes them so.

use std::borrow::Cow;

use memchr::memchr2;

use super::target::{known, last_upstream, of_request_line, service};
use super::time;
use crate::source::request::{Millis, Request};

/// Numbers longer than this may be out of range for `serde_json`.
const LONGEST_PLAIN_NUMBER: usize = 200;

/// A value as written: the inside of a string, a number, or something no field of ours can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Value<'a> {
    #[default]
    Absent,
    Text(&'a [u8]),
    Number(&'a [u8]),
    Other,
}

/// The values of the keys we know. Where several keys say one thing, the one named first wins if it can be read.
#[derive(Debug, Default)]
struct Fields<'a> {
    status: Value<'a>,
    time: [Value<'a>; 6],
    service: [Value<'a>; 3],
    upstream: [Value<'a>; 2],
    duration: [Value<'a>; 2],
    client: [Value<'a>; 3],
    target: [Value<'a>; 3],
    request: Value<'a>,
}

pub(super) fn line(line: &[u8]) -> Option<Request<'_>> {
    let fields = fields(line)?;
    Some(Request {
        at: fields.time.iter().find_map(|value| moment(*value)),
        status: status(fields.status)?,
        service: fields.service.iter().find_map(|value| service(value.text()?)),
        client: fields.client.iter().find_map(|value| known(value.text()?)).unwrap_or(b""),
        target: fields.target(),
        upstream: fields.upstream.iter().find_map(|value| last_upstream(value.text()?)),
        duration_ms: fields.duration.iter().find_map(|value| duration_ms(*value)),
        line,
    })
}

fn fields(line: &[u8]) -> Option<Fields<'_>> {
    let mut fields = Fields::default();
    let mut scanner = Scanner { rest: line, doubtful: false };
    scanner.object(|key, value| {
        if let Some(slot) = fields.slot(key) {
            *slot = value;
        }
    })?;
    (!scanner.doubtful || serde_agrees(line)).then_some(fields)
}

#[cold]
fn serde_agrees(line: &[u8]) -> bool {
    serde_json::from_str::<serde_json::Value>(&String::from_utf8_lossy(line)).is_ok()
}

impl<'a> Fields<'a> {
    /// Where the value of a key goes; a repeated key overwrites, as in `serde_json`.
    fn slot(&mut self, key: &[u8]) -> Option<&mut Value<'a>> {
        Some(match key {
            b"status" => &mut self.status,
            b"time" => &mut self.time[0],
            b"time_iso8601" => &mut self.time[1],
            b"time_local" => &mut self.time[2],
            b"@timestamp" => &mut self.time[3],
            b"ts" => &mut self.time[4],
            b"msec" => &mut self.time[5],
            b"host" => &mut self.service[0],
            b"server_name" => &mut self.service[1],
            b"vhost" => &mut self.service[2],
            b"upstream" => &mut self.upstream[0],
            b"upstream_addr" => &mut self.upstream[1],
            b"request_time" => &mut self.duration[0],
            b"duration" => &mut self.duration[1],
            b"remote_addr" => &mut self.client[0],
            b"client" => &mut self.client[1],
            b"client_ip" => &mut self.client[2],
            b"request_uri" => &mut self.target[0],
            b"uri" => &mut self.target[1],
            b"path" => &mut self.target[2],
            b"request" => &mut self.request,
            _ => return None,
        })
    }

    /// The first target named, or that of a whole request line.
    fn target(&self) -> &'a [u8] {
        let named = self.target.iter().find_map(|value| known(value.text()?));
        named.unwrap_or_else(|| match self.request.text() {
            Some(path @ [b'/', ..]) => path,
            Some(request) => of_request_line(request),
            None => b"",
        })
    }
}

impl<'a> Value<'a> {
    fn text(self) -> Option<&'a [u8]> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What a number or a string says, with escapes undone.
    fn said(self) -> Option<Cow<'a, [u8]>> {
        match self {
            Value::Text(text) => unescaped(text),
            Value::Number(text) => Some(Cow::Borrowed(text)),
            Value::Absent | Value::Other => None,
        }
    }
}

/// The string without its escapes; almost always as it stands.
fn unescaped(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !text.contains(&b'\\') {
        return Some(Cow::Borrowed(text));
    }
    let quoted = format!("\"{}\"", String::from_utf8_lossy(text));
    serde_json::from_str::<String>(&quoted).ok().map(|text| Cow::Owned(text.into_bytes()))
}

fn status(value: Value<'_>) -> Option<u16> {
    match *value.said()? {
        [hundreds @ b'1'..=b'9', tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            let digit = |byte: u8| u16::from(byte - b'0');
            Some(digit(hundreds) * 100 + digit(tens) * 10 + digit(ones))
        }
        _ => None,
    }
}

fn moment(value: Value<'_>) -> Option<Millis> {
    let said = value.said()?;
    match value {
        Value::Number(_) => time::epoch(&said),
        _ => time::iso(&said)
            .or_else(|| time::local(said.as_ref().try_into().ok()?))
            .or_else(|| time::epoch(&said)),
    }
}

/// `request_time` and `duration` are taken for seconds, as nginx and Caddy write them.
fn duration_ms(value: Value<'_>) -> Option<u32> {
    time::duration_ms(&value.said()?)
}

/// Walks one JSON object.
struct Scanner<'a> {
    rest: &'a [u8],
    /// Something was met that only `serde_json` can judge.
    doubtful: bool,
}

impl<'a> Scanner<'a> {
    /// Calls `found` for each member; `None` if the line is not one object.
    fn object(&mut self, mut found: impl FnMut(&[u8], Value<'a>)) -> Option<()> {
        self.skip_space();
        self.expect(b'{')?;
        self.skip_space();
        if self.expect(b'}').is_none() {
            self.members(&mut found)?;
        }
        self.skip_space();
        self.rest.is_empty().then_some(())
    }

    fn members(&mut self, found: &mut impl FnMut(&[u8], Value<'a>)) -> Option<()> {
        loop {
            self.skip_space();
            let key = unescaped(self.string()?)?;
            self.skip_space();
            self.expect(b':')?;
            self.skip_space();
            let value = self.value()?;
            found(&key, value);
            self.skip_space();
            if self.expect(b',').is_none() {
                return self.expect(b'}');
            }
        }
    }

    fn value(&mut self) -> Option<Value<'a>> {
        match self.rest.first()? {
            b'"' => self.string().map(Value::Text),
            b'-' | b'0'..=b'9' => self.number().map(Value::Number),
            b'{' | b'[' => self.nested().map(|()| Value::Other),
            _ => self.literal().map(|()| Value::Other),
        }
    }

    /// The inside of a string, as written.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.expect(b'"')?;
        let text = self.rest;
        let mut end = 0;
        loop {
            end += memchr2(b'"', b'\\', &text[end..])?;
            if text[end] == b'"' {
                break;
            }
            match text.get(end + 1)? {
                b'u' => self.doubtful = true,
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                _ => return None,
            }
            end += 2;
        }
        self.rest = &text[end + 1..];
        let control = text[..end].iter().fold(false, |seen, byte| seen | (*byte < 0x20));
        (!control).then_some(&text[..end])
    }

    fn number(&mut self) -> Option<&'a [u8]> {
        let text = self.rest;
        self.rest = text.strip_prefix(b"-").unwrap_or(text);
        let leading_zero = self.rest.starts_with(b"0");
        if self.digits()? > 1 && leading_zero {
            return None;
        }
        if self.expect(b'.').is_some() {
            self.digits()?;
        }
        if let [b'e' | b'E', rest @ ..] = self.rest {
            self.doubtful = true;
            self.rest = rest.strip_prefix(b"-").or_else(|| rest.strip_prefix(b"+")).unwrap_or(rest);
            self.digits()?;
        }
        let number = &text[..text.len() - self.rest.len()];
        self.doubtful |= number.len() > LONGEST_PLAIN_NUMBER;
        Some(number)
    }

    /// At least one digit; how many there were.
    fn digits(&mut self) -> Option<usize> {
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.rest = &self.rest[count..];
        (count > 0).then_some(count)
    }

    fn literal(&mut self) -> Option<()> {
        let literal =
            [&b"true"[..], b"false", b"null"].into_iter().find(|word| self.rest.starts_with(word))?;
        self.rest = &self.rest[literal.len()..];
        Some(())
    }

    /// Skips an array or object by its brackets; `serde_json` will judge what is between them.
    fn nested(&mut self) -> Option<()> {
        self.doubtful = true;
        let mut depth = 0_usize;
        loop {
            match self.rest.first()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.rest = &self.rest[1..];
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        (*first == byte).then(|| self.rest = rest)
    }

    fn skip_space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Millis = 1_765_962_181_000;

    #[test]
    fn the_usual_keys_are_read_in_any_order() {
        let text = br#"{"request_time":0.004,"path":"/a","upstream_addr":"10.0.0.1:80, 10.0.0.2:80",
            "status":"502","remote_addr":"::1","host":"shop.example:443","time":"2025-12-17T09:03:01+00:00"}"#;
        let expected = Request {
            at: Some(AT),
            status: 502,
            service: Some(b"shop.example"),
            client: b"::1",
            target: b"/a",
            upstream: Some(b"10.0.0.2:80"),
            duration_ms: Some(4),
            line: text,
        };
        assert_eq!(line(text), Some(expected));
    }

    #[test]
    fn every_spelling_of_the_time_is_understood() {
        for time in [
            r#""time":"17/Dec/2025:09:03:01 +0000""#,
            r#""time_iso8601":"2025-12-17T10:03:01+01:00""#,
            r#""time_local":"17\/Dec\/2025:09:03:01 +0000""#,
            r#""@timestamp":"2025-12-17T09:03:01.000Z""#,
            r#""@timestamp":"2025-12-17T09:03:01\u002b00:00""#,
            r#""ts":1765962181"#,
            r#""ts":1765962181000"#,
            r#""msec":"1765962181.000""#,
            r#""time":"nonsense","msec":1765962181.0"#,
            r#""msec":5,"time":"2025-12-17T09:03:01Z""#,
        ] {
            let text = format!(r#"{{{time},"status":200}}"#);
            assert_eq!(line(text.as_bytes()).and_then(|request| request.at), Some(AT), "{time}");
        }
    }

    #[test]
    fn a_line_without_a_sound_status_is_malformed() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"status":502"#,
            r#"{"status":502}}"#,
            r#"{"status":0502}"#,
            r#"{"status":502.0}"#,
            r#"{"status":99}"#,
            r#"{"status":"5 2"}"#,
            r#"{"status":[502]}"#,
            r#"{"status":502,}"#,
            r#"{"status":502 "a":1}"#,
            r#"{"a":"\x","status":502}"#,
            "{\"a\":\"\u{1}\",\"status\":502}",
            r#"{"a":"\ud800","status":502}"#,
            r#"{"a":[1,],"status":502}"#,
            r#"{"a":1e999,"status":502}"#,
            r#"{"Status":502}"#,
        ] {
            assert_eq!(line(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn odd_but_sound_objects_are_read() {
        for text in [
            &br#" { "status" : 502 } "#[..],
            br#"{"st\u0061tus":502}"#,
            br#"{"status":200,"status":502}"#,
            br#"{"a":{"status":200,"b":["}"]},"status":502}"#,
            b"{\"a\":\"\xff\xfe\",\"status\":502}",
            br#"{"a":"\" \"status\":200","status":502,"c":null,"d":-0.1e5}"#,
        ] {
            assert_eq!(line(text).map(|found| found.status), Some(502), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn a_request_line_gives_its_target() {
        for (text, target) in [
            (&br#"{"status":200,"request":"GET /a HTTP/1.1"}"#[..], &b"/a"[..]),
            (br#"{"status":200,"request":"/a"}"#, b"/a"),
            (br#"{"status":200,"request":{"uri":"/b"},"uri":"/a"}"#, b"/a"),
            (br#"{"status":200,"request":"-","request_uri":"-"}"#, b""),
        ] {
            assert_eq!(line(text).unwrap().target, target);
        }
    }
}
