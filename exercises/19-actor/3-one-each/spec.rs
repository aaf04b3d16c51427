//! The tests of exercise 19.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, sleep, timeout};

use super::sut::{Event, Relay};

/// Publishes these events, one every `every_ms`, and ends the relay. Returns when each was accepted.
async fn run(events: &[(&'static str, &'static str, u64)], every_ms: u64, journal: &Journal) -> Vec<u128> {
    let (mut relay, start) = (Relay::new(journal.clone()), Instant::now());
    let mut accepted_at_ms = Vec::new();
    for &(customer, name, takes_ms) in events {
        let event = Event { customer, name, takes: Duration::from_millis(takes_ms) };
        timeout(HOUR, relay.publish(event))
            .await
            .expect("`publish` does not return: no task can make progress");
        accepted_at_ms.push(start.elapsed().as_millis());
        sleep(Duration::from_millis(every_ms)).await;
    }
    match timeout(HOUR, relay.end()).await {
        Ok(()) => journal.log("main", "has ended the relay"),
        Err(_) => journal.log("main", "gives up: `end` does not return. Which senders still exist?"),
    }
    accepted_at_ms
}

#[tokio::test(start_paused = true)]
async fn the_events_of_a_customer_keep_their_order() {
    let journal = Journal::new();
    run(&[("ann", "order", 310), ("ann", "payment", 100), ("ann", "refund", 50)], 10, &journal).await;
    assert_journal!(
        journal,
        [
            (0, "ann", "has an actor"),
            (310, "ann", "order is published"),
            (410, "ann", "payment is published"),
            (460, "ann", "refund is published"),
            (460, "main", "has ended the relay"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn events_of_two_customers_are_published_at_the_same_time() {
    let journal = Journal::new();
    let events =
        [("ann", "order", 310), ("bob", "order", 100), ("ann", "payment", 70), ("bob", "payment", 490)];
    run(&events, 10, &journal).await;
    assert_journal!(
        journal,
        [
            (0, "ann", "has an actor"),
            (10, "bob", "has an actor"),
            (110, "bob", "order is published"),
            (310, "ann", "order is published"),
            (380, "ann", "payment is published"),
            (600, "bob", "payment is published"),
            (600, "main", "has ended the relay"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_actor_waits_for_the_next_event_of_its_customer() {
    let journal = Journal::new();
    run(&[("ann", "order", 130), ("bob", "order", 130), ("ann", "payment", 130)], 370, &journal).await;
    assert_journal!(
        journal,
        [
            (0, "ann", "has an actor"),
            (130, "ann", "order is published"),
            (370, "bob", "has an actor"),
            (500, "bob", "order is published"),
            (870, "ann", "payment is published"), // by the actor that has waited since 130 ms
            (1110, "main", "has ended the relay"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_full_mailbox_makes_publish_wait() {
    let journal = Journal::new();
    let names = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"];
    let mut events: Vec<_> = names.map(|name| ("ann", name, 50)).into();
    (events[0].2, events[1].2) = (130, 370);
    events.push(("bob", "order", 60));
    let accepted_at_ms = run(&events, 0, &journal).await;
    assert_eq!(
        accepted_at_ms,
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 130, 500, 500],
        "left: the ms at which each event was accepted, right: expected. Ann publishes 11 events at 0 ms, and then one of \
         Bob's follows. Ann's actor takes the first one, and 8 fit into its mailbox. The 10th waits until the actor has \
         published the first, at 130 ms, the 11th until it has published the second, at 500 ms, and Bob's waits \
         behind it."
    );
    let entries = journal.entries().into_iter();
    let published = entries.filter(|entry| entry.task == "ann").skip(1).map(|entry| entry.what);
    assert_eq!(
        published.collect::<Vec<_>>(),
        names.map(|name| format!("{name} is published")),
        "left: what Ann's actor published, right: all of her events, in order"
    );
}

#[tokio::test(start_paused = true)]
async fn without_events_it_ends_at_once() {
    let journal = Journal::new();
    run(&[], 10, &journal).await;
    assert_journal!(journal, [(0, "main", "has ended the relay")]);
}
