//! A slow broker: the relay says every 100 ms that it waits, and waits for one publish.

use std::pin::pin;
use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// After so long without a confirmation, the relay says that it waits.
pub const PATIENCE: Duration = Duration::from_millis(100);

/// The future is made once, and each turn waits for the same one.
// ANCHOR: wait-for-one
pub async fn wait_for_one(journal: &Journal) {
    let mut publishing = pin!(publish("order 1", journal));
    loop {
        // What loses is a borrow: the publish itself stays, half done as it is.
        tokio::select! {
            () = &mut publishing => break,
            () = sleep(PATIENCE) => journal.log("relay", "still waits"), // a new one each turn, as it should be
        }
    }
    journal.log("relay", "has its confirmation");
}
// ANCHOR_END: wait-for-one

/// Publishes an order to a broker that confirms it after 250 ms.
pub(crate) async fn publish(order: &str, journal: &Journal) {
    journal.log("broker", format_args!("gets {order}"));
    sleep(Duration::from_millis(250)).await;
    journal.log("broker", format_args!("confirms {order}"));
}
