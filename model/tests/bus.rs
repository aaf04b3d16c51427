//! The bus as it is, under every interleaving of a few threads that loom can think of.
//!
//! What is not handed over by the mailbox stands still: the router's locks and Tokio's own parts are the real ones, and
//! loom does not look into them. No timer ever fires, so that whoever is not woken waits for ever, which is a failure.

mod support;

use std::pin::pin;
use std::task::{Context, Poll};

use capstone_bus::{Bus, Overflow};
use futures::task::noop_waker;
use loom::future::block_on;
use loom::thread;
use support::{LONG, all, check, message, open, text};

#[test]
fn each_message_wakes_its_consumer_once_and_in_order() {
    check(3, || {
        let bus = Bus::new();
        let subscription = open(&bus, 4, Overflow::DropNewest);
        let publisher = {
            let bus = bus.clone();
            thread::spawn(move || {
                for payload in ["a", "b", "c"] {
                    let _ = bus.try_publish(message(payload)).expect("open");
                }
                bus.close();
            })
        };
        let (received, subscription) = all(subscription);
        publisher.join().expect("no panic");
        assert_eq!(received, ["a", "b", "c"]);
        assert_eq!(bus.stats().delivered, 3);
        drop(subscription);
    });
}

#[test]
fn of_two_publishers_nothing_is_lost_or_repeated() {
    check(2, || {
        let bus = Bus::new();
        let mut subscription = open(&bus, 4, Overflow::DropNewest);
        let publishers = ["a", "b"].map(|name| {
            let bus = bus.clone();
            thread::spawn(move || {
                for number in [1, 2] {
                    let _ = bus.try_publish(message(&format!("{name}{number}"))).expect("open");
                }
            })
        });
        let mut received: Vec<_> =
            (0..4).map(|_| text(&block_on(subscription.recv()).expect("open"))).collect();
        for publisher in publishers {
            publisher.join().expect("no panic");
        }
        subscription.try_recv().expect_err("that was all");
        received.sort_by_key(|payload| payload.chars().next());
        assert_eq!(received, ["a1", "a2", "b1", "b2"], "each in its order");
    });
}

#[test]
fn members_of_a_group_share_what_comes_and_both_see_the_end() {
    check(2, || {
        let bus = Bus::new();
        let members = [(); 2].map(|()| {
            let member = bus.subscription("t").queue("g").open().expect("valid options");
            thread::spawn(move || all(member))
        });
        for payload in ["a", "b"] {
            let _ = bus.try_publish(message(payload)).expect("open");
        }
        bus.close();
        let ended = members.map(|member| member.join().expect("no panic"));
        let mut received: Vec<_> = ended.iter().flat_map(|(received, _)| received.clone()).collect();
        received.sort();
        assert_eq!(received, ["a", "b"]);
    });
}

#[test]
fn who_waits_for_a_place_is_let_in_and_in_order() {
    for capacity in [1, 2] {
        check(3, move || {
            let bus = Bus::new();
            let subscription = open(&bus, capacity, Overflow::Block { timeout: LONG });
            let publisher = {
                let bus = bus.clone();
                thread::spawn(move || {
                    for payload in ["a", "b", "c", "d"] {
                        let receipt = block_on(bus.publish(message(payload))).expect("open");
                        assert_eq!((receipt.enqueued, receipt.dropped), (1, 0));
                    }
                    bus.close();
                })
            };
            let (received, _subscription) = all(subscription);
            publisher.join().expect("no panic");
            assert_eq!(received, ["a", "b", "c", "d"]);
        });
    }
}

/// Nobody looks into the mailbox again: it is the last message taken that lets the next one in, or the publisher finds the
/// place itself.
#[test]
fn who_waits_is_let_in_by_a_consumer_that_does_not_come_back() {
    check(3, || {
        let bus = Bus::new();
        let mut subscription = open(&bus, 1, Overflow::Block { timeout: LONG });
        let _ = bus.try_publish(message("a")).expect("open");
        let publisher = {
            let bus = bus.clone();
            thread::spawn(move || block_on(bus.publish(message("b"))).expect("open").enqueued)
        };
        assert_eq!(text(&subscription.try_recv().expect("a message")), "a");
        assert_eq!(publisher.join().expect("no panic"), 1);
        assert_eq!(text(&subscription.try_recv().expect("a message")), "b");
    });
}

#[test]
fn a_wait_that_is_given_up_counts_its_message_once() {
    check(3, || {
        let bus = Bus::new();
        let mut subscription = open(&bus, 1, Overflow::Block { timeout: LONG });
        let _ = bus.try_publish(message("a")).expect("open");
        let gives_up = {
            let bus = bus.clone();
            thread::spawn(move || {
                let mut publish = pin!(bus.publish(message("b")));
                let polled = publish.as_mut().poll(&mut Context::from_waker(&noop_waker()));
                matches!(polled, Poll::Ready(_))
            })
        };
        let waits = {
            let bus = bus.clone();
            thread::spawn(move || block_on(bus.publish(message("c"))).expect("open").enqueued)
        };
        let mut received = vec![text(&block_on(subscription.recv()).expect("open"))];
        while received.last().is_none_or(|last| last != "c") {
            received.push(text(&block_on(subscription.recv()).expect("open")));
        }
        let has_place = gives_up.join().expect("no panic");
        assert_eq!(waits.join().expect("no panic"), 1);
        received.extend(subscription.try_recv().ok().as_ref().map(text));
        let got_it = received.iter().any(|payload| payload == "b");
        assert!(got_it || !has_place, "a publish that was done is delivered");
        let stats = bus.stats();
        assert_eq!((stats.delivered, stats.dropped), (received.len() as u64, u64::from(!got_it)));
    });
}

#[test]
fn what_is_evicted_shows_as_a_gap_and_is_counted_once() {
    check(3, || {
        let bus = Bus::new();
        let mut subscription = open(&bus, 1, Overflow::DropOldest);
        let publisher = {
            let bus = bus.clone();
            thread::spawn(move || {
                for payload in ["1", "2", "3"] {
                    let _ = bus.try_publish(message(payload)).expect("open");
                }
            })
        };
        let (mut last, mut missing) = (0, 0);
        while last < 3 {
            let delivery = block_on(subscription.recv()).expect("open");
            let number: u64 = text(&delivery).parse().expect("a number");
            assert_eq!(delivery.gap(), number - last - 1);
            missing += delivery.gap();
            last = number;
        }
        publisher.join().expect("no panic");
        let stats = bus.stats();
        assert_eq!((stats.delivered, stats.dropped), (3 - missing, missing));
    });
}

#[test]
fn a_shutdown_sees_the_last_message_go() {
    // Out of the ring, under its lock; and out of what the consumer has taken, without.
    for already_taken in [0, 1] {
        check(3, move || {
            let bus = Bus::new();
            let mut subscription = open(&bus, 4, Overflow::DropNewest);
            for _ in 0..=already_taken {
                let _ = bus.try_publish(message("m")).expect("open");
            }
            (0..already_taken).for_each(|_| drop(subscription.try_recv().expect("a message")));
            let consumer = thread::spawn(move || {
                subscription.try_recv().expect("the last one");
                subscription
            });
            assert!(block_on(bus.shutdown(LONG)).is_clean());
            drop(consumer.join().expect("no panic"));
        });
    }
}
