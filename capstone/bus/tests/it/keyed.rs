//! Keyed queue groups: one message per key at a time, and the others do not wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use capstone_bus::{Bus, Message, Overflow, SubscribeError, Subscription};
use tokio::time::sleep;
use tokio_test::{assert_pending, assert_ready, task};

use crate::support::{Clock, block, counts, drain, drop_at, fill, letter, message, ms, told};

#[track_caller]
fn member(bus: &Bus) -> Subscription {
    bus.subscription("t").queue("g").keyed_by(letter).open().expect("valid options")
}

#[track_caller]
fn with_overflow(bus: &Bus, capacity: usize, overflow: Overflow) -> Subscription {
    let member = bus.subscription("t").queue("g").capacity(capacity).overflow(overflow);
    member.keyed_by(letter).open().expect("valid options")
}

#[track_caller]
fn take(member: &mut Subscription) -> String {
    member.try_recv().map_or_else(|error| error.to_string(), |delivery| told(&delivery))
}

#[test]
fn a_busy_key_is_passed_by_the_others_and_free_at_the_next_receive_or_drop() {
    let bus = Bus::new();
    let (mut first, mut second, mut third) = (member(&bus), member(&bus), member(&bus));
    fill(&bus, ["a1", "a2", "b1", "-1", "a3", "-2", "b2", "c1"]);

    assert_eq!(take(&mut first), "a1");
    assert_eq!([(); 3].map(|()| take(&mut second)), ["b1", "-1", "-2"], "nothing without a key is kept back");
    assert_eq!(take(&mut third), "b2", "b was free since the second received again");
    assert_eq!(take(&mut second), "c1");
    assert_eq!(take(&mut second), "no message is queued", "a2 and a3 are, but a is busy");
    assert_eq!(take(&mut first), "a2");
    drop(first);
    assert_eq!(take(&mut second), "a3");

    let stats = bus.stats();
    assert_eq!((stats.delivered, stats.dropped, stats.filtered, stats.active), (8, 0, 0, 2));
    assert_eq!((stats.subscriptions[0].depth, stats.subscriptions[0].high_water), (0, 8));
}

#[test]
fn a_header_is_a_key_and_without_it_a_message_is_free() {
    let bus = Bus::new();
    let open = || bus.subscription("t").queue("g").keyed_by_header("order").open().expect("valid options");
    let (mut first, mut second) = (open(), open());
    for (order, payload) in [(Some("7"), "a"), (Some("7"), "b"), (None, "c"), (Some("8"), "d"), (None, "e")] {
        let mut message = message("t", payload);
        order.into_iter().for_each(|order| message.headers_mut().append("order", order).expect("a header"));
        let _ = bus.try_publish(message).expect("the bus is open");
    }
    assert_eq!(take(&mut first), "a");
    assert_eq!(drain(&mut second), ["c", "d", "e"]);
    assert_eq!(drain(&mut first), ["b"]);
}

#[tokio::test]
async fn a_batch_has_at_most_one_message_of_a_key() {
    let bus = Bus::new();
    let (mut first, mut second) = (member(&bus), member(&bus));
    fill(&bus, ["a1", "b1", "a2", "-1", "b2", "-2"]);
    let mut batch = Vec::new();
    assert_eq!(first.recv_many(&mut batch, 3).await, 3);
    assert_eq!(second.recv_many(&mut batch, 9).await, 1);
    assert_eq!(first.recv_many(&mut batch, 9).await, 2);
    assert_eq!(batch.iter().map(told).collect::<Vec<_>>(), ["a1", "b1", "-1", "-2", "a2", "b2"]);
}

#[tokio::test]
async fn who_waits_for_a_busy_key_is_woken_when_it_is_free() {
    let bus = Bus::new();
    let (mut first, mut second) = (member(&bus), member(&bus));
    fill(&bus, ["a1", "a2", "a3", "a4"]);
    assert_eq!(take(&mut first), "a1");
    let mut waits = task::spawn(second.recv());
    assert_pending!(waits.poll());

    assert_eq!(take(&mut first), "a2");
    assert!(!waits.is_woken(), "there is nothing for it");
    drop(first);
    assert!(waits.is_woken());
    assert_eq!(told(&assert_ready!(waits.poll()).expect("a message")), "a3");
    drop(waits);

    // Once more with a member that is woken and does not come.
    let (mut third, mut fourth) = (member(&bus), member(&bus));
    let (mut leaves, mut stays) = (task::spawn(third.recv()), task::spawn(fourth.recv()));
    assert_pending!(leaves.poll());
    assert_pending!(stays.poll());
    drop(second);
    assert!(leaves.is_woken());
    drop(leaves);
    assert!(stays.is_woken());
    assert_eq!(told(&assert_ready!(stays.poll()).expect("a message")), "a4");
}

#[tokio::test]
async fn the_end_comes_when_the_last_message_is_taken_and_not_while_its_key_is_busy() {
    let bus = Bus::new();
    let (mut first, mut second) = (member(&bus), member(&bus));
    fill(&bus, ["a1", "a2"]);
    assert_eq!(take(&mut first), "a1");
    bus.close();
    let mut waits = task::spawn(second.recv());
    assert_pending!(waits.poll());
    assert_eq!(take(&mut first), "a2");
    assert!(waits.is_woken(), "nobody else would say that it is the end");
    assert!(assert_ready!(waits.poll()).is_none());
    assert_eq!(take(&mut first), "the subscription has ended");
}

#[tokio::test(start_paused = true)]
async fn recv_dropped_at_each_of_its_polls_frees_the_key_and_loses_nothing() {
    for polls in 0.. {
        let bus = Bus::new();
        let (mut first, mut second) = (member(&bus), member(&bus));
        fill(&bus, ["a1"]);
        assert_eq!(take(&mut first), "a1");
        let inner = bus.clone();
        let publish = tokio::spawn(async move {
            sleep(ms(100)).await;
            fill(&inner, ["a2", "b1"]);
        });
        let received = drop_at(polls, first.recv()).await;
        publish.await.expect("no panic");
        match received {
            None if polls == 0 => assert_eq!(drain(&mut second), ["b1"], "a is still busy"),
            None => assert_eq!(drain(&mut second), ["a2", "b1"], "dropped at poll {polls}"),
            Some(delivery) => {
                assert_eq!(told(&delivery.expect("a message")), "a2");
                assert_eq!(drain(&mut second), ["b1"]);
                assert_eq!(polls, 2, "it waits once");
                break;
            }
        }
    }
}

#[test]
fn a_function_that_panics_loses_this_message_and_no_other() {
    let bus = Bus::new();
    let (mut first, mut second) = (member(&bus), member(&bus));
    fill(&bus, ["panic", "a1", "panic", "a2", "b1", "panic"]);
    assert_eq!(take(&mut first), "a1");
    assert_eq!(drain(&mut second), ["b1"]);
    assert_eq!(drain(&mut first), ["a2"]);
    let stats = bus.stats();
    assert_eq!((stats.delivered, stats.filtered, stats.dropped), (3, 3, 0));
    assert_eq!(stats.subscriptions[0].depth, 0);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_and_a_handler_pass_what_has_no_key_because_of_a_panic() {
    let bus = Bus::new();
    let handler = bus.topic_handler("t").keyed_by(letter).start(async |_| Ok(())).expect("valid options");
    fill(&bus, ["panic", "a1", "panic"]);
    let clock = Clock::start();
    let report = bus.shutdown(ms(1_000)).await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.delivered(), handler.finished().await.handled, clock.ms()), (1, 1, 0));
}

#[test]
fn the_function_runs_under_no_lock() {
    let bus = Bus::new();
    let inner = bus.clone();
    let key = move |message: &Message| {
        // Each of them would wait for ever.
        assert_eq!(inner.stats().subscriptions[0].capacity, 1_024);
        if message.payload == "a" {
            let _ = inner.try_publish(crate::support::message("t", "b")).expect("the bus is open");
        }
        Some(0)
    };
    let mut subscription = bus.subscription("t").keyed_by(key).open().expect("valid options");
    fill(&bus, ["a"]);
    assert_eq!(drain(&mut subscription), ["a", "b"]);
}

#[test]
fn all_members_have_the_same_key() {
    fn other(_: &Message) -> Option<u8> {
        None
    }
    let bus = Bus::new();
    let open = || bus.subscription("t").queue("g");
    let differs = |builder: capstone_bus::SubscriptionBuilder| {
        matches!(builder.open(), Err(SubscribeError::GroupDiffers { .. }))
    };
    let founder = open().keyed_by(letter).open().expect("valid options");
    let _member = open().keyed_by(letter).open().expect("the same function");
    assert!(differs(open()) && differs(open().keyed_by(other)) && differs(open().keyed_by_header("order")));
    drop((founder, _member));

    let _founder = open().keyed_by_header("order").open().expect("the group of before has ended");
    let _member = open().keyed_by_header("order").open().expect("the same header");
    assert!(differs(open()) && differs(open().keyed_by(letter)) && differs(open().keyed_by_header("Order")));

    let captured = |key: u8| bus.subscription("other").queue("g").keyed_by(move |_| Some(key)).open();
    let (_founder, _member) = (captured(1).expect("valid options"), captured(2).expect("the same place"));
}

#[test]
fn the_oldest_makes_room_whatever_its_key() {
    let bus = Bus::new();
    let mut first = with_overflow(&bus, 3, Overflow::DropOldest);
    let mut second = with_overflow(&bus, 3, Overflow::DropOldest);
    fill(&bus, ["a1", "a2", "a3"]);
    assert_eq!(take(&mut first), "a1");
    assert_eq!(take(&mut second), "no message is queued", "now all keys are known");
    // Evicts a2, and then a3.
    fill(&bus, ["a4", "b1", "b2"]);
    assert_eq!(take(&mut second), "-2 b1");
    assert_eq!(take(&mut first), "a4");
    assert_eq!(take(&mut first), "no message is queued");
    drop(second);
    assert_eq!(take(&mut first), "b2");

    // What may go is evicted, too: its key goes on with the next.
    let mut second = with_overflow(&bus, 3, Overflow::DropOldest);
    fill(&bus, ["c1", "d1", "c2"]);
    let mut third = with_overflow(&bus, 3, Overflow::DropOldest);
    assert_eq!([take(&mut first), take(&mut second)], ["c1", "d1"]);
    assert_eq!(take(&mut third), "no message is queued");
    drop(first);
    fill(&bus, ["c3", "e1", "c4"]);
    assert_eq!(take(&mut third), "-1 c3");
    let stats = bus.stats();
    assert_eq!((stats.dropped, stats.subscriptions[0].depth), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn what_comes_from_the_waiting_line_wakes_whom_a_busy_key_kept_idle() {
    let bus = Bus::new();
    let mut members = [(); 3].map(|()| with_overflow(&bus, 2, block(1_000)));
    let [first, second, third] = &mut members;
    fill(&bus, ["a1"]);
    assert_eq!(take(first), "a1");
    fill(&bus, ["a2", "a3"]);
    let mut publish = task::spawn(bus.publish(message("t", "b1")));
    assert_pending!(publish.poll());
    let mut idle = [task::spawn(second.recv()), task::spawn(third.recv())];
    for idle in &mut idle {
        assert_pending!(idle.poll(), "the mailbox is full of a, and a is busy");
    }
    assert_eq!(take(first), "a2");
    assert!(publish.is_woken());
    assert!(idle[1].is_woken());
    assert_eq!(told(&assert_ready!(idle[1].poll()).expect("a message")), "b1");
    assert_eq!(counts(assert_ready!(publish.poll()).expect("the bus is open")), (1, 1, 0));
}

/// Two members of a group with a long queue of one key, and how often a key was asked for.
fn behind_a_busy_key(bus: &Bus, messages: usize) -> ([Subscription; 2], Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let members = [(); 2].map(|()| {
        let asked = Arc::clone(&asked);
        let key = move |message: &Message| {
            asked.fetch_add(1, Ordering::Relaxed);
            letter(message)
        };
        let options = bus.subscription("t").queue("g").capacity(messages + 1).keyed_by(key);
        options.open().expect("valid options")
    });
    (0..messages).for_each(|_| fill(bus, ["a"]));
    (members, asked)
}

#[test]
fn one_poll_looks_at_a_bounded_number_of_messages() {
    let bus = Bus::new();
    let ([mut first, mut second], asked) = behind_a_busy_key(&bus, 5_000);
    assert_eq!(take(&mut first), "a");
    fill(&bus, ["b"]);
    let mut looks = task::spawn(second.recv());
    for polls in 1.. {
        let before = asked.load(Ordering::Relaxed);
        let polled = looks.poll();
        let now = asked.load(Ordering::Relaxed);
        assert!((1..=129).contains(&(now - before)), "poll {polls} looked at {}", now - before);
        if let std::task::Poll::Ready(delivery) = polled {
            assert_eq!(told(&delivery.expect("a message")), "b");
            break;
        }
        assert!(looks.is_woken(), "it comes again by itself, as there is more to look at");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 5_001, "no message is looked at twice");
    drop(looks);
}

#[test]
fn who_cannot_come_again_looks_at_all_there_is() {
    let bus = Bus::new();
    let ([mut first, mut second], asked) = behind_a_busy_key(&bus, 5_000);
    assert_eq!(take(&mut first), "a");
    fill(&bus, ["b"]);
    assert_eq!((take(&mut second), asked.load(Ordering::Relaxed)), ("b".into(), 5_001));
}

#[tokio::test]
async fn a_task_that_looks_for_a_message_is_polled_in_turns() {
    let bus = Bus::new();
    let ([mut first, mut second], _asked) = behind_a_busy_key(&bus, 5_000);
    assert_eq!(take(&mut first), "a");
    fill(&bus, ["b"]);
    let mut polls = 0;
    let delivery = std::future::poll_fn(|cx| {
        polls += 1;
        second.poll_recv(cx)
    });
    assert_eq!(told(&delivery.await.expect("a message")), "b");
    assert!(polls >= 5_000 / 129, "{polls} polls");

    // Whoever has used up most of its turn looks at no more than what is left of it.
    let ([mut first, mut second], asked) = behind_a_busy_key(&Bus::new(), 5_000);
    assert_eq!(take(&mut first), "a");
    // A turn is 128 steps.
    tokio::task::yield_now().await;
    for _ in 0..100 {
        tokio::task::consume_budget().await;
    }
    let before = asked.load(Ordering::Relaxed);
    assert_pending!(task::spawn(second.recv()).poll());
    assert!(asked.load(Ordering::Relaxed) - before < 30);
}
