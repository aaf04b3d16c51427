//! A nats-server on a free port.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::wire::support::NEVER;

pub(super) struct NatsServer {
    pub(super) address: SocketAddr,
    /// Killed when it is dropped.
    _process: Child,
}

impl NatsServer {
    /// `None`, and a word, where there is no nats-server.
    pub(super) async fn start(options: &[&str]) -> Option<Self> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/bin/nats-server");
        if !program.is_file() {
            assert!(std::env::var_os("CI").is_none(), "nats-server is missing: cargo x tools");
            eprintln!("skipped: nats-server is missing: cargo x tools");
            return None;
        }
        let folder = folder();
        let mut process = Command::new(program);
        process.args(["-a", "127.0.0.1", "-p", "-1", "--ports_file_dir"]).arg(&folder).args(options);
        let process = process.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn();
        let mut process = process.expect("it can be started");
        let file = folder.join(format!("nats-server_{}.ports", process.id().expect("it was just started")));
        let address = timeout(NEVER, written(&file, &mut process)).await.expect("it starts");
        Some(Self { address, _process: process })
    }
}

/// Empty, and nobody else's.
pub(super) fn folder() -> PathBuf {
    static LAST: AtomicUsize = AtomicUsize::new(0);
    let name = format!("nats-{}-{}", std::process::id(), LAST.fetch_add(1, Ordering::Relaxed));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Where it listens, once it has written that down.
async fn written(file: &Path, process: &mut Child) -> SocketAddr {
    loop {
        let ports = std::fs::read_to_string(file).unwrap_or_default();
        if let Ok(ports) = serde_json::from_str::<serde_json::Value>(&ports) {
            let url = ports["nats"][0].as_str().expect("an address");
            return url.trim_start_matches("nats://").parse().expect("an address");
        }
        assert!(process.try_wait().expect("it is a child").is_none(), "it runs");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
