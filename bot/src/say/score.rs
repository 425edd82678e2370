//! The last words of a drill: how it went, for people.

use std::path::Path;

use chrono::TimeDelta;
use lifeboat_storage::state::State;

use super::{Say, catalogue, plan, time, word};
use crate::drill::score::{Cost, Score};
use crate::drill::summary::Summary;

/// What the last words are made from.
pub struct Ended<'a> {
    /// The numbers.
    pub summary: &'a Summary,
    /// What went well and what cost time.
    pub score: &'a Score,
    /// What all events add up to.
    pub state: &'a State,
    /// The first move that would have helped most, from the scenario, in the reader's language.
    pub first_move: Option<&'a str>,
    /// Currency of the money.
    pub currency: &'a str,
    /// Postmortems that were written.
    pub papers: &'a [std::path::PathBuf],
    /// Where the record is kept.
    pub record: &'a Path,
}

/// The last words.
#[must_use]
pub fn ended(say: Say, ended: &Ended<'_>) -> String {
    let summary = ended.summary;
    let mut lines = vec![headline(say, summary), numbers(say, ended)];
    lines.extend(counted_from(say, summary));
    lines.extend(listed(say, "drill-well", ended.score.well.iter().map(|well| say.word(well.key()))));
    let costs = ended.score.costs.iter().map(|(cost, length)| self::cost(say, ended.state, *cost, *length));
    lines.extend(listed(say, "drill-costs", costs));
    lines.extend(listed(say, "drill-wrong", summary.wrong_moves.iter().map(|key| wrong_move(say, key))));
    if let Some(better) = better_move(ended) {
        lines.push(say.text("drill-better", &[("move", better.to_owned().into())]));
    }
    if summary.invariants != "ok" {
        lines.push(say.text("drill-broken", &[("what", summary.invariants.clone().into())]));
    }
    let papers = ended.papers.iter().map(|paper| paper.display().to_string());
    lines.extend(listed(say, "drill-papers", papers));
    lines.push(say.text("drill-record", &[("data", ended.record.display().to_string().into())]));
    lines.join("\n")
}

/// Nobody needs a better one for what did not come, or was prevented, nor one that was played first.
fn better_move<'a>(ended: &Ended<'a>) -> Option<&'a str> {
    let needed = ended.summary.started_at.is_some() && !ended.summary.prevented;
    let played = ended.score.first_move.as_deref();
    ended.first_move.filter(|better| needed && !played.is_some_and(|played| better.contains(played)))
}

fn headline(say: Say, summary: &Summary) -> String {
    let key = match (summary.prevented, summary.started_at.is_some(), summary.is_mitigated()) {
        (true, ..) => "drill-over-prevented",
        (_, false, true) => "drill-over-nothing",
        (_, false, false) => "drill-over-early",
        (_, true, true) => "drill-over-mitigated",
        (_, true, false) => "drill-over-failing",
    };
    let ttm = length(say, summary.ttm_s);
    say.text(key, &[("scenario", summary.scenario.clone().into()), ("ttm", ttm.into())])
}

fn length(say: Say, seconds: Option<i64>) -> String {
    seconds.map_or_else(|| "–".to_owned(), |seconds| time::duration(say, TimeDelta::seconds(seconds)))
}

fn numbers(say: Say, ended: &Ended<'_>) -> String {
    let summary = ended.summary;
    say.text(
        "drill-over-numbers",
        &[
            ("ttd", length(say, summary.ttd_s).into()),
            ("tta", length(say, summary.tta_s).into()),
            ("ttr", length(say, summary.ttr_s).into()),
            ("pods", summary.healthy_pods_lost.into()),
            ("money", format!("{:.2} {}", summary.money, ended.currency).into()),
        ],
    )
}

/// From when to when the times above are counted: a postmortem may count from a warning before.
fn counted_from(say: Say, summary: &Summary) -> Option<String> {
    let from = ("from", time::clock(say, summary.started_at?).into());
    Some(match summary.mitigated_at {
        Some(to) => say.text("drill-over-counted", &[from, ("to", time::clock(say, to).into())]),
        None => say.text("drill-over-counted-open", &[from]),
    })
}

/// A heading and what stands under it; nothing where nothing does.
fn listed(say: Say, heading: &str, lines: impl Iterator<Item = String>) -> Vec<String> {
    let lines: Vec<String> = lines.map(|line| format!("  · {line}")).collect();
    let heading = (!lines.is_empty()).then(|| say.word(heading));
    heading.into_iter().chain(lines).collect()
}

fn cost(say: Say, state: &State, cost: Cost, length: TimeDelta) -> String {
    let length = time::duration(say, length);
    let of_plan = |key: &str, id| {
        let what = state.plans.get(&id).map(|run| plan::title(say, &run.plan)).unwrap_or_default();
        say.text(
            key,
            &[("length", length.clone().into()), ("plan", id.to_string().into()), ("what", what.into())],
        )
    };
    let plain = |key: &str| say.text(key, &[("length", length.clone().into())]);
    match cost {
        Cost::WarningUnheard => plain("drill-cost-warning"),
        Cost::NotTaken => plain("drill-cost-not-taken"),
        Cost::NotDecided => plain("drill-cost-not-decided"),
        Cost::InVain(id) => of_plan("drill-cost-in-vain", id),
        Cost::WaitedForYes(id) => of_plan("drill-cost-waited", id),
    }
}

/// A move that did harm, or did not help.
#[must_use]
pub fn wrong_move(say: Say, key: &str) -> String {
    let of_world = format!("drill-harm-{key}");
    if catalogue::has(say.lang(), &of_world) {
        return say.word(&of_world);
    }
    let of_plan = [("-not-proven", "drill-not-proven"), ("-left-paused", "drill-left-paused")];
    let worded = of_plan.iter().find_map(|(suffix, worded)| Some((key.strip_suffix(suffix)?, worded)));
    match worded {
        // The key of a verb is its words as typed.
        Some((verb, worded)) => say.text(worded, &[("verb", verb.replacen('-', " ", 1).into())]),
        None => word::names(say, &[say.name(key)]),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lifeboat_deploy::simulated::Harm;

    use super::super::{Lang, catalogue};
    use super::*;

    #[test]
    fn a_summary_tells_from_when_its_times_are_counted() {
        let at = |clock: &str| format!("2027-01-04T{clock}Z").parse().unwrap();
        let mut summary = Summary {
            scenario: "sold-out-morning".to_owned(),
            seed: 1,
            started_at: Some(at("10:15:58")),
            detected_at: None,
            acknowledged_at: None,
            mitigated_at: Some(at("11:58:34")),
            resolved_at: None,
            ttd_s: None,
            tta_s: None,
            ttm_s: None,
            ttr_s: None,
            prevented: false,
            healthy_pods_lost: 0,
            money: 0.0,
            wrong_moves: Vec::new(),
            invariants: "ok".to_owned(),
            is_whole: true,
        };
        let say = Say::new(Lang::En, chrono_tz::UTC).plain();
        let told =
            "Counted from 10:15:58, when users began to suffer, to 11:58:34, when they were well again.";
        assert_eq!(counted_from(say, &summary).as_deref(), Some(told));
        summary.mitigated_at = None;
        let told = "Counted from 10:15:58, when users began to suffer.";
        assert_eq!(counted_from(say, &summary).as_deref(), Some(told));
        summary.started_at = None;
        assert_eq!(counted_from(say, &summary), None);
    }

    #[test]
    fn every_kind_of_harm_has_words_and_none_is_left_over() {
        let known: BTreeSet<String> =
            Harm::ALL.iter().map(|harm| format!("drill-harm-{}", harm.key())).collect();
        for lang in Lang::ALL {
            let worded: BTreeSet<String> = catalogue::family(lang, "drill-harm-").into_keys().collect();
            assert_eq!(worded, known, "{lang}");
        }
        let say = Say::new(Lang::En, chrono_tz::UTC).plain();
        assert_eq!(wrong_move(say, "node-add-not-proven"), "a plan of /node add ended without proof");
        assert_eq!(
            wrong_move(say, "node-add-left-paused"),
            "a plan of /node add stood still for more than 10 minutes while users got errors"
        );
    }
}
