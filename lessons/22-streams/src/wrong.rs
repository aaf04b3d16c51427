//! The same ideas gone wrong. The tests prove what each does: it is slow, loses, repeats, stands still, or is late.

use std::pin::pin;

use futures::StreamExt;
use shared::{Journal, Pace};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::batches::micro_batches;
use crate::broker::{Broker, Order, Refused};
use crate::writes::mark;

/// Loses: at the first error the stream is dropped, with the writes in flight and the orders in the channel.
///
/// # Errors
/// The broker refuses an order.
// ANCHOR: question-mark
pub async fn question_mark(
    orders: mpsc::Receiver<Order>,
    broker: &Broker,
    journal: &Journal,
) -> Result<(), Refused> {
    let mut outcomes = ReceiverStream::new(orders).map(|order| broker.write(order)).buffer_unordered(4);
    while let Some(outcome) = outcomes.next().await {
        let id = outcome?;
        journal.log("relay", format_args!("marks order {id}"));
    }
    Ok(())
}
// ANCHOR_END: question-mark

/// Slow: `then` waits for each write before it takes the next order.
pub async fn one_by_one(orders: mpsc::Receiver<Order>, broker: &Broker, journal: &Journal) {
    // ANCHOR: one-by-one
    let mut outcomes = pin!(ReceiverStream::new(orders).then(|order| broker.write(order)));
    // ANCHOR_END: one-by-one
    while let Some(outcome) = outcomes.next().await {
        match outcome {
            Ok(id) => journal.log("relay", format_args!("marks order {id}")),
            Err(refused) => journal.log("relay", format_args!("Error: {refused}")),
        }
    }
    journal.log("relay", "ends");
}

/// Stands still: while the body of the loop waits, nothing polls the stream, and no write makes progress.
// ANCHOR: marks-in-the-loop
pub async fn marks_in_the_loop(orders: mpsc::Receiver<Order>, broker: &Broker, journal: &Journal) {
    let mut outcomes = ReceiverStream::new(orders).map(|order| broker.write(order)).buffer_unordered(4);
    while let Some(outcome) = outcomes.next().await {
        match outcome {
            Ok(id) => mark(id, journal).await, // 100 ms, in which nothing polls `outcomes`
            Err(refused) => journal.log("relay", format_args!("Error: {refused}")),
        }
    }
    journal.log("relay", "ends");
}
// ANCHOR_END: marks-in-the-loop

/// Late: while a batch is written, nothing takes orders out of the channel, and the timer of the next batch does not start.
// ANCHOR: late-timer
pub async fn late_timer(
    orders: mpsc::Receiver<Order>,
    broker: &Broker,
    journal: &Journal,
    pace: Pace,
) -> usize {
    let mut batches = pin!(micro_batches(orders, pace));
    let mut published = 0;
    while let Some(batch) = batches.next().await {
        published += broker.write_batch(batch).await; // 350 ms, in which nothing polls `batches`
    }
    journal.log("relay", format_args!("ends: {published} payments"));
    published
}
// ANCHOR_END: late-timer
