use lifeboat_storage::event::AlertKind;
use lifeboat_storage::id::PlanId;
use lifeboat_storage::plan::run::Standing;

use super::*;

#[track_caller]
fn check(line: &str, when: When, person: &str, typed: &str) {
    let script: Script = line.parse().unwrap_or_else(|error| panic!("{line}: {error}"));
    let expected = Line { number: 1, when, person: person.to_owned(), typed: typed.to_owned() };
    assert_eq!(script.lines, [expected], "{line}");
}

#[track_caller]
fn sees(words: &str, sight: Sight) {
    check(&format!("when {words} lin: /incident list"), When::Sees(sight), "lin", "/incident list");
}

fn at(hour: u32, minute: u32, second: u32) -> When {
    When::At(NaiveTime::from_hms_opt(hour, minute, second).unwrap())
}

fn text(text: &str) -> Sight {
    Sight::Text(text.to_owned())
}

fn plan(standing: Standing) -> Sight {
    Sight::Plan { plan: None, standing }
}

#[test]
fn a_line_waits_for_a_time() {
    check("10:17 lin: /incident ack", at(10, 17, 0), "lin", "/incident ack");
    check("9:05:30 lin: on my way", at(9, 5, 30), "lin", "on my way");
    check("09:05\t@林： 我来看：稍等", at(9, 5, 0), "林", "我来看：稍等");
}

#[test]
fn every_kind_of_alert_is_seen_by_its_key_however_it_is_written() {
    for kind in sight::kinds() {
        let sight = Sight::Alert(sight::kinds().iter().position(|one| *one == kind).map(nth).unwrap());
        for words in
            [kind.to_owned(), kind.replace('_', "-"), format!("alert {kind}"), format!("{kind}/blog")]
        {
            sees(&words, sight.clone());
        }
    }
    sees("BadGateway", Sight::Alert(AlertKind::BadGateway));
    sees("the alert bad gateway fires", Sight::Alert(AlertKind::BadGateway));
    sees("alert: failed_start:", Sight::Alert(AlertKind::FailedStart));
    sees("bad_gateway recovered", Sight::Recovered(AlertKind::BadGateway));
}

fn nth(at: usize) -> AlertKind {
    use AlertKind::{
        Absent, BadGateway, CapacityShort, FailedStart, GatewayTimeout, ProbeDown, ServerError, Unavailable,
    };
    [BadGateway, ServerError, Unavailable, GatewayTimeout, Absent, ProbeDown, FailedStart, CapacityShort][at]
}

#[test]
fn every_state_of_a_plan_is_seen_by_its_word_and_by_what_else_people_call_it() {
    use Standing::{Cancelled, Expired, Failed, Paused, Proposed, Proven, Rejected, Running};
    let rows = [
        ("proposed", Proposed),
        ("running", Running),
        ("approved", Running),
        ("paused", Paused),
        ("proven", Proven),
        ("done", Proven),
        ("failed", Failed),
        ("not proven", Failed),
        ("rejected", Rejected),
        ("expired", Expired),
        ("cancelled", Cancelled),
        ("canceled", Cancelled),
    ];
    for (word, standing) in rows {
        sees(word, plan(standing));
        sees(&format!("plan {word}"), plan(standing));
        sees(&format!("the plan is {word}"), plan(standing));
        let third = Sight::Plan { plan: Some(PlanId(3)), standing };
        sees(&format!("P-3 {word}"), third.clone());
        sees(&format!("plan 3 {word}"), third);
    }
    let either = Sight::Any(vec![plan(Proven), plan(Failed)]);
    sees("proven or failed", either.clone());
    sees("proven|failed", either);
    assert!(matches!(sight::of("plan over"), Ok(Sight::Any(ends)) if ends.len() == 5));
}

#[test]
fn anything_else_is_text_on_a_card() {
    sees("5 of 9 serving", text("5 of 9 serving"));
    sees("\"sold out: 4\"", text("sold out: 4"));
    sees("\"failed\"", text("failed"));
    sees("“failed”,", text("failed"));
    sees("就绪: 5/9", text("就绪: 5/9"));
    sees("ready or not", text("ready or not"));
    let either = Sight::Any(vec![text("2 of 9"), text("1 of 9"), plan(Standing::Failed)]);
    sees("\"2 of 9\" | \"1 of 9\" | failed", either.clone());
    sees("2 of 9 | \"1 of 9\" | failed", either);
    check("when 5 of 9 lin: back: at last", When::Sees(text("5 of 9")), "lin", "back: at last");
}

#[test]
fn a_remark_behind_a_command_is_not_typed_but_belongs_to_free_text() {
    let typed = |line: &str| line.parse::<Script>().unwrap().lines[0].typed.clone();
    let reboot = "/node reboot failing mode:rolling";
    assert_eq!(typed(&format!("10:00 lin: {reboot}   # worker-4 first")), reboot);
    assert_eq!(typed("10:00 lin: /plan approve # mei saw it"), "/plan approve");
    for whole in [
        "/incident note see # 12",
        "/cluster freeze k8s-main reason:see # 12",
        "/node reboot all mode:rolling override:see # 12",
        "no slash # no command",
    ] {
        assert_eq!(typed(&format!("10:00 lin: {whole}")), whole);
    }
}

#[test]
fn comments_and_empty_lines_are_passed_over_and_people_are_told() {
    let script: Script =
        "\u{feff}# the morning\r\n\r\n10:00 mei: hello\r\n10:01 lin: /incident list\r\n10:02 mei: /x"
            .parse()
            .unwrap();
    assert_eq!(script.people(), ["lin", "mei"]);
    assert_eq!((script.lines[0].number, script.lines[1].typed.as_str()), (3, "/incident list"));
}

#[test]
fn a_line_that_cannot_be_read_is_named_with_what_was_expected() {
    for (text, number, why) in [
        ("lin: /incident ack", 1, Unreadable::NoTime),
        ("10:00 /incident ack", 1, Unreadable::NoPerson),
        ("10:00 li lei: /incident ack", 1, Unreadable::NoPerson),
        ("# x\n25:00 lin: /incident ack", 2, Unreadable::NoTime),
        ("10:00 lin:", 1, Unreadable::NothingTyped),
        ("when lin: /incident ack", 1, Unreadable::NoSight),
        ("when \"open lin: /incident ack", 1, Unreadable::NoSight),
        ("when alert bad_gatewy lin: /x", 1, Unreadable::NoSuchAlert("bad_gatewy".to_owned())),
        ("when plan provn lin: /x", 1, Unreadable::NoSuchState("provn".to_owned())),
        ("when plan 1 provn lin: /x", 1, Unreadable::NoSuchState("provn".to_owned())),
        ("when plan P-x proven lin: /x", 1, Unreadable::NoSuchPlan("p-x".to_owned())),
        ("when bad_gatway lin: /x", 1, Unreadable::NoSuchAlert("bad_gatway".to_owned())),
        ("when bad_gatway recovered lin: /x", 1, Unreadable::NoSuchAlert("bad_gatway".to_owned())),
        ("now", 1, Unreadable::NoTime),
    ] {
        let NotAScript(lines) = text.parse::<Script>().unwrap_err();
        let found: Vec<(usize, &Unreadable)> = lines.iter().map(|line| (line.number, &line.why)).collect();
        assert_eq!(found, [(number, &why)], "{text}");
    }
    let NotAScript(lines) = "now\n10:00 lin: /x\n10:00 lin:".parse::<Script>().unwrap_err();
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 3], "all of them are told");
    let error = "# x\nwhen plan provn lin: /x".parse::<Script>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "read line 2 of the script, \"when plan provn lin: /x\": a plan is never \"provn\"; expected one of \
         proposed, running, paused, proven, failed, rejected, expired, cancelled"
    );
}
