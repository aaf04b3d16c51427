//! Exercise 30.2: FILL IN: what it is about, in a sentence.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// Asks two services. Both answers must be there after 150 ms.
pub async fn both(journal: Journal) {
    //~ begin
    tokio::join!(ask("stock", 100, &journal), ask("price", 150, &journal));
    //~ starter
    //~| // TODO: this takes 250 ms. Change it so that it takes 150 ms.
    //~| ask("stock", 100, &journal).await;
    //~| ask("price", 150, &journal).await;
    //~ end
}

/// A service that takes so long to answer. Do not change it.
async fn ask(service: &str, takes_ms: u64, journal: &Journal) {
    sleep(Duration::from_millis(takes_ms)).await;
    journal.log(service, "answered");
}
