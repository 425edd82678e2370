//! A message that somebody points at, put on the timeline.

use super::super::interaction::unique_name;
use super::*;

impl Door {
    /// 📌 on a message puts it on the timeline. There is nobody to answer in private: a refusal is told in the channel,
    /// if it is one of Lifeboat's. Elsewhere people pin for reasons of their own.
    pub(super) async fn reaction(self: Arc<Self>, dispatch: Dispatch) {
        let data = &dispatch.data;
        if data["emoji"]["name"] == PIN
            && let Some(told) = self.pin(data).await
            && let Some(channel) = number(&data["channel_id"]).map(ChannelId::new)
        {
            let sheet = Sheet { silent: true, ..self.told(self.server.say(), &told) };
            let nonce = nonce_of(&format!("pin {} {}", data["message_id"], data["user_id"]));
            let request = Request::new(Route::create_message(channel)).json(render(&sheet).create(&nonce));
            if let Err(error) = self.server.call(request).await {
                tracing::warn!(%error, "why a message was not put on the timeline could not be told");
            }
        }
        dispatch.done();
    }

    /// Why it was not put there, where it was not and somebody is to hear of it.
    pub(super) async fn pin(self: &Arc<Self>, data: &Value) -> Option<String> {
        if number(&data["guild_id"]) != Some(self.server.config.guild)
            || data["member"]["user"]["bot"] == true
        {
            return None;
        }
        let (channel, message) = (number(&data["channel_id"])?, number(&data["message_id"])?);
        let user = &data["member"]["user"];
        let word = |key: &str| user[key].as_str().unwrap_or_default();
        let account = Account {
            id: number(&data["user_id"])?,
            name: unique_name(word("username"), word("discriminator")),
            roles: data["member"]["roles"].as_array().into_iter().flatten().filter_map(number).collect(),
        };
        let route = Route::message(ChannelId::new(channel), MessageId::new(message));
        let found = self.server.call(Request::new(route)).await.ok()?;
        let text = found["content"].as_str().unwrap_or_default();
        let link = format!("https://discord.com/channels/{}/{channel}/{message}", self.server.config.guild);
        let target = Target {
            id: MessageId::new(message),
            author: found["author"]["username"].as_str().unwrap_or_default().to_owned(),
            // Without the intent for it Discord does not tell what others wrote: then the way to it is kept.
            text: if text.is_empty() { link } else { text.to_owned() },
            files: found["attachments"].as_array().map_or(0, Vec::len),
        };
        let (values, once) = note(&target);
        let spec = table::find("incident", "note")?;
        let channel = self.channel(Some(ChannelId::new(channel))).await.ok()?;
        let ours = channel.is_some();
        let wish = Wish { spec, values, channel, speaker: self.speaker(&account), once: Some(once) };
        let answer = self.server.desk.choose(wish).await.ok()?;
        let (say, refused) =
            (self.server.say(), matches!(answer, Answer::Refused(_) | Answer::NotRecorded { .. }));
        if !(refused && ours) {
            return None;
        }
        if matches!(answer, Answer::Refused(Refusal::NotSignedIn)) {
            return Some(self.stranger(say, &account));
        }
        let told = self
            .server
            .desk
            .look(move |room| answers::scene(room, say, |scene| reply::answer(scene, &answer).text));
        told.await.ok()
    }
}

/// A message as a note: who wrote what, when. The same message is noted once.
pub(super) fn note(target: &Target) -> (Values, Correlation) {
    let files = if target.files > 0 { format!(" [+{}]", target.files) } else { String::new() };
    let text = crate::say::limits::middle_cut(target.text.trim(), NOTE);
    let at = chrono::DateTime::from_timestamp(target.id.created_at().unix_timestamp(), 0).unwrap_or_default();
    let values = Values::from([
        ("text", format!("{}: {text}{files}", target.author)),
        ("at", at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
    ]);
    (values, Correlation::new(format!("discord-message-{}", target.id)))
}

fn number(id: &Value) -> Option<u64> {
    id.as_str()?.parse().ok().filter(|id| *id > 0)
}
