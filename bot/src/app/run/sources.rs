//! From the live readers of the logs to the desk.

use lifeboat_storage::id::{ServiceName, SourceName};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;
use crate::engine::input::{Condition, Input, Lines};
use crate::source::tail::{Blindness, Tail, TailEvent};

/// Why a source cannot be read: a key of the catalogue, or the system's own word.
fn blindness(why: Blindness) -> String {
    match why {
        Blindness::Missing => "missing".to_owned(),
        Blindness::NothingMatches => "nothing-matches".to_owned(),
        Blindness::NotAFile => "not-a-file".to_owned(),
        Blindness::Lost => "lost".to_owned(),
        Blindness::Unreadable(kind) => kind.to_string(),
    }
}

/// Hands on what the live reader of one service tells, until `stop`.
pub(super) async fn pump(
    tail: Tail,
    mut events: mpsc::Receiver<TailEvent>,
    service: ServiceName,
    desk: Desk,
    stop: CancellationToken,
) {
    loop {
        let event = tokio::select! {
            () = stop.cancelled() => break,
            event = events.recv() => event,
        };
        let Some(event) = event else { break };
        let name = |path: &std::path::Path| SourceName::new(path.to_string_lossy());
        let input = match event {
            TailEvent::Lines { source, bytes, history, position_after, behind_bytes, .. } => {
                Input::Lines(Lines {
                    source: name(&source),
                    service: service.clone(),
                    bytes,
                    history,
                    position: Some(position_after),
                    behind: behind_bytes,
                })
            }
            TailEvent::Blind { source, why } => Input::Source {
                source: name(&source),
                condition: Condition::Blind(blindness(why)),
                position: None,
            },
            TailEvent::Seen { source, position } => {
                Input::Source { source: name(&source), condition: Condition::Seen, position }
            }
        };
        if desk.tell(input).await.is_err() {
            break;
        }
    }
    drop(events);
    tail.stop();
}
