//! The card of a plan, edited in place: what it waits for, how far it is, what it left, and the buttons that fit.

use chrono::TimeDelta;
use lifeboat_commands::people::{Permission, WhoCould};
use lifeboat_commands::{approval, estimate};
use lifeboat_storage::event::Time;
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::plan::{Consent, PauseReason, Plan, Proof, Step, Undo, Verb};

use super::{
    HASH, chained, course, facts, heading, last_failure, left, lowest, next_of_strays, proof, reboot_mode,
    standing, still, swap_mode, what,
};
use crate::console::view::{Ask, Bar, Blast, Flag, PlanAction, PlanCard, Row};
use crate::say::{Say, Scene, limits, time, word};

/// An approval not given in time expires, where the fleet's limits are not at hand.
const APPROVAL_S: u32 = 600;

/// The card of a plan.
#[must_use]
pub fn card(scene: &Scene<'_>, run: &Run) -> PlanCard {
    let say = scene.say;
    let open = matches!(run.standing, Standing::Proposed);
    let (approve, act) = who(scene, run);
    PlanCard {
        id: run.id.to_string(),
        incident: run.incident.map(|id| id.to_string()),
        flag: flag(say, run),
        standing: standing_key(run.standing),
        open: run.is_open(),
        title: heading(say, &run.plan),
        meta: meta(scene, run),
        lead: lead(scene, run),
        until: open.then(|| scene.moment(until(scene, run))),
        bar: bar(scene, run),
        lines: if open { course::proposed(say, &run.plan) } else { lines(scene, run) },
        blast: open.then(|| blast(say, &run.plan)),
        rows: rows(scene, run),
        actions: actions(say, run, &approve, &act),
        hash: run.hash.chars().take(HASH).collect(),
        state: run.changed.0,
        edited: scene.moment(changed_at(scene, run)),
    }
}

fn lines(scene: &Scene<'_>, run: &Run) -> Vec<crate::console::view::PlanLine> {
    if run.steps.is_empty() { Vec::new() } else { course::followed(scene, run) }
}

fn changed_at(scene: &Scene<'_>, run: &Run) -> Time {
    (scene.lookup)(run.changed).map_or(run.proposed_at, |event| event.recorded_at)
}

/// The standing as the page knows it.
fn standing_key(standing: Standing) -> &'static str {
    match standing {
        Standing::Proposed => "proposed",
        Standing::Running => "running",
        Standing::Paused => "paused",
        Standing::Rejected => "rejected",
        Standing::Expired => "expired",
        Standing::Cancelled => "cancelled",
        Standing::Proven => "proven",
        Standing::Failed => "failed",
    }
}

fn flag(say: Say, run: &Run) -> Flag {
    let of = |shape, key: &str, tone| Flag { shape, word: say.word(key), tone };
    match (run.standing, &run.paused) {
        (Standing::Proposed, _) => of("wait", "plan-flag-waits", "sev3"),
        (Standing::Running, _) => {
            let word = format!("{} / {}", run.done(), run.plan.steps.len());
            Flag { shape: "part", word, tone: "sev4" }
        }
        (Standing::Paused, Some(PauseReason::StepUnknown)) => of("question", "plan-flag-unsure", "unsure"),
        (Standing::Paused, _) => of("pause", "plan-flag-paused", "sev3"),
        (Standing::Proven, _) => of("check", "plan-flag-proven", "ended"),
        (Standing::Failed, _) => of("cross", "plan-flag-failed", "sev2"),
        (Standing::Rejected | Standing::Expired | Standing::Cancelled, _) => word::void_flag(say),
    }
}

/// One grey line: who asked, who said yes.
fn meta(scene: &Scene<'_>, run: &Run) -> String {
    let say = scene.say;
    let at = ("at", scene.at(run.proposed_at).into());
    let asked = match &run.asked_by {
        Some(person) => say.text("plan-meta-asked", &[("person", say.name(person.as_str()).into()), at]),
        None => say.text("plan-meta-schedule", &[at]),
    };
    let yes: Vec<String> = run.approved_by.iter().map(|person| say.name(person.as_str())).collect();
    let yes = run.approved_at.map(|at| {
        let args = [("people", word::names(say, &yes).into()), ("at", scene.at(at).into())];
        say.text(if yes.is_empty() { "plan-meta-given" } else { "plan-meta-approved" }, &args)
    });
    let ended = run.ended_at.map(|at| say.text("plan-meta-ended", &[("at", scene.at(at).into())]));
    let facts: Vec<String> = std::iter::once(asked).chain(yes).chain(ended).collect();
    let cluster = say.name(run.plan.cluster.as_str());
    say.text("plan-meta", &[("cluster", cluster.into()), ("facts", word::listed(say, &facts).into())])
}

/// What must be read before anything else.
fn lead(scene: &Scene<'_>, run: &Run) -> String {
    let say = scene.say;
    match run.standing {
        Standing::Proposed => waits(scene, run),
        Standing::Running => super::doing(say, run).unwrap_or_else(|| standing(say, run.standing)),
        Standing::Paused => still::lead(scene, run),
        Standing::Proven => match proof(scene, run) {
            Some(proof) => say.text("plan-lead-proven", &[("proof", proof.into())]),
            None => say.word("plan-lead-proven-only"),
        },
        Standing::Failed => match last_failure(scene, run) {
            Some(failed) => say.text("plan-lead-failed", &[("failed", failed.into())]),
            None => say.word("plan-lead-failed-only"),
        },
        Standing::Rejected => say.word("plan-lead-rejected"),
        Standing::Expired => say.word("plan-lead-expired"),
        Standing::Cancelled => say.word("plan-lead-cancelled"),
    }
}

fn waits(scene: &Scene<'_>, run: &Run) -> String {
    let say = scene.say;
    let (approve, _) = who(scene, run);
    let names = word::who_could(say, &approve);
    let asked = run.asked_by.as_ref().map(|person| say.name(person.as_str())).unwrap_or_default();
    let args = [
        ("who", word::either(say, &names).into()),
        ("asked", asked.into()),
        ("until", time::clock_minutes(say, until(scene, run)).into()),
    ];
    say.text(
        match (run.plan.consent, names.is_empty()) {
            (Consent::TwoPeople, true) => "plan-lead-two-nobody",
            (Consent::TwoPeople, false) => "plan-lead-two",
            (_, true) => "plan-lead-confirm-nobody",
            (_, false) => "plan-lead-confirm",
        },
        &args,
    )
}

fn until(scene: &Scene<'_>, run: &Run) -> Time {
    let limit = scene.fleet.map_or(APPROVAL_S, |(fleet, _)| fleet.limits.approval_s);
    run.proposed_at + TimeDelta::seconds(i64::from(limit))
}

/// Who could say yes, the first time or anew, and who could do all else with it.
fn who(scene: &Scene<'_>, run: &Run) -> (WhoCould, WhoCould) {
    let Some(people) = scene.people else { return (nobody(), nobody()) };
    let yes = match run.standing {
        Standing::Paused => approval::who_could_resume(run, people),
        _ => approval::who_could(run, people),
    };
    (yes, people.who_could(Permission::Operator))
}

/// Where it is not at hand who is configured.
pub(super) fn nobody() -> WhoCould {
    WhoCould::by_name(Permission::Operator, Vec::new())
}

fn bar(scene: &Scene<'_>, run: &Run) -> Option<Bar> {
    if !matches!(run.standing, Standing::Running | Standing::Paused) {
        return None;
    }
    let total = u32::try_from(run.plan.steps.len()).unwrap_or(u32::MAX);
    let text = scene.say.text("plan-bar", &[("done", run.done().into()), ("total", total.into())]);
    let left = remaining(scene, run).filter(|_| run.standing == Standing::Running);
    Some(Bar { done: run.done(), total, text, left: left.unwrap_or_default() })
}

/// When it will be through, as far as its pace so far tells.
pub(super) fn remaining(scene: &Scene<'_>, run: &Run) -> Option<String> {
    let say = scene.say;
    let left = estimate::left(run, scene.now)?;
    let unit = if left.seconds < 120 { 10 } else { 60 };
    let rounded = left.seconds.div_ceil(unit) * unit;
    let at = scene.now + TimeDelta::seconds(i64::from(rounded));
    let args = [("time", time::seconds(say, rounded).into()), ("at", time::clock_minutes(say, at).into())];
    Some(say.text(if left.late { "plan-remaining-late" } else { "plan-remaining" }, &args))
}

fn blast(say: Say, plan: &Plan) -> Blast {
    let gained = match plan.verb {
        Verb::NodeAdd { count, .. } => count,
        _ => 0,
    };
    let proven = plan.steps.iter().rev().find_map(|step| match step {
        Step::Prove { proof: Proof::Serving { at_least, .. }, .. } => Some(*at_least),
        _ => None,
    });
    let after = plan.blast.left.last().copied().unwrap_or(plan.blast.serving).max(proven.unwrap_or(0));
    let after = match gained {
        0 => after.to_string(),
        gained => say.text("plan-blast-up-to", &[("n", (after + gained).into())]),
    };
    Blast {
        label: say.text("plan-blast", &[("wanted", plan.blast.wanted.into())]),
        now: plan.blast.serving.to_string(),
        lowest: lowest(plan).to_string(),
        after,
    }
}

fn rows(scene: &Scene<'_>, run: &Run) -> Vec<Row> {
    let say = scene.say;
    let row = |label: &str, text: String| Row { label: say.word(label), text };
    let mut rows: Vec<Row> = match run.standing {
        // The table above has its numbers.
        Standing::Proposed => {
            let facts = facts(scene, &run.plan).into_iter();
            facts
                .filter(|(label, _)| *label != "plan-row-serving")
                .map(|(label, text)| row(label, text))
                .collect()
        }
        Standing::Rejected | Standing::Expired => Vec::new(),
        _ => {
            let changed = course::changed(say, run).unwrap_or_else(|| say.word("plan-changed-nothing"));
            vec![row("plan-row-changed", changed)]
        }
    };
    if !run.is_open() {
        let left = left(say, Some(run), &run.leaves());
        rows.extend(left.map(|text| row("plan-row-left", text)));
    }
    if run.standing == Standing::Proven
        && let Undo::By { line } = &run.plan.undo
    {
        rows.push(row("plan-row-undo", say.outside(line, limits::LINE)));
    }
    rows.extend(still::asks_again(scene, run).map(|text| row("plan-row-asks-again", text)));
    let next = still::next(scene, run).or_else(|| after_the_end(say, run));
    rows.extend(next.map(|text| row("plan-row-next", text)));
    rows
}

/// What a person does about what a plan left: nodes that are kept from pods because it went badly, machines.
fn after_the_end(say: Say, run: &Run) -> Option<String> {
    let badly = matches!(run.standing, Standing::Failed | Standing::Cancelled) && !run.cordoned.is_empty();
    let cordoned = badly.then(|| {
        let nodes: Vec<String> = run.cordoned.iter().map(|node| say.name(node.as_str())).collect();
        say.text("plan-next-cordoned", &[("nodes", nodes.join(",").into())])
    });
    chained(say, cordoned.into_iter().chain(next_of_strays(say, run)))
}

/// Buttons that fit where it stands. Who is in `approve` could say yes, the first time or anew; who is in `act` could
/// press the others.
pub(super) fn actions(say: Say, run: &Run, approve: &WhoCould, act: &WhoCould) -> Vec<PlanAction> {
    let id = run.id;
    let phrase = what(say, &run.plan);
    let args = [("plan", id.to_string().into()), ("what", phrase.as_str().into())];
    let ask = |key: &str| Ask {
        text: say.text(&format!("plan-ask-{key}"), &args),
        yes: say.text(&format!("plan-yes-{key}"), &args),
        typed: None,
    };
    let names = |who: &WhoCould| who.people.iter().map(ToString::to_string).collect::<Vec<_>>();
    let button = |what: &'static str, command: String| PlanAction {
        what,
        label: say.text(&format!("plan-do-{what}"), &args),
        command,
        primary: false,
        danger: false,
        ask: None,
        who: names(act),
        why: could(say, act),
    };
    match run.standing {
        Standing::Proposed => {
            let hash: String = run.hash.chars().take(HASH).collect();
            let typed = run.plan.override_reason.as_ref().map(|_| typed_first(run));
            let approved = PlanAction {
                primary: true,
                ask: Some(Ask { typed, ..ask("approve") }),
                who: names(approve),
                why: could(say, approve),
                ..button("approve", format!("/plan approve {id} hash:{hash}"))
            };
            vec![approved, button("reject", format!("/plan reject {id}"))]
        }
        Standing::Running => vec![
            button("pause", format!("/plan pause {id}")),
            PlanAction {
                danger: true,
                ask: Some(ask("cancel")),
                ..button("cancel", format!("/plan cancel {id}"))
            },
        ],
        Standing::Paused => vec![
            PlanAction {
                primary: !run.fails_again(),
                ask: Some(ask("resume")),
                who: names(approve),
                why: could(say, approve),
                ..button("resume", format!("/plan resume {id}"))
            },
            PlanAction {
                danger: true,
                ask: Some(ask("cancel")),
                ..button("cancel", format!("/plan cancel {id}"))
            },
        ],
        Standing::Expired | Standing::Cancelled => {
            vec![button("again", format!("{} ", line(&run.plan)))]
        }
        _ => Vec::new(),
    }
}

/// What an override asks to be typed: the incident's number, so that no finger slips.
fn typed_first(run: &Run) -> String {
    run.incident.map_or_else(|| run.id.to_string(), |id| id.to_string())
}

fn could(say: Say, who: &WhoCould) -> String {
    let names = word::who_could(say, who);
    match names.as_slice() {
        [] => say.word("plan-could-nobody"),
        names => say.text("plan-could", &[("who", word::either(say, names).into())]),
    }
}

/// The line that asks for the same again.
fn line(plan: &Plan) -> String {
    let nodes = plan.targets.iter().map(|target| target.node.as_str()).collect::<Vec<_>>().join(",");
    match &plan.verb {
        Verb::NodeAdd { count, pool } => format!("/node add count:{count} pool:{pool}"),
        Verb::NodeCordon => format!("/node cordon target:{nodes}"),
        Verb::NodeUncordon => format!("/node uncordon target:{nodes}"),
        Verb::NodeDrain => format!("/node drain target:{nodes}"),
        Verb::NodeReboot { mode } => format!("/node reboot target:{nodes} mode:{}", reboot_mode(*mode)),
        Verb::NodeMove { to } => format!("/node move target:{nodes} to-cluster:{to}"),
        Verb::NodeRemove => format!("/node remove target:{nodes}"),
        Verb::ClusterSwap { to, mode } => format!("/cluster swap to:{to} mode:{}", swap_mode(*mode)),
        Verb::CapacityRun { schedule } => format!("/capacity run schedule:{schedule}"),
        Verb::ClusterCanary => format!("/cluster canary action:install cluster:{}", plan.cluster),
    }
}
