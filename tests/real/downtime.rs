//! An outage ends while Lifeboat is down: the log says when.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use lifeboat::clock::wall;
use lifeboat_storage::event::{Kind, Time};
use lifeboat_storage::id::Seq;
use lifeboat_storage::log::{EventLog, FileLog};
use lifeboat_tests::process::Lifeboat;
use lifeboat_tests::tier::{Tier, require};

use crate::site::{Api, service, until};

/// How long Lifeboat is down, in seconds.
const DOWN_S: i64 = 12;

/// Ten requests in each of so many seconds, the first of them given.
fn write(log: &Path, from: Time, seconds: i64, status: u16) {
    let mut text = String::new();
    for second in 0..seconds {
        let time = (from + TimeDelta::seconds(second)).format("%d/%b/%Y:%H:%M:%S %z");
        for client in 1..=10 {
            text += &format!("198.51.{client}.7 - - [{time}] \"GET / HTTP/1.1\" {status} 3 \"-\" \"load\"\n");
        }
    }
    OpenOptions::new().append(true).open(log).unwrap().write_all(text.as_bytes()).unwrap();
}

/// When good requests began to be counted, as the record has it.
fn good_since(data: PathBuf) -> Option<Time> {
    let log = FileLog::open_read_only(data.join("log")).ok()?;
    let mut events = log.read_from(Seq(1)).ok()?.filter_map(Result::ok);
    events.find_map(|event| match event.kind {
        Kind::AlertRecovered { good_since, .. } => Some(good_since),
        _ => None,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_that_ended_before_the_restart_is_over_since_the_log_says_so() {
    if !require(Tier::Real, "") {
        return;
    }
    let mut lifeboat = Lifeboat::prepare(&service(Path::new("site/access.log"))).unwrap();
    let site = lifeboat.folder().join("site");
    let log = site.join("access.log");
    fs::create_dir(&site).unwrap();
    fs::write(&log, "").unwrap();
    let api = Api::new(&lifeboat);
    let began = wall() - TimeDelta::seconds(20);
    write(&log, began - TimeDelta::minutes(5), 300, 200);
    lifeboat.restart().unwrap();
    write(&log, began, 20, 502);
    api.incident().await;
    let checkpoint = lifeboat.data().join("checkpoint.json");
    let read = fs::metadata(&log).unwrap().len();
    let offset = format!("\"offset\":{read}");
    until("a checkpoint", async || {
        fs::read_to_string(&checkpoint).ok().filter(|text| text.contains(&offset))
    })
    .await;
    lifeboat.kill().unwrap();

    let back = began + TimeDelta::seconds(20);
    write(&log, back, DOWN_S, 200);
    tokio::time::sleep(Duration::from_secs(DOWN_S.unsigned_abs())).await;
    lifeboat.restart().unwrap();
    write(&log, back + TimeDelta::seconds(DOWN_S), 360, 200);
    let told = until("a recovery", async || good_since(lifeboat.data())).await;
    assert!((told - back).abs() <= TimeDelta::seconds(2), "{told} is not {back}");
}
