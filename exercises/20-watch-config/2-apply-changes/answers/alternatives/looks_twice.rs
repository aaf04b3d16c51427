//! Looks first, which costs only a read lock, and then once more under the write lock.
    let new: C = text.parse()?;
    if *config.borrow() == new {
        return Ok(false);
    }
    Ok(config.send_if_modified(|current| std::mem::replace(current, new.clone()) != new))
