//! What is recalled of earlier incidents: from the record, whoever wrote it.

use lifeboat_storage::id::{ClusterName, NodeName, PlanId};
use lifeboat_storage::plan::{Blast, Consent, Cost, Plan, RebootMode, Target, Undo, Verb};

use super::*;
use crate::say::fleet;

fn diagnosed(signature: &str, bad: u64) -> Kind {
    let (cluster, verdict) = (ClusterName::new("blog-k8s"), "node-path".to_owned());
    Kind::Diagnosed { cluster, signature: signature.to_owned(), verdict, share: share(bad, 5) }
}

fn note(text: &str) -> Kind {
    Kind::NoteAdded { text: text.to_owned() }
}

/// A reboot of this incident, asked for and proven.
fn proven(story: &mut Story, incident: u32, id: u32) {
    let target = Target {
        cluster: ClusterName::new("blog-k8s"),
        node: NodeName::new("wk-1"),
        instance: None,
        identity: None,
        serving: false,
    };
    let plan = Plan {
        verb: Verb::NodeReboot { mode: RebootMode::Rolling },
        cluster: ClusterName::new("blog-k8s"),
        other: None,
        traffic: None,
        service: ServiceName::new("blog-web"),
        steps: Vec::new(),
        targets: vec![target],
        floors: Vec::new(),
        blast: Blast::default(),
        cost: Cost::Nothing,
        expected_s: 150,
        undo: Undo::NotNeeded,
        consent: Consent::Confirm,
        override_reason: None,
    };
    let (plan_id, hash) = (PlanId(id), plan.hash());
    let body = Box::new(plan);
    story.person("10:40:00", Some(incident), "Mei", Kind::PlanProposed { plan: plan_id, body, hash });
    let hash = story.state.plans[&plan_id].hash.clone();
    story.person("10:41:00", Some(incident), "Mei", Kind::PlanApproved { plan: plan_id, hash });
    let ended = Kind::PlanEnded { plan: plan_id, proven: true, left: Default::default() };
    story.rule("10:50:00", Some(incident), ended);
}

fn close(story: &mut Story, incident: u32) {
    for to in [Status::Mitigated, Status::Resolved, Status::Closed] {
        story.person("11:00:00", Some(incident), "Mei", status(Status::Investigating, to, ""));
    }
}

/// What the card of an incident recalls, in English.
fn recalled(story: &Story, incident: u32) -> Option<String> {
    story.at(EN, "11:30:00", |scene| {
        let rows = fleet::rows(scene, &scene.state.incidents[&IncidentId(incident)]);
        rows.into_iter().find(|(label, _)| *label == "card-row-earlier").map(|(_, text)| text)
    })
}

#[test]
fn an_incident_recalls_the_newest_of_the_same_failure_and_the_plan_that_was_proven_then() {
    let mut story = Story::opened(41, "blog-web");
    story.rule("10:20:00", Some(41), diagnosed("name-resolution/some-nodes", 2));
    proven(&mut story, 41, 1);
    // The failure spread, and at its end something else was short.
    story.rule("10:30:00", Some(41), diagnosed("name-resolution/all-nodes", 5));
    story.rule("10:55:00", Some(41), diagnosed("capacity/some-nodes", 4));
    close(&mut story, 41);
    story.open(42, "blog-web");
    assert_eq!(recalled(&story, 42), None, "nothing is known of it yet");
    story.rule("11:20:00", Some(42), diagnosed("name-resolution/one-node", 1));
    let told = "INC-0041 (10:15:41) failed alike. What helped: Rolling reboot of wk-1 · blog-k8s";
    assert_eq!(recalled(&story, 42).as_deref(), Some(told));
    story.rule("11:25:00", Some(42), diagnosed("image-pull/all-nodes", 5));
    assert_eq!(recalled(&story, 42), None, "another failure");
}

#[test]
fn without_a_proven_plan_the_last_note_tells_what_helped() {
    let mut story = Story::opened(41, "blog-web");
    story.rule("10:20:00", Some(41), diagnosed("name-resolution/some-nodes", 2));
    story.person("10:30:00", Some(41), "Mei", note("restarted the node-local cache"));
    close(&mut story, 41);
    // A newer one of which nobody noted anything does not hide it.
    story.open(43, "blog-web");
    story.rule("11:05:00", Some(43), diagnosed("name-resolution/some-nodes", 2));
    close(&mut story, 43);
    story.open(44, "blog-web");
    story.rule("11:20:00", Some(44), diagnosed("name-resolution/all-nodes", 5));
    let told = "INC-0041 (10:15:41) failed alike. What helped: restarted the node-local cache";
    assert_eq!(recalled(&story, 44).as_deref(), Some(told));
}

#[test]
fn a_diagnosis_that_found_nothing_is_no_signature() {
    let mut story = Story::opened(41, "blog-web");
    story.rule("10:20:00", Some(41), diagnosed("none", 0));
    close(&mut story, 41);
    story.open(42, "search");
    story.rule("11:20:00", Some(42), diagnosed("none", 0));
    assert_eq!(recalled(&story, 42), None);
}
