//! The postmortems of a drill, written beside its record.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono_tz::Tz;
use lifeboat_deploy::simulated::Scenario;
use lifeboat_storage::event::{Event, Kind, Time};
use lifeboat_storage::incident::Incident;
use lifeboat_storage::postmortem::assemble;
use lifeboat_storage::state::State;

use super::staged::record_in;
use crate::drill::stage;
use crate::postmortem::{Format, Source, render};
use crate::say::Lang;
use crate::shell::store;

/// What a drill that is over left behind.
pub struct Left {
    /// Its whole record.
    pub events: Vec<Event>,
    /// What they add up to.
    pub state: State,
    /// The postmortems in one language.
    pub files: Vec<PathBuf>,
}

/// Reads the record of a drill that is over, in its folder, and writes the postmortems into `postmortem/` there.
///
/// # Errors
/// When the record cannot be read, or a file cannot be written.
pub fn leave(data: &Path, scenario: &Scenario, told: Lang) -> anyhow::Result<Left> {
    let (log, state, _) = store::open_read_only(&record_in(data))?;
    let events = stage::record(&*log);
    let now = state.applied_at.unwrap_or(scenario.starts_at);
    let files = write(&data.join("postmortem"), &events, &state, (scenario.zone, now), told)?;
    Ok(Left { events, state, files })
}

/// Writes the postmortem of every incident of the play, each as Markdown and as HTML, in each language. Those there
/// from an earlier end of the same drill are replaced. Yields the files of one language.
///
/// # Errors
/// When the folder or a file cannot be written.
fn write(
    folder: &Path,
    events: &[Event],
    state: &State,
    (zone, now): (Tz, Time),
    told: Lang,
) -> anyhow::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let mut written = Vec::new();
    for incident in played(events, state) {
        let postmortem = assemble(incident, events, state);
        let source = Source { postmortem: &postmortem, state, zone, now };
        for lang in Lang::ALL {
            for format in [Format::Markdown, Format::Html] {
                let file = folder.join(format!("{}.{lang}.{format}", incident.id));
                std::fs::write(&file, render(&source, format, lang))
                    .with_context(|| format!("write {}", file.display()))?;
                written.extend((lang == told).then_some(file));
            }
        }
    }
    Ok(written)
}

/// Incidents that were open during the play; those of the scenario's past are no work of anybody here.
fn played<'a>(events: &'a [Event], state: &'a State) -> impl Iterator<Item = &'a Incident> {
    let began = events.iter().find(|event| matches!(event.kind, Kind::DrillStarted { .. }));
    let began = began.map(|event| event.seq);
    let declared =
        move |one: &&Incident| one.events.first().is_some_and(|first| began.is_some_and(|at| *first > at));
    state.incidents.values().filter(declared)
}
