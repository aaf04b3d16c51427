//! What was published together, received together.

use std::task::Poll;

use capstone_bus::{Bus, Deliveries, Overflow, Subscription};
use tokio::time::sleep;
use tokio_test::{assert_pending, assert_ready, task};

use crate::support::{block, counts, drain, drop_at, fill, message, ms, open, topic};

/// The gap if there is one, and the messages.
fn said(deliveries: &Deliveries) -> String {
    let gap = if deliveries.gap() == 0 { String::new() } else { format!("-{} ", deliveries.gap()) };
    let payloads = deliveries.iter().map(|message| String::from_utf8_lossy(&message.payload).into_owned());
    gap + &payloads.collect::<String>()
}

/// All that is there, call by call; then there is nothing more for now.
fn calls(subscription: &mut Subscription) -> Vec<String> {
    let mut calls = vec![];
    while let Poll::Ready(deliveries) = task::spawn(subscription.recv_batch()).poll() {
        let deliveries = deliveries.expect("the bus is open");
        assert!(!deliveries.is_empty());
        calls.push(said(&deliveries));
    }
    calls
}

async fn publish(bus: &Bus, payloads: &[&'static str]) -> (usize, usize, usize) {
    let messages = payloads.iter().map(|payload| message("t", payload));
    counts(bus.publish_batch(messages).await.expect("the bus is open"))
}

#[tokio::test]
async fn a_batch_comes_as_one_and_a_message_alone() {
    let bus = Bus::new();
    let mut subscription = bus.subscribe("t").expect("a pattern");
    let mut group = bus.subscription("*").queue("g").open().expect("valid options");
    publish(&bus, &["a", "b", "c"]).await;
    fill(&bus, ["d"]);
    let _ = bus.publisher(topic("t")).publish_batch(["e", "f"]).await.expect("the bus is open");
    assert_eq!(calls(&mut group), ["abc", "d", "ef"], "one member has them all");
    assert_eq!(calls(&mut subscription), ["abc", "d", "ef"]);

    publish(&bus, &["g", "h", "i"]).await;
    assert_eq!(subscription.try_recv().expect("a message").payload, "g");
    assert_eq!(calls(&mut subscription), ["hi"], "the rest of it");
    publish(&bus, &["j", "k"]).await;
    bus.close();
    let mut next = task::spawn(subscription.recv_batch());
    assert_eq!(assert_ready!(next.poll()).map(|deliveries| said(&deliveries)), Some("jk".into()));
    drop(next);
    assert!(subscription.recv_batch().await.is_none());
    assert_eq!(bus.stats().delivered, 6 + 11);
}

#[tokio::test]
async fn each_policy_cuts_a_batch_where_there_is_no_room() {
    let bus = Bus::new();
    let mut newest = open(&bus, 2, Overflow::DropNewest);
    let mut oldest = open(&bus, 2, Overflow::DropOldest);
    assert_eq!(publish(&bus, &["a", "b", "c", "d", "e"]).await, (10, 7, 3));
    assert_eq!(calls(&mut oldest), ["-3 d", "e"], "each had a place of its own");
    assert_eq!(calls(&mut newest), ["ab"]);
    assert_eq!(publish(&bus, &["f"]).await, (2, 2, 0));
    assert_eq!((calls(&mut newest), calls(&mut oldest)), (vec!["-3 f".into()], vec!["f".into()]));
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_batch_that_waits_comes_behind() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 2, block(1_000));
    let mut sent = task::spawn(publish(&bus, &["a", "b", "c", "d", "e"]));
    assert_pending!(sent.poll());
    assert_eq!(bus.stats().subscriptions[0].waiting, 3);
    assert_eq!(calls(&mut subscription), ["ab", "cd", "e"]);
    assert_eq!(sent.await, (5, 5, 0));
}

#[tokio::test]
async fn where_each_is_looked_at_each_comes_alone() {
    let bus = Bus::new();
    let filtered = bus.subscription("t").filter(|message| message.payload != "b");
    let mut filtered = filtered.open().expect("valid options");
    let keyed = bus.subscription("t").keyed_by(|message| Some(message.payload.clone()));
    let mut keyed = keyed.open().expect("valid options");
    publish(&bus, &["a", "b", "c", "c"]).await;
    assert_eq!(calls(&mut filtered), ["a", "c", "c"]);
    assert_eq!(calls(&mut keyed), ["a", "b", "c", "c"]);
}

#[tokio::test(start_paused = true)]
async fn recv_batch_dropped_at_each_of_its_polls_loses_nothing() {
    for polls in 0.. {
        let bus = Bus::new();
        let mut subscription = open(&bus, 9, block(1_000));
        let sender = tokio::spawn({
            let bus = bus.clone();
            async move {
                sleep(ms(100)).await;
                publish(&bus, &["a", "b", "c"]).await
            }
        });
        let received = drop_at(polls, subscription.recv_batch()).await;
        assert_eq!(sender.await.expect("no panic"), (3, 3, 0));
        let received = received.map(|deliveries| said(&deliveries.expect("the bus is open")));
        if let Some(received) = received {
            assert_eq!((polls, received.as_str()), (2, "abc"), "it waits once");
            break;
        }
        assert_eq!(drain(&mut subscription), ["a", "b", "c"], "dropped at poll {polls}");
    }
}
