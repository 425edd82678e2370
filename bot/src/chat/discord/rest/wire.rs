//! From a [`Request`] to bytes, and from bytes to an [`Answer`]. The only place where the token is spelt out.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use serde_json::Value;

use super::answer::Answer;
use super::{AUDIT_REASON, Body, File, Request};
use crate::chat::discord::address::{RestAddress, on_this_machine};
use crate::chat::discord::route::Access;
use crate::config::SecretString;

/// Longer answers are cut off and count as not understood. A guild with 500 channels is about a megabyte.
const ANSWER_BYTES: usize = 16 << 20;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// It never left: no connection.
    NotSent(String),
    /// It left, and nothing or only a part came back.
    Unclear(String),
}

/// The connection to Discord's REST interface.
#[derive(Debug)]
pub(super) struct Wire {
    client: reqwest::Client,
    address: RestAddress,
    authorization: HeaderValue,
}

impl Wire {
    /// `about` is the URL that the User-Agent must name (docs: reference#user-agent).
    pub(super) fn new(
        address: RestAddress,
        token: &SecretString,
        about: &str,
        connect: Duration,
    ) -> Result<Self, WireError> {
        let agent = format!("DiscordBot ({about}, {})", env!("CARGO_PKG_VERSION"));
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_str(&agent).map_err(|_| WireError::About)?);
        let mut client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .default_headers(headers)
            .connect_timeout(connect);
        if on_this_machine(address.url()) {
            client = client.no_proxy();
        }
        let authorization = HeaderValue::from_str(&format!("Bot {}", token.expose()));
        let mut authorization = authorization.map_err(|_| WireError::Token)?;
        authorization.set_sensitive(true);
        Ok(Self { client: client.build().map_err(WireError::Client)?, address, authorization })
    }

    /// Sends it once and waits for the whole answer, `patience` at most.
    pub(super) async fn send(&self, request: &Request, patience: Duration) -> Result<Answer, Lost> {
        let whole = async {
            let answer = self.build(request).send().await.map_err(|error| lost(&error.without_url()))?;
            read(answer).await
        };
        match tokio::time::timeout(patience, whole).await {
            Ok(answer) => answer,
            Err(_) => Err(Lost::Unclear(format!("nothing came within {} ms", patience.as_millis()))),
        }
    }

    fn build(&self, request: &Request) -> reqwest::RequestBuilder {
        let route = &request.route;
        let url = format!("{}{}", self.address.url(), route.path());
        let mut building = self.client.request(route.method().clone(), url);
        if route.access() == Access::Bot {
            building = building.header(AUTHORIZATION, self.authorization.clone());
        }
        if let Some(reason) = &request.audit_reason {
            building = building.header("X-Audit-Log-Reason", encoded(reason));
        }
        match &request.body {
            Body::None => building,
            Body::Json(json) => building.json(json),
            Body::Files { json, files } => {
                let (kind, bytes) = multipart(json, files);
                building.header(CONTENT_TYPE, kind).body(bytes)
            }
        }
    }
}

/// Why calls cannot be made at all.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The URL for the User-Agent has characters that no header may have.
    #[error("name ourselves to Discord: the address for it cannot stand in a header")]
    About,
    /// The token has characters that no token has; perhaps a line break.
    #[error("use the bot's token: there are characters in it that no token has")]
    Token,
    /// The HTTP client does not start.
    #[error("start the HTTP client")]
    Client(#[source] reqwest::Error),
}

fn lost(error: &reqwest::Error) -> Lost {
    if error.is_connect() || error.is_builder() {
        Lost::NotSent(chain(error))
    } else {
        Lost::Unclear(chain(error))
    }
}

/// The error with what is behind it: the outer one alone says only that sending failed.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(cause) = inner {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        inner = cause.source();
    }
    text
}

/// Status and headers tell enough of a failure; of a success the whole body is needed.
async fn read(mut answer: reqwest::Response) -> Result<Answer, Lost> {
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(Answer::new(status, &headers, &body)),
            _ if !(200..300).contains(&status) => return Ok(Answer::new(status, &headers, b"{")),
            Ok(Some(_)) => return Err(Lost::Unclear("the answer is too long".to_owned())),
            Err(error) => return Err(Lost::Unclear(chain(&error.without_url()))),
        }
    }
}

/// Percent-encoded, as the audit log wants it.
fn encoded(reason: &str) -> String {
    let mut text = String::new();
    for byte in reason.chars().take(AUDIT_REASON).collect::<String>().bytes() {
        match byte {
            b'%' | 0..=0x1F | 0x7F.. => text.push_str(&format!("%{byte:02X}")),
            _ => text.push(char::from(byte)),
        }
    }
    text
}

/// `payload_json` and `files[n]`, with a boundary that stands in none of them.
fn multipart(json: &Value, files: &[File]) -> (String, Vec<u8>) {
    let json = json.to_string();
    let boundary = boundary(json.as_bytes(), files);
    let mut bytes = Vec::new();
    let mut part = |name: &str, kind: &str, content: &[u8]| {
        let head =
            format!("--{boundary}\r\nContent-Disposition: form-data; {name}\r\nContent-Type: {kind}\r\n\r\n");
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(b"\r\n");
    };
    part("name=\"payload_json\"", "application/json", json.as_bytes());
    for (nth, file) in files.iter().enumerate() {
        let name = format!("name=\"files[{nth}]\"; filename=\"{}\"", file_name(&file.name));
        part(&name, file.content_type, &file.bytes);
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), bytes)
}

fn boundary(json: &[u8], files: &[File]) -> String {
    let within = |text: &str, bytes: &[u8]| memchr::memmem::find(bytes, text.as_bytes()).is_some();
    let taken = |text: &String| within(text, json) || files.iter().any(|file| within(text, &file.bytes));
    let mut names = (0_u64..).map(|number| format!("lifeboat-{number}"));
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// A name that cannot end its header.
fn file_name(name: &str) -> String {
    name.chars()
        .map(|letter| if letter.is_control() || "\"\\/".contains(letter) { '_' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reason_is_encoded_and_cut_by_characters() {
        assert_eq!(encoded("INC-7 by mei: 100 %\r\nX: y"), "INC-7 by mei: 100 %25%0D%0AX: y");
        assert_eq!(encoded(&"网".repeat(600)), "%E7%BD%91".repeat(512));
    }

    #[test]
    fn files_go_with_the_message_and_cannot_break_out_of_their_part() {
        let file = File {
            name: "post\"mortem\r\n.md".to_owned(),
            content_type: "text/markdown",
            bytes: b"--lifeboat-0--".to_vec(),
        };
        let (kind, bytes) = multipart(&json!({"content": "a"}), &[file]);
        assert_eq!(kind, "multipart/form-data; boundary=lifeboat-1");
        let expected = "--lifeboat-1\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\
            Content-Type: application/json\r\n\r\n{\"content\":\"a\"}\r\n\
            --lifeboat-1\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"post_mortem__.md\"\r\n\
            Content-Type: text/markdown\r\n\r\n--lifeboat-0--\r\n--lifeboat-1--\r\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
}
