//! A slow broker: every 100 ms the relay logs that it is still waiting, always for the same publish.
//!
//! `pin!` is needed because the future of an async function is not [`Unpin`], and neither is that of `sleep`:
//!
//! ```compile_fail,E0277
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let mut publishing = async {};
//! tokio::select! { () = &mut publishing => {} }
//! # }
//! ```
//!
//! ```compile_fail,E0277
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let mut deadline = tokio::time::sleep(std::time::Duration::from_secs(30));
//! tokio::select! { () = &mut deadline => {} }
//! # }
//! ```
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let mut publishing = std::pin::pin!(async {});
//! tokio::select! { () = &mut publishing => {} }
//! # }
//! ```

use std::pin::pin;
use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// How long the relay waits before it logs that it is still waiting.
pub const PATIENCE: Duration = Duration::from_millis(100);

/// Creates the publish once. Each iteration waits for the same one.
// ANCHOR: wait-for-one
pub async fn wait_for_one(journal: &Journal) {
    let mut publishing = pin!(publish("order 1", journal));
    loop {
        // If `publishing` loses, only the borrow is dropped. The publish keeps its progress.
        tokio::select! {
            () = &mut publishing => break,
            () = sleep(PATIENCE) => journal.log("relay", "is still waiting"), // a new sleep each time, on purpose
        }
    }
    journal.log("relay", "has the confirmation");
}
// ANCHOR_END: wait-for-one

/// Publishes an order to a broker that confirms it after 250 ms.
pub(crate) async fn publish(order: &str, journal: &Journal) {
    journal.log("broker", format_args!("receives {order}"));
    sleep(Duration::from_millis(250)).await;
    journal.log("broker", format_args!("confirms {order}"));
}
