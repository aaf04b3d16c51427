//! Waits for one change between two polls. A second one has no effect before the next poll.
//~ fails with: poller was expected to log "polls" at 15290 ms, but did so at 12170 ms
    loop {
        journal.log("poller", "polls");
        let polled = Instant::now();
        let wait = *every.borrow_and_update();
        tokio::select! {
            () = sleep_until(polled + wait) => {}
            changed = every.changed() => {
                if changed.is_err() {
                    return journal.log("poller", "ends");
                }
                let wait = *every.borrow_and_update();
                sleep_until(polled + wait).await;
            }
        }
    }
