//! Discord that does not answer, or not in time.

use super::*;

#[test]
fn an_unanswered_heartbeat_means_a_new_socket_for_the_same_session() {
    let mut played = Played::live();
    played.pass(2 * INTERVAL + 1, false);
    let beats = played.done.iter().filter(|output| matches!(output, Output::Beat(_))).count();
    let rest: Vec<Output> =
        played.looked().into_iter().filter(|output| !matches!(output, Output::Beat(_))).collect();
    assert_eq!(beats, 1);
    assert_eq!(rest[..3], [Output::Close, lost(Loss::NoHeartbeatAck), open(RESUME)]);
    assert!(!rest.contains(&Output::Identify));
}

#[test]
fn an_answer_that_lies_unread_because_we_are_busy_is_not_missed() {
    let mut played = Played::live();
    played.step(Input::Holding(true));
    played.pass(5 * INTERVAL, false);
    let beats = played.looked();
    assert_eq!(beats, vec![Output::Beat(Some(1)); beats.len()]);
    assert_eq!(beats.len(), 5);
    played.step(Input::Holding(false));
    played.pass(3 * INTERVAL, false);
    assert!(played.looked().contains(&lost(Loss::NoHeartbeatAck)), "now it could have been read");
}

#[test]
fn two_thousand_dispatches_in_a_burst_are_all_handed_out_and_no_heartbeat_is_missed() {
    let mut played = Played::live();
    for seq in 2..=2_001 {
        played.step(dispatch(seq, "MESSAGE_CREATE", json!({})));
        played.wait(50);
    }
    let numbers: Vec<u64> = played
        .done
        .iter()
        .filter_map(|output| match output {
            Output::Dispatch { seq, .. } => Some(*seq),
            _ => None,
        })
        .collect();
    assert_eq!(numbers, (2..=2_001).collect::<Vec<_>>());
    let beats = played.done.iter().filter(|output| matches!(output, Output::Beat(_))).count();
    assert!(beats >= 2, "{beats} in a hundred seconds");
}

#[track_caller]
fn times_out(reach: impl Fn(&mut Played), after_ms: u64, why: &Loss) {
    let mut played = Played::fresh();
    played.step(told(1_000));
    reach(&mut played);
    played.done.clear();
    played.wait(after_ms - 1);
    assert_eq!(played.looked().iter().filter(|output| !matches!(output, Output::Beat(_))).count(), 0);
    played.wait(1);
    assert_eq!(played.looked()[..2], [Output::Close, lost(why.clone())]);
}

#[test]
fn a_connection_a_hello_and_a_ready_are_each_waited_for_so_long_and_no_longer() {
    let refused = Loss::NotOpened("no answer within 5000 ms".to_owned());
    times_out(|_| {}, 5_000, &refused);
    times_out(|played| played.step(Input::Opened), 10_000, &Loss::Silent);
    let presented = |played: &mut Played| {
        played.step(Input::Opened);
        played.hello();
    };
    times_out(presented, 30_000, &Loss::Silent);
}

#[test]
fn tries_are_a_second_apart_then_twice_as_long_up_to_a_minute() {
    let mut played = Played::saved();
    let mut waits = Vec::new();
    for _ in 0..12 {
        played.step(Input::NotOpened("connection refused".to_owned()));
        let wait_ms = played.machine.wake_ms().unwrap() - played.now_ms;
        waits.push(wait_ms);
        played.wait(wait_ms);
    }
    for (nth, wait_ms) in waits.into_iter().enumerate() {
        let whole = (1_000_u64 << nth).min(60_000);
        assert!((whole / 2..=whole).contains(&wait_ms), "try {nth}: {wait_ms} ms of {whole}");
    }
    assert_eq!(played.done.iter().filter(|output| matches!(output, Output::Say(_))).count(), 1, "told once");
}

#[test]
fn a_link_that_dies_at_once_each_time_is_not_mended_without_a_pause() {
    let mut played = Played::live();
    played.step(Input::Closed(None));
    let mut begun = Vec::new();
    for _ in 0..20 {
        played.now_ms = played.machine.wake_ms().unwrap();
        played.step(Input::Tick);
        begun.push(played.now_ms);
        played.step(Input::Opened);
        played.hello();
        played.step(dispatch(2, "RESUMED", json!({})));
        played.step(Input::Closed(None));
    }
    let shortest = begun.windows(2).map(|pair| pair[1] - pair[0]).min();
    assert!(shortest >= Some(500), "{begun:?}");
}

#[test]
fn where_to_connect_is_asked_again_when_discord_says_so() {
    let mut played = Played::fresh();
    played.done.clear();
    played.step(Input::NotTold { why: "rate limited".to_owned(), after_ms: Some(64_570) });
    assert_eq!(played.looked(), [lost(Loss::NotTold("rate limited".to_owned()))]);
    played.wait(64_569);
    assert_eq!(played.looked(), []);
    played.wait(1);
    assert_eq!(played.looked(), [Output::Ask]);
}
