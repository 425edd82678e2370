//! A tiny HTTP server that can be killed and revived on the same port: what nginx has behind it.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

const ANSWER: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";

/// Answers 200 to everything while it lives. Dropped, it is dead.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    /// The accepting task while alive; its connections end with it.
    task: JoinSet<()>,
}

impl Upstream {
    /// Starts one on a free loopback port.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let mut upstream = Self { address: listener.local_addr()?, task: JoinSet::new() };
        upstream.task.spawn(serve(listener));
        Ok(upstream)
    }

    /// Where it listens, dead or alive.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills it: on return its port refuses connections.
    pub async fn kill(&mut self) {
        self.task.shutdown().await;
    }

    /// Brings it back on the same port; on return it accepts.
    ///
    /// # Errors
    ///
    /// When somebody else took the port meanwhile.
    pub async fn revive(&mut self) -> io::Result<()> {
        self.kill().await;
        self.task.spawn(serve(listen(self.address)?));
        Ok(())
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(1024)
}

async fn serve(listener: TcpListener) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(answer(stream));
        while connections.try_join_next().is_some() {}
    }
}

/// Reads a request's head and answers. A client that goes away is its own affair.
async fn answer(mut stream: TcpStream) {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < 64 * 1024 {
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => head.extend_from_slice(&piece[..read]),
            _ => return,
        }
    }
    let _ = stream.write_all(ANSWER).await;
    let _ = stream.shutdown().await;
}
