//! Exercise 20.1: a worker whose setting may change while it works.

use shared::Journal;
use tokio::sync::watch;

/// Works with the newest batch size, from the start, and ends when nobody can change it any more.
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
    //~| // TODO: this does not work at all until somebody changes the batch size.
    //~| while batch_size.changed().await.is_ok() {
    //~|     let size = *batch_size.borrow_and_update();
    //~|     journal.log("worker", format_args!("works with batches of {size}"));
    //~| }
    //~ end
    journal.log("worker", "ends");
}
