//! The borrow holds a read lock until the end of the function, and `send_replace` waits for it.
//~ fails with: `apply` blocks its thread
    let new: C = text.parse()?;
    let current = config.borrow();
    if *current == new {
        return Ok(false);
    }
    config.send_replace(new);
    Ok(true)
