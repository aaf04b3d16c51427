//! `wait_for` looks at the current value first, and then waits until the condition holds.
    let mut last = None;
    while let Ok(size) = batch_size.wait_for(|size| last != Some(*size)).await.map(|size| *size) {
        journal.log("worker", format_args!("works with batches of {size}"));
        last = Some(size);
    }
