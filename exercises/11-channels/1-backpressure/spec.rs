//! The tests of exercise 11.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::sut::producer;

async fn sleep_ms(ms: u64) {
    sleep(Duration::from_millis(ms)).await;
}

/// Waits before each event for one of these pauses, takes it, and then waits for the end of the channel.
async fn consumer(mut rx: mpsc::Receiver<u32>, pauses_ms: &'static [u64], journal: Journal) {
    for pause in pauses_ms {
        sleep_ms(*pause).await;
        let Some(event) = rx.recv().await else { break };
        journal.log("consumer", format_args!("took event {event}"));
    }
    let end = rx.recv().await;
    journal.log(
        "consumer",
        end.map_or("saw the end".to_owned(), |event| format!("took event {event}, one too many")),
    );
}

/// Logs when the producer returns.
async fn your_producer(tx: mpsc::Sender<u32>, journal: Journal) {
    producer(tx, journal.clone()).await;
    journal.log("producer", "returned");
}

/// Sends one event. Begins to wait for a slot 1 ms before the consumer takes the first event.
async fn producer_2(tx: mpsc::Sender<u32>, journal: Journal) {
    sleep_ms(136).await;
    journal.log("producer 2", "wants to send event 42");
    tx.send(42).await.expect("the consumer outlives its senders");
    journal.log("producer 2", "sent event 42");
}

async fn until_all_end(mut tasks: JoinSet<()>, journal: &Journal) {
    let ends = async {
        while let Some(ended) = tasks.join_next().await {
            ended.expect("no task panics")
        }
    };
    if timeout(HOUR, ends).await.is_err() {
        journal.log("test", "gave up: no task could make progress");
    }
}

#[tokio::test(start_paused = true)]
async fn all_events_arrive_and_the_producer_waits_its_turn_for_a_slot() {
    let (journal, mut tasks) = (Journal::new(), JoinSet::new());
    let (tx, rx) = mpsc::channel(3);
    tasks.spawn(producer_2(tx.clone(), journal.clone()));
    tasks.spawn(your_producer(tx, journal.clone()));
    tasks.spawn(consumer(rx, &[137, 371, 63, 129, 111, 139], journal.clone()));
    until_all_end(tasks, &journal).await;
    assert_journal!(
        journal,
        [
            (0, "producer", "sent event 1"),
            (0, "producer", "sent event 2"),
            (0, "producer", "sent event 3"),
            (136, "producer 2", "wants to send event 42"),
            (137, "consumer", "took event 1"),
            (137, "producer", "sent event 4"),
            (508, "consumer", "took event 2"),
            (508, "producer 2", "sent event 42"),
            (571, "consumer", "took event 3"),
            (571, "producer", "sent event 5"),
            (571, "producer", "returned"),
            (700, "consumer", "took event 4"),
            (811, "consumer", "took event 42"),
            (950, "consumer", "took event 5"),
            (950, "consumer", "saw the end"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_producer_waits_for_as_long_as_the_consumer_takes() {
    let (journal, mut tasks) = (Journal::new(), JoinSet::new());
    let (tx, rx) = mpsc::channel(1);
    tasks.spawn(your_producer(tx, journal.clone()));
    tasks.spawn(consumer(rx, &[61_013, 7, 350, 29, 90], journal.clone()));
    until_all_end(tasks, &journal).await;
    assert_journal!(
        journal,
        [
            (0, "producer", "sent event 1"),
            (61_013, "consumer", "took event 1"),
            (61_013, "producer", "sent event 2"),
            (61_020, "consumer", "took event 2"),
            (61_020, "producer", "sent event 3"),
            (61_370, "consumer", "took event 3"),
            (61_370, "producer", "sent event 4"),
            (61_399, "consumer", "took event 4"),
            (61_399, "producer", "sent event 5"),
            (61_399, "producer", "returned"),
            (61_489, "consumer", "took event 5"),
            (61_489, "consumer", "saw the end"),
        ]
    );
}
