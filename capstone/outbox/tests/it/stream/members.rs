//! Members of a consumer: who has what, who is woken, and what becomes of it when one leaves or is slow.

use std::time::Duration;

use tokio::time::timeout;

use super::{Place, all, orders, publish, show, shown};
use crate::support::ms;

const WAIT: u64 = 30_000;

on_each_store!(
    two_members_share_and_each_message_goes_to_one_of_them,
    a_consumer_that_is_dropped_gives_back_what_it_has_not_handed_out,
    a_waiting_member_is_woken_by_a_publish_and_by_what_is_given_back,
    a_waiting_member_is_woken_by_a_publish_of_another_process,
    a_consumer_that_takes_nothing_blocks_no_publisher_and_holds_no_more_than_it_may,
);

async fn two_members_share_and_each_message_goes_to_one_of_them(place: Place) {
    let stream = place.stream(orders()).await;
    // The second one as in another process.
    let elsewhere = place.streams().await.get("orders").await.unwrap();
    let payloads: Vec<String> = (0..300).map(|n| n.to_string()).collect();
    publish(&stream, &payloads.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut one = stream.consumer("billing").fetch_ahead(10).open().await.unwrap();
    let mut two = elsewhere.consumer("billing").fetch_ahead(10).open().await.unwrap();
    let mut seen = Vec::new();
    while seen.len() < 300 {
        for member in [&mut one, &mut two] {
            if let Some(delivery) = member.try_next().await.unwrap() {
                seen.push(delivery.seq.0);
                delivery.ack().await.unwrap();
            }
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=300).collect::<Vec<_>>());
    assert!(all(&mut one).await.is_empty() && all(&mut two).await.is_empty());
}

async fn a_consumer_that_is_dropped_gives_back_what_it_has_not_handed_out(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2", "3"]).await;
    let mut one = stream.consumer("billing").open().await.unwrap();
    let mut two = stream.consumer("billing").open().await.unwrap();
    let in_hand = one.next().await.unwrap();
    assert!(all(&mut two).await.is_empty(), "the first has pulled them all");
    drop(one);
    assert_eq!(shown(&all(&mut two).await), ["2", "3"], "at once, and as if it had not had them");
    in_hand.ack().await.unwrap();
    place.clock.advance(WAIT);
    assert!(!all(&mut two).await.iter().any(|delivery| show(delivery).starts_with('1')), "it was answered");
}

async fn a_waiting_member_is_woken_by_a_publish_and_by_what_is_given_back(place: Place) {
    let stream = place.stream(orders()).await;
    let mut one = stream.consumer("billing").backoff([Duration::ZERO]).open().await.unwrap();
    let mut two = stream.consumer("billing").open().await.unwrap();
    let (found, ()) = tokio::join!(one.next(), publish(&stream, &["1"]));
    let found = found.unwrap();
    let waiting = tokio::spawn(async move { two.next().await.map(|delivery| show(&delivery)) });
    tokio::task::yield_now().await;
    found.nak_after(Duration::ZERO).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), "1 x2");
}

async fn a_waiting_member_is_woken_by_a_publish_of_another_process(place: Place) {
    let stream = place.stream(orders()).await;
    let mut consumer = stream.consumer("billing").open().await.unwrap();
    let elsewhere = place.streams().await.get("orders").await.unwrap();
    let waiting = tokio::spawn(async move { consumer.next().await.map(|delivery| show(&delivery)) });
    tokio::task::yield_now().await;
    publish(&elsewhere, &["1"]).await;
    let found = timeout(Duration::from_secs(60), waiting).await.expect("seen within a second");
    assert_eq!(found.unwrap().unwrap(), "1");
}

async fn a_consumer_that_takes_nothing_blocks_no_publisher_and_holds_no_more_than_it_may(place: Place) {
    let stream = place.stream(orders()).await;
    let builder = stream.consumer("slow").fetch_ahead(8).pending_max(20);
    let mut slow = builder.open().await.unwrap();
    publish(&stream, &["0"]).await;
    let mut held = vec![slow.next().await.unwrap()];
    for n in 1..500 {
        publish(&stream, &[&n.to_string()]).await;
        if n % 100 == 0 {
            held.extend(slow.try_next().await.unwrap());
        }
    }
    assert_eq!(shown(&held), ["0", "1", "2", "3", "4"]);
    let pending = stream.consumers().await.unwrap()[0].pending;
    assert!((5..=20).contains(&pending), "{pending}");
}

#[tokio::test(start_paused = true)]
async fn what_a_slow_member_has_fetched_ahead_stays_its_own_as_long_as_it_asks() {
    let place = Place::sqlite();
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2", "3", "4"]).await;
    let mut slow = stream.consumer("billing").open().await.unwrap();
    let mut other = stream.consumer("billing").open().await.unwrap();
    let mut done = Vec::new();
    // Each takes two thirds of the ack wait, so that those behind it would be delivered again.
    for _ in 0..4 {
        let delivery = slow.next().await.unwrap();
        place.clock.advance(WAIT * 2 / 3);
        tokio::time::advance(ms(WAIT * 2 / 3)).await;
        assert!(all(&mut other).await.is_empty());
        delivery.ack().await.unwrap();
        done.push(show(&delivery));
    }
    assert_eq!(done, ["1", "2", "3", "4"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_fetched_ahead_and_not_asked_for_goes_to_another_member_and_not_to_both() {
    let place = Place::sqlite();
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2", "3"]).await;
    let mut slow = stream.consumer("billing").open().await.unwrap();
    slow.next().await.unwrap().ack().await.unwrap();
    place.clock.advance(WAIT);
    tokio::time::advance(ms(WAIT)).await;
    let mut other = stream.consumer("billing").open().await.unwrap();
    let taken = all(&mut other).await;
    assert_eq!(shown(&taken), ["2", "3"], "nobody had them before");
    assert!(all(&mut slow).await.is_empty());
}
