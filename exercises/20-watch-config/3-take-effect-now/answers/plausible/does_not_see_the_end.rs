//! `Ok(())` does not match the error, so the branch is disabled, and the poller sleeps on.
//~ fails with: poller was expected to log "ends" at 30000 ms, but did so at 37480 ms: 7480 ms too late
    while every.has_changed().is_ok() {
        journal.log("poller", "polls");
        let polled = Instant::now();
        loop {
            let due = polled + *every.borrow_and_update();
            tokio::select! {
                () = sleep_until(due) => break,
                Ok(()) = every.changed() => {}
            }
        }
    }
    journal.log("poller", "ends");
