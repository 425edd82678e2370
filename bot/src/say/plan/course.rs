//! The steps of a plan as people follow them: a line for each node, for each machine to be gained, for each matter.

mod outcome;

use lifeboat_storage::id::NodeName;
use lifeboat_storage::plan::run::{Progress, Run, Standing};
use lifeboat_storage::plan::{FailedBy, Plan, Step, StepOutcome};

use super::cut_list;
use super::step::{failed_by, short, skipped};
use crate::console::view::PlanLine;
use crate::say::{Say, Scene};

pub(super) use outcome::changed;

use outcome::outcome;

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
