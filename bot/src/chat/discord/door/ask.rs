//! What may be typed next, and a form for what a button's line lacks.

use lifeboat_storage::state::State;

use super::*;
use crate::say::Scene;

impl Door {
    /// A form for what is missing; who may not give the command is told so before filling it in.
    pub(super) async fn form(
        self: &Arc<Self>,
        asked: &Asked,
        spec: &'static Spec,
        values: &Values,
        line: &str,
    ) -> Result<(), Stopping> {
        let (say, speaker, people) =
            (self.say(asked), self.speaker(&asked.envelope.account), self.server.people.clone());
        let may = speaker.granted.as_ref().is_some_and(|person| person.may(spec.needs));
        if !may {
            let text = match speaker.granted {
                None => self.stranger(say, &asked.envelope.account),
                Some(_) => {
                    let who_could = people.who_could(spec.needs);
                    plain_refusal(say, &Refusal::NotAllowed { who_could })
                }
            };
            return self.answer(asked, Some(spec), self.private(asked, &text)).await;
        }
        let modal = form::modal(say, spec, values, line);
        self.answer(asked, Some(spec), CreateInteractionResponse::Modal(modal)).await
    }

    /// What may be typed next; nothing where the engine is too busy to tell in time.
    pub(super) async fn choices(
        self: &Arc<Self>,
        asked: &Asked,
        (spec, option): (&'static Spec, &'static table::OptionSpec),
        typed: String,
        beside: Values,
    ) -> Result<CreateAutocompleteResponse, Stopping> {
        let say = self.say(asked);
        let found = self.server.desk.look(move |room| {
            let people = &room.engine.setup().people;
            let (fleet, facts) = room.engine.sight();
            let scenarios = &room.engine.setup().scenarios;
            let known = complete::Known { state: room.engine.durable(), people, fleet, facts, scenarios };
            let found = complete::value(spec, option, (&typed, &beside), &known);
            answers::scene(room, say, |scene| {
                let about = |choice: &complete::Choice| match &choice.about {
                    complete::About::Incident(id) => scene
                        .state
                        .incidents
                        .get(id)
                        .map(|known| incident::sentence(scene, known))
                        .unwrap_or_default(),
                    complete::About::Value(option) => command::about_value(say, option.kind, &choice.label),
                    _ => String::new(),
                };
                let named = |choice: &complete::Choice| (choice.label.clone(), about(choice));
                found.iter().map(named).collect::<Vec<_>>()
            })
        });
        let fits =
            |(value, _): &(String, String)| value.chars().map(char::len_utf16).sum::<usize>() <= CHOICE;
        let found = tokio::time::timeout(AT_ONCE, found).await.unwrap_or_else(|_| Ok(Vec::new()));
        let shown = found?.into_iter().filter(fits).take(CHOICES).map(|(value, about)| {
            let name = if about.is_empty() { value.clone() } else { format!("{value} · {about}") };
            AutocompleteChoice::new(fit(&name, CHOICE), value)
        });
        Ok(CreateAutocompleteResponse::new().set_choices(shown.collect()))
    }
}

/// A refusal that needs nothing but its own words, so that nobody waits for the engine to be told.
fn plain_refusal(say: Say, why: &Refusal) -> String {
    let state = State::new();
    let scene =
        Scene { say, state: &state, lookup: &|_| None, fleet: None, people: None, now: crate::clock::wall() };
    reply::refused(&scene, why).text
}
