//! The console page in a real Chromium, against a server that knows nothing but the contract of `console/view.rs`.
//!
//! Part of the tier `real`: without `LIFEBOAT_TIER=real`, or without a browser, it says so and does nothing.

use std::collections::BTreeMap;
use std::path::Path;

use lifeboat::console::view::{
    Channel, Chart, Flag, FleetView, Me, Message, Messages, Moment, SourceState, Start, State,
};
use lifeboat_tests::browser::{Browser, BrowserError, Window, missing};
use lifeboat_tests::tier::{Tier, require, skip};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// Types so many lines; tells whether the box is low enough, on the screen, and its completion in line with it.
const TYPE: &str = "const line = document.querySelector('#line');
    line.value = Array(LINES).fill('one of many lines').join('\\n');
    line.dispatchEvent(new Event('input'));
    const box = (css) => document.querySelector(css).getBoundingClientRect();
    return [box('.field').height < 170, box('.field').bottom < innerHeight, box('.mirror').top === box('#line').top];";
/// Letters at these pixels of a chart from 34 to 390: what they are drawn as, and whether one covers another.
const LETTERS: &str = "return import('/scale.js').then(({ letters }) => {
    const marks = PLACES.map((at, n) => ({ letter: String.fromCharCode(65 + n), at: new Date(at).toISOString() }));
    const drawn = letters(marks, (at) => at, 34, 390);
    const covers = drawn.some((one, n) => n > 0 && one.place - one.wide / 2 < drawn[n - 1].place + drawn[n - 1].wide / 2);
    const outside = drawn.some((one) => one.place - one.wide / 2 < 27 || one.place + one.wide / 2 > 397);
    return [drawn.map((one) => one.text).join(' '), covers || outside];
});";
/// What the chart calls "now".
const NEWEST: &str = "return import('/scale.js').then(({ newest }) => newest({ counts: COUNTS }))";
/// Seconds of the steps in which so many steps of ten seconds are drawn, and the highest share among them in percent.
const STEPS: &str = "return import('/scale.js').then(({ normal, share }) => {
    const { step, counts } = normal({ from: '2026-01-04T10:15:00Z', step_s: 10, counts: COUNTS }, 0);
    return [step / 1000, Math.max(0, ...counts.map((pair) => share(pair) * 100))];
});";
/// A button's line that wants a value: whether all of it is seen, with the caret at its end.
const FILL: &str = "return import('/prompt.js').then(({ fillLine }) => {
    fillLine('/incident update incident:INC-0001 conditions: ');
    const line = document.querySelector('#line');
    const found = [line.clientHeight + 2 >= line.scrollHeight, line.selectionStart === line.value.length];
    line.value = '';
    line.dispatchEvent(new Event('input'));
    return found;
});";
/// An incident of no service comes and goes; the charts meanwhile and after.
const OF_NO_SERVICE: &str = "return import('/store.js').then(({ emit, store }) => {
    const charts = () => document.querySelectorAll('.charts .chart').length;
    const flag = { shape: 'triangle', word: 'SEV2', tone: 'sev2' };
    const incident = { id: 'INC-0001', number: 1, flag, open: true, service: '', since: { utc: '2026-01-04T02:15:41.000Z', text: '' },
        title: '', sentence: '', status: '', status_text: '', channel: '', seats: [], clocks: [], tasks: [], suggested: [], card: { incident: 'INC-0001' } };
    store.incidents.set(1, incident);
    emit('incident', incident);
    const meanwhile = charts();
    store.incidents.delete(1);
    emit('incident', incident);
    return [meanwhile, charts()];
});";
const HOSTILE: &str = "<img src=x onerror=\"document.title='taken'\"> \u{202e}gnp.exe";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_draws_itself_in_chromium_without_breaking_its_content_policy() {
    if !require(Tier::Real, "") {
        return;
    }
    if let Some(why) = missing() {
        return skip(&why);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::select! {
        () = serve(listener) => unreachable!("the server goes on until the page has been looked at"),
        looked = look_at(&origin) => looked.unwrap(),
    }
}

#[test]
fn every_word_the_page_asks_for_is_in_both_catalogues_and_no_other() {
    let mut asked: Vec<String> = assets().iter().flat_map(|text| keys_in(text)).collect();
    asked.extend(
        ["done", "shown", "refused", "failed", "unknown"].map(|outcome| format!("ui-outcome-{outcome}")),
    );
    asked.sort();
    asked.dedup();
    for lang in ["en", "zh-CN"] {
        let known: Vec<String> = words(lang).into_keys().filter(|key| key.starts_with("ui-")).collect();
        assert_eq!(known, asked, "{lang}");
    }
}

#[test]
fn both_catalogues_fill_in_the_same_values() {
    let (en, zh) = (words("en"), words("zh-CN"));
    for (key, text) in &en {
        assert_eq!(placeholders(text), placeholders(&zh[key]), "{key}");
    }
}

fn placeholders(text: &str) -> std::collections::BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

fn assets() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bot/src/console/page");
    let files = std::fs::read_dir(folder).expect("the page stands in the repository");
    let paths = files.filter_map(|file| Some(file.ok()?.path()));
    let wanted = paths.filter(|path| path.extension().is_some_and(|ext| ext == "js" || ext == "html"));
    wanted.map(|path| std::fs::read_to_string(path).expect("a file of ours is text")).collect()
}

/// Quoted keys; one that is put together from pieces ends in a dash and is left out.
fn keys_in(text: &str) -> Vec<String> {
    let quoted = text.split(['"', '`']).map(|piece| piece.split('$').next().unwrap_or_default());
    quoted.filter(|piece| piece.starts_with("ui-") && !piece.ends_with('-')).map(str::to_owned).collect()
}

async fn look_at(origin: &str) -> Result<(), BrowserError> {
    let browser = Browser::open(Window::default()).await?;
    browser.goto(origin).await?;
    browser.until("document.querySelectorAll('.message[data-seq]').length === 2").await?;
    assert_eq!(browser.text("h1").await?, "Nothing is wrong.");
    assert_eq!(browser.text("[data-seq='1'] .text").await?, "The record begins.");
    let said = browser.eval("return document.querySelector('[data-seq=\"2\"] .text').textContent").await?;
    assert_eq!(said, Value::from(HOSTILE), "text from outside is text");
    assert_eq!(browser.eval("return document.title").await?, Value::from("✓ QUIET Lifeboat"));
    let chart = "document.querySelector('.chart h2')?.textContent";
    browser.until(&format!("{chart} === 'Failed requests of blog-web, %, since 10:10'")).await?;
    assert_eq!(browser.eval("return document.querySelectorAll('.log img').length").await?, Value::from(0));
    assert_eq!(
        browser.eval("return document.documentElement.scrollWidth - innerWidth").await?,
        Value::from(0)
    );
    browser.click(".rail .pair button[data-value='zh-CN']").await?;
    browser.until("document.documentElement.lang === 'zh-CN'").await?;
    browser.until("document.querySelector('.lower h2').textContent === 'Lifeboat 看到什么'").await?;
    let spoken = browser.eval("return document.querySelector('#polite').textContent").await?;
    assert_eq!(
        spoken,
        Value::from("QUIET. 一切正常。"),
        "it is said again in the reader's language, at once"
    );
    let raw = browser.eval("return document.body.innerText.match(/\\bui-[a-z-]+/g)").await?;
    assert_eq!(raw, Value::Null, "every word of the page is in the catalogue");
    each_letter_can_be_read(&browser).await?;
    what_the_chart_calls_now_is_the_newest(&browser).await?;
    a_short_outage_is_not_evened_out(&browser).await?;
    long_text_scrolls_inside(&browser).await?;
    assert_eq!(browser.eval(OF_NO_SERVICE).await?, serde_json::json!([0, 1]), "no chart without a service");
    an_answer_stands_where_it_was_given(&browser).await?;
    assert!(browser.screenshot().await?.starts_with(b"\x89PNG"));
    assert_eq!(browser.logs().await?, [], "the console of the browser is silent");
    Ok(())
}

/// The whole minute would tell of a spike's first seconds what was before it.
async fn what_the_chart_calls_now_is_the_newest(browser: &Browser) -> Result<(), BrowserError> {
    for (counts, newest) in [
        ("[[0, 200], [0, 200], [20, 20]]", [20, 20]),
        ("[[0, 200], [4, 8], [1, 1]]", [5, 9 + 200]),
        ("[[1, 1], [1, 1], [0, 1], [0, 1], [0, 1], [0, 1], [0, 1]]", [1, 6]),
        ("[[3, 12], null]", [3, 12]),
        ("[]", [0, 0]),
    ] {
        let found = browser.eval(&NEWEST.replace("COUNTS", counts)).await?;
        assert_eq!(found, serde_json::json!(newest), "{counts}");
    }
    Ok(())
}

/// Thirty seconds of nothing but failures are half of a minute; a handful of requests a step is no share to be drawn.
async fn a_short_outage_is_not_evened_out(browser: &Browser) -> Result<(), BrowserError> {
    let (well, down, few) = ("[0, 200]", "[200, 200]", "[1, 2]");
    for (name, counts, drawn) in [
        ("a short outage", [well, well, well, down, down, down].join(","), [10, 100]),
        ("more than twenty minutes", [vec![well; 120], vec![down, well]].concat().join(","), [60, 50]),
        ("few requests", [few; 6].join(","), [60, 50]),
        ("seldom asked", [well, "null", "null", down, "null", "null"].join(","), [60, 50]),
        ("nothing yet", String::new(), [10, 0]),
    ] {
        let found = browser.eval(&STEPS.replace("COUNTS", &format!("[{counts}]"))).await?;
        assert_eq!(found, serde_json::json!(drawn), "{name}");
    }
    Ok(())
}

async fn each_letter_can_be_read(browser: &Browser) -> Result<(), BrowserError> {
    for (places, drawn) in [
        ("[100, 200]", "A B"),
        ("[100, 101, 120]", "A B C"),
        ("[100, 101, 102, 103, 135]", "A–D E"),
        ("[100, 101, 118, 119, 150, 300]", "A–D E F"),
        ("[100, 101, 130, 131, 132, 300]", "A–E F"),
        ("[34, 35, 36, 388, 389, 390]", "A B C D E F"),
        ("[]", ""),
    ] {
        let found = browser.eval(&LETTERS.replace("PLACES", places)).await?;
        assert_eq!(found, serde_json::json!([drawn, false]), "{places}");
    }
    Ok(())
}

/// On the phone too, where the button beside it is higher than one line.
async fn long_text_scrolls_inside(browser: &Browser) -> Result<(), BrowserError> {
    let phone = serde_json::json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true });
    for on_the_phone in [false, true] {
        if on_the_phone {
            browser.devtools("Emulation.setDeviceMetricsOverride", phone.clone()).await?;
        }
        for lines in ["40", "1"] {
            let found = browser.eval(&TYPE.replace("LINES", lines)).await?;
            assert_eq!(found, serde_json::json!([true, true, true]), "{lines} lines, phone: {on_the_phone}");
        }
        browser.eval(&TYPE.replace("LINES", "0")).await?;
        let found = browser.eval(FILL).await?;
        assert_eq!(found, serde_json::json!([true, true]), "a command, phone: {on_the_phone}");
    }
    browser.devtools("Emulation.clearDeviceMetricsOverride", serde_json::json!({})).await
}

/// It was given after message 1 and before message 3. On the phone, what is chosen in the list is gone to.
async fn an_answer_stands_where_it_was_given(browser: &Browser) -> Result<(), BrowserError> {
    let phone = serde_json::json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true });
    browser.devtools("Emulation.setDeviceMetricsOverride", phone).await?;
    let given = "return import('/chat.js').then(({ answer }) => answer('deploys', '/incident ack', { outcome: 'refused', text: 'No.' }))";
    browser.eval(given).await?;
    for channel in ["deploys", "alerts", "deploys"] {
        browser.click(".tabs [data-view=more]").await?;
        browser.click(&format!("#more [data-key={channel}] button")).await?;
        browser
            .until("document.body.dataset.view === 'chat' && document.querySelector('#chat').clientHeight")
            .await?;
        browser.until(&format!("document.querySelector('#chat-name').textContent === '#{channel}'")).await?;
        browser.until("document.querySelector('#log [data-seq=\"1\"]')").await?;
    }
    let shown = browser.eval("return [...document.querySelectorAll('#log > *')].map((node) => node.dataset.seq || node.dataset.local)").await?;
    assert_eq!(shown, serde_json::json!(["1", "private", "3"]));
    browser.devtools("Emulation.clearDeviceMetricsOverride", serde_json::json!({})).await
}

/// Answers one request a connection until it is dropped, and its connections with it.
async fn serve(listener: TcpListener) {
    let mut open = JoinSet::new();
    loop {
        let (stream, _peer) = listener.accept().await.expect("a listener of ours accepts");
        open.spawn(answer(stream));
    }
}

/// A browser may leave at any moment; that ends the connection, not the test.
async fn answer(stream: TcpStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut first, mut line) = (String::new(), String::new());
    stream.read_line(&mut first).await?;
    while stream.read_line(&mut line).await? > 2 {
        line.clear();
    }
    let path = first.split(' ').nth(1).unwrap_or("/").to_owned();
    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
    let (status, kind, body) = route(path, query);
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Security-Policy: {POLICY}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    if kind == "text/event-stream" {
        stream.flush().await?;
        // Open until the browser leaves.
        stream.read_line(&mut line).await?;
    }
    stream.shutdown().await
}

fn route(path: &str, query: &str) -> (&'static str, &'static str, Vec<u8>) {
    let well = "200 OK";
    match path {
        "/" => {
            (well, "text/html; charset=utf-8", page("index.html").expect("the page stands in the repository"))
        }
        "/api/start" if query.contains("zh-CN") => (well, "application/json", json(&start("一切正常。"))),
        "/api/start" => (well, "application/json", json(&start("Nothing is wrong."))),
        "/api/messages" => {
            let mut messages = vec![message(1, true, "The record begins.")];
            messages.extend(query.contains("deploys").then(|| message(3, true, "It goes on.")));
            (well, "application/json", json(&Messages { messages, earlier: 0 }))
        }
        "/api/chart" => (well, "application/json", json(&chart())),
        "/api/stream" => {
            let pushed = json(&message(2, false, HOSTILE));
            (well, "text/event-stream", [b"event: message\nid: 2\ndata: ", &pushed[..], b"\n\n"].concat())
        }
        _ => match path.strip_prefix("/api/i18n/") {
            Some(lang) => (well, "application/json", json(&words(lang))),
            None => asset(path),
        },
    }
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain values are JSON")
}

fn asset(path: &str) -> (&'static str, &'static str, Vec<u8>) {
    let kind = match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        _ => "image/svg+xml",
    };
    match page(path.trim_start_matches('/')) {
        Some(body) => ("200 OK", kind, body),
        None => ("404 Not Found", "application/json", br#"{"text":"not here"}"#.to_vec()),
    }
}

fn page(name: &str) -> Option<Vec<u8>> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../bot/src/console/page").join(name)).ok()
}

/// The `ui-` keys of a catalogue, their placeholders as the page fills them in.
fn words(lang: &str) -> BTreeMap<String, String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../bot/src/say/catalogue/ui.{lang}.ftl"));
    let text = std::fs::read_to_string(file).expect("the catalogue stands in the repository");
    let pairs = text.lines().filter_map(|line| line.split_once(" = "));
    pairs.map(|(key, said)| (key.to_owned(), said.replace("{ $", "{").replace(" }", "}"))).collect()
}

fn start(sentence: &str) -> Start {
    let channel = |name: &str| Channel {
        name: name.to_owned(),
        label: name.to_owned(),
        topic: String::new(),
        incident: None,
        closed: false,
        newest: 1,
    };
    Start {
        seq: 1,
        now: "2026-01-04T02:15:41.000Z".to_owned(),
        me: Me { person: Some("Chen Wei".to_owned()), may: "may ask".to_owned(), plays: Vec::new() },
        zone: "UTC+8".to_owned(),
        zone_offset_min: 480,
        lang: "en".to_owned(),
        speed: 1,
        state: State {
            flag: Flag { shape: "check", word: "QUIET".to_owned(), tone: "quiet" },
            sentence: sentence.to_owned(),
            sources: vec![SourceState {
                name: "edge-1".to_owned(),
                well: true,
                text: "read to the end".to_owned(),
            }],
            notices: vec![],
            drill: None,
        },
        channels: vec![channel("alerts"), channel("deploys")],
        incidents: vec![],
        services: vec!["blog-web".to_owned()],
        plans: vec![],
        fleet: FleetView::default(),
    }
}

/// One step is known: Lifeboat has watched for five minutes.
fn chart() -> Chart {
    Chart {
        service: "blog-web".to_owned(),
        from: "2026-01-04T02:10:00.000Z".to_owned(),
        step_s: 300,
        counts: vec![Some([0, 30])],
        now: None,
        limit: 0.03,
        usual: 0.001,
        marks: vec![],
        zone_offset_min: 480,
    }
}

fn message(seq: u64, bot: bool, text: &str) -> Message {
    Message {
        seq,
        channel: "alerts".to_owned(),
        at: Moment { utc: "2026-01-04T02:15:41.000Z".to_owned(), text: "10:15:41".to_owned() },
        author: if bot { "Lifeboat" } else { "Mei" }.to_owned(),
        role: None,
        bot,
        kind: if bot { "notice" } else { "text" },
        text: text.to_owned(),
        card: None,
        plan: None,
        pinned: false,
        unrecorded: false,
    }
}
