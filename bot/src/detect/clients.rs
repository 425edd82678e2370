//! Who the requests come from: is one address a balancer, and does one client do all the failing?

use serde::{Deserialize, Serialize};

/// A hash of bytes from outside: quick, the same on every machine, not meant to withstand an enemy.
#[inline]
pub(super) fn print_of(bytes: &[u8]) -> u64 {
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = (bytes.len() as u64).wrapping_mul(MIX);
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(MIX).rotate_left(29);
        rest = after;
    }
    // What is left over is read together with the bytes before it, in one word.
    let tail = match bytes.last_chunk::<8>() {
        Some(word) => u64::from_le_bytes(*word),
        None => rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    let hash = (hash ^ tail).wrapping_mul(MIX);
    (hash ^ (hash >> 32)) | 1
}

/// Lines of one vote.
const VOTE: u32 = 256;
/// The count of the address known to be the most frequent is halved at so many lines.
const MEMORY: u32 = 4096;

/// Finds the address that makes more than half of all traffic, if there is one: the majority vote of
/// Boyer and Moore names a candidate every 256 lines, which is then counted exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Majority {
    vote: u64,
    lead: u32,
    voted: u32,
    known: u64,
    seen: u32,
    of: u32,
    /// A known address has been counted for a whole vote once.
    settled: bool,
}

impl Majority {
    /// Takes the client of a line.
    #[inline]
    pub(super) fn count(&mut self, client: u64) {
        self.seen += u32::from(client == self.known);
        self.of += 1;
        // Written so that no branch depends on chance.
        let (free, same) = (self.lead == 0, client == self.vote);
        self.vote = if free { client } else { self.vote };
        self.lead = if free || same { self.lead + 1 } else { self.lead - 1 };
        self.voted += 1;
        if self.voted == VOTE {
            self.close_vote();
        }
    }

    fn close_vote(&mut self) {
        self.settled |= self.known != 0 && self.of >= VOTE;
        let strong = self.lead * 3 > self.voted;
        if self.vote != self.known && (strong || self.seen * 2 < self.of) {
            (self.known, self.seen, self.of) = (self.vote, 0, 0);
        } else if self.of >= MEMORY {
            (self.seen, self.of) = (self.seen / 2, self.of / 2);
        }
        (self.vote, self.lead, self.voted) = (0, 0, 0);
    }

    /// Does this client make more than half of all traffic? In the first lines of all, before an address
    /// was counted exactly, two thirds of at least 20 are asked for.
    pub(super) fn is(&self, client: u64) -> bool {
        if self.settled || self.of >= 100 && self.known == client {
            return self.known == client && self.seen * 2 > self.of && self.of >= 100;
        }
        self.voted >= 20 && self.vote == client && self.lead * 3 > self.voted
    }
}

/// The one client that fails most within a run, by majority vote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Suspect {
    pub(super) client: u64,
    lead: u64,
}

impl Suspect {
    /// Takes the client of a failed line; says whether it becomes the suspect, is it, or is another.
    pub(super) fn vote(&mut self, client: u64) -> Vote {
        if self.lead == 0 {
            *self = Self { client, lead: 1 };
            Vote::Becomes
        } else if self.client == client {
            self.lead += 1;
            Vote::Is
        } else {
            self.lead -= 1;
            Vote::IsNot
        }
    }
}

/// What a failed line says about the suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vote {
    Becomes,
    Is,
    IsNot,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn majority(clients: impl Iterator<Item = u64>) -> bool {
        let mut majority = Majority::default();
        clients.for_each(|client| majority.count(client));
        majority.is(7)
    }

    #[test]
    fn an_address_with_more_than_half_of_all_traffic_is_known_and_one_with_less_is_not() {
        for (name, count, tenths, expected) in [
            ("nothing yet", 0, 10, false),
            ("a few lines", 19, 10, false),
            ("twenty lines, all its own", 20, 10, true),
            ("all", 5000, 10, true),
            ("six of ten", 5000, 6, true),
            ("four of ten", 5000, 4, false),
            ("four of ten, early", 60, 4, false),
        ] {
            let clients = (0..count).map(|i| if i * 7 % 10 < tenths { 7 } else { 100 + i });
            assert_eq!(majority(clients), expected, "{name}");
        }
    }

    #[test]
    fn a_new_balancer_is_known_after_two_votes() {
        assert!(majority((0..5000).map(|_| 3).chain((0..600).map(|_| 7))));
    }

    #[test]
    fn bytes_that_differ_have_prints_that_differ() {
        let texts = ["", "a", "aa", "10.0.0.1", "10.0.0.2", "10.0.0.11", "2001:db8::1", "2001:db8::2"];
        let prints: std::collections::BTreeSet<_> =
            texts.iter().map(|text| print_of(text.as_bytes())).collect();
        assert_eq!(prints.len(), texts.len());
    }
}
