//! The steps of a plan as people follow them: a line for each node, for each machine to be gained, for each matter.

use chrono::TimeDelta;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::{InstanceId, NodeName};
use lifeboat_storage::plan::run::{Progress, Run, Standing};
use lifeboat_storage::plan::{FailedBy, Plan, ProbeKind, Step, StepOutcome, StepResult};

use super::step::{became, brought, failed_by, probe, short, skipped, step, weights};
use super::{chained, cut_list, nodes};
use crate::console::view::PlanLine;
use crate::say::{Say, Scene, time, word};

/// Lines of nodes that are through, before they are told as a number.
const DONE: usize = 8;
/// Lines of nodes whose turn comes, before they are told as a number.
const NEXT: usize = 3;
/// Between the links of a chain.
const LINK: &str = " › ";

/// What some steps are about together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About<'a> {
    /// Getting machines.
    Machines,
    /// One node.
    Node(&'a NodeName),
    /// The nth gained machine.
    New(u32),
    /// Where requests go.
    Traffic,
    /// A look before traffic is moved.
    Check,
    /// What looks at name resolution on every node.
    Canary,
    /// What shows that the effect is there.
    Proof,
}

fn about(step: &Step) -> About<'_> {
    match step {
        Step::Obtain { .. } => About::Machines,
        Step::InstallCanary { .. } => About::Canary,
        Step::Join { slot, .. } | Step::Admit { slot, .. } => About::New(*slot),
        Step::Probe { node, .. }
        | Step::Cordon { node, .. }
        | Step::Uncordon { node, .. }
        | Step::Drain { node, .. }
        | Step::Reboot { node, .. }
        | Step::AwaitBoot { node, .. }
        | Step::Leave { node, .. }
        | Step::Reimage { node, .. }
        | Step::Forget { node, .. }
        | Step::Stop { node, .. } => About::Node(node),
        Step::Preflight { .. } => About::Check,
        Step::Shift { .. } | Step::Hold { .. } => About::Traffic,
        Step::Prove { .. } => About::Proof,
    }
}

/// The steps about one thing, with their index.
struct Part<'a> {
    about: About<'a>,
    steps: Vec<(u32, &'a Step)>,
}

/// All steps by what they are about, in the order in which each is first touched.
fn parts(plan: &Plan) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for (step, index) in plan.steps.iter().zip(0_u32..) {
        let about = about(step);
        match parts.iter_mut().find(|part| part.about == about) {
            Some(part) => part.steps.push((index, step)),
            None => parts.push(Part { about, steps: vec![(index, step)] }),
        }
    }
    parts
}

/// What will be done: alike nodes and machines stand on one line.
pub(super) fn proposed(say: Say, plan: &Plan) -> Vec<PlanLine> {
    let mut told: Vec<(Vec<About<'_>>, String)> = Vec::new();
    for part in parts(plan) {
        let text = chain(say, &part);
        match told.last_mut() {
            Some((abouts, same)) if *same == text && may_join(abouts, part.about) => abouts.push(part.about),
            _ => told.push((vec![part.about], text)),
        }
    }
    let line = |(abouts, text): (Vec<About<'_>>, String)| PlanLine {
        mark: "next",
        word: String::new(),
        name: name(say, None, &abouts),
        text,
    };
    told.into_iter().map(line).collect()
}

fn may_join(abouts: &[About<'_>], next: About<'_>) -> bool {
    matches!(
        (abouts.first(), next),
        (Some(About::Node(_)), About::Node(_)) | (Some(About::New(_)), About::New(_))
    )
}

/// `cordon › drain › reboot in place › ...`; a link that comes again is told once.
fn chain(say: Say, part: &Part<'_>) -> String {
    let mut links: Vec<String> = Vec::new();
    for (_, step) in &part.steps {
        let link = short(say, step);
        if links.last() != Some(&link) {
            links.push(link);
        }
    }
    links.join(LINK)
}

fn name(say: Say, run: Option<&Run>, abouts: &[About<'_>]) -> String {
    let one = |about: &About<'_>| match about {
        About::Node(node) => say.name(node.as_str()),
        About::New(slot) => match run.and_then(|run| run.joined.get(slot)) {
            Some(node) => say.name(node.as_str()),
            None => say.text("plan-slot", &[("n", (slot + 1).into())]),
        },
        About::Machines => say.word("plan-about-machines"),
        About::Traffic => say.word("plan-about-traffic"),
        About::Check => say.word("plan-about-check"),
        About::Canary => say.word("plan-about-canary"),
        About::Proof => say.word("plan-about-proof"),
    };
    match (abouts.first(), abouts.last()) {
        (Some(About::New(first)), Some(About::New(last))) if first != last => {
            say.text("plan-slots", &[("from", (first + 1).into()), ("to", (last + 1).into())])
        }
        _ => cut_list(say, abouts.iter().map(one).collect()),
    }
}

/// How a part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Done,
    Failed,
    Unknown,
    Running,
    Standing,
    Skipped,
    Next,
}

impl Stand {
    fn mark(self) -> &'static str {
        match self {
            Self::Done => "check",
            Self::Failed => "cross",
            Self::Unknown => "question",
            Self::Running => "run",
            Self::Standing => "pause",
            Self::Skipped => "skip",
            Self::Next => "next",
        }
    }

    fn word(self, say: Say) -> String {
        say.word(match self {
            Self::Done => "plan-mark-done",
            Self::Failed => "plan-mark-failed",
            Self::Unknown => "plan-mark-unknown",
            Self::Running => "plan-mark-running",
            Self::Standing => "plan-mark-standing",
            Self::Skipped => "plan-mark-skipped",
            Self::Next => "plan-mark-next",
        })
    }
}

/// How far each node is: what is through, what runs, and the first of what comes. Nodes that failed alike stand on
/// one line.
pub(super) fn followed(scene: &Scene<'_>, run: &Run) -> Vec<PlanLine> {
    lines(scene, run, DONE, NEXT)
}

/// How far each node is, none folded away.
pub(super) fn unfolded(scene: &Scene<'_>, run: &Run) -> Vec<PlanLine> {
    lines(scene, run, usize::MAX, usize::MAX)
}

/// Of what is through and of what comes, at most so many lines.
fn lines(scene: &Scene<'_>, run: &Run, most_done: usize, most_next: usize) -> Vec<PlanLine> {
    let say = scene.say;
    let parts = parts(&run.plan);
    let stands: Vec<Stand> = parts.iter().map(|part| stand(run, part)).collect();
    let count = |wanted: Stand| stands.iter().filter(|stand| **stand == wanted).count();
    let (through, waiting) = (count(Stand::Done), count(Stand::Next));
    let hidden = through.saturating_sub(most_done);
    let mut told: Vec<(Vec<About<'_>>, Stand, String)> = Vec::new();
    let (mut done, mut next) = (0, 0);
    for (part, stand) in parts.iter().zip(stands) {
        done += usize::from(stand == Stand::Done);
        next += usize::from(stand == Stand::Next);
        if (stand == Stand::Done && done <= hidden) || (stand == Stand::Next && next > most_next) {
            continue;
        }
        let text = line_text(scene, run, part, stand);
        match told.last_mut() {
            Some((abouts, Stand::Failed | Stand::Skipped, same))
                if *same == text && may_join(abouts, part.about) =>
            {
                abouts.push(part.about);
            }
            _ => told.push((vec![part.about], stand, text)),
        }
    }
    let line = |(abouts, stand, text): (Vec<About<'_>>, Stand, String)| PlanLine {
        mark: stand.mark(),
        word: stand.word(say),
        name: joined_name(say, run, &abouts),
        text,
    };
    let mut lines = Vec::new();
    if hidden > 0 {
        lines.push(folded(say, Stand::Done, hidden, String::new()));
    }
    lines.extend(told.into_iter().map(line));
    if waiting > most_next {
        lines.push(folded(say, Stand::Next, waiting - most_next, last_name(say, run, &parts)));
    }
    lines
}

/// Names of several, those of gained machines as the nodes they became.
fn joined_name(say: Say, run: &Run, abouts: &[About<'_>]) -> String {
    let names = abouts.iter().map(|about| name(say, Some(run), std::slice::from_ref(about)));
    cut_list(say, names.collect())
}

fn last_name(say: Say, run: &Run, parts: &[Part<'_>]) -> String {
    parts.last().map(|part| name(say, Some(run), &[part.about])).unwrap_or_default()
}

fn folded(say: Say, stand: Stand, n: usize, last: String) -> PlanLine {
    let text = if last.is_empty() { last } else { say.text("plan-last", &[("name", last.into())]) };
    let name = say.text("plan-more", &[("n", n.into())]);
    PlanLine { mark: stand.mark(), word: stand.word(say), name, text }
}

fn stand(run: &Run, part: &Part<'_>) -> Stand {
    let known: Vec<&Progress> = part.steps.iter().filter_map(|(index, _)| run.steps.get(index)).collect();
    let ended = |wanted: fn(&StepOutcome) -> bool| {
        known.iter().any(|one| one.ended.as_ref().is_some_and(|(_, outcome)| wanted(outcome)))
    };
    let all = known.len() == part.steps.len() && known.iter().all(|one| one.ended.is_some());
    let failed = ended(|outcome| matches!(outcome, StepOutcome::Failed { .. }));
    // A rung that is sold out is no failure while another one gives.
    let gave = part.about == About::Machines && !run.gained.is_empty();
    match () {
        () if known.is_empty() => Stand::Next,
        () if ended(|outcome| matches!(outcome, StepOutcome::Unknown { .. })) => Stand::Unknown,
        () if failed && !gave && (all || part.about != About::Machines) => Stand::Failed,
        () if !all && run.standing != Standing::Running => Stand::Standing,
        () if !all => Stand::Running,
        () if !ended(|outcome| matches!(outcome, StepOutcome::Succeeded { .. })) => Stand::Skipped,
        () => Stand::Done,
    }
}

fn line_text(scene: &Scene<'_>, run: &Run, part: &Part<'_>, stand: Stand) -> String {
    let say = scene.say;
    match stand {
        Stand::Next => chain(say, part),
        Stand::Running | Stand::Standing | Stand::Unknown => now(say, run, part),
        Stand::Failed => failure(say, run, part),
        Stand::Skipped => left_out(say, run, part),
        Stand::Done => outcome(scene, run, part),
    }
}

/// The step that is under way, or comes next, and what is left of it.
fn now(say: Say, run: &Run, part: &Part<'_>) -> String {
    let open = |(index, _): &&(u32, &Step)| run.steps.get(index).is_none_or(Progress::is_open);
    let Some((index, step)) = part.steps.iter().find(open) else { return String::new() };
    doing(say, short(say, step), run.steps.get(index))
}

/// A step under way, with what is left of it and what keeps it.
pub(super) fn doing(say: Say, told: String, progress: Option<&Progress>) -> String {
    match progress.and_then(|progress| progress.left.as_ref()) {
        Some((left, blocked)) if !blocked.is_empty() => {
            let by = cut_list(say, blocked.iter().map(|name| say.name(name)).collect());
            let args = [("step", told.into()), ("left", (*left).into()), ("by", by.into())];
            say.text("plan-doing-blocked", &args)
        }
        Some((left, _)) => say.text("plan-doing-left", &[("step", told.into()), ("left", (*left).into())]),
        None => told,
    }
}

fn failure(say: Say, run: &Run, part: &Part<'_>) -> String {
    let failed = part.steps.iter().find_map(|(index, step)| match &run.steps.get(index)?.ended {
        Some((_, StepOutcome::Failed { by })) => Some((step, by)),
        _ => None,
    });
    let Some((failed, by)) = failed else { return String::new() };
    // What a probe says needs no word about the step that looked.
    if let FailedBy::Probe { .. } = by {
        return failed_by(say, by);
    }
    if matches!((failed, by), (Step::Prove { .. }, FailedBy::NotFound)) {
        return say.word("plan-failed-none-through");
    }
    let args = [("step", short(say, failed).into()), ("why", failed_by(say, by).into())];
    say.text("plan-line-failed", &args)
}

fn left_out(say: Say, run: &Run, part: &Part<'_>) -> String {
    let why = part.steps.iter().find_map(|(index, _)| match &run.steps.get(index)?.ended {
        Some((_, StepOutcome::Skipped { why })) => Some(*why),
        _ => None,
    });
    why.map(|why| skipped(say, why)).unwrap_or_default()
}

/// What came of it, and how long it took.
fn outcome(scene: &Scene<'_>, run: &Run, part: &Part<'_>) -> String {
    let say = scene.say;
    let mut told: Vec<String> = match part.about {
        About::Machines => vec![gained(say, run)],
        About::Traffic => part.steps.iter().filter_map(|(_, step)| moved(say, step)).collect(),
        About::Node(_) => node_outcome(say, run, part),
        About::New(slot) => new_outcome(say, run, part, slot),
        _ => part
            .steps
            .iter()
            .filter_map(|(index, _)| result(run, *index))
            .filter_map(|one| brought(scene, one))
            .collect(),
    };
    if let Some((_, step)) = part.steps.last().filter(|_| told.iter().all(String::is_empty)) {
        told = vec![self::step(say, step, became(run, step))];
    }
    told.extend(took(run, part).map(|length| time::duration(say, length)));
    told.retain(|one| !one.is_empty());
    word::listed(say, &told)
}

fn gained(say: Say, run: &Run) -> String {
    let names: Vec<String> = run.gained.iter().map(|id| say.name(id.as_str())).collect();
    say.text("plan-gained-n", &[("n", run.gained.len().into()), ("list", cut_list(say, names).into())])
}

fn moved(say: Say, step: &Step) -> Option<String> {
    match step {
        Step::Shift { weights: to, .. } => Some(weights(say, to)),
        _ => None,
    }
}

fn result(run: &Run, index: u32) -> Option<&StepResult> {
    match &run.steps.get(&index)?.ended {
        Some((_, StepOutcome::Succeeded { result })) => Some(result),
        _ => None,
    }
}

/// How far a machine came that is new in its cluster, and which one it is.
fn new_outcome(say: Say, run: &Run, part: &Part<'_>, slot: u32) -> Vec<String> {
    let did = |wanted: fn(&Step) -> bool| {
        part.steps.iter().any(|(index, step)| wanted(step) && result(run, *index).is_some())
    };
    let far =
        match (did(|step| matches!(step, Step::Admit { .. })), did(|step| matches!(step, Step::Join { .. })))
        {
            (true, _) => say.word("plan-let-in"),
            (false, true) => say.word("plan-joined"),
            (false, false) => return Vec::new(),
        };
    let other = |id: &&InstanceId| run.joined.get(&slot).is_none_or(|node| node.as_str() != id.as_str());
    let machine = usize::try_from(slot).ok().and_then(|slot| run.gained.get(slot)).filter(other);
    let machine = machine.map(|id| say.text("plan-of-machine", &[("machine", say.name(id.as_str()).into())]));
    std::iter::once(far).chain(machine).collect()
}

/// `name resolution failed before, passes now`, `booted, Ready again`.
fn node_outcome(say: Say, run: &Run, part: &Part<'_>) -> Vec<String> {
    let mut told = Vec::new();
    for kind in ProbeKind::ALL {
        let of_kind = part.steps.iter().filter_map(|(index, step)| match step {
            Step::Probe { probe, .. } if *probe == kind => result(run, *index),
            _ => None,
        });
        let passes: Vec<bool> = of_kind
            .filter_map(|one| match one {
                StepResult::Probed { pass, .. } => Some(*pass),
                _ => None,
            })
            .collect();
        let key = match passes.as_slice() {
            [false, .., true] => "plan-probe-mended",
            [.., true] => "plan-probe-passes",
            [.., false] => "plan-probe-fails",
            [] => continue,
        };
        told.push(say.text(key, &[("probe", probe(say, kind).into())]));
    }
    let last = |wanted: fn(&Step) -> bool| {
        part.steps.iter().any(|(index, step)| wanted(step) && result(run, *index).is_some())
    };
    if last(|step| matches!(step, Step::AwaitBoot { .. })) {
        told.push(say.word("plan-booted"));
    }
    told
}

/// From its first step to its last.
fn took(run: &Run, part: &Part<'_>) -> Option<TimeDelta> {
    let known = || part.steps.iter().filter_map(|(index, _)| run.steps.get(index));
    let from: Time = known().filter(|one| one.attempts > 0).map(|one| one.started_at).min()?;
    let to = known().filter_map(|one| one.ended.as_ref()).map(|(at, _)| *at).max()?;
    Some(to - from).filter(|length| length.num_seconds() >= 1)
}

/// What a plan has changed so far, in a line; none where nothing was touched.
pub(super) fn changed(say: Say, run: &Run) -> Option<String> {
    let done = |wanted: fn(&Step) -> Option<&NodeName>| -> Vec<NodeName> {
        let steps = run.plan.steps.iter().zip(0_u32..).filter(|(_, index)| result(run, *index).is_some());
        let mut all = Vec::new();
        for node in steps.filter_map(|(step, _)| wanted(step)) {
            if !all.contains(node) {
                all.push(node.clone());
            }
        }
        all
    };
    let told = |key: &str, of: Vec<NodeName>| {
        (!of.is_empty()).then(|| say.text(key, &[("nodes", nodes(say, of.iter()).into())]))
    };
    let gained: Vec<String> = run.gained.iter().map(|id| say.name(id.as_str())).collect();
    let gained = (!gained.is_empty()
        && !matches!(run.plan.verb, lifeboat_storage::plan::Verb::NodeMove { .. }))
    .then(|| say.text("plan-gained", &[("list", cut_list(say, gained).into())]));
    let shifted = run.plan.steps.iter().zip(0_u32..).filter(|(_, index)| result(run, *index).is_some());
    let shifted = shifted.filter_map(|(step, _)| moved(say, step)).last();
    let parts = [
        gained,
        told(
            "plan-changed-rebooted",
            done(|step| match step {
                Step::Reboot { node, .. } => Some(node),
                _ => None,
            }),
        ),
        told(
            "plan-changed-left",
            done(|step| match step {
                Step::Forget { node, .. } | Step::Stop { node, .. } => Some(node),
                _ => None,
            }),
        ),
        shifted.map(|to| say.text("plan-step-shift", &[("weights", to.into())])),
        told(
            "plan-changed-uncordoned",
            done(|step| match step {
                Step::Uncordon { node, always: true, .. } => Some(node),
                _ => None,
            }),
        ),
        told("plan-changed-cordoned", run.cordoned.iter().cloned().collect()),
    ];
    chained(say, parts.into_iter().flatten())
}
