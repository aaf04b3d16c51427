//! `borrow` does not mark the value as seen, so `changed` reports a change from before the start once more.
//~ fails with: at 0 ms worker logged "works with batches of 200", which was not expected
    loop {
        let size = *batch_size.borrow();
        journal.log("worker", format_args!("works with batches of {size}"));
        if batch_size.changed().await.is_err() {
            break;
        }
    }
