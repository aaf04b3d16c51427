//! What the chapter says about the server, with real sockets on the real clock. Each test waits for what a client reads, and
//! never for time to pass.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use lesson_23::server::{PAUSE, next_client, serve};
use lesson_23::wrong;
use shared::Journal;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_test::{assert_pending, task};
use tokio_util::sync::CancellationToken;

/// So that a test fails instead of hanging. Nothing here takes a second.
const LONG: Duration = Duration::from_secs(30);

struct Client(BufReader<TcpStream>);

impl Client {
    async fn connect(to: SocketAddr) -> Self {
        Self(BufReader::new(timeout(LONG, TcpStream::connect(to)).await.unwrap().unwrap()))
    }

    async fn send(&mut self, order: &str) {
        self.0.write_all(order.as_bytes()).await.unwrap();
    }

    /// The next line, or an empty one when the connection has been closed.
    async fn reads(&mut self) -> String {
        let mut line = String::new();
        match timeout(LONG, self.0.read_line(&mut line)).await.expect("the server says nothing") {
            Ok(_) => line,
            Err(_reset) => String::new(),
        }
    }
}

/// A server that serves two clients at the same time.
async fn server() -> (SocketAddr, CancellationToken, Journal, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop, journal) = (listener.local_addr().unwrap(), CancellationToken::new(), Journal::new());
    let serving = tokio::spawn(serve(listener, 2, stop.clone(), journal.clone()));
    (address, stop, journal, serving)
}

fn log(journal: &Journal) -> Vec<String> {
    journal.entries().into_iter().map(|entry| entry.what).collect()
}

/// Goes through the kernel and back, twice, on a connection of its own. What was ready before is then known to all tasks.
async fn round_trips() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for _ in 0..2 {
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        server.write_all(b"?").await.unwrap();
        client.read_u8().await.unwrap();
    }
}

// ANCHOR: backlog
#[tokio::test]
async fn a_client_that_is_not_accepted_can_connect_and_send() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = Client::connect(listener.local_addr().unwrap()).await;
    client.send("order 7\n").await; // the kernel keeps both: the connection and the order

    let (mut accepted, _) = listener.accept().await.unwrap();
    let mut order = [0; 8];
    accepted.read_exact(&mut order).await.unwrap();
    assert_eq!(&order, b"order 7\n");
}
// ANCHOR_END: backlog

#[tokio::test]
async fn at_the_limit_the_next_client_waits_in_the_backlog() {
    let (address, stop, journal, serving) = server().await;
    let mut first = Client::connect(address).await;
    let mut second = Client::connect(address).await;
    assert_eq!((first.reads().await, second.reads().await), ("welcome\n".into(), "welcome\n".into()));

    let mut third = Client::connect(address).await;
    third.send("order 3\n").await;
    round_trips().await; // time enough to accept it, if the server did
    assert_eq!(log(&journal), ["accepts client 1", "accepts client 2"]);

    second.send("order 2\n").await;
    assert_eq!(second.reads().await, "confirmed\n");
    assert_eq!(third.reads().await, "welcome\n");
    assert_eq!(third.reads().await, "confirmed\n");
    first.send("order 1\n").await;
    assert_eq!(first.reads().await, "confirmed\n");

    stop.cancel();
    timeout(LONG, serving).await.unwrap().unwrap();
    assert_eq!(
        log(&journal)[2..],
        [
            "takes order 2 from client 2",
            "accepts client 3",
            "takes order 3 from client 3",
            "takes order 1 from client 1"
        ]
    );
}

#[tokio::test]
async fn each_of_20_clients_is_served() {
    let (address, stop, journal, serving) = server().await;
    let clients = (1..=20).map(|number| async move {
        let mut client = Client::connect(address).await;
        client.send(&format!("order {number}\n")).await;
        assert_eq!(client.reads().await, "welcome\n");
        assert_eq!(client.reads().await, "confirmed\n");
        assert_eq!(client.reads().await, "", "the connection is closed");
    });
    futures::future::join_all(clients).await;
    stop.cancel();
    timeout(LONG, serving).await.unwrap().unwrap();
    let taken: Vec<_> = log(&journal).into_iter().filter(|entry| entry.starts_with("takes")).collect();
    assert_eq!(taken.len(), 20);
}

#[tokio::test]
async fn a_client_that_leaves_frees_its_slot() {
    let (address, stop, journal, serving) = server().await;
    for _ in 0..5 {
        let mut client = Client::connect(address).await;
        assert_eq!(client.reads().await, "welcome\n");
    }
    stop.cancel();
    timeout(LONG, serving).await.unwrap().unwrap();
    let lost = log(&journal).into_iter().filter(|entry| entry.starts_with("loses client")).count();
    assert_eq!(lost, 5);
}

// ANCHOR: drains
#[tokio::test]
async fn a_stop_closes_the_port_and_finishes_what_has_begun() {
    let (address, stop, journal, serving) = server().await;
    let mut first = Client::connect(address).await;
    let mut second = Client::connect(address).await;
    assert_eq!((first.reads().await, second.reads().await), ("welcome\n".into(), "welcome\n".into()));
    let mut third = Client::connect(address).await; // waits in the backlog

    stop.cancel();
    assert_eq!(third.reads().await, "", "it is closed, and was never accepted");
    second.send("order 2\n").await;
    assert_eq!(second.reads().await, "confirmed\n");
    assert!(!serving.is_finished(), "one client has not sent its order yet");
    first.send("order 1\n").await;
    assert_eq!(first.reads().await, "confirmed\n");
    timeout(LONG, serving).await.unwrap().unwrap();
    assert_eq!(log(&journal)[2..], ["takes order 2 from client 2", "takes order 1 from client 1"]);
}
// ANCHOR_END: drains

#[tokio::test]
async fn wrong_all_clients_are_accepted_and_wait_inside() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(wrong::accept_first(listener, 2, Journal::new()));
    let mut clients = Vec::new();
    for _ in 0..50 {
        let mut client = Client::connect(address).await;
        assert_eq!(client.reads().await, "welcome\n"); // so it has been accepted
        clients.push(client);
    }
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 1 + 50, "the server, and a task a client");
    serving.abort();
}

#[tokio::test(start_paused = true)]
async fn an_error_of_accept_does_not_end_the_loop() {
    let address = SocketAddr::from(([127, 0, 0, 1], 4222));
    let mut results =
        [Ok(("a client", address)), Err(io::Error::other("too many open files"))].into_iter().rev();
    let (permits, start) = (Arc::new(Semaphore::new(1)), Instant::now());
    let accept = || std::future::ready(results.next().expect("two results"));
    let (permit, client) = next_client(&permits, accept).await;
    assert_eq!((client, start.elapsed()), ("a client", PAUSE));
    assert_eq!(permits.available_permits(), 0);
    drop(permit);
}

#[tokio::test]
async fn a_dropped_next_client_gives_its_slot_back_and_loses_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let permits = Arc::new(Semaphore::new(1));
    let mut next = task::spawn(next_client(&permits, || listener.accept()));
    assert_pending!(next.poll());
    assert_eq!(permits.available_permits(), 0);
    let mut client = Client::connect(listener.local_addr().unwrap()).await;
    drop(next);
    assert_eq!(permits.available_permits(), 1);

    let (_permit, mut accepted) = timeout(LONG, next_client(&permits, || listener.accept())).await.unwrap();
    accepted.write_all(b"welcome\n").await.unwrap();
    assert_eq!(client.reads().await, "welcome\n");
}
