//! The same for the command line, over a unix socket in the data directory: one JSON line asks, one answers.
//!
//! Only the user Lifeboat runs as, and root, are listened to; the actor is the user of the other end, as the kernel
//! tells it.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream as Blocking;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lifeboat_storage::event::Origin;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::export::{self, Wanted};
use super::view::CommandReply;
use super::{Console, routes};
use crate::desk::{self, Room};
use crate::engine::effect::Answer;
use crate::engine::input::{Input, Speaker};
use crate::say::Say;

/// The socket's name in the data directory.
pub const SOCKET: &str = "lifeboat.sock";
/// Longest line either way that is read, in bytes; a postmortem is far below.
const LONGEST_ASKED: u64 = 64 * 1024;
const LONGEST_ANSWER: u64 = 64 * 1024 * 1024;
/// Connections at once; more wait.
const CONNECTIONS: usize = 16;
/// How long one side waits for the other.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the command line asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// A line as typed in chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Or a postmortem, as `INC-0042.md`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<String>,
    /// `en` or `zh-CN`; the service's where empty.
    #[serde(default)]
    pub lang: String,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Exit code: 0 done, 2 not understood, 3 refused, 4 failed, 5 not known whether it was done.
    pub exit: u8,
    /// As the page is given it; of an export, the whole text.
    #[serde(flatten)]
    pub reply: CommandReply,
}

/// Asks the Lifeboat that runs in this data directory; none where none runs. Blocks.
///
/// # Errors
/// When it runs and does not answer: whether the line was carried out is then unknown.
pub fn ask(data_dir: &Path, asked: &Asked) -> io::Result<Option<Answered>> {
    let mut stream = match Blocking::connect(data_dir.join(SOCKET)) {
        Ok(stream) => stream,
        Err(error) if is_nobody(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(asked)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream.take(LONGEST_ANSWER)).read_line(&mut answer)?;
    Ok(Some(serde_json::from_str(&answer)?))
}

fn is_nobody(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

/// The listening end; removes its file when dropped.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
    owner: u32,
}

impl Socket {
    /// Listens in a data directory. What a killed process left behind is replaced.
    ///
    /// # Errors
    /// `AddrInUse` where another process answers there; else what the system says.
    pub fn bind(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(SOCKET);
        match Blocking::connect(&path) {
            Ok(_) => return Err(io::ErrorKind::AddrInUse.into()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(&path)?,
            Err(_) => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        let owner = std::fs::metadata(&path)?.uid();
        Ok(Self { listener, path, owner })
    }

    async fn serve(self, console: Arc<Console>, shutdown: CancellationToken) {
        let tasks = TaskTracker::new();
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(place) = Arc::clone(&room).acquire_owned().await else { break };
            let accepted = tokio::select! {
                () = shutdown.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            let Ok((stream, _)) = accepted else { continue };
            let uid = stream.peer_cred().map(|peer| peer.uid());
            if uid.as_ref().is_ok_and(|uid| *uid == self.owner || *uid == 0) {
                let (console, user) = (Arc::clone(&console), user_name(uid.unwrap_or(self.owner)));
                tasks.spawn(async move {
                    _ = tokio::time::timeout(PATIENCE, one(stream, &console, &user)).await;
                    drop(place);
                });
            }
        }
        tasks.close();
        _ = tokio::time::timeout(Duration::from_secs(3), tasks.wait()).await;
    }
}

/// Answers until `shutdown`; then removes the socket.
pub async fn serve(socket: Socket, console: Arc<Console>, shutdown: CancellationToken) {
    socket.serve(console, shutdown).await;
}

impl Drop for Socket {
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.path);
    }
}

/// One question, one answer.
async fn one(stream: UnixStream, console: &Console, user: &str) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    tokio::io::BufReader::new(read.take(LONGEST_ASKED)).read_line(&mut line).await?;
    let answered = match serde_json::from_str::<Asked>(&line) {
        Ok(asked) => answer(console, asked, user).await,
        Err(error) => not_understood(console.say(""), &error.to_string()),
    };
    let mut answer = serde_json::to_vec(&answered)?;
    answer.push(b'\n');
    write.write_all(&answer).await?;
    write.shutdown().await
}

fn not_understood(say: Say, why: &str) -> Answered {
    let why = say.outside(why, crate::say::limits::LINE);
    let text = say.text("console-bad-request", &[("why", why.into())]);
    Answered {
        exit: 2,
        reply: CommandReply { seq: None, outcome: "refused".to_owned(), text, more: None, open: None },
    }
}

fn stopping(say: Say) -> Answered {
    let text = say.word("console-stopping");
    Answered {
        exit: 5,
        reply: CommandReply { seq: None, outcome: "unknown".to_owned(), text, more: None, open: None },
    }
}

async fn answer(console: &Console, asked: Asked, user: &str) -> Answered {
    let say = console.say(&asked.lang).plain();
    let person = console.people.by_os(user).map(|person| person.name.clone());
    let speaker = desk::speaker(person, user, Origin::CommandLine);
    match (asked.line, asked.export) {
        (Some(line), None) => command(console, say, line, speaker).await,
        (None, Some(name)) => exported(console, say, &name, speaker).await,
        _ => not_understood(say, "line, export"),
    }
}

async fn command(console: &Console, say: Say, line: String, speaker: Speaker) -> Answered {
    let Ok(answer) = console.desk.command(line, None, speaker).await else { return stopping(say) };
    let exit = exit(&answer);
    let reply = console.desk.look(move |room: &Room<'_>| routes::worded(room, say, &answer)).await;
    reply.map_or_else(|_| stopping(say), |reply| Answered { exit, reply })
}

fn exit(answer: &Answer) -> u8 {
    match answer {
        Answer::Done(_) | Answer::Show(_) | Answer::DrillBegan { .. } => 0,
        Answer::Refused(why) if why.is_of_the_line() => 2,
        _ if answer.is_not_recorded() => 4,
        Answer::Refused(_) => 3,
        Answer::NotRecorded { .. } | Answer::DrillFailed { .. } => 4,
    }
}

async fn exported(console: &Console, say: Say, name: &str, speaker: Speaker) -> Answered {
    let Some(wanted) = Wanted::read(name) else { return not_understood(say, name) };
    let written = console.desk.look(move |room: &Room<'_>| export::export(room, wanted, say.lang())).await;
    let Ok(written) = written else { return stopping(say) };
    let Some(text) = written else {
        let text = say.text("console-no-incident", &[("incident", wanted.incident.to_string().into())]);
        return Answered {
            exit: 3,
            reply: CommandReply { seq: None, outcome: "refused".to_owned(), text, more: None, open: None },
        };
    };
    let (format, lang) = (wanted.format.key().to_owned(), say.lang().to_string());
    let told = Input::Exported { incident: wanted.incident, format, lang, actor: speaker.actor };
    if console.desk.tell(told).await.is_err() {
        return stopping(say);
    }
    Answered {
        exit: 0,
        reply: CommandReply { seq: None, outcome: "shown".to_owned(), text, more: None, open: None },
    }
}

/// The user this process runs as.
#[must_use]
pub fn own_user() -> String {
    std::fs::metadata("/proc/self").map_or_else(|_| "?".to_owned(), |own| user_name(own.uid()))
}

/// The name of a user of this machine; their number where it has none.
#[must_use]
pub fn user_name(uid: u32) -> String {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    name_in(&passwd, uid).unwrap_or_else(|| uid.to_string())
}

fn name_in(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_named_by_the_machine_and_numbered_where_it_has_no_name() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nbroken\nana:x:1000:1000:Ana,,,:/home/ana:/bin/sh\n";
        assert_eq!(name_in(passwd, 1000), Some("ana".to_owned()));
        assert_eq!(name_in(passwd, 0), Some("root".to_owned()));
        assert_eq!(name_in(passwd, 1001), None);
    }

    #[test]
    fn where_no_lifeboat_runs_nobody_answers() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(ask(folder.path(), &Asked::default()).unwrap(), None);
        drop(std::os::unix::net::UnixListener::bind(folder.path().join(SOCKET)).unwrap());
        assert_eq!(ask(folder.path(), &Asked::default()).unwrap(), None, "a socket that was left behind");
    }

    #[tokio::test]
    async fn a_socket_left_behind_is_replaced_a_living_one_is_not_and_the_file_is_private() {
        let folder = tempfile::tempdir().unwrap();
        drop(std::os::unix::net::UnixListener::bind(folder.path().join(SOCKET)).unwrap());
        let socket = Socket::bind(folder.path()).unwrap();
        let mode = std::fs::metadata(folder.path().join(SOCKET)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(Socket::bind(folder.path()).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(socket);
        assert!(!folder.path().join(SOCKET).exists());
    }
}
