//! Who gets what, and in which order.

use bytes::Bytes;
use capstone_bus::{Bus, Message, Pattern, SubscribeError, Subscription, TryRecvError};
use futures::{FutureExt, StreamExt};

use crate::support::{counts, drain, fill, message, open, topic};

#[test]
fn handles_and_futures_go_anywhere() {
    fn go_anywhere<T: Send + Sync + Unpin + 'static>() {}
    fn is_send(_: &impl Send) {}
    go_anywhere::<Bus>();
    go_anywhere::<Subscription>();
    go_anywhere::<Message>();
    let bus = Bus::new();
    let mut subscription = bus.subscribe("t").expect("a pattern");
    is_send(&bus.publish(message("t", "")));
    is_send(&subscription.recv());
}

#[test]
fn without_a_runtime_everything_works_that_need_not_wait() {
    let bus = Bus::new();
    let mut subscription = bus.subscribe("t").expect("a pattern");
    let receipt =
        bus.publish(message("t", "a")).now_or_never().expect("there is room").expect("the bus is open");
    assert_eq!(counts(receipt), (1, 1, 0));
    assert_eq!(drain(&mut subscription), ["a"]);
    assert_eq!(subscription.try_recv().expect_err("empty"), TryRecvError::Empty);
}

#[tokio::test]
async fn each_subscription_that_matches_gets_a_copy() {
    let bus = Bus::new();
    let mut all = bus.subscribe(">").expect("a pattern");
    let mut one = bus.subscribe("orders.*").expect("a pattern");
    let mut exact = bus.subscribe(topic("orders.eu.created")).expect("a topic is a pattern");
    let mut other = bus.subscribe("$other.>").expect("a pattern");

    let mut matched = Vec::new();
    for name in ["orders", "orders.created", "orders.eu.created", "$other", "$other.created"] {
        let receipt = bus.publish(message(name, name)).await.expect("the bus is open");
        assert_eq!(receipt.matched, receipt.enqueued);
        matched.push(receipt.matched);
    }

    assert_eq!(matched, [1, 2, 2, 0, 1]);
    assert_eq!(drain(&mut all), ["orders", "orders.created", "orders.eu.created"]);
    assert_eq!(drain(&mut one), ["orders.created"]);
    assert_eq!(drain(&mut exact), ["orders.eu.created"]);
    assert_eq!(drain(&mut other), ["$other.created"]);
}

#[tokio::test]
async fn the_topics_of_the_bus_may_be_subscribed_to_and_not_published_to() {
    let bus = Bus::new();
    let mut subscriptions =
        ["$SYS.>", "$DLQ.>"].map(|pattern| bus.subscribe(pattern).expect("anybody may subscribe"));
    for name in ["$SYS", "$SYS.slow", "$DLQ", "$DLQ.orders.created"] {
        let sent = message(name, "forged").with_reply(topic("answers"));
        for refused in [bus.try_publish(sent.clone()), bus.publish(sent.clone()).await] {
            let error = refused.expect_err(name);
            assert_eq!(error.to_string(), format!("publish to {name}: the topic is the bus's own"));
            assert_eq!(error.into_message(), sent);
        }
    }
    // Only the whole token is reserved.
    let _ = bus.publish(message("$DLQS.orders", "")).await.expect("an ordinary topic");
    assert!(subscriptions.iter_mut().all(|subscription| drain(subscription).is_empty()));
    assert_eq!(bus.stats().published, 1);
}

#[tokio::test]
async fn a_message_arrives_byte_for_byte_and_is_not_copied() {
    let bus = Bus::new();
    let mut first = bus.subscribe("t").expect("a pattern");
    let mut second = bus.subscribe("t").expect("a pattern");
    let payload = Bytes::from((0..=255).collect::<Vec<u8>>());
    let sent = Message::new(topic("t"), payload.clone())
        .with_header("id", "7")
        .and_then(|message| message.with_header("id", " ü "))
        .expect("valid headers");
    let _ = bus.publish(sent.clone()).await.expect("the bus is open");

    for subscription in [&mut first, &mut second] {
        let delivery = subscription.recv().await.expect("a message");
        assert_eq!(*delivery, sent);
        assert_eq!(delivery.payload.as_ptr(), payload.as_ptr());
        assert_eq!(delivery.into_message(), sent);
    }
}

#[tokio::test]
async fn one_publisher_is_heard_in_order_across_topics() {
    let bus = Bus::new();
    let subscription = bus.subscribe("*.created").expect("a pattern");
    let names: Vec<String> = (0..200).map(|i| format!("t{}.created", i % 7)).collect();
    for name in &names {
        let _ = bus.publish(message(name, name)).await.expect("the bus is open");
    }
    let heard: Vec<String> =
        subscription.take(200).map(|delivery| delivery.topic.to_string()).collect().await;
    assert_eq!(heard, names);
}

#[tokio::test]
async fn a_flood_lets_other_tasks_run() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 1, capstone_bus::Overflow::DropOldest);
    let publisher = tokio::spawn({
        let bus = bus.clone();
        async move {
            loop {
                let _ = bus.publish(message("t", "m")).await.expect("the bus is open");
            }
        }
    });
    // On one thread this comes to an end only if the publisher, which never waits, yields.
    for _ in 0..10 {
        subscription.recv().await.expect("a message");
    }
    publisher.abort();
    assert!(publisher.await.expect_err("it never ends").is_cancelled());
}

#[tokio::test]
async fn a_subscriber_with_a_long_queue_lets_other_tasks_run() {
    let bus = Bus::new();
    let mut subscription = bus.subscribe("t").expect("a pattern");
    (0..1_000).for_each(|_| fill(&bus, ["m"]));
    let subscriber = tokio::spawn(async move { while subscription.recv().await.is_some() {} });
    let left = tokio::spawn({
        let bus = bus.clone();
        async move { bus.stats().subscriptions[0].depth }
    });
    assert!(left.await.expect("no panic") > 0, "the other task ran before the queue was empty");
    bus.close();
    subscriber.await.expect("no panic");
}

#[test]
fn a_subscription_hears_what_is_published_while_it_exists() {
    let bus = Bus::new();
    fill(&bus, ["before"]);
    let mut subscription = bus.subscribe("t").expect("a pattern");
    fill(&bus, ["during"]);
    assert_eq!(drain(&mut subscription), ["during"]);
    drop(subscription);
    let receipt = bus.try_publish(message("t", "after")).expect("the bus is open");
    assert_eq!(counts(receipt), (0, 0, 0));
}

#[test]
fn wrong_options_are_errors_that_name_them() {
    let bus = Bus::new();
    #[track_caller]
    fn refused(opened: Result<Subscription, SubscribeError>, expected: &str) {
        assert_eq!(opened.expect_err(expected).to_string(), expected);
    }
    refused(bus.subscribe("a..b"), r#"pattern "a..b": token 2 is empty"#);
    refused(
        bus.subscription("a").capacity(0).open(),
        "subscription to a: the capacity is 0, at least 1 is needed",
    );
    refused(
        bus.subscription("a").queue("b c").open(),
        r#"subscription to a: "b c" cannot be the name of a queue group"#,
    );
    refused(
        bus.subscription("a").queue("").open(),
        r#"subscription to a: "" cannot be the name of a queue group"#,
    );
    refused(
        Bus::builder().capacity(0).build().subscribe("a"),
        "subscription to a: the capacity is 0, at least 1 is needed",
    );
    assert_eq!(bus.stats().active, 0);

    let pattern: Pattern = "a.*".parse().expect("a pattern");
    assert_eq!(bus.subscribe(pattern.clone()).expect("a ready pattern").pattern(), &pattern);
}

#[test]
fn ten_thousand_subscriptions_come_and_go_and_leave_nothing_behind() {
    let bus = Bus::new();
    let mut stays = bus.subscribe("orders.t7.>").expect("a pattern");
    let open = |i: usize| match i % 3 {
        0 => bus.subscribe(format!("orders.t{i}.>")),
        1 => bus.subscription(format!("*.t{i}")).queue("workers").open(),
        _ => bus.subscribe("orders.*.created"),
    };
    let many: Vec<Subscription> = (0..10_000).map(|i| open(i).expect("a pattern")).collect();
    assert_eq!(bus.stats().active, 10_001);
    // In another order than they came, and from another thread.
    std::thread::spawn(move || many.into_iter().rev().for_each(drop)).join().expect("no panic");

    assert_eq!(bus.stats().active, 1);
    assert_eq!(bus.stats().subscriptions.len(), 1);
    let receipt = bus.try_publish(message("orders.t7.created", "m")).expect("the bus is open");
    assert_eq!(counts(receipt), (1, 1, 0));
    assert_eq!(drain(&mut stays), ["m"]);
}
