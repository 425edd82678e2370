//! Bodies held against the OpenAPI document: numbers written as text, keys nobody knows, and the rest.

mod check;
mod tidy;

pub(crate) use check::check;
pub(crate) use tidy::{may_be, tidy};
