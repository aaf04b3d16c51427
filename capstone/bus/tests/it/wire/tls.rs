//! Encrypted connections: a client in Rust on rustls, one in Python on OpenSSL, and those who do not come to a handshake.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use async_nats::ConnectOptions;
use capstone_bus::Bus;
use capstone_bus::wire::{Limits, ListenError, Listener, Tls};
use futures::StreamExt;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use super::support::Server;
use crate::support::{message, ms};

/// Files in PEM: an authority, and a certificate for this machine that it vouches for.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority");
        let authority =
            CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("valid");
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(["localhost".into(), "127.0.0.1".into()]).expect("names");
        let certificate = params.signed_by(&key, &authority).expect("valid");
        let files = Self { folder: tempfile::tempdir().expect("a folder") };
        for (name, pem) in
            [("ca.pem", authority.pem()), ("cert.pem", certificate.pem()), ("key.pem", key.serialize_pem())]
        {
            std::fs::write(files.path(name), pem).expect("room");
        }
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("it was written")
    }

    fn tls(&self) -> Tls {
        Tls::new(&self.read("cert.pem"), &self.read("key.pem")).expect("valid")
    }

    fn mutual(&self) -> Tls {
        let [certificate, key, authority] = ["cert.pem", "key.pem", "ca.pem"].map(|name| self.read(name));
        Tls::with_client_authorities(&certificate, &key, &authority).expect("valid")
    }
}

#[tokio::test]
async fn a_client_in_rust_talks_encrypted_however_long_the_message() {
    let files = Files::new();
    let server = Server::with(|builder| builder.tls(files.tls()).token("t")).await;
    let options = ConnectOptions::with_token("t".into()).add_root_certificates(files.path("ca.pem"));
    // The scheme does not matter: the greeting says that TLS is required.
    let client = options.connect(format!("nats://{}", server.address)).await.expect("a handshake");
    let mut subscriber = client.subscribe("a").await.expect("a pattern");
    client.flush().await.expect("connected");
    let long = "x".repeat(1 << 20);
    for payload in ["short", &long, ""] {
        client.publish("a", payload.to_owned().into()).await.expect("connected");
        let heard = tokio::time::timeout(super::support::NEVER, subscriber.next()).await.expect("it comes");
        assert_eq!(heard.expect("open").payload, payload);
    }
    let stranger = ConnectOptions::with_token("t".into());
    stranger.connect(format!("tls://{}", server.address)).await.expect_err("it does not trust us");
    server.counted(|stats| stats.open == 1).await;
}

#[tokio::test]
async fn who_trusts_only_tls_is_refused_by_nobody_but_itself() {
    let server = Server::start().await;
    async_nats::connect(format!("tls://{}", server.address)).await.expect_err("no TLS");
    server.client().await.dialogue("", "").await;
}

#[tokio::test]
async fn clients_may_have_to_show_certificates() {
    let files = Files::new();
    // Also on an address that others can reach: it is known who comes.
    let server = Server::on(Bus::new(), "0.0.0.0:0", |builder| builder.tls(files.mutual())).await;
    let url = format!("tls://127.0.0.1:{}", server.address.port());
    let known = ConnectOptions::new()
        .add_root_certificates(files.path("ca.pem"))
        .add_client_certificate(files.path("cert.pem"), files.path("key.pem"));
    let client = known.connect(&url).await.expect("a handshake");
    client.flush().await.expect("connected");
    let unknown = ConnectOptions::new().add_root_certificates(files.path("ca.pem"));
    unknown.connect(&url).await.expect_err("without a certificate");
    server.counted(|stats| stats.unauthorised >= 1 && stats.open == 1).await;

    let bus = Bus::new();
    let open = Listener::builder(&bus).tls(files.tls()).bind("0.0.0.0:0").await;
    assert!(matches!(open, Err(ListenError::Open(_))), "encrypted is not known");
}

#[tokio::test]
async fn who_does_not_come_to_a_handshake_is_closed_and_nobody_waits_for_it() {
    let files = Files::new();
    let limits = Limits::default().handshake_within(ms(300));
    let server = Server::with(|builder| builder.tls(files.tls()).limits(limits)).await;
    let mut plain = server.connect().await;
    let silent = server.connect().await;
    plain.say("CONNECT {\"verbose\":false}\r\nPING\r\n").await;
    // Perhaps an alert of TLS; nothing of the protocol.
    let mut heard = Vec::new();
    let _ = plain.socket.read_to_end(&mut heard).await;
    assert!(!String::from_utf8_lossy(&heard).contains("PONG"));
    silent.ends_with("").await;
    server.counted(|stats| stats.unauthorised == 2 && stats.open == 0).await;
}

#[tokio::test]
async fn a_drain_ends_encrypted_connections_and_handshakes() {
    let files = Files::new();
    let server = Server::with(|builder| builder.tls(files.tls())).await;
    let options = ConnectOptions::new().add_root_certificates(files.path("ca.pem")).max_reconnects(1);
    let client = options.connect(format!("tls://{}", server.address)).await.expect("a handshake");
    let mut subscriber = client.subscribe("a").await.expect("a pattern");
    client.flush().await.expect("connected");
    while server.bus.stats().active == 0 {
        tokio::task::yield_now().await;
    }
    let silent = server.connect().await;
    server.counted(|stats| stats.open == 2).await;
    for _ in 0..100 {
        let _ = server.bus.publish(message("a", &"x".repeat(10_000))).await.expect("open");
    }
    let report = server.stop().await;
    assert_eq!((report.drained, report.cut_off), (2, 0));
    for _ in 0..100 {
        let heard = tokio::time::timeout(super::support::NEVER, subscriber.next()).await.expect("it comes");
        assert_eq!(heard.expect("open").payload.len(), 10_000);
    }
    silent.ends_with("").await;
}

#[tokio::test]
async fn a_client_in_python_on_openssl() {
    let python = Command::new("python3").args(["-c", "import ssl"]).stderr(Stdio::null()).status().await;
    if !python.is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("CI").is_none(), "Python is missing");
        eprintln!("skipped: Python is missing");
        return;
    }
    let files = Files::new();
    let server = Server::with(|builder| builder.tls(files.mutual()).user("u", "p")).await;
    let mut script = Command::new("python3");
    script.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/wire/tls.py"));
    script.arg(server.address.port().to_string()).arg(files.folder.path()).kill_on_drop(true);
    let output = script.output().await.expect("python3 is there");
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(out, "ok\n", "{error}");
}

#[test]
fn what_is_wrong_with_certificates_is_said_and_no_part_of_the_key() {
    let files = Files::new();
    let [certificate, key, authority] = ["cert.pem", "key.pem", "ca.pem"].map(|name| files.read(name));
    for (certificate, key, what) in [
        (&b""[..], &key[..], "certificates: there is none"),
        (&certificate, b"", "key: "),
        (&key, &key, "certificates: there is none"),
        (&authority, &key, "certificates and key: "),
    ] {
        let error = Tls::new(certificate, key).expect_err(what).to_string();
        assert!(error.starts_with(what), "{error}");
        let secret = String::from_utf8_lossy(key);
        assert!(secret.lines().all(|line| line.is_empty() || !error.contains(line)), "{error}");
    }
    let error = Tls::with_client_authorities(&certificate, &key, b"").expect_err("no authority");
    assert!(error.to_string().starts_with("authorities of clients: there is none"), "{error}");
}
