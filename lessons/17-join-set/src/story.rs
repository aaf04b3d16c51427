//! The scenes that `main` tells and that the book shows. On the real clock they take less than 5 s.

use std::time::Duration;

use shared::{Journal, Story};
use tokio::time::sleep;

use crate::event::{EMPTY_NOTICE, Event, NOTICE, PAYMENT, REFUND, UPLOAD};
use crate::outcome::{Outcome, Publishing};
use crate::relay::stop_after;
use crate::{refill, relay, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 17: join set")
        .scene("left-behind", "Wrong: the relay is stopped, and its tasks go on", |journal| async move {
            let relay = wrong::relay(vec![UPLOAD, PAYMENT], journal.clone());
            stop_after(Duration::from_millis(250), relay, &journal).await;
            sleep(Duration::from_millis(600)).await; // the program goes on
            journal.log("main", "ends");
        })
        .scene("cut-off", "Right: the set is dropped, and its tasks with it", |journal| async move {
            let relay = relay::relay(vec![UPLOAD, PAYMENT], journal.clone());
            stop_after(Duration::from_millis(250), relay, &journal).await;
            sleep(Duration::from_millis(100)).await;
            journal.log("main", "ends");
        })
        .scene("in-order", "Wrong: the handles are awaited in order", |journal| {
            wrong::relay(four_events(), journal)
        })
        .scene("as-they-come", "Right: the results come as they are there", |journal| {
            relay::relay(four_events(), journal)
        })
        .scene("told-apart", "Right: published, refused, crashed, stopped, and which one", told_apart)
        .scene("batches", "Wrong: a batch waits for its slowest row", |journal| {
            wrong::batches(refill::rows(), journal)
        })
        .scene("refill", "Right: for each row that ends the next one begins", |journal| {
            refill::refill(refill::rows(), journal)
        })
}

/// The broker refuses the third one.
pub fn four_events() -> Vec<Event> {
    vec![UPLOAD, PAYMENT, NOTICE, REFUND]
}

/// One task panics, one is refused, one is aborted, and one publishes its event.
pub async fn told_apart(journal: Journal) {
    let mut publishing = Publishing::default();
    for event in
        [UPLOAD, EMPTY_NOTICE, Event { name: "receipt", takes: Duration::from_millis(600), ..NOTICE }]
    {
        publishing.start(event, &journal);
    }
    let payment = publishing.start(PAYMENT, &journal);
    let notes = journal.clone();
    let operator = tokio::spawn(async move {
        sleep(Duration::from_millis(400)).await;
        notes.log("operator", "stops the payment");
        payment.abort();
    });
    while let Some((name, outcome)) = publishing.next().await {
        let what = match outcome {
            Outcome::Published => "published",
            Outcome::Refused => "refused",
            Outcome::Crashed => "crashed",
            Outcome::Stopped => "stopped",
        };
        journal.log("relay", format_args!("{what}: {name}"));
    }
    operator.await.expect("the operator does not panic");
}
