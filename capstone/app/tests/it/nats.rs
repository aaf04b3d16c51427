//! `capstone relay --sink nats://HOST:PORT` against a real nats-server.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::support::{Ended, Place, command, run};

pub(crate) const TOKEN: &str = "s3cret";

pub(crate) struct Server {
    /// Killed when it is dropped.
    _process: Child,
    pub(crate) address: String,
}

/// One that wants the token.
pub(crate) async fn server(place: &Place) -> Option<Server> {
    server_with(place, &["--auth", TOKEN]).await
}

/// `None`, and a word, where there is no nats-server.
pub(crate) async fn server_with(place: &Place, options: &[&str]) -> Option<Server> {
    let program = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../.tools/bin/nats-server");
    if !program.is_file() {
        assert!(std::env::var_os("CI").is_none(), "nats-server is missing: cargo x tools");
        eprintln!("skipped: nats-server is missing: cargo x tools");
        return None;
    }
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port().to_string();
    let mut process = Command::new(program);
    process.args(["-js", "-a", "127.0.0.1", "-p", &port, "-sd"]).arg(place.path("nats")).args(options);
    let mut process = process.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    let address = format!("127.0.0.1:{port}");
    while TcpStream::connect(&address).await.is_err() {
        assert!(process.try_wait().unwrap().is_none(), "it runs");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Some(Server { _process: process, address })
}

async fn relay(place: &Place, server: &Server, token: &str, options: &[&str]) -> Ended {
    let sink = format!("nats://{}", server.address);
    let (db, mut arguments) = (place.db(), vec!["relay", "--until-empty", "--sink", &sink]);
    arguments.extend(["--db", &db]);
    arguments.extend(options);
    let mut relay = command(&arguments);
    relay.env("CAPSTONE_TOKEN", token).env("CAPSTONE_LOG", "trace");
    let output = relay.output().await.unwrap();
    let ended = Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    assert!(!ended.stderr.contains(TOKEN) && !ended.stdout.contains(TOKEN), "{}", ended.stderr);
    ended
}

/// What it says at the end.
#[track_caller]
fn failed_with(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let last = ended.stderr.lines().last().unwrap();
    assert!(words.iter().all(|word| last.contains(word)), "{last}");
}

#[tokio::test]
async fn the_outbox_goes_to_a_stream_that_was_asked_for() {
    let place = Place::new();
    let Some(server) = server(&place).await else { return };
    place.enqueue("{\"topic\":\"orders.created\",\"key\":\"a\",\"payload\":1}\n").await.done();

    failed_with(&relay(&place, &server, "wrong-s3cret", &[]).await, &[&server.address, "authorization"]);
    failed_with(&relay(&place, &server, TOKEN, &[]).await, &["has no stream", "--create-stream"]);
    assert_eq!(place.pending().await, 1);

    let create = ["--create-stream", "orders=orders.>"];
    let done = relay(&place, &server, TOKEN, &create).await.done();
    assert!(done.stderr.contains("relayed 1\n"), "{}", done.stderr);
    place.enqueue("{\"topic\":\"orders.paid\",\"payload\":2}\n").await.done();
    relay(&place, &server, TOKEN, &[]).await.done();
    assert_eq!(place.pending().await, 0);
}

#[tokio::test]
async fn options_that_do_not_fit() {
    let place = Place::new();
    let create = ["relay", "--db", &place.db(), "--sink", "stdout", "--create-stream", "a=b"];
    run(&create).await.failed_with(&["--create-stream", "nats://"]);
    for secret in ["nats://u:s3cret@h", "tls://u:s3cret@h:1"] {
        let secret = run(&["relay", "--db", &place.db(), "--sink", secret]).await;
        assert_eq!((secret.code, secret.stderr.contains("s3cret")), (2, false), "{}", secret.stderr);
        assert!(secret.stderr.contains("CAPSTONE_NATS_PASSWORD"), "{}", secret.stderr);
    }
}

#[tokio::test]
async fn tls_is_not_left_out_and_what_vouches_for_a_server_must_be_there() {
    let place = Place::new();
    place.enqueue("{\"topic\":\"orders.created\",\"payload\":1}\n").await.done();
    let Some(server) = server(&place).await else { return };
    let sink = format!("tls://{}", server.address);
    let (db, ca) = (place.db(), format!("relay.sink_ca={}", place.path("missing.pem").display()));
    let arguments = ["relay", "--until-empty", "--sink", &sink, "--db", &db, "--set", &ca];
    run(&arguments).await.failed_with(&[&sink, "No such file"]);
    std::fs::write(place.path("missing.pem"), "").unwrap();
    run(&arguments).await.failed_with(&[&sink, "does not speak TLS"]);
    assert_eq!(place.pending().await, 1);
}
