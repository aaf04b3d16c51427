//! Leaves the value alone when it is the same.
    let new: C = text.parse()?;
    let changed = config.send_if_modified(|current| {
        if *current == new {
            return false;
        }
        *current = new;
        true
    });
    Ok(changed)
