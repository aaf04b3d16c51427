//! A future that waits for someone else. `tests/lesson.rs` polls it by hand, as a runtime would.

use shared::Journal;
use tokio::sync::Notify;

/// Sends an event and waits until the broker's side calls `confirmation.notify_one()`. It needs no particular runtime,
/// and can be polled without one.
// ANCHOR: send-and-wait
pub async fn send_and_wait(confirmation: &Notify, journal: Journal) -> &'static str {
    journal.log("relay", "sends");
    confirmation.notified().await;
    journal.log("relay", "receives the confirmation");
    "payment processed"
}
// ANCHOR_END: send-and-wait
