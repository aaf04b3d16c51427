//! A new `interval` ticks at once, so each change polls, the same interval included.
//~ fails with: poller was expected to log "polls" at 9370 ms, but did so at 7013 ms: 2357 ms too early
    loop {
        let mut next = tokio::time::interval(*every.borrow_and_update());
        loop {
            tokio::select! {
                _ = next.tick() => journal.log("poller", "polls"),
                changed = every.changed() => match changed {
                    Ok(()) => break,
                    Err(_) => return journal.log("poller", "ends"),
                },
            }
        }
    }
