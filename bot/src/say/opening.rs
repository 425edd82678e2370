//! What `lifeboat drill` and `lifeboat run` print when they begin.

use std::path::Path;

use super::Say;
use crate::drill::summary::Summary;

/// The first lines: what is played, where to look, where the record is kept.
#[must_use]
pub fn drill(say: Say, scenario: &str, link: &str, data: &Path) -> String {
    let data = data.display().to_string();
    say.text(
        "drill-opening",
        &[("scenario", scenario.to_owned().into()), ("link", link.to_owned().into()), ("data", data.into())],
    )
}

/// The first lines of a real run: what is watched, where to look, whose link it is.
#[must_use]
pub fn running(say: Say, services: &[String], link: &str, user: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let services = if services.is_empty() { "–".to_owned() } else { services.join(", ") };
    say.text(
        "run-opening",
        &[
            ("version", version.into()),
            ("services", services.into()),
            ("link", link.to_owned().into()),
            ("user", user.to_owned().into()),
        ],
    )
}

/// The last lines of a drill: how it went, and where its postmortem is.
#[must_use]
pub fn drill_over(say: Say, summary: &Summary, data: &Path) -> String {
    let length = |seconds: Option<i64>| {
        seconds.map_or_else(|| "–".to_owned(), |s| super::time::duration(say, chrono::TimeDelta::seconds(s)))
    };
    let key = match (summary.prevented, summary.started_at.is_some(), summary.is_mitigated()) {
        (true, ..) => "drill-over-prevented",
        (_, false, _) => "drill-over-nothing",
        (_, _, true) => "drill-over-mitigated",
        _ => "drill-over-failing",
    };
    let wrong =
        if summary.wrong_moves.is_empty() { "–".to_owned() } else { summary.wrong_moves.join(", ") };
    let lines = [
        say.text(
            key,
            &[("scenario", summary.scenario.clone().into()), ("ttm", length(summary.ttm_s).into())],
        ),
        say.text(
            "drill-over-numbers",
            &[
                ("ttd", length(summary.ttd_s).into()),
                ("tta", length(summary.tta_s).into()),
                ("ttr", length(summary.ttr_s).into()),
                ("pods", summary.healthy_pods_lost.into()),
                ("money", format!("{:.2}", summary.money).into()),
                ("wrong", wrong.into()),
            ],
        ),
        say.text("drill-over-postmortem", &[("data", data.join("record").display().to_string().into())]),
    ];
    lines.join("\n")
}
