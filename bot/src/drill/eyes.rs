//! What the autopilot sees: what is durable, as anybody in the console would.

use lifeboat_storage::id::{PlanId, Seq};
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::state::State;

use super::script::Sight;
use crate::engine::Engine;
use crate::engine::input::Now;
use crate::say::{Lang, Say, Scene, card, plan};

/// Whether it is there to be seen now; a state of a plan also when the plan came through it since an event.
#[must_use]
pub fn sees(engine: &Engine, now: Now, sight: &Sight, since: Seq) -> bool {
    let state = engine.durable();
    match sight {
        Sight::Alert(kind) => state.alerts.values().any(|alert| alert.firing && alert.what == *kind),
        Sight::Recovered(kind) => {
            let mut alerts = state.alerts.values().filter(|alert| alert.what == *kind).peekable();
            alerts.peek().is_some() && alerts.all(|alert| !alert.firing)
        }
        Sight::Plan { plan, standing } => run(state, *plan)
            .is_some_and(|run| run.standing == *standing || came_through(run, *standing, since)),
        Sight::Text(text) => stands_on_a_card(engine, now, text),
        Sight::Any(all) => all.iter().any(|one| sees(engine, now, one, since)),
    }
}

/// The plan named, else the newest.
fn run(state: &State, plan: Option<PlanId>) -> Option<&Run> {
    match plan {
        Some(plan) => state.plans.get(&plan),
        None => state.plans.values().next_back(),
    }
}

/// What a plan passes within a moment would never be seen: that it was proposed, and that it ran.
fn came_through(run: &Run, standing: Standing, since: Seq) -> bool {
    match standing {
        Standing::Proposed => run.proposed > since,
        Standing::Running => {
            run.approved_at.is_some() && run.changed > since && run.standing != Standing::Paused
        }
        _ => false,
    }
}

fn stands_on_a_card(engine: &Engine, now: Now, text: &str) -> bool {
    let wanted = text.to_lowercase();
    Lang::ALL.into_iter().any(|lang| {
        let say = Say::new(lang, engine.setup().zone).plain();
        cards(engine, now, say).iter().any(|card| card.to_lowercase().contains(&wanted))
    })
}

/// The text of every card of what is open: incidents and plans.
fn cards(engine: &Engine, now: Now, say: Say) -> Vec<String> {
    let state = engine.durable();
    let lookup = |seq: Seq| engine.shelf().get(seq).cloned();
    let scene =
        Scene { say, state, lookup: &lookup, fleet: Some(engine.sight()), people: None, now: now.wall };
    let incidents = state.open_incidents().map(|incident| on_card(&card::card(&scene, incident)));
    let plans = state.plans.values().filter(|run| run.is_open()).map(|run| plan::whole(&scene, run));
    incidents.chain(plans).collect()
}

/// Everything written on a card, a line each.
fn on_card(card: &crate::console::view::Card) -> String {
    let rows = card.rows.iter().map(|row| format!("{}: {}", row.label, row.text));
    let head = [card.incident.clone(), card.flag.word.clone(), card.title.clone(), card.meta.clone()];
    let buttons = card.actions.iter().map(|action| action.label.clone());
    head.into_iter().chain(rows).chain(buttons).collect::<Vec<_>>().join("\n")
}
