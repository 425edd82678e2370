use chrono::DateTime;
use proptest::prelude::*;

use super::text::atoms;
use super::*;
use crate::chat::discord::sheet::{Field, Piece, Told, plain};

/// All characters of a text, as the strictest reader counts them.
fn long(value: &Value) -> usize {
    value.as_str().map_or(0, units)
}

/// Every limit of a body to send, as Discord documents them.
#[track_caller]
fn is_taken(body: &Value) {
    let embeds = body["embeds"].as_array().unwrap();
    assert!(long(&body["content"]) <= 2_000);
    assert!(!body["content"].as_str().unwrap().trim().is_empty() || !embeds.is_empty(), "nothing is shown");
    assert!(embeds.len() <= 1);
    let mut sum = 0;
    for embed in embeds {
        let (title, description, footer) =
            (long(&embed["title"]), long(&embed["description"]), long(&embed["footer"]["text"]));
        assert!(title <= 256 && description <= 4_096 && footer <= 2_048);
        let fields: Vec<&Value> = embed["fields"].as_array().into_iter().flatten().collect();
        assert!(fields.len() <= 25);
        for field in fields {
            let (name, text) = (long(&field["name"]), long(&field["value"]));
            assert!((1..=256).contains(&name) && (1..=1_024).contains(&text));
            sum += name + text;
        }
        sum += title + description + footer;
    }
    assert!(sum <= 6_000, "{sum} characters in embeds");
    let rows = body["components"].as_array().unwrap();
    assert!(rows.len() <= 5);
    let mut ids = std::collections::BTreeSet::new();
    for button in rows.iter().flat_map(|row| row["components"].as_array().unwrap()) {
        assert!((1..=80).contains(&long(&button["label"])));
        let carried = if button["style"] == 5 { &button["url"] } else { &button["custom_id"] };
        assert!((1..=512).contains(&long(carried)) && ids.insert(carried.to_string()));
        assert!(button["style"] == 5 || long(carried) <= 100);
    }
    assert!(rows.iter().all(|row| (1..=5).contains(&row["components"].as_array().unwrap().len())));
    assert_eq!(body["allowed_mentions"]["parse"], json!([]));
    assert_eq!(body["allowed_mentions"]["users"], json!([]));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "\\PC{0,40}",
        2 => "[@<>*_~|`\\[\\]()#:/ \n\\\\a-z&1-9-]{0,60}",
        1 => (".{1,3}", 1_usize..6_000).prop_map(|(part, times)| part.repeat(times)),
        1 => Just("👩\u{200D}🚒".repeat(1_500)),
    ]
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        4 => text().prop_map(Piece::Text),
        2 => text().prop_map(Piece::Strong),
        2 => text().prop_map(Piece::Code),
        1 => (0_i64..4_000_000_000).prop_map(|s| Piece::Moment(DateTime::from_timestamp(s, 0).unwrap(), Told::Ago)),
        1 => (1_u64..u64::MAX).prop_map(Piece::Role),
        1 => (1_u64..u64::MAX).prop_map(Piece::Person),
        1 => (1_u64..u64::MAX).prop_map(Piece::Channel),
    ]
}

fn line() -> impl Strategy<Value = Line> {
    prop::collection::vec(piece(), 0..5)
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        text().prop_map(Act::Command),
        text().prop_map(Act::Link),
        Just(Act::Link("https://example.org/#a".to_owned()))
    ]
}

fn a_button() -> impl Strategy<Value = Button> {
    (text(), act(), 0_u8..3).prop_map(|(label, act, look)| {
        let look = [Look::Primary, Look::Plain, Look::Danger][usize::from(look)];
        Button { label, look, act }
    })
}

fn panel() -> impl Strategy<Value = Panel> {
    let field = (text(), prop::collection::vec(line(), 0..4)).prop_map(|(name, lines)| Field { name, lines });
    (
        text(),
        prop::option::of(text()),
        prop::collection::vec(line(), 0..8),
        prop::collection::vec(field, 0..30),
        text(),
    )
        .prop_map(|(title, url, lines, fields, footer)| Panel {
            title,
            url,
            tone: "sev1",
            lines,
            fields,
            footer,
            at: None,
        })
}

fn sheet() -> impl Strategy<Value = Sheet> {
    let lists = (
        prop::collection::vec(line(), 0..4),
        prop::collection::vec(1_u64..9, 0..200),
        prop::collection::vec(a_button(), 0..40),
    );
    (line(), lists, any::<bool>(), prop::option::of(panel())).prop_map(
        |(line, (more, wakes, buttons), silent, panel)| {
            let calls = Vec::new();
            Sheet { line, more, wakes, calls, silent, panel, buttons }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_sheet_holds_discord_takes_it(sheet in sheet()) {
        let rendered = render(&sheet);
        is_taken(&rendered.create("nonce"));
        is_taken(&rendered.words_only().create("nonce"));
        let edit = rendered.edit();
        prop_assert_eq!(&edit["allowed_mentions"], &json!({ "parse": [], "users": [], "roles": [] }));
    }

    #[test]
    fn untrusted_text_never_mentions_links_or_opens_markup(text in text()) {
        let safe = escaped(&text);
        for alive in ["@everyone", "@here", "<@", "<#", "<t:", "](", "://"] {
            let at = safe.find(alive).filter(|at| *at == 0 || !safe[..*at].ends_with('\\'));
            prop_assert_eq!(at, None, "{} in {}", alive, safe);
        }
        // What is read stays the same.
        let read: String = safe.replace('\u{200B}', "");
        let mut plain = String::new();
        let mut rest = read.chars();
        while let Some(c) = rest.next() {
            plain.extend(if c == '\\' { rest.next() } else { Some(c) });
        }
        prop_assert_eq!(plain, text.replace('\u{200B}', ""));
    }

    #[test]
    fn a_cut_keeps_both_ends_and_leaves_nothing_open(text in text(), most in 2_usize..300) {
        let marked = format!("**{}** `x` {}", escaped(&text), escaped(&text));
        let cut = fit(&marked, most);
        prop_assert!(units(&cut) <= most);
        if units(&marked) > most {
            let atoms = atoms(&cut);
            prop_assert_eq!(atoms.iter().filter(|atom| **atom == "**").count() % 2, 0);
            prop_assert!(!cut.ends_with('\\') || cut.ends_with("\\\\"), "{}", cut);
        }
    }
}

#[test]
fn a_long_text_is_cut_in_the_middle_by_characters() {
    assert_eq!(fit("blog-web", 8), "blog-web");
    assert_eq!(fit("config: a very long reason, exit 78", 15), "config:…exit 78");
    assert_eq!(fit("前端服务出现大量错误，原因在末尾", 9), "前端服务…因在末尾");
}

#[test]
fn a_role_is_woken_only_on_purpose_and_only_when_it_can_be_seen() {
    let role = Piece::Role(30);
    let seen = Sheet { line: vec![role.clone()], wakes: vec![30], ..Sheet::default() };
    assert_eq!(render(&seen).create("n")["allowed_mentions"]["roles"], json!(["30"]));
    assert_eq!(
        render(&seen).edit()["allowed_mentions"],
        json!({ "parse": [], "roles": ["30"], "users": [] })
    );
    let unasked = Sheet { line: vec![role], ..Sheet::default() };
    assert_eq!(render(&unasked).create("n")["allowed_mentions"]["roles"], json!([]));
    let typed = Sheet { line: plain("<@&30> @everyone"), wakes: vec![30], ..Sheet::default() };
    assert_eq!(render(&typed).create("n")["allowed_mentions"]["roles"], json!([]));
}

#[test]
fn a_nonce_is_enforced_and_a_silent_message_makes_no_sound() {
    let sheet = Sheet { line: plain("a"), silent: true, ..Sheet::default() };
    let body = render(&sheet).create("abc");
    assert_eq!(
        (&body["nonce"], &body["enforce_nonce"], &body["flags"]),
        (&json!("abc"), &json!(true), &json!(4_096))
    );
}

#[test]
fn a_button_that_carries_too_much_or_twice_the_same_is_left_out() {
    let one = |label: &str, line: &str| Button {
        label: label.to_owned(),
        look: Look::Plain,
        act: Act::Command(line.to_owned()),
    };
    let long = format!("/alert silence alert:{} for:30m reason: ", "x".repeat(90));
    let buttons = vec![
        one("Take it", "/incident ack INC-0042"),
        one("again", "/incident ack INC-0042"),
        one("too long", &long),
        one(" ", "/plan show"),
    ];
    let body = render(&Sheet { line: plain("a"), buttons, ..Sheet::default() }).create("n");
    let shown: Vec<&Value> =
        body["components"][0]["components"].as_array().unwrap().iter().map(|one| &one["custom_id"]).collect();
    assert_eq!(shown, ["v1:incident ack INC-0042"]);
}

#[test]
fn only_the_moment_has_changed_is_no_change() {
    let at = |s| Panel { title: "a".to_owned(), at: DateTime::from_timestamp(s, 0), ..Panel::default() };
    let sheet = |s| render(&Sheet { line: plain("a"), panel: Some(at(s)), ..Sheet::default() });
    assert_eq!(sheet(1).seen(), sheet(2).seen());
    assert_ne!(sheet(1).edit(), sheet(2).edit());
}

#[test]
fn a_link_of_our_own_can_be_followed_and_one_from_outside_cannot() {
    let own = "http://127.0.0.1:7171/login?token=a_b";
    let outside = "http://example.org/a";
    let sheet = Sheet {
        line: plain("DRILL-1 began"),
        more: vec![plain(format!("Open: {own} now")), plain(outside)],
        ..Sheet::default()
    };
    let content = render(&sheet.with_link(own)).answer()["content"].clone();
    let content = content.as_str().unwrap();
    assert!(content.contains(&format!("Open: <{own}> now")), "{content}");
    assert!(!content.contains(outside), "{content}");
}
