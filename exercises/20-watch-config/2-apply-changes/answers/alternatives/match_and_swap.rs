//! A `match` instead of `?`, and a swap: `new` is then the old one.
    match text.parse::<C>() {
        Err(reason) => Err(reason),
        Ok(mut new) => Ok(config.send_if_modified(|current| {
            std::mem::swap(current, &mut new);
            *current != new
        })),
    }
