//! What events tell of messages on their way to chats outside.

use lifeboat_storage::event::{ChatKind, DeliveryOutcome, Instead, Kind, Place, PostKind, Time};
use lifeboat_storage::id::ChannelName;

use crate::say::{Arg, Say, Scene, word};

/// A chat by its name.
#[must_use]
pub fn chat(say: Say, chat: ChatKind) -> String {
    say.word(match chat {
        ChatKind::Console => "chat-console",
        ChatKind::Webhook => "chat-webhook",
        ChatKind::Discord => "chat-discord",
    })
}

/// What is told of deliveries; empty for any other kind.
pub(super) fn text(scene: &Scene<'_>, kind: &Kind) -> String {
    let say = scene.say;
    match kind {
        Kind::PostQueued { channel, post, .. } => {
            queued(say, ("channel", word::channel(scene, channel).into()), post)
        }
        Kind::PostSettled { queued, outcome } => settled(say, ("queued", queued.to_string().into()), outcome),
        Kind::PostEdited { queued, shown } => say.text(
            "event-post-edited",
            &[("queued", queued.to_string().into()), ("shown", shown.to_string().into())],
        ),
        Kind::PlaceFound { chat: by, place, id, instead } => found(scene, *by, place, id, *instead),
        Kind::PlaceLost { chat: by, place } => say.text(
            "event-place-lost",
            &[("chat", chat(say, *by).into()), ("place", named(scene, place).into())],
        ),
        Kind::ChatLost { chat: by, since } => say
            .text("event-chat-lost", &[("chat", chat(say, *by).into()), ("since", scene.at(*since).into())]),
        Kind::ChatBack { chat: by, since } => say
            .text("event-chat-back", &[("chat", chat(say, *by).into()), ("since", scene.at(*since).into())]),
        Kind::ChannelUnreached { chat, channel, since } => {
            of_channel(scene, "event-channel-unreached", *chat, channel, *since)
        }
        Kind::ChannelReached { chat, channel, since } => {
            of_channel(scene, "event-channel-reached", *chat, channel, *since)
        }
        _ => String::new(),
    }
}

fn of_channel(scene: &Scene<'_>, key: &str, by: ChatKind, channel: &ChannelName, since: Time) -> String {
    let say = scene.say;
    let args = [
        ("chat", chat(say, by).into()),
        ("channel", word::channel(scene, channel).into()),
        ("since", scene.at(since).into()),
    ];
    say.text(key, &args)
}

fn queued(say: Say, channel: Arg<'static>, post: &PostKind) -> String {
    let (key, subject) = match post {
        PostKind::Card { incident } => ("event-post-queued-card", ("incident", incident.to_string().into())),
        PostKind::Notice { about } => ("event-post-queued-notice", ("about", about.to_string().into())),
        PostKind::Plan { plan } => ("event-post-queued-plan", ("plan", plan.to_string().into())),
        PostKind::Room { incident } => ("event-post-queued-room", ("incident", incident.to_string().into())),
        PostKind::Farewell { incident } => {
            ("event-post-queued-farewell", ("incident", incident.to_string().into()))
        }
    };
    say.text(key, &[subject, channel])
}

fn settled(say: Say, queued: Arg<'_>, outcome: &DeliveryOutcome) -> String {
    match outcome {
        DeliveryOutcome::Sent { .. } => say.text("event-post-sent", &[queued]),
        DeliveryOutcome::Refused { status } => {
            say.text("event-post-refused", &[queued, ("status", status.to_string().into())])
        }
        DeliveryOutcome::GaveUp { tries } => {
            say.text("event-post-gave-up", &[queued, ("tries", (*tries).into())])
        }
        DeliveryOutcome::Replaced => say.text("event-post-replaced", &[queued]),
    }
}

fn found(scene: &Scene<'_>, by: ChatKind, place: &Place, id: &str, instead: Option<Instead>) -> String {
    let say = scene.say;
    let args =
        [("chat", chat(say, by).into()), ("place", named(scene, place).into()), ("id", say.name(id).into())];
    let [by, place, _] = &args;
    let told = [by.clone(), place.clone()];
    match instead {
        None => say.text("event-place-found", &args),
        Some(Instead::Mild) => say.text("event-place-mild", &told),
        Some(Instead::Full) => say.text("event-place-full", &told),
        Some(Instead::Forbidden) => say.text("event-place-forbidden", &told),
        Some(Instead::Nothing) => say.text("event-place-nothing", &told),
    }
}

fn named(scene: &Scene<'_>, place: &Place) -> String {
    match place {
        Place::Channel { channel } => format!("#{}", word::channel(scene, channel)),
        Place::Open => scene.say.word("place-open"),
        Place::Closed => scene.say.word("place-closed"),
    }
}
