//! Reads the size once, before the loop, and logs that one at each change.
//~ fails with: at 370 ms worker was expected to log "works with batches of 200", but logged "works with batches of 100"
    let size = *batch_size.borrow_and_update();
    journal.log("worker", format_args!("works with batches of {size}"));
    while batch_size.changed().await.is_ok() {
        journal.log("worker", format_args!("works with batches of {size}"));
    }
