//! What can go wrong between Discord and a bot, to be played on demand.

use std::time::Duration;

/// A fault of one answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// 429 for this bucket.
    Limited(Duration),
    /// 429 for a resource others use too; does not count towards the ban.
    LimitedShared(Duration),
    /// 429 for the whole bot.
    LimitedGlobal(Duration),
    /// 429 with a code in the body, such as 30046 or 20028, and without the bucket's word.
    LimitedWithCode(u32, Duration),
    /// 429 although the headers say that four are left.
    LimitedWithFourLeft(Duration),
    /// 429 whose body has no code and no message, as the documentation's example.
    LimitedWithoutCode(Duration),
    /// 429 by Cloudflare: HTML and none of Discord's headers.
    Cloudflare,
    /// A page instead of an answer: 502, 503, 504.
    Page(u16),
    /// 500 with Discord's own body.
    Broken,
    /// A refusal, with status, code and message.
    Refused(u16, u32, &'static str),
    /// Done, but the answer comes this late.
    Slow(Duration),
    /// Done, but the answer stops in the middle.
    CutBody,
    /// The connection is reset before anything is done.
    ResetBefore,
    /// Done, and the connection is reset instead of an answer.
    ResetAfter,
}

impl Fault {
    /// Whether the request takes effect all the same.
    pub(crate) fn is_after(&self) -> bool {
        matches!(self, Self::Slow(_) | Self::CutBody | Self::ResetAfter)
    }
}

/// The whole of Discord away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// Every request and every upgrade is answered 503 with a page; connections are cut.
    Unavailable,
    /// Connections are reset as soon as they are made.
    Refused,
    /// Connections are taken and nothing is ever said.
    Silent,
}

/// Which requests a fault is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Where {
    /// Every one.
    Anywhere,
    /// Those of this operation, by Discord's name for it, such as `create_message`.
    At(&'static str),
}

/// Faults to come.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    planned: Vec<Planned>,
    pub(crate) outage: Option<Outage>,
}

#[derive(Debug)]
struct Planned {
    fault: Fault,
    at: Where,
    /// How many requests are let through before.
    skip: u32,
    times: u32,
}

impl Faults {
    pub(crate) fn plan(&mut self, at: Where, fault: Fault, skip: u32, times: u32) {
        self.planned.push(Planned { fault, at, skip, times });
    }

    /// The fault of this request, if it is to have one.
    pub(crate) fn take(&mut self, operation: &str) -> Option<Fault> {
        let place = self.planned.iter_mut().filter(|one| match one.at {
            Where::Anywhere => true,
            Where::At(name) => name == operation,
        });
        let mut found = None;
        for one in place {
            if one.skip > 0 {
                one.skip -= 1;
            } else if one.times > 0 {
                one.times -= 1;
                found = Some(one.fault.clone());
                break;
            }
        }
        self.planned.retain(|one| one.times > 0);
        found
    }

    pub(crate) fn clear(&mut self) {
        self.planned.clear();
    }

    /// How many planned faults nobody met.
    pub(crate) fn left(&self) -> u32 {
        self.planned.iter().map(|one| one.times).sum()
    }
}
