//! Requests, capacity, and the nginx log they leave.

use std::io::Write as _;

use lifeboat_commands::facts::PodState;
use lifeboat_storage::id::ClusterName;

use super::world::{SimCluster, World};

const PATHS: &[&str] = &[
    "/",
    "/archives",
    "/p/1042",
    "/p/877?from=feed",
    "/tag/rust",
    "/about",
    "/static/site.css",
    "/search?q=lifeboat",
];
/// Requests that may wait, in seconds of what the cluster serves.
const QUEUE_S: f64 = 3.0;
/// Of a hundred requests, so many need a name that is not remembered.
const FRESH_NAMES: u64 = 55;
/// Seen as upstream where nothing is left to send to.
const NOBODY: &str = "10.0.0.1:8080";

/// What a cluster does with the requests of one second.
struct Second {
    /// Of a million requests, so many fail.
    fails: u64,
    /// Where they go.
    upstreams: Vec<String>,
}

impl World {
    /// The requests of the second that ends now.
    pub(super) fn serve(&mut self, log: &mut Vec<u8>) {
        self.owed += self.scenario.rps(self.now);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred at most")]
        let requests = self.owed as u64;
        #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
        let asked = requests as f64;
        self.owed -= asked;
        let seconds = self.clusters_serve();
        if seconds.is_empty() {
            return;
        }
        let local = self.now.with_timezone(&self.scenario.zone);
        let time = local.format("%d/%b/%Y:%H:%M:%S %z").to_string();
        for _ in 0..requests {
            let at = self.pick(&seconds);
            let failed = self.draw() % 1_000_000 < seconds[at].1.fails;
            self.line(log, &time, failed, &seconds[at].1);
        }
    }

    /// By weight, in hundredths.
    fn pick(&mut self, seconds: &[(u64, Second)]) -> usize {
        let all: u64 = seconds.iter().map(|(weight, _)| weight).sum();
        let mut drawn = self.draw() % all.max(1);
        for (at, (weight, _)) in seconds.iter().enumerate() {
            if drawn < *weight {
                return at;
            }
            drawn -= weight;
        }
        0
    }

    fn clusters_serve(&mut self) -> Vec<(u64, Second)> {
        let weighted: Vec<(ClusterName, u8)> =
            self.weights.iter().filter(|(_, percent)| **percent > 0).map(|(n, p)| (n.clone(), *p)).collect();
        let mut seconds = Vec::new();
        for (name, percent) in weighted {
            let rps = self.rps_of(&name);
            let Some(mut cluster) = self.clusters.remove(&name) else { continue };
            let second = self.cluster_serves(&mut cluster, rps);
            self.clusters.insert(name, cluster);
            seconds.push((u64::from(percent), second));
        }
        seconds
    }

    fn cluster_serves(&mut self, cluster: &mut SimCluster, rps: f64) -> Second {
        #[expect(clippy::cast_precision_loss, reason = "a few dozen pods")]
        let capacity = cluster.ready_pods().count() as f64 * cluster.file.rps_per_pod;
        let overload = if capacity > 0.0 { rps / capacity } else { 10.0 };
        cluster.queue = (cluster.queue + rps - capacity).clamp(0.0, capacity * QUEUE_S);
        let full = cluster.queue >= capacity * QUEUE_S;
        let turned_away = if full && rps > 0.0 { ((rps - capacity) / rps).clamp(0.0, 1.0) } else { 0.0 };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and a million"
        )]
        let mut fails = (turned_away * 1_000_000.0) as u64;
        if cluster.names_down {
            fails = fails.max(FRESH_NAMES * 10_000);
        }
        if cluster.no_egress {
            fails = fails.max(450_000);
        }
        self.strain(cluster, overload);
        Second { fails, upstreams: self.upstreams(cluster) }
    }

    fn upstreams(&self, cluster: &SimCluster) -> Vec<String> {
        let serving = cluster.pods.iter().filter(|pod| matches!(pod.state, PodState::Ready));
        let nodes = serving.filter_map(|pod| cluster.nodes.get(pod.node.as_ref()?));
        let machines = nodes.filter_map(|node| self.machines.get(node.machine.as_ref()?));
        machines.map(|machine| format!("{}:8080", machine.ip)).collect()
    }

    fn line(&mut self, log: &mut Vec<u8>, time: &str, failed: bool, second: &Second) {
        let drawn = self.draw();
        let client = drawn % 200 + 1;
        let path = PATHS[usize::try_from((drawn >> 8) % 8).unwrap_or(0)];
        let upstreams = &second.upstreams;
        let at = usize::try_from((drawn >> 16) % (upstreams.len().max(1) as u64)).unwrap_or(0);
        let upstream = upstreams.get(at).map_or(NOBODY, String::as_str);
        let (status, size) = if failed { (502, 157) } else { (200, 900 + (drawn >> 32) % 9_000) };
        self.truth.requests += 1;
        self.truth.failed += u64::from(failed);
        // Writing into a vector cannot fail.
        let _ = writeln!(
            log,
            "198.51.100.{client} - - [{time}] \"GET {path} HTTP/1.1\" {status} {size} \"-\" \"Mozilla/5.0\" {upstream}"
        );
    }
}
