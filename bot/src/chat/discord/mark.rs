//! By what we find again what we put into Discord: a nonce on each message, a mark in the topic of each channel.
//! Both come from the event that asked for it, so that a kill between asking and hearing changes nothing.

use lifeboat_storage::event::Time;
use lifeboat_storage::id::Seq;
use sha2::{Digest as _, Sha256};

/// Characters of a nonce; Discord takes 25 (docs: resources/message, 2026-08-06).
const NONCE: usize = 24;
/// Characters of a mark.
const MARK: usize = 10;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The nonce of the message that this event queued. The moment keeps two records apart that begin alike.
#[must_use]
pub fn nonce(queued: Seq, recorded_at: Time) -> String {
    of(&format!("message {queued} {}", recorded_at.timestamp_millis()), NONCE)
}

/// The mark of the channel of the incident that this event declared.
#[must_use]
pub fn mark(declared: Seq, recorded_at: Time) -> String {
    format!("lb-{}", of(&format!("channel {declared} {}", recorded_at.timestamp_millis()), MARK))
}

/// A nonce for what no event stands behind.
#[must_use]
pub fn nonce_of(text: &str) -> String {
    of(text, NONCE)
}

fn of(text: &str, length: usize) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(length).map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_short_lasting_and_of_one_message_alone() {
        let at = |ms| Time::from_timestamp_millis(ms).unwrap();
        let one = nonce(Seq(7), at(1_000));
        assert_eq!(one.len(), 24);
        assert_eq!(one, nonce(Seq(7), at(1_000)));
        assert_ne!(one, nonce(Seq(8), at(1_000)));
        assert_ne!(one, nonce(Seq(7), at(1_001)));
        assert_eq!(mark(Seq(7), at(1_000)).len(), 13);
    }
}
