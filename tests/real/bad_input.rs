//! Hostile and odd input against the running binary.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use lifeboat_tests::browser::{BrowserError, missing};
use lifeboat_tests::process::Lifeboat;
use lifeboat_tests::tier::{Tier, require, skip};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::site::{Api, Page, people, service, until};

const GOOD: &str = "198.51.100.7 - - [22/Nov/2026:10:15:00 +0000] \"GET / HTTP/1.1\" 200 3 \"-\" \"load\"\n";
const HOSTILE: &str = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script> \u{202e}gnp.exe @everyone";

/// A running one whose log is `site/access.log` in its folder, with these lines.
fn watching(lines: &str) -> (Lifeboat, Api) {
    let mut lifeboat = Lifeboat::prepare(&service(Path::new("site/access.log"))).unwrap();
    fs::create_dir(lifeboat.folder().join("site")).unwrap();
    fs::write(lifeboat.folder().join("site/access.log"), lines).unwrap();
    let api = Api::new(&lifeboat);
    lifeboat.restart().unwrap();
    (lifeboat, api)
}

/// One line of what a command said, and how it ended.
#[track_caller]
fn check_says(lifeboat: &Lifeboat, words: &[&str], exit: i32, told: &[&str]) {
    let said = lifeboat.say(words).unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert_eq!(said.status.code(), Some(exit), "{words:?}: {text}");
    for word in told {
        assert!(text.contains(word), "{words:?} does not say {word:?}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_lifeboat_on_the_same_data_fails_with_4_names_the_first_and_harms_nothing() {
    if !require(Tier::Real, "") {
        return;
    }
    let (lifeboat, api) = watching(GOOD);
    let other = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let text = format!("data_dir = \"data\"\n[console]\nlisten = \"{other}\"\n{}", people());
    fs::write(lifeboat.folder().join("second.toml"), text).unwrap();
    let second = lifeboat.command(&["run", "--config", "second.toml"]).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(4), "{said}");
    assert!(said.contains(&format!("process {} is using it", lifeboat.id().unwrap())), "{said}");
    api.done("/incident declare the first goes on").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_fails_with_4_and_names_it() {
    if !require(Tier::Real, "") {
        return;
    }
    let lifeboat = Lifeboat::prepare(&people()).unwrap();
    let _taken = TcpListener::bind(lifeboat.listen()).unwrap();
    check_says(&lifeboat, &["run"], 4, &[&lifeboat.listen().to_string(), "nothing was started"]);
}

#[test]
fn every_mistake_of_a_configuration_is_told_at_once_with_its_line() {
    if !require(Tier::Real, "") {
        return;
    }
    let lifeboat = Lifeboat::prepare("").unwrap();
    let wrong = "zone = \"Mars/Olympus\"\ncolour = \"red\"\n[console]\nlisten = \"somewhere\"\n[[service]]\nlogs = [\"a[\"]\n\
                 [alerts]\nopen_incident_at = \"SEV9\"\n[[person]]\nname = \"Ana\"\nroles = [\"king\"]\n[webhook]\nurl = \"https://x/y\"\n";
    fs::write(lifeboat.folder().join("lifeboat.toml"), wrong).unwrap();
    let told = ["Mars/Olympus", "colour", "somewhere", "`service.name`", "a[", "SEV9", "king", "webhook.url"];
    let places = ["toml:1:", "toml:2:", "toml:4:", "toml:6:", "toml:8:", "toml:11:", "toml:13:"];
    for verb in ["check", "run"] {
        check_says(&lifeboat, &[verb], 3, &told);
        check_says(&lifeboat, &[verb], 3, &places);
    }
    fs::write(lifeboat.folder().join("lifeboat.toml"), [0xff, 0xfe, b'a']).unwrap();
    check_says(&lifeboat, &["check"], 3, &["lifeboat.toml"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_too_large_or_no_text_or_no_json_is_refused_and_changes_nothing() {
    if !require(Tier::Real, "") {
        return;
    }
    let (_lifeboat, api) = watching(GOOD);
    let started = async || Some(api.start().await["seq"].clone()).filter(|seq| seq.as_u64() > Some(0));
    let before = until("the event of the start", started).await;
    let large =
        json!({"line": format!("/incident declare {}", "x".repeat(70 * 1024))}).to_string().into_bytes();
    let rows = [
        (large, StatusCode::PAYLOAD_TOO_LARGE, "64 KiB"),
        (b"{\"line\":\"/incident declare \xff\xfe\"}".to_vec(), StatusCode::BAD_REQUEST, "cannot be read"),
        (b"{\"line\":".to_vec(), StatusCode::BAD_REQUEST, "cannot be read"),
        (b"[1]".to_vec(), StatusCode::BAD_REQUEST, "cannot be read"),
        (Vec::new(), StatusCode::BAD_REQUEST, "cannot be read"),
    ];
    for (body, status, told) in rows {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let (found, problem) = api.post(body).await.unwrap();
        assert_eq!(found, status, "{shown}: {problem}");
        assert!(problem["text"].as_str().is_some_and(|text| text.contains(told)), "{shown}: {problem}");
    }
    for line in [
        "",
        "/",
        "/nonsense",
        "/incident declare",
        "/incident note at:25:99 x",
        "/incident ack INC-99999999999",
    ] {
        let (status, reply) = api.command(line).await.unwrap();
        assert_eq!((status, &reply["outcome"]), (StatusCode::OK, &json!("refused")), "{line:?}: {reply}");
    }
    assert_eq!(api.start().await["seq"], before, "something was recorded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn log_lines_that_are_huge_binary_or_half_are_counted_and_the_next_one_is_read() {
    if !require(Tier::Real, "") {
        return;
    }
    let (lifeboat, api) = watching(&GOOD.repeat(100));
    let reads = async |words: &str| {
        let told = async || api.start().await["state"]["sources"].to_string().contains(words).then_some(());
        until(words, told).await;
    };
    reads("100 requests read").await;
    let mut log = OpenOptions::new().append(true).open(lifeboat.folder().join("site/access.log")).unwrap();
    let path = "p".repeat(1024 * 1024);
    let huge = GOOD.replace("GET / ", &format!("GET /{path} "));
    log.write_all(huge.as_bytes()).unwrap();
    log.write_all(b"\xff\xfe\x00\x01 \x1b[31m not a line\n\n").unwrap();
    log.write_all(&[b'x'; 70 * 1024]).unwrap();
    log.write_all(b"\n").unwrap();
    log.write_all(&GOOD.as_bytes()[..40]).unwrap();
    log.write_all(&GOOD.as_bytes()[40..]).unwrap();
    reads("lines not understood").await;
    let sees = async || {
        let text = api.start().await["state"]["sources"][0]["text"].as_str()?.to_owned();
        (text.contains("101 requests") || text.contains("102 requests")).then_some(())
    };
    until("the good line after the bad ones", sees).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn markup_typed_by_people_and_written_by_strangers_stays_text_on_the_page_and_in_the_postmortem() {
    if !require(Tier::Real, "") {
        return;
    }
    if let Some(why) = missing() {
        return skip(&why);
    }
    let (lifeboat, api) = watching(GOOD);
    api.done(&format!("/incident declare {HOSTILE}")).await;
    api.done(&format!("/incident note incident:INC-0001 {HOSTILE}")).await;
    stays_text(&lifeboat).await.unwrap();
    for lang in ["en", "zh-CN"] {
        let (_, html) = api.get(&format!("/export/INC-0001.html?lang={lang}")).await.unwrap();
        assert!(html.contains("onerror"), "the note is not there");
        assert!(!html.contains("<img src=x") && !html.contains("<script"), "{html}");
    }
}

async fn stays_text(lifeboat: &Lifeboat) -> Result<(), BrowserError> {
    let page = Page::open(lifeboat).await?;
    page.told("onerror=").await?;
    page.shows("#log .message .text", "<script>document.title='taken'</script>").await?;
    assert_eq!(page.count("body img, #frame script, [onerror]").await?, 0);
    let title = page.0.eval("return document.title").await?;
    assert!(!title.to_string().contains("taken"), "{title}");
    assert_eq!(page.0.logs().await?, [], "the console of the browser is silent");
    Ok(())
}

/// Waits until #alerts says so often that the log cannot be read, and that it can again.
async fn told_blind(api: &Api, blind: usize, seen: usize) {
    let told = async || {
        let texts: Vec<Value> = api.messages("alerts").await.iter().map(|one| one["text"].clone()).collect();
        let count = |words: &str| {
            texts.iter().filter(|text| text.as_str().is_some_and(|text| text.contains(words))).count()
        };
        (count("Cannot read") == blind && count("again") == seen).then_some(())
    };
    until(&format!("{blind} times blind and {seen} times seen in #alerts"), told).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_missing_appears_and_whose_folder_is_replaced_is_told_each_time_and_read_on() {
    if !require(Tier::Real, "") {
        return;
    }
    let mut lifeboat = Lifeboat::prepare(&service(Path::new("site/access.log"))).unwrap();
    let (folder, log) = (lifeboat.folder().join("site"), lifeboat.folder().join("site/access.log"));
    let api = Api::new(&lifeboat);
    lifeboat.restart().unwrap();
    told_blind(&api, 1, 0).await;
    assert_eq!(api.start().await["state"]["flag"]["tone"], "blind");

    fs::create_dir(&folder).unwrap();
    fs::write(&log, GOOD).unwrap();
    told_blind(&api, 1, 1).await;

    fs::rename(&folder, lifeboat.folder().join("away")).unwrap();
    fs::write(&folder, "a file where a folder was").unwrap();
    told_blind(&api, 2, 1).await;
    fs::remove_file(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    fs::write(&log, GOOD.repeat(120)).unwrap();
    told_blind(&api, 2, 2).await;
    let read =
        async || api.start().await["state"]["sources"].to_string().contains("121 requests").then_some(());
    until("the lines of the new file", read).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_speaks_with_the_running_one_and_without_one_reads_and_writes_the_record_itself() {
    if !require(Tier::Real, "") {
        return;
    }
    let (mut lifeboat, api) = watching(GOOD);
    let mode = fs::metadata(lifeboat.data().join("lifeboat.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    check_says(&lifeboat, &["incident", "list"], 0, &["No incident is open."]);
    check_says(
        &lifeboat,
        &["incident", "declare", "no images", "--severity", "SEV2"],
        0,
        &["INC-0001", "no images"],
    );
    check_says(&lifeboat, &["incident", "list"], 0, &["SEV2", "INC-0001", "no images"]);
    check_says(&lifeboat, &["incident", "ack", "INC-0001"], 0, &["INC-0001"]);
    check_says(&lifeboat, &["incident", "ack", "INC-0001"], 3, &["Ana took INC-0001"]);
    check_says(&lifeboat, &["incident", "dance"], 2, &["no command"]);
    check_says(&lifeboat, &["--lang", "zh-CN", "incident", "list"], 0, &["INC-0001", "调查"]);
    check_says(&lifeboat, &["incident", "list", "--lang", "zh-CN"], 0, &["INC-0001", "调查"]);
    let incident = api.json("/api/incidents/1?lang=en").await;
    assert!(incident["incident"]["card"]["meta"].to_string().contains("taken by Ana"), "{incident}");

    assert!(lifeboat.stop().unwrap().success());
    let before = record(&lifeboat);
    check_says(&lifeboat, &["incident", "list"], 0, &["SEV2", "INC-0001"]);
    check_says(&lifeboat, &["postmortem", "INC-0001"], 0, &["no images"]);
    check_says(
        &lifeboat,
        &["postmortem", "INC-0077"],
        3,
        &["There is no incident INC-0077: nothing was written."],
    );
    check_says(&lifeboat, &["incident", "postmortem", "INC-0001"], 0, &["`lifeboat postmortem INC-0001`"]);
    assert_eq!(record(&lifeboat), before, "reading wrote");
    check_says(
        &lifeboat,
        &["incident", "note", "while nothing ran", "--incident", "INC-0001"],
        0,
        &["INC-0001"],
    );
    check_says(&lifeboat, &["incident", "mitigate", "INC-0001"], 0, &["INC-0001"]);
    check_says(&lifeboat, &["verify"], 0, &["sound"]);
    check_says(&lifeboat, &["verify", "nowhere"], 4, &["open nowhere: there is no such file or directory"]);
    check_says(
        &lifeboat,
        &["verify", "nowhere", "--lang", "zh-CN"],
        4,
        &["无法打开 nowhere：没有该文件或目录"],
    );
    check_says(&lifeboat, &["verify", "site"], 4, &["no record"]);

    lifeboat.restart().unwrap();
    let incident = api.json("/api/incidents/1?lang=en").await;
    assert_eq!(incident["incident"]["status"], "mitigated");
    assert!(incident["timeline"].to_string().contains("while nothing ran"), "{incident}");
}

/// Every byte of the record.
fn record(lifeboat: &Lifeboat) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(lifeboat.data().join("log")).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|ext| ext == "jsonl"))
        .map(|path| (path.display().to_string(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}
