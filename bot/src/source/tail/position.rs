//! How far a log was read, so that reading goes on there after a restart.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How many first bytes of a file tell it from another.
pub(super) const HEAD: usize = 256;

/// How far a source was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The source: the live path, even if the file has been renamed since.
    pub path: PathBuf,
    /// Device of the file that was read.
    pub device: u64,
    /// Inode of the file that was read.
    pub inode: u64,
    /// Bytes read, up to the end of a line.
    pub offset: u64,
    /// What the file begins with, since inode numbers are given out again.
    pub fingerprint: Fingerprint,
}

/// The first up to 256 bytes of a file, hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// How many bytes were hashed.
    pub length: u16,
    /// FNV-1a, 64 bits.
    pub hash: u64,
}

impl Fingerprint {
    /// The fingerprint of these first bytes; more than 256 are not looked at.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let head = &bytes[..bytes.len().min(HEAD)];
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Self { length: head.len() as u16, hash: head.iter().fold(0xcbf2_9ce4_8422_2325, step) }
    }

    /// Whether a file that begins with `bytes` may be the one that left this fingerprint.
    #[must_use]
    pub fn fits(self, bytes: &[u8]) -> bool {
        bytes.get(..usize::from(self.length)).is_some_and(|head| Self::of(head) == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_fits_the_same_file_grown_and_no_other() {
        let short = Fingerprint::of(b"first line\n");
        assert!(short.fits(b"first line\nsecond line\n"));
        assert!(!short.fits(b"first"));
        assert!(!short.fits(b"other line\nsecond line\n"));
        let long = Fingerprint::of(&[b'x'; 1000]);
        assert_eq!(long.length, 256);
        assert!(long.fits(&[b'x'; 256]));
    }

    #[test]
    fn a_position_survives_json() {
        let position = Position {
            path: "/var/log/nginx/access.log".into(),
            device: 1,
            inode: u64::MAX,
            offset: 3,
            fingerprint: Fingerprint::of(b"x"),
        };
        let text = serde_json::to_string(&position).unwrap();
        assert_eq!(serde_json::from_str::<Position>(&text).unwrap(), position);
    }
}
