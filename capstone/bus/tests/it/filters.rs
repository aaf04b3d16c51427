//! What a subscription does not want, although its pattern matches.

use capstone_bus::{Bus, Message, Overflow, Subscription};
use tokio_test::{assert_pending, task};

use crate::support::{counts, drain, fill, message};

fn from(region: &str, payload: &str) -> Message {
    message("t", payload).with_header("region", region).expect("a header")
}

#[tokio::test]
async fn a_header_filter_decides_before_a_message_takes_a_place() {
    let bus = Bus::new();
    let open = || bus.subscription("t").filter_header("region", "eu").capacity(2);
    let mut eu = open().open().expect("valid options");
    let mut hot = open().filter_header("kind", "hot").open().expect("valid options");
    let mut member = open().queue("g").open().expect("valid options");
    bus.subscription("t").capacity(2).queue("g").open().expect_err("another filter");

    let two_regions = from("us", "b").with_header("region", "eu").expect("a header");
    let hot_one = from("eu", "c").with_header("kind", "hot").expect("a header");
    let messages = [message("t", "none"), from("us", "a"), two_regions, hot_one];
    let mut receipts = Vec::new();
    for message in messages.clone() {
        receipts.push(counts(bus.publish(message).await.expect("the bus is open")));
    }
    assert_eq!(receipts, [(0, 0, 0), (0, 0, 0), (2, 2, 0), (3, 3, 0)]);
    for (subscription, expected) in
        [(&mut eu, &["b", "c"][..]), (&mut hot, &["c"]), (&mut member, &["b", "c"])]
    {
        assert_eq!(drain(subscription), expected, "and no gap");
    }

    assert_eq!(counts(bus.publish_batch(messages).await.expect("the bus is open")), (5, 5, 0));
    assert_eq!(drain(&mut eu), ["b", "c"]);
    let stats = bus.stats();
    assert_eq!((stats.published, stats.unmatched, stats.filtered, stats.dropped), (8, 4, 0, 0));
}

#[track_caller]
fn without_x(bus: &Bus, overflow: Overflow) -> Subscription {
    let wants = |message: &Message| match &message.payload[..] {
        b"panic" => panic!("the filter's own"),
        payload => payload != b"x",
    };
    bus.subscription("t").capacity(4).overflow(overflow).filter(wants).open().expect("valid options")
}

/// The panics print their messages; that is all they do.
#[tokio::test]
async fn a_filter_refuses_without_a_gap_and_a_panic_is_a_no() {
    for overflow in [Overflow::DropNewest, Overflow::DropOldest] {
        let bus = Bus::new();
        let mut subscription = without_x(&bus, overflow);
        fill(&bus, ["a", "x", "panic", "b"]);
        assert_eq!(drain(&mut subscription), ["a", "b"]);
        fill(&bus, ["x", "x"]);
        assert_pending!(task::spawn(subscription.recv()).poll());
        fill(&bus, ["x", "c", "x", "d"]);
        let mut batch = Vec::new();
        assert_eq!(subscription.recv_many(&mut batch, 3).await, 1);
        assert_eq!((&batch[0].payload[..], batch[0].gap()), (&b"c"[..], 0));
        assert_eq!(drain(&mut subscription), ["d"]);

        let stats = bus.stats();
        assert_eq!((stats.delivered, stats.filtered, stats.dropped), (4, 6, 0));
        drop(subscription);
        let stats = bus.stats();
        assert_eq!((stats.delivered, stats.filtered, stats.abandoned), (4, 6, 0));
    }
}

#[test]
fn what_was_dropped_in_front_of_a_refused_message_is_missing_in_front_of_the_next() {
    let bus = Bus::new();
    let mut subscription = without_x(&bus, Overflow::DropOldest);
    fill(&bus, ["a", "b", "x", "c", "d", "e"]);
    assert_eq!(drain(&mut subscription), ["-2 c", "d", "e"]);
    bus.close();
    assert_eq!(drain(&mut subscription), [""; 0]);
}
