//! The formats Lifeboat reads, and how it recognises them.

use std::fmt;
use std::str::FromStr;

use super::time::LastSecond;
use super::{combined, ingress, json, without_ending};

/// How many lines [`recognise`] looks at.
pub const LINES_LOOKED_AT: usize = 100;

/// A format of access logs. Extra fields behind the known ones are allowed in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogFormat {
    /// nginx's and Apache's `combined` (and `common`): `client - user [time] "request" status size …`.
    Combined,
    /// The same with the virtual host in front: Apache's `vhost_combined`, or nginx's `$host $remote_addr - …`.
    CombinedWithHost,
    /// The default of ingress-nginx.
    IngressNginx,
    /// One JSON object a line.
    JsonLines,
}

impl LogFormat {
    /// All formats, the least particular first.
    pub const ALL: [Self; 4] = [Self::Combined, Self::CombinedWithHost, Self::IngressNginx, Self::JsonLines];

    /// The name by which configuration and command line ask for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Combined => "combined",
            Self::CombinedWithHost => "combined-with-host",
            Self::IngressNginx => "ingress-nginx",
            Self::JsonLines => "json",
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A format name nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("find a log format named {name:?}; known are combined, combined-with-host, ingress-nginx, json")]
pub struct UnknownFormat {
    /// What was asked for.
    pub name: String,
}

impl FromStr for LogFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let known = Self::ALL.into_iter().find(|format| format.name() == name);
        known.ok_or_else(|| UnknownFormat { name: name.to_owned() })
    }
}

/// Tells the format from the first lines of a log; `None` if none of them is an access-log line.
///
/// Each of the first 100 lines votes for the most particular format it fits; the most votes win, and of equals the more
/// particular. One line that a client bent out of shape can therefore not decide.
#[must_use]
pub fn recognise<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Option<LogFormat> {
    let mut votes = [0_usize; LogFormat::ALL.len()];
    let mut clock = LastSecond::default();
    for line in lines.into_iter().take(LINES_LOOKED_AT) {
        if let Some(format) = fits(without_ending(line), &mut clock) {
            votes[format as usize] += 1;
        }
    }
    let format = LogFormat::ALL.into_iter().max_by_key(|format| votes[*format as usize])?;
    (votes[format as usize] > 0).then_some(format)
}

/// The most particular format that a line fits.
fn fits(line: &[u8], clock: &mut LastSecond) -> Option<LogFormat> {
    if json::line(line).is_some() {
        return Some(LogFormat::JsonLines);
    }
    let head = combined::head(line, clock)?;
    Some(if ingress::tail(head.after).is_some() {
        LogFormat::IngressNginx
    } else if combined::names_a_host(head.before) {
        LogFormat::CombinedWithHost
    } else {
        LogFormat::Combined
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = r#"1.2.3.4 - - [17/Dec/2025:09:03:01 +0000] "GET / HTTP/1.1" 502 166 "-" "x""#;
    const USER: &str =
        r#"1.2.3.4 - ana maria [17/Dec/2025:09:03:01 +0000] "GET / HTTP/1.1" 502 166 "-" "x" 0.1"#;
    const HOST: &str =
        r#"a.example:80 1.2.3.4 - - [17/Dec/2025:09:03:01 +0000] "GET / HTTP/1.1" 502 166 "-" "x""#;
    const INGRESS: &str = r#"1.2.3.4 - - [17/Dec/2025:09:03:01 +0000] "GET / HTTP/1.1" 502 166 "-" "x" 99 0.001 [a-b-80] [] 10.0.0.1:80 0 0.001 502 1f"#;
    const JSON: &str = r#"{"time":"2025-12-17T09:03:01Z","status":502}"#;
    const ERROR_LOG: &str =
        "2025/12/17 09:03:01 [error] 10025#10025: *3 connect() failed (111: Connection refused)";

    #[track_caller]
    fn check(lines: &[&str], expected: Option<LogFormat>) {
        assert_eq!(recognise(lines.iter().map(|line| line.as_bytes())), expected);
    }

    #[test]
    fn each_format_is_recognised_by_its_lines() {
        check(&[], None);
        check(&["", ERROR_LOG], None);
        check(&[PLAIN], Some(LogFormat::Combined));
        check(&[USER], Some(LogFormat::Combined));
        check(&[HOST], Some(LogFormat::CombinedWithHost));
        check(&[INGRESS], Some(LogFormat::IngressNginx));
        check(&[JSON], Some(LogFormat::JsonLines));
    }

    #[test]
    fn the_majority_decides_and_the_particular_wins_a_tie() {
        check(&[PLAIN, ERROR_LOG, PLAIN, INGRESS], Some(LogFormat::Combined));
        check(&[PLAIN, INGRESS], Some(LogFormat::IngressNginx));
        check(&[JSON, HOST, HOST, "garbage"], Some(LogFormat::CombinedWithHost));
    }

    #[test]
    fn only_the_first_hundred_lines_count() {
        let lines = [vec![ERROR_LOG; 100], vec![PLAIN]].concat();
        check(&lines, None);
        check(&lines[1..], Some(LogFormat::Combined));
    }

    #[test]
    fn a_format_can_be_named() {
        for format in LogFormat::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert_eq!("clf".parse::<LogFormat>(), Err(UnknownFormat { name: "clf".to_owned() }));
    }
}
