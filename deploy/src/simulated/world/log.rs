//! Access-log lines in nginx's combined format, with the upstream and the time behind. Cheap: about 0.2 µs a line.

use chrono::TimeZone;
use chrono_tz::Tz;

use super::cluster::Cluster;
use super::load::Second;
use super::time_of;
use crate::simulated::random::Dice;

const TARGETS: &[&str] = &[
    "/",
    "/archives",
    "/p/1042.html",
    "/p/877.html?from=feed",
    "/tag/rust",
    "/about",
    "/static/site.css",
    "/search?q=lifeboat",
    "/p/12061.html",
    "/feed.xml",
    "/p/30518.html",
    "/comments?post=1042",
];
const AGENTS: &[&str] = &[
    "Mozilla/5.0 (X11; Linux x86_64)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)",
    "FeedReader/2.1",
];
/// Where clients come from: the networks kept for documents (RFC 5737).
const NETWORKS: [&[u8]; 3] = [b"192.0.2.", b"198.51.100.", b"203.0.113."];
/// Bytes of one line, about; only to reserve room.
const LINE: usize = 150;

/// Writes the lines of one second; the time stamp is made once.
#[derive(Debug)]
pub(in crate::simulated) struct LogWriter {
    zone: Tz,
    stamp: Vec<u8>,
    upstreams: Vec<String>,
}

impl LogWriter {
    pub(in crate::simulated) fn new(zone: Tz) -> Self {
        Self { zone, stamp: Vec::new(), upstreams: Vec::new() }
    }

    pub(in crate::simulated) fn begin(&mut self, second: i64) {
        let local = self.zone.from_utc_datetime(&time_of(second).naive_utc());
        self.stamp = local.format(" - - [%d/%b/%Y:%H:%M:%S %z] \"GET ").to_string().into_bytes();
    }

    /// Lines of one cluster's second, good and bad mixed.
    pub(in crate::simulated) fn write(
        &mut self,
        out: &mut Vec<u8>,
        cluster: &Cluster,
        done: &Second,
        dice: &mut Dice,
    ) {
        self.name_upstreams(cluster);
        let total = done.answered + done.failed;
        out.reserve(usize::try_from(total).unwrap_or(0) * LINE);
        let (mut good, mut bad) = (done.answered, done.failed);
        while good + bad > 0 {
            let drawn = dice.next();
            let fails = (drawn >> 32) % (good + bad) < bad;
            if fails {
                bad -= 1;
            } else {
                good -= 1;
            }
            self.line(out, drawn, fails, done.waits_s);
        }
    }

    fn name_upstreams(&mut self, cluster: &Cluster) {
        self.upstreams.clear();
        let ready = cluster.units.values().filter(|unit| unit.is_serving());
        self.upstreams.extend(ready.map(|unit| unit.address.clone()));
    }

    fn line(&self, out: &mut Vec<u8>, drawn: u64, fails: bool, waits_s: f64) {
        let pick = |of: usize, shift: u32| usize::try_from(drawn >> shift).unwrap_or(0) % of;
        out.extend_from_slice(NETWORKS[pick(NETWORKS.len(), 47)]);
        number(out, (drawn & 0x7f) + 1);
        out.extend_from_slice(&self.stamp);
        out.extend_from_slice(TARGETS[pick(TARGETS.len(), 7)].as_bytes());
        if fails {
            out.extend_from_slice(b" HTTP/1.1\" 502 157 \"-\" \"");
        } else {
            out.extend_from_slice(b" HTTP/1.1\" 200 ");
            number(out, 900 + ((drawn >> 40) & 0x3fff));
            out.extend_from_slice(b" \"-\" \"");
        }
        out.extend_from_slice(AGENTS[pick(AGENTS.len(), 14)].as_bytes());
        out.extend_from_slice(b"\" ");
        match self.upstreams.len() {
            0 => out.push(b'-'),
            many => out.extend_from_slice(self.upstreams[pick(many, 17)].as_bytes()),
        }
        out.push(b' ');
        seconds(out, waits_s, (drawn >> 54) & 0x7f);
        out.push(b'\n');
    }
}

/// `0.137`: what an answer took.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand milliseconds")]
fn seconds(out: &mut Vec<u8>, waits_s: f64, jitter_ms: u64) {
    let ms = (waits_s.max(0.0) * 1_000.0) as u64 + 5 + jitter_ms;
    number(out, ms / 1_000);
    out.push(b'.');
    let rest = ms % 1_000;
    for digit in [rest / 100, rest / 10 % 10, rest % 10] {
        out.push(b'0' + u8::try_from(digit).unwrap_or(0));
    }
}

fn number(out: &mut Vec<u8>, value: u64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = value;
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}
