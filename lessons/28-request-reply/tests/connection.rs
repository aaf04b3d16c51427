//! Requests over one connection: in memory on the paused clock, and over TCP on the real one.

use std::time::Duration;

use lesson_28::client::{AskError, Client};
use lesson_28::server::{over_tcp, serve, two_at_once};
use shared::{HOUR, Journal, assert_journal};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A client and a server, with a connection between them that holds this many bytes.
fn connected(bytes: usize, journal: &Journal) -> Client {
    let (near, far) = duplex(bytes);
    tokio::spawn(serve(far));
    Client::connect(near, journal.clone())
}

#[tokio::test(start_paused = true)]
async fn answers_may_overtake_each_other_and_each_finds_its_request() {
    let journal = Journal::new();
    two_at_once(&connected(64, &journal), &journal).await;
    assert_journal!(
        journal,
        [
            (0, "client", "asks: 1 lamp"),
            (0, "client", "asks: 2 sofa"),
            (60, "client", "reads: 2 $900"),
            (60, "sofa", "costs $900"),
            (130, "client", "reads: 1 $40"),
            (130, "lamp", "costs $40"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_finds_no_request() {
    let client = connected(64, &Journal::new());
    assert_eq!(client.ask("lamp", ms(100)).await, Err(AskError::Timeout));
    assert_eq!((client.waiting(), client.late_replies()), (0, 0));
    assert_eq!(client.ask("sofa", ms(100)).await.unwrap(), "$900"); // the lamp's answer comes at 130 ms
    assert_eq!((client.waiting(), client.late_replies()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_request_removes_its_entry() {
    let client = connected(64, &Journal::new());
    for _ in 0..1000 {
        assert!(timeout(ms(3), client.ask("lamp", ms(100))).await.is_err());
        assert_eq!(client.waiting(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_requests_in_flight_over_a_narrow_connection_are_all_answered() {
    let (client, started) = (connected(16, &Journal::new()), Instant::now());
    let mut asking = JoinSet::new();
    for number in 0..1000 {
        let (article, price) = [("lamp", "$40"), ("sofa", "$900"), ("chair", "$75")][number % 3];
        let client = client.clone();
        asking.spawn(async move { assert_eq!(client.ask(article, HOUR).await, Ok(price.to_owned())) });
    }
    asking.join_all().await;
    // 78 s one after another; the server works on 100 at once.
    assert!(started.elapsed() < ms(2000), "it took {:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn when_the_connection_ends_all_that_wait_are_told_at_once() {
    let (near, far) = duplex(64);
    let client = Client::connect(near, Journal::new());
    let started = Instant::now();
    let hanging_up = async {
        sleep(ms(40)).await;
        drop(far);
    };
    let (lamp, sofa, ()) = tokio::join!(client.ask("lamp", HOUR), client.ask("sofa", HOUR), hanging_up);
    assert_eq!((lamp, sofa), (Err(AskError::Disconnected), Err(AskError::Disconnected)));
    assert_eq!(client.ask("chair", HOUR).await, Err(AskError::Disconnected));
    assert_eq!((started.elapsed(), client.waiting()), (ms(40), 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_request_ends_the_connection_with_an_error() {
    let (mut near, far) = duplex(64);
    near.write_all(b"lamp\n").await.unwrap();
    assert_eq!(serve(far).await.unwrap_err().to_string(), "no id: lamp");
}

/// On the real clock, because a paused one does not wait for a socket.
#[tokio::test]
async fn over_tcp_both_get_their_answers() {
    let journal = Journal::new();
    timeout(Duration::from_secs(30), over_tcp(journal.clone())).await.expect("it ends").unwrap();
    let logged: Vec<_> =
        journal.entries().into_iter().map(|entry| format!("{}: {}", entry.task, entry.what)).collect();
    for expected in ["client: reads: 1 $40", "client: reads: 2 $900", "lamp: costs $40", "sofa: costs $900"] {
        assert!(logged.iter().any(|line| line == expected), "`{expected}` is not in {logged:?}");
    }
}

#[tokio::test]
async fn over_tcp_a_server_that_hangs_up_ends_the_request_before_its_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client =
        Client::connect(TcpStream::connect(listener.local_addr().unwrap()).await.unwrap(), Journal::new());
    let hanging_up = async {
        let (socket, _) = listener.accept().await.unwrap();
        let mut lines = BufReader::new(socket).lines();
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "1 lamp"); // and it is closed
    };
    let (answer, ()) = tokio::join!(client.ask("lamp", HOUR), hanging_up);
    assert_eq!(answer, Err(AskError::Disconnected));
}
