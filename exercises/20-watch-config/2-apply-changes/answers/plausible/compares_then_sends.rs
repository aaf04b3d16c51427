//! Compares first and replaces afterwards: another thread may do the same in between. The chapter warns of it.
//~ fails with: left: [true, true]
    let new: C = text.parse()?;
    let changed = *config.borrow() != new;
    if changed {
        config.send_replace(new);
    }
    Ok(changed)
