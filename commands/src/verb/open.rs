//! Opening an incident: by a person, or by rule from an alert. Its channel opens with it.

use lifeboat_storage::event::{Kind, Milestone, Severity, Time};
use lifeboat_storage::id::{AlertKey, ChannelName, IncidentId, ServiceName};
use lifeboat_storage::incident::Alert;

use super::{Change, Scene};
use crate::refusal::Refusal;

/// Longest slug in a channel's name, in characters.
const LONGEST_SLUG: usize = 40;

/// What a person says about the incident that is opened; what is not said is taken from the alert.
#[derive(Clone, Copy, Debug)]
pub struct FromPerson<'a> {
    /// What is wrong, as typed.
    pub title: &'a str,
    /// How bad.
    pub severity: Option<Severity>,
    /// The service that fails.
    pub service: Option<&'a ServiceName>,
    /// When it started.
    pub at: Option<Time>,
    /// The alert that is taken in.
    pub alert: Option<&'a Alert>,
}

/// `/incident declare`.
///
/// # Errors
/// [`Refusal::Ahead`].
pub fn by_person(scene: &Scene<'_>, told: &FromPerson<'_>) -> Result<Vec<Change>, Refusal> {
    let said = told.at.map(|at| scene.moment(Some(at), None)).transpose()?;
    let started = said.or(told.alert.map(|alert| alert.since));
    // One that came back is detected anew.
    let detected = told.alert.map_or(scene.now, |alert| alert.raised_at.max(alert.since));
    let severity = told.severity.or(told.alert.map(|alert| alert.severity));
    let service = told.service.or(told.alert.map(|alert| &alert.service));
    let id = scene.state.next_incident();
    let declared = Kind::IncidentDeclared {
        title: told.title.to_owned(),
        severity: severity.unwrap_or(Severity::Sev4),
        service: service.cloned(),
        alert: None,
    };
    let slug = service.map_or(told.title, ServiceName::as_str);
    let mut changes = vec![Change::of(id, scene.now, declared), channel(id, slug, scene.now)];
    changes.extend(started.map(|at| milestone(id, Milestone::Started, at)));
    changes.push(milestone(id, Milestone::Detected, started.map_or(detected, |at| at.max(detected))));
    let joined = told.alert.map(|alert| Kind::AlertJoined { alert: alert.key.clone() });
    changes.extend(joined.map(|joined| Change::of(id, scene.now, joined)));
    Ok(changes)
}

/// What an alert says about the incident it opens.
#[derive(Clone, Debug)]
pub struct FromAlert<'a> {
    /// Which alert.
    pub alert: &'a AlertKey,
    /// The service that fails.
    pub service: &'a ServiceName,
    /// How bad.
    pub severity: Severity,
    /// First bad line of the run.
    pub started_at: Time,
    /// The deciding line.
    pub detected_at: Time,
}

/// An alert of the configured severity opens an incident by itself.
#[must_use]
pub fn by_rule(id: IncidentId, alert: &FromAlert<'_>, now: Time) -> Vec<Change> {
    let declared = Kind::IncidentDeclared {
        title: String::new(),
        severity: alert.severity,
        service: Some(alert.service.clone()),
        alert: Some(alert.alert.clone()),
    };
    vec![
        Change::of(id, now, declared),
        channel(id, alert.service.as_str(), now),
        milestone(id, Milestone::Started, alert.started_at),
        milestone(id, Milestone::Detected, alert.detected_at),
    ]
}

fn milestone(id: IncidentId, milestone: Milestone, at: Time) -> Change {
    Change::of(id, at, Kind::MilestoneSet { milestone })
}

fn channel(id: IncidentId, text: &str, now: Time) -> Change {
    Change::of(id, now, Kind::ChannelOpened { channel: channel_name(id, text) })
}

/// `inc-0042-blog-web`: lower-case ASCII letters, digits and single hyphens; the number alone where nothing is left.
#[must_use]
pub fn channel_name(id: IncidentId, text: &str) -> ChannelName {
    let mut slug = String::new();
    for c in text.chars().map(|c| c.to_ascii_lowercase()) {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() == LONGEST_SLUG {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    let number = format!("inc-{:04}", id.0);
    ChannelName::new(if slug.is_empty() { number } else { format!("{number}-{slug}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_name_is_ascii_whatever_the_title() {
        for (text, expected) in [
            ("blog-web", "inc-0042-blog-web"),
            ("首页 502", "inc-0042-502"),
            ("首页打不开", "inc-0042"),
            ("", "inc-0042"),
            ("@everyone <b>!</b>", "inc-0042-everyone-b-b"),
            ("../../etc/passwd", "inc-0042-etc-passwd"),
            (&"x".repeat(10_000), &format!("inc-0042-{}", "x".repeat(40))),
        ] {
            assert_eq!(channel_name(IncidentId(42), text).as_str(), expected, "{text:.40}");
        }
    }
}
