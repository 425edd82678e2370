//! Answers, and how they are delivered or not.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE};
use hyper::{Response, StatusCode};
use serde_json::Value;
use tokio::time;

const PAGE: &str = "<!DOCTYPE html>\n<html>\n<head><title>Error</title></head>\n<body>\n<center><h1>Something is \
    wrong here</h1></center>\n<hr><center>cloudflare</center>\n</body>\n</html>\n";
/// Between the half of a body and the cut: long enough for the half to leave.
const CUT_AFTER: Duration = Duration::from_millis(20);

/// What is sent back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Content,
    pub(crate) delivery: Delivery,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Nothing,
    Json(Value),
    Page(&'static str),
    File(Option<String>, Vec<u8>),
}

/// How it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    Late(Duration),
    Cut,
    /// Not at all: the connection is reset.
    Reset,
    /// Not at all: nothing ever comes.
    Never,
}

impl Answer {
    pub(crate) fn json(body: Value) -> Self {
        Self::of(200, Content::Json(body))
    }

    pub(crate) fn created(body: Value) -> Self {
        Self::of(201, Content::Json(body))
    }

    pub(crate) fn done() -> Self {
        Self::of(204, Content::Nothing)
    }

    /// Cloudflare's page.
    pub(crate) fn page(status: u16) -> Self {
        Self::of(status, Content::Page(PAGE))
    }

    pub(crate) fn lost(delivery: Delivery) -> Self {
        Self { delivery, ..Self::of(0, Content::Nothing) }
    }

    pub(crate) fn of(status: u16, body: Content) -> Self {
        Self { status, headers: Vec::new(), body, delivery: Delivery::Whole }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// Discord's code in the body, 0 without one.
    pub(crate) fn code(&self) -> u32 {
        match &self.body {
            Content::Json(body) if self.status >= 400 => {
                body["code"].as_u64().and_then(|code| u32::try_from(code).ok()).unwrap_or_default()
            }
            _ => 0,
        }
    }

    /// The response hyper sends; `None` where nothing is to be sent.
    pub(crate) async fn deliver(self) -> Option<Response<Body>> {
        match self.delivery {
            Delivery::Reset => return None,
            Delivery::Never => std::future::pending().await,
            Delivery::Late(wait) => time::sleep(wait).await,
            Delivery::Whole | Delivery::Cut => {}
        }
        let (kind, bytes) = match self.body {
            Content::Nothing => (None, Vec::new()),
            Content::Json(body) => (Some("application/json".to_owned()), body.to_string().into_bytes()),
            Content::Page(page) => (Some("text/html; charset=UTF-8".to_owned()), page.into()),
            Content::File(kind, bytes) => (kind, bytes),
        };
        let mut response = Response::builder().status(StatusCode::from_u16(self.status).ok()?);
        if let Some(kind) = kind {
            response = response.header(CONTENT_TYPE, kind);
        }
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        if self.delivery == Delivery::Cut {
            return response.header(CONTENT_LENGTH, bytes.len()).body(cut(&bytes)).ok();
        }
        response.body(Body::from(bytes)).ok()
    }
}

/// The first half, and then the end of the connection.
fn cut(bytes: &[u8]) -> Body {
    let half = Bytes::copy_from_slice(&bytes[..bytes.len() / 2]);
    let end = async {
        time::sleep(CUT_AFTER).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    };
    Body::from_stream(stream::iter([Ok(half)]).chain(stream::once(end)))
}
