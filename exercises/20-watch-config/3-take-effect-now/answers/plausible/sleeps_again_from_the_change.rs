//! The sleep restarts at each change, and counts from there.
//~ fails with: poller was expected to log "polls" at 9370 ms, but did so at 16383 ms
    loop {
        journal.log("poller", "polls");
        loop {
            let wait = *every.borrow_and_update();
            tokio::select! {
                () = sleep(wait) => break,
                changed = every.changed() => if changed.is_err() {
                    return journal.log("poller", "ends");
                },
            }
        }
    }
