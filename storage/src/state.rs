//! The fold: what all events add up to. Pure; replaying the log yields the same state as living through it.

mod alerts;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::chat::Chats;
use crate::event::{AlertKind, ChatKind, Event, Kind, Status, Time};
use crate::id::{
    AlertKey, ChannelName, ClusterName, IncidentId, PlanId, ScheduleName, Seq, ServiceName, SourceName,
};
use crate::incident::{Alert, Incident};
use crate::outbox::{Outbox, Waiting};
use crate::plan::run::{Run, plan_of};

/// The version of this shape; a snapshot of another version is not read but rebuilt.
pub const STATE_VERSION: u32 = 7;

/// The channel every alert goes to.
pub const ALERTS: &str = "alerts";

/// A channel and what stands in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// The incident it belongs to, or none.
    pub incident: Option<IncidentId>,
    /// Its messages, in order: events that are shown there.
    pub messages: Vec<Seq>,
}

/// How a check of a cluster went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// When.
    pub at: Time,
    /// The event that told it.
    pub by: Seq,
    /// Every answer was yes.
    pub green: bool,
    /// When it was last green.
    pub green_at: Option<Time>,
}

/// A drill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    /// Its scenario.
    pub scenario: String,
    /// Its seed.
    pub seed: u64,
    /// It is over: whether users no longer suffered then.
    pub over: Option<bool>,
}

/// What all events add up to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The newest event taken in.
    pub applied: Seq,
    /// Its time of recording.
    pub applied_at: Option<Time>,
    /// All incidents by number.
    pub incidents: BTreeMap<IncidentId, Incident>,
    /// All alerts ever raised, by what they are about.
    pub alerts: BTreeMap<AlertKey, Alert>,
    /// All channels.
    pub channels: BTreeMap<ChannelName, Channel>,
    /// Messages on the timeline by 📌.
    pub pinned: BTreeSet<Seq>,
    /// Sources that cannot be read, since when.
    pub blind: BTreeMap<SourceName, Time>,
    /// Messages on their way to a chat that is not the console.
    pub outbox: Outbox,
    /// What is known of chats that are not the console.
    pub chats: Chats,
    /// Tombstones: redacted event → the event that redacted it.
    pub redacted: BTreeMap<Seq, Seq>,
    /// Services that were measured or alerted on.
    pub services: BTreeSet<ServiceName>,
    /// All plans by number.
    pub plans: BTreeMap<PlanId, Run>,
    /// Frozen clusters, by the event that froze them.
    pub frozen: BTreeMap<ClusterName, Seq>,
    /// The newest check of each cluster.
    pub checks: BTreeMap<ClusterName, Check>,
    /// Clusters, clouds and traffic entries that cannot be seen, since when.
    pub fleet_blind: BTreeMap<String, Time>,
    /// Runs of schedules that were called off.
    pub skipped_runs: BTreeSet<(ScheduleName, Time)>,
    /// Hints that were given.
    pub hints: BTreeSet<String>,
    /// The newest judgement of each schedule.
    pub capacity: BTreeMap<ScheduleName, Seq>,
    /// The drill whose record this is; none in a real one.
    #[serde(default)]
    pub drill: Option<Drill>,
    /// The number of the drill that is played beside this record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drill_beside: Option<u32>,
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// The state before the first event: one channel, nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self {
            applied: Seq::default(),
            applied_at: None,
            incidents: BTreeMap::new(),
            alerts: BTreeMap::new(),
            channels: BTreeMap::from([(ChannelName::new(ALERTS), Channel::default())]),
            pinned: BTreeSet::new(),
            blind: BTreeMap::new(),
            outbox: Outbox::default(),
            chats: Chats::default(),
            redacted: BTreeMap::new(),
            services: BTreeSet::new(),
            plans: BTreeMap::new(),
            frozen: BTreeMap::new(),
            checks: BTreeMap::new(),
            fleet_blind: BTreeMap::new(),
            skipped_runs: BTreeSet::new(),
            hints: BTreeSet::new(),
            capacity: BTreeMap::new(),
            drill: None,
            drill_beside: None,
        }
    }

    /// The number the next incident gets.
    #[must_use]
    pub fn next_incident(&self) -> IncidentId {
        IncidentId(self.incidents.keys().next_back().map_or(1, |id| id.0 + 1))
    }

    /// The number the next plan gets.
    #[must_use]
    pub fn next_plan(&self) -> PlanId {
        PlanId(self.plans.keys().next_back().map_or(1, |id| id.0 + 1))
    }

    /// The plan that holds the lock of a cluster.
    #[must_use]
    pub fn lock_of(&self, cluster: &ClusterName) -> Option<&Run> {
        self.plans.values().find(|run| run.holds_lock() && run.is_about(cluster))
    }

    /// Incidents that are neither closed nor cancelled, by number.
    pub fn open_incidents(&self) -> impl DoubleEndedIterator<Item = &Incident> {
        self.incidents.values().filter(|incident| incident.is_open())
    }

    /// The incident that what happens to a plan now belongs to: its own. A plan that was asked for before there was
    /// one belongs to the incident of its service, where exactly one is not resolved yet.
    #[must_use]
    pub fn incident_of_plan(&self, run: &Run) -> Option<IncidentId> {
        let of_service = |incident: &&Incident| {
            incident.status < Status::Resolved && incident.service.as_ref() == Some(&run.plan.service)
        };
        let only = || {
            let mut found = self.open_incidents().filter(of_service);
            found.next().filter(|_| found.next().is_none()).map(|incident| incident.id)
        };
        run.incident.or_else(only)
    }

    /// The incident a channel belongs to.
    #[must_use]
    pub fn incident_of_channel(&self, channel: &ChannelName) -> Option<IncidentId> {
        self.channels.get(channel).and_then(|channel| channel.incident)
    }

    /// The name of a channel as it is shown: that of an incident whose title was redacted without the words of it.
    #[must_use]
    pub fn shown_channel(&self, name: &ChannelName) -> ChannelName {
        let owner = self.incident_of_channel(name).and_then(|id| self.incidents.get(&id));
        let declared = owner.and_then(|owner| Some((owner.id, owner.events.first()?)));
        match declared.filter(|(_, event)| self.redacted.contains_key(event)) {
            Some((id, _)) => ChannelName::new(format!("inc-{:04}", id.0)),
            None => name.clone(),
        }
    }

    /// Takes in one event. An event taken in already, or out of order, changes nothing.
    pub fn apply(&mut self, event: &Event) {
        if event.seq != self.applied.next() {
            return;
        }
        self.applied = event.seq;
        self.applied_at = Some(event.recorded_at);
        self.apply_incident(event);
        self.apply_alert(event);
        self.apply_plan(event);
        self.apply_fleet(event);
        self.apply_delivery(event);
        self.apply_rest(event);
        if let Some(channel) = self.place(event) {
            self.channels.entry(channel).or_default().messages.push(event.seq);
        }
    }

    fn apply_incident(&mut self, event: &Event) {
        let Some(id) = event.incident else { return };
        if let Some(incident) = Incident::declared(id, event) {
            self.incidents.entry(id).or_insert(incident);
        }
        let Some(incident) = self.incidents.get_mut(&id) else { return };
        incident.apply(event);
        match event.kind.lasting() {
            Kind::ChannelOpened { channel } => {
                self.channels.entry(channel.clone()).or_default().incident = Some(id);
            }
            // What had recovered before it joined, as in a merge, leaves a recovery as it was measured.
            Kind::AlertJoined { alert } if self.alerts.get(alert).is_none_or(|known| known.firing) => {
                incident.recovery_proposed = None;
            }
            _ => {}
        }
    }

    fn apply_plan(&mut self, event: &Event) {
        let Some(id) = plan_of(event.kind.lasting()) else { return };
        if let Some(run) = Run::proposed(event) {
            self.plans.entry(id).or_insert(run);
        } else if let Some(run) = self.plans.get_mut(&id) {
            run.apply(event);
        }
    }

    fn apply_fleet(&mut self, event: &Event) {
        match event.kind.lasting() {
            Kind::ClusterFrozen { cluster, .. } => _ = self.frozen.insert(cluster.clone(), event.seq),
            Kind::ClusterUnfrozen { cluster } => _ = self.frozen.remove(cluster),
            Kind::FleetBlind { what, .. } => _ = self.fleet_blind.insert(what.clone(), event.occurred_at),
            Kind::FleetSeen { what } => _ = self.fleet_blind.remove(what),
            Kind::CapacitySkipped { schedule, run, .. } => {
                self.skipped_runs.insert((schedule.clone(), *run));
            }
            Kind::DrillStarted { scenario, seed } => {
                self.drill = Some(Drill { scenario: scenario.clone(), seed: *seed, over: None });
            }
            Kind::DrillEnded { mitigated, .. } => {
                if let Some(drill) = &mut self.drill {
                    drill.over = Some(*mitigated);
                }
            }
            Kind::DrillOpened { drill } => self.drill_beside = Some(*drill),
            // A drill does not outlive the Lifeboat that began it.
            Kind::DrillClosed { .. } | Kind::LifeboatStarted { .. } => self.drill_beside = None,
            Kind::HintGiven { hint } => _ = self.hints.insert(hint.clone()),
            Kind::CapacityJudged { schedule, .. } => _ = self.capacity.insert(schedule.clone(), event.seq),
            Kind::ClusterChecked { cluster, green, .. } => {
                let before = self.checks.get(cluster).and_then(|check| check.green_at);
                let green_at = if *green { Some(event.occurred_at) } else { before };
                let check = Check { at: event.occurred_at, by: event.seq, green: *green, green_at };
                self.checks.insert(cluster.clone(), check);
            }
            _ => {}
        }
    }

    /// A message to the console is said with the event that queues it.
    fn apply_delivery(&mut self, event: &Event) {
        let settled = match event.kind.lasting() {
            Kind::PostQueued { chat: ChatKind::Console, .. } => None,
            Kind::PostQueued { chat, channel, post } => {
                let (channel, post) = (channel.clone(), post.clone());
                let waiting = Waiting { chat: *chat, channel, post, since: event.recorded_at };
                self.outbox.queue(event.seq, waiting);
                None
            }
            Kind::PostSettled { queued, outcome } => self.outbox.settle(*queued, outcome, event.recorded_at),
            _ => None,
        };
        self.chats.apply(event, settled.as_ref());
    }

    fn apply_rest(&mut self, event: &Event) {
        match event.kind.lasting() {
            Kind::MessagePinned { message } => _ = self.pinned.insert(*message),
            Kind::SourceBlind { source, .. } => _ = self.blind.insert(source.clone(), event.occurred_at),
            Kind::SourceSeen { source } | Kind::SourceUnwatched { source } => _ = self.blind.remove(source),
            Kind::Redacted { target, .. } => self.forget_text(*target, event.seq),
            Kind::AlertRaised { what: AlertKind::Test, .. } => {}
            Kind::TrafficMeasured { service, .. } | Kind::AlertRaised { service, .. } => {
                self.services.insert(service.clone());
            }
            _ => {}
        }
    }

    /// Incidents forget by themselves; of a plan, only why it waives a rule was typed.
    fn forget_text(&mut self, target: Seq, by: Seq) {
        self.redacted.insert(target, by);
        let of_plan = self.plans.values_mut().find(|run| run.proposed == target);
        if let Some(reason) = of_plan.and_then(|run| run.plan.override_reason.as_mut()) {
            reason.clear();
        }
    }

    /// The channel in which an event is shown: what people say and do, and what Lifeboat posts there.
    #[must_use]
    pub fn place(&self, event: &Event) -> Option<ChannelName> {
        match event.kind.lasting() {
            Kind::MessageSaid { channel, .. } => Some(channel.clone()),
            Kind::PostQueued { chat: ChatKind::Console, channel, .. } => Some(channel.clone()),
            Kind::MilestoneSet { .. }
            | Kind::CommandRefused { .. }
            | Kind::PostmortemExported { .. }
            | Kind::MessagePinned { .. } => None,
            Kind::AlertSilenced { .. } | Kind::AlertUnsilenced { .. } if event.incident.is_none() => {
                Some(ChannelName::new(ALERTS))
            }
            kind if event.incident.is_none() && event.actor.person.is_some() && is_of_fleet(kind) => {
                Some(ChannelName::new(ALERTS))
            }
            _ if event.actor.person.is_some() => self.incidents.get(&event.incident?)?.channel.clone(),
            _ => None,
        }
    }
}

/// What people do on the fleet outside an incident stands in the common channel.
fn is_of_fleet(kind: &Kind) -> bool {
    let of_cluster = matches!(
        kind,
        Kind::ClusterFrozen { .. }
            | Kind::ClusterUnfrozen { .. }
            | Kind::ClusterChecked { .. }
            | Kind::CapacitySkipped { .. }
            | Kind::Diagnosed { .. }
            | Kind::HintGiven { .. }
    );
    of_cluster || plan_of(kind).is_some()
}
