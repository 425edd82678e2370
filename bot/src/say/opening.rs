//! What `lifeboat drill` and `lifeboat run` print when they begin.

use std::path::Path;

use lifeboat_storage::event::Time;

use super::{Say, word};

/// What the first lines of a drill tell.
pub struct Drill<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// What it is called, in the reader's language.
    pub title: &'a str,
    /// The one-time link to the console.
    pub link: &'a str,
    /// Where the record is kept.
    pub data: &'a Path,
    /// What time it is there.
    pub now: Time,
    /// So many times as fast in quiet hours, and while somebody is needed.
    pub pace: (u32, u32),
}

/// The first lines: what is played, where to look, what to type, how fast the clock runs.
#[must_use]
pub fn drill(say: Say, drill: &Drill<'_>) -> String {
    let data = drill.data.display().to_string();
    say.text(
        "drill-opening",
        &[
            ("scenario", drill.scenario.to_owned().into()),
            ("title", drill.title.to_owned().into()),
            ("link", drill.link.to_owned().into()),
            ("data", data.into()),
            ("now", super::time::clock_minutes(say, drill.now).into()),
            ("pace", pace(say, drill.pace).into()),
        ],
    )
}

/// How fast the clock of a drill runs: so many times as fast in quiet hours, and while somebody is needed.
#[must_use]
pub fn pace(say: Say, (quiet, awake): (u32, u32)) -> String {
    if quiet == awake {
        return say.text("drill-pace-even", &[("times", quiet.into())]);
    }
    say.text("drill-pace", &[("quiet", quiet.into()), ("awake", awake.into())])
}

/// The first lines of a real run: what is watched, where to look, whose link it is.
#[must_use]
pub fn running(say: Say, services: &[String], link: &str, user: &str) -> String {
    let version = ("version", env!("CARGO_PKG_VERSION").into());
    let watched = match services {
        [] => say.text("run-watches-nothing", &[version]),
        services => say.text("run-watches", &[version, ("services", word::names(say, services).into())]),
    };
    say.text(
        "run-opening",
        &[("watched", watched.into()), ("link", link.to_owned().into()), ("user", user.to_owned().into())],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::say::Lang;

    #[test]
    fn a_run_says_what_it_watches_or_how_it_would_watch_something() {
        for (lang, watched, nothing) in [
            (Lang::En, "watches blog-web, search.", "watches nothing yet"),
            (Lang::ZhCn, "正在监视 blog-web、search。", "尚未监视任何服务"),
        ] {
            let say = Say::new(lang, chrono_tz::UTC);
            let two = running(say, &["blog-web".to_owned(), "search".to_owned()], "http://x/y", "ana");
            assert!(two.contains(watched) && two.contains("http://x/y"), "{two}");
            let none = running(say, &[], "http://x/y", "ana");
            assert!(none.contains(nothing) && none.contains("[[service]]"), "{none}");
            assert!(none.contains("http://x/y") && !none.contains('–'), "{none}");
        }
    }
}
