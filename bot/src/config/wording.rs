//! Words for problems.
use super::{Lang, Problem};
/// Words a problem.
#[must_use]
pub fn render(problem: &Problem, _lang: Lang) -> String {
    format!("{problem:?}")
}
