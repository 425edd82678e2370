//! What a line of a script waits to see.

use lifeboat_storage::event::AlertKind;
use lifeboat_storage::id::PlanId;
use lifeboat_storage::plan::run::Standing;

use super::Unreadable;
use crate::say::{Lang, Say, plan};

/// What a line waits to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// An alert of this kind fires.
    Alert(AlertKind),
    /// An alert of this kind was raised, and none fires any more.
    Recovered(AlertKind),
    /// A plan, else the newest, stands so.
    Plan {
        /// Which.
        plan: Option<PlanId>,
        /// How.
        standing: Standing,
    },
    /// This text stands on a card, in either language; case does not matter.
    Text(String),
    /// One of these.
    Any(Vec<Sight>),
}

impl Sight {
    /// It waits for nothing but the newest plan to be proposed, or to run: what no plan does that was refused.
    #[must_use]
    pub fn needs_a_plan(&self) -> bool {
        match self {
            Self::Plan { plan: None, standing: Standing::Proposed | Standing::Running } => true,
            Self::Any(all) => all.iter().all(Self::needs_a_plan),
            _ => false,
        }
    }
}

const KINDS: [AlertKind; 8] = [
    AlertKind::BadGateway,
    AlertKind::ServerError,
    AlertKind::Unavailable,
    AlertKind::GatewayTimeout,
    AlertKind::Absent,
    AlertKind::ProbeDown,
    AlertKind::FailedStart,
    AlertKind::CapacityShort,
];

/// States of a plan, the word for each first, then others that people use for it.
const STATES: [(Standing, &[&str]); 8] = [
    (Standing::Proposed, &["proposed", "waiting", "planned"]),
    (Standing::Running, &["running", "approved", "started"]),
    (Standing::Paused, &["paused", "blocked"]),
    (Standing::Proven, &["proven", "done", "succeeded", "completed"]),
    (Standing::Failed, &["failed", "unproven", "not_proven"]),
    (Standing::Rejected, &["rejected", "denied"]),
    (Standing::Expired, &["expired"]),
    (Standing::Cancelled, &["cancelled", "canceled", "aborted"]),
];

/// Words that a plan which is over may be told by, whatever came of it.
const OVER: [&str; 3] = ["over", "ended", "finished"];
/// Words without which a sight means the same.
const FILLING: [&str; 14] = [
    "the", "a", "an", "is", "are", "has", "been", "was", "state", "kind", "newest", "fires", "firing",
    "raised",
];

/// Keys of all kinds of alerts.
pub(super) fn kinds() -> Vec<&'static str> {
    KINDS.iter().map(|kind| kind.key()).collect()
}

/// The words for all states of a plan.
pub(super) fn states() -> Vec<&'static str> {
    STATES.iter().filter_map(|(_, words)| words.first().copied()).collect()
}

/// Alert kinds and plan states by their words; anything else is text. `|` stands between several of any sort, `or`
/// between several that are no text.
pub(super) fn of(words: &str) -> Result<Sight, Unreadable> {
    if words.contains('|') {
        let parts = words.split('|').map(str::trim).filter(|part| !part.is_empty());
        return Ok(either(parts.map(of).collect::<Result<Vec<_>, _>>()?));
    }
    let parts: Vec<Sight> = words.split(" or ").filter_map(|part| known(part).ok().flatten()).collect();
    if parts.len() > 1 && parts.len() == words.split(" or ").count() {
        return Ok(either(parts));
    }
    let text = || Sight::Text(words.trim_matches(QUOTES).trim_end_matches(PUNCTUATION).to_owned());
    let is_quoted = words.starts_with(QUOTES);
    Ok(known(words)?.filter(|_| !is_quoted).unwrap_or_else(text))
}

/// One of these.
pub(super) fn either(sights: impl IntoIterator<Item = Sight>) -> Sight {
    let flat = |sight| match sight {
        Sight::Any(all) => all,
        one => vec![one],
    };
    Sight::Any(sights.into_iter().flat_map(flat).collect())
}

const QUOTES: [char; 6] = ['"', '“', '”', '`', '「', '」'];
const PUNCTUATION: [char; 6] = [':', ',', ';', '：', '，', ' '];

fn known(words: &str) -> Result<Option<Sight>, Unreadable> {
    let plain = words.trim_end_matches(PUNCTUATION).to_lowercase();
    let all = plain.split([' ', '\t', ':']).filter(|word| !word.is_empty() && !FILLING.contains(word));
    let all: Vec<&str> = all.collect();
    match all[..] {
        ["alert", ref kind @ ..] => match (alert(kind), kind) {
            (None, [word]) => Err(Unreadable::NoSuchAlert((*word).to_owned())),
            (sight, _) => Ok(sight),
        },
        ["plan", ref state @ ..] => match (plan(state), state) {
            (None, [word]) => Err(Unreadable::NoSuchState((*word).to_owned())),
            (None, [id, word]) if id.parse::<PlanId>().is_ok() => {
                Err(Unreadable::NoSuchState((*word).to_owned()))
            }
            (None, [id, word]) if plan(&[*word]).is_some() => Err(Unreadable::NoSuchPlan((*id).to_owned())),
            (sight, _) => Ok(sight),
        },
        ref words => match (alert(words).or_else(|| plan(words)), words) {
            (None, [word] | [word, "recovered"]) if is_like_a_kind(word) => {
                Err(Unreadable::NoSuchAlert((*word).to_owned()))
            }
            (sight, _) => Ok(sight),
        },
    }
}

/// Nothing that stands on a card is written like `bad_gateway`.
fn is_like_a_kind(word: &str) -> bool {
    word.contains('_') && word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
}

/// `bad_gateway`, `bad-gateway`, `BadGateway`, `bad_gateway/blog`, `bad gateway recovered`.
fn alert(words: &[&str]) -> Option<Sight> {
    let (words, over) = match words {
        [kind @ .., "recovered" | "over" | "ended"] if !kind.is_empty() => (kind, true),
        kind => (kind, false),
    };
    let joined = words.concat();
    let plain = |text: &str| text.replace(['_', '-'], "");
    let wanted = plain(joined.split('/').next()?);
    let kind = KINDS.into_iter().find(|kind| plain(kind.key()) == wanted)?;
    Some(if over { Sight::Recovered(kind) } else { Sight::Alert(kind) })
}

/// `proven`, `P-3 proven`; after `plan`, `3 proven`.
fn plan(words: &[&str]) -> Option<Sight> {
    let (plan, words) = match words {
        [first, rest @ ..] if !rest.is_empty() => match first.parse::<PlanId>() {
            Ok(plan) => (Some(plan), rest),
            Err(_) => (None, words),
        },
        _ => (None, words),
    };
    let word = words.join("_");
    if OVER.contains(&word.as_str()) {
        use Standing::{Cancelled, Expired, Failed, Proven, Rejected};
        let ends = [Proven, Failed, Rejected, Expired, Cancelled];
        return Some(Sight::Any(ends.map(|standing| Sight::Plan { plan, standing }).to_vec()));
    }
    Some(Sight::Plan { plan, standing: standing(&word)? })
}

fn standing(word: &str) -> Option<Standing> {
    let said = |standing| {
        let word = |lang| plan::standing(Say::new(lang, chrono_tz::UTC).plain(), standing).to_lowercase();
        Lang::ALL.map(word)
    };
    let plain = word.replace('-', "_");
    let mut states = STATES.into_iter();
    let found = states.find(|(standing, words)| {
        words.contains(&plain.as_str()) || said(*standing).iter().any(|said| *said == word)
    });
    found.map(|(standing, _)| standing)
}
