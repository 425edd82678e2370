//! `/alert silence`, `unsilence` and `test`.

use lifeboat_storage::event::{AlertEvidence, AlertKind, Kind, Severity};
use lifeboat_storage::id::{AlertKey, ServiceName};
use lifeboat_storage::incident::Alert;

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
