//! Every REST route we use, and by what Discord limits it: the method, the template, and the *top-level id*
//! (channel, guild, or webhook with its token).

use std::fmt;

use reqwest::Method;
use serenity::model::id::{
    ApplicationId, ChannelId, GuildId, InteractionId, MessageId, TargetId, UserId, WebhookId,
};

/// Who may call it: decides what a 401 means, and whether it counts against the bot's 50 a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// The bot's token, in a header.
    Bot,
    /// A token in the path (interactions and webhooks): no header is sent, a 401 is about that token alone, and
    /// it is outside the bot's global limit.
    Path,
}

/// A route with its ids filled in. What `Debug` shows holds no token.
#[derive(Clone, PartialEq, Eq)]
pub struct Route {
    method: Method,
    template: &'static str,
    path: String,
    top: String,
    access: Access,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.template)
    }
}

macro_rules! routes {
    ($access:ident: $($(#[$doc:meta])* $name:ident($($id:ident: $type:ty),*) = $method:ident $template:literal;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name($($id: $type),*) -> Self {
            Self::fill(Method::$method, $template, &[$($id.to_string()),*], Access::$access)
        }
    )*};
}

impl Route {
    routes! { Bot:
        /// Where the gateway is, and how many sessions may still be begun today.
        gateway_bot() = GET "gateway/bot";
        /// Who the token belongs to.
        me() = GET "users/@me";
        /// The application of the token.
        my_application() = GET "applications/@me";
        /// The registered commands of a guild.
        commands(application: ApplicationId, guild: GuildId) = GET "applications/{}/guilds/{}/commands";
        /// Replaces all commands of a guild.
        overwrite_commands(application: ApplicationId, guild: GuildId) = PUT "applications/{}/guilds/{}/commands";
        /// A guild.
        guild(guild: GuildId) = GET "guilds/{}";
        /// Its roles.
        roles(guild: GuildId) = GET "guilds/{}/roles";
        /// One member.
        member(guild: GuildId, user: UserId) = GET "guilds/{}/members/{}";
        /// Its channels, without threads.
        channels(guild: GuildId) = GET "guilds/{}/channels";
        /// Its threads that are not archived.
        active_threads(guild: GuildId) = GET "guilds/{}/threads/active";
        /// Creates a channel. Not repeatable: look for our id in the topics first.
        create_channel(guild: GuildId) = POST "guilds/{}/channels";
        /// A channel or thread.
        channel(channel: ChannelId) = GET "channels/{}";
        /// Changes a channel or thread. Name and topic: about two changes in ten minutes.
        edit_channel(channel: ChannelId) = PATCH "channels/{}";
        /// Deletes a channel or thread.
        delete_channel(channel: ChannelId) = DELETE "channels/{}";
        /// Sets what a role or member may do there.
        set_overwrite(channel: ChannelId, target: TargetId) = PUT "channels/{}/permissions/{}";
        /// Takes that back.
        delete_overwrite(channel: ChannelId, target: TargetId) = DELETE "channels/{}/permissions/{}";
        /// The newest messages, fifty.
        messages(channel: ChannelId) = GET "channels/{}/messages";
        /// One message.
        message(channel: ChannelId, message: MessageId) = GET "channels/{}/messages/{}";
        /// Sends a message. Repeatable with `nonce` and `enforce_nonce`.
        create_message(channel: ChannelId) = POST "channels/{}/messages";
        /// Changes one of our messages.
        edit_message(channel: ChannelId, message: MessageId) = PATCH "channels/{}/messages/{}";
        /// Deletes a message.
        delete_message(channel: ChannelId, message: MessageId) = DELETE "channels/{}/messages/{}";
        /// What is pinned.
        pins(channel: ChannelId) = GET "channels/{}/messages/pins";
        /// Pins a message.
        pin(channel: ChannelId, message: MessageId) = PUT "channels/{}/messages/pins/{}";
        /// Takes the pin away.
        unpin(channel: ChannelId, message: MessageId) = DELETE "channels/{}/messages/pins/{}";
        /// Adds our reaction; `emoji` as a character.
        react(channel: ChannelId, message: MessageId, emoji: &str) = PUT "channels/{}/messages/{}/reactions/{}/@me";
        /// Opens a thread under a message. A message has at most one.
        thread_under(channel: ChannelId, message: MessageId) = POST "channels/{}/messages/{}/threads";
        /// Opens a thread or a forum post.
        create_thread(channel: ChannelId) = POST "channels/{}/threads";
        /// Shows that something is being written.
        typing(channel: ChannelId) = POST "channels/{}/typing";
    }

    routes! { Path:
        /// The first answer to an interaction, within three seconds.
        callback(interaction: InteractionId, token: &str) = POST "interactions/{}/{}/callback";
        /// The first answer, as it stands.
        answer(application: ApplicationId, token: &str) = GET "webhooks/{}/{}/messages/@original";
        /// Changes the first answer, within fifteen minutes.
        edit_answer(application: ApplicationId, token: &str) = PATCH "webhooks/{}/{}/messages/@original";
        /// Deletes the first answer.
        delete_answer(application: ApplicationId, token: &str) = DELETE "webhooks/{}/{}/messages/@original";
        /// Sends a further answer.
        follow_up(application: ApplicationId, token: &str) = POST "webhooks/{}/{}";
        /// Changes a further answer.
        edit_follow_up(application: ApplicationId, token: &str, message: MessageId) = PATCH "webhooks/{}/{}/messages/{}";
        /// Deletes a further answer.
        delete_follow_up(application: ApplicationId, token: &str, message: MessageId) = DELETE "webhooks/{}/{}/messages/{}";
        /// Sends through a webhook; answers with the message.
        execute_webhook(webhook: WebhookId, token: &str) = POST "webhooks/{}/{}?wait=true";
        /// Changes a message of a webhook.
        edit_webhook_message(webhook: WebhookId, token: &str, message: MessageId) = PATCH "webhooks/{}/{}/messages/{}";
    }

    fn fill(method: Method, template: &'static str, ids: &[String], access: Access) -> Self {
        let mut path = String::with_capacity(96);
        let mut ids = ids.iter().map(|id| segment(id));
        for (nth, piece) in template.split("{}").enumerate() {
            if nth > 0 {
                path.extend(ids.next());
            }
            path.push_str(piece);
        }
        let top = top_level(&path).to_owned();
        Self { method, template, path, top, access }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The route without its ids: what a log may show.
    #[must_use]
    pub fn template(&self) -> &'static str {
        self.template
    }

    /// The path behind the base address. Holds a token where [`Access::Path`]: never to be logged.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What Discord limits separately: the first id of the path, with the token where it is a webhook's.
    #[must_use]
    pub fn top(&self) -> &str {
        &self.top
    }

    /// Who may call it.
    #[must_use]
    pub fn access(&self) -> Access {
        self.access
    }

    /// The first answer to an interaction: the one call people wait for.
    #[must_use]
    pub fn is_callback(&self) -> bool {
        self.template.starts_with("interactions/")
    }
}

/// `channels/1`, `guilds/2`, `webhooks/3/token`, `interactions/4/token`; else nothing.
fn top_level(path: &str) -> &str {
    let parts = match path.split('/').next() {
        Some("channels" | "guilds") => 2,
        Some("webhooks" | "interactions") => 3,
        _ => return "",
    };
    let path = path.split('?').next().unwrap_or(path);
    path.match_indices('/').nth(parts - 1).map_or(path, |(end, _)| &path[..end])
}

/// One segment of a path; whatever could end it or step out of it is encoded.
fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => encoded.push(char::from(byte)),
            b'.' if text.bytes().any(|other| other != b'.') => encoded.push('.'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(route: &Route, path: &str, top: &str) {
        assert_eq!((route.path(), route.top()), (path, top));
    }

    #[test]
    fn a_route_has_its_ids_and_is_limited_by_the_first() {
        let (channel, message) = (ChannelId::new(5), MessageId::new(7));
        check(&Route::gateway_bot(), "gateway/bot", "");
        check(&Route::edit_message(channel, message), "channels/5/messages/7", "channels/5");
        check(&Route::channel(channel), "channels/5", "channels/5");
        check(&Route::create_channel(GuildId::new(6)), "guilds/6/channels", "guilds/6");
        let own = Route::edit_answer(ApplicationId::new(4), "to.k-e_n");
        check(&own, "webhooks/4/to.k-e_n/messages/@original", "webhooks/4/to.k-e_n");
        check(&Route::execute_webhook(WebhookId::new(4), "t"), "webhooks/4/t?wait=true", "webhooks/4/t");
        check(&Route::callback(InteractionId::new(9), "t"), "interactions/9/t/callback", "interactions/9/t");
        check(
            &Route::react(channel, message, "📌"),
            "channels/5/messages/7/reactions/%F0%9F%93%8C/@me",
            "channels/5",
        );
    }

    #[test]
    fn a_token_cannot_lead_the_path_elsewhere() {
        let route = Route::callback(InteractionId::new(9), "../../users/@me?x#y");
        assert_eq!(route.path(), "interactions/9/..%2F..%2Fusers%2F%40me%3Fx%23y/callback");
        assert_eq!(Route::callback(InteractionId::new(9), "..").path(), "interactions/9/%2E%2E/callback");
    }

    #[test]
    fn what_is_logged_of_a_route_holds_no_token() {
        let route = Route::follow_up(ApplicationId::new(4), "T0K3N");
        assert_eq!(format!("{route:?}"), "POST webhooks/{}/{}");
    }
}
