//! What the autopilot sees: what is durable, as anybody in the console would.

use lifeboat_storage::id::Seq;

use super::script::Sight;
use crate::engine::Engine;
use crate::engine::input::Now;
use crate::say::{Lang, Say, Scene, card};

/// Whether it is there to be seen now.
#[must_use]
pub fn sees(engine: &Engine, now: Now, sight: &Sight) -> bool {
    let state = engine.durable();
    match sight {
        Sight::Alert(kind) => state.alerts.values().any(|alert| alert.firing && alert.what == *kind),
        Sight::Plan(standing) => {
            state.plans.values().next_back().is_some_and(|run| run.standing == *standing)
        }
        Sight::Text(text) => stands_on_a_card(engine, now, text),
    }
}

fn stands_on_a_card(engine: &Engine, now: Now, text: &str) -> bool {
    let wanted = text.to_lowercase();
    [Lang::En, Lang::ZhCn].into_iter().any(|lang| {
        let say = Say::new(lang, engine.setup().zone).plain();
        cards(engine, now, say).iter().any(|card| card.to_lowercase().contains(&wanted))
    })
}

/// Every card of what is open, as text.
fn cards(engine: &Engine, now: Now, say: Say) -> Vec<String> {
    let lookup = |seq: Seq| engine.shelf().get(seq).cloned();
    let scene = Scene {
        say,
        state: engine.durable(),
        lookup: &lookup,
        fleet: Some(engine.sight()),
        people: None,
        now: now.wall,
    };
    let incidents = engine.durable().open_incidents();
    incidents.filter_map(|incident| serde_json::to_string(&card::card(&scene, incident)).ok()).collect()
}
