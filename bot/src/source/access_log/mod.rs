//! Access logs: from the bytes of a line to a [`Request`](super::request::Request). Pure; no file is opened here.
//!
//! ```text
//! first 100 lines ──▶ recognise ──▶ LogFormat ──▶ Parser ──▶ Request, or None: a malformed line, to be counted;
//!                                                  │          100 of them in a row: recognised anew (Reader)
//!                                                  │ combined   head: client, time, request, status
//!                                                  │ ingress    head + tail: upstream name, address, time
//!                                                  └ json       one object a line, any order of keys
//! ```
//!
//! A line either says its status beyond doubt or is malformed; nothing is guessed. Optional fields that cannot
//! be read are absent. Text is handed on as written: escapes (`\x22`, `\"`) are not undone.

mod combined;
mod format;
mod ingress;
mod json;
mod parser;
mod reader;
mod target;
pub mod time;
mod upstream;

#[cfg(test)]
mod oracle;

pub use format::{LINES_LOOKED_AT, LogFormat, UnknownFormat, recognise};
pub use parser::Parser;
pub use reader::Reader;

/// Longest line kept whole, in bytes; the rest of a longer one is cut off before it is parsed.
pub const LONGEST_LINE: usize = 1 << 20;

/// Whole lines, each with its ending; what stands behind the last ending is a line too.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at(end);
        rest = after;
        (!line.is_empty()).then_some(line)
    })
}

/// The line without `\n` or `\r\n` at its end.
#[must_use]
pub fn without_ending(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}
