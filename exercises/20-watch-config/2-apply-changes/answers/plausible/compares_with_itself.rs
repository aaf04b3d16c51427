//! Replaces before it compares.
//~ fails with: actual:   returns Ok(false), the batch size is 200, and the readers are not notified
    let new: C = text.parse()?;
    Ok(config.send_if_modified(|current| {
        *current = new.clone();
        *current != new
    }))
