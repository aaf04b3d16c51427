//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s in all.

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
        .scene(
            "left-behind",
            "Wrong: the relay is stopped, and its tasks keep running",
            |journal| async move {
                let relay = wrong::relay(vec![UPLOAD, PAYMENT], journal.clone());
                stop_after(Duration::from_millis(250), relay, &journal).await;
                sleep(Duration::from_millis(600)).await; // the program keeps running
                journal.log("main", "ends");
            },
        )
        .scene("cut-off", "Right: the set is dropped, and its tasks are aborted", |journal| async move {
            let relay = relay::relay(vec![UPLOAD, PAYMENT], journal.clone());
            stop_after(Duration::from_millis(250), relay, &journal).await;
            sleep(Duration::from_millis(100)).await;
            journal.log("main", "ends");
        })
        .scene("in-order", "Wrong: the handles are awaited in order", |journal| {
            wrong::relay(four_events(), journal)
        })
        .scene("as-they-come", "Right: the results arrive as the tasks end", |journal| {
            relay::relay(four_events(), journal)
        })
        .scene("told-apart", "Right: published, refused, crashed and stopped are told apart", told_apart)
        .scene("batches", "Wrong: a batch waits for its slowest row", |journal| {
            wrong::batches(refill::rows(), journal)
        })
        .scene("refill", "Right: for each row that ends the next one begins", |journal| {
            refill::refill(refill::rows(), journal)
        })
}

/// Four events, of which the broker refuses the third.
pub fn four_events() -> Vec<Event> {
    vec![UPLOAD, PAYMENT, NOTICE, REFUND]
}

/// One event is published, one is refused, the task of one panics, and that of one is aborted.
pub async fn told_apart(journal: Journal) {
    let mut publishing = Publishing::default();
    for event in
        [UPLOAD, EMPTY_NOTICE, Event { name: "receipt", takes: Duration::from_millis(600), ..NOTICE }]
    {
        publishing.start(event, &journal);
    }
    let payment = publishing.start(PAYMENT, &journal);
    let operator_journal = journal.clone();
    let operator = tokio::spawn(async move {
        sleep(Duration::from_millis(400)).await;
        operator_journal.log("operator", "stops the payment");
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
