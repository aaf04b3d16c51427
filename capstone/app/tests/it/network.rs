//! `serve`, and the commands that talk to it, or to a real NATS server.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStderr, Command};

use crate::support::{Ended, Place, command, run, run_with, signal};

/// A program in the background, and the lines that it says.
pub(crate) struct Running {
    child: Child,
    said: Lines<BufReader<ChildStderr>>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, said }
    }

    pub(crate) async fn says(&mut self) -> String {
        self.said.next_line().await.unwrap().expect("it goes on")
    }

    pub(crate) async fn ended(mut self) -> Ended {
        let mut stderr = String::new();
        while let Some(line) = self.said.next_line().await.unwrap() {
            stderr += &(line + "\n");
        }
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).await.unwrap();
        Ended { code: self.child.wait().await.unwrap().code().unwrap_or(-1), stdout, stderr }
    }

    pub(crate) async fn terminated(self) -> Ended {
        signal(&self.child, "-TERM").await;
        self.ended().await
    }
}

/// `capstone serve` on a free port, and its address.
pub(crate) async fn serve(arguments: &[&str], token: Option<&str>) -> (Running, String) {
    let mut serve = command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat());
    serve.envs(token.map(|token| ("CAPSTONE_TOKEN", token)));
    let mut serve = Running::start(serve);
    let said = serve.says().await;
    (serve, said.strip_prefix("listening on ").expect(&said).to_owned())
}

pub(crate) async fn subscribe(server: &str, arguments: &[&str]) -> Running {
    let mut subscribe = Running::start(command(&[&["subscribe", "--server", server], arguments].concat()));
    let said = subscribe.says().await;
    assert!(said.starts_with("subscribed to "), "{said}");
    subscribe
}

#[tokio::test]
async fn serve_carries_a_database_into_its_stream_and_to_clients_and_again_after_a_restart() {
    serve_carries(&Place::new().db()).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn serve_carries_a_postgres_database_too() {
    let Some(server) = capstone_postgres_server::Server::start() else { return };
    let db = server.address("postgres");
    run(&["migrate", "--db", &db]).await.done();
    serve_carries(&db).await;
}

async fn serve_carries(db: &str) {
    let enqueue = async |line: &str| run_with(&["enqueue", "--db", db], line).await.done();
    for round in 1..=2 {
        // What waits already is new to the stream, and so to the bus.
        enqueue(&format!("{{\"topic\":\"orders.created\",\"payload\":{{\"round\":{round}}}}}")).await;
        let (server, address) = serve(&["--db", db], None).await;
        // The first may be on the bus before anybody subscribes; when the second is there, both were carried.
        let subscribed = subscribe(&address, &["orders.paid", "--count", "1"]).await;
        enqueue("{\"topic\":\"orders.paid\",\"payload\":1}").await;
        assert_eq!(subscribed.ended().await.done().stdout, "orders.paid\t1\n");
        let ended = server.terminated().await.done();
        assert!(ended.stderr.contains("relayed 2"), "{}", ended.stderr);
    }
    let replayed = run(&["stream", "replay", "--db", db]).await.done().stdout;
    assert_eq!(replayed.lines().count(), 4);
}

async fn publish(server: &str, topic: &str, payload: &str) {
    run(&["publish", "--server", server, topic, payload]).await.done();
}

/// What the client commands do with any server.
async fn publish_subscribe_and_request(server: &str) {
    let json = subscribe(server, &["--json", "--count", "2", "orders.>"]).await;
    let text = subscribe(server, &["--count", "1", "orders.*"]).await;
    let mut group = vec![];
    for _ in 0..2 {
        group.push(subscribe(server, &["--queue", "g", "orders.paid"]).await);
    }
    publish(server, "orders.created", r#"{"cents": 1250}"#).await;
    publish(server, "orders.paid", "two\nlines").await;

    let lines = json.ended().await.done().stdout;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["topic"], &lines[0]["payload"]["cents"]), (&"orders.created".into(), &1250.into()));
    assert_eq!(lines[1]["payload_base64"], "dHdvCmxpbmVz");
    assert_eq!((&lines[0]["seq"], &lines[1]["seq"]), (&1.into(), &2.into()));
    assert_eq!(text.ended().await.done().stdout, "orders.created\t{\"cents\": 1250}\n");
    let mut shared = String::new();
    for member in group {
        shared += &member.terminated().await.done().stdout;
    }
    assert_eq!(shared, "orders.paid\ttwo\nlines\n", "one of them");

    run(&["request", "--server", server, "nobody", "?"]).await.failed_with(&["nobody is there to reply"]);
    let silent = subscribe(server, &["silent"]).await;
    let asked = run(&["request", "--server", server, "--timeout", "0.3", "silent", "?"]).await;
    asked.failed_with(&["silent", "no reply within 300ms"]);
    assert_eq!(silent.terminated().await.done().stdout, "silent\t?\n");
}

#[tokio::test]
async fn our_server() {
    let (serve, server) = serve(&[], None).await;
    publish_subscribe_and_request(&server).await;
    run(&["publish", "--server", &server, "$SYS.x"])
        .await
        .failed_with(&["Permissions Violation for Publish"]);
    let ended = serve.terminated().await.done();
    assert!(ended.stderr.ends_with("connections\n"), "{}", ended.stderr);
    run(&["publish", "--server", &server, "a"]).await.failed_with(&[&server]);
}

#[tokio::test]
async fn a_real_nats_server() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let program = root.join(".tools/bin/nats-server");
    if !program.is_file() {
        assert!(std::env::var_os("CI").is_none(), "nats-server is missing: cargo x tools");
        eprintln!("skipped: nats-server is missing: cargo x tools");
        return;
    }
    // Free a moment ago; nobody else on this machine asks for this very one.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port().to_string();
    let mut nats = Command::new(program);
    nats.args(["-a", "127.0.0.1", "-p", &port]).stderr(Stdio::null()).kill_on_drop(true);
    let mut nats = nats.spawn().unwrap();
    let address = format!("127.0.0.1:{port}");
    while TcpStream::connect(&address).await.is_err() {
        assert!(nats.try_wait().unwrap().is_none(), "it runs");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    publish_subscribe_and_request(&format!("nats://{address}")).await;
    nats.kill().await.unwrap();
}

#[tokio::test]
async fn what_the_server_has_sent_before_a_stop_is_printed() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap().to_string();
    let subscribe = subscribe(&address, &["--queue", "g", "a"]);
    let serve = async {
        let (mut socket, _) = server.accept().await.unwrap();
        socket.write_all(b"INFO {}\r\n").await.unwrap();
        // Stays open until the program has ended: what it prints, it prints because it asked.
        let mut lines = BufReader::new(socket).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            match line.as_str() {
                "UNSUB 1" => lines.get_mut().write_all(b"MSG a 1 4\r\nlast\r\n").await.unwrap(),
                "PING" => lines.get_mut().write_all(b"PONG\r\n").await.unwrap(),
                _ => {}
            }
        }
    };
    let (ended, ()) = tokio::join!(async { subscribe.await.terminated().await.done() }, serve);
    assert_eq!(ended.stdout, "a\tlast\n");
}

#[tokio::test]
async fn a_token_is_needed_and_never_shown() {
    let (serve, server) = serve(&[], Some("s3cret")).await;
    let publish = async |token: &str| {
        let mut publish = command(&["publish", "--server", &server, "a", "x"]);
        publish.env("CAPSTONE_TOKEN", token).env("CAPSTONE_LOG", "trace");
        Running::start(publish).ended().await
    };
    assert_eq!(publish("s3cret").await.done().stderr, "");
    let refused = publish("s3cret-but-wrong").await;
    refused.failed_with(&["Authorization Violation"]);
    assert!(!refused.stderr.contains("s3cret"));
    run(&["publish", "--server", &server, "a"]).await.failed_with(&["Authorization Violation"]);
    let ended = serve.terminated().await.done();
    assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);

    let url = run(&["publish", "--server", "nats://u:s3cret@h", "a"]).await;
    assert_eq!((url.code, url.stderr.contains("s3cret")), (2, false), "{}", url.stderr);
}

#[tokio::test]
async fn an_open_address_needs_a_token() {
    run(&["serve", "--listen", "0.0.0.0:0"]).await.failed_with(&["0.0.0.0:0", "CAPSTONE_TOKEN"]);
}

#[tokio::test]
async fn with_few_descriptors_silent_clients_make_room() {
    let mut limited = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_capstone");
    limited.args(["-c", "ulimit -n 24; exec \"$0\" serve --listen 127.0.0.1:0", program]);
    limited.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    limited.env("CAPSTONE_HTTP", "off");
    let mut serve = Running::start(limited);
    let said = serve.says().await;
    let server = said.strip_prefix("listening on ").expect(&said).to_owned();
    let address = server.strip_prefix("nats://").unwrap();
    let mut sockets = vec![];
    for _ in 0..40 {
        sockets.push(TcpStream::connect(address).await.unwrap());
    }
    publish(&server, "a", "x").await;
    drop(sockets);
    let ended = serve.terminated().await.done();
    assert!(!ended.stderr.contains("cannot accept"), "{}", ended.stderr);
}
