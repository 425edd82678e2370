//! Failed and all requests in equal steps, for the chart: bounded, and written down compactly.

use lifeboat_storage::event::Share;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A ring of equal steps; the newest replaces the oldest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ring {
    step_s: i64,
    /// Index (second / step) of the newest step; steps are held at index modulo length.
    newest: i64,
    counts: Vec<(u32, u32)>,
    room: usize,
}

impl Ring {
    pub(super) fn new(step_s: i64, room: usize) -> Self {
        Self { step_s, newest: i64::MIN, counts: Vec::new(), room }
    }

    fn place(&self, index: i64) -> usize {
        usize::try_from(index.rem_euclid(self.room as i64)).unwrap_or(0)
    }

    /// Counts lines of this second; those older than the ring are dropped.
    pub(super) fn add(&mut self, second: i64, bad: u32, total: u32) {
        let index = second.div_euclid(self.step_s);
        if index > self.newest {
            self.turn_to(index);
        }
        if self.newest - index < self.room as i64 {
            let place = self.place(index);
            let (b, t) = &mut self.counts[place];
            (*b, *t) = (b.saturating_add(bad), t.saturating_add(total));
        }
    }

    fn turn_to(&mut self, index: i64) {
        if self.counts.is_empty() || index.saturating_sub(self.newest) >= self.room as i64 {
            self.counts = vec![(0, 0); self.room];
        } else {
            for passed in self.newest + 1..=index {
                let place = self.place(passed);
                self.counts[place] = (0, 0);
            }
        }
        self.newest = index;
    }

    /// The second the oldest step begins, and all steps up to the newest; 0 of 0 is "no data".
    pub(super) fn steps(&self) -> (i64, Vec<Share>) {
        if self.counts.is_empty() {
            return (0, Vec::new());
        }
        let oldest = self.newest - (self.room as i64 - 1);
        let shares =
            (oldest..=self.newest).map(|index| self.share(index)).skip_while(|share| share.total == 0);
        let shares: Vec<_> = shares.collect();
        ((self.newest + 1 - shares.len() as i64) * self.step_s, shares)
    }

    fn share(&self, index: i64) -> Share {
        let (bad, total) = self.counts[self.place(index)];
        Share { bad: bad.into(), total: total.into() }
    }

    /// What was counted in whole steps from `from` up to before `until` (seconds).
    pub(super) fn sum(&self, from: i64, until: i64) -> Share {
        let mut sum = Share::default();
        if self.counts.is_empty() {
            return sum;
        }
        let oldest = self.newest - (self.room as i64 - 1);
        let last = until.div_euclid(self.step_s).min(self.newest + 1);
        for index in from.div_euclid(self.step_s).max(oldest)..last {
            let share = self.share(index);
            sum = Share { bad: sum.bad + share.bad, total: sum.total + share.total };
        }
        sum
    }
}

/// As written down: `[step, room, newest, "bad total bad total -7 ..."]`, where `-7` is seven empty steps.
#[derive(Serialize, Deserialize)]
struct Written(i64, usize, i64, String);

impl Serialize for Ring {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use std::fmt::Write as _;
        let mut text = String::new();
        for run in self.counts.chunk_by(|a, b| *a == (0, 0) && *b == (0, 0)) {
            let _ = match run {
                [(bad, total)] if *total > 0 => write!(text, "{bad} {total} "),
                empty => write!(text, "-{} ", empty.len()),
            };
        }
        Written(self.step_s, self.room, self.newest, text).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Ring {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written(step_s, room, newest, text) = Written::deserialize(deserializer)?;
        let counts = read_counts(&text, room).ok_or_else(|| serde::de::Error::custom("counts of a chart"))?;
        let whole = counts.is_empty() || counts.len() == room;
        if step_s < 1 || !(1..=100_000).contains(&room) || !whole {
            return Err(serde::de::Error::custom("size of a chart"));
        }
        Ok(Self { step_s, newest, counts, room })
    }
}

fn read_counts(text: &str, room: usize) -> Option<Vec<(u32, u32)>> {
    let mut counts = Vec::new();
    let mut words = text.split_ascii_whitespace();
    while let Some(word) = words.next() {
        if let Some(empty) = word.strip_prefix('-') {
            let empty: usize = empty.parse().ok()?;
            counts.extend(std::iter::repeat_n((0, 0), empty.min(room)));
        } else {
            counts.push((word.parse().ok()?, words.next()?.parse().ok()?));
        }
        if counts.len() > room {
            return None;
        }
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(bad: u64, total: u64) -> Share {
        Share { bad, total }
    }

    #[test]
    fn steps_are_counted_gaps_are_empty_and_the_oldest_falls_out() {
        let mut ring = Ring::new(10, 4);
        assert_eq!(ring.steps(), (0, vec![]));
        ring.add(101, 1, 2);
        ring.add(109, 0, 3);
        ring.add(125, 1, 1);
        assert_eq!(ring.steps(), (100, vec![share(1, 5), share(0, 0), share(1, 1)]));
        ring.add(111, 0, 9);
        ring.add(85, 7, 7);
        ring.add(140, 0, 1);
        assert_eq!(ring.steps(), (110, vec![share(0, 9), share(1, 1), share(0, 0), share(0, 1)]));
        assert_eq!(ring.sum(110, 130), share(1, 10));
        ring.add(90_000, 0, 1);
        assert_eq!(ring.steps(), (90_000, vec![share(0, 1)]));
    }

    #[test]
    fn a_ring_written_down_and_read_again_is_the_same() {
        let mut ring = Ring::new(60, 1440);
        for full in [false, true] {
            let text = serde_json::to_string(&ring).unwrap();
            assert_eq!(serde_json::from_str::<Ring>(&text).unwrap(), ring, "full {full}");
            (0..500).for_each(|i| ring.add(i * 137, u32::from(i % 50 == 0), 3));
        }
    }

    #[test]
    fn a_damaged_ring_is_refused() {
        for text in
            [r#"[0,4,1,""]"#, r#"[10,4,1,"1"]"#, r#"[10,4,1,"1 2 "]"#, r#"[10,4,1,"x y"]"#, r#"[1,0,1,""]"#]
        {
            assert!(serde_json::from_str::<Ring>(text).is_err(), "{text}");
        }
    }
}
