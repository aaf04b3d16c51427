//! `send_if_modified`, but the comparison is made before it holds the lock.
//~ fails with: left: [true, true]
    let new: C = text.parse()?;
    let changed = *config.borrow() != new;
    Ok(config.send_if_modified(|current| {
        *current = new;
        changed
    }))
