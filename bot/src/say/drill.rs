//! What the page says of a drill.

use lifeboat_deploy::simulated::Scenario;

use super::{Lang, Scene};
use crate::console::view::Drill;

/// The banner: what is played, and that nothing of it is real. None in a real record.
#[must_use]
pub fn banner(scene: &Scene<'_>) -> Option<Drill> {
    let say = scene.say;
    let drill = scene.state.drill.as_ref()?;
    let name = drill.scenario.as_str();
    let known = Scenario::named(name).map(|scenario| match say.lang() {
        Lang::En => scenario.title.en,
        Lang::ZhCn => scenario.title.zh_cn,
    });
    let text = match drill.over {
        None => "console-drill",
        Some(true) => "console-drill-over",
        Some(false) => "console-drill-over-failing",
    };
    Some(Drill { title: known.unwrap_or_else(|| say.name(name)), text: say.word(text) })
}
