//! The tests of exercise 11.2. Your file and the solution are tested by this one copy.

use std::collections::VecDeque;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::sut::deliver;

fn orders(count: usize) -> VecDeque<String> {
    (1..=count).map(|number| format!("order {number}")).collect()
}

async fn sleep_ms(ms: u64) {
    sleep(Duration::from_millis(ms)).await;
}

/// Waits before each event for one of these pauses and takes it, then waits another 35 ms and goes away.
async fn consumer(mut rx: mpsc::Receiver<String>, pauses_ms: &'static [u64], journal: Journal) {
    for pause in pauses_ms {
        sleep_ms(*pause).await;
        let Some(event) = rx.recv().await else { break };
        journal.log("consumer", format_args!("took {event}"));
    }
    sleep_ms(35).await;
    drop(rx);
    journal.log("consumer", "went away");
}

/// Delivers that many orders to a consumer with these pauses, through a channel with one slot. With a rival, a second producer
/// sends an event too: it begins to wait for a slot after 369 ms. Returns what happened, and what came back.
async fn delivery(count: usize, pauses_ms: &'static [u64], rival: bool) -> (Journal, VecDeque<String>) {
    let journal = Journal::new();
    let (tx, rx) = mpsc::channel(1);
    let mut others = vec![tokio::spawn(consumer(rx, pauses_ms, journal.clone()))];
    if rival {
        let (tx, journal) = (tx.clone(), journal.clone());
        others.push(tokio::spawn(async move {
            sleep_ms(369).await;
            journal.log("rival", "wants to send its event");
            tx.send("the rival's event".to_owned()).await.expect("the consumer outlives its senders");
            journal.log("rival", "sent its event");
        }));
    }
    let unsent = match timeout(HOUR, deliver(orders(count), tx, journal.clone())).await {
        Ok(unsent) => {
            journal.log("producer", format_args!("returned {} unsent", unsent.len()));
            unsent
        }
        Err(_) => {
            journal.log("test", "gave up: no task could make progress");
            VecDeque::new()
        }
    };
    for other in others {
        timeout(HOUR, other).await.expect("the consumer and the rival end").expect("neither panics");
    }
    sleep_ms(1000).await; // what is still running shows in the journal
    for order in orders(count) {
        let sent = journal.entries().iter().any(|entry| entry.what == format!("sent {order}"));
        assert!(sent || unsent.contains(&order), "{order} is lost: it was neither sent nor returned");
    }
    (journal, unsent)
}

#[tokio::test(start_paused = true)]
async fn a_slow_consumer_receives_every_event() {
    let (journal, unsent) = delivery(4, &[371, 130, 59, 340], false).await;
    assert_journal!(
        journal,
        [
            (0, "producer", "sent order 1"),
            (100, "producer", "waits for a free slot"),
            (200, "producer", "waits for a free slot"),
            (300, "producer", "waits for a free slot"),
            (371, "consumer", "took order 1"),
            (371, "producer", "sent order 2"),
            (471, "producer", "waits for a free slot"),
            (501, "consumer", "took order 2"),
            (501, "producer", "sent order 3"),
            (560, "consumer", "took order 3"),
            (560, "producer", "sent order 4"),
            (560, "producer", "returned 0 unsent"),
            (900, "consumer", "took order 4"),
            (935, "consumer", "went away"),
        ]
    );
    assert!(unsent.is_empty(), "everything was sent, and yet these came back: {unsent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_producer_that_waits_is_not_overtaken() {
    let (journal, _) = delivery(2, &[371, 130, 59], true).await;
    assert_journal!(
        journal,
        [
            (0, "producer", "sent order 1"),
            (100, "producer", "waits for a free slot"),
            (200, "producer", "waits for a free slot"),
            (300, "producer", "waits for a free slot"),
            (369, "rival", "wants to send its event"),
            (371, "consumer", "took order 1"),
            (371, "producer", "sent order 2"),
            (371, "producer", "returned 0 unsent"),
            (501, "consumer", "took order 2"),
            (501, "rival", "sent its event"),
            (560, "consumer", "took the rival's event"),
            (595, "consumer", "went away"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_consumer_goes_away_the_unsent_events_come_back_at_once() {
    let (journal, unsent) = delivery(5, &[171, 106], false).await;
    assert_journal!(
        journal,
        [
            (0, "producer", "sent order 1"),
            (100, "producer", "waits for a free slot"),
            (171, "consumer", "took order 1"),
            (171, "producer", "sent order 2"),
            (271, "producer", "waits for a free slot"),
            (277, "consumer", "took order 2"),
            (277, "producer", "sent order 3"),
            (312, "consumer", "went away"),
            (312, "producer", "returned 2 unsent"),
        ]
    );
    assert_eq!(
        unsent,
        ["order 4", "order 5"],
        "these were never sent, so `deliver` must return them, in order"
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_consumer_every_event_comes_back() {
    let journal = Journal::new();
    let (tx, rx) = mpsc::channel(1);
    drop(rx);
    let delivering = timeout(HOUR, deliver(orders(3), tx, journal.clone()));
    let unsent = delivering.await.expect("no task could make progress");
    assert_journal!(journal, []);
    assert_eq!(unsent, orders(3), "nothing was sent, so `deliver` must return every event, in order");
}
