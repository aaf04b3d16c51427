//! The tests of exercise 19.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::sut::{Request, prices};

/// A client asks at `at_ms` for an article, and hangs up if there is no answer within `patience_ms`.
#[derive(Clone, Copy)]
struct Client {
    at_ms: u64,
    patience_ms: u64,
    article: &'static str,
}

impl Client {
    /// Returns what it was told.
    async fn ask(self, prices: mpsc::Sender<Request>) -> String {
        sleep(Duration::from_millis(self.at_ms)).await;
        let (answer, answered) = oneshot::channel();
        if prices.send(Request { article: self.article, answer }).await.is_err() {
            return "cannot ask: the actor has ended".to_owned();
        }
        match timeout(Duration::from_millis(self.patience_ms), answered).await {
            Ok(Ok(price)) => format!("{}: ${price}", self.article),
            Ok(Err(_dropped)) => "gets no answer: the actor has dropped the request".to_owned(),
            Err(_elapsed) => "hangs up".to_owned(),
        }
    }
}

/// Runs the actor until these clients have left. Returns what each was told; the journal logs it too.
async fn run(clients: &[Client], journal: &Journal) -> Vec<String> {
    let (tx, rx) = mpsc::channel(8);
    let actor = tokio::spawn(prices(rx, journal.clone()));
    let spawn = |(number, client): (usize, &Client)| {
        let (asking, journal) = (client.ask(tx.clone()), journal.clone());
        tokio::spawn(async move {
            let told = asking.await;
            journal.log(format_args!("client {}", number + 1), &told);
            told
        })
    };
    let asking: Vec<_> = clients.iter().enumerate().map(spawn).collect();
    drop(tx);
    let mut told = Vec::new();
    for client in asking {
        told.push(client.await.expect("a client does not panic"));
    }
    let ended = timeout(HOUR, actor).await.expect("no sender is left, and the actor has not ended");
    journal.log("prices", if ended.is_ok() { "has ended" } else { "has panicked" });
    told
}

#[tokio::test(start_paused = true)]
async fn patient_clients_are_answered_one_after_another() {
    let journal = Journal::new();
    let clients = [
        Client { at_ms: 0, patience_ms: 1000, article: "lamp" },
        Client { at_ms: 10, patience_ms: 1000, article: "chair" },
        Client { at_ms: 330, patience_ms: 1000, article: "lamp" },
    ];
    run(&clients, &journal).await;
    assert_journal!(
        journal,
        [
            (100, "prices", "answered: lamp"),
            (100, "client 1", "lamp: $25"),
            (200, "prices", "answered: chair"),
            (200, "client 2", "chair: $40"),
            (430, "prices", "answered: lamp"),
            (430, "client 3", "lamp: $25"),
            (430, "prices", "has ended"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn clients_that_hang_up_do_not_harm_the_others() {
    let journal = Journal::new();
    let clients = [
        // During the look-up.
        (Client { at_ms: 0, patience_ms: 50, article: "lamp" }, "hangs up"),
        (Client { at_ms: 20, patience_ms: 190, article: "chair" }, "chair: $40"),
        // Before its request is handled.
        (Client { at_ms: 30, patience_ms: 60, article: "desk" }, "hangs up"),
        (Client { at_ms: 40, patience_ms: 370, article: "lamp" }, "lamp: $25"),
        (Client { at_ms: 730, patience_ms: 110, article: "chair" }, "chair: $40"),
    ];
    let told = run(&clients.map(|(client, _)| client), &journal).await;
    for (number, ((Client { at_ms, article, .. }, expected), told)) in
        (1..).zip(clients.into_iter().zip(told))
    {
        assert!(
            told == expected,
            "client {number} asks for the {article} at {at_ms} ms: expected \"{expected}\", but it {told}"
        );
    }
    let entries = journal.entries().into_iter();
    let logged: Vec<String> =
        entries.filter(|entry| entry.task == "prices").map(|entry| entry.what).collect();
    assert_eq!(
        logged,
        [
            "nobody waits: lamp",
            "answered: chair",
            "nobody waits: desk",
            "answered: lamp",
            "answered: chair",
            "has ended",
        ],
        "left: what the actor logged, right: what it should have logged. Clients 1 and 3 hang up."
    );
}
