//! What happens in front of a full mailbox, and when. The clock is paused: every time is exact.

use capstone_bus::{Bus, CloseReason, Overflow};
use futures::future::join;
use tokio::time::{advance, sleep};
use tokio_test::{assert_pending, assert_ready_ok, task};

use crate::support::{Clock, block, counts, drain, fill, message, ms, open, told, topic};

#[tokio::test(start_paused = true)]
async fn a_full_mailbox_makes_the_publisher_wait_for_the_consumer() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 2, block(1_000));
    let clock = Clock::start();

    let publish = async {
        let mut story = Vec::new();
        for payload in ["a", "b", "c", "d"] {
            let receipt = bus.publish(message("t", payload)).await.expect("the bus is open");
            story.push((clock.ms(), payload, counts(receipt)));
        }
        story
    };
    let consume = async {
        let mut story = Vec::new();
        for _ in 0..4 {
            sleep(ms(300)).await;
            let delivery = subscription.recv().await.expect("a message");
            story.push((clock.ms(), told(&delivery)));
        }
        story
    };
    let (published, consumed) = join(publish, consume).await;

    let enqueued = (1, 1, 0);
    assert_eq!(
        published,
        [(0, "a", enqueued), (0, "b", enqueued), (300, "c", enqueued), (600, "d", enqueued)]
    );
    let expected = [(300, "a"), (600, "b"), (900, "c"), (1_200, "d")];
    assert_eq!(consumed, expected.map(|(at_ms, payload)| (at_ms, payload.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn one_wait_that_times_out_stalls_the_mailbox_until_the_consumer_takes() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 1, block(1_000));
    let clock = Clock::start();
    let mut story = Vec::new();

    for payload in ["a", "b", "c", "d"] {
        let receipt = bus.publish(message("t", payload)).await.expect("the bus is open");
        story.push((clock.ms(), payload, counts(receipt)));
    }
    assert_eq!(told(&subscription.recv().await.expect("a message")), "a");
    for payload in ["e", "f", "g"] {
        let receipt = bus.publish(message("t", payload)).await.expect("the bus is open");
        story.push((clock.ms(), payload, counts(receipt)));
    }

    let (enqueued, dropped) = ((1, 1, 0), (1, 0, 1));
    assert_eq!(
        story,
        [
            (0, "a", enqueued),
            (1_000, "b", dropped), // waited,
            (1_000, "c", dropped), // and from then on nobody does,
            (1_000, "d", dropped),
            (1_000, "e", enqueued), // until the consumer has taken one.
            (2_000, "f", dropped),
            (2_000, "g", dropped),
        ]
    );
    assert_eq!(drain(&mut subscription), ["-3 e"]);
    assert_eq!(subscription.dropped(), 5);
}

#[tokio::test(start_paused = true)]
async fn waiters_keep_their_order_and_nobody_passes_them() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 1, block(1_000));
    fill(&bus, ["a"]);
    let mut first = task::spawn(bus.publish(message("t", "b")));
    let mut second = task::spawn(bus.publish(message("t", "c")));
    assert_pending!(first.poll());
    assert_pending!(second.poll());

    fill(&bus, ["try 1"]);
    assert_eq!(told(&subscription.try_recv().expect("a message")), "a");
    // The place of `a` went to `b` in the same moment.
    fill(&bus, ["try 2"]);
    assert!(first.is_woken() && !second.is_woken());
    assert_pending!(second.poll());
    assert_eq!(counts(assert_ready_ok!(first.poll())), (1, 1, 0));

    assert_eq!(drain(&mut subscription), ["b", "c"]);
    assert_eq!(counts(assert_ready_ok!(second.poll())), (1, 1, 0));
    fill(&bus, ["d"]);
    assert_eq!(drain(&mut subscription), ["-2 d"]);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_times_out_leaves_the_others_their_places() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 1, block(1_000));
    fill(&bus, ["a"]);
    let clock = Clock::start();

    let first = async {
        let receipt = bus.publish(message("t", "b")).await.expect("the bus is open");
        (clock.ms(), counts(receipt))
    };
    let second = async {
        sleep(ms(500)).await;
        let receipt = bus.publish(message("t", "c")).await.expect("the bus is open");
        (clock.ms(), counts(receipt))
    };
    let consume = async {
        sleep(ms(1_200)).await;
        let mut taken = vec![told(&subscription.recv().await.expect("a message"))];
        taken.push(told(&subscription.recv().await.expect("a message")));
        taken
    };
    let ((first, second), taken) = join(join(first, second), consume).await;

    assert_eq!(first, (1_000, (1, 0, 1)));
    assert_eq!(second, (1_200, (1, 1, 0)));
    assert_eq!(taken, ["a", "-1 c"]);
}

#[tokio::test(start_paused = true)]
async fn at_the_very_moment_of_the_timeout_the_consumer_wins() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 1, block(1_000));
    fill(&bus, ["a"]);
    let mut publish = task::spawn(bus.publish(message("t", "b")));
    assert_pending!(publish.poll());

    advance(ms(1_000)).await;
    assert_eq!(drain(&mut subscription), ["a", "b"]);
    assert_eq!(counts(assert_ready_ok!(publish.poll())), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn full_mailboxes_are_awaited_at_once_each_for_its_own_time() {
    let bus = Bus::new();
    let mut short = open(&bus, 1, block(300));
    let mut long = open(&bus, 1, block(700));
    let mut fast = open(&bus, 2, block(1_000));
    fill(&bus, ["a"]);
    let clock = Clock::start();

    let publish = async {
        let receipt = bus.publish(message("t", "b")).await.expect("the bus is open");
        (clock.ms(), counts(receipt))
    };
    let fast_one = async {
        let mut story = Vec::new();
        for _ in 0..2 {
            let delivery = fast.recv().await.expect("a message");
            story.push((clock.ms(), told(&delivery)));
        }
        story
    };
    let (published, heard) = join(publish, fast_one).await;

    assert_eq!(published, (700, (3, 1, 2)));
    assert_eq!(heard, [(0, "a".to_owned()), (0, "b".to_owned())], "nobody waits for somebody else's mailbox");
    assert_eq!((drain(&mut short), drain(&mut long)), (vec!["a".to_owned()], vec!["a".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_slow_subscriber_that_blocks_loses_nothing() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 4, block(1_000));
    let payloads: Vec<String> = (0..100).map(|i| format!("m{i}")).collect();

    let publish = async {
        for payload in &payloads {
            let receipt = bus.publish(message("t", payload)).await.expect("the bus is open");
            assert_eq!(counts(receipt), (1, 1, 0));
        }
    };
    let consume = async {
        let mut heard = Vec::new();
        for _ in 0..100 {
            sleep(ms(999)).await;
            heard.push(told(&subscription.recv().await.expect("a message")));
        }
        heard
    };
    let ((), heard) = join(publish, consume).await;

    assert_eq!(heard, payloads);
    assert_eq!(bus.stats().subscriptions[0].high_water, 4);
}

#[tokio::test(start_paused = true)]
async fn drop_oldest_keeps_the_newest_and_says_what_is_missing() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 2, Overflow::DropOldest);
    let clock = Clock::start();

    for payload in ["a", "b", "c", "d", "e"] {
        let receipt = bus.publish(message("t", payload)).await.expect("the bus is open");
        assert_eq!(counts(receipt), (1, 1, 0));
    }
    assert_eq!(clock.ms(), 0);
    assert_eq!(drain(&mut subscription), ["-3 d", "e"]);
    fill(&bus, ["f"]);
    assert_eq!(drain(&mut subscription), ["f"]);
    assert_eq!(subscription.dropped(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_zero_drops_at_once() {
    let bus = Bus::builder().capacity(1).overflow(block(0)).build();
    let mut subscription = bus.subscribe("t").expect("a pattern");
    for (payload, expected) in [("a", (1, 1, 0)), ("b", (1, 0, 1))] {
        let receipt = bus.publish(message("t", payload)).await.expect("the bus is open");
        assert_eq!(counts(receipt), expected);
    }
    assert_eq!(drain(&mut subscription), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn drop_newest_keeps_what_came_first() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 2, Overflow::DropNewest);
    let mut receipts = Vec::new();
    for payload in ["a", "b", "c", "d"] {
        receipts.push(counts(bus.publish(message("t", payload)).await.expect("the bus is open")));
    }
    assert_eq!(receipts, [(1, 1, 0), (1, 1, 0), (1, 0, 1), (1, 0, 1)]);
    assert_eq!(drain(&mut subscription), ["a", "b"]);
    fill(&bus, ["e"]);
    assert_eq!(drain(&mut subscription), ["-2 e"]);
    assert_eq!(subscription.dropped(), 2);
}

/// The consumer takes the ring out as a whole, and it still counts.
#[test]
fn the_capacity_is_kept_while_the_consumer_hands_out() {
    for overflow in [block(0), Overflow::DropNewest] {
        let bus = Bus::new();
        let mut subscription = open(&bus, 3, overflow);
        fill(&bus, ["a", "b", "c"]);
        assert_eq!(told(&subscription.try_recv().expect("a message")), "a");
        fill(&bus, ["d", "e"]);
        assert_eq!(bus.stats().subscriptions[0].depth, 3);
        assert_eq!(drain(&mut subscription), ["b", "c", "d"]);
        fill(&bus, ["f"]);
        assert_eq!(drain(&mut subscription), ["-1 f"], "of e");
        assert_eq!(bus.stats().subscriptions[0].high_water, 3);
    }
}

#[test]
fn for_drop_oldest_too_and_the_oldest_is_whatever_was_not_handed_out() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 3, Overflow::DropOldest);
    fill(&bus, ["a", "b", "c"]);
    assert_eq!(told(&subscription.try_recv().expect("a message")), "a");
    fill(&bus, ["d", "e"]);
    assert_eq!(drain(&mut subscription), ["-1 c", "d", "e"]);
}

#[tokio::test]
async fn disconnect_ends_the_subscription_that_is_too_slow_and_no_other() {
    let bus = Bus::new();
    let mut slow = open(&bus, 2, Overflow::Disconnect);
    let mut fast = open(&bus, 9, Overflow::Disconnect);
    let mut receipts = Vec::new();
    for payload in ["a", "b", "c", "d"] {
        receipts.push(counts(bus.publish(message("t", payload)).await.expect("the bus is open")));
        assert_eq!(slow.close_reason().is_some(), payload >= "c", "{payload}");
    }
    assert_eq!(receipts, [(2, 2, 0), (2, 2, 0), (2, 1, 1), (1, 1, 0)]);

    let stats = bus.stats();
    assert_eq!((stats.active, stats.subscriptions.len(), stats.dropped), (2, 2, 1));
    assert_eq!(drain(&mut slow), ["a", "b"], "what was queued");
    assert!(slow.recv().await.is_none());
    assert_eq!(slow.close_reason(), Some(CloseReason::Slow { lost: 1 }));
    drop(slow);
    let stats = bus.stats();
    assert_eq!((stats.active, stats.subscriptions.len(), stats.delivered, stats.dropped), (1, 1, 2, 1));

    assert_eq!(drain(&mut fast), ["a", "b", "c", "d"]);
    assert_eq!(fast.close_reason(), None);
    bus.close();
    assert_eq!(fast.close_reason(), Some(CloseReason::Closed));
}

#[test]
fn a_group_that_was_disconnected_can_be_founded_anew() {
    let bus = Bus::new();
    let member = || {
        bus.subscription("t").queue("g").capacity(1).overflow(Overflow::Disconnect).open().expect("options")
    };
    let (mut first, second) = (member(), member());
    fill(&bus, ["a", "b"]);
    assert_eq!(second.close_reason(), Some(CloseReason::Slow { lost: 1 }));
    let mut anew = member();
    fill(&bus, ["c"]);
    assert_eq!(drain(&mut anew), ["c"]);
    assert_eq!(drain(&mut first), ["a"]);
    assert_eq!((bus.stats().active, bus.stats().subscriptions.len()), (3, 2));
    drop((first, second));
    assert_eq!((bus.stats().active, bus.stats().subscriptions.len()), (1, 1));
    drop(anew);
    assert_eq!((bus.stats().delivered, bus.stats().dropped), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn one_slow_subscriber_among_fifty_is_the_only_one_that_misses_anything() {
    let bus = Bus::new();
    let mut slow = open(&bus, 2, Overflow::DropOldest);
    let mut others: Vec<_> = (0..49).map(|_| open(&bus, 8, block(1_000))).collect();
    let payloads: Vec<String> = (0..100).map(|i| format!("m{i}")).collect();
    let clock = Clock::start();
    for payload in &payloads {
        let receipt = bus.publish(message("t", payload)).await.expect("the bus is open");
        assert_eq!(counts(receipt), (50, 50, 0));
        for other in &mut others {
            assert_eq!(drain(other), [payload.as_str()]);
        }
    }
    assert_eq!(clock.ms(), 0, "nobody waits");
    assert_eq!(drain(&mut slow), ["-98 m98", "m99"]);
}

#[test]
fn a_receipt_says_how_much_was_dropped_and_is_an_error_then() {
    let bus = Bus::new();
    bus.try_publish(message("t", "nobody is there"))
        .expect("open")
        .all_enqueued()
        .expect("nobody dropped it");
    let _full = open(&bus, 1, Overflow::DropNewest);
    let _roomy = open(&bus, 8, Overflow::DropNewest);
    bus.try_publish(message("t", "a")).expect("open").all_enqueued().expect("there is room");

    let mut publisher = bus.publisher(topic("t"));
    let receipt = publisher.try_publish("b").expect("open");
    assert_eq!(counts(receipt), (2, 1, 1));
    let error = receipt.all_enqueued().expect_err("the first is full");
    assert_eq!((error.dropped, error.matched), (1, 2));
    let error: Box<dyn std::error::Error + Send + Sync> = error.into();
    assert_eq!(error.to_string(), "1 of 2 copies were dropped by full mailboxes");
}
