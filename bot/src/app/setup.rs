//! From the configuration to what the engine and the console need.

use std::fs::File;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use lifeboat_commands::people::{People, Permission, Person};
use lifeboat_deploy::simulated::Scenario;
use lifeboat_storage::id::{PersonName, SourceName, World};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::{self, Config, Transport};
use crate::console::auth::AuthSetup;
use crate::console::control;
use crate::detect::Limits;
use crate::engine::cards::Rhythm;
use crate::engine::{ProbeSetup, ServiceSetup, Setup};
use crate::source::probe;

/// What the console's door needs to know; `listen` is the address really listened on, or the one configured.
#[must_use]
pub fn auth(config: &Config, listen: SocketAddr) -> AuthSetup<'_> {
    AuthSetup {
        data_dir: &config.data_dir,
        listen,
        tls: matches!(config.console.transport, Transport::Tls { .. }),
        behind_tls_proxy: config.console.transport == Transport::BehindTlsProxy,
        public_url: config.console.public_url.as_ref().map(|url| url.origin().ascii_serialization()),
    }
}

/// The engine's setup.
#[must_use]
pub fn engine(config: &Config, world: World) -> Setup {
    let service =
        |service: &config::Service| ServiceSetup { name: service.name.clone(), format: service.format };
    let named = probes(config).into_iter().zip(&config.probes);
    let probe = |(setup, probe): (probe::Setup, &config::Probe)| ProbeSetup {
        name: setup.name,
        service: probe.service.clone(),
    };
    Setup {
        world,
        people: people(config),
        zone: config.zone,
        open_at: config.alerts.open_incident_at,
        limits: Limits::default(),
        services: config.services.iter().map(service).collect(),
        probes: named.map(probe).collect(),
        webhook: config.webhook.is_some(),
        discord: config.discord.is_some(),
        rhythm: Rhythm::default(),
        fleet: config.fleet.clone(),
        hints: None,
        scenarios: Scenario::names().into_iter().map(str::to_owned).collect(),
    }
}

/// The configured people. Where nobody is configured, whoever starts Lifeboat may everything.
#[must_use]
pub fn people(config: &Config) -> People {
    if !config.people.all.is_empty() {
        return config.people.clone();
    }
    let user = control::own_user();
    let own = Person {
        name: PersonName::new(user.as_str()),
        console: None,
        os: Some(user),
        discord: None,
        permissions: vec![
            Permission::Responder,
            Permission::Operator,
            Permission::Approver,
            Permission::Commander,
            Permission::Admin,
        ],
    };
    People { all: vec![own], roles: config.people.roles.clone() }
}

/// The probes, each with a name of its own: `https://host/path`, numbered where the same one stands twice.
#[must_use]
pub fn probes(config: &Config) -> Vec<probe::Setup> {
    let mut setups: Vec<probe::Setup> = Vec::new();
    for configured in &config.probes {
        let url = configured.url.as_str().split('?').next().unwrap_or_default();
        let taken = |name: &str| setups.iter().any(|setup| setup.name.as_str() == name);
        let numbered = (2..).map(|number| format!("{url} ({number})"));
        let name = std::iter::once(url.to_owned()).chain(numbered).find(|name| !taken(name));
        setups.push(probe::Setup {
            name: SourceName::new(name.unwrap_or_default()),
            url: configured.url.clone(),
            host: configured.host.clone(),
            address: configured.address.map(|address| (address.ip, address.port)),
            expect_status: configured.expect_status,
            expect_text: configured.expect_text.clone(),
            every: configured.every,
            timeout: configured.timeout,
        });
    }
    setups
}

/// What the console needs to speak TLS itself; none where it does not.
///
/// # Errors
/// When the certificate or its key cannot be read or do not belong together.
pub fn tls(transport: &Transport) -> anyhow::Result<Option<Arc<rustls::ServerConfig>>> {
    let Transport::Tls { cert, key } = transport else { return Ok(None) };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_reader_iter(&mut open(cert)?)
        .collect::<Result<_, _>>()
        .with_context(|| format!("read the certificate {}", cert.display()))?;
    if chain.is_empty() {
        return Err(anyhow!("read the certificate {}: there is none in it", cert.display()));
    }
    let secret = PrivateKeyDer::from_pem_reader(&mut open(key)?);
    let secret =
        secret.map_err(|_| anyhow!("read the private key {}: there is none in it", key.display()))?;
    let tls = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, secret);
    Ok(Some(Arc::new(tls.context("use the certificate with its key")?)))
}

fn open(file: &Path) -> anyhow::Result<BufReader<File>> {
    Ok(BufReader::new(File::open(file).with_context(|| format!("open {}", file.display()))?))
}
