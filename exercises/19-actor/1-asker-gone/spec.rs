//! The tests of exercise 19.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::sut::{Request, prices};

/// Asks at its millisecond, and waits for the answer for at most `patience_ms`.
async fn client(
    name: &'static str,
    at_ms: u64,
    patience_ms: u64,
    article: &'static str,
    prices: mpsc::Sender<Request>,
    journal: Journal,
) {
    sleep(Duration::from_millis(at_ms)).await;
    let (answer, answered) = oneshot::channel();
    if prices.send(Request { article, answer }).await.is_err() {
        return journal.log(name, "cannot ask: the actor has ended");
    }
    match timeout(Duration::from_millis(patience_ms), answered).await {
        Ok(Ok(price)) => journal.log(name, format_args!("{article}: ${price}")),
        Ok(Err(_dropped)) => journal.log(name, "gets no answer: the actor has ended"),
        Err(_elapsed) => journal.log(name, "hangs up"),
    }
}

#[tokio::test(start_paused = true)]
async fn who_hangs_up_does_not_stop_the_actor() {
    let (journal, (tx, rx)) = (Journal::new(), mpsc::channel(8));
    let actor = tokio::spawn(prices(rx, journal.clone()));
    let clients = [
        tokio::spawn(client("client 1", 0, 50, "lamp", tx.clone(), journal.clone())),
        tokio::spawn(client("client 2", 10, 1000, "chair", tx.clone(), journal.clone())),
        tokio::spawn(client("client 3", 300, 1000, "lamp", tx, journal.clone())),
    ];
    for client in clients {
        timeout(HOUR, client).await.expect("no task can go on").expect("a client does not panic");
    }
    let ended = timeout(HOUR, actor).await.expect("the actor ends when nobody can ask any more");
    journal.log("prices", if ended.is_ok() { "has ended" } else { "has panicked" });
    assert_journal!(
        journal,
        [
            (50, "client 1", "hangs up"),
            (100, "prices", "nobody waits: lamp"),
            (200, "prices", "answered: chair"),
            (200, "client 2", "chair: $40"),
            (400, "prices", "answered: lamp"),
            (400, "client 3", "lamp: $25"),
            (400, "prices", "has ended"),
        ]
    );
}
