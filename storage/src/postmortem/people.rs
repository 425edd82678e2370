//! Who took part, and who held which role.

use serde::Serialize;

use crate::event::{Event, Kind, Role, Time};
use crate::id::{PersonName, Seq};

/// Roles in the order they are told.
pub const ROLES: [Role; 4] = [Role::Commander, Role::Operations, Role::Communications, Role::Scribe];

/// Somebody who took part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Responder {
    /// Who.
    pub person: PersonName,
    /// Roles held at any time.
    pub roles: Vec<Role>,
    /// How many events are theirs.
    pub events: usize,
    /// Their first event, or when they were given a role.
    pub first: Time,
    /// Their last event.
    pub last: Time,
}

/// Who held a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Which role.
    pub role: Role,
    /// Who; nobody where it was never taken.
    pub person: Option<PersonName>,
    /// Since when.
    pub from: Option<Time>,
    /// Until somebody else took it.
    pub until: Option<Time>,
    /// The event that says so.
    pub by: Option<Seq>,
}

pub(super) fn responders(record: &[Event]) -> Vec<Responder> {
    let mut known: Vec<Responder> = Vec::new();
    for event in record {
        if let Some(person) = &event.actor.person {
            let responder = responder(&mut known, person, event.occurred_at);
            responder.events += 1;
            responder.last = responder.last.max(event.occurred_at);
        }
        if let Kind::RoleTaken { role, person } = event.kind.lasting() {
            let responder = responder(&mut known, person, event.occurred_at);
            if !responder.roles.contains(role) {
                responder.roles.push(*role);
            }
        }
    }
    known
}

fn responder<'a>(known: &'a mut Vec<Responder>, person: &PersonName, at: Time) -> &'a mut Responder {
    let place = known.iter().position(|other| other.person == *person).unwrap_or_else(|| {
        known.push(Responder { person: person.clone(), roles: Vec::new(), events: 0, first: at, last: at });
        known.len() - 1
    });
    &mut known[place]
}

pub(super) fn roles(record: &[Event]) -> Vec<Held> {
    ROLES.into_iter().flat_map(|role| held(record, role)).collect()
}

fn held(record: &[Event], wanted: Role) -> Vec<Held> {
    let mut spans: Vec<Held> = Vec::new();
    for event in record {
        let Kind::RoleTaken { role, person } = event.kind.lasting() else { continue };
        if *role != wanted {
            continue;
        }
        if let Some(last) = spans.last_mut() {
            last.until = Some(event.occurred_at);
        }
        let (from, by) = (Some(event.occurred_at), Some(event.seq));
        spans.push(Held { role: wanted, person: Some(person.clone()), from, until: None, by });
    }
    if spans.is_empty() {
        spans.push(Held { role: wanted, person: None, from: None, until: None, by: None });
    }
    spans
}
