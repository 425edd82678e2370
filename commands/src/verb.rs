//! What a command changes: pure decisions from the state, the person and the moment to events.
//!
//! | module | verbs |
//! | --- | --- |
//! | [`open`] | `declare`, and the same by rule |
//! | [`incident`] | all that changes an incident |
//! | [`fleet`] | all on nodes, clusters, capacity, plans and drills |
//! | [`alert`] | `silence`, `unsilence`, `test` |

pub mod alert;
pub mod fleet;
pub mod incident;
pub mod open;

use chrono_tz::Tz;
use lifeboat_storage::event::{Event, Kind, Share, Time};

use lifeboat_storage::id::{ChannelName, ClusterName, IncidentId, PlanId, ScheduleName, Seq, ServiceName};
use lifeboat_storage::incident::Incident;
use lifeboat_storage::state::State;

use crate::command::{Command, Format};
use crate::facts::Facts;
use crate::fleet::Fleet;
use crate::people::{People, Person};
use crate::refusal::Refusal;
use crate::table::Spec;

/// What a decision may look at.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// What all events add up to.
    pub state: &'a State,
    /// Who is configured.
    pub people: &'a People,
    /// Who asks; none is read-only.
    pub who: Option<&'a Person>,
    /// The channel it was typed in.
    pub channel: Option<&'a ChannelName>,
    /// Now.
    pub now: Time,
    /// Hash of the newest durable record, posted at each change of status.
    pub head: Option<&'a str>,
    /// What is configured of the fleet.
    pub fleet: &'a Fleet,
    /// What is seen of it.
    pub facts: &'a Facts,
    /// Failed of all requests of a service in the last half minute, where known.
    pub share: &'a dyn Fn(&ServiceName) -> Option<Share>,
    /// In which zone schedules are kept.
    pub zone: Tz,
    /// Keys of the drill's hints, in order; none outside a drill.
    pub hints: Option<&'a [String]>,
    /// A drill: one human may play several people.
    pub drill: bool,
    /// Scenarios a drill can play.
    pub scenarios: &'a [String],
    /// One event by its number, where it still can be had.
    pub event: &'a dyn Fn(Seq) -> Option<Event>,
}

/// One event to be: what [`Scene`] does not know (number, actor, correlation) is added by the engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its incident.
    pub incident: Option<IncidentId>,
    /// When it happened.
    pub occurred_at: Time,
    /// What happened.
    pub kind: Kind,
    /// The event it corrects.
    pub supersedes: Option<Seq>,
}

impl Change {
    /// A change of one incident.
    #[must_use]
    pub fn of(incident: IncidentId, occurred_at: Time, kind: Kind) -> Self {
        Self { incident: Some(incident), occurred_at, kind, supersedes: None }
    }
}

/// What a reading command shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Show {
    /// Open incidents, or all.
    List {
        /// Closed and cancelled ones too.
        all: bool,
    },
    /// One incident.
    Incident(IncidentId),
    /// Its postmortem.
    Postmortem {
        /// Which.
        id: IncidentId,
        /// How.
        format: Format,
        /// In which language; the person's own where none is given.
        lang: Option<String>,
    },
    /// Alerts that fire or are muted.
    Alerts,
    /// Nodes of one cluster, or of all.
    Nodes(Option<ClusterName>),
    /// One cluster in detail, or all in short.
    Clusters(Option<ClusterName>),
    /// The schedules and how they stand.
    Capacity,
    /// Whether the next run of one schedule, or of all, could be met now.
    Outlook(Option<ScheduleName>),
    /// A plan.
    Plan(PlanId),
    /// A drill is to begin, of its own store and world.
    StartDrill {
        /// Which; the first there is where none is named.
        scenario: Option<String>,
        /// Simulated seconds a real second, from 1.
        speed: Option<u32>,
    },
    /// The drill is to stop.
    StopDrill,
}

/// What a command comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// These events, all or none.
    Change(Vec<Change>),
    /// Nothing changes; this is shown.
    Show(Show),
}

impl Scene<'_> {
    /// The incident that is meant: the one named, else that of the channel, else the only open one.
    ///
    /// # Errors
    /// [`Refusal::NoSuchIncident`], [`Refusal::WhichIncident`].
    pub fn incident(&self, named: Option<IncidentId>) -> Result<&Incident, Refusal> {
        let of_channel = || self.channel.and_then(|channel| self.state.incident_of_channel(channel));
        if let Some(id) = named.or_else(of_channel) {
            return self.state.incidents.get(&id).ok_or(Refusal::NoSuchIncident { id });
        }
        let open: Vec<&Incident> = self.state.open_incidents().collect();
        match open.as_slice() {
            [only] => Ok(only),
            _ => Err(Refusal::WhichIncident { open: open.iter().map(|incident| incident.id).collect() }),
        }
    }

    /// The same, if it is still open.
    ///
    /// # Errors
    /// Those of [`Scene::incident`], [`Refusal::MergedAway`], [`Refusal::Ended`].
    pub fn open_incident(&self, named: Option<IncidentId>) -> Result<&Incident, Refusal> {
        let incident = self.incident(named)?;
        match incident.merged_into {
            Some(into) => Err(Refusal::MergedAway { id: incident.id, into }),
            None if incident.is_open() => Ok(incident),
            None => Err(Refusal::Ended { id: incident.id, status: incident.status }),
        }
    }

    /// A moment a person named, checked against now and the incident's start.
    ///
    /// # Errors
    /// [`Refusal::Ahead`] (more than a minute), [`Refusal::BeforeStart`].
    pub fn moment(&self, at: Option<Time>, started: Option<Time>) -> Result<Time, Refusal> {
        let Some(at) = at else { return Ok(self.now) };
        if at > self.now + chrono::TimeDelta::minutes(1) {
            return Err(Refusal::Ahead { at });
        }
        match started {
            Some(started) if at < started => Err(Refusal::BeforeStart { at, started }),
            _ => Ok(at),
        }
    }
}

/// Whether this person may give this command.
///
/// # Errors
/// [`Refusal::NotSignedIn`], [`Refusal::NotAllowed`] with who could.
pub fn authorize(scene: &Scene<'_>, spec: &Spec) -> Result<(), Refusal> {
    match scene.who {
        _ if spec.reads => Ok(()),
        None => Err(Refusal::NotSignedIn),
        Some(person) if person.may(spec.needs) => Ok(()),
        Some(_) => Err(Refusal::NotAllowed { who_could: scene.people.who_could(spec.needs) }),
    }
}

/// Decides a command. Pure: the same scene gives the same decision.
///
/// # Errors
/// Every [`Refusal`] but those of parsing and authorisation.
pub fn decide(scene: &Scene<'_>, command: &Command) -> Result<Decision, Refusal> {
    if let Some(decision) = fleet::decide(scene, command)? {
        return Ok(decision);
    }
    let show = |show| Ok(Decision::Show(show));
    match command {
        Command::List { all } => return show(Show::List { all: *all }),
        Command::AlertList => return show(Show::Alerts),
        Command::Show { incident } => return show(Show::Incident(scene.incident(*incident)?.id)),
        Command::Postmortem { incident, format, lang } => {
            let id = scene.incident(*incident)?.id;
            return show(Show::Postmortem { id, format: *format, lang: lang.clone() });
        }
        _ => {}
    }
    let changes = match command {
        Command::Declare { title, severity, service, at, alert } => {
            let alert = alert.as_deref().map(|typed| alert::without_incident(scene, typed)).transpose()?;
            let (severity, service, at) = (*severity, service.as_ref(), *at);
            open::by_person(scene, &open::FromPerson { title, severity, service, at, alert })?
        }
        Command::Silence { .. } | Command::Unsilence { .. } | Command::AlertTest => {
            alert::decide(scene, command)?
        }
        _ => incident::decide(scene, command)?,
    };
    Ok(Decision::Change(changes))
}
