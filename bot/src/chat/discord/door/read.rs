//! What changes nothing: answered from memory, or with a file.

use lifeboat_commands::verb::Show;

use super::*;
use crate::console::export::{Wanted, export};
use crate::postmortem::Format;
use crate::say::Lang;

/// What a reading command shows.
enum Shown {
    Words(String),
    /// A file.
    Postmortem(Wanted, Lang),
}

impl Door {
    /// What changes nothing is answered at once, where it is ready at once.
    pub(super) async fn read(
        self: &Arc<Self>,
        asked: &Asked,
        spec: &'static Spec,
        values: Values,
    ) -> Result<(), Stopping> {
        let mut asking = std::pin::pin!(self.shown(asked, spec, values));
        let ready = tokio::time::timeout(AT_ONCE, &mut asking).await;
        if let Ok(Ok(Shown::Words(text))) = ready {
            return self.answer(asked, Some(spec), self.private(asked, &text)).await;
        }
        let hidden = CreateInteractionResponseMessage::new().ephemeral(true);
        if !self.acknowledge(asked, Some(spec), CreateInteractionResponse::Defer(hidden)).await? {
            return Ok(());
        }
        let shown = match ready {
            Ok(shown) => shown?,
            Err(_) => asking.await?,
        };
        match shown {
            Shown::Words(text) => self.replace(asked, &text, Vec::new()).await,
            Shown::Postmortem(wanted, lang) => self.postmortem(asked, wanted, lang).await?,
        }
        Ok(())
    }

    async fn shown(
        self: &Arc<Self>,
        asked: &Asked,
        spec: &'static Spec,
        values: Values,
    ) -> Result<Shown, Stopping> {
        let wish = self.wish(asked, spec, values, None).await?;
        match self.server.desk.choose(wish).await? {
            Answer::Show(Show::Postmortem { id, format, lang }) => {
                let lang = lang.and_then(|lang| lang.parse().ok()).unwrap_or(asked.envelope.lang);
                Ok(Shown::Postmortem(Wanted { incident: id, format: written(format) }, lang))
            }
            answer => Ok(Shown::Words(self.worded(asked, answer).await?.text)),
        }
    }

    async fn postmortem(self: &Arc<Self>, asked: &Asked, wanted: Wanted, lang: Lang) -> Result<(), Stopping> {
        let text = self.server.desk.look(move |room| export(room, wanted, lang)).await?;
        let Some(text) = text else { return Ok(()) };
        let file = File {
            name: wanted.file_name(),
            content_type: wanted.format.media_type(),
            bytes: text.into_bytes(),
        };
        let told =
            self.say(asked).text("chat-postmortem", &[("incident", wanted.incident.to_string().into())]);
        self.replace(asked, &told, vec![file]).await;
        let actor = self.speaker(&asked.envelope.account).actor;
        let (format, lang) = (wanted.format.key().to_owned(), lang.to_string());
        self.server.desk.tell(Input::Exported { incident: wanted.incident, format, lang, actor }).await
    }
}

fn written(format: lifeboat_commands::command::Format) -> Format {
    match format {
        lifeboat_commands::command::Format::Markdown => Format::Markdown,
        lifeboat_commands::command::Format::Html => Format::Html,
        lifeboat_commands::command::Format::Json => Format::Json,
    }
}
