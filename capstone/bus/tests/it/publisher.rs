//! A handle that remembers who wants its messages, and is never wrong about it.

use capstone_bus::{Bus, Headers, Publisher};
use tokio::time::sleep;
use tokio_test::{assert_pending, assert_ready_ok, task};

use crate::support::{block, counts, drain, drop_at, fill, ms, open, told, topic};

#[track_caller]
fn matched(publisher: &mut Publisher, payload: &'static str) -> usize {
    publisher.try_publish(payload).expect("the bus is open").matched
}

#[test]
fn it_notices_whoever_comes_and_goes() {
    let bus = Bus::new();
    let mut publisher = bus.publisher(topic("orders.created"));
    assert_eq!(matched(&mut publisher, "nobody"), 0);
    let mut exact = bus.subscribe("orders.created").expect("a pattern");
    assert_eq!(matched(&mut publisher, "a"), 1);
    let mut all = bus.subscribe(">").expect("a pattern");
    let mut member = bus.subscription("orders.*").queue("g").open().expect("valid options");
    assert_eq!(matched(&mut publisher, "b"), 3);
    let second = bus.subscription("orders.*").queue("g").open().expect("valid options");
    let _elsewhere = bus.subscribe("payments.>").expect("a pattern");
    assert_eq!(matched(&mut publisher, "c"), 3);
    assert_eq!(drain(&mut exact), ["a", "b", "c"]);
    drop(exact);
    assert_eq!(matched(&mut publisher, "d"), 2);
    assert_eq!(matched(&mut publisher.clone(), "e"), 2);
    drop(second);
    assert_eq!(matched(&mut publisher, "f"), 2);
    assert_eq!(drain(&mut all), ["b", "c", "d", "e", "f"]);
    assert_eq!(drain(&mut member), ["b", "c", "d", "e", "f"]);
    assert_eq!((bus.stats().published, bus.stats().unmatched), (7, 1));
}

#[tokio::test]
async fn it_publishes_headers_and_batches() {
    let bus = Bus::new();
    let mut subscription = bus.subscribe("t").expect("a pattern");
    let mut publisher = bus.publisher(topic("t"));
    let mut headers = Headers::new();
    headers.set("id", "7").expect("a header");
    let _ = publisher.publish_with(headers.clone(), "a").await.expect("the bus is open");
    let _ = publisher.publish_batch(["b", "c"]).await.expect("the bus is open");
    let first = subscription.recv().await.expect("a message");
    assert_eq!((told(&first), first.headers(), &first.topic), ("a".to_owned(), &headers, publisher.topic()));
    assert_eq!(drain(&mut subscription), ["b", "c"]);
}

#[tokio::test]
async fn it_keeps_the_bus_open_and_learns_that_it_is_closed() {
    let bus = Bus::new();
    let mut publisher = bus.publisher(topic("t"));
    let mut subscription = bus.subscribe("t").expect("a pattern");
    let other = bus.clone();
    drop(bus);
    assert_eq!(matched(&mut publisher, "a"), 1);
    other.close();
    assert_eq!(publisher.try_publish("b").expect_err("closed").into_message().payload, "b");
    assert_eq!(publisher.publish("c").await.expect_err("closed").into_message().payload, "c");
    let batch = publisher.publish_batch(["d", "e"]).await.expect_err("closed").into_messages();
    assert_eq!(batch.iter().map(|message| &message.payload[..]).collect::<Vec<_>>(), [b"d", b"e"]);
    assert_eq!(drain(&mut subscription), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn its_publish_dropped_at_each_of_its_polls() {
    for polls in 0..=1 {
        let bus = Bus::new();
        let mut subscription = open(&bus, 1, block(1_000));
        let mut publisher = bus.publisher(topic("t"));
        fill(&bus, ["a"]);
        let mut publish = task::spawn(drop_at(polls, publisher.publish("b")));
        if polls > 0 {
            assert_pending!(publish.poll());
        }
        drop(publish);
        fill(&bus, ["c"]);
        assert_eq!(drain(&mut subscription), ["a"]);
        let next = task::spawn(publisher.publish("d")).poll();
        assert_eq!(counts(assert_ready_ok!(next)), (1, 1, 0));
        assert_eq!(drain(&mut subscription), [["-1 d"], ["-2 d"]][polls]);
    }
}

/// Every way in which a publisher waits; the mailbox gets room after 100 ms.
#[tokio::test(start_paused = true)]
async fn all_its_ways_to_wait_dropped_at_each_of_their_polls() {
    for way in 0..3 {
        for polls in 0.. {
            let bus = Bus::new();
            let mut subscription = open(&bus, 1, block(1_000));
            let mut publisher = bus.publisher(topic("t"));
            fill(&bus, ["a"]);
            let make_room = tokio::spawn(async move {
                sleep(ms(100)).await;
                subscription.try_recv().expect("a message");
                subscription
            });
            let published = match way {
                0 => drop_at(polls, publisher.publish("b")).await.map(Result::unwrap),
                1 => drop_at(polls, publisher.publish_with(Headers::new(), "b")).await.map(Result::unwrap),
                _ => drop_at(polls, publisher.publish_batch(["b"])).await.map(Result::unwrap),
            };
            let mut subscription = make_room.await.expect("no panic");
            fill(&bus, ["c"]);
            let expected = if polls == 0 { "c" } else { "b" };
            assert_eq!(drain(&mut subscription)[..1], [expected], "way {way}, dropped at poll {polls}");
            if let Some(receipt) = published {
                assert_eq!((polls, counts(receipt)), (2, (1, 1, 0)), "it waits once");
                break;
            }
        }
    }
}
