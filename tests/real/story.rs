//! The whole story in the browser: an outage is seen, worked on, and told afterwards.

use std::fs;
use std::path::Path;

use lifeboat_tests::browser::{BrowserError, missing};
use lifeboat_tests::load::Steady;
use lifeboat_tests::nginx::{AccessLog, Nginx};
use lifeboat_tests::process::Lifeboat;
use lifeboat_tests::tier::{Tier, require, skip};
use lifeboat_tests::upstream::Upstream;
use serde_json::{Value, json};

use crate::site::{Api, Page, SERVICE, alone, service, until};

const RATE: u32 = 20;
const NOTE: &str = "Upstream 8080 is down: 上游挂了, asking the host";
const LATER: &str = "revived by hand";

/// Everything of the incident's channel that a reader sees: messages and timeline, by their numbers.
const SEEN: &str = "const list = (css, text) => [...document.querySelectorAll(css)].map(
        (node) => [Number(node.dataset.seq), node.querySelector('time').textContent, text(node)]);
    return {
        messages: list('#log .message[data-seq]', (n) => n.querySelector('.text')?.textContent ?? 'card'),
        timeline: list('#time li[data-seq]', (n) => n.querySelector('.what p').textContent),
        cards: [...document.querySelectorAll('#log .card')].map((n) => [n.dataset.incident, n.dataset.tone]),
        channel: document.getElementById('chat-name').textContent,
    };";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_seen_worked_on_and_told_by_the_page_and_the_postmortem() {
    if !require(Tier::Real, "nginx") {
        return;
    }
    if let Some(why) = missing() {
        return skip(&why);
    }
    let _alone = alone().await;
    story().await.unwrap();
}

async fn story() -> Result<(), BrowserError> {
    let mut upstream = Upstream::start().await?;
    let nginx = Nginx::start(upstream.address(), AccessLog::WithUpstream)?;
    let mut lifeboat = Lifeboat::start(&service(&nginx.access_log()))?;
    let page = Page::open(&lifeboat).await?;
    page.shows(".me .who", "Ana").await?;
    let load = Steady::start(nginx.address(), RATE);
    until("quiet traffic", async || (load.count(200) >= 40).then_some(())).await;
    assert_eq!(page.count(".card").await?, 0, "no card before anything failed");

    upstream.kill().await;
    seen(&page).await?;
    worked_on(&page).await?;
    let before = page.0.eval(SEEN).await?;
    forget_views(&lifeboat.data());
    page.reload().await?;
    same(&page, &before, "views deleted while it runs").await?;
    upstream.revive().await?;
    page.say(&format!("/incident note {LATER}")).await?;
    page.told(LATER).await?;
    assert_eq!(page.0.logs().await?, [], "the console of the browser is silent");

    let before = page.0.eval(SEEN).await?;
    lifeboat.stop()?;
    forget_views(&lifeboat.data());
    lifeboat.restart()?;
    page.enter(&lifeboat).await?;
    same(&page, &before, "views deleted before a restart").await?;
    ended(&page).await?;
    in_chinese(&page).await?;
    load.stop().await;
    told(&lifeboat, &Api::new(&lifeboat)).await;
    Ok(())
}

/// The card comes, a channel opens by itself, and the page says what is wrong.
async fn seen(page: &Page) -> Result<(), BrowserError> {
    page.shows("#log .card", "502").await?;
    page.shows("#rail [data-list=open] button", "INC-0001").await?;
    page.0.click("#rail [data-list=open] button").await?;
    page.0.until("document.getElementById('chat-name').textContent.startsWith('#inc-0001-')").await?;
    page.0.until("document.querySelectorAll('#log .card[data-incident=\"INC-0001\"]').length === 1").await?;
    page.shows("#head .line1", SERVICE).await?;
    page.told("502").await
}

/// A note and a takeover are typed, command is taken by the card's button.
async fn worked_on(page: &Page) -> Result<(), BrowserError> {
    page.say(&format!("/incident note {NOTE}")).await?;
    page.told(NOTE).await?;
    page.say("/incident update conditions:every second request actions:looking at 8080").await?;
    page.told("every second request\nActions: looking at 8080").await?;
    page.say("/incident ack").await?;
    page.shows("#log .card .meta", "taken by Ana").await?;
    page.0
        .until(
            "document.querySelector('#log .card button[data-command=\"/incident role commander INC-0001\"]')",
        )
        .await?;
    page.0.click("#log .card button[data-command='/incident role commander INC-0001']").await?;
    page.0
        .until(
            "[...document.querySelectorAll('#head .seats .held')].some(one => one.innerText.includes('Ana'))",
        )
        .await
}

async fn ended(page: &Page) -> Result<(), BrowserError> {
    for (line, status) in [("mitigate", "mitigated"), ("resolve", "resolved"), ("close", "closed")] {
        page.say(&format!("/incident {line}")).await?;
        page.0.until(&format!("document.querySelector('#head .pill[data-status=\"{status}\"]')")).await?;
    }
    page.shows("#rail [data-list=closed] button", "INC-0001").await?;
    let why = "private answers stay on the page until they are closed, and none is a refusal";
    assert_eq!(page.count(".private:not([data-outcome=done]), .waiting").await?, 0, "{why}");
    Ok(())
}

async fn in_chinese(page: &Page) -> Result<(), BrowserError> {
    page.0.click(".rail .pair button[data-value='zh-CN']").await?;
    page.0.until("document.documentElement.lang === 'zh-CN' && /已关闭/.test(document.querySelector('#head').innerText)").await?;
    page.told(NOTE).await?;
    page.shows("#time li", "缓解").await?;
    let raw = page
        .0
        .eval("return document.body.innerText.match(/\\b(ui|event|card|notice|word)-[a-z-]+[a-z]/g)")
        .await?;
    assert_eq!(raw, Value::Null, "every word of the page is in the catalogue");
    Ok(())
}

/// sled's directory disappears under a running Lifeboat, or between two.
fn forget_views(data: &Path) {
    let views = data.join("views");
    assert!(views.is_dir(), "no {}", views.display());
    fs::remove_dir_all(views).unwrap();
}

/// What was seen is seen again, unchanged and once; more may follow.
async fn same(page: &Page, before: &Value, when: &str) -> Result<(), BrowserError> {
    let newest = |list: &str| {
        before[list].as_array().and_then(|all| all.last()).map_or(json!(0), |one| one[0].clone())
    };
    let (message, entry) = (newest("messages"), newest("timeline"));
    page.0.until(&format!("document.querySelector('#log .message[data-seq=\"{message}\"]') && document.querySelector('#time li[data-seq=\"{entry}\"]')")).await?;
    let after = page.0.eval(SEEN).await?;
    for list in ["messages", "timeline"] {
        let (old, new) = (before[list].as_array().unwrap(), after[list].as_array().unwrap());
        assert!(old.len() > 2, "too little to compare: {old:?}");
        assert_eq!(old.as_slice(), &new[..old.len()], "{list}: {when}");
        let newer = new[old.len()..].iter().all(|one| one[0].as_u64() > old[old.len() - 1][0].as_u64());
        assert!(newer, "{list}, {when}: {new:?}");
    }
    assert_eq!((&before["cards"], &before["channel"]), (&after["cards"], &after["channel"]), "{when}");
    Ok(())
}

/// The postmortem, over HTTP and on the command line, as text and as a page, in both languages.
async fn told(lifeboat: &Lifeboat, api: &Api) {
    let at = api.json("/api/incidents/1?lang=en").await["timeline"][0]["at"]["utc"].as_str().unwrap()[11..16]
        .to_owned();
    for (lang, words) in
        [("en", ["502 on blog-web", "Turning points", "mitigated"]), ("zh-CN", ["502", "转折点", "缓解"])]
    {
        for format in ["md", "html"] {
            let (status, text) = api.get(&format!("/export/INC-0001.{format}?lang={lang}")).await.unwrap();
            assert!(status.is_success(), "{status}: {text}");
            let plain = text.replace("\\", "");
            for word in words.into_iter().chain([SERVICE, "INC-0001", LATER, "上游挂了", "Ana", &at]) {
                assert!(plain.contains(word), "{lang} {format} does not say {word:?}:\n{text}");
            }
            let once = plain.matches("asking the host").count();
            assert_eq!(once, 1, "{lang} {format} tells the note {once} times:\n{text}");
            let said = lifeboat.say(&["postmortem", "INC-0001", "--format", format, "--lang", lang]).unwrap();
            let said = String::from_utf8(said.stdout).unwrap();
            assert!(
                said.contains(LATER) && said.contains(words[1]),
                "{lang} {format} on the command line:\n{said}"
            );
        }
    }
}
