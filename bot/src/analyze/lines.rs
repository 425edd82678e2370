//! A stream cut into blocks of whole lines, in bounded memory.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr};

use crate::source::access_log::{LINES_LOOKED_AT, LONGEST_LINE};

/// Enough that system calls do not count, little enough that the block stays in the second-level cache.
const BLOCK: usize = 256 << 10;

/// Yields blocks of whole lines.
///
/// The last line may lack its `\n`. A line longer than [`LONGEST_LINE`] is cut to that length and stands without `\n` at the
/// end of its block; what follows it is dropped. Where the blocks end depends on the reader, the lines in them do not.
#[derive(Debug)]
pub struct LineBlocks<R> {
    source: R,
    buffer: Vec<u8>,
    /// Start of what was not handed out yet.
    start: usize,
    /// No line ends between `start` and here.
    searched: usize,
    /// End of what was read.
    end: usize,
    /// The rest of a cut line is still to be dropped.
    dropping: bool,
    bytes: u64,
}

impl<R: Read> LineBlocks<R> {
    /// Reads from `source`.
    pub fn new(source: R) -> Self {
        Self { source, buffer: vec![0; BLOCK], start: 0, searched: 0, end: 0, dropping: false, bytes: 0 }
    }

    /// How many bytes were read so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The first lines, to tell the format from; they will be handed out again. To be asked before [`Self::next_block`].
    ///
    /// # Errors
    ///
    /// What the reader says.
    pub fn head(&mut self) -> io::Result<&[u8]> {
        let mut lines = 0;
        while lines < LINES_LOOKED_AT && self.end < self.buffer.len() {
            let from = self.end;
            if self.fill()? == 0 {
                return Ok(&self.buffer[..self.end]);
            }
            lines += memchr_iter(b'\n', &self.buffer[from..self.end]).count();
        }
        let whole = memrchr(b'\n', &self.buffer[..self.end]).map_or(self.end, |newline| newline + 1);
        Ok(&self.buffer[..whole])
    }

    /// The next block, `None` at the end.
    ///
    /// # Errors
    ///
    /// What the reader says.
    pub fn next_block(&mut self) -> io::Result<Option<&[u8]>> {
        self.up_to(memrchr)
    }

    /// The next line, as it would stand in its block; `None` at the end.
    ///
    /// # Errors
    ///
    /// What the reader says.
    pub fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        self.up_to(memchr)
    }

    /// What ends with the `\n` that is found among what was read.
    fn up_to(&mut self, newline: impl Fn(u8, &[u8]) -> Option<usize>) -> io::Result<Option<&[u8]>> {
        loop {
            if self.dropping {
                self.drop_rest_of_line();
            }
            if let Some(at) = newline(b'\n', &self.buffer[self.searched..self.end]) {
                let end = self.searched + at + 1;
                return Ok(Some(self.hand_out(end)));
            }
            self.searched = self.end;
            if self.is_full() {
                self.dropping = true;
                return Ok(Some(self.hand_out(LONGEST_LINE)));
            }
            if self.fill()? == 0 {
                let end = self.end;
                return Ok((self.start < end).then(|| self.hand_out(end)));
            }
        }
    }

    /// Reads more behind `end`, making room if there is none.
    fn fill(&mut self) -> io::Result<usize> {
        if self.end == self.buffer.len() {
            self.make_room();
        }
        let count = loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.end += count;
        self.bytes += count as u64;
        Ok(count)
    }

    fn make_room(&mut self) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.searched -= self.start;
            self.end -= self.start;
            self.start = 0;
        } else {
            let larger = (self.buffer.len() * 2).min(LONGEST_LINE + 1);
            self.buffer.resize(larger, 0);
        }
    }

    /// Whether one line fills more than is kept of a line.
    fn is_full(&self) -> bool {
        self.end - self.start > LONGEST_LINE
    }

    fn hand_out(&mut self, end: usize) -> &[u8] {
        let start = std::mem::replace(&mut self.start, end);
        self.searched = end;
        &self.buffer[start..end]
    }

    fn drop_rest_of_line(&mut self) {
        match memchr(b'\n', &self.buffer[self.start..self.end]) {
            Some(newline) => {
                self.dropping = false;
                self.start += newline + 1;
            }
            None => self.start = self.end,
        }
        self.searched = self.start;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Hands out its bytes in pieces of the given sizes.
    struct Pieces<'a> {
        bytes: &'a [u8],
        sizes: Vec<usize>,
    }

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.sizes.pop().unwrap_or(usize::MAX).min(self.bytes.len()).min(buffer.len());
            buffer[..size].copy_from_slice(&self.bytes[..size]);
            self.bytes = &self.bytes[size..];
            Ok(size)
        }
    }

    fn lines(bytes: &[u8], sizes: Vec<usize>, look_first: bool) -> Vec<Vec<u8>> {
        let mut blocks = LineBlocks::new(Pieces { bytes, sizes });
        if look_first {
            blocks.head().unwrap();
        }
        let mut lines = Vec::new();
        while let Some(block) = blocks.next_block().unwrap() {
            assert!(!block.is_empty());
            lines.extend(block.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec));
        }
        assert_eq!(blocks.bytes(), bytes.len() as u64);
        lines
    }

    fn one_by_one(bytes: &[u8], sizes: Vec<usize>) -> Vec<Vec<u8>> {
        let mut blocks = LineBlocks::new(Pieces { bytes, sizes });
        std::iter::from_fn(|| blocks.next_line().unwrap().map(<[u8]>::to_vec)).collect()
    }

    /// The same, with all bytes at hand.
    fn oracle(bytes: &[u8]) -> Vec<Vec<u8>> {
        let cut = |line: &[u8]| {
            let content = line.strip_suffix(b"\n").unwrap_or(line);
            if content.len() > LONGEST_LINE { content[..LONGEST_LINE].to_vec() } else { line.to_vec() }
        };
        bytes.split_inclusive(|byte| *byte == b'\n').map(cut).collect()
    }

    #[test]
    fn a_line_is_kept_whole_up_to_a_megabyte_and_cut_beyond() {
        for length in [
            0,
            1,
            BLOCK - 1,
            BLOCK,
            BLOCK + 1,
            LONGEST_LINE - 1,
            LONGEST_LINE,
            LONGEST_LINE + 1,
            LONGEST_LINE * 3,
        ] {
            let long = [b"a\nb\n", &vec![b'x'; length][..], b"\nc\n", &vec![b'y'; length][..]].concat();
            assert_eq!(lines(&long, Vec::new(), false), oracle(&long), "{length}");
            assert_eq!(lines(&long, vec![100_000; 100], true), oracle(&long), "{length}");
            assert_eq!(one_by_one(&long, vec![100_000; 100]), oracle(&long), "{length}");
        }
    }

    #[test]
    fn the_head_holds_the_first_hundred_lines_however_they_arrive() {
        let text = "line\n".repeat(300);
        let mut blocks = LineBlocks::new(Pieces { bytes: text.as_bytes(), sizes: vec![7; 200] });
        let head = blocks.head().unwrap();
        assert!(head.ends_with(b"\n"));
        assert!(memchr_iter(b'\n', head).count() >= LINES_LOOKED_AT);
    }

    proptest! {
        #[test]
        fn lines_are_the_same_however_the_bytes_arrive(
            lengths in prop::collection::vec(prop_oneof![0_usize..50, 0_usize..BLOCK * 2], 0..12),
            mut sizes in prop::collection::vec(1_usize..100_000, 0..50), ended: bool, look_first: bool,
        ) {
            let mut text = lengths.iter().map(|length| vec![b'x'; *length]).collect::<Vec<_>>().join(&b"\n"[..]);
            if ended {
                text.push(b'\n');
            }
            sizes.reverse();
            prop_assert_eq!(one_by_one(&text, sizes.clone()), oracle(&text));
            prop_assert_eq!(lines(&text, sizes, look_first), oracle(&text));
        }
    }
}
