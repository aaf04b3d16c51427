//! One loop: each change polls, whether or not a poll is due.
//~ fails with: poller was expected to log "polls" at 9370 ms, but did so at 7013 ms: 2357 ms too early
    loop {
        journal.log("poller", "polls");
        let wait = *every.borrow_and_update();
        tokio::select! {
            () = sleep(wait) => {}
            changed = every.changed() => if changed.is_err() {
                return journal.log("poller", "ends");
            },
        }
    }
