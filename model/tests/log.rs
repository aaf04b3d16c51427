//! Subscriptions that follow a log: without a lock they go along what is published, until something else comes.

mod support;

use capstone_bus::{Bus, Overflow, Publisher, Subscription, Topic};
use loom::future::block_on;
use loom::thread;
use support::{LONG, all, check, message, open, text};

fn publisher(bus: &Bus) -> Publisher {
    bus.publisher(Topic::new("t").expect("a topic"))
}

fn publish(publisher: &mut Publisher, payloads: &'static [&'static str]) {
    for payload in payloads {
        let receipt = publisher.try_publish(*payload).expect("open");
        assert_eq!(receipt.dropped, 0);
    }
}

/// So many messages.
fn some(subscription: &mut Subscription, messages: usize) -> Vec<String> {
    (0..messages).map(|_| text(&block_on(subscription.recv()).expect("open"))).collect()
}

#[test]
fn everybody_who_follows_sees_each_message_in_order_and_is_woken() {
    check(3, || {
        let bus = Bus::new();
        let [one, other] = [(); 2].map(|()| open(&bus, 4, Overflow::DropNewest));
        let mut publisher = publisher(&bus);
        let publishing = {
            let bus = bus.clone();
            thread::spawn(move || {
                publish(&mut publisher, &["a", "b"]);
                bus.close();
            })
        };
        let (received, _one) = all(one);
        publishing.join().expect("no panic");
        assert_eq!(received, ["a", "b"]);
        assert_eq!(all(other).0, ["a", "b"]);
    });
}

/// The consumer goes along the log while its mailbox is taken off it.
#[test]
fn what_comes_from_elsewhere_is_behind_what_was_in_the_log_and_nothing_is_lost() {
    check(2, || {
        let bus = Bus::new();
        let mut both = bus.subscription("*").capacity(8).overflow(Overflow::DropNewest).open().expect("options");
        let mut one = open(&bus, 8, Overflow::DropNewest);
        let mut publisher = publisher(&bus);
        publish(&mut publisher, &["a"]);
        let elsewhere = {
            let bus = bus.clone();
            thread::spawn(move || {
                let topic = Topic::new("u").expect("a topic");
                let _ = bus.try_publish(capstone_bus::Message::new(topic, "u")).expect("open");
            })
        };
        let reading = thread::spawn(move || {
            let received = some(&mut both, 3);
            (received, both)
        });
        publish(&mut publisher, &["b"]);
        let (received, mut both) = reading.join().expect("no panic");
        elsewhere.join().expect("no panic");
        let log: Vec<_> = received.iter().filter(|payload| *payload != "u").collect();
        assert_eq!(log, ["a", "b"]);
        both.try_recv().expect_err("that was all");
        assert_eq!(some(&mut one, 2), ["a", "b"]);
        assert_eq!(bus.stats().delivered, 5);
    });
}

/// A full follower is offered each message by its policy, and the others go on.
#[test]
fn who_is_full_is_apart_and_gets_the_rest_in_order() {
    check(2, || {
        let bus = Bus::new();
        let mut slow = open(&bus, 2, Overflow::Block { timeout: LONG });
        let mut fast = open(&bus, 4, Overflow::DropNewest);
        let mut publisher = publisher(&bus);
        let publishing = thread::spawn(move || {
            for payload in ["a", "b", "c"] {
                let receipt = block_on(publisher.publish(payload)).expect("open");
                assert_eq!((receipt.enqueued, receipt.dropped), (2, 0));
            }
        });
        assert_eq!(some(&mut slow, 3), ["a", "b", "c"]);
        publishing.join().expect("no panic");
        assert_eq!(some(&mut fast, 3), ["a", "b", "c"]);
    });
}

#[test]
fn who_goes_while_it_follows_leaves_nothing_behind() {
    check(2, || {
        let bus = Bus::new();
        let [one, mut other] = [(); 2].map(|()| open(&bus, 4, Overflow::DropNewest));
        let mut publisher = publisher(&bus);
        publish(&mut publisher, &["a"]);
        let going = thread::spawn(move || drop(one));
        let _ = publisher.try_publish("b").expect("open");
        going.join().expect("no panic");
        assert_eq!(some(&mut other, 2), ["a", "b"]);
        let stats = bus.stats();
        assert_eq!(stats.delivered, 2);
        assert!(stats.abandoned == 1 || stats.abandoned == 2, "{stats:?}");
    });
}

#[test]
fn where_the_oldest_is_dropped_a_follower_sees_what_is_missing() {
    check(2, || {
        let bus = Bus::new();
        let mut newest = open(&bus, 2, Overflow::DropOldest);
        let mut fast = open(&bus, 4, Overflow::DropNewest);
        let mut publisher = publisher(&bus);
        let publishing = thread::spawn(move || {
            for payload in ["1", "2", "3"] {
                let _ = publisher.try_publish(payload).expect("open");
            }
            publisher
        });
        let (mut last, mut missing) = (0, 0);
        while last < 3 {
            let delivery = block_on(newest.recv()).expect("open");
            let number: u64 = text(&delivery).parse().expect("a number");
            assert_eq!(delivery.gap(), number - last - 1);
            missing += delivery.gap();
            last = number;
        }
        drop(publishing.join().expect("no panic"));
        assert_eq!(some(&mut fast, 3), ["1", "2", "3"]);
        assert_eq!((newest.dropped(), bus.stats().delivered), (missing, 6 - missing));
    });
}

#[test]
fn a_shutdown_sees_the_last_message_of_a_log_go() {
    check(2, || {
        let bus = Bus::new();
        let [mut one, mut other] = [(); 2].map(|()| open(&bus, 4, Overflow::DropNewest));
        let mut publisher = publisher(&bus);
        publish(&mut publisher, &["a", "b"]);
        assert_eq!(some(&mut other, 2), ["a", "b"]);
        assert_eq!(some(&mut one, 1), ["a"]);
        let consumer = thread::spawn(move || {
            one.try_recv().expect("the last one");
            one
        });
        assert!(block_on(bus.shutdown(LONG)).is_clean());
        drop(consumer.join().expect("no panic"));
    });
}

/// Publishing without a publisher goes into the log that is there.
#[test]
fn of_a_publisher_and_the_bus_nothing_is_lost() {
    check(2, || {
        let bus = Bus::new();
        let [mut one, mut other] = [(); 2].map(|()| open(&bus, 4, Overflow::DropNewest));
        let mut publisher = publisher(&bus);
        publish(&mut publisher, &["a"]);
        let beside = {
            let bus = bus.clone();
            thread::spawn(move || bus.try_publish(message("x")).map(drop).expect("open"))
        };
        publish(&mut publisher, &["b"]);
        beside.join().expect("no panic");
        for subscription in [&mut one, &mut other] {
            let received = some(subscription, 3);
            let own: Vec<_> = received.iter().filter(|payload| *payload != "x").collect();
            assert_eq!(own, ["a", "b"]);
            subscription.try_recv().expect_err("that was all");
        }
    });
}
