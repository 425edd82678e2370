//! The `lifeboat` binary.

use std::process::ExitCode;

use clap::Parser as _;
use lifeboat::{app, cli::Cli};

fn main() -> ExitCode {
    app::main(&Cli::parse())
}
