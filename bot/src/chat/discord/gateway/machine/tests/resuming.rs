//! Sessions that go on: after a restart, a lost socket, a replay.

use super::*;

#[test]
fn a_restart_resumes_the_saved_session_without_asking() {
    let mut played = Played::saved();
    assert_eq!(played.looked(), [open(RESUME)]);
    played.step(Input::Opened);
    played.hello();
    assert_eq!(played.looked(), [Output::Resume(session("old", 7))]);
    played.step(dispatch(8, "INTERACTION_CREATE", json!({ "id": "702" })));
    played.step(dispatch(9, "RESUMED", json!({})));
    played.step(dispatch(10, "INTERACTION_CREATE", json!({ "id": "703" })));
    let expected = [
        handed(8, "INTERACTION_CREATE", json!({ "id": "702" }), true),
        Output::Say(Condition::Resumed { replayed: 1 }),
        handed(10, "INTERACTION_CREATE", json!({ "id": "703" }), false),
    ];
    assert_eq!(played.looked(), expected);
    assert_eq!(played.machine.session().2, [wall(0) - TimeDelta::days(2)], "none was begun");
}

#[test]
fn the_same_dispatch_twice_after_a_resume_is_handed_out_once() {
    let mut played = Played::live();
    played.step(dispatch(2, "INTERACTION_CREATE", json!({ "id": "702" })));
    played.step(Input::Closed(None));
    played.wait(0);
    played.step(Input::Opened);
    played.hello();
    played.done.clear();
    for seq in [1, 2, 3, 3] {
        played.step(dispatch(seq, "INTERACTION_CREATE", json!({})));
    }
    played.step(dispatch(3, "INTERACTION_CREATE", json!({})));
    played.step(dispatch(4, "RESUMED", json!({})));
    played.step(dispatch(2, "INTERACTION_CREATE", json!({})));
    let replayed = Output::Say(Condition::Resumed { replayed: 1 });
    assert_eq!(played.looked(), [handed(3, "INTERACTION_CREATE", json!({}), true), replayed]);
    assert_eq!(played.seq(), Some(4));
}

#[test]
fn a_reconnect_that_discord_asks_for_is_done_within_a_second_and_resumes() {
    for (lived, limit) in [(2_000, 0), (0, 1_000)] {
        let mut played = Played::live();
        if lived == 0 {
            played.step(Input::Closed(None));
            played.wait(0);
            played.step(Input::Opened);
            played.hello();
            played.step(dispatch(2, "RESUMED", json!({})));
            played.done.clear();
        }
        played.step(frame(op::RECONNECT, Value::Null));
        played.wait(limit);
        assert_eq!(played.looked(), [Output::Close, lost(Loss::AskedToReconnect), open(RESUME)], "{lived}");
        played.step(Input::Opened);
        played.hello();
        assert_eq!(played.looked(), [Output::Resume(session("new", played.seq().unwrap()))]);
    }
}

#[test]
fn a_long_replay_is_waited_for_as_long_as_it_goes_on() {
    let mut played = Played::saved();
    played.step(Input::Opened);
    played.hello();
    played.done.clear();
    for seq in 8..28 {
        played.wait(29_000);
        played.step(dispatch(seq, "MESSAGE_CREATE", json!({})));
    }
    assert!(!played.done.contains(&Output::Close), "{:?}", played.done);
    played.done.clear();
    played.wait(30_000);
    assert!(played.looked().contains(&Output::Close));
}

#[test]
fn after_three_refusals_of_the_resume_address_the_first_one_is_tried() {
    let mut played = Played::saved();
    (0..4).for_each(|_| played.refused());
    let opened: Vec<Output> =
        played.looked().into_iter().filter(|output| matches!(output, Output::Open(_))).collect();
    assert_eq!(opened, [open(RESUME), open(RESUME), open(RESUME), open(FIRST), open(FIRST)]);
    played.step(Input::Opened);
    played.done.clear();
    played.hello();
    assert_eq!(played.looked(), [Output::Resume(session("old", 7))], "the session is still the old one");
}

#[test]
fn an_address_that_is_not_for_us_is_not_used() {
    let ready = json!({ "session_id": "new", "resume_gateway_url": "ws://elsewhere.example" });
    let mut played = Played::fresh();
    played.step(told(1_000));
    played.step(Input::Opened);
    played.hello();
    played.step(dispatch(1, "READY", ready));
    played.wait(2_000);
    played.step(Input::Closed(None));
    played.done.clear();
    played.wait(0);
    assert_eq!(played.looked(), [open(FIRST)]);
}

#[test]
fn an_invalid_session_that_may_be_resumed_is_resumed_and_another_is_begun_anew_after_one_to_five_seconds() {
    let mut played = Played::live();
    played.step(frame(op::INVALID_SESSION, json!(true)));
    played.wait(0);
    assert_eq!(
        played.looked(),
        [Output::Close, lost(Loss::InvalidSession { resumable: true }), open(RESUME)]
    );
    assert_eq!(played.seq(), Some(1));

    let mut waits = BTreeSet::new();
    for seed in 0..50 {
        let old = Saved::new(Some(session("old", 7)), None, Vec::new(), Vec::new());
        let mut played = Played::from(&old, seed);
        played.step(Input::Opened);
        played.hello();
        played.done.clear();
        played.step(frame(op::INVALID_SESSION, json!(false)));
        assert_eq!(played.looked(), [Output::Close, lost(Loss::InvalidSession { resumable: false })]);
        assert_eq!(played.seq(), None);
        waits.insert(played.machine.wake_ms().unwrap() / 1_000);
        played.wait(5_000);
        assert_eq!(played.looked(), [Output::Ask]);
        played.step(told(1_000));
        assert_eq!(played.looked(), [open(FIRST)]);
    }
    assert_eq!(waits.into_iter().collect::<Vec<_>>()[..4], [1, 2, 3, 4]);
}

#[test]
fn a_session_that_cannot_be_resumed_eight_times_is_given_up() {
    let mut played = Played::saved();
    let mut resumes = 0;
    for _ in 0..8 {
        played.step(Input::Opened);
        played.hello();
        resumes += played.looked().iter().filter(|output| matches!(output, Output::Resume(_))).count();
        played.fails(Input::Closed(Some(4000)));
    }
    assert_eq!((resumes, played.seq()), (8, None));
    assert_eq!(played.looked().last(), Some(&Output::Ask));
}
