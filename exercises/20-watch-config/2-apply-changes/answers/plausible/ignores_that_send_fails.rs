//! Ignores that `send` fails without a receiver, and returns that it has applied what `send` gave back.
//~ fails with: 200 was applied while nobody read, but a later reader gets 100
    let new: C = text.parse()?;
    if *config.borrow() == new {
        return Ok(false);
    }
    config.send(new).ok();
    Ok(true)
