//! A bad file changes nothing, but the caller does not learn why.
//~ fails with: actual:   returns Ok(false), the batch size is 100, and the readers are not notified
    let Ok(new) = text.parse::<C>() else {
        return Ok(false);
    };
    Ok(config.send_if_modified(|current| {
        let changed = *current != new;
        *current = new;
        changed
    }))
