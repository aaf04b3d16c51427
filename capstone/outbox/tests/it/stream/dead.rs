//! What a consumer has given up: delivered to it once more, or deleted.

use capstone_outbox::Seq;
use capstone_outbox::stream::{Consumer, Letters, Redriven, Start, Stream, StreamError};

use super::{Place, all, orders, publish, shown, text};

on_each_store!(
    a_letter_is_delivered_again_to_its_consumer_with_all_its_deliveries,
    one_of_them_is_chosen_by_its_place_and_the_others_stay,
    what_retention_has_taken_stays_a_dead_letter,
    a_new_consumer_of_the_name_is_not_given_what_it_will_come_to,
    letters_are_deleted_for_ever_also_those_of_a_consumer_that_is_gone,
    a_member_that_waits_is_woken,
);

/// Gives up everything that the consumer has now.
async fn bury(consumer: &mut Consumer) {
    for delivery in all(consumer).await {
        delivery.term("no").await.unwrap();
    }
}

/// `consumer payload` of each dead letter.
async fn dead(stream: &Stream, consumer: Option<&str>) -> Vec<String> {
    let letters = stream.dead_letters(consumer, 100).await.unwrap();
    letters.iter().map(|letter| format!("{} {}", letter.consumer, text(&letter.message.payload))).collect()
}

fn again(again: u64) -> Redriven {
    redriven(again, 0, 0)
}

fn redriven(again: u64, gone: u64, ahead: u64) -> Redriven {
    let mut redriven = Redriven::default();
    (redriven.again, redriven.gone, redriven.ahead) = (again, gone, ahead);
    redriven
}

async fn a_letter_is_delivered_again_to_its_consumer_with_all_its_deliveries(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2"]).await;
    let builder = stream.consumer("billing").deliveries_max(2).backoff([super::Duration::ZERO]);
    let mut billing = builder.open().await.unwrap();
    let mut shipping = stream.consumer("shipping").open().await.unwrap();
    bury(&mut billing).await;
    bury(&mut shipping).await;
    assert_eq!(dead(&stream, None).await, ["billing 1", "billing 2", "shipping 1", "shipping 2"]);

    assert_eq!(stream.redrive("billing", Letters::All).await.unwrap(), again(2));
    assert_eq!(stream.redrive("billing", Letters::All).await.unwrap(), again(0), "once is enough");
    assert_eq!(dead(&stream, None).await, ["shipping 1", "shipping 2"]);
    let info = &stream.consumers().await.unwrap()[0];
    assert_eq!((info.pending, info.ack_floor), (2, Seq(0)), "it is not done with them any more");
    assert!(all(&mut shipping).await.is_empty());
    let deliveries = all(&mut billing).await;
    assert_eq!(shown(&deliveries), ["1", "2"]);
    deliveries[0].ack().await.unwrap();
    // Two deliveries again, and not one that is left.
    deliveries[1].nak().await.unwrap();
    let second = all(&mut billing).await;
    assert_eq!(shown(&second), ["2 x2"]);
    second[0].nak().await.unwrap();
    assert_eq!(dead(&stream, Some("billing")).await, ["billing 2"]);
}

async fn one_of_them_is_chosen_by_its_place_and_the_others_stay(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2", "3"]).await;
    let mut billing = stream.consumer("billing").open().await.unwrap();
    bury(&mut billing).await;
    assert_eq!(stream.redrive("billing", Letters::At(Seq(2))).await.unwrap(), again(1));
    assert_eq!(stream.redrive("billing", Letters::At(Seq(9))).await.unwrap(), again(0));
    assert_eq!(stream.discard("billing", Letters::At(Seq(3))).await.unwrap(), 1);
    assert_eq!(dead(&stream, Some("billing")).await, ["billing 1"]);
    assert_eq!(shown(&all(&mut billing).await), ["2"]);
    let error = stream.redrive("nobody", Letters::All).await.unwrap_err();
    assert!(matches!(error, StreamError::NoConsumer { name } if name == "nobody"));
}

async fn what_retention_has_taken_stays_a_dead_letter(place: Place) {
    let stream = place.stream(orders().count_max(2)).await;
    publish(&stream, &["1", "2"]).await;
    let mut billing = stream.consumer("billing").open().await.unwrap();
    bury(&mut billing).await;
    publish(&stream, &["3"]).await;
    let redriven = stream.redrive("billing", Letters::All).await.unwrap();
    assert_eq!(redriven, self::redriven(1, 1, 0));
    assert_eq!(dead(&stream, None).await, ["billing 1"]);
    assert_eq!(shown(&all(&mut billing).await), ["2", "3"]);
    assert_eq!(stream.consumers().await.unwrap()[0].missed, 0);
}

async fn a_new_consumer_of_the_name_is_not_given_what_it_will_come_to(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2"]).await;
    bury(&mut stream.consumer("billing").open().await.unwrap()).await;
    stream.delete_consumer("billing").await.unwrap();
    let mut billing = stream.consumer("billing").start(Start::First).fetch_ahead(1).open().await.unwrap();
    billing.next().await.unwrap().ack().await.unwrap();
    let redriven = stream.redrive("billing", Letters::All).await.unwrap();
    assert_eq!(redriven, self::redriven(1, 0, 1));
    let mut given = shown(&all(&mut billing).await);
    given.sort();
    assert_eq!(given, ["1", "2"]);
    assert_eq!(dead(&stream, None).await, ["billing 2"]);
}

async fn letters_are_deleted_for_ever_also_those_of_a_consumer_that_is_gone(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2"]).await;
    bury(&mut stream.consumer("billing").open().await.unwrap()).await;
    bury(&mut stream.consumer("shipping").open().await.unwrap()).await;
    stream.delete_consumer("billing").await.unwrap();
    assert_eq!(stream.discard("billing", Letters::All).await.unwrap(), 2);
    assert_eq!(stream.discard("billing", Letters::All).await.unwrap(), 0);
    assert_eq!(dead(&stream, None).await, ["shipping 1", "shipping 2"]);
}

async fn a_member_that_waits_is_woken(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1"]).await;
    let mut billing = stream.consumer("billing").open().await.unwrap();
    bury(&mut billing).await;
    let waiting = async { text(&billing.next().await.unwrap().payload) };
    let redriving = async { stream.redrive("billing", Letters::All).await.unwrap() };
    assert_eq!(tokio::join!(waiting, redriving), ("1".into(), again(1)));
}
