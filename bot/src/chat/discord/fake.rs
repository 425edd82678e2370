//! A REST interface that answers as a test tells it to, and remembers what it was asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use lifeboat_commands::ports::Pending;
use serde_json::{Value, json};

use super::rest::{Body, Reply, Request, Rest, RestError};

/// What is answered to a call.
pub(super) type Answer = Result<Value, RestError>;

/// The fake.
#[derive(Default)]
pub(super) struct Fake {
    answers: Mutex<BTreeMap<String, VecDeque<Answer>>>,
    lasting: Mutex<BTreeMap<String, Answer>>,
    asked: Mutex<Vec<(String, Value)>>,
}

impl Fake {
    /// Answers this call so, every time: `GET users/@me`.
    pub(super) fn always(self, call: &str, answer: Answer) -> Self {
        lock(&self.lasting).insert(call.to_owned(), answer);
        self
    }

    /// From now on answers this call so.
    pub(super) fn set(&self, call: &str, answer: Answer) {
        lock(&self.lasting).insert(call.to_owned(), answer);
    }

    /// Answers the next such call so, once.
    pub(super) fn once(&self, call: &str, answer: Answer) {
        lock(&self.answers).entry(call.to_owned()).or_default().push_back(answer);
    }

    /// What was asked: `POST channels/5/messages`, and the body.
    pub(super) fn asked(&self) -> Vec<(String, Value)> {
        lock(&self.asked).clone()
    }

    /// Bodies of the calls that begin so.
    pub(super) fn bodies(&self, call: &str) -> Vec<Value> {
        self.asked().into_iter().filter(|(asked, _)| asked.starts_with(call)).map(|(_, body)| body).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Rest for Fake {
    fn call(&self, request: Request) -> Pending<'static, Result<Reply, RestError>> {
        let call = format!("{} {}", request.route.method(), request.route.path());
        let body = match request.body {
            Body::None => Value::Null,
            Body::Json(json) => json,
            Body::Files { mut json, files } => {
                json["files"] = files.iter().map(|file| file.name.clone()).collect();
                json
            }
        };
        lock(&self.asked).push((call.clone(), body));
        let next = lock(&self.answers).get_mut(&call).and_then(VecDeque::pop_front);
        let answer = next.or_else(|| lock(&self.lasting).get(&call).cloned());
        let answer = answer.unwrap_or_else(|| Err(refused(404, 0)));
        Box::pin(async move { answer.map(|body| Reply { status: 200, body }) })
    }

    fn permissions_changed(&self) {}
}

/// Discord understood and said no.
pub(super) fn refused(status: u16, code: u32) -> RestError {
    RestError::Refused { status, code, message: "no".to_owned(), errors: json!(null) }
}
