//! Several futures in one task: for all of them, for the first, for at most so long. It spawns nothing.

use shared::Journal;
use tokio::time::sleep;

use crate::work::{ask, ms, publish};

// ANCHOR: join
/// Has both answers, in the time of the slower one.
pub async fn join(journal: Journal) {
    let stock = ask("stock", 70, 7, &journal);
    let price = ask("price", 110, 1250, &journal);
    let (stock, price) = tokio::join!(stock, price);
    journal.log("shop", format_args!("offers {stock} lamps at {price} cents"));
}
// ANCHOR_END: join

// ANCHOR: try-join
/// Ends with the first error. The question that is still open is dropped.
pub async fn try_join(journal: Journal) {
    let stock = ask("stock", 110, Ok(7), &journal);
    let price = ask("price", 70, Err::<u32, _>("no price"), &journal);
    match tokio::try_join!(stock, price) {
        Ok((stock, price)) => journal.log("shop", format_args!("offers {stock} lamps at {price} cents")),
        Err(reason) => journal.log("shop", format_args!("offers nothing: {reason}")),
    }
}
// ANCHOR_END: try-join

// ANCHOR: select
/// Takes the first answer. The other question is dropped.
pub async fn select(journal: Journal) {
    let file = tokio::select! {
        biased; // polled from top to bottom, so that the timeline is always the same
        file = ask("mirror 1", 110, "the file", &journal) => file,
        file = ask("mirror 2", 70, "the file", &journal) => file,
    };
    journal.log("shop", format_args!("has {file}"));
}
// ANCHOR_END: select

// ANCHOR: timeout
/// Stops waiting. What it waited for runs in a task of its own, as it would on another machine.
pub async fn timeout(journal: Journal) {
    let payment = tokio::spawn(publish("payment", 110, journal.clone()));
    match tokio::time::timeout(ms(70), payment).await {
        Ok(_) => journal.log("relay", "marks the payment"),
        Err(_elapsed) => journal.log("relay", "does not know whether it is paid"),
    }
    sleep(ms(60)).await;
    journal.log("relay", "goes on");
}
// ANCHOR_END: timeout
