//! What leaves for a chat outside: one plain text a message, in which nothing becomes a mention, a link or markup.

use lifeboat_storage::event::{PostKind, Time};

use super::{Scene, card, limits, message, plan};
use crate::chat::Outgoing;
use crate::console::view::Card;
use crate::desk::Room;
use crate::detect::Finding;
use crate::engine::alerts::raised;

use super::Say;

/// The text of a message that leaves now.
#[must_use]
pub fn text(say: &Say, room: &Room<'_>, outgoing: &Outgoing) -> String {
    let lookup = |seq| room.event(seq);
    let scene = Scene {
        say: say.plain(),
        state: room.engine.durable(),
        lookup: &lookup,
        fleet: Some(room.engine.sight()),
        people: Some(&room.engine.setup().people),
        now: room.now.wall,
    };
    worded(&scene, outgoing)
}

/// What is said once because it cannot be recorded; none for what can wait until it can be.
#[must_use]
pub fn unrecorded(say: &Say, room: &Room<'_>, finding: &Finding) -> Option<String> {
    let kind = raised(finding)?;
    let at = Time::from_timestamp_millis(finding.at).unwrap_or(room.now.wall);
    let lookup = |seq| room.event(seq);
    let scene = Scene {
        say: say.plain(),
        state: room.engine.durable(),
        lookup: &lookup,
        fleet: Some(room.engine.sight()),
        people: Some(&room.engine.setup().people),
        now: room.now.wall,
    };
    let text = message::unrecorded(&scene, 0, at, kind).text;
    Some(limits::middle_cut(&limits::inert(&text), limits::OUTGOING))
}

/// A card in lines, a notice as it is; one that may have been sent before says so.
#[must_use]
pub fn worded(scene: &Scene<'_>, outgoing: &Outgoing) -> String {
    let text = match &outgoing.post {
        PostKind::Card { incident } => {
            let known = scene.state.incidents.get(incident).map(|known| card::card(scene, known));
            known.map_or_else(|| incident.to_string(), |card| card_lines(scene, &card))
        }
        PostKind::Notice { about } => (scene.lookup)(*about)
            .map_or_else(|| about.to_string(), |event| message::notice(scene, &event, &outgoing.channel)),
        PostKind::Plan { plan: id } => {
            let known = scene.state.plans.get(id).map(|run| plan::whole(scene, run));
            known.unwrap_or_else(|| id.to_string())
        }
        PostKind::Room { incident } | PostKind::Farewell { incident } => incident.to_string(),
    };
    let text = if outgoing.maybe_repeated {
        scene.say.text("notice-repeated", &[("told", text.into())])
    } else {
        text
    };
    limits::middle_cut(&limits::inert(&text), limits::OUTGOING)
}

/// The first line carries severity, what and where; buttons are left out, since nobody can press them there.
fn card_lines(scene: &Scene<'_>, card: &Card) -> String {
    let fact = |label: &str, text: &str| {
        scene.say.text("reply-fact", &[("label", label.into()), ("text", text.into())])
    };
    let mut lines =
        vec![format!("{} {}", card.flag.word, card.title), format!("{}, {}", card.incident, card.meta)];
    lines.extend(card.rows.iter().map(|row| fact(&row.label, &row.text)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use lifeboat_storage::id::{ChannelName, IncidentId};

    use super::super::fixture::{EN, Story, ZH};
    use super::*;

    fn outgoing(post: PostKind, maybe_repeated: bool) -> Outgoing {
        let queued = lifeboat_storage::id::Seq(3);
        Outgoing { queued, channel: ChannelName::new("alerts"), post, maybe_repeated }
    }

    fn card_of(story: &Story, say: Say, repeated: bool) -> String {
        let card = outgoing(PostKind::Card { incident: IncidentId(42) }, repeated);
        story.at(say, "10:15:42", |scene| worded(scene, &card))
    }

    #[test]
    fn a_card_leaves_as_plain_lines() {
        let story = Story::opened(42, "blog-web");
        assert_snapshot!(card_of(&story, EN, false), @r"
        SEV2 502 on blog-web: 18 % of requests
        INC-0042, since 10:15:00, seen 10:15:41
        Impact: 223 of 1,240 requests failed in 41 s; before: 0.02 % · counted to 10:15:41
        Likely: all failures seen come from upstream 10.0.0.5:8080
        Changed: nothing yet
        Next: somebody takes it
        ");
        assert!(card_of(&story, ZH, true).starts_with("（可能重复）SEV2 blog-web 出现 502"));
    }

    #[test]
    fn a_name_mentions_nobody_and_links_nowhere() {
        let text = card_of(&Story::opened(42, "<!channel> @everyone [x](http://x) <@1>"), EN, false);
        for alive in ["<!", "@everyone", "](", "://", "<@"] {
            assert!(!text.contains(alive), "{alive} in {text}");
        }
        let text = card_of(&Story::opened(42, &"@".repeat(10_000)), EN, true);
        assert!(text.chars().count() <= limits::OUTGOING);
    }
}
