//! Events as messages on a bus, and back.

use std::sync::Arc;

use capstone_bus::events::{Event, HandlerError};
use capstone_bus::{BridgeError, Bus, Feed, FeedReport, Message, Subscription};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::{Journal, attempts};
use crate::support::{counts, drop_at, message, ms, topic};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    order: u64,
    note: String,
}

impl Event for Order {
    const TOPIC: &'static str = "orders.created";
}

fn order(number: u64) -> Order {
    Order { order: number, note: "größe ✓".to_owned() }
}

/// A handler that takes 10 ms and notes when it begins and ends.
fn works(bus: &Bus, journal: &Journal) {
    let journal = journal.clone();
    bus.on::<Order>(move |order| {
        let journal = journal.clone();
        async move {
            journal.note(format!("{} begins", order.order));
            sleep(ms(10)).await;
            journal.note(format!("{} ends", order.order));
        }
    });
}

/// A bus on which `works` handles orders, and a feed with these in front of it.
async fn fed<const N: usize>(numbers: [u64; N]) -> (Bus, Journal, Feed) {
    let (bus, journal) = (Bus::new(), Journal::start());
    works(&bus, &journal);
    let feed = bus.feed::<Order>(all(&bus, Order::TOPIC));
    for number in numbers {
        let _ = bus.publish_event(&order(number)).await.expect("a message");
    }
    (bus, journal, feed)
}

#[track_caller]
fn all(bus: &Bus, pattern: &str) -> Subscription {
    bus.subscribe(pattern).expect("a pattern")
}

fn reported(report: FeedReport) -> (u64, u64, u64, u64) {
    (report.emitted, report.failed, report.undecodable, report.undecodable_lost)
}

/// Topic, who failed, why, after how many attempts, and the payload.
fn dead_letter(subscription: &mut Subscription) -> [String; 5] {
    let delivery = subscription.try_recv().expect("a dead letter");
    let header = |name| delivery.headers().get(name).expect("a header of a dead letter").to_owned();
    let payload = String::from_utf8_lossy(&delivery.payload).into_owned();
    assert_eq!(delivery.topic.as_str(), format!("$DLQ.{}", header("dlq-topic")));
    let [handler, reason, attempts] = ["dlq-subscription", "dlq-reason", "dlq-attempts"].map(header);
    [header("dlq-topic"), handler, reason, attempts, payload]
}

#[tokio::test(start_paused = true)]
async fn an_event_goes_out_as_json_and_comes_back_as_it_was_in_order() {
    let (bus, journal) = (Bus::new(), Journal::start());
    let mut wire = all(&bus, ">");
    bus.on::<Order>({
        let journal = journal.clone();
        move |came| {
            assert_eq!(*came, order(came.order));
            journal.note(came.order.to_string());
            async {}
        }
    });
    let feed = bus.feed::<Order>(all(&bus, Order::TOPIC));
    for number in 1..=3 {
        let receipt = bus.publish_event(&order(number)).await.expect("a message");
        assert_eq!(counts(receipt), (2, 2, 0));
    }
    assert!(journal.told().is_empty(), "publishing calls no handler");
    bus.close();
    assert_eq!(reported(feed.ended().await), (3, 0, 0, 0));
    assert_eq!(journal.told(), ["0 1", "0 2", "0 3"]);

    let first = wire.try_recv().expect("a message");
    assert_eq!(first.headers().get("content-type"), Some("application/json"));
    assert_eq!(first.payload, r#"{"order":1,"note":"größe ✓"}"#);
}

#[tokio::test]
async fn what_is_no_event_is_a_dead_letter_and_the_feed_goes_on() {
    #[derive(Deserialize)]
    #[serde(from = "u64")]
    struct Picky;
    impl From<u64> for Picky {
        fn from(number: u64) -> Self {
            assert!(number > 0, "not\nzero");
            Self
        }
    }
    impl Event for Picky {
        const TOPIC: &'static str = "picky";
    }
    let bus = Bus::new();
    let feed = bus.feed::<Picky>(all(&bus, "t"));
    let lost = message("t", "lost: nobody hears dead letters yet");
    let _ = bus.publish(lost).await.expect("the bus is open");
    while feed.report().undecodable < 1 {
        tokio::task::yield_now().await;
    }
    let mut letters = all(&bus, "$DLQ.>");
    for payload in ["text", "0", "1"] {
        let _ = bus.publish(message("t", payload)).await.expect("the bus is open");
    }
    while feed.report().emitted < 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(reported(feed.stop().await), (1, 0, 3, 1));
    let not_json = "expected ident at line 1 column 2";
    assert_eq!(dead_letter(&mut letters), ["t", "feed", not_json, "0", "text"]);
    assert_eq!(dead_letter(&mut letters), ["t", "feed", "panicked: not zero", "0", "0"]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_behind_a_feed_retries_and_leaves_its_dead_letters_on_the_bus() {
    let (bus, journal) = (Bus::new(), Journal::start());
    let mut letters = all(&bus, "$DLQ.>");
    let options = bus.handler::<Order>().name("billing").retry(attempts(2, ms(10)));
    options.dead_letters_to(&bus).on_fallible({
        let journal = journal.clone();
        move |order: Arc<Order>| {
            journal.note(order.order.to_string());
            async { Err::<(), HandlerError>("no\r\nmoney".into()) }
        }
    });
    let feed = bus.feed::<Order>(all(&bus, "orders.>"));
    let _ = bus.publish_event(&order(7)).await.expect("a message");
    sleep(ms(20)).await;
    assert_eq!(journal.told(), ["0 7", "10 7"]);
    let json = serde_json::to_string(&order(7)).expect("JSON");
    assert_eq!(dead_letter(&mut letters), ["orders.created", "billing", "no  money", "2", &*json]);
    assert_eq!(reported(feed.stop().await), (1, 1, 0, 0));

    // A dead letter that comes back as an event, and fails again, is not put away twice.
    #[derive(Serialize)]
    struct Again;
    impl Event for Again {
        const TOPIC: &'static str = "$DLQ.orders.created";
    }
    bus.handler::<Again>().dead_letters_to(&bus).on_fallible(async |_| Err("still no".into()));
    drop(bus.emit(Again).await);
    let stats = bus.events().stats();
    let told: Vec<_> =
        stats.handlers.iter().map(|h| (h.counts.dead_letters, h.counts.dead_letters_lost)).collect();
    assert_eq!(told, [(1, 0), (0, 1)]);
}

#[tokio::test]
async fn what_cannot_be_published_says_why() {
    #[derive(Serialize)]
    struct Nameless;
    impl Event for Nameless {
        const TOPIC: &'static str = "not a topic";
    }
    #[derive(Serialize)]
    struct Unwritable(std::collections::HashMap<(u8, u8), u8>);
    impl Event for Unwritable {
        const TOPIC: &'static str = "unwritable";
    }
    let bus = Bus::new();
    let error = bus.publish_event(&Nameless).await.expect_err("no topic");
    assert!(error.to_string().starts_with(r#"topic "not a topic": token 1 has U+0020"#), "{error}");
    let error = bus.publish_event(&Unwritable([((1, 2), 3)].into())).await.expect_err("no JSON");
    assert_eq!(error.to_string(), "event of unwritable: cannot be written as JSON");
    assert!(std::error::Error::source(&error).is_some());
    bus.close();
    let error = bus.publish_event(&order(1)).await.expect_err("closed");
    let BridgeError::Publish(error) = error else { panic!("{error}") };
    assert_eq!(error.into_message().topic, topic("orders.created"));
}

#[tokio::test(start_paused = true)]
async fn stopped_it_ends_behind_the_event_under_way() {
    let (bus, journal, feed) = fed([1, 2, 3]).await;
    sleep(ms(15)).await;
    assert_eq!(reported(feed.stop().await), (2, 0, 0, 0));
    assert_eq!(journal.told(), ["0 1 begins", "10 1 ends", "10 2 begins", "20 2 ends"]);
    assert_eq!(bus.stats().active, 0, "and unsubscribes");
}

#[tokio::test(start_paused = true)]
async fn stop_dropped_at_each_of_its_polls_has_stopped_it() {
    for polls in 0..=2 {
        let (_bus, journal, feed) = fed([1, 2]).await;
        sleep(ms(5)).await;
        assert_eq!(drop_at(polls, feed.stop()).await.is_some(), polls == 2);
        sleep(ms(30)).await;
        assert_eq!(journal.told(), ["0 1 begins", "10 1 ends"], "dropped at poll {polls}");
    }
}

#[tokio::test(start_paused = true)]
async fn ended_dropped_at_each_of_its_polls_changes_nothing() {
    for polls in 0..=2 {
        let (bus, journal, feed) = fed([1]).await;
        bus.close();
        assert_eq!(drop_at(polls, feed.ended()).await.is_some(), polls == 2);
        feed.ended().await;
        assert_eq!(journal.told(), ["0 1 begins", "10 1 ends"], "dropped at poll {polls}");
    }
}

#[tokio::test(start_paused = true)]
async fn publish_event_dropped_at_each_of_its_polls_is_offered_from_the_first() {
    for polls in [0, 1] {
        let bus = Bus::new();
        let mut wire = all(&bus, ">");
        let published = drop_at(polls, async { bus.publish_event(&order(1)).await }).await;
        assert_eq!((published.is_some(), wire.try_recv().is_ok()), (polls == 1, polls == 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_the_event_a_feed_has_under_way() {
    let (bus, journal, feed) = fed([1, 2]).await;
    sleep(ms(5)).await;
    let report = bus.events().shutdown(ms(1_000)).await;
    assert_eq!((report.left_over, reported(feed.ended().await)), (0, (1, 0, 0, 0)));
    assert_eq!(journal.told(), ["0 1 begins", "10 1 ends"]);
    // After the shutdown a feed ends at once.
    assert_eq!(reported(bus.feed::<Order>(all(&bus, ">")).ended().await), (0, 0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_a_feed_that_hangs_is_left_over() {
    let bus = Bus::new();
    bus.on::<Order>(async |_| std::future::pending().await);
    let feed = bus.feed::<Order>(all(&bus, Order::TOPIC));
    let _ = bus.publish_event(&order(1)).await.expect("a message");
    sleep(ms(1)).await;
    assert_eq!(bus.events().shutdown(ms(10)).await.left_over, 1);
    assert_eq!(reported(feed.ended().await), (0, 0, 0, 0));
}

#[tokio::test]
async fn a_feed_does_not_keep_the_bus_open() {
    let bus = Bus::new();
    let feed = bus.feed::<Order>(all(&bus, ">"));
    bus.handler::<Order>().dead_letters_to(&bus).on(async |_| {});
    let _ = bus.try_publish(Message::new(topic("t"), "no order")).expect("the bus is open");
    drop(bus);
    assert_eq!(reported(feed.ended().await), (0, 0, 1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn feeds_of_one_queue_group_share_the_work() {
    let bus = Bus::builder().capacity(8).overflow(crate::support::block(60_000)).build();
    bus.on::<Order>(async |_| tokio::task::yield_now().await);
    let feeds: Vec<_> = (0..4)
        .map(|_| bus.subscription(Order::TOPIC).queue("g").open().expect("valid options"))
        .map(|member| bus.feed::<Order>(member))
        .collect();
    for number in 0..1_000 {
        let _ = bus.publish_event(&order(number)).await.expect("the bus is open");
    }
    bus.close();
    let mut emitted = 0;
    for feed in feeds {
        emitted += feed.ended().await.emitted;
    }
    assert_eq!((emitted, bus.events().stats().handlers[0].counts.handled), (1_000, 1_000));
}
