//! `/drill start` in a running Lifeboat: a drill beside the real record, with a folder, a record, numbers, people, a port
//! on loopback and a simulated fleet of its own. The real record hears its number, when it began and when it ended.
//!
//! One drill at a time. It is called off when something real begins to fail.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context as _;
use lifeboat_commands::refusal::FleetRefusal;
use lifeboat_deploy::simulated::Scenario;
use lifeboat_storage::event::{AlertKind, Kind};
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use super::staged::{PACE, Staged, Staging};
use super::{Failure, papers};
use crate::desk::{Desk, News, Room};
use crate::drill::script::Script;
use crate::engine::effect::Answer;
use crate::engine::input::Input;
use crate::say::Lang;
use crate::shell::DrillAsked;

/// The seed of a drill that nobody gave one.
const SEED: u64 = 502;

/// Begins drills beside the real record, and ends them.
pub struct Host {
    /// Where the real record lies; drills lie in `drills/` there.
    pub data_dir: PathBuf,
    /// Language of what all read together.
    pub lang: Lang,
    /// Where the real engine is asked.
    pub desk: Desk,
}

/// A drill that runs.
struct Played {
    number: u32,
    scenario: Scenario,
    data: PathBuf,
    staged: Staged,
    stop: CancellationToken,
}

impl Host {
    /// Takes what people ask for until `stop`; then ends what still runs.
    pub async fn run(self, mut asked: mpsc::Receiver<DrillAsked>, stop: CancellationToken) {
        let mut news = self.desk.news();
        let mut played: Option<Played> = None;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                one = asked.recv() => match one {
                    Some(one) => self.asked(one, &mut played).await,
                    None => break,
                },
                // Heard also while none is played: what failed before a drill began does not end it.
                told = news.recv() => match told {
                    Err(broadcast::error::RecvError::Closed) => break,
                    told if played.is_some() && self.is_alarm(&told).await => {
                        self.close(played.take(), true).await;
                    }
                    _ => {}
                },
                () = over(&mut played) => self.tell_closed(&mut played, false).await,
            }
        }
        self.close(played, false).await;
    }

    /// A drill whose play is over gives way to the next one.
    async fn asked(&self, asked: DrillAsked, played: &mut Option<Played>) {
        if let Some(one) = played.as_ref().filter(|one| one.staged.over.borrow().is_none()) {
            let busy = FleetRefusal::DrillBeside { drill: one.number };
            return drop(asked.answer.send(Answer::Refused(busy.into())));
        }
        self.close(played.take(), false).await;
        let answer = match self.begin(&asked).await {
            Ok((begun, answer)) => {
                let _ = self.desk.tell(Input::Drill(Kind::DrillOpened { drill: begun.number })).await;
                *played = Some(begun);
                answer
            }
            Err(failure) => {
                let why = in_full(failure);
                tracing::error!(why, "a drill did not begin");
                Answer::DrillFailed { why }
            }
        };
        drop(asked.answer.send(answer));
    }

    async fn begin(&self, asked: &DrillAsked) -> Result<(Played, Answer), Failure> {
        let name =
            asked.scenario.clone().or_else(|| Scenario::names().first().map(|name| (*name).to_owned()));
        let scenario = name.as_deref().and_then(Scenario::named).context("find the scenario")?;
        let (number, data) = self.own_folder()?;
        let pace = asked.speed.map_or(PACE, |speed| (speed, speed));
        let staging = Staging {
            scenario,
            seed: SEED,
            number,
            pace,
            script: Script::default(),
            ends_itself: false,
            data,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            lang: self.lang,
            player: asked.person.to_string(),
        };
        let stop = CancellationToken::new();
        let staged = Staged::begin(&staging, &stop).await?;
        let answer = Answer::DrillBegan { drill: number, link: staged.link.clone(), pace };
        let Staging { scenario, data, .. } = staging;
        Ok((Played { number, scenario, data, staged, stop }, answer))
    }

    /// The next number that is free, and its folder.
    fn own_folder(&self) -> Result<(u32, PathBuf), Failure> {
        let all = self.data_dir.join("drills");
        std::fs::create_dir_all(&all).with_context(|| format!("make {}", all.display()))?;
        let number = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.ok()?.file_name().to_str()?.strip_prefix("DRILL-")?.parse::<u32>().ok()
        };
        let entries = std::fs::read_dir(&all).with_context(|| format!("read {}", all.display()))?;
        let next = entries.filter_map(number).max().unwrap_or(0) + 1;
        let folder = all.join(format!("DRILL-{next}"));
        std::fs::create_dir(&folder).with_context(|| format!("make {}", folder.display()))?;
        Ok((next, folder))
    }

    /// Something real fails: a drill would stand in the way.
    async fn is_alarm(&self, told: &Result<News, broadcast::error::RecvError>) -> bool {
        match told {
            Ok(News::Events(events)) => events.iter().any(|event| {
                matches!(event.kind, Kind::IncidentDeclared { .. } | Kind::AlertReturned { .. })
                    || matches!(event.kind, Kind::AlertRaised { what, .. } if what != AlertKind::Test)
            }),
            Ok(News::Unrecorded { .. }) => true,
            Ok(News::Seen) | Err(broadcast::error::RecvError::Closed) => false,
            Err(broadcast::error::RecvError::Lagged(_)) => {
                let open = |room: &Room<'_>| room.engine.durable().open_incidents().next().is_some();
                self.desk.look(open).await.unwrap_or(false)
            }
        }
    }

    /// The play is over; its console stays open until the next drill or the end of Lifeboat.
    async fn tell_closed(&self, played: &mut Option<Played>, called_off: bool) {
        let Some(one) = played else { return };
        let _ = self.desk.tell(Input::Drill(Kind::DrillClosed { drill: one.number, called_off })).await;
        // Told once: from here on nobody waits for it.
        one.staged.told = true;
    }

    async fn close(&self, played: Option<Played>, called_off: bool) {
        let Some(mut one) = played else { return };
        let told = one.staged.told;
        one.staged.told = true;
        one.stop.cancel();
        let number = one.number;
        if let Err(failure) = one.staged.end().await {
            tracing::error!(why = in_full(failure), "a drill did not end well");
        }
        let lang = self.lang;
        let papers = tokio::task::spawn_blocking(move || papers::leave(&one.data, &one.scenario, lang));
        match papers.await {
            Ok(Ok(left)) => {
                tracing::info!(files = left.files.len(), "the postmortems of a drill are written")
            }
            Ok(Err(error)) => {
                tracing::error!(why = format!("{error:#}"), "the postmortems of a drill are not written")
            }
            Err(error) => tracing::error!(%error, "the postmortems of a drill are not written"),
        }
        if !told {
            let _ = self.desk.tell(Input::Drill(Kind::DrillClosed { drill: number, called_off })).await;
        }
    }
}

/// All of it in one line.
fn in_full(failure: Failure) -> String {
    match failure {
        Failure::Other(error) => format!("{error:#}"),
        Failure::Configuration(_) => "its configuration has problems".to_owned(),
    }
}

/// Waits until the play of a drill is over; for ever where none is played, or where that was told.
async fn over(played: &mut Option<Played>) {
    match played {
        Some(one) if !one.staged.told => {
            if one.staged.over.wait_for(Option::is_some).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
        _ => std::future::pending().await,
    }
}
