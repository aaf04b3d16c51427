//! The tests of exercise 12.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::sut::{Request, service, size_of};

/// Asks at that moment, and notes what came back.
async fn client(
    number: u32,
    at_ms: u64,
    file: &'static str,
    requests: mpsc::Sender<Request>,
    journal: Journal,
) {
    sleep(Duration::from_millis(at_ms)).await;
    let note = match timeout(HOUR, size_of(file, &requests)).await {
        Ok(Some(size)) => format!("{file} has {size} bytes"),
        Ok(None) => format!("no answer for {file}"),
        Err(_) => "gave up: size_of did not return, and no task could go on".to_owned(),
    };
    journal.log(format_args!("client {number}"), note);
}

#[tokio::test(start_paused = true)]
async fn each_client_gets_the_answer_to_its_own_question() {
    let journal = Journal::new();
    let (requests, waiting) = mpsc::channel(3);
    let tasks = [
        tokio::spawn(service(waiting)),
        tokio::spawn(client(1, 0, "cat.png", requests.clone(), journal.clone())),
        tokio::spawn(client(2, 50, "report.pdf", requests.clone(), journal.clone())),
        tokio::spawn(client(3, 250, "no such file", requests, journal.clone())),
    ];
    for task in tasks {
        timeout(HOUR, task).await.expect("no task can go on").expect("no task panics");
    }
    assert_journal!(
        journal,
        [
            (100, "client 1", "cat.png has 2048 bytes"),
            (200, "client 2", "report.pdf has 512 bytes"),
            (350, "client 3", "no answer for no such file"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_stops_while_a_client_waits_gives_no_answer() {
    let journal = Journal::new();
    let (requests, waiting) = mpsc::channel(3);
    let serving = tokio::spawn(service(waiting));
    let asking = tokio::spawn(client(1, 0, "cat.png", requests.clone(), journal.clone()));
    sleep(Duration::from_millis(50)).await;
    serving.abort();
    timeout(HOUR, asking).await.expect("no task can go on").expect("no task panics");
    client(2, 10, "cat.png", requests, journal.clone()).await;
    assert_journal!(
        journal,
        [(50, "client 1", "no answer for cat.png"), (60, "client 2", "no answer for cat.png")]
    );
}
