//! Marks the first value as unseen; the rest is the starter.
    batch_size.mark_changed();
    while batch_size.changed().await.is_ok() {
        let size = *batch_size.borrow_and_update();
        journal.log("worker", format_args!("works with batches of {size}"));
    }
