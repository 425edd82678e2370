//! `lifeboat analyze` over real and made logs.

#[cfg(test)]
mod counts;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod inputs;
#[cfg(test)]
mod services;

use std::path::{Path, PathBuf};

use lifeboat::analyze::{AnalyzeError, Options, Report, run};

const ONSET: &str = "nginx-combined-real-502-onset.log";
const QUIET: &str = "apache-combined-real-quiet.log";
const ERROR_LOG: &str = "nginx-error-real-502-onset.log";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/access-logs").join(name)
}

fn analyze(files: &[PathBuf]) -> Result<Report, AnalyzeError> {
    let service = Some("site".to_owned());
    let options = Options { files: files.to_vec(), json: true, service, ..Options::default() };
    run(&options, &mut std::io::sink())
}
