//! What somebody asked, and the wait for what the bot makes of it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::shared::Shared;
use super::snowflake::Snowflake;
use super::world::World;
use super::world::interaction::{Answer, Interaction};
use super::world::message::{LOADING, Message};

/// One interaction on its way. Every wait fails the test after [`Settings::patience`](super::Settings::patience).
#[derive(Clone, Debug)]
pub struct Asked {
    shared: Arc<Shared>,
    id: Snowflake,
}

impl Asked {
    pub(super) fn new(shared: Arc<Shared>, id: Snowflake) -> Self {
        Self { shared, id }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> Snowflake {
        self.id
    }

    /// All that is known of it now.
    ///
    /// # Panics
    ///
    /// Never: it is kept as long as the double.
    #[must_use]
    pub fn interaction(&self) -> Interaction {
        self.shared.look(|world| world.interactions[&self.id].clone())
    }

    /// The first answer.
    ///
    /// # Panics
    ///
    /// When none comes.
    pub async fn answer(&self) -> Answer {
        self.until("an answer", |_, asked| asked.answer.clone()).await
    }

    /// How long the first answer took.
    ///
    /// # Panics
    ///
    /// When none comes.
    pub async fn acknowledged(&self) -> Duration {
        self.until("an answer", |_, asked| asked.acknowledged_after()).await
    }

    /// The message the answer became, once it is more than "thinking". For a click that changes its card, the card.
    ///
    /// # Panics
    ///
    /// When none comes.
    pub async fn message(&self) -> Message {
        self.until("a message as the answer", |world, asked| {
            asked.answer.as_ref()?;
            world.messages.get(&asked.original?).filter(|message| message.flags & LOADING == 0).cloned()
        })
        .await
    }

    /// A further answer, counted from 0.
    ///
    /// # Panics
    ///
    /// When it does not come.
    pub async fn followup(&self, index: usize) -> Message {
        self.until("a follow-up", |world, asked| world.messages.get(asked.followups.get(index)?).cloned())
            .await
    }

    /// What is offered while typing: names and values.
    ///
    /// # Panics
    ///
    /// When nothing is.
    pub async fn choices(&self) -> Vec<(String, Value)> {
        let offered = self
            .until("choices", |_, asked| {
                asked.answer.as_ref().filter(|one| one.kind == 8).map(|one| one.data.clone())
            })
            .await;
        let choices = offered["choices"].as_array().into_iter().flatten();
        choices
            .map(|one| (one["name"].as_str().unwrap_or_default().to_owned(), one["value"].clone()))
            .collect()
    }

    /// The form that is shown.
    ///
    /// # Panics
    ///
    /// When none is.
    pub async fn form(&self) -> Value {
        self.until("a form", |_, asked| {
            asked.answer.as_ref().filter(|one| one.kind == 9).map(|one| one.data.clone())
        })
        .await
    }

    async fn until<T>(&self, what: &str, sought: impl Fn(&World, &Interaction) -> Option<T>) -> T {
        let found = self.shared.until(|world| sought(world, &world.interactions[&self.id])).await;
        found.unwrap_or_else(|| {
            let interaction = self.interaction();
            let violations = self.shared.look(|world| world.violations.clone());
            panic!(
                "{what} did not come to {}; answered: {:?}; violations: {violations:#?}",
                interaction.payload["data"], interaction.answer
            )
        })
    }
}
