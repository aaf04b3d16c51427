//! Many messages at once, on the way in and on the way out.

use capstone_bus::{BatchError, Bus, Delivery, Message, Overflow, Subscription};
use tokio::time::sleep;
use tokio_test::{assert_pending, assert_ready, assert_ready_ok, task};

use crate::support::{Clock, block, counts, drain, drop_at, fill, message, ms, open, told, topic};

fn batch<const N: usize>(payloads: [&str; N]) -> [Message; N] {
    payloads.map(|payload| message("t", payload))
}

fn try_recv_many(subscription: &mut Subscription, max: usize) -> Vec<String> {
    let mut buffer: Vec<Delivery> = Vec::new();
    let taken = assert_ready!(task::spawn(subscription.recv_many(&mut buffer, max)).poll());
    assert_eq!(taken, buffer.len());
    buffer.iter().map(told).collect()
}

#[tokio::test]
async fn a_batch_arrives_in_order_across_topics() {
    let bus = Bus::new();
    let mut all = bus.subscribe(">").expect("a pattern");
    let mut some = bus.subscribe("a").expect("a pattern");
    let mut group = bus.subscription("*").queue("g").open().expect("valid options");
    let messages = [("a", "1"), ("a", "2"), ("b", "3"), ("$c", "4"), ("a", "5")];
    let receipt = bus.publish_batch(messages.map(|(topic, payload)| message(topic, payload))).await;

    assert_eq!(counts(receipt.expect("the bus is open")), (11, 11, 0));
    assert_eq!(drain(&mut all), ["1", "2", "3", "5"]);
    assert_eq!(drain(&mut some), ["1", "2", "5"]);
    assert_eq!(drain(&mut group), ["1", "2", "3", "5"]);
    assert_eq!((bus.stats().published, bus.stats().unmatched), (5, 1));
    let nothing: [Message; 0] = [];
    assert_eq!(counts(bus.publish_batch(nothing).await.expect("the bus is open")), (0, 0, 0));
}

#[tokio::test]
async fn each_policy_treats_the_rest_of_a_batch_like_single_messages() {
    let bus = Bus::new();
    let mut newest = open(&bus, 2, Overflow::DropNewest);
    let mut oldest = open(&bus, 2, Overflow::DropOldest);
    let mut disconnects = open(&bus, 2, Overflow::Disconnect);
    let mut stalled = open(&bus, 2, block(0));
    let receipt = bus.publish_batch(batch(["a", "b", "c", "d", "e"])).await.expect("the bus is open");
    assert_eq!(counts(receipt), (20, 11, 9));
    assert_eq!(drain(&mut newest), ["a", "b"]);
    assert_eq!(drain(&mut oldest), ["-3 d", "e"]);
    assert_eq!(drain(&mut disconnects), ["a", "b"]);
    assert_eq!(drain(&mut stalled), ["a", "b"]);
    fill(&bus, ["f"]);
    assert_eq!((drain(&mut newest), drain(&mut stalled)), (vec!["-3 f".to_owned()], vec!["-3 f".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_batch_waits_as_long_as_the_consumer_goes_on() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 1, block(1_000));
    let clock = Clock::start();
    let publish = async {
        let receipt = bus.publish_batch(batch(["a", "b", "c", "d", "e"])).await.expect("the bus is open");
        (clock.ms(), counts(receipt))
    };
    let consume = async {
        for expected in ["a", "b", "c"] {
            sleep(ms(900)).await;
            assert_eq!(told(&subscription.recv().await.expect("a message")), expected);
        }
    };
    let (published, ()) = futures::future::join(publish, consume).await;
    assert_eq!(published, (3_700, (5, 4, 1)), "a second after the consumer took its last");
    fill(&bus, ["stalled"]);
    assert_eq!(drain(&mut subscription), ["d"]);
    fill(&bus, ["f"]);
    assert_eq!(drain(&mut subscription), ["-2 f"]);
}

#[tokio::test(start_paused = true)]
async fn nobody_passes_a_batch_that_waits() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 2, block(1_000));
    let mut first = task::spawn(bus.publish_batch(batch(["a", "b", "c", "d"])));
    let mut second = task::spawn(bus.publish_batch(batch(["e", "f"])));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    fill(&bus, ["try"]);
    assert_eq!(try_recv_many(&mut subscription, 9), ["a", "b"]);
    assert_eq!(counts(assert_ready_ok!(first.poll())), (4, 4, 0));
    assert_pending!(second.poll());
    assert_eq!(drain(&mut subscription), ["c", "d", "e", "f"]);
    assert_eq!(counts(assert_ready_ok!(second.poll())), (2, 2, 0));
}

#[tokio::test]
async fn a_closed_bus_gives_the_batch_back() {
    let bus = Bus::new();
    let _subscription = bus.subscribe("t").expect("a pattern");
    bus.close();
    let refused = bus.publish_batch(batch(["a", "b"])).await.expect_err("closed");
    assert!(matches!(refused, BatchError::Closed(_)));
    assert_eq!(refused.to_string(), "publish 2 messages: the bus is closed");
    assert_eq!(refused.into_messages(), batch(["a", "b"]));
    assert_eq!(bus.stats().published, 0);
}

#[tokio::test]
async fn recv_many_takes_what_is_there_and_waits_when_there_is_nothing() {
    let bus = Bus::new();
    let mut plain = open(&bus, 9, block(1_000));
    let mut oldest = open(&bus, 9, Overflow::DropOldest);
    let mut member = bus.subscription("t").queue("g").open().expect("valid options");
    for subscription in [&mut plain, &mut oldest, &mut member] {
        let mut buffer = Vec::new();
        let mut waits = task::spawn(subscription.recv_many(&mut buffer, 2));
        assert_pending!(waits.poll());
    }
    fill(&bus, ["a", "b", "c", "d"]);
    for subscription in [&mut plain, &mut oldest, &mut member] {
        assert_eq!(try_recv_many(subscription, 0), [""; 0]);
        assert_eq!(try_recv_many(subscription, 1), ["a"]);
        assert_eq!(try_recv_many(subscription, 2), ["b", "c"]);
    }
    fill(&bus, ["e"]);
    bus.close();
    for subscription in [&mut plain, &mut oldest, &mut member] {
        assert_eq!(try_recv_many(subscription, 9), ["d", "e"]);
        assert_eq!(try_recv_many(subscription, 9), [""; 0], "the end");
    }
}

/// The mailbox has room for one; the consumer takes one every 100 ms.
#[tokio::test(start_paused = true)]
async fn publish_batch_dropped_at_each_of_its_polls() {
    for polls in 0.. {
        let bus = Bus::new();
        let mut subscription = open(&bus, 1, block(1_000));
        let consume = tokio::spawn(async move {
            let mut heard = Vec::new();
            for _ in 0..3 {
                sleep(ms(100)).await;
                heard.extend(drain_one(&mut subscription));
            }
            (subscription, heard)
        });
        let published = drop_at(polls, bus.publish_batch(batch(["a", "b", "c"]))).await;
        let (mut subscription, mut heard) = consume.await.expect("no panic");
        fill(&bus, ["z"]);
        heard.extend(drain(&mut subscription));
        let expected: &[&str] = match polls {
            0 => &["z"],
            // Dropped when the consumer has just let the next one in.
            1 => &["a", "b", "-1 z"],
            _ => &["a", "b", "c", "z"],
        };
        assert_eq!(heard, expected, "dropped at poll {polls}");
        if let Some(receipt) = published {
            assert_eq!((polls, counts(receipt.expect("the bus is open"))), (3, (3, 3, 0)));
            break;
        }
    }
}

fn drain_one(subscription: &mut Subscription) -> Option<String> {
    subscription.try_recv().ok().map(|delivery| told(&delivery))
}

#[tokio::test(start_paused = true)]
async fn recv_many_dropped_at_each_of_its_polls_loses_nothing() {
    for polls in 0.. {
        let bus = Bus::new();
        let mut subscription = open(&bus, 9, block(1_000));
        let publish = tokio::spawn({
            let bus = bus.clone();
            async move {
                sleep(ms(100)).await;
                fill(&bus, ["a", "b", "c"]);
            }
        });
        let mut buffer = Vec::new();
        let received = drop_at(polls, subscription.recv_many(&mut buffer, 2)).await;
        publish.await.expect("no panic");
        let heard: Vec<_> = buffer.iter().map(told).chain(drain(&mut subscription)).collect();
        assert_eq!(heard, ["a", "b", "c"], "dropped at poll {polls}");
        if received.is_some() {
            assert_eq!((polls, received), (2, Some(2)), "it waits once");
            break;
        }
    }
}

#[tokio::test]
async fn a_batch_with_a_topic_of_the_bus_is_refused_as_a_whole_and_a_late_reply_is_none() {
    let bus = Bus::new();
    let mut subscription = bus.subscribe(">").expect("a pattern");
    let sent = [message("t", "a"), message("$DLQ.t", "forged"), message("t", "b")];
    let refused = bus.publish_batch(sent.clone()).await.expect_err("not ours");
    assert_eq!(refused.to_string(), "publish 3 messages: the topic of one is the bus's own");
    assert_eq!(refused.into_messages(), sent);
    let refused = bus.publisher(topic("$SYS.x")).publish_batch(["a"]).await.expect_err("not ours");
    assert!(matches!(refused, BatchError::Reserved(_)));
    assert_eq!(drain(&mut subscription), [""; 0]);

    let receipt = bus.publish_batch([message("$INBOX.7", "late"), message("t", "c")]).await;
    assert_eq!(counts(receipt.expect("the bus is open")), (1, 1, 0));
    assert_eq!((drain(&mut subscription), bus.stats().late_replies), (vec!["c".to_owned()], 1));
}

/// Two fit into the handler's own mailbox, three would wait for the handler that publishes them.
#[tokio::test(start_paused = true)]
async fn a_handler_is_told_that_a_batch_would_wait_for_itself() {
    let bus = Bus::new();
    let (told, mut heard) = tokio::sync::mpsc::channel(9);
    let publishing = bus.clone();
    let handler = bus.topic_handler("start").capacity(2).overflow(block(1_000)).start(move |_| {
        let (bus, told) = (publishing.clone(), told.clone());
        async move {
            let mut publisher = bus.publisher(topic("start"));
            let results = [
                publisher.publish_batch(["a", "b", "c"]).await.map(counts),
                bus.publish_batch(["a", "b", "c"].map(|payload| message("start", payload))).await.map(counts),
            ];
            told.send(results).await?;
            Ok(())
        }
    });
    let handler = handler.expect("valid options");
    let _ = bus.publish(message("start", "go")).await.expect("the bus is open");
    for refused in heard.recv().await.expect("the handler ran") {
        let refused = refused.expect_err("three do not fit");
        assert!(matches!(refused, BatchError::WouldDeadlock(_)), "{refused}");
        assert_eq!(refused.into_messages().len(), 3);
    }
    handler.unsubscribe().await;
}
