//! `send_modify` always notifies.
//~ fails with: actual:   returns Ok(false), the batch size is 100, and the readers are notified
    let new: C = text.parse()?;
    let mut changed = false;
    config.send_modify(|current| {
        changed = *current != new;
        *current = new;
    });
    Ok(changed)
