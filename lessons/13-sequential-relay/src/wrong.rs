//! The same ideas gone wrong. `tests/lesson.rs` shows what each one loses: cents, events or lines.

use std::io;
use std::time::Duration;

use chrono::NaiveDateTime;
use shared::{Journal, Pace};
use tokio::io::{AsyncWrite, AsyncWriteExt, BufWriter};
use tokio::time::sleep;

use crate::event::{Cents, InvalidAmount, OutboxEvent};

/// Loses a cent, and accepts what is not a number. The amount is an `f64`.
// ANCHOR: float-money
pub async fn publish_payment(amount: f64, pace: Pace) -> Result<String, InvalidAmount> {
    sleep(pace.of(Duration::from_millis(800))).await;
    if amount <= 0.0 {
        return Err(InvalidAmount);
    }
    let cents = (amount * 100.0) as i64;
    Ok(format!("payment of {} processed", Cents(cents)))
}
// ANCHOR_END: float-money

/// Publishes two payments whose amounts are `f64`.
pub async fn float_money(journal: Journal, pace: Pace) {
    for amount in [19.99, f64::NAN] {
        journal.log("till", format_args!("takes {amount}"));
        let entry = match publish_payment(amount, pace).await {
            Ok(done) => done,
            Err(error) => format!("Error: {error}"),
        };
        journal.log("relay", entry);
    }
}

/// Adds up ten payments of ten cents.
// ANCHOR: sum
pub fn ten_times_ten_cents() -> f64 {
    [0.10; 10].iter().sum()
}
// ANCHOR_END: sum

/// Stops at the first invalid event: `?` leaves the loop.
// ANCHOR: first-error
pub async fn ends_at_the_first_error(
    events: Vec<OutboxEvent>,
    journal: Journal,
    pace: Pace,
) -> Result<(), InvalidAmount> {
    for event in events {
        let done = event.publish(pace).await?;
        journal.log("relay", done);
    }
    Ok(())
}
// ANCHOR_END: first-error

/// Loses lines: they wait in a buffer that is never flushed.
// ANCHOR: unflushed
pub async fn log_unflushed(
    out: &mut (impl AsyncWrite + Unpin),
    now: NaiveDateTime,
    entry: &str,
) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    out.write_all(format!("[{}] {entry}\n", now.format("%Y-%m-%d %H:%M:%S")).as_bytes()).await
} // the buffer is dropped with its contents: `drop` cannot await
// ANCHOR_END: unflushed
