//! A relay that uses the newest configuration. To apply a new one it has to reconnect, which takes 2 s.

use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::config::Config;

/// How long it takes to connect to the broker. Nothing is published meanwhile.
pub const CONNECT_TAKES: Duration = Duration::from_secs(2);

/// Works until no sender is left that could change the configuration.
// ANCHOR: relay
pub async fn relay(mut config: watch::Receiver<Config>, journal: Journal, pace: Pace) {
    loop {
        let Config { broker, batch_size } = config.borrow_and_update().clone(); // one read
        journal.log("relay", format_args!("connects to {broker}"));
        sleep(pace.of(CONNECT_TAKES)).await;
        journal.log("relay", format_args!("publishes batches of {batch_size} to {broker}"));
        if config.changed().await.is_err() {
            break;
        }
    }
    journal.log("relay", "ends: no sender is left");
}
// ANCHOR_END: relay
