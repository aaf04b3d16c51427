//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s.

use std::thread;
use std::time::Duration;

use shared::{Journal, Story};
use tokio::sync::mpsc;

use crate::offer::{join_three, try_join_three};
use crate::order::{order, payment_service};
use crate::services::{COURIER, PRICE, Refused, STOCK, Service};
use crate::{compute, wrong};

/// The stock refuses before the card is charged.
pub const SOLD_OUT: Service =
    Service { answers_after: Duration::from_millis(100), ..STOCK.refusing("sold out") };

/// Each wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 15: join")
        .scene("half-done", "Wrong: the first error drops a payment in progress", half_done)
        .scene("both-outcomes", "Right: both outcomes are awaited, and one is undone", both_outcomes)
        .scene("one-after-another", "Wrong: one question after the other", one_after_another)
        .scene("three-at-once", "Right: join! asks all three concurrently", three_at_once)
        .scene("first-error", "try_join!: the first error drops the other questions", first_error)
        .scene("computing-in-join", "Wrong: two computations in join!", computing_in_join)
        .scene("on-threads", "Right: two computations on threads", on_threads)
}

/// An order for a lamp that is sold out, and the payment service, which serves its request all the same.
async fn half_done(journal: Journal) {
    let (payment, requests) = mpsc::channel(8);
    let serving = tokio::spawn(payment_service(requests, journal.clone()));
    let ordered = wrong::half_done(SOLD_OUT, &payment, &journal).await;
    report(ordered, &journal);
    drop(payment);
    serving.await.expect("the payment service does not panic");
}

async fn both_outcomes(journal: Journal) {
    let (payment, requests) = mpsc::channel(8);
    let serving = tokio::spawn(payment_service(requests, journal.clone()));
    let ordered = order(SOLD_OUT, &payment, &journal).await;
    report(ordered, &journal);
    drop(payment);
    serving.await.expect("the payment service does not panic");
}

async fn one_after_another(journal: Journal) {
    report(wrong::one_after_another([STOCK, PRICE, COURIER], "lamp", &journal).await.map(drop), &journal);
}

async fn three_at_once(journal: Journal) {
    join_three([STOCK, PRICE, COURIER], "lamp", &journal).await;
}

async fn first_error(journal: Journal) {
    let services = [STOCK.refusing("sold out"), PRICE, COURIER];
    report(try_join_three(services, "lamp", &journal).await.map(drop), &journal);
}

fn report(result: Result<(), Refused>, journal: &Journal) {
    if let Err(Refused(reason)) = result {
        journal.log("shop", format_args!("tells the customer: {reason}"));
    }
}

async fn computing_in_join(journal: Journal) {
    journal.log("shop", "starts two sums");
    wrong::computing_in_join(|name| {
        journal.log(name, "begins");
        compute_for_200_ms();
        journal.log(name, "ends");
    })
    .await;
    journal.log("shop", "has both sums");
}

/// The threads log nothing: which of them is first is not guaranteed.
async fn on_threads(journal: Journal) {
    journal.log("shop", "starts two sums");
    compute::on_threads(|_| compute_for_200_ms()).await;
    journal.log("shop", "has both sums");
}

/// Stands for a computation: for Tokio, a thread that sleeps is as busy as one that computes.
#[expect(clippy::disallowed_methods, reason = "it has to block its thread")]
fn compute_for_200_ms() {
    thread::sleep(Duration::from_millis(200));
}
