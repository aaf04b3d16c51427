//! What the bus of lesson 30 promises, one promise a test.

use lesson_30::bus::{Bus, Closed, Refused, Subscription, bus};
use lesson_30::direct::DirectBus;
use lesson_30::message::Message;
use lesson_30::pattern::{BadPattern, Pattern};
use lesson_30::slow::Carries;
use lesson_30::table::{Receipt, Statistics};
use lesson_30::wanted::{Filter, Wanted};
use lesson_30::wrong::{LockedBus, WaitingBus};
use shared::HOUR;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_test::{assert_pending, task};

const STUCK: &str = "no task can make progress";

fn running(slots: usize) -> (Bus, JoinHandle<Statistics>) {
    let (bus, actor) = bus(slots);
    (bus, tokio::spawn(actor.run()))
}

fn created(order: u32) -> Message {
    Message::new("orders.created", order)
}

async fn subscribe(bus: &Bus, wanted: Wanted) -> Subscription {
    bus.subscribe(wanted).await.expect("the bus runs")
}

async fn publish(bus: &Bus, message: Message) -> Receipt {
    bus.publish(message).await.expect("the bus runs").receipt().await.expect("the bus runs")
}

/// The orders that arrive until the subscription ends.
async fn orders_of(mut subscription: Subscription) -> Vec<u32> {
    let mut orders = Vec::new();
    while let Some(delivery) = timeout(HOUR, subscription.recv()).await.expect(STUCK) {
        orders.push(delivery.message.order);
    }
    orders
}

// ANCHOR: patterns
#[test]
fn a_star_is_one_token_and_a_greater_sign_one_or_more() {
    let matches = |pattern: &str, topic| Pattern::parse(pattern).unwrap().matches(topic);
    assert!(matches("orders.*", "orders.created"));
    assert!(!matches("orders.*", "orders"));
    assert!(!matches("orders.*", "orders.created.eu"));
    assert!(matches("*.created", "payments.created"));
    assert!(matches("orders.>", "orders.created.eu"));
    assert!(!matches("orders.>", "orders"));
    assert!(matches(">", "orders"));
}
// ANCHOR_END: patterns

#[test]
fn what_is_no_pattern_is_refused() {
    for text in ["", "orders.", ".created", "orders..created", "orders.>.eu", "orders.c*", "a>"] {
        assert_eq!(Pattern::parse(text), Err(BadPattern(text.to_owned())));
    }
    assert!(!Pattern::parse("orders.created").unwrap().matches("orders.cancelled"));
}

// ANCHOR: order
#[tokio::test(start_paused = true)]
async fn what_one_task_publishes_arrives_in_that_order() {
    let (bus, _running) = running(2);
    let all = subscribe(&bus, Wanted::to(">").unwrap().slots(9)).await;
    let mut queued = Vec::new();
    for order in [5, 3, 9, 1] {
        queued.push(bus.publish(created(order)).await.unwrap()); // waits for no receipt
    }
    for queued in queued {
        assert_eq!(queued.receipt().await, Ok(Receipt { delivered: 1, dropped: 0 }));
    }
    drop(bus);
    assert_eq!(orders_of(all).await, [5, 3, 9, 1]);
}
// ANCHOR_END: order

#[tokio::test(start_paused = true)]
async fn a_filter_keeps_messages_out_of_the_mailbox() {
    let (bus, _running) = running(8);
    let wanted = Wanted::to("orders.*").unwrap().filter(Filter::CentsAbove(10_000)).slots(1);
    let large = subscribe(&bus, wanted).await;
    let with = |order, cents| Message { cents, ..created(order) };
    assert_eq!(publish(&bus, with(1, 10_000)).await, Receipt { delivered: 0, dropped: 0 });
    assert_eq!(publish(&bus, with(2, 10_001)).await, Receipt { delivered: 1, dropped: 0 });
    drop(bus);
    assert_eq!(orders_of(large).await, [2]);
}

#[tokio::test(start_paused = true)]
async fn of_each_group_one_member_gets_the_message_and_others_get_it_too() {
    let (bus, _running) = running(8);
    let member = |group| Wanted::to("orders.*").unwrap().group(group);
    let [pack_1, pack_2] = [subscribe(&bus, member("pack")).await, subscribe(&bus, member("pack")).await];
    let bill = subscribe(&bus, member("bill")).await;
    let audit = subscribe(&bus, Wanted::to(">").unwrap()).await;
    for order in 1..=4 {
        assert_eq!(publish(&bus, created(order)).await.delivered, 3);
    }
    drop(bus);
    assert_eq!((orders_of(bill).await, orders_of(audit).await), (vec![1, 2, 3, 4], vec![1, 2, 3, 4]));
    assert_eq!((orders_of(pack_1).await, orders_of(pack_2).await), (vec![1, 3], vec![2, 4]));
}

#[tokio::test(start_paused = true)]
async fn the_member_with_the_most_free_slots_gets_the_message() {
    let (bus, _running) = running(8);
    let member = || Wanted::to("orders.*").unwrap().group("pack").slots(2);
    let stuck = subscribe(&bus, member()).await; // takes nothing
    let mut quick = subscribe(&bus, member()).await;
    let mut packed = Vec::new();
    for order in 1..=5 {
        publish(&bus, created(order)).await;
        if let Some(Some(delivery)) = now(quick.recv()).await {
            packed.push(delivery.message.order);
        }
    }
    assert_eq!(packed, [2, 3, 4, 5]);
    drop((bus, quick));
    assert_eq!(orders_of(stuck).await, [1]);
}

/// What is there without waiting.
async fn now<F: Future>(future: F) -> Option<F::Output> {
    timeout(std::time::Duration::ZERO, future).await.ok()
}

#[tokio::test(start_paused = true)]
async fn after_unsubscribe_nothing_is_added_and_what_is_queued_still_comes() {
    let (bus, _running) = running(8);
    let subscription = subscribe(&bus, Wanted::to("orders.*").unwrap()).await;
    publish(&bus, created(1)).await;
    subscription.unsubscribe().await.unwrap();
    assert_eq!(publish(&bus, created(2)).await, Receipt::default());
    assert_eq!(orders_of(subscription).await, [1]); // and then it ends, although the bus does not
    assert_eq!(bus.statistics().await.unwrap().unmatched, 1);
}

// ANCHOR: gone
#[tokio::test(start_paused = true)]
async fn a_subscriber_that_has_gone_is_forgotten() {
    let (bus, _running) = running(8);
    let [leaves, stays] = [
        subscribe(&bus, Wanted::to("orders.*").unwrap()).await,
        subscribe(&bus, Wanted::to("orders.*").unwrap()).await,
    ];
    drop(leaves);
    assert_eq!(bus.statistics().await.unwrap().subscribers, 2); // nobody has told the bus
    assert_eq!(publish(&bus, created(1)).await.delivered, 1);
    assert_eq!(bus.statistics().await.unwrap().subscribers, 1);
    drop(stays);
}
// ANCHOR_END: gone

#[tokio::test(start_paused = true)]
async fn subscribers_that_come_and_go_do_not_add_up_although_nothing_is_published() {
    let (bus, _running) = running(8);
    for _ in 0..100 {
        drop(subscribe(&bus, Wanted::to("nothing.here").unwrap()).await);
    }
    assert_eq!(bus.statistics().await.unwrap().subscribers, 1);
}

#[tokio::test(start_paused = true)]
async fn the_bus_ends_with_its_last_handle_although_it_has_subscribers() {
    let (bus, running) = running(8);
    let subscription = subscribe(&bus, Wanted::to("orders.*").unwrap()).await;
    publish(&bus, created(1)).await;
    drop(bus);
    let statistics = timeout(HOUR, running).await.expect(STUCK).unwrap();
    assert_eq!(
        statistics,
        Statistics { published: 1, delivered: 1, dropped: 0, unmatched: 0, subscribers: 1 }
    );
    assert_eq!(subscription.unsubscribe().await, Err(Closed));
    assert_eq!(orders_of(subscription).await, [1]);
}

// ANCHOR: shutdown
#[tokio::test(start_paused = true)]
async fn a_shutdown_delivers_what_is_queued_and_gives_back_what_is_not() {
    let (bus, actor) = bus(2);
    let first = bus.publish(created(1)).await.unwrap();
    bus.shutdown().await.unwrap(); // it has the second slot
    let mut second = task::spawn(bus.publish(created(2)));
    assert_pending!(second.poll());

    let mut running = task::spawn(actor.run());
    assert_pending!(running.poll()); // has handled both, and `second` may still hold a slot
    assert_eq!(first.receipt().await, Ok(Receipt::default()));
    assert_eq!(second.await.unwrap_err(), Refused(created(2)));
    assert_eq!(timeout(HOUR, running).await.expect(STUCK).published, 1);
}
// ANCHOR_END: shutdown

#[tokio::test(start_paused = true)]
async fn an_actor_that_is_dropped_refuses_and_one_that_is_aborted_leaves_a_receipt_unanswered() {
    let (bus_1, _) = bus(2); // `_` binds nothing: the actor is dropped here
    assert_eq!(bus_1.publish(created(1)).await.unwrap_err(), Refused(created(1)));

    let (bus_2, running) = running(2);
    let queued = bus_2.publish(created(1)).await.unwrap();
    running.abort();
    assert_eq!(queued.receipt().await, Err(Closed)); // it was queued, and is lost
    assert_eq!(bus_2.subscribe(Wanted::to(">").unwrap()).await.unwrap_err(), Closed);
}

#[tokio::test(start_paused = true)]
async fn a_publish_that_is_cancelled_in_the_line_reaches_nobody_and_one_that_is_queued_all() {
    let (bus, actor) = bus(1);
    drop(bus.publish(created(1)).await.unwrap()); // only the receipt is dropped
    let mut waiting = task::spawn(bus.publish(created(2)));
    assert_pending!(waiting.poll());
    drop(waiting);
    drop(bus);
    assert_eq!(timeout(HOUR, actor.run()).await.expect(STUCK).published, 1);
}

// ANCHOR: publishes-itself
#[tokio::test(start_paused = true)]
async fn a_subscriber_may_publish_to_its_own_topic() {
    let (bus, _running) = running(8);
    let mut orders = subscribe(&bus, Wanted::to("orders.*").unwrap().slots(1)).await;
    publish(&bus, created(1)).await;
    timeout(HOUR, orders.recv()).await.expect(STUCK);
    let burst = async {
        for order in 2..=12 {
            drop(bus.publish(created(order)).await.unwrap());
        }
    };
    timeout(HOUR, burst).await.expect(STUCK); // what finds no slot is dropped, and nothing waits
    assert_eq!(bus.statistics().await.unwrap().dropped, 10);
    assert_eq!(orders.recv().await.unwrap().message.order, 2);
}
// ANCHOR_END: publishes-itself

#[tokio::test(start_paused = true)]
async fn wrong_an_actor_that_waits_deadlocks_with_a_subscriber_that_publishes() {
    let bus = WaitingBus::spawn();
    let mut orders = bus.subscribe(Wanted::to("orders.*").unwrap().slots(1)).await;
    bus.publish(created(1)).await;
    orders.recv().await.unwrap();
    let burst = async {
        for order in 2..=12 {
            bus.publish(created(order)).await;
        }
    };
    timeout(HOUR, burst)
        .await
        .expect_err("the actor waits for a slot in `orders`, and we for one in its queue");
}

#[tokio::test(start_paused = true)]
async fn wrong_a_held_lock_deadlocks_with_a_subscriber_that_subscribes() {
    let bus = LockedBus::default();
    let orders = bus.subscribe(Wanted::to("orders.*").unwrap().slots(1)).await;
    bus.publish(created(1)).await;
    let mut publishing = task::spawn(bus.publish(created(2)));
    assert_pending!(publishing.poll()); // holds the lock, and waits for a slot in `orders`
    let more = bus.subscribe(Wanted::to("payments.*").unwrap());
    timeout(HOUR, more).await.expect_err("a subscriber that wants more before it takes the next");
    drop(orders);
}

#[test]
fn the_table_behind_a_lock_delivers_the_same_and_needs_no_runtime() {
    let bus = DirectBus::default();
    let mut orders = bus.subscribe(Wanted::to("orders.*").unwrap().slots(1));
    assert_eq!(bus.publish(created(1)), Receipt { delivered: 1, dropped: 0 });
    assert_eq!(bus.publish(created(2)), Receipt { delivered: 0, dropped: 1 });
    assert_eq!(orders.try_recv().unwrap().message.order, 1);
    bus.publish(created(3));
    let third = orders.try_recv().unwrap();
    assert_eq!((third.message.order, third.missed), (3, 1));
}
