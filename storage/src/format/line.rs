//! One line, cut into its parts without copying.

use crate::event::{Event, Kind};
use crate::id::Seq;

use super::known::read_kind;
use super::{Fault, HeaderV1, Sha256Hash, VERSION};

/// The parts of one stored line. Made by [`parse_line`], which has checked the hash already.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Place in the log.
    pub seq: Seq,
    /// First and last event of the same flush.
    pub group: (Seq, Seq),
    /// Hash of the record before.
    pub prev: Sha256Hash,
    /// SHA-256 of the payload as first written.
    pub payload_sha256: Sha256Hash,
    /// The record's own hash.
    pub hash: Sha256Hash,
    header: &'a [u8],
    payload: &'a [u8],
    before_payload: &'a [u8],
}

/// Cuts a line (without its newline) into its parts and checks its hash; the payload is checked by [`Line::event`].
///
/// # Errors
///
/// [`Fault::Layout`], [`Fault::Hash`] or [`Fault::Newer`].
pub fn parse_line(bytes: &[u8]) -> Result<Line<'_>, Fault> {
    let (version, line, sealed) = cut(bytes).ok_or(Fault::Layout)?;
    if Sha256Hash::of(sealed) != line.hash {
        return Err(Fault::Hash);
    }
    // Only now: a damaged digit must not pass for a newer version.
    if version > VERSION { Err(Fault::Newer { found: version }) } else { Ok(line) }
}

/// The number of a line, without any check: for passing over lines quickly.
pub(crate) fn seq_of(bytes: &[u8]) -> Option<Seq> {
    let mut rest = Rest { bytes, at: 0 };
    rest.literal(b"{\"v\":")?;
    rest.number()?;
    rest.literal(b",\"seq\":")?;
    rest.number().map(Seq)
}

fn cut(bytes: &[u8]) -> Option<(u32, Line<'_>, &[u8])> {
    let mut rest = Rest { bytes, at: 0 };
    rest.literal(b"{\"v\":")?;
    let version = u32::try_from(rest.number()?).ok().filter(|version| *version > 0)?;
    rest.literal(b",\"seq\":")?;
    let seq = Seq(rest.number()?);
    rest.literal(b",\"group\":[")?;
    let first = Seq(rest.number()?);
    rest.literal(b",")?;
    let last = Seq(rest.number()?);
    rest.literal(b"],\"prev\":\"")?;
    let prev = rest.hash()?;
    rest.literal(b"\",\"payload_sha256\":\"")?;
    let payload_sha256 = rest.hash()?;
    rest.literal(b"\",\"header\":")?;
    let header = rest.object()?;
    let sealed = &bytes[..rest.at];
    rest.literal(b",\"hash\":\"")?;
    let hash = rest.hash()?;
    rest.literal(b"\",\"payload\":")?;
    let before_payload = &bytes[..rest.at];
    let payload = bytes[rest.at..].strip_suffix(b"}").filter(|payload| payload.starts_with(b"{"))?;
    let line =
        Line { seq, group: (first, last), prev, payload_sha256, hash, header, payload, before_payload };
    Some((version, line, sealed))
}

impl Line<'_> {
    /// The event, its payload checked. A redacted one has the kind [`Kind::Tombstone`].
    ///
    /// # Errors
    ///
    /// [`Fault::Payload`], [`Fault::Tombstone`] or [`Fault::Fields`].
    pub fn event(&self) -> Result<Event, Fault> {
        let kind = self.kind()?;
        let header: HeaderV1 =
            serde_json::from_slice(self.header).map_err(|error| Fault::Fields(error.to_string()))?;
        Ok(Event {
            seq: self.seq,
            incident: header.incident,
            world: header.world,
            occurred_at: header.occurred_at,
            recorded_at: header.recorded_at,
            actor: header.actor,
            kind,
            correlation: header.correlation,
            supersedes: header.supersedes,
        })
    }

    fn kind(&self) -> Result<Kind, Fault> {
        let as_written = Sha256Hash::of(self.payload) == self.payload_sha256;
        match read_kind(self.payload) {
            Ok(Kind::Tombstone { by, .. }) if as_written => Err(Fault::Tombstone { by }),
            Ok(Kind::Tombstone { by, left }) if !left.has_text() => Ok(Kind::Tombstone { by, left }),
            kind if as_written => kind,
            _ => Err(Fault::Payload),
        }
    }

    /// The whole line with its payload replaced by what a redaction leaves, newline included.
    ///
    /// # Errors
    ///
    /// As [`event`](Self::event).
    pub(crate) fn redacted(&self, by: Seq) -> Result<Vec<u8>, Fault> {
        let left = Box::new(self.kind()?.without_text());
        let tombstone = serde_json::to_vec(&Kind::Tombstone { by, left });
        let tombstone = tombstone.map_err(|error| Fault::Fields(error.to_string()))?;
        let mut line = self.before_payload.to_vec();
        line.extend_from_slice(&tombstone);
        line.extend_from_slice(b"}\n");
        Ok(line)
    }
}

/// What is left to read of a line.
struct Rest<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Rest<'a> {
    fn literal(&mut self, text: &[u8]) -> Option<()> {
        self.bytes[self.at..].starts_with(text).then(|| self.at += text.len())
    }

    /// A number without sign or leading zeros, so that one number has one spelling.
    fn number(&mut self) -> Option<u64> {
        let digits = self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = std::str::from_utf8(&self.bytes[self.at..self.at + digits]).ok()?;
        self.at += digits;
        if digits > 1 && text.starts_with('0') { None } else { text.parse().ok() }
    }

    fn hash(&mut self) -> Option<Sha256Hash> {
        let text = self.bytes.get(self.at..self.at + 64)?;
        self.at += 64;
        Sha256Hash::from_hex(text)
    }

    /// A JSON object up to its closing brace; what it says is checked later.
    fn object(&mut self) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
        for (index, byte) in rest.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'{' if !in_text => depth += 1,
                b'}' if !in_text => depth = depth.checked_sub(1)?,
                _ => {}
            }
            if depth == 0 {
                self.at += index + 1;
                return rest.starts_with(b"{").then_some(&rest[..=index]);
            }
        }
        None
    }
}
