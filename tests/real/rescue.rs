//! A drill rescued at the page by somebody who only clicks what it suggests: with a mouse, the Enter key and a second person.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use lifeboat_tests::browser::{Browser, BrowserError, Window, missing};
use lifeboat_tests::process::Lifeboat;
use lifeboat_tests::tier::{Tier, require, skip};
use serde_json::Value;
use tokio::time::{Instant, interval};

use crate::drill::Drill;
use crate::site::{Page, alone};

/// How long a rescue may take here, drills being faster than life.
const PATIENCE: Duration = Duration::from_secs(150);
/// Where pictures go, for people to look at; none are made where it is not set.
const PICTURES: &str = "LIFEBOAT_PICTURES";

/// What a reader sees that asks for a click: an open plan before a suggestion.
const LOOK: &str = r"
    const plan = document.querySelector('#facts .plan[data-standing=proposed], #facts .plan[data-standing=running], #facts .plan[data-standing=paused]');
    const lines = [...document.querySelectorAll('.next ol button')].map((one) => one.dataset.line);
    if (!plan) return { lines };
    const free = (css) => { const one = plan.querySelector(css); return Boolean(one) && one.getAttribute('aria-disabled') !== 'true' && one.offsetParent !== null; };
    return { lines, plan: plan.dataset.plan, standing: plan.dataset.standing, asked: free('.ask [data-yes]'),
      press: free('.actions button.primary'), why: plan.querySelector('.why').innerText, other: free('.why button') };
";

/// Somebody at the page.
struct Newcomer {
    page: Page,
    tried: BTreeSet<String>,
    /// What was clicked, in order.
    clicked: Vec<String>,
}

impl Newcomer {
    async fn at(link: &str, window: Window) -> Result<Self, BrowserError> {
        let page = Page(Browser::open(window).await?);
        page.0.goto(link).await?;
        page.0.until("!document.querySelector('#line').readOnly").await?;
        Ok(Self { page, tried: BTreeSet::new(), clicked: Vec::new() })
    }

    async fn reads_chinese(&self) -> Result<(), BrowserError> {
        let button = "[...document.querySelectorAll('button')].find((one) => one.textContent === '中文')";
        self.page.0.eval(&format!("{button}.click()")).await?;
        self.page.0.until("document.documentElement.lang === 'zh-CN'").await
    }

    /// Clicks what is asked for until the page offers the postmortem.
    async fn rescues(&mut self) -> Result<(), BrowserError> {
        let end = Instant::now() + PATIENCE;
        let mut pace = interval(Duration::from_millis(400));
        while !self.acts().await? {
            assert!(Instant::now() < end, "not rescued by {:?}", self.clicked);
            pace.tick().await;
        }
        Ok(())
    }

    /// One click; whether it was the last.
    async fn acts(&mut self) -> Result<bool, BrowserError> {
        // Where the page is narrow, what asks for a click stands behind a tab.
        self.page.0.eval("document.querySelector('#tabs [data-view=now]').click()").await?;
        let seen = self.page.0.eval(LOOK).await?;
        match seen["standing"].as_str() {
            Some("proposed") => self.consents(&seen).await?,
            Some(_) => {}
            None => return self.follows(&seen).await,
        }
        Ok(false)
    }

    async fn consents(&mut self, seen: &Value) -> Result<(), BrowserError> {
        let plan = seen["plan"].as_str().unwrap_or_default().to_owned();
        let css = match (&seen["asked"], &seen["press"], &seen["other"]) {
            (Value::Bool(true), ..) => ".ask [data-yes]",
            (_, Value::Bool(true), _) => ".actions button.primary",
            (.., Value::Bool(true)) => {
                picture(&self.page, "refused").await?;
                self.clicked.push(format!("speak as another: {}", seen["why"].as_str().unwrap_or_default()));
                ".why button"
            }
            _ => return Ok(()),
        };
        if css.starts_with(".act") {
            picture(&self.page, &format!("plan-{plan}")).await?;
            self.clicked.push(format!("approve {plan}"));
        }
        self.click(&format!("#facts .plan[data-plan='{plan}'] {css}")).await
    }

    async fn follows(&mut self, seen: &Value) -> Result<bool, BrowserError> {
        let lines = seen["lines"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let Some(line) = lines.map(str::to_owned).find(|line| !self.tried.contains(line)) else {
            return Ok(false);
        };
        if line.starts_with("/incident postmortem") {
            return Ok(true);
        }
        picture(&self.page, &format!("suggested-{}", self.clicked.len())).await?;
        self.clicked.push(line.clone());
        self.click(&format!(".next ol button[data-line='{line}']")).await?;
        self.page.0.until(&format!("document.querySelector('#line').value.trim() === '{line}'")).await?;
        self.page.0.type_keys("#line", "\u{e007}").await?;
        self.page.0.until("document.querySelector('#line').value === ''").await?;
        self.tried.insert(line);
        Ok(false)
    }

    /// What is drawn anew under the pointer is clicked at the next look.
    async fn click(&self, css: &str) -> Result<(), BrowserError> {
        let script = format!(
            "const one = document.querySelector({}); one?.scrollIntoView({{ block: 'center' }}); one?.click()",
            serde_json::json!(css)
        );
        self.page.0.eval(&script).await.map(drop)
    }
}

/// The chart and the timeline name each turning point by one letter, in order of time.
async fn check_letters(page: &Page) {
    let letters = |css: &str| {
        format!("return [...document.querySelectorAll('{css}')].map((one) => one.textContent).join('')")
    };
    let shown = page.0.eval(&letters("#time .what .letter")).await.unwrap();
    let shown = shown.as_str().unwrap_or_default();
    assert!(shown.len() > 3 && "ABCDEFGHIJ".starts_with(shown), "{shown}");
}

async fn picture(page: &Page, name: &str) -> Result<(), BrowserError> {
    if let Ok(folder) = std::env::var(PICTURES) {
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), page.0.screenshot().await?)?;
    }
    Ok(())
}

fn browser_is_missing() -> bool {
    if !require(Tier::Real, "") {
        return true;
    }
    missing().map(|why| skip(&why)).is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_page_suggests_prevents_the_sold_out_morning() {
    if browser_is_missing() {
        return;
    }
    let _alone = alone().await;
    let folder = Lifeboat::prepare("").unwrap();
    let drill = Drill::start(&folder, Stdio::null(), &["--speed", "60"]);
    let mut newcomer = Newcomer::at(&drill.link, Window::default()).await.unwrap();
    newcomer.page.shows("#log .card[data-incident='INC-0002']", "0 of 4").await.unwrap();
    newcomer.rescues().await.unwrap();
    picture(&newcomer.page, "rescued").await.unwrap();
    check_letters(&newcomer.page).await;
    let moved = "document.documentElement.scrollTop = document.body.scrollTop = 100; return document.documentElement.scrollTop + document.body.scrollTop";
    assert_eq!(newcomer.page.0.eval(moved).await.unwrap(), 0, "only parts of the page scroll");
    let clicked = newcomer.clicked.join("\n");
    for line in
        ["/incident ack INC-0002", "/node add count:4 pool:workers", "approve P-1", "/incident resolve"]
    {
        assert!(clicked.contains(line), "{line} is not in\n{clicked}");
    }
    assert_eq!(newcomer.page.0.logs().await.unwrap(), [], "the console of the browser is silent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_swap_needs_the_other_person_whom_the_page_names() {
    if browser_is_missing() {
        return;
    }
    let _alone = alone().await;
    let folder = Lifeboat::prepare("").unwrap();
    let drill =
        Drill::start(&folder, Stdio::null(), &["jammed-balancer", "--speed", "60", "--lang", "zh-CN"]);
    let phone = Window { width: 390, height: 844, dark: true };
    let mut newcomer = Newcomer::at(&drill.link, phone).await.unwrap();
    newcomer.reads_chinese().await.unwrap();
    newcomer.rescues().await.unwrap();
    picture(&newcomer.page, "swapped").await.unwrap();
    newcomer.page.shows("#head", "已解决").await.unwrap();
    let clicked = newcomer.clicked.join("\n");
    for line in ["/cluster swap to:site-b", "speak as another", "approve P-1"] {
        assert!(clicked.contains(line), "{line} is not in\n{clicked}");
    }
}
