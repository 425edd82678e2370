//! What becomes of a call on its way to a port and back.

use lifeboat_commands::facts::ProbeResult;
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_storage::plan::Evidence;

use crate::traffic::seeded::Seeded;

/// How long an adapter waits for an answer, in milliseconds.
const PATIENCE_MS: u64 = 10_000;

/// A way there and back.
#[derive(Clone, Debug, PartialEq)]
pub struct Trip {
    /// After how many milliseconds it comes to the port; twice where the network repeats it, never where it is lost.
    pub there: Vec<u64>,
    /// What comes back.
    pub back: Back,
}

/// What comes back of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Back {
    /// The port's answer to its first coming, so many milliseconds later; where it comes twice, both times.
    Answer(Vec<u64>),
    /// Something else, so many milliseconds after the call left.
    Instead(u64, Answer),
    /// Nothing.
    Silence,
}

/// Draws what becomes of a call; `trouble` is how often something goes wrong.
#[must_use]
pub fn trip(call: &Call, trouble: f64, dice: &mut Seeded) -> Trip {
    let quick = |dice: &mut Seeded| 5 + dice.below(200);
    let plain = |dice: &mut Seeded| Trip { there: vec![quick(dice)], back: Back::Answer(vec![quick(dice)]) };
    if !dice.chance(trouble) {
        return plain(dice);
    }
    let instead = |ms, how: How| Back::Instead(ms, refusal(call, how));
    match dice.below(10) {
        0 => Trip { there: vec![dice.below(25_000)], back: Back::Answer(vec![dice.below(25_000)]) },
        1 => Trip { there: vec![dice.below(9_000)], back: instead(PATIENCE_MS, How::Unknown) },
        // The answer is given up, and the call arrives all the same.
        2 => Trip { there: vec![9_000 + dice.below(16_000)], back: instead(PATIENCE_MS, How::Unknown) },
        3 => Trip { there: Vec::new(), back: instead(PATIENCE_MS, How::Unknown) },
        4 => Trip { there: vec![quick(dice)], back: Back::Silence },
        5 => Trip { there: Vec::new(), back: Back::Silence },
        6 => Trip { there: Vec::new(), back: instead(quick(dice), How::Throttled(500 + dice.below(20_000))) },
        7 => Trip { there: Vec::new(), back: instead(quick(dice), How::Busy(500 + dice.below(10_000))) },
        8 => {
            let first = quick(dice);
            Trip { there: vec![first, first + dice.below(4_000)], back: Back::Answer(vec![quick(dice)]) }
        }
        _ if dice.chance(0.2) => Trip { there: Vec::new(), back: instead(quick(dice), How::Denied) },
        _ => Trip { there: vec![quick(dice)], back: Back::Answer(vec![quick(dice), dice.below(9_000)]) },
    }
}

#[derive(Clone, Copy)]
enum How {
    Unknown,
    Throttled(u64),
    Busy(u64),
    Denied,
}

fn refusal(call: &Call, how: How) -> Answer {
    fn outcome<T>(how: How) -> Outcome<T> {
        match how {
            How::Unknown => Outcome::Unknown(Evidence("timed out after 10 s".to_owned())),
            How::Throttled(after_ms) => Outcome::Throttled { after_ms },
            How::Busy(after_ms) => Outcome::Busy { after_ms },
            How::Denied => Outcome::Denied(Evidence("forbidden".to_owned())),
        }
    }
    match call {
        Call::Inventory { .. } => Answer::Inventory(outcome(how)),
        Call::Probe { .. } => Answer::Probed(ProbeResult::Unknown(Evidence("timed out".to_owned()))),
        Call::Instances { .. } => Answer::Instances(outcome(how)),
        Call::Offerings { .. } => Answer::Offerings(outcome(how)),
        Call::Find { .. } | Call::Launch { .. } => Answer::Machine(outcome(how)),
        Call::RunResult { .. } => Answer::Ran(outcome(how)),
        Call::ReadTraffic { .. } | Call::SetTraffic { .. } => Answer::Spread(outcome(how)),
        Call::Health { .. } => Answer::Health(outcome(how)),
        Call::SetSchedulable { .. } => Answer::Schedulable(outcome(how)),
        Call::Drain { .. } => Answer::Drained(outcome(how)),
        Call::Start { ids, .. } | Call::Stop { ids, .. } => {
            Answer::Each(ids.iter().map(|id| (id.clone(), outcome(how))).collect())
        }
        Call::Forget { .. }
        | Call::InstallCanary { .. }
        | Call::Reboot { .. }
        | Call::Reimage { .. }
        | Call::Join { .. }
        | Call::Run { .. } => Answer::Plain(outcome(how)),
    }
}
