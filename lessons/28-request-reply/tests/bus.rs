//! The bus itself, its filters, and what becomes of messages that fail for good.

use std::time::Duration;

use lesson_28::bus::{Bus, Message, SLOTS};
use lesson_28::dead_letter::{self, Failure, dead_letter};
use lesson_28::story::{ORDERS, three_orders};
use lesson_28::{filter, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;

const DEAD_ORDERS: &str = "$DLQ.orders.placed";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test(start_paused = true)]
async fn each_subscriber_gets_a_copy_of_what_it_wants() {
    let journal = Journal::new();
    timeout(HOUR, filter::payments(journal.clone())).await.expect("no task can make progress");
    assert_journal!(
        journal,
        [
            (0, "shop", "publishes $300, taken by 1"),
            (0, "shop", "publishes $1200, taken by 2"),
            (0, "shop", "publishes $1000, taken by 1"), // not more than 1000
            (0, "shop", "publishes $4500, taken by 2"),
            (0, "billing", "receives $300"),
            (0, "billing", "receives $1200"),
            (0, "billing", "receives $1000"),
            (0, "billing", "receives $4500"),
            (0, "review", "receives $1200"),
            (0, "review", "receives $4500"),
        ]
    );
}

#[tokio::test]
async fn what_a_filter_refuses_takes_no_slot() {
    let bus = Bus::default();
    let mut review = bus.subscribe_where("payments", |payment| payment.payload == "large");
    for _ in 0..100 {
        assert_eq!(bus.publish(Message::new("payments", "small")), 0);
    }
    assert_eq!(bus.publish(Message::new("payments", "large")), 1);
    assert_eq!(review.recv().await.payload, "large");
}

#[tokio::test]
async fn publish_does_not_wait_and_a_full_mailbox_misses_the_message() {
    let bus = Bus::default();
    let (_slow, mut quick) = (bus.subscribe("orders"), bus.subscribe("orders"));
    for number in 0..=SLOTS {
        let taken = bus.publish(Message::new("orders", number.to_string()));
        assert_eq!(taken, if number < SLOTS { 2 } else { 1 });
        assert_eq!(quick.recv().await.payload, number.to_string());
    }
}

#[tokio::test]
async fn a_dropped_subscription_is_unsubscribed_and_the_others_stay() {
    let bus = Bus::default();
    let (mut first, second) = (bus.subscribe("orders"), bus.subscribe("orders"));
    drop(second);
    assert_eq!(bus.publish(Message::new("orders", "order 7")), 1);
    assert_eq!(first.recv().await.payload, "order 7");
    assert_eq!(bus.publish(Message::new("returns", "order 7")), 0);
}

#[tokio::test(start_paused = true)]
async fn wrong_a_message_that_always_fails_holds_up_those_behind_it() {
    let journal = Journal::new();
    let orders = three_orders(&Bus::default());
    assert!(timeout(ms(550), wrong::retries_forever(orders, journal.clone())).await.is_err());
    assert_journal!(
        journal,
        [
            (40, "worker", "cannot ship order 7"),
            (180, "worker", "cannot ship order 7"),
            (320, "worker", "cannot ship order 7"),
            (460, "worker", "cannot ship order 7"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_fails_for_good_becomes_a_dead_letter_and_the_next_message_is_handled() {
    let (journal, bus) = (Journal::new(), Bus::default());
    let (orders, letters) = (three_orders(&bus), bus.subscribe(DEAD_ORDERS));
    let both = async {
        tokio::join!(
            dead_letter::worker(bus, orders, journal.clone()),
            dead_letter::operator(letters, journal.clone())
        )
    };
    assert!(timeout(HOUR, both).await.is_err(), "both wait for more");
    assert_journal!(
        journal,
        [
            (40, "worker", "cannot ship order 7"),
            (40, "operator", "order 7: no address; attempts: 1"), // permanent: no second attempt
            (80, "worker", "cannot ship order 8"),
            (220, "worker", "cannot ship order 8"),
            (460, "worker", "cannot ship order 8"),
            (460, "operator", "order 8: the carrier does not answer; attempts: 3"),
            (500, "worker", "ships order 9"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_dead_letter_that_nobody_subscribes_to_is_lost() {
    let (journal, bus) = (Journal::new(), Bus::default());
    let orders = three_orders(&bus);
    assert!(timeout(ms(450), dead_letter::worker(bus, orders, journal.clone())).await.is_err());
    assert_journal!(
        journal,
        [
            (40, "worker", "cannot ship order 7"),
            (40, "worker", "order 7 is lost: no address"),
            (80, "worker", "cannot ship order 8"),
            (220, "worker", "cannot ship order 8"),
        ]
    );
}

// ANCHOR: letter
#[test]
fn a_dead_letter_is_the_message_with_the_reason_and_the_attempts() {
    let order = Message::new(ORDERS, "order 8").with("dollars", 40).with("dlq-attempts", 1);
    let order = Message { reply_to: Some("$INBOX.7".to_owned()), ..order };
    let letter = dead_letter(&order, &Failure::Transient("the carrier does not answer"), 3).unwrap();

    let expected = Message::new(DEAD_ORDERS, "order 8") // without the reply topic
        .with("dollars", 40)
        .with("dlq-reason", "the carrier does not answer")
        .with("dlq-attempts", 3);
    assert_eq!(letter, expected);
    assert_eq!(dead_letter(&letter, &Failure::Permanent("unreadable"), 1), None);
}
// ANCHOR_END: letter
