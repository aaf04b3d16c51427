//! Milestone 6: a bus with wildcards.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::sut::bus::{Bus, Subscription};
use super::sut::contract::{BusError, Message, Receipt};

/// On the paused clock, an hour passes as soon as no task can make progress.
const HOUR: Duration = Duration::from_secs(3600);

fn message(topic: &str, payload: impl ToString) -> Message {
    Message { topic: topic.to_owned(), payload: payload.to_string() }
}

/// What must not wait for anybody.
async fn at_once<T>(what: &str, doing: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let done = timeout(HOUR, doing).await;
    let Ok(done) = done else { panic!("{what} has not returned after an hour of virtual time") };
    let waited = begun.elapsed().as_millis();
    assert_eq!(waited, 0, "{what} waited for {waited} ms, and must wait for nobody");
    done
}

async fn subscribe(bus: &Bus, pattern: &str) -> Subscription {
    let subscribed = at_once(&format!("subscribing to {pattern:?}"), bus.subscribe(pattern)).await;
    subscribed.unwrap_or_else(|error| panic!("{pattern:?} was refused: {error}"))
}

async fn publish(bus: &Bus, topic: &str, payload: impl ToString) -> Receipt {
    let published = at_once(&format!("publishing on {topic:?}"), bus.publish(message(topic, payload))).await;
    published.unwrap_or_else(|error| panic!("a message on {topic:?} was refused: {error}"))
}

fn receipt(delivered: usize, dropped: usize) -> Receipt {
    Receipt { delivered, dropped }
}

/// The payload of the next message, which is in the queue already or comes soon.
async fn next(subscription: &mut Subscription, what: &str) -> String {
    let next = timeout(HOUR, subscription.next()).await;
    let Ok(next) = next else {
        panic!("{what} was published, and did not arrive within an hour of virtual time")
    };
    let Some(next) = next else { panic!("{what} was published, and the subscription ended instead") };
    next.payload.clone()
}

/// What is in the queue, until nothing more comes.
async fn queued(subscription: &mut Subscription) -> Vec<String> {
    let mut payloads = Vec::new();
    while let Ok(Some(message)) = timeout(Duration::from_millis(5), subscription.next()).await {
        payloads.push(message.payload.clone());
    }
    payloads
}

#[tokio::test(start_paused = true)]
async fn a_pattern_matches_topics_word_by_word() {
    let wanted = [
        ("orders.created", "orders.created", true),
        ("orders.created", "orders.paid", false),
        ("orders.created", "orders", false),
        ("orders", "orders.created", false),
        ("orders.*", "orders.created", true),
        ("orders.*", "orders", false),
        ("orders.*", "orders.eu.created", false),
        ("*.created", "orders.created", true),
        ("*.created", "orders.eu.created", false),
        ("*.created", "orders.paid", false),
        ("orders.*.created", "orders.eu.created", true),
        ("orders.*.created", "orders.created", false),
        ("*", "orders", true),
        ("*", "orders.created", false),
        ("*.*", "orders.created", true),
        (">", "orders", true),
        (">", "orders.eu.created", true),
        ("orders.>", "orders.eu.created", true),
        ("orders.>", "orders.paid", true),
        ("orders.>", "orders", false),
        ("orders.>", "payments.paid", false),
        ("*.eu.>", "orders.eu.created.twice", true),
        ("*.eu.>", "orders.us.created", false),
        ("order", "orders", false),
        ("orders.creat", "orders.created", false),
    ];
    for (pattern, topic, matches) in wanted {
        let bus = Bus::new(3);
        let mut subscription = subscribe(&bus, pattern).await;
        let received = publish(&bus, topic, "x").await;
        let said = if matches { "matches" } else { "does not match" };
        assert_eq!(
            received,
            receipt(usize::from(matches), 0),
            "the pattern {pattern:?} {said} the topic {topic:?}, and the receipt says (left)"
        );
        let arrived = queued(&mut subscription).await.len();
        assert_eq!(
            arrived,
            usize::from(matches),
            "the pattern {pattern:?} {said} the topic {topic:?}, and (left) messages arrived"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn bad_patterns_and_topics_are_refused() {
    let bus = Bus::new(3);
    for pattern in
        ["", "orders.", ".created", "orders..created", "orders.>.created", ">.created", "ord*", "orders.>x"]
    {
        let refused = bus.subscribe(pattern).await.err();
        assert_eq!(refused, Some(BusError::BadPattern), "the pattern {pattern:?} makes no sense");
    }
    let _all = subscribe(&bus, ">").await;
    for topic in ["", "orders.", "orders..created", "orders.*", ">", "ord*rs.created"] {
        let refused = bus.publish(message(topic, "x")).await.err();
        assert_eq!(refused, Some(BusError::BadTopic), "the topic {topic:?} makes no sense");
    }
    assert_eq!(bus.subscriptions().await, 1, "what was refused is no subscription");
}

#[tokio::test(start_paused = true)]
async fn each_subscription_gets_its_own_copy() {
    let bus = Bus::new(8);
    let mut orders = subscribe(&bus, "orders.*").await;
    let mut all = subscribe(&bus, ">").await;
    let mut twice = subscribe(&bus, ">").await;
    let mut paid = subscribe(&bus, "*.paid").await;
    for (number, (topic, delivered)) in
        [("orders.created", 3), ("orders.paid", 4), ("stock.low", 2), ("refunds.paid", 3)]
            .into_iter()
            .enumerate()
    {
        let received = publish(&bus, topic, number).await;
        assert_eq!(
            received,
            receipt(delivered, 0),
            "{delivered} subscriptions want {topic:?}; the receipt says (left)"
        );
    }
    assert_eq!(queued(&mut orders).await, ["0", "1"], "what `orders.*` receives");
    assert_eq!(queued(&mut all).await, ["0", "1", "2", "3"], "what `>` receives");
    assert_eq!(queued(&mut twice).await, ["0", "1", "2", "3"], "what a second `>` receives");
    assert_eq!(queued(&mut paid).await, ["1", "3"], "what `*.paid` receives");
}

#[tokio::test(start_paused = true)]
async fn a_slow_subscriber_misses_messages_and_stops_nobody() {
    let bus = Bus::new(3);
    let mut slow = subscribe(&bus, "orders.*").await;
    let mut quick = subscribe(&bus, ">").await;
    for number in 0..10 {
        let received = publish(&bus, "orders.created", number).await;
        let expected = if number < 3 { receipt(2, 0) } else { receipt(1, 1) };
        assert_eq!(received, expected, "a queue has 3 slots; the receipt of message {number} is (left)");
        assert_eq!(
            next(&mut quick, "a message").await,
            number.to_string(),
            "the quick subscriber misses nothing"
        );
    }
    // Others come, go and publish meanwhile.
    let mut late = subscribe(&bus, "payments.*").await;
    publish(&bus, "payments.done", "paid").await;
    assert_eq!(next(&mut late, "a payment").await, "paid");
    drop(late);
    assert_eq!((slow.missed(), quick.missed()), (7, 0), "what the slow and the quick subscriber have missed");
    assert_eq!(queued(&mut slow).await, ["0", "1", "2"], "the slow one has what its 3 slots could hold");
    assert_eq!(publish(&bus, "orders.created", 10).await, receipt(2, 0), "now it has free slots again");
    assert_eq!(queued(&mut slow).await, ["10"]);
    assert_eq!(slow.missed(), 7, "it has missed nothing since");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_subscription_is_forgotten() {
    let bus = Bus::new(3);
    let keeps = subscribe(&bus, ">").await;
    for number in 0..500 {
        let goes = subscribe(&bus, "orders.*").await;
        let expected = if number < 3 { receipt(2, 0) } else { receipt(1, 1) };
        let received = publish(&bus, "orders.created", number).await;
        assert_eq!(
            received, expected,
            "one subscription is kept, and {number} were dropped; the receipt is (left)"
        );
        drop(goes);
    }
    assert_eq!(bus.subscriptions().await, 1, "500 subscriptions were dropped, and one was kept");
    drop(keeps);
    assert_eq!(publish(&bus, "orders.created", "x").await, receipt(0, 0), "nobody subscribes any more");
    assert_eq!(bus.subscriptions().await, 0, "nobody subscribes any more");
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_loses_nothing_that_is_queued() {
    let bus = Bus::new(5);
    let (mut first, mut second, mut idle) =
        (subscribe(&bus, ">").await, subscribe(&bus, "orders.*").await, subscribe(&bus, "stock.*").await);
    let waiting = tokio::spawn(async move { idle.next().await });
    for number in 0..4 {
        publish(&bus, "orders.created", number).await;
    }
    assert_eq!(next(&mut first, "message 0").await, "0");
    let other = bus.clone();
    at_once("the shutdown", bus.shutdown()).await;
    for handle in [&bus, &other] {
        let refused = handle.publish(message("orders.created", "late")).await.err();
        assert_eq!(refused, Some(BusError::Closed), "the bus was shut down, and a message was published");
        let refused = handle.subscribe(">").await.err();
        assert_eq!(refused, Some(BusError::Closed), "the bus was shut down, and `subscribe` still succeeded");
    }
    let ended = timeout(HOUR, waiting).await;
    let ended = ended.expect("a subscriber waits for a message although the bus was shut down").unwrap();
    assert_eq!(ended, None, "nothing was published for this subscriber");
    for (subscription, rest) in [(&mut first, vec!["1", "2", "3"]), (&mut second, vec!["0", "1", "2", "3"])] {
        for payload in rest {
            let what = format!("message {payload}, which was queued before the shutdown,");
            assert_eq!(next(subscription, &what).await, payload);
        }
        let end = timeout(HOUR, subscription.next()).await;
        assert_eq!(end, Ok(None), "the bus was shut down and the queue is empty, so the subscription ends");
    }
    at_once("a second shutdown", bus.shutdown()).await;
}

#[tokio::test(start_paused = true)]
async fn the_bus_ends_with_its_last_handle() {
    let bus = Bus::new(5);
    let mut subscription = subscribe(&bus, ">").await;
    let publisher = bus.clone();
    drop(bus);
    publish(&publisher, "orders.created", "last").await;
    drop(publisher);
    assert_eq!(next(&mut subscription, "the last message").await, "last");
    let end = timeout(HOUR, subscription.next()).await;
    assert_eq!(end, Ok(None), "the last handle was dropped, and the subscriber still waits for a message");
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_message_can_be_cancelled() {
    let bus = Bus::new(50);
    let mut subscription = subscribe(&bus, ">").await;
    let publisher = tokio::spawn(async move {
        for number in 0..40 {
            sleep(Duration::from_millis(number % 4)).await;
            publish(&bus, "orders.created", number).await;
        }
        sleep(HOUR).await;
    });
    let mut received = Vec::new();
    for _ in 0..200 {
        if let Ok(Some(message)) = timeout(Duration::from_millis(1), subscription.next()).await {
            received.push(message.payload.clone());
        }
    }
    publisher.abort();
    let expected: Vec<String> = (0..40).map(|number| number.to_string()).collect();
    assert_eq!(
        received, expected,
        "`next` was dropped again and again while it waited, and messages are lost"
    );
}

/// On two threads and the real clock: nothing is lost, and each publisher's messages keep their order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishers_on_two_threads_keep_their_order() {
    const EACH: usize = 2_000;
    let bus = Bus::new(4 * EACH);
    let mut subscribers = Vec::new();
    for pattern in [">", "orders.*", "*.created"] {
        let mut subscription = bus.subscribe(pattern).await.expect("a good pattern");
        subscribers.push(tokio::spawn(async move {
            let mut next_of = [0; 4];
            while let Some(message) = subscription.next().await {
                let (publisher, number) = message.payload.split_once(' ').expect("two numbers");
                let (publisher, number): (usize, usize) =
                    (publisher.parse().unwrap(), number.parse().unwrap());
                assert_eq!(
                    number, next_of[publisher],
                    "the next message of publisher {publisher} is (right), (left) came"
                );
                next_of[publisher] += 1;
            }
            next_of
        }));
    }
    let bus = Arc::new(bus);
    let publishers: Vec<_> = (0..4)
        .map(|publisher| {
            let bus = Arc::clone(&bus);
            tokio::spawn(async move {
                for number in 0..EACH {
                    let sent = bus.publish(message("orders.created", format!("{publisher} {number}"))).await;
                    assert_eq!(
                        sent,
                        Ok(receipt(3, 0)),
                        "three subscribers with free slots; the receipt is (left)"
                    );
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await.expect("no publisher fails");
    }
    bus.shutdown().await;
    for subscriber in subscribers {
        let received = timeout(Duration::from_secs(5), subscriber).await;
        let received = received
            .expect("the bus was shut down, and a subscriber still waits")
            .expect("a subscriber does not panic");
        assert_eq!(received, [EACH; 4], "how many messages of each publisher arrived");
    }
}
