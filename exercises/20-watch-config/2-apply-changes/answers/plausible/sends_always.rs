//! The first version of the chapter: the readers are notified whether or not anything has changed.
//~ fails with: actual:   returns Ok(true), the batch size is 100, and the readers are notified
    config.send_replace(text.parse()?);
    Ok(true)
