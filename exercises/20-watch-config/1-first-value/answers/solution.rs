//! Exercise 20.1: a worker whose batch size can be changed while it runs.

use shared::Journal;
use tokio::sync::watch;

/// Works with the current batch size, from the start, and ends when no sender is left that could change it.
pub async fn worker(mut batch_size: watch::Receiver<u32>, journal: Journal) {
    //~ begin
    loop {
        let size = *batch_size.borrow_and_update();
        journal.log("worker", format_args!("works with batches of {size}"));
        if batch_size.changed().await.is_err() {
            break;
        }
    }
    //~ starter
    //~| // TODO: this does nothing until the batch size is changed for the first time.
    //~| while batch_size.changed().await.is_ok() {
    //~|     let size = *batch_size.borrow_and_update();
    //~|     journal.log("worker", format_args!("works with batches of {size}"));
    //~| }
    //~ end
    journal.log("worker", "ends");
}
