//! `/alert silence`, `unsilence` and `test`.

use lifeboat_storage::event::{AlertEvidence, AlertKind, Kind, Severity};
use lifeboat_storage::id::{AlertKey, IncidentId, ServiceName};
use lifeboat_storage::incident::{Alert, Incident};
use lifeboat_storage::state::State;

use super::{Change, Scene};
use crate::command::Command;
use crate::refusal::Refusal;

/// Decides one of the alert verbs; any other command changes nothing.
///
/// # Errors
/// [`Refusal::NoSuchAlert`], [`Refusal::NotSilenced`].
pub fn decide(scene: &Scene<'_>, command: &Command) -> Result<Vec<Change>, Refusal> {
    let (known, kind) = match command {
        Command::Silence { alert, for_, reason } => {
            let known = find(scene, alert)?;
            let silenced = Kind::AlertSilenced {
                alert: known.key.clone(),
                until: scene.now + *for_,
                reason: reason.clone(),
            };
            (known, silenced)
        }
        Command::Unsilence { alert } => {
            let known = find(scene, alert)?;
            if known.silenced_until.is_none_or(|until| until <= scene.now) {
                return Err(Refusal::NotSilenced { alert: known.key.clone() });
            }
            (known, Kind::AlertUnsilenced { alert: known.key.clone() })
        }
        _ => return Ok(vec![test(scene)]),
    };
    let incident = known.incident.filter(|id| scene.state.incidents.get(id).is_some_and(|i| i.is_open()));
    Ok(vec![Change { incident, occurred_at: scene.now, kind, supersedes: None }])
}

/// The open incident an alert belongs to; of one that is over, also an incident that has ended.
#[must_use]
pub fn taken_by(state: &State, alert: &Alert) -> Option<IncidentId> {
    let open = |id: &IncidentId| state.incidents.get(id).is_some_and(Incident::is_open);
    alert.incident.filter(|id| !alert.firing || open(id))
}

/// The alert that is named, for an incident that a person opens from it.
pub(super) fn without_incident<'a>(scene: &Scene<'a>, typed: &str) -> Result<&'a Alert, Refusal> {
    let alert = find(scene, typed)?;
    match taken_by(scene.state, alert) {
        Some(id) => Err(Refusal::AlertTaken { alert: alert.key.clone(), id }),
        None => Ok(alert),
    }
}

fn find<'a>(scene: &Scene<'a>, typed: &str) -> Result<&'a Alert, Refusal> {
    scene.state.alerts.get(&AlertKey::new(typed)).ok_or_else(|| Refusal::NoSuchAlert {
        typed: typed.chars().take(60).collect(),
        known: scene.state.alerts.keys().cloned().collect(),
    })
}

/// A test alert goes the way of a real one, but opens nothing and wakes nobody.
fn test(scene: &Scene<'_>) -> Change {
    let kind = Kind::AlertRaised {
        alert: AlertKey::new("test"),
        what: AlertKind::Test,
        service: ServiceName::new("test"),
        severity: Severity::Sev4,
        evidence: AlertEvidence::default(),
    };
    Change { incident: None, occurred_at: scene.now, kind, supersedes: None }
}
