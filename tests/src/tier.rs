//! Which tests run: `LIFEBOAT_TIER=fast|real|deep`, set by `tests/run`; `fast` where it is not set.
//!
//! | tier | needs | lives in |
//! | --- | --- | --- |
//! | fast | nothing but this machine's processor | beside the code, and `tests/scenarios/` |
//! | real | nginx, Chromium, the built binary | `tests/real/` |
//! | deep | the same, with the counts that take long | `tests/real/` |
//!
//! A test that cannot run prints `skipped: NAME: reason` past libtest's capture, and `tests/run` counts that line.

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A tier. `Ord`: a later one runs what an earlier one does, with more counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// No server, under a minute.
    Fast,
    /// Real servers, reduced counts.
    Real,
    /// Real servers, the full counts.
    Deep,
}

impl Tier {
    /// The tier that was asked for.
    ///
    /// # Panics
    ///
    /// When `LIFEBOAT_TIER` is set to a word that is none of the three.
    #[must_use]
    pub fn asked() -> Self {
        match env::var("LIFEBOAT_TIER").as_deref() {
            Err(_) => Self::Fast,
            Ok(word) => {
                Self::named(word).unwrap_or_else(|| panic!("LIFEBOAT_TIER={word} is not fast, real or deep"))
            }
        }
    }

    fn named(word: &str) -> Option<Self> {
        match word {
            "fast" => Some(Self::Fast),
            "real" => Some(Self::Real),
            "deep" => Some(Self::Deep),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Real => "real",
            Self::Deep => "deep",
        }
    }
}

/// Whether a test of this tier that needs this program (empty: none) can run here; says so where it cannot.
///
/// ```text
/// if !require(Tier::Real, "nginx") { return }
/// ```
#[must_use]
pub fn require(tier: Tier, program: &str) -> bool {
    let reason = reason(tier, Tier::asked(), program, &|name| find_program(name).is_some());
    if let Some(reason) = &reason {
        skip(reason);
    }
    reason.is_none()
}

/// Says that the test that runs now is left out, and why.
pub fn skip(reason: &str) {
    let thread = std::thread::current();
    tell(&format!("skipped: {}: {reason}", thread.name().unwrap_or("a test")));
}

/// Prints a line past libtest's capture, so that what was measured is seen also when the test passes.
pub fn tell(line: &str) {
    // One write a line. Where standard error is gone, nobody reads either.
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

fn reason(tier: Tier, asked: Tier, program: &str, there: &dyn Fn(&str) -> bool) -> Option<String> {
    if asked < tier {
        return Some(format!("tier {}", tier.word()));
    }
    (!program.is_empty() && !there(program)).then(|| format!("no {program} on this machine"))
}

/// Where a program is, Debian's `/usr/sbin` included.
#[must_use]
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([Path::new("/usr/sbin").to_owned()]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_left_out_below_its_tier_or_without_its_program_and_says_which() {
        let none = |_: &str| false;
        let all = |_: &str| true;
        let rows = [
            (Tier::Real, Tier::Fast, "nginx", all as fn(&str) -> bool, Some("tier real")),
            (Tier::Deep, Tier::Real, "", all, Some("tier deep")),
            (Tier::Real, Tier::Real, "nginx", none, Some("no nginx on this machine")),
            (Tier::Real, Tier::Real, "nginx", all, None),
            (Tier::Real, Tier::Deep, "", none, None),
            (Tier::Fast, Tier::Fast, "", none, None),
        ];
        for (tier, asked, program, there, expected) in rows {
            let found = reason(tier, asked, program, &there);
            assert_eq!(found.as_deref(), expected, "{tier:?} asked {asked:?} {program}");
        }
    }

    #[test]
    fn a_program_is_found_by_name_and_one_that_is_not_there_is_not() {
        assert!(find_program("sh").is_some());
        assert_eq!(find_program("no-such-program-here"), None);
    }
}
