//! Hardly ever late, but it wakes up a thousand times a second.
//~ fails with: nothing has changed for 10 s, but the worker was woken
    let mut last = None;
    loop {
        let size = *batch_size.borrow_and_update();
        if last != Some(size) {
            journal.log("worker", format_args!("works with batches of {size}"));
        }
        last = Some(size);
        if batch_size.has_changed().is_err() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
