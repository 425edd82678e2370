//! `lifeboat drill`: everything of `run` around a built-in site that begins to fail.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use lifeboat_storage::id::{PersonName, ServiceName, World};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Failure;
use super::run::{Around, Running, wait_for_signal};
use crate::cli::{Drill, Exit};
use crate::config::{Config, Service};

use crate::console::control;
use crate::drill::Site;
use crate::say::{Lang, Say};
use lifeboat_commands::people::{People, Permission, Person};

/// The first drill of a record; a record of its own holds one.
const DRILL: World = World::Drill(1);
/// The seed of which requests fail.
const SEED: u64 = 502;

/// Plays until Ctrl-C. Without `--data` the record is kept in a folder of its own under the system's temporary one,
/// and its place is printed, so that the postmortem can still be read afterwards.
///
/// # Errors
/// When the folder, the port or the log cannot be had.
pub async fn drill(asked: Drill, lang: Lang) -> Result<Exit, Failure> {
    let data = match &asked.data {
        Some(data) => data.clone(),
        None => own_folder()?,
    };
    std::fs::create_dir_all(&data).with_context(|| format!("make {}", data.display()))?;
    let config = configuration(&data, &asked, lang);
    let mut site = Site::new(log(&data), SEED);
    site.write_history().with_context(|| format!("write {}", log(&data).display()))?;
    let stop = CancellationToken::new();
    let running = Running::start(&config, &Around { world: DRILL, ..Around::real() }, &stop).await?;
    let say = Say::new(lang, config.zone).plain();
    println!("{}", crate::say::opening::drill(say, &running.link, &data));
    let mut sites = JoinSet::new();
    sites.spawn(site.serve(stop.clone()));
    wait_for_signal(&stop).await?;
    stop.cancel();
    while let Some(ended) = sites.join_next().await {
        ended.context("play the site")?.context("write the site's log")?;
    }
    running.finish().await;
    Ok(Exit::Done)
}

fn own_folder() -> Result<PathBuf, Failure> {
    let at = crate::clock::wall().format("%Y%m%d-%H%M%S");
    let folder = std::env::temp_dir().join(format!("lifeboat-drill-{at}-{}", std::process::id()));
    // A folder that is there already may be somebody else's: it must be ours from its first moment.
    let made = std::fs::DirBuilder::new().create(&folder);
    made.with_context(|| format!("make {}", folder.display()))?;
    Ok(folder)
}

fn log(data: &Path) -> PathBuf {
    data.join("access.log")
}

/// One service, one person who may everything, the console as the chat.
fn configuration(data: &Path, asked: &Drill, lang: Lang) -> Config {
    let user = control::own_user();
    let mut config = Config::with_defaults(data);
    config.data_dir = data.join("record");
    config.lang = lang;
    config.console.listen = asked.listen;
    config.services = vec![Service {
        name: ServiceName::new("blog-web"),
        logs: vec![log(data).to_string_lossy().into_owned()],
        format: None,
    }];
    config.people = People(vec![Person {
        name: PersonName::new(user.as_str()),
        console: None,
        os: Some(user),
        permissions: vec![Permission::Responder, Permission::Commander, Permission::Admin],
    }]);
    config
}
