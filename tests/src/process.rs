//! The built `lifeboat` as a process of ours: started, killed, stopped and started again in the same folder.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use tempfile::TempDir;

/// How long it may take to print its link, and to stop when asked.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many last lines of its standard output are kept for an error.
const LINES_KEPT: usize = 200;
/// What it logs goes here, in its folder.
const LOG: &str = "stderr.log";

/// A `lifeboat run` in a folder of its own. Dropped, also by a panic, it is killed and its folder removed.
#[derive(Debug)]
pub struct Lifeboat {
    program: PathBuf,
    folder: TempDir,
    listen: SocketAddr,
    variables: Vec<(String, String)>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    /// Held open while it runs.
    _stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    link: String,
}

impl Lifeboat {
    /// Starts the built binary with a generated `lifeboat.toml`: data in its own folder, the console on a free
    /// loopback port that stays the same over restarts, and these sections (`[[service]]` and so on).
    ///
    /// # Errors
    ///
    /// When it cannot be built or does not print its link; what it printed is in the error.
    pub fn start(sections: &str) -> io::Result<Self> {
        Self::start_program(binary()?, sections)
    }

    /// The same with a given program.
    ///
    /// # Errors
    ///
    /// As [`Lifeboat::start`].
    pub fn start_program(program: PathBuf, sections: &str) -> io::Result<Self> {
        let mut lifeboat = Self::prepare_program(program, sections)?;
        lifeboat.restart()?;
        Ok(lifeboat)
    }

    /// Its folder and its `lifeboat.toml`, but nothing runs yet; [`Lifeboat::restart`] starts it.
    ///
    /// # Errors
    ///
    /// When it cannot be built, or its folder cannot be made.
    pub fn prepare(sections: &str) -> io::Result<Self> {
        Self::prepare_program(binary()?, sections)
    }

    fn prepare_program(program: PathBuf, sections: &str) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let listen = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let text = format!("data_dir = \"data\"\n\n[console]\nlisten = \"{listen}\"\n\n{sections}\n");
        fs::write(folder.path().join("lifeboat.toml"), text)?;
        fs::create_dir(folder.path().join("data"))?;
        Ok(Self { program, folder, listen, variables: Vec::new(), running: None })
    }

    /// From the next start on it has this environment variable.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Its data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What it has logged since it was started first.
    ///
    /// # Errors
    ///
    /// When nothing can be read.
    pub fn logged(&self) -> io::Result<String> {
        fs::read_to_string(self.folder.path().join(LOG))
    }

    /// The same program with other words, in the same folder and configuration: `["verify"]`. Answers are in English.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn say(&self, words: &[&str]) -> io::Result<Output> {
        self.command(&[&["--config", "lifeboat.toml"], words].concat()).stdin(Stdio::null()).output()
    }

    /// The program with these words, in its folder.
    #[must_use]
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).current_dir(self.folder.path()).env("LC_ALL", "C");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Its folder: `lifeboat.toml`, `data/`.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where its console listens.
    #[must_use]
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// The one-time link it printed when it was started last.
    #[must_use]
    pub fn link(&self) -> &str {
        self.running.as_ref().map_or("", |running| &running.link)
    }

    /// Its process id, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.running.as_ref().map(|running| running.child.id())
    }

    /// Kills it as `kill -9` does; on return it is gone.
    ///
    /// # Errors
    ///
    /// When it cannot be waited for.
    pub fn kill(&mut self) -> io::Result<()> {
        let Some(mut running) = self.running.take() else { return Ok(()) };
        running.child.kill()?;
        running.child.wait().map(drop)
    }

    /// Asks it to stop (SIGTERM) and waits until it has.
    ///
    /// # Errors
    ///
    /// When it does not run, or has not stopped in time; then it is killed.
    pub fn stop(&mut self) -> io::Result<ExitStatus> {
        let mut running = self.running.take().ok_or_else(|| io::Error::other("it does not run"))?;
        Command::new("kill").args(["-TERM", &running.child.id().to_string()]).status()?;
        // Its standard output ends with it.
        let ended = loop {
            match running.lines.recv_timeout(PATIENCE) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break true,
                Err(RecvTimeoutError::Timeout) => break false,
            }
        };
        if !ended {
            running.child.kill()?;
        }
        let status = running.child.wait()?;
        if ended { Ok(status) } else { Err(io::Error::other("it did not stop when asked and was killed")) }
    }

    /// Starts it again in the same folder, killing it first where it still runs; on return its console is announced.
    ///
    /// # Errors
    ///
    /// When it does not print its link; what it printed is in the error.
    pub fn restart(&mut self) -> io::Result<()> {
        self.kill()?;
        let log = OpenOptions::new().create(true).append(true).open(self.folder.path().join(LOG))?;
        let mut child = self
            .command(&["run", "--config", "lifeboat.toml"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let lines = lines(stdout.ok_or_else(|| io::Error::other("no standard output"))?);
        match link(&lines, self.listen) {
            Ok(link) => {
                self.running = Some(Running { child, _stdin: stdin, lines, link });
                Ok(())
            }
            Err(error) => {
                child.kill()?;
                child.wait()?;
                let logged = self.logged().unwrap_or_default();
                Err(if logged.is_empty() {
                    error
                } else {
                    io::Error::other(format!("{error}; it logged: {logged}"))
                })
            }
        }
    }
}

impl Drop for Lifeboat {
    fn drop(&mut self) {
        // It may be gone already; either way nothing is left behind.
        let _ = self.kill();
    }
}

/// Reads standard output to its end, so that the process never waits for us. The thread ends with the pipe.
fn lines(stdout: ChildStdout) -> Receiver<String> {
    let (tell, lines) = sync_channel(LINES_KEPT);
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // What does not fit is of no interest to anybody: the link comes first.
            let _ = tell.try_send(line);
        }
    });
    lines
}

fn link(lines: &Receiver<String>, listen: SocketAddr) -> io::Result<String> {
    let begins = ["http", "https"].map(|scheme| format!("{scheme}://{listen}/login?token="));
    let mut said = Vec::new();
    loop {
        let Ok(line) = lines.recv_timeout(PATIENCE) else {
            return Err(io::Error::other(format!(
                "no link to its console; it printed: {}",
                said.join(" | ")
            )));
        };
        if let Some(at) = begins.iter().find_map(|begin| line.find(begin)) {
            return Ok(line[at..].split_whitespace().next().unwrap_or("").to_owned());
        }
        said.push(line);
    }
}

/// The binary: `LIFEBOAT_BIN` where it is set (`tests/run` does), else the debug build, built once for all tests.
///
/// # Errors
///
/// When it cannot be built.
pub fn binary() -> io::Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| match env::var_os("LIFEBOAT_BIN") {
        Some(named) => Ok(PathBuf::from(named)),
        None => build().map_err(|error| error.to_string()),
    });
    built.clone().map_err(io::Error::other)
}

fn build() -> io::Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--package", "lifeboat", "--bin", "lifeboat"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::null())
        .status()?;
    if !built.success() {
        return Err(io::Error::other("lifeboat was not built"));
    }
    // A test executable is `target/debug/deps/NAME-HASH`; the plain build is beside `deps`, or `target/debug` is.
    let test = env::current_exe()?;
    let target =
        test.ancestors().nth(3).ok_or_else(|| io::Error::other("no target folder above this test"))?;
    let program = target.join("debug").join("lifeboat");
    if program.is_file() { Ok(program) } else { Err(io::Error::other(format!("no {}", program.display()))) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    /// A program that speaks as Lifeboat does, writes each start down, and on SIGTERM ends with 7.
    fn script(folder: &Path, speaks: &str) -> PathBuf {
        let program = folder.join("speaks.sh");
        let text = format!(
            "#!/bin/sh\necho started >> starts\nlisten=$(sed -n 's/^listen = \"\\(.*\\)\"/\\1/p' \"$3\")\n\
             trap 'exit 7' TERM\n{speaks}\nread -r line\nexit 3\n"
        );
        // By another process: a file that this one has open for writing is inherited by whatever a test beside this
        // one starts at that moment, and cannot be executed until then ("text file busy").
        let mut tee =
            Command::new("tee").arg(&program).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        tee.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(tee.wait().unwrap().success());
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        program
    }

    fn starts(lifeboat: &Lifeboat) -> usize {
        fs::read_to_string(lifeboat.folder().join("starts")).unwrap().lines().count()
    }

    #[test]
    fn it_is_killed_restarted_in_its_folder_and_stopped_and_each_time_gives_its_link() {
        let folder = tempfile::tempdir().unwrap();
        let speaks = "echo hello; echo \"open http://$listen/login?token=t$(wc -l < starts) once\"";
        let mut lifeboat = Lifeboat::start_program(script(folder.path(), speaks), "").unwrap();
        let listen = lifeboat.listen();
        let links = [1, 2, 3].map(|n| format!("http://{listen}/login?token=t{n}"));

        assert_eq!((lifeboat.link(), starts(&lifeboat)), (links[0].as_str(), 1));
        lifeboat.kill().unwrap();
        assert_eq!((lifeboat.id(), lifeboat.link()), (None, ""));
        lifeboat.restart().unwrap();
        assert_eq!((lifeboat.link(), starts(&lifeboat)), (links[1].as_str(), 2));
        let status = lifeboat.stop().unwrap();
        assert_eq!((status.code(), status.signal()), (Some(7), None));
        lifeboat.restart().unwrap();
        assert_eq!((lifeboat.link(), starts(&lifeboat)), (links[2].as_str(), 3));
    }

    #[test]
    fn one_that_ends_without_a_link_is_an_error_that_tells_what_it_printed() {
        let folder = tempfile::tempdir().unwrap();
        let program = script(folder.path(), "echo refused: no such key; exit 3");
        let error = Lifeboat::start_program(program, "").unwrap_err();
        assert_eq!(error.to_string(), "no link to its console; it printed: refused: no such key");
    }
}
