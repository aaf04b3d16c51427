//! The status page of `serve`: what it shows, whom it answers, and what it bears.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::network::Running;
use crate::support::{Place, command, run, run_with};

/// `capstone serve` with a page on a free port, and the addresses of both.
async fn serve(arguments: &[&str], environment: &[(&str, &str)]) -> (Running, String, String) {
    let mut serve = command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat());
    serve.envs(environment.iter().copied());
    let mut serve = Running::start(serve);
    let (nats, page) = (serve.says().await, serve.says().await);
    let nats = nats.strip_prefix("listening on ").expect(&nats).to_owned();
    let page = page.strip_prefix("status page on http://").expect(&page).trim_end_matches('/').to_owned();
    (serve, nats, page)
}

/// Sends this, and reads until the server closes.
async fn exchange(page: &str, request: &[u8]) -> String {
    let mut socket = TcpStream::connect(page).await.unwrap();
    // A server that has heard enough closes before it has all.
    let _ = socket.write_all(request).await;
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn ask(page: &str, line: &str, headers: &str) -> String {
    exchange(page, format!("{line} HTTP/1.1\r\nHost: {page}\r\n{headers}\r\n").as_bytes()).await
}

async fn get(page: &str, path: &str) -> String {
    let answer = ask(page, &format!("GET {path}"), "").await;
    let (head, body) = answer.split_once("\r\n\r\n").expect(&answer);
    assert!(head.starts_with("HTTP/1.1 200 "), "{answer}");
    body.to_owned()
}

#[tokio::test]
async fn the_page_shows_the_database_its_streams_and_the_bus() {
    shows(&Place::new().db(), 1).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn the_page_shows_a_postgres_database_too() {
    let Some(server) = capstone_postgres_server::Server::start() else { return };
    let db = server.address("postgres");
    run(&["migrate", "--db", &db]).await.done();
    shows(&db, 64).await;
}

async fn shows(db: &str, lanes: u16) {
    run_with(&["enqueue", "--db", db], "{\"topic\":\"orders.created\",\"payload\":1}\n").await.done();
    let (server, nats, page) = serve(&["--db", db], &[]).await;
    run(&["publish", "--server", &nats, "hello", "1"]).await.done();
    // Asked again until the relay has carried it: what is shown is at most a second old.
    let status = loop {
        let status: Value = serde_json::from_str(&get(&page, "/status.json").await).unwrap();
        if status["streams"][0]["messages"] == 1 && status["outbox"]["pending"] == 0 {
            break status;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((&status["relay"]["published"], &status["problem"]), (&1.into(), &Value::Null));
    assert_eq!((&status["outbox"]["lanes"], &status["outbox"]["held"]), (&lanes.into(), &0.into()));
    assert_eq!(status["listener"]["accepted"], 1);
    let metrics = get(&page, "/metrics").await;
    for line in [
        "outbox_ready_rows 0",
        "outbox_published_total{outcome=\"ok\"} 1",
        "stream_messages{stream=\"outbox\"} 1",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}: {metrics}");
    }
    let html = get(&page, "/").await;
    assert!(html.contains("all is well") && html.contains("<h2>Streams</h2>"), "{html}");
    assert!(!html.contains("<script") && !html.contains("src="), "{html}");
    assert_eq!(get(&page, "/healthz").await, "ok\n");
    server.terminated().await.done();
}

#[tokio::test]
async fn a_database_that_cannot_be_read_is_unhealthy_and_said_so() {
    let place = Place::new();
    place.enqueue("{\"topic\":\"a\",\"payload\":1}\n").await.done();
    let (server, _nats, page) = serve(&["--db", &place.db()], &[]).await;
    let other = rusqlite::Connection::open(place.path("shop.db")).unwrap();
    other.execute_batch("ALTER TABLE outbox_dead RENAME TO hidden").unwrap();
    let unhealthy = loop {
        let answer = ask(&page, "GET /healthz", "").await;
        if !answer.starts_with("HTTP/1.1 200 ") {
            break answer;
        }
        tokio::task::yield_now().await;
    };
    assert!(unhealthy.starts_with("HTTP/1.1 503 "), "{unhealthy}");
    assert!(get(&page, "/").await.contains("the database cannot be read"));
    other.execute_batch("ALTER TABLE hidden RENAME TO outbox_dead").unwrap();
    server.terminated().await;
}

#[tokio::test]
async fn a_token_keeps_others_out_and_another_address_wants_one() {
    let (server, _nats, page) = serve(&[], &[("CAPSTONE_HTTP_TOKEN", "s3cret")]).await;
    let refused = ask(&page, "GET /", "").await;
    assert!(refused.starts_with("HTTP/1.1 401 ") && refused.contains("www-authenticate: Basic"), "{refused}");
    assert!(ask(&page, "GET /metrics", "Authorization: Bearer wrong\r\n").await.starts_with("HTTP/1.1 401 "));
    assert!(ask(&page, "GET /", "Authorization: Bearer s3cret\r\n").await.starts_with("HTTP/1.1 200 "));
    assert!(ask(&page, "GET /healthz", "").await.starts_with("HTTP/1.1 200 "));
    server.terminated().await.done();

    let mut open = command(&["serve", "--listen", "127.0.0.1:0"]);
    open.env("CAPSTONE_HTTP", "0.0.0.0:0");
    Running::start(open).ended().await.failed_with(&["0.0.0.0:0", "CAPSTONE_HTTP_TOKEN"]);
}

#[tokio::test]
async fn a_taken_port_is_named_and_the_page_can_be_off() {
    let (server, _nats, page) = serve(&[], &[]).await;
    let second = run(&["serve", "--listen", "127.0.0.1:0", "--http", &page]).await;
    second.failed_with(&[&page, "--http", "in use"]);
    let mut without = Running::start(command(&["serve", "--listen", "127.0.0.1:0", "--http", "off"]));
    assert!(without.says().await.starts_with("listening on "));
    assert!(!without.terminated().await.done().stderr.contains("status page"));
    server.terminated().await.done();
}

#[tokio::test]
async fn hostile_requests_are_answered_or_cut_off_and_harm_nobody() {
    let (server, _nats, page) = serve(&[], &[]).await;
    for (line, status) in [
        ("POST /", "405"),
        ("DELETE /status.json", "405"),
        ("GET /../../etc/passwd", "404"),
        ("GET /%00", "404"),
        ("GET /nothing?<script>", "400"),
    ] {
        let answer = ask(&page, line, "").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{line}: {answer}");
        assert!(!answer.contains("passwd") && !answer.contains("<script"), "{answer}");
    }
    let rebound = exchange(&page, b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").await;
    assert!(rebound.starts_with("HTTP/1.1 421 "), "{rebound}");
    let huge = ask(&page, "GET /", &format!("X: {}\r\n", "a".repeat(1 << 20))).await;
    assert!(huge.is_empty() || huge.starts_with("HTTP/1.1 431 "), "{huge}");
    let many = ask(&page, "GET /", &"X: a\r\n".repeat(2_000)).await;
    assert!(many.is_empty() || many.starts_with("HTTP/1.1 431 "), "{many}");
    for garbage in
        [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"\r\n\r\n\r\n\x00\xff", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    {
        exchange(&page, garbage).await;
    }
    // A body is not read, and the next request is not taken from it.
    let smuggled =
        ask(&page, "GET /healthz", "Content-Length: 30\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n").await;
    assert_eq!(smuggled.matches("HTTP/1.1").count(), 1, "{smuggled}");
    assert!(ask(&page, "HEAD /", "").await.ends_with("\r\n\r\n"), "no body");

    // More silent clients than there are places: they are cut off, and whoever asks is answered.
    let mut silent = Vec::new();
    for _ in 0..80 {
        let mut socket = TcpStream::connect(&page).await.unwrap();
        socket.write_all(b"GET / HT").await.unwrap();
        silent.push(socket);
    }
    assert_eq!(get(&page, "/healthz").await, "ok\n");
    server.terminated().await.done();
}
