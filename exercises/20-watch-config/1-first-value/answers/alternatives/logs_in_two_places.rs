//! The first value before the loop, each change in it.
    let log = |size: u32| journal.log("worker", format_args!("works with batches of {size}"));
    log(*batch_size.borrow_and_update());
    while let Ok(()) = batch_size.changed().await {
        log(*batch_size.borrow_and_update());
    }
