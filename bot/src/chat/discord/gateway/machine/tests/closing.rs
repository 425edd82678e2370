//! Links that are closed by the other side, with each code there is.

use super::*;

fn after_close(code: Option<u16>) -> (Vec<Output>, Option<u64>) {
    let mut played = Played::live();
    played.step(Input::Closed(code));
    played.wait(4_000);
    (played.looked(), played.seq())
}

#[test]
fn most_closes_are_resumed() {
    let codes = [1000, 1001, 1006, 1011, 4000, 4001, 4002, 4005, 4008, 4999].map(Some);
    for code in codes.into_iter().chain([None]) {
        assert_eq!(after_close(code), (vec![lost(Loss::Closed(code)), open(RESUME)], Some(1)), "{code:?}");
    }
}

#[test]
fn some_closes_end_the_session() {
    for code in [4003, 4007, 4009].map(Some) {
        assert_eq!(after_close(code), (vec![lost(Loss::Closed(code)), Output::Ask], None), "{code:?}");
    }
}

#[test]
fn some_closes_end_the_link_until_a_person_mends_it() {
    for code in [4004, 4010, 4011, 4012, 4013, 4014] {
        let fatal = if code == 4004 { Fatal::Token } else { Fatal::Closed(code) };
        let expected = vec![Output::Say(Condition::Fatal(fatal)), Output::Close, Output::End];
        assert_eq!(after_close(Some(code)), (expected, Some(1)), "{code}");
    }
}

#[test]
fn a_token_that_rest_does_not_take_ends_it_too() {
    let mut played = Played::fresh();
    played.done.clear();
    played.step(Input::TokenRevoked);
    let fatal = Output::Say(Condition::Fatal(Fatal::Token));
    assert_eq!(played.looked(), [fatal, Output::Close, Output::End]);
}
