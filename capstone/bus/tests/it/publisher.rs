//! A handle that remembers who wants its messages, and is never wrong about it.

use capstone_bus::{Bus, Headers, Message, PublishError, Publisher};
use futures::{SinkExt, poll};
use tokio::time::sleep;
use tokio_test::{assert_pending, assert_ready_ok, task};

use crate::support::{block, counts, drain, drop_at, fill, message, ms, open, told, topic};

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
    for way in 0..4 {
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
                2 => drop_at(polls, publisher.publish_message(message("t", "b"))).await.map(Result::unwrap),
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

#[tokio::test(start_paused = true)]
async fn it_publishes_whole_messages_with_and_without_waiting() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 2, block(1_000));
    let mut publisher = bus.publisher(topic("t"));
    let mut headers = Headers::new();
    headers.set("id", "7").expect("a header");
    let whole = message("t", "a").with_headers(headers.clone()).with_reply(topic("answers"));
    let receipt = publisher.publish_message(whole.clone()).await.expect("the bus is open");
    assert_eq!(counts(receipt), (1, 1, 0));
    assert_eq!(counts(publisher.try_publish_with(headers.clone(), "b").expect("open")), (1, 1, 0));
    assert_eq!(counts(publisher.try_publish_message(whole.clone()).expect("open")), (1, 0, 1), "it is full");
    assert_eq!(counts(publisher.try_publish_with(headers.clone(), "c").expect("open")), (1, 0, 1));
    {
        let mut waits = Box::pin(publisher.publish_message(message("t", "d")));
        assert!(poll!(&mut waits).is_pending());
        assert_eq!(Message::clone(&subscription.recv().await.expect("a message")), whole);
        assert_eq!(counts(waits.await.expect("open")), (1, 1, 0));
    }
    assert_eq!(subscription.recv().await.expect("a message").headers(), &headers);
    assert_eq!(drain(&mut subscription), ["-2 d"]);
}

/// One mailbox, and the log of two.
#[tokio::test]
async fn who_gets_a_message_of_it_can_respond() {
    for subscribers in [1, 2] {
        let bus = Bus::new();
        let mut replies = bus.subscribe("replies").expect("a pattern");
        let mut subscriptions: Vec<_> =
            (0..subscribers).map(|_| bus.subscribe("t").expect("a pattern")).collect();
        let mut publisher = bus.publisher(topic("t"));
        let question = message("t", "question").with_reply(topic("replies"));
        let receipt = publisher.publish_message(question).await.expect("the bus is open");
        assert_eq!(receipt.enqueued, subscribers);
        for subscription in &mut subscriptions {
            let question = subscription.recv().await.expect("the question");
            assert_eq!(counts(question.respond("answer").await.expect("the bus is there")), (1, 1, 0));
            assert_eq!(told(&replies.recv().await.expect("an answer")), "answer");
        }
    }
}

#[tokio::test]
async fn it_takes_messages_on_its_own_topic_only() {
    let bus = Bus::new();
    let mut everything = bus.subscribe(">").expect("a pattern");
    let mut publisher = bus.publisher(topic("t"));
    let error = publisher.publish_message(message("u", "a")).await.expect_err("another topic");
    assert_eq!(error.to_string(), "publish to u: the publisher is for another topic");
    assert_eq!(error.into_message(), message("u", "a"));
    let error = publisher.try_publish_message(message("u", "b")).expect_err("another topic");
    assert_eq!(error, PublishError::OtherTopic(message("u", "b")));
    assert_eq!(drain(&mut everything), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn as_a_sink_it_offers_at_once_and_is_ready_when_everybody_has_it() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 1, block(1_000));
    let mut fast = bus.subscribe("t").expect("a pattern");
    let mut sink = bus.publisher(topic("t")).into_sink();
    sink.feed("a".into()).await.expect("open");
    sink.feed("b".into()).await.expect("there was room for the one before");
    assert_eq!(drain(&mut fast), ["a", "b"], "nobody waits for the slow one but the sink");
    {
        let mut third = Box::pin(sink.feed("c".into()));
        assert!(poll!(&mut third).is_pending());
        assert_eq!(told(&subscription.recv().await.expect("a message")), "a");
        third.await.expect("open");
    }
    assert_eq!(counts(sink.receipt()), (4, 4, 0));
    assert!(poll!(Box::pin(sink.flush())).is_pending());
    sleep(ms(1_000)).await;
    sink.close().await.expect("open");
    assert_eq!(counts(sink.receipt()), (6, 5, 1), "its time was over");
    assert_eq!(drain(&mut subscription), ["b"]);

    sink.feed("d".into()).await.expect("open");
    sink.feed("e".into()).await.expect("open");
    drop(sink);
    fill(&bus, ["f"]);
    assert_eq!(drain(&mut subscription), ["-1 d"]);
    assert_eq!(subscription.dropped(), 3);

    bus.close();
    let mut sink = bus.publisher(topic("t")).into_sink();
    let refused = sink.send("g".into()).await.expect_err("closed");
    assert_eq!(refused, PublishError::Closed(message("t", "g")));
}
