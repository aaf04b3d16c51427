//! As above, and says that it has applied what `send` has given back.
//~ fails with: 200 was applied while nobody read, but a later reader gets 100
    let new: C = text.parse()?;
    if *config.borrow() == new {
        return Ok(false);
    }
    config.send(new).ok();
    Ok(true)
