use lifeboat_storage::id::World;

use super::super::tests::story::{at, whole};
use super::super::{Format, Source, render};
use super::*;
use crate::say::Lang;

fn page(lang: Lang) -> String {
    let story = whole(World::Real);
    let (postmortem, state) = (story.postmortem(), story.state());
    let now = at("11:52:00");
    let source = Source { postmortem: &postmortem, state: &state, zone: chrono_tz::Asia::Shanghai, now };
    render(&source, Format::Html, lang)
}

/// Every tag as written, comments and text left out.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).filter_map(|rest| rest.split('>').next()).collect()
}

#[test]
fn the_file_holds_no_script_and_loads_nothing() {
    for lang in Lang::ALL {
        let page = page(lang);
        for tag in tags(&page) {
            let name = tag.split([' ', '/']).next().unwrap().to_lowercase();
            let known = [
                "!DOCTYPE",
                "html",
                "head",
                "meta",
                "title",
                "style",
                "body",
                "main",
                "header",
                "nav",
                "section",
                "div",
                "p",
                "span",
                "b",
                "h1",
                "h2",
                "h3",
                "ul",
                "ol",
                "li",
                "a",
                "dl",
                "dt",
                "dd",
                "br",
                "code",
                "figure",
                "figcaption",
                "table",
                "thead",
                "tbody",
                "tr",
                "th",
                "td",
                "svg",
                "defs",
                "pattern",
                "line",
                "rect",
                "text",
                "polygon",
                "polyline",
                "",
            ];
            assert!(known.iter().any(|known| known.eq_ignore_ascii_case(&name)), "<{tag}>");
            for attribute in [" src=", " style=", " on", " srcset=", " action="] {
                let written = tag.split('"').step_by(2).any(|outside| outside.contains(attribute));
                assert!(!written, "{attribute} in <{tag}>");
            }
            if let Some(href) = tag.split("href=\"").nth(1) {
                assert!(href.starts_with('#'), "<{tag}>");
            }
        }
        assert!(!page.contains("url(http") && !page.contains("@import"));
    }
}

#[test]
fn links_lead_to_what_is_there() {
    let page = page(Lang::En);
    for href in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(page.contains(&format!("id=\"{href}\"")), "#{href} leads nowhere");
    }
}

#[test]
fn the_policy_allows_exactly_the_style_in_the_file() {
    let page = page(Lang::ZhCn);
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    assert_eq!(page.matches("<style").count(), 1);
    assert!(page.contains(&format!("'sha256-{}'", base64(&Sha256::digest(style)))));
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn base64_is_that_of_the_rfc() {
    let rows = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("foobar", "Zm9vYmFy"),
    ];
    for (bytes, text) in rows {
        assert_eq!(base64(bytes.as_bytes()), text);
    }
}

#[test]
fn the_language_of_each_passage_is_named() {
    let page = page(Lang::En);
    assert!(page.contains("<html lang=\"en\">"));
    assert!(page.contains("<div class=\"passage\" lang=\"zh-CN\">"));
}
