//! What happened: every kind of event, and what a redaction leaves of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    AlertEvidence, AlertKind, ChatKind, DeliveryOutcome, Instead, Milestone, Place, PostKind, Role, Severity,
    Share, Status, TaskKind, Time,
};
use crate::id::{
    AlertKey, ChannelName, ClusterName, IdemKey, IncidentId, InstanceId, PersonName, PlanId, ScheduleName,
    Seq, ServiceName, SourceName,
};
use crate::plan::{Evidence, FailedBy, Forgotten, PauseReason, Plan, StepOutcome};

/// What happened. Stored as `{"kind": "...", fields}`; a kind unknown to this version is kept as it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Kind {
    /// Lifeboat began to run.
    LifeboatStarted {
        /// Its version.
        version: String,
        /// Bytes of an unfinished last record that were cut.
        #[serde(default, skip_serializing_if = "is_zero")]
        torn_bytes: u64,
    },
    /// Lifeboat was asked to stop and did.
    LifeboatStopped,
    /// Recording works again after it did not.
    RecordingResumed {
        /// When it stopped.
        since: Time,
        /// Things said in chat meanwhile without a record; they follow as events of their own.
        unrecorded: u32,
    },
    /// The disk is nearly full: the reserve segment is in use.
    ReserveInUse,

    /// A detector or probe began to see a failure.
    AlertRaised {
        /// What it is about.
        alert: AlertKey,
        /// Its kind.
        what: AlertKind,
        /// The service that fails.
        service: ServiceName,
        /// How bad.
        severity: Severity,
        /// On what it rests.
        evidence: AlertEvidence,
    },
    /// The failure got worse by a step worth telling, or it is another upstream that fails now.
    AlertGrew {
        /// Which.
        alert: AlertKey,
        /// How bad now.
        severity: Severity,
        /// On what it rests.
        evidence: AlertEvidence,
        /// It is no worse, but its failures come from elsewhere.
        #[serde(default, skip_serializing_if = "is_false")]
        moved: bool,
    },
    /// The failure ended, proven by a long enough run of good requests or answers.
    AlertRecovered {
        /// Which.
        alert: AlertKey,
        /// First second of the good run.
        good_since: Time,
        /// The share in that run.
        now: Share,
        /// Worst share seen in any minute.
        peak: Share,
        /// Failed and all requests from start to recovery.
        whole: Share,
    },
    /// It failed again within 30 minutes of recovery, or after a person's word that it was over.
    AlertReturned {
        /// Which.
        alert: AlertKey,
        /// How bad now.
        severity: Severity,
        /// On what it rests.
        evidence: AlertEvidence,
        /// How often it has come back after it had recovered.
        times: u32,
        /// It had not recovered: a person's word that it was over came too early.
        #[serde(default, skip_serializing_if = "is_false")]
        still: bool,
    },
    /// A person muted an alert.
    AlertSilenced {
        /// Which.
        alert: AlertKey,
        /// Until when.
        until: Time,
        /// Why.
        reason: String,
    },
    /// A mute was lifted.
    AlertUnsilenced {
        /// Which.
        alert: AlertKey,
    },
    /// Requests of a service in equal steps; the chart is drawn from these.
    TrafficMeasured {
        /// Which service.
        service: ServiceName,
        /// Start of the first step.
        from: Time,
        /// Length of a step, in seconds.
        step_s: u32,
        /// Failed (5xx) and all requests, a step each; 0 of 0 is "no data".
        counts: Vec<Share>,
    },

    /// A source can no longer be read, or its lines are not understood.
    SourceBlind {
        /// Which.
        source: SourceName,
        /// Why: a word of the reader, or as the operating system says it (untrusted).
        why: String,
    },
    /// A source can be read again.
    SourceSeen {
        /// Which.
        source: SourceName,
    },
    /// A source that could not be read is gone for good or no longer configured: nothing looks at it any more.
    SourceUnwatched {
        /// Which.
        source: SourceName,
    },
    /// A source is far behind its end: what it shows is seen late.
    SourceBehind {
        /// Which.
        source: SourceName,
        /// How far, in bytes.
        bytes: u64,
    },

    /// An incident began.
    IncidentDeclared {
        /// As typed, or empty when a rule opened it (then the title is worded from the alert).
        title: String,
        /// How bad.
        severity: Severity,
        /// The service that fails, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<ServiceName>,
        /// The alert that opened it, where one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alert: Option<AlertKey>,
    },
    /// Its channel opened.
    ChannelOpened {
        /// Which.
        channel: ChannelName,
    },
    /// A same-fate alert joined it.
    AlertJoined {
        /// Which.
        alert: AlertKey,
    },
    /// A person took notice.
    Acknowledged,
    /// The severity changed.
    SeverityChanged {
        /// Before.
        from: Severity,
        /// After.
        to: Severity,
    },
    /// The status changed.
    StatusChanged {
        /// Before.
        from: Status,
        /// After.
        to: Status,
        /// Hash of the newest record before this one, so that the chain can be checked from outside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        head: Option<String>,
        /// Why, as typed.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// A milestone was set or corrected; `occurred_at` is the moment it names.
    MilestoneSet {
        /// Which.
        milestone: Milestone,
    },
    /// A person took a role (or was given it).
    RoleTaken {
        /// Which.
        role: Role,
        /// Who.
        person: PersonName,
    },
    /// Conditions, actions, needs.
    UpdatePosted {
        /// What is.
        conditions: String,
        /// What is done.
        actions: String,
        /// What is needed.
        needs: String,
    },
    /// A person wrote a line for the timeline.
    NoteAdded {
        /// As typed.
        text: String,
    },
    /// A chat message was put on the timeline (📌).
    MessagePinned {
        /// The message.
        message: Seq,
    },
    /// A person said something in a channel.
    MessageSaid {
        /// Where.
        channel: ChannelName,
        /// As typed.
        text: String,
    },
    /// A task was added.
    TaskAdded {
        /// Number within the incident, from 1.
        task: u32,
        /// What for.
        what: TaskKind,
        /// As typed.
        text: String,
        /// Who does it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<PersonName>,
    },
    /// A task was done.
    TaskDone {
        /// Which.
        task: u32,
    },
    /// All alerts of the incident recovered; a person is asked to confirm.
    RecoveryProposed {
        /// First second of the good run.
        good_since: Time,
    },
    /// This incident went on in another; its events stay where they are.
    Merged {
        /// Into which.
        into: IncidentId,
    },
    /// Another incident was merged into this one.
    MergedFrom {
        /// Which.
        from: IncidentId,
    },
    /// The payload of an event was replaced by a tombstone.
    Redacted {
        /// Which event.
        target: Seq,
        /// Why.
        reason: String,
    },
    /// What stands where a payload was redacted. Never appended: the log yields it in the old event's place.
    Tombstone {
        /// The `Redacted` event that says who and why.
        by: Seq,
        /// What is left of the old payload: the same facts without any text from people or from outside.
        left: Box<Kind>,
    },
    /// The postmortem was written out.
    PostmortemExported {
        /// `md`, `html` or `json`.
        format: String,
        /// `en` or `zh-CN`.
        lang: String,
    },
    /// A message waits to be sent; in the console it is said with this very event.
    PostQueued {
        /// By which chat.
        chat: ChatKind,
        /// To which channel.
        channel: ChannelName,
        /// What it is for.
        post: PostKind,
    },
    /// A message left, or never will.
    PostSettled {
        /// The `PostQueued` event.
        queued: Seq,
        /// How it ended.
        outcome: DeliveryOutcome,
    },
    /// A card that stands in a chat outside was brought up to date.
    PostEdited {
        /// The `PostQueued` event of the card.
        queued: Seq,
        /// The newest event it tells.
        shown: Seq,
    },
    /// A chat outside has a place for us: found there, configured, or made.
    PlaceFound {
        /// Which chat.
        chat: ChatKind,
        /// What for.
        place: Place,
        /// Its id there.
        id: String,
        /// Why it is not a channel of its own, where it is not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead: Option<Instead>,
    },
    /// A place in a chat outside is gone; what stood there is lost.
    PlaceLost {
        /// Which chat.
        chat: ChatKind,
        /// What it was for.
        place: Place,
    },
    /// A chat outside cannot be reached.
    ChatLost {
        /// Which.
        chat: ChatKind,
        /// Since when.
        since: Time,
    },
    /// It can be reached again.
    ChatBack {
        /// Which.
        chat: ChatKind,
        /// Since when it could not.
        since: Time,
    },
    /// One channel of a chat outside takes no messages, while others there do.
    ChannelUnreached {
        /// Which chat.
        chat: ChatKind,
        /// Which of our channels.
        channel: ChannelName,
        /// Since when.
        since: Time,
    },
    /// It takes messages again.
    ChannelReached {
        /// Which chat.
        chat: ChatKind,
        /// Which of our channels.
        channel: ChannelName,
        /// Since when it did not.
        since: Time,
    },
    /// A command was refused; kept so that the record shows who tried what.
    CommandRefused {
        /// The command words, without its values (`incident close`).
        command: String,
        /// Why, as a key of the catalogue.
        why: String,
    },
    /// A plan was made and shown; it asks for consent.
    PlanProposed {
        /// Its number.
        plan: PlanId,
        /// What will be done.
        body: Box<Plan>,
        /// [`Plan::hash`]: what an approval binds.
        hash: String,
    },
    /// A person said yes to exactly this plan.
    PlanApproved {
        /// Which.
        plan: PlanId,
        /// The hash they saw.
        hash: String,
    },
    /// A person said no; no means no.
    PlanRejected {
        /// Which.
        plan: PlanId,
        /// Why, as typed.
        reason: String,
    },
    /// Nobody said yes, or nobody started it, in time.
    PlanExpired {
        /// Which.
        plan: PlanId,
    },
    /// It stands still between two steps.
    PlanPaused {
        /// Which.
        plan: PlanId,
        /// Why.
        why: PauseReason,
    },
    /// It goes on; what was unknown is read again.
    PlanResumed {
        /// Which.
        plan: PlanId,
    },
    /// A person ended it before its end.
    PlanCancelled {
        /// Which.
        plan: PlanId,
        /// What it leaves.
        left: Forgotten,
    },
    /// It came to its end.
    PlanEnded {
        /// Which.
        plan: PlanId,
        /// The last step proved the effect.
        proven: bool,
        /// What it leaves.
        left: Forgotten,
    },
    /// A step is about to be done: written before the call leaves.
    StepStarted {
        /// Of which plan.
        plan: PlanId,
        /// Index in the plan.
        step: u32,
        /// From 1.
        attempt: u32,
        /// Makes the call safe to repeat.
        key: IdemKey,
    },
    /// A step goes on; told when something changed, at most every few seconds.
    StepProgressed {
        /// Of which plan.
        plan: PlanId,
        /// Index in the plan.
        step: u32,
        /// Pods still there, machines still booting.
        left: u32,
        /// What keeps it, untrusted names.
        blocked_by: Vec<String>,
    },
    /// A step came to an end.
    StepEnded {
        /// Of which plan.
        plan: PlanId,
        /// Index in the plan.
        step: u32,
        /// How.
        outcome: StepOutcome,
    },
    /// A cluster was frozen: Lifeboat changes nothing there.
    ClusterFrozen {
        /// Which.
        cluster: ClusterName,
        /// Why, as typed.
        reason: String,
    },
    /// A freeze was lifted.
    ClusterUnfrozen {
        /// Which.
        cluster: ClusterName,
    },
    /// A cluster was checked: can it take the load now?
    ClusterChecked {
        /// Which.
        cluster: ClusterName,
        /// Every answer was yes.
        green: bool,
        /// Keys of the items that were not, with what was seen.
        failed: BTreeMap<String, Evidence>,
    },
    /// A cluster, cloud or traffic entry can no longer be seen.
    FleetBlind {
        /// Its name.
        what: String,
        /// Why, as it was said (untrusted).
        why: String,
    },
    /// It can be seen again.
    FleetSeen {
        /// Its name.
        what: String,
    },
    /// A person asked what is wrong, or an incident needed it: signature, scope, verdict.
    Diagnosed {
        /// Which cluster.
        cluster: ClusterName,
        /// The signature by which the same failure is found again: `name-resolution/all-nodes`.
        signature: String,
        /// The verdict, a key of the catalogue.
        verdict: String,
        /// Nodes with the failure and all that were looked at.
        share: Share,
    },
    /// A capacity schedule came due, was looked at, and this is how it stands.
    CapacityJudged {
        /// Which.
        schedule: ScheduleName,
        /// Nodes it should bring.
        wanted: u32,
        /// Nodes it brought so far that serve or are Ready.
        ready: u32,
        /// Nodes that must be Ready in all by then; 0 where nobody recorded it.
        #[serde(default)]
        needed: u32,
        /// By when they must be Ready.
        ready_by: Time,
        /// Machines that refused, and why.
        refused: BTreeMap<InstanceId, FailedBy>,
    },
    /// The next run of a schedule was called off.
    CapacitySkipped {
        /// Which.
        schedule: ScheduleName,
        /// The run that is left out.
        run: Time,
        /// Why, as typed.
        reason: String,
    },
    /// A drill began.
    DrillStarted {
        /// Its scenario.
        scenario: String,
        /// Its seed.
        seed: u64,
    },
    /// Somebody asked for a hint.
    HintGiven {
        /// Key of the hint in the scenario.
        hint: String,
    },
    /// A drill ended.
    DrillEnded {
        /// Users no longer suffered at the end.
        mitigated: bool,
        /// Keys of moves that did harm.
        wrong_moves: Vec<String>,
    },
    /// A drill began beside this record: it has a record of its own, and only its number is kept here.
    DrillOpened {
        /// `DRILL-3`.
        drill: u32,
    },
    /// That drill is over.
    DrillClosed {
        /// `DRILL-3`.
        drill: u32,
        /// Something real began to fail, so it was called off.
        called_off: bool,
    },
    /// A kind that a newer Lifeboat wrote. Never appended: the log yields it so that nothing is dropped.
    Unknown {
        /// What the newer version calls it.
        name: String,
        /// The whole payload as stored, `kind` included.
        payload: serde_json::Map<String, serde_json::Value>,
    },
}

impl Kind {
    /// The facts that last: those of the payload itself, or what a tombstone left of it.
    #[must_use]
    pub fn lasting(&self) -> &Self {
        match self {
            Self::Tombstone { left, .. } => left.lasting(),
            kind => kind,
        }
    }

    /// The same facts without any text from people or from outside: what a redaction leaves.
    #[must_use]
    pub fn without_text(&self) -> Self {
        let mut left = self.lasting().clone();
        match &mut left {
            Self::AlertRaised { evidence, .. }
            | Self::AlertGrew { evidence, .. }
            | Self::AlertReturned { evidence, .. } => {
                evidence.upstreams.clear();
                evidence.paths.clear();
                evidence.clients.clear();
                evidence.samples.clear();
            }
            Self::UpdatePosted { conditions, actions, needs } => {
                conditions.clear();
                actions.clear();
                needs.clear();
            }
            Self::IncidentDeclared { title: text, .. }
            | Self::AlertSilenced { reason: text, .. }
            | Self::SourceBlind { why: text, .. }
            | Self::StatusChanged { reason: text, .. }
            | Self::NoteAdded { text }
            | Self::MessageSaid { text, .. }
            | Self::PlanRejected { reason: text, .. }
            | Self::ClusterFrozen { reason: text, .. }
            | Self::CapacitySkipped { reason: text, .. }
            | Self::FleetBlind { why: text, .. }
            | Self::TaskAdded { text, .. } => text.clear(),
            Self::PlanProposed { body, .. } => {
                body.override_reason = body.override_reason.take().map(|_| String::new())
            }
            Self::StepProgressed { blocked_by, .. } => blocked_by.clear(),
            Self::ClusterChecked { failed, .. } => failed.values_mut().for_each(|seen| seen.0.clear()),
            _ => {}
        }
        left
    }

    /// Only tells how messages reach a chat outside; nothing of what happened.
    #[must_use]
    pub fn is_delivery(&self) -> bool {
        matches!(
            self.lasting(),
            Self::PostQueued { .. }
                | Self::PostSettled { .. }
                | Self::PostEdited { .. }
                | Self::PlaceFound { .. }
                | Self::PlaceLost { .. }
        )
    }

    /// The channel it names, where it names one.
    pub fn channel_mut(&mut self) -> Option<&mut ChannelName> {
        match self {
            Self::ChannelOpened { channel }
            | Self::MessageSaid { channel, .. }
            | Self::PostQueued { channel, .. }
            | Self::ChannelUnreached { channel, .. }
            | Self::ChannelReached { channel, .. }
            | Self::PlaceFound { place: Place::Channel { channel }, .. }
            | Self::PlaceLost { place: Place::Channel { channel }, .. } => Some(channel),
            Self::Tombstone { left, .. } => left.channel_mut(),
            _ => None,
        }
    }

    /// Whether a message about it in this channel of a chat outside is the summary of what was not said there
    /// meanwhile, worded when it leaves.
    #[must_use]
    pub fn sums_up(&self, here: &ChannelName) -> bool {
        match self.lasting() {
            Self::ChatLost { .. } => true,
            Self::ChannelUnreached { channel, .. } => channel == here,
            _ => false,
        }
    }

    /// Whether it holds text that a redaction would take out.
    #[must_use]
    pub fn has_text(&self) -> bool {
        self.without_text() != *self.lasting()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}
