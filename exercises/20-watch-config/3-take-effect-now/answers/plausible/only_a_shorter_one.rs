//! A longer interval does not move the moment that was computed before, so a poll comes too early.
//~ fails with: poller was expected to log "polls" at 25500 ms, but did so at 10260 ms: 15240 ms too early
    loop {
        journal.log("poller", "polls");
        let polled = Instant::now();
        let mut due = polled + *every.borrow_and_update();
        loop {
            tokio::select! {
                () = sleep_until(due) => break,
                changed = every.changed() => if changed.is_err() {
                    return journal.log("poller", "ends");
                },
            }
            due = due.min(polled + *every.borrow_and_update());
        }
    }
