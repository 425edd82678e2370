//! A real nginx of our own: its own folder, a free loopback port, one process, stopped by its own handle.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tempfile::TempDir;

use crate::tier::find_program;

/// How the access log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessLog {
    /// nginx's `combined`.
    Combined,
    /// The same with `$upstream_addr $request_time` behind.
    WithUpstream,
}

/// A running nginx that passes everything to one upstream. Dropped, also by a panic, it is gone.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    errors: Option<JoinHandle<()>>,
    address: SocketAddr,
    folder: TempDir,
}

/// How often another free port is tried when somebody else took ours meanwhile.
const PORTS_TRIED: usize = 5;
/// How long nginx may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

impl Nginx {
    /// Starts one in front of the upstream; on return it listens.
    ///
    /// # Errors
    ///
    /// When there is no nginx, or it does not come up; what it said is in the error.
    pub fn start(upstream: SocketAddr, log: AccessLog) -> io::Result<Self> {
        Self::start_over(&[upstream], log)
    }

    /// The same in front of several, asked in turn; one that is dead is asked again and again, and nobody else instead.
    ///
    /// # Errors
    ///
    /// As [`Nginx::start`].
    pub fn start_over(upstreams: &[SocketAddr], log: AccessLog) -> io::Result<Self> {
        let mut last = io::Error::other("no port was tried");
        for _ in 0..PORTS_TRIED {
            match Self::start_once(upstreams, log) {
                Ok(nginx) => return Ok(nginx),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn start_once(upstreams: &[SocketAddr], log: AccessLog) -> io::Result<Self> {
        let program = find_program("nginx").ok_or_else(|| io::Error::other("no nginx on this machine"))?;
        let folder = tempfile::tempdir()?;
        let address = free_address()?;
        let configuration = configuration(folder.path(), address, upstreams, log)?;
        fs::write(folder.path().join("nginx.conf"), configuration)?;
        let mut child = Command::new(program)
            .arg("-p")
            .arg(folder.path())
            .args(["-c", "nginx.conf", "-e", "stderr"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let stderr = child.stderr.take().ok_or_else(|| io::Error::other("no standard error"))?;
        let (errors, said) = listen_to(stderr);
        let nginx = Self { child, errors: Some(errors), address, folder };
        wait_until_it_listens(&said).map(|()| nginx)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its access log; a line is written when its request ends.
    #[must_use]
    pub fn access_log(&self) -> PathBuf {
        self.folder.path().join("access.log")
    }

    /// The statuses in its access log, in order.
    ///
    /// # Errors
    ///
    /// When the log cannot be read.
    pub fn logged(&self) -> io::Result<Vec<u16>> {
        let text = fs::read_to_string(self.access_log())?;
        let status = |line: &str| line.split("\" ").nth(1)?.split(' ').next()?.parse().ok();
        Ok(text.lines().filter_map(status).collect())
    }

    /// Renames the access log to `access.log.1` and tells nginx to open a new one, as logrotate does. Returns the
    /// renamed one, to which nginx may still write what it answers before it does.
    ///
    /// # Errors
    ///
    /// When it cannot be renamed or nginx cannot be told.
    pub fn rotate(&self) -> io::Result<PathBuf> {
        let rotated = self.folder.path().join("access.log.1");
        fs::rename(self.access_log(), &rotated)?;
        let told = Command::new("kill").args(["-USR1", &self.child.id().to_string()]).status()?;
        if told.success() {
            Ok(rotated)
        } else {
            Err(io::Error::other("nginx was not told to open its logs again"))
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // One process (`master_process off`), so that nothing is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(errors) = self.errors.take() {
            let _ = errors.join();
        }
    }
}

fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind(("127.0.0.1", 0))?.local_addr()
}

fn configuration(
    folder: &Path,
    listen: SocketAddr,
    upstreams: &[SocketAddr],
    log: AccessLog,
) -> io::Result<String> {
    let servers: String = upstreams.iter().map(|one| format!("server {one} max_fails=0; ")).collect();
    let user = if fs::metadata(folder)?.uid() == 0 { "user root;" } else { "" };
    let format = match log {
        AccessLog::Combined => "combined",
        AccessLog::WithUpstream => "with_upstream",
    };
    Ok(format!(
        r#"daemon off;
master_process off;
{user}
pid nginx.pid;
error_log stderr notice;
events {{ worker_connections 1024; }}
http {{
  log_format with_upstream '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                           '"$http_referer" "$http_user_agent" $upstream_addr $request_time';
  access_log access.log {format};
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  upstream site {{ {servers}}}
  server {{
    listen {listen};
    server_name blog.test;
    location / {{
      proxy_pass http://site;
      proxy_next_upstream off;
      proxy_connect_timeout 500ms;
      proxy_read_timeout 2s;
    }}
  }}
}}
"#
    ))
}

/// Reads standard error to its end, so that nginx never waits for us; the first lines are handed on.
fn listen_to(stderr: ChildStderr) -> (JoinHandle<()>, Receiver<String>) {
    // Start-up says about ten lines; what does not fit is read and dropped.
    let (tell, said) = sync_channel(64);
    let read = move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let _ = tell.try_send(line);
        }
    };
    (std::thread::spawn(read), said)
}

/// nginx names its event method once its sockets are bound.
fn wait_until_it_listens(said: &Receiver<String>) -> io::Result<()> {
    let mut all = Vec::new();
    loop {
        match said.recv_timeout(PATIENCE) {
            Ok(line) if line.contains("using the ") && line.contains("event method") => return Ok(()),
            Ok(line) => all.push(line),
            Err(_) => {
                return Err(io::Error::other(format!("nginx does not listen; it said: {}", all.join(" | "))));
            }
        }
    }
}
