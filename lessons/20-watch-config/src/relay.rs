//! A relay that works with the newest configuration. To take on a new one it has to connect again, which costs 2 s.

use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::config::Config;

/// How long it takes to connect to the broker. Nothing is published meanwhile.
pub const CONNECT_TAKES: Duration = Duration::from_secs(2);

/// Works until nobody can change the configuration any more.
// ANCHOR: relay
pub async fn relay(mut config: watch::Receiver<Config>, journal: Journal, pace: Pace) {
    loop {
        let Config { broker, batch_size } = config.borrow_and_update().clone(); // one look, and a whole one
        journal.log("relay", format_args!("connects to {broker}"));
        sleep(pace.of(CONNECT_TAKES)).await;
        journal.log("relay", format_args!("publishes batches of {batch_size} to {broker}"));
        if config.changed().await.is_err() {
            break;
        }
    }
    journal.log("relay", "ends: nobody reloads any more");
}
// ANCHOR_END: relay
