use std::ffi::OsString;

use clap::CommandFactory;

use super::*;

fn typed(line: &[&str]) -> Cli {
    read(line).unwrap_or_else(|error| panic!("{error}"))
}

fn read(line: &[&str]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(everywhere::lifted([&["lifeboat"], line].concat().into_iter().map(OsString::from)))
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[track_caller]
fn check_line(line: &[&str], expected: &str) {
    match typed(line).command {
        Command::Incident(words) => assert_eq!(words.line("incident"), expected),
        Command::Alert(words) => assert_eq!(words.line("alert"), expected),
        Command::Node(words) => assert_eq!(words.line("node"), expected),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_words_of_an_incident_are_the_line_that_would_be_typed_in_chat() {
    check_line(&["incident"], "/incident");
    check_line(&["incident", "list"], "/incident list");
    check_line(&["incident", "show", "INC-0042"], "/incident show INC-0042");
    check_line(
        &["incident", "declare", "no images", "--severity", "SEV2"],
        "/incident declare \"no images\" severity:SEV2",
    );
    check_line(&["incident", "note", "--at=-15m", "say \"hi\""], r#"/incident note at:-15m say "hi""#);
    check_line(&["incident", "note", "--at", "-15m", "图片打不开"], "/incident note at:-15m 图片打不开");
    check_line(
        &["alert", "silence", "bad_gateway/blog", "for:30m"],
        "/alert silence bad_gateway/blog for:30m",
    );
}

#[test]
fn what_the_shell_kept_together_stays_one_value() {
    check_line(
        &["incident", "update", "conditions:half 502", "actions:looking at it", "incident:INC-0004"],
        "/incident update conditions:\"half 502\" actions:\"looking at it\" incident:INC-0004",
    );
    check_line(
        &["incident", "resolve", "INC-0004", "reason:cause is gone"],
        "/incident resolve INC-0004 reason:\"cause is gone\"",
    );
    check_line(&["incident", "declare", "two words", "SEV3"], "/incident declare \"two words\" SEV3");
    check_line(&["incident", "note", "error: no route"], "/incident note \"error: no route\"");
    check_line(&["incident", "note", "text:", "no route"], "/incident note text: \"no route\"");
    check_line(&["incident", "restart", "reason:a b"], "/incident restart \"reason:a b\"");
}

#[test]
fn global_options_may_stand_in_front_of_the_words_or_in_front_of_the_noun() {
    let before = typed(&["--lang", "zh-CN", "incident", "list"]);
    assert_eq!(before.lang, Some(Lang::ZhCn));
    let after = typed(&["run", "--config", "a.toml", "--data-dir", "d"]);
    assert_eq!((after.config, after.data_dir), (Some("a.toml".into()), Some("d".into())));
}

#[test]
fn global_options_may_stand_among_the_words_and_are_none_of_them() {
    let line =
        ["incident", "declare", "no images", "--data-dir", "d e", "--severity", "SEV2", "--lang=zh-CN"];
    let cli = typed(&line);
    assert_eq!((cli.data_dir, cli.lang), (Some("d e".into()), Some(Lang::ZhCn)));
    check_line(&line, "/incident declare \"no images\" severity:SEV2");
    check_line(&["incident", "note", "say", "--", "--lang=en"], "/incident note say -- lang:en");
}

#[test]
fn a_quote_left_open_in_the_words_of_a_shell_reaches_the_command_and_is_refused() {
    let line = ["incident", "declare", "\"no images SEV2"];
    check_line(&line, "/incident declare \"no images SEV2");
    let Command::Incident(words) = typed(&line).command else { panic!("no words of an incident") };
    let now = chrono::DateTime::UNIX_EPOCH;
    let refused = lifeboat_commands::parse::parse(&words.line("incident"), now, chrono_tz::UTC).unwrap_err();
    assert_eq!(refused.key(), "unclosed-quote");
}

#[test]
fn a_postmortem_is_asked_for_by_any_spelling_of_its_id() {
    let cli = typed(&["postmortem", "inc-42", "--format", "html", "--lang", "zh-CN", "--out", "a.html"]);
    let expected =
        Postmortem { id: IncidentId(42), format: PostmortemFormat::Html, out: Some("a.html".into()) };
    assert_eq!((cli.command, cli.lang), (Command::Postmortem(expected), Some(Lang::ZhCn)));
}

#[test]
fn what_is_not_understood_ends_with_the_usage_code() {
    for line in [
        &["analyze"][..],
        &["reboot"],
        &["postmortem", "x"],
        &["run", "--lang", "fr"],
        &["incident", "list", "--lang", "fr"],
        &["incident", "list", "--data-dir"],
        &[],
    ] {
        let error = read(line).unwrap_err();
        assert_eq!(error.exit_code(), i32::from(Exit::Usage.code()), "{line:?}");
    }
}

#[test]
fn the_answer_is_in_the_language_asked_for_or_that_of_the_terminal() {
    let rows = [
        (None, [("LC_ALL", ""), ("LANG", "zh_CN.UTF-8")], Some(Lang::ZhCn)),
        (None, [("LC_ALL", "en_GB.UTF-8"), ("LANG", "zh_CN.UTF-8")], Some(Lang::En)),
        (None, [("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")], None),
        (Some(Lang::En), [("LC_ALL", ""), ("LANG", "zh_CN.UTF-8")], Some(Lang::En)),
    ];
    for (asked, terminal, expected) in rows {
        let cli = Cli { lang: asked, ..typed(&["run"]) };
        let variable = |name: &str| {
            let found = terminal.iter().find(|(set, _)| *set == name)?;
            Some(found.1.to_owned())
        };
        assert_eq!(cli.spoken(variable), expected, "{asked:?} {terminal:?}");
    }
}
