//! The `lifeboat` binary.

use std::process::ExitCode;

use lifeboat::{app, cli::Cli};

fn main() -> ExitCode {
    app::main(&Cli::read())
}
