//! What is said in a chat outside: the same sentences as on the page, as plain text.

use lifeboat_storage::event::PostKind;

use super::{Scene, card, message};
use crate::chat::Outgoing;
use crate::desk::Room;
use crate::say::Say;

/// The text of a message that is to leave.
#[must_use]
pub fn text(say: Say, room: &Room<'_>, outgoing: &Outgoing) -> String {
    let lookup = |seq| room.event(seq);
    let scene = Scene { say, state: room.engine.durable(), lookup: &lookup, now: room.now.wall };
    let told = match &outgoing.post {
        PostKind::Card { incident } => {
            scene.state.incidents.get(incident).map(|incident| plain(&card::card(&scene, incident)))
        }
        PostKind::Notice { about } => {
            room.event(*about).map(|event| message::notice(&scene, &event, &outgoing.channel))
        }
    };
    let told = told.unwrap_or_default();
    if outgoing.maybe_repeated { say.text("notice-repeated", &[("told", told.into())]) } else { told }
}

/// A card as lines: severity, what and where first, for a lock screen shows no more.
fn plain(card: &crate::console::view::Card) -> String {
    let mut lines = vec![format!("{} {} · {}", card.flag.word, card.title, card.incident), card.meta.clone()];
    lines.extend(card.rows.iter().map(|row| format!("{}: {}", row.label, row.text)));
    lines.join("\n")
}
