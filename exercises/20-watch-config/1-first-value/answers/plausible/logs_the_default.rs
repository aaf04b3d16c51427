//! Logs 100 before the loop. The size at the start is not always 100.
//~ fails with: at 0 ms worker was expected to log "works with batches of 200", but logged "works with batches of 100"
    journal.log("worker", "works with batches of 100");
    while batch_size.changed().await.is_ok() {
        let size = *batch_size.borrow_and_update();
        journal.log("worker", format_args!("works with batches of {size}"));
    }
