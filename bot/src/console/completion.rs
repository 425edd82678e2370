//! What may be typed next, and what would happen with what is typed.

use lifeboat_commands::complete::{self, About};
use lifeboat_commands::people::Person;
use lifeboat_commands::refusal::Refusal;
use lifeboat_commands::table::{OptionSpec, Spec};
use lifeboat_commands::verb::{Change, Decision};
use lifeboat_storage::event::{Event, Kind};
use lifeboat_storage::id::{ChannelName, World};

use super::answers;
use super::view::Completion;
use crate::desk::Room;
use crate::engine::input::{Speaker, Ticket, Typed};
use crate::say::{Say, Scene, command, entry, plan, refusal};

/// Longest line that is completed, in characters.
const LONGEST: usize = 4_000;

/// Completes a line; what this speaker may not do stays in the list, marked.
#[must_use]
pub fn complete(
    room: &Room<'_>,
    say: Say,
    line: &str,
    channel: Option<ChannelName>,
    speaker: Speaker,
) -> Completion {
    if line.chars().count() > LONGEST || !line.trim_start().starts_with('/') {
        return Completion::default();
    }
    let people = &room.engine.setup().people;
    let who = speaker.person.as_ref().and_then(|name| people.named(name.as_str()));
    let (fleet, facts) = room.engine.sight();
    let scenarios = &room.engine.setup().scenarios;
    let known = complete::Known { state: room.engine.durable(), people, fleet, facts, scenarios };
    let found = complete::complete(line, &known);
    answers::scene(room, say, |scene| {
        let mut shown = command::completion(scene, &found);
        for (choice, known) in shown.options.iter_mut().zip(&found.choices) {
            choice.refused = refuses(&known.about, who);
        }
        if found.spec.is_some() {
            let typed = Typed { ticket: Ticket(0), line: line.to_owned(), channel, speaker };
            (shown.preview, shown.refused) = preview(room, scene, &typed, &found);
        }
        shown
    })
}

fn refuses(about: &About, who: Option<&Person>) -> bool {
    match about {
        About::Command(spec) => !spec.reads && !who.is_some_and(|person| person.may(spec.needs)),
        _ => false,
    }
}

/// What it would come to, worded as its events would be, and whether it would be refused.
fn preview(
    room: &Room<'_>,
    scene: &Scene<'_>,
    typed: &Typed,
    found: &complete::Completion,
) -> (String, bool) {
    match room.engine.preview(typed, room.now) {
        Ok(Decision::Show(_)) => (String::new(), false),
        Ok(Decision::Change(changes)) => {
            let told = changes.first().map(|change| match &change.kind {
                Kind::PlanProposed { body, .. } => plan::preview(scene, body),
                _ => entry::text(scene, &imagined(change, typed, scene)),
            });
            (told.unwrap_or_default(), false)
        }
        Err(why) => match awaited(&why, found) {
            Some((spec, option)) => (command::next_option(scene.say, spec, option), false),
            None => (refusal::refusal(scene, &why), true),
        },
    }
}

/// The option without which the line is merely not at its end: nothing was refused before it is sent.
fn awaited(why: &Refusal, found: &complete::Completion) -> Option<(&'static Spec, &'static OptionSpec)> {
    let spec = found.spec?;
    let name = match why {
        Refusal::NotSignedIn | Refusal::NotAllowed { .. } => return None,
        _ if found.is_empty => found.current?,
        Refusal::Missing { option, .. } => option,
        _ => return None,
    };
    spec.option(name).map(|option| (spec, option))
}

/// The event as it would be.
fn imagined(change: &Change, typed: &Typed, scene: &Scene<'_>) -> Event {
    Event {
        seq: scene.state.applied.next(),
        incident: change.incident,
        world: World::Real,
        occurred_at: change.occurred_at,
        recorded_at: scene.now,
        actor: typed.speaker.actor.clone(),
        kind: change.kind.clone(),
        correlation: None,
        supersedes: change.supersedes,
    }
}
