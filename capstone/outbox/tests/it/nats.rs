//! The sink for JetStream against a real nats-server, which the tests start, kill and start again.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{self, consumer, stream};
use capstone_outbox::memory::MemoryStore;
use capstone_outbox::relay::{Exhausted, Report, RetryConfig};
use capstone_outbox::sink::{NatsError, NatsOptions, NatsSink};
use capstone_outbox::{Envelope, Message, Relay, RelayConfig, Sink, SinkError};
use futures::StreamExt;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::timeout;

#[cfg(unix)]
use crate::certificates::Authority;
use crate::support::{self, attempt, cancel_at, message, ms};

/// Nothing in these tests takes this long, unless it never happens.
const NEVER: Duration = Duration::from_secs(60);

/// A server of its own for a test, with streams in a temporary folder.
pub(crate) struct Server {
    folder: TempDir,
    port: u16,
    process: Child,
}

impl Server {
    /// `None`, and a word, where there is no nats-server.
    pub(crate) async fn start() -> Option<Self> {
        Self::start_with(&["-js"]).await
    }

    pub(crate) async fn start_with(options: &[&str]) -> Option<Self> {
        if !program().is_file() {
            assert!(std::env::var_os("CI").is_none(), "nats-server is missing: cargo x tools");
            eprintln!("skipped: nats-server is missing: cargo x tools");
            return None;
        }
        // Free a moment ago; nobody else on this machine asks for this very one.
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let process = run(port, folder.path(), options).await;
        Some(Self { folder, port, process })
    }

    pub(crate) async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }

    #[cfg(unix)]
    async fn signal(&self, signal: &str) {
        let process = self.process.id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &process]).status().await.unwrap().success());
    }

    async fn start_again(&mut self) {
        self.process = run(self.port, self.folder.path(), &["-js"]).await;
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) async fn sink(&self) -> NatsSink {
        NatsSink::connect(&self.address()).await.unwrap()
    }

    pub(crate) async fn with_orders(&self) -> NatsSink {
        let sink = self.sink().await;
        sink.create_stream("orders", vec!["orders.>".into()]).await.unwrap();
        sink
    }

    async fn stream(&self) -> stream::Stream {
        let client = async_nats::connect(self.address()).await.unwrap();
        jetstream::new(client).get_stream("orders").await.unwrap()
    }

    /// All messages of the stream, in its order.
    pub(crate) async fn stored(&self) -> Vec<async_nats::Message> {
        let stream = self.stream().await;
        let count = stream.get_info().await.unwrap().state.messages;
        let config = consumer::pull::OrderedConfig::default();
        let messages = stream.create_consumer(config).await.unwrap().messages().await.unwrap();
        let count = usize::try_from(count).unwrap();
        let stored = messages.take(count).map(|message| message.unwrap().message.clone()).collect();
        timeout(NEVER, stored).await.expect("the stream has them")
    }

    pub(crate) async fn payloads(&self) -> Vec<String> {
        let text = |message: async_nats::Message| String::from_utf8(message.payload.to_vec()).unwrap();
        self.stored().await.into_iter().map(text).collect()
    }
}

fn program() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/bin/nats-server")
}

async fn run(port: u16, folder: &Path, options: &[&str]) -> Child {
    let mut server = Command::new(program());
    server.args(["-a", "127.0.0.1", "-p", &port.to_string(), "-sd"]).arg(folder).args(options);
    let mut server = server.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(server.try_wait().unwrap().is_none(), "it runs");
        tokio::time::sleep(ms(20)).await;
    }
    server
}

pub(crate) fn envelope(topic: &str, payload: Vec<u8>) -> Envelope {
    with_headers(topic, r#"{"traceparent":"00-ab"}"#, payload)
}

pub(crate) fn with_headers(topic: &str, headers: &str, payload: Vec<u8>) -> Envelope {
    support::envelope(7, topic, "order-1", headers, &payload)
}

pub(crate) async fn relay_all(store: &Arc<MemoryStore>, sink: NatsSink, config: RelayConfig) -> Report {
    let mut relay = Relay::new(Arc::clone(store), Arc::new(sink), config).unwrap();
    timeout(NEVER, relay.run_until_empty(std::future::pending())).await.expect("it ends").unwrap()
}

#[tokio::test]
async fn messages_are_stored_in_order_with_their_headers() {
    let Some(server) = Server::start().await else { return };
    let sink = server.with_orders().await;
    for n in 0..50 {
        sink.publish(&envelope("orders.created", n.to_string().into_bytes()), attempt()).await.unwrap();
    }
    assert_eq!(server.payloads().await, (0..50).map(|n| n.to_string()).collect::<Vec<_>>());

    let known = envelope("orders.paid", b"\x00\xff".to_vec());
    sink.publish(&known, attempt()).await.unwrap();
    let last = server.stored().await.pop().unwrap();
    assert_eq!((last.subject.as_str(), &last.payload[..]), ("orders.paid", &b"\x00\xff"[..]));
    let headers = last.headers.unwrap();
    let id = known.id.to_string();
    let expected = [
        ("traceparent", "00-ab"),
        ("outbox-id", id.as_str()),
        ("outbox-seq", "7"),
        ("outbox-key", "order-1"),
        ("Nats-Msg-Id", id.as_str()),
    ];
    for (name, value) in expected {
        assert_eq!(headers.get(name).map(|value| value.as_str()), Some(value), "{name}");
    }
    assert_eq!(headers.len(), expected.len());
}

#[tokio::test]
async fn what_is_published_again_is_stored_once() {
    let Some(server) = Server::start().await else { return };
    let sink = server.with_orders().await;
    let message = envelope("orders.created", b"1".to_vec());
    for _ in 0..3 {
        sink.publish(&message, attempt()).await.unwrap();
    }
    // Another relay, after a crash.
    server.sink().await.publish(&message, attempt()).await.unwrap();
    assert_eq!(server.payloads().await, ["1"]);
}

#[tokio::test]
async fn a_publish_dropped_at_any_poll_is_stored_at_most_once() {
    let Some(server) = Server::start().await else { return };
    let sink = server.with_orders().await;
    let message = envelope("orders.created", b"1".to_vec());
    let mut polls = 1;
    while cancel_at(polls, sink.publish(&message, attempt())).await.is_none() {
        polls += 1;
        assert!(polls < 100, "never completes");
    }
    assert_eq!(server.payloads().await, ["1"]);
}

#[tokio::test]
async fn what_is_asked_at_the_start_can_be_dropped_at_any_poll() {
    let Some(server) = Server::start().await else { return };
    let sink = server.sink().await;
    let address = server.address();
    macro_rules! at_each_poll {
        ($operation:expr) => {
            let mut polls = 1;
            while cancel_at(polls, $operation).await.map(|done| done.map(drop).unwrap()).is_none() {
                polls += 1;
                assert!(polls < 100, "never completes");
            }
        };
    }
    at_each_poll!(NatsSink::connect(&address));
    at_each_poll!(sink.create_stream("orders", vec!["orders.>".into()]));
    at_each_poll!(sink.check_streams());
    sink.publish(&envelope("orders.created", b"1".to_vec()), attempt()).await.unwrap();
    assert_eq!(server.payloads().await, ["1"]);
}

#[tokio::test]
async fn a_missing_stream_is_named_with_what_creates_it() {
    let Some(server) = Server::start().await else { return };
    let sink = server.sink().await;
    let error = sink.check_streams().await.expect_err("there is none");
    assert!(matches!(error, NatsError::NoStream { .. }), "{error}");
    assert!(error.to_string().contains("--create-stream") && error.to_string().contains("nats stream add"));

    let refused = sink.publish(&envelope("orders.created", b"1".to_vec()), attempt()).await;
    let Err(SinkError::Retryable(text)) = refused else { panic!("{refused:?}") };
    assert!(text.contains("orders.created") && text.contains("--create-stream"), "{text}");

    sink.create_stream("orders", vec!["orders.>".into()]).await.unwrap();
    sink.create_stream("orders", vec!["orders.>".into()]).await.expect("it is there already");
    sink.check_streams().await.unwrap();
    sink.publish(&envelope("orders.created", b"1".to_vec()), attempt()).await.unwrap();
    let other = sink.create_stream("orders", vec!["else".into()]).await.expect_err("other subjects");
    assert!(other.to_string().ends_with("it is there with the subjects orders.>"), "{other}");
    let overlap = sink.create_stream("more", vec!["orders.created".into()]).await.expect_err("it overlaps");
    assert!(overlap.to_string().contains("overlap"), "{overlap}");
}

#[tokio::test]
async fn only_the_key_without_a_stream_waits_and_not_for_ever() {
    let Some(server) = Server::start().await else { return };
    let sink = server.with_orders().await;
    let store = Arc::new(MemoryStore::new());
    let elsewhere = Message::new("elsewhere".parse().unwrap(), "lost?").with_key("a").unwrap();
    store.enqueue([elsewhere, message("b", "1"), message("b", "2")]);
    let retry = RetryConfig::default().attempts_max(3).base(ms(1));
    let report = relay_all(&store, sink, RelayConfig::default().retry(retry)).await;
    assert_eq!((report.published, report.failed, report.parked), (2, 3, 1), "{report:?}");
    assert_eq!(server.payloads().await, ["1", "2"]);
}

#[tokio::test]
async fn what_the_server_can_never_take_is_permanent() {
    let Some(server) = Server::start().await else { return };
    let sink = server.with_orders().await;
    let too_large = envelope("orders.created", vec![b'x'; 2 << 20]);
    let broken_headers = with_headers("orders.created", "{a:1}", vec![]);
    let header = with_headers("orders.created", r#"{"a b":"1"}"#, vec![]);
    for wrong in [
        too_large,
        broken_headers,
        header,
        envelope("orders..created", vec![]),
        envelope("orders.*", vec![]),
        envelope("$JS.API.STREAM.DELETE.orders", vec![]),
        envelope("_INBOX.x", vec![]),
    ] {
        let refused = sink.publish(&wrong, attempt()).await;
        assert!(matches!(refused, Err(SinkError::Permanent(_))), "{}: {refused:?}", wrong.topic);
    }
    assert!(server.payloads().await.is_empty());
    let large = envelope("orders.created", vec![b'x'; 2 << 20]);
    let error = sink.publish(&large, attempt()).await.unwrap_err();
    assert!(
        error.to_string().contains("max payload size exceeded: Payload size limit of 1048576"),
        "{error}"
    );
}

#[tokio::test]
async fn a_too_large_message_becomes_a_dead_letter_and_the_others_go_on() {
    let Some(server) = Server::start().await else { return };
    let sink = server.with_orders().await;
    let store = Arc::new(MemoryStore::new());
    store.enqueue([message("", "1"), message("", &"x".repeat(2 << 20)), message("a", "2")]);
    let retry = RetryConfig::default().keyless(Exhausted::Bury);
    let report = relay_all(&store, sink, RelayConfig::default().retry(retry)).await;
    assert_eq!((report.published, report.buried, report.parked), (2, 1, 0), "{report:?}");
    let mut payloads = server.payloads().await;
    payloads.sort();
    assert_eq!(payloads, ["1", "2"]);
}

#[tokio::test]
async fn a_killed_server_costs_no_message_and_no_order() {
    const KEYS: usize = 7;
    const EACH: usize = 300;
    let Some(mut server) = Server::start().await else { return };
    let sink = server.with_orders().await;
    let store = Arc::new(MemoryStore::new());
    store.enqueue((0..KEYS * EACH).map(|n| message(&format!("key-{}", n % KEYS), &n.to_string())));
    let mut relay = Relay::new(Arc::clone(&store), Arc::new(sink), RelayConfig::default()).unwrap();
    let progress = relay.progress();
    let kills = async {
        for after in [200, 900] {
            while progress.published() < after {
                tokio::time::sleep(ms(1)).await;
            }
            server.kill().await;
            server.start_again().await;
        }
    };
    let running = timeout(NEVER, relay.run_until_empty(std::future::pending()));
    let ((), report) = tokio::join!(kills, running);
    let report = report.expect("it ends").unwrap();
    assert_eq!((report.published, report.parked, report.buried), ((KEYS * EACH) as u64, 0, 0));
    // Stored once each, and in order per key.
    let payloads: Vec<usize> =
        server.payloads().await.iter().map(|payload| payload.parse().unwrap()).collect();
    assert_eq!(payloads.len(), KEYS * EACH);
    for key in 0..KEYS {
        let of_key: Vec<usize> = payloads.iter().copied().filter(|n| n % KEYS == key).collect();
        assert_eq!(of_key, (0..EACH).map(|n| n * KEYS + key).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn without_a_connection_the_sink_is_unavailable_at_once() {
    let Some(mut server) = Server::start().await else { return };
    let sink = server.with_orders().await;
    server.kill().await;
    for _ in 0..3 {
        let refused = sink.publish(&envelope("orders.created", b"1".to_vec()), attempt()).await;
        assert!(matches!(refused, Err(SinkError::Unavailable(_))), "{refused:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_that_hangs_is_a_timeout_and_what_it_took_is_stored_once() {
    let Some(server) = Server::start().await else { return };
    let sink = server.with_orders().await;
    let message = envelope("orders.created", b"1".to_vec());
    server.signal("-STOP").await;
    // The signal takes a moment to reach all of its threads.
    let mut refused = Ok(());
    while refused.is_ok() {
        refused = sink.publish(&message, attempt()).await;
    }
    server.signal("-CONT").await;
    let Err(SinkError::TimedOut(text)) = refused else { panic!("{refused:?}") };
    assert_eq!(text, format!("nats://{}: no acknowledgement within 3s", server.address()));
    sink.publish(&message, attempt()).await.unwrap();
    assert_eq!(server.payloads().await, ["1"]);
}

#[tokio::test]
async fn what_cannot_be_used_is_said_at_the_start() {
    let Some(mut server) = Server::start().await else { return };
    server.kill().await;
    let error = NatsSink::connect(&server.address()).await.err().expect("nobody listens");
    assert!(error.to_string().starts_with(&format!("nats://{}: ", server.address())), "{error}");

    server.process = run(server.port, server.folder.path(), &["--auth", "s3cret"]).await;
    let error = NatsSink::connect_with(&server.address(), NatsOptions::with_token("s3cret".into())).await;
    let error = error.err().expect("no JetStream");
    assert!(error.to_string().contains("-js"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn over_tls_the_server_must_be_trusted() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let (certificate, key) = authority.vouch("127.0.0.1");
    let [certificate_file, key_file] = ["server.pem", "key.pem"].map(|name| folder.path().join(name));
    std::fs::write(&certificate_file, certificate).unwrap();
    std::fs::write(&key_file, key).unwrap();
    let [certificate, key] = [&certificate_file, &key_file].map(|file| file.to_str().unwrap());
    let options = ["-js", "--tls", "--tlscert", certificate, "--tlskey", key];
    let Some(server) = Server::start_with(&options).await else { return };
    let address = format!("tls://{}", server.address());

    let roots = authority.write(folder.path(), "ca.pem");
    let trusting = |roots: PathBuf| NatsOptions::new().add_root_certificates(roots);
    let sink = NatsSink::connect_with(&address, trusting(roots)).await.unwrap();
    sink.create_stream("orders", vec!["orders.>".into()]).await.unwrap();
    sink.publish(&envelope("orders.created", b"1".to_vec()), attempt()).await.unwrap();

    let other = Authority::new().write(folder.path(), "other.pem");
    for refused in
        [NatsSink::connect_with(&address, trusting(other)).await, NatsSink::connect(&address).await]
    {
        let error = refused.err().expect("not trusted").to_string();
        assert!(error.contains("invalid peer certificate: "), "{error}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_without_tls_is_refused_when_tls_is_asked_for() {
    let Some(server) = Server::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let roots = Authority::new().write(folder.path(), "ca.pem");
    let address = format!("tls://{}", server.address());
    let options = NatsOptions::new().add_root_certificates(roots);
    let error = NatsSink::connect_with(&address, options).await.err().expect("not in the clear");
    assert!(error.to_string().ends_with("the server does not speak TLS"), "{error}");
}
