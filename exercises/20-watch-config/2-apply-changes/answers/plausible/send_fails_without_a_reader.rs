//! `send` stores nothing when there is no receiver, and returns an error.
//~ fails with: That nobody reads at the moment is not an error
    let new: C = text.parse()?;
    if *config.borrow() == new {
        return Ok(false);
    }
    config.send(new).map_err(|_| "nobody reads the configuration".to_owned())?;
    Ok(true)
