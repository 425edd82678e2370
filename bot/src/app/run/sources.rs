//! From the live readers of the logs to the desk.

use lifeboat_storage::id::{ServiceName, SourceName};
use lifeboat_storage::state::State;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Service};
use crate::desk::Desk;
use crate::engine::input::{Condition, Input, Lines};
use crate::source::tail::{self, Blindness, Tail, TailEvent};

/// The services whose logs are read.
pub(super) fn read(config: &Config) -> impl Iterator<Item = &Service> {
    config.services.iter().filter(|service| !service.logs.is_empty())
}

/// Sources that the record has as blind and no service names any more: no reader would ever see them again.
pub(super) fn unwatched(config: &Config, state: &State) -> Vec<SourceName> {
    let logs: Vec<&String> = config.services.iter().flat_map(|service| &service.logs).collect();
    let is_named = |source: &SourceName| logs.iter().any(|log| tail::means(log, source.as_str()));
    state.blind.keys().filter(|source| !is_named(source)).cloned().collect()
}

/// Tells the desk that nobody reads these any more.
pub(super) async fn give_up(sources: Vec<SourceName>, desk: Desk) {
    for source in sources {
        let input = Input::Source { source, condition: Condition::Unwatched, position: None };
        if desk.tell(input).await.is_err() {
            break;
        }
    }
}

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
            TailEvent::CaughtUp => Input::CaughtUp { service: service.clone() },
        };
        if desk.tell(input).await.is_err() {
            break;
        }
    }
    drop(events);
    tail.stop();
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lifeboat_storage::event::Time;

    use super::*;

    #[test]
    fn blind_sources_that_no_service_names_are_given_up_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("pods")).unwrap();
        std::fs::write(folder.path().join("pods/a.log"), "").unwrap();
        let of = |name: &str| format!("{}/{name}", folder.path().display());
        let mut config = Config::with_defaults(Path::new("/etc/lifeboat"));
        let logs = ["web.log", "./pods/*.log", "none-*.log"].map(of).to_vec();
        config.services = vec![Service { name: ServiceName::new("web"), logs, format: None }];
        let mut state = State::new();
        let blind = ["web.log", "pods/a.log", "pods/gone.log", "none-*.log", "pods/deep/a.log", "old.log"];
        state.blind.extend(blind.map(|name| (SourceName::new(of(name)), Time::default())));
        let expected = ["old.log", "pods/deep/a.log", "pods/gone.log"].map(|name| SourceName::new(of(name)));
        assert_eq!(unwatched(&config, &state), expected);
    }
}
