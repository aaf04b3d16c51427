//! A client in another language: `nats-py`, which `cargo x tools` fetches.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::support::Server;

#[tokio::test]
async fn a_client_in_python() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = package.join("../../.tools/python/nats-py");
    let python = Command::new("python3").arg("--version").stdout(Stdio::null()).status().await;
    if !library.is_dir() || !python.is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("CI").is_none(), "Python or nats-py is missing: cargo x tools");
        eprintln!("skipped: Python or nats-py is missing: cargo x tools");
        return;
    }
    let server = Server::with(|builder| builder.token("t")).await;
    let mut script = Command::new("python3");
    script.arg(package.join("tests/it/wire/client.py")).arg(format!("nats://{}", server.address));
    script.env("PYTHONPATH", library).env("PYTHONDONTWRITEBYTECODE", "1").kill_on_drop(true);
    let output = script.output().await.expect("python3 is there");
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(out, "ok\n", "{error}");
    server.counted(|stats| stats.open == 0 && stats.accepted == 2).await;
    assert_eq!(server.bus.stats().active, 0);
}
