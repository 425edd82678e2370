//! Opening what is to be analysed: plain, gzip (with several members), zstd, and `-` for standard input.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use indicatif::ProgressBar;

use super::AnalyzeError;
use super::lines::LineBlocks;
use crate::source::access_log::{LogFormat, Parser, recognise, without_ending};
use crate::source::request::Millis;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// The name that stands for standard input.
pub(super) const STANDARD_INPUT: &str = "-";

/// The bytes of one log, decompressed.
pub(super) type Lines = LineBlocks<Box<dyn Read>>;

/// Opens a file, or standard input, counting what is read on the bar.
pub(super) fn open(path: &Path, bar: &ProgressBar) -> Result<Lines, AnalyzeError> {
    let failed = |source| AnalyzeError::Open { path: path.to_owned(), source };
    let raw: Box<dyn Read> = if path.as_os_str() == STANDARD_INPUT {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).map_err(failed)?)
    };
    decompressed(bar.wrap_read(raw)).map(LineBlocks::new).map_err(failed)
}

/// Decompresses by the first bytes, not by the file's name.
fn decompressed(mut raw: impl Read + 'static) -> io::Result<Box<dyn Read>> {
    let mut magic = Vec::with_capacity(ZSTD.len());
    raw.by_ref().take(ZSTD.len() as u64).read_to_end(&mut magic)?;
    let (gzip, zstd) = (magic.starts_with(GZIP), magic == ZSTD);
    let whole = Cursor::new(magic).chain(raw);
    Ok(match (gzip, zstd) {
        (true, _) => Box::new(MultiGzDecoder::new(whole)),
        (_, true) => Box::new(zstd::stream::read::Decoder::new(whole)?),
        _ => Box::new(whole),
    })
}

/// What the first lines of a log tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// `None` where none of them is a request.
    pub(super) format: Option<LogFormat>,
    /// The first time stamp among the first lines.
    pub(super) first: Option<Millis>,
}

/// Looks at the first lines. `format` is what the user asked for, if anything.
pub(super) fn look(path: &Path, lines: &mut Lines, format: Option<LogFormat>) -> Result<Head, AnalyzeError> {
    let head = lines.head().map_err(|source| AnalyzeError::Read { path: path.to_owned(), source })?;
    let each = || head.split_inclusive(|byte| *byte == b'\n').map(without_ending);
    let Some(format) = format.or_else(|| recognise(each())) else {
        return Ok(Head { format: None, first: None });
    };
    let mut parser = Parser::new(format);
    let first = each().find_map(|line| parser.parse(line)?.at);
    Ok(Head { format: Some(format), first })
}

/// Where the first request stands in a block of lines, and its format: for logs that begin with something else, such as the
/// hole that a truncation leaves in a file whose writer goes on at its old place.
pub(super) fn first_request(block: &[u8]) -> Option<(usize, LogFormat)> {
    let mut end = 0;
    block.split_inclusive(|byte| *byte == b'\n').find_map(|line| {
        let start = end;
        end += line.len();
        recognise([line]).map(|format| (start, format))
    })
}

/// Says that a log was read for nothing: it was counted all the same.
pub(super) fn no_request(path: &Path) {
    tracing::warn!(path = %path.display(), "no line is a request; all are counted as malformed");
}

/// The files in the order of their first time stamps, which is how rotations of one log follow each other.
///
/// Files without any time keep their place before the others. Standard input and pipes can be read only once, so with one
/// of them the given order stands.
pub(super) fn in_order(files: &[PathBuf], format: Option<LogFormat>) -> Result<Vec<PathBuf>, AnalyzeError> {
    let mut files = files.to_vec();
    if files.len() > 1 && files.iter().all(|path| can_be_read_again(path)) {
        let first = |path: &PathBuf| {
            let mut lines = open(path, &ProgressBar::hidden())?;
            look(path, &mut lines, format).map(|head| head.first)
        };
        let keys = files.iter().map(first).collect::<Result<Vec<_>, _>>()?;
        let mut keyed: Vec<_> = keys.into_iter().zip(files).collect();
        keyed.sort_by_key(|(first, _)| *first);
        files = keyed.into_iter().map(|(_, path)| path).collect();
    }
    Ok(files)
}

/// Whether looking at it leaves its bytes to be read: those of a pipe are gone then.
fn can_be_read_again(path: &Path) -> bool {
    path.as_os_str() != STANDARD_INPUT && path.is_file()
}
