//! A future to be polled by hand: it waits for somebody else. `tests/lesson.rs` plays the runtime.

use shared::Journal;
use tokio::sync::Notify;

/// Sends an event and waits until the broker's side calls `confirmation.notify_one()`. It works on any runtime,
/// and without one.
// ANCHOR: send-and-wait
pub async fn send_and_wait(confirmation: &Notify, journal: Journal) -> &'static str {
    journal.log("relay", "sends");
    confirmation.notified().await;
    journal.log("relay", "has it confirmed");
    "payment processed"
}
// ANCHOR_END: send-and-wait
