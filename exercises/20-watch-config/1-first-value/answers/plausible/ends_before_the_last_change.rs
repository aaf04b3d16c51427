//! Asks whether a sender is left before it looks at the last value.
//~ fails with: at 1993 ms worker was expected to log "works with batches of 300", but logged "ends"
    while batch_size.has_changed().is_ok() {
        let size = *batch_size.borrow_and_update();
        journal.log("worker", format_args!("works with batches of {size}"));
        batch_size.changed().await.ok();
    }
