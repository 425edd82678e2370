//! A webhook that checks what it is sent: a server of our own that can be slow, broken, or gone.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// The secret of its URL.
pub const SECRET: &str = "s3cr3t-path";

/// What it answers once it has read a message and done its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// A status.
    Status(u16),
    /// Nothing, until the other side goes.
    Nothing,
}

/// A message as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The number of its event; none for what could not be recorded.
    pub id: Option<u64>,
    /// What it says.
    pub text: String,
}

#[derive(Debug, Default)]
struct Book {
    posts: Vec<Post>,
    /// What was wrong with a request; a test fails on any.
    wrong: Vec<String>,
    /// What is answered next; then 200.
    says: VecDeque<Says>,
}

/// The server. Dropped, it is gone.
#[derive(Debug)]
pub struct Hook {
    address: SocketAddr,
    book: Arc<Mutex<Book>>,
    task: JoinSet<()>,
}

impl Hook {
    /// An address at which nobody listens yet.
    pub fn reserve() -> io::Result<Self> {
        let address = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        Ok(Self { address, book: Arc::default(), task: JoinSet::new() })
    }

    /// Listens, and answers these first.
    pub fn open(&mut self, says: impl IntoIterator<Item = Says>) -> io::Result<()> {
        lock(&self.book).says.extend(says);
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        self.task.spawn(serve(socket.listen(64)?, Arc::clone(&self.book)));
        Ok(())
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("http://{}/{SECRET}", self.address)
    }

    /// What came, in order.
    ///
    /// # Panics
    ///
    /// When a request was not as it must be.
    pub fn posts(&self) -> Vec<Post> {
        let book = lock(&self.book);
        assert!(book.wrong.is_empty(), "{:?}", book.wrong);
        book.posts.clone()
    }
}

fn lock(book: &Mutex<Book>) -> std::sync::MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, book: Arc<Mutex<Book>>) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        open.spawn(answer(stream, Arc::clone(&book)));
        while open.try_join_next().is_some() {}
    }
}

/// One request a connection.
async fn answer(mut stream: TcpStream, book: Arc<Mutex<Book>>) {
    let Some((head, body)) = read(&mut stream).await else { return };
    let says = {
        let mut book = lock(&book);
        match check(&head, &body) {
            Ok(post) => book.posts.push(post),
            Err(wrong) => book.wrong.push(wrong),
        }
        book.says.pop_front().unwrap_or(Says::Status(200))
    };
    match says {
        Says::Status(status) => {
            let head = format!("HTTP/1.1 {status} So\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            // Who asked may be gone by now.
            let _ = stream.write_all(head.as_bytes()).await;
        }
        Says::Nothing => {
            let _ = stream.read(&mut [0; 1]).await;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&all[..end]).into_owned();
            let length = header(&head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            if all.len() >= end + 4 + length {
                return Some((head, all[end + 4..].to_vec()));
            }
        }
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => all.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .find_map(|line| line.split_once(':').filter(|(key, _)| key.eq_ignore_ascii_case(name)))
        .map(|(_, value)| value.trim())
}

/// What a request must be.
fn check(head: &str, body: &[u8]) -> Result<Post, String> {
    let first = head.lines().next().unwrap_or_default();
    if first != format!("POST /{SECRET} HTTP/1.1") {
        return Err(format!("asked for {first}"));
    }
    if header(head, "content-type") != Some("application/json") {
        return Err("not said to be JSON".to_owned());
    }
    let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let text = body["text"].as_str().filter(|text| !text.trim().is_empty()).ok_or("no text")?;
    if body["content"] != body["text"] {
        return Err("text and content differ".to_owned());
    }
    if body["allowed_mentions"]["parse"] != Value::Array(Vec::new()) {
        return Err("may mention people".to_owned());
    }
    let id = body["id"].as_u64();
    if id.is_none() && body.get("id") != Some(&Value::Null) {
        return Err("no number".to_owned());
    }
    Ok(Post { id, text: text.to_owned() })
}

#[test]
fn the_double_refuses_a_request_for_every_rule_it_has() {
    let head = format!("POST /{SECRET} HTTP/1.1\r\nContent-Type: application/json");
    let body = r#"{"text":"a","content":"a","allowed_mentions":{"parse":[]},"id":7}"#;
    assert_eq!(check(&head, body.as_bytes()), Ok(Post { id: Some(7), text: "a".to_owned() }));
    for (head, body, wrong) in [
        (head.replace("POST", "GET"), body.to_owned(), "asked for"),
        (head.replace(SECRET, ""), body.to_owned(), "asked for"),
        (head.replace("json", "xml"), body.to_owned(), "not said"),
        (head.clone(), body.replace('{', "["), "expected"),
        (head.clone(), body.replace(r#""text":"a""#, r#""text":" ""#), "no text"),
        (head.clone(), body.replace(r#""content":"a""#, r#""content":"b""#), "differ"),
        (head.clone(), body.replace("[]", r#"["everyone"]"#), "mention"),
        (head, body.replace(r#""id":7"#, r#""id":"7""#), "no number"),
    ] {
        let found = check(&head, body.as_bytes()).unwrap_err();
        assert!(found.contains(wrong), "{found} for {head} {body}");
    }
}
