//! The end: of the bus, of a subscription, and of both in the middle of something.

use capstone_bus::{Bus, SubscribeError, TryRecvError};
use futures::stream::FusedStream;
use futures::{StreamExt, select};
use tokio_test::{assert_pending, assert_ready, assert_ready_ok, task};

use crate::support::{block, counts, drain, fill, flood, message, ms, open, told};

#[tokio::test]
async fn a_closed_bus_takes_nothing_and_still_delivers_what_it_has() {
    let bus = Bus::new();
    let mut subscription = bus.subscribe("t").expect("a pattern");
    fill(&bus, ["a", "b"]);
    bus.close();
    bus.close();

    let sent = message("t", "c").with_header("id", "7").expect("a header");
    let refused = [bus.try_publish(sent.clone()), bus.publish(sent.clone()).await];
    for refused in refused {
        let error = refused.expect_err("closed");
        assert_eq!(error.to_string(), "publish to t: the bus is closed");
        assert_eq!(error.into_message(), sent);
    }
    assert_eq!(bus.subscribe("t").expect_err("closed"), SubscribeError::Closed);
    assert!(bus.is_closed());

    assert_eq!(drain(&mut subscription), ["a", "b"]);
    assert_eq!(subscription.try_recv().expect_err("closed"), TryRecvError::Closed);
    assert!(subscription.recv().await.is_none());
    assert!(subscription.next().await.is_none(), "and it stays ended");
    assert_eq!(bus.stats().published, 2);
}

#[tokio::test]
async fn closing_wakes_whoever_waits_for_a_message() {
    let bus = Bus::new();
    let mut subscription = bus.subscribe("t").expect("a pattern");
    let mut recv = task::spawn(subscription.recv());
    assert_pending!(recv.poll());
    bus.close();
    assert!(recv.is_woken());
    assert!(assert_ready!(recv.poll()).is_none());
}

#[test]
fn the_last_handle_closes_the_bus() {
    let bus = Bus::new();
    let mut subscription = bus.subscribe("t").expect("a pattern");
    let clone = bus.clone();
    drop(bus);
    fill(&clone, ["a"]);
    std::thread::spawn(move || drop(clone)).join().expect("no panic");
    assert_eq!(drain(&mut subscription), ["a"]);
    assert_eq!(subscription.try_recv().expect_err("closed"), TryRecvError::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_waits_when_the_bus_is_closed_still_arrives() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 1, block(1_000));
    fill(&bus, ["a"]);
    let mut publish = task::spawn(bus.publish(message("t", "b")));
    assert_pending!(publish.poll());
    bus.close();
    assert_pending!(publish.poll());
    assert_eq!(drain(&mut subscription), ["a", "b"]);
    assert_eq!(counts(assert_ready_ok!(publish.poll())), (1, 1, 0));
    assert_eq!(subscription.try_recv().expect_err("closed"), TryRecvError::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_publisher_does_not_wait_for_a_subscription_that_is_gone() {
    let bus = Bus::new();
    let stays = open(&bus, 1, block(1_000));
    let goes = open(&bus, 1, block(1_000));
    fill(&bus, ["a"]);
    let mut publish = task::spawn(bus.publish(message("t", "b")));
    assert_pending!(publish.poll());

    std::thread::spawn(move || drop(goes)).join().expect("no panic, and no runtime needed");
    assert!(publish.is_woken());
    assert_pending!(publish.poll());
    let mut stays = stays;
    assert_eq!(told(&stays.try_recv().expect("a message")), "a");
    assert_eq!(counts(assert_ready_ok!(publish.poll())), (2, 1, 1));
    let stats = bus.stats();
    assert_eq!((stats.delivered, stats.dropped, stats.abandoned), (1, 1, 1));
}

/// Real threads: whatever the moment of the close, every copy that a receipt calls enqueued arrives.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn closing_during_a_flood_loses_nothing_that_was_accepted() {
    for round in 0..50 {
        let bus = Bus::builder().capacity(8).overflow(block(10_000)).build();
        let publishers = flood(&bus);
        let subscribers: Vec<_> =
            (0..2).map(|_| tokio::spawn(bus.subscribe(">").expect("a pattern").count())).collect();
        for _ in 0..round {
            tokio::task::yield_now().await;
        }
        bus.close();

        let (mut enqueued, mut heard) = (0, 0);
        for publisher in publishers {
            let (by_this_one, message) = publisher.await.expect("no panic");
            enqueued += by_this_one;
            assert_eq!(message.payload, "m");
        }
        for subscriber in subscribers {
            heard += subscriber.await.expect("no panic");
        }
        assert_eq!(heard, enqueued, "round {round}");
    }
}

/// Real threads: subscriptions vanish while publishers deliver to them and wait for them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_subscription_dropped_while_it_is_delivered_to_disturbs_nobody() {
    const MESSAGES: usize = 20_000;
    let bus = Bus::builder().capacity(4).overflow(block(60_000)).build();
    let stays = tokio::spawn(bus.subscribe("t").expect("a pattern").take(MESSAGES).count());
    let publisher = tokio::spawn({
        let bus = bus.clone();
        async move {
            let mut totals = (0, 0, 0);
            for _ in 0..MESSAGES {
                let (matched, enqueued, dropped) =
                    counts(bus.publish(message("t", "m")).await.expect("open"));
                assert_eq!(matched, enqueued + dropped);
                totals = (totals.0 + matched, totals.1 + enqueued, totals.2 + dropped);
            }
            totals
        }
    });
    let mut heard = 0;
    while !publisher.is_finished() {
        let mut subscription = bus.subscribe("t").expect("a pattern");
        for _ in 0..3 {
            let recv = tokio::time::timeout(ms(10), subscription.recv());
            heard += usize::from(recv.await.is_ok());
        }
    }

    let (matched, enqueued, dropped) = publisher.await.expect("no panic");
    heard += stays.await.expect("no panic");
    let stats = bus.stats();
    assert_eq!(stats.delivered, heard as u64);
    assert_eq!(stats.dropped, dropped as u64);
    assert_eq!(stats.delivered + stats.abandoned, enqueued as u64);
    assert!(matched >= MESSAGES);
    assert_eq!((stats.active, stats.published), (0, MESSAGES as u64));
}

#[tokio::test]
async fn as_a_fused_stream_it_has_ended_once_its_end_was_seen() {
    let bus = Bus::new();
    let [mut one, mut other] = [(); 2].map(|()| bus.subscribe("t").expect("a pattern"));
    fill(&bus, ["a", "b"]);
    bus.close();
    let mut heard = Vec::new();
    loop {
        select! {
            delivery = one.select_next_some() => heard.push(told(&delivery)),
            delivery = other.select_next_some() => heard.push(told(&delivery)),
            complete => break,
        }
    }
    heard.sort();
    assert_eq!(heard, ["a", "a", "b", "b"]);
    assert!(one.is_terminated() && other.is_terminated());
}

/// Not when it may be known, but when it was told: whoever waits must hear of it first.
#[tokio::test]
async fn every_way_to_receive_sees_the_end() {
    for way in 0..4 {
        let bus = Bus::new();
        let mut subscription = bus.subscribe("t").expect("a pattern");
        assert_eq!(subscription.try_recv().expect_err("nothing yet"), TryRecvError::Empty);
        fill(&bus, ["a"]);
        bus.close();
        for expected in [true, false] {
            assert!(!subscription.is_terminated(), "way {way}");
            let is_there = match way {
                0 => subscription.next().await.is_some(),
                1 => subscription.recv_many(&mut Vec::new(), 1).await > 0,
                2 => subscription.recv_batch().await.is_some(),
                _ => subscription.try_recv().is_ok(),
            };
            assert_eq!(is_there, expected, "way {way}");
        }
        assert!(subscription.is_terminated(), "way {way}");
    }
}
