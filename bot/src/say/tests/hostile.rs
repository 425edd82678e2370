//! Names from outside that try to hide, reorder or flood.

use super::*;
use crate::say::limits;

/// What a name from outside may try.
const HOSTILE: [&str; 6] = [
    "<b>web</b> @everyone [x](http://x) `y` **z**",
    "web\u{202E}gpj.exe\u{2066}",
    "two\r\nlines\0\u{1b}[31m",
    "博客前端服务",
    "שירות",
    "\u{200B}\u{FEFF}",
];

/// A whole story in which every name is this one.
fn story_of(name: &str) -> Story {
    let mut story = Story::opened(42, name);
    story.person("10:16:05", Some(42), name, Kind::Acknowledged);
    story.person("10:17:00", Some(42), name, said("inc-0042-blog-web", name));
    story.person("10:17:10", Some(42), name, Kind::NoteAdded { text: name.to_owned() });
    story.person("10:17:20", Some(42), name, update(name, name, name));
    story.person("10:17:30", Some(42), name, role(Role::Operations, name));
    story.person("10:18:00", Some(42), name, status(Status::Investigating, Status::Identified, name));
    story.rule("10:19:00", None, Kind::SourceBlind { source: source(name), why: name.to_owned() });
    story
}

fn all_text(story: &Story, say: Say) -> String {
    story.at(say, "10:20:00", |scene| {
        let view = incident::incident(scene, story.incident(42));
        let mut text = format!("{view:?}");
        for event in &story.events {
            _ = write!(text, "{:?}", (entry::entry(scene, event), message::message(scene, event)));
        }
        let name = source("edge");
        let sight = overview::Sight {
            sources: vec![overview::Source { name: &name, reading: overview::Reading::Probe }],
            ..Default::default()
        };
        _ = write!(text, "{:?}", overview::overview(scene, &sight));
        text
    })
}

#[test]
fn no_name_from_outside_hides_or_reorders_anything() {
    for name in HOSTILE {
        for say in BOTH {
            let text = all_text(&story_of(name), say);
            for hidden in
                ["\u{202E}", "\u{2066}", "\u{200B}", "\u{FEFF}", "\\u{202e}", "\\u{1b}", "\\0", "\\r"]
            {
                assert!(!text.contains(hidden), "{name:?} got {hidden:?} through in {}", say.lang());
            }
        }
    }
    let plain = story_of("שירות")
        .at(EN.plain(), "10:20:00", |scene| incident::sentence(scene, story_of("שירות").incident(42)));
    assert!(!plain.contains('\u{2068}'), "{plain}");
}

#[test]
fn ten_thousand_characters_are_cut_and_ten_thousand_alerts_are_a_number() {
    let long = "长".repeat(10_000);
    let story = story_of(&long);
    story.at(ZH, "10:20:00", |scene| {
        let card = card::card(scene, story.incident(42));
        let longest =
            card.rows.iter().map(|row| row.text.chars().count()).chain([card.title.chars().count()]).max();
        assert!(longest <= Some(limits::LINE), "{longest:?}");
    });
    let mut storm = Story::opened(42, "blog-web");
    for number in 0..10_213 {
        let name = format!("bad_gateway/svc-{number}");
        storm.rule("10:16:00", Some(42), Kind::AlertJoined { alert: key(&name) });
    }
    let impact = storm.at(EN, "10:20:00", |scene| card::card(scene, storm.incident(42)).rows[0].text.clone());
    assert_snapshot!(impact, @"223 of 1,240 requests failed in 41 s; before: 0.02 %; 10,213 more alerts · counted to 10:15:41");
}
